"""Step 4, stamp: ``Master + Details -> bytes``. Pure, and quick: a few objects are appended to the master.

The result is an incremental update (ISO 32000-1, 7.5.6): the master's bytes as they are, then the filled forms,
the ActualText, title and ID, and a cross-reference stream (STAMP-1).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from handouts.fonts.embedding import program
from handouts.fonts.faces import BOLD, REGULAR, own_characters
from handouts.fonts.shaping import Glyph, Line
from handouts.model.handout import Details
from handouts.model.master import Master, Patch, SlotLocation, StampPlan
from handouts.model.pdf_syntax import stream, text_string
from handouts.model.slots import FOOTER, Slot
from handouts.stamp.fit import Fitted, fit


@dataclass
class _Update:
    """The objects of one incremental update, by number."""

    stamp_plan: StampPlan
    objects: list[tuple[int, bytes]] = field(default_factory=list)
    extra_fonts: dict[int, dict[int, str]] = field(default_factory=dict)
    next_number: int = 0

    def __post_init__(self) -> None:
        self.next_number = self.stamp_plan.size

    def add(self, number: int, data: bytes) -> None:
        self.objects.append((number, data))

    def fill(self, patch: Patch, text: bytes) -> None:
        self.add(patch.number, patch.before + text + patch.after)


def stamp(master: Master, details: Details, title: str) -> bytes:
    """The finished PDF: ``details`` in the slots of ``master``; ``title`` names the file, nobody's name in it.

    RequestFault when a text does not fit its slot or has a character that no font has.
    """
    return master.pdf + build_update(master, details, title)


def build_update(stamp_plan: StampPlan, details: Details, title: str) -> bytes:
    """What one patient's file has after its master's last byte. RequestFault as `stamp` raises it."""
    texts = _slot_texts(details)
    fitted = [(place, texts.get(place.slot.name, "")) for place in stamp_plan.places]
    # a line of a note ends with the space that joins it to the next: read, but not drawn
    lines = [(place, text, fit(text.rstrip(" "), place.slot)) for place, text in fitted]
    update = _Update(stamp_plan)
    fonts = _fonts(update, [result for _, _, result in lines])
    for place, text, result in lines:
        update.add(place.form, _form(place, result, fonts, text))
        for span in place.spans:
            update.fill(span, text_string(text))
    update.fill(stamp_plan.info, text_string(title))
    xmp = stamp_plan.metadata.before + escape(title).encode() + stamp_plan.metadata.after
    update.add(stamp_plan.metadata.number, stream(b"/Type/Metadata/Subtype/XML", xmp))
    return _append(update)


def check_fit(slots: Mapping[str, Slot], details: Details) -> None:
    """RequestFault as `tail` would raise it, without a master; ``slots``: those of the handout's format and paper."""
    for name, text in _slot_texts(details).items():
        fit(text.rstrip(" "), slots[name])


def _slot_texts(details: Details) -> dict[str, str]:
    return {**dict(details.texts), "code": details.code, FOOTER: footer_text(details)}


def footer_text(details: Details) -> str:
    """What stands in the foot of every page: the name where there is one, and the code."""
    name = dict(details.texts).get("name")
    return f"{name}  •  {details.code}" if name else details.code


def _fonts(update: _Update, results: Iterable[Fitted]) -> dict[int, int]:
    """Font index -> object number; fonts that the master lacks are added, cut down to the glyphs in use."""
    held = {index: own_characters(index) for index in (REGULAR, BOLD)}  # the slot fonts hold these glyphs
    numbers = {REGULAR: update.stamp_plan.fonts[0], BOLD: update.stamp_plan.fonts[1]}
    missing: dict[int, dict[int, str]] = {}
    for result in results:
        for line in result.lines:
            for glyph in line.glyphs:
                if glyph.gid not in held.get(glyph.font, ()):
                    missing.setdefault(glyph.font, {}).setdefault(glyph.gid, glyph.text)
    for index, glyphs in sorted(missing.items()):
        wanted = dict(glyphs)
        if index in held:  # a form of a letter that the whole slot font leaves out: a font of its own, with all in use
            wanted |= {
                glyph.gid: glyph.text
                for result in results
                for line in result.lines
                for glyph in line.glyphs
                if glyph.font == index
            }
        made = program(index, wanted).objects(update.next_number)
        numbers[index] = update.next_number
        update.next_number += len(made)
        update.objects.extend(made)
    return numbers


