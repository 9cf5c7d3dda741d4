"""A real mail server for tests (aiosmtpd): TLS, a password, and whatever can go wrong at each stage."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import threading
import warnings
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from handouts.deliver.mail.address import Address
from handouts.deliver.mail.settings import Security, Server
from tests.conftest import PATIENCE

USER, PASSWORD = "clinic", "correct horse"
SENDER = Address("handouts", "clinic.example")
PASSWORDS, TOKENS = ("LOGIN", "PLAIN"), ("OAUTHBEARER", "XOAUTH2")
Takes = Callable[[str, str], bool]
"""Whether a user and a token belong together."""
STAGES = ("CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "CONTENT", "END")
"""In the order of the dialogue. CONTENT: some of the message has been read; END: all of it, before the answer."""


@dataclass
class Plan:
    """What the server does at a stage instead of its duty: "drop", "stall", "keep and drop", or a reply.

    A list is worked off, one entry each time the stage is reached; None there means that all goes well.
    """

    at: dict[str, Any] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def next(self, stage: str) -> str | None:
        self.seen[stage] += 1
        found = self.at.get(stage)
        if isinstance(found, list):
            return found.pop(0) if found else None
        return found


class Mailbox:
    """What the server has taken on, as (recipient, bytes)."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, bytes]] = []
        self.lock = threading.Lock()

    def keep(self, envelope: Envelope) -> None:
        with self.lock:
            self.kept += [(to, bytes(envelope.original_content or b"")) for to in envelope.rcpt_tos]

    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(data, policy=default) for _, data in self.kept]  # type: ignore[misc]

    def ids(self) -> Counter[str]:
        return Counter(str(message["Message-ID"]) for message in self.messages())


class _Handler:
    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: Faulty, _session: Session, envelope: Envelope) -> str:
        plan = server.plan.next("END")
        if plan is None or plan == "keep and drop":
            self.mailbox.keep(envelope)
        if plan is None:
            return "250 2.0.0 taken"
        return "" if await server.misbehaves(plan) else plan


class Faulty(SMTP):
    """aiosmtpd's server, with a plan."""

    plan: Plan
    takes: Takes | None = None

    async def auth_OAUTHBEARER(self, _server: SMTP, args: list[str]) -> AuthResult:
        """RFC 7628."""
        said = re.fullmatch("n,a=([^,]+),\1host=localhost\1port=[0-9]+\1auth=Bearer ([^\1]+)\1\1", _decoded(args))
        return await self._token(said, b"\1")

    async def auth_XOAUTH2(self, _server: SMTP, args: list[str]) -> AuthResult:
        """Google's and Microsoft's own."""
        return await self._token(re.fullmatch("user=([^\1]+)\1auth=Bearer ([^\1]+)\1\1", _decoded(args)), b"")

    async def _token(self, said: re.Match[str] | None, end: bytes) -> AuthResult:
        """A token that is not taken gets a challenge first, which says why; only its answer (``end``) gets the no."""
        if said is None or self.takes is None:
            return AuthResult(success=False, handled=False, message="501 5.5.2 not understood")
        if self.takes(said[1], said[2]):
            return AuthResult(success=True)
        answer = await self.challenge_auth('{"status":"401","schemes":"bearer","scope":"mail"}')
        message = self.plan.next("TOKEN") or "535 5.7.8 not accepted"
        return AuthResult(success=False, handled=False, message=message if answer == end else "501 5.5.2 no answer")

    async def misbehaves(self, what: str) -> bool:
        if what in {"drop", "keep and drop"}:
            _abort(self.transport)
            raise ConnectionResetError
        if what == "stall":
            await asyncio.sleep(20)
            raise ConnectionResetError
        return False

    async def _acts(self, stage: str) -> bool:
        plan = self.plan.next(stage)
        if plan is None:
            return False
        if not await self.misbehaves(plan):
            await self.push(plan)
            if plan.startswith("421"):
                self.transport.close()
        return True

    async def _handle_client(self) -> None:
        with contextlib.suppress(ConnectionError):
            if not await self._acts("CONNECT"):
                await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._acts("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:
        if not await self._acts("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if not await self._acts("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self._acts("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self._acts("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if await self._acts("DATA"):
            return
        plan = self.plan.next("CONTENT")
        if plan:
            await self.push("354 go on")
            await self._reader.readline()
            await self.misbehaves(plan)
        await super().smtp_DATA(arg)


def _decoded(args: list[str]) -> str:
    return b64decode(args[1]).decode() if len(args) > 1 else ""


def _check(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
    good = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@dataclass(frozen=True)
class Running:
    """A server at work, and how a clinic reaches it."""

    mailbox: Mailbox
    plan: Plan
    server: Server


@contextlib.contextmanager
def serve(
    ca: trustme.CA,
    security: Security = "tls",
    *,
    name: str = "localhost",
    ways: Iterable[str] = PASSWORDS,
    takes: Takes | None = None,
    **at: Any,
) -> Iterator[Running]:
    """A server on a free port of this machine, with a certificate for ``name``, and a plan for some stages.

    ``ways``: how to sign in there; ``takes``: which user's tokens it takes.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(name).configure_cert(context)
    mailbox, plan = Mailbox(), Plan(dict(at))
    sessions: list[Faulty] = []
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)  # connections that break off are what this is for

    def session() -> Faulty:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a server without TLS is meant
            made = Faulty(
                _Handler(mailbox),
                hostname="mail.test",
                loop=loop,
                tls_context=context if security == "starttls" else None,
                require_starttls=security == "starttls",
                authenticator=_check,
                auth_required=security != "plain",
                auth_require_tls=security == "starttls",
                enable_SMTPUTF8=True,
                data_size_limit=2_000_000,
                auth_exclude_mechanism={*PASSWORDS, *TOKENS} - {*ways},
            )
        made.plan, made.takes = plan, takes
        sessions.append(made)
        return made

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()  # all of it in there: a browser of the tests may have a loop of its own here
    listen = loop.create_server(session, "127.0.0.1", 0, ssl=context if security == "tls" else None)
    listening = asyncio.run_coroutine_threadsafe(listen, loop).result(PATIENCE)
    try:
        port = listening.sockets[0].getsockname()[1]
        yield Running(
            mailbox, plan, Server("localhost", port, security, None if security == "plain" else USER, SENDER, 6000)
        )
    finally:
        asyncio.run_coroutine_threadsafe(_end(listening, sessions), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


async def _end(listening: asyncio.Server, sessions: list[Faulty]) -> None:
    listening.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for session in sessions:
        for transport in (session.transport, session._original_transport):
            if transport:
                _abort(transport)
    for _ in range(3):
        await asyncio.sleep(0)  # transports close in the rounds that follow


def _abort(transport: asyncio.Transport) -> None:
    # A TLS connection that was closed twice has nothing left to abort; Debian 12's Python does not see it.
    with contextlib.suppress(AttributeError):
        transport.abort()
