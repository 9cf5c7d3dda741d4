"""A whole list: each row its own file, whatever happens to the others; the same command again makes what is missing."""

from __future__ import annotations

import errno
import os
import random
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from handouts.batch import make_all
from handouts.batch.journal import Journal
from handouts.batch.messages import Chunk
from handouts.batch.pool import InlinePool, ProcessPool
from handouts.batch.worker import WorkerState, bind_for, stamp_rows
from handouts.batch.worker import _worker_state as worker_state
from handouts.codes import parse_code
from handouts.errors import ContentFault, OutputFault, Refused
from handouts.lists.row import Listing, Row
from handouts.model.content import Library
from handouts.model.handout import Look
from handouts.model.origin import Origin, source_of
from handouts.model.recorder import Channel, Document, NullRecorder
from handouts.model.sheets import SheetContent
from handouts.model.stack import Stack
from handouts.model.typeset_sheet import TypesetSheet
from handouts.typeset import typeset
from handouts.typeset.cache import SheetCache
from tests.clinics import PRINTED, UNPRINTED
from tests.conftest import CONTENT, ROOT, TOPIC, MakeOf
from tests.lists import PEOPLE, Batch, approve, holds, listing, people, person, setup
from tests.reading_pdf import everything, page_texts

SECRETS = {
    "patient": {
        "name": "Xanthippe Quill",
        "preferred_name": "Xanni",
        "identifier": "MRN-77441",
        "birth_date": "1961-04-09",
        "email": "quill@example.org",
    },
    "clinician": "Dr. Vexley",
    "visit_date": "2026-11-17",
    "appointment": {"at": "2026-12-04T10:35", "with": "Nurse Fjord", "where": "Clinic Qzw"},
}
PERSONAL = {"note": "Jabberwocky in the left eye", "next_steps": ["Feed the zymurgist"], "medicines": [
    {"name": "Xylophonol", "dose": "77 mg", "times": ["noon"], "remark": "With quince"}]}  # fmt: skip
DETAILS = (
    *("Xanthippe", "Quill", "Xanni", "MRN-77441", "77441", "quill@example.org", "Vexley", "Fjord", "Qzw"),
    *("1961-04-09", "April 9, 1961", "November 17, 2026", "December 4, 2026", "10:35"),
    *("Jabberwocky", "zymurgist", "Xylophonol", "77 mg", "quince"),
)


@pytest.fixture
def batch(tmp_path: Path, sheets: SheetCache) -> Batch:
    return Batch(tmp_path / "out", sheets)


def test_each_row_becomes_a_file_named_by_row_and_code_for_its_owner_alone(batch: Batch) -> None:
    done = batch.make(people())
    assert (done.tally.made, done.tally.rows, done.left_over) == (3, 3, ())
    assert stat.S_IMODE(batch.folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in batch.folder.iterdir() if path not in batch.paths()) == [
        "journal.txt",
        "report.csv",
    ]
    for path in batch.folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for number, pdf in batch.files().items():
        assert parse_code(batch.path(number).stem.partition("-")[2])
        for page in page_texts(pdf):
            assert [name for name in PEOPLE if name in page] == [PEOPLE[number - 1]]
    assert sum(len(page_texts(pdf)) for pdf in batch.files().values()) == done.tally.pages


def test_a_row_of_a_list_is_the_file_that_make_would_make(batch: Batch, make_of: MakeOf) -> None:
    batch.make([person("Xanthippe Quill"), person("Ypsilon Fjord", note="Call at noon.")])
    for number, over in ((1, {"patient": {"name": "Xanthippe Quill"}}),
                         (2, {"patient": {"name": "Ypsilon Fjord"}, "note": "Call at noon."})):  # fmt: skip
        made = make_of(**over)
        assert batch.path(number).name == f"00000{number}-{made.code}.pdf"
        assert batch.files()[number] == made.pdf


