"""The ensemble of Large-Scale Evolution (Real et al. 2017, arXiv 1703.01041, section 3.4): a majority vote of the two
best by validation of each of several searches, without any further training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nas.data.batches import evaluation_batches
from nas.data.dataset import Dataset
from nas.errors import UserError
from nas.retraining.loading import load_model
from nas.search.history import History
from nas.search.individual import Individual
from nas.search.weights import weight_file
from nas.training.device import choose_device, threads
from nas.training.hardware import Hardware

FINISHED = ("budget", "finished")


@dataclass(frozen=True)
class Member:
    """An individual whose vote counts."""

    run: Path
    individual: Individual

    @property
    def name(self) -> str:
        return f"{self.run.name}-{self.individual.number}"


@dataclass(frozen=True)
class Vote:
    """Test accuracies: of each member, and of their majority."""

    members: list[tuple[Member, float]]
    majority: float


def choose_members(histories: Sequence[History], top_k: int) -> list[Member]:
    """The best by validation of every search, of those whose weights are kept, best first.

    Raises:
        UserError: a search is not finished, so that its test part is sealed, or kept no weights.
    """
    members: list[Member] = []
    for history in histories:
        run = history.path.absolute().parent
        if history.closed is None or history.closed["reason"] not in FINISHED:
            raise UserError(f"the search {run.name} is not finished, until then its test images are sealed")
        kept = [one for one in history.top(len(history.told)) if weight_file(run, one.number).exists()]
        if not kept:
            raise UserError(f"the search {run.name} kept no weights, evaluator.keep_weights=true keeps them")
        members += [Member(run, individual) for individual in kept[:top_k]]
    return members


def vote(members: Sequence[Member], dataset: Dataset, hardware: Hardware) -> Vote:
    """Measures the members and their majority on the test part.

    Where classes have equally many votes, the one that the member with the best validation accuracy chose wins; the
    paper does not say.

    Raises:
        UserError: weights are missing or damaged, or the data is.
    """
    part = dataset.load().test
    device = choose_device(hardware)
    ranked = sorted(members, key=lambda member: -(member.individual.fitness or 0.0))
    with threads(hardware.threads):
        answers = torch.stack([_answers(member, dataset, part, hardware, device) for member in ranked])
    labels = torch.from_numpy(part.labels)
    each = {member.name: float((own == labels).double().mean()) for member, own in zip(ranked, answers, strict=True)}
    majority = float((_majority(answers, dataset.num_classes) == labels).double().mean())
    return Vote([(member, each[member.name]) for member in members], majority)


def _answers(member: Member, dataset: Dataset, part: Any, hardware: Hardware, device: torch.device) -> Tensor:
    """The member's class for every image, `(images,)`."""
    network = load_model(weight_file(member.run, member.individual.number)).network.to(device)
    batches = evaluation_batches(dataset, part, batch_size=hardware.evaluation_batch_size, device=device)
    with torch.inference_mode():
        return torch.cat([network(images).argmax(1).cpu() for images, _ in batches])


def _majority(answers: Tensor, num_classes: int) -> Tensor:
    """The class with the most votes, `(members, images)` to `(images,)`; ties go to the first member's among them."""
    votes = torch.zeros(answers.shape[1], num_classes, dtype=torch.long)
    votes.scatter_add_(1, answers.T, torch.ones_like(answers.T))
    most = votes.amax(1)
    chosen = torch.full((answers.shape[1],), -1)
    for own in reversed(answers):
        has_most = votes.gather(1, own[:, None]).squeeze(1) == most
        chosen = torch.where(has_most, own, chosen)
    return chosen
