"""One patient's choices, as the staff enter them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from handouts.model.base import Day, Frozen, Language, Line, Moment, Slug, Text
from handouts.model.doses import safe_dose
from handouts.model.language import ORIGINAL
from handouts.model.shapes import MOST_MEDICINES, MOST_WRITTEN_STEPS

TimeOfDay = Literal["morning", "noon", "evening", "night"]
Format = Literal["standard", "large-print"]
Paper = Literal["letter", "a4"]
PAPER_SIZES: dict[Paper, tuple[float, float]] = {"letter": (612.0, 792.0), "a4": (595.276, 841.89)}
"""Width and height in pt."""
Side = Literal["left", "right", "both"]
Stage = Literal["before", "after"]

Dose = Annotated[Line, AfterValidator(safe_dose)]
"""A line about a medicine, without error-prone notation."""


class Patient(Frozen):
    """The details that fill the slots. Names follow FHIR's Patient where it has one."""

    name: Line
    preferred_name: Line | None = None
    identifier: Line | None = None
    birth_date: Day | None = None
    email: Line | None = None


class Prescribed(Frozen):
    """A medicine as prescribed. ``name`` may be one that the topic does not know."""

    name: Line
    dose: Dose | None = None
    times: tuple[TimeOfDay, ...] = ()
    remark: Dose | None = None

    @field_validator("times")
    @classmethod
    def _each_once(cls, times: tuple[str, ...]) -> tuple[str, ...]:
        return each_once(times)


class Appointment(Frozen):
    """When to come back. FHIR names: start -> ``at``, participant -> ``with``, location -> ``where``."""

    at: Moment
    with_: Line | None = Field(default=None, alias="with")
    where: Line | None = None


class Request(Frozen):
    """What one handout is made from, besides content. Required are topic, patient.name and, of a choice, options."""

    topic: Slug
    options: tuple[Slug, ...] = ()
    sections: tuple[Slug, ...] = ()
    """Of instructions, the optional ones that this patient needs."""
    patient: Patient
    clinic: Slug | None = None
    language: Language = ORIGINAL
    with_english: bool = False
    """Whether the same in English stands behind a translation, for the family's file or the staff."""
    format: Format = "standard"
    paper: Paper | None = None
    stage: Stage = "after"
    side: Side | None = None
    clinician: Line | None = None
    visit_date: Day | None = None
    medicines: tuple[Prescribed, ...] = Field(default=(), max_length=MOST_MEDICINES)
    next_steps: tuple[Line, ...] = Field(default=(), max_length=MOST_WRITTEN_STEPS)
    appointment: Appointment | None = None
    note: Text | None = None
    sheets: tuple[Slug, ...] = ()
    """The sheets of the stack to print; () for all."""

    @field_validator("options", "sheets", "sections")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return each_once(names)


def each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    """``names`` unchanged; ValueError if one occurs twice, by number: it may be anything, even a patient's name."""
    first: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        if name in first:
            raise ValueError(f"says the same thing twice: number {number} is number {first[name]} again")
        first[name] = number
    return names
