"""A print file: every patient's pages as in their own file, on a new sheet, tagged, and found by bookmark."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from handouts.deliver.volume import Bound, bind
from handouts.model.details import Details
from handouts.model.master import Master
from handouts.stamp.stamp import stamp
from handouts.typeset.binding import bind as bind_sheets
from tests.lists import holds
from tests.reading_pdf import everything, failures, page_texts, tags
from tests.sheets import frame_of, sheet_of, stack_of, stacked

ALL, FEW, ONE = (0, 1, 2, 3), (2, 0), (3,)
"""Stacks of `tests.sheets.stacked`: five pages, two, one."""
PATIENTS: list[tuple[tuple[int, ...], dict[str, str]]] = [
    (ALL, {"name": "Xanthippe Quill"}),
    (ALL, {"name": "Ypsilon Fjord", "approval": "Version 2026.1"}),
    (FEW, {"name": "Ελένη Παπαδοπούλου", "approval": "Дмитрий"}),
    (ALL, {"name": "محمد علي"}),
    (ONE, {"name": "Ludmila Quartz"}),
    (FEW, {"name": "Pelagia Vier", "approval": "Nicht geprüft"}),
    (ALL, {"approval": "Blank"}),
    (FEW, {"name": "Ελένη Παπαδοπούλου"}),
]
NAMES = [texts["name"] for _, texts in PATIENTS if "name" in texts]


@cache
def master(which: tuple[int, ...]) -> Master:
    """A stack of sheets."""
    return stack_of([stacked()[i] for i in which])


def finished(which: tuple[int, ...], texts: dict[str, str]) -> bytes:
    """One patient's file."""
    return stamp(master(which), Details(tuple(texts.items()), "7K2M-Q4RT-9XQ"), "Handout, 7K2M-Q4RT-9XQ")


@pytest.fixture(scope="module")
def files() -> list[Bound]:
    """Finished files of different masters, in several scripts; one names nobody."""
    return [Bound(f"Row {i}, CODE-{i}", finished(*patient)) for i, patient in enumerate(PATIENTS, 1)]


def bound(files: list[Bound], title: str = "Print volume 1", *, duplex: bool = True) -> bytes:
    out = io.BytesIO()
    pages = bind(iter(files), out, title, duplex=duplex)
    assert pages == len(page_texts(out.getvalue()))
    return out.getvalue()


@pytest.fixture(scope="module")
def volume(files: list[Bound]) -> bytes:
    return bound(files)


@pytest.fixture(scope="module")
def starts(files: list[Bound]) -> list[int]:
    """Where each patient starts in a volume for both sides of the paper, from 0."""
    at, found = 0, []
    for file in files:
        found.append(at)
        at += len(page_texts(file.pdf)) + len(page_texts(file.pdf)) % 2
    return [*found, at]


