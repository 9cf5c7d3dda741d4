"""The screen "New handout": what its routes take, what they make of it, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from handouts.cli import cli
from handouts.codes import parse_code
from handouts.desk.guard import Doorkeeper
from handouts.desk.state import Desk
from handouts.errors import Refused
from handouts.record.database import Database
from handouts.record.event import Event
from handouts.record.store import RecordStore
from handouts.record.voiding import void
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, TODAY, TOPIC
from tests.desk.conftest import SettingsOf, client_of
from tests.desk.typing import JSON, NAME, Fields, preview, send, typed
from tests.reading_pdf import page_texts, text_of
from tests.recording import read_only
from tests.topics import GUIDE, GUIDE_FILES, write_topic

POSTS = ("preview", "save", "print", "close")
FULL = {
    "topic": TOPIC,
    "options": ["botox", "no-treatment"],
    "side": "left",
    "patient": {"name": NAME, "birth_date": "1961-04-09", "identifier": "MRN 4711"},
    "clinician": "Dr. Wye",
    "visit_date": "2026-11-20",
    "next_steps": ["Read this at home", "Call us on Monday"],
    "medicines": [{"name": "baclofen", "dose": "5 mg", "times": ["morning", "night"]}],
    "appointment": {"at": "2026-12-04T10:30", "with": "Dr. Zed", "where": "Room 2"},
    "note": "Bring your glasses.",
}
FULL_TYPED = typed(
    options=["botox", "no-treatment"], side="left", patient__birth_date="April 9, 1961", patient__identifier="MRN 4711",
    clinician="Dr. Wye", visit_date="November 20, 2026", next_steps__1="Read this at home", next_steps__2=" ",
    next_steps__3="Call us on Monday", medicines__2__name="baclofen", medicines__2__dose="5 mg",
    medicines__2__times=["morning", "night"], appointment__day="December 4, 2026", appointment__time="10:30 am",
    appointment__with="Dr. Zed", appointment__where="Room 2", note="Bring your glasses.", format="standard",
    stage="after", paper="", printer="", language="en",
)  # fmt: skip


def events(data: Path) -> list[Event]:
    with Database(data) as database:
        return list(RecordStore(database).chosen())


def save(client: FlaskClient, fields: Fields, status: int = 200) -> Any:
    """The PDF; or what is said of it."""
    answer = send(client, "save", fields=fields)
    assert answer.status_code == status, answer.text
    return answer.data if status == 200 else answer.get_json()


def code_of(client: FlaskClient, fields: Fields) -> str:
    answer = send(client, "save", fields=fields)
    assert answer.status_code == 200, answer.text
    return parse_code(answer.headers["X-Document-Code"]) or ""


@pytest.fixture
def made_by_command(tmp_path: Path, sheets: SheetCache) -> Any:
    """The same request from the command line: its PDF."""
    (tmp_path / "key").write_bytes(KEY)

    def make(request: dict[str, Any], *flags: str) -> bytes:
        command = ["--content", str(CONTENT), "--today", TODAY.isoformat(), "make", "-", "-o", str(tmp_path / "by.pdf")]
        command += ["--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder), "--data", str(tmp_path / "d")]
        result = CliRunner().invoke(cli, [*command, "--force", *flags], input=json.dumps(request))
        assert result.exit_code == 0, result.output
        return (tmp_path / "by.pdf").read_bytes()

    return make


# ---- what is asked for


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'"w"', b"null", b"{", b"{}", b'{"window": 1}', b'{"window": null}', b"\xff", b"[" * 100_000,
     b'{"window": "' + b"w" * 1000 + b'"}'],
)  # fmt: skip
def test_a_body_that_is_none_is_refused(client: FlaskClient, path: str, body: bytes):
    answer = client.post(f"/handout/{path}", data=body, content_type="application/json", headers=JSON)
    assert answer.status_code == 400
    assert answer.get_json()["error"]


@pytest.mark.parametrize("path", ["preview", "save", "print"])
@pytest.mark.parametrize("fields", [None, [], "x", {"topic": "x"}, {"topic": [1]}, {"topic": [["x"]]}, {"topic": {}}])
def test_fields_of_another_kind_are_refused(client: FlaskClient, path: str, fields: Any, data: Path):
    assert send(client, path, number=1, fields=fields).status_code == 400
    assert not data.exists()


@pytest.mark.parametrize("number", [None, "1", 1.5, [], {}])
def test_a_preview_has_a_number(client: FlaskClient, number: Any):
    assert send(client, "preview", number=number, fields=typed()).status_code == 400


def test_a_form_that_is_sent_as_a_form_is_refused(client: FlaskClient):
    answer = client.post("/handout/save", data={"window": "w", "topic": TOPIC}, headers=JSON)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "topic/nowhere", "topic/..", "topic/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "topic/hemifacial-spasm%00", "topic/",
        "topic/.", "topic/hemifacial-spasm/topic.yaml", "preset/cohen/nothing", "preset/nobody/surgery-talk",
        "preset/cohen/..%2f..%2fclinic", "preset/..%2fclinics%2fcohen/surgery-talk", "page/w1/1/1/300",
        "page/w1/-1/1/300", "page/..%2f..%2fetc/1/1/300", "page/w1/1/1/wide", "job/nothing", "job/..%2f..", "nothing",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_there(client: FlaskClient, path: str):
    answer = client.get(f"/handout/{path}", headers=JSON)
    assert answer.status_code == 404
    assert answer.get_json()["error"] == "There is no such page here."


@pytest.mark.parametrize("path", POSTS)
def test_what_changes_something_is_never_a_link(client: FlaskClient, path: str):
    assert client.get(f"/handout/{path}").status_code in {404, 405}


def test_a_font_of_the_page_is_given_and_nothing_beside_it(client: FlaskClient):
    with client.get("/static/fonts/HandoutsLegible-Regular.ttf") as answer:
        assert answer.status_code == 200
    for path in ("..%2f..%2fpyproject.toml", "nothing.ttf", "..%2fLICENSE"):
        assert client.get(f"/static/fonts/{path}").status_code == 404


def test_the_form_of_a_topic_asks_for_its_options(client: FlaskClient):
    answer = client.get(f"/handout/topic/{TOPIC}")
    assert answer.status_code == 200
    for option in ("botox", "no-treatment", "microvascular-decompression"):
        assert f'value="{option}"' in answer.text


def test_a_preset_is_given_as_it_is(client: FlaskClient):
    found = client.get("/handout/preset/seaview-example/botox-first").get_json()
    assert found["options"] == ["botox", "no-treatment"]
    assert found["next_steps"][0] == "Keep the diary for four weeks"


def test_a_preset_that_can_not_be_read_is_told(settings_of: SettingsOf, content: Path, door: Doorkeeper):
    (content / "clinics" / "cohen" / "presets" / "broken.yaml").write_text("topic: [\n")
    desk = Desk(settings_of(content=content))
    try:
        answer = client_of(desk, door).get("/handout/preset/cohen/broken", headers=JSON)
    finally:
        desk.close()
    assert answer.status_code == 500
    assert "broken.yaml" in answer.get_json()["error"]


# ---- what is made


def test_a_saved_handout_says_what_was_typed(client: FlaskClient):
    text = text_of(save(client, FULL_TYPED))
    for said in (
        NAME, "April 9, 1961", "MRN 4711", "Dr. Wye", "November 20, 2026", "Read this at home", "Call us on Monday",
        "5 mg", "Friday, December 4, 2026", "10:30 am", "Dr. Zed", "Room 2", "Bring your glasses.", "Baclofen",
    ):  # fmt: skip
        assert said.casefold() in " ".join(text.split()).casefold(), said


def test_the_command_line_makes_the_same_bytes_under_the_same_code(client: FlaskClient, made_by_command: Any):
    answer = send(client, "save", fields=FULL_TYPED)
    assert answer.data == made_by_command(FULL)
    code = answer.headers["X-Document-Code"]
    assert code in text_of(answer.data)
    assert parse_code(code) in answer.headers["Content-Disposition"]
    assert NAME not in str(answer.headers)


def test_the_record_has_one_event_of_the_browser(client: FlaskClient, data: Path):
    code = code_of(client, FULL_TYPED)
    (event,) = events(data)
    assert (event.what, event.channel, event.code, event.by) == ("made", "browser", code, "anna")
    assert event.made
    assert event.delivered is None or event.delivered == event.made
    assert event.interpreter is None


def test_who_interpreted_is_recorded_and_not_printed(client: FlaskClient, data: Path):
    made = save(client, typed(interpreter="Ms. Wye"))
    assert "Wye" not in text_of(made)
    assert [event.interpreter for event in events(data)] == ["Ms. Wye"]


def test_sheets_that_are_left_out_are_not_printed(client: FlaskClient, made_by_command: Any):
    shown = preview(client, options=["botox", "no-treatment"])
    names = [sheet["name"] for sheet in shown["sheets"]]
    assert {"comparison", "diary"} <= set(names)
    made = save(client, typed(options=["botox", "no-treatment"], left_out=["diary", "comparison"]))
    assert len(page_texts(made)) < shown["pages"]
    request = {"topic": TOPIC, "options": ["botox", "no-treatment"], "patient": {"name": NAME}}
    kept = [name for name in names if name not in {"diary", "comparison"}]
    assert made == made_by_command(request | {"sheets": kept})


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("letter", (612, 792)), ("", (612, 792))])
def test_the_paper_is_the_one_chosen_else_the_clinics(client: FlaskClient, paper: str, size: tuple[int, int]):
    import pypdfium2

    document = pypdfium2.PdfDocument(save(client, typed(paper=paper)))
    found = document[0].get_size()
    document.close()
    assert (round(found[0]), round(found[1])) == size


def test_large_print_has_more_pages(client: FlaskClient):
    standard, large = (page_texts(save(client, typed(format=form))) for form in ("standard", "large-print"))
    assert len(large) > len(standard)
    assert NAME in large[0]


def test_a_blank_sheet_is_nobodys_and_the_same_for_everybody(client: FlaskClient, data: Path):
    one = save(client, typed(blank="yes"))
    other = save(client, typed(blank="yes", patient__name="Ypsilon Fjord"))
    assert one == other
    assert "Quill" not in text_of(one)
    assert [event.patient for event in events(data)] == [None, None]


def test_instructions_are_made_with_the_sections_chosen(settings_of: SettingsOf, content: Path, door: Doorkeeper):
    write_topic(content, GUIDE, GUIDE_FILES)
    desk = Desk(settings_of(content=content))
    try:
        client = client_of(desk, door)
        page = client.get(f"/handout/topic/{GUIDE}").text
        assert 'value="stitches"' in page
        assert 'value="wound"' not in page  # it is always there
        fields = typed(topic=GUIDE, options=None)
        assert "Keep them dry" not in text_of(save(client, fields))
        assert "Keep them dry" in text_of(save(client, fields | {"sections": ["stitches"]}))
    finally:
        desk.close()


# ---- what is refused


@pytest.mark.parametrize(
    ("over", "fields"),
    [
        ({"patient__name": None}, ["patient.name"]),
        ({"topic": None}, ["topic"]),
        ({"options": None}, ["options"]),
        ({"patient__birth_date": "March"}, ["patient.birth_date"]),
        ({"patient__birth_date": "March", "appointment__day": "June"}, ["appointment.day", "patient.birth_date"]),
        ({"note": "😀", "patient__name": "王小明"}, ["note", "patient.name"]),
        ({"replaces": "FHK8"}, ["replaces"]),
        ({"interpreter": "x" * 5000}, ["interpreter"]),
        ({"clinic": "nobody"}, ["clinic"]),
        ({"medicines__1__dose": "5 mg"}, ["medicines.1.name"]),
    ],
)
def test_a_form_with_faults_makes_nothing_and_names_their_fields(
    client: FlaskClient, data: Path, over: dict[str, Any], fields: list[str]
):
    told = save(client, typed(**over), 422)
    assert sorted(fault["field"] for fault in told["fields"]) == fields
    assert told["error"].startswith("Nothing was made yet.")
    assert not data.exists() or events(data) == []


def test_the_placeholder_of_the_preview_is_nobodys_name(client: FlaskClient):
    assert preview(client, patient__name=None)["shows"]
    save(client, typed(patient__name=None), 422)


def test_what_was_voided_is_not_made_again(client: FlaskClient, desk: Desk, data: Path):
    code = code_of(client, typed())
    with desk.recorder() as recorder:
        void(recorder, code, "given to the wrong person")
    told = save(client, typed(), 409)
    assert told["error"].startswith("Voided on")
    assert NAME not in told["error"]
    assert [event.what for event in events(data)] == ["made", "voided"]
    save(client, typed(note="Another one."))


def test_what_was_replaced_is_not_made_again(client: FlaskClient, data: Path):
    code = code_of(client, typed())
    replacing = typed(note="Mended.", replaces=code)
    made = save(client, replacing)
    assert "replaces" in text_of(made).casefold()
    assert events(data)[-1].replaces == code
    assert save(client, typed(), 409)["error"].startswith("Replaced by")
    save(client, replacing)


def test_one_patients_handout_does_not_replace_anothers(client: FlaskClient, data: Path):
    born = {"patient__birth_date": "April 9, 1961"}
    code = code_of(client, typed(**born))
    told = save(client, typed(patient__name="Ypsilon Fjord", replaces=code, **born), 409)
    assert "another patient" in told["error"]
    assert [event.what for event in events(data)] == ["made"]


def test_text_past_its_date_is_made_only_where_somebody_allows_it(settings_of: SettingsOf, door: Doorkeeper):
    desk = Desk(settings_of(today=lambda: TODAY + timedelta(days=800)))
    try:
        client = client_of(desk, door)
        assert "past its review date" in save(client, typed(), 409)["error"]
        pages = page_texts(save(client, typed(allow_unapproved="yes")))
        assert all("Past its check date" in page for page in pages)
    finally:
        desk.close()


def test_text_that_nobody_approved_says_so_on_every_page(client: FlaskClient):
    assert all("Not yet approved" in page for page in page_texts(save(client, typed())))


@pytest.fixture
def unwritable(data: Path) -> Iterator[None]:
    data.mkdir()
    with read_only(data):
        yield


@pytest.mark.usefixtures("unwritable")
def test_without_a_record_nothing_is_given_out(client: FlaskClient):
    assert preview(client)["shows"]
    told = save(client, typed(), 507)
    assert "record" in told["error"]
    assert NAME not in told["error"]


def test_without_the_key_nothing_is_made(settings_of: SettingsOf, door: Doorkeeper, data: Path):
    def lost() -> bytes:
        raise Refused("The key of document codes is lost.")

    desk = Desk(settings_of(key=lost))
    try:
        assert "key" in save(client_of(desk, door), typed(), 409)["error"]
    finally:
        desk.close()
    assert not data.exists() or events(data) == []


def test_a_fault_in_the_content_is_told_with_its_file(settings_of: SettingsOf, content: Path, door: Doorkeeper):
    desk = Desk(settings_of(content=content))
    try:
        client = client_of(desk, door)
        assert preview(client)["shows"]
        (content / "topics" / TOPIC / "topic.yaml").write_text("version: [\n")
        answer = send(client, "preview", number=2, fields=typed())
        assert answer.status_code == 500
        assert "topic.yaml" in answer.get_json()["error"]
        assert NAME not in answer.text
    finally:
        desk.close()


def test_a_text_that_is_changed_while_the_desk_is_open_is_printed_as_it_is_now(
    settings_of: SettingsOf, content: Path, door: Doorkeeper
):
    desk = Desk(settings_of(content=content))
    try:
        client = client_of(desk, door)
        before = text_of(save(client, typed()))
        page = content / "topics" / TOPIC / "en" / "takeaways.md"
        page.write_text(page.read_text().rstrip() + "\n- Ask us for time.\n")
        after = text_of(save(client, typed()))
    finally:
        desk.close()
    assert "Ask us for time." not in before
    assert "Ask us for time." in after


# ---- in the patient's language


def test_the_next_steps_are_offered_in_the_language_of_the_handout_and_all_else_in_that_of_the_staff(
    client: FlaskClient,
):
    english, spanish = (client.get(f"/handout/topic/{TOPIC}?language={tag}").text for tag in ("en", "es"))
    (step,) = (CONTENT / "topics" / TOPIC / "es" / "botox.md").read_text().split("next_steps:\n")[1].splitlines()[1:2]
    told = json.dumps(step.strip(' -"'))[1:-1]
    assert told in spanish
    assert told not in english
    assert "Botox injections" in spanish


def test_the_form_offers_the_languages_of_the_content(client: FlaskClient):
    page = client.get("/").text
    assert '<option value="en">English</option>' in page
    assert '<option value="es">Spanish</option>' in page


def test_a_handout_in_spanish_has_an_english_copy_behind_it_where_that_is_asked_for(client: FlaskClient, data: Path):
    pages = page_texts(save(client, typed(language="es", with_english="yes", side="left")))
    assert "Espasmo hemifacial" in pages[0]
    assert any("Hemifacial spasm" in page and "Espasmo" not in page for page in pages)
    assert [event.language for event in events(data)] == ["es"]
