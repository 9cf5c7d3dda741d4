"""What the outbox keeps, and what people can do with it."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
from datetime import date
from pathlib import Path

import pytest

from handouts.deliver.mail.people import (
    forget_unlocked,
    is_known,
    patient_hash,
    patient_of_code,
    prefers_unlocked,
    remember_unlocked,
)
from handouts.deliver.outbox import database as database_module
from handouts.deliver.outbox.claims import LEASE, Claim, ClaimLost, Claims, Wait
from handouts.deliver.outbox.database import KEY_NAME, NAME, Database
from handouts.deliver.outbox.entries import describe_duplicate
from handouts.deliver.outbox.outbox import KEEP_TRYING, Outbox
from handouts.deliver.outbox.pace import wait_after
from handouts.errors import OutputFault, Refused, RequestFault
from tests.mailing import ADDRESS, CODE, NOW, new, outbox_in, queue, states

DAY = 86400.0


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return outbox_in(tmp_path)


@pytest.fixture
def claims(outbox: Outbox) -> Claims:
    return Claims(outbox, "one")


def claimed(claims: Claims, now: float = NOW, *, clinic: str = "cohen") -> Claim:
    found = claims.claim(now, clinic, 6000)
    assert isinstance(found, Claim)
    return found


def whole(folder: Path) -> bytes:
    """Every byte of the outbox on the disk."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_its_files_are_their_owners_alone(outbox: Outbox, tmp_path: Path):
    queue(outbox)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert f"{NAME}-wal" in modes
    assert set(modes.values()) == {0o600}


def test_a_file_that_others_could_read_is_shut(tmp_path: Path):
    (tmp_path / NAME).touch(mode=0o644)
    outbox_in(tmp_path)
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_the_same_document_to_the_same_address_is_queued_once(outbox: Outbox):
    first = queue(outbox)
    with outbox.adding() as add:
        assert add.queue(new(to="Maria@Example.org"), NOW) is None
    found = outbox.there(ADDRESS, "d1")
    assert found
    assert found.id == first
    assert f"Message {first}" in describe_duplicate(found)


def test_it_is_queued_again_when_somebody_says_so(outbox: Outbox):
    numbers = [queue(outbox), queue(outbox, again=True), queue(outbox, again=True)]
    assert [entry.copy for entry in map(outbox.entry, numbers)] == [0, 1, 2]


def test_another_document_or_address_is_another_message(outbox: Outbox):
    queue(outbox)
    queue(outbox, new(document="d2"))
    queue(outbox, new(to="other@example.org"))
    assert states(outbox) == ["queued"] * 3


def test_what_was_cancelled_or_failed_may_be_queued_anew(outbox: Outbox, claims: Claims):
    outbox.cancel(queue(outbox), NOW)
    queue(outbox)
    claims.failed(claimed(claims), "no", NOW)
    queue(outbox)
    assert states(outbox) == ["cancelled", "failed", "queued"]


def test_messages_are_queued_together_or_not_at_all(outbox: Outbox):
    def two_and_a_fault() -> None:
        with outbox.adding() as add:
            add.queue(new(), NOW)
            add.queue(new(document="d2", code=None), NOW)  # type: ignore[arg-type]

    with pytest.raises(sqlite3.IntegrityError):
        two_and_a_fault()
    assert outbox.entries() == []


def test_a_number_that_no_message_can_have_is_no_message(outbox: Outbox):
    for number in (0, -1, 2**63, 10**100):
        with pytest.raises(RequestFault, match="no message"):
            outbox.cancel(number, NOW)


def test_only_one_runner_gets_a_message(outbox: Outbox, claims: Claims, tmp_path: Path):
    queue(outbox)
    claimed(claims)
    assert Claims(outbox_in(tmp_path), "two").claim(NOW, "cohen", 60) is None


def test_messages_go_in_the_order_in_which_they_are_due(outbox: Outbox, claims: Claims):
    late, early = queue(outbox, new(document="a"), now=NOW), queue(outbox, new(document="b"), now=NOW - 5)
    assert [claimed(claims).id, claimed(claims, NOW + 60).id] == [early, late]


