"""A suite's method, called in a process of its own."""

import json
import os
import subprocess
import sys
from typing import Any

CODE = """
import importlib.util, json, sys
file, suite, method = sys.argv[1:]
spec = importlib.util.spec_from_file_location("suite", file)
module = importlib.util.module_from_spec(spec)
sys.modules["suite"] = module
spec.loader.exec_module(module)
print(json.dumps(getattr(getattr(module, suite)(), method)(), allow_nan=False))
"""


def elsewhere(suite: object, method: str, hash_seed: int) -> Any:
    """What `suite.method()` returns, as JSON data, in a fresh process where sets and dicts hash with `hash_seed`.

    Sets of strings have another order in every process: it must reach no genome, no choice and no metric.
    """
    file = sys.modules[type(suite).__module__].__file__
    assert file is not None
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", CODE, file, type(suite).__name__, method],
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
