"""What the entry points share: Hydra with our configuration, and mistakes told in one sentence."""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import hydra
from hydra.errors import HydraException, InstantiationException, MissingConfigException, OverrideParseException
from hydra.utils import instantiate
from omegaconf import DictConfig, ListConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from nas.errors import UserError, unknown

EXIT_USER_ERROR = 2
EXIT_INTERRUPTED = 130
_NO_OPTION = "Config group override must be"  # as Hydra says it
_MISSING = re.compile(r"Missing mandatory value: (\S+)")


def run_application(task: Callable[[DictConfig], Any], config_name: str) -> None:
    """Composes the configuration from the command line and runs `task` with it.

    Mistakes of the user end with one sentence and exit code 2; a defect of ours keeps its traceback.
    """
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # errors come to us as they are
    folder = config_folder()
    decorated = hydra.main(version_base="1.3", config_path=str(folder), config_name=config_name)(task)
    try:
        decorated()
    except UserError as error:
        fail(str(error))
    except (HydraException, OmegaConfBaseException) as error:
        fail(config_sentence(error))
    except ValueError as error:
        if not str(error).startswith(_NO_OPTION):
            raise
        fail("a group is null on the command line, it must name one of its options: --help lists them")
    except KeyboardInterrupt:
        print("nas: interrupted, nothing is lost", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)


def fail(sentence: str) -> NoReturn:
    """Ends the program with one sentence; what a stranger's file put into it moves no cursor."""
    shown = "".join(char if char.isprintable() or char == "\n" else "?" for char in sentence)
    print(f"nas: {shown}", file=sys.stderr)
    sys.exit(EXIT_USER_ERROR)


def say(sentence: str) -> None:
    """Tells how far a long command is."""
    print(sentence, flush=True)


def warn(sentence: str) -> None:
    """Tells what the user should know, beside the results."""
    print(f"nas: {sentence}", file=sys.stderr)


def config_folder() -> Path:
    """`conf` in a wheel lies inside the package, in a checkout beside it."""
    package = Path(__file__).resolve().parent
    for folder in (package / "conf", package.parent / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise UserError(f"the configuration is missing: there is no conf folder in {package} nor beside it")


def build(node: Any, name: str, **arguments: Any) -> Any:
    """The object that a node describes.

    Raises:
        UserError: a key is unknown or missing, or the object refuses its values.
    """
    try:
        made = instantiate(node, _convert_="all")
        return made(**arguments) if arguments else made
    except UserError:
        raise
    except (InstantiationException, OmegaConfBaseException, TypeError) as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, UserError):
                raise cause from None
            cause = cause.__cause__
        sentence = _why_not(error)
        missing = _MISSING.search(sentence)
        if missing is not None:
            key = ".".join(missing[1].split(".")[-2:])  # evaluator.dataset.root is a reference to dataset.root
            raise UserError(f"{key} is not set and has no default, set {key}=VALUE") from error
        raise UserError(f"{name} cannot be made: {sentence}") from error


def _why_not(error: BaseException) -> str:
    """Hydra tells what could not be imported in one line, and why in the next."""
    cause = error.__cause__ or error
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Error loading"):
        return f"{lines[0]} {lines[1]}; a package is found where it is installed, in PYTHONPATH, or in this folder"
    return first_line(cause)


def read_whole(config: DictConfig, key: str) -> int:
    value = config[key]
    if type(value) is not int:
        raise UserError(f"{key} is {value!r}, it must be a whole number")
    return value


def read_truth(config: DictConfig, key: str) -> bool:
    value = config[key]
    if not isinstance(value, bool):
        raise UserError(f"{key} is {value!r}, it must be true or false")
    return value


def read_name(config: DictConfig, key: str) -> str:
    """A name or a path; Hydra reads `run=123` as a number."""
    value = config[key]
    if not isinstance(value, str) and type(value) is not int:
        raise UserError(f"{key} is {value!r}, it must be a name or a path")
    return str(value)


def config_sentence(error: BaseException) -> str:
    """A composition error of Hydra or OmegaConf as one sentence."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options:
        group, _, name = error.missing_cfg_file.rpartition("/")
        return unknown(f"{group}={name}", name, list(error.options))
    if isinstance(error, OverrideParseException):
        return f"{error.override} cannot be read, special characters need quotes: \"key='value'\""
    if str(error).startswith("Ambiguous value"):
        return f"{first_line(error)}: a list is key=[a,b], a text \"key='a,b'\", and -m runs one after the other"
    elsewhere = re.search(r"In 'experiment/(\S+)': Could not override", str(error))
    if elsewhere is not None:
        return f"experiment={elsewhere[1]} is of another command: it sets what this one does not have"
    cause = error.__cause__
    if isinstance(cause, ConfigAttributeError | ConfigKeyError) and isinstance(cause.parent_node, DictConfig):
        key = str(cause.full_key)
        group, _, name = key.rpartition(".")
        known = [str(option) for option in cause.parent_node if not str(option).startswith("_")]
        if not known:
            return f"the key {key} is unknown here, +{key}=VALUE adds it"
        return unknown(f"the key {key}", name, [f"{group}.{option}" if group else option for option in known])
    if isinstance(cause, OmegaConfBaseException):
        return first_line(cause)
    return first_line(error, skip="In 'config':")


def first_line(error: BaseException, skip: str | None = None) -> str:
    """The first line that says something; one that starts with `skip` says only where."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if skip is not None and len(lines) > 1 and lines[0].startswith(skip):
        del lines[0]
    return lines[0] if lines else type(error).__name__


def read_names(config: DictConfig, key: str) -> list[str]:
    """One name, or a list of them.

    Raises:
        UserError: something else.
    """
    value = config[key]
    names = list(value) if isinstance(value, ListConfig) else [value]
    if not all(isinstance(item, str) or type(item) is int for item in names):
        raise UserError(f"{key} is {value!r}, it must be a name or a list of names")
    return [part for item in names for part in str(item).split(",")]
