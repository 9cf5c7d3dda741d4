"""A list on a Dask cluster: a real scheduler and two real workers produce what this machine alone produces."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from click.testing import CliRunner

from handouts.batch import check_all, make_all
from handouts.batch import cluster as cluster_module
from handouts.batch.cluster import Certificates, Cluster
from handouts.batch.messages import Chunk, Outcome, Setup
from handouts.batch.pool import InlinePool
from handouts.batch.worker import run_digest, stamp_rows
from handouts.cli import cli
from handouts.errors import ContentFault, HandOverFault, Refused
from handouts.lists.row import Listing, Row
from handouts.model.recorder import NullRecorder
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, PATIENCE, ROOT, TODAY, free_port
from tests.runs import Batch, contents, person, whole_files, write_list

pytest.importorskip("distributed")
dask_config = pytest.importorskip("dask.config")
ROWS = 330
DASK = [sys.executable, "-m", "distributed.cli.dask_scheduler"], [sys.executable, "-m", "distributed.cli.dask_worker"]
LOGGED = {
    "DASK_LOGGING__DISTRIBUTED": "debug",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    "PYTHONPATH": str(ROOT),
    "PYTHONWARNINGS": "ignore",
}


@dataclass
class Machines:
    """A scheduler and its workers; ``log``: where all of them write what they do."""

    address: str
    log: Path
    flags: tuple[str, ...]
    environment: dict[str, str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self, *more: str, **environment: str) -> subprocess.Popen[bytes]:
        """One worker more, without a nanny unless asked for."""
        nanny = () if "--nanny" in more else ("--no-nanny",)
        command = [*DASK[1], self.address, "--nthreads", "1", "--no-dashboard", *nanny, *more, *self.flags]
        command += ["--local-directory", str(self.log.parent / "dask"), "--memory-limit", "0"]
        worker = _start(command, self.log, self.environment | environment)
        self.workers.append(worker)
        return worker

    def told(self) -> str:
        """All that was written to the logs."""
        return self.log.read_text(encoding="utf-8", errors="replace")


def _start(command: list[str], log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        return subprocess.Popen(
            command, stdout=file, stderr=file, cwd=log.parent, env=os.environ | environment, start_new_session=True
        )


@contextmanager
def running(
    folder: Path, workers: int, *, tls: tuple[str, ...] = (), environment: dict[str, str] | None = None
) -> Iterator[Machines]:
    """A scheduler on this machine and so many workers; all are gone afterwards."""
    log, port = folder / "dask.log", free_port()
    environment = LOGGED | (environment or {})
    protocol = "tls" if tls else "tcp"
    command = [*DASK[0], "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", *tls]
    command += ["--protocol", protocol]
    scheduler = _start(command, log, environment)
    machines = Machines(f"{protocol}://127.0.0.1:{port}", log, tls, environment)
    try:
        for _ in range(workers):
            machines.add_worker()
        wait_for(lambda: machines.told().count("Starting established connection") >= workers)
        yield machines
    finally:
        for process in (*machines.workers, scheduler):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)


def wait_for(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with running(tmp_path_factory.mktemp("dask"), 2) as found:
        yield found


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, sheets: SheetCache) -> Batch:
    folder = tmp_path_factory.mktemp("list")
    return Batch(write_list(folder / "list.jsonl", ROWS, bad=100), sheets.folder)


@pytest.fixture(scope="module")
def local(batch: Batch, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What this machine alone makes of the list."""
    folder = tmp_path_factory.mktemp("local") / "out"
    assert batch.run(folder)[0] == 1
    return contents(folder)


@pytest.fixture
def joined(machines: Machines) -> Iterator[Cluster]:
    pool = Cluster(machines.address, Certificates())
    yield pool
    pool.close()


def setup(**more: Any) -> Setup:
    return Setup(str(CONTENT), run_digest(CONTENT), TODAY, KEY, allow_unapproved=True, **more)


