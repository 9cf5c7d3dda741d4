"""Whatever someone does to the record by hand, without its key, is found."""

from __future__ import annotations

import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from handouts.errors import Refused, RequestFault
from handouts.record.chain import Anchor, Link, format_head, read_head
from handouts.record.database import KEY_NAME, NAME
from handouts.record.event import COLUMNS, Event, canonical
from handouts.record.retention import count_before, purge
from tests.recording import FULL, book_in, event, faults, filled, tamper, verdict

NOW = "2026-11-30T08:00:00Z"
EVERY = [field.name for field in fields(Event)]


def test_an_untouched_record_verifies(tmp_path: Path):
    filled(tmp_path)
    found = verdict(tmp_path)
    assert (found.events, found.last, found.faults, found.notes) == (5, 5, (), ())


def test_an_empty_record_verifies(tmp_path: Path):
    book_in(tmp_path)
    assert faults(tmp_path) == ()


def test_the_hash_covers_every_column_but_itself():
    assert set(COLUMNS) | {"mac"} == set(EVERY)


@pytest.mark.parametrize("column", EVERY)
@pytest.mark.parametrize("seq", [1, 3, 5])
def test_another_value_in_any_column_is_found(tmp_path: Path, column: str, seq: int):
    filled(tmp_path)
    value: Any = 99 if column in {"seq", "message"} else "6 1 " + "a" * 64
    tamper(tmp_path, f"UPDATE events SET {column} = ? WHERE seq = {seq}", values=[value])
    assert faults(tmp_path)


@pytest.mark.parametrize("column", sorted(set(FULL) | {"code"}))
def test_an_emptied_column_is_found(tmp_path: Path, column: str):
    filled(tmp_path)
    tamper(tmp_path, f"UPDATE events SET {column} = NULL WHERE seq = 3")
    assert faults(tmp_path) == ("event 3 is not as it was written",)


@pytest.mark.parametrize("value", [b"hemifacial-spasm", b"\xff\xfe", 12, 1.5, "hemifacial-spasm ", ""])
def test_a_value_of_another_kind_is_found_and_is_no_crash(tmp_path: Path, value: object):
    filled(tmp_path)
    tamper(tmp_path, "UPDATE events SET topic = ? WHERE seq = 2", values=[value])
    assert "event 2 is not as it was written" in faults(tmp_path)
    assert len(list(book_in(tmp_path).chosen())) == 5


def test_a_text_that_moves_from_one_column_to_the_next_is_found():
    one = dict.fromkeys(COLUMNS) | {"seq": 1, "by": "ab", "what": "c"}
    assert canonical(one) != canonical(one | {"by": "a", "what": "bc"})
    assert canonical(one | {"why": "1"}) != canonical(one | {"why": 1})
    assert canonical(one | {"why": ""}) != canonical(one)


@pytest.mark.parametrize(
    ("seq", "said"),
    [
        (1, "event 1 is missing; event 2 comes after event 0"),
        (3, "event 3 is missing; event 4 comes after event 2"),
        (5, "the end was cut off: event 4 is the last, but there were 5"),
    ],
)
def test_the_first_a_middle_and_the_last_event_are_missed(tmp_path: Path, seq: int, said: str):
    filled(tmp_path)
    tamper(tmp_path, f"DELETE FROM events WHERE seq = {seq}")
    assert faults(tmp_path) == (said,)


def test_events_that_are_numbered_anew_over_a_gap_are_found(tmp_path: Path):
    filled(tmp_path)
    tamper(tmp_path, "DELETE FROM events WHERE seq = 3", "UPDATE events SET seq = seq - 1 WHERE seq > 3")
    assert "event 3 is not as it was written" in faults(tmp_path)


def test_two_events_that_change_places_are_found(tmp_path: Path):
    filled(tmp_path)
    tamper(
        tmp_path,
        "UPDATE events SET seq = 100 WHERE seq = 2",
        "UPDATE events SET seq = 2 WHERE seq = 3",
        "UPDATE events SET seq = 3 WHERE seq = 100",
    )
    assert faults(tmp_path)[:2] == ("event 2 is not as it was written", "event 3 is not as it was written")


def test_an_event_that_somebody_adds_is_found(tmp_path: Path):
    filled(tmp_path)
    names = ", ".join(name for name in EVERY if name != "seq")
    tamper(tmp_path, f"INSERT INTO events (seq, {names}) SELECT 6, {names} FROM events WHERE seq = 5")
    assert faults(tmp_path) == (
        "event 6 is not as it was written",
        "the head does not fit the last event: the end was cut off, or someone added to it",
    )


