"""The preview is the true pages, with nothing on them that would make them a handout, and nothing of it is kept."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from handouts.codes import parse_code
from handouts.desk.forms import read_form
from handouts.desk.guard import Doorkeeper
from handouts.desk.preview import Preview, Previewer
from handouts.desk.state import Desk
from handouts.desk.windows import Windows
from handouts.typeset.cache import SheetCache
from tests.conftest import TODAY, TOPIC
from tests.desk.conftest import SettingsOf, client_of
from tests.desk.typing import NAME, preview, send, typed
from tests.reading_pdf import everything, page_texts, text_of
from tests.topics import CHOICE, CHOICE_FILES, GUIDE, GUIDE_FILES, write_topic

STEPS = {"next_steps.1": ["Read this at home"], "next_steps.2": ["Call us on Monday"]}


def looked(desk: Desk, **over: Any) -> Preview:
    form = read_form(typed(**over), order="mdy", today=TODAY)
    return Previewer(desk).look(form)


def pdf_of(found: Preview) -> bytes:
    assert found.pdf
    return found.pdf


def about(found: Preview) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for notice in found.notices:
        told.setdefault(notice.about, []).append(notice.text)
    return told


def at(found: Preview) -> list[str]:
    return [fault.field for fault in found.faults]


def test_the_preview_holds_what_was_typed_and_preview_where_the_code_will_stand(desk: Desk):
    pdf = pdf_of(looked(desk, patient__birth_date="April 9, 1961", note="Bring your glasses.", next_steps__1="Read it"))
    pages = page_texts(pdf)
    for text in (NAME, "April 9, 1961", "Bring your glasses.", "Read it"):
        assert text in "\n".join(pages)
    for page in pages:
        assert "preview" in page
        assert not [word for word in page.split() if parse_code(word.strip(".,()"))]


def test_the_preview_has_the_pages_of_the_handout(client: FlaskClient, desk: Desk):
    fields = typed(options=["botox", "no-treatment"], medicines__1__name="baclofen", side="left")
    made = send(client, "save", fields=fields).data
    shown = page_texts(pdf_of(looked(desk, **{name.replace(".", "__"): value for name, value in fields.items()})))
    made_pages = page_texts(made)
    assert len(shown) == len(made_pages)
    for before, after in zip(shown, made_pages, strict=True):
        assert len(set(before.split()) ^ set(after.split())) <= 4  # the code, and where it stands


def test_the_sheets_are_told_with_their_first_page_also_those_that_are_left_out(desk: Desk):
    found = looked(desk, options=["botox", "no-treatment"], left_out=["comparison", "diary"])
    names = [sheet.name for sheet in found.sheets]
    assert names[:2] == ["front", "comparison"]
    assert [sheet.name for sheet in found.sheets if not sheet.printed] == ["comparison", "diary"]
    assert all(sheet.first == 0 for sheet in found.sheets if not sheet.printed)
    there = [sheet for sheet in found.sheets if sheet.printed]
    assert there[0].first == 1
    for before, after in pairwise(there):
        assert after.first == before.first + before.pages
    assert sum(sheet.pages for sheet in there) == found.pages == len(page_texts(pdf_of(found)))


def test_a_sheet_of_an_option_that_is_no_longer_chosen_may_stay_left_out(desk: Desk):
    found = looked(desk, options=["botox"], left_out=["no-treatment", "diary"])
    assert found.faults == ()
    assert "no-treatment" not in [sheet.name for sheet in found.sheets]
    assert not next(sheet for sheet in found.sheets if sheet.name == "diary").printed


def test_one_sheet_at_least_is_left(desk: Desk):
    names = [sheet.name for sheet in looked(desk).sheets]
    found = looked(desk, left_out=names)
    assert found.pdf is None
    assert [fault.message for fault in found.faults] == ["There is no sheet left to print."]


@pytest.mark.parametrize(
    ("topic", "files", "fields"),
    [
        (GUIDE, GUIDE_FILES, {"options": None, "sections": ["stitches"]}),
        (CHOICE, CHOICE_FILES, {"options": ["drops", "tablets", "plugs"], "medicines__1__name": "pilocarpine"}),
    ],
    ids=[GUIDE, CHOICE],
)
def test_any_topic_is_shown_with_all_its_sheets(
    settings_of: SettingsOf, content: Path, topic: str, files: dict[str, str], fields: dict[str, Any]
):
    write_topic(content, topic, files)
    desk = Desk(settings_of(content=content))
    try:
        found = looked(desk, topic=topic, **fields)
    finally:
        desk.close()
    assert found.faults == ()
    assert found.whole
    assert all(sheet.title and sheet.pages for sheet in found.sheets)


# ---- what is wrong


@pytest.mark.parametrize(
    ("field", "over"),
    [
        ("patient.name", {"patient__name": "Wolfeschlegelsteinhausenbergerdorff " * 20}),
        ("patient.preferred_name", {"patient__preferred_name": "Wolfeschlegelsteinhausenbergerdorff " * 20}),
        ("patient.identifier", {"patient__identifier": "4711 " * 150}),
        ("clinician", {"clinician": "Dr. Wye " * 120}),
        ("note", {"note": "Bring your glasses.\n" * 400}),
        ("next_steps.1", {"next_steps__1": "Read this at home " * 200}),
        ("medicines.1.dose", {"medicines__1__name": "baclofen", "medicines__1__dose": "one tablet " * 80}),
        ("patient.name", {"patient__name": "王小明"}),
        ("note", {"note": "😀"}),
    ],
)
def test_a_text_that_its_place_can_not_hold_is_told_and_the_rest_is_shown(desk: Desk, field: str, over: dict[str, str]):
    kept = {"appointment__day": "December 4, 2026", "appointment__time": "10:30"}
    found = looked(desk, **(kept | over))
    assert at(found) == [field]
    assert "command" not in found.faults[0].message
    text = text_of(pdf_of(found))
    assert "December 4, 2026" in text
    assert (NAME in text) == (field != "patient.name")


def test_several_texts_that_do_not_fit_are_told_at_once(desk: Desk):
    found = looked(desk, patient__name="王小明", note="😀", medicines__1__name="baclofen", medicines__1__remark="😀")
    assert sorted(at(found)) == ["medicines.1.remark", "note", "patient.name"]
    assert "baclofen" in text_of(pdf_of(found)).casefold()


@pytest.mark.parametrize(
    ("field", "over"),
    [
        ("topic", {"topic": "no-such-topic"}),
        ("options", {"options": ["no-such-option"]}),
        ("options", {"options": None}),
        ("clinic", {"clinic": "nobody"}),
    ],
)
def test_what_can_not_be_shown_is_told_at_its_field(client: FlaskClient, field: str, over: dict[str, Any]):
    answer = send(client, "preview", number=1, wait="whole", fields=typed(**over)).get_json()
    told = answer.get("faults") or answer["fields"]
    assert [fault["field"] for fault in told] == [field]
    assert "nobody" not in told[0]["message"]


# ---- notices


def test_each_notice_stands_where_it_belongs(desk: Desk):
    everyone = list(desk.library(TOPIC).topic.option_order)
    told = about(looked(desk, options=everyone, medicines__1__name="zzz"))
    assert set(told) == {"options", "medicines", "side", "text"}
    assert "zzz" not in told["medicines"][0]
    assert any("approved" in text for text in told["text"])
    assert not any("`" in text for texts in told.values() for text in texts)


def test_a_name_that_is_printed_smaller_is_told_at_the_name(desk: Desk):
    told = about(looked(desk, patient__name="Wolfeschlegelsteinhausenberger-Bergerdorff von und zu Wolkenkuckucksheim"))
    assert told["patient.name"] == ["The name is long: it is printed smaller than usual."]
    assert "patient.name" not in about(looked(desk))


def test_text_past_its_date_is_shown_and_told(settings_of: SettingsOf):
    desk = Desk(settings_of(today=lambda: TODAY + timedelta(days=800)))
    try:
        found = looked(desk)
    finally:
        desk.close()
    assert found.pdf
    assert any("past its date" in text for text in about(found)["text"])


# ---- windows, numbers


def picture(client: FlaskClient, number: int, window: str = "w1", page: int = 1) -> int:
    answer = client.get(f"/handout/page/{window}/{number}/{page}/320")
    if answer.status_code == 200:
        assert answer.data.startswith(b"\x89PNG")
    return answer.status_code


def test_a_late_answer_never_overwrites_a_newer_one(client: FlaskClient):
    assert preview(client, 7)["shows"]
    assert preview(client, 6) == {"late": True, "number": 6}
    assert picture(client, 7) == 200
    assert picture(client, 6) == 404


def test_an_answer_that_was_overtaken_while_it_was_made_is_late(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    look = Previewer.look

    def overtaken(self: Previewer, *given: Any) -> Preview:
        monkeypatch.setattr(Previewer, "look", look)
        assert preview(client, 9)["shows"]
        return look(self, *given)

    monkeypatch.setattr(Previewer, "look", overtaken)
    assert preview(client, 8)["late"]
    assert picture(client, 9) == 200
    assert picture(client, 8) == 404


def test_only_the_newest_pages_are_kept(client: FlaskClient):
    for number in range(1, 12):
        preview(client, number)
    assert picture(client, 11) == 200
    assert [picture(client, number) for number in range(1, 9)] == [404] * 8


def test_windows_are_separate_and_a_closed_one_is_forgotten(client: FlaskClient):
    preview(client, 1, window="w1")
    preview(client, 1, window="w2")
    assert send(client, "close", window="w1").status_code == 204
    assert picture(client, 1, "w1") == 404
    assert picture(client, 1, "w2") == 200


def test_a_window_that_nobody_used_is_forgotten(settings_of: SettingsOf, door: Doorkeeper):
    clock = [1000.0]
    desk = Desk(settings_of(now=lambda: clock[0]))
    try:
        client = client_of(desk, door)
        preview(client, 1, window="w1")
        clock[0] += Windows.IDLE + 1
        preview(client, 1, window="w2")
        assert picture(client, 1, "w1") == 404
        assert picture(client, 1, "w2") == 200
    finally:
        desk.close()


def test_of_too_many_windows_the_oldest_is_forgotten():
    windows = Windows()
    for number in range(Windows.MOST + 5):
        windows.get(f"w{number}", float(number)).number = number
    assert windows.get("w0", 100.0).number == -1
    assert windows.get(f"w{Windows.MOST + 4}", 100.0).number == Windows.MOST + 4


def test_looking_for_a_window_that_is_not_there_makes_none_and_ends_none(client: FlaskClient):
    preview(client, 1)
    for number in range(Windows.MOST + 5):
        assert picture(client, 1, f"other{number}") == 404
    assert picture(client, 1) == 200


@pytest.mark.parametrize("page", [0, 99, 10**30])
def test_a_page_that_is_not_there_is_none(client: FlaskClient, page: int):
    preview(client, 1)
    assert picture(client, 1, page=page) == 404


@pytest.mark.parametrize("width", [0, 1, 10**30])
def test_no_picture_is_too_small_or_too_large(client: FlaskClient, width: int):
    preview(client, 1)
    answer = client.get(f"/handout/page/w1/1/1/{width}")
    assert answer.status_code == 200
    assert 16 <= int.from_bytes(answer.data[16:20]) <= 2400


# ---- nothing is kept


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.heavy
def test_a_hundred_previews_leave_nothing_on_the_disk_and_nothing_in_the_record(
    settings_of: SettingsOf, door: Doorkeeper, data: Path, temporary: Path, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
):  # fmt: skip
    caplog.set_level(0)
    own = SheetCache(tmp_path / "own-cache")
    desk = Desk(settings_of(cache=own))
    try:
        client = client_of(desk, door)
        secret = "Zyxwvut"
        for number in range(100):
            told = preview(
                client, number, patient__name=f"{secret} {number}", note=f"{secret} note", next_steps__1=secret,
                patient__identifier=secret, clinician=secret, patient__email=f"{secret}@example.org",
                medicines__1__name=secret, medicines__1__dose=f"{secret} mg", interpreter=secret,
            )  # fmt: skip
            assert told["shows"]
        client.get("/handout/page/w1/99/1/400")
    finally:
        desk.close()
    assert not data.exists()
    files = [path for folder in (own.folder, temporary) for path in folder.rglob("*") if path.is_file()]
    assert [path for path in files if path.suffix == ".sheet"]
    needles = (secret.encode(), secret.encode("utf-16-be"), secret.encode("utf-16-be").hex().encode())
    for path in files:
        held = path.read_bytes()
        assert not any(needle in held for needle in needles), path
    assert secret not in caplog.text


def test_the_needles_of_the_last_test_are_found_in_a_handout(client: FlaskClient):
    made = everything(send(client, "save", fields=typed(patient__name="Zyxwvut")).data)
    assert "Zyxwvut".encode("utf-16-be").hex().encode() in made.lower()


def test_a_preview_and_a_window_do_not_show_what_they_hold(desk: Desk):
    found = looked(desk)
    assert NAME not in repr(found)
    windows = Windows()
    assert "bytes" not in repr(windows.get("w", 0.0))
    assert NAME not in repr(read_form(typed(), order=None, today=TODAY))


def test_a_name_that_fits_beside_the_word_preview_but_not_beside_a_code_is_told(desk: Desk):
    name = "Aleksandra Wolkowicz-Hernandez de la Cruz y Montenegro Vasquez"
    found = looked(desk, format="large-print", patient__name=name)
    assert [fault.field for fault in found.faults if "too long" in fault.message] == ["patient.name"]
    assert name.split()[0] in text_of(pdf_of(found))
