"""Step 4: a patient's details into the slots, and nobody else's."""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageChops

from handouts.codes import format_code
from handouts.errors import RequestFault
from handouts.fonts.shaping import shape
from handouts.merge.approval import approval_texts
from handouts.merge.details import details
from handouts.model.content import Library
from handouts.model.details import Details, Entry
from handouts.model.edition import Edition
from handouts.model.handout import Approval, ApprovalMark
from handouts.model.master import Master
from handouts.model.slots import FOOTER, Slot, slots
from handouts.stamp.fit import fit
from handouts.stamp.stamp import build_update, check_fit, footer_text, stamp
from tests.conftest import RequestOf
from tests.masters import ACCENT, FRONT, INK, PLAN, front_master
from tests.reading_pdf import everything, failures, page_texts, tags
from tests.rounds import rounds

CODE = "K7QF-3MDX-9TW"
STANDARD = slots(large=False, shape=FRONT, plan=PLAN)
GIVEN: dict[str, Any] = {
    "patient": {"name": "Zoë Quartermain", "birth_date": "1961-04-09", "identifier": "MRN 00417"},
    "clinician": "Dr. Vexler",
    "visit_date": "2026-11-22",
    "appointment": {"at": "2026-12-04T10:30", "with": "Nurse Jaffrey", "where": "Clinic 2"},
    "next_steps": ["Book your MRI", "Bring your diary and all of the medicines that you take to your next visit"],
    "note": "We looked at your pictures together.\n\nRing us with any question.",
    "medicines": [{"name": "carbamazepine", "dose": "200 mg", "times": ["morning", "night"], "remark": "With food"}],
}
ELSEWHERE: dict[str, Any] = {
    **GIVEN,
    "patient": {"name": "محمد علي"},
    "next_steps": ["شكرا لكم على الحضور إلى العيادة اليوم ونرجو إحضار MRI معكم", "Принесите дневник"],
    "note": "شكرا لكم على الحضور إلى العيادة اليوم.\nNguyễn Thị Ánh",
}


@pytest.fixture(scope="module")
def master() -> Master:
    return front_master(plan=PLAN)


def filled(library: Library, request: Any, state: Approval = "not_approved") -> Details:
    by = ("Dr. Wye",) if state == "approved" else ()
    mark = ApprovalMark(state, by, sheets=(("front", state), ("questions", state)))
    return details(library.wording.told(approval=approval_texts(library, mark)), request, CODE)


def named(name: str, **texts: str | Entry) -> Details:
    return Details(tuple({"name": name, "visit.1": Entry(("x",)), **texts}.items()), CODE)


def spoken(pdf: bytes) -> list[str]:
    """What is read of the slots that are filled, in the order of the tags."""
    return [tag.actual_text for tag in tags(pdf) if tag.actual_text]


# ---------------------------------------------------------------- what stands on the page


def test_every_detail_is_read_once_with_its_label(master: Master, library: Library, request_of: RequestOf) -> None:
    pdf = stamp(master, filled(library, request_of(**GIVEN)), "T")
    assert spoken(pdf) == [
        "Zoë Quartermain", "Not yet approved", "Zoë Quartermain: my medicines by time of day",
        "No clinician has approved this text yet.", CODE,
        "Born April 9, 1961", "Record MRN 00417", "Visit November 22, 2026", "You saw Dr. Vexler",
        "Friday, December 4, 2026", "Time 10:30 am", "With Nurse Jaffrey", "Where Clinic 2",
        *GIVEN["next_steps"], "We looked at your pictures together.\n\nRing us with any question.",
        "Carbamazepine", "200 mg", "–", "–", "200 mg", "With food",
    ]  # fmt: skip
    shown = " ".join(page_texts(pdf)[0].split())
    for text in spoken(pdf):
        assert " ".join(text.split()) in shown
    assert f"Zoë Quartermain • {CODE}" in shown


@pytest.mark.parametrize("large", [False, True], ids=["standard", "large"])
@pytest.mark.parametrize("given_", [GIVEN, ELSEWHERE], ids=["English", "other scripts"])
def test_the_file_is_accessible(library: Library, request_of: RequestOf, given_: dict[str, Any], large: bool) -> None:
    request = request_of(**given_, format="large-print" if large else "standard")
    pdf = stamp(front_master(large=large, plan=PLAN), filled(library, request), "T")
    assert failures(pdf, "ua1") == ""
    assert failures(pdf, "3a") == ""


def test_an_approved_text_has_no_mark_beside_its_title(master: Master, library: Library, request_of: RequestOf) -> None:
    pdf = stamp(master, filled(library, request_of(), "approved"), "T")
    assert "Approved by Dr. Wye." in spoken(pdf)
    assert not any("Not yet" in text for text in spoken(pdf))


