"""What the program signs in with at a mail server: the clinic's password, or an access token.

Access tokens last an hour or so. They are only remembered, never written: the next run gets one of its own.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable

from handouts.deliver.mail.identity import Declined, Token, ask_token
from handouts.deliver.mail.login import Login, read_login, renew_login
from handouts.deliver.mail.password import password_of
from handouts.deliver.mail.providers import Registration
from handouts.deliver.mail.replies import TokenRefused
from handouts.deliver.mail.settings import Server
from handouts.deliver.mail.smtp import Connection, Timeouts, connect
from handouts.errors import SystemMissing
from handouts.https import Patience

_SPARE = 120.0
"""A token counts as expired so many seconds earlier: our clock may be late, and a conversation takes time."""


class SignIn:
    """For one run, which may be long. ``now``: seconds since 1970."""

    def __init__(self, now: Callable[[], float], patience: Patience | None = None) -> None:
        self.now, self.patience = now, patience
        self._held: dict[Server, tuple[Token, float]] = {}

    def secret(self, server: Server) -> str | None:
        """Password or access token; None where the server wants nothing. SystemMissing when nobody has put in a
        password, or logged in; Trouble for a provider that gives no token.
        """
        return self.token(server).access if server.oauth else password_of(server)

    def token(self, server: Server) -> Token:
        """As above, of a server with OAuth."""
        held, until = self._held.get(server, (None, 0.0))
        if held is None or until <= self.now():
            held = self._new(server)
            self._held[server] = held, self.now() + held.seconds - _SPARE
        return held

    def connect(
        self, server: Server, *, timeouts: Timeouts | None = None, context: ssl.SSLContext | None = None
    ) -> Connection:
        """A connection that is signed in. SystemMissing, Trouble."""
        _, remembered = self._held.get(server, (None, 0.0))
        try:
            return connect(server, self.secret(server), timeouts=timeouts, context=context)
        except TokenRefused:
            if remembered <= self.now():
                raise
            self._held.pop(server, None)  # revoked within its hour, perhaps, and the login is newer: ask once more
            return connect(server, self.secret(server), timeouts=timeouts, context=context)

    def _new(self, server: Server) -> Token:
        registration, login = server.oauth, read_login(server)
        if registration is None or login is None:
            clinic = registration.clinic if registration else ""
            raise SystemMissing(f"Nobody has logged in to the mail of {clinic} on this machine: `mail login {clinic}`.")
        try:
            token = _refreshed(registration, login, self.patience)
        except Declined as no:
            newer = read_login(server)  # another run may just have used up the one that we had
            if no.error != "invalid_grant" or newer is None or newer == login:
                raise
            login, token = newer, _refreshed(registration, newer, self.patience)
        if token.refresh and token.refresh != login.refresh:
            try:
                renew_login(server, login, token.refresh)
            except SystemMissing as error:  # this run can send; the next one may need a new login
                logging.getLogger(__name__).warning("A new login could not be kept. %s", error.message)
        return token


def _refreshed(registration: Registration, login: Login, patience: Patience | None) -> Token:
    fields = {"grant_type": "refresh_token", "refresh_token": login.refresh}
    if registration.scopes:
        fields["scope"] = " ".join(registration.scopes)
    return ask_token(registration, fields, login.secret, patience)