def test_what_a_dead_runner_only_claimed_is_queued_again(outbox: Outbox, claims: Claims):
    queue(outbox)
    claimed(claims)
    assert claims.recover(NOW + LEASE - 1) == 0
    assert states(outbox) == ["claimed"]
    assert claims.recover(NOW + LEASE) == 0
    assert states(outbox) == ["queued"]


def test_what_a_dead_runner_was_sending_is_unknown_and_kept(outbox: Outbox, claims: Claims, tmp_path: Path):
    queue(outbox)
    claims.begin(claimed(claims), NOW)
    assert claims.recover(NOW + LEASE) == 1
    assert states(outbox) == ["unknown"]
    assert claims.claim(NOW + 9 * DAY, "cohen", 60) is None
    assert b"maria@example.org" in whole(tmp_path)


def test_a_runner_that_was_slow_may_not_begin_what_another_has(outbox: Outbox, claims: Claims, tmp_path: Path):
    queue(outbox)
    slow = claimed(claims)
    other = Claims(outbox_in(tmp_path), "two")
    other.recover(NOW + LEASE)
    claimed(other, NOW + LEASE)
    with pytest.raises(ClaimLost):
        claims.begin(slow, NOW + LEASE + 1)


def test_a_runner_whose_lease_ran_out_may_not_begin(outbox: Outbox, claims: Claims):
    queue(outbox)
    with pytest.raises(ClaimLost):
        claims.begin(claimed(claims), NOW + LEASE)


def test_what_was_cancelled_meanwhile_does_not_begin(outbox: Outbox, claims: Claims):
    number = queue(outbox)
    claim = claimed(claims)
    outbox.cancel(number, NOW)
    with pytest.raises(ClaimLost):
        claims.begin(claim, NOW)


def test_a_runner_that_wakes_up_late_still_tells_that_it_was_sent(outbox: Outbox, claims: Claims):
    queue(outbox)
    claim = claimed(claims)
    claims.begin(claim, NOW)
    claims.recover(NOW + LEASE)
    claims.sent(claim, NOW + LEASE + 5)
    assert states(outbox) == ["sent"]


def test_a_persons_word_is_not_overwritten_by_a_late_runner(outbox: Outbox, claims: Claims):
    number = queue(outbox)
    claim = claimed(claims)
    claims.begin(claim, NOW)
    claims.recover(NOW + LEASE)
    outbox.retry(number, NOW + LEASE)
    claims.failed(claim, "late", NOW + LEASE + 1)
    assert states(outbox) == ["queued"]


@pytest.mark.parametrize("end", ["sent", "failed", "cancelled", "arrived"])
def test_at_the_end_address_and_body_are_gone_from_every_byte(outbox: Outbox, claims: Claims, tmp_path: Path, end: str):
    secret = b"%PDF a body that nobody may find again" * 2000
    number = queue(outbox, new(pdf=secret))
    piece = outbox.database.look("SELECT body FROM contents")[0]["body"][-20000:-19000]
    assert piece in whole(tmp_path)
    claim = claimed(claims)
    claims.begin(claim, NOW)
    if end == "sent":
        claims.sent(claim, NOW)
    elif end == "failed":
        claims.failed(claim, "no", NOW)
    else:
        claims.unknown(claim, NOW)
        outbox.cancel(number, NOW, arrived=end == "arrived")
    left = whole(tmp_path)
    assert piece not in left
    assert b"maria" not in left
    assert b"example.org" not in left
    assert outbox.entry(number).state == ("sent" if end == "arrived" else end)


def test_waits_grow_from_five_minutes_to_four_hours():
    assert [wait_after(tries) / 60 for tries in range(1, 9)] == [5, 10, 20, 40, 80, 160, 240, 240]
    assert wait_after(10_000) == 4 * 3600


def test_temporary_refusals_end_after_two_days(outbox: Outbox, claims: Claims):
    number, now, tries = queue(outbox), NOW, 0
    while claims.deferred(claimed(claims, now), "450", now):
        tries += 1
        now = outbox.entry(number).due
    assert (now, outbox.entry(number).state) == (NOW + KEEP_TRYING, "failed")
    assert 12 < tries < 20
    assert "two days" in outbox.entry(number).reason


