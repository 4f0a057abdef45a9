"""Look-ups in NAS-Bench-201 instead of trainings, and their time (Dong and Yang 2020, arXiv 2001.00326)."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from random import Random
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.errors import UserError
from nas.evaluators.base import FLOPS_PER_MULTIPLY_ADD, Evaluator, Metrics, Task
from nas.fidelity import Fidelity
from nas.search_spaces.base import Genome, SearchSpace
from nas.search_spaces.nasbench201 import EDGES, OPS, NasBench201
from nas.tables.arrays import content_fingerprint, read_arrays

DATA = {"cifar10": 25_000, "cifar100": 50_000, "in16": 151_700}  # training images of one epoch of the benchmark
EPOCHS = (12, 200)
SEEDS = ("mean", "random")
_FULL_EPOCHS = 200
RESNET = tuple(
    map(OPS.index, ("nor_conv_3x3", "none", "nor_conv_3x3", "skip_connect", "none", "skip_connect"))
)  # its edges in the order of the table
_TRAINING_PER_FORWARD = 3


@dataclass(frozen=True, kw_only=True)
class TableEvaluator(Evaluator):
    """Validation accuracy of a cell as the benchmark measured it.

    Metrics: `valid_accuracy` (the signal), `parameters`, `multiply_adds`, `train_examples`, `train_flops`,
    `simulated_s` (seconds that training and evaluation took the benchmark's authors; what `budget.simulated_s` counts),
    and `latency_ms` where a device is named. Test accuracies stay in the table; see `final_accuracy`.

    Attributes:
        space: of NAS-Bench-201.
        path: the table, `nasbench201.npz`.
        data: "cifar10", "cifar100" or "in16" (ImageNet16-120).
        epochs: of the signal: 12 (a schedule of its own, what searches use) or 200.
        seeds: "mean" over the benchmark's trainings, or "random": one of them, drawn by the child's seed, which makes
            the signal as noisy as a training; CIFAR-10 after 200 epochs only.
        evaluation_s: seconds that are added to a training's for its evaluation.
        latency_path: the table of latencies, needed with `device`.
        device: whose latency is told as `latency_ms`; None tells none.
        fitness: the metric that selection maximises.
    """

    space: SearchSpace
    path: str = field(metadata={"identity": False})
    data: str
    epochs: int
    seeds: str
    evaluation_s: float
    latency_path: str | None = field(default=None, metadata={"identity": False})
    device: str | None = None
    fitness: str = "valid_accuracy"
    name: ClassVar[str] = "table"
    writes_files: ClassVar[bool] = False
    is_instant: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not isinstance(self.space, NasBench201):
            raise UserError(f"evaluator=table holds search_space=nasbench201, not {self.space.name}")
        for key, allowed in (("data", tuple(DATA)), ("epochs", EPOCHS), ("seeds", SEEDS)):
            if getattr(self, key) not in allowed:
                options = ", ".join(map(str, allowed))
                raise UserError(f"evaluator.{key} is {getattr(self, key)!r}, allowed are {options}")
        if self.seeds == "random" and (self.data, self.epochs) != ("cifar10", _FULL_EPOCHS):
            raise UserError(
                f"evaluator.seeds is random with data={self.data} and epochs={self.epochs}, the table has single "
                "trainings of data=cifar10 with epochs=200 only"
            )
        table = load_table(self.path)
        if self.device is not None and self.device not in _latencies(self.latency_path):
            devices = ", ".join(_latencies(self.latency_path))
            raise UserError(f"evaluator.device is {self.device!r}, allowed are {devices}")
        assert len(table["ops"])

    def identity(self) -> dict[str, Any]:
        names = ("name", "data", "epochs", "seeds", "evaluation_s", "device", "fitness")
        own = {name: getattr(self, name) for name in names} | {"fingerprint": _fingerprint(self.path)}
        if self.device is None:
            return own
        return own | {"latency_fingerprint": _latency_fingerprint(self.latency_path, self.device)}

    @property
    def fidelities(self) -> tuple[str, ...]:
        return ("epochs",)

    def check_fidelity(self, fidelity: Fidelity) -> None:
        super().check_fidelity(fidelity)
        self._at(fidelity)

    def evaluate(self, task: Task) -> Metrics:
        if task.fidelity is not None:
            return self._at(task.fidelity).evaluate(replace(task, fidelity=None))
        return {"valid_accuracy": self._signal(task), **self.cost(task.genome), **self._latency(task.genome)}

    def cost(self, genome: Genome, *, fidelity: Fidelity | None = None) -> Metrics:
        if fidelity is not None:
            return self._at(fidelity).cost(genome)
        table, row = load_table(self.path), self.row(genome)
        multiply_adds = round(float(table[f"{self.data}_flops_m"][row]) * 1e6)
        examples = DATA[self.data] * self.epochs
        full_s = float(table[f"{self.data}_train_s_200"][row])
        return {
            "parameters": round(float(table[f"{self.data}_params_m"][row]) * 1e6),
            "multiply_adds": multiply_adds,
            "train_examples": examples,
            "train_flops": FLOPS_PER_MULTIPLY_ADD * _TRAINING_PER_FORWARD * multiply_adds * examples,
            "simulated_s": full_s * self.epochs / _FULL_EPOCHS + self.evaluation_s,
        }

    def expectation(self, genome: Genome) -> float | None:
        """Mean over the benchmark's trainings of the genome, two or three of which there are."""
        if self.fitness != "valid_accuracy":
            return None
        return float(self._trainings(genome).mean()) if self.seeds == "random" else self._mean(genome)

    def row(self, genome: Genome) -> int:
        """Where the genome is in the table.

        Raises:
            UserError: the table is not whole.
        """
        rows = _rows(self.path)
        try:
            return rows[tuple(genome)]
        except KeyError:
            whole = len(OPS) ** len(EDGES)
            raise UserError(f"the genome is not in the table: {self.path} holds {len(rows):,} of {whole:,}") from None

    def final_accuracy(self, genome: Genome, part: str, data: str | None = None) -> float:
        """Accuracy after 200 epochs, mean over the benchmark's trainings, as a fraction: what a finished search is
        judged by. No part of a search asks for it.

        Args:
            genome: of the space.
            part: "valid" or "test".
            data: another data set than the search's.
        """
        return float(load_table(self.path)[f"{data or self.data}_{part}_200"][self.row(genome)]) / 100

    def finals(self) -> "TableFinals":
        """What a comparison looks up once a search is finished."""
        return TableFinals(self)

    def _at(self, fidelity: Fidelity) -> "TableEvaluator":
        """The benchmark's shorter schedule."""
        epochs = fidelity.epochs
        if epochs is None or epochs not in EPOCHS or epochs >= self.epochs:
            raise UserError(
                f"fidelity is {fidelity}, with evaluator.epochs={self.epochs} the table has "
                + (f"fidelity epochs={EPOCHS[0]}" if self.epochs > EPOCHS[0] else "none")
            )
        return replace(self, epochs=epochs)

    def _signal(self, task: Task) -> float:
        if self.seeds == "random":
            trainings = self._trainings(task.genome)
            return float(trainings[Random(task.seed).randrange(len(trainings))])
        return self._mean(task.genome)

    def _mean(self, genome: Genome) -> float:
        return float(load_table(self.path)[f"{self.data}_valid_{self.epochs}"][self.row(genome)]) / 100

    def _trainings(self, genome: Genome) -> NDArray[np.float64]:
        """Validation accuracy of the benchmark's trainings after 200 epochs, as fractions."""
        trainings = load_table(self.path)["cifar10_valid_200_seeds"][self.row(genome)]
        return trainings[~np.isnan(trainings)].astype(np.float64) / 100

    def _latency(self, genome: Genome) -> Metrics:
        if self.device is None:
            return {}
        return {"latency_ms": float(_latencies(self.latency_path)[self.device][self.row(genome)])}


@dataclass(frozen=True)
class TableFinals:
    """Final accuracies of genomes in JSON form, see `TableEvaluator.final_accuracy`."""

    evaluator: TableEvaluator

    def test_accuracy(self, genome: Any) -> float:
        """On the search's data set."""
        return self.evaluator.final_accuracy(self.evaluator.space.from_json(genome), "test")

    def accuracies(self, genome: Any) -> dict[str, float]:
        """On all data sets of the benchmark, by the names of data set and part."""
        read = self.evaluator.space.from_json(genome)
        parts = [(data, part) for data in DATA for part in ("valid", "test")]
        return {f"{data} {part}": self.evaluator.final_accuracy(read, part, data) for data, part in parts}

    def references(self) -> dict[str, tuple[Any, float]]:
        """The cell of ResNet (arXiv 2001.00326, table 5), and the best by the signal that a search would find."""
        evaluator, table = self.evaluator, load_table(self.evaluator.path)
        signal = table[f"{evaluator.data}_valid_{evaluator.epochs}"]
        rows = {"ResNet's cell": _rows(evaluator.path)[RESNET], "best of the table": int(signal.argmax())}
        to_json = evaluator.space.to_json
        return {
            name: (to_json(tuple(table["ops"][row].tolist())), float(signal[row]) / 100) for name, row in rows.items()
        }


@lru_cache(maxsize=4)
def load_table(path: str) -> dict[str, NDArray[Any]]:
    """The arrays of a table, by name.

    Raises:
        UserError: it is missing, or no table of NAS-Bench-201.
    """
    try:
        table = read_arrays(path, f"evaluator.path={path}")
    except FileNotFoundError as error:
        raise UserError(
            f"there is no table at evaluator.path={path}: get NATS-tss-v1_0-3ffb9-simple.tar from "
            f"https://github.com/D-X-Y/NATS-Bench, unpack it and convert it by `python -m nas.table official=FOLDER "
            f"out={path}`"
        ) from error
    if "ops" not in table or tuple(table.get("op_names", ())) != OPS:
        raise UserError(f"evaluator.path={path} is no table of NAS-Bench-201: it needs the arrays ops and op_names")
    return table


@lru_cache(maxsize=4)
def _rows(path: str) -> dict[tuple[int, ...], int]:
    return {tuple(ops): row for row, ops in enumerate(load_table(path)["ops"].tolist())}


@lru_cache(maxsize=4)
def _latencies(path: str | None) -> dict[str, NDArray[Any]]:
    what = "evaluator.device needs evaluator.latency_path, a nasbench201_latency_ms.npz"
    if path is None:
        raise UserError(f"{what}, not None")
    try:
        return read_arrays(path, f"evaluator.latency_path={path}")
    except FileNotFoundError as error:
        raise UserError(f"{what}, not {path!r}") from error


@lru_cache(maxsize=4)
def _fingerprint(path: str) -> str:
    return content_fingerprint(load_table(path))


@lru_cache(maxsize=4)
def _latency_fingerprint(path: str | None, device: str) -> str:
    """Of the device's latencies alone: a file that gains another device changes no number."""
    return content_fingerprint({device: _latencies(path)[device]})
