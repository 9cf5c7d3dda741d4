"""A disk that is really full: nothing that was reported as kept is lost, and nothing goes out twice."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from handouts.deliver.mail.smtp import Connection
from handouts.deliver.outbox.claims import LEASE
from handouts.deliver.outbox.outbox import Outbox
from handouts.errors import OutputFault
from tests.mailing import NOW, Clock, new, outbox_in, queue, run, states, to_server, trusting
from tests.mailserver import serve


@dataclass(frozen=True)
class Disk:
    """A file system of one megabyte."""

    folder: Path

    def fill(self) -> None:
        with (self.folder / "ballast").open("ab", buffering=0) as file:
            for size in (1 << 16, 1 << 10, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    continue

    def free(self) -> None:
        (self.folder / "ballast").unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "handouts-test", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no `mount` here")
    if done.returncode:
        pytest.skip("a disk of its own can't be mounted here: that takes root, and a container that allows it")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=True)


@pytest.fixture
def outbox(disk: Disk) -> Iterator[Outbox]:
    made = outbox_in(disk.folder / "data")
    yield made
    made.database.connection.close()


def test_what_can_not_be_queued_is_told_and_the_rest_stays(disk: Disk, outbox: Outbox):
    queue(outbox)
    disk.fill()
    with pytest.raises(OutputFault, match="disk is full"):
        queue(outbox, new(document="d2", pdf=b"x" * 100_000))
    assert states(outbox) == ["queued"]
    disk.free()
    queue(outbox, new(document="d2", pdf=b"x" * 100_000))
    assert states(outbox) == ["queued", "queued"]


def test_an_outbox_that_can_not_even_be_opened_is_told(disk: Disk):
    disk.fill()
    with pytest.raises(OutputFault, match=r"The outbox can't be used.*--data"):
        outbox_in(disk.folder / "data")
    disk.free()
    assert queue(outbox_in(disk.folder / "data")) == 1


def test_a_run_that_can_not_write_down_what_it_does_sends_nothing(ca: trustme.CA, disk: Disk, outbox: Outbox):
    queue(outbox)
    outbox.database.scrub()
    with serve(ca) as running:
        reach = to_server(running.server, trusting(ca))
        disk.fill()
        with pytest.raises(OutputFault, match="disk is full"):
            run(outbox, reach)
        assert running.mailbox.kept == []
        disk.free()
        assert run(outbox, reach).ends == {"sent": 1}
    assert len(running.mailbox.kept) == 1


def filling(connection: Connection, disk: Disk) -> Connection:
    """The same, but with each message that was handed over the disk gets full."""
    send: Callable[..., None] = connection.send

    def send_and_fill(*args: object) -> None:
        send(*args)
        disk.fill()

    connection.send = send_and_fill  # type: ignore[method-assign]
    return connection


def test_what_was_handed_over_when_the_disk_got_full_never_goes_out_again_by_itself(
    ca: trustme.CA, disk: Disk, outbox: Outbox
):
    queue(outbox)
    queue(outbox, new(document="d2"))
    with serve(ca) as running:
        reach = to_server(running.server, trusting(ca))
        outbox.database.connection.execute("PRAGMA wal_autocheckpoint=1")  # no room is left over in the log
        with pytest.raises(OutputFault, match="disk is full"):
            run(outbox, lambda clinic: filling(reach(clinic), disk))
        assert (len(running.mailbox.kept), states(outbox)) == (1, ["sending", "queued"])
        disk.free()
        later = Clock(NOW + LEASE + 1)
        assert run(outbox, reach, clock=later, holder="two").ends == {"unknown": 1, "sent": 1}
    assert len(running.mailbox.kept) == 2
    assert states(outbox) == ["unknown", "sent"]
