"""Spaces at which no line ends: between a title and a name, a number and the word after it. Pure."""

from __future__ import annotations

import re

_TITLES = ("Dr", "Dra", "Prof", "Sr", "Sra", "Srta", "Mr", "Mrs", "Ms", "St", "Lic", "د", "أ.د", "أ")
"""Written with a full stop before a name, in the languages that come with the program."""
_UNIT = "mg|mcg|µg|g|kg|ml|mL|mm|cm|m|°[CF]|minutes?|hours?|days?|weeks?|months?|years?"
_BEFORE_NAME = re.compile(rf"(\b(?:{'|'.join(map(re.escape, _TITLES))})\.) (?=\w)")
_BEFORE_UNIT = re.compile(rf"(?<=\d) (?=(?:{_UNIT})\b)")
_PAGE = re.compile(r"(?<=\bpágina) (?=\d)|(?<=صفحة) (?=\d)")
"""Such as "page 2": its number belongs to the word before it."""
_NUMBER = re.compile(r"(?<![\w\u00a0.,])(?!\d{4} )(\d+(?:[.,]\d+)*) (?=[^\W\d_])")


def name_unbroken(text: str) -> str:
    """``text`` with each title on the line of its name: Dr. Cohen."""
    return _BEFORE_NAME.sub("\\1\u00a0", text) if ". " in text else text


def unit_unbroken(text: str) -> str:
    """The same of English, with each number on the line of its unit, too: 200 mg."""
    return _BEFORE_UNIT.sub("\u00a0", name_unbroken(text))


def unbroken(text: str) -> str:
    """The same of another language, whose units nobody lists: each number on the line of the next word, but a year, and
    one that is bound to the word before it.
    """
    return _NUMBER.sub("\\1\u00a0", _PAGE.sub("\u00a0", name_unbroken(text)))