def listing(rows: int, first: int = 1) -> Listing:
    return Listing(iter(Row(n, person(n)) for n in range(first, first + rows)))


def quiet(_: object) -> None:
    """Nobody looks on."""


def on(machines: Machines, batch: Batch, *more: str) -> Batch:
    return Batch(batch.source, batch.cache, flags=("--dask", machines.address, *more))


def test_a_cluster_gives_the_same_files_as_this_machine_alone(
    machines: Machines, batch: Batch, local: dict[str, str], tmp_path: Path
) -> None:
    code, out, err = on(machines, batch).run(tmp_path / "out")
    assert code == 1, err
    assert "3 failed" in out
    assert contents(tmp_path / "out") == local
    assert "Traceback" not in err
    assert "distributed" not in err, "Dask's own warnings are nothing for the staff"


def test_the_command_ends_as_it_does_without_a_cluster(machines: Machines, batch: Batch, tmp_path: Path) -> None:
    batch.command(tmp_path)  # writes the key
    flags = ["--key-file", str(batch.source.parent / "key"), "--allow-unapproved", "--dask", machines.address]
    result = CliRunner().invoke(
        cli, ["--today", "2026-11-22", "batch", str(batch.source), "--dry-run", *flags], prog_name="handouts"
    )
    assert result.exit_code == 1, result.output
    assert f"{ROWS} rows checked, {ROWS - 3} fine, 3 with problems" in result.output


