"""The engine beside its peers: each library's own regularized evolution, in its own environment, on one search.

    python -m benchmarks.peers [--environments .peers] [--rounds 3] [--only ours,plain,...] [--breakdown]

40 binary decisions, P=100, S=25, 2,000 evaluations of a toy fitness (`peers.yaml`, which also pins the peers; what each
of them runs is in `peer_searches.py`). Every search is a process of its own; they take turns, and each must have made
exactly the evaluations asked for. Ours keeps its journal on disk meanwhile, as in any search. Prints median seconds of
the search alone and ratios within rounds. Goals: 5 times faster than the fastest peer, at most 8 times plain Python.
The first call installs the environments (some 2 GB, minutes); pyglove takes a minute or two per round.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import venv
from hashlib import blake2b
from pathlib import Path
from typing import Any

import yaml

from benchmarks.engine_breakdown import breakdown
from nas.errors import UserError

ROOT = Path(__file__).resolve().parent.parent
PLAN = Path(__file__).with_name("peers.yaml")
HERE = "here"


def python_of(name: str, requirements: list[str], folder: Path) -> Path:
    """The interpreter of a peer's environment, which is made when there is none with these requirements."""
    if name == HERE:
        return Path(sys.executable)
    digest = blake2b(json.dumps([sys.version, requirements]).encode(), digest_size=4).hexdigest()
    environment = folder.resolve() / f"{name}-{digest}"
    python, complete = environment / "bin" / "python", environment / "complete"
    if not complete.exists():
        print(f"installing {' '.join(requirements)}", file=sys.stderr, flush=True)
        venv.create(environment, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True, stdout=sys.stderr)
        complete.touch()
    return python


def finished(name: str, output: str, evaluations: int) -> dict[str, Any]:
    """What a search printed, once it is known to be whole.

    Raises:
        UserError: it printed no result, or made another number of evaluations than it was asked for.
    """
    try:
        outcome = json.loads(output.strip().rpartition("\n")[2])
        done = outcome["evaluations"]
    except (ValueError, KeyError, TypeError):
        raise UserError(f"the search {name} printed {output[-200:]!r}, it must be one line of JSON") from None
    if done != evaluations:
        raise UserError(f"the search {name} made {done} evaluations, it must make exactly {evaluations}")
    return outcome


def search(name: str, python: Path, show: list[str], setting: dict[str, Any]) -> dict[str, Any]:
    """Runs one search in a process of its own.

    Raises:
        UserError: it failed, or did not do what it was asked for.
    """
    command = [python, "-m", "benchmarks.peer_searches", name, json.dumps(setting), *show]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "launchers")))}
    process = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if process.returncode != 0:
        print(process.stderr, file=sys.stderr)
        last = process.stderr.strip().rpartition("\n")[2]
        raise UserError(f"the search {name} failed with status {process.returncode}: {last}")
    return finished(name, process.stdout, setting["evaluations"])


def chosen(only: str | None, known: dict[str, Any]) -> dict[str, Any]:
    """The searches to run, in the plan's order; ours is always among them.

    Raises:
        UserError: a name is unknown.
    """
    if only is None:
        return known
    names = only.split(",")
    for name in names:
        if name not in known:
            raise UserError(f"--only names {name!r}, allowed are {', '.join(known)}")
    return {name: known[name] for name in known if name in ("ours", *names)}


def summarise(rounds: list[dict[str, dict[str, Any]]], kinds: dict[str, str], evaluations: int) -> list[str]:
    """Lines of the table, then ours against the fastest of each kind; ratios are medians over rounds.

    Ratios by processor time hold also where other programs run beside the searches.
    """

    def median(name: str, key: str) -> float:
        return statistics.median(one[name][key] for one in rounds)

    def times_ours(name: str, key: str = "seconds") -> float:
        return statistics.median(one[name][key] / one["ours"][key] for one in rounds)

    lines = [f"{'search':20} {'kind':9} {'seconds':>9} {'cpu s':>9} {'us each':>9} {'ours = 1':>9}  best  versions"]
    for name, kind in kinds.items():
        seconds, versions = median(name, "seconds"), rounds[0][name]["versions"]
        lines.append(
            f"{name:20} {kind:9} {seconds:9.3f} {median(name, 'cpu_s'):9.3f} {1e6 * seconds / evaluations:9.1f} "
            f"{times_ours(name):9.2f}  {median(name, 'best'):.2f}  "
            + ", ".join(f"{package} {number}" for package, number in versions.items())
        )
    peers = {kind: [n for n, k in kinds.items() if k == kind and n != "ours"] for kind in ("engine", "searcher")}
    for kind, names in peers.items():
        if names:
            fastest = min(names, key=times_ours)
            lines.append(
                f"ours is {times_ours(fastest):.2f} times faster than the fastest {kind}, {fastest} (goal 5); "
                f"by processor time {times_ours(fastest, 'cpu_s'):.2f}"
            )
    if "plain" in kinds:
        lines.append(
            f"ours takes {1 / times_ours('plain'):.2f} times the plain loop's time (goal: at most 8); "
            f"by processor time {1 / times_ours('plain', 'cpu_s'):.2f}"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environments", type=Path, default=Path(".peers"), help="where the peers are installed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="names from peers.yaml, with commas between")
    parser.add_argument("--seed", type=int, default=0, help="of the first round; each further one has the next")
    parser.add_argument("--breakdown", action="store_true", help="print where our own time goes, and run nothing else")
    arguments = parser.parse_args()
    plan = yaml.safe_load(PLAN.read_text())
    setting = plan["setting"]
    if arguments.breakdown:
        print(*breakdown(**setting, seed=arguments.seed), sep="\n")
        return
    searches = chosen(arguments.only, plan["searches"])
    environments = {name: plan["environments"][name] for name in {one["environment"] for one in searches.values()}}
    pythons = {n: python_of(n, one["requirements"], arguments.environments) for n, one in environments.items()}
    rounds = []
    for number in range(arguments.rounds):
        outcomes = {}
        for name, one in searches.items():
            where = one["environment"]
            asked = {**setting, "seed": arguments.seed + number}
            outcomes[name] = search(name, pythons[where], environments[where]["show"], asked)
            print(f"round {number + 1}: {name} {outcomes[name]['seconds']:.3f} s", file=sys.stderr, flush=True)
        rounds.append(outcomes)
    kinds = {name: one["kind"] for name, one in searches.items()}
    print(*summarise(rounds, kinds, setting["evaluations"]), sep="\n")


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(str(error))
