"""A run that is killed, stopped, or has no room: nothing half-written, nothing lost, in the end the same files."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from handouts.batch import check_all, make_all
from handouts.batch.messages import Bound, Chunk, Setup
from handouts.batch.pool import InlinePool, ProcessPool
from handouts.batch.report import NAME as REPORT
from handouts.batch.worker import bind_for, run_digest
from handouts.errors import OutputFault, SystemMissing
from handouts.lists.row import Listing, Row
from handouts.model.recorder import NullRecorder
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, PATIENCE, TODAY
from tests.rounds import first
from tests.runs import Batch, contents, person, whole_files, write_list

ROWS = 1200
VICTIMS = ("group", "parent", "group", "parent", "worker")
ROUNDS = 10
"""Times the victims above: fifty kills before a release, fifteen in CI."""


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, sheets: SheetCache) -> Batch:
    """A list of many rows, some at fault, the last one too; its sheets are typeset already."""
    folder = tmp_path_factory.mktemp("list")
    warming = Batch(write_list(folder / "warm.jsonl", 7), sheets.folder)
    assert warming.run(folder / "warm")[0] == 0
    return Batch(write_list(folder / "list.jsonl", ROWS, bad=100), sheets.folder)


@pytest.fixture(scope="module")
def undisturbed(batch: Batch, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a run leaves that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    code, out, _ = batch.run(folder)
    assert (code, len(whole_files(folder))) == (1, ROWS - ROWS // 100), out
    return contents(folder)


def workers(run: subprocess.Popen[str]) -> list[psutil.Process]:
    with suppress(psutil.Error):
        children = psutil.Process(run.pid).children()
        return [child for child in children if any("spawn_main" in word for word in child.cmdline())]
    return []


def alive_in_session(leader: int) -> list[int]:
    found = []
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            if os.getsid(pid) == leader and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
    return found


def made(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*.pdf"))


def wait_until(true: Callable[[], bool], run: subprocess.Popen[str], seconds: float = PATIENCE) -> None:
    """Look again and again; come back as well when the run has ended."""
    end = time.monotonic() + seconds
    while not true() and run.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.005)


def wait_until_gone(run: subprocess.Popen[str], seconds: float = PATIENCE) -> None:
    """No process of the run stays alive."""
    end = time.monotonic() + seconds
    while left := alive_in_session(run.pid):
        assert time.monotonic() < end, left
        time.sleep(0.02)


def random_moment(chance: random.Random, folder: Path, run: subprocess.Popen[str]) -> None:
    """Some time after the start, or after some more files: start and end of a run are hit, and its middle."""
    if chance.random() < 0.3:
        time.sleep(chance.uniform(0.1, 1.2))
    else:
        wanted = made(folder) + chance.randrange((ROWS - made(folder)) // 3 + 1)
        wait_until(lambda: made(folder) >= wanted and bool(workers(run)), run)
        time.sleep(chance.uniform(0, 0.05))


def kill(victim: str, run: subprocess.Popen[str], chance: random.Random) -> None:
    if victim == "worker":
        wait_until(lambda: bool(workers(run)), run)
        with suppress(psutil.Error, IndexError):
            chance.choice(workers(run)).kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL) if victim == "group" else run.kill()
    run.communicate(timeout=PATIENCE)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", first(3, range(ROUNDS)))
def test_a_run_that_is_killed_at_random_moments_ends_as_one_that_nobody_disturbed(
    seed: int, batch: Batch, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "out"
    for victim in VICTIMS:
        run = batch.start(folder)
        random_moment(chance, folder, run)
        kill(victim, run, chance)
        if victim == "worker":
            out, err = run.communicate(timeout=PATIENCE)
            assert run.returncode == 1, err
            assert "12 failed" in out
            assert "Traceback" not in err
        else:
            wait_until_gone(run)
        whole_files(folder)
    assert contents(folder) == undisturbed


def test_after_a_kill_no_worker_stays_and_the_same_command_makes_the_rest(
    batch: Batch, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    run = batch.start(folder)
    wait_until(lambda: made(folder) >= 100, run)
    run.kill()
    run.communicate(timeout=PATIENCE)
    wait_until_gone(run)
    before = whole_files(folder)
    assert 100 <= len(before) < ROWS - 12, "it was killed in its midst"
    _, out, _ = batch.run(folder)
    made_then, reused = (int(part.split()[0]) for part in out.split(", ")[:2])
    assert made_then + reused == ROWS - 12
    assert len(before) - 100 <= reused <= len(before), "only what was being written is made again"
    assert contents(folder) == undisturbed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize("wanted", [0, 200], ids=["at the start", "in its midst"])
@pytest.mark.parametrize("whole_group", [True, False], ids=["group", "parent"])
def test_a_stopped_run_ends_tidily(
    number: signal.Signals,
    wanted: int,
    whole_group: bool,
    batch: Batch,
    undisturbed: dict[str, str],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "out"
    run = batch.start(folder, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    wait_until(lambda: (folder / "journal.txt").exists() and made(folder) >= wanted, run)
    os.killpg(run.pid, number) if whole_group else run.send_signal(number)
    out, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1, err
    assert err.splitlines()[-1] == "Error: Stopped. Run the same command again to make what is missing."
    assert "Traceback" not in out + err
    assert not list(folder.glob(".*"))
    assert wanted <= len(whole_files(folder)) < ROWS - 12
    wait_until_gone(run)
    if wanted:
        batch.run(folder)
        assert contents(folder) == undisturbed


def test_a_worker_that_is_killed_loses_nothing(batch: Batch, undisturbed: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "out"
    run = batch.start(folder)
    wait_until(lambda: made(folder) >= 100, run)
    workers(run)[0].kill()
    _, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1
    assert "Traceback" not in err
    assert contents(folder) == undisturbed


# ---------------------------------------------------------------- rows that kill


def setup(**more: Any) -> Setup:
    return Setup(str(CONTENT), run_digest(CONTENT), TODAY, KEY, allow_unapproved=True, **more)


def listing(rows: int, **changed: dict[str, Any]) -> Listing:
    """``rows`` people; ``changed``: of a row (r5) what else its request says."""
    return Listing(iter(Row(n, person(n) | changed.get(f"r{n}", {})) for n in range(1, rows + 1)))


LONG = {"note": "Ring us.\n" * 9}
"""What needs a front that no other row has."""


def deadly(work: Callable[..., Any], *values: Any) -> Any:
    """Do the work, but die over a row whose clinician is Death."""
    rows = values[1].rows if isinstance(values[1], Chunk) else (values[1],)
    if any((row.data or {}).get("clinician") == "Death" for row in rows):
        os.kill(os.getpid(), signal.SIGKILL)
    return work(*values)


def deadly_binding(work: Callable[..., Any], *values: Any) -> Any:
    """Do the work, but die when the front of a long note is to be typeset."""
    if work is bind_for and values[1].data.get("note") == LONG["note"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return work(*values)


class Deadly(ProcessPool):
    """Processes that do their work by way of a function that may end them."""

    def __init__(self, jobs: int, way: Callable[..., Any]) -> None:
        self.way = way
        super().__init__(jobs)

    def submit(self, work: Callable[..., Any], *values: Any) -> Future[Any]:
        return super().submit(self.way, work, *values) if values else super().submit(work)


@pytest.fixture
def closing() -> Iterator[Callable[[Any], Any]]:
    """Pools that are closed at the end of a test."""
    pools: list[Any] = []
    yield lambda pool: pools.append(pool) or pool
    for pool in pools:
        pool.close()
        if isinstance(pool, ProcessPool):
            pool.executor.shutdown(wait=True)


def quiet(_: object) -> None:
    """Nobody looks on."""


def test_a_row_that_kills_its_worker_fails_and_all_others_are_made(
    tmp_path: Path, sheets: SheetCache, closing: Callable[[Any], Any]
) -> None:
    rows = listing(130, r7={"clinician": "Death"}, r120={"clinician": "Death"})
    done = make_all(rows, setup(), closing(Deadly(2, deadly)), tmp_path, sheets, NullRecorder(), tell=quiet)
    assert (done.tally.made, done.tally.failed) == (128, 2)
    assert len(whole_files(tmp_path)) == 128
    report = (tmp_path / REPORT).read_text(encoding="utf-8").splitlines()[1:]
    assert [line.split(",")[0] for line in report] == ["7", "120"]
    assert all("a worker died over this row" in line for line in report)


def test_a_front_over_which_workers_die_fails_with_its_rows_alone(
    tmp_path: Path, sheets: SheetCache, closing: Callable[[Any], Any]
) -> None:
    rows = listing(60, r4=LONG, r59=LONG)
    pool = closing(Deadly(2, deadly_binding))
    done = make_all(rows, setup(), pool, tmp_path, sheets, NullRecorder(), tell=quiet)
    assert (done.tally.made, done.tally.failed) == (58, 2)


def test_what_can_not_be_typeset_is_tried_once_for_all_rows_that_need_it(tmp_path: Path, sheets: SheetCache) -> None:
    tried: list[Row] = []

    class Failing(InlinePool):
        def submit(self, work: Callable[..., Any], *values: Any) -> Future[Any]:
            if work is not bind_for or values[1].data.get("note") != LONG["note"]:
                return super().submit(work, *values)
            tried.append(values[1])
            return super().submit(lambda *_: Bound(fault="it does not fit"))

    rows = listing(120, r2=LONG, r71=LONG)
    done = make_all(rows, setup(), Failing(), tmp_path, sheets, NullRecorder(), tell=quiet)
    assert (done.tally.made, done.tally.failed) == (118, 2)
    assert [row.number for row in tried] == [2]


def test_a_pool_that_breaks_between_two_tasks_is_begun_anew(tmp_path: Path, sheets: SheetCache) -> None:
    class Breaking(InlinePool):
        broken = restarts = 0

        def submit(self, work: Callable[..., Any], *values: Any) -> Future[Any]:
            self.broken += 1
            if self.broken % 3 == 2:
                raise BrokenProcessPool
            return super().submit(work, *values)

        def restart(self) -> bool:
            self.restarts += 1
            return True

    pool = Breaking()
    done = make_all(listing(200), setup(), pool, tmp_path, sheets, NullRecorder(), tell=quiet)
    assert (done.tally.made, done.tally.failed) == (200, 0)
    assert pool.restarts


def test_workers_that_can_not_even_begin_end_the_run(
    monkeypatch: pytest.MonkeyPatch, closing: Callable[[Any], Any]
) -> None:
    monkeypatch.setattr("handouts.batch.pool._end_with_parent", os.abort)
    with pytest.raises(SystemMissing, match="--jobs 1"):
        check_all(listing(3), setup(dry_run=True), closing(ProcessPool(1)), tell=quiet, say=quiet)


# ---------------------------------------------------------------- no room


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte: room for seven handouts."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True).returncode:
        pytest.skip("this test may not mount a disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def few(batch: Batch, tmp_path: Path) -> Batch:
    """The command for a list of thirty."""
    return Batch(write_list(tmp_path / "few.jsonl", 30), batch.cache)


def test_a_full_disk_ends_the_run_and_with_room_again_the_same_command_completes_it(
    few: Batch, small_disk: Path, tmp_path: Path
) -> None:
    folder = small_disk / "out"
    code, _, err = few.run(folder)
    assert (code, err.splitlines()[-1]) == (
        5,
        "Error: The PDF can't be written: the disk is full. Free some space and run the same command again.",
    )
    assert not list(folder.glob(".*"))
    whole_files(folder)
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    assert few.run(folder)[0] == 0
    assert few.run(tmp_path / "roomy")[0] == 0
    assert contents(folder) == contents(tmp_path / "roomy")


def test_a_limit_for_files_ends_the_run_the_same_way(few: Batch, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    least = 100_000  # less than a handout has
    code, _, err = few.run(folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (least, least)))
    assert code == 5
    assert "The PDF can't be written" in err
    assert "Traceback" not in err
    assert not list(folder.glob(".*"))
    assert not list(folder.glob("*.pdf"))
    assert few.run(folder)[0] == 0


@pytest.mark.parametrize("call", ["fsync", "fdatasync", "pwrite", "ftruncate"])
def test_a_disk_that_refuses_anything_is_told_and_leaves_no_part(
    call: str, tmp_path: Path, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(OutputFault):
            make_all(listing(3), setup(), InlinePool(), tmp_path, sheets, NullRecorder(), tell=quiet)
    assert not list(tmp_path.glob(".*"))
    whole_files(tmp_path)
    assert make_all(listing(3), setup(), InlinePool(), tmp_path, sheets, NullRecorder(), tell=quiet).tally.rows == 3


def test_a_report_that_can_not_be_kept_is_told_and_the_old_one_stays(
    tmp_path: Path, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = [Row(1, None, "no such line")]
    make_all(Listing(iter(bad)), setup(), InlinePool(), tmp_path, sheets, NullRecorder(), tell=quiet)
    before = (tmp_path / REPORT).read_bytes()

    def full(*_: Any) -> bytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputFault, match="The report can't be written"):
        make_all(Listing(iter(bad)), setup(), InlinePool(), tmp_path, sheets, NullRecorder(), tell=quiet)
    assert (tmp_path / REPORT).read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_somebody_who_stops_it_while_files_are_written_leaves_no_part(
    tmp_path: Path, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("handouts.atomic._sync_all", stop)
    with pytest.raises(KeyboardInterrupt):
        make_all(listing(3), setup(), InlinePool(), tmp_path, sheets, NullRecorder(), tell=quiet)
    assert not list(tmp_path.glob(".*"))
    assert not list(tmp_path.glob("*.pdf"))


def test_a_list_that_was_changed_leaves_the_journal_of_a_run_of_its_own(tmp_path: Path, sheets: SheetCache) -> None:
    make_all(listing(5), setup(), InlinePool(), tmp_path / "twice", sheets, NullRecorder(), tell=quiet)
    changed = [Row(n, person(n)) for n in range(1, 5)] + [Row(5, None, "no such line")]
    for folder in ("twice", "once"):
        make_all(Listing(iter(changed)), setup(), InlinePool(), tmp_path / folder, sheets, NullRecorder(), tell=quiet)
    assert (tmp_path / "twice/journal.txt").read_bytes() == (tmp_path / "once/journal.txt").read_bytes()
