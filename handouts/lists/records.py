"""A line of a table -> a row of a list: names joined, dates told apart, words given their meaning; or left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, time
from functools import cache
from typing import Any

from handouts.errors import shown
from handouts.lists import dates
from handouts.lists.plan import Plan
from handouts.lists.row import CellError, Row, checked
from handouts.lists.tables import Cell, Line, as_text, is_blank, letter, texts
from handouts.lists.words import (
    is_blocked,
    left_out_by_words,
    meanings,
    require_complete,
    require_no_other,
    require_visit,
)
from handouts.load.layers import lay_over
from handouts.model.clinic import DateOrder
from handouts.model.language import is_language
from handouts.model.list_map import ORDER
from handouts.model.request_paths import BORN, NAME, NEXT, VISIT

DATES = (BORN, VISIT, NEXT)
_WHO = (NAME, BORN, "patient.identifier", "patient.email")
_TOTAL = re.compile(
    r"(?:grand |sub)?total(?:s|es)?\b|(?:patient |row |record )?count[: ]*\d*$|suma\b|page \d|pagina \d|printed\b"
    r"|end of\b|fin de\b|number of (?:patients|appointments)|report\b|generated\b|impreso\b"
)
_SIDES = {
    "left": "left", "l": "left", "lt": "left", "izquierda": "left", "izquierdo": "left", "izq": "left",
    "right": "right", "r": "right", "rt": "right", "derecha": "right", "derecho": "right", "der": "right",
    "both": "both", "bilateral": "both", "bilat": "both", "b/l": "both", "bl": "both", "both sides": "both",
    "ambos": "both", "ambos lados": "both", "left side": "left", "right side": "right",
    "unknown": "", "n/a": "", "na": "", "none": "", "not applicable": "", "unspecified": "", "not specified": "",
    "-": "", "?": "", "unk": "", "desconocido": "", "no aplica": "", "tbd": "",
}  # fmt: skip
_LANGUAGES = {
    "english": "en", "eng": "en", "en": "en", "ingles": "en", "en-us": "en", "en-gb": "en",
    "spanish": "es", "spa": "es", "es": "es", "espanol": "es", "castellano": "es", "es-us": "es", "es-mx": "es",
    "ara": "ar", "arabe": "ar", "العربية": "ar",
}  # fmt: skip
"""Codes and names that Babel's English names of languages lack."""
NO_PATIENT = "no patient"
BLOCKED = "no patient: a time that is kept free"
HEADER_AGAIN = "the header again"


def why_left_out(plan: Plan, line: Line) -> str:
    """Why a line makes no row; "" for one that does. Nothing of what it says is in it but the map's own words."""
    said = texts(line.cells)
    if plan.columns.repeats_header(said):
        return HEADER_AGAIN
    if gone := left_out_by_words(plan, said):
        return gone
    filled = [number for number, cell in enumerate(line.cells) if not is_blank(cell)]
    who = {number for path in _WHO for number in plan.targets.get(path, ()) if number in filled}
    named = set(plan.targets.get(NAME, ())) & who
    if not who:
        return NO_PATIENT
    if len(filled) == 1 and len(plan.used) > 2:
        return NO_PATIENT
    if who <= named and _TOTAL.match(dates.plain(said[filled[0]])):
        return NO_PATIENT
    return BLOCKED if who <= named and is_blocked(said[number] for number in named) else ""


