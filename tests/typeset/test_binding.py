"""Sheets bound into a master: whole, valid, and every sheet as it is alone."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from handouts.deliver.identify import identify
from handouts.errors import ContentFault
from handouts.model.details import Details
from handouts.model.master import Master
from handouts.model.slots import FOOTER, color
from handouts.model.typeset_sheet import BadSheet, TypesetSheet
from handouts.stamp.stamp import stamp
from handouts.typeset.binding import bind
from handouts.typeset.metadata import TITLE
from tests.conftest import ROOT
from tests.reading_pdf import failures, page_texts, tags
from tests.sheets import BODIES, frame_of, sheet_of, slot_image, stack_of, stacked, weasyprints

DETAILS = Details((("name", "Maria Gonzalez"), ("approval", "Version 2026.1")), "7K2M-Q4RT-9XQ")
PAGES = ("front", "botox", "botox", "closing", "german")
"""The sheet of each page of `whole`."""


@pytest.fixture(scope="module")
def whole() -> Master:
    """Four sheets, five pages."""
    return stack_of(stacked())


@pytest.fixture(scope="module")
def stamped(whole: Master) -> bytes:
    return stamp(whole, DETAILS, "A title, 7K2M-Q4RT-9XQ")


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_a_master_and_what_is_stamped_on_it_are_valid(whole: Master, stamped: bytes, profile: str) -> None:
    assert failures(whole.pdf, profile) == ""
    assert failures(stamped, profile) == ""


@pytest.mark.parametrize("profile", ["ua1", "3a"])
@pytest.mark.parametrize("order", [(0,), (1, 0), (3, 2, 1), (2, 2), (0, 1, 2, 3) * 2], ids=str)
def test_any_stack_of_sheets_is_valid(order: tuple[int, ...], profile: str) -> None:
    assert failures(stack_of([stacked()[i] for i in order]).pdf, profile) == ""


def test_each_page_says_what_it_says_in_weasyprints_own_file(whole: Master) -> None:
    own = [text for body in BODIES.items() for text in page_texts(weasyprints(body[1], language(body[0])))]
    bound = [text.rpartition("\r\n") for text in page_texts(whole.pdf)]
    assert [text for text, _, _ in bound] == own
    assert [number for _, _, number in bound] == [f"Page {i} of 5" for i in range(1, 6)]


def language(name: str) -> str:
    return "de" if name == "german" else "en"


def test_each_page_looks_exactly_as_in_weasyprints_own_file(whole: Master) -> None:
    own = [page for name, body in BODIES.items() for page in pictures(weasyprints(body, language(name)))]
    shown = pictures(whole.pdf)
    assert len(shown) == len(own)
    for ours, theirs in zip(shown, own, strict=True):
        assert ours.tobytes() == without_slots(theirs).tobytes()


def pictures(pdf: bytes) -> list[Image.Image]:
    """Each page above its foot, where the binder writes its number."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=2).to_pil().crop((0, 0, 1224, 2 * 740)) for page in document]
    finally:
        document.close()


def without_slots(picture: Image.Image) -> Image.Image:
    """WeasyPrint's file has the slots' pictures: boxes of one colour, where a master shows nothing."""
    slot, pixels = color("name"), picture.convert("RGB").tobytes()
    return Image.frombytes("RGB", picture.size, pixels.replace(slot, b"\xff\xff\xff"))


def test_the_tags_are_those_of_the_sheets_one_after_the_other(whole: Master) -> None:
    with opened(whole.pdf) as pdf:
        [document] = pdf.Root.StructTreeRoot.K
        assert document.S == "/Document"
        assert [(str(part.S), str(part.Lang)) for part in document.K] == [
            ("/Part", "en"), ("/Part", "en"), ("/Part", "en"), ("/Part", "de")
        ]  # fmt: skip
        assert all(part.P.objgen == document.objgen for part in document.K)
    one_by_one = [tags(stack_of([sheet]).pdf)[1:] for sheet in stacked()[1:]]
    assert tags(stack_of(stacked()[1:]).pdf)[1:] == [tag for sheet in one_by_one for tag in sheet]


