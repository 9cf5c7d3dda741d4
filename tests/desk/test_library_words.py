"""What the library says at the desk, in Spanish: found again with its values, whole or not at all, and never rotten."""

from __future__ import annotations

import io
from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from handouts.authoring.desk_words import FOLDER
from handouts.authoring.library_words import raised, sayings, up_to_date
from handouts.desk.library_words import English, around, in_words, said_of
from handouts.desk.words import Said, desk_languages, speak
from handouts.errors import ContentFault, Fault, nearest
from tests.desk.typing import Fields, preview, send, typed

OTHERS = [tag for tag in desk_languages() if tag != "en"]


@pytest.fixture(autouse=True)
def _in_spanish() -> Iterator[None]:
    speak("es")
    yield
    speak("en")


@pytest.fixture
def spanish(client: FlaskClient) -> FlaskClient:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es"
    return client


def catalog(language: str) -> Catalog:
    return read_po(io.BytesIO((FOLDER / f"library.{language}.po").read_bytes()), locale=language)


def places(message: str) -> set[str]:
    return {name for _text, name, *_rest in Formatter().parse(message) if name}


# ---- the catalogue


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_has_what_the_sources_say_and_nothing_else(language: str) -> None:
    path = FOLDER / f"library.{language}.po"
    assert [one.id for one in catalog(language) if one.id and one.id not in sayings()] == []
    assert up_to_date(path.read_bytes(), language) == path.read_bytes(), "run: python -m handouts.authoring.desk_words"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_shows_only_values_that_the_english_has(language: str) -> None:
    for one in catalog(language):
        if one.id and one.string:
            assert places(str(one.string)) <= places(str(one.id)), one.id
            assert not one.fuzzy, one.id


@pytest.mark.parametrize("language", OTHERS)
def test_most_of_what_is_raised_is_translated(language: str) -> None:
    known = catalog(language)
    told = [message for message in raised() if (found := known.get(message)) and found.string]
    assert len(told) >= 0.7 * len(raised()), f"{len(told)} of {len(raised())}"


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_matches_whatever_is_said(language: str) -> None:
    """Each place needs letters that hold it, or a value that is a message itself."""
    for one in catalog(language):
        parts = list(Formatter().parse(str(one.id)))
        letters = sum(map(str.isalpha, "".join(text for text, *_place in parts)))
        if one.id and one.string and "!t}" not in str(one.string):
            assert letters >= 2 * len(places(str(one.id))), f"{one.id!r} has to stay without a translation"


# ---- finding a message again


def test_a_message_is_found_with_its_values() -> None:
    assert in_words("The PDF can't be written: No space left on device.") == (
        "El PDF no se puede escribir: no queda espacio en el disco."
    )


