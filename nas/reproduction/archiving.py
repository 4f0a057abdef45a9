"""One file that holds what it takes to check a search: `python -m nas.export run=NAME format=archive`.

Equal contents give equal bytes, on one machine and with one version of its compression library: names are sorted, and
no file has a time.
"""

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from nas.errors import UserError
from nas.reproduction.archive_files import (
    CONFIG,
    ENVIRONMENT,
    FORMAT,
    JOURNAL,
    MANIFEST,
    MOST_FILES,
    REPORT,
    VERSION,
    most_bytes,
)
from nas.reproduction.remaking import remade_dataset
from nas.reproduction.split_files import split_files
from nas.search.environment import BEGAN, LATER, environment_facts, parse_environment
from nas.search.environment import FILE_NAME as ENVIRONMENT_FILE
from nas.search.history import History
from nas.search.lock import lock_holder
from nas.search.sealed import is_finished
from nas.whole_file import draft_of

_BLOCK = 1 << 20
_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can have


def write_archive(run_folder: Path, path: Path, say: Callable[[str], None]) -> Path:
    """Writes the archive of a search, whole or not at all.

    Args:
        run_folder: of the search; it may be running: the archive is then marked as partial.
        path: of the file.
        say: is told a sentence on what could not be put in.

    Raises:
        UserError: there is no journal or it is damaged, the file is there already, or it cannot be written.
    """
    if path.suffix != ".zip":
        raise UserError(f"out is {str(path)!r}, an archive's name must end in .zip")
    if path.exists():
        raise UserError(f"{path} exists already, nothing is overwritten: set out=FILE.zip")
    running = lock_holder(run_folder) is not None
    journal = run_folder / JOURNAL
    size = whole_lines(journal) if journal.exists() else 0
    history = History.load(run_folder)
    partial = running or not is_finished(history)
    contents = {**_environment(run_folder, say), **_config(run_folder), **_split(history, say)}
    contents |= {**_report(history), **_cards(history, say)}
    contents = {name: content for name, content in contents.items() if _fits(name, content, say)}
    files = {name: _facts(hashlib.sha256(content).hexdigest(), len(content)) for name, content in contents.items()}
    files[JOURNAL] = _facts(_digest(journal, size), size)
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "run": history.path.absolute().parent.name,
        "partial": partial,
        "versions": history.header.get("versions"),
        "commit": history.header.get("commit"),
        "environment_of": parse_environment(contents[ENVIRONMENT], ENVIRONMENT)["moment"],
        "files": files,
    }
    contents[MANIFEST] = f"{json.dumps(manifest, indent=1, sort_keys=True)}\n".encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as draft:
            _write(draft, contents, journal, size)
    except OSError as error:
        raise UserError(f"the archive {path} cannot be written: {error.strerror}") from error
    return path


def whole_lines(journal: Path) -> int:
    """Bytes of a journal up to its last whole line: a running search may be within the next one."""
    end = 0
    with open(journal, "rb") as file:
        for line in file:
            end += len(line) if line.endswith(b"\n") else 0
    return end


def _environment(run_folder: Path, say: Callable[[str], None]) -> dict[str, bytes]:
    path = run_folder / ENVIRONMENT_FILE
    if path.is_file():
        content = path.read_bytes()
        moment = parse_environment(content, str(path))["moment"]
        if moment != BEGAN:
            say(f"The environment in the archive is that of a later moment: {moment}.")
        return {ENVIRONMENT: content}
    say("The run keeps no environment, as it is older than that: the archive has the one of now, and says so.")
    return {ENVIRONMENT: f"{json.dumps(environment_facts(LATER), indent=1, sort_keys=True)}\n".encode()}


def _config(run_folder: Path) -> dict[str, bytes]:
    path = run_folder / CONFIG
    return {CONFIG: path.read_bytes()} if path.is_file() else {}


def _split(history: History, say: Callable[[str], None]) -> dict[str, bytes]:
    evaluator = history.identity.get("evaluator")
    if not isinstance(evaluator, Mapping) or not isinstance(evaluator.get("dataset"), Mapping):
        return {}
    try:
        found = split_files(remade_dataset(history, {}))
    except UserError as error:
        say(f"The archive has no split indices: {error}.")
        return {}
    if not found:
        say("The archive has no split indices: images of this data set have neither an index nor a path.")
    return found


def _report(history: History) -> dict[str, bytes]:
    from nas.reporting.material import Material
    from nas.reporting.report import page_of, sections_of

    material = Material(history)
    return {REPORT: page_of(material, sections_of(material)).encode()}


def _cards(history: History, say: Callable[[str], None]) -> dict[str, bytes]:
    """Model cards of retrainings beside the run that are of this search."""
    from nas.reporting.material import Material
    from nas.reporting.retrainings import retrainings
    from nas.retraining_files import CARD_FILE

    run = history.path.absolute().parent
    found = {one.name: run.parent / one.name / CARD_FILE for one in retrainings(Material(history)).found}
    cards = {f"cards/{name}.json": path.read_bytes() for name, path in found.items() if path.is_file()}
    if len(cards) > MOST_FILES - 10:
        say(f"The archive has {MOST_FILES - 10} of {len(cards)} model cards.")
    return dict(sorted(cards.items())[: MOST_FILES - 10])


def _fits(name: str, content: bytes, say: Callable[[str], None]) -> bool:
    most = most_bytes(name)
    if most is not None and len(content) <= most:
        return True
    say(f"{name} is left out of the archive: " + ("its name is too odd." if most is None else "it is too large."))
    return False


def _write(path: Path, contents: Mapping[str, bytes], journal: Path, size: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted([*contents, JOURNAL]):
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            if name != JOURNAL:
                archive.writestr(info, contents[name])
                continue
            with open(journal, "rb") as source, archive.open(info, "w", force_zip64=True) as target:
                for block in _blocks(source, size):
                    target.write(block)


def _digest(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in _blocks(file, size):
            digest.update(block)
    return digest.hexdigest()


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    left = size
    while left > 0:
        block = file.read(min(_BLOCK, left))
        if not block:
            return
        left -= len(block)
        yield block


def _facts(digest: str, size: int) -> dict[str, object]:
    return {"sha256": digest, "bytes": size}