FAULTY: dict[str, dict[str, Any] | None] = {
    "it is broken": None,
    "There is no topic of that name": person("Xanthippe Quill", topic="quill-xanthippe"),
    "There is no topic 'hemifacial-spasms'": person("Xanthippe Quill", topic="hemifacial-spasms"),
    "There is no option of that name": person("Xanthippe Quill", options=["mrn-77441"]),
    "There is no option 'botx'": person("Xanthippe Quill", options=["botx"]),
    "There is no clinic of that name": person("Xanthippe Quill", clinic="quill"),
    "'patient.name' is too long for its place": person("Xanthippe Quill " * 12),
    "'patient.name' has characters that no font": person("Quill 漢"),
    "'note' has characters that no font": person("Xanthippe Quill", note="Jabberwocky 漢"),
    "'patient.birth_date' must be a date": person("X", patient={"name": "Quill", "birth_date": "9 Quill"}),
    "'patient' ": person("X", patient="Xanthippe Quill"),
    "'options' ": person("Xanthippe Quill", options="Xanthippe Quill"),
    "'patient.name' ": person(""),
    "medicines.1.times": person("X", medicines=[{"name": "Xylophonol", "times": ["Quill"]}]),
    "'next_steps' ": person("X", next_steps=["Quill"] * 7),
    "'clinician' is too long": person("X", clinician="Dr. Xanthippe Quill " * 10),
    "'note' is too long for its place on the page by about 160 lines": person("X", note="Quill\n" * 400),
    "'medicines.1.name' is too long": person("X", medicines=[{"name": "W" * 100}]),
    "'next_steps' is too long": person("X", next_steps=["W" * 200] * 6),
    "'medicines.1.dose' is too long": person("X", medicines=[{"name": "Q", "dose": "Q" * 150, "times": ["noon"]}]),
    "by about 6 lines. Shorten it.; 'note' has characters": person("X", clinician="W" * 200, note="漢"),
    "'patient.identifier' is too long": person("X", patient={"name": "X", "identifier": "MRN-77441 " * 19}),
    "'appointment.where' is too long": person("X", appointment={"at": "2026-12-04T10:35", "where": "Qzw " * 49}),
    "'patient.name' holds half a character": person("Quill \udce9"),
}


def test_a_row_at_fault_stops_no_other_and_gives_no_page(batch: Batch) -> None:
    rows = [row for bad in FAULTY.values() for row in (bad, person("Ypsilon Fjord"))]
    done = batch.make(rows)
    assert (done.tally.made, done.tally.failed) == (len(FAULTY), len(FAULTY))
    assert list(batch.files()) == list(range(2, len(rows) + 1, 2))


def test_the_report_tells_each_fault_in_the_lists_order_and_no_details(batch: Batch) -> None:
    batch.make([row for bad in FAULTY.values() for row in (bad, person("Ypsilon Fjord"))])
    report = batch.report()
    assert [line[0] for line in report] == [str(number) for number in range(1, 2 * len(FAULTY), 2)]
    for (_, code, state, message), expected in zip(report, FAULTY, strict=True):
        assert (code, state) == ("", "failed")
        assert expected in message
        assert "\n" not in message
    assert not list(holds((batch.folder / "report.csv").read_bytes(), DETAILS))


def test_what_staff_should_know_of_a_row_is_in_the_report_with_its_code(batch: Batch) -> None:
    batch.make([person("A"), person("B", medicines=[{"name": "Xylophonol"}])])
    (line,) = batch.report()
    assert line[:3] == ["2", batch.path(2).stem[7:], "note"]
    assert line[3].startswith("One of the medicines is not in this topic")
    assert "Xylophonol" not in line[3]


def test_a_report_of_a_sound_list_has_a_head_only_and_replaces_an_older_one(batch: Batch) -> None:
    batch.make([None])
    assert len(batch.report()) == 1
    batch.make(people(1))
    assert (batch.folder / "report.csv").read_bytes() == b"row,code,state,what to do\r\n"


