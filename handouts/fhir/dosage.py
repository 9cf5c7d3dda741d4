"""Dosage -> a dose and times of day, only where they can be meant in one way; the rest is for a person to enter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from handouts.errors import Why
from handouts.fhir.elements import codings, listed_texts, may_be_true, obj, objs, read_day, text, words
from handouts.model.doses import safe_dose

_TIMES = {
    "MORN": "morning", "NOON": "noon", "EVE": "evening", "NIGHT": "night", "HS": "night",
    "CM": "morning", "CD": "noon", "CV": "evening",
    "ACM": "morning", "ACD": "noon", "ACV": "evening", "PCM": "morning", "PCD": "noon", "PCV": "evening",
}  # fmt: skip
"""FHIR's event-timing (v3 TimingEvent) that name one time of day. M, D and V are breakfast, lunch and dinner. Left out:
meals without which (AC, PC, C), parts of a time (MORN.early), waking (WAKE), after sleep (PHS), afternoon (AFT).
"""
_MEALS = {"A": "Before a meal", "P": "After a meal", "C": "With a meal"}
_UNITS = {
    "mg": "mg", "g": "g", "mcg": "mcg", "ug": "mcg", "ml": "mL", "tablet": "tablet", "tablets": "tablet",
    "tab": "tablet",
    "{tablet}": "tablet", "{tbl}": "tablet", "capsule": "capsule", "capsules": "capsule", "cap": "capsule",
    "{capsule}": "capsule", "milligram": "mg", "milligrams": "mg",
}  # fmt: skip
_CONDITION = re.compile(
    r"\b(?:if|when|unless|until|till|then|increase|decrease|taper|titrate|every other|alternat\w+|as needed|needed|prn|"
    r"may|up to|maximum|max|week|weeks|weekly|month|hold|stop|skip|or|except|only|start|starting|after \d)\b",
    re.I,
)
"""Words of a text that may say more than its times of day do."""


@dataclass(frozen=True)
class Dose:
    """``data``: dose, times and remark of a medicine; ``beside``: what a person has to enter, in the record's words;
    ``why``: why it could not be taken, "" where all of it could.
    """

    data: Mapping[str, Any]
    beside: str = ""
    why: str = ""
    over: bool = False
    """Whether its time is over."""

    def __repr__(self) -> str:
        return f"Dose({self.why!r})"


def read_dosage(instructions: list[dict[str, Any]], today: date) -> Dose:
    """What a MedicationRequest says of how much and when."""
    said = "; ".join(filter(None, map(_in_words, instructions)))
    if not instructions:
        return Dose({}, why="the record has no dosage")
    if all(_is_over(one, today) for one in instructions):
        return Dose({}, said, why="its dosage has ended", over=True)
    if len(instructions) > 1:
        return Dose({}, said, why="it has several dosages")
    one = instructions[0]
    if why := _unclear(one, today):
        return Dose({}, said, why)
    dose = _dose(one)
    events = listed_texts(obj(obj(one, "timing"), "repeat"), "when")
    times = [_TIMES[event] for event in events]
    remark = next((_MEALS[event[0]] for event in events if re.fullmatch(r"[AP]?C[MDV]", event)), "")
    order = ("morning", "noon", "evening", "night")
    data = {"dose": dose, "times": sorted(times, key=order.index), "remark": remark}
    more = [*(line for concept in objs(one, "additionalInstruction") for line in words(concept)[:1])]
    more += [text(one, "patientInstruction")]
    beside = "; ".join(filter(None, more))
    why = "" if dose and not beside else "it says more than fits" if dose else "its dose is not plain"
    return Dose({key: value for key, value in data.items() if value}, beside if dose else said, why)


def _unclear(one: Mapping[str, Any], today: date) -> Why:
    """Why times of day can't be taken from a dosage; "" where they can."""
    timing = obj(one, "timing")
    repeat = obj(timing, "repeat")
    if may_be_true(one, "asNeededBoolean") or "asNeededCodeableConcept" in one:
        return "it is taken only when needed"
    events = listed_texts(repeat, "when")
    if not events:
        return "it names no time of day"
    if not set(events) <= _TIMES.keys() or len({_TIMES[event] for event in events}) < len(events):
        return "its times are none of morning, noon, evening and night"
    if len({event[0] if re.fullmatch(r"[AP]?C[MDV]", event) else "" for event in events}) > 1:
        return "it is taken differently at different times"
    if not _is_daily(repeat, len(events)) or timing.get("event"):
        return "it is not taken every day in the same way"
    if "boundsDuration" in repeat or "boundsRange" in repeat:
        return "it is for a limited time"
    bounds = obj(repeat, "boundsPeriod")
    if bounds:
        start, end = text(bounds, "start")[:10], text(bounds, "end")
        if end:
            return "it is for a limited time"
        day = read_day(start)
        if start and (day is None or day > today):
            return "it begins later"
    if any(key in one for key in ("maxDosePerPeriod", "maxDosePerAdministration", "maxDosePerLifetime")):
        return "it has a limit"
    said = " ".join((text(one, "text"), text(one, "patientInstruction"), *_more(one)))
    if _CONDITION.search(said):
        return "its text says more than its times"
    if _contradicts(said, {_TIMES[event] for event in events}, _dose(one)):
        return "its text and its times or amount do not say the same"
    return ""


