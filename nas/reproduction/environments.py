"""How this environment differs from the one that a fitness was measured in, as far as equal bits depend on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nas.reproduction.words import difference
from nas.search.environment import LATER, environment
from nas.search.history import History
from nas.search.individual import Individual

NUMBERS = ("nas", "commit", "python", "torch", "torchvision", "pytorch-lightning", "numpy", "machine", "system", "cpu")
MEASURED = ("device", "devices", "nodes", "precision", "threads", "cpu", "torch")  # of an evaluation's provenance
HARDWARE = ("threads", "devices", "nodes", "accumulate", "compile", "channels_last", "evaluation_batch_size")
_NO_NUMBERS = ("hydra-core",)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What a search says of its environment.

    Attributes:
        facts: see `nas.search.environment`; what the journal's first session says, where there is no file.
        moment: when they were taken, in words.
        hardware: what children were trained on, as far as it is known.
        plugins: names of what the journal has a version of beside `NUMBERS`, such as packages of a user's own.
    """

    facts: Mapping[str, Any]
    moment: str
    hardware: Mapping[str, Any]
    plugins: Sequence[str] = ()

    @property
    def numbers(self) -> list[str]:
        """Names of the facts that change numbers."""
        return [*NUMBERS, *self.plugins]


def recorded_environment(history: History, kept: Mapping[str, Any] | None) -> Recorded:
    """From the file that was kept, or else from the journal. A file of a later moment says nothing of the search."""
    session = history.sessions[0] if history.sessions else {}
    versions = session.get("versions") or history.header.get("versions")
    facts = {str(name): version for name, version in versions.items()} if isinstance(versions, Mapping) else {}
    plugins = [name for name in facts if name not in (*NUMBERS, *_NO_NUMBERS)]
    facts["commit"] = session.get("commit") or history.header.get("commit")
    if kept is None or kept["moment"] == LATER:
        return Recorded(
            facts=facts, moment="the search began, as far as its journal tells", hardware={}, plugins=plugins
        )
    hardware = kept.get("hardware")
    return Recorded(
        facts={**facts, **kept["environment"]},
        moment=str(kept["moment"]),
        hardware=hardware if isinstance(hardware, Mapping) else {},
        plugins=plugins,
    )


def code_differences(recorded: Recorded) -> list[str]:
    """Phrases on what changes numbers, of software and machine; what is not recorded is no difference."""
    return _phrases(recorded.facts, environment(), recorded.numbers)


def package_differences(recorded: Recorded) -> list[str]:
    """Phrases on all other installed packages that have another version, or are not here."""
    there, here = recorded.facts.get("packages"), environment()["packages"]
    if not isinstance(there, Mapping):
        return []
    names = [str(name) for name in there if str(name) not in recorded.numbers]
    return [difference(name, there[name], here.get(name)) for name in names if here.get(name) != there[name]]


def measurement_differences(recorded: Recorded, individual: Individual, here: Mapping[str, Any]) -> list[str]:
    """Phrases on one evaluation: software and machine, and what it ran on.

    Args:
        here: provenance of the evaluation that was made again.
    """
    there = individual.provenance if isinstance(individual.provenance, Mapping) else {}
    measured = _phrases(there, here, MEASURED)
    general = [name for name in recorded.numbers if name not in there or name not in here]
    return [*_phrases(recorded.facts, environment(), general), *measured]


def _phrases(there: Mapping[str, Any], here: Mapping[str, Any], names: Any) -> list[str]:
    other = [name for name in names if there.get(name) is not None and there[name] != here.get(name)]
    return [difference(name, there[name], here.get(name)) for name in other]
