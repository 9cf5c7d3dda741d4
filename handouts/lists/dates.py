"""Dates and times as people write them. A date of three numbers has two readings; `date_order` decides for a column.

A year of two digits: of a birth date, the latest year that does not lie in the future; of any other date, the year
nearest to today.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from handouts.lists.tables import Cell, Unusable
from handouts.model.clinic import DateOrder

_MONTHS = (
    ("jan", "ene"), ("feb",), ("mar",), ("apr", "abr"), ("may",), ("jun",),
    ("jul",), ("aug", "ago"), ("sep", "set"), ("oct",), ("nov",), ("dec", "dic"),
)  # fmt: skip
_NAMES = frozenset({
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "sept", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
    "setiembre", "octubre", "noviembre", "diciembre",
})  # fmt: skip
_MONTH = {short: number for number, shorts in enumerate(_MONTHS, 1) for short in shorts}
_WEEKDAY = (
    r"(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|lun|mar|mie|jue|vie|sab|dom|lunes|martes|miercoles|jueves|viernes|sabado|domingo)"
)
_WEEKDAY_FIRST = re.compile(rf"{_WEEKDAY}\b[.,]*\s*(?=\d|[a-z])")
_CLOCK = re.compile(
    r"(\d{1,2})(?:[:.h](\d{2}))?(?:[:.](\d{2})(?:\.\d+)?)?\s*(am|pm|a|p|h|hrs?)?(?:\s*(?:-|to|a)\s*\d.*)?"
)
_DIGITS = re.compile(r"(\d{1,2})(\d{2})(\d{2})?")
_ZONE = re.compile(r"(?:z|[+-]\d{2}:?\d{2})$")
_DATE_AND_TIME = re.compile(
    r"(?P<day>\d{4}-\d{1,2}-\d{1,2}(?=t)|\d{8})t?(?P<joined>\d.*)"
    r"|(?P<date>.*\d)[\s,]+(?:at |a las? )?(?P<clock>\d{1,2}[:.h]\d{2}.*|\d{1,2} ?[ap]m|\d{4}|\d{6})"
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})")
_THREE = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{4}|\d{2})")
_TWO = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]?")
_DAY_NAME_YEAR = re.compile(r"(\d{1,2})[-/. ]*([a-z]+)[-/. ]*(\d{4}|\d{2})?")
_NAME_DAY_YEAR = re.compile(r"([a-z]+)[-/. ]*(\d{1,2})(?:[-/. ]+(\d{4}|\d{2}))?")
_YEAR_NAME_DAY = re.compile(r"(\d{4})[-/. ]*([a-z]+)[-/. ]*(\d{1,2})")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_EPOCH = date(1899, 12, 30)
_SERIALS = range(10_000, 100_000)
"""Excel's numbers of days from 1927 to 2173. Four digits could as well be a year."""


@dataclass(frozen=True)
class Written:
    """What a cell says: ``either`` two numbers of which one is the month, or ``month`` and ``day``. ``fault``: why it
    is no date; {column} stands for its name. ``short``: the year has two digits. ``serial``: it is Excel's number.
    """

    year: int = 0
    month: int = 0
    day: int = 0
    either: tuple[int, int] | None = None
    short: bool = False
    clock: time | None = None
    fault: str = ""
    serial: bool = False
    iso: bool = False
    """Written as the program itself writes dates."""

    def in_order(self, order: DateOrder) -> Written:
        """Day and month told apart."""
        if self.either is None:
            return self
        first, second = self.either
        month, day = (first, second) if order == "mdy" else (second, first)
        return replace(self, month=month, day=day, either=None)


NO_YEAR = "the year is missing in {column}"
NO_DATE = "{column} holds no date that can be read"
IMPOSSIBLE = "{column} holds a date that does not exist"
FUTURE = "{column} lies in the future"
LONG_AGO = "{column} lies more than 125 years back"
FAR = "{column} lies in another century"
ZONE = "{column} names a time zone; the list needs the clinic's own time"


def read_date(cell: Cell) -> Written:
    """A cell as a date, with or without a time of day."""
    if isinstance(cell, datetime):
        clock = None if cell.time() == time() else cell.time()
        return Written(cell.year, cell.month, cell.day, clock=clock)
    if isinstance(cell, date):
        return Written(cell.year, cell.month, cell.day)
    if isinstance(cell, Unusable):
        return Written(fault=cell.why)
    if isinstance(cell, bool | time | timedelta):
        return Written(fault=NO_DATE)
    if isinstance(cell, int | float):
        return _number(cell)
    return _text(cell)


def day_of(written: Written, *, birth: bool, today: date) -> date:
    """The day, day and month being told apart. ValueError, with {column} for the column's name."""
    if written.fault or written.either:
        raise ValueError(written.fault or NO_DATE)
    for year in _years(written, birth=birth, today=today):
        try:
            found = date(year, written.month, written.day)
        except ValueError:
            continue
        if not birth:
            if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
                raise ValueError(FAR)
            return found
        if found <= today:
            if found.year < today.year - 125:
                raise ValueError(LONG_AGO)
            return found
        if not written.short:
            raise ValueError(FUTURE)
    raise ValueError(IMPOSSIBLE)


def _years(written: Written, *, birth: bool, today: date) -> list[int]:
    """The years that may be meant, the likeliest first."""
    if not written.short:
        return [written.year]
    century = today.year - today.year % 100
    years = [century + written.year, century - 100 + written.year, century + 100 + written.year]
    return years[:2] if birth else [min(years, key=lambda year: abs(year - today.year))]


