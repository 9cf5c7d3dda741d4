"""Voiding a document: what it reaches, told before it is done and after."""

from __future__ import annotations

import pytest

from handouts.codes import format_code
from handouts.datafolder import OUTBOX
from handouts.deliver.mail.handover import hand_over
from handouts.deliver.outbox.outbox import Outbox
from handouts.errors import Refused, RequestFault
from handouts.pipeline import Made, give_to_browser
from handouts.record.recorder import FolderRecorder
from handouts.record.voiding import outlook, void
from tests.mailing import NOW
from tests.record.test_recorder import Build, build, mailing, outbox, recorder

__all__ = ["build", "outbox", "recorder"]
UNKNOWN = "FHK8Z5DW14K"


@pytest.fixture
def made(build: Build, recorder: FolderRecorder) -> Made:
    """A handout that went to the browser."""
    found = build()
    give_to_browser(found, recorder)
    return found


def queue(outbox: Outbox, made: Made, state: str = "queued") -> None:
    hand_over(outbox, mailing(made), NOW, list[object]().append)
    with outbox.database.change() as connection:
        connection.execute("UPDATE messages SET state = ?", (state,))


def test_what_is_told_before_is_what_happens(made: Made, recorder: FolderRecorder, outbox: Outbox):
    queue(outbox, made)
    ahead = outlook(recorder, made.code)
    assert list(ahead.ahead()) == ["Message 1 will be cancelled."]
    assert [entry.state for entry in outbox.entries()] == ["queued"], "looking changes nothing"
    done = void(recorder, made.code, "wrong side")
    assert list(done.done()) == ["Message 1: cancelled."]
    assert [entry.state for entry in outbox.entries()] == ["cancelled"]
    assert list(done.to_get_back()) == list(ahead.to_get_back())
    assert [event.what for event in recorder.store.of_code(made.code)][-2:] == ["cancelled", "voided"]


def test_a_message_that_may_have_arrived_is_cancelled_and_the_patient_is_to_be_asked(
    made: Made, recorder: FolderRecorder, outbox: Outbox
):
    queue(outbox, made, "unknown")
    assert list(outlook(recorder, made.code).ahead()) == [
        "Message 1 will be cancelled; it may have arrived: ask the patient."
    ]
    assert list(void(recorder, made.code, "wrong side").done()) == [
        "Message 1: cancelled; it may have arrived: ask the patient."
    ]


def test_a_message_that_is_going_out_is_said_to_be_out_of_reach(made: Made, recorder: FolderRecorder, outbox: Outbox):
    queue(outbox, made, "sending")
    late = ["Message 1 is being sent right now and can't be stopped."]
    assert list(outlook(recorder, made.code).ahead()) == late
    assert list(void(recorder, made.code, "wrong side").done()) == late


def test_what_the_browser_was_given_is_to_be_asked_back(made: Made, recorder: FolderRecorder):
    [line] = outlook(recorder, made.code).to_get_back()
    assert line.startswith("It was given to the browser to print or save on 20")
    assert line.endswith(". Ask for it back, or inform the patient.")


def test_looking_ahead_begins_no_outbox(made: Made, recorder: FolderRecorder):
    outlook(recorder, made.code)
    assert not (recorder.folder / OUTBOX).exists()


@pytest.mark.parametrize("ask", [lambda recorder, code: outlook(recorder, code), lambda r, code: void(r, code, "x")])
def test_nothing_is_voided_twice_or_unknown(made: Made, recorder: FolderRecorder, ask):
    with pytest.raises(RequestFault, match="is not in the record"):
        ask(recorder, UNKNOWN)
    void(recorder, made.code, "wrong side")
    with pytest.raises(Refused, match=f"{format_code(made.code)}: voided on .* by anna: wrong side. Nothing was"):
        ask(recorder, made.code)


@pytest.mark.parametrize("why", ["", "  ", "a\x1b[2J", "x" * 201])
def test_a_reason_that_the_record_can_not_hold_changes_nothing(made: Made, recorder: FolderRecorder, why: str):
    with pytest.raises(RequestFault, match="The reason takes a line"):
        void(recorder, made.code, why)
    assert recorder.status(made.code) == []
