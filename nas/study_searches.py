"""From a study to its searches: each is composed as its command line would be, and run as that would.

Searches that only look up or compute their children run many at a time, in processes of this machine; searches that
train run as programs of their own, `python -m nas.evolve`.
"""

import functools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

from omegaconf import DictConfig

from nas.application import config_folder, config_sentence
from nas.comparison.study import Search
from nas.errors import UserError
from nas.search.journal import FILE_NAME, last_event
from nas.search.sealed import FINISHED

Say = Callable[[str], None]
_WAIT_S = 0.5


def is_done(folder: Path) -> bool:
    """Whether a search used its budget, by the last line of its journal."""
    event = last_event(folder / FILE_NAME)
    return event is not None and event.get("event") == "closed" and event.get("reason") in FINISHED


def compose_search(overrides: Sequence[str]) -> DictConfig:
    """The configuration of `python -m nas.evolve OVERRIDES`, with Hydra's own node.

    Raises:
        UserError: an override is wrong.
    """
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import HydraException

    ready = GlobalHydra.instance().is_initialized()
    begun = nullcontext() if ready else initialize_config_dir(str(config_folder()), version_base="1.3")
    try:
        with begun:
            return compose("config", overrides=list(overrides), return_hydra_config=True)
    except HydraException as error:
        raise UserError(config_sentence(error)) from error


def can_share_processes(searches: Sequence[Search]) -> bool:
    """Whether all children are computed where the driver is; builds every arm's parts, so that mistakes are found.

    Raises:
        UserError: an arm cannot be composed or made.
    """
    light = [_is_light(overrides) for overrides in dict.fromkeys(search.overrides for search in searches)]
    return all(light)


@dataclass(frozen=True, kw_only=True)
class SearchParts:
    """Space and evaluator of a search, and where its children run."""

    space: Any
    evaluator: Any
    config: DictConfig

    def make_executor(self, folder: Path) -> Any:
        """As the search has it; its files go to `folder`."""
        from hydra.core.hydra_config import HydraConfig

        from nas.application import build
        from nas.launching import composed_executor, composed_launcher_kind, local_workers

        HydraConfig.instance().set_config(self.config)
        hardware, kind = build(self.config.hardware, "hardware"), composed_launcher_kind()
        return composed_executor(kind, local_workers(kind, hardware), folder, hardware)


def search_parts(overrides: Sequence[str]) -> SearchParts:
    """What `python -m nas.evolve OVERRIDES` searches with, the algorithm apart.

    Raises:
        UserError: it cannot be composed or made.
    """
    from nas.evolve import build_parts

    config = compose_search(overrides)
    space, _, evaluator = build_parts(config)
    return SearchParts(space=space, evaluator=evaluator, config=config)


def run_searches(
    searches: Sequence[Search],
    folder: Path,
    at_once: int | None,
    say: Say,
    *,
    shared: bool,
    tracking: Sequence[str] = (),
) -> dict[str, str]:
    """Runs what is left of a study's searches; the others are left alone.

    Args:
        searches: in the order in which they begin.
        folder: of the study.
        at_once: searches side by side; None takes one for each processor, for those that train one.
        say: is told sentences on how far it is.
        shared: runs many in each process, see `can_share_processes`.
        tracking: overrides that say who is shown the searches; no part of what they are.

    Returns:
        Why searches did not end well, by their folder.
    """
    left = [search for search in searches if not is_done(folder / search.folder)]
    if len(left) < len(searches):
        say(f"{len(searches) - len(left)} of {len(searches)} searches are there already")
    if not left:
        return {}
    beside = (*tracking, *_config_folders())
    left = [replace(search, overrides=(*search.overrides, *beside)) for search in left]
    if shared:
        return _run_in_pool(left, folder, at_once or os.cpu_count() or 1, say)
    return _run_as_programs(left, folder, at_once or 1, say)


def _config_folders() -> tuple[str, ...]:
    """This program's `--config-dir` as an override, for programs and processes that it starts."""
    from hydra.core.hydra_config import HydraConfig

    if not HydraConfig.initialized():
        return ()
    sources = HydraConfig.get().runtime.config_sources
    given = [source.path for source in sources if source.provider == "command-line"]
    return tuple(f"hydra.searchpath=[{_quoted(f'file://{path}')}]" for path in given)


