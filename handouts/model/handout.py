"""The merged document, all that templates see. It holds no patient's details, only which ones there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from handouts.model.clinic import ClinicFile
from handouts.model.prose import Inline, Section
from handouts.model.request import Format, Paper, Side, Stage

Approval = Literal["approved", "not_approved", "changed", "expired"]
Layout = Literal["table", "cards"]
SIDE_BY_SIDE = 3
"""The most options printed side by side; more become cards (STANDARDS: the comparison grid)."""


@dataclass(frozen=True)
class Field:
    """A clinician's safety field: its text, or None for a line to write on."""

    label: str
    text: str | None


@dataclass(frozen=True)
class Row:
    """A row of the comparison: the question, and each option's answer in printing order."""

    question: str
    cells: tuple[Inline, ...]


@dataclass(frozen=True)
class HandoutOption:
    """A chosen option. ``sections`` are all but the last; ``sure`` is the last, printed with those of the others."""

    id: str
    name: str
    short: str
    one_line: Inline
    sections: tuple[Section, ...]
    sure: Section
    safety: tuple[Field, ...]


@dataclass(frozen=True)
class CallGroup:
    """When to call: signs that belong to one option or medicine."""

    title: str
    items: tuple[Inline, ...]


@dataclass(frozen=True)
class HandoutMedicine:
    """A medicine: as prescribed (``dose``, ``times``, ``remark``) or only explained. No ``sections``: not known."""

    name: str
    sections: tuple[Section, ...]
    prescribed: bool = False
    dose: str | None = None
    times: tuple[str, ...] = ()
    remark: str | None = None


@dataclass(frozen=True)
class SourceLine:
    """An entry of the list of sources; ``number`` is the mark in the text."""

    number: int
    cite: str
    doi: str | None


@dataclass(frozen=True)
class Picture:
    """A picture of 100 people, resolved: one count per label; the last label is the rest."""

    counts: tuple[int, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Handout:
    """One topic, the chosen options, one clinic, ready to be typeset."""

    topic: str
    title: str
    line: str
    decision: str
    version: str
    published: date
    review_by: date
    update_policy: str
    funding: str | None
    approval: Approval
    approved_by: str | None
    good_until: date | None
    """The last day on which an approval is valid, if there is one; it is in the file, for `email` (MAIL-17)."""

    clinic: ClinicFile
    clinic_folder: Path
    logo: Path

    language: str
    format: Format
    paper: Paper
    stage: Stage
    side: Side | None
    blank: bool
    fields: tuple[str, ...]
    """The details that this patient has; in a blank sheet, the ones to write in."""

    layout: Layout
    options: tuple[HandoutOption, ...]
    grid: tuple[Row, ...]
    overview: tuple[Section, ...]
    prescribed: tuple[HandoutMedicine, ...]
    medicines: tuple[HandoutMedicine, ...]
    medicine_safety: Section | None
    medicine_safety_sections: tuple[Section, ...]
    medicine_fields: tuple[Field, ...]
    urgent: Field
    calls: tuple[CallGroup, ...]
    next_steps: tuple[Inline, ...]
    ask: tuple[Inline, ...]
    teach_back: tuple[Inline, ...]
    key_points: tuple[Inline, ...]
    option_points: tuple[Inline, ...]
    """One point per option, apart from the general ones, so that no list grows past seven."""
    sources: tuple[SourceLine, ...]
    note: tuple[str, ...]
    """The clinician's note, one entry per paragraph, if it is typeset; else it is in ``note_slots``."""
    note_slots: tuple[tuple[str, ...], ...]
    """The slots of a note that is stamped (CONTENT-7): for each paragraph, those of its lines."""
    diary: bool
    practice: tuple[str, tuple[Section, ...]] | None
    sided: tuple[str, ...]
    """Names of the drawings that follow the patient's side, sorted: a set's repr differs from run to run."""
    pictures: tuple[tuple[tuple[str, ...], Picture], ...]

    own_steps: bool
    """Whether ``next_steps`` are the request's own, not the topic's."""

    personal: bool
    """Whether it holds what was written for one patient (note, medicines, steps): never cached on disk (CONTENT-6)."""


@dataclass(frozen=True)
class Details:
    """What fills the slots: text for each field of the handout, and the document code."""

    texts: tuple[tuple[str, str], ...]
    code: str

    def __repr__(self) -> str:
        return "Details(...)"  # a patient's name does not belong in a log or traceback