class Counting:
    """A value that tells by a file each time it arrives somewhere."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        (self.folder / f"{os.getpid()}-{time.monotonic_ns()}").touch()


def _with_shared(_: int, held: dict[str, Counting]) -> tuple[int, str]:
    time.sleep(0.05)
    return os.getpid(), type(held["a key"]).__name__


def test_what_is_shared_travels_to_each_worker_once(joined: Cluster, tmp_path: Path) -> None:
    shared = joined.share(Counting(tmp_path))
    answers = [future.result() for future in [joined.submit(_with_shared, i, {"a key": shared}) for i in range(20)]]
    assert {name for _, name in answers} == {"Counting"}, "a future within a mapping is resolved"
    arrived = [path.name.split("-")[0] for path in tmp_path.iterdir()]
    for worker in {pid for pid, _ in answers}:
        assert arrived.count(str(worker)) <= 1


def test_what_is_shared_arrives_even_when_a_worker_has_just_been_killed(tmp_path: Path) -> None:
    with running(tmp_path, 5) as own:
        pool = Cluster(own.address, Certificates())
        try:
            for _ in own.workers:
                pool.share("the scheduler is now connected with all of them")
            for worker in own.workers[:-1]:  # Dask often chooses the dead one, and then says so
                os.killpg(worker.pid, signal.SIGKILL)
                shared = pool.share("arrives")
                assert pool.submit(str.upper, shared).result() == "ARRIVES"
        finally:
            pool.close()


def test_what_could_not_be_shared_at_first_is_shared_again(joined: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    scatter, broken = joined.client.scatter, iter([True, True])

    def dead_at_first(*values: Any, **more: Any) -> Any:
        if next(broken, False):
            raise OSError("Stream is closed")
        return scatter(*values, **more)

    monkeypatch.setattr(joined.client, "scatter", dead_at_first)
    assert joined.submit(str.upper, joined.share("arrives")).result() == "ARRIVES"


def test_a_worker_that_is_killed_loses_nothing(batch: Batch, local: dict[str, str], tmp_path: Path) -> None:
    with running(tmp_path, 2) as own:
        folder = tmp_path / "out"
        run = on(own, batch).start(folder)
        wait_for(lambda: any(folder.glob("*.pdf")))
        os.killpg(own.workers[0].pid, signal.SIGKILL)
        _, err = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1, err
    assert contents(folder) == local


def _slow(work: Callable[..., Any], *values: Any) -> Any:
    time.sleep(0.2)
    return work(*values)


class Slow(Cluster):
    """A cluster that takes its time, so that its workers can be killed in their midst."""

    def submit(self, work: Callable[..., Any], *values: Any) -> Any:
        return super().submit(_slow, work, *values)


@pytest.mark.heavy
def test_workers_that_are_killed_one_after_the_other_lose_nothing_not_even_what_only_they_had(
    tmp_path: Path, sheets: SheetCache
) -> None:
    with running(tmp_path, 1) as own:
        pool = Slow(own.address, Certificates())
        folder = tmp_path / "out"

        def replace_workers() -> None:
            for count in (60, 160):
                wait_for(lambda count=count: len(list(folder.glob("*.pdf"))) > count)  # type: ignore[misc]
                own.add_worker()
                os.killpg(own.workers[-2].pid, signal.SIGKILL)

        replacing = threading.Thread(target=replace_workers)
        replacing.start()
        try:
            done = make_all(listing(400), setup(), pool, folder, sheets, NullRecorder(), tell=quiet)
        finally:
            replacing.join()
            pool.close()
    assert (done.tally.made, done.tally.failed) == (400, 0)
    make_all(listing(400), setup(), InlinePool(), tmp_path / "here", sheets, NullRecorder(), tell=quiet)
    assert contents(folder) == contents(tmp_path / "here")


def _deadly(work: Callable[..., Any], *values: Any) -> Any:
    if isinstance(values[1], Chunk) and any(row.number == 42 for row in values[1].rows):
        os.kill(os.getpid(), signal.SIGKILL)
    return work(*values)


class Deadly(Cluster):
    """A cluster that one row always kills."""

    def submit(self, work: Callable[..., Any], *values: Any) -> Any:
        return super().submit(_deadly, work, *values)


@pytest.mark.heavy
def test_a_row_that_kills_its_worker_fails_and_all_others_are_made(tmp_path: Path, sheets: SheetCache) -> None:
    with running(tmp_path, 0, environment={"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}) as own:
        for _ in range(2):
            own.add_worker("--nanny")
        pool = Deadly(own.address, Certificates())
        try:
            done = make_all(listing(120), setup(), pool, tmp_path / "out", sheets, NullRecorder(), tell=quiet)
        finally:
            pool.close()
    assert (done.tally.made, done.tally.failed) == (119, 1)
    assert len(whole_files(tmp_path / "out")) == 119


# ---------------------------------------------------------------- what others get to know


def _unforeseen(*_: Any) -> Any:
    raise ZeroDivisionError


@pytest.mark.heavy
def test_no_log_and_no_key_tells_of_a_patient(tmp_path: Path, sheets: SheetCache) -> None:
    """Not even at the level of debugging, with rows that fail in ways that nobody foresaw, and a worker that dies."""
    secret = "Quillfeather"
    rows = [
        Row(n, person(n) | {"patient": {"name": f"{secret} {n}", "identifier": f"{secret}-7"}}) for n in range(1, 61)
    ]
    rows[3] = Row(4, {"patient": {"name": secret, "birth_date": secret}})
    rows[5] = Row(6, person(6) | {"note": f"{secret} should ring us."})
    rows[7] = Row(8, {"topic": secret, "options": [secret], "patient": {"name": secret}})
    with running(tmp_path, 2) as own:
        pool = Cluster(own.address, Certificates())
        try:
            done = make_all(Listing(iter(rows)), setup(), pool, tmp_path / "out", sheets, NullRecorder(), tell=quiet)
            chunk = Chunk(tuple(rows), {})
            broken = pool.submit(_unforeseen, setup(), chunk, {})
            with pytest.raises(ZeroDivisionError) as failed:
                broken.result()
            other = Setup(str(CONTENT), "0" * 64, TODAY, KEY)
            with pytest.raises(ContentFault) as refused:
                pool.submit(stamp_rows, other, chunk, {}).result()
            story = str(pool.client.run_on_scheduler(_all_events)) + str(pool.client.story())
        finally:
            pool.close()
        told = own.told()
    assert done.tally.failed == 2
    assert "Compute Failed" in told, "what is looked through holds the failures"
    for text in (told, story, repr(failed.value), repr(refused.value), str(refused.value)):
        assert secret not in text
        assert KEY.decode() not in text
    report = (tmp_path / "out/report.csv").read_text(encoding="utf-8")
    assert secret not in report


def _all_events(dask_scheduler: Any) -> str:
    """What the scheduler remembers of its tasks, with their keys."""
    return repr([list(dask_scheduler.get_events().items()), list(dask_scheduler.tasks.items())])


def test_a_row_that_fails_unforeseen_in_a_worker_is_told_without_its_details(
    joined: Cluster, tmp_path: Path, sheets: SheetCache
) -> None:
    rows = Listing(iter([Row(1, {"topic": object}), Row(2, person(2))]))
    done = make_all(rows, setup(), joined, tmp_path, sheets, NullRecorder(), tell=quiet)
    assert (done.tally.made, done.tally.failed) == (1, 1)


def test_what_stands_in_an_answer_does_not_show_itself() -> None:
    assert repr(Outcome(3, "made", update=b"Quill")) == "Outcome(3, made)"


# ---------------------------------------------------------------- who may join


def test_a_worker_with_other_content_refuses_and_nothing_is_made(
    tmp_path: Path, content: Path, sheets: SheetCache, machines: Machines
) -> None:
    with (content / "words/en.yaml").open("a", encoding="utf-8") as file:
        file.write("# a comment more\n")
    batch = Batch(write_list(tmp_path / "l.jsonl", 5), sheets.folder, flags=("--dask", machines.address))
    hidden = Batch(batch.source, batch.cache, content, batch.flags)
    process = hidden.start(tmp_path / "out")
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, "workers on this machine read the very folder of the run"
    elsewhere = Setup("/nowhere", run_digest(content), TODAY, KEY, allow_unapproved=True)
    pool = Cluster(machines.address, Certificates())
    try:
        with pytest.raises(ContentFault, match="Give every worker the same"):
            make_all(listing(5), elsewhere, pool, tmp_path / "none", None, NullRecorder(), tell=quiet)
    finally:
        pool.close()
    assert not list((tmp_path / "none").glob("*.pdf"))


def test_without_a_scheduler_the_command_says_so_in_time(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cluster_module.ANSWER <= 10
    monkeypatch.setattr(cluster_module, "ANSWER", 0.5)
    address, start = f"tcp://127.0.0.1:{free_port()}", time.monotonic()
    given = ["batch", str(batch.source), "-d", str(tmp_path / "out"), "--allow-unapproved", "--dask", address]
    with dask_config.set({"distributed.comm.timeouts.connect": PATIENCE}):  # half a minute as a rule
        result = CliRunner().invoke(cli, given)
    assert result.exit_code == 6, result.output
    assert result.stderr.splitlines()[-1].startswith(f"Error: No Dask scheduler answers at {address}")
    assert "Start one (docs/scale.md)" in result.stderr
    assert "Traceback" not in result.stderr
    assert time.monotonic() - start < PATIENCE / 2, "Dask's own patience is longer"


def test_a_scheduler_without_workers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr("distributed.Client.wait_for_workers", nobody)
    with running(tmp_path, 0) as own, pytest.raises(HandOverFault, match="has no workers"):
        Cluster(own.address, Certificates())


def test_a_scheduler_that_goes_away_ends_the_run_and_the_same_command_goes_on(
    batch: Batch, local: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    with running(tmp_path, 2) as own:
        run = on(own, batch).start(folder)
        wait_for(lambda: any(folder.glob("*.pdf")))
    _, err = run.communicate(timeout=PATIENCE)
    if run.returncode != 1:  # the list was not done already
        assert run.returncode == 6, err
        assert "is gone, or has no workers left" in err
        assert "Traceback" not in err
        assert not list(folder.glob(".*"))
    assert batch.run(folder)[0] == 1
    assert contents(folder) == local


@pytest.mark.heavy
def test_workers_that_all_go_away_end_the_run(
    tmp_path: Path, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "DESERTED", 1.0)
    monkeypatch.setattr("handouts.batch.run.PATIENCE", 0.5)
    with running(tmp_path, 1) as own:
        pool = Slow(own.address, Certificates())
        watch = threading.Thread(
            target=lambda: (
                wait_for(lambda: any((tmp_path / "out").glob("*.pdf"))),
                os.killpg(own.workers[0].pid, signal.SIGKILL),
            )
        )
        watch.start()
        try:
            with pytest.raises(HandOverFault, match="then run the same command to make what is missing"):
                make_all(listing(600), setup(), pool, tmp_path / "out", sheets, NullRecorder(), tell=quiet)
        finally:
            watch.join()
            pool.close()


def test_dask_that_is_not_installed_is_told(batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = CliRunner().invoke(
        cli, ["batch", str(batch.source), "-d", str(tmp_path / "out"), "--dask", "tcp://127.0.0.1:1"]
    )
    assert result.exit_code == 7
    assert "pip install" in result.stderr


# ---------------------------------------------------------------- TLS


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    """An authority, and one certificate for all machines."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    paths = Certificates(tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem")
    assert paths.authority
    assert paths.certificate
    assert paths.key
    authority.cert_pem.write_to_path(paths.authority)
    issued.cert_chain_pems[0].write_to_path(paths.certificate)
    issued.private_key_pem.write_to_path(paths.key)
    return paths


