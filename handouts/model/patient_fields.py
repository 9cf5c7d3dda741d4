"""The table of a patient's fields: the place of each in a request, its room on the page, its words.

Details, slots, blank sheets, the selection that decides a master, messages and prompts follow from it; columns of lists
and the record's marks follow from `Request`. CONTRIBUTING says how to add a field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # a command that makes nothing should not load what making needs
    from handouts.model.content import Words
    from handouts.model.request import Request


@dataclass(frozen=True)
class Box:
    """The room of a slot, in pt. ``width``: in standard print on letter paper, ``a4`` there, ``large`` in large print;
    ``size``: of the type; ``lines``: how many lines it may be set on when one is too short; ``floor``: the smallest
    size.
    """

    width: float
    size: float = 12.0
    bold: bool = False
    lines: int = 1
    floor: float = 9.0
    a4: float | None = None
    large: float = 290.0


def _as_it_is(value: Any, _words: Words) -> str:
    return str(value)


def _day(value: Any, words: Words) -> str:
    return words.long_date(value)


def _weekday(value: datetime, words: Words) -> str:
    return f"{words.weekdays[value.weekday()]}, {words.long_date(value.date())}"


def _time(value: datetime, _words: Words) -> str:
    return f"{value.hour % 12 or 12}:{value.minute:02} {'am' if value.hour < 12 else 'pm'}"


def _whole_name(request: Request) -> str:
    """The name, and what the patient likes to be called, where the name does not say it."""
    name, preferred = request.patient.name, request.patient.preferred_name
    if preferred and f" {preferred.casefold()} " not in f" {name.casefold()} ":
        return f"{name} ({preferred})"
    return name


@dataclass(frozen=True)
class PatientField:
    """``name``: of its slot, for templates; ``key``: its place in a request, as people write it; ``box``: None for what
    has no slot of its own; ``question``: asked at the terminal, if it is; ``kind``: what an answer has to be;
    ``text``: how its value is printed; ``source``: how it is found where it is more than what stands under the key.
    """

    name: str
    key: str
    box: Box | None = None
    question: str = ""
    kind: Literal["line", "day"] = "line"
    text: Callable[[Any, Words], str] = _as_it_is
    source: Callable[[Request], Any] | None = None

    def value(self, request: Request) -> Any:
        """What a request says of it, of the type that its model has; None where it says nothing."""
        if self.source:
            return self.source(request)
        found: Any = request
        for part in self.key.split("."):
            found = getattr(found, "with_" if part == "with" else part, None)
        return found


PATIENT_FIELDS = (
    PatientField("name", "patient.name", Box(500, 21, bold=True, lines=2, a4=480, large=430), "Patient's name",
                 source=_whole_name),
    PatientField("preferred_name", "patient.preferred_name", None, "Likes to be called (or empty)"),
    PatientField("birth_date", "patient.birth_date", Box(178), "Date of birth, such as 1961-04-09 (or empty)", "day",
                 text=_day),
    PatientField("identifier", "patient.identifier", Box(178, floor=8), "Record number (or empty)"),
    PatientField("visit_date", "visit_date", Box(178), "Date of the visit", "day", text=_day),
    PatientField("clinician", "clinician", Box(178, floor=8), "Clinician"),
    PatientField("appointment_date", "appointment.at", Box(166, bold=True), text=_weekday),
    PatientField("appointment_time", "appointment.at", Box(128), text=_time),
    PatientField("appointment_with", "appointment.with", Box(128, lines=2, floor=6, large=260)),
    PatientField("appointment_where", "appointment.where", Box(128, lines=2, floor=6, large=260)),
)  # fmt: skip
"""In the order of the details of a handout, which is part of every master's key."""
STAMPED = {field.name: field for field in PATIENT_FIELDS if field.box}
"""Those that have a slot, by its name."""
