"""What each column of a list is for: by the clinic's map of such lists, --map, its usual name, or its own path."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from handouts.errors import MOST_TOLD, Fault, RequestFault, shown
from handouts.lists import usual_names as usual
from handouts.lists.column_mapping import ColumnMapping, lacking, read_header
from handouts.lists.header import Header
from handouts.lists.plan_by_names import Targets, targets_by_usual_names
from handouts.lists.tables import letter
from handouts.model.clinic import DateOrder
from handouts.model.language import ORIGINAL
from handouts.model.list_map import CODES, ORDER, ListMap, NameOrder, plain_name, plain_words
from handouts.model.request_paths import NAME, is_path


@dataclass(frozen=True)
class ListSettings:
    """What is known of a list before it is opened. ``mapped``: --map; ``given``: keys that flags or presets fill.

    ``date_order``: what clinic.yaml says itself; ``maps``: the clinic's, by name; ``codes``: what topics make of a
    diagnosis code, in small letters; ``flags``: what flags or presets fill these keys with; ``options``: the ids of
    all topics' options.
    """

    today: date
    mapped: Mapping[str, str] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    date_order: DateOrder | None = None
    maps: Mapping[str, ListMap] = field(default_factory=dict)
    worksheet: str | None = None
    codes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    flags: Mapping[str, Any] = field(default_factory=dict)
    options: Set[str] = frozenset()
    languages: Set[str] = frozenset({ORIGINAL})
    """Those that something can be printed in."""
    first_of_two: bool = False
    """Whether, of two columns that say the same, the first is taken, because somebody is asked about them."""


Meanings = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Words:
    """The columns whose words mean something: what each word stands for, what diagnosis codes stand for, and which
    words leave a row out (as the map has them). All by the word in plain letters.
    """

    values: Mapping[int, Meanings] = field(default_factory=dict)
    codes: Mapping[int, Meanings] = field(default_factory=dict)
    leave_out: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    options: tuple[int, ...] = ()
    """The columns in which options stand by their ids, though they are not called `options`."""


@dataclass(frozen=True)
class Plan:
    """``columns``: the path that each column fills, a join at its first; ``targets``: the columns of each path."""

    header: Header
    columns: ColumnMapping
    targets: Mapping[str, tuple[int, ...]]
    words: Words
    own: bool
    """Whether the list is in the program's own format, and says itself what it is."""
    settings: ListSettings

    @property
    def name_order(self) -> NameOrder:
        """How the map says that names are written."""
        return self.header.map.name_order if self.header.map else "as-written"

    @property
    def date_order(self) -> DateOrder | None:
        """What the map says."""
        return self.header.map.date_order if self.header.map else None

    def name(self, column: int) -> str:
        """What the header calls a column."""
        return shown(" ".join(self.header.names[column].split()))

    @property
    def used(self) -> frozenset[int]:
        """The columns that matter."""
        targets = (column for columns in self.targets.values() for column in columns)
        return frozenset({*targets, *self.words.values, *self.words.codes, *self.words.leave_out, *self.words.options})

    @cached_property
    def watched(self) -> tuple[int, ...]:
        """Of a list with a map: the columns in which a word such as "Cancelled" must not be passed over."""
        if not self.header.map:
            return ()
        named = (n for n, name in enumerate(self.header.names) if n not in self.used and usual.is_status(name))
        asked = (number for number, words in self.words.leave_out.items() if words)
        return (*asked, *(number for number in self.words.values if number not in self.words.leave_out), *named)


def options_in(cell: str, known: Set[str]) -> list[str]:
    """The options that a cell names by their ids, in any case; [] where it says anything else."""
    parts = ["-".join(part.split()).casefold() for part in re.split(r"[;,|\n]", cell) if part.strip()]
    return list(dict.fromkeys(parts)) if all(part in known for part in parts) else []


