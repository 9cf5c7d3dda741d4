"""The words that a patient's own texts are stamped with. The archive keeps them beside the sheets, so that a document
can be made again when the topic, the words and their files have become others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any

from handouts.model.clinic import DateOrder
from handouts.model.details import ApprovalTexts
from handouts.model.language import ORIGINAL

LABELS = (
    "birth_date", "identifier", "visit_date", "clinician", "appointment_time", "appointment_with", "appointment_where",
    "take_it", "plan_name", "patient",
)  # fmt: skip
"""Of the fixed words of a page, those that are stamped."""


def long_date(day: date, months: Sequence[str], order: DateOrder) -> str:
    """A date as people write it: November 22, 2026, or 22 November 2026."""
    month = months[day.month - 1]
    return f"{day.day} {month} {day.year}" if order == "dmy" else f"{month} {day.day}, {day.year}"


@dataclass(frozen=True)
class Wording:
    """``page``: the fixed words of `LABELS`; ``times``: of day; ``medicines``: their names by id, in the topic's order;
    ``medicine_options``: the options that are medicines; ``steps``: the topic's own next steps, for a request without
    any.
    """

    page: Mapping[str, str]
    times: Mapping[str, str]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    medicines: Mapping[str, str]
    title: str
    dates: DateOrder = "mdy"
    medicine_options: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    approval: ApprovalTexts = field(default_factory=ApprovalTexts)
    language: str = ORIGINAL

    def long_date(self, day: date) -> str:
        """A date as people write it: November 22, 2026."""
        return long_date(day, self.months, self.dates)

    def told(self, *, steps: tuple[str, ...] | None = None, approval: ApprovalTexts | None = None) -> Wording:
        """The same with what a selection and the day bring."""
        return replace(self, steps=self.steps if steps is None else steps, approval=approval or self.approval)

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> Wording:
        """What `to_json` gave. KeyError, TypeError for anything else."""
        given = {"language": ORIGINAL, **told}  # before there were others, none was said
        given = {one.name: given[one.name] for one in fields(Wording)}
        lists = {name: tuple(given[name]) for name in ("months", "weekdays", "medicine_options", "steps")}
        return Wording(**{**given, **lists, "approval": ApprovalTexts.from_json(given["approval"])})
