"""Compares finished searches that differ in algorithm and seed: `python -m nas.compare 'run=[A,B,C,D]'`."""

import csv
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from nas.application import fail, read_name, read_names, read_truth, read_whole, run_application
from nas.errors import UserError

CURVES_HEAD = ("arm", "seed", "evaluation", "elapsed_s", "train_flops", "best", "top")


def main() -> None:
    run_application(compare, "compare")


def compare(config: DictConfig) -> None:
    """Prints a row per arm and per pair of arms, and writes every run's curve as CSV."""
    try:
        _compare(config)
    except UserError as error:
        fail(" ".join(str(error).split()))


def _compare(config: DictConfig) -> None:
    from nas.comparison.arms import make_arms
    from nas.comparison.curves import curve
    from nas.comparison.statistics import compare_arms
    from nas.recorded import recorded_histories

    if config.run is None:
        raise UserError("run is missing: say run=[NAME,NAME,...]")
    top_k = read_whole(config, "top_k")
    if top_k < 1:
        raise UserError(f"top_k is {top_k}, it must be at least 1")
    force = read_truth(config, "force")
    histories = recorded_histories(read_names(config, "run"), read_name(config, "runs_dir"))
    arms = make_arms(histories, lambda sentence: print(f"nas: {sentence}", file=sys.stderr), force)
    curves = {name: [curve(history, top_k) for history in runs] for name, runs in arms.items()}
    print(
        f"{len(histories)} searches, {len(arms)} arms. Mean ± standard error over seeds; top: mean of the {top_k} best."
    )
    _print_arms(arms, curves)
    finals = {name: [one.best[-1] for one in own] for name, own in curves.items()}
    _print_pairs(compare_arms(finals) if len(finals) > 1 else [])
    out = Path(read_name(config, "out"))
    _write(out, arms, curves)
    print(f"Curves: {out}")


def _print_arms(arms: Mapping[str, Sequence[Any]], curves: Mapping[str, Sequence[Any]]) -> None:
    width = max(map(len, arms))
    print(f"{'arm':{width}}  seeds  {'best':>15}  {'top':>15}  {'area':>15}  failed")
    for name, runs in arms.items():
        own = curves[name]
        columns = [[one.best[-1] for one in own], [one.top[-1] for one in own], [one.area for one in own]]
        individuals = sum(len(history.individuals) for history in runs)
        failed = individuals - sum(len(history.told) for history in runs)
        print(f"{name:{width}}  {len(runs):5}  {'  '.join(map(_mean, columns))}  {failed / individuals:6.1%}")


def _mean(values: Sequence[float]) -> str:
    from nas.comparison.statistics import standard_error

    error = standard_error(values)
    text = f"{sum(values) / len(values):.4f}" + ("" if error is None else f" ± {error:.4f}")
    return f"{text:>15}"


def _print_pairs(pairs: Sequence[Any]) -> None:
    for pair in pairs:
        tested = (
            "too few seeds for a test (5 per arm)"
            if pair.p is None
            else f"p = {pair.p:.2g} (exact Mann-Whitney, Holm over all pairs)"
        )
        interval = "" if pair.interval is None else f" (95 % {pair.interval[0]:+.4f} to {pair.interval[1]:+.4f})"
        print(f"{pair.first} - {pair.second}: {pair.difference:+.4f}{interval}, A = {pair.effect:.2f}, {tested}")


def _write(out: Path, arms: Mapping[str, Sequence[Any]], curves: Mapping[str, Sequence[Any]]) -> None:
    draft = out.with_name(f".{os.getpid()}.{out.name}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(CURVES_HEAD)
            for name, runs in arms.items():
                for history, own in zip(runs, curves[name], strict=True):
                    flops = own.train_flops or [""] * len(own.best)
                    rows = zip(own.elapsed_s, flops, own.best, own.top, strict=True)
                    for evaluation, row in enumerate(rows, start=1):
                        writer.writerow([name, history.identity["seed"], evaluation, *row])
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UserError(f"the table {out} cannot be written: {error.strerror}") from error


if __name__ == "__main__":
    main()
