"""The page in a real headless Chromium."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from nas.algorithms.pareto import Point
from nas.reporting.drawings.pareto import scene
from nas.reporting.figures import sample
from nas.reporting.figures.pareto import pareto_figures
from nas.reporting.material import Material
from nas.reporting.report import write_report
from nas.search.history import History

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="there is no chromium on the PATH"),
]
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=10000",
)
# Runs in the page after it is ready: clicks a mark as a person does, and leaves what is shown in the document.
CLICK = """<script>
const wait = setInterval(() => {
  if (!document.documentElement.dataset.ready) return;
  clearInterval(wait);
  document.querySelector('#plot [data-n="NUMBER"]').dispatchEvent(new MouseEvent("click", { bubbles: true }));
}, 10);
</script>"""
# Types a number as a person does.
TYPE = """<script>
const wait = setInterval(() => {
  if (!document.documentElement.dataset.ready) return;
  clearInterval(wait);
  const input = document.getElementById("number");
  input.value = NUMBER;
  input.dispatchEvent(new Event("input"));
}, 10);
</script>"""


# Points at a place of the first Pareto figure and clicks there, as a person does, a little beside the mark.
POINT = """<script>
const wait = setInterval(() => {
  const area = document.querySelector("#tradeoff .click-area");
  if (!document.documentElement.dataset.ready || !area.dataset.ready) return;
  clearInterval(wait);
  const box = area.getBoundingClientRect();
  const at = { bubbles: true, clientX: box.left + ACROSS * box.width + 3, clientY: box.top + DOWN * box.height - 2 };
  for (const kind of ["pointermove", "pointerdown"]) area.dispatchEvent(new PointerEvent(kind, at));
  area.dispatchEvent(new MouseEvent("click", at));
}, 10);
</script>"""


def visit(page: Path, profile: Path) -> tuple[str, str]:
    """The document after its script has run, and what the browser printed to its console."""
    command = [BROWSER, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def test_marks_are_the_told_individuals_and_the_console_is_silent(new_run, tmp_path):
    run = new_run()
    run.search(50)
    run.closed()
    document, console = visit(write_report(run.folder), tmp_path / "profile")
    assert console == ""
    assert 'data-ready="true"' in document
    assert len(re.findall(r"<(?:circle|rect)[^>]* data-n=", document)) == 50


def test_a_click_shows_the_individual_as_the_journal_has_it(new_run, tmp_path):
    run = new_run()
    run.search(30)
    run.asked(33, {cell: [[["sep_conv_3x3", 0], ["a<b>op</b>", 1]]] for cell in ("normal", "reduction")}, (0,))
    run.told(33, 0.625)
    page = write_report(run.folder)
    text = page.read_text().replace("</body>", CLICK.replace("NUMBER", "33") + "</body>")
    page.write_text(re.sub(r'script-src [^"]*', "script-src 'unsafe-inline'", text))
    document, console = visit(page, tmp_path / "profile")
    shown = document[document.index('id="chosen"') :]
    assert console == ""
    assert 'data-number="33"' in shown
    assert "2 = sep_conv_3x3 of h[i−1] + a&lt;b&gt;op&lt;/b&gt; of h[i−2]" in shown
    assert "<dd>0.625</dd>" in shown


def test_a_click_beside_a_dot_of_the_pareto_figure_opens_its_individual(new_run, tmp_path):
    run = new_run()
    for number in range(40):
        run.asked(number, f"genome {number}")
        run.told(number, 0.5 + (number * 7 % 40) / 100, multiply_adds=1000 + 37 * number)
    history = History.load(run.folder)
    (figure,) = pareto_figures(Material(history))
    individual = history.individuals[23]
    across, down = scene(figure).at(Point(individual.fitness, individual.metrics["multiply_adds"]))
    page = write_report(run.folder)
    script = POINT.replace("ACROSS", str(across)).replace("DOWN", str(down))
    text = page.read_text().replace("</body>", script + "</body>")
    page.write_text(re.sub(r'script-src [^"]*', "script-src 'unsafe-inline'", text))
    document, console = visit(page, tmp_path / "profile")
    shown = document[document.index('id="chosen"') :]
    assert console == ""
    assert 'data-number="23"' in shown
    assert "genome 23" in shown
    assert re.search(r'class="nearest"[^>]*cx="[\d.]+%"', document)


def test_a_page_of_a_sample_says_which_individuals_it_lacks(new_run, tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "MOST_MARKS", 200)
    run = new_run()
    run.search(400, every=1000)
    page = write_report(run.folder)
    text = page.read_text()
    drawn = {int(number) for number in re.findall(r'data-n="(\d+)"', text)}
    assert len(drawn) == 200
    missing = min(set(range(400)) - drawn)
    page.write_text(
        re.sub(r'script-src [^"]*', "script-src 'unsafe-inline'", text).replace(
            "</body>", TYPE.replace("NUMBER", str(missing)) + "</body>"
        )
    )
    document, console = visit(page, tmp_path / "profile")
    assert console == ""
    assert f"<p>Individual {missing} is not in the sample that this page holds; the journal has it.</p>" in document


def test_an_empty_search_makes_no_error(new_run, tmp_path):
    document, console = visit(write_report(new_run().folder), tmp_path / "profile")
    assert console == ""
    assert "Nothing has been evaluated yet" in document
