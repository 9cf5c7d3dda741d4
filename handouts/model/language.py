"""Languages by their BCP 47 tags, and how they write numbers. English is the original; every other text is translated.

Texts are kept by the primary language subtag (RFC 5646): ``es-MX`` finds ``es``.
"""

from __future__ import annotations

import re
from functools import lru_cache

ORIGINAL = "en"
"""The language that clinicians write and approve first."""
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*")
_LOCALES = {"en": "en_US", "es": "es_US"}
"""Where a language alone would write otherwise than its readers here: Spain's 1.000 is one to a reader from Mexico."""


ORIGIN = r"^[0-9a-f]{64}( [0-9a-f]{6})*$"
"""What a translation was made from: the SHA-256 (hex) of the English file, and of each of its sentences a mark."""


def primary_tag(tag: str) -> str:
    """The language that texts are kept by: es for es-MX. ValueError for what can't be a tag."""
    found = _TAG.fullmatch(tag.strip())
    if found is None:
        raise ValueError("must be a language's tag, such as es or es-MX")
    return found[1].lower()


def is_tag(text: str) -> bool:
    """Whether a text can be a language's tag."""
    return _TAG.fullmatch(text.strip()) is not None


def is_language(tag: str) -> bool:
    """Whether it is the primary tag of a language that Babel's data know: es, and not old or img."""
    from babel import localedata

    return tag == ORIGINAL or (re.fullmatch("[a-z]{2,3}", tag) is not None and localedata.exists(tag))


def locale_of(language: str) -> str:
    """Babel's locale for a language: how it writes numbers and dates."""
    return _LOCALES.get(language, language)


@lru_cache(maxsize=1024)
def grouped(count: int, language: str) -> str:
    """A whole number as the language groups its digits, in Western digits: 1,000."""
    from babel.core import UnknownLocaleError
    from babel.numbers import format_decimal  # only what prints numbers waits for it

    try:
        return format_decimal(count, locale=locale_of(language), numbering_system="latn")
    except UnknownLocaleError:
        return f"{count:,}"


def plural_category(count: int, language: str) -> str:
    """Which form of a word stands behind a number, as CLDR calls it: one, two, few, many, other."""
    from babel.core import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(locale_of(language)).plural_form(count))
    except UnknownLocaleError:
        return "other"


def language_name(language: str) -> str:
    """The English name of a language, for messages: Spanish. The tag where it has none."""
    from babel.core import Locale

    return str(Locale(ORIGINAL).languages.get(language, language))


@lru_cache(maxsize=64)
def is_rtl(language: str) -> bool:
    """Whether a language runs from right to left."""
    from babel.core import Locale, UnknownLocaleError

    try:
        return language != ORIGINAL and Locale.parse(language).text_direction == "rtl"
    except (UnknownLocaleError, ValueError):
        return False


def writes_arabic_letters(language: str) -> bool:
    """Whether a language is written in Arabic letters, with their punctuation."""
    return is_rtl(language) and language not in {"he", "yi"}


def comma(language: str) -> str:
    """What stands between the entries of a list."""
    return "،" if writes_arabic_letters(language) else ","
