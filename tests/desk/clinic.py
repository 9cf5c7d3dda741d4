"""A desk on a network for the tests: its users, its certificate, and clients of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from flask.testing import FlaskClient

from handouts.desk.app import create_app
from handouts.desk.login import UserDoor
from handouts.desk.state import Desk
from handouts.desk.users import Role, Users

HOST = "desk.clinic.example:8443"
SITE = f"https://{HOST}"
OWN = {"anna": "correct horse battery", "ben": "staple paper lantern", "cleo": "yellow kettle window"}
"""Users and their passwords."""
ROLES: dict[str, Role] = {"anna": "administrator", "ben": "approver", "cleo": "staff"}


def add_users(folder: Path) -> None:
    """Those users, each with a password of their own."""
    with Users(folder) as users:
        for name, role in ROLES.items():
            once = users.add(name, role, time.time(), "root")
            assert users.change_password(name, once, OWN[name], time.time(), "192.0.2.1")


def write_certificate(folder: Path, *names: str) -> tuple[Path, Path, trustme.CA]:
    """A certificate, its key, and the authority that issued it."""
    authority = trustme.CA()
    issued = authority.issue_cert(*(names or ("127.0.0.1", "localhost")))
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "server.pem", folder / "server.key"
    issued.private_key_pem.write_to_path(str(key))
    key.chmod(0o600)
    for number, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(str(certificate), append=number > 0)
    return certificate, key, authority


@dataclass
class Clock:
    """Time that stands still until a test moves it."""

    at: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.at


def visitor(desk: Desk, door: UserDoor, place: str = "192.0.2.7") -> FlaskClient:
    """A browser on another machine, not logged in."""
    app = create_app(desk, door)
    app.config.update(SERVER_NAME=HOST, PREFERRED_URL_SCHEME="https")  # what the client asks for
    client = app.test_client()
    client.environ_base.update(
        {
            "HTTP_ORIGIN": SITE,
            "HTTP_SEC_FETCH_SITE": "same-origin",
            "REMOTE_ADDR": place,
        }
    )
    return client
