"""New handout in Spanish, in a real browser: made, refused, mailed and saved; nothing overflows; the switch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from handouts.desk.server import Running
from tests.desk.accessible import require_accessible, scrolls_sideways
from tests.desk.browsing import enter, loaded, new_page
from tests.desk.screen import Screen
from tests.desk.swept import left_in_english
from tests.desk.typing import NAME
from tests.reading_pdf import text_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.heavy
CUT = """() => [...document.querySelectorAll("button, label, legend, h2, h3, .top a")]
    .filter(one => one.offsetParent && !one.closest(".unseen") && one.scrollWidth > one.clientWidth + 1
        && getComputedStyle(one).display !== "inline").map(one => one.textContent)"""
"""What is wider than the room it has."""


@pytest.fixture
def spanish(browser: Browser, open_desk: Running) -> Iterator[Page]:
    """A window of a browser whose user reads Spanish."""
    made, told = new_page(browser, locale="es-MX"), list[str]()
    made.on("pageerror", lambda error: told.append(str(error)))
    yield enter(made, open_desk)
    made.context.close()
    assert told == []


def test_a_handout_is_made_in_spanish_from_the_first_field_to_the_file(spanish: Page) -> None:
    screen = Screen(spanish)
    screen.choose("botox", topic="Espasmo hemifacial")
    spanish.locator("#language").select_option("es")
    screen.settled(lambda: screen.fill(patient__name=NAME, patient__birth_date="9 de abril de 1961"))
    expect(spanish.locator("#where")).to_have_text(re.compile("^Página 1 de "))
    spanish.get_by_role("button", name="Página siguiente").click()
    spanish.get_by_text("Página 2 de ").wait_for()
    with spanish.expect_download() as found:
        spanish.get_by_role("button", name="Guardar PDF").click()
    text = text_of(found.value.path().read_bytes())
    assert re.search(r"9\sde abril de 1961", text)
    assert "guardada en Descargas" in screen.done()
    spanish.get_by_role("button", name="Recuperar ese formulario").click()
    expect(screen.field("patient.name")).to_have_value(NAME)


def test_what_is_wrong_is_told_in_spanish_at_its_field(spanish: Page) -> None:
    screen = Screen(spanish)
    screen.choose("botox", topic="Espasmo hemifacial")
    screen.fill(patient__birth_date="03/04/1961")
    spanish.locator('[id="patient.birth_date-fault"]').get_by_text("4 de marzo de 1961 o 3 de abril de 1961").wait_for()
    spanish.get_by_role("button", name="Guardar PDF").click()
    screen.said("Todavía no se ha hecho nada")


def test_the_e_mail_dialog_asks_in_spanish(spanish: Page) -> None:
    screen = Screen(spanish)
    screen.choose("botox", topic="Espasmo hemifacial")
    screen.settled(lambda: screen.fill(patient__name=NAME))
    spanish.get_by_role("button", name="Enviar por correo").click()
    dialog = spanish.get_by_role("dialog", name="Enviar esta hoja por correo")
    dialog.get_by_text("todavía no puede enviar").wait_for()
    dialog.get_by_role("button", name="Cerrar").click()


@pytest.mark.parametrize("width", [1366, 1024, 683])
def test_the_longer_words_have_room(spanish: Page, width: int) -> None:
    screen = Screen(spanish)
    screen.choose("botox", topic="Espasmo hemifacial")
    screen.settled(lambda: screen.fill(patient__name=NAME, appointment__day="24 de septiembre de 2026"))
    spanish.locator("summary").click()
    spanish.get_by_role("button", name="Agregar una medicina").click()
    spanish.set_viewport_size({"width": width, "height": 768})
    assert scrolls_sideways(spanish) == []
    assert spanish.evaluate(CUT) == []


def test_the_screen_is_as_accessible_as_in_english(spanish: Page) -> None:
    screen = Screen(spanish)
    screen.choose("botox", topic="Espasmo hemifacial")
    screen.settled(lambda: screen.fill(patient__name=NAME))
    require_accessible(spanish)


def test_the_screen_as_it_is_then_has_no_english_of_its_own(spanish: Page) -> None:
    """As `test_words_sweep`, with what the scripts add: every word but names is one of the catalogue's."""
    screen = Screen(spanish)
    screen.choose("botox", topic="Espasmo hemifacial")
    spanish.locator("#language").select_option("es")
    screen.settled(lambda: screen.fill(patient__name=NAME))
    html = spanish.content().replace('lang="es"', 'lang="uk"')
    english = {"the", "and", "page", "print", "of", "next", "sheet", "is", "not", "with", "save", "printer"}
    words = {word.lower() for text in left_in_english(html, "") for word in text.split()}
    assert words & english == set()


def test_the_language_is_switched_in_the_head_and_stays(spanish: Page, open_desk: Running) -> None:
    spanish.get_by_role("button", name="English").click()
    loaded(spanish, spanish.get_by_role("heading", name="What was talked about"))
    spanish.goto(f"{open_desk.address}/")
    expect(spanish.locator("html")).to_have_attribute("lang", "en")
    spanish.get_by_role("button", name="Español").click()
    spanish.get_by_role("heading", name="De qué se habló").wait_for()
