"""Infobutton at the desk: answered to anybody who may reach the desk, about topics alone, and nothing of it is kept."""

from __future__ import annotations

import html
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from handouts.desk.app import create_app
from handouts.desk.guard import Doorkeeper
from handouts.desk.login import UserDoor
from handouts.desk.server import Running
from handouts.desk.state import Desk
from tests.desk.conftest import HOST, SettingsOf
from tests.desk.mailed import violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

ASKED = (
    "/infobutton?mainSearchCriteria.v.c=G51.32&mainSearchCriteria.v.cs=2.16.840.1.113883.6.90"
    "&mainSearchCriteria.v.dn=Clonic%20hemifacial%20spasm&informationRecipient=PAT"
    "&patientPerson.administrativeGenderCode.c=F&age.v.v=65&patient.name=Xanthippe"
)
Doors = Callable[[Desk], Doorkeeper]


@pytest.fixture(params=["on this machine", "on a network"])
def stranger(desk: Desk, request: pytest.FixtureRequest) -> FlaskClient:
    """A client that nobody has let in."""
    door = Doorkeeper([HOST]) if request.param == "on this machine" else UserDoor([HOST], desk.data, desk.now)
    return create_app(desk, door).test_client()


def ask(client: FlaskClient, address: str = ASKED, **headers: str):
    return client.get(address, headers={"Host": HOST} | headers)


def test_a_stranger_is_told_of_topics_and_of_nothing_else(stranger: FlaskClient):
    answer = ask(stranger)
    assert answer.status_code == 200
    assert 'href="/?topic=hemifacial-spasm&amp;side=left"' in answer.text
    assert "Trigeminal" not in answer.text
    for part in ("Xanthippe", "Clonic", "G51", "65"):
        assert part not in answer.text


def test_a_code_that_no_topic_has_shows_them_all(stranger: FlaskClient):
    answer = ask(stranger, "/infobutton?mainSearchCriteria.v.c=J00&mainSearchCriteria.v.cs=2.16.840.1.113883.6.90")
    assert "There is no handout for this code" in answer.text
    assert "Trigeminal neuralgia" in answer.text


def test_no_cookie_is_set_and_nothing_goes_on_with_a_link(stranger: FlaskClient):
    answer = ask(stranger)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "<script" not in answer.text


def test_the_feed_in_json_and_as_atom(stranger: FlaskClient):
    feed = ask(stranger, f"{ASKED}&knowledgeResponseType=application/json").get_json()["feed"]
    [entry] = feed["entry"]
    assert entry["title"]["_value"] == "Hemifacial spasm"
    [link] = entry["link"]
    assert link["href"].endswith(f"//{HOST}/?topic=hemifacial-spasm&side=left")
    atom = ask(stranger, f"{ASKED}&knowledgeResponseType=application/xml")
    assert atom.mimetype == "application/atom+xml"
    root = ElementTree.fromstring(atom.text)
    [title] = root.findall("{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}title")
    assert title.text == "Hemifacial spasm"
    assert "Xanthippe" not in atom.text


def test_a_topic_that_the_reader_could_have_in_their_language_says_so(content: Path, settings_of: SettingsOf):
    (content / "topics" / "hemifacial-spasm" / "es").mkdir(exist_ok=True)
    desk = Desk(settings_of(content=content))
    client = create_app(desk, Doorkeeper([HOST])).test_client()
    assert "also in Spanish" in ask(client, f"{ASKED}&informationRecipient.languageCode.c=es-MX").text
    assert "also in" not in ask(client, f"{ASKED}&informationRecipient.languageCode.c=en-US").text
    assert "also in" not in ask(client, f"{ASKED}&informationRecipient.languageCode.c=vi").text
    desk.close()


def test_it_can_only_be_looked_at(stranger: FlaskClient):
    origin = {"Host": HOST, "Sec-Fetch-Site": "same-origin"}
    assert stranger.post("/infobutton", headers=origin).status_code in {401, 403}


def test_another_name_for_the_desk_is_still_refused(stranger: FlaskClient):
    assert stranger.get(ASKED, headers={"Host": "evil.example"}).status_code == 421
    assert ask(stranger, **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}).status_code == 403
    came = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert ask(stranger, **came).status_code == 200


def test_the_link_leads_to_the_desk_only_for_those_who_are_let_in(stranger: FlaskClient):
    assert ask(stranger, "/?topic=hemifacial-spasm&side=left").status_code in {401, 403}


def test_the_link_opens_the_form_on_topic_and_side(client: FlaskClient):
    page = client.get("/?topic=hemifacial-spasm&side=left")
    assert html.unescape(page.text).count('"data": {"side": "left", "topic": "hemifacial-spasm"}') == 1
    assert "data-start" not in client.get("/?topic=nonsense&side=left").text


def test_nothing_of_it_is_logged_even_when_the_program_fails(
    stranger: FlaskClient,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    caplog.set_level(logging.DEBUG)
    ask(stranger)
    ask(stranger, f"{ASKED}&knowledgeResponseType=%FF%00")

    def fail(*_: object, **__: object) -> None:
        raise ValueError("Xanthippe")

    monkeypatch.setattr("handouts.desk.infobutton.read_request", fail)
    failed = ask(stranger)
    assert failed.status_code == 500
    out, err = capsys.readouterr()
    for text in (caplog.text, out, err, failed.text):
        assert "Xanthippe" not in text
        assert "G51" not in text


def test_in_a_browser_the_link_leads_to_the_form_and_leaves_nothing_in_its_address(page: Page, open_desk: Running):
    from playwright.sync_api import expect

    page.goto(f"{open_desk.address}{ASKED}")
    assert violations(page) == []
    page.get_by_role("link", name="Hemifacial spasm, left side").click()
    expect(page.locator("[name=side][value=left]")).to_be_checked()
    expect(page.locator("#topic-name")).to_have_value("Hemifacial spasm")
    expect(page).to_have_url(f"{open_desk.address}/")
    assert page.evaluate("document.referrer") == ""
