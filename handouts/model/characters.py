"""What can't be seen on paper though it stands in a text: invisible characters, lost letters, accents on nothing. Pure.

Content is looked through when it is loaded (`handouts.load.collector`), a request when something is made from it
(`handouts.load.refusals`).
"""

from __future__ import annotations

import re
import unicodedata

LOST = "\ufffd"
"""U+FFFD stands for a letter that some program could not read."""

# Unicode's Default_Ignorable_Code_Point (it holds the bidi controls of UAX 9), the marks of interlinear annotation,
# the empty Braille cell, and control characters but tab and line ends.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ufffd]"
)
_JOINERS = "\u200c\u200d"
_MARKS = ("Mn", "Mc", "Me")


def find_invisible(text: str) -> str:
    """The first character of ``text`` that nobody can see, such as "U+200B (zero width space)"; "" for none.

    U+FFFD counts too. Joiners between letters that join do not: Persian and Indic names need them.
    """
    for match in _INVISIBLE.finditer(text):
        if match[0] not in _JOINERS or not _joins_letters(text, match.start()):
            return _named(match[0])
    return ""


def find_lone_mark(text: str) -> str:
    """The first accent or vowel sign of ``text`` that has no letter to sit on, as `find_invisible` names it."""
    before = " "
    for character in text:
        if unicodedata.category(character) in _MARKS and (before.isspace() or unicodedata.category(before)[0] == "C"):
            return _named(character)
        before = character
    return ""


def has_letter(text: str) -> bool:
    """Whether there is a letter or a digit in ``text``."""
    return any(unicodedata.category(character)[0] in "LN" for character in text)


def _named(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X} ({name})" if name else f"U+{ord(character):04X}"


def _joins_letters(text: str, at: int) -> bool:
    """Whether the joiner at ``at`` stands between two letters of one script that joins them (after UAX 31, A and B).

    Arabic and Syriac letters: also those that would not join, since people type it at the seam of a compound name.
    Indic ones: beside the sign that makes a half letter or a conjunct.
    """
    before, after = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    script = _script(before)
    if not script or script != _script(after):
        return False
    if _is_virama(before) or _is_virama(after):
        return "L" in {unicodedata.category(before)[0], unicodedata.category(after)[0]}
    return script in {"ARABIC", "SYRIAC"} and unicodedata.category(after) == "Lo"


def _script(character: str) -> str:
    """The first word of a letter's or mark's name, such as ARABIC; "" for anything else."""
    if not character or unicodedata.category(character)[0] not in "LM":
        return ""
    return unicodedata.name(character, "").partition(" ")[0]


def _is_virama(character: str) -> bool:
    return unicodedata.combining(character) == 9
