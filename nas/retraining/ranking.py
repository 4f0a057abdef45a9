"""Which candidate won: decided once, on the selection part, and written down before anything is tested."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.evaluators.child import Outcome, write_json
from nas.metrics.base import ACCURACY
from nas.retraining.candidates import Candidate
from nas.retraining.trainings import Failed
from nas.retraining_files import PART_NAMES, RANKING_FILE


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """
    Attributes:
        part: that ranked, "selection" or "valid".
        rows: candidates with their accuracy there, best first; empty where there was one candidate only.
        failed: those without a result, with the reason.
        winner: its place among the candidates.
        metric: that ranked; where it is not accuracy, rows have its value as their score.
    """

    part: str
    rows: list[dict[str, Any]]
    failed: list[dict[str, Any]]
    winner: int
    metric: str = ACCURACY

    @property
    def sentence(self) -> str:
        """Who won."""
        if not self.rows:
            return "There is one candidate, which wins without a ranking."
        best, part = self.rows[0], PART_NAMES[self.part]
        metric = self.metric.replace("_", " ")
        lost = f"; {len(self.failed)} failed" if self.failed else ""
        rivals = f"among {len(self.rows)} candidates{lost}"
        return f"{best['name']} wins with {part} {metric} {score_of(best):.4f} {rivals}."


def score_of(row: Mapping[str, Any]) -> float:
    """What a row was ranked by."""
    return float(row.get("score", row["accuracy"]))


def rank(
    candidates: Sequence[Candidate], ended: Sequence[Outcome | Failed], part: str, metric: str = ACCURACY
) -> Ranking:
    """Best first; ties go to the candidate that the search ranked higher.

    Args:
        ended: how the training of each candidate did.
        part: "selection" or "valid".
        metric: that ranks.

    Raises:
        UserError: all failed.
    """
    failed = [
        {"name": candidate.name, "reason": outcome.reason, "log": None if outcome.log is None else str(outcome.log)}
        for candidate, outcome in zip(candidates, ended, strict=True)
        if isinstance(outcome, Failed)
    ]
    rows = [
        {"place": place, **_row(candidate, outcome, part, metric)}
        for place, (candidate, outcome) in enumerate(zip(candidates, ended, strict=True))
        if isinstance(outcome, Outcome)
    ]
    if not rows:
        reason, count = Counter(row["reason"] for row in failed).most_common(1)[0]
        raise UserError(f"all {len(failed)} candidates failed, {count} of them with: {reason}")
    rows.sort(key=lambda row: -score_of(row))
    winner = rows[0]["place"]
    for row in rows:
        del row["place"]
    return Ranking(part=part, rows=rows, failed=failed, winner=winner, metric=metric)


def _row(candidate: Candidate, outcome: Outcome, part: str, metric: str) -> dict[str, Any]:
    return {
        "name": candidate.name,
        "fitness": candidate.fitness,
        "accuracy": outcome.metrics[f"{part}_accuracy"],
        **({} if metric == ACCURACY else {"score": outcome.metrics[f"{part}_{metric}"]}),
        "parameters": outcome.metrics["parameters"],
        "multiply_adds": outcome.metrics["multiply_adds"],
        "diverged": outcome.metrics["diverged"],
        "device_s": outcome.device_s,
    }


def write_ranking(folder: Path, ranking: Ranking) -> None:
    write_json(folder / RANKING_FILE, asdict(ranking))


def read_ranking(folder: Path) -> Ranking | None:
    """The ranking of an earlier session.

    Raises:
        UserError: the file is damaged.
    """
    path = folder / RANKING_FILE
    try:
        return Ranking(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"{path} cannot be read: {error}") from error
