"""`make`: all five steps but the last."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from handouts import __version__
from handouts.codes import document_code, format_code
from handouts.errors import Refused
from handouts.load.library import load_library
from handouts.merge.details import details
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.handout import Look
from handouts.model.origin import Origin
from handouts.model.recorder import NullRecorder
from handouts.model.sheets import SheetContent
from handouts.model.stack import Stack
from handouts.model.typeset_sheet import TypesetSheet
from handouts.model.wording import Wording
from handouts.pipeline import Made, bind_kept, file_title, make, prepare
from handouts.stamp.stamp import stamp
from handouts.typeset.cache import SheetCache
from tests.approving import approved_by, changed_since
from tests.clinics import PRINTED, UNPRINTED
from tests.conftest import CONTENT, KEY, ROOT, TODAY, TOPIC, MakeOf, RequestOf
from tests.reading_pdf import page_texts, text_of

NOBODY = NullRecorder()
"""Hears of these handouts: they are made to be looked at."""


def test_every_page_names_the_patient_and_the_code(make_of: MakeOf) -> None:
    made = make_of(patient={"name": "Xanthippe Quill"})
    pages = page_texts(made.pdf)
    assert len(pages) == made.pages >= 2
    for page in pages:
        assert "Xanthippe Quill" in page
        assert format_code(made.code) in page


def test_the_title_is_the_topic_and_the_code_and_names_nobody(make_of: MakeOf) -> None:
    made = make_of(patient={"name": "Xanthippe Quill"})
    from io import BytesIO

    with pikepdf.open(BytesIO(made.pdf)) as pdf:
        title = str(pdf.docinfo.Title)
        xmp = bytes(pdf.Root.Metadata.read_bytes())
        assert title == f"Hemifacial spasm, {format_code(made.code)}"
        assert f'<rdf:li xml:lang="x-default">{title}</rdf:li>'.encode() in xmp or title.encode() in xmp
        assert b"Xanthippe" not in xmp
        assert not any("Xanthippe" in str(value) for value in pdf.docinfo.values())


def test_the_same_input_gives_the_same_bytes(make_of: MakeOf, library: Library, request_of: RequestOf) -> None:
    over = {"patient": {"name": "Ánna Łuk"}, "side": "left"}
    assert make_of(**over).pdf == make_of(**over).pdf
    anew = make(library, request_of(**over), key=KEY, today=TODAY, recorder=NOBODY)
    assert anew.pdf == make_of(**over).pdf, "from the cache or not"
    assert not anew.reused


def test_another_patient_with_the_same_selection_typesets_nothing(make_of: MakeOf) -> None:
    first = make_of(patient={"name": "A"})
    second = make_of(patient={"name": "B"}, note="Something else.", next_steps=["Call us"])
    third = make_of(patient={"name": "C"}, note="Other words here.", next_steps=["Sleep"])
    assert third.reused
    assert len({first.code, second.code, third.code}) == 3
    assert third.document.origin.source == second.document.origin.source


def test_the_key_of_a_master_is_the_same_in_every_process_and_tells_selections_apart(
    library: Library, request_of: RequestOf
) -> None:
    code = """
