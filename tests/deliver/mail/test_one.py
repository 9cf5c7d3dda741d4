"""One handout to one address: what is known before a person is asked, and which rules hold whoever asked."""

from __future__ import annotations

import io
import re
from datetime import date
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from handouts.deliver.mail.address import Address, parse_address
from handouts.deliver.mail.one import (
    Decided,
    Looked,
    Stationery,
    look,
    mail,
    ready_to_mail,
    require_same,
    stationery_of,
)
from handouts.deliver.mail.slip import Slip
from handouts.deliver.outbox.claims import Claim, Claims
from handouts.deliver.outbox.outbox import Outbox
from handouts.errors import ContentFault, Refused, RequestFault
from handouts.model.recorder import Whom
from tests.mailing import ADDRESS, CODE, NOW, outbox_in, set_up_clinic, states

MARIA = Whom("Maria Gonzalez", date(1961, 4, 9), None)
CONFIRMED = Decided(confirmed=True)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return outbox_in(tmp_path / "data")


@pytest.fixture
def stationery(content: Path) -> Stationery:
    set_up_clinic(content, 465)
    return stationery_of(content, "cohen")


@pytest.fixture(scope="session")
def pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out)
    return out.getvalue()


def looked_at(outbox: Outbox, pdf: bytes, to: Address = ADDRESS) -> Looked:
    return look(outbox, pdf, CODE, to, MARIA)


def queue(outbox: Outbox, looked: Looked, stationery: Stationery, decided: Decided = CONFIRMED) -> tuple[int, Slip]:
    told: list[Slip] = []
    number = mail(outbox, looked, stationery, decided, NOW, told.append).number
    assert number
    return number, told[0]


def claimed(outbox: Outbox, now: float = NOW) -> Claim | None:
    found = Claims(outbox, "one").claim(now, "cohen", 6000)
    assert found is None or isinstance(found, Claim)
    return found


def send(outbox: Outbox) -> None:
    claim = claimed(outbox)
    assert claim
    Claims(outbox, "one").begin(claim, NOW)
    Claims(outbox, "one").sent(claim, NOW)


def test_a_file_and_address_that_nobody_has_seen_are_new(outbox: Outbox, pdf: bytes):
    looked = looked_at(outbox, pdf)
    assert (looked.known, looked.before, looked.unlocked) == (False, None, None)


def test_a_new_address_that_nobody_confirmed_is_refused_whoever_asks(
    outbox: Outbox, stationery: Stationery, pdf: bytes
):
    with pytest.raises(Refused, match="not used for this patient before"):
        mail(outbox, looked_at(outbox, pdf), stationery, Decided(), NOW, lambda _: None)
    assert states(outbox) == []


def test_the_same_file_to_the_same_address_is_found_and_not_queued_twice(
    outbox: Outbox, stationery: Stationery, pdf: bytes
):
    number, _ = queue(outbox, looked_at(outbox, pdf), stationery)
    again = looked_at(outbox, pdf, Address("MARIA", "example.org"))
    assert again.before
    assert again.before.id == number
    done = mail(outbox, again, stationery, CONFIRMED, NOW, lambda _: None)
    assert (done.number, done.duplicate and done.duplicate.id) == (None, number)
    assert looked_at(outbox, pdf, Address("maria", "example.net")).before is None


def test_new_words_for_the_same_file_take_the_place_of_the_message_that_waits(
    outbox: Outbox, stationery: Stationery, pdf: bytes
):
    _, first = queue(outbox, looked_at(outbox, pdf), stationery)
    _, second = queue(outbox, looked_at(outbox, pdf), stationery, Decided(confirmed=True, reissue=True))
    assert first.passphrase != second.passphrase
    assert states(outbox) == ["cancelled", "queued"]


def test_an_address_that_has_reached_the_patient_needs_no_word_and_another_patients_does(
    outbox: Outbox, stationery: Stationery, pdf: bytes
):
    queue(outbox, looked_at(outbox, pdf), stationery)
    send(outbox)
    assert looked_at(outbox, pdf).known
    assert mail(outbox, looked_at(outbox, pdf), stationery, Decided(again=True), NOW, lambda _: None).number == 2
    other = look(outbox, pdf, "H7WP83DRJQB", ADDRESS, Whom("Somebody Else", date(1970, 1, 1), None))
    assert not other.known