def test_what_is_marked_on_a_page_belongs_to_an_element_of_that_page(whole: Master) -> None:
    with opened(whole.pdf) as pdf:
        tree = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
        reached = {element.objgen for element in walk(pdf.Root.StructTreeRoot.K)}
        seen = 0
        for page in pdf.pages:
            content = b"".join(part.read_bytes() for part in page.obj.Contents)
            row = tree[int(page.obj.StructParents)]
            marked = sorted(int(number) for number in re.findall(rb"/MCID (\d+)", content))
            assert marked == list(range(len(row)))
            for number, element in enumerate(row):
                assert element.Pg.objgen == page.obj.objgen
                assert number in [item for item in element.K if isinstance(item, int)]
                assert element.objgen in reached
                seen += 1
            for annotation in page.obj.get("/Annots", ()):
                element = tree[int(annotation.StructParent)]
                assert element.S == "/Link"
                assert [kid.Obj.objgen for kid in element.K if isinstance(kid, pikepdf.Dictionary)] == [
                    annotation.objgen
                ]
        assert seen > 20
        keys = [int(page.obj.StructParents) for page in pdf.pages]
        keys += [int(link.StructParent) for page in pdf.pages for link in page.obj.get("/Annots", ())]
        assert sorted(keys) == sorted(tree)


