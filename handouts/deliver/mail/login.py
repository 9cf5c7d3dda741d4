"""What `mail login` leaves behind: in the system's keyring, and nowhere else. An edge module."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from handouts.deliver.mail.settings import Server
from handouts.keyring import Secret


@dataclass(frozen=True)
class Login:
    """``refresh``: what access tokens are got with; ``secret``: of the application, where it has one."""

    refresh: str
    secret: str | None = None

    def __repr__(self) -> str:
        return "Login(...)"


def read_login(server: Server) -> Login | None:
    """None where nobody has logged in. SystemMissing without an open keyring."""
    found = _in_keyring(server).read()
    try:
        kept = json.loads(found) if found else {}
        return Login(str(kept["refresh"]), kept.get("secret"))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None  # nothing, or what another program has written there


def keep_login(server: Server, login: Login) -> None:
    """SystemMissing when the keyring does not keep it."""
    kept = {"refresh": login.refresh} | ({"secret": login.secret} if login.secret else {})
    _in_keyring(server).keep(json.dumps(kept))


def renew_login(server: Server, before: Login, refresh: str) -> None:
    """Put a new refresh token in the place of ``before``; nothing where that is gone: somebody has logged out."""
    if read_login(server) == before:
        keep_login(server, replace(before, refresh=refresh))


def forget_login(server: Server) -> None:
    """Nothing where there is none. SystemMissing."""
    _in_keyring(server).forget()


def _in_keyring(server: Server) -> Secret:
    return Secret(
        service=f"handouts login {server.host}",
        user=server.user or "",
        what="The login to the mail provider",
        otherwise="docs/mail.md says what to do on a server",
    )
