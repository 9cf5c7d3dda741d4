"""What belongs together in a data folder, and whether it is complete. An edge module.

::

    record.sqlite3  record.key  archive/      what was handed out
    outbox.sqlite3  outbox.key                messages that wait, and what was sent
    document-code.key                         the key for document codes
    desk-lists.sqlite3                        what was done with the rows of lists in the last two weeks
    folder.json                               which of these were begun here, and with which keys

Every command calls `require_whole` (see `handouts.record.loss`). A missing part stops it until a person decides: a
new, empty file in its place would hide the loss. `folder.json` holds no secrets and no patient details. It notes a
part once it is complete, so a first start that was killed does not look like a loss. A folder without it (made by an
earlier version, or a copy) is judged by its content. The memory of lists is no part: whoever deletes it loses marks on
the screen, and nothing that the record does not know.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from handouts import atomic
from handouts.errors import Refused
from handouts.keyed_hash import keyed_hash
from handouts.keys import KEY_NAME, SHORTEST

RECORD, RECORD_KEY, ARCHIVE = "record.sqlite3", "record.key", "archive"
OUTBOX, OUTBOX_KEY = "outbox.sqlite3", "outbox.key"
DAY_LISTS = "desk-lists.sqlite3"
NOTES = "folder.json"
PARTS: Mapping[str, tuple[str, ...]] = {
    "record": (RECORD, RECORD_KEY),
    "archive": (ARCHIVE,),
    "outbox": (OUTBOX, OUTBOX_KEY),
    "codes": (KEY_NAME,),
}
"""Each part's files; its key is the last."""
_WHAT = {
    RECORD: "the record of what was handed out",
    RECORD_KEY: "the record's key",
    ARCHIVE: "the archive of the texts that handouts were printed from",
    OUTBOX: "the outbox, with its memory of sent messages,",
    OUTBOX_KEY: "the outbox's key",
    KEY_NAME: "the key for document codes",
}
_BACK = {
    RECORD: ("record restore FILE", "record begin"),
    RECORD_KEY: ("key restore FILE", "record begin"),
    ARCHIVE: ("record restore FOLDER", "record begin"),
    OUTBOX: ("outbox restore FILE", "outbox begin"),
    OUTBOX_KEY: ("key restore FILE", "outbox begin"),
    KEY_NAME: ("key restore FILE", "key begin"),
}
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loss:
    """A file that should be there; ``why`` completes "it ..."."""

    name: str
    why: str

    def __str__(self) -> str:
        restore, begin = _BACK[self.name]
        return (
            f"{self.name}: {_WHAT[self.name]} {self.why}.\n"
            f"    Restore it from a backup: `{restore}`\n"
            f"    If there is no backup: `{begin} --after-loss --why TEXT`"
        )


def require_whole(folder: Path) -> None:
    """Refused when a part that was begun in ``folder`` is missing, is empty, or has another key."""
    refuse(losses(folder))


def refuse(found: list[Loss]) -> None:
    """Refused, with instructions, if something is lost."""
    if found:
        raise Refused(
            "The data folder is incomplete. This command stopped before it changed anything:\n"
            + "\n".join(f"  {loss}" for loss in found)
            + "\nDon't change anything else in the folder. docs/record.md says what each choice means."
        )


def losses(folder: Path) -> list[Loss]:
    """What was begun in ``folder`` and is lost, in the order in which to restore it."""
    noted = read_notes(folder)
    begun = set(noted or _guess(folder))
    return list(_losses(folder, begun, noted or {}))


def _guess(folder: Path) -> Iterator[str]:
    """The parts that must have been begun in a folder without notes.

    A first start makes an empty database, then its key, then tables; first the record, then the outbox, and last the
    archive. So an empty database with a key alone is not a loss.
    """
    if (
        has_content(folder / RECORD)
        or _exists(folder / ARCHIVE)
        or has_content(folder / OUTBOX)
        or (_exists(folder / RECORD_KEY) and not _exists(folder / RECORD))
    ):
        yield "record"
    if has_content(folder / OUTBOX) or (_exists(folder / OUTBOX_KEY) and not _exists(folder / OUTBOX)):
        yield "outbox"
    if _exists(folder / KEY_NAME):
        yield "codes"


def _losses(folder: Path, begun: set[str], noted: Mapping[str, str]) -> Iterator[Loss]:
    for part, names in PARTS.items():
        if part not in begun:
            continue
        for name in names:
            path = folder / name
            if not _exists(path):
                yield Loss(name, "is missing")
            elif not has_content(path):
                yield Loss(name, "is empty")
            elif name.endswith(".key"):
                yield from _losses_of_key(path, noted.get(part))