def fits(written: Written, today: date, *, birth: bool) -> tuple[DateOrder, ...]:
    """The orders in which three numbers are a day of the calendar; both, or neither, decide nothing."""
    found: list[DateOrder] = []
    for order in ("mdy", "dmy"):
        told = written.in_order(order)
        for year in _years(told, birth=birth, today=today):
            if _exists(year, told.month, told.day):
                found.append(order)
                break
    return tuple(found)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _number(value: float) -> Written:
    whole = int(value) if value == value and abs(value) < 1e9 else 0
    if whole == value and 10_000_000 <= whole < 100_000_000:
        return _text(str(whole))
    if whole not in _SERIALS:
        return Written(fault=NO_DATE)
    found = _EPOCH + timedelta(days=whole)
    seconds = round((value - whole) * 1440) * 60
    clock = _after_midnight(timedelta(seconds=seconds)) if 0 < seconds < 86_400 else None
    return Written(found.year, found.month, found.day, clock=clock, serial=True)


def plain(text: str) -> str:
    """Small letters without accents, spaces folded."""
    if text.isascii():
        return " ".join(text.lower().split())
    small = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = (char for char in small if not unicodedata.combining(char))
    return " ".join("".join(bare).replace("\u2013", "-").split())


@lru_cache(maxsize=2048)
def _text(cell: str) -> Written:
    """The first way to read it that gives a date; a weekday in front is tried last, since "mar" is a month as well."""
    text = re.sub(r"\b(a|p)\. ?m\b\.?", r"\1m", plain(cell))
    told = Written(fault=NO_DATE)
    for one in dict.fromkeys((text, _WEEKDAY_FIRST.sub("", text, count=1))):
        for read in (_day, _day_and_time):
            found = read(one)
            if not found.fault:
                return found
            told = found if told.fault == NO_DATE else told
    return told


def _day_and_time(text: str) -> Written:
    parts = _DATE_AND_TIME.fullmatch(text)
    if parts is None:
        return Written(fault=NO_DATE)
    after = parts["joined"] or parts["clock"]
    if _ZONE.search(after) and not re.match(r"00:?00", after):
        return Written(fault=ZONE)
    clock = _clock(_ZONE.sub("", after))
    if clock is None:
        return Written(fault=NO_DATE)
    return replace(_day((parts["day"] or parts["date"]).strip(" ,")), clock=None if clock == time() else clock)


def _day(text: str) -> Written:
    if found := _YEAR_FIRST.fullmatch(text):
        iso = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is not None
        return Written(int(found[1]), int(found[2]), int(found[3]), iso=iso)
    if re.fullmatch(r"\d{8}", text):
        return _compact(text)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        return _number(float(text))
    if found := _THREE.fullmatch(text):
        return Written(int(found[3]), either=(int(found[1]), int(found[2])), short=len(found[3]) == 2)
    if _TWO.fullmatch(text):
        return Written(fault=NO_YEAR)
    return _with_name(re.sub(r"\b(?:of|de|del)\b", " ", re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", text)))


def _compact(text: str) -> Written:
    if _FIRST_YEAR <= int(text[:4]) <= _LAST_YEAR:
        year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
        if 1 <= month <= 12:
            return Written(year, month, day)
    if _FIRST_YEAR <= int(text[4:]) <= _LAST_YEAR:
        return Written(int(text[4:]), either=(int(text[:2]), int(text[2:4])))
    return Written(fault=IMPOSSIBLE)


def _with_name(text: str) -> Written:
    text = " ".join(text.replace(",", " ").split())
    for pattern, order in ((_YEAR_NAME_DAY, "ymd"), (_DAY_NAME_YEAR, "dmy"), (_NAME_DAY_YEAR, "mdy")):
        found = pattern.fullmatch(text)
        if not found:
            continue
        parts = dict(zip(order, found.groups(), strict=True))
        month = _named(parts["m"])
        if not month:
            continue
        if parts["y"] is None:
            return Written(fault=NO_YEAR)
        return Written(int(parts["y"]), month, int(parts["d"]), short=len(parts["y"]) == 2)
    return Written(fault=NO_DATE)


def _named(word: str) -> int:
    """The month of a name, or of its first three letters; 0 for another word."""
    return _MONTH.get(word[:3], 0) if len(word) == 3 or word in _NAMES else 0


def read_time(cell: Cell) -> time | None:
    """A cell as a time of day; None where it is none. Of "10:30 - 11:00" the first."""
    if isinstance(cell, datetime):
        return cell.time()
    if isinstance(cell, time):
        return cell
    if isinstance(cell, timedelta):
        return _after_midnight(cell) if timedelta() <= cell < timedelta(days=1) else None
    if isinstance(cell, float) and 0 <= cell < 1:
        return _after_midnight(timedelta(minutes=round(cell * 1440) % 1440))
    if isinstance(cell, bool | date | Unusable) or not isinstance(cell, int | float | str):
        return None
    if not isinstance(cell, str) and not 0 <= cell < 240_000:
        return None
    text = plain(cell if isinstance(cell, str) else str(int(cell)))
    return _clock(re.sub(r"\b(a|p)\. ?m\b\.?", r"\1m", text))


def _after_midnight(passed: timedelta) -> time:
    return (datetime(1, 1, 1) + passed).time()  # noqa: DTZ001  no day is meant


def _clock(text: str) -> time | None:
    text = text.strip()
    found = _DIGITS.fullmatch(text) or _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    half = found[4] if found.re is _CLOCK else None
    if found[2] is None and half not in {"am", "pm", "a", "p"}:
        return None  # a number alone is no time
    if half in {"am", "pm", "a", "p"}:
        if not 1 <= hour <= 12:
            return None if hour > 23 or half[0] == "a" else _at(hour, minute)
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    return _at(hour, minute)


def _at(hour: int, minute: int) -> time | None:
    return time(hour, minute) if hour < 24 and minute < 60 else None
