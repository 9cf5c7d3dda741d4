"""A patient's texts on a page that runs from right to left: at the right edge, wrapped from there, read as written."""

from __future__ import annotations

import pytest

from handouts.fonts.embedding import whole_font
from handouts.fonts.faces import ARABIC
from handouts.merge.flow import Words, set_entry
from handouts.merge.shapes import steps_box
from handouts.model.details import Details, Entry
from handouts.model.isolates import apart
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


def drawn(text: str, name: str) -> str:
    """What stands in a slot of an English page, from left to right."""
    return "".join(glyph.text for line in fit(text, HERE[name]).lines for glyph in line.line.glyphs)


@pytest.mark.parametrize("name", ["סעאד", "سعاد"], ids=["hebrew", "arabic"])
def test_a_name_from_right_to_left_leaves_an_english_footer_and_title_as_they_are(name):
    told = footer_text(Details((("name", name),), "4715-0815-14K"))
    assert drawn(told, FOOTER).endswith("  •  4715-0815-14K")
    assert drawn(f"{apart(name, rtl=False)}: my medicines", "plan_name").endswith(": my medicines")
    assert footer_text(Details((("name", "Maria"),), "1HK8")) == "Maria  •  1HK8", "nothing is set apart without need"


def test_a_step_in_another_script_has_its_box_where_it_starts():
    [(_, arabic), *_] = steps_box(("اقرأ الملصق",), large=False).texts
    [(_, english), *_] = steps_box(("Read the label",), large=False, rtl=True).texts
    for entry, slot in ((arabic, HERE["step.1"]), (english, THERE["step.1"])):
        [line] = fit(entry, slot).lines
        left, right = line.x, slot.width - line.x - line.line.width * line.size / 1000
        lefts = [float(told.split()[0]) for told in make_form(entry, slot, COLORS).content.decode().splitlines()
                 if told.endswith(" m")]  # fmt: skip
        assert (right if entry is arabic else left) == pytest.approx(slot.indent)
        assert (min(lefts) > slot.room) == (entry is arabic)


def test_the_boxes_of_all_steps_stand_in_one_column():
    mixed = steps_box(("اقرأ الملصق", "Read the label"), large=False).texts
    english = steps_box(("Read the label",), large=False, rtl=True).texts
    assert [entry.turned for _, entry in mixed] == [False] * len(mixed), "some run as the page does"
    assert [entry.turned for _, entry in english] == [True] * len(english), "the lines to write on go with them"


def test_a_dose_in_an_arabic_sentence_is_drawn_from_left_to_right():
    entry = set_entry(Words("جرعة 200 mg كل يوم", "next_steps"), THERE["step.1"])
    glyphs = "".join(glyph.text for line in fit(entry, THERE["step.1"]).lines for glyph in line.line.glyphs)
    assert "200\u00a0mg" in glyphs


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