def _losses_of_key(path: Path, noted: str | None) -> Iterator[Loss]:
    try:
        key = path.read_bytes()
    except OSError:
        return  # reported when it is read
    if len(key) < SHORTEST:
        yield Loss(path.name, "is damaged: it is too short to be a key")
    elif noted and noted != fingerprint(key):
        yield Loss(path.name, "is not the key that was used here")


def has_content(path: Path) -> bool:
    """Whether a file holds at least a byte, or a folder (the archive) a file. True if that can't be checked."""
    try:
        if path.is_dir():
            return next(path.glob("*/*"), None) is not None
        return path.stat().st_size > 0
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # reported when it is opened


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True


def fingerprint(key: bytes) -> str:
    """Identifies a key without revealing it: 16 hex digits."""
    return keyed_hash(key, "fingerprint")[:16]


def read_notes(folder: Path) -> dict[str, str] | None:
    """Which parts were begun, and the fingerprints of their keys; None without notes."""
    try:
        found = json.loads((folder / NOTES).read_bytes())["begun"]
        return {part: str(found[part]) for part in PARTS if part in found} or None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def note_what_is_there(folder: Path) -> None:
    """Note every complete part, keeping earlier notes. OSError."""
    noted = read_notes(folder) or {}
    found = {part: mark for part in PARTS if (mark := _mark(folder, part)) is not None}
    if found | noted != noted:
        write_notes(folder, found | noted)


def _mark(folder: Path, part: str) -> str | None:
    """The note for a complete part: its key's fingerprint, "" without a key; None for an incomplete part."""
    names = PARTS[part]
    if not all(has_content(folder / name) for name in names):
        return None
    if not names[-1].endswith(".key"):
        return ""
    with contextlib.suppress(OSError):
        key = (folder / names[-1]).read_bytes()
        return fingerprint(key) if len(key) >= SHORTEST else None
    return None


def write_notes(folder: Path, begun: Mapping[str, str]) -> None:
    """Note exactly ``begun``. OSError."""
    about = "Which parts of this folder were begun, and fingerprints of their keys. Written by the program."
    text = json.dumps({"about": about, "begun": dict(begun)}, indent=1)
    atomic.write(folder / NOTES, f"{text}\n".encode("ascii"))


def forget(folder: Path, part: str, key: bytes | None = None) -> None:
    """Note that ``part`` will have another key, or none yet. OSError."""
    noted = read_notes(folder) or {name: mark for name in PARTS if (mark := _mark(folder, name)) is not None}
    noted.pop(part, None)
    write_notes(folder, noted | ({part: fingerprint(key)} if key else {}))


def keep_private(folder: Path) -> None:
    """Make the files in ``folder`` private, and log what was open. Refused for another user's files."""
    for path in private_files(folder):
        make_private(path)


def make_private(path: Path) -> None:
    """The same for one file."""
    if owner_trouble(path):
        raise Refused(
            f"{path.name} belongs to another user of this machine, who could read and change it. Run the command as "
            "that user, or have an administrator give you the file (chown)."
        )
    if mode := open_mode(path):
        try:
            path.chmod(0o600)
        except OSError as error:
            raise Refused(
                f"{path.name} can be read by other users of this machine (mode {mode:04o}), and that can't be changed: "
                f"{error.strerror}. Set its mode to 0600."
            ) from None
        _LOG.warning(
            "%s could be read by other users of this machine (mode %04o). Only you can read it now (0600). If others "
            "do use this machine, they may have copied it.",
            path.name,
            mode,
        )


def guard_key_file(path: Path) -> None:
    """The same for a key named by the user. One of another user only logs a warning: it may be shared on purpose."""
    if not owner_trouble(path):
        make_private(path)
    elif open_mode(path) & 0o007:
        _LOG.warning("%s can be read by every user of this machine. Its owner should set its mode to 0600.", path.name)


def private_files(folder: Path) -> list[Path]:
    """The files in ``folder`` that should be private: keys, databases and their copies."""
    names = {KEY_NAME, RECORD_KEY, OUTBOX_KEY}
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if path.name in names
            or (path.name.startswith(("record", "outbox", "desk-lists")) and ".sqlite3" in path.name)
        )
    except OSError:
        return []


def open_mode(path: Path) -> int:
    """The mode of a file that others can read or write; 0 for one that is private or missing."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
    return mode if mode & 0o077 else 0


def owner_trouble(path: Path) -> bool:
    """Whether a file belongs to another user."""
    try:
        return path.stat().st_uid != os.geteuid()
    except OSError:
        return False
