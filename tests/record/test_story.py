"""What happened to a document, in words that the front desk uses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handouts.record.story import story_of, tell
from tests.recording import CODE, ORIGIN, book_in, event

OTHER, THIRD = "H7WP83DRJQB", "0123456789A"
PLAIN = {"channel": None, "message": None, "replaces": None, "why": None, "delivered": None, "interpreter": None}


def one(number: int, what: str, channel: str | None = None, **over: Any):
    later = {} if what == "made" else dict.fromkeys(ORIGIN)
    return event(number, what=what, **{**PLAIN, "channel": channel, **later, **over})


def told(folder: Path, *events: Any) -> list[str]:
    store = book_in(folder)
    store.add(events)
    return [happened.told for happened in story_of(store, CODE)]


def test_a_document_that_the_record_does_not_know_has_no_story(tmp_path: Path):
    assert told(tmp_path, one(1, "made", "file", code=THIRD, replaces=CODE)) == []


def test_a_document_is_made_printed_mailed_voided_and_replaced_in_that_order(tmp_path: Path):
    assert told(
        tmp_path,
        one(1, "made", "browser"),
        one(2, "queued", "printer"),
        one(3, "printed", "printer", why="job 12, 3 copies"),
        one(4, "queued", "mail", message=7),
        one(5, "made", "file", code=OTHER, replaces=CODE),
        one(6, "cancelled", "mail", message=7, why="its document was voided"),
        one(7, "voided", why="wrong side"),
        one(8, "printed", "printer", code=OTHER, replaces=CODE),
    ) == [
        "Made and given to the browser to print or save.",
        "Handed to the printer.",
        "Printed (job 12, 3 copies).",
        "Put into the outbox (message 7).",
        "Replaced by H7WP-83DR-JQB.",
        "Taken out of the outbox (message 7): its document was voided.",
        "Voided: wrong side.",
    ]


@pytest.mark.parametrize("after", [[], ["queued"]])
def test_a_print_job_whose_end_nobody_recorded_is_not_called_printed(after: list[str]):
    told = tell(one(1, "queued", "printer"), [one(2, what, "printer") for what in after])
    assert told == "Handed to the printer. What became of it was not recorded: look at the paper."


@pytest.mark.parametrize(
    ("what", "channel", "over", "sentence"),
    [
        ("made", "file", {}, "Made and written to a file."),
        ("made", None, {"replaces": OTHER}, "Made; replaces H7WP-83DR-JQB."),
        ("reprinted", "browser", {}, "Made again from its original pages and given to the browser to print or save."),
        ("failed", "printer", {"why": "job 12"}, "Not printed, or not all of it (job 12)."),
        ("unknown", "printer", {}, "Handed to the printer, but not seen printed: look at the printer."),
        ("sent", "mail", {"message": 3}, "Accepted by the clinic's mail server (message 3)."),
        ("unknown", "mail", {"message": 3}, "May have been mailed: ask the patient (message 3)."),
        (
            "declined",
            "mail",
            {"message": 3, "why": "no such box"},
            "Declined by a mail server (message 3): no such box.",
        ),
        ("something new", None, {"why": "a reason"}, "Something new: a reason."),
    ],
)
def test_each_event_has_its_sentence(what: str, channel: str | None, over: dict[str, Any], sentence: str):
    assert tell(one(1, what, channel, **over)) == sentence


def test_what_somebody_wrote_into_the_file_is_shown_without_its_control_codes(tmp_path: Path):
    assert told(tmp_path, one(1, "voided", why="a\x1b[2Jb")) == ["Voided: a<U+001B>[2Jb."]
