"""Isolates: what keeps its own direction within a text that runs the other way (UAX 9, 2.7). Pure.

The characters come from the program alone, never from a file: around a name, a code, a telephone number. They place
text; nobody reads them.
"""

from __future__ import annotations

import re
import unicodedata

LRI, FSI, PDI = "\u2066", "\u2068", "\u2069"
OPENING = {LRI: False, "\u2067": True, FSI: None}
"""Whether what follows runs from right to left; None: its first letter says so."""
NUMBER = r"(?<![\w.,])\d+(?:[.,]\d+)*"
_NUMBERS = re.compile(
    r"""
      https?://[^\s<>"]*[\w/]
    | [\w.+-]+@[\w-]+(?:\.[\w-]+)+
    | (?<![\w.]) (?: (?:www\.|doi\.org/)[\w./()-]*[\w/] | 10\.\d{4,}/[\w./()-]*\w )
    | (?<!\w) (?=(?:[ +().\xa0/-]*\d){6}) [+(]?\d [\d ().\xa0/-]* [ ()\xa0/-] [\d ().\xa0/-]* \d (?!\w)
    | (?<!\w) (?=[A-Z][A-Z0-9*:-]*\d) [A-Z0-9]+(?:[-*:][A-Z0-9]+)+ (?!\w)
    | (?<!\w) (?=[A-Z0-9-]*\d) [A-Z0-9]+(?:-[A-Z0-9]+)+ (?!\w)
    | """
    + NUMBER
    + r"""[ \xa0]?[a-zA-Zµ]+(?:/[a-zA-Z]+)?
    """,
    re.VERBOSE | re.ASCII,
)
"""Addresses, telephone numbers, dates of figures, codes, numbers with a unit in Latin letters: read from left to right
wherever they stand.
"""


def isolated(text: str) -> str:
    """``text`` in a sentence of another direction: it keeps its own, and moves nothing around it (UAX 9, FSI)."""
    return f"{FSI}{text}{PDI}" if text else text


def apart(text: str, *, rtl: bool) -> str:
    """Somebody's own words within a sentence of a page that runs from right to left, or doesn't: isolated, but where
    both run from left to right.
    """
    return isolated(text) if rtl or has_rtl_letters(text) else text


def has_rtl_letters(text: str) -> bool:
    """Whether a letter of it is written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(character) in _RTL for character in text)


def isolate_numbers(text: str) -> str:
    """Of a text that runs from right to left: telephone numbers, codes and addresses kept from left to right, each on
    one line.
    """
    return _NUMBERS.sub(lambda found: f"{LRI}{found[0].replace(' ', chr(0xA0))}{PDI}", text)


def without_isolates(text: str) -> str:
    """What is read: the marks only place it."""
    return text.translate(_GONE)


_RTL = {"R", "AL"}
_GONE = dict.fromkeys((*map(ord, OPENING), ord(PDI)))
