"""CUPS: its printers, and the state of jobs. An edge module: it runs CUPS's tools and talks to its server.

Nothing here depends on the machine's language: states are IPP numbers and keywords (RFC 8011), and `lpstat` is used
only for a name and an address.
"""

from __future__ import annotations

import getpass
import http.client
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from handouts.deliver.printing import ipp
from handouts.errors import HandOverFault, SystemMissing

HELP = "On Debian and Ubuntu: apt-get install cups. macOS includes it: add a printer in System Settings."
START = "Start it (Debian: systemctl start cups; macOS: restart the computer), then try again."
_REPLY = 10.0
"""Seconds to wait for CUPS. It answers in milliseconds, or not at all."""
_STATES: dict[int, Literal["idle", "printing", "stopped"]] = {3: "idle", 4: "printing", 5: "stopped"}
_OF_PRINTER = (
    "printer-name", "printer-info", "printer-state", "printer-state-reasons", "printer-state-message",
    "printer-is-accepting-jobs",
)  # fmt: skip
_OF_JOB = (
    "job-id", "job-state", "job-state-reasons", "job-printer-state-message", "job-printer-state-reasons",
    "job-impressions-completed", "job-media-sheets-completed",
)  # fmt: skip
HELD, PROCESSING, STOPPED, CANCELED, ABORTED, COMPLETED = 4, 5, 6, 7, 8, 9
"""States of a job, as numbered by RFC 8011 (5.3.7); 3 is pending."""


class NoAnswer(Exception):
    """CUPS could not be queried; says why."""


class Unwilling(NoAnswer):
    """CUPS answered, but refused."""


@dataclass(frozen=True)
class Printer:
    """A printer as CUPS sees it. ``reasons``: IPP keywords for its state; ``message``: its own text."""

    name: str
    info: str
    state: Literal["idle", "printing", "stopped"]
    accepting: bool
    reasons: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Job:
    """The state of a job. ``impressions``: sides counted by CUPS; a filter may count them before the printer does."""

    number: int
    state: int
    reasons: tuple[str, ...]
    printer_reasons: tuple[str, ...]
    message: str
    impressions: int
    sheets: int


class Scheduler:
    """The CUPS server in this machine's settings. SystemMissing without CUPS's tools."""

    def __init__(self) -> None:
        for tool in ("lp", "lpstat"):
            if shutil.which(tool) is None:
                raise SystemMissing(
                    f"CUPS, which hands files to printers, is not installed ({tool} is missing). {HELP}"
                )
        self.address = _tool("lpstat", "-H")

    def printers(self) -> tuple[Printer, ...]:
        """Printers by name. HandOverFault when CUPS does not answer, SystemMissing when only its tools are here."""
        try:
            found = self._ask(ipp.CUPS_GET_PRINTERS, (), _OF_PRINTER)
        except Unwilling as reason:
            raise HandOverFault(
                f"The CUPS at {self.address} does not list its printers ({reason}). Ask its administrator, "
                "or add its printers to this machine's own CUPS. Nothing was printed."
            ) from None
        except NoAnswer as reason:
            if self.address.startswith("/") and not _has_server():
                raise SystemMissing(f"The CUPS server is not installed. {HELP}") from None
            raise HandOverFault(f"CUPS does not answer ({reason}). {START}") from None
        return tuple(sorted((_printer(group) for group in found.groups), key=lambda printer: printer.name))

    def default(self) -> str | None:
        """The printer that `lp` uses by default; None if there is none."""
        return _tool("lpstat", "-d").partition(": ")[2] or None

    def job(self, number: int) -> Job | None:
        """The job's state; None when CUPS no longer knows it. NoAnswer."""
        found = self._ask(ipp.GET_JOB_ATTRIBUTES, ((ipp.URI, "job-uri", (f"ipp://localhost/jobs/{number}",)),), _OF_JOB)
        if found.status == ipp.NOT_FOUND or not found.groups:
            return None
        return _job(found.groups[0])

    def waiting(self, printer: str) -> tuple[Job, ...]:
        """All jobs of a printer that have not ended. NoAnswer."""
        uri = (ipp.URI, "printer-uri", (f"ipp://localhost/printers/{printer}",))
        found = self._ask(ipp.GET_JOBS, (uri, (ipp.KEYWORD, "which-jobs", ("not-completed",))), _OF_JOB)
        return tuple(_job(group) for group in found.groups)

    def _ask(
        self, operation: int, about: tuple[tuple[int, str, tuple[int | str, ...]], ...], wanted: tuple[str, ...]
    ) -> ipp.Answer:
        """NoAnswer when CUPS can't be reached, or refuses."""
        who: tuple[tuple[int, str, tuple[int | str, ...]], ...] = ((ipp.NAME, "requesting-user-name", (_user(),)),)
        asked = ipp.question(operation, (*about, *who, (ipp.KEYWORD, "requested-attributes", wanted)))
        connection = _connection(self.address)
        try:
            connection.request("POST", "/", asked, {"Content-Type": "application/ipp"})
            reply = connection.getresponse()
            data = reply.read()
            if reply.status != 200:
                raise Unwilling(f"HTTP {reply.status} {reply.reason}")
            found = ipp.answer(data)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NoAnswer(getattr(error, "strerror", None) or "its answer is incomplete") from None
        finally:
            connection.close()
        if not found.ok and found.status != ipp.NOT_FOUND:
            raise Unwilling(f"IPP 0x{found.status:04x}")
        return found


