"""The words that a patient's own texts are stamped with. The archive keeps them beside the sheets, so that a document
can be made again when the topic, the words and their files have become others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from handouts.model.calendar import Calendar
from handouts.model.details import ApprovalTexts
from handouts.model.isolates import apart
from handouts.model.language import ORIGINAL
from handouts.model.unbroken import unbroken

LABELS = (
    "birth_date", "identifier", "visit_date", "clinician", "appointment_time", "appointment_with", "appointment_where",
    "take_it", "plan_name", "patient",
)  # fmt: skip
"""Of the fixed words of a page, those that are stamped."""


@dataclass(frozen=True)
class Wording:
    """``page``: the fixed words of `LABELS`; ``times``: of day; ``medicines``: their names by id, in the topic's order;
    ``medicine_options``: the options that are medicines; ``steps``: the topic's own next steps, for a request without
    any.
    """

    page: Mapping[str, str]
    times: Mapping[str, str]
    calendar: Calendar
    medicines: Mapping[str, str]
    title: str
    rtl: bool = False
    """Whether the pages run from right to left."""
    medicine_options: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    approval: ApprovalTexts = field(default_factory=ApprovalTexts)
    language: str = ORIGINAL
    english: Wording | None = None
    """Of an English copy behind a translation."""

    def apart(self, text: str) -> str:
        """Somebody's own words within a sentence of the page: they keep their direction."""
        return apart(text, rtl=self.rtl)

    def bound(self, text: str) -> str:
        """A text that may take several lines. English is left alone: a reprint has the lines of then."""
        return text if self.language == ORIGINAL else unbroken(text)

    def told(self, *, steps: tuple[str, ...] | None = None, approval: ApprovalTexts | None = None) -> Wording:
        """The same with what a selection and the day bring."""
        return replace(self, steps=self.steps if steps is None else steps, approval=approval or self.approval)

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> Wording:
        """What `to_json` gave. KeyError, TypeError for anything else."""
        given = {"language": ORIGINAL, "rtl": False, "calendar": None, "english": None, **told}  # before there were any
        given = {one.name: given[one.name] for one in fields(Wording)}
        lists = {name: tuple(given[name]) for name in ("medicine_options", "steps")}
        if "calendar" in told:
            calendar = Calendar.from_json(told["calendar"])
        else:
            calendar = Calendar.of_before(told["months"], told["weekdays"], told["dates"])
        english = Wording.from_json(given["english"]) if given["english"] else None
        own = {"english": english, "calendar": calendar, "approval": ApprovalTexts.from_json(given["approval"])}
        return Wording(**{**given, **lists, **own})
