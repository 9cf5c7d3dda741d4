"""One conversation with a clinic's mail server. What its replies mean is in `replies`."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handouts.deliver.mail.address import Address
from handouts.deliver.mail.client import Client, TlsClient
from handouts.deliver.mail.replies import (
    describe_reply,
    enhanced_status,
    judge,
    judge_sign_in,
    leaves_open_whose,
    lost_is_temporary,
    tls_faults,
    wants_a_user,
)
from handouts.deliver.mail.settings import Server
from handouts.deliver.outbox.trouble import Lost, OurFault, RefusedForGood, Trouble, TryLater

_DOT = re.compile(rb"(?m)^\.")
_GOODBYE = 10.0
"""Seconds to wait for the answer to QUIT: nothing follows from it."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds: for the connection, for each whole reply, for the message itself and for the reply to it (RFC 5321,
    4.5.3.2). ``whole``: for all that comes before the first message, and again for each message.
    """

    connect: float = 30
    reply: float = 60
    message: float = 600
    whole: float = 800


class Connection:
    """An open, safe connection, signed in. Made by `connect`; takes one message after the other."""

    def __init__(self, client: Client | TlsClient, server: Server, timeouts: Timeouts) -> None:
        self.client, self.server, self.timeouts = client, server, timeouts
        self.alive, self.messages = True, 0

    def send(self, to: Address, body: bytes, begin: Callable[[], None]) -> None:
        """Hand one message over. ``begin`` is called the moment before its first byte goes out, and may forbid it.

        Trouble (`replies`). What ``begin`` raises ends the connection and is passed on.
        """
        self._until = time.monotonic() + self.timeouts.whole
        self.client.limit(self.timeouts.reply, self._until)
        try:
            self._envelope(to, body)
            begin()
        except BaseException as error:
            self._after(error)
            raise
        try:
            self.messages += 1
            self._content(body)
        except Trouble:
            raise
        except BaseException:  # Ctrl-C: not another word, it would become part of the message
            self.abort()
            raise

    def _envelope(self, to: Address, body: bytes) -> None:
        client = self.client
        client.command_encoding = "ascii"
        options = [f"SIZE={len(body)}"] if client.has_extn("size") else []
        if not to.plain:
            if not client.has_extn("smtputf8"):
                raise RefusedForGood("the clinic's mail server can't send to an address with such letters (SMTPUTF8)")
            options += ["BODY=8BITMIME", "SMTPUTF8"]
        with lost_is_temporary("the sender was named"):
            code, text = client.mail(str(self.server.sender), options)
        if code >= 500 and (code == 552 or enhanced_status(text) in {"5.3.4", "5.2.3", "5.6.7"}):
            raise RefusedForGood(describe_reply(code, text, "to a message of this size or kind"))
        judge(code, text, "to the clinic's sender address (email.from)", OurFault)
        with lost_is_temporary("the recipient was named"):
            code, text = client.rcpt(str(to))
        if self.server.user is None and wants_a_user(code, text, to):
            raise OurFault(describe_reply(code, text, "to the recipient: it asks for a user and password (email.user)"))
        if self.server.user and leaves_open_whose(code, text) and self._refuses_us(code, enhanced_status(text)):
            raise OurFault(describe_reply(code, text, "to every recipient"))
        judge(code, text, "to the recipient", RefusedForGood)
        with lost_is_temporary("the message was announced"):
            code, text = client.docmd("DATA")
        if code != 354:
            judge(code, text, "before the message", RefusedForGood)
            raise TryLater("the server's answer could not be understood", over=True)

    def _refuses_us(self, code: int, status: str) -> bool:
        """Whether a refusal of the recipient is one of the sender. Servers mostly wait for the recipient to say that.

        So the same is asked for a message from the clinic to itself, which never goes out. Who has not signed in may
        write to the server's own people, so there the answer would tell nothing.
        """
        client, ours = self.client, str(self.server.sender)
        with lost_is_temporary("the clinic's own address was tried"):
            client.rset()
            again, text = client.mail(ours)
            judge(again, text, "to the clinic's sender address (email.from)", OurFault)
            again, text = client.rcpt(ours)
        return (again, enhanced_status(text)) == (code, status)

    def _content(self, body: bytes) -> None:
        """From here on, silence means that nobody knows."""
        client = self.client
        try:
            client.limit(self.timeouts.message, self._until)
            client.send(_DOT.sub(b"..", body) + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            code, text = client.getreply()
            client.limit(self.timeouts.reply, self._until)
        except (OSError, smtplib.SMTPException):
            self.abort()
            raise Lost("the connection was lost while it went out", over=True) from None
        if not 200 <= code < 300 and not 400 <= code < 600:
            self.abort()
            raise Lost("the server's answer to the message could not be understood", over=True)
        try:
            judge(code, text, "to the message", RefusedForGood)
        except Trouble as error:
            self._after(error)
            raise

    def _after(self, error: BaseException) -> None:
        """Keep the connection for the next message where the server still knows where it is; end it otherwise."""
        if isinstance(error, Trouble) and not error.over:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if self.client.rset()[0] == 250:
                    return
        self.abort()

    def abort(self) -> None:
        """End it without a word: after this the server can't take anything for whole."""
        self.alive = False
        self.client.close()

    def close(self) -> None:
        """Say goodbye, whatever the server makes of it."""
        if self.alive:
            self.alive = False
            self.client.limit(self.timeouts.reply, time.monotonic() + min(self.timeouts.reply, _GOODBYE))
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self.client.quit()
            self.client.close()


