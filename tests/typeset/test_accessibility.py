"""Every handout is both valid PDF/UA-1 and valid PDF/A-3a, whatever was chosen."""

import io
import itertools
import os
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from handouts.load.library import load_library
from handouts.model.content import Library
from handouts.model.recorder import NullRecorder
from handouts.pipeline import make
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, TODAY, TOPIC, MakeOf, RequestOf
from tests.reading_pdf import failures, tags
from tests.rounds import pairs_first

ALL = list(load_library(CONTENT, TOPIC).topic.option_order)
MEDICINES = [
    {"name": "carbamazepine", "dose": "200 mg", "times": ["morning", "evening"], "remark": "With food"},
    {"name": "gabapentin", "dose": "300 mg", "times": ["night"]},
    {"name": "something else", "dose": "1 tablet"},
]
FULL = {
    "patient": {"name": "Maria Gonzalez", "birth_date": "1961-04-09", "identifier": "MRN 00417"},
    "side": "right",
    "clinician": "Dr. Cohen",
    "visit_date": "2026-11-22",
    "next_steps": ["Book your MRI", "Keep the diary", "Call us when you have decided"],
    "appointment": {"at": "2026-12-04T10:30", "with": "Dr. Cohen", "where": "Clinic 2"},
    "medicines": MEDICINES,
    "note": "Please bring your old pictures.\n\nWe looked at your MRI together.",
}
KINDS = {
    "one": {"options": ["radiosurgery"]},
    "two": {"options": ["botox", "microvascular-decompression"]},
    "all": {"options": ALL},
    "everything given": {"options": ["medicines", "botox"], **FULL},
    "the option medicines alone": {"options": ["medicines"]},
    "medicines without the option": {"options": ["no-treatment"], "medicines": MEDICINES},
    "before the visit": {"options": ["botox"], "stage": "before"},
}
FORMATS = [("standard", "letter"), ("standard", "a4"), ("large-print", "letter"), ("large-print", "a4")]


def _is_valid(pdf: bytes) -> None:
    assert failures(pdf, "ua1") == ""
    assert failures(pdf, "3a") == ""


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_handout_is_valid(kind: str, make_of: MakeOf):
    _is_valid(make_of(**KINDS[kind]).pdf)


@pytest.mark.parametrize(("form", "paper"), FORMATS[1:])
def test_each_format_and_paper_is_valid(form: str, paper: str, make_of: MakeOf):
    _is_valid(make_of(options=["botox", "microvascular-decompression"], format=form, paper=paper).pdf)


def test_a_blank_sheet_is_valid(make_of: MakeOf):
    _is_valid(make_of(options=["botox", "no-treatment"], blank=True).pdf)


def test_the_other_clinic_is_valid(seaview: Library, request_of: RequestOf):
    _is_valid(make(seaview, request_of(**KINDS["everything given"]), key=KEY, today=TODAY, recorder=NullRecorder()).pdf)


def test_a_name_in_any_script_is_valid(make_of: MakeOf):
    for name in (
        "Nguyễn Thị Ánh",
        "Ελένη Παπαδοπούλου",
        "Дмитрий Шостакович",
        "محمد علي",
        "प्रिया शर्मा",
        "Renée O’Neill-Łuk",
    ):
        _is_valid(make_of(patient={"name": name}).pdf)


@pytest.mark.parametrize(
    ("kind", "clinic", "form", "paper"),
    pairs_first(itertools.product(KINDS, ["cohen", "seaview-example"], ["standard", "large-print"], ["letter", "a4"])),
)
def test_every_kind_in_every_format_for_every_clinic_is_valid(
    kind: str, clinic: str, form: str, paper: str, request_of: RequestOf, sheets: SheetCache
):
    request = request_of(clinic=clinic, format=form, paper=paper, **KINDS[kind])
    library = load_library(CONTENT, TOPIC, clinic)
    _is_valid(make(library, request, key=KEY, today=TODAY, recorder=NullRecorder(), cache=sheets).pdf)


@pytest.mark.heavy
@pytest.mark.skipif("HANDOUTS_VERAPDF" not in os.environ, reason="HANDOUTS_VERAPDF names no veraPDF command")
@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_verapdf_agrees(profile: str, make_of: MakeOf, tmp_path: Path):
    files = []
    for i, over in enumerate([*KINDS.values(), *({"options": ALL, "format": f, "paper": p} for f, p in FORMATS)]):
        path = tmp_path / f"{i}.pdf"
        path.write_bytes(make_of(**over).pdf)
        files.append(str(path))
    done = subprocess.run([os.environ["HANDOUTS_VERAPDF"], profile, *files], capture_output=True, text=True, check=True)
    assert done.stdout.count(" PASS ") == len(files), done.stdout


def test_qpdf_finds_nothing_wrong(make_of: MakeOf, tmp_path: Path):
    if shutil.which("qpdf") is None:
        pytest.skip("qpdf is not installed")
    path = tmp_path / "x.pdf"
    path.write_bytes(make_of(**KINDS["everything given"]).pdf)
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_file_names_its_language_its_title_and_its_parts(make_of: MakeOf):
    made = make_of(**KINDS["two"])
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert str(pdf.Root.Lang) == "en"
        assert str(pdf.docinfo.Title).startswith("Hemifacial spasm, ")
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
            assert titles[0] == "Hemifacial spasm"
            assert "Botox injections" in titles
            assert len(titles) == 7, "a sheet each"
            assert {child.title for child in outline.root[titles.index("Botox injections")].children}


def test_every_header_cell_says_what_it_heads(make_of: MakeOf):
    scopes = [tag.scope for tag in tags(make_of(**KINDS["two"]).pdf) if tag.kind == "TH"]
    assert scopes[:3] == ["Column"] * 3
    assert scopes.count("Row") >= 7


def test_page_furniture_is_an_artifact_and_in_no_tag(make_of: MakeOf):
    with pikepdf.open(io.BytesIO(make_of(**KINDS["two"]).pdf)) as pdf:
        for sheet in pdf.pages:
            drawn = b"".join(piece.read_bytes() for piece in sheet.Contents)
            assert drawn.count(b"/Pagination") >= 3, "the title, what is stamped above and at the foot, its number"


def test_a_link_says_its_text_and_prints(make_of: MakeOf):
    with pikepdf.open(io.BytesIO(make_of(**KINDS["two"]).pdf)) as pdf:
        links = [link for sheet in pdf.pages for link in sheet.get("/Annots", [])]
        assert links
        for link in links:
            assert str(link.Contents).startswith("doi.org/")
            assert int(link.F) & 4


def test_every_drawing_has_words_and_a_place_on_its_page(make_of: MakeOf):
    figures = [tag for tag in tags(make_of(**KINDS["two"]).pdf) if tag.kind == "Figure"]
    assert len(figures) >= 7
    for figure in figures:
        assert figure.alt
        assert figure.box
        assert 0 <= figure.box[0] < figure.box[2] <= 612
        assert 0 <= figure.box[1] < figure.box[3] <= 792


def test_only_the_programs_own_fonts_are_inside(make_of: MakeOf):
    with pikepdf.open(io.BytesIO(make_of(**KINDS["two"]).pdf)) as pdf:
        names = {
            str(item.BaseFont) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/BaseFont" in item
        }
    assert names
    assert all(name[8:].replace("-", "").startswith(("HandoutsLegible", "NotoSans")) for name in names), names
