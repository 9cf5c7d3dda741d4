"""Made-up people with steps, medicines and notes of their own: lists, and single requests that nobody had before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.job import OPTIONS, request_of

SELECTIONS = (OPTIONS, ["botox", "no-treatment"])
"""What the rows of a list choose, in turn."""
ALL_OPTIONS = (
    "botox", "medicines", "microvascular-decompression", "radiosurgery", "radiofrequency", "no-treatment",
    "complementary",
)  # fmt: skip
_STEPS = (
    "Book your MRI at the front desk, room {}.", "Call us in {} days to tell us how it goes.",
    "Keep the diary for {} weeks and bring it with you.", "Ask your eye doctor for the report of visit {}.",
    "Bring your list of medicines, and the pictures from the other hospital, to the visit in {} weeks.",
    "Think over what matters most to you, and write down {} questions for next time.",
)  # fmt: skip
_COURSES = (
    ("Carbamazepine",), ("Lisinopril", "Metformin"), ("Carbamazepine", "Clonazepam"),
    ("Lisinopril", "Atorvastatin", "Vitamin D"), ("Carbamazepine", "Lisinopril", "Metformin", "Vitamin D"),
)  # fmt: skip
"""One to four medicines. The topic has facts on the first and on clonazepam."""
_REMARKS = ("with food", "take it with a full glass of water", "for {} days, then call us", "")
_NOTES = (
    "Please ring us when you have used the new drops for a week. Number {}.",
    "We looked at your MRI together. The artery lies against the nerve on the left side, just as we thought, and it is "
    "the likely cause of the twitching. Number {}.",
    "Keep the diary for four weeks, and bring it with you. Please do not drive for 24 hours after the injections; "
    "somebody should come with you and take you home again. Your next number is {}.",
)


def plain_request(number: int, options: list[str] | None = None) -> dict[str, Any]:
    """A request with a name and the visit, and nothing else of the patient's."""
    made = request_of(number).model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return {**made, "options": options or OPTIONS}


def full_request(number: int, options: list[str] | None = None) -> dict[str, Any]:
    """The same with own steps, two medicines and a note of three lines."""
    return plain_request(number, options) | {
        "next_steps": [_STEPS[number % 3].format(number % 90 + 2), _STEPS[3].format(number % 9 + 1)],
        "medicines": [_medicine("Carbamazepine", number), _medicine("Lisinopril", number + 1)],
        "note": _NOTES[2].format(number),
    }


def pairs_of_options() -> Iterator[list[str]]:
    """Pairs of the topic's options, each once, but those of the job."""
    yield from (list(pair) for pair in combinations(ALL_OPTIONS, 2) if set(pair) != set(OPTIONS))


def write_list(path: Path, rows: int, *, own: bool) -> Path:
    """A list of ``rows`` people of two selections. With ``own`` texts each has steps, half one to four medicines, a
    third a note of up to three lines.
    """
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            row = plain_request(number, SELECTIONS[number % 2])
            file.write(json.dumps({**row, **(_own(number) if own else {})}, ensure_ascii=False) + "\n")
    return path


def _own(number: int) -> Mapping[str, Any]:
    chance = Random(number)
    steps = chance.sample(_STEPS, chance.randint(1, 3))
    made: dict[str, Any] = {"next_steps": [step.format(chance.randint(2, 99)) for step in steps]}
    if chance.random() < 1 / 2:
        made["medicines"] = [_medicine(name, chance.randint(0, 99)) for name in chance.choice(_COURSES)]
    if chance.random() < 1 / 3:
        made["note"] = chance.choice(_NOTES).format(number)
    return made


def _medicine(name: str, number: int) -> dict[str, Any]:
    remark = _REMARKS[number % len(_REMARKS)].format(number % 20 + 2)
    times = ("morning", "noon", "evening", "night")[number % 2 : 3 : 2]
    made = {"name": name, "dose": f"{number % 8 + 1}00 mg", "times": list(times)}
    return made | ({"remark": remark} if remark else {})
