"""Signing in at a mail server with an access token of a provider that is not ours, which the server asks about it."""

from __future__ import annotations

import logging
import ssl
from dataclasses import replace

import keyring
import pytest
import trustme
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring

from handouts.deliver.mail.address import Address
from handouts.deliver.mail.login import Login, forget_login, keep_login, read_login
from handouts.deliver.mail.replies import TokenRefused
from handouts.deliver.mail.settings import Server
from handouts.deliver.mail.signin import SignIn
from handouts.deliver.mail.smtp import connect
from handouts.deliver.outbox.trouble import OurFault, Trouble, TryLater
from handouts.errors import SystemMissing
from tests.identityprovider import ACCOUNT, BUSY, EXPIRED, Provider
from tests.keyrings import Memory, use
from tests.mailing import Clock, trusting
from tests.mailserver import PASSWORD, TOKENS, USER, Running, serve

TO = Address("maria", "example.org")
BODY = b"Message-ID: <1@clinic.example>\r\nSubject: x\r\n\r\nHello\r\n"
OFF = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the {}. Visit https://aka.ms/x"


@pytest.fixture
def context(ca: trustme.CA) -> ssl.SSLContext:
    return trusting(ca)


def with_tokens(running: Running, provider: Provider) -> Server:
    return replace(running.server, user=ACCOUNT, oauth=provider.registration())


def logged_in(server: Server, provider: Provider) -> Server:
    """Somebody has logged in, and the keyring knows it."""
    keep_login(server, Login(provider.log_in()["refresh_token"]))
    return server


def trouble(sign_in: SignIn, server: Server, context: ssl.SSLContext) -> Trouble:
    with pytest.raises(Trouble) as caught:
        sign_in.connect(server, context=context)
    return caught.value


# ---------------------------------------------------------------- at the mail server


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("ways", [["OAUTHBEARER"], ["XOAUTH2"], ["XOAUTH2", "LOGIN"], [*TOKENS, "PLAIN"]], ids="+".join)
@pytest.mark.usefixtures("keys")
def test_a_message_goes_by_whichever_way_the_server_offers(
    ca: trustme.CA, provider: Provider, context: ssl.SSLContext, ways: list[str], security: str
):
    with serve(ca, security, ways=ways, takes=provider.takes) as running:  # type: ignore[arg-type]
        server = logged_in(with_tokens(running, provider), provider)
        connection = SignIn(Clock().now).connect(server, context=context)
        connection.send(TO, BODY, lambda: None)
        connection.close()
    assert running.mailbox.kept == [(str(TO), BODY)]
    assert provider.seen["userinfo"] == 1, "the mail server has asked the provider"


@pytest.mark.usefixtures("keys")
def test_a_server_that_offers_neither_way_is_told_of(ca: trustme.CA, provider: Provider, context: ssl.SSLContext):
    with serve(ca) as running:
        server = logged_in(with_tokens(running, provider), provider)
        found = trouble(SignIn(Clock().now), server, context)
    assert (type(found), running.plan.seen["AUTH"]) == (OurFault, 0)
    assert "neither OAUTHBEARER nor XOAUTH2" in found.reason


@pytest.mark.parametrize("way", TOKENS)
def test_a_token_that_is_not_taken_is_told_without_it(
    ca: trustme.CA, provider: Provider, context: ssl.SSLContext, way: str
):
    with serve(ca, ways=[way], takes=provider.takes) as running, pytest.raises(TokenRefused) as caught:
        connect(with_tokens(running, provider), "a-token-of-somebody", context=context)
    assert caught.value.reason.startswith("the server said 535 5.7.8 to the access token")
    assert "a-token-of-somebody" not in caught.value.reason


