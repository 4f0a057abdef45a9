"""Keeps Lightning from saying what nobody asked for: a line or more for every child of a search."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGERS = ("pytorch_lightning", "lightning_fabric")


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Hides its notices and warnings meanwhile; errors, and everything of other libraries, come through."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        for module in _LOGGERS:
            warnings.filterwarnings("ignore", module=module)
        for text in (".*LeafSpec.*", ".*does not have many workers.*"):
            warnings.filterwarnings("ignore", message=text)
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)