class _OverSocket(http.client.HTTPConnection):
    """HTTP over a Unix socket, on which CUPS listens locally."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_REPLY)
        self.path = path

    def connect(self) -> None:
        """Open the socket. OSError."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def _connection(address: str) -> http.client.HTTPConnection:
    if address.startswith("/"):
        return _OverSocket(address)
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise NoAnswer("lpstat -H gives no address")
    return http.client.HTTPConnection(host.strip("[]"), int(port), timeout=_REPLY)


def _printer(group: ipp.Attributes) -> Printer:
    return Printer(
        _word(group, "printer-name"),
        _word(group, "printer-info"),
        _STATES.get(_number(group, "printer-state"), "stopped"),
        bool(group.get("printer-is-accepting-jobs", (False,))[0]),
        _words(group, "printer-state-reasons"),
        _word(group, "printer-state-message"),
    )


def _job(group: ipp.Attributes) -> Job:
    return Job(
        _number(group, "job-id"),
        _number(group, "job-state"),
        _words(group, "job-state-reasons"),
        _words(group, "job-printer-state-reasons"),
        _word(group, "job-printer-state-message"),
        _number(group, "job-impressions-completed"),
        _number(group, "job-media-sheets-completed"),
    )


def _words(group: ipp.Attributes, name: str) -> tuple[str, ...]:
    return tuple(str(value) for value in group.get(name, ()) if value != "none")


def _word(group: ipp.Attributes, name: str) -> str:
    return next(iter(_words(group, name)), "").strip()


def _number(group: ipp.Attributes, name: str) -> int:
    value = group.get(name, (0,))[0]
    return value if isinstance(value, int) else 0


def plain_environment() -> Mapping[str, str]:
    """This process's environment, with CUPS's tools in English."""
    return {**os.environ, "LC_ALL": "C", "LANG": "C"}


def _tool(*command: str) -> str:
    """The output of a CUPS tool. HandOverFault when it hangs."""
    try:
        done = subprocess.run(  # noqa: S603  fixed words
            command, capture_output=True, text=True, errors="replace", env=plain_environment(), timeout=_REPLY,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        raise HandOverFault(f"CUPS does not answer ({command[0]} hangs). {START}") from None
    return done.stdout.strip()


def _has_server() -> bool:
    return shutil.which("cupsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is not None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
