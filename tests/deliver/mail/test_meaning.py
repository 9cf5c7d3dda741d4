"""What a message's state means in words for the staff: no state and no reply is left as a riddle."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from handouts.deliver.mail.meaning import explain, meaning_of
from handouts.deliver.mail.replies import judge_sign_in
from handouts.deliver.outbox.claims import LOST
from handouts.deliver.outbox.entries import BY_HAND, STATES, Entry
from handouts.deliver.outbox.trouble import OurFault

ENTRY = Entry(
    id=12, code="FHK8Z5DW14K", clinic="cohen", state="queued", reason="", tries=0, created=1.0, due=1.0, changed=1.0,
    locked=True, unlocked_by=None, message_id="<1@clinic.example>", copy=0, paused=False,
)  # fmt: skip


def named(**over: Any) -> str:
    return meaning_of(replace(ENTRY, **over)).name


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_name_and_a_sentence(state: str):
    for paused in (True, False):
        meaning = meaning_of(replace(ENTRY, state=state, paused=paused))
        assert meaning.name[0].isupper()
        assert meaning.said.endswith(".")


def test_states_that_wait_tell_apart_what_they_wait_for():
    assert named() == "Waiting"
    assert named(reason="the server said 451 4.7.1 to the recipient", tries=2) == "Waiting for another try"
    assert named(paused=True) == "Waiting: all mail is stopped"
    assert named(state="sent", paused=True) == "Sent"


def test_what_may_have_arrived_is_a_question_and_what_was_changed_is_none():
    assert named(state="unknown", reason=LOST) == "Did it arrive?"
    assert named(state="unknown", reason="from a backup of the outbox; it may have gone out since") == "Did it arrive?"
    assert named(state="unknown", reason="its row in the outbox is damaged") == "Set aside"


def test_what_a_person_settled_says_so():
    assert meaning_of(replace(ENTRY, state="sent", reason=BY_HAND)).said == "Somebody settled that it arrived."
    taken = meaning_of(replace(ENTRY, state="cancelled", reason=BY_HAND))
    voided = meaning_of(replace(ENTRY, state="cancelled", reason="its document was voided"))
    assert taken.said == "Somebody took it out. Its content is deleted."
    assert voided.said == "Its document was voided. Its content is deleted."


def refused(reply: str, *, token: bool) -> str:
    """The reason that is kept for a no to the sign-in."""
    with pytest.raises(OurFault) as caught:
        judge_sign_in(int(reply[:3]), reply[4:], token=token)
    return caught.value.reason


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("the server said 550 5.1.1 to the recipient", "There is no such mailbox."),
        ("the server said 452 4.2.2 to the recipient", "The patient’s mailbox is full."),
        ("the server said 552 5.2.2 to the message", "The patient’s mailbox is full."),
        ("the server said 550 to the recipient", "The mail server refused the patient’s address."),
        ("the server said 554 to the message", "The mail server refused it."),
        (
            refused("535 5.7.139 x, SmtpClientAuthentication is disabled for the Tenant.", token=True),
            "Sending by SMTP (SMTP AUTH) is switched off for the whole organization. An administrator of Microsoft 365 "
            "switches it on: docs/mail.md says where.",
        ),
        (refused("535 5.7.8 no", token=True), "The mail server did not accept the clinic’s login."),
        (refused("535 5.7.8 no", token=False), "The mail server did not accept the clinic’s user name and password."),
        (
            refused("550 5.7.30 no", token=False),
            "This mail server takes no passwords any more. Say 'email.auth: oauth' (docs/mail.md).",
        ),
        (
            "the login has expired or was revoked (invalid_grant): run `mail login cohen`",
            "The login has expired or was revoked (invalid_grant): run `mail login cohen`.",
        ),
        ("the server said 451 to the message", "The mail server could not take it for the moment."),
        (
            "the server said 535 5.7.8 to the user and password",
            "The mail server did not accept the clinic’s user name and password.",
        ),
        (
            "the server said 550 5.1.8 to the clinic's sender address (email.from)",
            "The mail server does not let this user send with the clinic’s address.",
        ),
        ("there was no connection, or it was lost, when it was opened",) * 2,
        (
            "two days of refusals; the last: the server said 452 4.2.2 to the recipient",
            "It was refused for two days. The patient’s mailbox is full.",
        ),
    ],
)
def test_a_reply_in_numbers_is_said_in_words(reason: str, words: str):
    assert explain(reason) in {words, f"{words[:1].upper()}{words[1:]}."}
