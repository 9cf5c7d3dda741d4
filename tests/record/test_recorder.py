"""Event before name, for whoever calls the library: no command line is needed to keep the record true."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

import handouts
from handouts.codes import format_code, legacy_codes
from handouts.deliver.mail.handover import Mailing, hand_over
from handouts.deliver.mail.posting import Parcel, prepare
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.printing.job import Env, PrintOptions
from handouts.deliver.printing.scheduler import Scheduler
from handouts.deliver.printing.session import PrintSession
from handouts.errors import ContentFault, OutputFault, Refused
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.origin import source_of
from handouts.model.recorder import NullRecorder
from handouts.model.stack import Stack
from handouts.pipeline import Made, bind_kept, give_to_browser, make, write
from handouts.record import reprint
from handouts.record.event import Event
from handouts.record.recorder import FolderRecorder
from handouts.record.store import RecordStore
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, ROOT, TODAY, RequestOf
from tests.conftest import REQUEST as REQUEST_DATA
from tests.lists import Batch, people
from tests.mailing import ADDRESS, FROM, NOW, WORDS

Build = Callable[..., Made]
MARIA = {"patient": {"name": "Maria Gonzalez", "identifier": "MRN 1"}}


@pytest.fixture
def recorder(data: Path) -> Iterator[FolderRecorder]:
    with FolderRecorder(data, "anna", lambda: NOW) as opened:
        yield opened


@pytest.fixture
def build(recorder: FolderRecorder, library: Library, request_of: RequestOf, sheets: SheetCache) -> Build:
    def made(edition: Edition | None = None, **over: Any) -> Made:
        return make(
            library, request_of(**MARIA | over), key=KEY, today=TODAY, recorder=recorder, cache=sheets,
            edition=edition or Edition(),
        )  # fmt: skip

    return made


@pytest.fixture
def outbox(recorder: FolderRecorder) -> Iterator[Outbox]:
    with recorder.open_outbox() as opened:
        yield opened


def events(recorder: FolderRecorder) -> list[tuple[str, str | None]]:
    return [(event.what, event.channel) for event in recorder.store.chosen()]


def event_of(recorder: FolderRecorder, made: Made) -> Event:
    found = recorder.store.made(made.code)
    assert found
    return found


def voided(recorder: FolderRecorder, made: Made) -> Made:
    recorder.add_made([made.document], "file")
    recorder.add_voided(event_of(recorder, made), "wrong side")
    return made


def without_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OutputFault("The record can't be used: the disk is full.")

    monkeypatch.setattr(RecordStore, "add", full)


def mailing(made: Made, draft: Path | None = None) -> Mailing:
    return Mailing(Parcel(made.pdf, made.code, ADDRESS), FROM, WORDS, "letter", draft=draft)


def session(handed: list[object]) -> PrintSession:
    """A printer that must not be reached: whatever it is asked for fails."""
    env = Env(lambda: NOW, lambda: 0.0, lambda _: None, handed.append)
    wanted = PrintOptions(False, 1, None, "letter", 0)
    return PrintSession(cast("Scheduler", None), "desk", wanted, env, done=lambda *_: handed.append("done"))


def test_the_ten_lines_of_the_package_leave_a_file_and_its_event(here: Path, capsys: pytest.CaptureFixture[str]):
    (here / "examples").symlink_to(ROOT / "examples")
    (here / "content").symlink_to(CONTENT)
    lines = re.findall(r"(?m)^    (.*)$", (handouts.__doc__ or "").partition("::\n")[2])
    assert 0 < len(lines) <= 10
    exec("\n".join(lines), {})
    sent = Path("handout.pdf").read_bytes()
    with FolderRecorder(Path("data"), "anna", lambda: NOW) as recorder:
        [event] = recorder.store.chosen()
        assert (event.what, event.by, event.channel) == ("made", "anna", "file")
        recorder.require_as_made(event.code or "", hashlib.sha256(sent).hexdigest(), "Nothing.", not_in_record=False)
        recorder.add_voided(event, "wrong side")
    with pytest.raises(Refused, match=r"wrong side\. Nothing was made"):
        exec("\n".join(lines).replace("handout.pdf", "again.pdf"), {})
    assert not Path("again.pdf").exists()
    assert capsys.readouterr() == ("", ""), "a library prints nothing"


REQUEST = ""


def test_no_file_has_its_name_before_the_record_has_it(
    build: Build, recorder: FolderRecorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made, path, stream = build(), tmp_path / "1.pdf", io.BytesIO()
    seen: list[bool] = []
    add = RecordStore.add

    def look(self: RecordStore, new: Any) -> list[int]:
        seen.append(path.exists())
        return add(self, new)

    monkeypatch.setattr(RecordStore, "add", look)
    write(made, path, recorder)
    assert (seen, path.read_bytes(), events(recorder)) == ([False], made.pdf, [("made", "file")])
    without_room(monkeypatch)
    for to in (tmp_path / "2.pdf", stream):
        with pytest.raises(OutputFault, match="the disk is full"):
            write(made, to, recorder)
    assert (stream.getvalue(), [each.name for each in tmp_path.glob("*.pdf")]) == (b"", ["1.pdf"])
    assert not list(tmp_path.glob(".handout-*"))


def test_the_browser_gets_no_bytes_before_the_record_has_them(
    build: Build, recorder: FolderRecorder, monkeypatch: pytest.MonkeyPatch
):
    made = build()
    assert give_to_browser(made, recorder) == made.pdf
    assert events(recorder) == [("made", "browser")]
    recorder.require_as_made(made.code, made.document.sha256, "Nothing.", not_in_record=False)
    without_room(monkeypatch)
    with pytest.raises(OutputFault, match="the disk is full"):
        give_to_browser(made, recorder)


def test_a_reprint_for_the_browser_is_recorded_first_too(
    build: Build, recorder: FolderRecorder, request_of: RequestOf, monkeypatch: pytest.MonkeyPatch
):
    made = build()
    give_to_browser(made, recorder)
    again = reprint.remake(recorder, event_of(recorder, made), request_of(**MARIA), KEY, bind_kept)
    assert reprint.give_to_browser(again, recorder) == made.pdf
    assert events(recorder)[1:] == [("reprinted", "browser")]
    without_room(monkeypatch)
    with pytest.raises(OutputFault, match="the disk is full"):
        reprint.give_to_browser(again, recorder)


def test_what_was_voided_is_not_made_again_and_not_even_typeset(
    build: Build, recorder: FolderRecorder, monkeypatch: pytest.MonkeyPatch
):
    made = voided(recorder, build())
    monkeypatch.setattr("handouts.pipeline.sheets_of", lambda *_: pytest.fail("typeset"))
    with pytest.raises(Refused, match=f"Nothing was made.*--replaces {format_code(made.code)}"):
        build()


def test_what_was_voided_after_it_was_made_is_not_given_out_by_any_way(
    build: Build, recorder: FolderRecorder, outbox: Outbox, tmp_path: Path
):
    made = voided(recorder, build())
    before, handed = events(recorder), list[object]()
    ready = prepare(mailing(made).parcel, FROM, WORDS, NOW).new
    ways: list[Callable[[], object]] = [
        lambda: write(made, tmp_path / "1.pdf", recorder),
        lambda: write(made, io.BytesIO(), recorder),
        lambda: give_to_browser(made, recorder),
        lambda: session(handed).print_made(made.pdf, made.document, recorder),
        lambda: hand_over(outbox, mailing(made), NOW, handed.append),
        lambda: hand_over(outbox, mailing(made, draft=tmp_path / "1.eml"), NOW, handed.append),
    ]
    for way in ways:
        with pytest.raises(Refused, match="wrong side"):
            way()
    with pytest.raises(Refused, match="wrong side"), outbox.adding() as add:
        add.queue(ready, NOW)
    assert (handed, outbox.entries(), events(recorder)) == ([], [], before)
    assert [path.name for path in tmp_path.iterdir() if path.suffix in {".pdf", ".eml"}] == []


def test_what_replaces_another_patients_document_is_not_made(build: Build, recorder: FolderRecorder):
    first = build()
    recorder.add_made([first.document], "file")
    theirs = {"patient": {"name": "Zoe Quill", "identifier": "MRN 2"}}
    with pytest.raises(Refused, match="was made for another patient"):
        build(Edition(replaces=first.code), **theirs)
    again = build(Edition(replaces=first.code), side="left")
    recorder.add_made([again.document], "file")
    other = build(Edition(replaces=first.code), side="right")
    assert f"{format_code(first.code)} is already replaced by {format_code(again.code)}." in other.notices


def test_a_draft_or_message_that_the_record_could_not_hear_of_is_not_there(
    build: Build, outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = build()
    without_room(monkeypatch)
    for draft in (None, tmp_path / "1.eml"):
        with pytest.raises(OutputFault, match="the disk is full"):
            hand_over(outbox, mailing(made, draft), NOW, lambda _: None)
    assert (outbox.entries(), list(tmp_path.glob("*.eml"))) == ([], [])


def test_words_are_told_before_their_message_counts(build: Build, recorder: FolderRecorder, outbox: Outbox):
    told: list[int] = []
    done = hand_over(outbox, mailing(build()), NOW, lambda _: told.append(len(events(recorder))))
    assert (done.number, told, events(recorder)) == (1, [0], [("queued", "mail")])


def test_a_list_makes_no_row_whose_document_was_voided(
    build: Build, recorder: FolderRecorder, tmp_path: Path, sheets: SheetCache
):
    rows = people(2)
    made = voided(recorder, build(**rows[0]))
    batch = Batch(tmp_path / "out", sheets, recorder)
    assert (batch.make(rows).tally.made, list(batch.files())) == (1, [2])
    [[row, _, state, message]] = batch.report()
    assert (row, state, format_code(made.code) in message) == ("1", "failed", True)
    assert events(recorder) == [("made", "file"), ("voided", None), ("made", "file")]


OLD = "a" * 64
"""The content digest of a text of version 0.1.0."""


def voided_then(recorder: FolderRecorder, made: Made, code: str) -> None:
    """The same document as version 0.1.0 would have made it, of another text; and voided."""
    origin = replace(made.document.origin, content=OLD, source="b" * 64)
    recorder.add_made([replace(made.document, code=code, origin=origin)], "file")
    recorder.add_voided(cast("Event", recorder.store.made(code)), "wrong side")


def test_what_was_voided_under_its_code_of_version_0_1_0_is_not_made(
    build: Build, recorder: FolderRecorder, request_of: RequestOf, tmp_path: Path, sheets: SheetCache
):
    made = build()
    assert recorder.legacy_digests() == ()
    [code] = legacy_codes(KEY, request_of(**MARIA), [OLD])
    voided_then(recorder, made, code)
    assert recorder.legacy_digests() == (OLD,)
    with pytest.raises(Refused, match=f"--replaces {format_code(code)}"):
        build()
    build(side="left")
    build(Edition(replaces=code))
    rows = [{**REQUEST_DATA, **MARIA}, *people(1)]
    batch = Batch(tmp_path / "out", sheets, recorder)
    assert (batch.make(rows).tally.made, list(batch.files())) == (1, [2])
    assert format_code(code) in batch.report()[0][3]


def test_documents_of_today_that_are_voided_are_looked_for_under_one_code_alone(build: Build, recorder: FolderRecorder):
    made = voided(recorder, build())
    assert recorder.legacy_digests() == ()
    (recorder.archive.folder / "sources" / f"{made.document.origin.source}.json").unlink()
    with FolderRecorder(recorder.folder, "anna", lambda: NOW) as other:
        assert other.legacy_digests() == (made.document.origin.content,), "nothing says that it is one of today"


def test_sheets_are_asked_for_only_where_they_are_not_kept(build: Build, recorder: FolderRecorder, library: Library):
    origin, kept = build().document.origin, Stack(source_of(library), (("0" * 64, b"a sheet"),), {"paper": "a4"})

    def nobody() -> Any:
        raise AssertionError

    recorder.keep_source(origin, nobody, nobody)
    recorder.keep_source(replace(origin, source=kept.name), nobody, lambda: kept)  # its texts are there
    with FolderRecorder(recorder.folder, "anna", lambda: NOW) as other:
        other.keep_source(replace(origin, source=kept.name), nobody, nobody)
        assert other.archive.stack(kept.name) == kept


def test_sheets_of_another_name_than_the_record_has_are_not_kept(
    build: Build, recorder: FolderRecorder, library: Library
):
    origin = build().document.origin
    for texts in ("0" * 64, source_of(library)):
        other = Stack(texts, (("0" * 64, b"a sheet"),), {})
        with pytest.raises(ContentFault, match="changed in the meantime"):
            recorder.keep_source(replace(origin, source="c" * 64), lambda: library, lambda other=other: other)
    gone = Stack("0" * 64, (("0" * 64, b"a sheet"),), {})
    with pytest.raises(ContentFault, match="changed in the meantime"):
        recorder.keep_source(replace(origin, source=gone.name), lambda: library, lambda: gone)
    assert not recorder.archive.has(gone.name)


def test_a_recorder_that_records_nothing_can_not_print_or_mail():
    assert not {"print_job", "mailed"} & set(dir(NullRecorder()))
