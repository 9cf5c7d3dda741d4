"""What the columns of one kind of list mean in a request: a file of the clinic, picked by the list's header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from handouts.model.base import Frozen, Language, Line, Slug, find_misfits
from handouts.model.clinic import DateOrder
from handouts.model.request import Format, Side, Stage
from handouts.model.request_paths import is_path
from handouts.model.topic_file import ICD_10

ORDER = "order"
"""The time of day in a day's list: not a key of a request, but the order in which its handouts are printed."""
CODES = "codes"
"""Diagnosis codes: topics say which of them, and which side, they are for."""
NameOrder = Literal["as-written", "last-first"]


def _target(path: str) -> str:
    if path not in {ORDER, CODES} and not is_path(path):
        raise ValueError("is no key of a request, such as patient.name, nor 'order' or 'codes'")
    return path


Target = Annotated[str, AfterValidator(_target)]


class Meaning(Frozen):
    """What a word in a cell stands for: a part of a request."""

    topic: Slug | None = None
    options: tuple[Slug, ...] | None = None
    sections: tuple[Slug, ...] | None = None
    side: Side | None = None
    stage: Stage | None = None
    format: Format | None = None
    language: Language | None = None
    sheets: tuple[Slug, ...] | None = None
    next_steps: tuple[Line, ...] | None = None

    def as_request(self) -> dict[str, Any]:
        """The keys that it gives."""
        return self.model_dump(mode="json", exclude_none=True)


class ListMap(Frozen):
    """content/clinics/CLINIC/lists/NAME.yaml. Columns are named as the list's header has them, in any case."""

    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    """Of the header: see `handouts.lists.header`."""
    header_row: Literal["auto"] | Annotated[int, Field(ge=1, le=1000)] = "auto"
    columns: dict[Line, Target | None] = Field(default_factory=dict)
    """An empty one is left out, like those that are not named."""
    join: dict[Target, tuple[Line, ...]] = Field(default_factory=dict)
    """What several columns make together, in that order; a date and a time make a moment."""
    values: dict[Line, dict[str, Meaning]] = Field(default_factory=dict)
    leave_out: dict[Line, tuple[Line, ...]] = Field(default_factory=dict)
    """Rows in which a column holds one of these words."""
    name_order: NameOrder = "as-written"
    """last-first: "GONZALEZ, MARIA A" is printed "MARIA A GONZALEZ"."""
    date_order: DateOrder | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> ListMap:
        find_misfits("ListMap", self._misfits())
        return self

    def _misfits(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        targets = [target for target in self.columns.values() if target]
        for name, target in self.columns.items():
            if target and targets.count(target) > 1:
                yield ("columns", name), f"a second column for {target}; join them, or leave one out"
            elif target and target in self.join:
                yield ("columns", name), f"{target} is joined from other columns as well"
        for target, names in self.join.items():
            if not names:
                yield ("join", target), "names no column"
        if not self.targets.intersection({"patient.name"}):
            yield ("columns",), "no column is the patient's name: 'Name of the column: patient.name'"

    @property
    def targets(self) -> frozenset[str]:
        """All that its columns fill."""
        return frozenset(filter(None, self.columns.values())) | frozenset(self.join)

    @property
    def given(self) -> frozenset[str]:
        """The keys of a request that words in cells give."""
        return frozenset(key for words in self.values.values() for each in words.values() for key in each.as_request())

    def named(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Every column that it uses, and where it says so."""
        for name, target in self.columns.items():
            if target:
                yield ("columns", name), name
        for target, names in self.join.items():
            for name in names:
                yield ("join", target), name
        for key, group in (("values", self.values), ("leave_out", self.leave_out)):
            for name in group:
                yield (key, name), name


def plain_name(name: str) -> str:
    """A column's name, or a word in a cell, as two of them are compared: small letters, spaces folded."""
    return " ".join(name.replace("\ufeff", " ").split()).casefold()  # a list put after another brings its mark along


def plain_words(words: Iterable[str]) -> dict[str, str]:
    """Words by how they are compared."""
    return {plain_name(word): word for word in words}


_CODE = re.compile(ICD_10, re.I)


def codes_in(text: str) -> list[str]:
    """The diagnosis codes (ICD-10) in a cell, such as G51.32, in small letters and in their order."""
    found = (re.match(r"[\w.]+", part.strip()) for part in re.split(r"[;,|/\n]", text))
    return [one[0].casefold() for one in found if one and _CODE.fullmatch(one[0])]
