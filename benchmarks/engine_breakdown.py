"""Where the engine's time goes: one toy search with a stopwatch at the seams of the loop.

Called by `python -m benchmarks.peers --breakdown`. A part's time is that within it and not within another part. The
stopwatch itself costs some microseconds per evaluation, so the untouched search is timed beside it.
"""

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from nas import run_search
from nas.algorithms.evolution import Evolution
from nas.evaluators.toy import Toy
from nas.search import journal, loop
from nas.search.endings import Endings
from nas.search.journal import Journal
from nas.search.state import SearchState
from nas.search_spaces.bits import Bits

REPEATS = 9
PARTS = (
    (Evolution, "ask", "ask: tournament"),
    (Bits, "initial", "ask: a random genome"),
    (Bits, "mutate", "ask: mutate"),
    (loop, "ask_rng", "derived generator and seed"),
    (loop, "training_seed", "derived generator and seed"),
    (journal, "_encode", "journal: JSON"),
    (Journal, "_write", "journal: write"),
    (Journal, "append", "journal: clock and fields"),
    (Journal, "sync", "journal: fsync"),
    (Toy, "evaluate", "evaluator: the toy"),
    (loop, "run_child", "evaluator: the attempt around it"),
    (SearchState, "asked", "state and algorithm folded"),
    (SearchState, "told", "state and algorithm folded"),
    (Endings, "told", "loop"),
    (loop.Loop, "run", "loop"),
)


class Stopwatch:
    """Seconds by part; what a part spends in another one is the other's."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inner_s: list[float] = []

    def timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            self._inner_s.append(0.0)
            start = time.perf_counter()
            try:
                return function(*arguments, **keywords)
            finally:
                seconds = time.perf_counter() - start
                self.seconds[part] += seconds - self._inner_s.pop()
                if self._inner_s:
                    self._inner_s[-1] += seconds

        return call

    @contextmanager
    def at(self, owner: Any, name: str, part: str) -> Iterator[None]:
        """Times the function `name` of a class or module."""
        function = getattr(owner, name)
        setattr(owner, name, self.timed(function, part))
        try:
            yield
        finally:
            setattr(owner, name, function)


def breakdown(
    *, num_decisions: int, population_size: int, sample_size: int, evaluations: int, noise: float, seed: int
) -> list[str]:
    """Lines: the parts in microseconds per evaluation, dearest first; then the whole, and opening it again."""
    space = Bits(num_bits=num_decisions)

    def searched(run: Path, verify: bool | None = None) -> float:
        start = time.perf_counter()
        run_search(
            space=space,
            algorithm=Evolution(
                space=space, population_size=population_size, sample_size=sample_size, survival="oldest"
            ),
            evaluator=Toy(space=space, noise=noise, counted=1),
            budget=evaluations,
            seed=seed,
            run=run,
            verify=verify,
        )
        return time.perf_counter() - start

    def us(seconds: list[float]) -> float:
        return 1e6 * statistics.median(seconds) / evaluations

    parts: list[Counter[str]] = []
    watched, whole, folded, verified = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(REPEATS + 1):
            run = Path(folder) / f"run-{number}"
            watch = Stopwatch()
            with ExitStack() as stack:
                for owner, name, part in PARTS:
                    stack.enter_context(watch.at(owner, name, part))
                watched.append(searched(run))
            parts.append(watch.seconds)
            whole.append(searched(run.with_suffix(".whole")))
            folded.append(searched(run, verify=False))
            verified.append(searched(run, verify=True))
    for series in (parts, watched, whole, folded, verified):
        series.pop(0)  # imports and first uses
    lines = {part: us([one[part] for one in parts]) for _, _, part in PARTS}
    total = us(watched)
    lines["opening and closing the folder"] = us([w - sum(p.values()) for w, p in zip(watched, parts, strict=True)])
    ordered = sorted(lines.items(), key=lambda item: -item[1])
    return [
        f"microseconds per evaluation, medians of {REPEATS} searches of {evaluations}",
        *(f"{part:34} {value:6.1f}  {100 * value / total:4.1f} %" for part, value in ordered),
        f"{'all of it, with the stopwatch':34} {total:6.1f}",
        f"{'all of it':34} {us(whole):6.1f}",
        f"{'opened again: journal folded':34} {us(folded):6.1f}",
        f"{'opened again, asking for each':34} {us(verified):6.1f}",
    ]
