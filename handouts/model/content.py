"""What is printed: topic.yaml, a complete topic, the fixed words of a page, and the library of it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field, model_validator

from handouts.errors import nearest
from handouts.model.base import Day, Frozen, Line, Slug, Text, find_misfits
from handouts.model.clinic import Clinic
from handouts.model.document import (
    GRID_ROWS,
    Document,
    MedicineHead,
    MedicineSafetyHead,
    OptionHead,
    OverviewHead,
    Strings,
    TitleHead,
)
from handouts.model.request import TimeOfDay
from handouts.model.wording import LABELS, Wording
from handouts.paths import Program


class Number(Frozen):
    """One outcome number: ``count`` out of ``out_of`` (100, or 1,000 for the very rare), or an amount with a unit."""

    count: int = Field(ge=0)
    out_of: int | None = None
    unit: Line | None = None
    of: Line = "people"
    over: Line | None = None
    about: bool = False
    fewer: bool = False
    picture: bool = False
    source: Slug

    @model_validator(mode="after")
    def _one_kind(self) -> Number:
        if (self.out_of is None) == (self.unit is None):
            raise ValueError("needs either out_of (100 or 1000) or unit (weeks ...)")
        if self.out_of not in {None, 100, 1000}:
            raise ValueError("has an out_of other than 100 or 1000: one denominator for all (STANDARDS: Fair choice)")
        if self.out_of and self.count > self.out_of:
            raise ValueError("has a count larger than out_of")
        if self.picture and (self.out_of != 100 or self.of != "people"):
            raise ValueError("may be a picture only when it counts people out of 100")
        return self

    def words(self, form: str = "") -> str:
        """The number in words; ``form`` is "", "count", "rest", "out_of" or "over". KeyError for another form."""
        if form == "":
            start = "fewer than " if self.fewer else "about " if self.about else ""
            if self.unit:
                return f"{start}{self.count:,} {self.unit}"
            return f"{start}{self.count:,} out of {self.out_of:,} {self.of}"
        values = {"count": f"{self.count:,}", "over": self.over}
        if self.out_of:
            values |= {"rest": f"{self.out_of - self.count:,}", "out_of": f"{self.out_of:,}"}
        value = values[form]
        if value is None:
            raise KeyError(form)
        return value


class Source(Frozen):
    """Where a number comes from. ``always``: listed even when none of its numbers is printed."""

    cite: Annotated[str, Field(min_length=1, max_length=400)]
    doi: Line | None = None
    always: bool = False


class FigureEntry(Frozen):
    """A drawing that the topic uses. ``sided``: drawn for the patient's left side, mirrored for the right."""

    sided: bool = False


class OptionEntry(Frozen):
    """An option's place in the topic. ``diary``: adds the symptom diary. ``unusual_with`` makes the program warn."""

    id: Slug
    diary: bool = False
    unusual_with: tuple[Slug, ...] = ()


class SafetyText(Frozen):
    """What only a clinician can say; no text: a line to write on. ``urgent``: must not wait, so it is on page 1."""

    urgent: bool = False
    text: Text | None = None


def _safety_text(value: Any) -> Any:
    return {"text": value} if value is None or isinstance(value, str) else value


SafetyField = Annotated[SafetyText, BeforeValidator(_safety_text, json_schema_input_type=SafetyText | Text | None)]
"""A field of topic.yaml's ``safety``: a text, nothing, or both keys of `SafetyText`."""