@pytest.mark.parametrize(
    "head",
    [
        "UPDATE head SET seq = 4",
        "UPDATE head SET seq = 4, mac = (SELECT mac FROM events WHERE seq = 4)",
        "DELETE FROM head",
        "UPDATE head SET seq = 'four'",
        "UPDATE head SET mac = x'00'",
    ],
)
def test_a_head_that_is_bent_to_a_cut_off_end_is_found(tmp_path: Path, head: str):
    filled(tmp_path)
    tamper(tmp_path, "DELETE FROM events WHERE seq = 5", head)
    assert len(faults(tmp_path)) == 1


@pytest.mark.parametrize("head", ["SELECT 1", "UPDATE head SET seq = 4", "DELETE FROM head"])
def test_a_cut_off_end_is_found_for_ever_also_when_the_clinic_goes_on(tmp_path: Path, head: str):
    filled(tmp_path)
    tamper(tmp_path, "DELETE FROM events WHERE seq = 5", head)
    for number in range(3):
        book_in(tmp_path).add([event(number)])
    assert any("missing; event" in fault for fault in faults(tmp_path))


def test_a_trigger_that_somebody_left_in_the_file_is_found(tmp_path: Path):
    filled(tmp_path)
    tamper(tmp_path, "CREATE TRIGGER late AFTER INSERT ON events BEGIN DELETE FROM events WHERE seq = new.seq; END")
    assert faults(tmp_path) == ("the file holds something that is not ours: 'late'",)
    book_in(tmp_path).add([event()])
    assert "the end was cut off: event 5 is the last, but there were 6" in faults(tmp_path)


def test_a_list_of_versions_that_was_changed_is_found(tmp_path: Path):
    store = filled(tmp_path)
    assert store.versions(store.engine("weasyprint=70")) == "weasyprint=70"
    assert faults(tmp_path) == ()
    tamper(tmp_path, "UPDATE engines SET versions = 'weasyprint=71'")
    assert faults(tmp_path) == (f"the list of versions '{store.engine('weasyprint=70')}' is not as it was written",)


def test_another_key_fits_no_event(tmp_path: Path):
    filled(tmp_path)
    (tmp_path / KEY_NAME).write_bytes(b"x" * 32)
    assert len(faults(tmp_path)) == 6


def test_a_file_that_is_put_back_is_found_by_a_head_that_was_kept_elsewhere_and_not_without(tmp_path: Path):
    store = filled(tmp_path)
    store.database.connection.close()
    shutil.copy(tmp_path / NAME, tmp_path / "earlier")
    again = book_in(tmp_path)
    again.add([event(6)])
    kept = format_head(*again.head())
    again.database.connection.close()
    assert faults(tmp_path, kept) == ()
    (tmp_path / "earlier").rename(tmp_path / NAME)
    assert faults(tmp_path) == (), "docs/record.md says so"
    [fault] = faults(tmp_path, kept)
    assert "event 6, whose head was kept, is gone" in fault
    book_in(tmp_path).add([event(6)])
    assert faults(tmp_path, kept) == (), "the very same event again is no other"
    book_in(tmp_path).add([event(7)])
    assert faults(tmp_path, kept) == ()


def test_who_has_the_key_can_write_all_anew_and_is_found_by_a_head_that_was_kept_elsewhere(tmp_path: Path):
    kept = format_head(*filled(tmp_path).head())
    (tmp_path / NAME).unlink()
    store = book_in(tmp_path)
    store.add([event(number, by="mallory") for number in range(1, 6)])
    assert faults(tmp_path) == ()
    assert faults(tmp_path, kept) == ("event 5 is not the one whose head was kept",)


@pytest.mark.parametrize("head", ["", "5", "five-" + "a" * 64, "5-" + "a" * 63, "5-" + "A" * 64, "²-" + "a" * 64])
def test_a_head_that_is_none_is_told(head: str):
    with pytest.raises(RequestFault, match="export --head"):
        read_head(head)


def test_after_a_purge_the_rest_verifies_and_goes_on(tmp_path: Path):
    store = filled(tmp_path)
    kept = format_head(*store.head())
    assert count_before(store, "2026-11-22T10:04:00Z") == 3
    assert purge(store, "2026-11-22T10:04:00Z", "anna", NOW) == 3
    assert [found.seq for found in store.chosen()] == [4, 5, 6]
    store.add([event(7)])
    assert faults(tmp_path, kept) == ()
    assert verdict(tmp_path).events == 4


