"""Slots: each its own picture, within its page, and large where print is large."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping

import pytest
from PIL import Image

from handouts.model.shapes import MOST_MEDICINES, MOST_WRITTEN_STEPS, PlanShape, Shape
from handouts.model.slots import ALT, RUNNING, Slot, color, picture, slots

WIDTH = {False: 504, True: 432}
"""Of the text, the same on both papers."""
FULL = Shape(8, 9, 220, 6, 220, (40,) * 6)


def every(large: bool) -> Mapping[str, Slot]:
    return slots(large=large, shape=FULL, plan=PlanShape(12, 8))


both = pytest.mark.parametrize("large", [False, True], ids=["standard", "large"])


@pytest.mark.parametrize("name", every(large=False))
def test_the_picture_of_a_slot_is_one_pixel_of_its_colour(name: str) -> None:
    head, data = picture(name).split(",")
    assert head == "data:image/png;base64"
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert image.size == (1, 1)
    assert bytes(image.getpixel((0, 0))) == color(name)


def test_no_two_slots_share_a_picture() -> None:
    names = {*every(large=False), *every(large=True)}
    assert len({picture(name) for name in names}) == len(names)
    assert ALT.isascii(), "found again in the file's bytes"


@both
def test_every_slot_fits_its_page_and_holds_its_lines(large: bool) -> None:
    for slot in every(large).values():
        assert slot.width <= WIDTH[large], slot.name
        assert slot.floor <= slot.size, slot.name
        assert slot.lines * slot.leading <= slot.height + 0.01, slot.name
        assert slot.indent < slot.width / 3


@both
def test_no_text_is_smaller_than_a_reader_needs(large: bool) -> None:
    small = {*RUNNING, "approval_long", "approval_mark", "code", "replaces"}
    for slot in every(large).values():
        least = 18 if large else 9.5 if slot.name in small else 12 if slot.name == "name" else 11
        assert slot.floor >= least, slot.name


def test_slots_of_a_front_and_of_a_plan_come_with_their_shapes() -> None:
    assert not [name for name in slots(large=False) if "." in name]
    front = slots(large=False, shape=Shape(4, 0, 66))
    assert {name.partition(".")[0] for name in front if "." in name} == {"who", "step"}
    full = every(large=False)
    assert f"step.{MOST_WRITTEN_STEPS}" in full
    assert f"plan.{MOST_MEDICINES}.night" in full
    assert full["who.1"].height == 8 * 15
    assert full["note_more.6"].height == 40 * 15


@both
def test_slots_of_one_area_are_of_one_size(large: bool) -> None:
    table = every(large)
    for area in ("who", "visit", "step", "steps_more"):
        sizes = {(slot.width, slot.height) for name, slot in table.items() if name.startswith(f"{area}.")}
        assert len(sizes) == 1


def test_a_line_stands_in_its_leading_as_a_browser_sets_it() -> None:
    slot = Slot("x", 100, 30, 12, 15)
    assert slot.baseline(12) == pytest.approx(30 - 0.06 - 0.95 * 12)
    assert slot.baseline(12, 15) == pytest.approx(slot.baseline(12) - 15)
    assert Slot("x", 100, 12.4, 10, 12.4).below_baseline == pytest.approx(2.9)
