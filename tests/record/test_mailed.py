"""What the outbox does is in the record before the outbox says it is done."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from handouts.deliver.mail.address import parse_address
from handouts.deliver.outbox.claims import LEASE, Claim, Claims
from handouts.deliver.outbox.outbox import KEEP_TRYING, Outbox
from handouts.errors import OutputFault
from handouts.record.event import Event
from handouts.record.mailed import Mailed
from handouts.record.store import RecordStore
from tests.mailing import CODE, NOW, new, outbox_in, queue, states
from tests.recording import book_in, event, faults

TO = "maria@example.org"


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    made = book_in(tmp_path)
    made.add([event(1, code=CODE, channel="file", message=None, delivered=None, destination=None)])
    return made


@pytest.fixture
def outbox(tmp_path: Path, store: RecordStore) -> Outbox:
    return outbox_in(tmp_path, Mailed(store, "anna"))


def claimed(outbox: Outbox, now: float = NOW) -> tuple[Claims, Claim]:
    claims = Claims(outbox, "one")
    found = claims.claim(now, "cohen", 6000)
    assert isinstance(found, Claim)
    claims.begin(found, now)
    return claims, found


def told(store: RecordStore) -> list[str]:
    return [found.what for found in store.chosen() if found.channel == "mail"]


def last(store: RecordStore) -> Event:
    return list(store.chosen())[-1]


def test_a_queued_message_says_from_what_its_document_was_made_and_where_it_goes(outbox: Outbox, store: RecordStore):
    queue(outbox)
    made, queued = store.chosen()
    assert (queued.what, queued.message, queued.by) == ("queued", 1, "anna")
    assert (queued.topic, queued.content, queued.patient) == (made.topic, made.content, made.patient)
    assert queued.destination == store.destination("mail", parse_address(TO).same_as)
    assert queued.made == made.made, "what was made is the word of making alone"


@pytest.mark.parametrize("end", ["sent", "declined", "unknown"])
def test_each_end_of_a_message_is_an_event_of_the_same_file_and_address(outbox: Outbox, store: RecordStore, end: str):
    queue(outbox)
    queued = last(store)
    claims, claim = claimed(outbox)
    if end == "sent":
        claims.sent(claim, NOW)
    elif end == "declined":
        claims.failed(claim, "the server said 550 to the recipient", NOW)
    else:
        claims.unknown(claim, NOW)
    found = last(store)
    assert told(store) == ["queued", end]
    assert (found.made, found.delivered, found.destination, found.patient, found.message) == (
        queued.made,
        queued.delivered,
        queued.destination,
        queued.patient,
        1,
    )


def test_two_days_of_refusals_are_one_event_and_a_delay_is_none(outbox: Outbox, store: RecordStore):
    queue(outbox)
    claims, claim = claimed(outbox)
    assert claims.deferred(claim, "later", NOW)
    assert told(store) == ["queued"]
    claims, claim = claimed(outbox, NOW + KEEP_TRYING)
    assert not claims.deferred(claim, "later", NOW + KEEP_TRYING)
    assert told(store) == ["queued", "failed"]


def test_what_a_dead_runner_had_is_unknown_in_the_record_too(outbox: Outbox, store: RecordStore):
    queue(outbox)
    claimed(outbox)
    Claims(outbox, "two").recover(NOW + LEASE + 1)
    assert told(store) == ["queued", "unknown"]


def test_what_people_decide_is_told(outbox: Outbox, store: RecordStore):
    number = queue(outbox)
    claims, claim = claimed(outbox)
    claims.unknown(claim, NOW)
    outbox.retry(number, NOW)
    claims, claim = claimed(outbox, NOW + 1)
    claims.unknown(claim, NOW)
    outbox.cancel(number, NOW, arrived=True)
    queue(outbox, new(document="d2"))
    with outbox.adding() as add:
        add.supersede(CODE, parse_address(TO), NOW)
    assert told(store) == ["queued", "unknown", "queued", "unknown", "sent", "queued", "cancelled"]
    assert faults(store.database.path.parent) == ()


def test_a_late_runner_whose_message_was_taken_from_it_tells_nothing(outbox: Outbox, store: RecordStore):
    queue(outbox)
    claims, claim = claimed(outbox)
    Claims(outbox, "two").recover(NOW + LEASE + 1)
    outbox.cancel(1, NOW + LEASE + 2)
    claims.sent(claim, NOW + LEASE + 3)
    assert told(store) == ["queued", "unknown", "cancelled"]


def test_several_messages_that_are_queued_together_are_recorded_together(outbox: Outbox, store: RecordStore):
    with outbox.adding() as add:
        for number in range(5):
            add.queue(new(f"p{number}@example.org", f"d{number}"), NOW)
        assert told(store) == []
    assert told(store) == ["queued"] * 5


def test_nothing_is_queued_or_called_sent_when_the_record_can_not_be_written(outbox: Outbox, store: RecordStore):
    queue(outbox)
    claims, claim = claimed(outbox)
    store.database.connection.execute("PRAGMA busy_timeout=100")
    with contextlib.closing(sqlite3.connect(store.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputFault, match="The record can't be used"):
            claims.sent(claim, NOW)
        with pytest.raises(OutputFault, match="The record can't be used"):
            queue(outbox, new(document="d2"))
    assert states(outbox) == ["sending"]


def test_a_message_of_before_the_record_began_is_told_by_its_code(tmp_path: Path):
    queue(outbox_in(tmp_path))
    store = book_in(tmp_path)
    outbox = outbox_in(tmp_path, Mailed(store, "anna"))
    claims, claim = claimed(outbox)
    claims.sent(claim, NOW)
    assert (last(store).what, last(store).code, last(store).delivered) == ("sent", CODE, None)


def test_a_document_that_is_mailed_only_has_all_in_the_event_of_its_message(tmp_path: Path):
    store = book_in(tmp_path)
    known = event(1, code=CODE, channel=None, message=None)
    queue(outbox_in(tmp_path, Mailed(store, "anna", {CODE: known})))
    [queued] = store.chosen()
    assert (queued.marks, queued.content, queued.patient) == (known.marks, known.content, known.patient)
    assert store.made(CODE) == queued
