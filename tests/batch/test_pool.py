"""Processes that die: whatever they were doing, the pool notices and reports their tasks as lost."""

import multiprocessing
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest

from handouts.batch.pool import InlinePool, ProcessPool, fate, is_death
from tests.conftest import PATIENCE, ROOT


@pytest.fixture
def pool() -> Iterator[ProcessPool]:
    made = ProcessPool(2)
    yield made
    made.close()


def _die() -> None:
    os._exit(9)


def _die_in_mid_answer() -> None:
    """Write the first bytes of a long answer into the pipe that all workers share, then die with its lock in hand."""
    answers = sys._getframe(1).f_locals["result_queue"]
    answers._wlock.acquire()
    os.write(answers._writer.fileno(), struct.pack("!i", 1_000_000) + b"half")
    os._exit(9)


@pytest.mark.parametrize("death", [_die, _die_in_mid_answer])
def test_a_task_whose_worker_died_is_lost_and_the_pool_goes_on_when_restarted(pool: ProcessPool, death: object):
    pool.submit(os.getpid).result(timeout=PATIENCE)
    lost = pool.submit(death)  # type: ignore[arg-type]
    until = time.monotonic() + PATIENCE
    while not lost.done() and time.monotonic() < until:
        time.sleep(0.2)
        pool.look()
    error = fate(lost) if lost.done() else None
    assert error is not None, "nobody noticed"
    assert is_death(error)
    assert pool.restart()
    assert pool.submit(os.getpid).result(timeout=PATIENCE) != os.getpid()


def test_a_pool_whose_worker_died_in_mid_answer_does_not_keep_the_program_from_ending(tmp_path: Path):
    program = tmp_path / "program.py"
    program.write_text(
        "import os, time\n"
        "from handouts.batch.pool import ProcessPool\n"
        "from tests.batch.test_pool import _die_in_mid_answer\n"
        "if __name__ == '__main__':\n"
        "    pool = ProcessPool(1)\n"
        "    pool.submit(os.getpid).result()\n"
        "    pool.submit(_die_in_mid_answer)\n"
        "    time.sleep(1)\n"
        "    pool.close()\n"
    )
    done = subprocess.run([sys.executable, str(program)], env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=PATIENCE)
    assert done.returncode == 0


@pytest.mark.parametrize("busy", [True, False])
def test_when_a_pool_is_closed_nothing_of_it_goes_on(busy: bool):
    before = set(threading.enumerate())  # other tests' timers may begin anew meanwhile
    pool = ProcessPool(2)
    if busy:
        pool.submit(time.sleep, 600)
    pool.submit(os.getpid).result(timeout=PATIENCE)
    pool.close()
    assert not [one for one in set(threading.enumerate()) - before if not isinstance(one, threading.Timer)]
    assert not multiprocessing.active_children()


def _keep_the_lock() -> None:
    """What a worker does that is killed while it waits for work: nobody can take any more."""
    sys._getframe(1).f_locals["call_queue"]._rlock.acquire()


def test_idle_workers_that_can_not_hear_of_the_end_do_not_keep_it_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("handouts.batch.pool.GRACE", 0.5)
    pool = ProcessPool(2)
    pool.submit(_keep_the_lock).result(timeout=PATIENCE)
    closing = threading.Thread(target=pool.close, daemon=True)
    closing.start()
    closing.join(PATIENCE)
    assert not closing.is_alive()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("broken", [True, False])
def test_an_executor_that_breaks_while_it_begins_a_process_is_told_from_other_faults(
    broken: bool, pool: ProcessPool, monkeypatch: pytest.MonkeyPatch
):
    def begin() -> None:
        monkeypatch.setattr(pool.executor, "_broken", "a process died" if broken else False)
        raise OSError("handle is closed")

    pool.submit(os.getpid).result(timeout=PATIENCE)
    pool.submit(time.sleep, 600)
    monkeypatch.setattr(pool.executor, "_spawn_process", begin)
    with pytest.raises(BrokenExecutor if broken else OSError):
        pool.submit(os.getpid)


def _be_deaf(folder: Path) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (folder / str(os.getpid())).touch()
    time.sleep(600)


def test_a_worker_that_a_broken_executor_did_not_end_does_not_keep_the_next_from_beginning(
    pool: ProcessPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lost = [pool.submit(_be_deaf, tmp_path) for _ in range(2)]
    while len(list(tmp_path.iterdir())) < 2:
        time.sleep(0.02)
    first, second = pool._insides()[0]
    first.kill()
    assert all(is_death(fate(future)) for future in lost)  # type: ignore[arg-type]
    monkeypatch.setattr("handouts.batch.pool.GRACE", 2 * PATIENCE)  # a machine can be slow, but not so slow
    began = time.monotonic()
    assert pool.restart()
    assert time.monotonic() - began < PATIENCE
    assert not second.is_alive()


def test_a_look_at_workers_that_are_only_busy_disturbs_nobody(pool: ProcessPool):
    slow = pool.submit(time.sleep, 1)
    while not slow.done():
        pool.look()
    assert slow.result(timeout=PATIENCE) is None
    assert len(multiprocessing.active_children()) >= 1


def test_here_nobody_can_have_died():
    here = InlinePool()
    here.look()
    assert here.restart() is False
    assert here.share("x") == "x"
