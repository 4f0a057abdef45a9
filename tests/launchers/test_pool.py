"""The local pool, with real processes."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import calls
import pytest
from nas_launchers.executor import Cancelled, RemoteError, TimedOut, WorkerDied
from nas_launchers.pool import PoolExecutor

LAUNCHERS = Path(__file__).parents[2] / "launchers"


@pytest.fixture(scope="module")
def pool() -> Iterator[PoolExecutor]:
    executor = PoolExecutor(2)
    yield executor
    executor.shutdown(cancel=True)


def test_results(pool: PoolExecutor) -> None:
    jobs = [pool.submit(calls.add, number, 1) for number in range(5)]
    assert [job.result() for job in jobs] == [1, 2, 3, 4, 5]
    assert all(job.done() for job in jobs)


def test_workers_are_kept(pool: PoolExecutor) -> None:
    pids = {pool.submit(calls.environment).result()["pid"] for _ in range(6)}
    assert len(pids) == 1
    assert os.getpid() not in pids


def test_nothing_starts_before_it_is_needed() -> None:
    pool = PoolExecutor(2)
    assert all(slot._process is None for slot in pool._slots)
    pool.shutdown()


def test_wait_returns_with_the_first(pool: PoolExecutor) -> None:
    slow, fast = pool.submit(calls.sleep, 5.0), pool.submit(calls.add, 1, 1)
    pool.wait([slow, fast], 4.0)
    assert fast.done()
    assert not slow.done()
    slow.cancel()
    with pytest.raises(Cancelled):
        slow.result()


def test_wait_ends_with_its_time(pool: PoolExecutor) -> None:
    job = pool.submit(calls.sleep, 30.0)
    pool.wait([job], 0.05)
    assert not job.done()
    job.cancel()
    pool.wait([], 10.0)


def test_exception_with_its_remote_traceback(pool: PoolExecutor) -> None:
    job = pool.submit(calls.raise_value_error, "the value is wrong")
    with pytest.raises(ValueError, match="the value is wrong") as caught:
        job.result()
    text = "".join(traceback.format_exception(caught.value))
    assert "in raise_value_error" in text
    assert "calls.py" in text


@pytest.mark.parametrize(
    ("fn", "args", "name", "message"),
    [(calls.raise_odd_error, (), "OddError", "odd"), (calls.sys_exit, (4,), "SystemExit", "4")],
)
def test_exception_that_cannot_be_raised_here_keeps_its_name(
    pool: PoolExecutor, fn: Callable[..., None], args: tuple[int, ...], name: str, message: str
) -> None:
    with pytest.raises(RemoteError) as caught:
        pool.submit(fn, *args).result()
    assert type(caught.value).__name__ == name
    assert str(caught.value) == message
    assert f"in {fn.__name__}" in str(caught.value.__cause__)


def test_unpicklable_value_fails_the_job_alone(pool: PoolExecutor) -> None:
    with pytest.raises(TypeError, match="generator"):
        pool.submit(calls.unpicklable).result()
    assert pool.submit(calls.add, 1, 1).result() == 2


@pytest.mark.parametrize(
    ("fn", "args", "sentence"),
    [
        (calls.leave, (3,), r"exit code 3"),
        (calls.kill_self, (signal.SIGKILL,), r"signal 9 \(SIGKILL\): out of memory, or killed by hand"),
        (calls.segfault, (), r"signal 11 \(SIGSEGV\): a crash inside a library"),
    ],
)
def test_death_fails_the_job_alone(
    pool: PoolExecutor, fn: Callable[..., None], args: tuple[int, ...], sentence: str
) -> None:
    other, lost = pool.submit(calls.sleep, 0.3), pool.submit(fn, *args)
    with pytest.raises(WorkerDied, match=sentence):
        lost.result()
    assert other.result() == "slept"
    assert pool.submit(calls.add, 1, 1).result() == 2


def test_idle_worker_that_was_killed_is_replaced(until: Callable[..., bool], gone: Callable[[int], bool]) -> None:
    pool = PoolExecutor(1)
    pid = pool.submit(calls.environment).result()["pid"]
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: gone(pid))
    assert pool.submit(calls.environment).result()["pid"] != pid
    pool.shutdown()


def test_time_limit() -> None:
    pool = PoolExecutor(1, limit_s=0.3)
    job = pool.submit(calls.sleep, 60.0)
    with pytest.raises(TimedOut, match=r"limit of 0\.3 s"):
        job.result()
    assert pool.submit(calls.add, 1, 1).result() == 2
    pool.shutdown()


def test_each_slot_keeps_its_devices() -> None:
    pool = PoolExecutor(2, device_sets=["0,1", "2,3"])

    def seen() -> set[str]:
        jobs = [pool.submit(calls.environment, "CUDA_VISIBLE_DEVICES") for _ in range(2)]
        return {job.result()["CUDA_VISIBLE_DEVICES"] for job in jobs}

    assert seen() == {"0,1", "2,3"}
    busy = pool.submit(calls.sleep, 60.0)  # the first slot's
    killed = pool.submit(calls.kill_self, signal.SIGKILL)
    with pytest.raises(WorkerDied):
        killed.result()
    assert pool.submit(calls.environment, "CUDA_VISIBLE_DEVICES").result()["CUDA_VISIBLE_DEVICES"] == "2,3"
    busy.cancel()
    assert seen() == {"0,1", "2,3"}
    pool.shutdown()


def test_environment_of_the_driver_is_untouched() -> None:
    before = dict(os.environ)
    pool = PoolExecutor(1, device_sets=["7"], threads=3)
    assert pool.submit(calls.environment, "OMP_NUM_THREADS").result()["OMP_NUM_THREADS"] == "3"
    pool.shutdown()
    assert dict(os.environ) == before


@pytest.mark.slow
def test_one_thread_each(pool: PoolExecutor) -> None:
    assert pool.submit(calls.threads_of_torch).result() == 1


def test_ctrl_c_belongs_to_the_driver(pool: PoolExecutor) -> None:
    assert pool.submit(calls.interrupts_ignored).result()


def test_worker_may_have_children(pool: PoolExecutor) -> None:
    assert pool.submit(calls.grandchild, 1).result() == 2


def test_subprocesses_end_with_their_worker(
    tmp_path: Path, until: Callable[..., bool], gone: Callable[[int], bool]
) -> None:
    pool = PoolExecutor(1)
    job = pool.submit(calls.write_pids_with_subprocess, tmp_path / "pids")
    assert until((tmp_path / "pids").exists)
    job.cancel()
    assert all(until(lambda pid=pid: gone(int(pid))) for pid in (tmp_path / "pids").read_text().split())


def test_shutdown_leaves_nothing(tmp_path: Path, gone: Callable[[int], bool], until: Callable[..., bool]) -> None:
    pool = PoolExecutor(2)
    running = [pool.submit(calls.write_pid_and_sleep, tmp_path / f"pid{number}") for number in range(3)]
    assert until(lambda: len(list(tmp_path.glob("pid?"))) == 2)
    pool.shutdown(cancel=True)
    pool.shutdown(cancel=True)
    assert all(gone(int(path.read_text())) for path in tmp_path.glob("pid?"))
    for job in running:
        with pytest.raises(Cancelled):
            job.result()


def test_shutdown_waits_for_what_runs() -> None:
    pool = PoolExecutor(1)
    jobs = [pool.submit(calls.sleep, 0.2) for _ in range(2)]
    pool.shutdown()
    assert [job.result() for job in jobs] == ["slept", "slept"]


@pytest.mark.parametrize("workers", [0, -1])
def test_refuses_no_workers(workers: int) -> None:
    with pytest.raises(ValueError, match=f"workers is {workers}"):
        PoolExecutor(workers)


def driver(tmp_path: Path, body: str) -> subprocess.Popen[str]:
    """A driver without a main guard, in its own process."""
    script = tmp_path / "driver.py"
    paths = [str(LAUNCHERS), str(Path(__file__).parent)]
    head = f"import sys; sys.path[:0] = {paths!r}\nfrom pathlib import Path\nimport calls\n"
    script.write_text(head + "from nas_launchers.pool import PoolExecutor\n" + textwrap.dedent(body))
    return subprocess.Popen(
        [sys.executable, str(script)], cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


@pytest.mark.parametrize("what", ["write_pid_and_sleep", "write_pid_and_keep_lock", "write_pids_with_subprocess"])
def test_no_worker_outlives_a_killed_driver(
    tmp_path: Path, until: Callable[..., bool], gone: Callable[[int], bool], what: str
) -> None:
    if what == "write_pid_and_keep_lock" and sys.platform != "linux":
        pytest.skip("only Linux ends a process whose library keeps the interpreter's lock")
    body = f"""
        pool = PoolExecutor(2)
        idle = pool.submit(calls.environment).result()["pid"]
        Path("idle").write_text(str(idle))
        pool.submit(calls.{what}, Path("one")), pool.submit(calls.{what}, Path("two"))
        pool.shutdown()
    """
    process = driver(tmp_path, body)
    assert until(lambda: (tmp_path / "one").exists() and (tmp_path / "two").exists())
    pids = [int(pid) for name in ("one", "two") for pid in (tmp_path / name).read_text().split()]
    process.kill()
    process.wait()
    assert until(lambda: all(gone(pid) for pid in pids), 2.0)


def test_idle_workers_do_not_outlive_a_killed_driver(
    tmp_path: Path, until: Callable[..., bool], gone: Callable[[int], bool]
) -> None:
    body = """
        import os, signal
        pid = PoolExecutor(1).submit(calls.environment).result()["pid"]
        print(pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    process = driver(tmp_path, body)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.wait()
    assert until(lambda: gone(pid), 2.0)


def test_driver_that_forgets_to_shut_down_ends(tmp_path: Path) -> None:
    process = driver(tmp_path, "print(PoolExecutor(2).submit(calls.add, 1, 2).result())")
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "3\n")


