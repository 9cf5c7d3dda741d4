"""An outbox with bad rows, changed addresses, wrong times: the rest goes out, and what does not is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trustme

from handouts.deliver.mail.people import prefers_unlocked, remember_unlocked
from handouts.deliver.outbox.claims import LEASE, Claims
from handouts.deliver.outbox.outbox import KEEP_TRYING, Outbox
from handouts.deliver.outbox.runner import Tally
from handouts.errors import OutputFault
from tests.mailing import ADDRESS, NOW, Clock, Unheard, new, outbox_in, queue, run, states, to_server, trusting
from tests.mailserver import serve
from tests.recording import tamper

HOUR, DAY = 3600.0, 86400.0


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return outbox_in(tmp_path)


@pytest.fixture
def claims(outbox: Outbox) -> Claims:
    return Claims(outbox, "one")


def change(outbox: Outbox, *statements: str, values: tuple[Any, ...] = ()) -> None:
    tamper(outbox.database.path.parent, *statements, values=values, file="outbox.sqlite3")


def sent(outbox: Outbox, ca: trustme.CA, *, now: float = NOW) -> tuple[list[str], Tally]:
    """To whom a run sends, and what it says."""
    with serve(ca) as running:
        tally = run(outbox, to_server(running.server, trusting(ca)), clock=Clock(now))
    return [to for to, _ in running.mailbox.kept], tally


def claim(claims: Claims, now: float) -> Any:
    claims.recover(now)
    return claims.claim(now, "cohen", 6000)


def test_two_days_count_from_the_first_try(outbox: Outbox, claims: Claims):
    number = queue(outbox)
    late = NOW + 63 * HOUR
    assert claims.deferred(claim(claims, late), "451", late), "the machine was off for 63 hours: this is the first try"
    assert outbox.entry(number).state == "queued"
    assert claims.deferred(claim(claims, late + KEEP_TRYING - 1), "451", late + KEEP_TRYING - 1)
    assert not claims.deferred(claim(claims, late + KEEP_TRYING), "451", late + KEEP_TRYING)
    assert "two days of refusals" in outbox.entry(number).reason


def test_two_days_begin_again_after_a_pause(outbox: Outbox, claims: Claims):
    number = queue(outbox)
    assert claims.deferred(claim(claims, NOW), "451", NOW)
    claims.paused(claim(claims, NOW + HOUR), "the password is wrong", NOW + HOUR)
    outbox.resume(NOW + 3 * DAY)
    assert claims.deferred(claim(claims, NOW + 3 * DAY), "451", NOW + 3 * DAY)
    assert outbox.entry(number).state == "queued"


def test_two_days_that_began_on_a_wrong_clock_last_no_longer_than_two_days(outbox: Outbox, claims: Claims):
    queue(outbox)
    ahead = NOW + 200 * DAY
    assert claims.deferred(claim(claims, ahead), "451", ahead)
    assert claims.deferred(claim(claims, NOW), "451", NOW)
    assert not claims.deferred(claim(claims, NOW + KEEP_TRYING), "451", NOW + KEEP_TRYING)


@pytest.mark.parametrize("ahead", [5 * HOUR, 200 * DAY, 10_000 * DAY])
def test_what_was_queued_while_the_clock_was_ahead_is_due_now_and_told(outbox: Outbox, ca: trustme.CA, ahead: float):
    queue(outbox, now=NOW + ahead)
    queue(outbox, new(document="d2"))
    to, tally = sent(outbox, ca)
    assert len(to) == 2
    assert tally.due_again == [1]


@pytest.mark.parametrize("due", ["'tomorrow'", "x'00'", "9e999", "'2027-01-01'"])
def test_a_time_that_is_none_is_due_now(outbox: Outbox, ca: trustme.CA, due: str):
    queue(outbox)
    change(outbox, f"UPDATE messages SET due = {due}")
    to, tally = sent(outbox, ca)
    assert (len(to), tally.due_again) == (1, [1])


def test_a_time_that_the_program_can_have_set_is_waited_for(outbox: Outbox, claims: Claims):
    queue(outbox)
    for _ in range(9):
        now = outbox.entry(1).due
        assert claims.deferred(claim(claims, now), "451", now)
    assert claim(claims, now + 3.9 * HOUR) is None
    assert claims.due_again == []


@pytest.mark.parametrize(("state", "after"), [("claimed", "queued"), ("sending", "unknown")])
@pytest.mark.parametrize("lease", ["1e12", "NULL", "'x'"])
def test_a_lease_that_only_a_wrong_clock_can_have_given_has_run_out(
    outbox: Outbox, claims: Claims, state: str, after: str, lease: str
):
    queue(outbox)
    claim(claims, NOW)
    change(outbox, f"UPDATE messages SET state = '{state}', lease = {lease}")
    claims.recover(NOW + 1)
    assert states(outbox) == [after]


def test_a_lease_of_a_run_whose_clock_is_a_moment_ahead_holds(outbox: Outbox, claims: Claims):
    queue(outbox)
    claim(claims, NOW + 100)
    claims.recover(NOW)
    assert states(outbox) == ["claimed"]
    assert LEASE > 100


BAD = {
    "address of another": "UPDATE contents SET address = 'eve@example.net' WHERE id = 1",
    "address of another, in other letters": "UPDATE contents SET address = 'MARIA@example.org' WHERE id = 1",
    "no address": "UPDATE contents SET address = 'nobody' WHERE id = 1",
    "an empty address": "UPDATE contents SET address = '' WHERE id = 1",
    "an address with a line break": "UPDATE contents SET address = 'a@b.org' || char(13, 10) || 'RCPT' WHERE id = 1",
    "an address of bytes": "UPDATE contents SET address = x'ff00fe' WHERE id = 1",
    "an address that is a number": "UPDATE contents SET address = 7 WHERE id = 1",
    "the address of the message beside":
        "UPDATE contents SET address = (SELECT address FROM contents WHERE id = 2) WHERE id = 1",
    "another's content": "UPDATE contents SET body = (SELECT body FROM contents WHERE id = 2) WHERE id = 1",
    "content that was changed":
        "UPDATE contents SET body = CAST(replace(body, 'handouts', 'Handouts') AS BLOB) WHERE id = 1",
    "content that is text": "UPDATE contents SET body = 'hello' WHERE id = 1",
    "empty content": "UPDATE contents SET body = x'' WHERE id = 1",
    "no content": "DELETE FROM contents WHERE id = 1",
    "no seal": "UPDATE contents SET seal = NULL WHERE id = 1",
    "another code": "UPDATE messages SET code = 'H7WP83DRJQB' WHERE id = 1",
    "a code that is none": "UPDATE messages SET code = 'Xanthippe' WHERE id = 1",
    "a code of bytes": "UPDATE messages SET code = x'ff00' WHERE id = 1",
    "a clinic of bytes": "UPDATE messages SET clinic = x'ff00' WHERE id = 1",
    "a clinic that is a path": "UPDATE messages SET clinic = '../x' WHERE id = 1",
    "tries that are none": "UPDATE messages SET tries = 'many' WHERE id = 1",
    "another hash": "UPDATE messages SET address_hash = 'ab' WHERE id = 1",
    "text that is no UTF-8": "UPDATE messages SET code = CAST(x'ff41' AS TEXT) WHERE id = 1",
}  # fmt: skip


@pytest.mark.parametrize("kind", [*BAD])
def test_one_bad_row_is_set_aside_and_told_and_the_rest_goes_out(kind: str, outbox: Outbox, ca: trustme.CA):
    queue(outbox)
    queue(outbox, new(to="second@example.org", document="d2"))
    queue(outbox, new(to="third@example.org", document="d3"))
    change(outbox, BAD[kind])
    to, tally = sent(outbox, ca)
    assert sorted(to) == ["second@example.org", "third@example.org"]
    assert [number for number, _ in tally.aside] == [1]
    assert states(outbox) == ["unknown", "sent", "sent"]
    assert "eve" not in str(tally.aside)
    assert sent(outbox, ca)[0] == [], "nor does it go out later by itself"
    outbox.cancel(1, NOW)


def test_a_bad_row_can_still_be_shown(outbox: Outbox):
    queue(outbox)
    change(
        outbox,
        "UPDATE messages SET code = 5, clinic = x'00', reason = x'ff', tries = 'x', created = 'y', due = 1e300,"
        " changed = x'aa', unlocked_by = 8, message_id = 3, copy = 'z'",
    )
    [entry] = outbox.entries()
    assert (entry.code, entry.clinic, entry.created, entry.due) == ("?", "?", 0.0, 0.0)


def test_a_pace_or_a_preference_that_can_not_be_read_stops_nothing(outbox: Outbox, ca: trustme.CA):
    queue(outbox)
    remember_unlocked(outbox, ADDRESS, "Anna", NOW)
    change(outbox, "INSERT INTO paces VALUES ('cohen', 'soon')", "UPDATE unlocked SET at = 'once'")
    assert prefers_unlocked(outbox, ADDRESS) is None, "locked, as is safe"
    assert len(sent(outbox, ca)[0]) == 1


def test_a_message_that_the_record_saw_leave_does_not_leave_again(tmp_path: Path, ca: trustme.CA):
    queue(outbox_in(tmp_path))

    class Sent(Unheard):
        def last_word(self, number: int, code: str) -> str | None:
            return "sent" if (number, code) else None

    old = outbox_in(tmp_path, Sent())
    to, tally = sent(old, ca)
    assert (to, states(old)) == ([], ["unknown"])
    assert "the record says of it: sent" in tally.aside[0][1]


def test_a_damaged_outbox_is_found_before_anything_goes_out(outbox: Outbox):
    for number in range(40):
        queue(outbox, new(document=f"d{number}"))
    path = outbox.database.path
    outbox.database.connection.close()
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 8192] = b"\xa5" * 8192
    path.write_bytes(raw)
    with pytest.raises(OutputFault, match="outbox restore FILE"):
        outbox_in(path.parent).database.require_sound()
