"""The day's list on its screen: opened, edited, chosen for, printed, mailed, saved; what was done stays marked."""

from __future__ import annotations

import io
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from handouts.batch.day.work import Work
from handouts.deliver.identify import identify
from handouts.desk.guard import Doorkeeper
from handouts.desk.listwindows import GRACE, IDLE, MOST, ListWindows
from handouts.desk.state import Desk
from handouts.errors import HandOverFault
from tests.conftest import PATIENCE
from tests.cups import Cups, missing
from tests.day_lists import LIST, SECRETS, Paper, printed
from tests.day_worker import print_at_a_desk
from tests.deliver.printing.test_printing import use
from tests.desk.conftest import HOST, JSON, SettingsOf, client_of
from tests.forked import fork
from tests.lists.test_cases import CASES
from tests.lists.workbooks import xlsx
from tests.mailing import set_up_clinic
from tests.waiting import until


@pytest.fixture
def client_in(settings_of: SettingsOf) -> Iterator[Callable[..., FlaskClient]]:
    """A client of a desk with other settings."""
    desks: list[Desk] = []

    def build(**over: Any) -> FlaskClient:
        desks.append(Desk(settings_of(**over)))
        return client_of(desks[-1], Doorkeeper([HOST]))

    yield build
    for made in desks:
        made.close()


