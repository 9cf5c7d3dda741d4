"""What `mail login` leaves behind: in the system's keyring, and nowhere else. An edge module."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from handouts.deliver.mail.settings import Server
from handouts.errors import SystemMissing


@dataclass(frozen=True)
class Login:
    """``refresh``: what access tokens are got with; ``secret``: of the application, where it has one."""

    refresh: str
    secret: str | None = None

    def __repr__(self) -> str:
        return "Login(...)"


def read_login(server: Server) -> Login | None:
    """None where nobody has logged in. SystemMissing without an open keyring."""
    found = _keyring("get_password", server)
    try:
        kept = json.loads(found) if found else {}
        return Login(str(kept["refresh"]), kept.get("secret"))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None  # nothing, or what another program has written there


def keep_login(server: Server, login: Login) -> None:
    """SystemMissing when the keyring does not keep it."""
    kept = {"refresh": login.refresh} | ({"secret": login.secret} if login.secret else {})
    _keyring("set_password", server, json.dumps(kept))
    if read_login(server) != login:  # there are keyrings that keep nothing, and say nothing
        raise _missing()


def renew_login(server: Server, before: Login, refresh: str) -> None:
    """Put a new refresh token in the place of ``before``; nothing where that is gone: somebody has logged out."""
    if read_login(server) == before:
        keep_login(server, replace(before, refresh=refresh))


def forget_login(server: Server) -> None:
    """Nothing where there is none. SystemMissing."""
    if _keyring("get_password", server) is not None:
        _keyring("delete_password", server)


def _keyring(what: str, server: Server, *more: str) -> str | None:
    try:
        import keyring

        found = getattr(keyring, what)(f"handouts login {server.host}", server.user or "", *more)
    except Exception:  # each system's keyring has faults of its own
        raise _missing() from None
    return found if isinstance(found, str) else None


def _missing() -> SystemMissing:
    return SystemMissing(
        "The login to the mail provider is kept in this system's keyring, and there is none, or it is locked. "
        "`keyring diagnose` shows what there is; docs/mail.md says what to do on a server."
    )