@pytest.mark.parametrize("way", TOKENS)
@pytest.mark.parametrize(
    ("reply", "kind", "word"),
    [
        (OFF.format("Tenant"), OurFault, "SMTP AUTH) is switched off for the whole organization. An administrator"),
        (OFF.format("Mailbox"), OurFault, "SMTP AUTH) is switched off for this mailbox. An administrator"),
        ("535 5.7.139 user is locked by your organization's security defaults policy", OurFault, "security defaults"),
        ("535 5.7.3 Authentication unsuccessful [x.OUTLOOK.COM]", TokenRefused, "not one of email.user"),
        ("454 4.7.0 Temporary authentication failure", TryLater, "454 4.7.0"),
        ("421 4.3.2 closing", TryLater, "421 4.3.2"),
    ],
)
def test_a_no_to_the_token_is_told_by_what_it_means(
    ca: trustme.CA,
    provider: Provider,
    context: ssl.SSLContext,
    way: str,
    reply: str,
    kind: type[Trouble],
    word: str,
):
    with serve(ca, ways=[way], takes=lambda *_: False, TOKEN=reply) as running, pytest.raises(Trouble) as caught:
        connect(with_tokens(running, provider), "x", context=context)
    assert type(caught.value) is kind
    assert word in caught.value.reason
    assert "aka.ms" not in caught.value.reason


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (OFF.format("Tenant"), "switched off for the whole organization"),
        ("550 5.7.30 Basic authentication is not supported for Client Submission.", "email.auth: oauth"),
        ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", "email.auth: oauth"),
        ("535 5.7.8 wrong", "the server said 535 5.7.8 to the user and password"),
    ],
)
def test_a_clinic_with_a_password_is_told_too(ca: trustme.CA, context: ssl.SSLContext, reply: str, word: str):
    with serve(ca, AUTH=reply) as running, pytest.raises(OurFault) as caught:
        connect(replace(running.server, user=USER), PASSWORD, context=context)
    assert word in caught.value.reason


def test_a_challenge_that_is_none_is_no_answer(ca: trustme.CA, provider: Provider, context: ssl.SSLContext):
    with serve(ca, ways=TOKENS, takes=provider.takes, AUTH="334 abcde") as running, pytest.raises(TryLater):
        connect(with_tokens(running, provider), "x", context=context)


# ---------------------------------------------------------------- tokens and their time


@pytest.mark.usefixtures("keys")
def test_a_token_serves_every_connection_until_it_is_about_to_end(
    ca: trustme.CA, provider: Provider, context: ssl.SSLContext
):
    clock = Clock()
    with serve(ca, ways=TOKENS, takes=provider.takes) as running:
        server = logged_in(with_tokens(running, provider), provider)
        sign_in = SignIn(clock.now)
        for later in (0, 1800, 1600):
            clock.sleep(later)
            sign_in.connect(server, context=context).close()
        assert provider.seen["token"] == 1
        clock.sleep(100)
        sign_in.connect(server, context=context).close()
    assert provider.seen["token"] == 2


@pytest.mark.usefixtures("keys")
def test_a_token_that_was_revoked_within_its_hour_is_replaced_if_somebody_has_logged_in_again(
    ca: trustme.CA, provider: Provider, context: ssl.SSLContext
):
    with serve(ca, ways=TOKENS, takes=provider.takes) as running:
        server = logged_in(with_tokens(running, provider), provider)
        sign_in = SignIn(Clock().now)
        sign_in.connect(server, context=context).close()
        provider.revoke()
        assert "run `mail login cohen`" in trouble(sign_in, server, context).reason
        logged_in(server, provider)
        sign_in.connect(server, context=context).close()


@pytest.mark.usefixtures("keys")
def test_a_new_token_that_is_not_taken_is_not_asked_for_again_and_again(
    ca: trustme.CA, provider: Provider, context: ssl.SSLContext
):
    with serve(ca, ways=TOKENS, takes=lambda *_: False) as running:
        server = logged_in(with_tokens(running, provider), provider)
        assert type(trouble(SignIn(Clock().now), server, context)) is TokenRefused
    assert (provider.seen["token"], running.plan.seen["AUTH"]) == (1, 1)


@pytest.mark.usefixtures("keys")
def test_a_provider_that_is_down_is_temporary_and_the_login_stays(
    ca: trustme.CA, provider: Provider, context: ssl.SSLContext
):
    provider.at["token"] = [BUSY, 503, "drop"]
    with serve(ca, ways=TOKENS, takes=provider.takes) as running:
        server = logged_in(with_tokens(running, provider), provider)
        sign_in = SignIn(Clock().now)
        for _ in range(3):
            assert type(trouble(sign_in, server, context)) is TryLater
        sign_in.connect(server, context=context).close()
    assert running.plan.seen["CONNECT"] == 1, "the mail server hears of it once there is a token"


