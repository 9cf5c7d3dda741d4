"""Step 4: a patient's details into the slots, and nobody else's."""

import contextlib
from collections.abc import Callable

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.codes import format_code
from handouts.errors import RequestFault
from handouts.merge.details import details
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.handout import Details
from handouts.model.master import Master
from handouts.model.slots import FOOTER, Slot, slots
from handouts.stamp.fit import fit
from handouts.stamp.stamp import footer_text, stamp
from handouts.typeset.html import typeset
from tests.conftest import TODAY, MakeOf, RequestOf
from tests.reading_pdf import everything, page_texts, tags
from tests.rounds import rounds

STANDARD = slots(large=False, a4=False)
GIVEN = {
    "patient": {"name": "Zoë Quartermain", "birth_date": "1961-04-09", "identifier": "MRN 00417"},
    "clinician": "Dr. Vexler",
    "visit_date": "2026-11-22",
    "appointment": {"at": "2026-12-04T10:30", "with": "Nurse Jaffrey", "where": "Clinic 2"},
}


@pytest.fixture(scope="module")
def master(library: Library, request_of: RequestOf) -> Master:
    return typeset(merge(library, request_of(**GIVEN), TODAY).handout, library.words)


@pytest.fixture(scope="module")
def stamped(master: Master) -> Callable[[str], bytes]:
    """The finished file of somebody with this name."""
    return lambda name: stamp(master, _details(name=name), "T")


def _details(**texts: str) -> Details:
    standard = {
        "name": "A B", "birth_date": "x", "identifier": "x", "visit_date": "x", "clinician": "x",
        "appointment_date": "x", "appointment_time": "x", "appointment_with": "x", "appointment_where": "x",
    }  # fmt: skip
    return Details(tuple((standard | texts).items()), "K7QF-3MDX-9TW")


def test_every_detail_stands_on_the_page_and_in_the_tags(make_of: MakeOf):
    made = make_of(**GIVEN)
    expected = [
        "Zoë Quartermain", "April 9, 1961", "November 22, 2026", "MRN 00417", "Dr. Vexler",
        "Friday, December 4, 2026", "10:30 am", "Nurse Jaffrey", "Clinic 2",
    ]  # fmt: skip
    first = page_texts(made.pdf)[0]
    spoken = {tag.actual_text for tag in tags(made.pdf)}
    for text in expected:
        assert text in first
        assert text in spoken


def test_name_code_and_page_number_stand_on_every_page(make_of: MakeOf):
    made = make_of(**GIVEN)
    texts = page_texts(made.pdf)
    for number, text in enumerate(texts, 1):
        assert f"Zoë Quartermain • {format_code(made.code)}" in " ".join(text.split())
        assert f"Page {number} of {len(texts)}" in text


def test_a_handout_shows_the_fields_that_the_patient_has_and_no_others(make_of: MakeOf):
    assert "Born" not in page_texts(make_of().pdf)[0]
    assert "Born" in page_texts(make_of(**GIVEN).pdf)[0]


def test_the_title_and_the_metadata_name_nobody(make_of: MakeOf):
    import io

    made = make_of(**GIVEN)
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        xmp = pdf.Root.Metadata.read_bytes().decode()
        assert str(pdf.docinfo.Title) == f"Hemifacial spasm, {format_code(made.code)}"
        assert f"Hemifacial spasm, {format_code(made.code)}" in xmp
        assert "Zo" not in str(pdf.docinfo.Title) + xmp


def test_stamping_twice_gives_the_same_bytes_and_the_master_stays_as_it_is(master: Master):
    one, two = stamp(master, _details(), "T"), stamp(master, _details(), "T")
    assert one == two
    assert one.startswith(master.pdf)
    assert stamp(master, _details(name="C D"), "T") != one


def test_a_master_survives_its_way_through_bytes(master: Master):
    assert Master.from_bytes(master.to_bytes()) == master


def test_the_next_patient_leaves_no_trace_of_the_one_before(master: Master):
    stamp(master, _details(name="Xaverine Ybarra", identifier="MRN 99999"), "T")
    after = everything(stamp(master, _details(name="Bob Carr"), "T"))
    for needle in ("Xaverine", "99999"):
        assert needle.encode() not in after
        assert needle.encode("utf-16-be") not in after
        assert needle.encode("utf-16-be").hex().encode() not in after


