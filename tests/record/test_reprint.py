"""An old handout again: the same bytes, or exactly what differs. And the archive that it comes from."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result

from handouts import paths
from handouts.errors import ContentFault, OutputFault
from handouts.fonts import files as fonts
from handouts.load.library import load_library
from handouts.model.origin import source_of
from handouts.model.stack import Stack
from handouts.model.typeset_sheet import BadSheet
from handouts.paths import PROGRAM, Program
from handouts.record.archive import Archive, Missing
from handouts.typeset.versions import engine_versions
from tests.cli.test_record import REQUEST, code_in, run
from tests.clinics import PRINTED, UNPRINTED
from tests.conftest import CONTENT, TOPIC
from tests.lists import approve
from tests.recording import book_in, tamper

Run = Callable[..., Result]
__all__ = ["run"]


def texts_list(data: Path) -> Path:
    """The list of the texts; the other one is of the sheets."""
    [found] = set((data / "archive" / "sources").iterdir()) - {stack_list(data)}
    return found


def stack_list(data: Path) -> Path:
    sources = (data / "archive" / "sources").iterdir()
    [found] = (path for path in sources if "sheets" in json.loads(path.read_text()))
    return found


def again(run: Run, code: str, *flags: str, ok: bool = True) -> Result:
    return run("reprint", code, "--request", "request.yaml", "-o", "again.pdf", *flags, ok=ok)


def test_the_same_bytes_come_out_and_that_is_said(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    result = again(run, code_in(data))
    assert "The same bytes" in result.stderr
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes()
    assert list(book_in(data).chosen())[-1].what == "reprinted"


def test_a_reprint_to_standard_output_is_the_file_and_nothing_else(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    result = run("reprint", code_in(data), "--request", "request.yaml", "-o", "-")
    assert result.stdout_bytes == Path("1.pdf").read_bytes()
    assert "The same bytes" in result.stderr
    assert not Path("-").exists()
    last = list(book_in(data).chosen())[-1]
    assert (last.what, last.channel) == ("reprinted", "stdout")


def test_the_texts_and_the_approval_of_then_are_printed_whatever_they_are_today(run: Run, data: Path, content: Path):
    approve(content)
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    code = code_in(data)
    shutil.rmtree(content / "topics")
    result = run("reprint", code, "--request", "request.yaml", "-o", "again.pdf", content=content)
    assert "The same bytes" in result.stderr
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes()


@pytest.mark.parametrize("before", [True, False])
def test_mail_that_was_set_up_before_or_after_changes_no_byte(run: Run, data: Path, content: Path, before: bool):
    if before:
        UNPRINTED["a mail server"](content)
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    for change in UNPRINTED.values():
        change(content)
    run("make", "request.yaml", "-o", "2.pdf", content=content)
    assert Path("2.pdf").read_bytes() == Path("1.pdf").read_bytes()
    PRINTED["phone"](content)
    again = run("reprint", code_in(data), "--request", "request.yaml", "-o", "again.pdf", content=content)
    assert "The same bytes" in again.stderr
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes()


def test_templates_and_drawings_may_have_changed(run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run("make", "request.yaml", "-o", "1.pdf")
    changed = tmp_path / "program"
    shutil.copytree(PROGRAM.templates, changed / "templates")
    shutil.copytree(PROGRAM.figures, changed / "assets" / "figures")
    page = changed / "templates" / "sheet.html.j2"
    page.write_text(page.read_text().replace("<body", "<body data-new='1'"))
    style = changed / "templates" / "questions.css"
    style.write_text(style.read_text() + "h2 { color: #123456 }")
    for drawing in (changed / "assets" / "figures").glob("*.svg"):
        drawing.write_text(drawing.read_text().replace("<title>", "<title>New: "))
    monkeypatch.setattr(paths, "PROGRAM", Program(changed))
    run("make", "request.yaml", "-o", "2.pdf", "--no-cache")
    assert Path("2.pdf").read_bytes() != Path("1.pdf").read_bytes()
    again(run, next(book_in(data).chosen()).code or "")
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes()


FULL = """
visit_date: 2026-11-17
clinician: Dr. Vexley
appointment: {at: 2026-12-04T10:35, with: Nurse Fjord, where: Clinic Qzw}
next_steps: [Keep the diary.]
medicines: [{name: Carbamazepine, dose: 100 mg, times: [morning, night]}, {name: Xylophonol, remark: With quince}]
note: Ring us at noon.
"""


def _deleted(content: Path) -> None:
    shutil.rmtree(content / "topics" / TOPIC)


def _other_texts(content: Path) -> None:
    for text in (content / "topics" / TOPIC / "en").glob("*.md"):
        text.write_text(text.read_text(encoding="utf-8") + "\nOne more word.\n", encoding="utf-8")


def _other_words(content: Path) -> None:
    words = content / "words" / "en.yaml"
    words.write_text(re.sub(r"(?m)^(  [a-z_]+: )(?=[A-Z])", r"\1New ", words.read_text(encoding="utf-8")))


@pytest.mark.parametrize("change", [_deleted, _other_texts, _other_words, PRINTED["phone"]])
def test_all_of_a_patients_own_texts_come_again_whatever_became_of_the_content(
    run: Run, data: Path, content: Path, change: Callable[[Path], None]
):
    Path("request.yaml").write_text(REQUEST + FULL)
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    change(content)
    if change is not _deleted:
        run("make", "request.yaml", "-o", "2.pdf", content=content)
        assert Path("2.pdf").read_bytes() != Path("1.pdf").read_bytes()
    code = next(book_in(data).chosen()).code or ""
    told = run("reprint", code, "--request", "request.yaml", "-o", "again.pdf", content=content)
    assert "The same bytes" in told.stderr
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes()


def test_nothing_is_typeset_for_a_reprint_so_layout_and_program_may_have_changed(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
):
    run("make", "request.yaml", "-o", "1.pdf")

    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    for gone in ("handouts.typeset.typeset.typeset_sheet", "handouts.pipeline.merge", "handouts.pipeline.plan_stack"):
        monkeypatch.setattr(gone, fail)
    again(run, code_in(data))
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes()


def test_what_making_refuses_today_is_made_again_if_it_was_made_before(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
):
    Path("request.yaml").write_text(REQUEST.replace("1961", "1890"))
    with monkeypatch.context() as patch:
        patch.setattr("handouts.pipeline.require_printable", lambda *_: None)
        run("make", "request.yaml", "-o", "1.pdf")
    assert run("make", "request.yaml", "-o", "2.pdf", ok=False).exit_code == 4
    again(run, code_in(data))
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes()


def test_a_font_of_the_patients_own_text_that_has_changed_is_no_other_request(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
):
    Path("request.yaml").write_text(REQUEST.replace("Xanthippe", "Ξανθίππη"), encoding="utf-8")
    run("make", "request.yaml", "-o", "1.pdf")
    monkeypatch.setattr("handouts.record.reprint.own_fonts", lambda _: ("0" * 64,))
    again(run, code_in(data))
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes()


@pytest.mark.parametrize("approved", [True, False])
def test_the_texts_of_a_handout_are_written_into_a_new_folder(run: Run, data: Path, content: Path, approved: bool):
    if approved:
        approve(content)
    run("make", "request.yaml", "-o", "1.pdf", content=content)
    events = len(list(book_in(data).chosen()))
    told = run("reprint", code_in(data), "--texts", "then").stdout
    written = {path.relative_to("then").as_posix() for path in Path("then").rglob("*") if path.is_file()}
    assert f"then  ({len(written)} files: the texts of {TOPIC} " in told
    for name in written - {"clinics/cohen/clinic.yaml", f"topics/{TOPIC}/approvals.yaml"}:
        assert (Path("then") / name).read_bytes() == (content / name).read_bytes()
    assert (f"topics/{TOPIC}/approvals.yaml" in written) == approved
    assert {f"topics/{TOPIC}/en/botox.md", "words/en.yaml", "clinics/cohen/clinic.yaml"} <= written
    assert not any(name.endswith((".j2", ".ttf")) for name in written)
    assert len(list(book_in(data).chosen())) == events, "no handout was made"


def test_texts_are_written_over_nothing(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    refused = run("reprint", code_in(data), "--texts", ".", ok=False)
    assert (refused.exit_code, "not empty" in refused.output) == (5, True)
    assert run("reprint", code_in(data), "--texts", "request.yaml", ok=False).exit_code == 5
    Path("empty").mkdir()
    run("reprint", code_in(data), "--texts", "empty")


def test_without_a_request_it_says_what_is_missing(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    refused = run("reprint", code_in(data), ok=False)
    assert (refused.exit_code, "Missing --request" in refused.output) == (2, True)


def test_a_document_that_replaced_another_comes_out_the_same_too(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf", "--replaces", "FHK8-Z5DW-14K")
    again(run, code_in(data))
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes()


def test_flags_of_then_are_said_again(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf", "--large-print", "--side", "right")
    code = code_in(data)
    refused = again(run, code, "--side", "right", ok=False)
    assert (refused.exit_code, "differs in: format." in refused.output) == (4, True)
    again(run, code, "--side", "right", "--large-print")
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("Xanthippe", "Xantippe", "patient.name"),
        ("1961", "1962", "patient.birth_date"),
        ("9917355", "9917356", "patient.identifier"),
        ("xq77", "xq78", "patient.email"),
        ("side: left", "side: right", "side"),
        ("[botox]", "[botox, no-treatment]", "options"),
        ("side: left", "side: left\nnote: Hello", "note"),
        ("side: left\n", "", "side"),
    ],
)
def test_the_key_in_which_a_request_differs_is_named_but_no_value(run: Run, data: Path, old: str, new: str, key: str):
    run("make", "request.yaml", "-o", "1.pdf")
    Path("request.yaml").write_text(REQUEST.replace(old, new))
    result = again(run, code_in(data), ok=False)
    assert (result.exit_code, result.output.count(f"differs in: {key}.\n")) == (4, 1)
    assert "Xan" not in result.output


def test_another_key_of_codes_is_told_from_another_request(run: Run, data: Path, tmp_path: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    (tmp_path / "other").write_bytes(b"o" * 32)
    refused = run("reprint", code_in(data), "--request", "request.yaml", ok=False, key="other")
    assert (refused.exit_code, "another key" in refused.output) == (4, True)


def test_other_versions_are_named_when_the_bytes_are_not_those_of_then(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    then = engine_versions().replace("weasyprint=70.0", "weasyprint=69.1")
    store = book_in(data)
    tamper(data, "UPDATE events SET made = ?, engine = ?", values=["0" * 64, store.engine(then)])
    refused = again(run, code_in(data), ok=False)
    assert (refused.exit_code, "weasyprint: 69.1 then, 70.0 now" in refused.output) == (8, True)
    assert not Path("again.pdf").exists()
    assert "weasyprint" in again(run, code_in(data), "--anyway").stderr
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes()


def test_another_version_of_the_program_and_another_font_are_named(
    run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run("make", "request.yaml", "-o", "1.pdf")
    then = engine_versions()
    store = book_in(data)
    tamper(data, "UPDATE events SET made = ?, engine = ?", values=["0" * 64, store.engine(then[:-1] + "x")])
    font = tmp_path / fonts.font_files()[0].name
    font.write_bytes(b"another font")
    monkeypatch.setattr("handouts.record.reprint.font_files", lambda: (font, *fonts.font_files()[1:]))
    refused = again(run, code_in(data), ok=False).output
    assert "the program's own code has another version" in refused
    assert f"the font {font.name} has changed" in refused


def test_a_blank_sheet_and_an_unknown_code_are_told(run: Run, data: Path):
    run("blank", TOPIC, "--option", "botox", "-o", "1.pdf")
    assert "again with `blank`" in again(run, code_in(data), ok=False).output
    assert again(run, "FHK8-Z5DW-14K", ok=False).exit_code == 4


def test_a_text_that_is_missing_in_the_archive_is_told_where_texts_are_asked_for(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    listed = texts_list(data)
    files = {file["name"]: file["sha256"] for file in json.loads(listed.read_text())["files"]}
    botox = files[f"topics/{TOPIC}/en/botox.md"]
    (data / "archive" / "files" / botox[:2] / botox).write_text("changed by hand")
    refused = run("reprint", code_in(data), "--texts", "then", ok=False)
    assert (refused.exit_code, "botox.md is missing or damaged" in refused.output) == (8, True)
    assert not Path("then").exists()
    again(run, code_in(data))
    assert Path("again.pdf").read_bytes() == Path("1.pdf").read_bytes(), "its pages do not need the texts"


def test_an_archive_whose_lists_were_changed_or_are_missing_is_told(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    for listed in (texts_list(data), stack_list(data)):
        text = listed.read_text()
        listed.write_text(text.replace("clinic.yaml", "clinic2.yaml").replace("letter", "a4"))
        refused = again(run, code_in(data), ok=False)
        assert (refused.exit_code, "list of this content was changed" in refused.output) == (8, True)
        listed.unlink()
        assert "not in the archive" in again(run, code_in(data), ok=False).output
        assert run("reprint", code_in(data), "--texts", "then", ok=False).exit_code == 8
        listed.write_text(text)
    again(run, code_in(data))


def test_a_sheet_that_is_missing_or_was_changed_is_told(run: Run, data: Path):
    run("make", "request.yaml", "-o", "1.pdf")
    sheets = sorted((data / "archive" / "sheets").glob("??/*"))
    assert len(sheets) == 5
    sheet, whole = sheets[2], sheets[2].read_bytes()
    sheet.write_bytes(whole[:-1])
    refused = again(run, code_in(data), ok=False)
    assert (refused.exit_code, "a sheet is missing or damaged" in refused.output) == (8, True)
    sheet.unlink()
    assert "a sheet is missing or damaged" in again(run, code_in(data), ok=False).output
    sheet.write_bytes(whole)
    listed = stack_list(data)
    text = listed.read_text()
    for change in ({"binding": {"paper": "a4"}}, {"texts": "0" * 64}, {"sheets": []}, {"sheets": [{}]}, {"sheets": 1}):
        listed.write_text(json.dumps(json.loads(text) | change))
        assert "was changed" in again(run, code_in(data), ok=False).output
    listed.write_text(text)
    again(run, code_in(data))


def test_what_this_version_can_not_use_is_told_with_what_differs(run: Run, data: Path, monkeypatch: pytest.MonkeyPatch):
    run("make", "request.yaml", "-o", "1.pdf")
    then = book_in(data).engine(engine_versions().replace("weasyprint=70.0", "weasyprint=69.1"))
    tamper(data, "UPDATE events SET engine = ?", values=[then])

    def fail(fault: Exception, *_: object, **__: object) -> None:
        raise fault

    for place, fault in (
        ("handouts.pipeline.bind_sheets", KeyError("page_of")),
        ("handouts.pipeline.TypesetSheet.from_bytes", BadSheet()),
        ("handouts.record.reprint.Wording.from_json", TypeError("a word is missing")),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(place, partial(fail, fault))
            refused = again(run, code_in(data), ok=False)
        assert (refused.exit_code, "weasyprint: 69.1 then" in refused.output) == (8, True)
        assert "can't use what is kept" in refused.output
    again(run, code_in(data))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def kept(archive: Archive) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in archive.folder.rglob("*") if path.is_file()}


def test_content_is_kept_once_and_of_a_changed_one_only_what_changed(archive: Archive, content: Path):
    first = archive.keep(load_library(content, TOPIC))
    before = kept(archive)
    assert archive.keep(load_library(content, TOPIC)) == first
    assert Archive(archive.folder).keep(load_library(content, TOPIC)) == first
    assert kept(archive) == before
    option = content / "topics" / TOPIC / "en" / "botox.md"
    option.write_text(option.read_text() + "\nOne more word.\n")
    second = archive.keep(load_library(content, TOPIC))
    assert second != first
    assert len(kept(archive)) == len(before) + 2, "a text and a list"


def test_an_approval_alone_makes_another_source_of_the_same_content(archive: Archive, content: Path):
    first = archive.keep(load_library(content, TOPIC))
    approve(content)
    library = load_library(content, TOPIC)
    second = archive.keep(library)
    assert second != first
    with archive.restored(second, library.digest) as (folder, _):
        assert load_library(folder, TOPIC, "cohen").topic.approvals == library.topic.approvals
    with archive.restored(first, library.digest) as (folder, _):
        assert load_library(folder, TOPIC, "cohen").topic.approvals == {}


def test_fonts_and_what_shows_on_no_page_are_left_out(archive: Archive, content: Path):
    for change in UNPRINTED.values():
        change(content)
    library = load_library(content, TOPIC)
    source = archive.keep(library)
    assert any(file.kind == "font" for file in archive.files(source))
    with archive.restored(source, library.digest) as (folder, program):
        names = [path.name for path in (*folder.rglob("*"), *program.root.rglob("*")) if path.is_file()]
    assert "botox.md" in names
    assert "base.css" in names
    assert not any(name.endswith(".ttf") for name in names)
    assert not {"surgery-talk.yaml", "practice.en.md", "clinic.yaml~"} & {*names}
    for text in kept(archive).values():
        assert not any(word in text for word in (b"mail.clinic.example", b"mailuser77", b"front-desk"))


@pytest.mark.parametrize("clinic", ["cohen", "seaview-example"])
@pytest.mark.parametrize("practice", [True, False])
def test_what_is_restored_gives_the_same_digest_and_clinic_again(
    archive: Archive, content: Path, clinic: str, practice: bool
):
    if practice:
        PRINTED["practice page"](content)
    library = load_library(content, TOPIC, clinic)
    with archive.restored(archive.keep(library), library.digest) as (folder, program):
        again = load_library(folder, TOPIC, clinic, program=program)
    assert again.digest == library.digest
    assert again.clinic.file == library.clinic.file.printed_part()


def test_a_copy_of_an_unused_folder_is_gone_afterwards(archive: Archive):
    library = load_library(CONTENT, TOPIC)
    with archive.restored(archive.keep(library), library.digest) as (folder, program):
        assert folder.is_dir()
    assert not folder.exists()
    assert not program.root.exists()


def test_content_that_changed_since_it_was_read_is_not_kept_under_the_wrong_name(archive: Archive, content: Path):
    library = load_library(content, TOPIC)
    option = content / "topics" / TOPIC / "en" / "botox.md"
    option.write_text(option.read_text() + "\nOne more word.\n")
    with pytest.raises(ContentFault, match="changed while"):
        archive.keep(library)
    assert not kept(archive)


def test_a_file_that_was_damaged_is_written_anew_with_the_next_content(archive: Archive, content: Path):
    library = load_library(content, TOPIC)
    archive.keep(library)
    for path in (archive.folder / "files").rglob("*"):
        if path.is_file():
            path.write_bytes(b"")
    approve(content)
    library = load_library(content, TOPIC)
    with archive.restored(archive.keep(library), library.digest) as (folder, _):
        assert (folder / "topics" / TOPIC / "topic.yaml").stat().st_size


def test_an_archive_that_can_not_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputFault, match="until then nothing is made"):
        Archive(tmp_path / "file" / "archive").keep(load_library(CONTENT, TOPIC))


def test_a_digest_that_no_list_gives_is_missing(archive: Archive):
    library = load_library(CONTENT, TOPIC)
    source = archive.keep(library)
    with pytest.raises(Missing), archive.restored(source, "0" * 64):
        pass
    with pytest.raises(Missing):
        archive.files("0" * 64)


def stack(library_digest: str = "a" * 64, *sheets: bytes, **binding: object) -> Stack:
    return Stack(library_digest, tuple((f"{number:064}", data) for number, data in enumerate(sheets)), binding)


def test_sheets_are_kept_once_and_come_back_in_their_order_with_what_binds_them(archive: Archive):
    texts = archive.keep(load_library(CONTENT, TOPIC))
    one, other = stack(texts, b"front", b"botox", paper="a4"), stack(texts, b"front", b"botox", paper="letter")
    for found in (one, other, one):
        archive.keep_stack(found)
    assert len(list((archive.folder / "sheets").glob("??/*"))) == 2
    fresh = Archive(archive.folder)
    assert (fresh.stack(one.name), fresh.stack(other.name)) == (one, other)
    assert fresh.files(one.name) == fresh.files(texts)
    assert (fresh.is_stack(one.name), fresh.is_stack(texts), fresh.is_stack("0" * 64)) == (True, False, False)
    with pytest.raises(Missing):
        fresh.stack(texts)


def test_a_stack_is_named_by_its_texts_its_sheets_in_order_and_what_binds_them():
    stacks = [stack("a" * 64, b"1", b"2"), stack("b" * 64, b"1", b"2"), stack("a" * 64, b"1")]
    stacks.append(stack("a" * 64, b"1", b"2", paper="a4"))
    assert len({one.name for one in stacks}) == 4
    assert Stack("a" * 64, stacks[0].sheets[::-1], {}).name != stacks[0].name
    assert "b'1'" not in repr(stacks[0])


def test_a_stack_that_is_there_is_neither_read_nor_written_again(archive: Archive, monkeypatch: pytest.MonkeyPatch):
    kept = stack(archive.keep(load_library(CONTENT, TOPIC)), b"front")
    archive.keep_stack(kept)
    monkeypatch.setattr("handouts.record.archive.write_once", None)
    archive.keep_stack(kept)
    fresh = Archive(archive.folder)
    assert fresh.has(kept.name)
    fresh.keep_stack(kept)
    assert source_of(load_library(CONTENT, TOPIC)) == kept.texts
