"""The record's file (`handouts.sqlitefile`), its tables and the steps between their versions."""

from __future__ import annotations

import re

from handouts.datafolder import RECORD, RECORD_KEY
from handouts.sqlitefile import SqliteFile

NAME, KEY_NAME = RECORD, RECORD_KEY

_FIRST = """
CREATE TABLE events (              -- handouts/record/event.py says what each column holds
    seq INTEGER PRIMARY KEY,       -- 1, 2, 3 ... without a gap
    at TEXT NOT NULL,
    by TEXT NOT NULL,
    what TEXT NOT NULL,
    code TEXT,
    channel TEXT,
    message INTEGER,
    topic TEXT,
    clinic TEXT,
    version TEXT,
    content TEXT,
    source TEXT,
    engine TEXT,
    day TEXT,
    options TEXT,
    format TEXT,
    language TEXT,
    approved_until TEXT,
    interpreter TEXT,
    destination TEXT,
    made TEXT,
    delivered TEXT,
    patient TEXT,
    person TEXT,
    marks TEXT,
    replaces TEXT,
    why TEXT,
    anchor TEXT,
    mac TEXT NOT NULL              -- keyed hash of all columns and the event before
);
CREATE INDEX events_of_code ON events (code);
CREATE INDEX events_voided ON events (code) WHERE what = 'voided';
CREATE INDEX events_replacing ON events (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX events_delivered ON events (delivered) WHERE delivered IS NOT NULL;
CREATE INDEX events_of_message ON events (message) WHERE message IS NOT NULL;
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, mac TEXT NOT NULL);
CREATE TABLE engines (id TEXT PRIMARY KEY, versions TEXT NOT NULL)
"""
_FOLDED = """
ALTER TABLE events ADD COLUMN patient_folded TEXT;
ALTER TABLE events ADD COLUMN person_folded TEXT
"""
_STEPS = (_FIRST, _FOLDED)
OURS = frozenset(re.findall(r"^CREATE (?:TABLE|INDEX) (\w+)", "\n".join(_STEPS), re.MULTILINE))
"""Names of everything that belongs in the file."""


class Database(SqliteFile):
    """The record's file in a folder."""

    what, name, key_name, steps = "record", NAME, KEY_NAME, _STEPS
