"""topic.yaml: the structure of a topic, no prose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from handouts.errors import nearest
from handouts.model.base import Day, Frozen, Line, Slug, Text, find_misfits
from handouts.model.document import Strings
from handouts.model.request import Side

Kind = Literal["choice", "instructions"]
"""Of a topic: a choice between options, or what to do after an operation, before a test, with a device."""
OptionKind = Literal["treatment", "medicines"]


VERSION = r"^\d+\.\d+(\.\d+)?$"
"""Of the program, such as 0.1."""


class Number(Frozen):
    """One outcome number: ``count`` out of ``out_of`` (100, or 1,000 for the very rare), or an amount with a unit.

    ``exact``: as the source has it, where ``count`` is rounded; it isn't printed.
    """

    count: int = Field(ge=0)
    exact: float | None = None
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
        if self.exact is not None and abs(self.exact - self.count) >= 1:
            raise ValueError("has a count that isn't its exact number rounded")
        if self.out_of and self.count > self.out_of:
            raise ValueError("has a count larger than out_of")
        if self.picture and (self.out_of != 100 or self.of != "people"):
            raise ValueError("may be a picture only when it counts people out of 100")
        return self

    @property
    def each_time(self) -> bool:
        """Whether ``over`` counts times, such as "each treatment": nothing stands before it."""
        return bool(self.over and self.over.startswith("each"))

    def form(self, form: str) -> int | str:
        """Its "count", "rest", "out_of" or "over". KeyError for another form, and for one that it does not have."""
        values = {"count": self.count, "over": self.over}
        if self.out_of:
            values |= {"rest": self.out_of - self.count, "out_of": self.out_of}
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
    """A drawing that the topic uses. ``sided``: drawn for the patient's left side, mirrored for the right;
    ``timeline``: time passes from left to right in it, so that it is mirrored where a page is read from the right.
    """

    sided: bool = False
    timeline: bool = False


class OptionEntry(Frozen):
    """An option's place in the topic. ``medicines``: of an option of that kind; ``diary``: adds the diary;
    ``unusual_with`` makes the program warn.
    """

    id: Slug
    kind: OptionKind = "treatment"
    medicines: tuple[Slug, ...] = ()
    diary: bool = False
    unusual_with: tuple[Slug, ...] = ()


class SectionEntry(Frozen):
    """A section's place in a topic of instructions. ``optional``: printed for whom the request names it."""

    id: Slug
    optional: bool = False


class SafetyText(Frozen):
    """What only a clinician can say; no text: a line to write on. ``urgent``: must not wait, so it is on page 1."""

    urgent: bool = False
    text: Text | None = None


class CodeEntry(Frozen):
    """What a diagnosis code says beside the topic: its side, if it has one."""

    side: Side | None = None


ICD_10 = r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?"
"""The form of a code of ICD-10-CM, and of WHO's ICD-10."""


class Codes(Frozen):
    """What ties a health record to a topic, by the name of each code system as FHIR's value sets have it.

    ``icd10cm``: diagnoses that the topic is for. Of its medicines, ``rxnorm``: the number of the ingredient; ``names``:
    other names, such as brands. ``treatments``: of an option, names and codes of procedures.
    """

    icd10cm: Mapping[Annotated[str, Field(pattern=f"^{ICD_10}$")], CodeEntry | None] = Field(default_factory=dict)
    rxnorm: Mapping[Slug, Annotated[int, Field(gt=0)]] = Field(default_factory=dict)
    names: Mapping[Slug, Strings] = Field(default_factory=dict)
    treatments: Mapping[Slug, Strings] = Field(default_factory=dict)


def _safety_text(value: Any) -> Any:
    return {"text": value} if value is None or isinstance(value, str) else value


SafetyField = Annotated[SafetyText, BeforeValidator(_safety_text, json_schema_input_type=SafetyText | Text | None)]
"""A field of topic.yaml's ``safety``: a text, nothing, or both keys of `SafetyText`."""


OLD_MEDICINES = (
    "belongs to an option now: give the option of medicines kind: medicines and this list "
    "({id: medicines, kind: medicines, medicines: [...]}), and delete it here"
)


