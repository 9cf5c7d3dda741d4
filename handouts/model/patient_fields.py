"""The table of a patient's fields: the place of each in a request, its place on the page, its words.

Details, messages and prompts follow from it; columns of lists and the record's marks follow from `Request`.
CONTRIBUTING says how to add a field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from handouts.model.language import ORIGINAL

if TYPE_CHECKING:  # a command that makes nothing should not load what making needs
    from handouts.model.request import Request
    from handouts.model.wording import Wording


def _as_it_is(value: Any, _words: Wording) -> str:
    return str(value)


def _day(value: Any, words: Wording) -> str:
    return words.calendar.long_date(value)


def _weekday(value: datetime, words: Wording) -> str:
    """At the head of a box, so with a capital where the language has them; a line may end after the weekday alone."""
    weekday, space, day = words.calendar.long_weekday(value.date()).partition(" ")
    if words.language == ORIGINAL:  # as it has always been printed
        return f"{weekday}{space}{day}"
    return f"{weekday[:1].upper()}{weekday[1:]}{space}{day.replace(' ', chr(0xA0))}"


def _time(value: datetime, words: Wording) -> str:
    return words.calendar.short_time(value.time())


def _whole_name(request: Request) -> str:
    """The name, and what the patient likes to be called, where the name does not say it."""
    name, preferred = request.patient.name, request.patient.preferred_name
    if preferred and f" {preferred.casefold()} " not in f" {name.casefold()} ":
        return f"{name} ({preferred})"
    return name


@dataclass(frozen=True)
class PatientField:
    """``name``: of its label, for templates; ``key``: its place in a request, as people write it; ``slot``: where it is
    printed, "" for what has no slot of its own; ``question``: asked at the terminal, if it is; ``kind``: what an answer
    has to be; ``text``: how its value is printed; ``source``: how it is found where it is more than what stands under
    the key. Those of one area are ``who`` and ``visit``: each has the next row, whichever are given.
    """

    name: str
    key: str
    slot: str = ""
    question: str = ""
    kind: Literal["line", "day"] = "line"
    text: Callable[[Any, Wording], str] = _as_it_is
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
    PatientField("name", "patient.name", "name", "Patient's name", source=_whole_name),
    PatientField("preferred_name", "patient.preferred_name", "", "Likes to be called (or empty)"),
    PatientField("birth_date", "patient.birth_date", "who", "Date of birth, such as 1961-04-09 (or empty)", "day",
                 text=_day),
    PatientField("identifier", "patient.identifier", "who", "Record number (or empty)"),
    PatientField("visit_date", "visit_date", "who", "Date of the visit", "day", text=_day),
    PatientField("clinician", "clinician", "who", "Clinician"),
    PatientField("appointment_date", "appointment.at", "visit", text=_weekday),
    PatientField("appointment_time", "appointment.at", "visit", text=_time),
    PatientField("appointment_with", "appointment.with", "visit"),
    PatientField("appointment_where", "appointment.where", "visit"),
)  # fmt: skip
"""In the order in which they are printed."""
STAMPED = {field.name: field for field in PATIENT_FIELDS if field.slot}
"""Those that are printed, by name."""
