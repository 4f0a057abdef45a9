"""A search that is reproduced, wherever its journal lies."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.reproduction.ancestry import kept_weights, sources
from nas.reproduction.opening import Archive, opened_archive
from nas.search.environment import FILE_NAME, parse_environment
from nas.search.history import History
from nas.search.run_names import existing_run, known_runs


@dataclass(frozen=True, kw_only=True)
class Source:
    """
    Attributes:
        name: of the run, or of the archive's file.
        history: the journal.
        environment: what `environment.json` says, None without one.
        archive: None for a run folder.
    """

    name: str
    history: History
    environment: Mapping[str, Any] | None
    archive: Archive | None = None

    def ancestry(self, evaluator: Any) -> tuple[dict[int, int], dict[int, Path]]:
        """Whose weights were inherited, and which of those are kept; an archive has none."""
        if not getattr(evaluator, "inherit", False):
            return {}, {}
        parents = sources(self.history)
        return parents, kept_weights(self.history, parents) if self.archive is None else {}


@contextmanager
def opened_source(run: str | None, archive: str | None, runs_dir: str) -> Iterator[Source]:
    """The search of a run folder or of an archive.

    Args:
        run: a name in `runs_dir`, or a path; None where `archive` is given.
        archive: path of an archive; None where `run` is given.
        runs_dir: where runs lie.

    Raises:
        UserError: not one of both is given, it is not there, or it is damaged.
    """
    if (run is None) == (archive is None):
        which = "neither" if run is None else "both"
        raise UserError(f"set one of run=NAME and archive=FILE.zip, not {which}{'' if run else known_runs(runs_dir)}")
    if archive is not None:
        with opened_archive(Path(archive)) as opened:
            yield Source(name=opened.name, history=opened.history, environment=opened.environment, archive=opened)
    elif run is not None:
        yield _of_run(existing_run(run, runs_dir))


def _of_run(place: Path) -> Source:
    history = History.load(place)
    folder = history.path.absolute().parent
    path = folder / FILE_NAME
    try:
        content = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    environment = None if content is None else parse_environment(content, str(path))
    return Source(name=folder.name, history=history, environment=environment)