_WORDS = {
    "morning": r"morning|breakfast|a\.?m\b", "noon": r"noon|lunch|midday",
    "evening": r"evening|dinner|supper|p\.?m\b", "night": r"night|bed|sleep",
}  # fmt: skip
_OFTEN = (r"\bonce\b|\b(?:1|one) times?\b", r"\btwice\b|\b(?:2|two) times\b", r"\b(?:3|three) times\b",
          r"\b(?:4|four) times\b")  # fmt: skip
_AMOUNT = re.compile(r"\d|\b(?:two|three|four|five|half|quarter|double|twice|once)\b|[\u00bc-\u00be]", re.I)


def _contradicts(said: str, times: set[str], dose: str) -> bool:
    """Whether a text names other times of day, or any amount or number of times but those that are taken."""
    named = {time for time, pattern in _WORDS.items() if re.search(rf"\b(?:{pattern})", said, re.I)}
    if named and named != times:
        return True
    left = re.sub(_OFTEN[len(times) - 1], " ", said, flags=re.I)
    left = re.sub(r"\b1 (?:tablet|capsule|tab|cap)\b", " ", left, flags=re.I)
    if dose:
        amount, _, unit = dose.partition(" ")
        left = re.sub(rf"(?<![\d.,]){re.escape(amount)}\s*{re.escape(unit.rstrip('s'))}s?\b", " ", left, flags=re.I)
    return _AMOUNT.search(left) is not None


def _more(one: Mapping[str, Any]) -> list[str]:
    return [line for concept in objs(one, "additionalInstruction") for line in words(concept)]


def _is_daily(repeat: Mapping[str, Any], events: int) -> bool:
    """Whether it is the same every day: R4 has a frequency of 1 a period for each event."""
    known = {"when", "frequency", "period", "periodUnit", "boundsPeriod", "boundsDuration", "boundsRange"}
    period, unit, often = repeat.get("period"), text(repeat, "periodUnit"), repeat.get("frequency")
    if not set(repeat) <= known or (unit and unit != "d") or (unit and period is None):
        return False
    return (period is None or _number(period) == 1) and (often is None or _number(often) in {1, events})


def _dose(one: Mapping[str, Any]) -> str:
    """Such as "200 mg"; "" for a range, a rate, several, an unknown unit, or what is easily misread."""
    amounts = objs(one, "doseAndRate")
    if len(amounts) != 1 or set(amounts[0]) - {"doseQuantity", "type"}:
        return ""
    quantity = obj(amounts[0], "doseQuantity")
    number = _number(quantity.get("value"))
    units = {_UNITS.get(text(quantity, key).casefold()) for key in ("unit", "code") if text(quantity, key)}
    if number is None or number <= 0 or len(units) != 1 or None in units or text(quantity, "comparator"):
        return ""
    unit = str(units.pop())
    amount = f"{number.normalize():,f}"
    try:
        return safe_dose(f"{amount} {unit}s" if unit in {"tablet", "capsule"} and number > 1 else f"{amount} {unit}")
    except ValueError:
        return ""


def _number(value: Any) -> Decimal | None:
    """A number, also one that is written as a text; None for none, or for one that nobody takes."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        made = Decimal(str(value))
    except InvalidOperation:
        return None
    return made if made.is_finite() and 0 <= made < 100_000 and made == round(made, 4) else None


def _is_over(one: Mapping[str, Any], today: date) -> bool:
    day = read_day(text(obj(obj(obj(one, "timing"), "repeat"), "boundsPeriod"), "end")[:10])
    return day is not None and day < today


def _in_words(one: Mapping[str, Any]) -> str:
    """What a dosage says, as the record words it, for a person to read."""
    repeat = obj(obj(one, "timing"), "repeat")
    quantity = obj(next(iter(objs(one, "doseAndRate")), {}), "doseQuantity")
    whole = text(one, "text")
    parts = [
        f"{quantity.get('value', '')} {text(quantity, 'unit') or text(quantity, 'code')}".strip(),
        " ".join(listed_texts(repeat, "when")),
        f"{repeat['frequency']} times every {repeat['period']} {text(repeat, 'periodUnit')}"
        if "frequency" in repeat and "period" in repeat else "",
        *(code for _, code, _ in codings(obj(obj(one, "timing"), "code"))),
    ]  # fmt: skip
    return whole or ", ".join(filter(None, (*parts, text(one, "patientInstruction"), *_more(one))))
