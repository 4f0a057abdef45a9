"""Evolves image classifiers (Real et al. 2017, arXiv 1703.01041; Real et al. 2018, arXiv 1802.01548).

The package is lazy: importing it costs nothing, and neither torch nor Hydra is loaded before something needs it.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

__version__ = "0.1.0"

_LAZY = {
    "AskTell": "nas.search.ask_tell",
    "Fidelity": "nas.fidelity",
    "History": "nas.search.history",
    "load_model": "nas.retraining.loading",
    "run_search": "nas.search.run",
}
__all__ = ["AskTell", "Fidelity", "History", "__version__", "load_model", "run_search"]

# In a plain checkout `launchers/` is a source root of its own; wheels and editable installs have it on the path.
_launchers = Path(__file__).resolve().parent.parent / "launchers"
if (_launchers / "nas_launchers").is_dir() and str(_launchers) not in sys.path:
    sys.path.append(str(_launchers))


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'nas' has no attribute {name!r}")