from datetime import date
from pathlib import Path
from handouts import load_library, parse_request
from handouts.pipeline import prepare
request = parse_request("topic: hemifacial-spasm\\noptions: [botox]\\npatient: {name: Maria Gonzalez}", "r")
prepared = prepare(load_library(Path("content"), request.topic), request, date(2026, 11, 22))
print(prepared.key, *prepared.plan.keys)
"""
    found = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = [sys.executable, "-c", code]
        done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        found.add(done.stdout.strip())
    here = prepare(library, request_of(), TODAY)
    assert found == {" ".join((here.key, *here.plan.keys))}
    assert library.topic.folder.parent.parent == CONTENT

    def key_of(**over: object) -> str:
        return prepare(library, request_of(**over), TODAY).key

    overs: list[dict[str, object]] = [
        {},
        {"options": ["radiosurgery"]},
        {"format": "large-print"},
        {"paper": "a4"},
        {"side": "left"},
        {"side": "right"},
        {"stage": "before"},
        {"appointment": {"at": "2026-12-04T10:30"}},
        {"note": "Call us."},
        {"medicines": [{"name": "baclofen"}]},
        {"sheets": ["front"]},
    ]
    assert len({key_of(**over) for over in overs}) == len(overs)
    for over in ({"patient": {"name": "B"}}, {"clinician": "X"}, {"visit_date": "2026-11-21"}, {"note": ""}):
        assert key_of(**over) == key_of()
    assert key_of(note="Call us.") == key_of(note="Sleep well.")


def test_a_master_is_not_reused_when_the_texts_the_approval_or_the_engine_changed(
    library: Library, request_of: RequestOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = prepare(library, request_of(), TODAY).key
    assert prepare(replace(library, digest="0" * 64), request_of(), TODAY).key != before
    assert prepare(approved_by(library, until=date(2027, 6, 1)), request_of(), TODAY).key != before
    monkeypatch.setattr("handouts.typeset.versions.engine_versions", lambda: "weasyprint=71")
    assert prepare(library, request_of(), TODAY).key != before


def test_approving_the_text_typesets_nothing_anew(
    library: Library, request_of: RequestOf, make_of: MakeOf, sheets: SheetCache
) -> None:
    before = make_of(options=["botox"])
    with_it = approved_by(library, until=date(2027, 6, 1))
    after = make(with_it, request_of(options=["botox"]), key=KEY, today=TODAY, recorder=NOBODY, cache=sheets)
    assert after.reused
    assert after.code == before.code
    assert after.pdf != before.pdf


class Typeset:
    """Whether something was typeset, and what: stands between `sheets_of` and WeasyPrint."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        from handouts.typeset import typeset

        self.names: list[str] = []
        real = typeset.typeset_sheet

        def listen(library: Library, look: Look, name: str, sheet: SheetContent) -> TypesetSheet:
            self.names.append(name)
            return real(library, look, name, sheet)

        patch.setattr(typeset, "typeset_sheet", listen)


