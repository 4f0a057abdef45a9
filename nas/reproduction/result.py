"""What a reproduction found, as plain data: `reproduction.json`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nas.reproduction.asking import Asking
from nas.reproduction.environments import Recorded
from nas.reproduction.judging import Judged, Verdict, overall
from nas.search.environment import environment
from nas.search.history import History


@dataclass(frozen=True, kw_only=True)
class Reproduction:
    """
    Attributes:
        name: of the run, or of the archive's file.
        archive: what an archive says of itself, None for a run folder: `partial`, and `split`: how the split compares.
        history: the journal.
        fitness_name: the metric that is the fitness.
        recorded: the environment of the search.
        differences: phrases on what changes numbers, and differs here.
        packages: phrases on other packages that differ.
        asking: None where it was not wanted.
        judged: individuals that were measured again.
        times: measurements of each.
    """

    name: str
    archive: Mapping[str, Any] | None
    history: History
    fitness_name: str
    recorded: Recorded
    differences: Sequence[str]
    packages: Sequence[str]
    asking: Asking | None
    judged: Sequence[Judged]
    times: int

    @property
    def verdict(self) -> tuple[Verdict, str]:
        """In one word and one sentence."""
        return overall(self.judged, self.asking)

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        verdict, sentence = self.verdict
        asking = self.asking
        return {
            "name": self.name,
            "archive": None if self.archive is None else dict(self.archive),
            "environment": {
                "recorded": dict(self.recorded.facts),
                "moment": self.recorded.moment,
                "here": environment(),
                "differences": list(self.differences),
                "packages": list(self.packages),
            },
            "asking": asking and {"found": asking.found, "children": asking.children, "sentence": asking.sentence},
            "fitness": self.fitness_name,
            "times": self.times,
            "individuals": [self._individual(one) for one in self.judged],
            "verdict": verdict,
            "sentence": sentence,
        }

    def _individual(self, judged: Judged) -> dict[str, Any]:
        again = judged.again
        return {
            "number": again.individual.number,
            "seed": again.individual.seed,
            "recorded": {"fitness": again.individual.fitness, "metrics": again.individual.metrics},
            "again": {"fitness": judged.fitness, "metrics": again.same, "provenance": dict(again.provenance)},
            "changed": list(judged.changed),
            "fresh": [again.fresh[index] for index in sorted(again.fresh)],
            "mean": judged.mean,
            "sd": judged.sd,
            "place": judged.place,
            "interval": judged.interval and list(judged.interval),
            "ancestors": list(again.ancestors),
            "weights_of": again.from_kept,
            "differences": list(judged.differences),
            "problems": list(again.problems),
            "verdict": judged.verdict,
            "sentence": judged.sentence,
        }