def pixels(pdf: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            picture = page.render(scale=0.8).to_pil()
            yield picture.size, picture.tobytes()
    finally:
        document.close()


@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_a_volume_is_valid(volume: bytes, profile: str) -> None:
    assert failures(volume, profile) == ""


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is not installed")
def test_a_volume_is_sound_to_qpdf(volume: bytes, tmp_path: Path) -> None:
    (tmp_path / "volume.pdf").write_bytes(volume)
    done = subprocess.run(["qpdf", "--check", str(tmp_path / "volume.pdf")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No syntax or stream encoding errors found" in done.stdout


def test_each_page_looks_exactly_as_in_its_own_file_and_starts_on_a_new_sheet(
    files: list[Bound], volume: bytes, starts: list[int]
) -> None:
    shown = list(pixels(volume))
    assert len(shown) == starts[-1]
    assert any(len(page_texts(file.pdf)) % 2 for file in files)  # else there would be no blank back to look at
    for file, start, end in zip(files, starts, starts[1:], strict=False):
        own = list(pixels(file.pdf))
        assert start % 2 == 0
        assert shown[start : start + len(own)] == own
        for size, back in shown[start + len(own) : end]:
            assert size == own[-1][0]
            assert set(back) == {255}


def test_one_sided_volumes_have_no_blank_backs(files: list[Bound]) -> None:
    texts = page_texts(bound(files, duplex=False))
    assert texts == [text for file in files for text in page_texts(file.pdf)]


def test_every_page_names_its_own_patient_only(files: list[Bound], volume: bytes, starts: list[int]) -> None:
    texts = page_texts(volume)
    for (_, given), start, end, file in zip(PATIENTS, starts, starts[1:], files, strict=False):
        pages, name = len(page_texts(file.pdf)), given.get("name", "")
        for text in texts[start : start + pages]:
            if name.isascii():
                assert [other for other in set(NAMES) if other in text] == ([name] if name else [])
        assert "".join(texts[start + pages : end]) == ""


def test_tags_of_all_patients_are_there_once_and_in_their_order(files: list[Bound], volume: bytes) -> None:
    assert tags(volume) == [tag for file in files for tag in tags(file.pdf)]


def test_what_is_marked_on_a_page_belongs_to_an_element_of_that_page(volume: bytes) -> None:
    with pikepdf.open(io.BytesIO(volume)) as pdf:
        tree = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
        keys = list(tree)
        assert keys == sorted(set(keys))
        seen = 0
        for page in pdf.pages:
            if "/StructParents" in page.obj:
                for element in tree[int(page.obj.StructParents)]:
                    seen += 1
                    assert element.Pg.objgen == page.obj.objgen
            for link in page.obj.get("/Annots", ()):
                assert tree[int(link.StructParent)].S in (pikepdf.Name.Link, pikepdf.Name.Annot)
        assert seen > 100


def test_bookmarks_tell_row_and_code_and_lead_to_the_right_page(
    files: list[Bound], volume: bytes, starts: list[int]
) -> None:
    document = pypdfium2.PdfDocument(volume)
    try:
        marks = [(mark.get_title(), mark.get_dest().get_index()) for mark in document.get_toc()]
    finally:
        document.close()
    assert marks == [(file.label, start) for file, start in zip(files, starts, strict=False)]


def test_nobodys_name_is_in_title_bookmarks_or_metadata(volume: bytes) -> None:
    with pikepdf.open(io.BytesIO(volume)) as pdf:
        assert dict(pdf.docinfo) == {"/Title": pikepdf.String("Print volume 1")}
        xmp = pdf.Root.Metadata.read_bytes()
        marks = b"".join(item.unparse(resolved=True) for item in pdf.objects if "/Dest" in _keys(item))
    assert b"Print volume 1" in xmp
    for name in NAMES:
        assert not list(holds(xmp + marks, [name, *name.split()]))


def _keys(item: pikepdf.Object) -> list[str]:
    return list(item.keys()) if isinstance(item, pikepdf.Dictionary) else []


def test_a_title_is_text_whatever_it_holds(files: list[Bound]) -> None:
    title = "Volume <1> & (2) \\ é"
    with pikepdf.open(io.BytesIO(bound(files[:1], title))) as pdf:
        assert str(pdf.docinfo.Title) == title
        with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            assert metadata["dc:title"] == title


def test_the_same_files_give_the_same_bytes_and_others_another_name(files: list[Bound]) -> None:
    assert bound(files) == bound(files)
    with pikepdf.open(io.BytesIO(bound(files[:1]))) as one, pikepdf.open(io.BytesIO(bound(files[1:2]))) as other:
        assert one.trailer.ID[0] != other.trailer.ID[0]


def test_what_patients_share_is_written_once() -> None:
    files = [Bound(str(i), finished(ALL, {"name": f"Patient {chr(65 + i)}"})) for i in range(20)]
    assert len(bound(files)) < sum(len(file.pdf) for file in files) / 4


def test_slots_without_text_share_a_form() -> None:
    for texts in ({}, {"name": "Somebody"}):
        file = Bound("x", finished(ALL, texts))
        with pikepdf.open(io.BytesIO(bound([file, file]))) as pdf:
            forms = {
                form.objgen: form.read_bytes()
                for page in pdf.pages
                for form in page.obj.Resources.get("/XObject", {}).values()
                if form.get("/Subtype") == "/Form"
            }
        assert sum(not content.strip() for content in forms.values()) == 1
        assert sum(bool(content.strip()) for content in forms.values()) == 2 * (1 + len(texts))


@pytest.mark.parametrize("first", ["es", "ar"])
def test_every_handout_of_a_volume_says_its_own_language(first: str) -> None:
    second = {"es": "ar", "ar": "es"}[first]
    made = [_in_language(tag) for tag in (first, second, "en")]
    with pikepdf.open(io.BytesIO(bound(made))) as pdf:
        assert [str(document.Lang) for document in pdf.Root.StructTreeRoot.K] == [first, second, "en"]
        assert all(str(part.Lang) == str(part.P.Lang) for document in pdf.Root.StructTreeRoot.K for part in document.K)
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert "/Direction" not in pdf.Root.ViewerPreferences
    with pikepdf.open(io.BytesIO(bound([_in_language("ar")]))) as pdf:
        assert pdf.Root.ViewerPreferences.Direction == "/R2L"
    assert not failures(bound(made), "ua1")


def _in_language(tag: str) -> Bound:
    master = bind_sheets([sheet_of("front", "<h1>123</h1><p>456</p>", tag)], replace(frame_of(tag), rtl=tag == "ar"))
    return Bound(tag, stamp(master, Details((), "7K2M-Q4RT-9XQ"), "Handout, 7K2M-Q4RT-9XQ"))


def test_a_part_of_a_volume_holds_nobody_elses_details(files: list[Bound]) -> None:
    inside = everything(bound(files[:1]))
    assert list(holds(inside, [NAMES[0]]))
    assert not list(holds(inside, NAMES[1:]))


def test_one_patient_makes_a_volume_and_none_does_not(files: list[Bound]) -> None:
    assert page_texts(bound(files[:1], duplex=False)) == page_texts(files[0].pdf)
    with pytest.raises(ValueError, match="a volume needs at least one file"):
        bind([], io.BytesIO(), "Title")


@pytest.mark.parametrize("junk", [b"", b"%PDF-1.7\n", b"startxref\n5\n%%EOF\n", b"startxref\n99999\n%%EOF\n"])
def test_what_is_no_file_of_ours_is_refused(junk: bytes) -> None:
    with pytest.raises(ValueError, match="not a file that this program made"):
        bind([Bound("x", junk)], io.BytesIO(), "Title")


def test_a_file_that_another_program_saved_again_is_refused(files: list[Bound]) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(files[0].pdf)) as pdf:
        pdf.save(out)
    with pytest.raises(ValueError, match="not a file that this program made"):
        bind([Bound("x", out.getvalue())], io.BytesIO(), "Title")


DAMAGE = {
    "cut": lambda pdf, at: pdf[:-at],
    "changed": lambda pdf, at: pdf[:-at] + b"7" + pdf[len(pdf) - at + 1 :],
    "shorter": lambda pdf, at: pdf[:-at] + pdf[len(pdf) - at + 1 :],
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_file_damaged_where_its_objects_are_listed_is_refused_or_bound(files: list[Bound], how: str) -> None:
    told = set()
    for at in range(1, 700, 13):
        try:
            bind([Bound("x", DAMAGE[how](files[0].pdf, at))], io.BytesIO(), "Title")
        except ValueError as error:
            told.add(str(error))
    assert told == {"not a file that this program made"}


def test_a_file_on_its_way_shows_nobodys_details(files: list[Bound]) -> None:
    from handouts.deliver.volume.finished import split_update

    assert "Quill" not in f"{files[0]!r} {split_update(files[0].pdf)!r}"
