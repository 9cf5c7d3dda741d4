"""A patient's texts on a page that runs from right to left: at the right edge, wrapped from there, read as written."""

from __future__ import annotations

import pytest

from handouts.fonts.embedding import whole_font
from handouts.fonts.faces import ARABIC
from handouts.merge.flow import Words, set_entry
from handouts.model.details import Details, Entry
from handouts.model.shapes import Shape
from handouts.model.slots import FOOTER, slots
from handouts.stamp.fit import fit
from handouts.stamp.form import make_form
from handouts.stamp.stamp import footer_text

SHAPE = Shape(4, 4, 132, 3)
HERE, THERE = (slots(large=False, shape=SHAPE, rtl=rtl) for rtl in (False, True))
COLORS = (("ink", (0.0, 0.0, 0.0)), ("accent", (0.0, 0.0, 1.0)), ("paper", (1.0, 1.0, 1.0)))
NAMES = ["Maria Gonzalez", "أحمد بن علي", "דוד כהן", "MRN 00417"]


def ends(entry: Entry | str, name: str) -> list[float]:
    """How far each line ends from the right edge, in pt."""
    slot = THERE[name]
    return [round(slot.width - line.x - line.line.width * line.size / 1000, 2) for line in fit(entry, slot).lines]


@pytest.mark.parametrize("text", NAMES)
@pytest.mark.parametrize("name", ["name", FOOTER, "code"])
def test_a_text_of_any_script_starts_at_the_right_edge(name, text):
    assert ends(text, name) == [0]
    assert fit(text, HERE[name]).lines[0].x == 0


@pytest.mark.parametrize("text", NAMES)
def test_a_label_stands_at_the_right_edge_and_its_text_beside_it(text):
    entry = set_entry(Words(text, "patient.identifier", "السجل"), THERE["who.2"])
    assert ends(entry, "who.2") == [0, THERE["who.2"].indent]


def test_a_long_step_wraps_at_the_right_beside_its_box():
    slot = THERE["step.1"]
    entry = set_entry(Words("اتصل بالعيادة واسأل عن موعد الفحص التالي قبل نهاية الأسبوع المقبل", "next_steps"), slot)
    assert ends(Entry(entry.lines, rtl=entry.rtl, box=True), "step.1") == [slot.indent] * len(entry.lines)
    assert len(entry.lines) > 1
    assert entry.rtl == set(range(len(entry.lines)))
    box = make_form(Entry((), box=True), slot, COLORS).content.decode()
    lefts = [float(line.split()[0]) for line in box.splitlines() if line.endswith(" m")]
    assert min(lefts) > slot.room, "the box to tick is right of the text"


def test_a_line_to_write_on_ends_where_its_box_begins():
    slot = THERE["step.1"]
    rule = make_form(Entry((), write=True), slot, COLORS).content.decode().splitlines()
    assert [line.split()[0] for line in rule if line[-2:] in {" m", " l"}] == ["0", f"{slot.room:g}"]


def test_what_ends_a_line_stands_at_the_left():
    slot = THERE["approval"]
    assert fit("لم يُعتمد بعد", slot).lines[0].x == 0
    mark = THERE["approval_mark"]
    assert 0 < fit("لم يُعتمد بعد", mark).lines[0].x < mark.size, "its frame has its padding"


def test_each_paragraph_of_a_note_stands_at_its_own_side():
    assert ends("اتصل بنا", "note.1") == [0]
    assert fit("Ring us", THERE["note.1"]).lines[0].x == 0


def test_name_and_code_of_a_footer_do_not_change_places():
    told = footer_text(Details((("name", "أحمد"),), "1HK8-Z5DW-14K", rtl=True))
    glyphs = fit(told, THERE[FOOTER]).lines[0].line.glyphs
    read = "".join(glyph.text for glyph in glyphs)
    assert read.startswith("1HK8-Z5DW-14K"), "drawn from the left, the code comes first: the name is right of it"


def test_a_telephone_number_in_a_step_is_drawn_from_left_to_right_and_read_as_written():
    entry = set_entry(Words("اتصل 555-0100 غدا", "next_steps"), THERE["step.1"])
    form = make_form(entry, THERE["step.1"], COLORS)
    assert "555-0100" in "".join(glyph.text for line in form.lines for glyph in line.glyphs)
    assert "2066" not in form.spoken.decode()


def test_the_text_of_an_arabic_name_is_the_name():
    form = make_form("أحمد بن علي", THERE["name"], COLORS)
    assert bytes.fromhex(form.spoken.decode().strip("<>")).decode("utf-16") == "أحمد بن علي"
    assert form.content.startswith(b"/Span <</ActualText")


def test_most_arabic_names_need_no_font_beside_the_stacks():
    form = make_form("أحمد عبد الرحمن الحسيني", THERE["who.1"], COLORS)
    missing = {gid for index, gid, _ in form.missing if index == ARABIC}
    assert missing
    assert missing <= whole_font(ARABIC).widths.keys()
