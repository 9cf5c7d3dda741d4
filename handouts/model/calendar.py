"""How a language writes dates and times of day. Babel knows it (Unicode's CLDR).

A `Calendar` holds what Babel said, as plain text: so stamping needs no Babel, and a document that is made again years
later has the dates that it had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, time
from functools import lru_cache
from typing import Any

from handouts.model.clinic import DateOrder, Digits
from handouts.model.language import ORIGINAL

_TERRITORIES: Mapping[DateOrder, str] = {"mdy": "US", "dmy": ""}
_ENGLISH: Mapping[DateOrder, str] = {"mdy": "US", "dmy": "GB"}
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def in_digits(text: str, digits: Digits) -> str:
    """``text`` with its figures written so."""
    return text.translate(_ARABIC_DIGITS) if digits == "arab" else text


@dataclass(frozen=True)
class Calendar:
    """``day_form``, ``weekday_form``, ``time_form``: patterns of a date, of one with its weekday, of a time of day.
    Their places are named by UTS 35's letters, such as ``%(MMMM)s %(d)s, %(y)s``. ``weekdays`` from Monday on;
    ``halves`` of the day: am and pm.
    """

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    halves: tuple[str, str]
    day_form: str
    weekday_form: str
    time_form: str
    digits: Digits = "latn"

    def long_date(self, day: date) -> str:
        """A date as people write it: November 22, 2026."""
        return in_digits(self.day_form % self._places(day), self.digits)

    def long_weekday(self, day: date) -> str:
        """The same with its weekday before it: Sunday, November 22, 2026."""
        return in_digits(self.weekday_form % self._places(day), self.digits)

    def short_time(self, at: time) -> str:
        """A time of day: 10:30 am."""
        hours = {"h": f"{at.hour % 12 or 12}", "H": f"{at.hour}", "HH": f"{at.hour:02}", "mm": f"{at.minute:02}"}
        return in_digits(self.time_form % {**hours, "a": self.halves[at.hour // 12]}, self.digits)

    def _places(self, day: date) -> dict[str, str]:
        month, weekday = self.months[day.month - 1], self.weekdays[day.weekday()]
        return {"d": f"{day.day}", "MMMM": month, "y": f"{day.year}", "EEEE": weekday}

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> Calendar:
        """What `to_json` gave. KeyError, TypeError for anything else."""
        given = {one.name: told[one.name] for one in fields(Calendar)}
        lists = {name: tuple(given[name]) for name in ("months", "weekdays", "halves")}
        return Calendar(**{**given, **lists})

    @staticmethod
    def of_before(months: Sequence[str], weekdays: Sequence[str], order: DateOrder) -> Calendar:
        """Of a document made before calendars were kept: its words file had the names, and English the patterns."""
        pattern = "%(d)s %(MMMM)s %(y)s" if order == "dmy" else "%(MMMM)s %(d)s, %(y)s"
        return Calendar(
            tuple(months), tuple(weekdays), ("am", "pm"), pattern, f"%(EEEE)s, {pattern}", "%(h)s:%(mm)s %(a)s"
        )


@lru_cache(maxsize=16)
def calendar(language: str, order: DateOrder, digits: Digits = "latn") -> Calendar:
    """The calendar of a language (BCP 47, its primary tag); ``order``: how the clinic writes dates in English, which
    also tells the United States, with their twelve hours, from elsewhere.
    """
    from babel.dates import parse_pattern

    locale = _locale(language, order)
    names = locale.months["format"]["wide"], locale.days["format"]["wide"]
    halves = locale.day_periods["format"]["abbreviated"]
    clock = locale.time_formats["short"].pattern
    if language == ORIGINAL:  # in small letters, and on twelve hours for day-month clinics as well
        halves, clock = {half: half for half in ("am", "pm")}, "h:mm a"
    date_pattern, weekday_pattern = (locale.date_formats[form].pattern for form in ("long", "full"))
    return Calendar(
        months=tuple(names[0][number] for number in range(1, 13)),
        weekdays=tuple(names[1][number] for number in range(7)),
        halves=(_spaced(halves["am"]), _spaced(halves["pm"])),
        day_form=str(parse_pattern(date_pattern).format),
        weekday_form=str(parse_pattern(weekday_pattern).format),
        time_form=_spaced(str(parse_pattern(clock).format)),
        digits=digits if language == "ar" else "latn",
    )


def _spaced(text: str) -> str:
    """The narrow space that no line ends at as one of the usual width: not every font has it."""
    return text.replace("\u202f", "\u00a0")


@lru_cache(maxsize=16)
def _locale(language: str, order: DateOrder) -> Any:
    from babel import Locale, UnknownLocaleError

    territory = (_ENGLISH if language == ORIGINAL else _TERRITORIES)[order]
    try:
        return Locale(language, territory or None)
    except UnknownLocaleError:
        return Locale(language)