def _form(place: SlotLocation, result: Fitted, fonts: Mapping[int, int], text: str) -> bytes:
    slot = place.slot
    red, green, blue = place.color
    parts = [f"{red:g} {green:g} {blue:g} rg"]
    for line, baseline in zip(result.lines, result.baselines, strict=True):
        parts += ["BT", f"1 0 0 1 0 {baseline:.3f} Tm", *_glyph_runs(line, result.size), "ET"]
    content = "\n".join(parts).encode()
    if not all(line.plain for line in result.lines):
        content = b"/Span <</ActualText %s>> BDC\n%s\nEMC" % (text_string(text), content)
    used = sorted({glyph.font for line in result.lines for glyph in line.glyphs})
    resources = "".join(f"/F{index} {fonts[index]} 0 R" for index in used)
    # a slot of the body is drawn by an image's matrix, which scales the unit square
    matrix = "" if slot.name == FOOTER else f"/Matrix[{1 / slot.width:.7f} 0 0 {1 / slot.height:.7f} 0 0]"
    head = f"/Type/XObject/Subtype/Form/BBox[0 0 {slot.width:g} {slot.height:.3f}]{matrix}"
    return stream(f"{head}/Resources<</Font<<{resources}>>>>".encode(), content)


def _glyph_runs(line: Line, size: float) -> Iterable[str]:
    """Text-showing operators of one line (ISO 32000-1, 9.4.3): a run a font, kerning between glyph numbers."""
    font, rise = -1, 0
    row: list[str] = []
    pending = 0

    def flush() -> Iterable[str]:
        if row:
            yield "[" + "".join(row).replace("><", "") + "] TJ"
            row.clear()

    for glyph in line.glyphs:
        if glyph.font != font:
            yield from flush()
            font = glyph.font
            yield f"/F{font} {size:g} Tf"
        if glyph.dy != rise:
            yield from flush()
            rise = glyph.dy
            yield f"{rise * size / 1000:g} Ts"
        before = pending - glyph.dx
        if before:
            row.append(f"{before}")
        row.append(f"<{glyph.gid:04x}>")
        pending = glyph.dx + _kern(glyph)
    yield from flush()
    if rise:
        yield "0 Ts"


def _kern(glyph: Glyph) -> int:
    return glyph.width - glyph.advance


def _append(update: _Update) -> bytes:
    """The changed objects, and a cross-reference stream (ISO 32000-1, 7.5.8)."""
    stamp_plan = update.stamp_plan
    parts: list[bytes] = []
    at = stamp_plan.length
    offsets: dict[int, int] = {}
    for number, data in update.objects:
        written = b"%d 0 obj\n%s\nendobj\n" % (number, data)
        offsets[number] = at
        parts.append(written)
        at += len(written)
    table = update.next_number
    offsets[table] = at
    numbers = sorted(offsets)
    index = " ".join(f"{number} 1" for number in numbers)
    rows = b"".join(struct.pack(">BIH", 1, offsets[number], 0) for number in numbers)
    digest = hashlib.sha256(b"".join(parts)).digest()[:16]
    head = (
        f"/Type/XRef/Size {table + 1}/Root {stamp_plan.root} 0 R/Info {stamp_plan.info.number} 0 R"
        f"/Prev {stamp_plan.startxref}"
        f"/W[1 4 2]/Index[{index}]/ID[<{stamp_plan.file_id.hex()}><{digest.hex()}>]"
    )
    parts.append(b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, stream(head.encode(), rows), at))
    return b"".join(parts)