class Records:
    """Makes rows of a plan's lines, once the order of its dates is decided."""

    def __init__(self, plan: Plan, orders: Mapping[int, DateOrder], today: date) -> None:
        self.plan, self.orders, self.today = plan, orders, today
        self.dates = {path: plan.targets[path] for path in DATES if path in plan.targets}
        self.joins = [numbers for path, numbers in plan.targets.items() if len(numbers) > 1 and path not in DATES]
        self.used = plan.used
        self.kept: dict[int, Line] | None = None
        """The lines that rows were made of, by number, for whoever wants to read them again."""

    def row(self, line: Line) -> Row:
        """What a line says; a fault of its own where it can't be used. Cells beyond the columns are one."""
        if self.kept is not None:
            self.kept[line.number] = line
        try:
            return self._row(line)
        except ValueError as error:
            return Row(line.number, None, str(error), line.at)

    def examine(self, line: Line) -> tuple[Row | None, list[tuple[int | None, str]]]:
        """What a line says, and all that is wrong with it: each fault with its column, None for the whole row.

        A cell at fault is looked past, so that the next one is found; what is missing only because of that is not told.
        """
        faults: list[tuple[int | None, str]] = []
        cells = [*line.cells, *[""] * (len(self.plan.header.names) - len(line.cells))]
        reading, past = self, set[int]()
        while True:
            try:
                return reading._row(replace(line, cells=cells)), faults
            except CellError as error:
                if error.column in past:
                    return None, faults
                faults.append((error.column, str(error)))
                past.add(error.column)
                cells[error.column] = ""
                reading = self.with_given({"topic", "options"})
            except ValueError as error:
                faults.append((None, str(error)))
                return None, faults

    def with_given(self, keys: Set[str]) -> Records:
        """The same for rows of which ``keys`` are said elsewhere."""
        settings = self.plan.settings
        if keys <= settings.given:
            return self
        plan = replace(self.plan, settings=replace(settings, given=settings.given | keys))
        return Records(plan, self.orders, self.today)

    def _row(self, line: Line) -> Row:
        cells = list(line.cells)
        cells += [""] * (len(self.plan.header.names) - len(cells))
        said = [self._said(number, cell) for number, cell in enumerate(cells)]
        order = self._order(cells)
        for path, numbers in self.dates.items():
            said[numbers[0]], clock = self._moment(path, numbers, cells)
            order = order or (clock if path == VISIT else None)
        for numbers in self.joins:
            sign = ";" if self.plan.columns.is_list(numbers[0]) else " "
            said[numbers[0]] = sign.join(filter(None, (said[number].strip() for number in numbers)))
        for number in self.plan.targets.get("patient.identifier", ()):
            self._require_digits(number, said[number])
        self._turn(said)
        data = self.plan.columns.data(said)
        if not self.plan.own:
            self._own_words(data)
            if "at" not in data.get("appointment", {"at": ""}):
                del data["appointment"]  # whom and where, without a next visit
        require_visit(self.plan, said)
        by: dict[str, int] = {}
        own = self._own_keys(data)
        for column, word, meaning in meanings(self.plan, said):
            data = self._with(data, meaning, column, by)
            require_no_other(self.plan, column, word, {key: meaning[key] for key in meaning if key not in own})
        require_complete(self.plan, said, data)
        return checked(Row(line.number, data, at=line.at, order=f"{order:%H:%M}" if order else ""))

    def _said(self, number: int, cell: Cell) -> str:
        """A cell as text; of columns that are not used it does not matter."""
        if number in self.used or number >= len(self.plan.header.names):
            try:
                return as_text(cell)
            except ValueError as error:
                raise CellError(number, f"{self._called(number)}: {error}") from None
        return cell if isinstance(cell, str) else "" if is_blank(cell) else "x"

    def _called(self, number: int) -> str:
        return self.plan.name(number) if number < len(self.plan.header.names) else letter(number)

    def _own_keys(self, data: Mapping[str, Any]) -> set[str]:
        """What a row's own columns say, which counts more than flags. ValueError where the map made them its own."""
        for key in {"topic", "options"} & set(data) if self.plan.header.map else ():
            if columns := self.plan.targets.get(key, ()):
                word = ", ".join(data[key]) if key == "options" else str(data[key])
                require_no_other(self.plan, columns[0], word, {key: data[key]})
        return set(data)

    def _number_of(self, path: str) -> int:
        return next(iter(self.plan.targets.get(path, ())), 0)

    def _column_of(self, path: str) -> str:
        return self._called(self._number_of(path))

    def _order(self, cells: Sequence[Cell]) -> time | None:
        """The time of day in a day's list."""
        for number in self.plan.targets.get(ORDER, ()):
            found = dates.read_time(cells[number]) or dates.read_date(cells[number]).clock
            if found:
                return found
        return None

    def _moment(self, path: str, numbers: Sequence[int], cells: Sequence[Cell]) -> tuple[str, time | None]:
        """A day, for the next visit with its time, and the time that stands beside it. CellError."""
        cell = cells[numbers[0]]
        if is_blank(cell):
            return "", None
        written = dates.read_date(cell)
        name = self._called(numbers[0])
        order = self.orders.get(numbers[0]) or self._only_order(written, birth=path == BORN)
        if self.plan.own and (written.iso or written.fault or order is None):
            return as_text(cell), None  # the request says what it thinks of it
        try:
            told = written.in_order(order or "mdy")
            day = dates.day_of(told, birth=path == BORN, today=self.today)
        except ValueError as error:
            raise CellError(numbers[0], str(error).replace("{column}", name)) from None
        clock = told.clock
        for number in numbers[1:]:
            clock = dates.read_time(cells[number]) or clock
        if path == NEXT:
            return (f"{day.isoformat()}T{clock:%H:%M}" if clock else ""), clock
        return day.isoformat(), clock

    def _only_order(self, written: dates.Written, *, birth: bool) -> DateOrder | None:
        """An order in which a cell can be read where its column needs none; None where it has two readings."""
        if written.either is None or written.either[0] == written.either[1]:
            return "mdy"
        found = dates.fits(written, self.today, birth=birth)
        return None if len(found) == 2 else next(iter(found), "mdy")

    def _require_digits(self, number: int, text: str) -> None:
        if re.fullmatch(r"\d(?:[.,]\d+)?E\+\d+", text.strip(), re.I):
            raise CellError(
                number,
                f"{self._called(number)}: a spreadsheet has turned the number into one such as 4.17E+11, and digits "
                "are lost; write it as text",
            )

    def _turn(self, said: list[str]) -> None:
        """ "GONZALEZ, MARIA A" becomes "MARIA A GONZALEZ" where the map says so; nothing is recased."""
        if self.plan.name_order != "last-first":
            return
        for path in (NAME, "clinician", "appointment.with"):
            numbers = self.plan.targets.get(path, ())
            if len(numbers) == 1:
                said[numbers[0]] = _turned(said[numbers[0]], degrees=path != NAME)

    def _own_words(self, data: dict[str, Any]) -> None:
        """Sides and languages as people write them; a language that nothing is printed in is left out, and told."""
        if isinstance(side := data.get("side"), str):
            data["side"] = _SIDES.get(dates.plain(side).strip(" ."), side)
            if not data["side"]:
                del data["side"]
            elif data["side"] not in _SIDES:
                raise CellError(
                    self._number_of("side"),
                    f"'{self._column_of('side')}' holds a word that is no side: write left, right or both, or nothing",
                )
        options = data.get("options")
        if isinstance(options, list) and any(not re.fullmatch(r"[a-z0-9-]+", str(one)) for one in options):
            raise CellError(
                self._number_of("options"),
                f"'{self._column_of('options')}' holds words that are no ids of options: `lists learn` gives words a "
                "meaning",
            )
        if isinstance(language := data.get("language"), str):
            data["language"] = language_of(language)
            if not is_printed_in(language, self.plan.settings.languages):
                del data["language"]

    def _with(
        self, data: dict[str, Any], meaning: Mapping[str, Any], column: int, by: dict[str, int]
    ) -> dict[str, Any]:
        """CellError where two cells of a row say different things: the side of an operation, say."""
        for key, value in meaning.items():
            if key in data and data[key] != value:
                other = by.get(key, next(iter(self.plan.targets.get(key, ())), None))
                beside = (
                    "another column" if other is None else "another word" if other == column else self._called(other)
                )
                raise CellError(
                    column, f"{self._called(column)} and {beside} disagree about '{shown(key)}'; compare the two"
                )
            by[key] = column
        return lay_over(data, meaning)