# ---------------------------------------------------------------- the login in the keyring


def new_refresh_token(provider: Provider, token: str) -> None:
    """With its next answer the provider gives a new refresh token, as Microsoft does each time."""
    provider.at["token"] = [
        ({"access_token": "x", "token_type": "Bearer", "expires_in": 3600, "refresh_token": token}, 200)
    ]


@pytest.fixture
def server(ca: trustme.CA, provider: Provider, keys: Memory) -> Server:
    assert keys.kept == {}
    with serve(ca, ways=TOKENS) as running:
        return logged_in(with_tokens(running, provider), provider)


def test_a_new_refresh_token_takes_the_place_of_the_old_one(provider: Provider, server: Server):
    keep_login(server, Login("old", "sesame"))
    new_refresh_token(provider, "newer")
    assert SignIn(Clock().now).secret(server) == "x"
    assert read_login(server) == Login("newer", "sesame")


def test_a_new_refresh_token_does_not_undo_a_logout(
    provider: Provider, server: Server, monkeypatch: pytest.MonkeyPatch
):
    def ask(*_args: object) -> object:
        forget_login(server)
        return found

    new_refresh_token(provider, "newer")
    from handouts.deliver.mail import signin

    found = signin.ask_token(provider.registration(), {"grant_type": "refresh_token", "refresh_token": "x"}, None)
    monkeypatch.setattr(signin, "ask_token", ask)
    SignIn(Clock().now).secret(server)
    assert read_login(server) is None


def test_a_run_whose_token_another_run_has_used_up_takes_the_new_one(
    provider: Provider, server: Server, monkeypatch: pytest.MonkeyPatch
):
    good = read_login(server)
    assert good
    provider.at["token"] = [EXPIRED]
    keep_login(server, Login("used-up"))
    logins = iter([Login("used-up"), good])
    monkeypatch.setattr("handouts.deliver.mail.signin.read_login", lambda _server: next(logins))
    assert provider.takes(ACCOUNT, SignIn(Clock().now).secret(server) or "")


def test_a_new_refresh_token_that_can_not_be_kept_is_told_and_the_run_goes_on(
    provider: Provider, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    new_refresh_token(provider, "newer-secret")
    monkeypatch.setattr(keyring.get_keyring(), "set_password", lambda *_: None)
    assert SignIn(Clock().now).secret(server) == "x"
    assert "could not be kept" in caplog.text
    assert "newer-secret" not in caplog.text


def test_whoever_has_not_logged_in_is_told_how(server: Server):
    forget_login(server)
    with pytest.raises(SystemMissing, match="`mail login cohen`"):
        SignIn(Clock().now).secret(server)


@pytest.mark.parametrize("broken", ["", "a password", "[]", '{"refresh": null', '{"secret": "x"}'])
def test_what_another_program_has_put_there_is_no_login(server: Server, keys: Memory, broken: str):
    [place] = keys.kept
    keys.kept[place] = broken
    assert read_login(server) is None


@pytest.mark.parametrize("backend", [NoKeyring, NullKeyring])
def test_without_a_keyring_nothing_is_kept_anywhere(server: Server, backend: type[NoKeyring]):
    use(backend)
    with pytest.raises(SystemMissing, match="keyring diagnose"):
        keep_login(server, Login("secret"))


def test_the_login_of_one_clinic_is_not_another_ones(server: Server):
    assert read_login(replace(server, user="front-desk@clinic.example")) is None
    assert read_login(replace(server, host="elsewhere.example")) is None


def test_nothing_that_python_shows_or_logs_holds_a_token(
    ca: trustme.CA, provider: Provider, context: ssl.SSLContext, keys: Memory, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    with serve(ca, ways=TOKENS, takes=provider.takes) as running:
        server = logged_in(with_tokens(running, provider), provider)
        sign_in = SignIn(Clock().now)
        sign_in.connect(server, context=context).close()
        provider.given.append(sign_in.token(server).access)
    theirs = ("mail.log", "oidc_provider_mock", "authlib")  # of the servers, which run in this process too
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith(theirs))
    shown = ours + repr(sign_in.token(server)) + repr(server) + repr(read_login(server))
    assert len(provider.given) == 3
    assert not [token for token in provider.given if token in shown]
    assert keys.kept