def test_the_words_are_told_once_before_the_message_counts_and_open_the_file(
    outbox: Outbox, stationery: Stationery, pdf: bytes
):
    waiting: list[list[str]] = []

    def tell(slip: Slip) -> None:
        told.append(slip)
        waiting.append(states(outbox_in(outbox.database.path.parent)))

    told: list[Slip] = []
    mail(outbox, looked_at(outbox, pdf), stationery, CONFIRMED, NOW, tell)
    assert (len(told), waiting) == (1, [[]])
    assert re.fullmatch(r"([a-z]+ ){3}[a-z]+", told[0].passphrase)
    claim = claimed(outbox)
    assert claim
    [part] = message_from_bytes(claim.body, policy=default).iter_attachments()  # type: ignore[attr-defined]
    assert len(pypdfium2.PdfDocument(part.get_payload(decode=True), password=told[0].passphrase)) == 1


def test_words_can_be_told_first_and_the_message_queued_with_them_later(
    outbox: Outbox, stationery: Stationery, pdf: bytes
):
    looked = looked_at(outbox, pdf)
    with pytest.raises(Refused):
        ready_to_mail(looked, stationery, Decided(), NOW)
    ready = ready_to_mail(looked, stationery, CONFIRMED, NOW)
    assert states(outbox) == []
    mail(outbox, looked, stationery, CONFIRMED, NOW, lambda _: None, ready)
    claim = claimed(outbox)
    assert claim
    assert ready.slip
    [part] = message_from_bytes(claim.body, policy=default).iter_attachments()  # type: ignore[attr-defined]
    assert len(pypdfium2.PdfDocument(part.get_payload(decode=True), password=ready.slip.passphrase)) == 1


def test_a_file_goes_unlocked_only_by_somebodys_name_which_is_remembered_if_they_say_so(
    outbox: Outbox, stationery: Stationery, pdf: bytes
):
    told: list[Slip] = []
    decided = Decided(confirmed=True, unlocked_by="Nurse Joy", remember=True)
    mail(outbox, looked_at(outbox, pdf), stationery, decided, NOW, told.append)
    [entry] = outbox.entries()
    assert (told, entry.locked, entry.unlocked_by) == ([], False, "Nurse Joy")
    found = looked_at(outbox, pdf).unlocked
    assert found
    assert (found.by, found.at) == ("Nurse Joy", NOW)


def test_a_message_that_is_held_can_be_taken_back_and_goes_out_after_that(
    outbox: Outbox, stationery: Stationery, pdf: bytes
):
    number, _ = queue(outbox, looked_at(outbox, pdf), stationery, Decided(confirmed=True, hold=20))
    assert claimed(outbox, NOW + 19) is None
    found = claimed(outbox, NOW + 20)
    assert found
    assert found.id == number
    outbox.cancel(number, NOW + 21)
    assert states(outbox) == ["cancelled"]


def test_the_address_typed_again_has_to_be_the_same_whatever_the_case():
    require_same(ADDRESS, " Maria@EXAMPLE.org ")
    with pytest.raises(Refused, match="differ"):
        require_same(ADDRESS, "mario@example.org")
    with pytest.raises(RequestFault):
        require_same(ADDRESS, "maria at example.org")


def test_a_clinic_that_is_not_set_up_says_what_is_missing_and_may_write_drafts(content: Path):
    with pytest.raises(ContentFault, match=r"fill in email\.from and email\.host"):
        stationery_of(content, "cohen")
    assert stationery_of(content, "cohen", to_send=False).sender.address is None


def test_what_is_looked_at_shows_nobody_in_a_traceback(outbox: Outbox, pdf: bytes):
    shown = repr(look(outbox, pdf, CODE, parse_address("maria@example.org"), MARIA))
    assert not re.search("maria|example|Gonzalez", shown)