def _is_light(overrides: Sequence[str]) -> bool:
    from nas_launchers.build import launcher_kind

    parts = search_parts(overrides)
    return not parts.evaluator.writes_files and launcher_kind(parts.config.hydra.launcher) == "local"


def search_in_worker(overrides: tuple[str, ...], seed: int, folder: str) -> str:
    """One search, in a process that keeps what searches of the same arm share. Returns why it ended."""
    from hydra.core.hydra_config import HydraConfig

    from nas.evolve import search

    config = _kept_composition(overrides)
    HydraConfig.instance().set_config(config)
    config.seed, config.run, config.progress = seed, folder, "none"
    plain = config.copy()
    del plain["hydra"]
    return search(plain).reason


@functools.lru_cache(maxsize=64)
def _kept_composition(overrides: tuple[str, ...]) -> DictConfig:
    from omegaconf import OmegaConf

    config = compose_search(overrides)
    OmegaConf.set_struct(config, False)
    OmegaConf.set_readonly(config, False)
    return config


def _run_in_pool(searches: Sequence[Search], folder: Path, at_once: int, say: Say) -> dict[str, str]:
    from nas_launchers.pool import PoolExecutor

    executor = PoolExecutor(min(at_once, len(searches)))
    failures, ended = {}, 0
    try:
        jobs = {
            search: executor.submit(search_in_worker, search.overrides, search.seed, str(_place(folder, search)))
            for search in searches
        }
        while jobs:
            executor.wait(list(jobs.values()), _WAIT_S)
            for search in [search for search, job in jobs.items() if job.done()]:
                try:
                    failure = _failure(jobs.pop(search).result())
                except Exception as error:
                    failure = f"{type(error).__name__}: {error}"
                ended += 1
                if failure is not None:
                    failures[search.folder] = failure
                if failure is not None or ended % max(1, len(searches) // 20) == 0 or not jobs:
                    say(f"{ended} of {len(searches)}: {search.folder} {failure or 'is finished'}")
    finally:
        executor.shutdown(cancel=True)
    return failures


def _run_as_programs(searches: Sequence[Search], folder: Path, at_once: int, say: Say) -> dict[str, str]:
    failures: dict[str, str] = {}
    with _Programs() as programs, ThreadPoolExecutor(min(at_once, len(searches))) as threads:
        running = {threads.submit(programs.run, search, _place(folder, search)): search for search in searches}
        for ended, future in enumerate(as_completed(running), start=1):
            search = running[future]
            failure = future.result()
            if failure is not None:
                failures[search.folder] = failure
            say(f"{ended} of {len(searches)}: {search.folder} {failure or 'is finished'}")
    if programs.stopped_by is not None:
        raise KeyboardInterrupt
    return failures


class _Programs:
    """Searches that run as programs; a signal goes to each that runs, and no other one is started."""

    def __init__(self) -> None:
        self.stopped_by: str | None = None
        self._running: set[subprocess.Popen[bytes]] = set()

    def run(self, search: Search, folder: Path) -> str | None:
        """Runs one to its end; why it did not end well."""
        if self.stopped_by is not None:
            return f"was not started, as {self.stopped_by} came first"
        given = (f"seed={search.seed}", f"run={_quoted(str(folder))}", "progress=plain")
        command = [sys.executable, "-m", "nas.evolve", *search.overrides, *given]
        program = subprocess.Popen(command, start_new_session=True)
        self._running.add(program)
        try:
            code = program.wait()
        finally:
            self._running.discard(program)
        return None if code == 0 and is_done(folder) else f"ended with exit code {code}"

    def __enter__(self) -> "_Programs":
        self._before = {}
        if threading.current_thread() is threading.main_thread():
            numbers = (signal.SIGINT, signal.SIGTERM)
            self._before = {number: signal.signal(number, self._relay) for number in numbers}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _relay(self, number: int, frame: FrameType | None) -> None:
        self.stopped_by = signal.Signals(number).name
        for program in list(self._running):
            program.send_signal(number)


def _place(folder: Path, search: Search) -> Path:
    return (folder / search.folder).absolute()


def _failure(reason: str) -> str | None:
    return None if reason in FINISHED else f"ended by {reason}"


def _quoted(text: str) -> str:
    """A text as a value of Hydra's grammar."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
