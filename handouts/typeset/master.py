"""The second half of step 3: a typeset file -> a master, whose slots can be filled by appending a few objects.

Each slot's Image XObject becomes an empty Form XObject in place, its structure element a Span whose ActualText
is the text; a footer form is put on every page as an artifact; the slot fonts go in whole, so that nothing
but text is left to write for each patient.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from handouts.errors import ContentFault
from handouts.fonts.embedding import program, to_unicode
from handouts.fonts.faces import BOLD, REGULAR
from handouts.model.master import Master, Patch, SlotLocation
from handouts.model.slots import ALT, FOOTER, Slot, color
from handouts.typeset.tagging import elements, repair_tags

_FOOTER_NAME = Name("/Footer")
TITLE = "slot:title"
"""Stands for the title while the master is made. Has to survive XML and PDF strings unchanged."""


def make_master(
    typeset: bytes,
    slots: Mapping[str, Slot],
    colors: Mapping[str, str],
    *,
    link_texts: Mapping[str, str],
    footer_at: tuple[float, float],
) -> Master:
    """A master from WeasyPrint's file.

    ``colors``: of text, by the names that slots use, ``#rrggbb``; ``footer_at``: the lower left corner of the
    footer on every page, in pt. ContentFault when a template shows a slot that does not exist.
    """
    with Pdf.open(io.BytesIO(typeset)) as pdf:
        repair_tags(pdf, link_texts)
        used = _swap_slots(pdf, slots)
        fonts = [_add_font(pdf, index) for index in (REGULAR, BOLD)]
        _add_footer(pdf, slots[FOOTER], footer_at)
        pdf.Root.SlotFonts = Array(fonts)  # found again after saving renumbers the objects
        out = io.BytesIO()
        pdf.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=False,
            fix_metadata_version=False,
        )
    return _locate(_plain_line_ends(out.getvalue()), {name: slots[name] for name in (*used, FOOTER)}, colors)


def _plain_line_ends(data: bytes) -> bytes:
    """Where a stream happens to end in CR, the end of line after it is CR too.

    With LF the two would read as one CRLF, and the stream as a byte shorter than its Length (ISO 19005-3, 6.1.7.1).
    """
    return data.replace(b"\r\nendstream", b"\r\rendstream")


def _swap_slots(pdf: Pdf, slots: Mapping[str, Slot]) -> list[str]:
    used: list[str] = []
    for element, _ in elements(pdf):
        alt = str(element.get("/Alt", ""))
        if not alt.startswith(ALT):
            continue
        name = alt.removeprefix(ALT)
        if name not in slots:
            raise ContentFault(f"A template shows the slot '{name}', which doesn't exist.")
        element.S = Name.Span
        element.ActualText = String(alt)
        del element["/Alt"]
        if "/A" in element:
            del element["/A"]
        if name not in used:
            used.append(name)
    forms = {color(name): name for name in slots}
    for page in pdf.pages:
        for image in page.obj.Resources.get("/XObject", Dictionary()).values():
            if image.get("/Subtype") == Name.Image and image.get("/Width") == 1 and image.get("/Height") == 1:
                known = forms.get(bytes(image.read_bytes()))
                if known:
                    _empty_form(image, slots[known], known)
    return used


def _empty_form(stream: pikepdf.Object, slot: Slot, name: str) -> None:
    for key in list(stream.keys()):
        if key != "/Length":
            del stream[key]
    stream.write(b"")
    stream.Type, stream.Subtype = Name.XObject, Name.Form
    stream.BBox = Array([0, 0, slot.width, round(slot.height, 3)])
    stream.Name = Name(f"/{name}")
    stream.Resources = Dictionary()


def _add_font(pdf: Pdf, index: int) -> pikepdf.Object:
    """The whole slot font as indirect objects; returns the Type0 font."""
    font = program(index)
    descriptor = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name(f"/{font.name}"),
            Flags=4,
            FontBBox=Array(list(font.bbox)),
            ItalicAngle=0,
            Ascent=font.ascent,
            Descent=font.descent,
            CapHeight=700,
            StemV=80,
            FontFile2=pdf.make_stream(font.program, Length1=len(font.program)),
        )
    )
    descendant = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=Name(f"/{font.name}"),
            CIDToGIDMap=Name.Identity,
            CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
            FontDescriptor=descriptor,
            DW=0,
            W=pikepdf.Object.parse(font.widths_array().encode()),
        )
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name(f"/{font.name}"),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([descendant]),
            ToUnicode=pdf.make_stream(to_unicode(font.texts)),
        )
    )


def _add_footer(pdf: Pdf, slot: Slot, at: tuple[float, float]) -> None:
    form = pdf.make_stream(b"")
    _empty_form(form, slot, FOOTER)
    x, y = at
    shown = b"Q\n/Artifact <</Type/Pagination/Subtype/Footer>> BDC\nq 1 0 0 1 %g %g cm /Footer Do Q\nEMC\n" % (x, y)
    for page in pdf.pages:
        resources = page.obj.Resources
        if "/XObject" not in resources:
            resources.XObject = Dictionary()
        resources.XObject[_FOOTER_NAME] = form
        content = page.obj.Contents.read_bytes()
        page.obj.Contents = pdf.make_stream(b"q\n" + content + b"\n" + shown)


def _locate(data: bytes, used: Mapping[str, Slot], colors: Mapping[str, str]) -> Master:
    """Open the saved file and note where the objects are that differ for each patient."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        forms = {str(form.Name)[1:]: form.objgen[0] for form in _forms(pdf)}
        spans: dict[str, list[Patch]] = {name: [] for name in used}
        for element, _ in elements(pdf):
            text = str(element.get("/ActualText", ""))
            if text.startswith(ALT):
                before, after = element.unparse(resolved=True).split(b"(" + text.encode() + b")")
                spans[text.removeprefix(ALT)].append(Patch(element.objgen[0], before, after))
        places = tuple(SlotLocation(slot, forms[name], tuple(spans[name])) for name, slot in used.items())
        regular, bold = (font.objgen[0] for font in pdf.Root.SlotFonts)
        xmp = pdf.Root.Metadata
        before, after = xmp.read_bytes().split(TITLE.encode())
        info = pdf.trailer.Info
        info_before, info_after = info.unparse(resolved=True).split(b"(" + TITLE.encode() + b")")
        found = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", data)
        assert found  # noqa: S101  pikepdf wrote it
        return Master(
            pdf=data,
            length=len(data),
            startxref=int(found[1]),
            size=int(pdf.trailer.Size),
            root=pdf.Root.objgen[0],
            file_id=bytes(pdf.trailer.ID[0]),
            pages=len(pdf.pages),
            fonts=(regular, bold),
            info=Patch(info.objgen[0], info_before, info_after),
            metadata=Patch(xmp.objgen[0], before, after),
            colors=tuple((name, _rgb(value)) for name, value in colors.items()),
            places=places,
        )


def _forms(pdf: Pdf) -> Iterator[pikepdf.Object]:
    seen: set[tuple[int, int]] = set()
    for page in pdf.pages:
        for form in page.obj.Resources.get("/XObject", Dictionary()).values():
            if form.get("/Subtype") == Name.Form and "/Name" in form and form.objgen not in seen:
                seen.add(form.objgen)
                yield form


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return round(red, 4), round(green, 4), round(blue, 4)
