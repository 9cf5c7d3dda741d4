"""A list that nobody has described yet -> the first draft of its map, and what has to be asked about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from handouts.errors import RequestFault
from handouts.lists.date_order import decide
from handouts.lists.header import Header, fingerprint
from handouts.lists.plan import ListSettings, Plan, plan_columns
from handouts.lists.records import why_left_out
from handouts.lists.rows import find, option_columns, require_rows
from handouts.lists.survey import Survey, body, is_gone, settle, survey
from handouts.lists.tables import Table, texts
from handouts.lists.usual_names import fold
from handouts.lists.words import is_free_text
from handouts.model.clinic import DateOrder
from handouts.model.list_map import CODES, NameOrder, plain_name

_MOST_WORDS = 30
"""A column with more different words than this says nothing that could be listed."""
_MOST_LETTERS = 40
_PRIVATE = re.compile(
    r"\b(?:phone|telephone|mobile|cell|fax|telefono|movil|insurance|insurer|payer|plan|policy|seguro|nhs|ssn|sex|gender"
    r"|sexo|address|street|city|zip|postcode|direccion|number|id|email|age|edad|race|ethnicity|marital|contact|guardian"
    r"|balance|copay)\b"
)
"""Words in the names of columns that hold a patient's details."""
_ALL = frozenset({"patient", "topic", "options", "sections"})


@dataclass(frozen=True)
class Draft:
    """What a first look found. ``words``: of columns that are not used, what stands in them and how often;
    ``gone``: words such as "Cancelled", by column; ``dates``: the two readings of dates that nothing decides.
    """

    plan: Plan
    rows: int
    words: Mapping[int, Counter[str]] = field(default_factory=dict)
    gone: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    commas: bool = False
    dates: str = ""


@dataclass(frozen=True)
class Answers:
    """What somebody said of it. ``targets``: what each column fills, by its name; "" for one that is left out."""

    targets: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    leave_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name_order: NameOrder = "as-written"
    date_order: DateOrder | None = None


def draft(table: Table, settings: ListSettings, header_row: int | None = None) -> Draft:
    """RequestFault for a list that is empty, or in the program's own format. ``header_row``: None to look for it."""
    settings = replace(settings, maps={}, given=settings.given | _ALL, first_of_two=True)  # the rest may be flags
    header = _header(table, settings, header_row)
    plan = plan_columns(header, settings, option_columns(table, header, replace(settings, given=frozenset())))
    if plan.header.own:
        raise RequestFault("The list is in the program's own format already; `batch` takes it as it is.")
    found = survey(table, plan, settings.today)
    plan = settle(plan, found)
    require_rows(plan, found)
    open_dates = _open_dates(plan, found, settings)
    words = _words(table, plan)
    gone = {
        column: tuple(word for word in counted if is_gone(word) and may_mean(plan.header.names[column], {word: 1}))
        for column, counted in words.items()
    }
    return Draft(
        plan, found.rows, words, {column: told for column, told in gone.items() if told}, found.seen["comma"] > 0,
        open_dates,
    )  # fmt: skip


def _open_dates(plan: Plan, found: Survey, settings: ListSettings) -> str:
    """The two readings of dates that nothing decides. RequestFault where no order could fit all of them."""
    columns = found.date_columns(plan)
    for order in ("mdy", "dmy"):
        try:
            decide(columns, of_map=None, of_clinic=order, today=settings.today)
        except RequestFault as error:
            raise RequestFault(
                "The list's dates can't be read in one order. Put right the wrong one where the list comes from, and "
                "run `lists learn` again:",
                faults=error.faults,
            ) from None
    try:
        decide(columns, of_map=None, of_clinic=None, today=settings.today)
    except RequestFault as error:
        return "\n".join(fault.message for fault in error.faults)
    return ""


def _header(table: Table, settings: ListSettings, row: int | None) -> Header:
    if row is None:
        found = find(table, settings)
        return replace(found, own=False) if found.guessed else found
    for line in table.lines():
        if line.number == row and not line.fault:
            return Header(row, tuple(texts(line.cells)))
    raise RequestFault(f"The list has no row {row} that can be read.")


def _words(table: Table, plan: Plan) -> dict[int, Counter[str]]:
    """The words of each column that is not used, unless there are too many."""
    counted = {
        number: Counter[str]() for number, name in enumerate(plan.header.names)
        if name.strip() and number not in plan.used
    }  # fmt: skip
    for line in body(table, plan):
        if line.fault or why_left_out(plan, line):
            continue
        said = texts(line.cells)
        for number in list(counted):
            word = " ".join(said[number].split()) if number < len(said) else ""
            if word:
                counted[number][word] += 1
            if len(counted[number]) > _MOST_WORDS:
                del counted[number]
    return {number: words for number, words in counted.items() if words}


def as_asked(found: Draft) -> Answers:
    """The answers that the draft itself suggests."""
    names = found.plan.header.names
    targets = {path: tuple(_clean(names[number]) for number in numbers) for path, numbers in found.plan.targets.items()}
    for path, columns in ((CODES, found.plan.words.codes), ("options", found.plan.words.options)):
        if columns:
            targets[path] = tuple(_clean(names[number]) for number in columns)
    return Answers(targets)


def may_mean(name: str, words: Mapping[str, int]) -> bool:
    """Whether the words of a column may say what a handout is about: a kind of visit, say, and nothing private."""
    numbers = any(count < 2 and re.search(r"\d{3}|^\W*\d", word) for word, count in words.items())
    return not (is_free_text(name) or _PRIVATE.search(fold(name)) or numbers or any(map(_is_long, words)))


def _is_long(word: str) -> bool:
    return len(word) > _MOST_LETTERS or "@" in word


def _clean(name: str) -> str:
    return " ".join(name.replace("\ufeff", " ").split())


def as_yaml(found: Draft, answers: Answers) -> str:
    """The file of the map."""
    names = [_clean(name) for name in found.plan.header.names if name.strip()]
    joined = {path: list(each) for path, each in answers.targets.items() if len(each) > 1}
    single = {each[0]: path for path, each in answers.targets.items() if len(each) == 1}
    named = {*single, *answers.values, *answers.leave_out, *(name for each in joined.values() for name in each)}
    data: dict[str, Any] = {
        "fingerprint": fingerprint(found.plan.header.names),
        "columns": {**single, **{name: None for name in names if plain_name(name) not in set(map(plain_name, named))}},
        "join": joined,
        "values": {column: {word: dict(each) for word, each in words.items()}
                   for column, words in answers.values.items()},
        "leave_out": {column: list(words) for column, words in answers.leave_out.items()},
        "name_order": answers.name_order,
        "date_order": answers.date_order,
    }  # fmt: skip
    kept = {key: value for key, value in data.items() if value}
    text = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=110).replace(": null\n", ":\n")
    return f"# yaml-language-server: $schema=../../../schema/list-map.json\n{text}"
