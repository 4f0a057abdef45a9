"""A reproduction in lines for a terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from nas.reproduction.judging import Judged
from nas.reproduction.result import Reproduction
from nas.reproduction.words import listed, shown


def summary(result: Reproduction) -> str:
    """What was found, most important last."""
    return "\n".join(_lines(result))


def _lines(result: Reproduction) -> Iterator[str]:
    yield f"Recorded as {result.recorded.moment}; of what changes numbers " + (
        f"these differ here: {listed(result.differences)}." if result.differences else "nothing differs here."
    )
    if result.packages:
        yield f"Other packages that differ: {listed(result.packages)}."
    if result.asking is not None:
        yield result.asking.sentence
    if result.judged:
        yield ""
        yield from _table(result)
    for judged in result.judged:
        yield ""
        yield from _individual(result, judged, single=len(result.judged) == 1)
    verdict, sentence = result.verdict
    yield ""
    yield f"Verdict: {verdict.value}. {sentence}".rstrip()


def _table(result: Reproduction) -> Iterator[str]:
    fresh = ["fresh seeds", "sd", "at"] if result.times > 1 else []
    head = ["individual", "recorded", "same seed", *fresh, "verdict"]
    rows = [head, *(_row(result, judged) for judged in result.judged)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _row(result: Reproduction, judged: Judged) -> list[str]:
    fresh = [
        "–" if judged.mean is None else f"{judged.mean:.4f} (n={len(judged.again.fresh)})",
        "–" if judged.sd is None else f"{judged.sd:.4f}",
        "–" if judged.place is None else f"{judged.place:+.1f} sd",
    ]
    return [
        str(judged.again.individual.number),
        number(judged.again.individual.fitness),
        number(judged.fitness),
        *(fresh if result.times > 1 else []),
        judged.verdict.value,
    ]


def _individual(result: Reproduction, judged: Judged, single: bool) -> Iterator[str]:
    again = judged.again
    yield f"Individual {again.individual.number}: {judged.sentence}"
    chain = ancestry(judged)
    if chain:
        yield chain
    for problem in again.problems:
        yield f"  {shown(problem, 500)}"
    names = sorted(again.individual.metrics) if single else judged.changed
    for name in names:
        if again.same is not None and not name.endswith("_s"):
            mark = "" if name not in judged.changed else "   differs"
            there, here = _value(again.individual.metrics, name), _value(again.same, name)
            yield f"  {shown(name)}: {there} recorded, {here} now{mark}"


def ancestry(judged: Judged) -> str:
    """How the weights that it inherited came about; empty where it had none."""
    again = judged.again
    if again.ancestors:
        many = len(again.ancestors)
        begins = "" if again.from_kept is None else f", from the kept weights of {again.from_kept}"
        return f"  Its weights were inherited: {many} ancestor{'s' * (many > 1)} were trained again first{begins}."
    if again.from_kept is not None:
        return f"  It began with the kept weights of its parent, {again.from_kept}, which were not trained again."
    return ""


def number(value: float | None) -> str:
    """All digits, so that equal ones look equal and others do not."""
    return "–" if value is None else repr(value)


def _value(metrics: Mapping[str, Any], name: str) -> str:
    return repr(metrics[name])[:100] if name in metrics else "nothing"