def test_a_message_that_waited_too_long_for_a_runner_still_gets_one_try(outbox: Outbox, claims: Claims):
    number = queue(outbox)
    claim = claimed(claims, NOW + 5 * DAY)
    claims.begin(claim, NOW + 5 * DAY)
    claims.sent(claim, NOW + 5 * DAY)
    assert outbox.entry(number).state == "sent"


def test_a_fault_of_ours_pauses_that_clinics_queue_and_costs_no_try(outbox: Outbox, claims: Claims):
    for document in "abc":
        queue(outbox, new(document=document))
    queue(outbox, new(document="d", clinic="seaview-example"))
    claims.paused(claimed(claims), "the password is wrong", NOW)
    assert states(outbox) == ["paused", "paused", "paused", "queued"]
    assert claims.claim(NOW, "cohen", 60) is None
    assert claims.due_queues(NOW) == ["seaview-example"]
    assert [entry.tries for entry in outbox.entries()] == [0, 0, 0, 0]
    assert outbox.resume(NOW) == 3
    assert states(outbox) == ["queued"] * 4


def test_a_server_is_given_no_more_than_it_takes_in_a_minute(outbox: Outbox, claims: Claims, tmp_path: Path):
    for document in "abc":
        queue(outbox, new(document=document))
    assert isinstance(claims.claim(NOW, "cohen", 30), Claim)
    assert Claims(outbox_in(tmp_path), "two").claim(NOW + 0.5, "cohen", 30) == Wait(1.5)
    assert isinstance(claims.claim(NOW + 2, "cohen", 30), Claim)


def test_a_clock_that_was_put_back_stops_nothing(outbox: Outbox, claims: Claims):
    queue(outbox, now=NOW - 9 * DAY)
    queue(outbox, new(document="b"), now=NOW - 9 * DAY)
    claims.claim(NOW, "cohen", 30)
    assert isinstance(claims.claim(NOW - 8 * DAY, "cohen", 30), Claim)


def test_retry_gives_an_unknown_message_two_more_days(outbox: Outbox, claims: Claims):
    number = queue(outbox)
    claims.unknown(claimed(claims), NOW)
    outbox.retry(number, NOW + DAY)
    entry = outbox.entry(number)
    assert (entry.state, entry.tries, entry.due) == ("queued", 0, NOW + DAY)


def test_what_is_over_can_be_neither_retried_nor_cancelled(outbox: Outbox):
    number = queue(outbox)
    outbox.cancel(number, NOW)
    for work in (outbox.retry, outbox.cancel):
        with pytest.raises(Refused, match="its content is gone"):
            work(number, NOW)
    with pytest.raises(RequestFault, match="outbox list"):
        outbox.cancel(99, NOW)


def test_what_is_going_out_can_not_be_cancelled(outbox: Outbox, claims: Claims):
    number = queue(outbox)
    claims.begin(claimed(claims), NOW)
    with pytest.raises(Refused, match="right now"):
        outbox.cancel(number, NOW)
    with pytest.raises(Refused, match="right now"):
        outbox.retry(number, NOW)


def test_only_an_unknown_message_can_be_said_to_have_arrived(outbox: Outbox):
    with pytest.raises(Refused, match="queued"):
        outbox.cancel(queue(outbox), NOW, arrived=True)


def test_a_new_message_of_the_same_document_takes_the_place_of_those_not_sent(outbox: Outbox, claims: Claims):
    queue(outbox)
    claims.unknown(claimed(claims), NOW)
    queue(outbox, again=True)
    queue(outbox, new(to="other@example.org"))
    with outbox.adding() as add:
        assert add.supersede(CODE, ADDRESS, NOW) == 2
    assert states(outbox) == ["cancelled", "cancelled", "queued"]


def test_what_waits_of_a_document_is_withdrawn_and_its_content_is_gone(outbox: Outbox, claims: Claims):
    queue(outbox)
    claims.unknown(claimed(claims), NOW)
    queue(outbox, again=True)
    other = queue(outbox, new(code="H7WP83DRJQB", document="another"))
    assert [entry.state for entry in outbox.withdraw(CODE, "its document was voided", NOW)] == ["unknown", "queued"]
    assert states(outbox) == ["cancelled", "cancelled", "queued"]
    assert [row["id"] for row in outbox.database.look("SELECT id FROM contents")] == [other]
    assert outbox.withdraw(CODE, "again", NOW) == []