def plan_columns(header: Header, settings: ListSettings, options: tuple[int, ...] = ()) -> Plan:
    """RequestFault, with every fault at once, for columns that can't be used. ``options``: see `Words`."""
    mapped = {plain_name(name): plain_name(path) for name, path in settings.mapped.items()}
    as_written, header = header, _numbered(header, mapped)
    free = {n: name for n, name in enumerate(header.names) if plain_name(name) and plain_name(name) not in mapped}
    taken = {path for path in mapped.values() if path}
    if header.own:
        taken |= {plain_name(name) for name in free.values() if is_path(plain_name(name))}
    if header.map:
        targets = _of_map(header.map, header, taken)
    else:
        targets = (
            {}
            if header.guessed
            else targets_by_usual_names(free, taken, own=header.own, first_of_two=settings.first_of_two)
        )
    for number, name in enumerate(header.names):
        if path := mapped.get(plain_name(name)):
            targets.setdefault(path, (number,))
    words = replace(_words(header, settings), options=() if "options" in taken or "options" in targets else options)
    filled = settings.given | (header.map.given if header.map else frozenset()) | ({"topic"} if words.codes else set())
    filled |= {"options"} if words.options else set()
    assigned = dict.fromkeys((*words.values, *words.codes, *words.leave_out, *words.options), "")
    for path, numbers in targets.items():
        assigned |= dict.fromkeys(numbers, "") | {numbers[0]: path}
    try:
        columns = read_header(header.names, settings.mapped, filled, assigned, strict=header.own)
    except RequestFault as error:
        if not header.guessed:
            raise
        raise RequestFault(
            "No row of the list names columns that are known. `lists learn LIST` asks what they are (--header-row says "
            "which row names them), or use --map:",
            faults=error.faults,
        ) from None
    if header.own:
        targets |= {".".join(one.path): (n,) for n, one in enumerate(columns.columns) if one and n not in assigned}
    columns = replace(columns, names=tuple(map(plain_name, as_written.names)))
    plan = Plan(header, columns, targets, words, own=header.own and not assigned, settings=settings)
    if not header.own:
        _require_enough(plan, filled)
    return plan


def _require_enough(plan: Plan, filled: Set[str]) -> None:
    """RequestFault, with what is made of the columns, where a list and its flags don't say all that is needed."""
    ways = {
        NAME: "say which it is: --map 'COLUMN=patient.name', or `lists learn LIST`",
        "topic": "give --topic, or say with `lists learn LIST` which column says it and what its words mean",
        "options": "give --option, or say with `lists learn LIST` which column says them and what its words mean",
    }
    faults = [
        Fault("", 0, f"{message}: {ways[name]}")
        for name, message in lacking({column.path for column in plan.columns.columns if column}, filled)
    ]
    if faults:
        told = [*told_columns(plan), f"left out: {', '.join(unused(plan)[:MOST_TOLD]) or 'none'}"]
        raise RequestFault(
            f"Row {plan.header.row} names the columns: {'; '.join(told)}. That is not all that a handout needs:",
            faults=faults,
        )


def _numbered(header: Header, mapped: Mapping[str, str]) -> Header:
    """A header in which columns of one name are told apart as --map does it: "MRN#2" is the second of them.

    RequestFault where --map names two of them at once.
    """
    made, faults = list(header.names), []
    counted = Counter[str]()
    for number, name in enumerate(header.names):
        plain = plain_name(name)
        counted[plain] += 1
        if plain and f"{plain}#{counted[plain]}" in mapped:
            made[number] = f"{name.strip()}#{counted[plain]}"
    for name, path in mapped.items():
        twins = [number for number, other in enumerate(made) if plain_name(other) == name]
        if len(twins) > 1 and (path or is_path(name) or usual.roles(name)):
            letters, called = ", ".join(map(letter, twins)), shown(made[twins[0]].strip())
            told = (
                f"{len(twins)} columns are called '{called}' ({letters}): name one, such as the second, by "
                f"--map '{called}#2={shown(path)}'"
            )
            faults.append(Fault("", 0, told))
    if faults:
        raise RequestFault("The columns of the list can't be used. Say which is meant:", faults=faults)
    return replace(header, names=tuple(made))


