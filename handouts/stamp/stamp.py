"""Step 4, stamp: ``Master + Details -> bytes``. Pure, and quick: a few objects are appended to the master.

The result is an incremental update (ISO 32000-1, 7.5.6): the master's bytes as they are, then the filled forms,
the ActualText, title and ID, and a cross-reference stream (STAMP-1). A slot without text stays as the master has it.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from handouts.fonts.embedding import WHOLE, program, whole_font
from handouts.fonts.faces import BOLD, REGULAR
from handouts.model.details import Details, Entry
from handouts.model.isolates import apart, isolated
from handouts.model.master import Master, StampPlan
from handouts.model.pdf_syntax import stream, text_string
from handouts.model.slots import FOOTER, IN_ENGLISH, Slot
from handouts.stamp.fit import fit
from handouts.stamp.form import Form, make_form

Objects = list[tuple[int, bytes]]
"""The objects of one incremental update, by number."""


def stamp(master: Master, details: Details, title: str) -> bytes:
    """The finished PDF: ``details`` in the slots of ``master``; ``title`` names the file, nobody's name in it.

    RequestFault when a text does not fit its slot or has a character that no font has.
    """
    return master.pdf + build_update(master, details, title)


def build_update(stamp_plan: StampPlan, details: Details, title: str) -> bytes:
    """What one patient's file has after its master's last byte. RequestFault as `stamp` raises it."""
    texts = _slot_texts(details)
    colors = stamp_plan.colors
    filled = [
        (place, make_form(text, place.slot, colors))
        for place in stamp_plan.places
        if (text := texts.get(place.slot.name)) is not None
    ]
    objects, numbers = _fonts(stamp_plan, [form for _, form in filled])
    free = objects[-1][0] + 1 if objects else stamp_plan.size
    resources: dict[tuple[int, ...], bytes] = {}
    for place, form in filled:
        fonts = resources.get(form.fonts)
        if fonts is None:
            fonts = "".join([f"/F{index} {numbers[index]} 0 R" for index in form.fonts]).encode()
            resources[form.fonts] = fonts
        objects.append((place.form, form.stream(fonts)))
        for span in place.spans:
            objects.append((span.number, span.before + form.spoken + form.language + span.after))
    info, metadata = stamp_plan.info, stamp_plan.metadata
    objects.append((info.number, info.before + text_string(title) + info.after))
    xmp = metadata.before + escape(title).encode() + metadata.after
    objects.append((metadata.number, stream(b"/Type/Metadata/Subtype/XML", xmp)))
    return _append(stamp_plan, objects, free)


def check_fit(slots: Mapping[str, Slot], details: Details) -> None:
    """RequestFault as `build_update` would raise it, without a master; ``slots``: those of the handout's format and
    shapes.
    """
    for name, text in _slot_texts(details).items():
        if name in slots:
            fit(text, slots[name])


def _slot_texts(details: Details) -> dict[str, str | Entry]:
    texts = dict(details.texts)
    texts.setdefault("code", details.code)
    texts[FOOTER] = footer_text(details)
    if f"{IN_ENGLISH}code" in texts:
        own = {name.removeprefix(IN_ENGLISH): text for name, text in details.texts if name.startswith(IN_ENGLISH)}
        texts[f"{IN_ENGLISH}{FOOTER}"] = footer_text(Details(tuple(own.items()), details.code))
    return {name: text for name, text in texts.items() if text}


def footer_text(details: Details) -> str:
    """What stands in the foot of every page: the name, or where a blank sheet has room for one, and the code."""
    texts = dict(details.texts)
    name = texts.get(FOOTER) or texts.get("name")
    if isinstance(name, Entry):
        name = name.text
    code = isolated(details.code) if details.rtl and name else details.code
    return f"{apart(name, rtl=details.rtl)}  •  {code}" if name else code


def _fonts(stamp_plan: StampPlan, forms: Iterable[Form]) -> tuple[Objects, dict[int, int]]:
    """Objects of fonts that the master lacks, cut down to the glyphs in use, and every font's number by its index."""
    numbers = dict(zip(WHOLE, stamp_plan.fonts, strict=False))
    missing: dict[int, dict[int, str]] = {}
    for form in forms:
        for index, gid, text in form.missing:
            missing.setdefault(index, {}).setdefault(gid, text)
    objects: Objects = []
    free = stamp_plan.size
    for index, glyphs in sorted(missing.items()):
        if index in numbers and index not in {REGULAR, BOLD} and glyphs.keys() <= whole_font(index).widths.keys():
            continue
        if index in numbers:  # a form that the whole slot font leaves out: a font of its own, with all in use
            glyphs = {gid: text for form in forms for gid, text in form.glyphs(index)} | glyphs
        made = program(index, glyphs).objects(free)
        numbers[index] = free
        free += len(made)
        objects += made
    return objects, numbers


def _append(stamp_plan: StampPlan, objects: Objects, table: int) -> bytes:
    """The changed objects, and a cross-reference stream (ISO 32000-1, 7.5.8), numbered ``table``."""
    parts: list[bytes] = []
    at = stamp_plan.length
    offsets: dict[int, int] = {}
    for number, data in objects:
        written = b"%d 0 obj\n%b\nendobj\n" % (number, data)
        offsets[number] = at
        parts.append(written)
        at += len(written)
    offsets[table] = at
    numbers = sorted(offsets)
    index = " ".join([f"{number} 1" for number in numbers])
    rows = b"".join([struct.pack(">BIH", 1, offsets[number], 0) for number in numbers])
    digest = hashlib.sha256(b"".join(parts)).digest()[:16]
    head = (
        f"/Type/XRef/Size {table + 1}/Root {stamp_plan.root} 0 R/Info {stamp_plan.info.number} 0 R"
        f"/Prev {stamp_plan.startxref}"
        f"/W[1 4 2]/Index[{index}]/ID[<{stamp_plan.file_id.hex()}><{digest.hex()}>]"
    )
    parts.append(b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, stream(head.encode(), rows), at))
    return b"".join(parts)
