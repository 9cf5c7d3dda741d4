"""What is printed: a complete topic, the fixed words of a page, and the library of it all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import Field, ValidationInfo, model_validator

from handouts.model.base import EMPTY_IS_LET_BY, Day, Frozen, Heading, Line, Slug, find_misfits
from handouts.model.calendar import calendar
from handouts.model.clinic import Clinic
from handouts.model.document import (
    Document,
    InstructionHead,
    MedicineHead,
    MedicineSafetyHead,
    OptionHead,
    OverviewHead,
    TitleHead,
)
from handouts.model.language import ORIGINAL, is_rtl
from handouts.model.number_words import FORMER_FORMS, NumberForms, NumberWords
from handouts.model.request import TimeOfDay
from handouts.model.topic_file import OptionEntry, TopicFile
from handouts.model.topic_words import TopicWords
from handouts.model.wording import LABELS, Wording
from handouts.paths import Program


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
    """A topic's drawings: their ``folder``; which are ``sided``; the words of their labels; in which time passes from
    side to side.
    """

    folder: Path
    sided: frozenset[str]
    labels: Mapping[str, Mapping[str, str]]
    timelines: frozenset[str] = frozenset()

    def file(self, name: str) -> Path:
        """Where a drawing is."""
        return self.folder / f"{name}.svg"


@dataclass(frozen=True)
class Topic:
    """A complete topic: structure and prose."""

    id: str
    folder: Path
    language: str
    """Of all its texts, as its folder is called."""
    file: TopicFile
    """Its structure, with the safety texts in its language."""
    overview: Document[OverviewHead]
    takeaways: Document[TitleHead]
    words: TopicWords
    options: Mapping[str, Document[OptionHead]]
    """Of a choice."""
    sections: Mapping[str, Document[InstructionHead]]
    """Of instructions."""
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
    numbers: NumberWords
    """How its numbers are said."""
    behind: frozenset[str] = frozenset()
    """The translations among ``digests`` whose English text has changed since they were made."""

    def is_translation(self, name: str) -> bool:
        """Whether one of ``digests`` is of a translation. topic.yaml and the drawings are for all languages."""
        tag = self.language
        return tag != ORIGINAL and (name.startswith(f"{tag}/") or name.endswith(f"/{tag}.yaml"))

    @cached_property
    def option_order(self) -> tuple[str, ...]:
        """Option ids in printing order."""
        return tuple(option.id for option in self.file.options)

    @cached_property
    def row_names(self) -> tuple[str, ...]:
        """The rows of the comparison, in their order."""
        return self.file.rows or tuple(self.words.rows)

    def entry(self, option: str) -> OptionEntry:
        """The topic.yaml entry of an option; KeyError for an unknown one."""
        return {entry.id: entry for entry in self.file.options}[option]

    def documents(self) -> tuple[Document[Any], ...]:
        """Every file of its prose, in the order of printing."""
        safety = (self.medicine_safety,) if self.medicine_safety else ()
        parts = (*self.options.values(), *self.sections.values(), *self.medicines.values())
        return (self.overview, self.takeaways, *parts, *safety)


NEEDED_WORDS = (
    "harms_over", "harms_of", "each", "stays", "passes", "may_stays", "may_passes", "also", "your_left_side",
    "your_right_side", "your_both_sides", "version", "approved", "approved_by", "not_approved", "not_approved_long",
    "changed", "changed_long", "expired", "expired_long", "some_not_approved", "some_changed", "some_expired",
    "translation_behind", "translation_behind_long", "some_translation_behind", "translation_not_checked",
    "translation_not_checked_long", "some_translation_not_checked", "translation_checked_by", "and",
    "and_others", "page", "page_of", "practice", "urgent_signs", *LABELS,
)  # fmt: skip
"""Those under ``page`` that the program itself asks for; what templates ask for is told when a sheet is typeset."""


_DATES = ("months", "weekdays")
"""What a words file said before Babel did."""


class Words(Frozen):
    """The fixed words of a page in one language: content/words/LANGUAGE.yaml."""

    times: Mapping[str, Line]
    numbers: NumberForms
    quotes: Annotated[str, Field(min_length=2, max_length=2)] | None = None
    """The quotation marks of the language. None: “ and ”, or « and » where it runs from right to left."""
    page: Mapping[str, Heading]
    """Everything else, by the name that the templates use."""

    @model_validator(mode="before")
    @classmethod
    def _tell_of_the_old_form(cls, data: Any) -> Any:
        moved = [name for name in ("grid", "option_headings", "medicine_headings") if name in (data or ())]
        find_misfits("words", (((name,), "stands in defaults/en.yaml now; delete it here") for name in moved))
        return data

    @model_validator(mode="before")
    @classmethod
    def _said_before(cls, data: Any, info: ValidationInfo) -> Any:
        """Archives of before numbers had words of their own, and of before the language said how dates are written."""
        if not isinstance(data, dict):
            return data
        if (info.context or {}).get(EMPTY_IS_LET_BY):
            return {"numbers": FORMER_FORMS, **{name: told for name, told in data.items() if name not in _DATES}}
        old = [name for name in _DATES if name in data]
        find_misfits("words", (((name,), "is known for each language now; delete it here") for name in old))
        return data

    @model_validator(mode="after")
    def _complete(self) -> Words:
        wanted: tuple[tuple[str, Mapping[str, str], Iterable[str]], ...] = (
            ("times", self.times, get_args(TimeOfDay)),
            ("page", self.page, NEEDED_WORDS),
        )
        missing = [(key, name) for key, given, names in wanted for name in names if name not in given]
        find_misfits("words", ((path, "is missing") for path in missing))
        return self


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
    english: Library | None = None
    """The same in English, for a copy behind a translation; its files count in ``digest`` and ``hashes``, too."""

    @property
    def language(self) -> str:
        """Of everything that is printed from it."""
        return self.topic.language

    @cached_property
    def wording(self) -> Wording:
        """The words that a patient's own texts are stamped with."""
        words, medicines = self.words, self.topic.medicines
        return Wording(
            page={name: words.page[name] for name in LABELS},
            times=dict(words.times),
            calendar=calendar(self.language, self.clinic.file.dates, self.clinic.file.digits),
            medicines={name: document.head.name for name, document in medicines.items()},
            medicine_options=tuple(entry.id for entry in self.topic.file.options if entry.kind == "medicines"),
            title=self.topic.overview.head.name,
            language=self.language,
            rtl=is_rtl(self.language),
        )