def test_a_change_of_one_text_typesets_one_sheet(
    content: Path, tmp_path: Path, request_of: RequestOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    typeset, cache = Typeset(monkeypatch), SheetCache(tmp_path / "sheets")

    def made() -> Made:
        request = request_of(options=["botox", "no-treatment"])
        return make(load_library(content, TOPIC), request, key=KEY, today=TODAY, recorder=NOBODY, cache=cache)

    before = made()
    assert typeset.names == ["front", "comparison", "condition", "botox", "no-treatment", "questions", "diary"]
    typeset.names.clear()
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n\nOne sentence more.\n", encoding="utf-8")
    after = made()
    assert typeset.names == ["botox"]
    assert "One sentence more." in text_of(after.pdf)
    assert after.code != before.code


def test_one_sheet_alone_is_the_same_as_in_the_stack(make_of: MakeOf) -> None:
    whole = make_of(options=["botox"])
    alone = make_of(options=["botox"], sheets=["botox"])
    assert alone.reused
    assert alone.pages < whole.pages
    pages = [_body(text, whole.code) for text in page_texts(whole.pdf)]
    own = [_body(text, alone.code) for text in page_texts(alone.pdf)]
    assert any(pages[start : start + alone.pages] == own for start in range(whole.pages))


def _body(text: str, code: str) -> str:
    """A page's text without the running lines, which tell its number and the code."""
    return re.sub(r"Page \d+ of \d+", "", text.replace(format_code(code), "")).strip()


def test_the_record_keeps_what_the_same_bytes_are_made_from_again(
    library: Library, request_of: RequestOf, sheets: SheetCache
) -> None:
    kept: list[Stack] = []

    class Archive(NullRecorder):
        def keep_source(self, origin: Origin, _: object, stack: Callable[[], Stack]) -> None:
            assert origin.source == stack().name
            kept.append(stack())

    request = request_of(note="Please call us.", next_steps=["Book your MRI"])
    made = make(library, request, key=KEY, today=TODAY, recorder=Archive(), cache=sheets)
    (stack,) = kept
    assert b"Maria" not in b"".join(data for _, data in stack.sheets)
    assert "Maria" not in json.dumps(dict(stack.binding))
    binding = json.loads(json.dumps(dict(stack.binding)))
    master = bind_kept([data for _, data in stack.sheets], binding)
    wording = Wording.from_json(binding["wording"])
    title = file_title(prepare(library, request, TODAY).handout, made.code)
    assert stamp(master, details(wording, request, format_code(made.code)), title) == made.pdf


@pytest.mark.parametrize("change", UNPRINTED)
def test_what_shows_on_no_page_changes_neither_code_nor_byte(
    content: Path, sheets: SheetCache, request_of: RequestOf, change: str
) -> None:
    def made() -> Made:
        return make(load_library(content, TOPIC), request_of(), key=KEY, today=TODAY, recorder=NOBODY, cache=sheets)

    before = made()
    UNPRINTED[change](content)
    after = made()
    assert (after.code, after.pdf, after.reused) == (before.code, before.pdf, True)


def test_what_shows_on_a_page_changes_its_code(content: Path, request_of: RequestOf) -> None:
    def code() -> str:
        return document_code(KEY, request_of(), load_library(content, TOPIC).digest)

    before = code()
    PRINTED["phone"](content)
    assert code() != before


class Typesetting(Exception):
    """The handout got as far as being typeset."""


@pytest.fixture
def _stop_before_typesetting(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> TypesetSheet:
        raise Typesetting

    monkeypatch.setattr("handouts.typeset.typeset.typeset_sheet", stop)


@pytest.mark.usefixtures("_stop_before_typesetting")
def test_text_past_its_review_is_refused_before_it_is_typeset(library: Library, request_of: RequestOf) -> None:
    after = library.topic.file.review_by + timedelta(days=1)
    with pytest.raises(Refused, match=rf"past its review date \({library.topic.file.review_by}\)\. Ask a clinician"):
        make(library, request_of(), key=KEY, today=after, recorder=NOBODY)
    with pytest.raises(Typesetting):
        make(library, request_of(), key=KEY, today=after, recorder=NOBODY, edition=Edition(allow_unapproved=True))
    with pytest.raises(Typesetting):
        make(library, request_of(), key=KEY, today=library.topic.file.review_by, recorder=NOBODY)


@pytest.mark.usefixtures("_stop_before_typesetting")
def test_an_approval_that_ran_out_is_refused_and_the_date_told_is_its_own(
    library: Library, request_of: RequestOf
) -> None:
    with pytest.raises(Refused, match=r"past the last day of its approval \(2026-12-31\)"):
        make(
            approved_by(library, until=date(2026, 12, 31)),
            request_of(),
            key=KEY,
            today=date(2027, 1, 1),
            recorder=NOBODY,
        )


def test_a_mark_on_every_page_says_that_nobody_approved_the_text(make_of: MakeOf, library: Library) -> None:
    for page in page_texts(make_of().pdf):
        assert library.words.page["not_approved"] in page


def test_approved_text_carries_no_such_mark(library: Library, request_of: RequestOf, sheets: SheetCache) -> None:
    request = request_of(side="left")
    made = make(approved_by(library), request, key=KEY, today=TODAY, recorder=NOBODY, cache=sheets)
    text = text_of(made.pdf)
    assert library.words.page["not_approved"] not in text
    assert "Dr. X" in text
    assert made.notices == ()


def printed_marks(pdf: bytes, library: Library) -> dict[str, str]:
    """The running mark of the first page of each sheet, by the sheet's bookmark."""
    words, texts = library.words.page, page_texts(pdf)
    marks = {words["approved"], words["not_approved"], words["expired"]}
    with pikepdf.open(BytesIO(pdf)) as opened:
        pages = [page.objgen for page in opened.pages]
        found = {}
        for mark in opened.open_outline().root:
            text = texts[pages.index(mark.destination[0].objgen)]
            [found[mark.title]] = [one for one in marks if f"· {one}" in text]
        return found


def test_the_mark_of_each_sheet_is_its_own(library: Library, request_of: RequestOf, sheets: SheetCache) -> None:
    partly = changed_since(approved_by(library), "en/botox.md")
    request = request_of(side="left", sheets=["front", "condition", "botox", "questions", "diary"])
    made = make(partly, request, key=KEY, today=TODAY, recorder=NOBODY, cache=sheets)
    assert list(printed_marks(made.pdf, library).values()) == [
        "Not yet approved", "Approved", "Not yet approved", "Not yet approved", "Approved"
    ]  # fmt: skip
    text = text_of(made.pdf)
    assert "Changed since it was approved" in text, "beside the title of the front"
    assert "Some pages of this text have changed since a clinician approved them." in " ".join(text.split())
    assert made.notices == (
        "Changed since it was approved: en/botox.md; the pages printed from it say so. "
        "`approve hemifacial-spasm FILE --by NAME` records it.",
    )


def test_approving_one_file_typesets_nothing_anew(library: Library, request_of: RequestOf, sheets: SheetCache) -> None:
    ask = {"key": KEY, "today": TODAY, "recorder": NOBODY, "cache": sheets}
    before = make(changed_since(approved_by(library), "en/botox.md"), request_of(), **ask)
    again = make(approved_by(library), request_of(), **ask)
    assert again.reused
    assert (again.code, again.pages) == (before.code, before.pages)


def test_only_the_printed_sheets_decide_whether_a_handout_goes_out(library: Library, request_of: RequestOf) -> None:
    partly = changed_since(approved_by(library), "en/botox.md")
    sent = Edition(approved_only=True)
    assert prepare(partly, request_of(options=["no-treatment"]), TODAY, sent).origin.approved_until == "2027-11-01"
    assert prepare(partly, request_of(sheets=["condition"]), TODAY, sent).origin.approved_until == "2027-11-01"
    for sheet in ("front", "botox", "questions"):
        with pytest.raises(Refused, match=r"not approved in its current form \(en/botox\.md\)"):
            prepare(partly, request_of(sheets=[sheet]), TODAY, sent)
    assert prepare(partly, request_of(), TODAY).origin.approved_until is None
    mixed = prepare(partly, request_of(), TODAY).plan.binding["keywords"]
    assert (mixed, prepare(approved_by(library), request_of(), TODAY).plan.binding["keywords"]) == (
        "not approved",
        "approved until 2027-11-01",
    )


def test_a_blank_sheet_names_nobody_and_has_a_code_of_its_own(make_of: MakeOf) -> None:
    blank = make_of(blank=True)
    assert "Maria" not in text_of(blank.pdf)
    assert blank.code != make_of().code
    assert format_code(blank.code) in text_of(blank.pdf)


def test_sheets_on_disk_spare_the_import_of_weasyprint(make_of: MakeOf, sheets: SheetCache) -> None:
    make_of()
    code = f"""
import sys
from datetime import date
from pathlib import Path
from handouts import load_library, make, parse_request
from handouts.model.recorder import NullRecorder
from handouts.typeset.cache import SheetCache
request = parse_request("topic: {TOPIC}\\noptions: [botox]\\npatient: {{name: Maria Gonzalez}}", "r")
made = make(load_library(Path(sys.argv[2]), request.topic), request, key=b"k" * 32, today=date(2026, 11, 22),
            cache=SheetCache(Path(sys.argv[1])), recorder=NullRecorder())
print(made.reused, "weasyprint" in sys.modules)
"""
    run = [sys.executable, "-c", code, str(sheets.folder), str(CONTENT)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_the_package_says_its_version_and_what_it_offers() -> None:
    import handouts

    assert {name: getattr(handouts, name) for name in handouts.__all__}["Made"] is Made
    assert handouts.make is make
    with pytest.raises(AttributeError, match="no attribute 'mke'"):
        handouts.mke  # noqa: B018
    assert __version__.count(".") == 2
