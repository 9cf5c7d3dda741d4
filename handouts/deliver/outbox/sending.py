"""A whole run with the clinics' own servers, and runs in the background, one after the other. An edge module.

`Background` sends while a program does something else. It works beside `outbox run` and beside other machines' runs:
each message is claimed by one of them.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import secrets
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from handouts.deliver.fhir.posting import PER_MINUTE, RecordConnection
from handouts.deliver.mail.settings import server_of
from handouts.deliver.mail.signin import SignIn
from handouts.deliver.outbox.claims import Claim, Claims
from handouts.deliver.outbox.entries import clinic_of, is_for_record
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.outbox.runner import Connection, Env, Tally, run_due
from handouts.errors import HandoutError
from handouts.fhir.settings import health_record_of
from handouts.fhir.smart import SmartTokens
from handouts.load.library import load_clinic
from handouts.model.clinic import ClinicFile

EVERY = 5.0
"""Seconds between two runs in the background."""
_OURS = "background-"
"""How the names of runners in the background begin."""
_LOCK = "outbox-background.lock"
_LOG = logging.getLogger(__name__)


class Logins:
    """How the clinics' servers are reached, with the access tokens of mail and health records; in memory alone."""

    def __init__(self, now: Callable[[], float], data: Path) -> None:
        self.mail, self.fhir = SignIn(now), SmartTokens(now, data)

    def connect(self, queue: str, clinic: str, file: ClinicFile) -> Connection:
        """A connection for a queue. ContentFault, SystemMissing, Trouble."""
        if is_for_record(queue):
            return RecordConnection(self.fhir.client(health_record_of(clinic, file)))
        return self.mail.connect(server_of(clinic, file))


def send_due(
    content: Path,
    outbox: Outbox,
    *,
    now: Callable[[], float],
    stop: threading.Event,
    say: Callable[[Claim, str, str], None],
    alone: bool = False,
    logins: Logins | None = None,
) -> Tally:
    """Send what is due, by the servers that the clinics in ``content`` name; ``stop`` ends it after a message.

    ``logins``: of an earlier run, whose access tokens may still do.
    ``alone``: this is the only run in the background, so that what another one had is free at once. OutputFault.
    """

    logins = logins or Logins(now, outbox.database.path.parent)

    def open_connection(queue: str) -> Connection:
        clinic = clinic_of(queue)
        return logins.connect(queue, clinic, load_clinic(content, clinic))

    def per_minute(queue: str) -> int:
        return PER_MINUTE if is_for_record(queue) else load_clinic(content, queue).email.per_minute

    def sleep(seconds: float) -> None:
        stop.wait(seconds)

    env = Env(
        connect=open_connection,
        per_minute=per_minute,
        now=now,
        sleep=sleep,
        say=say,
        stop=stop.is_set,
    )
    name = secrets.token_hex(8)
    return run_due(Claims(outbox, f"{_OURS}{name}", gone=_OURS) if alone else Claims(outbox, name), env)


@dataclass(frozen=True)
class Status:
    """How the last run in the background went: ``tally``, or the ``fault`` that stopped it.

    ``busy``: one is at work; ``elsewhere``: another program sends from this outbox.
    """

    busy: bool = False
    elsewhere: bool = False
    tally: Tally | None = None
    fault: HandoutError | None = None


class Background:
    """Sends what is due in a thread of its own, until it is stopped. Only one of a folder sends at a time.

    A run that was killed is found out at once, by the lock that it no longer has: what it was sending is "unknown".
    """

    def __init__(
        self,
        content: Path,
        open_outbox: Callable[[], contextlib.AbstractContextManager[Outbox | None]],
        now: Callable[[], float],
        *,
        every: float = EVERY,
    ) -> None:
        """``open_outbox``: called in the thread, for each run; None where nothing was mailed yet."""
        self._content, self._open, self._now, self._every = content, open_outbox, now, every
        self._stop, self._wake = threading.Event(), threading.Event()
        self._status, self._lock, self._sound = Status(), -1, False
        self._logins: Logins | None = None
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)

    @property
    def status(self) -> Status:
        """How it stands now."""
        return self._status

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def wake(self) -> None:
        """Look now, and not only when the next look is due."""
        self._wake.set()

    def stop(self, seconds: float = 20.0) -> bool:
        """End after the message that is going out; whether that was within ``seconds``."""
        self._stop.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        try:
            while not self._stop.is_set():
                self._wake.clear()
                self._status = replace(self._status, busy=True)
                self._status = self._run()
                self._wake.wait(self._every)
        finally:
            if self._lock >= 0:
                os.close(self._lock)

    def _run(self) -> Status:
        try:
            with self._open() as outbox:
                if outbox is None:
                    return Status()
                if not self._is_alone(outbox.database.path.with_name(_LOCK)):
                    return Status(elsewhere=True)
                self._logins = self._logins or Logins(self._now, outbox.database.path.parent)
                if not self._sound:
                    outbox.database.require_sound()
                    self._sound = True
                return Status(
                    tally=send_due(
                        self._content,
                        outbox,
                        now=self._now,
                        stop=self._stop,
                        say=lambda *_: None,
                        alone=True,
                        logins=self._logins,
                    )
                )
        except HandoutError as error:
            self._sound = False
            return Status(fault=error)
        except Exception as error:
            _LOG.error("Sending from the outbox stopped: %s", _where(error))
            return Status(fault=HandoutError("Sending stopped by an error in the program. The log says where."))

    def _is_alone(self, path: Path) -> bool:
        """Whether this is the only one that sends in the background; the system frees the lock of one that died."""
        if self._lock >= 0:
            return True
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise HandoutError(f"Mail can't be sent: {path.name} can't be written: {error.strerror}.") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except OSError as error:
            os.close(handle)
            raise HandoutError(
                f"Mail can't be sent from here: this folder's disk has no locks ({error.strerror}). "
                "Use `outbox run --watch` instead (docs/mail.md)."
            ) from None
        self._lock = handle
        return True


def _where(error: Exception) -> str:
    """The kind of an error and its places in the program. Not its text: that may hold a patient's details."""
    places = traceback.extract_tb(error.__traceback__)
    return " ".join([type(error).__name__, *(f"{Path(one.filename).name}:{one.lineno}" for one in places[-4:])])