class TopicFile(Frozen):
    """topic.yaml: the structure of a topic, no prose."""

    version: Annotated[Line, Field(max_length=16)]
    """Short enough for the running line of large print."""
    published: Day
    review_by: Day
    update_policy: Line = "yearly"
    funding: Line | None = None
    options: tuple[OptionEntry, ...] = Field(min_length=1)
    medicines: tuple[Slug, ...] = ()
    figures: Mapping[Slug, FigureEntry] = Field(default_factory=dict)
    numbers: Mapping[Slug, Number] = Field(default_factory=dict)
    sources: Mapping[Slug, Source] = Field(default_factory=dict)
    mask: Strings = ()
    safety: Mapping[str, SafetyField] = Field(default_factory=dict)

    @property
    def sided(self) -> frozenset[str]:
        """The names of the drawings that follow the patient's side."""
        return frozenset(name for name, entry in self.figures.items() if entry.sided)

    @model_validator(mode="after")
    def _holds_together(self) -> TopicFile:
        find_misfits("topic.yaml", self._mistakes())
        return self

    def _mistakes(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        known = [option.id for option in self.options]
        for i, option in enumerate(self.options):
            if option.id in known[:i]:
                yield ("options", i), f"names {option.id} a second time"
            for other in option.unusual_with:
                if other not in known:
                    yield ("options", i, "unusual_with"), f"names {other}. {nearest(other, known, what='options')}"
        for name, number in self.numbers.items():
            if number.source not in self.sources:
                hint = nearest(number.source, self.sources, what="sources")
                yield ("numbers", name, "source"), f"names {number.source}, which is not among the sources. {hint}"
        for i, name in enumerate(self.medicines):
            if name in self.medicines[:i]:
                yield ("medicines", i), f"names {name} a second time"
        if not 0 < (self.review_by - self.published).days <= 3 * 366:
            yield ("review_by",), "must lie after published, three years at most"


class Approval(Frozen):
    """Who approved exactly which bytes of a file, until when. ``checked_by``: who else has checked it, such as whoever
    compared a translation.
    """

    by: Line
    on: Day
    until: Day
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    checked_by: Line | None = None


FileName = Annotated[str, Field(pattern=r"^[a-z0-9.-]+(/[a-z0-9.-]+)*$", max_length=200)]


class Approvals(Frozen):
    """approvals.yaml: an approval for each source file, by its name as `Topic.digests` has it."""

    files: Mapping[FileName, Approval] = Field(default_factory=dict)


class FigureWords(Frozen):
    """figures.yaml: what each label of each drawing says in one language, by the drawing's name and the label's id."""

    labels: Mapping[Slug, Mapping[Slug, Line]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Drawings:
    """A topic's drawings: their ``folder``; which are ``sided``; the words of their labels."""

    folder: Path
    sided: frozenset[str]
    labels: Mapping[str, Mapping[str, str]]

    def file(self, name: str) -> Path:
        """Where a drawing is."""
        return self.folder / f"{name}.svg"


@dataclass(frozen=True)
class Topic:
    """A complete topic: structure and prose."""

    id: str
    folder: Path
    file: TopicFile
    overview: Document[OverviewHead]
    takeaways: Document[TitleHead]
    options: Mapping[str, Document[OptionHead]]
    medicines: Mapping[str, Document[MedicineHead]]
    medicine_safety: Document[MedicineSafetyHead] | None
    files: tuple[Path, ...]
    """All that the topic was read from but its approvals, sorted."""
    digests: Mapping[str, str]
    """SHA-256 of each source file: of ``files`` by their names in the topic's folder, of the fixed words by theirs in
    the content folder. What approvals cover.
    """
    approvals: Mapping[str, Approval]
    """By the same names; perhaps of what is no longer there."""
    drawings: Drawings

    @cached_property
    def option_order(self) -> tuple[str, ...]:
        """Option ids in printing order."""
        return tuple(option.id for option in self.file.options)

    def entry(self, option: str) -> OptionEntry:
        """The topic.yaml entry of an option; KeyError for an unknown one."""
        return {entry.id: entry for entry in self.file.options}[option]


NEEDED_WORDS = (
    "harms_over", "harms_of", "each", "stays", "passes", "may_stays", "may_passes", "also", "your_left_side",
    "your_right_side", "version", "approved", "approved_by", "not_approved", "not_approved_long", "changed",
    "changed_long", "expired", "expired_long", "some_not_approved", "some_changed", "some_expired", "and", "and_others",
    "page", "page_of", "urgent_signs", *LABELS,
)  # fmt: skip
"""Those under ``page`` that the program itself asks for; what templates ask for is told when a sheet is typeset."""


class Words(Frozen):
    """The fixed words of a page in one language: content/words/en.yaml."""

    grid: Mapping[str, Line]
    option_headings: Strings = Field(min_length=2)
    medicine_headings: Strings = Field(min_length=1)
    times: Mapping[str, Line]
    months: Strings = Field(min_length=12, max_length=12)
    weekdays: Strings = Field(min_length=7, max_length=7)
    page: Mapping[str, Line]
    """Everything else, by the name that the templates use."""

    @model_validator(mode="after")
    def _complete(self) -> Words:
        wanted: tuple[tuple[str, Mapping[str, str], Iterable[str]], ...] = (
            ("grid", self.grid, GRID_ROWS),
            ("times", self.times, get_args(TimeOfDay)),
            ("page", self.page, NEEDED_WORDS),
        )
        missing = [(key, name) for key, given, names in wanted for name in names if name not in given]
        find_misfits("words", ((path, "is missing") for path in missing))
        return self

    def long_date(self, day: date) -> str:
        """A date as people write it: November 22, 2026."""
        return f"{self.months[day.month - 1]} {day.day}, {day.year}"


@dataclass(frozen=True)
class Library:
    """Everything read for one run: the topic, the clinic, the words, and the digest of it all."""

    topic: Topic
    clinic: Clinic
    words: Words
    digest: str
    """SHA-256 over everything that is printed: topic, clinic (without mail, printer, presets), words, templates,
    figures, fonts. See `handouts.load.digests`."""
    hashes: Mapping[str, bytes]
    """The same in parts: the name of each file, and the SHA-256 of its bytes."""
    program: Program
    """The templates and drawings that it is printed with."""

    @cached_property
    def wording(self) -> Wording:
        """The words that a patient's own texts are stamped with."""
        words, medicines = self.words, self.topic.medicines
        return Wording(
            page={name: words.page[name] for name in LABELS},
            times=dict(words.times),
            months=words.months,
            weekdays=words.weekdays,
            medicines={name: document.head.name for name, document in medicines.items()},
            title=self.topic.overview.head.name,
        )
