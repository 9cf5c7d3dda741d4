"""What the tests change of a clinic: what shows on a page, and what does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

MAIL = "{from: desk@clinic.example, host: mail.clinic.example, port: 587, security: starttls, user: mailuser77}"


def say(content: Path, key: str, value: str) -> None:
    """Have clinic.yaml of the tests' clinic say ``key: value``, whatever it said before."""
    path = content / "clinics" / "cohen" / "clinic.yaml"
    text = re.sub(rf"(?m)^{key}:.*\n", "", path.read_text(encoding="utf-8"))
    path.write_text(f"{text}{key}: {value}\n", encoding="utf-8")


def append(content: Path, name: str, text: str) -> None:
    """Add ``text`` to a file of the tests' clinic, which may be a new one."""
    with (content / "clinics" / "cohen" / name).open("a", encoding="utf-8") as file:
        file.write(text)


def _turn_round(content: Path) -> None:
    path = content / "clinics" / "cohen" / "clinic.yaml"
    path.write_text("\n".join(reversed(path.read_text(encoding="utf-8").splitlines())) + "\n", encoding="utf-8")


UNPRINTED: dict[str, Callable[[Path], None]] = {
    "a mail server": lambda content: say(content, "email", MAIL),
    "a printer": lambda content: say(content, "print", "{printer: front-desk, paper: a4, duplex: false, copies: 2}"),
    "a colleague": lambda content: say(content, "clinicians", "[Dr. Cohen, Dr. Vexley]"),
    "a comment": lambda content: append(content, "clinic.yaml", "# ask Anna before you change this\n"),
    "an order of keys": _turn_round,
    "a default written out": lambda content: say(content, "practice_page", "false  # as it is without"),
    "a preset": lambda content: append(content, "presets/surgery-talk.yaml", "stage: before\n"),
    "a practice page that is switched off": lambda content: append(content, "practice.en.md", "\nMore.\n"),
    "an editor's copy": lambda content: append(content, "clinic.yaml~", "name: Dr. Cohen\n"),
}
"""Changes that show on no page."""


def _practice(content: Path, text: str) -> None:
    say(content, "practice_page", "true")
    append(content, "practice.en.md", text)


PRINTED: dict[str, Callable[[Path], None]] = {
    "name": lambda content: say(content, "name", "Dr. Cohen and Partner"),
    "line": lambda content: say(content, "line", "Neurology"),
    "address": lambda content: say(content, "address", "[1 Main Street]"),
    "phone": lambda content: say(content, "phone", "555 0100"),
    "website": lambda content: say(content, "website", "https://clinic.example"),
    "emergency number": lambda content: say(content, "emergency_number", "911"),
    "crisis line": lambda content: say(content, "crisis_line", "988"),
    "color": lambda content: say(content, "colors", '{ink: "#17324e"}'),
    "paper": lambda content: say(content, "paper", "a4"),
    "date order": lambda content: say(content, "date_order", "dmy"),
    "digits": lambda content: say(content, "digits", "arab"),
    "logo": lambda content: append(content, "logo.svg", "\n"),
    "practice page": lambda content: _practice(content, ""),
    "words of the practice page": lambda content: _practice(content, "\nMore.\n"),
}
"""Changes that do, each another page."""
