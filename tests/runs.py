"""Lists of made-up patients, and the command `batch` on them in its own process."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import CONTENT, KEY, PATIENCE, ROOT, TOPIC

SELECTIONS = (["botox"], ["botox", "no-treatment"])
_GIVEN = ("Ava", "Tyrone", "Yvette", "Zoë", "Priya", "Kwame", "Tomás", "Renée", "Λυδία", "Nguyễn")
_FAMILY = ("Yates", "O'Brien", "Vargas", "Ng", "Björk", "Patel", "Muñoz")


def person(number: int) -> dict[str, Any]:
    """The request of a row: another person for each number; one in seven has a note."""
    given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[number // len(_GIVEN) % len(_FAMILY)]
    return {
        "topic": TOPIC,
        "options": SELECTIONS[number % 7 == 0],
        "patient": {
            "name": f"{given} {chr(65 + number // 70 % 26)}. {family}",
            "identifier": f"MRN {number:06}",
            "birth_date": f"{1930 + number % 70}-0{1 + number % 9}-1{number % 10}",
        },
        **({"note": f"Please ring us, number {number}."} if number % 7 == 3 else {}),
    }


def write_list(path: Path, rows: int, *, bad: int = 0) -> Path:
    """A list of ``rows`` people; one in ``bad`` has no topic, and so is at fault."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(1, rows + 1):
            request = person(number)
            if bad and number % bad == 0:
                del request["topic"]
            file.write(json.dumps(request, ensure_ascii=False) + "\n")
    return path


@dataclass(frozen=True)
class Batch:
    """The command for one list: on a fixed day and key, with sheets that others have typeset."""

    source: Path
    cache: Path
    content: Path = CONTENT
    flags: tuple[str, ...] = ("--jobs", "2")
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, folder: Path) -> list[str]:
        """What is typed."""
        key = self.source.parent / "key"
        key.write_bytes(KEY)
        command = [sys.executable, str(ROOT / "generate.py"), "--content", str(self.content), "--today", "2026-11-22"]
        command += ["batch", str(self.source), "-d", str(folder), "--key-file", str(key), "--cache", str(self.cache)]
        return [*command, "--allow-unapproved", *self.flags]

    def start(self, folder: Path, **more: Any) -> subprocess.Popen[str]:
        """Begin a run in a session of its own, as a terminal would."""
        return subprocess.Popen(
            self.command(folder),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=os.environ | self.environment,
            **more,
        )

    def run(self, folder: Path, **more: Any) -> tuple[int, str, str]:
        """A whole run: exit code, standard output, standard error."""
        process = self.start(folder, **more)
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err


def contents(folder: Path) -> dict[str, str]:
    """Every file of a folder, hidden ones too, with its SHA-256."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def records(folder: Path) -> Iterator[tuple[str, str]]:
    """File name and SHA-256 as the journal has them; lines that are not whole are passed over."""
    journal = folder / "journal.txt"
    for line in journal.read_bytes().split(b"\n")[1:] if journal.exists() else ():
        parts = line.strip(b"\0").split()
        if len(parts) == 5:
            yield f"{int(parts[0]):06}-{parts[1].decode()}.pdf", parts[3].decode()


def whole_files(folder: Path) -> set[str]:
    """Names of the PDFs of a folder; each is whole, and what the journal says of it is so."""
    if not folder.is_dir():
        return set()
    told = dict(records(folder))
    names = {path.name for path in folder.glob("*.pdf")}
    for name in names:
        data = (folder / name).read_bytes()
        assert data.startswith(b"%PDF-"), name
        assert data.endswith(b"%%EOF\n"), name
        assert hashlib.sha256(data).hexdigest() == told.get(name, hashlib.sha256(data).hexdigest()), name
    assert told.keys() <= names, "the journal tells of a file that is not there"
    return names