def test_what_is_going_out_at_this_moment_is_not_withdrawn(outbox: Outbox, claims: Claims):
    queue(outbox)
    claims.begin(claimed(claims), NOW)
    assert outbox.withdraw(CODE, "its document was voided", NOW) == []
    assert states(outbox) == ["sending"]


def test_when_the_new_message_can_not_be_queued_the_old_one_stays(outbox: Outbox):
    queue(outbox)

    def broken_off() -> None:
        with outbox.adding() as add:
            add.supersede(CODE, ADDRESS, NOW)
            raise OSError("the slip can't be written")

    with pytest.raises(OSError, match="slip"):
        broken_off()
    assert states(outbox) == ["queued"]
    assert len(outbox.database.look("SELECT 1 FROM contents")) == 1


def test_what_a_killed_run_could_not_scrub_the_next_one_does(outbox: Outbox, claims: Claims, tmp_path: Path):
    queue(outbox)
    claim = claimed(claims)
    claims.begin(claim, NOW)
    claims.database.scrub = lambda: None  # type: ignore[method-assign]  killed after the commit
    claims.sent(claim, NOW)
    assert b"maria@example.org" in whole(tmp_path)
    Claims(outbox_in(tmp_path), "two").recover(NOW)
    assert b"maria@example.org" not in whole(tmp_path)


def test_no_message_is_ever_sorted_in_a_temporary_file(outbox: Outbox):
    assert outbox.database.look("PRAGMA temp_store")[0][0] == 2


def test_clear_forgets_only_what_ended_long_ago(outbox: Outbox):
    outbox.cancel(queue(outbox, new(document="a")), NOW - 40 * DAY)
    outbox.cancel(queue(outbox, new(document="b")), NOW - 10 * DAY)
    queue(outbox, new(document="c"), now=NOW - 90 * DAY)
    assert outbox.clear(NOW - 30 * DAY) == 1
    assert states(outbox) == ["cancelled", "queued"]


def test_numbers_are_never_used_again(outbox: Outbox):
    first = queue(outbox)
    outbox.cancel(first, NOW)
    outbox.clear(NOW + 1)
    assert queue(outbox) > first


def test_an_address_is_known_once_a_message_has_reached_that_patient_there(outbox: Outbox, claims: Claims):
    maria = patient_hash(outbox, "Maria Gonzalez", None, "MRN 00417")
    queue(outbox, new(patient=maria))
    assert not is_known(outbox, maria, ADDRESS)
    claims.sent(claimed(claims), NOW)
    assert is_known(outbox, maria, ADDRESS)
    assert not is_known(outbox, patient_hash(outbox, "Maria Gonzalez", None, "MRN 00418"), ADDRESS)
    assert not is_known(outbox, None, ADDRESS)
    assert patient_of_code(outbox, CODE) == maria


def test_a_patient_is_known_however_the_name_is_typed(outbox: Outbox, claims: Claims):
    queue(outbox, new(patient=patient_hash(outbox, "Zoë O\u2019Brien", date(1961, 4, 9), None)))
    claims.sent(claimed(claims), NOW)
    assert is_known(outbox, patient_hash(outbox, "ZOË O'BRIEN", date(1961, 4, 9), None), ADDRESS)
    assert not is_known(outbox, patient_hash(outbox, "Zoe O'Brien", date(1961, 4, 9), None), ADDRESS)


def test_a_patient_whom_the_outbox_knew_before_names_were_folded_is_known_still(outbox: Outbox, claims: Claims):
    earlier = outbox.digest("patient", "name", "zoë o\u2019brien", "1961-04-09")
    queue(outbox, new(patient=earlier))
    claims.sent(claimed(claims), NOW)
    assert is_known(outbox, patient_hash(outbox, "Zoë O\u2019Brien", date(1961, 4, 9), None), ADDRESS)


def test_a_name_alone_tells_no_patient_from_another(outbox: Outbox):
    assert patient_hash(outbox, "Maria Gonzalez", None, None) is None


