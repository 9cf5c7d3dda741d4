"""`make`: all five steps but the last."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pikepdf
import pytest

from handouts import __version__
from handouts.codes import document_code, format_code
from handouts.errors import Refused
from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.content import Approval, Library
from handouts.model.edition import Edition
from handouts.model.master import Master
from handouts.model.recorder import NullRecorder
from handouts.pipeline import Made, make, master_key
from handouts.typeset.cache import SheetCache
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


def test_another_patient_with_the_same_selection_reuses_the_master(make_of: MakeOf) -> None:
    first = make_of(patient={"name": "A"})
    second = make_of(patient={"name": "B"})
    assert second.reused
    assert first.code != second.code


def test_the_key_of_a_master_is_the_same_in_every_process_and_tells_selections_apart(
    library: Library, request_of: RequestOf
) -> None:
    code = """
from datetime import date
from pathlib import Path
from handouts import load_library, parse_request
from handouts.pipeline import master_key
from handouts.merge.merge import merge
request = parse_request("topic: hemifacial-spasm\\noptions: [botox]\\npatient: {name: Maria Gonzalez}", "r")
library = load_library(Path("content"), request.topic)
print(master_key(library, merge(library, request, date(2026, 11, 22)).handout))
"""
    keys = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = [sys.executable, "-c", code]
        done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        keys.add(done.stdout.strip())
    assert len(keys) == 1
    assert library.topic.folder.parent.parent == CONTENT

    def key_of(**over: object) -> str:
        return master_key(library, merge(library, request_of(**over), TODAY).handout)

    overs: list[dict[str, object]] = [
        {},
        {"options": ["radiosurgery"]},
        {"format": "large-print"},
        {"paper": "a4"},
        {"side": "left"},
        {"side": "right"},
        {"stage": "before"},
        {"clinician": "X"},
        {"appointment": {"at": "2026-12-04T10:30"}},
    ]
    assert len({key_of(**over) for over in overs}) == len(overs)
    assert key_of(patient={"name": "B"}) == key_of()


def test_a_master_is_not_reused_when_the_content_or_the_engine_changed(
    library: Library, request_of: RequestOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    handout = merge(library, request_of(), TODAY).handout
    before = master_key(library, handout)
    assert master_key(replace(library, digest="0" * 64), handout) != before
    monkeypatch.setattr("handouts.typeset.weasyprint.engine_versions", lambda: "weasyprint=71")
    assert master_key(library, handout) != before


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


def approved(library: Library, until: date) -> Library:
    approval = Approval(by="Dr. X", on=TODAY, until=until, digest=library.topic.text_digest)
    return replace(library, topic=replace(library.topic, approval=approval))


class Typesetting(Exception):
    """The handout got as far as being typeset."""


@pytest.fixture
def _stop_before_typesetting(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> Master:
        raise Typesetting

    monkeypatch.setattr("handouts.typeset.html.typeset", stop)


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
            approved(library, date(2026, 12, 31)),
            request_of(),
            key=KEY,
            today=date(2027, 1, 1),
            recorder=NOBODY,
        )


def test_a_mark_on_every_page_says_that_nobody_approved_the_text(make_of: MakeOf, library: Library) -> None:
    for page in page_texts(make_of().pdf):
        assert library.words.page["not_approved"] in page


def test_approved_text_carries_no_such_mark(library: Library, request_of: RequestOf, sheets: SheetCache) -> None:
    made = make(approved(library, date(2027, 6, 1)), request_of(), key=KEY, today=TODAY, recorder=NOBODY, cache=sheets)
    text = text_of(made.pdf)
    assert library.words.page["not_approved"] not in text
    assert "Dr. X" in text
    assert made.notices == ()


def test_a_blank_sheet_names_nobody_and_has_a_code_of_its_own(make_of: MakeOf) -> None:
    blank = make_of(blank=True)
    assert "Maria" not in text_of(blank.pdf)
    assert blank.code != make_of().code
    assert format_code(blank.code) in text_of(blank.pdf)


def test_a_master_on_disk_spares_the_import_of_weasyprint(make_of: MakeOf, sheets: SheetCache) -> None:
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
