"""The day's list and today's patients in Spanish in a real browser: followed by the scripts, and nothing is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from handouts.desk.server import Running, running
from tests.day_lists import LIST, Paper
from tests.desk.accessible import scrolls_sideways, violations
from tests.desk.browsing import enter, loaded, new_page
from tests.desk.conftest import SettingsOf
from tests.desk.test_infobutton import ASKED
from tests.desk.test_today import connected, server
from tests.desk.test_words_in_browser import CUT, spanish
from tests.mailing import set_up_clinic

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["connected", "server", "spanish"]  # fixtures
pytestmark = pytest.mark.heavy
WIDTHS = (1366, 1000, 683, 320)
BAD = LIST.replace("1961-04-09", "31 Feb 1961")


def fits(page: Page) -> None:
    """AssertionError where a width cuts something off, or axe finds anything."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        assert scrolls_sideways(page) == [], width
        assert page.evaluate(CUT) == [], width
    page.set_viewport_size({"width": 1366, "height": 768})
    assert violations(page) == ""


def drop(page: Page, file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    page.get_by_role("link", name="Lista del día").click()
    loaded(page, page.locator("#file"))
    page.set_input_files("#file", file)
    fits(page)
    page.get_by_role("button", name="Abrir la lista").click()
    loaded(page, page.locator("#body tr").first)


def test_rows_are_put_right_chosen_for_and_printed(
    spanish: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handouts.desk.dayjobs._session", lambda *_: lambda _say: Paper(tmp_path / "paper"))
    drop(spanish, tmp_path / "list.csv", BAD)
    spanish.get_by_label("También texto sin aprobar").check()
    spanish.get_by_text("3 filas, 2 preparadas, 1 por corregir").wait_for()
    expect(spanish.locator("#ticked")).to_have_text("Con las 2 filas marcadas:")
    spanish.get_by_text("Elegir la hoja informativa para las filas marcadas").click()
    spanish.locator("#topic").select_option(label="Espasmo hemifacial")
    fits(spanish)
    spanish.get_by_label("Fecha de nacimiento, fila 2").fill("9 Apr 1961")
    spanish.get_by_label("Fecha de nacimiento, fila 2").blur()
    spanish.locator("#said").get_by_text("La fila 2 quedó guardada.").wait_for()
    spanish.locator("#topic").select_option("")
    spanish.get_by_role("button", name="Imprimir", exact=True).click()
    spanish.locator("#progress-words").get_by_text("hojas informativas impresas").wait_for()
    fits(spanish)
    spanish.get_by_role("button", name="Cerrar esta lista").click()
    spanish.get_by_role("dialog", name="¿Cerrar esta lista?").get_by_role("button", name="Dejarla abierta").click()


def test_a_fault_is_told_by_the_script(spanish: Page, tmp_path: Path) -> None:
    drop(spanish, tmp_path / "list.csv", LIST)
    spanish.get_by_role("button", name="Imprimir", exact=True).click()
    spanish.locator("#trouble").get_by_text("No hay ninguna fila marcada.").wait_for()


def test_mail_is_asked_about(
    browser: Browser, content: Path, settings_of: SettingsOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_clinic(content, 2525)
    monkeypatch.setattr("handouts.deliver.outbox.sending.Background.wake", lambda _: None)
    with running(settings_of(content=content), 0, background=False) as desk:
        page = opened(browser, desk)
        drop(page, tmp_path / "list.csv", LIST)
        page.get_by_label("También texto sin aprobar").check()
        page.get_by_text("3 filas, 3 preparadas").wait_for()
        page.get_by_role("button", name="Enviar por correo").click()
        page.get_by_role("button", name="Poner en la bandeja").wait_for()
        fits(page)
        page.get_by_role("button", name="Poner en la bandeja").click()
        page.get_by_role("heading", name="Papeles con las palabras, por entregar").wait_for()
        fits(page)
        page.context.close()


def opened(browser: Browser, desk: Running) -> Page:
    return enter(new_page(browser, locale="es-MX"), desk)


@pytest.fixture
def at_a_clinic(browser: Browser, connected: Path, settings_of: SettingsOf) -> Iterator[Page]:
    """A window at a desk whose clinic names a health record."""
    with running(settings_of(content=connected), 0, background=False) as desk:
        page = opened(browser, desk)
        yield page
        page.context.close()


def test_todays_patients(at_a_clinic: Page) -> None:
    at_a_clinic.get_by_role("link", name="Hoy", exact=True).click()
    loaded(at_a_clinic, at_a_clinic.get_by_role("button", name="Hoja nueva para Maria Gonzalez"))
    fits(at_a_clinic)
    at_a_clinic.get_by_role("button", name="Hoja nueva para Maria Gonzalez").click()
    at_a_clinic.get_by_text("Un código del expediente sugiere el tema y el lado.").wait_for()


def test_the_health_records_button(spanish: Page, open_desk: Running) -> None:
    spanish.goto(f"{open_desk.address}{ASKED}")
    fits(spanish)
    spanish.get_by_role("link", name="Espasmo hemifacial, lado izquierdo").wait_for()