class TopicFile(Frozen):
    """topic.yaml: the structure of a topic, no prose. ``rows``: of the comparison, in their order; () for the usual."""

    made_for: Annotated[str, Field(pattern=VERSION, max_length=16)] | None = None
    """The least version of the program that prints it."""
    kind: Kind = "choice"
    version: Annotated[Line, Field(max_length=16)]
    """Short enough for the running line of large print."""
    published: Day
    review_by: Day
    update_policy: Line = "yearly"
    funding: Line | None = None
    rows: tuple[Slug, ...] = Field(default=(), max_length=7)
    options: tuple[OptionEntry, ...] = ()
    sections: tuple[SectionEntry, ...] = ()
    diary: bool = False
    """Of instructions: whether the diary is printed. Of a choice, its options say so."""
    sides: tuple[Side, ...] = ()
    figures: Mapping[Slug, FigureEntry] = Field(default_factory=dict)
    numbers: Mapping[Slug, Number] = Field(default_factory=dict)
    sources: Mapping[Slug, Source] = Field(default_factory=dict)
    codes: Codes = Field(default_factory=Codes)
    mask: Strings = ()
    safety: Mapping[str, SafetyField] = Field(default_factory=dict)

    @property
    def part_ids(self) -> tuple[str, ...]:
        """The ids of its options or sections, each of which has a file of its own."""
        return (*(option.id for option in self.options), *(section.id for section in self.sections))

    @property
    def medicines(self) -> tuple[str, ...]:
        """The ids of all medicines, in the order of the options."""
        return tuple(dict.fromkeys(name for option in self.options for name in option.medicines))

    @property
    def sided(self) -> frozenset[str]:
        """The names of the drawings that follow the patient's side."""
        return frozenset(name for name, entry in self.figures.items() if entry.sided)

    @property
    def timelines(self) -> frozenset[str]:
        """The names of the drawings in which time passes from side to side."""
        return frozenset(name for name, entry in self.figures.items() if entry.timeline)

    @model_validator(mode="before")
    @classmethod
    def _tell_of_the_old_form(cls, data: Any) -> Any:
        if isinstance(data, dict) and "medicines" in data:
            find_misfits("topic.yaml", [(("medicines",), OLD_MEDICINES)])
        return data

    @model_validator(mode="after")
    def _holds_together(self) -> TopicFile:
        find_misfits("topic.yaml", self._mistakes())
        return self

    def _mistakes(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        parts: tuple[str, ...] = ("options", "sections")
        needed, other = parts if self.kind == "choice" else parts[::-1]
        if not getattr(self, needed):
            yield (needed,), f"is missing: a topic of kind {self.kind} has {needed}"
        if getattr(self, other):
            yield (other,), f"belongs to the other kind of topic: one of kind {self.kind} has {needed}"
        yield from self._mistakes_of_options()
        for key, names in (("sections", [entry.id for entry in self.sections]), ("rows", self.rows)):
            yield from (((key, i), f"names {name} a second time") for i, name in enumerate(names) if name in names[:i])
        for name, number in self.numbers.items():
            if number.source not in self.sources:
                hint = nearest(number.source, self.sources, what="sources")
                yield ("numbers", name, "source"), f"names {number.source}, which is not among the sources. {hint}"
        if self.sided and not self.sides:
            yield ("sides",), "is missing, though a figure is sided. Write sides: [left, right]"
        yield from self._mistakes_of_codes()
        if not 0 < (self.review_by - self.published).days <= 3 * 366:
            yield ("review_by",), "must lie after published, three years at most"

    def _mistakes_of_codes(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        for code, entry in self.codes.icd10cm.items():
            if entry and entry.side and entry.side not in self.sides:
                yield ("codes", "icd10cm", code), f"has the side {entry.side}, which sides does not name"

    def _mistakes_of_options(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        known = [option.id for option in self.options]
        for i, option in enumerate(self.options):
            if option.id in known[:i]:
                yield ("options", i), f"names {option.id} a second time"
            for other in option.unusual_with:
                if other not in known:
                    yield ("options", i, "unusual_with"), f"names {other}. {nearest(other, known, what='options')}"
            if bool(option.medicines) != (option.kind == "medicines"):
                yield ("options", i), "needs both or neither of kind: medicines and a list of medicines"
            for j, name in enumerate(option.medicines):
                if name in option.medicines[:j]:
                    yield ("options", i, "medicines", j), f"names {name} a second time"
