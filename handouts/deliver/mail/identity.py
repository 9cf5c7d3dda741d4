"""One question to the provider who gives out tokens, and what its answer means (RFC 6749, 7009, 8628). An edge module.

Everything goes by `handouts.https`: a token goes to the address in clinic.yaml, and to no other.

A provider's own words are never kept, only its error code: descriptions hold addresses and numbers of sessions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handouts import https
from handouts.deliver.mail.providers import Registration
from handouts.deliver.outbox.trouble import OurFault, Trouble, TryLater
from handouts.https import NoAnswer, Patience, Why

_MOST = 262_144
"""Bytes of an answer. Real ones have some thousand."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
"""Printable ASCII (RFC 6749, appendix A): nothing that could end a line, or a field, of the mail server's dialogue."""
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_LIKE_CONSENT = {"consent_required", "admin_consent_required"}
_NEEDS_A_PERSON = {"interaction_required", "login_required", "account_selection_required"}
_HEADERS = {"Accept": "application/json"}
_BUSY = {"temporarily_unavailable", "server_error"}
_CONSENT_NUMBERS = {65001, 65004, 90094}
"""Microsoft's numbers for "nobody has consented", "the user declined" and "an administrator has to"."""


@dataclass(frozen=True)
class Token:
    """``access``: what a mail server takes, for ``seconds``; ``refresh``: what gets the next one, if it is another."""

    access: str
    refresh: str | None
    seconds: float

    def __repr__(self) -> str:
        return "Token(...)"


class Declined(OurFault):
    """The provider's no; ``error``: its code, such as invalid_grant, "" for an answer that is none."""

    def __init__(self, reason: str, error: str) -> None:
        self.error = error
        super().__init__(reason, over=True)


def ask_token(
    registration: Registration, fields: Mapping[str, str], secret: str | None, patience: Patience | None = None
) -> Token:
    """A token for what ``fields`` hold: a refresh token, a device's code, a browser's code. Declined, TryLater."""
    answer = ask(registration, registration.token_url, fields, secret, patience)
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if not _is_token(access) or str(answer.get("token_type", "bearer")).lower() != "bearer":
        raise Declined("the provider's answer holds no token that mail servers take", "")
    return Token(str(access), str(refresh) if _is_token(refresh) else None, seconds_in(answer.get("expires_in"), 300))


def ask(
    registration: Registration,
    url: str,
    fields: Mapping[str, str],
    secret: str | None = None,
    patience: Patience | None = None,
) -> dict[str, Any]:
    """The provider's answer, an object of JSON; {} for an empty one. Declined, OurFault; TryLater when it is down."""
    body = dict(fields) | {"client_id": registration.client_id} | ({"client_secret": secret} if secret else {})
    try:
        got = https.ask("POST", url, body, headers=_HEADERS, most=_MOST, patience=patience or Patience())
    except NoAnswer as none:
        raise _without(none.why) from None
    status, answer = got.status, _parsed(got.body)
    if 200 <= status < 300 and answer is not None and "error" not in answer:
        return answer
    raise _meaning(registration, status, answer or {})


def seconds_in(value: object, otherwise: float) -> float:
    """How long something lasts, at most a day; some providers write it as a text."""
    try:
        return min(max(float(str(value)), 0), 86_400)
    except ValueError:
        return otherwise


def _is_token(value: object) -> bool:
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def _parsed(text: bytes) -> dict[str, Any] | None:
    """None for what is no object of JSON."""
    try:
        found = json.loads(text or b"{}")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _meaning(registration: Registration, status: int, answer: Mapping[str, Any]) -> Trouble:
    """What a no means, and what to do. ``error`` and ``suberror`` are codes; Microsoft's numbers say it exactly."""
    error, more = (str(answer.get(key, "")) for key in ("error", "suberror"))
    numbers = answer.get("error_codes")
    consent = {error, more} & _LIKE_CONSENT or (isinstance(numbers, list) and _CONSENT_NUMBERS & _whole(numbers))
    again = f"run `mail login {registration.clinic}`"
    if status >= 500 or status in {408, 429} or error in _BUSY:
        return TryLater(f"the provider of the login is not available now ({status})", over=True)
    if 300 <= status < 400:
        return OurFault(
            "the provider sends the program to another address. Check the addresses in email.oauth", over=True
        )
    if not _CODE.fullmatch(error):
        return OurFault(f"this is no address of a login ({status}). Check the addresses in email.oauth", over=True)
    if consent:
        told = f"consent to send mail is missing ({error}). Have an administrator give it, then {again}"
    elif error in _NEEDS_A_PERSON:
        told = f"the provider wants somebody to sign in again ({error}): {again}"
    elif error == "invalid_grant":
        told = f"the login has expired or was revoked ({error}): {again}"
    elif error in {"invalid_client", "unauthorized_client"}:
        told = (
            f"the provider does not take this application ({error}). Check email.oauth.client_id, how the application "
            "is registered (docs/mail.md) and, where it has one, its client secret"
        )
    elif error == "invalid_scope":
        told = f"the provider does not give the application this scope ({error}). Check email.oauth.scopes"
    else:
        told = f"the provider said {error}. Check email.oauth"
    return Declined(told, error)


def _whole(numbers: list[Any]) -> set[int]:
    return {number for number in numbers if isinstance(number, int)}


def _without(why: Why) -> Trouble:
    """What it means that there is no answer."""
    if why == "certificate":
        return OurFault("the certificate of the provider of the login is not valid", over=True)
    if why == "endless":
        return OurFault("the provider's answer has no end. Check the addresses in email.oauth", over=True)
    if why == "late":
        return TryLater("the provider of the login did not answer in time", over=True)
    return TryLater("there was no connection to the provider of the login, or it was lost", over=True)