def test_a_reason_of_the_system_that_nobody_translated_is_not_mixed_in() -> None:
    assert isinstance(in_words("The PDF can't be written: Level 2 halted."), English)
    assert isinstance(around("%(what)s!", what="Level 2 halted"), English)
    assert around("%(what)s!", what="Permission denied") == "permiso denegado!"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            "The health record: it does not allow this (403: invalid). Check which scopes the program was given.",
            "El expediente médico: no permite esto (403: invalid). Revise qué permisos (scopes) tiene el programa.",
        ),
        ("it has no such thing (404)", "no tiene eso (404)"),
        ("diagnoses of 2 topics are active", "hay diagnósticos activos de 2 temas"),
        (
            "Declined by a mail server (message 3): the server said 550 5.1.1 to the recipient.",
            "Rechazada por un servidor de correo (mensaje 3): "
            "el servidor respondió 550 5.1.1 a la dirección del destinatario.",
        ),
        (
            "Taken out of the outbox (message 3): a person's word.",
            "Retirada de la bandeja de salida (mensaje 3): según lo dijo una persona.",
        ),
        ("Printed (job 7, 2 copies).", "Impresa (trabajo 7, 2 copias)."),
        ("Voided: dosis vieja.", "Anulada: dosis vieja."),
        ("still current; approved in part: 3 of 9 files", "todavía actual; aprobado en parte: 3 de 9 archivos"),
        ("row 2: 'DOB' is 2 May 1983 or 5 February 1983", "fila 2: 'DOB' es 2 de mayo de 1983 o 5 de febrero de 1983"),
        ("'format' may only be 'standard' or 'large-print'", "'format' solo puede ser 'standard' o 'large-print'"),
        (
            "'Dx' holds codes that no topic has, and these rows take the topic of the flag or preset. Check them: "
            "row 5 has M54.5; row 6 has I10; and more.",
            "'Dx' tiene códigos que ningún tema tiene, y esas filas toman el tema indicado para toda la lista. "
            "Revíselas: fila 5: M54.5; fila 6: I10; y más.",
        ),
        ("3 resources of types that are not read", "3 recursos de tipos que no se leen"),
    ],
)
def test_reasons_states_and_notes_are_said_in_spanish(told: str, said: str) -> None:
    assert in_words(told) == said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("for a clinician to fill in", "para que lo complete un profesional clínico"),
        ("empty", "vacío"),
        ("6 at most", "6 como máximo"),
        ("notice from 90", "aviso desde 90"),
        (
            "page 2 of 'botox' is 60 % empty: "
            "there is room for more, if readers need more; else leave it (en/botox.md)",
            "la página 2 de 'botox' está vacía en un 60 %: hay lugar para más, si los lectores lo necesitan; "
            "si no, déjelo así (en/botox.md)",
        ),
    ],
)
def test_what_check_finds_is_said_in_spanish(told: str, said: str) -> None:
    assert in_words(told) == said


def test_a_figure_is_in_no_language() -> None:
    assert not isinstance(in_words("8.2"), English)


def test_what_is_said_of_a_value_stands_behind_a_colon_without_a_space() -> None:
    assert said_of("Print", ": odd").startswith("Print: ")
    speak("en")
    assert said_of("Print", ": odd") == "Print: odd"


def test_a_value_that_is_a_message_is_translated_as_well() -> None:
    assert in_words(f"There is no topic of that name. {nearest('x', ['a', 'b'], what='topics')}") == (
        "No existe el tema con ese nombre. Se conocen: a, b."
    )


def test_days_languages_and_words_between_values_are_said_in_spanish() -> None:
    assert in_words("may be March 4, 1961 or April 3, 1961: write the month as a word") == (
        "puede ser 4 de marzo de 1961 o 3 de abril de 1961: escriba el mes con letras"
    )
    assert in_words("There are no texts in French (fr). There are texts in English (en), Arabic (ar).") == (
        "No hay textos en francés (fr). Hay textos en inglés (en), árabe (ar)."
    )


def test_several_lines_are_said_line_by_line() -> None:
    fault = ContentFault("The content can't be used yet. Fix these:", faults=[Fault("a.yaml", 3, "is missing")])
    assert in_words(fault.message).split("\n") == [
        "El contenido todavía no se puede usar. Corrija esto:",
        "  a.yaml:3: falta",
    ]


def test_what_is_not_translated_whole_stays_english_and_says_so() -> None:
    told = in_words("The PDF can't be written: full. Nobody says this.")
    assert isinstance(told, English)
    assert told.__html__() == '<span lang="en">The PDF can&#39;t be written: full. Nobody says this.</span>'


def test_a_name_in_a_value_is_never_taken_for_markup() -> None:
    assert English("<b>").__html__() == '<span lang="en">&lt;b&gt;</span>'


def test_what_is_said_already_is_not_looked_for_again() -> None:
    assert in_words(Said("Printed.")) == "Printed."


def test_in_english_everything_is_as_the_library_says_it() -> None:
    speak("en")
    assert in_words("The PDF can't be written: full.") == "The PDF can't be written: full."
    assert said_of("Name", "is missing") == "Name is missing"


def test_a_field_is_named_before_what_is_said_of_it() -> None:
    assert said_of("Nombre", "is missing") == "Nombre: falta"
    assert said_of("Cita", "lies in the future.") == "Cita está en el futuro."
    assert said_of("Nombre", "is too long for its place on the page by about 2 lines. Shorten it.") == (
        "Nombre es demasiado largo para su lugar en la página, por unas 2 líneas. Acórtelo."
    )


