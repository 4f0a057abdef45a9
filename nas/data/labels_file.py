"""labels.csv: a row for each image file, with the columns path and label, and where wanted split and group."""

import csv
import os
from pathlib import Path

from nas.data.folder_layout import LABELS_FILE, PARTS, ImageFile
from nas.data.image_file import EXTENSIONS, is_image_name
from nas.errors import UserError

_NEEDED = ("path", "label")
_KNOWN = (*_NEEDED, "split", "group")


def read_labels(root: Path) -> tuple[tuple[str, ...], list[ImageFile]]:
    """Classes in the order of their names, and the files in that of the rows.

    Raises:
        UserError: the file is no UTF-8 or no table with these columns, or a row names a file that is not there, that
            lies outside the root, that is named twice or is no image, an empty label, or a split that is none.
    """
    path = root / LABELS_FILE
    rows = _rows(path)
    if not rows:
        raise UserError(f"{path} has a header and no row, it must have one for each image")
    classes = tuple(sorted({row["label"] for _, row in rows}))
    label_of = {name: label for label, name in enumerate(classes)}
    real_root = os.path.realpath(root)
    seen: dict[str, int] = {}
    files = []
    for line, row in rows:
        where = f"{path}, line {line}"
        name = _checked_name(root, real_root, row["path"], where)
        if name in seen:
            raise UserError(f"{where}: {name} is named in line {seen[name]} already, a file has one row")
        seen[name] = line
        files.append(ImageFile(name, label_of[row["label"]], _part(row.get("split"), where), row.get("group") or None))
    _refuse_half_a_split(path, rows, files)
    _refuse_divided_groups(path, files)
    return classes, files


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows with their line numbers."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            header = [str(name).strip().lower() for name in reader.fieldnames or ()]
            _check_header(path, header)
            reader.fieldnames = header
            return [(reader.line_num, _row(path, reader.line_num, row)) for row in reader]
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path} is not UTF-8 (it holds the byte {error.object[error.start]:#x}): save it as CSV UTF-8"
        ) from error
    except csv.Error as error:
        raise UserError(f"{path} is no CSV table: {error}") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error


def _check_header(path: Path, header: list[str]) -> None:
    lacking = [name for name in _NEEDED if name not in header]
    if lacking:
        shown = ", ".join(header) or "nothing"
        raise UserError(
            f"{path} lacks the column {lacking[0]}, its header has {shown}: needed are path and label, allowed "
            "besides split and group, divided by commas"
        )
    twice = [name for name in _KNOWN if header.count(name) > 1]
    if twice:
        raise UserError(f"{path} has the column {twice[0]} twice, it must have it once")


def _row(path: Path, line: int, row: dict[str | None, str | list[str] | None]) -> dict[str, str]:
    if None in row or None in row.values():
        raise UserError(f"{path}, line {line}: it has another number of cells than the header")
    plain = {str(key): str(value).strip() for key, value in row.items() if key in _KNOWN}
    for key in _NEEDED:
        if not plain[key]:
            raise UserError(f"{path}, line {line}: its {key} is empty")
    return plain


def _checked_name(root: Path, real_root: str, given: str, where: str) -> str:
    """The path relative to the root.

    Paths are resolved first, so that neither `..` nor a symbolic link leads out of it.
    """
    real = os.path.realpath(os.path.join(real_root, given.replace("\\", "/")))
    if os.path.commonpath([real, real_root]) != real_root:
        raise UserError(f"{where}: {given} lies outside {root}, paths must lead to files inside it")
    if not os.path.isfile(real):
        raise UserError(f"{where}: there is no file {given} in {root}")
    if not is_image_name(real):
        raise UserError(f"{where}: {given} is no image by its ending, allowed are {', '.join(EXTENSIONS)}")
    return Path(os.path.relpath(real, real_root)).as_posix()


def _part(given: str | None, where: str) -> str | None:
    if not given:
        return None
    if given.lower() not in PARTS:
        raise UserError(f"{where}: the split {given!r} is unknown, allowed are train, val and test")
    return PARTS[given.lower()]


def _refuse_half_a_split(path: Path, rows: list[tuple[int, dict[str, str]]], files: list[ImageFile]) -> None:
    without = [line for (line, _), file in zip(rows, files, strict=True) if file.part is None]
    if without and len(without) < len(files):
        raise UserError(f"{path}, line {without[0]}: its split is empty although others have one")
    if not without and not any(file.part == "train" for file in files):
        raise UserError(f"{path} has no row with split train, there must be images to train on")


def _refuse_divided_groups(path: Path, files: list[ImageFile]) -> None:
    part_of: dict[str, str | None] = {}
    for file in files:
        if file.group is not None and part_of.setdefault(file.group, file.part) != file.part:
            raise UserError(
                f"{path}: the group {file.group!r} is in {part_of[file.group]} and in {file.part}, a group must be "
                "in one split"
            )
