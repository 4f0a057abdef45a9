"""A search of a million evaluations: what it costs, and what opening it, going on with it and reporting it cost.

    python -m benchmarks.million [--evaluations 1000000] [--num-bits 40] [--keep FOLDER]

Aging evolution on `bits` (P=100, S=25), journal on disk, inline. Every step runs in a process of its own, whose peak
resident memory is that of this step alone. Times are wall and CPU seconds; on a shared machine the second says more.
Chromium, where there is one, opens the page and clicks marks in it, and leaves screenshots beside the page.

Goals: under 1 GB in every step; the last tenth costs what the first does; opens in under 60 s; the page is written in
under 2 minutes and has at most 25 MB (12 MB at 20,000).
"""

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.evaluators.toy import Toy
from nas.search.session import Result
from nas.search_spaces.bits import Bits
from nas.tracking.base import Tracker

POPULATION_SIZE, SAMPLE_SIZE, NOISE = 100, 25, 0.01
FURTHER = 10
CLICKS = 100
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--virtual-time-budget=10000")
CLICK = """<script>
const wait = setInterval(() => {
  if (!document.documentElement.dataset.ready) return;
  clearInterval(wait);
  const marks = [...document.querySelectorAll("#plot [data-n]")];
  let shown = 0;
  for (let click = 0; click < NUMBER; ++click) {
    const mark = marks[Math.floor(click * marks.length / NUMBER)];
    mark.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    const panel = document.getElementById("chosen");
    shown += panel.getBoundingClientRect().height > 0 && panel.dataset.number === mark.dataset.n;
  }
  document.documentElement.dataset.shown = shown;
}, 10);
</script>"""


class Tenths(Tracker):
    """Notes wall and CPU time at every tenth of the search."""

    def __init__(self, evaluations: int) -> None:
        self.step = max(1, evaluations // 10)
        self.times = [(time.perf_counter(), time.process_time())]

    def told(self, individual: Any, progress: Any) -> None:
        if progress.told % self.step == 0:
            self.times.append((time.perf_counter(), time.process_time()))


def searched(run: Path, num_bits: int, evaluations: int, trackers: tuple[Tracker, ...] = ()) -> Result:
    space = Bits(num_bits=num_bits)
    return run_search(
        space=space,
        algorithm=Evolution(space=space, population_size=POPULATION_SIZE, sample_size=SAMPLE_SIZE, survival="oldest"),
        evaluator=Toy(space=space, noise=NOISE, counted=1),
        budget=evaluations,
        run=run,
        trackers=trackers,
    )


def search(run: Path, num_bits: int, evaluations: int) -> dict[str, Any]:
    tenths = Tenths(evaluations)
    told = searched(run, num_bits, evaluations, (tenths,)).spent.told
    assert told == evaluations, f"{told} were told"
    pairs = list(zip(tenths.times, tenths.times[1:], strict=False))
    return {
        "wall_us_by_tenths": [round(1e6 * (b[0] - a[0]) / tenths.step) for a, b in pairs],
        "cpu_us_by_tenths": [round(1e6 * (b[1] - a[1]) / tenths.step) for a, b in pairs],
        "journal_mb": (run / "history.jsonl").stat().st_size / 1e6,
    }


def open_(run: Path, num_bits: int, evaluations: int) -> dict[str, Any]:
    history = History.load(run)
    assert len(history.told) == evaluations
    return {}


def report(run: Path, num_bits: int, evaluations: int) -> dict[str, Any]:
    from nas.reporting.report import write_report

    return {"page_mb": write_report(run).stat().st_size / 1e6}


def go_on(run: Path, num_bits: int, evaluations: int) -> dict[str, Any]:
    """With every child asked for again and compared, as it is by default."""
    told = searched(run, num_bits, evaluations + FURTHER).spent.told
    assert told == evaluations + FURTHER, f"{told} were told"
    return {}


STEPS: dict[str, Callable[[Path, int, int], dict[str, Any]]] = {
    "search": search,
    "open": open_,
    "report": report,
    "go on": go_on,
}


def measured(step: str, run: Path, num_bits: int, evaluations: int) -> dict[str, Any]:
    """One step in this process: its seconds, its peak memory, and what else it has to say."""
    wall, cpu = time.perf_counter(), time.process_time()
    said = STEPS[step](run, num_bits, evaluations)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu, "peak_mb": peak, **said}


def in_browser(browser: str, page: Path) -> None:
    """Opens the page, clicks in it, and takes its picture at two widths."""
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *FLAGS, f"--user-data-dir={profile}"]

        def visit(clicks: int) -> tuple[float, str]:
            text = page.read_text().replace("</body>", CLICK.replace("NUMBER", str(clicks)) + "</body>")
            copy = page.with_name("clicked.html")
            copy.write_text(re.sub(r"script-src( '[^']*')+", "script-src 'unsafe-inline'", text))
            start = time.perf_counter()
            done = subprocess.run([*command, "--dump-dom", copy.as_uri()], capture_output=True, text=True, check=True)
            seconds = time.perf_counter() - start
            copy.unlink()
            return seconds, done.stdout

        visit(0)  # starts a profile
        opened, document = visit(0)
        clicked, after = visit(CLICKS)
        assert 'data-ready="true"' in document, "the page's script did not come to its end"
        assert f'data-shown="{CLICKS}"' in after, "a click did not show its individual"
        marks = len(re.findall(r"<(?:circle|rect|path)[^>]* data-n=", document))
        print(f"browser: opens in {opened:.1f} s with {marks:,} marks;", end=" ")
        print(f"a click with its layout takes {1000 * (clicked - opened) / CLICKS:.0f} ms")
        for width, height in ((1400, 1700), (500, 1700)):
            picture = page.with_name(f"report-{width}.png")
            options = (f"--window-size={width},{height}", f"--screenshot={picture}")
            subprocess.run([*command, *options, page.as_uri()], capture_output=True, check=True)
            print(f"  {picture}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evaluations", type=int, default=1_000_000)
    parser.add_argument("--num-bits", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="a folder for the run, instead of one that is removed")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    folder = arguments.keep or Path(tempfile.mkdtemp())
    run = (folder / "million").resolve()
    if arguments.step:
        print(json.dumps(measured(arguments.step, run, arguments.num_bits, arguments.evaluations)))
        return
    if run.exists():
        parser.error(f"{run} exists: choose another --keep")
    options = [
        "--evaluations",
        str(arguments.evaluations),
        "--num-bits",
        str(arguments.num_bits),
        "--keep",
        str(folder),
    ]
    for step in STEPS:
        command = [sys.executable, "-m", "benchmarks.million", *options, "--step", step]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        print(f"{step}: {found['wall_s']:.1f} s ({found['cpu_s']:.1f} s CPU), peak {found['peak_mb']:.0f} MB", end="")
        if "page_mb" in found:
            print(f", report.html {found['page_mb']:.1f} MB", end="")
        print(flush=True)
        if step == "search":
            for clock in ("wall", "cpu"):
                tenths = found[f"{clock}_us_by_tenths"]
                ratio = tenths[-1] / tenths[0]
                print(f"  {clock} us per evaluation by tenths: {' '.join(map(str, tenths))}; last / first {ratio:.2f}")
            print(f"  journal {found['journal_mb']:.0f} MB", flush=True)
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser:
        in_browser(browser, run / "report.html")
    if arguments.keep is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
