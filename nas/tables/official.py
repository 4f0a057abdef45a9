"""The files in which NATS-Bench (topology) and NAS-Bench-201 are distributed, one architecture at a time.

Sources: arXiv 2009.00437 and 2001.00326; their readers, https://github.com/D-X-Y/NATS-Bench and /NAS-Bench-201, and the
programs that wrote the files, `tss-collect.py` and `statistics-v2.py` of https://github.com/D-X-Y/AutoDL-Projects.

Three forms hold the same:
- a folder `NATS-tss-v1_0-3ffb9-simple` with `meta.pickle.pbz2` and a file `000000.pickle.pbz2` for each architecture;
- a single file `NATS-tss-v1_0-3ffb9.pickle.pbz2`;
- a single file `NAS-Bench-201-v1_1-096897.pth` of torch, which calls the schedules "less" (12 epochs) and "full" (200).

For an architecture and a schedule there is `dataset_seed` (data set to seeds) and `all_results` ((data set, seed) to
a training): `epochs`, `params` and `flop` in millions, `train_times` (epoch to seconds) and `eval_acc1es` ("part@epoch"
to per cent), among others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.tables.unpickling import read_bz2_pickle, read_torch_pickle

EXTENSION = ".pickle.pbz2"
META = f"meta{EXTENSION}"
SCHEDULES = {12: ("12", "less"), 200: ("200", "full")}  # epochs, and the names of their results


@dataclass(frozen=True, slots=True)
class Official:
    """One architecture as it is distributed.

    Attributes:
        index: the official one.
        text: `|op~source|+|...`.
        results: by the epochs of the schedule.
    """

    index: int
    text: str
    results: Mapping[int, Mapping[str, Any]]


def read_official(path: Path) -> Iterator[Official]:
    """Every architecture, in the official order. A folder is read file by file, a single file needs all its memory.

    Raises:
        UserError: the path is none of the three forms, a file is missing or damaged, or holds more than plain data.
    """
    if path.is_dir():
        yield from _of_folder(path)
    elif path.name.endswith(".pbz2"):
        yield from _of_file(path, read_bz2_pickle(path))
    elif path.suffix == ".pth":
        yield from _of_file(path, read_torch_pickle(path))
    else:
        raise UserError(
            f"official={path} is no benchmark: it must be a folder NATS-tss-v1_0-3ffb9-simple, a file "
            "NATS-tss-v1_0-3ffb9.pickle.pbz2 or a file NAS-Bench-201-v1_1-096897.pth"
        )


def _of_folder(folder: Path) -> Iterator[Official]:
    for index, text in enumerate(_texts(folder / META, read_bz2_pickle(folder / META))):
        path = folder / f"{index:06d}{EXTENSION}"
        if not path.exists() and (folder / f"{index}{EXTENSION}").exists():
            path = folder / f"{index}{EXTENSION}"
        yield _official(path, index, text, read_bz2_pickle(path))


def _of_file(path: Path, content: Any) -> Iterator[Official]:
    texts = _texts(path, content)
    found = content.get("arch2infos")
    for index, text in enumerate(texts):
        if not isinstance(found, Mapping) or index not in found:
            raise UserError(f"{path} lacks the results of architecture {index}")
        yield _official(path, index, text, found[index])


def _texts(path: Path, content: Any) -> list[Any]:
    texts = content.get("meta_archs") if isinstance(content, Mapping) else None
    if not isinstance(texts, list) or not texts:
        raise UserError(f"{path} is no file of NATS-Bench: it must be a dict with the list meta_archs")
    return texts


def _official(path: Path, index: int, text: Any, content: Any) -> Official:
    results = {}
    for epochs, names in SCHEDULES.items():
        found = [content[name] for name in names if isinstance(content, Mapping) and name in content]
        if not found or not isinstance(found[0], Mapping):
            raise UserError(f"{path} lacks the results of architecture {index} after {epochs} epochs")
        results[epochs] = found[0]
    return Official(index, text, results)
