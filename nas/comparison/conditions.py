"""Under what a search ran: what makes two searches comparable, and what a reader wants to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nas.search.history import History
from nas.search.sealed import is_finished


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """Under what a search ran, without its individuals.

    Attributes:
        name: of its folder.
        identity: of the search.
        budget: of its last session.
        versions: of the software that ran its last session.
        commit: of the checkout that ran it, with a + when it was changed; None for an installed package.
        devices: what children ran on, as they said.
        finished: whether it used its budget and told something.
    """

    name: str
    identity: Mapping[str, Any]
    budget: Mapping[str, Any]
    versions: Mapping[str, str]
    commit: str | None
    devices: frozenset[str]
    finished: bool

    @classmethod
    def of(cls, history: History) -> "Conditions":
        last = history.sessions[-1] if history.sessions else {}
        devices = (individual.provenance.get("device") for individual in history.told)
        return cls(
            name=history.path.absolute().parent.name,
            identity=history.identity,
            budget=last.get("budget") or {},
            versions=last.get("versions") or {},
            commit=last.get("commit"),
            devices=frozenset(str(device) for device in devices if device is not None),
            finished=is_finished(history),
        )