_DEGREE = r"(?:M\.?D|D\.?O|N\.?P|P\.?A(?:-C)?|R\.?N|Ph\.?D|M\.?B\.?B\.?S|FACS|FAANS|FRCS|APRN|DNP|MPH|MSc?)\.?"
_DEGREES = re.compile(rf"{_DEGREE}(?:[ ,]+{_DEGREE})*", re.I)
_AND_DEGREES = re.compile(rf"(.+?) +({_DEGREES.pattern})", re.I)


def _turned(name: str, *, degrees: bool) -> str:
    """ "Cohen, Naomi MD" is Naomi Cohen MD; "Naomi Cohen, MD" stays. ``degrees``: whether a name may have some."""
    last, *others = (part.strip() for part in name.split(","))
    if not others or (degrees and all(_DEGREES.fullmatch(part) for part in others)):
        return name
    first, *rest = others
    if degrees and (found := _AND_DEGREES.fullmatch(first)):
        first, rest = found[1], [found[2], *rest]
    return " ".join(filter(None, (first, last, *rest)))


def language_of(word: str) -> str:
    """The tag of a language's name or code, or the word in small letters."""
    plain = dates.plain(word)
    first = re.split(r"[^a-z]", plain)[0]
    for named in (plain, first):
        if named in _LANGUAGES or named in _names_of_languages():
            return _LANGUAGES.get(named) or _names_of_languages()[named]
    return first if is_language(first) and re.fullmatch(r"[a-z]{2,3}(?:[-_][a-z0-9]+)*", plain) else plain


@cache
def _names_of_languages() -> Mapping[str, str]:
    """The tag of each language by its English name, in small letters."""
    from babel.core import Locale  # only a list with a column of languages waits for it

    return {dates.plain(name): tag for tag, name in Locale("en").languages.items() if is_language(tag)}


def is_printed_in(word: str, languages: Set[str]) -> bool:
    """Whether something can be printed in a language."""
    return language_of(word) in languages