def test_a_slot_without_text_is_not_written_at_all(master: Master) -> None:
    update = build_update(master, named("Ann"), "T")
    written = set(map(int, re.findall(rb"(\d+) 0 obj", update)))
    filled_forms = {place.form for place in master.places if place.form in written}
    assert filled_forms == {
        place.form for place in master.places if place.slot.name in {"name", "visit.1", "code", FOOTER}
    }
    assert len(written) == 4 + 3 + 3, "forms, tags (a footer has none), title, metadata and the table"


def test_a_blank_sheet_holds_nobodys_details(master: Master, library: Library, request_of: RequestOf) -> None:
    blank = details(library.wording, request_of(**GIVEN), CODE, Edition(blank=True))
    text = " ".join(spoken(stamp(master, blank, "T")))
    assert not [word for word in ("Zoë", "Quartermain", "1961", "00417", "Vexler", "Jaffrey") if word in text]
    assert footer_text(Details((), CODE)) == CODE


# ---------------------------------------------------------------- how it is drawn


def operators(master: Master, name: str, text: str | Entry) -> str:
    """The content of a slot's form."""
    with pikepdf.open(io.BytesIO(stamp(master, Details(((name, text),), CODE), "T"))) as pdf:
        [number] = [place.form for place in master.places if place.slot.name == name]
        return pdf.get_object(number, 0).read_bytes().decode("latin-1")


def rgb(value: str) -> str:
    return " ".join(f"{round(int(value[i : i + 2], 16) / 255, 4):g}" for i in (1, 3, 5))


def test_a_label_is_bold_in_the_accent_and_its_text_in_ink(master: Master) -> None:
    drawn = operators(master, "who.1", Entry(("Ann",), "Born", size=12))
    label, _, text = drawn.partition(f"{rgb(INK)} rg")
    assert f"{rgb(ACCENT)} rg" in label
    assert "/F1 12 Tf" in label
    assert "/F0 12 Tf" in text
    assert "1 0 0 1 52 " in text, "it starts after the label"


def test_each_line_of_an_entry_has_its_place(master: Master) -> None:
    drawn = operators(master, "step.2", Entry(("Book ", "your ", "MRI"), top=22, box=True))
    places = [tuple(map(float, found)) for found in re.findall(r"1 0 0 1 (\S+) (\S+) Tm", drawn)]
    slot = STANDARD["step.1"]
    assert places == [(21, pytest.approx(slot.baseline(12, 22 + 15 * i), abs=0.01)) for i in range(3)]
    assert drawn.index("B\nQ") < drawn.index("BT"), "the box to tick lies under the text"


def test_a_line_to_write_on_goes_to_the_end_of_its_area(master: Master) -> None:
    drawn = operators(master, "step.3", Entry((), box=True, write=True))
    assert re.search(r"21 \S+ m\n276 \S+ l\nS", drawn)
    assert "BT" not in drawn


@pytest.mark.parametrize(("name", "share"), [("plan.1.noon", 0.5), ("approval_mark", 1)])
def test_text_stands_in_the_middle_or_at_the_end(master: Master, name: str, share: float) -> None:
    slot = STANDARD[name]
    placed = fit("take it", slot).lines[0]
    spare = slot.width - placed.line.width * placed.size / 1000 - (0.6 * placed.size if slot.boxed else 0)
    assert placed.x == pytest.approx(spare * share, abs=0.01)
    assert f"1 0 0 1 {placed.x:g} " in operators(master, name, "take it")


def test_a_paragraph_of_a_note_starts_at_the_side_of_its_script() -> None:
    slot = STANDARD["note.1"]
    left, right = fit(Entry(("Ring us.\n", "شكرا"), rtl=frozenset({1})), slot).lines
    assert left.x == 0
    assert right.x + right.line.width * right.size / 1000 == pytest.approx(slot.width)


def test_a_mark_has_a_round_frame_and_only_with_text(master: Master) -> None:
    assert operators(master, "approval_mark", "Not yet approved").count(" c\n") == 4
    assert " c\n" not in operators(master, "approval_long", "Not yet approved")


@pytest.mark.parametrize("text", ["Å jg", "Ǻg Ẫ ỵ̃", "Nguyễn Thị Ánh", "محمد علي", "प्रिया शर्मा", "Ёлка"])
@pytest.mark.parametrize("name", ["name", "who.1", "visit.2", "code"])
def test_no_ink_is_cut_off(master: Master, text: str, name: str) -> None:
    made = stamp(master, Details(((name, text),), CODE), "T")
    with pikepdf.open(io.BytesIO(made)) as pdf:
        [number] = [place.form for place in master.places if place.slot.name == name]
        form = pdf.get_object(number, 0)
        left, bottom, right, top = (float(value) for value in form.BBox)
        form.BBox = pikepdf.Array([left - 90, bottom - 90, right + 90, top + 90])
        out = io.BytesIO()
        pdf.save(out)
    assert ImageChops.difference(_picture(out.getvalue()), _picture(made)).getbbox() is None


def _picture(pdf: bytes) -> Any:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[0].render(scale=2).to_pil().convert("L")
    finally:
        document.close()