def test_a_dry_run_finds_what_a_run_would_and_makes_nothing(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [*FAULTY.values(), *people(), person("Z", format="large-print", paper="a4")]
    with monkeypatch.context() as patched:
        patched.setattr("handouts.batch.worker.sheets_of", None)
        done, said = batch.check(rows)
    assert not batch.folder.exists()
    assert (done.tally.failed, done.tally.rows) == (len(FAULTY), len(rows))
    batch.make(rows)
    assert [[entry.row, entry.code, entry.state, entry.message] for entry in said] == batch.report()


def test_text_that_nobody_approved_is_refused_and_nothing_made(batch: Batch) -> None:
    done = batch.make(people(), allow=False)
    assert (done.tally.refused, done.tally.made, done.tally.failed) == (3, 0, 0)
    assert batch.files() == {}
    assert [line[2] for line in batch.report()] == ["refused"] * 3
    assert "is not approved in its current form" in batch.report()[0][3]
    assert batch.check(people(), allow=False)[0].tally.refused == 3


def test_text_that_nobody_approved_is_marked_on_every_page_when_allowed(batch: Batch, library: Library) -> None:
    done = batch.make(people(1))
    assert "Nobody has approved this text yet" in "".join(done.tally.about_text)
    for page in page_texts(batch.files()[1]):
        assert library.words.page["not_approved"] in page


def test_text_past_its_review_is_refused_unless_allowed_and_then_marked(batch: Batch, library: Library) -> None:
    after = library.topic.file.review_by + timedelta(days=1)
    assert batch.make(people(1), allow=False, today=after).tally.refused == 1
    assert "is past its review date" in batch.report()[0][3]
    batch.make(people(1), today=after)
    for page in page_texts(batch.files()[1]):
        assert library.words.page["expired"] in page


def test_approved_text_is_made_and_an_approval_renews_what_was_marked(
    batch: Batch, content: Path, library: Library
) -> None:
    batch.make(people(1), content=content)
    marked = batch.files()[1]
    approve(content)
    done = batch.make(people(1), content=content, allow=False)
    assert (done.tally.made, done.tally.reused) == (1, 0)
    assert list(batch.files()) == [1]
    assert batch.files()[1] != marked
    assert library.words.page["not_approved"] not in "".join(page_texts(batch.files()[1]))


def test_a_row_that_is_refused_now_leaves_its_older_file_named_and_made_anew_when_allowed(batch: Batch) -> None:
    batch.make(people(1))
    done = batch.make(people(1), allow=False)
    assert done.left_over == (batch.path(1).name,)
    assert batch.make(people(1)).tally.made == 1


def test_the_same_list_again_makes_nothing(batch: Batch) -> None:
    batch.make(people())
    before = batch.everything()
    times = {path: path.stat().st_mtime_ns for path in batch.paths()}
    done = batch.make(people())
    assert (done.tally.made, done.tally.reused, done.tally.sheets) == (0, 3, 0)
    assert done.tally.pages == sum(len(page_texts(pdf)) for pdf in batch.files().values())
    assert batch.everything() == before
    assert {path: path.stat().st_mtime_ns for path in batch.paths()} == times


@pytest.mark.parametrize("damage", ["deleted", "cut", "changed", "empty"])
def test_only_what_is_missing_or_damaged_is_made_again(batch: Batch, damage: str) -> None:
    batch.make(people())
    before = batch.everything()
    path = batch.path(2)
    data = path.read_bytes()
    if damage == "deleted":
        path.unlink()
    else:
        path.write_bytes({"cut": data[:-1], "changed": data[:500] + b"!" + data[501:], "empty": b""}[damage])
    done = batch.make(people())
    assert (done.tally.made, done.tally.reused) == (1, 2)
    assert batch.everything() == before


def test_a_changed_row_alone_is_made_anew_and_its_older_file_named(batch: Batch) -> None:
    batch.make(people())
    old = batch.path(2).name
    rows = people()
    rows[1] = person("Ypsilon Fjord-Smith")
    done = batch.make(rows)
    assert (done.tally.made, done.tally.reused) == (1, 2)
    assert done.left_over == (old,)
    assert batch.report() == [
        ["2", old[7:-4], "left over", f"{old} belongs to no row of this list. Delete it or move it elsewhere."]
    ]
    assert (batch.folder / old).exists()


def test_changed_content_makes_all_anew(batch: Batch, content: Path) -> None:
    batch.make(people(2), content=content)
    words = content / "topics" / TOPIC / "en" / "botox.md"
    words.write_text(words.read_text(encoding="utf-8").replace("face", "visage", 1), encoding="utf-8")
    done = batch.make(people(2), content=content)
    assert (done.tally.made, done.tally.sheets) == (2, 2), "the option's sheet, and the front, which says it in short"
    assert len(done.left_over) == 2


@pytest.mark.parametrize("change", UNPRINTED)
def test_what_shows_on_no_page_makes_nothing_anew(batch: Batch, content: Path, change: str) -> None:
    batch.make(people(2), content=content)
    before = batch.everything()
    UNPRINTED[change](content)
    done = batch.make(people(2), content=content)
    assert (done.tally.made, done.tally.reused, done.tally.sheets, done.left_over) == (0, 2, 0, ())
    assert batch.everything() == before


def test_content_in_another_place_makes_nothing_anew(batch: Batch, content: Path) -> None:
    batch.make(people(2), content=content)
    done = batch.make(people(2), content=content.rename(content.with_name("moved")))
    assert (done.tally.made, done.tally.reused) == (0, 2)


def test_another_telephone_makes_all_anew(batch: Batch, content: Path) -> None:
    batch.make(people(2), content=content)
    PRINTED["phone"](content)
    assert batch.make(people(2), content=content).tally.made == 2


def test_a_shorter_list_leaves_files_that_are_named_and_a_longer_one_takes_them_back(batch: Batch) -> None:
    batch.make(people())
    third = batch.path(3).name
    assert batch.make(people(2)).left_over == (third,)
    done = batch.make(people(3))
    assert (done.tally.made, done.left_over) == (1, ())


def test_a_row_that_becomes_blank_or_faulty_leaves_its_file_named(batch: Batch) -> None:
    batch.make(people())
    rows = [Row(1, people()[0]), Row(3, people()[2])]
    assert batch.make(Listing(iter(rows))).left_over == (batch.path(2).name,)
    assert batch.make([None, None, people()[2]]).left_over == (batch.path(1).name, batch.path(2).name)


def test_files_of_others_in_the_folder_are_left_alone(batch: Batch) -> None:
    batch.folder.mkdir()
    others = {"holiday.pdf": b"x", "12-A.pdf": b"y", ".download.part": b"z", ".handout-1.part": b"w"}
    for name, data in others.items():
        (batch.folder / name).write_bytes(data)
    assert batch.make(people(1)).left_over == ()
    assert others.items() <= batch.everything().items()


def test_what_a_killed_run_was_writing_is_taken_away(batch: Batch) -> None:
    batch.make(people(1))
    before = batch.everything()
    for name in (batch.path(1).name, "report.csv", "volume-001.pdf", "run-sheet-001.pdf"):
        (batch.folder / f".{name}.part").write_bytes(b"%PDF-half")
    batch.make(people(1))
    assert batch.everything() == before


def test_workers_and_the_order_of_their_answers_change_no_byte(batch: Batch, tmp_path: Path) -> None:
    rows: list[Any] = [*people(120), None, person("Ann", options=["radiofrequency"]), person("Bo", note="Call us.")]
    rows[60] = person("Cy", options=["radiofrequency"])
    batch.make(rows)
    two = Batch(tmp_path / "two", batch.cache)
    pool = ProcessPool(2)
    try:
        done = two.make(rows, pool=pool)
    finally:
        pool.close()
    assert done.tally.made == len(rows) - 1
    assert two.everything() == batch.everything()


def test_a_list_in_another_order_makes_the_same_files_under_other_numbers(batch: Batch, tmp_path: Path) -> None:
    batch.make(people())
    other = Batch(tmp_path / "other", batch.cache)
    other.make(people()[::-1])
    assert {path.name[7:]: path.read_bytes() for path in batch.paths()} == {
        path.name[7:]: path.read_bytes() for path in other.paths()
    }


def test_a_second_run_in_the_same_folder_is_refused(batch: Batch) -> None:
    batch.make(people(1))
    before = batch.everything()
    with Journal(batch.folder), pytest.raises(Refused, match="Another run is using this folder"):
        batch.make(people(2))
    assert batch.everything() == before
    assert batch.make(people(2)).tally.made == 1


class FullDisk:
    """os.write of a disk with room for so many bytes; it takes what it can, as a real one does."""

    def __init__(self, room: int) -> None:
        self.room, self.write = room, os.write

    def __call__(self, handle: int, data: Any) -> int:
        if not stat.S_ISREG(os.fstat(handle).st_mode):  # a pipe, of multiprocessing's for one, needs no room
            return self.write(handle, data)
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = self.write(handle, data[: self.room])
        self.room -= written
        return written


@pytest.mark.parametrize("room", [1, 27, 1000, 250_000])
def test_a_full_disk_ends_the_run_and_leaves_no_half_file(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    whole = Batch(batch.folder.with_name("whole"), batch.cache)
    whole.make(people())
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", FullDisk(room))
        with pytest.raises(OutputFault, match=r"the disk is full|No space left"):
            batch.make(people())
    left = batch.everything()
    assert left.keys() <= {*whole.everything()} - {"report.csv"}
    assert all(data == whole.everything()[name] for name, data in left.items() if name != "journal.txt")
    batch.make(people())
    assert batch.everything() == whole.everything()


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (80_000, 80_000))  # less than a PDF has, more than a new record
from handouts.cli import main
main()
"""


def test_a_disk_that_really_takes_no_more_ends_with_exit_code_5(
    batch: Batch, tmp_path: Path, sheets: SheetCache
) -> None:
    batch.make(people(1))  # so that its master is there
    (tmp_path / "list.jsonl").write_text('{"patient": {"name": "Xanthippe Quill"}}\n')
    command = [sys.executable, "-c", LIMITED, "batch", str(tmp_path / "list.jsonl"), "-d", str(tmp_path / "full")]
    flags = ["--topic", TOPIC, "--option", "botox", "--allow-unapproved", "--jobs", "1", "--cache", str(sheets.folder)]
    done = subprocess.run([*command, *flags], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 5, done.stderr
    assert re.fullmatch(r"Error: The PDF can't be written: .*\n", done.stderr.splitlines(keepends=True)[-1])
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["journal.txt"]


def test_a_folder_that_is_a_file_or_can_not_be_made_is_told(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    batch.folder.write_bytes(b"a file")
    with pytest.raises(OutputFault, match=r"The folder can't be made: File exists\. Choose another with -d"):
        batch.make(people(1))
    batch.folder.unlink()

    def refuse(*_: object, **__: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "mkdir", refuse)
        with pytest.raises(OutputFault, match="The folder can't be made: Permission denied"):
            batch.make(people(1))
    batch.folder.mkdir()
    really = os.open

    def refuse_new(path: str, flags: int, mode: int = 0o777) -> int:
        return refuse() if flags & os.O_CREAT else really(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse_new)
    with pytest.raises(OutputFault, match="Permission denied"):
        batch.make(people(1))


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the sheets that are typeset from now on in this process, one after the other."""
    typeset_before, seen = typeset.typeset_sheet, []

    def typeset_sheet(library: Library, look: Look, name: str, sheet: SheetContent) -> TypesetSheet:
        seen.append(name)
        return typeset_before(library, look, name, sheet)

    monkeypatch.setattr(typeset, "typeset_sheet", typeset_sheet)
    return seen


def test_each_sheet_is_typeset_once_for_the_whole_list(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handouts.batch.run.CHUNK", 2)
    cache, names = SheetCache(tmp_path / "cache"), counting(monkeypatch)
    first = batch.make(people(9), cache=cache)
    assert names == ["front", "condition", "botox", "questions", "diary"]
    assert (first.tally.made, first.tally.sheets, len(cache.entries())) == (9, 5, 5)
    other = Batch(tmp_path / "other", None)
    assert other.make(people(2), cache=cache).tally.sheets == 0
    assert len(names) == 5


def test_another_selection_typesets_only_the_sheets_that_the_first_has_not(batch: Batch, tmp_path: Path) -> None:
    cache = SheetCache(tmp_path / "cache")
    batch.make(people(1), cache=cache)
    done = batch.make([*people(1), person("Ypsilon Fjord", note="Ring us.")], cache=cache)
    assert (done.tally.made, done.tally.reused, done.tally.sheets) == (1, 1, 1)


def test_without_a_cache_no_sheet_is_typeset_twice_either_and_nothing_is_kept(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = counting(monkeypatch)
    home = tmp_path / "cache home"  # its own: tests beside it write to the one that all share
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    bare = Batch(batch.folder, None)
    rows = [person(PEOPLE[0]), person(PEOPLE[1], note="Ring us."), person(PEOPLE[2], medicines=[{"name": "Baclofen"}])]
    done = bare.make(rows)
    assert (done.tally.made, done.tally.sheets) == (3, len(names))
    assert sorted(names) == ["botox", "condition", "diary", "front", "front", "front", "plan", "questions"]
    assert not home.exists()


def test_a_worker_reads_the_cache_and_only_the_parent_writes_it(tmp_path: Path) -> None:
    cache = SheetCache(tmp_path / "cache")
    given = replace(setup(), cache=str(cache.folder))
    row = Row(1, person("Xanthippe Quill"))
    first = bind_for(given, row)
    assert len(first.made) == 5
    assert not cache.folder.exists()
    assert first.stack
    for key, data in first.stack.sheets:
        cache.put(key, TypesetSheet.from_bytes(data))
    worker_state.cache_clear()
    again = bind_for(given, row)
    assert (again.made, again.master, again.stack) == ((), first.master, first.stack)


class Watching(NullRecorder):
    """Notes what it is told, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def keep_source(self, origin: Origin, load: Callable[[], Library], stack: Callable[[], Stack]) -> None:
        assert stack().name == origin.source
        assert source_of(load()) == stack().texts
        self.told.append(f"source {origin.source}")

    def add_made(self, documents: Iterable[Document], channel: Channel) -> None:  # noqa: ARG002
        self.told += [f"event {document.origin.source}" for document in documents]


def test_the_archive_has_the_stack_of_a_row_before_its_event(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handouts.batch.run.CHUNK", 2)
    rows = [*people(5), person("Ann", note="Ring us."), person("Bo", options=["radiofrequency"])]
    watching = Watching()
    assert Batch(batch.folder, batch.cache, watching).make(rows).tally.made == 7
    kept = [line.split()[1] for line in watching.told if line.startswith("source")]
    assert len(kept) == len(set(kept)) == 3, "one for each selection"
    for source in kept:
        assert watching.told.index(f"source {source}") < watching.told.index(f"event {source}")
    assert len(watching.told) == 10


def test_what_is_written_for_one_patient_is_stamped_and_stands_in_nobody_elses_file(
    batch: Batch, tmp_path: Path
) -> None:
    cache = SheetCache(tmp_path / "cache")
    own = ("Jabberwocky", "zymurgist", "Xylophonol", "Bandersnatch")
    rows = [
        person(PEOPLE[0], note="Jabberwocky\tslain"),
        person(PEOPLE[1], next_steps=["Feed the zymurgist"]),
        person(PEOPLE[2], medicines=[{"name": "Xylophonol"}]),
        person("Ann", note="Bandersnatch\nahead."),
    ]
    done = batch.make(rows, cache=cache)
    assert done.tally.made == 4
    for number, pdf in batch.files().items():
        assert [word for word in own if word in "".join(page_texts(pdf))] == [own[number - 1]]
        assert set(holds(everything(pdf), own)) == {own[number - 1]}
    assert len(cache.entries()) == done.tally.sheets == 8, "three fronts, a plan, and what all have"
    for entry in cache.entries():
        assert not list(holds(entry.read_bytes(), own))


def test_a_note_is_looked_at_before_anything_is_made(batch: Batch) -> None:
    done, said = batch.check([person("Ann", note="Ring us.\nSoon."), person("Bo", note="Ring 漢")])
    assert (done.tally.reused, done.tally.failed) == (1, 1)
    assert "'note' has characters" in said[0].message


def test_a_list_in_which_everybody_has_texts_of_their_own_typesets_few_fronts(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = counting(monkeypatch)
    done = batch.make(mixed(200), cache=SheetCache(tmp_path / "cache"))
    assert (done.tally.made, done.tally.failed) == (200, 0)
    assert done.tally.sheets == len(names)
    assert 2 <= names.count("front") <= 30, names.count("front")


MEDICINES = ("Carbamazepine", "Baclofen", "Clonazepam", "Ibuprofen")
STEPS = (
    "Book the first injection at the desk",
    "Keep the diary for two weeks, and bring it along",
    "Ring us if your eye stays open at night or is red, sore or dry in the morning",
    "Have your blood taken in the week before the visit",
    "Bring somebody along who can drive you home",
)


def mixed(count: int) -> list[dict[str, Any]]:
    """As issue 12 has it: each row has its own steps, half have one to four medicines, a third a note of up to three
    lines; two selections.
    """
    chance, rows = random.Random(12), []
    for i in range(count):
        row = person(f"{PEOPLE[i % 3]} {i}", options=["botox", "no-treatment"][: 1 + i % 2])
        row["next_steps"] = [f"{step} ({i})." for step in chance.sample(STEPS, chance.randint(1, 4))]
        if chance.random() < 0.5:
            chosen = chance.sample(MEDICINES, chance.randint(1, 4))
            row["medicines"] = [{"name": name, "dose": "100 mg", "times": ["morning", "night"]} for name in chosen]
        if chance.random() < 1 / 3:
            row["note"] = "\n".join(f"Line {line} for row {i}." for line in range(chance.randint(1, 3)))
        rows.append(row)
    return rows


def test_rows_go_before_what_is_given_for_all(batch: Batch) -> None:
    defaults = {"topic": TOPIC, "options": ["botox"], "clinician": "Dr. Default", "patient": {"identifier": "none"}}
    batch.make([{"patient": {"name": "Ann"}}, {"patient": {"name": "Bo"}, "clinician": "Dr. Own"}], defaults=defaults)
    first, second = ("".join(page_texts(pdf)) for pdf in batch.files().values())
    assert "Dr. Default" in first
    assert "none" in first
    assert "Dr. Own" in second
    assert "Dr. Default" not in second


def test_what_a_run_keeps_besides_the_files_holds_no_details(batch: Batch, tmp_path: Path) -> None:
    cache = SheetCache(tmp_path / "cache")
    rows = [person("", **SECRETS), person("", **SECRETS, **PERSONAL), person("", **SECRETS, topic="quill")]
    done = batch.make(rows, cache=cache)
    assert (done.tally.made, done.tally.failed) == (2, 1)
    inside = everything(batch.files()[1])
    assert list(holds(inside, ("Xanthippe Quill (Xanni)", "MRN-77441")))  # the search finds what is there
    assert cache.entries()
    for path in (*(tmp_path / "cache").rglob("*"), batch.folder / "journal.txt", batch.folder / "report.csv"):
        assert not list(holds(path.read_bytes(), DETAILS)), path.name


def test_values_on_their_way_to_workers_show_nobodys_details(batch: Batch) -> None:
    given = setup(defaults={"clinician": "Dr. Vexley"})
    row = Row(1, person("Xanthippe Quill"))
    (outcome,) = stamp_rows(given, Chunk((row,), {}), {})
    (checked,) = [WorkerState(setup()).outcome(row, "")]
    shown = f"{given!r} {row!r} {Chunk((row,), {})!r} {outcome!r} {checked!r} {checked.sheet!r}"
    assert not [detail for detail in DETAILS if detail in shown]
    assert batch.folder.exists() is False


def test_a_fault_of_our_own_is_told_by_place_and_without_its_message(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise KeyError("Xanthippe Quill")

    monkeypatch.setattr("handouts.batch.worker.details", break_down)
    assert batch.make([person("Xanthippe Quill"), None]).tally.failed == 2
    message = batch.report()[0][3]
    assert re.fullmatch(r"a bug in the program \(KeyError, test_batch\.py:\d+\); tell .*", message)
    monkeypatch.undo()
    monkeypatch.setattr("handouts.batch.worker.sheets_of", break_down)
    assert batch.make([person("Xanthippe Quill", note="Jabberwocky")]).tally.failed == 1
    assert "Quill" not in batch.report()[0][3]
    assert "KeyError" in batch.report()[0][3]


def test_content_that_changes_during_a_run_stops_it(batch: Batch, content: Path) -> None:
    changed = replace(setup(content), digest="0" * 64)
    with pytest.raises(ContentFault, match="A worker's content"):
        make_all(listing(people(1)), changed, InlinePool(), batch.folder, None, NullRecorder(), tell=lambda _: None)
    assert batch.files() == {}
    assert batch.make(people(1), content=CONTENT).tally.made == 1


def test_every_row_is_told_as_it_is_done(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handouts.batch.run.CHUNK", 2)
    seen: list[tuple[int, int]] = []
    rows = [*people(3), None]
    made = make_all(
        listing(rows),
        setup(),
        InlinePool(),
        batch.folder,
        batch.cache,
        NullRecorder(),
        tell=lambda tally: seen.append((tally.rows, tally.at)),
    )
    assert len(seen) == 4
    assert seen[-1] == (4, 4)
    assert seen == sorted(seen)
    assert made.tally.failed == 1


def test_an_empty_list_makes_an_empty_report(batch: Batch) -> None:
    assert batch.make([]).tally.rows == 0
    assert batch.report() == []


def test_a_day_decides_whether_an_approval_still_holds(batch: Batch, content: Path) -> None:
    approve(content, until=date(2026, 12, 31))
    assert batch.make(people(1), content=content, allow=False, today=date(2026, 12, 31)).tally.made == 1
    assert batch.make(people(1), content=content, allow=False, today=date(2027, 1, 1)).tally.refused == 1