def flags(paths: Certificates, *names: str) -> tuple[str, ...]:
    values = (paths.authority, paths.certificate, paths.key)
    return tuple(word for name, value in zip(names, values, strict=True) for word in (name, str(value)))


def test_with_certificates_a_cluster_is_reached_by_tls_and_strangers_are_not_let_in(
    batch: Batch, local: dict[str, str], certificates: Certificates, tmp_path: Path
) -> None:
    tls = flags(certificates, "--tls-ca-file", "--tls-cert", "--tls-key")
    with running(tmp_path, 2, tls=tls) as own:
        given = flags(certificates, "--tls-ca", "--tls-cert", "--tls-key")
        assert on(own, batch, *given).run(tmp_path / "out")[0] == 1
        assert contents(tmp_path / "out") == local
        stranger = trustme.CA()
        stranger.cert_pem.write_to_path(tmp_path / "other.pem")
        wrong = Certificates(tmp_path / "other.pem", certificates.certificate, certificates.key)
        code, _, err = on(own, batch, *flags(wrong, "--tls-ca", "--tls-cert", "--tls-key")).run(tmp_path / "none")
        assert code == 6, err
        assert "Traceback" not in err


@pytest.mark.parametrize(
    "address",
    ["tcp://10.1.2.3:8786", "192.0.2.1:8786", "tcp://scheduler:8786", "ws://scheduler:80", "[2001:db8::1]:8786"],
)
def test_without_tls_no_other_machine_is_talked_to(
    address: str, batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> None:
        pytest.fail("something was sent")

    monkeypatch.setattr("distributed.Client", never)
    result = CliRunner().invoke(cli, ["batch", str(batch.source), "-d", str(tmp_path / "out"), "--dask", address])
    assert result.exit_code == 8
    assert "only over TLS" in result.stderr


def test_without_tls_a_worker_on_another_machine_is_refused_as_well(
    joined: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined.client, "nthreads", lambda: {"tcp://127.0.0.1:1": 1, "tcp://192.0.2.7:999": 1})
    joined.looked = 0.0
    with pytest.raises(Refused, match="only over TLS"):
        check_all(listing(3), setup(dry_run=True), joined, tell=quiet, say=quiet)