def walk(node: pikepdf.Object | None) -> Iterator[pikepdf.Object]:
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from walk(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        yield from walk(node.get("/K"))


def links(pdf: bytes) -> dict[str, tuple[int, int]]:
    """Text of each link within the file, the page that it is on, and where it leads."""
    with opened(pdf) as file:
        at = {page.obj.objgen: i for i, page in enumerate(file.pages)}
        return {
            f"{i} {link.Contents}": (i, at[link.Dest[0].objgen])
            for i, page in enumerate(file.pages)
            for link in page.obj.get("/Annots", ())
            if "/Dest" in link
        }


def test_links_lead_to_their_own_sheets_place_and_to_other_sheets(whole: Master) -> None:
    assert links(whole.pdf) == {"0 more": (0, 0), "0 about Botox": (0, 1), "1 Up": (1, 1)}
    other = stack_of([stacked()[i] for i in (1, 2, 0)])
    assert links(other.pdf) == {"0 Up": (0, 0), "3 more": (3, 3), "3 about Botox": (3, 0)}


def test_a_link_to_a_sheet_that_is_not_there_is_text(whole: Master) -> None:
    assert "about surgery" in page_texts(whole.pdf)[0]
    alone = stack_of(stacked()[:1]).pdf
    assert links(alone) == {"0 more": (0, 0)}
    with opened(alone) as pdf:
        assert [str(link.Contents) for link in pdf.pages[0].obj.Annots] == ["more", "the study"]
        spoken = [element for element in walk(pdf.Root.StructTreeRoot.K) if str(element.S) == "/Link"]
        assert len(spoken) == 2
        assert not [item for item in pdf.objects if item is not None and b"sheet:" in item.unparse(resolved=True)]


def test_bookmarks_have_a_line_a_sheet_and_its_headings_below(whole: Master) -> None:
    document = pypdfium2.PdfDocument(whole.pdf)
    try:
        found = [(mark.level, mark.get_title(), mark.get_dest().get_index()) for mark in document.get_toc()]
    finally:
        document.close()
    assert found == [
        (0, "Front", 0), (1, "More", 0), (0, "Botox", 1), (1, "Harms", 2), (0, "Talk it over", 3),
        (1, "Key points", 3), (1, "Questions", 3), (0, "Gesichtskrampf", 4),
    ]  # fmt: skip


def test_a_slot_that_stands_in_two_sheets_is_filled_in_both(whole: Master, stamped: bytes) -> None:
    [name] = [place for place in whole.places if place.slot.name == "name"]
    assert len(name.spans) == 2
    texts = page_texts(stamped)
    in_text = [2 if page in {"front", "closing"} else 1 for page in PAGES]  # the footer has it too
    assert [text.count("Maria Gonzalez") for text in texts] == in_text
    assert [tag.actual_text for tag in tags(stamped)].count("Maria Gonzalez") == 2


def test_what_runs_on_every_page_is_one_form_each_and_an_artifact(whole: Master, stamped: bytes) -> None:
    assert all("Version 2026.1" in text and "7K2M-Q4RT-9XQ" in text for text in page_texts(stamped))
    running = {place.form: place.slot.name for place in whole.places if not place.spans}
    assert sorted(running.values()) == ["approval", FOOTER]
    with opened(whole.pdf) as pdf:
        for page in pdf.pages:
            forms = page.obj.Resources.XObject
            assert {running[forms[name].objgen[0]] for name in ("/RunningFooter", "/RunningApproval")} == set(
                running.values()
            )
            drawn = b"".join(part.read_bytes() for part in list(page.obj.Contents)[1:])
            assert re.sub(rb"/Artifact<<[^B]*>>BDC.*?EMC\s*", b"", drawn, flags=re.DOTALL) == b""


def test_sheets_of_one_mark_share_a_form_and_others_have_their_own() -> None:
    sheets, marks = stacked(), ["Approved", "Not yet", "Approved", "Not yet"]
    mixed = bind(sheets, frame_of(), marks)
    said = Details((("approval", "Approved"), ("approval_2", "Not yet")), "7K2M-Q4RT-9XQ")
    texts = [mark for sheet, mark in zip(sheets, marks, strict=True) for _ in sheet.pages]
    for text, mark in zip(page_texts(stamp(mixed, said, "T")), texts, strict=True):
        assert [one for one in ("Approved", "Not yet") if one in text] == [mark]
    assert sorted(place.slot.name for place in mixed.places if not place.spans) == ["approval", "approval_2", FOOTER]
    assert failures(stamp(mixed, said, "T"), "ua1") == ""


@pytest.mark.parametrize("marks", [(), ("Version 1",), ("Version 1",) * 4])
def test_a_stack_of_one_mark_is_bound_as_those_of_before_sheets_had_their_own(marks: tuple[str, ...]) -> None:
    assert bind(stacked(), frame_of(), marks).pdf == stack_of(stacked()).pdf


def test_a_slot_without_text_costs_nothing(whole: Master) -> None:
    empty = stamp(whole, Details((), "7K2M-Q4RT-9XQ"), "T")[whole.length :]
    for place in whole.places:
        if place.slot.name != FOOTER:
            assert b"\n%d 0 obj" % place.form not in empty
            assert not [span for span in place.spans if b"\n%d 0 obj" % span.number in empty]
    assert [tag.actual_text for tag in tags(whole.pdf)].count("") == 2


def test_an_element_is_the_same_when_its_text_is_filled_in(whole: Master, stamped: bytes) -> None:
    with opened(whole.pdf) as before, opened(stamped) as after:
        for span in (span for place in whole.places for span in place.spans):
            empty, filled = (pdf.get_object(span.number, 0) for pdf in (before, after))
            assert (str(empty.ActualText), str(filled.ActualText)) == ("", "Maria Gonzalez")
            for key in ("/S", "/P", "/Pg", "/K"):
                assert empty[key].unparse() == filled[key].unparse()


def test_title_and_keywords_stand_in_both_places(stamped: bytes) -> None:
    for keywords in ("approved until 2027-01-01", 'not "approved" <&> é'):
        pdf = stamp(bind(stacked(), frame_of(keywords=keywords)), DETAILS, "A <title>, 7K2M-Q4RT-9XQ")
        with opened(pdf) as file, file.open_metadata(set_pikepdf_as_editor=False) as xmp:
            assert str(file.docinfo.Title) == xmp["dc:title"] == "A <title>, 7K2M-Q4RT-9XQ"
            assert str(file.docinfo.Keywords) == xmp["pdf:Keywords"] == keywords
            assert str(file.docinfo.Producer) == xmp["pdf:Producer"]
            assert xmp["pdfuaid:part"] == "1"
            assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"]) == ("3", "A")
    found = identify(stamped)
    assert (found.kind, found.codes) == ("handout", ("7K2MQ4RT9XQ",))


def test_title_waits_for_its_text(whole: Master) -> None:
    assert TITLE.encode() in whole.pdf
    for patch in (whole.info, whole.metadata):
        assert TITLE.encode() not in patch.before + patch.after


def test_what_sheets_share_is_there_once(whole: Master) -> None:
    with opened(whole.pdf) as pdf:
        names = [
            str(item.FontName) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/FontName" in item
        ]
        assert len(names) == len(set(names)) == 3  # regular, bold, and Greek
        profiles = [item for item in pdf.objects if isinstance(item, pikepdf.Stream) and item.get("/N") == 3]
        assert len(profiles) == 1
        assert len(pdf.Root.OutputIntents) == 1
    again = stack_of([*stacked(), *stacked()])
    assert len(again.pdf) < len(whole.pdf) + 0.35 * len(whole.pdf)


def test_the_language_of_the_whole_is_the_frames() -> None:
    with opened(bind(stacked()[3:], frame_of("de", ("Seite", "von"))).pdf) as pdf:
        assert str(pdf.Root.Lang) == "de"
    assert page_texts(bind(stacked()[3:], frame_of("de", ("Seite", "von"))).pdf)[0].endswith("Seite 1 von 1")


@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_page_words_in_another_script_bring_their_font(profile: str) -> None:
    arabic = bind(stacked()[:2], frame_of("ar", ("صفحة", "من")))
    assert failures(arabic.pdf, profile) == ""
    assert "1" in page_texts(arabic.pdf)[0]
    assert len(arabic.pdf) > len(stack_of(stacked()[:2]).pdf)


def test_the_same_sheets_give_the_same_bytes_in_any_process(whole: Master) -> None:
    script = (
        "import hashlib; from tests.sheets import *\n"
        "weasyprints(CLOSING); weasyprints(BOTOX)\n"
        "print(hashlib.sha256(stack_of(stacked()).pdf).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == hashlib.sha256(whole.pdf).hexdigest()
    assert stack_of([TypesetSheet.from_bytes(sheet.to_bytes()) for sheet in stacked()]) == whole


def test_binding_needs_neither_weasyprint_nor_pikepdf() -> None:
    script = "import sys, handouts.typeset.binding; print({'pikepdf', 'weasyprint'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "set()"


def test_other_sheets_have_another_identifier(whole: Master) -> None:
    assert stack_of(stacked()[:2]).file_id != whole.file_id


def test_no_stream_ends_where_a_reader_would_miss_its_last_byte(whole: Master) -> None:
    assert b"\r\nendstream" not in whole.pdf


def test_a_slot_of_two_sizes_is_a_fault() -> None:
    sheet = sheet_of("other", f"<h1>Other</h1><p>{slot_image('name')}</p>")
    [shown] = sheet.slots
    wider = replace(sheet, slots=(replace(shown, slot=replace(shown.slot, width=300)),))
    with pytest.raises(ContentFault, match="'name'"):
        stack_of([stacked()[0], wider])


def test_a_sheet_made_for_other_fonts_is_refused() -> None:
    with pytest.raises(BadSheet, match="front"):
        stack_of([replace(stacked()[0], fonts=("0" * 16, ""))])


def test_no_sheet_is_no_master() -> None:
    with pytest.raises(ValueError, match="at least one"):
        stack_of([])


def test_a_master_travels_as_bytes(whole: Master) -> None:
    assert Master.from_bytes(whole.to_bytes()) == whole
