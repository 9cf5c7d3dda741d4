"""What the desk says, in the language of whoever sits before it: English, or as templates/desk/words/ translates it.

The English sentence is the key (gettext). ``_("%(name)s is ready", name=...)``: places are named, as in Python's ``%``,
and in the templates and scripts too. A sentence that a language lacks is said in English. Catalogues are PO files, read
as they are; ``python -m handouts.authoring.desk_words`` brings them up to what the desk says today.
"""

from __future__ import annotations

import io
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations, c2py
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handouts import paths
from handouts.model.language import ORIGINAL, grouped, locale_of

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

_COUNTS = 200
"""From here on, the last two figures of a count decide which form it takes, in every rule that gettext's manual has."""
_language: ContextVar[str] = ContextVar("desk-language", default=ORIGINAL)


def words_folder() -> Path:
    """Where the catalogues are: a file for each language but English, named by its tag (BCP 47)."""
    return paths.PROGRAM.templates / "desk" / "words"


@lru_cache(maxsize=1)
def desk_languages() -> tuple[str, ...]:
    """The tags of all languages that the desk speaks, English first."""
    return (ORIGINAL, *sorted(path.stem for path in words_folder().glob("*.po") if "." not in path.stem))


def speak(language: str) -> None:
    """What is said from now on in this request, and in the jobs that it starts, is said in ``language``."""
    _language.set(language)


def spoken() -> str:
    """The tag of the language in which the desk answers this request."""
    return _language.get()


# ---- sentences


class Said(str):
    """Text that is in the language of the request already."""

    __slots__ = ()


def N_(message: str) -> str:
    """``message`` itself, marked to be translated where it is shown: ``_(message)``."""
    return message


@lru_cache(maxsize=16)
def _translations(language: str) -> NullTranslations:
    from babel.messages.mofile import write_mo

    if language == ORIGINAL:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, _catalog(language))  # what is not translated, or doubtful, is left out
    compiled.seek(0)
    return GNUTranslations(compiled)


def _(message: str, /, **values: object) -> Said:
    """A sentence in the language of the request, with ``values`` in its places."""
    return Said(_translations(spoken()).gettext(message) % values)


def pgettext(context: str, message: str, /, **values: object) -> Said:
    """The same where English has one word for several things: ``context`` says which is meant."""
    return Said(_translations(spoken()).pgettext(context, message) % values)


def ngettext(one: str, many: str, count: int, /, **values: object) -> Said:
    """The sentence for a count: ``%(num)s`` in it is the count as the language writes it."""
    return Said(_translations(spoken()).ngettext(one, many, count) % {"num": say_number(count), **values})


TEMPLATE_CALLS: dict[str, Any] = {
    "gettext": lambda message: _translations(spoken()).gettext(message),
    "ngettext": lambda one, many, count: _translations(spoken()).ngettext(one, many, count),
    "pgettext": lambda context, message: _translations(spoken()).pgettext(context, message),
    "npgettext": lambda context, one, many, count: _translations(spoken()).npgettext(context, one, many, count),
}
"""What `jinja2.ext.i18n` asks for: it fills in the places itself, and escapes what it fills in."""


@lru_cache(maxsize=16)
def words_for_scripts(language: str) -> dict[str, Any]:
    """What static/words.js needs to speak ``language``. ``said``: the sentences of the scripts; one with a context has
    it before it, as in a MO file; plurals have a list. ``forms``: which of the list each count takes; ``locale``: how
    numbers are written.
    """
    if language == ORIGINAL:
        return {}
    catalog = _catalog(language)
    said: dict[str, str | list[str]] = {}
    for message in catalog:
        if message.id and any(name.endswith(".js") for name, _line in message.locations):
            one = message.id[0] if message.pluralizable else str(message.id)
            key = f"{message.context}\u0004{one}" if message.context else one
            said[key] = str(message.string) if isinstance(message.string, str) else [*(message.string or ())]
    rule = c2py(catalog.plural_expr)
    return {
        "said": {key: text for key, text in said.items() if all(text)},
        "forms": [*map(rule, range(_COUNTS))],
        "locale": locale_of(language).replace("_", "-"),
    }


def _catalog(language: str) -> Catalog:
    from babel.messages.pofile import read_po

    with (words_folder() / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


# ---- numbers and dates


def say_number(count: int) -> str:
    """A whole number: 1,000."""
    return grouped(count, spoken())


def say_date(day: date, form: str = "long") -> str:
    """A date: November 22, 2026. ``form``: as Babel calls it, such as "full" with the weekday, or "medium"."""
    from babel.dates import format_date

    return format_date(day, form, locale=locale_of(spoken()))


def say_time(at: time) -> str:
    """A time of day: 10:30 AM."""
    from babel.dates import format_time

    return format_time(at, "short", locale=locale_of(spoken())).replace("\u202f", " ")


def say_short_moment(at: datetime) -> str:
    """A day of this year and a time: 22 Nov, 10:30."""
    from babel.dates import format_datetime

    return format_datetime(at, "d MMM, HH:mm", locale=locale_of(spoken()))


def say_language(tag: str) -> str:
    """The name of a language, as it stands by itself: Spanish."""
    from babel import Locale

    name = str(Locale.parse(spoken()).languages.get(tag, tag))
    return name[:1].upper() + name[1:]
