"""Who may work at a desk on a network, and the log of who came in. An edge module.

A file of its own in the data folder. The log has log-ins, failures, log-outs and what was done to users: names of users
and addresses of machines, nothing about patients. A name that is no user's may be a password in the wrong field, so of
that one only a keyed hash is kept.
"""

from __future__ import annotations

import secrets
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from handouts.datafolder import USERS, USERS_KEY
from handouts.deliver.mail.encryption import new_passphrase
from handouts.desk.passwords import Passwords, require_good
from handouts.errors import Refused, RequestFault
from handouts.keyed_hash import keyed_hash
from handouts.sqlitefile import SqliteFile

Role = Literal["staff", "approver", "administrator"]
May = Literal["approve", "administer"]
_MAY: dict[Role, tuple[May, ...]] = {"staff": (), "approver": ("approve",), "administrator": ("approve", "administer")}
ONCE = 3 * 24 * 3600.0
"""Seconds for which a one-time password lets in."""
MOST_LOGGED = 100_000
"""Lines of the log, some 10 MB; the oldest go first."""
_LONGEST = 64


@dataclass(frozen=True)
class User:
    """``stamp`` changes with the password and the role: sessions that have another one end. ``once``: the password has
    to be replaced before anything else.
    """

    name: str
    role: Role
    stamp: str
    once: bool

    def may(self, what: May) -> bool:
        """Whether the role allows it."""
        return what in _MAY[self.role]


@dataclass(frozen=True)
class Line:
    """A line of the log. ``at``: seconds since 1970; ``where``: a machine's address, or who did it at the server."""

    at: float
    what: str
    who: str
    where: str


