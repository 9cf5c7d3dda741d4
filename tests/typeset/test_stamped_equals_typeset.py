"""A stamped name is indistinguishable from one set by WeasyPrint: same place, size, colour, kerning; not cut off."""

import io
from functools import cache

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageFilter

from handouts.model import slots
from handouts.model.handout import Details
from handouts.model.master import Master
from handouts.model.slots import ALT, DESCENT, FOOTER, Slot
from handouts.stamp.stamp import stamp
from handouts.typeset.master import make_master
from handouts.typeset.weasyprint import layout, write

INK = "#17324d"
SLOTS = {
    "bold": Slot("bold", 400, 21, bold=True, lines=2),
    "plain": Slot("plain", 400, 12),
    FOOTER: Slot(FOOTER, 50, 9.5, floor=5),
}
LATIN = [
    "Maria Gonzalez",
    "AVA YATES",
    "To. Wo. Ty. LT VA",
    "Jo Å",
    "Bartholomew Featherstonehaugh",
    "Renée Łukasiewicz",
    "Zoë O’Neill-Müller",
    "D'Arcy (fi ffl)",
    "Jürgen Ágúst",
]
OTHERS = [
    "Nguyễn",  # a word: WeasyPrint takes the space after a borrowed letter from that letter's font
    "Ελένη Παπαδοπούλου",
    "Дмитрий Шостакович",
    "محمد علي",
    "प्रिया शर्मा क्ष",
]
PAGE = """<html lang="en"><head><title>slot:title</title><style>
@page {{ size: 480pt 120pt; margin: 20pt }}
body {{ margin: 0; color: {ink}; line-height: 40pt }}
p {{ font-family: "Atkinson Hyperlegible", "Noto Sans", "Noto Sans Arabic" }}
p {{ margin: 0; white-space: pre; font-size: {size}pt; font-weight: {weight} }}
img {{ image-rendering: pixelated }}
</style></head><body><p>{text}</p></body></html>"""


BORROWED = ("ễ", """<span style="font-family: 'Noto Sans'">ễ</span>""")
"""From the font that we take it from, as WeasyPrint does. With Pango 1.56 it would be built of ê and a tilde."""


def _page(slot: Slot, text: str) -> bytes:
    weight = 700 if slot.bold else 400
    text = text.replace(*BORROWED)
    return write(layout(PAGE.format(ink=INK, size=slot.size, weight=weight, text=text), ()))


@cache
def _master(name: str) -> Master:
    slot = SLOTS[name]
    style = f"width:{slot.width}pt;height:{slot.height:.3f}pt;vertical-align:-{slot.size * DESCENT:.3f}pt"
    page = _page(slot, f'<img src="{slots.picture(name)}" alt="{ALT}{name}" style="{style}">')
    return make_master(page, SLOTS, dict.fromkeys(SLOTS, INK), link_texts={}, footer_at=(0, -50))


def _stamped(name: str, text: str) -> bytes:
    return stamp(_master(name), Details(((name, text),), "X"), "T")


def picture(pdf: bytes, page: int = 0) -> Image.Image:
    """A page at 150 dpi, ink light on black."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return ImageChops.invert(document[page].render(scale=150 / 72).to_pil().convert("RGB"))
    finally:
        document.close()


def _differs(one: Image.Image, two: Image.Image) -> int:
    """How many pixels of ``one`` have clear ink where ``two`` has none within a pixel."""
    clear = one.convert("L").point(lambda value: 255 if value > 150 else 0)
    near = two.convert("L").filter(ImageFilter.MaxFilter(3)).point(lambda value: 255 if value > 60 else 0)
    return ImageChops.subtract(clear, near).histogram()[255]


def look_alike(ours: Image.Image, theirs: Image.Image) -> None:
    """Each has ink where the other has, within a pixel, and of its colour."""
    assert _differs(ours, theirs) == 0
    assert _differs(theirs, ours) == 0
    darkest = [[band.getextrema()[1] for band in image.split()] for image in (ours, theirs)]
    assert darkest[0] == pytest.approx(darkest[1], abs=6), "the same colour"


@pytest.mark.parametrize("name", ["plain", "bold"])
@pytest.mark.parametrize("text", LATIN)
def test_a_stamped_name_looks_like_a_typeset_one(text: str, name: str):
    ours, theirs = picture(_stamped(name, text)), picture(_page(SLOTS[name], text))
    assert ours.getbbox() == pytest.approx(theirs.getbbox(), abs=1), "left, top, right, bottom, in pixels"
    look_alike(ours, theirs)


@pytest.mark.parametrize("name", ["plain", "bold"])
@pytest.mark.parametrize("text", OTHERS)
def test_so_does_a_name_in_another_script_but_for_its_line(text: str, name: str):
    # a taller font moves WeasyPrint's baseline down; a slot's moves only as far as the ink needs
    ours, theirs = picture(_stamped(name, text)), picture(_page(SLOTS[name], text))
    (left, top, right, bottom), (theirs_left, theirs_top, *_) = ours.getbbox(), theirs.getbbox()
    assert abs(left - theirs_left) <= 1
    assert abs(top - theirs_top) <= 12
    moved = theirs.transform(theirs.size, Image.Transform.AFFINE, (1, 0, 0, 0, 1, theirs_top - top))
    assert moved.getbbox() == pytest.approx((left, top, right, bottom), abs=1)
    look_alike(ours, moved)


@pytest.mark.parametrize("name", ["plain", "bold"])
@pytest.mark.parametrize("text", [*LATIN, *OTHERS, "jÅ " * 30 + "jf", "ẪẤ ỵ̃ " * 9])
def test_no_ink_is_cut_off_at_the_edge_of_a_slot(text: str, name: str):
    made = _stamped(name, text.strip()[: 60 if name == "plain" else 120])
    with pikepdf.open(io.BytesIO(made)) as pdf:
        [form] = [item for key, item in pdf.pages[0].Resources.XObject.items() if key != "/Furniture"]
        left, bottom, right, top = (float(value) for value in form.BBox)
        form.BBox = pikepdf.Array([left - 90, bottom - 90, right + 90, top + 90])
        out = io.BytesIO()
        pdf.save(out)
    beyond = ImageChops.subtract(picture(out.getvalue()), picture(made)).convert("L")
    assert beyond.getextrema()[1] < 40