# ---- at the desk

WRONG: list[tuple[str, dict[str, Any]]] = [
    ("Opciones: marque al menos una.", {"options": []}),
    ("Falta el nombre.", {"patient__name": ""}),
    ("Fecha de nacimiento: es una fecha que no existe.", {"patient__birth_date": "13/13/1958"}),
    ("4 de marzo de 1961 o 3 de abril de 1961", {"patient__birth_date": "03/04/1961"}),
    ("no se puede leer como fecha", {"patient__birth_date": "mañana"}),
    ("está en el futuro", {"patient__birth_date": "9 de abril de 2061"}),
    ("queda más de 125 años atrás", {"patient__birth_date": "9 de abril de 1861"}),
    ("Cita: falta el año.", {"visit_date": "9 de abril"}),
    ("Cita: queda a más de diez años", {"visit_date": "2061-01-01"}),
    ("A la próxima cita le falta el día.", {"appointment__time": "10:30"}),
    ("no tiene una hora que se pueda leer", {"appointment__day": "2026-12-04", "appointment__time": "tarde"}),
    ("no es un código de documento", {"replaces": "FHK8-Z5DW-14"}),
    ("No existe el tema con ese nombre.", {"topic": "nothing"}),
    ("¿Quiso decir 'botox'?", {"options": ["botax"]}),
    ("el número 2 repite el número 1", {"options": ["botox", "botox"]}),
    ("Nombre: es demasiado largo", {"patient__name": "x" * 300}),
    ("Nombre es demasiado largo para su lugar", {"patient__preferred_name": "y" * 200}),
    ("tiene el carácter U+0007", {"patient__name": "Ma\x07ria"}),
    ("no tiene nada que se vea", {"patient__name": "\u200b"}),
    ("ninguna letra del programa tiene", {"patient__name": "ᏣᎳᎩ"}),
    ("10 mg, no 10mg; cada día, no QD", {"medicines__1__name": "baclofen", "medicines__1__dose": "10mg QD"}),
    ("Medicina 1 nombre: falta", {"medicines__1__dose": "5 mg"}),
    ("Nota: es demasiado largo", {"note": "x" * 5000}),
    ("Paso 1: es demasiado largo", {"next_steps__1": "x" * 400}),
    ("No hay textos en francés", {"language": "fr"}),
    ("No existe la clínica con ese nombre.", {"clinic": "nobody"}),
    ("no tiene secciones", {"sections": ["x"]}),
]


@pytest.mark.parametrize(("told", "wrong"), WRONG, ids=[told for told, _wrong in WRONG])
def test_what_is_typed_wrong_is_refused_in_spanish(spanish: FlaskClient, told: str, wrong: dict[str, Any]) -> None:
    answer = send(spanish, "save", fields=typed(**wrong))
    assert answer.status_code == 422
    body = answer.get_json()
    for message in (body["error"], *(one["message"] for one in body["fields"])):
        assert isinstance(message, str), message  # English would be {"text": ..., "lang": "en"}
        assert told in message


def test_notices_beside_the_pages_are_in_spanish(spanish: FlaskClient) -> None:
    options = ["botox", "microvascular-decompression", "medicines", "radiosurgery", "no-treatment"]
    more = {"note": "Bring your glasses.", "language": "es", "medicines__1__name": "Nothingine"}
    found = preview(spanish, wait="soon", options=options, **more)
    assert len(found["notices"]) >= 5
    for notice in found["notices"]:
        assert isinstance(notice["text"], str), notice
        assert "`" not in notice["text"]


def test_e_mail_that_cannot_be_sent_says_why_in_spanish(spanish: FlaskClient) -> None:
    fields: Fields = typed(patient__email="maria@example.org")
    answer = spanish.post(
        "/handout/email/look", json={"window": "w1", "fields": fields}, headers={"Accept": "application/json"}
    )
    assert "todavía no puede enviar" in answer.get_json()["missing"]


def test_a_fault_of_the_library_is_a_page_in_spanish(spanish: FlaskClient) -> None:
    page = spanish.get("/nothing-here").text
    assert "Aquí no existe esa página." in page
    assert '<html lang="es" dir="ltr"' in page
