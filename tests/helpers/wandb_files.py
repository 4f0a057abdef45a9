"""What wandb left on disk, read back with wandb's own tool; and what rows a journal should give, computed anew."""

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def program(name: str = "wandb") -> str:
    """wandb's command line beside this interpreter."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or name


def sessions(run: Path) -> list[Path]:
    """The offline folders that are not superseded, with their `.wandb` file."""
    return sorted(path.parent for path in (run / "wandb").glob("offline-run-*/*.wandb"))


def inspect(folder: Path) -> list[Record]:
    """The records of an offline run."""
    command = [program(), "leet", "inspect", "--json", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()]


def rows(records: list[Record]) -> list[Record]:
    """What was logged, step by step, without wandb's own keys and the lineage table."""
    items = [(one["history"]["step"]["num"], one["history"]["item"]) for one in records if one["type"] == "history"]
    return [{"step": step, **_ours(item)} for step, item in items if "fitness" in item]


def rows_there(history: list[Record]) -> list[Record]:
    """The same of a run on the server."""
    return [{"step": line["_step"], **_ours(line)} for line in history]


def _ours(item: Record) -> Record:
    return {key: value for key, value in item.items() if not key.startswith(("_", "lineage", "architecture"))}


def run_record(records: list[Record]) -> Record:
    return next(one["run"] for one in records if one["type"] == "run")


def summary(records: list[Record]) -> Record:
    """The summary at the end of the run."""
    found: Record = {}
    for one in records:
        if one["type"] == "summary":
            found |= one["summary"].get("update", {})
    return found


def artifacts(records: list[Record]) -> dict[str, dict[str, Path]]:
    """By the artifact's name, where the files of its paths lie."""
    return {
        one["artifact"]["name"]: {
            entry["path"]: Path(entry["local_path"]) for entry in one["artifact"]["manifest"]["contents"]
        }
        for one in records
        if one["type"] == "artifact"
    }


def table(path: Path) -> list[Record]:
    """The rows of a table's file, by wandb's own class."""
    import wandb

    source: Any = None  # of media in cells, which there are none of
    read = wandb.Table.from_json(json.loads(path.read_text()), source)
    return [dict(zip(read.columns, row, strict=True)) for row in read.data]


def events(run: Path) -> list[Record]:
    return [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()[1:]]


def expected_rows(run: Path) -> list[Record]:
    """The rows of a journal, each computed from all events before it."""
    found = events(run)
    return [_expected(found[: place + 1]) for place, event in enumerate(found) if event["event"] == "told"]


def assert_rows(found: list[Record], expected: list[Record]) -> None:
    """Equal but for the last bits of sums, which depend on their order."""
    assert [row["step"] for row in found] == [row["step"] for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        assert row.keys() == wanted.keys(), row.keys() ^ wanted.keys()
        for name, value in wanted.items():
            if type(value) is float:
                assert math.isclose(row[name], value, rel_tol=1e-12), name
            else:
                assert row[name] == value, name


def _expected(past: list[Record]) -> Record:
    own, asked = past[-1], {event["number"]: event for event in past if event["event"] == "asked"}
    told = [event for event in past if event["event"] == "told"]
    failed = [event for event in past if event["event"] == "failed"]
    number, birth = own["number"], asked[own["number"]]
    places = {event["number"]: place for place, event in enumerate(told, start=1)}
    fitness = {event["number"]: event["fitness"] for event in told}
    gone = {dead for event in [*told, *failed] for dead in [*event.get("removed", []), *_removed(asked, event)]}
    living = [one for one in places if one not in gone]
    bests = [max(event["fitness"] for event in told[: place + 1]) for place in range(len(told))]
    best = next(event for event in told if event["fitness"] == bests[-1])
    device_hours = sum(event.get("device_s", 0.0) for event in past) / 3600
    row = {
        "step": len(told),
        **own["metrics"],
        "evaluations": len(told),
        "number": number,
        "fitness": own["fitness"],
        "mutation": birth["mutation"]["name"] if birth["mutation"] else "random",
        "parents": ",".join(map(str, birth["parents"])),
        "best/valid": bests[-1],
        "best/number": best["number"],
        "auc": sum(bests) / len(bests),
        "population/size": len(living),
        "failed": len(failed),
        "spent/device_hours": device_hours,
        "best/valid_by_device_hours": bests[-1],
        "elapsed_s": own["elapsed_s"],
        "seconds": round(own["elapsed_s"] - birth["elapsed_s"], 6),
    }
    if "multiply_adds" in own["metrics"]:
        row |= {"flops": 2 * own["metrics"]["multiply_adds"], "best/flops": 2 * best["metrics"]["multiply_adds"]}
    if birth["parents"]:
        row["parent_age"] = len(told) - places[birth["parents"][0]]
    if "train_flops" in own["metrics"]:
        row["spent/train_flops"] = sum(event["metrics"]["train_flops"] for event in told)
        row["best/valid_by_train_flops"] = bests[-1]
    if living:
        row["population/mean"] = sum(fitness[one] for one in living) / len(living)
        row["population/mean_age"] = sum(len(told) - places[one] for one in living) / len(living)
    return row


def _removed(asked: dict[int, Record], event: Record) -> list[int]:
    removed: list[int] = asked[event["number"]]["removed"]
    return removed
