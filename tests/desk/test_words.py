"""The desk in the language of the staff: which language that is, and that nothing of it is missing."""

from __future__ import annotations

import io
import json
import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from handouts.authoring.desk_words import FOLDER, template, up_to_date
from handouts.desk.words import _, desk_languages, ngettext, say_date, say_number, speak, words_for_scripts
from tests.conftest import TODAY

OTHERS = [tag for tag in desk_languages() if tag != "en"]
PLACE = re.compile(r"%\((\w+)\)s")


@pytest.fixture(autouse=True)
def _english_again():
    yield
    speak("en")


def catalog(language: str) -> Catalog:
    return read_po(io.BytesIO((FOLDER / f"{language}.po").read_bytes()), locale=language)


def forms(text: object) -> list[str]:
    return list(text) if isinstance(text, list | tuple) else [str(text)]


@pytest.mark.parametrize("language", OTHERS)
def test_everything_that_the_desk_says_is_translated(language: str) -> None:
    path = FOLDER / f"{language}.po"
    assert up_to_date(path.read_bytes(), language) == path.read_bytes(), "run: python -m handouts.authoring.desk_words"
    found = catalog(language)
    assert [one.id for one in found if one.id and not all(forms(one.string))] == []
    assert [one.id for one in found if one.id and one.fuzzy] == []
    assert list(found.obsolete) == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_places_of_the_english(language: str) -> None:
    for one in catalog(language):
        if one.id:
            english = set(PLACE.findall(" ".join(forms(one.id))))
            for form in forms(one.string):
                left = english - {"num"} if one.pluralizable else english  # "one row" may need no figure
                assert left <= set(PLACE.findall(form)) <= english, one.id
                assert re.sub(PLACE, "", form).replace("%%", "").count("%") == 0, one.id
                assert re.findall("</?[a-z]+", form) == re.findall("</?[a-z]+", forms(one.id)[0]), one.id


def test_every_call_in_the_scripts_is_found() -> None:
    """Babel reads JavaScript by rules of thumb: a division that it takes for a regular expression hides the rest."""
    found = {message for one in template() for message in forms(one.id)}
    for path in (FOLDER.parent / "static").glob("*.js"):
        for said in re.findall(r'\b(?:_|ngettext)\("((?:[^"\\]|\\.)*)"', path.read_text(encoding="utf-8")):
            if path.name != "words.js":
                assert json.loads(f'"{said}"') in found, f"{path.name}: {said}"


def test_a_catalogue_is_begun_with_every_sentence_to_fill_in() -> None:
    begun = up_to_date(b"", "fr")
    assert begun == up_to_date(begun, "fr"), "the same bytes each time"
    assert b'msgid "New handout"\nmsgstr ""\n' in begun


def test_what_is_not_translated_is_said_in_english() -> None:
    speak("es")
    assert _("New handout") == "Hoja nueva"
    assert _("Nobody says %(what)s.", what="this") == "Nobody says this."
    assert ngettext("%(num)s moon", "%(num)s moons", 1200) == "1,200 moons"


def test_numbers_and_dates_are_written_as_the_language_does() -> None:
    assert say_date(TODAY) == "November 22, 2026"
    speak("es")
    assert say_date(TODAY) == "22 de noviembre de 2026"
    assert say_number(12345) == "12,345"


def test_the_scripts_get_their_sentences_and_no_others() -> None:
    told = words_for_scripts("es")
    assert told["said"]["Show what is typed"] == "Mostrar lo que se escribe"
    assert told["said"]["sheet\u0004print"] == "imprimir"
    assert "Not done" not in told["said"]
    assert words_for_scripts("en") == {}


# ---- which language


def html(client: FlaskClient, asks: str = "", path: str = "/") -> str:
    return client.get(path, headers={"Accept-Language": asks} if asks else {}).text


@pytest.mark.parametrize(
    ("asks", "answer"),
    [("", "en"), ("es", "es"), ("es-MX,es;q=0.9,en;q=0.8", "es"), ("fr, en", "en"), ("de", "en"), ("en, es", "en")],
)
def test_the_desk_answers_in_the_first_language_that_the_browser_asks_for_and_it_speaks(
    client: FlaskClient, asks: str, answer: str
) -> None:
    assert f'<html lang="{answer}" dir="ltr"' in html(client, asks)


def test_a_language_that_was_chosen_stays(client: FlaskClient) -> None:
    answer = client.post("/language", data={"language": "es"}, headers={"Referer": f"{client_site(client)}/sent?x=1"})
    assert (answer.status_code, answer.location) == (303, "/sent?x=1")
    cookie = client.get_cookie("desk-language", "127.0.0.1")
    assert cookie
    assert (cookie.value, cookie.http_only, cookie.same_site) == ("es", True, "Strict")
    assert '<html lang="es"' in html(client, "en")


def client_site(client: FlaskClient) -> str:
    return str(client.environ_base["HTTP_ORIGIN"])


@pytest.mark.parametrize(
    "came", ["https://elsewhere.example/sent", "", "HOST/enter-nothing", "HOST/handout/save", "//x"]
)
def test_after_a_choice_nobody_is_led_to_another_site_or_a_page_that_cannot_be_looked_at(
    client: FlaskClient, came: str
) -> None:
    referer = came.replace("HOST", client_site(client))
    answer = client.post("/language", data={"language": "es"}, headers={"Referer": referer})
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_language_that_the_desk_does_not_speak_is_refused(client: FlaskClient) -> None:
    for wrong in ("xx", "", "library.es", "../es"):
        assert client.post("/language", data={"language": wrong}).status_code == 400
    client.set_cookie("desk-language", "../../es")
    assert '<html lang="en"' in html(client)


def test_another_site_cannot_choose(client: FlaskClient) -> None:
    answer = client.post("/language", data={"language": "es"}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert client.get_cookie("desk-language", "127.0.0.1") is None


def test_who_is_not_let_in_is_spoken_to_as_well(desk, door) -> None:
    from tests.desk.conftest import stranger_of

    told = stranger_of(desk, door).get("/", headers={"Accept-Language": "es"})
    assert told.status_code == 403
    assert "El programa está bloqueado" in told.text