def test_functions_of_the_main_module(tmp_path: Path) -> None:
    body = """
        class Mine(Exception):
            pass

        def mine(x):
            if x < 0:
                raise Mine("negative")
            return x + 1

        pool = PoolExecutor(1)
        print(pool.submit(mine, 1).result())
        try:
            pool.submit(mine, -1).result()
        except Exception as error:
            print(type(error).__name__, error)
    """
    out, _ = driver(tmp_path, body).communicate(timeout=30)
    assert out == "2\nMine negative\n"


def test_ctrl_c_reaches_the_driver_alone(
    tmp_path: Path, until: Callable[..., bool], gone: Callable[[int], bool]
) -> None:
    body = """
        import os, signal
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
        pool = PoolExecutor(1)
        job = pool.submit(calls.write_pid_and_sleep, Path("pid"))
        try:
            job.result()
        except KeyboardInterrupt:
            print("running:", not job.done())
            pool.shutdown(cancel=True)
            print("stopped")
    """
    process = driver(tmp_path, body)
    assert until((tmp_path / "pid").exists)
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert out == "running: True\nstopped\n"
    assert gone(int((tmp_path / "pid").read_text()))


def test_ctrl_c_while_the_libraries_load(tmp_path: Path, until: Callable[..., bool]) -> None:
    (tmp_path / "slow_to_load.py").write_text(
        "import time\nfrom pathlib import Path\nPath('loading').touch()\ntime.sleep(2)\n"
    )
    body = """
        import os, signal
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, lambda number, frame: print("interrupted"))
        pool = PoolExecutor(1, preload=["slow_to_load"])
        print(pool.submit(calls.add, 1, 2).result())
        pool.shutdown()
    """
    process = driver(tmp_path, body)
    assert until((tmp_path / "loading").exists)
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert out == "interrupted\n3\n"


@pytest.mark.skipif("forkserver" not in multiprocessing.get_all_start_methods(), reason="there is no fork server")
def test_a_fork_server_that_still_loads_dies_with_its_driver(
    tmp_path: Path, until: Callable[..., bool], gone: Callable[[int], bool]
) -> None:
    (tmp_path / "slow_to_load.py").write_text(
        "import os, time\nfrom pathlib import Path\n"
        "Path('part').write_text(str(os.getpid()))\nPath('part').rename('loading')\ntime.sleep(60)\n"
    )
    process = driver(
        tmp_path,
        """
        pool = PoolExecutor(1, preload=["slow_to_load"])
        pool.submit(calls.add, 1, 2).result()
    """,
    )
    assert until((tmp_path / "loading").exists)
    process.kill()
    process.wait()
    pid = int((tmp_path / "loading").read_text())
    assert until(lambda: gone(pid), 2.0)