@pytest.fixture
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What comes out of the printer."""
    out = tmp_path / "paper"
    monkeypatch.setattr("handouts.desk.dayjobs._session", lambda *_: lambda _say: Paper(out))
    return out


def drop(client: FlaskClient, text: str | bytes = LIST, name: str = "list.csv") -> str:
    """Open a list; where it is."""
    data = text.encode() if isinstance(text, str) else text
    answer = client.post("/list", data={"file": (io.BytesIO(data), name)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_what_is_no_number_of_a_row_counts_for_nothing(client: FlaskClient):
    where = drop(client)
    sent = {
        "do": "edit",
        "row": ["\u00b2", "9" * 5000, "-1", " 2", ""],
        "\u00b2:patient.name": "x",
        f"{'9' * 5000}:x": "y",
    }
    assert client.post(f"{where}/rows", data=sent).status_code == 303
    assert client.post("/list/slips/\u00b2").status_code == 404


def work_of(client: FlaskClient, where: str) -> Work:
    """What is under way with a list, once it waits or has ended."""
    windows: ListWindows = client.application.extensions["desk-lists"]
    window = windows.get(where.rpartition("/")[2], 0, use=False)
    assert window
    assert window.work
    window.work.wait(PATIENCE)
    return window.work


def do(client: FlaskClient, where: str, what: str, *rows: int, **also: Any) -> None:
    answer = client.post(f"{where}/rows", data={"do": what, "row": [str(row) for row in rows], **also}, headers=JSON)
    assert answer.status_code == 204, answer.text


def allow(client: FlaskClient, where: str) -> None:
    """The content that comes with the program is not approved."""
    do(client, where, "allow", allow="yes")


def edit(client: FlaskClient, where: str, row: int, path: str, text: str | None) -> Any:
    return client.post(f"{where}/cell", json={"row": row, "path": path, "text": text}, headers=JSON)


def row_of(page: str, number: int) -> str:
    found = re.search(rf'<tr id="row-{number}".*?</tr>', page, re.S)
    assert found
    return found[0]


def test_an_empty_screen_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/list").text
    assert "Drop the list here" in page
    assert "workbook (xlsx, xls, ods)" in page


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "No file was chosen"),
        (b"%PDF-1.7", "The list is a PDF"),
        (b"\xff\xfe", "empty"),
        (CASES.joinpath("locked.xlsx").read_bytes(), "protected by a password"),
        (b"a;b\n1;2\n", "patient.name"),
        (b"patient.name\n" + b"Ana\n" * 2001, "command `batch`"),
    ],
)
def test_what_can_not_be_opened_is_told_where_it_was_dropped(client: FlaskClient, file: bytes, why: str) -> None:
    answer = client.post("/list", data={"file": (io.BytesIO(file), "list.csv")})
    assert answer.status_code == 422
    assert why in answer.text.replace("&#39;", "'")
    assert "Drop the list here" in answer.text


def test_each_row_is_shown_with_what_is_wrong_at_its_cell(client: FlaskClient) -> None:
    where = drop(client, LIST.replace("1961-04-09", "2061-04-09"))
    allow(client, where)
    page = client.get(where).text
    assert "3 rows, 2 ready, 1 to fix" in page
    row = row_of(page, 2)
    assert 'value="2061-04-09"' in row
    assert 'aria-invalid="true"' in row
    assert "lies in the future" in row
    assert "checked" not in row
    assert "checked" in row_of(page, 3)
    assert "Botulinum" in row or "Botox" in row


def test_without_approval_a_row_says_so_until_it_is_allowed(client: FlaskClient) -> None:
    where = drop(client)
    assert "is not approved" in row_of(client.get(where).text, 2)
    allow(client, where)
    assert "Ready" in row_of(client.get(where).text, 2)


def test_a_edited_cell_comes_back_with_what_is_still_wrong(client: FlaskClient) -> None:
    where = drop(client)
    allow(client, where)
    found = edit(client, where, 2, "patient.birth_date", "03/04/1961").get_json()
    assert "March 4, 1961 or April 3, 1961" in found["rows"]["2"]
    found = edit(client, where, 2, "patient.birth_date", "4 mar 1961").get_json()
    assert 'value="1961-03-04"' in found["rows"]["2"]
    assert found["summary"] == "3 rows, 3 ready"
    found = edit(client, where, 2, "patient.birth_date", None).get_json()
    assert 'value="1961-04-09"' in found["rows"]["2"]


@pytest.mark.parametrize("body", [None, {}, {"row": "2", "path": "patient.name", "text": "X"}, [], {"row": 2}])
def test_what_is_no_cell_is_refused(client: FlaskClient, body: Any) -> None:
    assert client.post(f"{drop(client)}/cell", json=body, headers=JSON).status_code == 400


def test_a_cell_that_is_not_there_is_told(client: FlaskClient) -> None:
    answer = edit(client, drop(client), 2, "patient.shoe", "X")
    assert (answer.status_code, answer.get_json()["error"]) == (422, "There is no such cell in the list.")


def test_without_scripts_all_cells_are_taken_over_at_once(client: FlaskClient) -> None:
    where = drop(client)
    allow(client, where)
    typed = {"do": "edit", "row": ["2"], "2:patient.name": "Xanthippe Jones", "3:patient.name": "Ypsilon Fjord"}
    assert client.post(f"{where}/rows", data=typed).headers["Location"] == where
    page = client.get(where).text
    assert 'value="Xanthippe Jones"' in row_of(page, 2)
    assert "corrected here" in row_of(page, 2)
    assert "corrected here" not in row_of(page, 3)


def test_a_handout_is_chosen_for_many_rows_at_once(client: FlaskClient) -> None:
    where = drop(client, "Patient Name,DOB\nXanthippe Quill,4/29/1961\nYpsilon Fjord,8/30/1972\n")
    allow(client, where)
    assert "to fix" in client.get(where).text
    do(client, where, "choose", 2, 3, topic="hemifacial-spasm", side="left",
       **{"options.hemifacial-spasm": ["botox", "no-treatment"]})  # fmt: skip
    page = client.get(where).text
    assert "2 rows, 2 ready" in page
    assert all("chosen here" in row_of(page, number) and "left side" in row_of(page, number) for number in (2, 3))
    do(client, where, "unchoose", 3)
    assert "chosen here" not in row_of(client.get(where).text, 3)
    answer = client.post(f"{where}/rows", data={"do": "choose", "row": ["2"]}, headers=JSON)
    assert "Nothing was chosen" in answer.get_json()["error"]


def test_which_worksheet_is_asked(client: FlaskClient) -> None:
    head = ["patient.name", "topic", "options"]
    book = xlsx(
        [head, ["Ana One", "hemifacial-spasm", "botox"]], Tomorrow=[head, ["Ben Two", "hemifacial-spasm", "botox"]]
    )
    where = drop(client, book, "day.xlsx")
    assert "Which worksheet" in client.get(where).text
    assert client.post(f"{where}/answer", data={"worksheet": "Tomorrow"}).status_code == 303
    assert "Ben Two" in client.get(where).text


def test_how_dates_are_written_is_asked_with_both_readings(client: FlaskClient) -> None:
    where = drop(client, (CASES / "ambiguous-dates.csv").read_bytes())
    page = client.get(where).text
    assert "2 May 1983 or 5 February 1983" in page
    assert client.post(f"{where}/answer", data={"date_order": "ymd"}).status_code == 400
    client.post(f"{where}/answer", data={"date_order": "dmy"})
    assert 'value="1983-05-02"' in client.get(where).text


def test_rows_are_printed_marked_and_left_alone_when_the_list_is_dropped_again(
    client: FlaskClient, paper: Path
) -> None:
    where = drop(client)
    allow(client, where)
    do(client, where, "printed", 2, 3)
    assert work_of(client, where).message == ""
    page = client.get(where).text
    assert "2 handouts printed." in page
    assert "Printed" in row_of(page, 2)
    again = drop(client)
    allow(client, again)
    page = client.get(again).text
    assert "3 rows, 1 ready, 2 done" in page
    assert [number for number in (2, 3, 4) if " checked" in row_of(page, number)] == [4]
    do(client, again, "printed", 2, 3, 4)
    work_of(client, again)
    assert "1 handout printed; 2 were already and are left as they are." in client.get(again).text
    assert len(printed(paper)) == 3
    do(client, again, "printed", 2, again="yes")
    work_of(client, again)
    assert len(printed(paper)) == 4


def test_rows_at_fault_are_not_passed_over_in_silence(client: FlaskClient, paper: Path) -> None:
    where = drop(client, LIST.replace("1961-04-09", "never"))
    allow(client, where)
    answer = client.post(f"{where}/rows", data={"do": "printed", "row": ["2", "3"]}, headers=JSON)
    assert (answer.status_code, answer.get_json()["error"]) == (
        409, "Nothing was done. These rows have to be fixed first, or left out: 2.",
    )  # fmt: skip
    answer = client.post(f"{where}/rows", data={"do": "printed"}, headers=JSON)
    assert "No row is ticked" in answer.get_json()["error"]
    assert printed(paper) == []


def test_a_printer_that_takes_no_jobs_is_told_at_once_and_the_list_stays(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object) -> None:
        raise HandOverFault("The printer front-desk accepts no jobs. Nothing was printed.")

    monkeypatch.setattr("handouts.desk.dayjobs.printer_for", closed)
    where = drop(client)
    allow(client, where)
    edit(client, where, 2, "patient.name", "Xanthippe Jones")
    answer = client.post(f"{where}/rows", data={"do": "printed", "row": ["2"]}, headers=JSON)
    assert (answer.status_code, answer.get_json()["error"].split(".")[0]) == (
        502, "The printer front-desk accepts no jobs",
    )  # fmt: skip
    assert "Xanthippe Jones" in client.get(where).text


def test_a_printer_that_fails_is_told_with_what_is_left(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Paper(Path("nowhere"), "stuck")
    monkeypatch.setattr("handouts.desk.dayjobs._session", lambda *_: lambda _say: broken)
    where = drop(client)
    allow(client, where)
    do(client, where, "printed", 2, 3, 4)
    work_of(client, where)
    page = client.get(where).text
    assert "0 handouts printed; of 1 it is not known; 2 left." in page
    assert "The printer is stuck." in page
    assert "It is not known whether this was printed" in row_of(page, 2)


def test_one_file_with_all_of_them_is_recorded_before_it_leaves(client: FlaskClient, desk: Desk) -> None:
    where = drop(client)
    allow(client, where)
    assert client.post(f"{where}/file").status_code == 404
    do(client, where, "saved", 2, 4)
    work_of(client, where)
    assert "Nothing is given out yet" in client.get(where).text
    answer = client.post(f"{where}/file")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="handouts-2026-11-22.pdf"'
    codes = identify(answer.data).codes
    with desk.recorder() as recorder:
        assert [[event.channel for event in recorder.store.of_code(code)] for code in codes] == [["browser"]] * 2
    page = client.get(where).text
    assert "2 handouts saved." in page
    assert "Saved" in row_of(page, 4)
    client.post(f"{where}/stop", headers=JSON)
    assert "2 handouts saved." not in client.get(where).text


def test_of_two_who_ask_for_the_file_at_once_one_gets_all_of_it(
    client: FlaskClient, door: Doorkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(_: Desk) -> bool:
        time.sleep(0.3)
        return False

    monkeypatch.setattr("handouts.desk.dayjobs.is_duplex", slowly)
    where = drop(client)
    allow(client, where)
    do(client, where, "saved", 2, 4)
    work_of(client, where)
    windows = [client.application.test_client() for _ in range(6)]
    for window in windows:
        window.environ_base.update(client.environ_base)
        assert window.get(f"/enter/{door.invite()}").status_code == 200
    with ThreadPoolExecutor(6) as at_once:
        answers = list(at_once.map(lambda window: window.post(f"{where}/file"), windows))
    given = [answer.data for answer in answers if answer.status_code == 200]
    assert [len(identify(pdf).codes) for pdf in given] == [2]
    assert [answer.status_code for answer in answers].count(404) == 5, "nobody else even began to give rows out"


def test_mail_is_asked_about_then_queued_with_slips(
    client_in: Callable[..., FlaskClient], content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up_clinic(content, 2525)
    client = client_in(content=content)
    woken: list[bool] = []
    monkeypatch.setattr("handouts.deliver.outbox.sending.Background.wake", lambda _: woken.append(True))
    where = drop(client)
    allow(client, where)
    do(client, where, "mailed", 2, 3, 4)
    work_of(client, where)
    page = client.get(where).text
    assert "2 messages, 2 to addresses not used for that patient before" in page
    assert "Without an address: row 4" in page
    assert client.post(f"{where}/go-on", headers=JSON).status_code == 204
    assert work_of(client, where).message == ""
    assert woken == [True]
    page = client.get(where).text
    assert "2 handouts put into the outbox" in page
    assert "In the outbox" in row_of(page, 3)
    assert "Slips to hand over" in page
    slips = client.post("/list/slips/001")
    assert slips.data.startswith(b"%PDF")
    assert client.post("/list/slips/001/delete", data={"back": where.rpartition("/")[2]}).headers["Location"] == where
    assert "Slips to hand over" not in client.get(where).text
    assert client.post("/list/slips/001").status_code == 404
    assert client.post("/list/slips/..%2foutbox").status_code == 404


def test_a_no_queues_nothing(client_in: Callable[..., FlaskClient], content: Path) -> None:
    set_up_clinic(content, 2525)
    client = client_in(content=content)
    where = drop(client)
    allow(client, where)
    do(client, where, "mailed", 2)
    work_of(client, where)
    client.post(f"{where}/stop", headers=JSON)
    page = client.get(where).text
    assert "0 handouts put into the outbox" in page
    assert "In the outbox" not in row_of(page, 2)


def test_a_clinic_that_can_not_send_is_told_before_anything_is_made(client: FlaskClient) -> None:
    where = drop(client)
    allow(client, where)
    answer = client.post(f"{where}/rows", data={"do": "mailed", "row": ["2"]}, headers=JSON)
    assert "can't send yet" in answer.get_json()["error"]


def test_a_list_is_forgotten_with_its_window_or_after_half_an_hour(client: FlaskClient) -> None:
    windows = ListWindows()
    kept, idle, gone = (windows.open(0.0) for _ in range(3))
    windows.leave(gone.id, 10)
    windows.leave(kept.id, 10)
    assert windows.get(kept.id, 12)
    assert windows.get(gone.id, 11 + GRACE) is None
    assert windows.get(kept.id, IDLE)
    assert windows.get(idle.id, IDLE + 1) is None
    where = drop(client)
    assert client.post(f"{where}/close").headers["Location"] == "/list"
    answer = client.get(where)
    assert answer.status_code == 404
    assert "This list is no longer open" in answer.text


def test_only_so_many_lists_are_open_and_one_that_is_at_work_is_not_dropped() -> None:
    class Busy:
        is_busy = True

    windows = ListWindows()
    busy = windows.open(0.0)
    busy.work = Busy()  # type: ignore[assignment]
    for second in range(1, MOST + 1):
        windows.open(float(second))
    assert len(windows) == MOST
    windows.leave(busy.id, 20)
    windows.sweep(2 * IDLE)
    assert len(windows) == 1
    assert windows.get(busy.id, 2 * IDLE) is busy


@pytest.mark.usefixtures("paper")
def test_no_detail_is_in_an_address_a_title_or_a_log(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    where = drop(client)
    allow(client, where)
    edit(client, where, 2, "patient.name", "Xanthippe Jones")
    do(client, where, "printed", 2)
    work_of(client, where)
    page = client.get(where)
    title = re.search(r"<title>(.*?)</title>", page.text)
    assert title
    told = [where, title[1], *re.findall(r'(?:href|action|src)="([^"]*)"', page.text), caplog.text]
    told += [repr(window) for window in client.application.extensions["desk-lists"]._open.values()]
    assert not [secret for secret in SECRETS for text in told if secret in text]
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.heavy
@pytest.mark.skipif(bool(missing()), reason=missing())
def test_a_real_cups_prints_one_job_a_row_and_its_troubles_are_told(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Cups() as cups:
        use(cups, monkeypatch)
        good, bad = cups.add("front-desk"), cups.add("back-desk", "cancels")
        where = drop(client)
        allow(client, where)
        assert good in client.get(where).text
        do(client, where, "printed", 2, 3, printer=good)
        assert work_of(client, where).message == ""
        assert len(list(cups.out.glob("*.pdf"))) == 2
        assert all(secret not in (cups.out / "jobs").read_text() for secret in SECRETS)
        do(client, where, "printed", 4, printer=bad)
        work_of(client, where)
        page = client.get(where).text
        assert "0 handouts printed" in page
        assert 'role="alert"' in page
        assert "Printed" in row_of(page, 3)
        assert "✓" not in row_of(page, 4)
        answer = client.post(f"{where}/rows", data={"do": "printed", "row": ["4"], "printer": "none"}, headers=JSON)
        assert (answer.status_code, "There is no printer" in answer.get_json()["error"]) == (502, True)


@pytest.mark.heavy
def test_a_desk_that_is_killed_while_it_prints_says_after_a_restart_what_is_true(
    settings_of: SettingsOf, client_in: Callable[..., FlaskClient], paper: Path
) -> None:
    settings = settings_of()
    assert settings.cache
    process = fork(print_at_a_desk, settings.data, settings.cache.folder, LIST.encode())
    assert next(process.lines()) == "the printer has it"
    assert process.process.pid
    os.kill(process.process.pid, signal.SIGKILL)
    assert process.end() == -signal.SIGKILL
    client = client_in()
    where = drop(client)
    allow(client, where)
    page = client.get(where).text
    assert "It is not known whether this was printed" in row_of(page, 2)
    assert "Look at the printer" in row_of(page, 2)
    assert "Ready" in row_of(page, 3)
    do(client, where, "printed", 2, 3)
    work_of(client, where)
    assert len(printed(paper)) == 1, "what may have come out is not printed again unasked"
    do(client, where, "printed", 2, again="yes")
    work_of(client, where)
    assert "Printed" in row_of(client.get(where).text, 2)
    assert len(printed(paper)) == 2


def test_with_the_desk_its_open_lists_end_and_nobody_looks_for_idle_ones_any_more(
    settings_of: SettingsOf, door: Doorkeeper
):
    desk = Desk(settings_of())
    client = client_of(desk, door)
    drop(client, "Patient Name,DOB\nXanthippe Quill,4/29/1961\n")
    desk.close()
    windows = client.application.extensions["desk-lists"]

    def looks(thread: threading.Thread) -> bool:
        return getattr(getattr(thread, "function", None), "__self__", None) is windows

    until(lambda: not any(map(looks, threading.enumerate())))
