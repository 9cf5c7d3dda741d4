"""A conversation with a real server, and every way in which it can fail, at every stage."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest
import trustme

from handouts.deliver.mail.address import Address
from handouts.deliver.mail.settings import Server
from handouts.deliver.mail.smtp import Timeouts, connect
from handouts.deliver.outbox.claims import ClaimLost
from handouts.deliver.outbox.trouble import Lost, OurFault, RefusedForGood, Trouble, TryLater
from tests import mailing
from tests.mailserver import PASSWORD, SENDER, STAGES, USER, serve

TO = Address("maria", "example.org")
BODY = b"Message-ID: <1@clinic.example>\r\nSubject: x\r\n\r\nHello\r\n.a line that starts with a full stop\r\n"
PATIENT = Timeouts(connect=30, reply=30, message=30)
SHORT = Timeouts(connect=30, reply=0.5, message=0.5)
SHORT_AT_THE_END = Timeouts(connect=30, reply=30, message=0.5)
BEFORE_CONTENT = [stage for stage in STAGES if stage not in {"CONTENT", "END"}]


@pytest.fixture
def trusting(ca: trustme.CA) -> ssl.SSLContext:
    return mailing.trusting(ca)


def hand_over(
    server: Server,
    context: ssl.SSLContext,
    *,
    password: str = PASSWORD,
    to: Address = TO,
    timeouts: Timeouts = PATIENT,
) -> list[str]:
    """One message; what happened, in order."""
    events: list[str] = []
    connection = connect(server, password, timeouts=timeouts, context=context)
    try:
        connection.send(to, BODY, lambda: events.append("begun"))
    finally:
        connection.close()
    return events


def trouble(work: Callable[[], object]) -> Trouble:
    with pytest.raises(Trouble) as caught:
        work()
    return caught.value


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_message_arrives_byte_for_byte(ca: trustme.CA, trusting: ssl.SSLContext, security: str):
    with serve(ca, security) as running:  # type: ignore[arg-type]
        assert hand_over(running.server, trusting) == ["begun"]
    assert running.mailbox.kept == [(str(TO), BODY)]


def test_a_server_on_this_machine_may_go_without_tls_and_password(ca: trustme.CA, trusting: ssl.SSLContext):
    with serve(ca, "plain") as running:
        hand_over(running.server, trusting)
    assert len(running.mailbox.kept) == 1


def test_one_connection_takes_many_messages(ca: trustme.CA, trusting: ssl.SSLContext):
    with serve(ca) as running:
        connection = connect(running.server, PASSWORD, context=trusting)
        for _ in range(3):
            connection.send(TO, BODY, lambda: None)
        connection.close()
    assert (len(running.mailbox.kept), running.plan.seen["CONNECT"]) == (3, 1)


@pytest.mark.parametrize("stage", BEFORE_CONTENT)
def test_a_connection_dropped_before_the_content_is_temporary(ca: trustme.CA, trusting: ssl.SSLContext, stage: str):
    with serve(ca, "starttls", **{stage: "drop"}) as running:
        found = trouble(lambda: hand_over(running.server, trusting))
    assert (type(found), found.over, running.plan.seen[stage] > 0) == (TryLater, True, True)


@pytest.mark.parametrize("stage", ["CONTENT", "END"])
@pytest.mark.parametrize("what", ["drop", "stall"])
def test_after_the_content_began_silence_means_that_nobody_knows(
    ca: trustme.CA, trusting: ssl.SSLContext, stage: str, what: str
):
    with serve(ca, **{stage: what}) as running:
        found = trouble(lambda: hand_over(running.server, trusting, timeouts=SHORT_AT_THE_END))
        assert type(found) is Lost


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_server_that_stalls_is_left_after_the_time_out(ca: trustme.CA, trusting: ssl.SSLContext, stage: str):
    short = Timeouts(connect=0.5, reply=30) if stage == "CONNECT" else SHORT
    with serve(ca, "starttls", **{stage: "stall"}) as running:
        assert type(trouble(lambda: hand_over(running.server, trusting, timeouts=short))) is TryLater


@pytest.mark.parametrize("stage", [*(stage for stage in BEFORE_CONTENT), "END"])
def test_a_4xx_is_temporary_at_every_stage(ca: trustme.CA, trusting: ssl.SSLContext, stage: str):
    with serve(ca, "starttls", **{stage: "450 4.2.1 <maria@example.org> later"}) as running:
        found = trouble(lambda: hand_over(running.server, trusting))
    assert type(found) is TryLater
    assert "450 4.2.1" in found.reason


@pytest.mark.parametrize(
    ("stage", "reply", "kind"),
    [
        ("CONNECT", "554 5.7.1 no service", OurFault),
        ("EHLO", "550 5.7.1 no", OurFault),
        ("STARTTLS", "501 5.5.1 no", OurFault),
        ("AUTH", "535 5.7.8 wrong", OurFault),
        ("AUTH", "534 5.7.9 other way", OurFault),
        ("MAIL", "550 5.7.1 not you", OurFault),
        ("MAIL", "530 5.7.0 sign in", OurFault),
        ("MAIL", "552 5.3.4 too large", RefusedForGood),
        ("RCPT", "550 5.1.1 <maria@example.org> unknown", RefusedForGood),
        ("RCPT", "553 5.1.3 bad", RefusedForGood),
        ("RCPT", "530 5.7.0 sign in", OurFault),
        ("RCPT", "553 5.1.8 sender's domain unknown", OurFault),
        ("RCPT", "550 5.7.1 sender not owned by user", OurFault),
        ("RCPT", "550 go away", OurFault),
        ("RCPT", ["550 5.7.1 this recipient wants no mail", None], RefusedForGood),
        ("RCPT", ["550 no such user", None], RefusedForGood),
        ("RCPT", ["550 5.7.1 policy", "550 5.1.1 no mailbox of that name"], RefusedForGood),
        ("RCPT", "552 5.2.2 mailbox full", RefusedForGood),
        ("DATA", "554 5.5.1 no", RefusedForGood),
        ("END", "554 5.7.1 looks like spam", RefusedForGood),
        ("END", "552 5.2.2 mailbox full", RefusedForGood),
        ("END", "550 5.7.60 may not send as this sender", OurFault),
        ("END", "550 5.4.5 daily limit", OurFault),
    ],
)
def test_a_5xx_is_for_the_message_or_for_us_by_its_stage(
    ca: trustme.CA, trusting: ssl.SSLContext, stage: str, reply: str | list[str | None], kind: type[Trouble]
):
    with serve(ca, "starttls", **{stage: reply}) as running:
        found = trouble(lambda: hand_over(running.server, trusting))
    assert type(found) is kind
    assert running.mailbox.kept == []


def test_a_sender_that_is_refused_with_each_recipient_is_found_out_by_asking_for_ourselves(
    ca: trustme.CA, trusting: ssl.SSLContext
):
    with serve(ca, RCPT="550 5.7.1 <handouts@clinic.example>: Sender address rejected") as running:
        found = trouble(lambda: hand_over(running.server, trusting))
    assert (type(found), found.reason) == (OurFault, "the server said 550 5.7.1 to every recipient")
    assert (running.plan.seen["MAIL"], running.plan.seen["RCPT"], running.plan.seen["DATA"]) == (2, 2, 0)


def test_a_server_that_relays_for_nobody_is_our_fault_though_it_takes_mail_for_its_own_people(
    ca: trustme.CA, trusting: ssl.SSLContext
):
    with serve(ca, "plain", RCPT=["554 5.7.1 relay access denied", None]) as running:
        assert type(trouble(lambda: hand_over(running.server, trusting))) is OurFault
    assert running.plan.seen["RCPT"] == 1


def test_a_connection_lost_while_the_sender_is_tried_is_temporary(ca: trustme.CA, trusting: ssl.SSLContext):
    with serve(ca, RCPT=["550 5.7.1 no", "drop"]) as running:
        assert type(trouble(lambda: hand_over(running.server, trusting))) is TryLater


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("550 relay not permitted", OurFault),
        ("554 5.7.1 <relay@example.org>: Relay access denied", OurFault),
        ("550 <relay@example.org> unknown", RefusedForGood),
        ("550 5.1.1 <Relay@example.org> unknown", RefusedForGood),
    ],
)
def test_a_clinic_without_a_user_is_told_when_the_server_wants_one(
    ca: trustme.CA, trusting: ssl.SSLContext, reply: str, kind: type[Trouble]
):
    with serve(ca, "plain", RCPT=reply) as running:
        found = trouble(lambda: hand_over(running.server, trusting, to=Address("relay", "example.org")))
    assert (type(found), "email.user" in found.reason) == (kind, kind is OurFault)


def test_a_reason_holds_the_replys_numbers_and_none_of_its_words(ca: trustme.CA, trusting: ssl.SSLContext):
    with serve(ca, RCPT="550 5.1.1 <maria@example.org> Maria Gonzalez is unknown") as running:
        assert (
            trouble(lambda: hand_over(running.server, trusting)).reason == "the server said 550 5.1.1 to the recipient"
        )


def test_a_wrong_password_is_our_fault(ca: trustme.CA, trusting: ssl.SSLContext):
    with serve(ca) as running:
        assert type(trouble(lambda: hand_over(running.server, trusting, password="guess"))) is OurFault
        assert type(trouble(lambda: hand_over(running.server, trusting, password="gueß"))) is OurFault


def test_a_certificate_of_an_unknown_authority_is_our_fault_and_nothing_is_said(ca: trustme.CA):
    with serve(ca) as running:
        found = trouble(lambda: hand_over(running.server, ssl.create_default_context()))
    assert (type(found), running.plan.seen["EHLO"]) == (OurFault, 0)
    assert "certificate" in found.reason


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_another_host_is_our_fault(ca: trustme.CA, trusting: ssl.SSLContext, security: str):
    with serve(ca, security, name="elsewhere.example") as running:  # type: ignore[arg-type]
        found = trouble(lambda: hand_over(running.server, trusting))
    assert (type(found), running.plan.seen["AUTH"]) == (OurFault, 0)


def test_without_starttls_nothing_goes_on_in_plain_text(ca: trustme.CA, trusting: ssl.SSLContext):
    with serve(ca, "plain") as running:
        server = Server("localhost", running.server.port, "starttls", USER, SENDER, 60)
        assert type(trouble(lambda: hand_over(server, trusting))) is OurFault
    assert running.plan.seen["AUTH"] == running.plan.seen["MAIL"] == 0


def test_the_wrong_kind_of_port_is_our_fault(ca: trustme.CA, trusting: ssl.SSLContext):
    with serve(ca, "plain") as running:
        server = Server("localhost", running.server.port, "tls", USER, SENDER, 60)
        assert "email.port" in trouble(lambda: hand_over(server, trusting)).reason


def test_no_server_at_all_is_temporary(trusting: ssl.SSLContext):
    server = Server("localhost", 1, "tls", USER, SENDER, 60)
    assert type(trouble(lambda: hand_over(server, trusting))) is TryLater


def test_what_may_not_begin_never_arrives(ca: trustme.CA, trusting: ssl.SSLContext):
    def forbid() -> None:
        raise ClaimLost

    with serve(ca) as running:
        connection = connect(running.server, PASSWORD, context=trusting)
        with pytest.raises(ClaimLost):
            connection.send(TO, BODY, forbid)
        assert not connection.alive
    assert running.mailbox.kept == []


def test_after_a_refusal_the_connection_takes_the_next_message(ca: trustme.CA, trusting: ssl.SSLContext):
    with serve(ca, RCPT=["550 5.1.1 no", None]) as running:
        connection = connect(running.server, PASSWORD, context=trusting)
        assert type(trouble(lambda: connection.send(TO, BODY, lambda: None))) is RefusedForGood
        connection.send(TO, BODY, lambda: None)
        connection.close()
    assert (len(running.mailbox.kept), running.plan.seen["CONNECT"]) == (1, 1)


def test_an_address_with_other_letters_goes_as_smtputf8(ca: trustme.CA, trusting: ssl.SSLContext):
    with serve(ca) as running:
        hand_over(running.server, trusting, to=Address("jürgen", "xn--bcher-kva.example"))
    assert [to for to, _ in running.mailbox.kept] == ["jürgen@xn--bcher-kva.example"]


def test_a_server_without_smtputf8_fails_that_message_alone(
    ca: trustme.CA, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
):
    with serve(ca) as running:
        connection = connect(running.server, PASSWORD, context=trusting)
        monkeypatch.delitem(connection.client.esmtp_features, "smtputf8")
        found = trouble(lambda: connection.send(Address("jürgen", "example.org"), BODY, lambda: None))
        connection.send(TO, BODY, lambda: None)
        connection.close()
    assert (type(found), len(running.mailbox.kept)) == (RefusedForGood, 1)
