"""Each screen beside New handout in Spanish: its heading, a button, and what it says after something was done."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

from handouts.desk.login import UserDoor
from handouts.desk.server import Running
from handouts.desk.state import Desk
from handouts.model.content import Library
from handouts.pipeline import Made, give_to_browser, make
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, TODAY, RequestOf
from tests.day_lists import LIST
from tests.desk.accessible import scrolls_sideways
from tests.desk.clinic import HOST, OWN, add_users, visitor
from tests.desk.mailed import fill

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TOPIC, SHEET = "/library/hemifacial-spasm", "/library/hemifacial-spasm/botox"


@pytest.fixture
def spanish(client: FlaskClient) -> FlaskClient:
    """A browser whose user reads Spanish."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es-MX,es;q=0.9"
    return client


@pytest.fixture
def given(desk: Desk, library: Library, request_of: RequestOf, sheets: SheetCache) -> Made:
    """A handout that somebody saved."""
    with desk.recorder("Ms. Wye") as recorder:
        made = make(library, request_of(), key=KEY, today=TODAY, recorder=recorder, cache=sheets)
        give_to_browser(made, recorder)
    return made


def said(page: str) -> str:
    """What a page says, on one line."""
    return " ".join(unescape(re.sub(r"<script.*?</script>|<[^>]*>", " ", page, flags=re.S)).split())


def test_a_document_is_found_and_voided(spanish: FlaskClient, given: Made):
    page = said(spanish.get("/given").text)
    assert "Lo que se entregó" in page
    assert "Buscar" in page
    assert "Se encontró" not in page
    page = said(spanish.post("/given/document", data={"code": given.code}).text)
    assert "Válida: ni anulada ni reemplazada." in page
    assert "Anularla…" in page
    page = said(spanish.post("/given/void", data={"code": given.code, "why": "lado equivocado"}).text)
    assert "está anulada." in page


def test_a_message_is_settled(spanish: FlaskClient, desk: Desk):
    assert "El correo todavía no está configurado" in spanish.get("/sent").text
    with desk.open_outbox() as outbox:
        fill(outbox)
    page = said(spanish.get("/sent").text)
    assert "Por decidir 1" in page
    assert "Mensaje 3" in page
    assert "¿Recibió el paciente el mensaje 3?" in spanish.post("/sent/3/arrived").text
    where = spanish.post("/sent/3/arrived", data={"answer": "yes"}).headers["Location"]
    assert "Resuelto: llegó. Su contenido se borró." in spanish.get(where).text


def test_a_sheet_is_looked_at_and_not_approved_without_a_name(spanish: FlaskClient):
    page = said(spanish.get("/library").text)
    assert "Biblioteca" in page
    assert "Próxima revisión" in page
    assert "Medir las páginas" in spanish.get(TOPIC).text
    assert "Comprobar y luego confirmar" in spanish.get(SHEET).text
    page = said(spanish.post(SHEET, data={"by": "", "until": ""}).text)
    assert "Escriba el nombre del médico que aprueba." in page


def test_the_page_for_a_health_records_button_lists_topics(spanish: FlaskClient):
    page = said(spanish.get("/infobutton").text)
    assert "Hojas informativas para pacientes" in page
    assert "Espasmo hemifacial" in page


def test_a_desk_without_health_records_says_what_to_fill_in(spanish: FlaskClient):
    page = said(spanish.get("/today").text)
    assert "Pacientes de hoy" in page


def test_a_password_is_changed(desk: Desk):
    add_users(desk.data)
    client = visitor(desk, UserDoor([HOST], desk.data, desk.now))
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es"
    client.post("/login", data={"name": "ben", "password": OWN["ben"]})
    assert "Guardar la contraseña nueva" in client.get("/password").text
    page = client.post("/password", data={"old": OWN["ben"], "new": "short", "again": "short"}).text
    assert "Una contraseña tiene" in page


@pytest.mark.heavy
@pytest.mark.parametrize("width", [1280, 1000])
def test_the_longer_words_have_room(browser: Browser, open_desk: Running, width: int) -> None:
    """Every screen of a desk in Spanish, with a list open and messages in the outbox."""
    context = browser.new_context(viewport={"width": width, "height": 768}, locale="es-MX")
    page, told = context.new_page(), list[str]()
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(open_desk.invitation())
    page.wait_for_url(f"{open_desk.address}/")
    with open_desk.desk.open_outbox() as outbox:
        fill(outbox)
    for path in ("/list", "/given", "/sent", "/sent/2", "/sent/3", "/library", TOPIC, SHEET, "/infobutton"):
        page.goto(f"{open_desk.address}{path}")
        assert scrolls_sideways(page) == [], path
    page.goto(f"{open_desk.address}/list")
    page.set_input_files("#file", {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()})
    page.get_by_role("button", name="Abrir la lista").click()
    page.locator("#rows").wait_for()
    page.locator("details.choose summary").click()
    assert scrolls_sideways(page) == []
    context.close()
    assert told == []
