"""The inline executor: same contract, no process."""

import calls
import pytest
from nas_launchers.inline import InlineExecutor


def test_value_and_exception() -> None:
    executor = InlineExecutor()
    assert executor.submit(calls.add, 1, 2).result() == 3
    failed = executor.submit(calls.raise_value_error, "no")
    assert failed.done()
    with pytest.raises(ValueError, match="no"):
        failed.result()
    executor.wait([failed], 1.0)
    executor.shutdown()


def test_ctrl_c_leaves_through_submit() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        InlineExecutor().submit(interrupt)
