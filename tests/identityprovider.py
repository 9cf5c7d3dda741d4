"""A provider of logins that is not ours (oidc-provider-mock), over TLS, and whatever can go wrong with it.

Its own are: users, the page where they say yes, codes, access and refresh tokens and who may use them, revocation of a
user's tokens, and its judgement of an access token (``/userinfo``), which the mail server of the tests asks for. It has
neither the device flow (RFC 8628) nor an address for revocation (RFC 7009), and takes no public clients: ``/device``,
``/revoke``, the waiting for a "yes" and that leave are the tests' own. So are all faults, each worded as Microsoft's or
Google's are.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import trustme
import werkzeug.serving

from handouts.deliver.mail.providers import Registration

with warnings.catch_warnings():
    import authlib.deprecate  # switches its warnings on

    warnings.simplefilter("ignore", authlib.deprecate.AuthlibDeprecationWarning)
    import oidc_provider_mock
    from oidc_provider_mock import _app

ACCOUNT = "clinic@clinic.example"
CLIENT = "handouts-at-cohen"
SCOPES = ("openid", "email")
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
USER_CODE = "WDJB-MJHT"
PENDING = {"error": "authorization_pending", "error_description": "AADSTS70016: pending"}
SLOW_DOWN = {"error": "slow_down"}
DENIED = {"error": "access_denied", "error_description": f"{ACCOUNT} said no"}
EXPIRED_CODE = {"error": "expired_token"}
EXPIRED = {
    "error": "invalid_grant",
    "error_description": "AADSTS700082: The refresh token has expired due to inactivity. Trace ID: 0a1b2c3d-secret",
    "error_codes": [700082],
}
NO_CONSENT = {
    "error": "invalid_grant",
    "error_description": f"AADSTS65001: The user or administrator has not consented. {ACCOUNT}",
    "error_codes": [65001],
    "suberror": "consent_required",
}
SIGN_IN_AGAIN = {"error": "interaction_required", "error_codes": [50076], "suberror": "basic_action"}
BUSY = {"error": "temporarily_unavailable"}


@dataclass
class Provider:
    """What it was asked, and what it does at an address ("device", "token", "revoke") instead of its duty.

    A list is worked off, an entry each time; None there means that all goes well. An entry is an object to answer with
    (400), a status, a pair of both, "stall", "drip", "drop", "endless", "redirect" or "no JSON".
    """

    app: flask.Flask
    at: dict[str, list[Any]] = field(default_factory=dict)
    port: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    forms: list[dict[str, str]] = field(default_factory=list)
    visited: list[tuple[str, str | None]] = field(default_factory=list)
    """Every path, and what came as a password."""
    agreed: bool = False
    given: list[str] = field(default_factory=list)
    """Every secret that it has given out."""
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def registration(self, **over: Any) -> Registration:
        addresses: dict[str, Any] = {
            "clinic": "cohen",
            "client_id": CLIENT,
            "token_url": f"{self.url}/oauth2/token",
            "device_url": f"{self.url}/device",
            "authorize_url": None,
            "revoke_url": f"{self.url}/revoke",
            "scopes": SCOPES,
        }
        return Registration(**addresses | over)

    def log_in(self) -> dict[str, Any]:
        """The mock's own tokens, as somebody gets them who says yes on its page."""
        query = {"client_id": CLIENT, "response_type": "code", "redirect_uri": "https://localhost/", "state": "x"}
        client = self.app.test_client()
        page = client.post(
            "/oauth2/authorize",
            base_url=self.url,
            query_string=query | {"scope": " ".join(SCOPES)},
            data={"sub": ACCOUNT},
        )
        code = parse_qs(urlsplit(page.location).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://localhost/"}
        found: dict[str, Any] = client.post("/oauth2/token", base_url=self.url, data=form | {"client_id": CLIENT}).json
        self.given += [found["access_token"], found["refresh_token"]]
        return found

    def revoke(self) -> None:
        """Somebody takes the consent back: the mock forgets every token of the account."""
        self.app.test_client().post(f"/users/{ACCOUNT}/revoke-tokens", base_url=self.url)

    def takes(self, user: str, token: str) -> bool:
        """Whether an access token is this account's, as the mock says."""
        self.seen["userinfo"] += 1
        answer = self.app.test_client().get(
            "/userinfo", base_url=self.url, headers={"Authorization": f"Bearer {token}"}
        )
        return answer.status_code == 200 and answer.json["sub"] == user  # type: ignore[index]

    def act(self) -> Any:
        """What comes before the mock; None where it does its duty."""
        request = flask.request
        self.visited.append((request.path, request.headers.get("Authorization")))
        place = {"/device": "device", "/oauth2/token": "token", "/revoke": "revoke"}.get(request.path)
        if place is None or request.environ.get("werkzeug.socket") is None:  # `log_in` asks for itself
            return None
        self.seen[place] += 1
        self.forms.append(dict(request.form))
        plan = self.at.get(place, [])
        fault = plan.pop(0) if plan else None
        if fault is not None:
            return self.misbehave(fault)
        if place == "revoke":
            self.revoke()
            return ""
        if place == "device":
            return {
                "device_code": self._secret("device-code-of-the-login"),
                "user_code": USER_CODE,
                "verification_uri": f"{self.url}/enter-code",
                "expires_in": 900,
                "interval": 5,
            }
        if request.form.get("grant_type") == DEVICE_GRANT:
            return self.log_in() if self.agreed else (PENDING, 400)
        return None

    def _secret(self, text: str) -> str:
        self.given.append(text)
        return text

    def misbehave(self, fault: Any) -> Any:
        if isinstance(fault, dict):
            return fault, 400
        if isinstance(fault, int):
            return f"<h1>{fault}</h1>", fault
        if not isinstance(fault, str):
            return fault
        if fault == "stall":
            self.ended.wait(20)
        if fault in {"stall", "drop"}:
            flask.request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return ""
        if fault == "drip":
            return flask.Response(self._drip(), mimetype="application/json")
        if fault == "endless":
            return flask.Response((b" " * 65536 for _ in range(1000)), mimetype="application/json")
        if fault == "redirect":
            return flask.redirect(f"https://127.0.0.1:{self.port}/elsewhere", 307)
        assert fault == "no JSON"
        return "<p>Welcome to the hotel's network"

    def _drip(self) -> Iterator[bytes]:
        for _ in range(1000):
            if not self.ended.wait(0.05):
                yield b" "


@contextlib.contextmanager
def provide(ca: trustme.CA, *, name: str = "localhost", **at: list[Any]) -> Iterator[Provider]:
    """A provider on a free port of this machine, with a certificate for ``name``, and a plan for some addresses."""
    for grant in (_app.RefreshTokenGrant, _app.AuthorizationCodeGrant):
        grant.TOKEN_ENDPOINT_AUTH_METHODS = ["none", "client_secret_post"]
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    app = oidc_provider_mock.app()
    provider = Provider(app, dict(at))
    app.before_request_funcs.setdefault(None, []).insert(0, provider.act)
    for path in ("/device", "/revoke"):
        app.add_url_rule(path, path, lambda: "", methods=["POST"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(name).configure_cert(context)
    server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
    provider.port = server.server_port
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # connections that break off are meant
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.ended.set()
        server.shutdown()
        thread.join(10)
        server.server_close()