@pytest.mark.parametrize("times", [1, 2, 3])
def test_everything_may_be_purged_and_purged_again(tmp_path: Path, times: int):
    store = filled(tmp_path)
    for number in range(times):
        purge(store, f"2027-01-0{number + 1}T00:00:00Z", "anna", f"2027-01-0{number + 1}T08:00:00Z")
    store.add([event(1)])
    assert [found.what for found in store.chosen()] == ["purged", "made"]
    assert faults(tmp_path) == ()


def test_a_head_from_before_a_purge_can_be_checked_no_more_and_that_is_said(tmp_path: Path):
    store = filled(tmp_path, 2)
    early = format_head(*store.head())
    store.add([event(number) for number in range(3, 6)])
    purge(store, "2026-11-22T10:04:00Z", "anna", NOW)
    found = verdict(tmp_path, early)
    assert (found.faults, len(found.notes)) == ((), 1)
    assert "purged" in found.notes[0]


def test_a_head_of_the_very_event_that_was_purged_last_is_still_checked(tmp_path: Path):
    store = filled(tmp_path, 3)
    kept = format_head(*store.head())
    store.add([event(4)])
    purge(store, "2026-11-22T10:04:00Z", "anna", NOW)
    assert verdict(tmp_path, kept).notes == verdict(tmp_path, kept).faults == ()
    assert faults(tmp_path, kept[:-1] + ("0" if kept[-1] != "0" else "1"))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM events WHERE seq = 4",
        "DELETE FROM events WHERE seq = 6",
        "DELETE FROM events WHERE what = 'purged'",
        "UPDATE events SET anchor = '4 4 ' || mac WHERE what = 'purged'",
        "UPDATE events SET anchor = 'nonsense' WHERE what = 'purged'",
        "UPDATE events SET anchor = NULL WHERE what = 'purged'",
        "UPDATE events SET what = 'made' WHERE what = 'purged'",
    ],
)
def test_what_is_done_to_a_purged_record_is_found(tmp_path: Path, statement: str):
    purge(filled(tmp_path), "2026-11-22T10:04:00Z", "anna", NOW)
    tamper(tmp_path, statement)
    assert faults(tmp_path)


def test_a_purge_that_somebody_makes_up_hides_nothing(tmp_path: Path):
    filled(tmp_path)
    rest = ", ".join(name for name in EVERY if name not in {"seq", "what", "anchor"})
    made_up = f"INSERT INTO events (seq, what, anchor, {rest}) SELECT 6, 'purged', '3 3 ' || (SELECT mac FROM events"
    tamper(tmp_path, f"{made_up} WHERE seq = 3), {rest} FROM events WHERE seq = 5", "DELETE FROM events WHERE seq < 4")
    assert "event 6 is not as it was written" in faults(tmp_path)


def test_purged_events_that_are_put_back_are_found(tmp_path: Path):
    store = filled(tmp_path)
    purge(store, "2026-11-22T10:04:00Z", "anna", NOW)
    rest = ", ".join(name for name in EVERY if name != "seq")
    tamper(tmp_path, f"INSERT INTO events (seq, {rest}) SELECT 2, {rest} FROM events WHERE seq = 4")
    assert "events that were purged, or never belonged here: 1" in faults(tmp_path)


def test_a_record_that_does_not_verify_is_not_purged(tmp_path: Path):
    store = filled(tmp_path)
    tamper(tmp_path, "UPDATE events SET by = 'mallory' WHERE seq = 2")
    with pytest.raises(Refused, match="does not verify"):
        purge(store, "2026-11-22T10:04:00Z", "anna", NOW)
    assert len(list(store.chosen())) == 5


def test_a_purge_leaves_nothing_of_old_events_in_the_file(tmp_path: Path):
    store = book_in(tmp_path)
    store.add([event(1, why="nothing of THIS may stay"), event(2)])
    purge(store, "2026-11-22T10:02:00Z", "anna", NOW)
    assert b"THIS may stay" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_clock_that_was_put_back_keeps_events_rather_than_lose_some(tmp_path: Path):
    store = book_in(tmp_path)
    store.add(
        [event(1, at="2026-01-01T00:00:00Z"), event(2, at="2026-06-01T00:00:00Z"), event(3, at="2026-02-01T00:00:00Z")]
    )
    assert count_before(store, "2026-03-01T00:00:00Z") == 1


def test_an_anchor_reads_what_it_wrote():
    anchor = Anchor(Link(7, "a" * 64), 3)
    assert Anchor.read(str(anchor)) == anchor
