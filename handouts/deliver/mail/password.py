"""Where the clinic's mail password is: the system's keyring, else an environment variable. An edge module.

Never a file of the project, never the command line: both are read by others.
"""

from __future__ import annotations

import os

from handouts.deliver.mail.settings import Server
from handouts.errors import SystemMissing
from handouts.keyring import Secret

VARIABLE = "HANDOUTS_SMTP_PASSWORD"


def service(server: Server) -> str:
    """Under which name the keyring has the password."""
    return f"handouts {server.host}"


def password_of(server: Server) -> str | None:
    """The password of the clinic's user; None where no user is named. SystemMissing when it is nowhere."""
    if server.user is None:
        return None
    found = _in_keyring(server) or os.environ.get(VARIABLE)
    if not found:
        raise SystemMissing(
            f"There is no password for the mail server. Put it into this system's keyring, once:\n"
            f"  keyring set '{service(server)}' '{server.user}'\n"
            f"or, where there is no keyring (cron, a server), into the environment variable {VARIABLE}."
        )
    return found


def _in_keyring(server: Server) -> str | None:
    """None where there is no keyring, it is shut, or it does not have the password: the variable is asked next."""
    try:
        return Secret(service(server), server.user or "", "The mail password", VARIABLE).read()
    except SystemMissing:
        return None
