"""A master: one file that fits every patient, and the notes needed to fill it in."""

import dataclasses
import io
import re

import pikepdf
import pytest

from handouts.errors import ContentFault
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.master import BadMaster, Master
from handouts.model.slots import ALT, FOOTER, Slot, picture
from handouts.typeset.html import typeset
from handouts.typeset.master import TITLE, make_master
from handouts.typeset.weasyprint import layout, write
from tests.conftest import TODAY, RequestOf
from tests.reading_pdf import page_texts, tags

SLOTS = {
    "name": Slot("name", 200, 24.8, 20, 24.8),
    "code": Slot("code", 90, 15, 12, 15),
    FOOTER: Slot(FOOTER, 200, 12, 10, 12),
}
IMAGE = '<img style="width:200pt;height:24.8pt;image-rendering:pixelated" src="{}" alt="{}{}">'
PAGE = '<html lang="en"><title>slot:title</title><style>@page {{ size: 300pt 200pt }}</style><p>Hello</p>{}</html>'


def _made(body: str) -> Master:
    html = PAGE.format(body)
    return make_master(write(layout(html, ())), SLOTS, {"ink": "#ff0000"}, link_texts={}, footer_at=(9, 9))


@pytest.fixture(scope="module")
def twice() -> Master:
    """A master that shows the name on both of its two pages."""
    shown = f"<p>{IMAGE.format(picture('name'), ALT, 'name')}</p>"
    return _made(shown + '<p style="break-before: page">More</p>' + shown)


def test_a_slot_shown_on_two_pages_is_one_form_with_two_places_in_the_tags(twice: Master):
    [name] = [place for place in twice.places if place.slot.name == "name"]
    assert len(name.spans) == 2
    assert twice.colors == (("ink", (1, 0, 0)),)
    with pikepdf.open(io.BytesIO(twice.pdf)) as pdf:
        assert len(pdf.pages) == twice.pages == 2
        forms = [
            {form.objgen[0] for form in sheet.Resources.XObject.values() if form.get("/Subtype") == "/Form"}
            for sheet in pdf.pages
        ]
        assert forms[0] == forms[1] == {place.form for place in twice.places}


def test_no_picture_of_a_slot_is_left(twice: Master):
    assert not [tag for tag in tags(twice.pdf) if tag.kind == "Figure"]
    with pikepdf.open(io.BytesIO(twice.pdf)) as pdf:
        streams = [item for item in pdf.objects if isinstance(item, pikepdf.Stream)]
        assert not [item for item in streams if item.get("/Subtype") == "/Image"]


def test_a_slot_that_no_template_shows_takes_no_place(twice: Master):
    assert {place.slot.name for place in twice.places} == {"name", FOOTER}


def test_the_footer_is_an_artifact_on_every_page(twice: Master):
    with pikepdf.open(io.BytesIO(twice.pdf)) as pdf:
        for sheet in pdf.pages:
            content = sheet.Contents.read_bytes()
            assert re.search(
                rb"/Artifact <</Type/Pagination/Subtype/Footer>> BDC\s+q 1 0 0 1 9 9 cm /Footer Do", content
            )


def test_a_slot_that_does_not_exist_is_named():
    with pytest.raises(ContentFault, match="'nome'"):
        _made(f"<p>{IMAGE.format(picture('name'), ALT, 'nome')}</p>")


def test_no_stream_ends_where_a_reader_would_miss_its_last_byte(twice: Master):
    assert b"\r\nendstream" not in twice.pdf


def test_a_master_holds_nobodys_details(library: Library, request_of: RequestOf):
    given = {"patient": {"name": "Zoë Quartermain", "identifier": "MRN 00417", "birth_date": "1961-04-09"}}
    other = {"patient": {"name": "Bob Carr", "identifier": "X 1", "birth_date": "1990-01-01"}}
    one, two = (typeset(merge(library, request_of(**who), TODAY).handout, library.words) for who in (given, other))
    assert one == two
    assert "Quartermain" not in "".join(page_texts(one.pdf))


def test_title_and_metadata_wait_for_their_text(twice: Master):
    for patch in (twice.info, twice.metadata):
        assert TITLE.encode() not in patch.before + patch.after
    assert twice.metadata.before.count(b"<dc:title>") == 1


def test_its_bytes_are_the_master(twice: Master):
    assert Master.from_bytes(twice.to_bytes()) == twice


@pytest.mark.parametrize(
    "harm", ["", "x", "handouts master 1\n", "handouts master 1\n99999999\n{}", "handouts master 1\n2\n[]"]
)
def test_what_is_no_master_is_told_apart(harm: str):
    with pytest.raises(BadMaster):
        Master.from_bytes(harm.encode())


def test_a_master_cut_short_or_of_other_bytes_is_told_apart(twice: Master):
    whole = twice.to_bytes()
    for damaged in (
        whole[:-1],
        whole + b"x",
        whole[:40],
        whole.replace(b"%PDF-", b"%pdf-", 1),
        whole.replace(b'"size"', b'"sise"', 1),
    ):
        with pytest.raises(BadMaster):
            Master.from_bytes(damaged)


def test_a_master_can_not_be_changed(twice: Master):
    with pytest.raises(dataclasses.FrozenInstanceError):
        twice.pages = 3  # type: ignore[misc]
