"""Numbers in texts of any language, so that those of a translation can be compared with the English ones. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

_REFERENCE = re.compile(r"\{[^{}\s]*\}")
_NUMBER = re.compile(r"\d+(?:[.,\u066b\u066c\u00a0\u202f'’]\d+)*")
_GROUPED = re.compile(r"\d{1,3}([.,\u066c\u00a0\u202f'’])(?:\d{2,3}\1)*\d{3}")
"""Thousands, or as in India two digits a group: 12,34,567."""


def numbers_in(text: str) -> list[str]:
    """Every number in figures, in Western digits: 1,000 and 1.000 and ١٬٠٠٠ are 1000; 2.5 and 2,5 are 2.5.

    References such as {mvd-relief} are left out: they are the same number in every language.
    """
    return [_plain(found) for found in _NUMBER.findall(_REFERENCE.sub(" ", text))]


def _plain(number: str) -> str:
    western = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in number)
    if _GROUPED.fullmatch(western):
        return re.sub(r"\D", "", western)
    return re.sub(r"\D", ".", western)


def missing_numbers(english: str, told: str) -> Iterator[str]:
    """What is wrong where a number in figures of the English text does not stand in its translation.

    A translation may have more of them: "two weeks" can be 2 semanas. A number must not be written as a word.
    """
    left = Counter(numbers_in(english)) - Counter(numbers_in(told))
    if left:
        yield f"lacks the number {', '.join(left.elements())}, which English has; write it in figures"