def connect(
    server: Server, secret: str | None, *, timeouts: Timeouts | None = None, context: ssl.SSLContext | None = None
) -> Connection:
    """A connection whose certificate was checked, signed in. TryLater, OurFault. Never goes on in plain text.

    ``secret``: the password of ``server.user``; with OAuth an access token.
    """
    timeouts = timeouts or Timeouts()
    context = context or ssl.create_default_context()
    until = time.monotonic() + timeouts.whole
    client = _greeted(server, timeouts, context, until)
    try:
        client.limit(timeouts.reply, until)
        _hello(client)
        if server.security == "starttls":
            _start_tls(client, server, context)
        if server.user is not None:
            _sign_in(client, server, secret or "")
    except BaseException:
        client.close()
        raise
    return Connection(client, server, timeouts)


def _greeted(server: Server, timeouts: Timeouts, context: ssl.SSLContext, until: float) -> Client | TlsClient:
    name = server.sender.domain  # smtplib would look the machine's own name up, and tell it to the server
    with lost_is_temporary("it was opened"), tls_faults(server.host):
        try:
            if server.security == "tls":
                return TlsClient(server.host, server.port, name, timeouts.connect, until, context)
            return Client(server.host, server.port, name, timeouts.connect, until)
        except smtplib.SMTPConnectError as error:
            judge(error.smtp_code, error.smtp_error, "to our greeting", OurFault)
            raise TryLater("the server's greeting could not be understood", over=True) from None


def _hello(client: Client | TlsClient) -> None:
    with lost_is_temporary("it began"):
        code, text = client.ehlo()
    judge(code, text, "to our greeting", OurFault)


def _start_tls(client: Client | TlsClient, server: Server, context: ssl.SSLContext) -> None:
    if not client.has_extn("starttls"):
        raise OurFault("the server offers no STARTTLS: nothing is sent in plain text. Check email.port", over=True)
    with lost_is_temporary("it was made safe"), tls_faults(server.host):
        try:
            client.starttls(context=context)
        except smtplib.SMTPResponseException as error:
            judge(error.smtp_code, error.smtp_error, "to STARTTLS", OurFault)
            raise
    _hello(client)


def _sign_in(client: Client | TlsClient, server: Server, secret: str) -> None:
    """By one method, once (MAIL-10)."""
    offered = client.esmtp_features.get("auth", "").upper().split()
    ways = _ways_with_token(server, secret) if server.oauth else _ways_with_password(client)
    way = next((name for name in ways if name in offered), None)
    if way is None:
        what = "access token (neither OAUTHBEARER nor XOAUTH2)" if server.oauth else "password"
        raise OurFault(f"the server takes no {what} on this port. Check email.port and email.security", over=True)
    if not (f"{server.user}{secret}").isascii():
        raise OurFault("the user or password has letters that mail servers can't take; choose another", over=True)
    vars(client).update(user=server.user, password=secret)  # where smtplib's methods look
    with lost_is_temporary("it was signed in"):
        try:
            client.auth(way, ways[way])
        except smtplib.SMTPAuthenticationError as error:
            judge_sign_in(error.smtp_code, error.smtp_error, token=server.oauth is not None)
        except ValueError:  # a challenge that is no Base64
            raise TryLater("the server's answer to the sign-in could not be understood", over=True) from None


def _ways_with_password(client: Client | TlsClient) -> dict[str, Any]:
    return {"PLAIN": client.auth_plain, "LOGIN": client.auth_login, "CRAM-MD5": client.auth_cram_md5}


def _ways_with_token(server: Server, token: str) -> dict[str, Any]:
    """OAUTHBEARER (RFC 7628), the standard, and XOAUTH2, which Google and Microsoft had before there was one.

    A server that does not take the token first says why, as a challenge; the answers end that, and its no follows.
    """
    name = (server.user or "").replace("=", "=3D").replace(",", "=2C")  # RFC 5801
    bearer = f"n,a={name},\1host={server.host}\1port={server.port}\1auth=Bearer {token}\1\1"
    older = f"user={server.user}\1auth=Bearer {token}\1\1"
    return {
        "OAUTHBEARER": lambda challenge=None: bearer if challenge is None else "\1",
        "XOAUTH2": lambda challenge=None: older if challenge is None else "",
    }
