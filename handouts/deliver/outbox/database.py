"""The file that the outbox is (`handouts.sqlitefile`), and its tables."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from typing import Any

from handouts.codes import parse_code
from handouts.datafolder import OUTBOX, OUTBOX_KEY
from handouts.deliver.mail.address import parse_address
from handouts.deliver.outbox.entries import Destination
from handouts.errors import HandoutError
from handouts.fhir.endpoint import parse_endpoint
from handouts.keyed_hash import keyed_hash
from handouts.sqlitefile import SqliteFile

NAME, KEY_NAME = OUTBOX, OUTBOX_KEY

_TABLES = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    dedupe TEXT NOT NULL,          -- keyed hash of recipient and document
    copy INTEGER NOT NULL,         -- 0, or how often it was asked for again
    code TEXT NOT NULL,            -- the document's
    clinic TEXT NOT NULL,
    address_hash TEXT NOT NULL,
    patient_hash TEXT,             -- NULL where nobody said which patient it is
    message_id TEXT NOT NULL UNIQUE,
    slips TEXT,                    -- which file of slips holds its four words
    locked INTEGER NOT NULL,
    unlocked_by TEXT,              -- who said that the patient was warned
    state TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'sending', 'sent', 'failed', 'unknown', 'cancelled')),
    reason TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    created REAL NOT NULL,
    due REAL NOT NULL,
    until REAL NOT NULL,           -- after this a temporary refusal is final
    changed REAL NOT NULL,
    holder TEXT,                   -- the runner that has it
    lease REAL,                    -- until when
    UNIQUE (dedupe, copy)
);
CREATE INDEX waiting ON messages (state, due);
CREATE INDEX of_code ON messages (code);
CREATE TABLE contents (            -- all that tells of a patient; gone when a message has reached its end
    id INTEGER PRIMARY KEY REFERENCES messages,
    address TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE pauses (clinic TEXT PRIMARY KEY, since REAL NOT NULL, reason TEXT NOT NULL);
CREATE TABLE paces (clinic TEXT PRIMARY KEY, next REAL NOT NULL);
CREATE TABLE known (               -- which address has reached which patient
    patient_hash TEXT NOT NULL,
    address_hash TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (patient_hash, address_hash)
);
CREATE TABLE unlocked (address_hash TEXT PRIMARY KEY, by TEXT NOT NULL, at REAL NOT NULL);
"""
_SEALS = "ALTER TABLE contents ADD COLUMN seal TEXT"
"""A keyed hash of all that a message goes out with: see `seal_of`."""
_CHANNELS = """
ALTER TABLE messages ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail';
ALTER TABLE messages ADD COLUMN kind TEXT NOT NULL DEFAULT 'handout';
ALTER TABLE messages ADD COLUMN place TEXT;
ALTER TABLE messages ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN queue TEXT AS
    (CASE channel WHEN 'mail' THEN clinic ELSE clinic || '/' || channel END) VIRTUAL
"""
"""What leads to a health record. ``place``: its server, which tells of no patient, also once the content is gone;
``repeats``: 1 for what goes out again when an answer was lost; ``queue``: as `entries.queue_of` has it.
"""
VERSION = 3
"""Of the tables."""


class Database(SqliteFile):
    """The outbox's file in a folder."""

    what, name, key_name, steps = "outbox", NAME, KEY_NAME, (_TABLES, _SEALS, _CHANNELS)
    keeps_copy = False  # addresses and messages would stay in it for good

    def convert(self, version: int) -> None:
        """Seal what waits in an outbox of version 1, but for what was changed there already: that stays unsealed."""
        if version != 1:
            return
        rows = self.connection.execute("SELECT * FROM messages JOIN contents USING (id)").fetchall()
        for row in rows:
            if why_not(row, self.key, sealed=False) is None:
                seal = seal_of(self.key, row)
                self.connection.execute("UPDATE contents SET seal = ? WHERE id = ?", (seal, row["id"]))


def seal_of(key: bytes, row: Mapping[str, Any] | sqlite3.Row) -> str:
    """A keyed hash over what a message goes out with, and to whom. Nobody can change that without it showing."""
    parts = [str(row[name]) for name in ("code", "clinic", "message_id", "address_hash", "address")]
    if row["channel"] != "mail":  # the seals of mail are those of version 2
        parts += [str(row[name]) for name in ("channel", "kind")]
    return keyed_hash(key, "seal", *parts, hashlib.sha256(row["body"]).hexdigest())


def address_hash(key: bytes, address: Destination) -> str:
    """How an address is remembered."""
    return keyed_hash(key, "address", address.same_as)


def destination_of(row: Mapping[str, Any] | sqlite3.Row) -> Destination:
    """Where a message goes. RequestFault for what can't be a destination of its channel."""
    return (parse_endpoint if row["channel"] == "fhir" else parse_address)(row["address"])


def why_not(row: sqlite3.Row, key: bytes, *, sealed: bool = True) -> str | None:
    """Why a message must not go out as it stands in the outbox; None when it may."""
    texts, wholes = ("code", "clinic", "message_id", "address_hash", "address"), ("copy", "tries", "locked")
    if not all(isinstance(row[name], str) for name in texts) or not all(isinstance(row[name], int) for name in wholes):
        return DAMAGED
    if not isinstance(row["body"], bytes) or not row["body"] or parse_code(row["code"]) != row["code"]:
        return DAMAGED
    try:
        address = destination_of(row)
    except HandoutError:
        return "what stands there as its address can't be one"
    if str(address) != row["address"] or address_hash(key, address) != row["address_hash"]:
        return "its address is not the one that was queued: somebody changed it in the outbox"
    if sealed and row["seal"] != seal_of(key, row):
        return "it is not as it was queued: somebody changed it in the outbox"
    return None


DAMAGED = "its row in the outbox is damaged"
