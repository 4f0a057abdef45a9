"""Run by an interpreter that has the package `sweeps`: validates sweep files and prints the points it suggests.

    python sweep_points.py FILE...

Prints a JSON object: for every file, what is wrong with it, and the parameters of its points; of a search that has no
end some, the first of them drawn and the others suggested by what they reached.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from sweeps import SweepRun, next_run
from sweeps.config import schema_violations_from_proposed_config

SUGGESTED = 5


def points(config: dict[str, Any]) -> list[dict[str, Any]]:
    name, runs = config["metric"]["name"], []
    while config["method"] == "grid" or len(runs) < SUGGESTED:
        run = next_run(config, runs)
        if run is None:
            break
        reached = {name: 0.5 + 0.01 * len(runs)}
        values = {key: {"value": value["value"]} for key, value in run.config.items()}
        runs.append(SweepRun(config=values, state="finished", summary_metrics=reached, name=str(len(runs))))
    return [{key: value["value"] for key, value in run.config.items()} for run in runs]


def main() -> None:
    found = {}
    for path in sys.argv[1:]:
        config = yaml.safe_load(Path(path).read_text())
        found[path] = {"wrong": schema_violations_from_proposed_config(config), "points": points(config)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