class Users(SqliteFile):
    """The users in ``folder``. Every method may raise OutputFault."""

    what = "list of the desk's users"
    name = USERS
    key_name = USERS_KEY
    steps = (
        """CREATE TABLE users (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL, until REAL,
            stamp TEXT NOT NULL
        ) STRICT;
CREATE TABLE log (id INTEGER PRIMARY KEY, at REAL NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, place TEXT NOT NULL
        ) STRICT""",
    )

    def __init__(self, folder: Path, *, looking: bool = False, passwords: Passwords | None = None) -> None:
        super().__init__(folder, looking=looking)
        self.passwords = passwords or Passwords(self.key)

    def all(self) -> list[User]:
        """Every user, by name."""
        return [_user(row) for row in self.look("SELECT * FROM users ORDER BY id")]

    def get(self, name: str) -> User | None:
        """The user of that name, however it is capitalized."""
        found = self.look("SELECT * FROM users WHERE id = ?", user_id(name))
        return _user(found[0]) if found else None

    def log(self, most: int = MOST_LOGGED) -> list[Line]:
        """The newest lines, oldest first."""
        found = self.look("SELECT * FROM log ORDER BY id DESC LIMIT ?", most)
        return [Line(row["at"], row["what"], row["who"], row["place"]) for row in reversed(found)]

    def add(self, name: str, role: Role, now: float, by: str) -> str:
        """A one-time password for a new user. Refused if there is one of that name, or the first is no administrator;
        RequestFault for what is no name.
        """
        plain = _require_name(name)
        password = new_passphrase()
        kept = self.passwords.hash(password)
        with self.change() as connection:
            if connection.execute("SELECT 1 FROM users WHERE id = ?", (user_id(plain),)).fetchone():
                raise Refused(f"There is a user {plain} already. `desk users reset` gives a new password.")
            if role != "administrator" and not _administrators(connection):
                raise Refused("The first user has to be an administrator: add --may administer.")
            row = (user_id(plain), plain, role, kept, now + ONCE, _stamp())
            connection.execute("INSERT INTO users (id, name, role, hash, until, stamp) VALUES (?, ?, ?, ?, ?, ?)", row)
            _note(connection, now, f"added as {role}", plain, f"by {by}")
        return password

    def reset(self, name: str, now: float, by: str) -> str:
        """A new one-time password; the old one and all sessions of that user end. RequestFault for nobody's name."""
        password = new_passphrase()
        kept = self.passwords.hash(password)
        with self.change() as connection:
            row = _require(connection, name)
            connection.execute(
                "UPDATE users SET hash = ?, until = ?, stamp = ? WHERE id = ?", (kept, now + ONCE, _stamp(), row["id"])
            )
            _note(connection, now, "password reset", row["name"], f"by {by}")
        return password

    def remove(self, name: str, now: float, by: str) -> str:
        """The name of the user who is one no more. Refused for the last administrator; RequestFault for nobody's."""
        with self.change() as connection:
            row = _require(connection, name)
            if row["role"] == "administrator" and _administrators(connection) == 1:
                raise Refused(f"{row['name']} is the last administrator. Add another one first.")
            connection.execute("DELETE FROM users WHERE id = ?", (row["id"],))
            _note(connection, now, "removed", row["name"], f"by {by}")
        return str(row["name"])

    def check(self, name: str, password: str, now: float, place: str) -> User | None:
        """Whose name and password these are; None if nobody's. It takes as long in either case."""
        found = self.look("SELECT * FROM users WHERE id = ?", user_id(name))
        kept = found[0]["hash"] if found else self._nobodys()
        fits = self.passwords.fits(kept, password)
        timely = bool(found) and (found[0]["until"] is None or now < found[0]["until"])
        if not (found and fits and timely):
            who = found[0]["name"] if found else f"unknown {keyed_hash(self.key, 'name', user_id(name))[:8]}"
            self.note(now, "one-time password too old" if found and fits else "failed", who, place)
            return None
        if self.passwords.is_old(kept):
            with self.change() as connection:
                connection.execute(
                    "UPDATE users SET hash = ? WHERE id = ? AND hash = ?",
                    (self.passwords.hash(password), found[0]["id"], kept),
                )
        self.note(now, "logged in", found[0]["name"], place)
        return _user(found[0])

    def change_password(self, name: str, old: str, new: str, now: float, place: str) -> User | None:
        """The user with a password of their own; None if ``old`` is not theirs, or no more: somebody may have changed
        or reset it since it was asked for. RequestFault if ``new`` is no good.
        """
        require_good(new, name)
        found = self.look("SELECT * FROM users WHERE id = ?", user_id(name))
        if not found or not self.passwords.fits(found[0]["hash"], old):
            self.note(now, _NOT_CHANGED, found[0]["name"] if found else "", place)
            return None
        if self.passwords.fits(found[0]["hash"], new):
            raise RequestFault("That is the password you have. Choose another one.")
        kept, stamp = self.passwords.hash(new), _stamp()
        with self.change() as connection:
            changed = connection.execute(
                "UPDATE users SET hash = ?, until = NULL, stamp = ? WHERE id = ? AND hash = ?",
                (kept, stamp, found[0]["id"], found[0]["hash"]),
            ).rowcount
            _note(connection, now, "password changed" if changed else _NOT_CHANGED, found[0]["name"], place)
        return User(found[0]["name"], found[0]["role"], stamp, once=False) if changed else None

    def note(self, now: float, what: str, who: str, place: str) -> None:
        """A line of the log."""
        with self.change() as connection:
            _note(connection, now, what, who, place)

    def _nobodys(self) -> str:
        """A hash that no password fits, with today's parameters."""
        global _NOBODYS  # once a process: making it takes as long as a check
        if _NOBODYS is None:
            _NOBODYS = self.passwords.hash(secrets.token_urlsafe(32))
        return _NOBODYS

    def prepare(self) -> None:
        """Make what the first check would otherwise take longer for."""
        self._nobodys()

    @property
    def _damaged(self) -> str:
        return (
            f"its file is damaged. Keep it, and put {self.name} and {self.key_name} back from a copy of the data "
            "folder; without one, take both away and add the users again: `desk users add`."
        )


_NOBODYS: str | None = None
_NOT_CHANGED = "failed to change the password"


def role_for(may: Sequence[str]) -> Role:
    """The role that allows all of ``may``, and no more."""
    return next(role for role in get_args(Role) if set(may) <= set(_MAY[role]))


def _user(row: sqlite3.Row) -> User:
    return User(row["name"], row["role"], row["stamp"], row["until"] is not None)


def user_id(name: str) -> str:
    """What stands for a name however it is written: capitals, spaces, and letters that only look different."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()[:200]


def _stamp() -> str:
    return secrets.token_hex(8)


def _require_name(name: str) -> str:
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    if not plain or len(plain) > _LONGEST or not plain.isprintable() or plain.startswith("-"):
        raise RequestFault(f"A user's name has 1 to {_LONGEST} plain characters, such as anna or Dr. Lee.")
    return plain


def _require(connection: sqlite3.Connection, name: str) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute("SELECT * FROM users WHERE id = ?", (user_id(name),)).fetchone()
    if row is None:
        raise RequestFault("There is no such user. `desk users list` names them.")
    return row


def _administrators(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM users WHERE role = 'administrator'").fetchone()[0])


def _note(connection: sqlite3.Connection, now: float, what: str, who: str, place: str) -> None:
    connection.execute("INSERT INTO log (at, what, who, place) VALUES (?, ?, ?, ?)", (now, what, who, place))
    connection.execute("DELETE FROM log WHERE id <= (SELECT max(id) FROM log) - ?", (MOST_LOGGED,))
