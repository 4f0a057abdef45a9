"""A search by three workers that is tracked, in a process of its own: `python tracked_search.py RUN [MODE]`."""

import sys
from pathlib import Path

from flaky import measure

from nas.algorithms.evolution import Evolution
from nas.search.run import run_search
from nas.search_spaces.bits import Bits
from nas.tracking.wandb_tracker import WandbTracker

BUDGET = 150


def main(run: Path, mode: str) -> None:
    space = Bits(num_bits=20)
    run_search(
        space=space,
        algorithm=Evolution(space=space, population_size=10, sample_size=3, survival="oldest"),
        evaluator=measure,
        budget=BUDGET,
        run=run,
        workers=3,
        max_failures=1000,
        trackers=[WandbTracker(project="nas", entity=None, group=None, tags=None, mode=mode, children=False)],
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "auto")