NAMES = st.text(
    st.characters(codec="utf-8", categories=("Lu", "Ll"), max_codepoint=0xFF), min_size=1, max_size=12
).filter(lambda text: text.isalpha())


def _holds_its_own_and_no_other(stamped: Callable[[str], bytes], names: list[str]) -> None:
    files = {name: stamped(name) for name in names}
    for name, pdf in files.items():
        spoken = {tag.actual_text for tag in tags(pdf)}
        assert name in spoken
        assert not (set(names) - {name}) & spoken
        for text in page_texts(pdf):
            assert name in text


@settings(max_examples=12)
@given(names=st.lists(NAMES.map(lambda name: f"{name} Zq{name}"), min_size=2, max_size=3, unique=True))
def test_each_file_holds_its_own_patient_and_no_other(stamped: Callable[[str], bytes], names: list[str]):
    with contextlib.suppress(RequestFault):  # a letter that no shipped font has is refused, see below
        _holds_its_own_and_no_other(stamped, names)


@pytest.mark.heavy
@settings(max_examples=rounds(100, release=700))
@given(names=st.lists(NAMES.map(lambda name: f"{name} Zq{name}"), min_size=2, max_size=4, unique=True))
def test_many_files_hold_their_own_patient_and_no_other(stamped: Callable[[str], bytes], names: list[str]):
    with contextlib.suppress(RequestFault):
        _holds_its_own_and_no_other(stamped, names)


def test_short_text_is_set_at_full_size():
    fitted = fit("Maria Gonzalez", STANDARD["name"])
    assert fitted.size == pytest.approx(21, abs=0.01)
    assert len(fitted.lines) == 1


def test_long_text_shrinks_then_takes_two_lines():
    longer = fit("Wolfeschlegelsteinhausen Bergerdorff", Slot("name", 300, 21, bold=True, lines=2))
    assert len(longer.lines) == 1
    assert longer.size < 21
    two = fit(" ".join(["Bartholomew"] * 8), STANDARD["name"])
    assert len(two.lines) == 2
    assert two.size >= STANDARD["name"].floor
    for line in two.lines:
        assert line.width * two.size / 1000 <= STANDARD["name"].width


@pytest.mark.parametrize("text", ["Å", "Ǻg", "Nguyễn Thị Ánh", "محمد علي", "प्रिया शर्मा", "Ёлка"])
def test_ink_stays_inside_its_slot(text: str):
    for slot in (STANDARD["name"], STANDARD["clinician"], STANDARD[FOOTER]):
        fitted = fit(text, slot)
        for line, baseline in zip(fitted.lines, fitted.baselines, strict=True):
            assert line.width * fitted.size / 1000 <= slot.width + 0.01
            assert baseline + line.top * fitted.size / 1000 <= slot.height + 0.01
            assert baseline + line.bottom * fitted.size / 1000 >= -0.01


def test_text_too_long_for_its_slot_is_refused_by_its_key_never_clipped():
    with pytest.raises(RequestFault) as caught:
        fit("Wolfe" * 40, STANDARD["name"])
    assert "'patient.name' is too long" in caught.value.message
    assert "Wolfe" not in caught.value.message


def test_a_letter_that_no_font_has_is_named_with_a_way_out():
    with pytest.raises(RequestFault) as caught:
        fit("李 Ming", STANDARD["name"])
    assert "Chinese (Han)" in caught.value.message
    assert "李" not in caught.value.message
    assert "Ming" not in caught.value.message
    assert "Latin letters" in caught.value.message


def test_a_sheet_without_a_patient_carries_the_code_alone():
    assert footer_text(Details((), "K7QF-3MDX-9TW")) == "K7QF-3MDX-9TW"


def test_details_never_show_in_a_traceback():
    assert "Maria" not in repr(Details((("name", "Maria"),), "X"))


def test_every_field_of_a_request_has_its_slot(library: Library, request_of: RequestOf):
    request = request_of(**GIVEN)
    names = [name for name, _ in details(library.wording, request, "X").texts]
    assert set(names) <= set(STANDARD)
    assert merge(library, request, TODAY).handout.fields == tuple(names)
