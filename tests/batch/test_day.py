"""A list on a screen: its rows are mended, made and given out; dropped again, it goes on where it stopped."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from handouts.batch.day.giving import Mailing, mail_rows, plan_mail, print_rows, save_rows, slips_in
from handouts.batch.day.making import MadeRow
from handouts.batch.day.memory import KEEP, DayMemory
from handouts.batch.day.opened import OpenedList, in_order
from handouts.batch.day.settling import settle_all
from handouts.batch.day.work import Places, Work
from handouts.batch.pool import InlinePool
from handouts.deliver.identify import identify
from handouts.errors import OutputFault, Refused, RequestFault
from handouts.typeset.cache import SheetCache
from tests.day_lists import LIST, NOW, SECRETS, Bench, Paper, bench, printed
from tests.day_worker import give_out
from tests.forked import fork
from tests.lists import approve, holds
from tests.mailing import FROM, WORDS
from tests.reading_pdf import page_texts
from tests.recording import faults


@pytest.fixture
def here(data: Path) -> Iterator[Bench]:
    with bench(data) as made:
        yield made


def faults_of(opened: OpenedList, number: int) -> dict[str, str]:
    return {fault.path: fault.why for fault in opened.row(number).faults}


def test_each_row_is_checked_as_batch_checks_it_and_its_faults_stand_at_their_cells(here: Bench) -> None:
    text = LIST.replace("1961-04-09", "2061-04-09").replace("Ypsilon Fjord", "Ypsilon " * 40)
    opened = here.open(text.replace("Vexley,1958-01-17,MRN 77443,hemifacial-spasm,botox", "Vexley,,,hemifacial-spasm,"))
    assert "lies in the future" in faults_of(opened, 2)["patient.birth_date"]
    assert "too long" in faults_of(opened, 3)["patient.name"]
    assert "options is missing" in faults_of(opened, 4)[""]
    assert opened.ready() == []
    opened.mend(2, "patient.birth_date", "9 April 1961")
    opened.mend(3, "patient.name", "Ypsilon Fjord")
    opened.choose([4], {"options": ["botox", "no-treatment"], "side": "left"})
    assert [row.number for row in opened.ready()] == [2, 3, 4]
    assert opened.row(4).data["options"] == ["botox", "no-treatment"]
    opened.mend(3, "patient.name", None)
    opened.choose([4], None)
    assert [row.number for row in opened.ready()] == [2]


def test_a_cell_shows_what_is_printed_or_what_has_to_be_mended(here: Bench) -> None:
    opened = here.open(
        "Last Name,First Name,DOB\nQuill,Xanthippe,4/31/1961\nFjord,Ypsilon,4/9/1961\nVexley,Z,4/29/61\n"
    )
    assert opened.row(2).shown("patient.name") == "Xanthippe Quill"
    assert opened.row(2).shown("patient.birth_date") == "4/31/1961"
    assert opened.row(3).shown("patient.birth_date") == "1961-04-09"
    opened.mend(2, "patient.birth_date", "never")
    assert opened.row(2).shown("patient.birth_date") == "never"
    opened.mend(2, "patient.birth_date", "4/30/1961")
    assert opened.row(2).shown("patient.birth_date") == "1961-04-30"


def test_what_no_request_has_can_not_be_mended_or_chosen(here: Bench) -> None:
    opened = here.open()
    for wrong in (lambda: opened.mend(99, "patient.name", "X"), lambda: opened.mend(2, "patient.shoe", "X"),
                  lambda: opened.mend(2, "patient.name", "X" * 3000), lambda: opened.choose([2], {"note": "X"}),
                  lambda: opened.choose([2], {"side": "above"})):  # fmt: skip
        with pytest.raises(RequestFault):
            wrong()


def test_names_that_are_easily_confused_same_handouts_and_unusable_addresses_are_told(here: Bench) -> None:
    again = LIST.splitlines()[1]
    text = LIST + again + "\nYpsilon Fjörd,1980-01-01,MRN 1,hemifacial-spasm,botox,no address\n"
    opened = here.open(text)
    assert [note.why for note in opened.row(5).notes] == ["This is the same handout as that of row 2."]
    notes = {note.path: note.why for note in opened.row(6).notes}
    assert "much like it" in notes["patient.name"]
    assert notes["patient.email"].startswith("It can't be mailed: ")
    assert opened.row(6).ready


def test_only_approved_text_is_made_unless_that_is_allowed(data: Path, content: Path) -> None:
    with bench(data, content) as here:
        opened = here.open(allow=False)
        assert "not approved" in faults_of(opened, 2)[""]
        approve(content)
        assert len(here.open(allow=False).ready()) == 3


def test_content_that_changes_while_a_list_is_open_is_read_anew(data: Path, content: Path) -> None:
    with bench(data, content) as here:
        opened = here.open("patient.name,topic,options\nAna One,hemifacial-spasm,botox\n")
        code = opened.row(2).code
        path = content / "topics" / "trigeminal-neuralgia" / "topic.yaml"
        path.write_text(path.read_text(encoding="utf-8") + "\n# another look\n", encoding="utf-8")
        opened.choose([2], {"topic": "trigeminal-neuralgia", "options": ["radiosurgery"]})
        assert opened.row(2).ready
        assert opened.row(2).code != code


def test_a_document_that_was_voided_is_not_made_again(here: Bench, sheets: SheetCache, tmp_path: Path) -> None:
    opened = here.open()
    made = here.make(opened.ready(), opened, sheets)
    here.print(made[:1], tmp_path / "paper")
    before = here.recorder.store.made(made[0].code)
    assert before
    here.recorder.add_voided(before, "wrong patient")
    assert "Voided" in faults_of(here.open(), 2)[""]
    assert here.print(made[:2], tmp_path / "paper", again=True)[2].state == "failed"
    assert printed(tmp_path / "paper") == [made[0].code, made[1].code]


def test_a_list_that_is_dropped_again_goes_on_where_it_stopped(here: Bench, sheets: SheetCache, tmp_path: Path) -> None:
    opened, paper = here.open(), tmp_path / "paper"
    here.print(here.make(opened.ready([2, 3]), opened, sheets), paper)
    anew = here.open("\n" + LIST)  # the rows have moved
    made = here.make(anew.ready(), anew, sheets)
    assert {number: one.state for number, one in here.print(made, paper).items()} == {
        3: "already",
        4: "already",
        5: "done",
    }
    assert printed(paper) == [one.code for one in made]


def test_a_row_that_was_mended_is_known_and_not_printed_twice(here: Bench, sheets: SheetCache, tmp_path: Path) -> None:
    opened, paper = here.open(), tmp_path / "paper"
    opened.mend(2, "patient.name", "Xanthippe Quill-Jones")
    here.print(here.make(opened.ready([2]), opened, sheets), paper)
    anew = here.open()
    assert here.states(anew.row(2)) == [("printed", "done")]
    assert anew.row(2).code != opened.row(2).code
    assert here.print(here.make(anew.ready([2]), anew, sheets), paper)[2].state == "already"
    assert len(printed(paper)) == 1
    assert here.print(here.make(anew.ready([2]), anew, sheets), paper, again=True)[2].state == "done"
    assert len(printed(paper)) == 2


def test_of_rows_that_are_the_same_each_is_known_by_itself(here: Bench, sheets: SheetCache, tmp_path: Path) -> None:
    twice = LIST + LIST.splitlines()[1] + "\n"
    opened, paper = here.open(twice), tmp_path / "paper"
    here.print(here.make(opened.ready([2]), opened, sheets), paper)
    anew = here.open(twice)
    assert (here.states(anew.row(2)), here.states(anew.row(5))) == ([("printed", "done")], [])


def test_a_workbook_and_a_csv_file_of_the_same_rows_are_the_same(here: Bench) -> None:
    rows = [line.split(",") for line in LIST.splitlines()]
    cells = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    semicolons = "\n".join(";".join(row) for row in rows) + ";\n"
    keys = [row.key for row in here.open().rows.values()]
    assert [row.key for row in here.open(semicolons).rows.values()] == keys
    assert cells[0]["patient.name"] == "Xanthippe Quill"


def test_a_printer_that_fails_stops_the_rest_and_nothing_is_called_printed(
    here: Bench, sheets: SheetCache, tmp_path: Path
) -> None:
    opened = here.open()
    made = here.make(opened.ready(), opened, sheets)
    for broken, state in (("on fire", "failed"), ("stuck", "unknown")):
        results = list(print_rows(made[:2], Paper(tmp_path / "paper", broken), here.giving()))
        assert [(one.number, one.state, one.message, one.last) for one in results] == [
            (2, state, f"The printer is {broken}.", True)
        ]
    assert here.states(opened.row(2)) == [("printed", "failed"), ("printed", "unknown")]
    assert here.states(opened.row(3)) == []
    assert here.print(made, tmp_path / "paper")[2].state == "already", "nobody knows whether it came out"


def test_a_file_of_many_has_each_patient_in_the_record_before_it_is_given_out(here: Bench, sheets: SheetCache) -> None:
    opened = here.open()
    made = here.make(opened.ready(), opened, sheets)
    assert not any(here.recorder.store.made(row.code) for row in made)
    file = save_rows(made, here.giving(), duplex=True)
    assert file.rows == (2, 3, 4)
    assert list(identify(file.pdf).codes) == [row.code for row in made]
    assert all(here.recorder.store.made(row.code, row.document.sha256) for row in made)
    pages = page_texts(file.pdf)
    assert all(any(name in page for page in pages) for name in ("Xanthippe Quill", "Ypsilon Fjord", "Zebulon Vexley"))
    with pytest.raises(Refused, match="saved already"):
        save_rows(made, here.giving(), duplex=True)
    assert save_rows(made, here.giving(again=True), duplex=True).rows == (2, 3, 4)


def test_what_the_record_can_not_hold_is_not_given_out(
    here: Bench, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = here.open()
    made = here.make(opened.ready(), opened, sheets)

    def full(*_: object) -> None:
        raise OutputFault("The record can't be used: the disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(here.recorder, "add_made", full)
        with pytest.raises(OutputFault, match="disk is full"):
            save_rows(made, here.giving(), duplex=True)
    assert here.states(opened.row(2)) == [("saved", "failed")]
    assert save_rows(made, here.giving(), duplex=True).rows == (2, 3, 4)


def mailing(tmp_path: Path) -> Mailing:
    return Mailing({"cohen": FROM}, WORDS, "letter", tmp_path / "slips")


def test_rows_are_mailed_once_with_slips_and_those_without_an_address_are_told(
    here: Bench, sheets: SheetCache, tmp_path: Path
) -> None:
    opened = here.open()
    made = here.make(opened.ready(), opened, sheets)
    with here.recorder.open_outbox(*(row.document for row in made)) as outbox:
        asked = plan_mail(made, outbox)
        assert (asked.without, [one.kind for one in asked.wanted(again=False)]) == ([4], ["new", "new"])
        results = list(mail_rows(asked.wanted(again=False), asked.made, mailing(tmp_path), outbox, here.giving()))
        assert [(one.number, one.state) for one in results] == [(2, "done"), (3, "done")]
        again = list(mail_rows(asked.wanted(again=False), asked.made, mailing(tmp_path), outbox, here.giving()))
        assert [one.state for one in again] == ["already", "already"]
        assert [entry.code for entry in outbox.entries()] == [row.code for row in made[:2]]
        [slips] = slips_in(tmp_path / "slips", outbox)
    assert slips.stat().st_mode & 0o777 == 0o600
    assert len(page_texts(slips.read_bytes())) == 2
    assert [event.what for event in here.recorder.store.of_code(made[0].code)] == ["queued"]


def places(data: Path, sheets: SheetCache) -> Places:
    return Places(data, "anna", lambda: NOW, sheets, InlinePool)


def test_work_goes_on_in_its_own_thread_and_can_be_stopped(here: Bench, sheets: SheetCache, tmp_path: Path) -> None:
    opened, paper = here.open(), tmp_path / "paper"

    class Stopping(Paper):
        def print_made(self, *values: object) -> None:  # type: ignore[override]
            super().print_made(*values)  # type: ignore[arg-type]
            work.stop()

    work = Work(
        places(here.data, sheets), opened.ready(), opened.setup, "printed", open_session=lambda _: Stopping(paper)
    )
    work.start().wait()
    assert (work.step, work.message, len(printed(paper))) == ("ended", "", 1)
    assert work.counts() == {"done": 1, "already": 0, "failed": 0, "unknown": 0}
    rest = Work(places(here.data, sheets), opened.ready(), opened.setup, "printed", open_session=lambda _: Paper(paper))
    rest.start().wait()
    assert rest.counts() == {"done": 2, "already": 1, "failed": 0, "unknown": 0}


def test_work_asks_before_it_mails_and_saves_only_when_it_is_taken(
    here: Bench, sheets: SheetCache, tmp_path: Path
) -> None:
    opened = here.open()
    work = Work(
        places(here.data, sheets), opened.ready(), opened.setup, "mailed", mailing=lambda: mailing(tmp_path)
    )  # fmt: skip
    work.start().wait()
    assert (work.step, work.is_busy) == ("asking", False)
    assert here.states(opened.row(2)) == []
    work.go_on().wait()
    assert (work.step, work.message, work.counts()["done"]) == ("ended", "", 2)
    work = Work(places(here.data, sheets), opened.ready(), opened.setup, "saved")
    work.start().wait()
    assert (work.step, here.states(opened.row(4))) == ("made", [])
    assert work.save(duplex=True).rows == (2, 3, 4)
    assert here.states(opened.row(4)) == [("saved", "done")]


def test_an_end_that_can_not_be_written_is_settled_once_nothing_is_under_way(
    here: Bench, sheets: SheetCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OutputFault("The memory of lists can't be used: the disk is full.")

    opened, paper = here.open(), tmp_path / "paper"
    work = Work(places(here.data, sheets), opened.ready(), opened.setup, "printed", open_session=lambda _: Paper(paper))
    with monkeypatch.context() as patch:
        patch.setattr(DayMemory, "end", full)
        work.start().wait()
    assert (work.message, len(printed(paper))) == ("The memory of lists can't be used: the disk is full.", 1)
    settle_all(here.memory, here.recorder, here.now(), idle=lambda: False)
    assert here.states(opened.row(2)) == [("printed", "begun")]
    settle_all(here.memory, here.recorder, here.now(), idle=lambda: True)
    assert here.states(opened.row(2)) == [("printed", "done")]


def test_a_bug_ends_work_with_its_place_and_no_details(
    here: Bench, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise ZeroDivisionError("Xanthippe Quill")

    monkeypatch.setattr("handouts.batch.day.work.make_rows", wrong)
    opened = here.open()
    work = Work(places(here.data, sheets), opened.ready(), opened.setup, "saved")
    work.start().wait()
    assert "a bug in the program (ZeroDivisionError" in work.message
    assert "Xanthippe" not in work.message + caplog.text + repr(work) + repr(opened) + repr(opened.row(2))


def test_nothing_of_a_patient_is_in_the_memory_of_lists(here: Bench, sheets: SheetCache, tmp_path: Path) -> None:
    opened = here.open()
    opened.mend(2, "patient.name", "Xanthippe Quill-Jones")
    made = here.make(opened.ready(), opened, sheets)
    here.print(made, tmp_path / "paper")
    save_rows(made, here.giving(), duplex=True)
    with here.recorder.open_outbox(*(row.document for row in made)) as outbox:
        asked = plan_mail(made, outbox)
        assert list(mail_rows(asked.wanted(again=False), asked.made, mailing(tmp_path), outbox, here.giving()))
    kept = sorted(here.data.glob("desk-lists*"))
    assert kept
    for path in kept:
        assert not list(holds(path.read_bytes(), SECRETS)), path.name
        assert path.stat().st_mode & 0o077 == 0
    words = json.dumps([tuple(row) for row in here.memory.look("SELECT * FROM rows")])
    assert not [secret for secret in SECRETS if secret in words]


def test_what_was_done_is_forgotten_after_two_weeks(here: Bench, sheets: SheetCache, tmp_path: Path) -> None:
    opened = here.open()
    here.print(here.make(opened.ready([2]), opened, sheets), tmp_path / "paper")
    settle_all(here.memory, here.recorder, here.clock[0] + KEEP - 60)
    assert here.states(opened.row(2))
    settle_all(here.memory, here.recorder, here.clock[0] + KEEP + 60)
    assert here.states(opened.row(2)) == []


def test_a_damaged_memory_of_lists_says_what_to_do(data: Path) -> None:
    with bench(data):
        pass
    (data / "desk-lists.sqlite3").write_bytes(b"x" * 5000)
    with pytest.raises(OutputFault, match="Delete desk-lists"):
        DayMemory(data)


def test_a_days_list_is_printed_in_the_order_of_its_times(here: Bench) -> None:
    head = "Patient Name,DOB,Appt Date,Appt Time\n"
    opened = here.open(head + "Xanthippe Quill,4/9/1961,12/4/2026,11:00\nYpsilon Fjord,8/30/1972,12/4/2026,9:30\n")
    opened.choose([2, 3], {"topic": "hemifacial-spasm", "options": ["botox"]})
    assert [row.number for row in in_order(opened.ready())] == [3, 2]


@pytest.mark.heavy
@pytest.mark.parametrize("what", ["printed", "saved", "mailed"])
def test_killed_before_any_statement_record_paper_and_list_say_what_is_true(
    tmp_path: Path, sheets: SheetCache, what: str
) -> None:
    base = tmp_path / "base"
    with bench(base) as here:
        opened = here.open()
        made = here.make(opened.ready(), opened, sheets)
    last, killed = 0, True
    while killed:
        last += 1
        data, paper = tmp_path / f"{what}-{last}", tmp_path / f"paper-{last}"
        shutil.copytree(base, data)
        process = fork(give_out, what, data, paper, made, last)
        told = list(process.lines())
        killed = process.end() == -signal.SIGKILL
        with bench(data) as here:
            settle_all(here.memory, here.recorder, NOW + 100)
            states = {row.number: [end for _, end in here.states(opened.row(row.number))] for row in made}
            events = {row.number: [one.what for one in here.recorder.store.of_code(row.code)] for row in made}
            for row in made:
                state, out = states[row.number], printed(paper).count(row.code)
                assert set(told) <= {number for number, one in states.items() if one == ["done"]}, last
                if what == "printed":
                    assert out <= 1
                    assert state in (["done"], ["unknown"]) if out else state in ([], ["failed"], ["unknown"]), last
                    assert ("printed" in events[row.number]) == (state == ["done"]), last
                    assert state != ["unknown"] or events[row.number][-1] == "queued", last
                elif what == "saved":
                    assert ("made" in events[row.number]) == (state == ["done"]), last
            if what == "mailed":
                _mailed_as_told(here, states, made, data, last)
            if what == "printed":
                here.print(made, paper)
                unknown = {row.code for row in made if states[row.number] == ["unknown"]}
                assert all(printed(paper).count(row.code) == 1 for row in made if row.code not in unknown), last
                assert all(printed(paper).count(code) <= 1 for code in unknown), last
        assert faults(data) == ()
    assert last > 30, "there are that many statements to die before"


def _mailed_as_told(here: Bench, states: dict[int, list[str]], made: list[MadeRow], data: Path, last: int) -> None:
    """A row is done if it is in the outbox, once, and then its words are on a slip."""
    with here.recorder.open_outbox() as outbox:
        queued = {row.number: len(outbox.of_code(row.code)) for row in made}
        assert queued == {number: int(state == ["done"]) for number, state in states.items()}, last
        slips = [page for path in slips_in(data / "slips", outbox) for page in page_texts(path.read_bytes())]
    assert len(slips) == sum(queued.values()), last
