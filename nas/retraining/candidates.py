"""What is retrained: the best of one or more searches, a published model, or a genome from a file. Torch-free."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nas.errors import UserError, unknown
from nas.fidelity import FULL, rank_of
from nas.json_file import read_json_file
from nas.search.history import History
from nas.search.identity import digest
from nas.search.individual import Individual
from nas.search_spaces.cell_architecture import cells_architecture
from nas.search_spaces.dna_json import dna_from_json, dna_to_json

Architect = Callable[[Any], Any]  # a genome in JSON form to its architecture


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An architecture and where it comes from.

    Attributes:
        name: "RUN-NUMBER", the published model's name, or the file's.
        architecture: plain data with op names.
        genome: in the space's JSON form; None for published models.
        run: the search's name, None without one.
        number: of the individual in that search.
        fitness: what the search measured.
        lineage: the individual and its first parents, back to the random one it descends from; see `_ancestor`.
        equals: names of the other individuals with this genome, which are not retrained.
    """

    name: str
    architecture: Any
    genome: Any = None
    run: str | None = None
    number: int | None = None
    fitness: float | None = None
    lineage: tuple[Mapping[str, Any], ...] = ()
    equals: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name with six characters that tell architectures apart."""
        return f"{self.name} ({digest({'architecture': self.architecture})})"


def best_of(histories: Sequence[History], architects: Sequence[Architect], top_k: int) -> list[Candidate]:
    """The fittest individuals of all searches together, equal architectures once, best first; fewer where the searches
    have no more. Where there are several fidelities, those of the highest alone. Ties go to the first search, and in it
    to the first told.

    Args:
        architects: one for each search.

    Raises:
        UserError: a search has no finished individual, or its genomes have no architecture.
    """
    found: list[tuple[float, History, Individual, Architect]] = []
    for history, architect in zip(histories, architects, strict=True):
        if not history.told:
            raise UserError(f"{history.path.parent} has no finished individual yet, there is nothing to retrain")
        found += [(individual.fitness or 0.0, history, individual, architect) for individual in history.comparable]
    highest = max((rank_of(individual.fidelity) for _, _, individual, _ in found), default=FULL)
    found = [one for one in found if rank_of(one[2].fidelity) == highest]
    chosen: dict[str, Candidate] = {}
    for fitness, history, individual, architect in sorted(found, key=lambda item: -item[0]):
        architecture = architect(individual.genome)
        key, name = _key(architecture), f"{_run_name(history)}-{individual.number}"
        if key in chosen:
            chosen[key] = replace(chosen[key], equals=(*chosen[key].equals, name))
        elif len(chosen) < top_k:
            chosen[key] = Candidate(
                name=name,
                architecture=architecture,
                genome=individual.genome,
                run=_run_name(history),
                number=individual.number,
                fitness=fitness,
                lineage=tuple(map(_ancestor, history.lineage(individual.number))),
            )
    return list(chosen.values())


def from_file(path: Path) -> Candidate:
    """The architecture in a JSON file: a genome of cells, an architecture, a DNA, or a model card.

    Raises:
        UserError: the file cannot be read or holds nothing of these.
    """
    data = read_json_file(path, "genome")
    genome = data
    if isinstance(data, Mapping) and "architecture" in data:
        genome, data = data.get("genome"), data["architecture"]
    if isinstance(data, Mapping) and "vertices" in data:
        return Candidate(name=path.stem, architecture=dna_to_json(dna_from_json(data)), genome=genome)
    if not isinstance(data, Mapping) or "normal" not in data:
        raise UserError(f"the genome {path} holds no normal cell and no DNA")
    return Candidate(name=path.stem, architecture=cells_architecture(data), genome=genome)


def published(name: str) -> Candidate:
    """A published model.

    Raises:
        UserError: there is no such model; the sentence lists those there are.
    """
    from nas.networks.genotypes import GENOTYPES

    if name not in GENOTYPES:
        raise UserError(unknown(f"model={name}", name, list(GENOTYPES)))
    return Candidate(name=name, architecture=GENOTYPES[name])


def search_facts(history: History) -> dict[str, Any]:
    """What a model card says of the search that found a candidate."""
    told = history.told
    last = history.sessions[-1] if history.sessions else {}
    return {
        "run": _run_name(history),
        "identity": history.identity,
        "evaluations": len(told),
        "elapsed_s": history.elapsed_s,
        "device_s": sum(individual.device_s for individual in history.individuals),
        **{
            key: sum(individual.metrics[key] for individual in told)
            for key in ("train_examples", "train_flops")
            if all(key in individual.metrics for individual in told)
        },
        "command": last.get("command"),
        "versions": last.get("versions"),
    }


def _run_name(history: History) -> str:
    return history.path.absolute().parent.name


def _key(architecture: Any) -> str:
    """Equal for equal architectures; the ids of a DNA's variables take no part."""
    return json.dumps(_without_ids(architecture), sort_keys=True)


def _without_ids(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_ids(item) for key, item in value.items() if key not in ("id", "classifier_id")}
    return [_without_ids(item) for item in value] if isinstance(value, list) else value


def _ancestor(individual: Individual) -> dict[str, Any]:
    """Plain data of one link of the lineage."""
    return {
        "number": individual.number,
        "fitness": individual.fitness,
        "mutation": None if individual.mutation is None else asdict(individual.mutation),
        "genome": individual.genome,
        **({"record": dict(individual.record)} if individual.record else {}),
    }
