"""A question to a provider that is not ours, and every way in which it can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trustme

from handouts.deliver.mail.identity import Declined, Token, ask, ask_token
from handouts.deliver.outbox.trouble import OurFault, Trouble, TryLater
from handouts.https import Patience
from tests.conftest import free_port
from tests.identityprovider import (
    ACCOUNT,
    BUSY,
    EXPIRED,
    NO_CONSENT,
    SCOPES,
    SIGN_IN_AGAIN,
    Provider,
    provide,
)

SHORT = Patience(connect=30, reply=0.5, whole=1)
"""For a provider that never answers."""


def refreshed(provider: Provider, token: str, patience: Patience | None = None, **over: Any) -> Token:
    fields = {"grant_type": "refresh_token", "refresh_token": token, "scope": " ".join(SCOPES)}
    return ask_token(provider.registration(**over), fields, None, patience)


def trouble(provider: Provider, patience: Patience | None = None) -> Trouble:
    with pytest.raises(Trouble) as caught:
        refreshed(provider, "a-refresh-token", patience)
    return caught.value


def test_a_refresh_token_gets_an_access_token_that_the_provider_takes(provider: Provider):
    found = refreshed(provider, provider.log_in()["refresh_token"])
    assert (found.seconds, found.refresh) == (3600, None)
    assert provider.takes(ACCOUNT, found.access)
    assert not provider.takes("somebody@clinic.example", found.access)


def test_a_token_that_was_revoked_needs_a_new_login(provider: Provider):
    token = provider.log_in()["refresh_token"]
    provider.revoke()
    with pytest.raises(Declined) as caught:
        refreshed(provider, token)
    assert caught.value.reason == "the login has expired or was revoked (invalid_grant): run `mail login cohen`"


def test_another_application_can_not_use_the_token(provider: Provider):
    with pytest.raises(Declined):
        refreshed(provider, provider.log_in()["refresh_token"], client_id="another")


@pytest.mark.parametrize(
    ("fault", "kind", "word"),
    [
        (EXPIRED, Declined, "has expired or was revoked (invalid_grant): run `mail login cohen`"),
        (NO_CONSENT, Declined, "consent to send mail is missing (invalid_grant). Have an administrator give it"),
        ({"error": "consent_required"}, Declined, "consent to send mail is missing"),
        (SIGN_IN_AGAIN, Declined, "sign in again (interaction_required): run `mail login cohen`"),
        ({"error": "invalid_client"}, Declined, "does not take this application"),
        ({"error": "unauthorized_client"}, Declined, "email.oauth.client_id"),
        ({"error": "invalid_scope"}, Declined, "email.oauth.scopes"),
        ({"error": "invalid_request"}, Declined, "the provider said invalid_request. Check email.oauth"),
        ({"error": "Maria Gonzalez\n\x1b[2J"}, OurFault, "no address of a login (400)"),
        ({"error": {"code": 7}}, OurFault, "no address of a login (400)"),
        (BUSY, TryLater, "not available now"),
        (500, TryLater, "not available now (500)"),
        (503, TryLater, "not available now (503)"),
        (({"error": "slow"}, 429), TryLater, "not available now (429)"),
        (404, OurFault, "no address of a login (404). Check the addresses in email.oauth"),
        ("no JSON", OurFault, "no address of a login (200)"),
        ("redirect", OurFault, "to another address"),
        ("endless", OurFault, "has no end"),
        ("drop", TryLater, "no connection"),
        (({}, 200), Declined, "holds no token"),
        (([], 200), OurFault, "no address of a login"),
        (({"access_token": "x"}, 400), OurFault, "no address of a login"),
        (({"access_token": "x", "token_type": "mac"}, 200), Declined, "holds no token"),
        (({"access_token": "x\r\nQUIT", "token_type": "Bearer"}, 200), Declined, "holds no token"),
        (({"access_token": "x\x01\x01", "token_type": "Bearer"}, 200), Declined, "holds no token"),
        (({"access_token": 7, "token_type": "Bearer"}, 200), Declined, "holds no token"),
    ],
)
def test_a_no_says_what_to_do_and_none_of_the_providers_words(
    provider: Provider, fault: Any, kind: type[Trouble], word: str
):
    provider.at["token"] = [fault]
    found = trouble(provider)
    assert type(found) is kind
    assert word in found.reason
    for secret in ("AADSTS", "Trace", ACCOUNT, "Maria", "\x1b", "a-refresh-token"):
        assert secret not in found.reason


@pytest.mark.parametrize("fault", ["stall", "drip"])
def test_a_provider_that_does_not_come_to_an_end_is_left_after_a_while(provider: Provider, fault: str):
    provider.at["token"] = [fault]
    found = trouble(provider, SHORT)
    assert (type(found), found.reason) == (TryLater, "the provider of the login did not answer in time")


def test_a_redirect_is_not_followed(provider: Provider):
    provider.at["token"] = ["redirect"]
    trouble(provider)
    assert [path for path, _ in provider.visited] == ["/oauth2/token"]


def test_no_provider_at_all_is_temporary(provider: Provider):
    with pytest.raises(TryLater):
        refreshed(provider, "x", token_url=f"https://localhost:{free_port()}/token")


def test_a_provider_with_a_certificate_of_another_authority_is_told_nothing(provider: Provider):
    with provide(trustme.CA()) as other:
        found = trouble(other)
    assert (type(found), found.reason) == (OurFault, "the certificate of the provider of the login is not valid")
    assert other.visited == provider.visited == []


def test_a_provider_with_a_certificate_for_another_name_is_told_nothing(ca: trustme.CA, provider: Provider):
    with provide(ca, name="elsewhere.example") as other:
        assert type(trouble(other)) is OurFault
    assert other.visited == provider.visited == []


def test_a_password_for_that_host_in_somebodys_netrc_stays_there(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "netrc").write_text("machine localhost login somebody password theirs\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    refreshed(provider, provider.log_in()["refresh_token"])
    assert provider.visited[-1] == ("/oauth2/token", None)


def test_an_empty_answer_is_one_where_nothing_is_asked_for(provider: Provider):
    assert ask(provider.registration(), f"{provider.url}/revoke", {"token": "x"}) == {}


def test_a_clients_secret_goes_along_where_there_is_one(provider: Provider):
    token = provider.log_in()["refresh_token"]
    ask_token(provider.registration(), {"grant_type": "refresh_token", "refresh_token": token}, "sesame")
    assert provider.forms[-1]["client_secret"] == "sesame"


def test_no_token_is_in_what_python_shows_of_it():
    assert repr(Token("secret", "secret", 1)) == "Token(...)"


@pytest.mark.parametrize(("said", "seconds"), [("3599", 3599), (1e9, 86_400), (-5, 0), ("soon", 300), (None, 300)])
def test_how_long_a_token_lasts_is_bounded(provider: Provider, said: Any, seconds: float):
    provider.at["token"] = [({"access_token": "x", "token_type": "Bearer", "expires_in": said}, 200)]
    assert refreshed(provider, "x").seconds == seconds
