"""No screen says a word in English but where it says so: looked for in a language that nobody speaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from handouts.desk import library_words, words
from handouts.desk.guard import Doorkeeper
from handouts.desk.login import UserDoor
from handouts.desk.state import Desk
from tests.desk.clinic import HOST, OWN, add_users, visitor
from tests.desk.conftest import stranger_of
from tests.desk.swept import LANGUAGE, left_in_english, write_catalogue

ALLOWED = r"Dr\. Cohen|Seaview Example Clinic|\bA4\b|\bPDF\b|FHK8-Z5DW-14K|handouts doctor --email you@example\.org"
"""Names of clinics and people, of paper and of a kind of file, a code, a command."""
SCREENS = (
    "/", "/handout/topic/hemifacial-spasm", "/nothing-here", "/list", "/list/nothing", "/given", "/sent",
    "/sent?show=failed", "/library", "/today", "/infobutton",
)  # fmt: skip
CACHES = (
    words.desk_languages,
    words.words_for_scripts,
    words._translations,
    library_words._messages,
    library_words._message,
)


@pytest.fixture(autouse=True)
def _nobodys_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "words"
    write_catalogue(folder)
    for module in (words, library_words):
        monkeypatch.setattr(module, "words_folder", lambda: folder)
    for cache in CACHES:
        cache.cache_clear()
    yield
    for cache in CACHES:
        cache.cache_clear()


def left(client: FlaskClient, path: str) -> list[str]:
    return left_in_english(client.get(path, headers={"Accept-Language": LANGUAGE}).text, ALLOWED)


@pytest.mark.parametrize("path", SCREENS)
def test_a_screen_has_no_english_of_its_own(client: FlaskClient, path: str) -> None:
    assert left(client, path) == []


def test_nor_has_the_page_of_a_desk_that_is_locked(desk: Desk, door: Doorkeeper) -> None:
    assert left(stranger_of(desk, door), "/") == []


def test_nor_has_the_page_that_opens_the_desk(desk: Desk, door: Doorkeeper) -> None:
    assert left(stranger_of(desk, door), f"/enter/{door.invite()}") == []


def test_nor_has_the_page_to_log_in(desk: Desk) -> None:
    add_users(desk.data)
    client = visitor(desk, UserDoor([HOST], desk.data, desk.now))
    assert left(client, "/login") == []
    wrong = client.post("/login", data={"name": "ben", "password": "x"}, headers={"Accept-Language": LANGUAGE})
    assert left_in_english(wrong.text, ALLOWED) == []
    client.post("/login", data={"name": "ben", "password": OWN["ben"]})
    assert left(client, "/") == ["ben"]


def test_the_sweep_finds_what_was_not_wrapped() -> None:
    assert left_in_english('<html lang="uk"><p title="Close">Жж <b>now</b></p></html>', ALLOWED) == ["Close", "now"]
    assert left_in_english('<html lang="uk"><p lang="en">Close</p><script>var x;</script></html>', ALLOWED) == []
