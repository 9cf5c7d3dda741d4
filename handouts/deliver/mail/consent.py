"""The login, once: somebody says yes in a browser, and the program gets its first token. An edge module: it waits.

With a code where the provider has that (RFC 8628): the browser may be anybody's, anywhere. Else in a browser on this
machine (RFC 8252), which the provider sends back to a port of this machine with a code; PKCE (RFC 7636) and a random
``state`` see to it that the code is for this login, and of no use to another program.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Any
from urllib.parse import urlsplit

from handouts.deliver.mail.identity import Declined, Token, ask, ask_token, seconds_in
from handouts.deliver.mail.providers import Registration
from handouts.deliver.outbox.trouble import OurFault, TryLater
from handouts.errors import Refused
from handouts.https import Patience

_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_LONGEST = 1800.0
"""Seconds in which somebody has to say yes, at most."""
_PAGE = (
    b"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Mail login</title><p>The program has the answer. "
    b"You can close this page."
)


@dataclass(frozen=True)
class DeviceCode:
    """What somebody has to type where, within ``seconds``. ``device``: what the program asks with."""

    user_code: str
    address: str
    seconds: float
    interval: float
    device: str

    def __repr__(self) -> str:
        return "DeviceCode(...)"


def log_in_with_code(
    registration: Registration,
    secret: str | None,
    tell: Callable[[DeviceCode], None],
    now: Callable[[], float],
    sleep: Callable[[float], None],
    patience: Patience | None = None,
) -> Token:
    """Ask for a code, ``tell`` it, and wait. Refused for a no, or after too long; Declined, OurFault, TryLater."""
    url, fields = registration.device_url or "", _scopes(registration)
    code = _read_code(ask(registration, url, fields, secret, patience))
    tell(code)
    interval, until = code.interval, now() + code.seconds
    while now() + interval < until:
        sleep(interval)
        try:
            return _kept(ask_token(registration, {"grant_type": _DEVICE, "device_code": code.device}, secret, patience))
        except TryLater:
            interval *= 2  # RFC 8628, 3.5
        except Declined as no:
            if no.error == "slow_down":
                interval += 5
            elif no.error == "access_denied":
                raise Refused("The login was refused in the browser. Nothing was changed.") from None
            elif no.error == "expired_token":
                break
            elif no.error != "authorization_pending":
                raise
    raise Refused("Nobody has confirmed the login in time. Run the command again.")


def log_in_with_browser(
    registration: Registration,
    secret: str | None,
    tell: Callable[[str], None],
    *,
    user: str,
    port: int = 0,
    seconds: float = 600,
    patience: Patience | None = None,
) -> Token:
    """``tell`` the address to open, and wait for the browser at ``port`` (0: a free one). As above.

    OurFault also for a port that is taken.
    """
    from authlib.common.security import generate_token
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    state, verifier = generate_token(48), generate_token(64)
    try:
        listening = _Listening(("127.0.0.1", port), state)
    except OSError:
        raise OurFault(f"port {port} of this machine is taken; name another one with --port") from None
    with listening:
        back = f"http://{registration.loopback}:{listening.port}"
        asks: Mapping[str, Any] = _scopes(registration) | dict(registration.asks) | {
            "redirect_uri": back,
            "state": state,
            "login_hint": user,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }  # fmt: skip
        tell(str(prepare_grant_uri(registration.authorize_url, registration.client_id, "code", **asks)))
        answer = listening.answer(seconds)
    if answer.get("error") == "access_denied":
        raise Refused("The login was refused in the browser. Nothing was changed.")
    if "code" not in answer:
        raise OurFault(
            "the provider did not agree to the login. Check email.oauth, and how the application is registered"
        )
    fields = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    return _kept(ask_token(registration, fields, secret, patience))


def _scopes(registration: Registration) -> dict[str, str]:
    return {"scope": " ".join(registration.scopes)} if registration.scopes else {}


def _kept(token: Token) -> Token:
    if token.refresh is None:
        raise OurFault(
            "the provider gave a token for now and none for later (a refresh token). "
            "Check email.oauth.scopes (many want offline_access), and how the application is registered"
        )
    return token


def _read_code(answer: Mapping[str, Any]) -> DeviceCode:
    """OurFault for an answer that nobody could follow, or that would lead somewhere unsafe."""
    address = answer.get("verification_uri") or answer.get("verification_url")
    user_code, device = answer.get("user_code"), answer.get("device_code")
    texts = [text for text in (address, user_code, device) if isinstance(text, str) and text and text.isprintable()]
    if len(texts) < 3 or urlsplit(texts[0]).scheme != "https":
        raise OurFault("the provider's answer holds no code to log in with. Check email.oauth.device_url")
    seconds = min(seconds_in(answer.get("expires_in"), 900), _LONGEST)
    return DeviceCode(texts[1], texts[0], seconds, max(seconds_in(answer.get("interval"), 5), 1), texts[2])


class _Listening(TCPServer):
    """Waits for the one visit that knows ``state``; others get an empty page."""

    def __init__(self, place: tuple[str, int], state: str) -> None:
        self.state = state
        self.found: dict[str, str] = {}
        super().__init__(place, _Visit)

    @property
    def port(self) -> int:
        """The one that was free."""
        return int(self.server_address[1])

    def answer(self, seconds: float) -> dict[str, str]:
        """What the browser brought. Refused when it does not come."""
        end = time.monotonic() + seconds
        while not self.found:
            self.timeout = end - time.monotonic()
            if self.timeout <= 0:
                raise Refused("Nobody has confirmed the login in time. Run the command again.")
            self.handle_request()
        return self.found

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a visit that broke off. It is waited for the next one."""


class _Visit(BaseHTTPRequestHandler):
    timeout = 5  # for a visitor who says nothing
    server: _Listening

    def do_GET(self) -> None:
        from secrets import compare_digest
        from urllib.parse import parse_qsl

        asked = urlsplit(self.path)
        found = dict(parse_qsl(asked.query))
        ours = asked.path == "/" and compare_digest(found.get("state", "").encode(), self.server.state.encode())
        self.send_response(200 if ours else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        if ours:
            self.wfile.write(_PAGE)
            self.server.found = found

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the address holds the code."""