def test_kerned_text_ends_where_harfbuzz_ends_it() -> None:
    line = fit("AVA Yates To", STANDARD["name"]).lines[0].line
    assert line.width == shape("AVA Yates To", bold=True).width


# ---------------------------------------------------------------- fitting a text by itself


def test_a_text_takes_its_lines_before_it_shrinks_and_is_refused_by_its_key_never_cut() -> None:
    slot = Slot(FOOTER, 120, 24.8, 10, 12.4, lines=2)
    assert [placed.size for placed in fit("Ann Lee", slot).lines] == [10]
    assert [placed.size for placed in fit("Bartholomew Featherstonehaugh", slot).lines] == [10, 10]
    assert [placed.size for placed in fit("W" * 15, slot).lines] == [9.5], "rather than torn"
    with pytest.raises(RequestFault) as caught:
        fit("Wolfe " * 40, slot)
    assert "'patient.name' is too long" in caught.value.message
    assert "Wolfe" not in caught.value.message


def test_a_letter_that_no_font_has_is_named_with_a_way_out() -> None:
    with pytest.raises(RequestFault) as caught:
        fit("李 Ming", STANDARD["name"])
    assert "Chinese (Han)" in caught.value.message
    assert "李" not in caught.value.message
    assert "Ming" not in caught.value.message
    assert "Latin letters" in caught.value.message


def test_a_dry_run_refuses_what_stamping_would_refuse(master: Master) -> None:
    long = named("Featherstonehaugh " * 20)
    for refused in (lambda: check_fit(STANDARD, long), lambda: stamp(master, long, "T")):
        with pytest.raises(RequestFault, match=r"'patient\.name' is too long"):
            refused()
    check_fit(STANDARD, named("Ann"))


# ---------------------------------------------------------------- one patient and no other


def test_stamping_twice_gives_the_same_bytes_and_the_master_stays_as_it_is(master: Master) -> None:
    one, two = stamp(master, named("A B"), "T"), stamp(master, named("A B"), "T")
    assert one == two
    assert one.startswith(master.pdf)
    assert stamp(master, named("C D"), "T") != one


def test_a_master_survives_its_way_through_bytes(master: Master) -> None:
    assert Master.from_bytes(master.to_bytes()) == master


def test_the_next_patient_leaves_no_trace_of_the_one_before(master: Master) -> None:
    stamp(master, named("Xaverine Ybarra", **{"who.1": Entry(("MRN 99999",), "Record")}), "T")
    after = everything(stamp(master, named("Bob Carr"), "T"))
    for needle in ("Xaverine", "99999"):
        assert needle.encode() not in after
        assert needle.encode("utf-16-be") not in after
        assert needle.encode("utf-16-be").hex().encode() not in after


NAMES = st.text(
    st.characters(codec="utf-8", categories=("Lu", "Ll"), max_codepoint=0xFF), min_size=1, max_size=9
).filter(lambda text: text.isalpha())


def _holds_its_own_and_no_other(master: Master, names: list[str]) -> None:
    files = {name: stamp(master, named(name), "T") for name in names}
    for name, pdf in files.items():
        assert name in spoken(pdf)
        assert not (set(names) - {name}) & set(spoken(pdf))
        for text in page_texts(pdf):
            assert name in " ".join(text.split())


@settings(max_examples=12)
@given(names=st.lists(NAMES.map(lambda name: f"{name} Zq{name}"), min_size=2, max_size=3, unique=True))
def test_each_file_holds_its_own_patient_and_no_other(master: Master, names: list[str]) -> None:
    with contextlib.suppress(RequestFault):  # a letter that no shipped font has is refused, see above
        _holds_its_own_and_no_other(master, names)


@pytest.mark.heavy
@settings(max_examples=rounds(100, release=700))
@given(names=st.lists(NAMES.map(lambda name: f"{name} Zq{name}"), min_size=2, max_size=4, unique=True))
def test_many_files_hold_their_own_patient_and_no_other(master: Master, names: list[str]) -> None:
    with contextlib.suppress(RequestFault):
        _holds_its_own_and_no_other(master, names)


def test_the_metadata_name_nobody(master: Master, library: Library, request_of: RequestOf) -> None:
    title = f"Hemifacial spasm, {format_code('K7QF3MDX9TW')}"
    with pikepdf.open(io.BytesIO(stamp(master, filled(library, request_of(**GIVEN)), title))) as pdf:
        xmp = pdf.Root.Metadata.read_bytes().decode()
        assert str(pdf.docinfo.Title) == title
        assert title in xmp
        assert "Zo" not in str(pdf.docinfo.Title) + xmp


def test_details_never_show_in_a_traceback() -> None:
    fitted = fit(Entry(("Maria",)), STANDARD["who.1"])
    shown = repr((named("Maria"), Entry(("Maria",)), fitted, fitted.lines))
    assert "Maria" not in shown
