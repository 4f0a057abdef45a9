"""Verdicts, and where a further measurement lies."""

from typing import Any

import numpy as np
import pytest

from nas.reproduction.asking import Asked, Asking
from nas.reproduction.judging import Verdict, judge, overall, prediction_interval
from nas.reproduction.measuring import Again
from nas.search.individual import Individual, State

CPU = {"device": "cpu", "threads": 1, "devices": 1}
ELSEWHERE = ["torch 1.0 there, 2.0 here"]


def again(recorded: float, now: float | None, fresh: tuple[float, ...] = (), where: Any = CPU) -> Again:
    individual = Individual(3, [1], 7, state=State.TOLD, fitness=recorded, metrics={"acc": recorded, "train_s": 1.0})
    individual.provenance = where
    return Again(
        individual=individual,
        same=None if now is None else {"acc": now, "train_s": 2.0},
        fresh={index: {"acc": value} for index, value in enumerate(fresh, start=1)},
        problems=() if now is not None else ["out of memory"],
    )


NARROW, WIDE = (0.50, 0.51, 0.49, 0.50), (0.4, 0.6, 0.5, 0.55)
CASES = [
    (again(0.9, 0.9), [], False, Verdict.EQUAL, "in the environment that is recorded"),
    (again(0.9, 0.9), ELSEWHERE, False, Verdict.EQUAL, "although torch 1.0 there"),
    (again(0.9, 0.8), [], False, Verdict.OTHER, "nothing differs here that could explain it"),
    (again(0.51, 0.5, WIDE), [], False, Verdict.OTHER, "nothing differs here"),  # the noise excuses nothing here
    (again(0.9, 0.8), ELSEWHERE, False, Verdict.UNDECIDED, "times=5 measures it"),
    (again(0.9, 0.8, (0.8,)), ELSEWHERE, False, Verdict.UNDECIDED, "times=5 measures it"),
    (again(0.51, 0.5, NARROW), ELSEWHERE, False, Verdict.WITHIN, "fresh seeds give 0.4"),
    (again(0.9, 0.5, NARROW), ELSEWHERE, False, Verdict.OTHER, "but fresh seeds give"),
    (again(0.9, 0.5, NARROW), ELSEWHERE, True, Verdict.UNDECIDED, "chosen for its luck"),
    (again(0.1, 0.5, NARROW), ELSEWHERE, True, Verdict.OTHER, "but fresh seeds give"),
    (again(0.51, 0.5, NARROW, {"device": "H200", "threads": 1}), [], False, Verdict.WITHIN, "of a CPU alone"),
    (again(0.51, 0.5, (), {"device": "cpu", "threads": 2}), [], False, Verdict.UNDECIDED, "one thread of a CPU"),
    (again(0.9, None), [], False, Verdict.FAILED, "out of memory"),
]


@pytest.mark.parametrize(("measured", "differences", "is_best", "verdict", "words"), CASES)
def test_a_verdict(measured: Again, differences: list[str], is_best: bool, verdict: Verdict, words: str) -> None:
    judged = judge(measured, "acc", differences, is_best)
    assert judged.verdict is verdict
    assert words in judged.sentence


def test_a_fresh_measurement_lies_in_the_interval_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    draws = rng.normal(0.7, 0.02, size=(2000, 5))
    inside = 0
    for *values, one in draws:
        low, high = prediction_interval(float(np.mean(values)), float(np.std(values, ddof=1)), len(values))
        inside += low <= one <= high
    assert abs(inside / len(draws) - 0.95) < 0.02


def test_equal_values_without_noise_leave_no_room() -> None:
    assert judge(again(0.5, 0.5, (0.5, 0.5)), "acc", ELSEWHERE, False).verdict is Verdict.EQUAL
    assert judge(again(0.6, 0.5, (0.5, 0.5)), "acc", ELSEWHERE, False).verdict is Verdict.OTHER


def test_the_whole_is_its_worst_part() -> None:
    good, other = judge(again(0.9, 0.9), "acc", [], False), judge(again(0.9, 0.8), "acc", [], False)
    assert overall([good, other], None) == (Verdict.OTHER, "1 of 2 equal to the bit, 1 of 2 NOT reproduced.")
    asked = {found: Asking(found=found, children=9, sentence="said") for found in Asked}
    assert overall([good], asked[Asked.SAME])[0] is Verdict.EQUAL
    assert overall([good], asked[Asked.EXCUSED])[0] is Verdict.EQUAL
    assert overall([good], asked[Asked.OTHERWISE])[0] is Verdict.OTHER
    assert overall([], asked[Asked.SAME])[0] is Verdict.EQUAL
    assert overall([], asked[Asked.NOT_ASKED])[0] is Verdict.UNDECIDED
    assert overall([], None)[0] is Verdict.UNDECIDED
