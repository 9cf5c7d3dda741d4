"""An access token by SMART Backend Services: the program signs a short statement of who it is with its own key.

HL7 SMART App Launch 2.2, "Backend Services" and "Client Authentication: Asymmetric"; RFC 7523. Tokens are kept in
memory, and nowhere else.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from handouts import https
from handouts.errors import RequestFault, SystemMissing
from handouts.fhir.endpoint import parse_endpoint
from handouts.fhir.key import algorithm_of, read_key
from handouts.fhir.server import Client, RecordFault
from handouts.fhir.settings import HealthRecord
from handouts.https import NoAnswer, Patience

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

_MOST = 262_144
_LASTS = 240
"""Seconds that a statement holds; five minutes are the most that the standard allows."""
_SPARE = 60.0
"""Seconds before its end from which a token is no longer used."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_BY_JWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class Held:
    """A token and the moment until which it is used."""

    token: str
    until: float

    def __repr__(self) -> str:
        return "Held(...)"


class SmartTokens:
    """The tokens of one run. ``now``: seconds since 1970; ``data``: the folder with key files."""

    def __init__(self, now: Callable[[], float], data: Path, patience: Patience | None = None) -> None:
        self._now, self._data, self._patience = now, data, patience or Patience()
        self._held: dict[HealthRecord, Held] = {}

    def client(self, record: HealthRecord, patience: Patience | None = None) -> Client:
        """A server, asked with tokens where it wants them."""
        token = (lambda fresh: self.token(record, fresh=fresh)) if record.signs_in else None
        return Client(record.endpoint, token, patience)

    def token(self, record: HealthRecord, *, fresh: bool = False) -> str:
        """SystemMissing while there is no key; RecordFault when no token is given."""
        held = self._held.get(record)
        if held is None or fresh or held.until <= self._now():
            held = self._new(record)
            self._held[record] = held
        return held.token

    def _new(self, record: HealthRecord) -> Held:
        key = read_key(record, self._data)
        if key is None:
            raise SystemMissing(f"There is no key for the health record of {record.clinic}: `fhir login` makes one.")
        url = self._token_url(record)
        fields = {
            "grant_type": "client_credentials",
            "scope": " ".join(record.scopes),
            "client_assertion_type": _BY_JWT,
            "client_assertion": statement(record.client_id or "", url, key, self._now()),
        }
        answer = self._ask("POST", url, fields)
        told = _object(answer.body)
        token = told.get("access_token")
        if answer.status != 200 or not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise _refusal(answer.status, str(told.get("error", "")))
        if str(told.get("token_type", "")).lower() != "bearer":
            raise RecordFault("its sign-in gave a token of a kind that is not known here", "ours")
        return Held(token, self._now() + max(_seconds(told.get("expires_in")) - _SPARE, 0))

    def _token_url(self, record: HealthRecord) -> str:
        """Where tokens are given, as the server says. RecordFault."""
        answer = self._ask("GET", record.endpoint.url(".well-known/smart-configuration"))
        url = _object(answer.body).get("token_endpoint") if answer.status == 200 else None
        if not isinstance(url, str):
            if answer.status >= 500 or answer.status == 429:
                raise RecordFault(f"it is not available now ({answer.status})", "later")
            raise RecordFault(
                f"it does not say where to sign in (.well-known/smart-configuration: {answer.status}). "
                "Check fhir.server and fhir.auth",
                "ours",
            )
        try:
            parse_endpoint(urlsplit(url)._replace(query="").geturl(), "token_endpoint")
        except (RequestFault, ValueError):
            raise RecordFault("the address of its sign-in has no TLS, or is none", "ours") from None
        return url

    def _ask(self, method: str, url: str, fields: dict[str, str] | None = None) -> https.Answer:
        headers = {"Accept": "application/json"}
        try:
            return https.ask(method, url, fields, headers=headers, most=_MOST, patience=self._patience)
        except NoAnswer as none:
            if none.why == "certificate":
                raise RecordFault("the certificate of its sign-in is not valid", "ours") from None
            if none.why == "endless":
                raise RecordFault("the answer of its sign-in has no end", "ours") from None
            raise RecordFault("its sign-in did not answer, or the connection was lost", "later") from None


def statement(client_id: str, audience: str, key: ECKey | RSAKey, now: float) -> str:
    """Who the program is, signed: good once, for some minutes, at ``audience``."""
    from joserfc import jwt

    algorithm = algorithm_of(key)
    header = {"alg": algorithm, "typ": "JWT", "kid": key.kid}
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": int(now),
        "exp": int(now) + _LASTS,
        "jti": secrets.token_urlsafe(24),
    }
    return jwt.encode(header, claims, key, algorithms=[algorithm])


def _refusal(status: int, error: str) -> RecordFault:
    """What a no of the sign-in means: its code, none of its words."""
    if status >= 500 or status in {408, 429} or error in {"temporarily_unavailable", "server_error"}:
        return RecordFault(f"its sign-in is not available now ({status})", "later")
    code = error if _CODE.fullmatch(error) else str(status)
    if error in {"invalid_client", "unauthorized_client"}:
        told = "Check fhir.client_id, and that the public key is registered (`fhir login` shows it)"
    elif error == "invalid_scope":
        told = "It does not give the program these scopes: check fhir.scopes"
    else:
        told = "Check fhir.client_id and fhir.scopes"
    return RecordFault(f"its sign-in refused the program ({code}). {told}", "ours")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(value: object) -> float:
    """How long a token lasts; five minutes where that is not said."""
    try:
        return min(max(float(str(value)), 0), 86_400)
    except ValueError:
        return 300
