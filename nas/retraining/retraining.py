"""A retraining: candidates are trained and ranked, the winner is trained again several times, and only then tested."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nas.data.dataset import Dataset
from nas.data.seeds import derived_seed
from nas.errors import UserError
from nas.evaluators.child import Outcome
from nas.metrics.accuracy import Accuracy
from nas.metrics.base import ACCURACY, Metric, check_metric
from nas.retraining.candidates import Candidate
from nas.retraining.card import make_card, read_card, write_card
from nas.retraining.contenders import FINETUNED, RANDOM_CELLS, WINNER, Contender, check_references, reference, winner
from nas.retraining.final_training import FinalTraining
from nas.retraining.folder import opened_folder
from nas.retraining.ranking import Ranking, rank, read_ranking, write_ranking
from nas.retraining.trainings import Failed, Training, Trainings
from nas.retraining_files import CARD_FILE
from nas.search.attempts import Patience
from nas.search.identity import digest, identity_of, plain_json
from nas.search.lock import DriverLock
from nas.search.stop import StopNow, StopSwitch, let_go
from nas.search_spaces.base import SearchSpace
from nas.training.batch_plan import BatchPlan
from nas.training.hardware import Hardware
from nas.training.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a session ended.

    Attributes:
        folder: of the retraining.
        card: what is known of the winner; None if the session was stopped.
        was_finished: an earlier session had done everything.
        message: the signal that stopped it, else "".
    """

    folder: Path
    card: dict[str, Any] | None
    was_finished: bool = False
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Retraining:
    """
    Attributes:
        candidates: the search's best first.
        searches: facts of the searches they come from, see `candidates.search_facts`.
        dataset: images.
        network: has `build` and `cost`, both `(architecture, image_shape, num_classes)`.
        training: the recipe.
        hardware: what to train on; changes no number.
        seed: of the whole retraining; all randomness is derived from it.
        repeats: trainings of the winner and of every reference.
        references: names of `contenders.REFERENCES`.
        resnet: settings of the reference ResNet-18.
        finetuned: settings of the reference ResNet-18 that begins with ImageNet's weights; None where it is none.
        space: that random cells are drawn from.
        metric: that ranks the candidates and is set beside the accuracies.
        patience: how often a training is tried again whose job ended without a result; changes no number.
        curves: of the trainings, see `FinalTraining`.
        save_within_epoch_s: likewise.
    """

    candidates: Sequence[Candidate]
    searches: Sequence[dict[str, Any]]
    dataset: Dataset
    network: Any
    training: Recipe
    hardware: Hardware
    seed: int
    repeats: int
    references: Sequence[str]
    resnet: Any
    space: SearchSpace
    finetuned: Any = None
    metric: Metric = field(default_factory=Accuracy)
    patience: Patience = field(default_factory=Patience)
    curves: Any = None
    save_within_epoch_s: float | None = None

    def __post_init__(self) -> None:
        within_s = self.save_within_epoch_s
        if within_s is not None and (type(within_s) not in (int, float) or not within_s >= 0):
            raise UserError(f"save_within_epoch_s is {within_s!r}, it must be at least 0, or null")
        if type(self.repeats) is not int or self.repeats < 1:
            raise UserError(f"repeats is {self.repeats!r}, it must be a whole number of at least 1")
        check_references(self.references)
        check_metric(self.metric)
        if self.dataset.sizes.valid < 1:
            raise UserError(f"dataset.num_valid is {self.dataset.num_valid}, retraining needs at least 1")
        BatchPlan(self.training, self.dataset.num_train, self.hardware.world_size, self.hardware.accumulate)
        shape, num_classes = self.dataset.image_shape, self.dataset.num_classes
        for candidate in self.candidates:
            self.network.cost(candidate.architecture, shape, num_classes)

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that changes the numbers."""
        identity = {
            "candidates": [candidate.label for candidate in self.candidates],
            "dataset": identity_of(self.dataset),
            "network": identity_of(self.network),
            "training": identity_of(self.training),
            "seed": self.seed,
            "repeats": self.repeats,
            "references": list(self.references),
        }
        if RANDOM_CELLS in self.references:
            identity["search_space"] = identity_of(self.space)
        if FINETUNED in self.references:
            identity["finetuned"] = identity_of(self.finetuned)
        if self.metric.name != ACCURACY:
            identity["metric"] = identity_of(self.metric)
        return plain_json(identity)

    @property
    def default_name(self) -> str:
        sources = list(dict.fromkeys(candidate.run or candidate.name for candidate in self.candidates))
        words = ["retrain", "+".join(sources), self.dataset.name, f"s{self.seed}", digest(self.identity)]
        return "-".join(words)

    @property
    def ranked_part(self) -> str:
        """What chooses among candidates: the selection part, or the search's validation part where there is none."""
        return "selection" if self.dataset.num_selection else "valid"

    @property
    def most_at_once(self) -> int:
        """Trainings that do not wait for each other, at most."""
        return max(len(self.candidates), self.repeats * (1 + len(self.references)))

    def run(self, folder: Path, make_executor: Callable[[Path], Any], say: Callable[[str], None]) -> Result:
        """Does what is left to do.

        Raises:
            UserError: the folder is of something else, or a training failed that the result needs.
        """
        with opened_folder(folder, self.identity) as lock:
            if (folder / CARD_FILE).exists():
                return Result(folder=folder, card=read_card(folder / CARD_FILE), was_finished=True)
            executor, stop = make_executor(folder), StopSwitch()
            trainings = Trainings(
                folder=folder, executor=executor, lock=lock, stop=stop, say=say, patience=self.patience
            )
            try:
                with stop.listening():
                    return Result(folder=folder, card=self._run(trainings, lock))
            except StopNow as signal:
                return Result(folder=folder, card=None, message=str(signal))
            finally:
                let_go(executor)

    def _run(self, trainings: Trainings, lock: DriverLock) -> dict[str, Any]:
        folder = trainings.folder
        ranking = read_ranking(folder)
        if ranking is None:
            ranking = self._rank(trainings)
            write_ranking(folder, ranking)
            trainings.say(ranking.sentence)
        best = self.candidates[ranking.winner]
        contenders = [winner(best, self.network, self.repeats), *map(self._reference, self.references)]
        wanted = {contender.name: self._repeats(contender) for contender in contenders}
        ended = trainings.run([training for group in wanted.values() for training in group])
        outcomes: dict[str, list[Outcome]] = {}
        for name, group in wanted.items():
            outcomes[name] = [_needed(training.name, ended[training.name], folder) for training in group]
        card = make_card(
            candidate=best,
            ranking=ranking,
            contenders={contender.name: contender for contender in contenders},
            outcomes=outcomes,
            seeds=[training.seed for training in wanted[WINNER]],
            identity=self.identity,
            dataset=self.dataset,
            searches=[search for search in self.searches if search["run"] == best.run],
            command=sys.argv,
            folder=folder,
            training_folders=[trainings.path(training.name) for training in wanted[WINNER]],
        )
        write_card(folder, card)
        return card

    def _rank(self, trainings: Trainings) -> Ranking:
        """Trains every candidate once; a single one is the winner without that."""
        if len(self.candidates) == 1:
            return Ranking(part=self.ranked_part, rows=[], failed=[], winner=0, metric=self.metric.name)
        evaluator = self._evaluator(self.network, ())
        wanted = [
            Training(
                name=f"candidate-{number:03d}",
                evaluator=evaluator,
                genome=candidate.architecture,
                seed=derived_seed(self.seed, "candidate", number),
            )
            for number, candidate in enumerate(self.candidates)
        ]
        ended = trainings.run(wanted)
        outcomes = [ended[training.name] for training in wanted]
        return rank(self.candidates, outcomes, self.ranked_part, self.metric.name)

    def _repeats(self, contender: Contender) -> list[Training]:
        evaluator = self._evaluator(contender.network, ("test",), keep_weights=contender.name == WINNER)
        return [
            Training(
                name=f"{contender.name}-{number}",
                evaluator=evaluator,
                genome=architecture,
                seed=derived_seed(self.seed, "repeat", number),
            )
            for number, architecture in enumerate(contender.architectures)
        ]

    def _evaluator(self, network: Any, measure: tuple[str, ...], keep_weights: bool = False) -> FinalTraining:
        selection = ("selection",) if self.dataset.num_selection else ()
        return FinalTraining(
            dataset=self.dataset,
            network=network,
            training=self.training,
            hardware=self.hardware,
            measure=(*selection, *measure),
            keep_weights=keep_weights,
            curves=self.curves,
            save_within_epoch_s=self.save_within_epoch_s,
            metric=self.metric,
        )

    def _reference(self, name: str) -> Contender:
        return reference(
            name,
            network=self.network,
            resnet=self.resnet,
            finetuned=self.finetuned,
            space=self.space,
            seed=self.seed,
            repeats=self.repeats,
        )


def _needed(name: str, ended: Outcome | Failed, folder: Path) -> Outcome:
    if isinstance(ended, Failed):
        log = f" (log: {ended.log})" if ended.log else ""
        raise UserError(f"{name} of {folder} failed: {ended.reason}{log}; the same command tries it again")
    return ended
