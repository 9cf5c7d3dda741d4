"""The login, once: with a code, or in a browser; and everybody who can say no to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from handouts.deliver.mail.consent import DeviceCode, log_in_with_browser, log_in_with_code
from handouts.deliver.mail.identity import Declined, Token
from handouts.deliver.outbox.trouble import OurFault, Trouble, TryLater
from handouts.errors import Refused
from tests.conftest import PATIENCE
from tests.identityprovider import (
    ACCOUNT,
    BUSY,
    CLIENT,
    DENIED,
    DEVICE_GRANT,
    EXPIRED_CODE,
    NO_CONSENT,
    PENDING,
    SLOW_DOWN,
    USER_CODE,
    Provider,
)
from tests.mailing import Clock


@dataclass
class Waiting(Clock):
    """A clock, and how long was waited each time. ``meanwhile``: what happens during the second wait."""

    waits: list[float] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.waits.append(seconds)
        if len(self.waits) == 2:
            self.meanwhile()


def log_in(provider: Provider, clock: Waiting, told: list[DeviceCode] | None = None) -> Token:
    tell = told.append if told is not None else lambda _code: None
    return log_in_with_code(provider.registration(), None, tell, clock.now, clock.sleep)


# ---------------------------------------------------------------- with a code


def test_a_login_with_a_code_ends_with_a_token_as_soon_as_somebody_says_yes(provider: Provider):
    def agree() -> None:
        provider.agreed = True

    told: list[DeviceCode] = []
    clock = Waiting(meanwhile=agree)
    token = log_in(provider, clock, told)
    assert [(code.user_code, code.address) for code in told] == [(USER_CODE, f"{provider.url}/enter-code")]
    assert clock.waits == [5, 5]
    assert token.refresh
    assert provider.takes(ACCOUNT, token.access)
    assert provider.forms[0] == {"client_id": CLIENT, "scope": "openid email"}
    assert {"grant_type": DEVICE_GRANT, "client_id": CLIENT}.items() <= provider.forms[-1].items()


@pytest.mark.parametrize(
    ("answers", "waits"),
    [
        ([PENDING, PENDING], [5, 5, 5]),
        ([SLOW_DOWN, PENDING, SLOW_DOWN], [5, 10, 10, 15]),
        ([503, PENDING], [5, 10, 10]),
        (["drop", BUSY], [5, 10, 20]),
    ],
)
def test_the_program_asks_no_oftener_than_it_may(provider: Provider, answers: list[Any], waits: list[float]):
    provider.at["token"], provider.agreed = answers, True
    clock = Waiting()
    log_in(provider, clock)
    assert clock.waits == waits


@pytest.mark.parametrize(
    ("answer", "kind", "word"),
    [
        (DENIED, Refused, "refused in the browser"),
        (EXPIRED_CODE, Refused, "in time"),
        (NO_CONSENT, Declined, "consent to send mail is missing"),
        ({"error": "unauthorized_client"}, Declined, "how the application is registered"),
        ("redirect", OurFault, "to another address"),
    ],
)
def test_a_no_ends_the_login_and_says_whose(provider: Provider, answer: Any, kind: type[Exception], word: str):
    provider.at["token"] = [PENDING, answer]
    with pytest.raises((Trouble, Refused)) as caught:
        log_in(provider, Waiting())
    assert type(caught.value) is kind
    assert word in str(getattr(caught.value, "reason", caught.value))


@pytest.mark.heavy
def test_nobody_is_waited_for_longer_than_the_code_counts(provider: Provider):
    clock = Waiting()
    with pytest.raises(Refused, match="in time"):
        log_in(provider, clock)
    assert 880 <= sum(clock.waits) <= 900


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"error": "invalid_scope"}, Declined),
        (503, TryLater),
        (404, OurFault),
        (({}, 200), OurFault),
        (({"device_code": "d", "user_code": "U"}, 200), OurFault),
        (({"device_code": "d", "user_code": "U", "verification_uri": "http://id.example/"}, 200), OurFault),
        (({"device_code": "d", "user_code": "\x1b[2J", "verification_uri": "https://id.example/"}, 200), OurFault),
        (({"device_code": 1, "user_code": "U", "verification_uri": "https://id.example/"}, 200), OurFault),
    ],
)
def test_a_login_that_can_not_begin_tells_nobody_a_code(provider: Provider, answer: Any, kind: type[Trouble]):
    provider.at["device"] = [answer]
    told: list[DeviceCode] = []
    with pytest.raises(Trouble) as caught:
        log_in(provider, Waiting(), told)
    assert (type(caught.value), told) == (kind, [])


def test_googles_old_name_for_the_address_does_and_a_provider_can_not_hurry_or_hold_us(provider: Provider):
    answer = {"device_code": "d", "user_code": "U", "verification_url": "https://id.example/"}
    provider.at["device"] = [(answer | {"interval": 0, "expires_in": "9" * 30}, 200)]
    provider.agreed = True
    told: list[DeviceCode] = []
    log_in(provider, clock := Waiting(), told)
    assert (told[0].address, told[0].seconds, clock.waits) == ("https://id.example/", 1800, [1])


def test_a_login_without_a_token_for_later_is_none(provider: Provider):
    provider.at["token"] = [({"access_token": "x", "token_type": "Bearer"}, 200)]
    with pytest.raises(OurFault) as caught:
        log_in(provider, Waiting())
    assert "offline_access" in caught.value.reason


def test_a_code_is_not_in_what_python_shows_of_it():
    assert repr(DeviceCode("U", "https://id.example/", 900, 5, "d")) == "DeviceCode(...)"


# ---------------------------------------------------------------- in a browser


@dataclass
class Browser:
    """Somebody at this machine: opens the address and does ``act`` with it, while the program waits."""

    act: Callable[[str], None]
    opened: str = ""
    thread: threading.Thread | None = None
    errors: list[BaseException] = field(default_factory=list)

    def open(self, address: str) -> None:
        self.opened = address
        self.thread = threading.Thread(target=self._run, args=(address,))
        self.thread.start()

    def _run(self, address: str) -> None:
        try:
            self.act(address)
        except BaseException as error:
            self.errors.append(error)

    def close(self) -> None:
        if self.thread:
            self.thread.join(PATIENCE)
        assert self.errors == []


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def visit(address: str, **answer: str) -> int:
    """The browser comes back to the program with ``answer``."""
    return requests.get(f"{asked(address)['redirect_uri']}/?{urlencode(answer)}", timeout=PATIENCE).status_code


def log_in_at(provider: Provider, browser: Browser, secret: str | None = "sesame", seconds: float = 60) -> Token:
    registration = provider.registration(
        device_url=None, authorize_url=f"{provider.url}/oauth2/authorize", asks=(("access_type", "offline"),)
    )
    try:
        return log_in_with_browser(registration, secret, browser.open, user=ACCOUNT, seconds=seconds)
    finally:
        browser.close()


@pytest.fixture
def authority(tmp_path: Any, provider: Provider) -> str:
    assert provider.port
    return str(tmp_path / "ca.pem")


def test_a_login_in_the_browser_goes_over_the_providers_own_page(provider: Provider, authority: str):
    def agree(address: str) -> None:
        page = requests.post(address, data={"sub": ACCOUNT}, verify=authority, timeout=PATIENCE)
        assert (page.status_code, "close this page" in page.text) == (200, True)

    token = log_in_at(provider, browser := Browser(agree))
    query, form = asked(browser.opened), provider.forms[-1]
    assert provider.takes(ACCOUNT, token.access)
    assert (query["access_type"], query["login_hint"], query["scope"]) == ("offline", ACCOUNT, "openid email")
    assert query["redirect_uri"].startswith("http://127.0.0.1:")
    assert (form["client_secret"], form["grant_type"]) == ("sesame", "authorization_code")
    challenge = sha256(form["code_verifier"].encode()).digest()
    assert _unpadded(challenge) == query["code_challenge"]
    assert query["code_challenge_method"] == "S256"


def _unpadded(data: bytes) -> str:
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(data).decode().rstrip("=")


def test_a_visit_that_does_not_know_the_state_is_let_by(provider: Provider):
    codes: list[int] = []

    def come(address: str) -> None:
        codes.append(visit(address, code="forged", state="guess"))
        codes.append(visit(address, code="forged"))
        codes.append(visit(address, error="access_denied", state=asked(address)["state"]))

    with pytest.raises(Refused, match="in the browser"):
        log_in_at(provider, Browser(come))
    assert codes == [404, 404, 200]
    assert provider.seen["token"] == 0


def test_another_no_of_the_page_is_told(provider: Provider):
    with pytest.raises(OurFault, match="did not agree"):
        log_in_at(provider, Browser(lambda url: _none(visit(url, error="admin_policy", state=asked(url)["state"]))))


def _none(_status: int) -> None: ...


def test_a_code_that_the_provider_does_not_know_is_no_login(provider: Provider):
    with pytest.raises(Declined):
        log_in_at(provider, Browser(lambda url: _none(visit(url, code="forged", state=asked(url)["state"]))))


def test_nobody_comes_back_from_the_browser(provider: Provider):
    with pytest.raises(Refused, match="in time"):
        log_in_at(provider, Browser(lambda _url: None), seconds=0.2)


def test_a_port_that_is_taken_is_told(provider: Provider):
    registration = provider.registration(device_url=None, authorize_url=f"{provider.url}/oauth2/authorize")
    with pytest.raises(OurFault, match="--port"):
        log_in_with_browser(registration, None, lambda _url: None, user=ACCOUNT, port=provider.port)
