"""Who gives out the clinic's tokens: two presets, and any other provider by its addresses. Pure.

Microsoft's addresses and scopes are from "Authenticate an IMAP, POP or SMTP connection using OAuth", Google's from
"OAuth 2.0 for Mobile & Desktop Apps" and "OAuth 2.0 Mechanism". Google gives no token for mail to a login with a code:
its list of scopes for RFC 8628 leaves mail out. So there the login is one in the browser (RFC 8252).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from handouts.errors import ContentFault
from handouts.model.clinic import Email

Security = Literal["tls", "starttls", "plain"]


@dataclass(frozen=True)
class Preset:
    """What is the same for every clinic of a provider. ``ways``: the ports where ``host`` takes mail, best one first;
    ``asks``: more that its page for a login in the browser wants; ``loopback``: this machine, as it may be named there.
    """

    host: str | None = None
    ways: tuple[tuple[int, Security], ...] = ((465, "tls"),)
    device_url: str | None = None
    authorize_url: str | None = None
    token_url: str | None = None
    revoke_url: str | None = None
    scopes: tuple[str, ...] = ()
    asks: tuple[tuple[str, str], ...] = ()
    loopback: str = "127.0.0.1"  # RFC 8252, 8.3


_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
PRESETS = {
    "microsoft365": Preset(
        host="smtp.office365.com",
        ways=((587, "starttls"), (25, "starttls")),
        device_url=f"{_MICROSOFT}/devicecode",
        authorize_url=f"{_MICROSOFT}/authorize",
        token_url=f"{_MICROSOFT}/token",
        scopes=("https://outlook.office.com/SMTP.Send", "offline_access"),
        loopback="localhost",  # the one name whose port may be any
    ),
    "google": Preset(
        host="smtp.gmail.com",
        ways=((465, "tls"), (587, "starttls"), (25, "starttls")),
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106  an address
        revoke_url="https://oauth2.googleapis.com/revoke",
        scopes=("https://mail.google.com/",),
        asks=(("access_type", "offline"), ("prompt", "consent")),  # or a second login gives no refresh token
    ),
}


@dataclass(frozen=True)
class Registration:
    """The clinic's program as its provider knows it, and where to ask for what. Of the two ways to log in, one is None
    or both are there.
    """

    clinic: str
    client_id: str
    token_url: str
    device_url: str | None
    authorize_url: str | None
    revoke_url: str | None
    scopes: tuple[str, ...]
    asks: tuple[tuple[str, str], ...] = ()
    loopback: str = "127.0.0.1"


def preset(email: Email) -> Preset:
    """What the clinic's provider fills in; nothing for one that is not named."""
    return PRESETS[email.provider] if email.provider else Preset()


def registration_of(clinic: str, email: Email) -> Registration:
    """ContentFault for a registration that is not complete, naming what is missing."""
    known, given = preset(email), email.oauth
    token_url = given.token_url or known.token_url
    device_url, authorize_url = given.device_url or known.device_url, given.authorize_url or known.authorize_url
    addresses = [address for address in (token_url, device_url, authorize_url) if address]
    lacking = {
        "email.user (the account that sends)": not email.user,
        "email.oauth.client_id (from the provider's page for applications)": not given.client_id,
        "email.oauth.tenant (the directory's ID)": not given.tenant and any("{tenant}" in one for one in addresses),
        "email.oauth.token_url, or email.provider": not token_url,
        "email.oauth.device_url (or authorize_url)": bool(token_url) and not (device_url or authorize_url),
    }
    missing = [what for what, lacks in lacking.items() if lacks]
    if missing or not given.client_id or not token_url:
        raise ContentFault(
            f"clinic.yaml of {clinic}: 'email.auth: oauth' needs {', '.join(missing)}. See docs/mail.md."
        )

    def placed(address: str | None) -> str | None:
        return address.replace("{tenant}", given.tenant or "") if address else None

    return Registration(
        clinic,
        given.client_id,
        placed(token_url) or "",
        placed(device_url),
        placed(authorize_url),
        placed(given.revoke_url or known.revoke_url),
        given.scopes or known.scopes,
        known.asks,
        known.loopback,
    )
