"""What a search leaves on the disk."""

import json
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from nas.estimating.plan import Plan
from nas.search_spaces.base import Genome

EVENTS_BYTES = 900  # of a child's events, its genome apart
FOLDER_BYTES = 8192  # log and result, a block each
SEALED_BYTES = 4096
NUMBER_BYTES = 4  # of a float32
CHECKPOINT_COPIES = 2  # weights and momentum


def disk(
    plan: Plan, children: int, genomes: Sequence[Genome], parameters: float, journal_bytes: float | None = None
) -> dict[str, float]:
    """Bytes by what they are, at the most: weights and checkpoints come and go. Without reports and trackers.

    Args:
        plan: the search.
        children: that are left.
        genomes: some of them.
        parameters: of a child's network, on average.
        journal_bytes: of a child, where they were measured.
    """
    evaluator = plan.evaluator
    if journal_bytes is None:
        journal_bytes = EVENTS_BYTES + fmean(len(json.dumps(plan.space.to_json(genome))) for genome in genomes)
    found: dict[str, Any] = {"journal": children * journal_bytes}
    if evaluator.writes_files or plan.on_cluster:
        found["folders"] = min(children, plan.keep_children + plan.slots) * FOLDER_BYTES
        if getattr(evaluator, "sealed_test", False):
            found["folders"] += children * SEALED_BYTES
    if evaluator.keeps_weights:
        living = getattr(plan.algorithm, "population_size", children)
        found["weights"] = min(children, living + plan.slots + 1) * NUMBER_BYTES * parameters
    if getattr(evaluator, "checkpoint_every_s", None) is not None:
        found["checkpoints"] = plan.slots * CHECKPOINT_COPIES * NUMBER_BYTES * parameters
    return found
