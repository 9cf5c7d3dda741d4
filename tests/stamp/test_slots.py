"""Slots: each its own picture, as high as its line, within its page."""

import base64
import io

import pytest
from PIL import Image

from handouts.model.request import PAPER_SIZES
from handouts.model.slots import ALT, FOOTER, color, picture, slots
from handouts.typeset.html import MARGIN

SIZES = [(large, a4) for large in (False, True) for a4 in (False, True)]


@pytest.mark.parametrize("name", slots(large=False, a4=False))
def test_the_picture_of_a_slot_is_one_pixel_of_its_colour(name: str):
    head, data = picture(name).split(",")
    assert head == "data:image/png;base64"
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert image.size == (1, 1)
    assert bytes(image.getpixel((0, 0))) == color(name)


def test_no_two_slots_share_a_picture():
    names = slots(large=False, a4=False)
    assert len({picture(name) for name in names}) == len(names)
    assert ALT.isascii(), "found again in the file's bytes"


@pytest.mark.parametrize(("large", "a4"), SIZES)
def test_every_slot_fits_its_page(large: bool, a4: bool):
    width = PAPER_SIZES["a4" if a4 else "letter"][0] - 2 * MARGIN["large-print" if large else "standard"]
    for slot in slots(large=large, a4=a4).values():
        assert slot.width <= width, slot.name
        assert slot.floor <= slot.size, slot.name
        assert slot.height == pytest.approx(slot.size * 1.24)


def test_large_print_is_set_in_18_points_and_never_in_less_than_standard():
    standard, large = slots(large=False, a4=False), slots(large=True, a4=False)
    assert standard.keys() == large.keys()
    for name, slot in large.items():
        assert slot.size > standard[name].size
        assert slot.size >= 18 or name == FOOTER
