"""A desk for the tests: its data folder, a client that is let in, a server, and a page in a browser."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient

from handouts.desk.app import create_app
from handouts.desk.guard import Doorkeeper
from handouts.desk.server import Running, running
from handouts.desk.state import Desk, Settings, act_for
from handouts.desk.words import speak
from handouts.model.language import ORIGINAL
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, TODAY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

HOST = "127.0.0.1:8765"
JSON = {"Accept": "application/json"}
"""How a script asks."""
CHROMIUM = shutil.which("chromium")

SettingsOf = Callable[..., Settings]


@pytest.fixture(autouse=True)
def _nobody_yet() -> Iterator[None]:
    """A test's requests run in its own thread, and would leave their user and language to the next test."""
    yield
    act_for(None)
    speak(ORIGINAL)


@pytest.fixture
def settings_of(data: Path, sheets: SheetCache) -> SettingsOf:
    """Settings of a desk; the keywords lie over the usual ones."""

    def build(**over: Any) -> Settings:
        usual: dict[str, Any] = {
            "content": CONTENT,
            "data": data,
            "by": "anna",
            "today": lambda: TODAY,
            "now": time.time,
            "key": lambda: KEY,
            "cache": sheets,
            "workers": 1,
        }
        return Settings(**(usual | over))

    return build


@pytest.fixture
def desk(settings_of: SettingsOf) -> Iterator[Desk]:
    """A desk with the content that comes with the program."""
    made = Desk(settings_of())
    yield made
    made.close()


@pytest.fixture
def door() -> Doorkeeper:
    """Its doorkeeper."""
    return Doorkeeper([HOST])


@pytest.fixture
def client(desk: Desk, door: Doorkeeper) -> FlaskClient:
    """A browser that was let in, as far as Flask's test client is one."""
    return client_of(desk, door)


def client_of(desk: Desk, door: Doorkeeper) -> FlaskClient:
    """A client of a desk, let in."""
    client = stranger_of(desk, door)
    client.environ_base.update({"HTTP_ORIGIN": f"http://{HOST}", "HTTP_SEC_FETCH_SITE": "same-origin"})
    assert client.get(f"/enter/{door.invite()}").status_code == 200
    return client


def stranger_of(desk: Desk, door: Doorkeeper) -> FlaskClient:
    """A client of a desk, not let in."""
    app = create_app(desk, door)
    app.config["SERVER_NAME"] = HOST  # what the client asks for
    return app.test_client()


@pytest.fixture
def open_desk(settings_of: SettingsOf) -> Iterator[Running]:
    """A desk that listens."""
    with running(settings_of(), 0, background=False) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, without a window. Not for longer than a module: Playwright's event loop would be in the way of
    tests that have one of their own.
    """
    if not CHROMIUM:
        pytest.skip("no chromium here: script/chromium installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        made = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def told() -> list[str]:
    """What the browser's console says; a test that means it takes it out."""
    return []


@pytest.fixture
def page(browser: Browser, open_desk: Running, told: list[str]) -> Iterator[Page]:
    """A window of that browser in which the desk is open; anything in its console fails the test, but what Chromium
    itself says of an answer that was a refusal.
    """
    from tests.desk.browsing import enter, new_page

    made = new_page(browser)
    made.on("console", lambda message: None if _of_refusal(message) else told.append(message.text))
    made.on("pageerror", lambda error: told.append(str(error)))
    yield enter(made, open_desk)
    made.context.close()
    assert told == []


def _of_refusal(message: ConsoleMessage) -> bool:
    return message.text.startswith("Failed to load resource") and "/handout/" in message.location["url"]