def test_hashes_differ_from_installation_to_installation(tmp_path: Path):
    one, other = outbox_in(tmp_path / "one"), outbox_in(tmp_path / "other")
    assert one.address_hash(ADDRESS) != other.address_hash(ADDRESS)
    assert one.address_hash(ADDRESS) == outbox_in(tmp_path / "one").address_hash(ADDRESS)


def test_the_wish_for_no_lock_is_remembered_for_an_address_until_it_is_taken_back(outbox: Outbox, tmp_path: Path):
    remember_unlocked(outbox, ADDRESS, "Nurse Joy", NOW)
    found = prefers_unlocked(outbox, ADDRESS)
    assert found
    assert (found.by, found.at) == ("Nurse Joy", NOW)
    assert b"maria" not in whole(tmp_path)
    forget_unlocked(outbox, ADDRESS)
    assert prefers_unlocked(outbox, ADDRESS) is None


def test_an_outbox_of_a_newer_program_is_left_alone(tmp_path: Path):
    with Database(tmp_path) as database:
        database.connection.execute("PRAGMA user_version=99")
    with pytest.raises(Refused, match="newer version"):
        Database(tmp_path)


def test_what_is_no_outbox_is_told_and_kept(tmp_path: Path):
    (tmp_path / NAME).write_bytes(b"no database at all" * 100)
    (tmp_path / KEY_NAME).write_bytes(b"k" * 32)
    with pytest.raises(OutputFault, match="damaged"):
        Database(tmp_path)
    assert (tmp_path / NAME).read_bytes().startswith(b"no database")


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputFault, match="--data"):
        Database(tmp_path / "file" / "data")


def test_an_outbox_that_is_a_link_is_not_followed(tmp_path: Path):
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputFault):
        Database(tmp_path)


def test_a_full_disk_while_queueing_loses_nothing_that_was_said_to_be_there(outbox: Outbox, tmp_path: Path):
    queue(outbox)
    pages = outbox.database.look("PRAGMA page_count")[0][0]
    outbox.database.connection.execute(f"PRAGMA max_page_count={pages + 1}")
    with pytest.raises(OutputFault, match="disk is full"), outbox.adding() as add:
        add.queue(new(document="big", pdf=b"x" * 100_000), NOW)
    assert states(outbox_in(tmp_path)) == ["queued"]


def test_a_lock_that_another_command_holds_too_long_is_told(outbox: Outbox, tmp_path: Path):
    outbox.database.connection.execute("PRAGMA busy_timeout=10")
    with contextlib.closing(sqlite3.connect(tmp_path / NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputFault, match="another command"):
            queue(outbox)


def test_an_outbox_of_version_2_goes_on(tmp_path: Path):
    class Two(Database):
        steps = Database.steps[:2]

    message = new()
    with Two(tmp_path) as old:
        hashed = database_module.address_hash(old.key, message.address)
        row = {"code": message.code, "clinic": "cohen", "message_id": message.message_id, "body": message.body}
        row |= {"address": str(message.address), "address_hash": hashed, "channel": "mail"}
        with old.change() as connection:
            connection.execute(
                "INSERT INTO messages (dedupe, copy, code, clinic, address_hash, message_id, locked, state, created,"
                " due, until, changed) VALUES ('x', 0, ?, 'cohen', ?, ?, 1, 'queued', ?, ?, ?, ?)",
                (message.code, hashed, message.message_id, NOW, NOW, NOW + 9, NOW),
            )
            seal = database_module.seal_of(old.key, row)
            connection.execute("INSERT INTO contents VALUES (1, ?, ?, ?)", (row["address"], message.body, seal))
            connection.execute("INSERT INTO pauses VALUES ('cohen', ?, 'a reason')", (NOW,))
    outbox = outbox_in(tmp_path)
    [entry] = outbox.entries()
    assert (entry.channel, entry.kind, entry.shown, entry.repeats) == ("mail", "handout", "paused", False)
    outbox.resume(NOW)
    claim = Claims(outbox, "one").claim(NOW, "cohen", 60)
    assert isinstance(claim, Claim)
    assert claim.body == message.body


def test_the_schema_says_its_version(outbox: Outbox):
    assert outbox.database.look("PRAGMA user_version")[0][0] == database_module.VERSION == 3
