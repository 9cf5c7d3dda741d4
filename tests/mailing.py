"""What the tests of mail share: an outbox in a folder, messages to put into it, a runner with its own clock."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from handouts.deliver.mail.address import Address, parse_address
from handouts.deliver.mail.message import Parts, build, new_message_id
from handouts.deliver.mail.settings import Sender, Server
from handouts.deliver.mail.smtp import Timeouts, connect
from handouts.deliver.outbox.claims import Claim, Claims
from handouts.deliver.outbox.database import Database
from handouts.deliver.outbox.entries import Change, Heard, New
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.outbox.runner import Connect, Env, Tally, run_due
from handouts.load.library import load_mail_words
from tests.conftest import CONTENT
from tests.mailserver import PASSWORD, SENDER
from tests.opened import opened

NOW = 1_795_000_000.0
WORDS = load_mail_words(CONTENT)
FROM = Sender("cohen", "Dr. Cohen", SENDER, None, "555 0100")
CODE = "FHK8Z5DW14K"


class Unheard:
    """No record: for tests of the outbox alone."""

    def __call__(self, changes: Sequence[Change]) -> None: ...

    def require_current(self, code: str, nothing: str) -> None: ...

    def last_word(self, number: int, code: str) -> str | None: ...


def outbox_in(folder: Path, heard: Heard | None = None) -> Outbox:
    return Outbox(opened(Database(folder)), heard or Unheard())


def trusting(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return context


def new(
    to: str = "maria@example.org",
    document: str = "d1",
    *,
    pdf: bytes = b"%PDF-1.7 locked",
    patient: str | None = None,
    code: str = CODE,
    clinic: str = "cohen",
) -> New:
    """A message that is ready to be queued."""
    address, message_id = parse_address(to), new_message_id(FROM)
    body = build(Parts(FROM, address, code, pdf, True), WORDS, message_id, NOW)
    return New(code, clinic, address, document, message_id, body, patient, True)


def queue(outbox: Outbox, message: New | None = None, *, now: float = NOW, again: bool = False) -> int:
    with outbox.adding() as add:
        number = add.queue(message or new(), now, again=again)
    assert number
    return number


def states(outbox: Outbox) -> list[str]:
    return [entry.shown for entry in outbox.entries()]


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    at: float = NOW

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Told:
    """What a runner said of each message."""

    lines: list[tuple[int, str, str]] = field(default_factory=list)

    def say(self, claim: Claim, end: str, reason: str) -> None:
        self.lines.append((claim.id, end, reason))


def to_server(
    server: Server, context: ssl.SSLContext, *, password: str = PASSWORD, patience: Timeouts | None = None
) -> Connect:
    patience = patience or Timeouts(connect=30, reply=30, message=30)  # nothing stalls here, but machines can be slow
    return lambda _clinic: connect(server, password, timeouts=patience, context=context)


def run(
    outbox: Outbox,
    reach: Connect,
    *,
    clock: Clock | None = None,
    told: Told | None = None,
    holder: str = "one",
    stop: Callable[[], bool] = lambda: False,
) -> Tally:
    clock = clock or Clock()
    say = (told or Told()).say
    world = Env(reach, lambda _: 6000, clock.now, clock.sleep, say, stop)
    return run_due(Claims(outbox, holder), world)


def set_up_clinic(content: Path, port: int, extra: str = "") -> None:
    """The clinic of the tests sends by the server at ``port`` of this machine."""
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    kept = re.sub(r"(?m)^(email|phone):.*$", "", clinic.read_text())
    email = (
        f"{{from: handouts@clinic.example, reply_to: desk@clinic.example, host: localhost, port: {port}, "
        f"security: tls, user: clinic, per_minute: 6000{extra}}}"
    )
    clinic.write_text(f"{kept}\nphone: 555 0100\nemail: {email}\n")


ADDRESS = Address("maria", "example.org")
