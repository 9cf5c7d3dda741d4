"""What the record holds of print jobs: before CUPS gets a file, and before anyone is told how it ended.

CUPS is played here, so that its part can look into the record. `test_printing` has the real one.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import CliRunner, Result

from handouts.batch import volumes
from handouts.cli import cli
from handouts.codes import format_code
from handouts.deliver.printing import job as job_module
from handouts.deliver.printing import outcome
from handouts.deliver.printing import scheduler as scheduler_module
from handouts.deliver.printing.contents import read_contents
from handouts.deliver.printing.scheduler import ABORTED, CANCELED, COMPLETED, HELD, PROCESSING, Job, Printer
from handouts.deliver.printing.submit import SubmissionUnclear
from handouts.errors import HandOverFault, OutputFault
from handouts.record.event import Event
from handouts.record.store import RecordStore
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, TOPIC
from tests.recording import book_in, event, faults

Run = Callable[..., Result]
REQUEST = f"topic: {TOPIC}\noptions: [botox]\npatient: {{name: Xanthippe Quill, identifier: MRN 4711}}\n"
LIST = "patient.name,patient.identifier\nXanthippe Quill,4711\nYpsilon Fjord,4712\nZebulon Vexley,4713\n"
GIVEN = ("--topic", TOPIC, "--option", "botox", "--allow-unapproved", "--jobs", "1")
Said = tuple[str, str | None]


def events(data: Path) -> list[Event]:
    with book_in(data).database as database:
        return list(RecordStore(database).chosen())


def said(data: Path) -> list[Said]:
    return [(found.what, found.channel) for found in events(data)]


@dataclass
class Cups:
    """A printer "front-desk" whose jobs end as ``state`` says; None: CUPS forgets them."""

    data: Path
    state: int | None = COMPLETED
    refuses: BaseException | None = None
    interrupted: bool = False
    jobs: list[str] = field(default_factory=list)
    """Titles of what was handed over."""
    seen: list[list[Said]] = field(default_factory=list)
    """What the record held at each hand-over."""

    def hand_over(self, printer: str, _pdf: object, title: str, _copies: int, _options: object) -> str:
        self.seen.append(said(self.data))
        if self.refuses:
            raise self.refuses
        self.jobs.append(title)
        return f"{printer.partition('/')[0]}-{16 + len(self.jobs)}"

    def printers(self) -> tuple[Printer, ...]:
        return (Printer("front-desk", "", "idle", True, (), ""),)

    def default(self) -> str:
        return "front-desk"

    def job(self, number: int) -> Job | None:
        if self.interrupted:
            raise KeyboardInterrupt
        return Job(number, self.state, (), (), "", 0, 0) if self.state else None

    def waiting(self, _printer: str) -> tuple[Job, ...]:
        return ()


@pytest.fixture
def cups(data: Path, monkeypatch: pytest.MonkeyPatch) -> Cups:
    made = Cups(data)
    monkeypatch.setattr(scheduler_module, "Scheduler", lambda: made)
    monkeypatch.setattr(job_module, "submit", made.hand_over)
    return made


@pytest.fixture
def run(here: Path, tmp_path: Path, data: Path, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch) -> Run:
    (tmp_path / "key").write_bytes(KEY)
    (here / "list.csv").write_text(LIST, encoding="utf-8")
    monkeypatch.setattr(volumes, "MOST", 2)

    def invoke(*args: str, code: int = 0, content: Path = CONTENT) -> Result:
        line = ["--content", str(content), "--today", "2026-11-22", *args]
        line += [] if "--data" in args else ["--data", str(data)]
        if args[0] in {"make", "blank", "batch"}:
            line += ["--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder)]
        result = CliRunner().invoke(cli, line, prog_name="handouts")
        assert result.exit_code == code, result.output
        return result

    return invoke


def fails_to_add(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """A disk that is full just when printing has something to add."""
    add = RecordStore.add

    def full(self: RecordStore, new: Any) -> list[int]:
        ready = list(new)
        if any(one.what == what and one.channel == "printer" for one in ready):
            raise OutputFault("The record can't be used: the disk is full.")
        return add(self, ready)

    monkeypatch.setattr(RecordStore, "add", full)


# --- order ---


def test_cups_gets_nothing_before_the_record_has_it(run: Run, cups: Cups):
    run("make", "request.yaml", "--print")
    run("make", "request.yaml", "-o", "kept.pdf", "--print")
    once = [("queued", "printer"), ("printed", "printer")]
    assert cups.seen == [once[:1], [*once, ("made", "file"), once[0]]]


def test_nothing_is_called_printed_before_the_record_has_it(
    run: Run, cups: Cups, data: Path, monkeypatch: pytest.MonkeyPatch
):
    told, at_telling = outcome.describe_printed, []

    def look(*args: Any) -> str:
        at_telling.append(said(data)[-1])
        return told(*args)

    monkeypatch.setattr(outcome, "describe_printed", look)
    assert "Printed: " in run("make", "request.yaml", "--print").output
    run("batch", "list.csv", "-d", "out", *GIVEN, "--print")
    assert at_telling == [("printed", "printer")] * 3
    assert len(cups.jobs) == 3


def test_without_room_in_the_record_nothing_is_handed_over(
    run: Run, cups: Cups, data: Path, monkeypatch: pytest.MonkeyPatch
):
    fails_to_add(monkeypatch, "queued")
    refused = run("make", "request.yaml", "--print", code=5)
    assert ("the disk is full" in refused.output, cups.jobs, said(data)) == (True, [], [])
    stopped = run("batch", "list.csv", "-d", "out", *GIVEN, "--print", code=5)
    assert cups.jobs == []
    go_on = f"print out/volume-001.pdf out/volume-002.pdf --on front-desk --data {data}"
    assert ("Not handed over: volume-002." in stopped.output, go_on in stopped.output) == (True, True)


@pytest.mark.parametrize("state", [COMPLETED, CANCELED, PROCESSING])
def test_what_the_record_could_not_be_told_is_not_called_printed(
    run: Run, cups: Cups, monkeypatch: pytest.MonkeyPatch, state: int
):
    cups.state = state
    for what in ("printed", "failed", "unknown"):
        fails_to_add(monkeypatch, what)
    wait = ("--print-wait", "0.01")
    result = run("make", "request.yaml", "--print", *wait, code=5)
    assert "Printed" not in result.output
    assert re.search(r"handed over to front-desk, job front-desk-17\. .* Check the printer", result.output)
    stopped = run("batch", "list.csv", "-d", "out", *GIVEN, "--print", *wait, code=5)
    assert cups.jobs[1:] == ["volume-001"], "the rest waits"
    assert "print out/volume-002.pdf --on" in stopped.output, "what may be on paper is not to be printed again unseen"


def test_a_run_that_is_killed_over_its_job_has_left_word_of_it(run: Run, cups: Cups, data: Path):
    assert cups.jobs == []
    run("make", "request.yaml", "-o", "kept.pdf")
    child = os.fork()
    if child == 0:
        cups.hand_over = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign,assignment,return-value]
        job_module.submit = cups.hand_over  # type: ignore[assignment]
        try:
            run("print", "kept.pdf")
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert said(data) == [("made", "file"), ("queued", "printer")]
    assert faults(data) == ()


# --- how it ends ---


@pytest.mark.parametrize(
    ("state", "wait", "what", "code"),
    [
        (COMPLETED, "120", "printed", 0),
        (CANCELED, "120", "failed", 6),
        (ABORTED, "120", "failed", 6),
        (HELD, "120", "unknown", 6),
        (PROCESSING, "0.01", "unknown", 6),
        (None, "120", "unknown", 6),
        (PROCESSING, "0", "unknown", 0),
    ],
)
def test_each_end_of_a_job_has_its_word(
    run: Run, cups: Cups, data: Path, state: int | None, wait: str, what: str, code: int
):
    cups.state = state
    run("make", "request.yaml", "--print", "--print-wait", wait, code=code)
    assert said(data) == [("queued", "printer"), (what, "printer")]
    assert [found.why for found in events(data)] == [None, "job 17"]


@pytest.mark.parametrize(
    ("refuses", "what"),
    [
        (HandOverFault("CUPS did not take it."), "failed"),
        (SubmissionUnclear("Stopped while it was handed over."), "unknown"),
    ],
)
def test_what_cups_did_not_take_failed_and_what_it_may_have_is_unknown(
    run: Run, cups: Cups, data: Path, refuses: HandOverFault, what: str
):
    cups.refuses = refuses
    assert refuses.message in run("make", "request.yaml", "--print", code=6).output
    assert said(data) == [("queued", "printer"), (what, "printer")]
    run("batch", "list.csv", "-d", "out", *GIVEN, "--print", code=6)
    assert said(data)[-2:] == [(what, "printer")] * 2


def test_ctrl_c_leaves_a_job_whose_end_nobody_saw(run: Run, cups: Cups, data: Path):
    cups.interrupted = True
    assert "Stopped waiting" in run("make", "request.yaml", "--print", code=6).output
    assert said(data)[-1] == ("unknown", "printer")


# --- what the events say ---


def test_a_handout_that_is_only_printed_can_be_found_and_made_again(run: Run, cups: Cups, data: Path, tmp_path: Path):
    run("make", "request.yaml", "--print", "--by", "Anna", "--interpreter", "Ms. Wye")
    queued, printed = events(data)
    assert (queued.content is None, queued.patient is None, queued.marks is None) == (False, False, False)
    assert (queued.by, queued.interpreter, printed.by) == ("Anna", "Ms. Wye", "Anna")
    assert (printed.code, printed.patient, printed.topic) == (queued.code, queued.patient, TOPIC)
    assert cups.jobs == [format_code(queued.code or "")]
    again = ("--request", "request.yaml", "--key-file", str(tmp_path / "key"), "-o", "again.pdf")
    assert "The same bytes" in run("reprint", queued.code or "", *again).output
    assert printed.made == printed.delivered == hashlib.sha256(Path("again.pdf").read_bytes()).hexdigest()
    assert "printed" in run("record", "find", "request.yaml").output
    assert run("record", "list", "--channel", "printer").output.count("\n") == 2
    assert faults(data) == ()


def test_the_printer_stands_in_the_record_as_a_hash_and_its_options_do_not_count(run: Run, cups: Cups, data: Path):
    run("make", "request.yaml", "--print", "front-desk")
    run("make", "request.yaml", "--print", "front-desk/draft")
    assert len(cups.jobs) == 2
    assert {found.destination for found in events(data)} == {book_in(data).destination("printer", "front-desk")}
    kept = b"".join(path.read_bytes() for path in data.glob("record.sqlite3*"))
    assert [word for word in (b"front-desk", b"Xanthippe", b"Quill", b"4711", b"request.yaml") if word in kept] == []


def test_a_blank_sheet_that_is_printed_leaves_events_of_nobody(run: Run, cups: Cups, data: Path):
    run("blank", TOPIC, "--option", "botox", "--print", "--by", "Anna")
    assert said(data) == [("queued", "printer"), ("printed", "printer")]
    assert {(found.patient, found.by) for found in events(data)} == {(None, "Anna")}
    assert cups.jobs == [format_code(events(data)[0].code or "")]


# --- lists and finished files ---


def test_each_handout_of_a_print_file_has_its_events_and_a_run_sheet_has_none(run: Run, cups: Cups, data: Path):
    run("batch", "list.csv", "-d", "out", *GIVEN, "--run-sheet", "--print", "--by", "Anna")
    found = events(data)
    codes = [one.code for one in found if one.what == "made"]
    assert cups.jobs == ["volume-001", "run-sheet-001", "volume-002", "run-sheet-002"]
    for what in ("queued", "printed"):
        printed = [one for one in found if one.what == what]
        assert [one.code for one in printed] == codes
        assert {one.by for one in printed} == {"Anna"}
        assert [one.patient for one in printed] == [one.patient for one in found if one.what == "made"]
    assert [one.why for one in found if one.what == "printed"] == ["job 17", "job 17", "job 19"]
    sha256 = [hashlib.sha256(Path(f"out/volume-00{n}.pdf").read_bytes()).hexdigest() for n in (1, 1, 2)]
    assert [one.delivered for one in found if one.what == "printed"] == sha256, "the print file that it was in"
    assert [seen[-1] for seen in cups.seen[::2]] == [("queued", "printer")] * 2
    assert faults(data) == ()


def test_a_print_file_that_fails_leaves_the_rest_without_an_event(run: Run, cups: Cups, data: Path):
    cups.state = CANCELED
    run("batch", "list.csv", "-d", "out", *GIVEN, "--print", code=6)
    found = [(one.what, one.code) for one in events(data) if one.channel == "printer"]
    first, second, _ = [one.code for one in events(data) if one.what == "made"]
    assert found == [("queued", first), ("queued", second), ("failed", first), ("failed", second)]


def test_a_finished_file_is_recorded_by_what_is_in_it_whatever_it_is_called(run: Run, cups: Cups, data: Path):
    run("make", "request.yaml", "-o", "Xanthippe Quill.pdf")
    run("batch", "list.csv", "-d", "out", *GIVEN, "--merge", "--run-sheet")
    Path("out/volume-001.pdf").rename("morning.pdf")
    code, first, second, third = [one.code for one in events(data)]
    before = len(events(data))
    run("print", "Xanthippe Quill.pdf", "morning.pdf", "out/volume-002.pdf", "out/run-sheet-001.pdf", "--by", "Ben")
    printed = events(data)[before:]
    assert {one.by for one in printed} == {"Ben"}
    assert [one.code for one in printed if one.what == "queued"] == [code, first, second, third]
    assert [one.code for one in printed if one.what == "printed"] == [code, first, second, third]
    assert cups.jobs == [format_code(code or ""), "handout", "volume-002", "run-sheet-001"]


def test_what_is_not_ours_is_printed_and_not_recorded(run: Run, cups: Cups, data: Path):
    with pikepdf.new() as foreign:
        foreign.add_blank_page(page_size=(612, 792))
        foreign.docinfo["/Title"] = "Letter, FHK8-Z5DW-14L"  # its check character is wrong
        with foreign.open_outline() as outline:
            outline.root.extend([pikepdf.OutlineItem("Row 1, of another program", 0)])
        foreign.save("letter.pdf")
    run("print", "letter.pdf")
    assert (cups.jobs, said(data)) == (["handout"], [])


@pytest.mark.parametrize("why", ["no PDF", "locked", "not there"])
def test_a_file_that_can_not_be_printed_keeps_those_before_it_from_the_printer(
    run: Run, cups: Cups, data: Path, why: str
):
    run("make", "request.yaml", "-o", "kept.pdf")
    if why == "no PDF":
        Path("Xanthippe Quill.pdf").write_text("no PDF")
    elif why == "locked":
        with pikepdf.open("kept.pdf") as pdf:
            pdf.save("Xanthippe Quill.pdf", encryption=pikepdf.Encryption(owner="a", user="b"))
    refused = run("print", "kept.pdf", "Xanthippe Quill.pdf", "kept.pdf", code=4)
    assert "File 2 of 3" in refused.output
    assert "Nothing was printed" in refused.output
    assert "Xanthippe" not in refused.output
    assert (cups.jobs, said(data)) == ([], [("made", "file")])
    Path("volume-001.pdf").write_text("no PDF")
    assert "volume-001.pdf" in run("print", "kept.pdf", "volume-001.pdf", code=4).output, "a name of ours"


def test_a_file_that_goes_away_in_the_midst_is_told_with_the_command_to_go_on(
    run: Run, cups: Cups, data: Path, monkeypatch: pytest.MonkeyPatch
):
    run("batch", "list.csv", "-d", "out", *GIVEN, "--merge")
    hand_over = cups.hand_over

    def and_delete(*given: Any) -> str:
        Path("out/volume-002.pdf").unlink()
        return hand_over(*given)

    monkeypatch.setattr(job_module, "submit", and_delete)
    files = ("out/volume-001.pdf", "out/volume-002.pdf", "out/volume-001.pdf")
    stopped = run("print", *files, code=4).output
    assert "volume-002: The file can't be read" in stopped
    assert "Not handed over: volume-001." in stopped
    assert f"print out/volume-002.pdf out/volume-001.pdf --on front-desk --data {data}" in stopped


def test_the_record_says_how_many_copies_were_printed(run: Run, cups: Cups, data: Path, content: Path):
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    text = clinic.read_text()
    start = text.index("print:")
    clinic.write_text(text[:start] + "print: {copies: 3}\n" + text[text.index("\n", start) + 1 :])
    run("make", "request.yaml", "--print", content=content)
    assert [found.why for found in events(data)] == [None, "job 17, 3 copies"]
    assert len(cups.jobs) == 1


def test_what_is_no_pdf_leaves_no_event_and_bookmarks_that_go_round_end(run: Run, cups: Cups, data: Path):
    Path("notes.pdf").write_text("no PDF")
    run("print", "notes.pdf", code=4)
    assert (cups.jobs, said(data)) == ([], [])
    with pikepdf.new() as foreign:
        foreign.add_blank_page(page_size=(612, 792))
        mark = foreign.make_indirect(pikepdf.Dictionary(Title="Row 1, FHK8-Z5DW-14K"))
        mark.Next = mark
        foreign.Root.Outlines = pikepdf.Dictionary(First=mark)
        foreign.save("round.pdf")
    assert read_contents(Path("round.pdf")).codes == ("FHK8Z5DW14K",)


def test_verify_knows_a_print_file_and_names_what_in_it_no_longer_counts(run: Run, cups: Cups, data: Path):
    run("batch", "list.csv", "-d", "out", *GIVEN, "--run-sheet", "--print")
    first, second, _ = [one.code or "" for one in events(data) if one.what == "made"]
    fine = run("verify", "out/volume-001.pdf").output
    assert "a print file, unchanged since it was printed" in fine
    assert "Holds     2 handouts" in fine
    assert "Holds     1 handout\n" in run("verify", "out/volume-002.pdf").output
    run("void", second, "--why", "wrong side")
    told = run("verify", "out/volume-001.pdf", code=8).output
    assert re.search(rf"Status    {format_code(second)}: Voided on .*: wrong side", told)
    assert format_code(first) not in told
    run("verify", "out/volume-002.pdf")
    with pikepdf.open("out/volume-002.pdf") as pdf:
        pdf.save("other.pdf")
    for name in ("other.pdf", "out/run-sheet-001.pdf"):
        assert "not in this record" in run("verify", name, code=8).output
    assert len(cups.jobs) == 4


def test_a_file_that_somebody_changed_is_not_printed_and_never_called_ours(run: Run, cups: Cups, data: Path):
    run("make", "request.yaml", "-o", "kept.pdf")
    run("print", "kept.pdf")
    with pikepdf.open("kept.pdf") as pdf:
        pdf.save("other.pdf")
    before, code = events(data), events(data)[0].code or ""
    for flags in ((), ("--not-in-record",)):
        refused = run("print", "other.pdf", *flags, code=8)
        assert f"{format_code(code)} is not as it was made" in refused.output
    assert (events(data), len(cups.jobs)) == (before, 1)
    assert "CHANGED" in run("verify", "other.pdf", code=8).output
    assert "unchanged" in run("verify", "kept.pdf").output


def test_a_handout_that_the_record_does_not_know_is_printed_only_when_somebody_says_so(
    run: Run, cups: Cups, tmp_path: Path
):
    run("make", "request.yaml", "-o", "kept.pdf")
    elsewhere = ("--data", str(tmp_path / "elsewhere"))
    assert "does not know the file" in run("print", "kept.pdf", *elsewhere, code=8).output
    assert cups.jobs == []
    run("print", "kept.pdf", "--not-in-record", *elsewhere)
    assert len(cups.jobs) == 1
    assert [(found.what, found.made) for found in events(tmp_path / "elsewhere")] == [
        ("queued", None),
        ("printed", None),
    ]


def test_a_file_of_another_program_is_printed_with_a_note_and_the_record_hears_nothing(
    run: Run, cups: Cups, data: Path
):
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(612, 792))
        pdf.save("theirs.pdf")
    assert "is not a file of this program" in run("print", "theirs.pdf").output
    assert (len(cups.jobs), events(data)) == (1, [])


def test_a_handout_that_no_longer_counts_is_not_printed_again(run: Run, cups: Cups, data: Path):
    run("make", "request.yaml", "-o", "kept.pdf")
    run("batch", "list.csv", "-d", "out", *GIVEN, "--merge")
    single, _, second, _ = [one.code or "" for one in events(data)]
    run("void", single, "--why", "wrong side")
    run("void", second, "--why", "wrong patient")
    before = said(data)
    refused = run("print", "out/volume-001.pdf", "kept.pdf", code=8)
    assert "wrong side. Nothing was printed" in refused.output
    assert (cups.jobs, said(data)) == ([], before), "not even those before it"
    note = run("print", "out/volume-001.pdf").output
    assert f"Note: volume-001 holds {format_code(second)}. Voided on" in note
    assert cups.jobs == ["volume-001"]


def test_a_document_that_this_record_does_not_know_is_recorded_by_its_code(tmp_path: Path):
    from handouts.record.printed import PrintJob

    store = book_in(tmp_path)
    job = PrintJob(store, "anna", ["FHK8Z5DW14K"], "front-desk")
    job.ended("failed", 0)
    assert list(store.chosen()) == [], "what was never handed over has no end"
    job.queued(0)
    job.ended("printed", 60, "12")
    assert [(one.what, one.code, one.content, one.why) for one in store.chosen()] == [
        ("queued", "FHK8Z5DW14K", None, None),
        ("printed", "FHK8Z5DW14K", None, "job 12"),
    ]
    PrintJob(store, "anna", [], "front-desk").queued(0)
    assert len(list(store.chosen())) == 2
    store.add([event(what="made")])
    assert (store.made("FHK8Z5DW14K") or event()).what == "made"
