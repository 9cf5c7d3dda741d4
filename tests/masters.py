"""Small masters for tests of stamping: a page of slots, without the templates."""

from __future__ import annotations

from collections.abc import Mapping

from handouts.model.master import Master
from handouts.model.shapes import PlanShape, Shape
from handouts.model.slots import ALT, RUNNING, Slot, picture, slots
from handouts.typeset.binding import bind
from handouts.typeset.frame import frame
from handouts.typeset.sheet import make_sheet
from handouts.typeset.weasyprint import layout, write

INK, ACCENT, PAPER = "#17324d", "#0b6e87", "#ffffff"
COLORS = {"ink": INK, "accent": ACCENT, "paper": PAPER}
FRONT = Shape(who=8, visit=9, steps=220, note=6)
PLAN = PlanShape(4, 4)
_PAGE = """<html lang="en"><head><title>slot:title</title><style>
@page {{ size: 612pt {height}pt; margin: 54pt }}
body {{ margin: 0; font: 12pt/15pt "Handouts Legible" }}
h1 {{ font-size: 20pt; line-height: 24pt; margin: 0 }}
.area {{ position: relative; margin: 0 0 12pt }}
.area p {{ position: absolute; top: 0; left: 0; margin: 0 }}
img {{ image-rendering: pixelated; display: block; overflow: visible }}
</style></head><body><h1>Slots</h1>{body}</body></html>"""


def area_of(name: str) -> str:
    """Slots of one area lie on top of each other."""
    return name.rpartition(".")[0] if name.startswith(("who", "visit", "step")) else name


def tiny_master(sizes: Mapping[str, Slot]) -> Master:
    """A master of one page that shows these slots below each other, those of an area in one place."""
    areas: dict[str, list[Slot]] = {}
    for name, slot in sizes.items():
        if name not in RUNNING:
            areas.setdefault(area_of(name), []).append(slot)
    body = "".join(
        f'<div class="area" style="height:{shown[0].height}pt">{"".join(map(_image, shown))}</div>'
        for shown in areas.values()
    )
    height = 180 + sum(shown[0].height + 12 for shown in areas.values())
    page = _PAGE.format(height=height, body=body)
    sheet = make_sheet(write(layout(page, ())), "slots", sizes, {})
    running = frame(
        "letter",
        "standard",
        sizes,
        language="en",
        page_words=("Page", "of"),
        keywords="not approved",
        colors=COLORS,
    )
    return bind([sheet], running)


def _image(slot: Slot) -> str:
    style = f"width:{slot.width}pt;height:{slot.height}pt"
    return f'<p><img src="{picture(slot.name)}" alt="{ALT}{slot.name}" style="{style}"></p>'


def front_master(*, large: bool = False, shape: Shape = FRONT, plan: PlanShape | None = None) -> Master:
    """Of all slots of a front, and of a plan of medicines."""
    return tiny_master(slots(large=large, shape=shape, plan=plan))
