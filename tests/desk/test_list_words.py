"""The day's list, today's patients and the health record's button in the staff's language: Spanish where they ask."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from handouts.deliver.outbox.sending import Background
from handouts.desk import dayjobs, listread, listtold, words
from handouts.desk.guard import Doorkeeper
from handouts.desk.library_words import English
from handouts.desk.state import Desk
from tests.day_lists import LIST, Paper
from tests.desk.conftest import JSON, SettingsOf, client_of, stranger_of
from tests.desk.test_day_list import allow, client_in, do, drop, edit, row_of, work_of
from tests.desk.test_infobutton import ASKED
from tests.desk.test_today import connected, server
from tests.fhirserver import Running
from tests.lists.test_cases import CASES
from tests.lists.workbooks import xlsx
from tests.mailing import set_up_clinic

__all__ = ["client_in", "connected", "server"]  # fixtures


@pytest.fixture
def client(client: FlaskClient) -> FlaskClient:
    """A browser whose user reads Spanish."""
    return in_spanish(client)


def in_spanish(client: FlaskClient) -> FlaskClient:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es-MX,es;q=0.9"
    return client


def page_of(client: FlaskClient, where: str) -> str:
    return html.unescape(client.get(where).text)


def test_the_screen_where_a_list_is_dropped(client: FlaskClient) -> None:
    page = page_of(client, "/list")
    assert "<h1>Lista del día</h1>" in page
    assert "Abrir la lista</button>" in page
    assert "Arrastre aquí la lista" in page


def test_what_has_to_be_asked_about_a_list(client: FlaskClient) -> None:
    page = page_of(client, drop(client, CASES.joinpath("ambiguous-dates.csv").read_bytes()))
    assert "¿Cómo escribe las fechas" in page
    assert "<li>fila 2: 'DOB' es " in page
    head = ["patient.name", "topic", "options"]
    row = ["Ana One", "hemifacial-spasm", "botox"]
    book = xlsx([head, row], Tomorrow=[head, row])
    assert "¿En qué hoja de cálculo está la lista?" in page_of(client, drop(client, book, "day.xlsx"))


def test_a_list_that_is_gone(client: FlaskClient) -> None:
    answer = client.get("/list/nothing")
    assert answer.status_code == 404
    assert "Esta lista ya no está abierta" in answer.text


def test_rows_with_what_is_wrong_at_their_cells(client: FlaskClient) -> None:
    where = drop(client, LIST.replace("1961-04-09", "2061-04-09"))
    assert "no está aprobado en su forma actual. Con “También texto sin aprobar”" in page_of(client, where)
    allow(client, where)
    page = page_of(client, where)
    assert "3 filas, 2 preparadas, 1 por corregir" in page
    assert 'aria-label="Filas de la lista"' in page
    assert "está en el futuro" in row_of(page, 2)
    assert "Espasmo hemifacial" in row_of(page, 3)
    changed = edit(client, where, 2, "patient.birth_date", "3/4/1961").get_json()
    assert "patient.birth_date: puede ser 4 de marzo de 1961 o 3 de abril de 1961" in changed["rows"]["2"]
    changed = edit(client, where, 2, "patient.birth_date", "1961-04-09").get_json()
    assert changed["summary"] == "3 filas, 3 preparadas"
    assert "corregido aquí" in changed["rows"]["2"]


def test_how_the_file_was_read(client: FlaskClient) -> None:
    page = page_of(client, drop(client, CASES.joinpath("us-scheduler.csv").read_bytes()))
    assert "Cómo se leyó el archivo (3 cosas por revisar)" in page
    assert "<p>3 filas; First Name + Last Name → Nombre; DOB → Fecha de nacimiento; " in page
    assert "Appt Time → orden de impresión; 2 columnas sin usar (G Appt Type, H Status)</p>" in page
    assert "Quedaron fuera, 1: fila 8 (" in page


def test_a_summary_of_another_form_is_left_in_english() -> None:
    words.speak("es")
    assert isinstance(listread._summary("3 rows; A; B -> note"), English)
    assert (
        listread._summary("1,200 rows; columns not used: A, B (map day)")
        == "1,200 filas; columnas sin usar: A, B (mapa day)"
    )
    words.speak("en")
    assert listread._summary("3 rows; A -> note") == "3 rows; A -> note"


def test_a_row_tells_what_was_chosen_for_it(client: FlaskClient) -> None:
    where = drop(client)
    do(client, where, "choose", 2, topic="hemifacial-spasm", side="left", format="large-print", stage="before",
       **{"options.hemifacial-spasm": "botox", "leave-out": "diary"})  # fmt: skip
    row = row_of(page_of(client, where), 2)
    for said in ("lado izquierdo", "letra grande", "antes de la cita", "sin algunas hojas", "elegido aquí"):
        assert said in row


def test_what_can_not_be_done_is_told(client: FlaskClient) -> None:
    where = drop(client)
    answer = client.post(f"{where}/rows", data={"do": "printed"}, headers=JSON)
    assert answer.get_json()["error"] == "No hay ninguna fila marcada. Marque las que quiera."


def test_rows_are_printed_and_marked(client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handouts.desk.dayjobs._session", lambda *_: lambda _say: Paper(tmp_path / "paper"))
    where = drop(client)
    allow(client, where)
    do(client, where, "printed", 2)
    work_of(client, where)
    page = page_of(client, where)
    assert "1 hoja informativa impresa." in page
    assert re.search(r"Impresa: \d+ [a-z]{3,4}, \d\d:\d\d", row_of(page, 2))
    do(client, where, "printed", 2, 3)
    work_of(client, where)
    assert "1 hoja informativa impresa; 1 ya lo estaba y se deja como está." in page_of(client, where)


def test_mail_is_asked_about_then_queued_with_slips(
    client_in: Callable[..., FlaskClient], content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_clinic(content, 2525)
    monkeypatch.setattr(Background, "wake", lambda _: None)
    client = in_spanish(client_in(content=content))
    where = drop(client)
    allow(client, where)
    do(client, where, "mailed", 2, 3, 4)
    work_of(client, where)
    page = page_of(client, where)
    assert "2 mensajes; a direcciones que no se habían usado para ese paciente: 2." in page
    assert "Sin dirección: fila 4." in page
    assert "dirección nueva para este paciente" in page
    assert "Poner en la bandeja</button>" in page
    client.post(f"{where}/go-on", headers=JSON)
    work_of(client, where)
    page = page_of(client, where)
    assert "2 hojas informativas puestas en la bandeja de salida" in page
    assert "Papeles con las palabras, por entregar" in page


def test_every_way_of_giving_out_has_its_own_sentences() -> None:
    for told in (listtold._DONE, listtold._FAILED, listtold._SINCE, listtold._UNKNOWN, listtold._GIVING):
        assert told.keys() == {"printed", "saved", "mailed"}
        assert len({*told.values()}) == 3
    assert "Diary" in dayjobs.LEFT_OUT.values()


@pytest.fixture
def at_a_clinic(connected: Path, settings_of: SettingsOf) -> Iterator[FlaskClient]:
    """A browser at a desk whose clinic names a health record."""
    desk = Desk(settings_of(content=connected))
    yield in_spanish(client_of(desk, Doorkeeper(["127.0.0.1:8765"])))
    desk.close()


def test_todays_patients_and_what_the_record_suggests(at_a_clinic: FlaskClient) -> None:
    page = page_of(at_a_clinic, "/today")
    assert "<h1>Pacientes de hoy</h1>" in page
    assert 'aria-label="Hoja nueva para Li Wei">Hoja nueva</button>' in page
    assert re.search(r"<h2 [^>]*>[^<]*, \d+ de [a-z]+ de 2026</h2>", page)
    opened = html.unescape(at_a_clinic.post("/today/open", data={"clinic": "cohen", "patient": "maria"}).text)
    assert "<li>Un código del expediente sugiere el tema y el lado. Revíselos.</li>" in opened


def test_what_the_health_record_answers_is_told_and_marked_where_it_is_english(
    at_a_clinic: FlaskClient, server: Running
) -> None:
    server.plan.at["GET Appointment"] = "503"
    fault = re.search(r'<p class="fault" role="alert">(.*?)</p>', page_of(at_a_clinic, "/today"))
    assert fault
    assert fault[1].startswith(('<span lang="en">The health record: ', "El expediente"))


@pytest.fixture
def record(desk: Desk, door: Doorkeeper) -> FlaskClient:
    """A health record whose user reads Spanish."""
    return in_spanish(stranger_of(desk, door))


def test_the_health_records_button(record: FlaskClient) -> None:
    page = page_of(record, ASKED)
    assert "<h1>Hojas informativas para pacientes</h1>" in page
    assert "Espasmo hemifacial</span>, lado izquierdo</a>" in page
    assert "No hay ninguna hoja informativa para este código." in page_of(record, ASKED.replace("G51.32", "Z99.9"))


def test_its_feed_stays_english_and_says_so(record: FlaskClient) -> None:
    answer: Any = record.get(f"{ASKED}&knowledgeResponseType=application/json").get_json()
    assert answer["feed"]["xml:lang"] == "en"
    assert answer["feed"]["entry"][0]["title"]["_value"] == "Hemifacial spasm"
