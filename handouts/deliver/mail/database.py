"""The file that the outbox is (`handouts.sqlitefile`), and its tables."""

from __future__ import annotations

from handouts.sqlitefile import SqliteFile

NAME = "outbox.sqlite3"
KEY_NAME = "outbox.key"

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
VERSION = 1
"""Of the tables."""


class Database(SqliteFile):
    """The outbox's file in a folder."""

    what, name, key_name, steps = "outbox", NAME, KEY_NAME, (_TABLES,)