def _of_map(found: ListMap, header: Header, taken: set[str]) -> Targets:
    """The columns that a map names. RequestFault where the list lacks one."""
    where = {plain_name(name): number for number, name in reversed(list(enumerate(header.names)))}
    lacking = [
        Fault("", 0, f"the map names a column '{shown(name)}', which the list does not have")
        for _, name in found.named()
        if plain_name(name) not in where
    ]
    if lacking:
        raise RequestFault(f"The map {header.map_name} does not fit the list:", faults=lacking)
    made: Targets = {target: (where[plain_name(name)],) for name, target in found.columns.items() if target}
    made |= {target: tuple(where[plain_name(name)] for name in names) for target, names in found.join.items()}
    return {target: numbers for target, numbers in made.items() if target not in taken and target != CODES}


def _words(header: Header, settings: ListSettings) -> Words:
    plain = {plain_name(name): number for number, name in reversed(list(enumerate(header.names)))}
    values: dict[int, Meanings] = {}
    leave_out: dict[int, Mapping[str, str]] = {}
    if header.map:
        for column, words in header.map.values.items():
            values[plain[plain_name(column)]] = {plain_name(word): one.as_request() for word, one in words.items()}
        for column, out in header.map.leave_out.items():
            leave_out[plain[plain_name(column)]] = plain_words(out)
    first = _diagnoses(header, {*values, *leave_out}, settings)
    codes = {first: settings.codes} if settings.codes and first is not None else {}
    return Words(values, codes, leave_out)


def _diagnoses(header: Header, used: set[int], settings: ListSettings) -> int | None:
    """The column of diagnosis codes: the one of which the map says so; else by its name, if nothing is said of it."""
    said = {plain_name(name): target for name, target in header.map.columns.items()} if header.map else {}
    said |= {plain_name(name): path for name, path in settings.mapped.items()}
    columns = [(n, plain_name(name)) for n, name in enumerate(header.names) if plain_name(name) and n not in used]
    told = [number for number, name in columns if said.get(name) == CODES]
    named = [
        number for number, name in columns
        if name not in said and any(role == usual.DIAGNOSIS for role, _ in usual.roles(name))
    ]  # fmt: skip
    return next(iter(told + named), None)


def treatments(header: Header, settings: ListSettings) -> list[int]:
    """The columns that may hold options, by their names; none where the list's map says what they are."""
    if header.own or not settings.options:
        return []
    settled = plain_words([*header.map.columns, *(name for _, name in header.map.named())]) if header.map else {}
    return [
        number for number, name in enumerate(header.names)
        if any(role == usual.TREATMENTS for role, _ in usual.roles(name)) and plain_name(name) not in
        {*settled, *map(plain_name, settings.mapped)}
    ]  # fmt: skip


def told_columns(plan: Plan) -> Iterator[str]:
    """What is made of which column, such as "Patient Name -> patient.name"."""
    for path, numbers in sorted(plan.targets.items(), key=lambda pair: pair[1]):
        names = " + ".join(plan.name(number) for number in numbers)
        yield f"{names} -> {'order of printing' if path == ORDER else path}"
    for number in plan.words.values:
        yield f"{plan.name(number)} -> by its words"
    for number in plan.words.codes:
        yield f"{plan.name(number)} -> by its codes"
    for number in plan.words.options:
        yield f"{plan.name(number)} -> options"
    for number, words in plan.words.leave_out.items():
        leaves_out = "leaves rows out" if words else "leaves no row out"
        yield f"{plan.name(number)} -> {leaves_out}"


def unused(plan: Plan) -> list[str]:
    """Named columns that are not used, by letter and name: of a header, which is no patient's."""
    return [
        f"{letter(number)} {plan.name(number)}" for number, name in enumerate(plan.header.names)
        if name.strip() and number not in plan.used
    ]  # fmt: skip
