"""WeasyPrint's file of one sheet -> a `TypesetSheet`: its objects as templates, ready to be bound with others.

Slots become forms that belong to the stack, the body fonts' subsets give way to the whole fonts of the stack, and each
destination is told by page and place, so that two sheets may use the same names.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections import deque
from collections.abc import Iterator, Mapping

import pikepdf
from pikepdf import Dictionary, Name, Pdf, Stream, String

from handouts.errors import ContentFault
from handouts.fonts.embedding import WHOLE, whole_font, whole_font_id
from handouts.model.isolates import without_isolates
from handouts.model.pdf_template import Template, joined, references, template
from handouts.model.slots import ALT, Slot, color
from handouts.model.typeset_sheet import (
    OUTSIDE,
    Bookmark,
    SheetAnnotation,
    SheetLink,
    SheetPage,
    SheetSlot,
    SheetStream,
    TypesetSheet,
)
from handouts.typeset.pdf_objects import text_of
from handouts.typeset.structure import elements
from handouts.typeset.tagging import repair_tags
from handouts.typeset.tounicode import font_index

SHEET_LINK = "sheet:"
"""What a link to another sheet starts with; the sheet's name follows."""
FONTS = {"/RunningRegular": "regular", "/RunningOther": "other"}
FORMS = {"/RunningFooter": "footer", "/RunningApproval": "approval"}
"""What pages call the resources with which the binder draws in their margins, and what of `OUTSIDE` each is."""
_WHOLE = dict(zip(WHOLE, ("regular", "bold", "arabic", "arabic_bold"), strict=True))
_KEPT_BOXES = ("/BleedBox", "/TrimBox")


def make_sheet(made: bytes, name: str, slots: Mapping[str, Slot], link_texts: Mapping[str, str]) -> TypesetSheet:
    """A sheet from WeasyPrint's tagged, uncompressed PDF/A-3a of it.

    ``name``: what other sheets' links call it; ``link_texts``: each link's text by its address. ContentFault when a
    template shows a slot that does not exist.
    """
    with Pdf.open(io.BytesIO(made)) as pdf:
        repair_tags(pdf, link_texts)
        spans = _empty_spans(pdf, slots)
        for page in pdf.pages:
            _prepare_page(pdf, page)
        return _Sheet(pdf, name, slots, spans).typeset_sheet()


def _empty_spans(pdf: Pdf, slots: Mapping[str, Slot]) -> dict[str, list[pikepdf.Object]]:
    """The elements of each slot, by name, in reading order: each a Span that says nothing yet."""
    found: dict[str, list[pikepdf.Object]] = {}
    for element, _ in elements(pdf):
        alt = str(element.get("/Alt", ""))
        if not alt.startswith(ALT):
            continue
        name = alt.removeprefix(ALT)
        if name not in slots:
            raise ContentFault(f"A template shows the slot '{name}', which doesn't exist.")
        element.S = Name.Span
        for key in ("/Alt", "/A"):
            if key in element:
                del element[key]
        found.setdefault(name, []).append(element)
    return found


def _prepare_page(pdf: Pdf, page: pikepdf.Page) -> None:
    """What a page draws ends as it began, so that more can be drawn after it; boxes that say nothing go."""
    page.obj.Contents = pdf.make_stream(b"q\n" + page.obj.Contents.read_bytes() + b"\nQ\n")
    for key in _KEPT_BOXES:
        if key in page.obj and list(page.obj[key]) == list(page.obj.MediaBox):
            del page.obj[key]
    if "/Annots" in page.obj:
        page.obj.Annots = pdf.make_indirect(page.obj.Annots)


def _place_running(pdf: Pdf) -> dict[int, str]:
    """Have each page know what the binder draws on it; the numbers that stand for it, and what it is."""
    found: dict[int, str] = {}
    for resource, named in (("/Font", FONTS), ("/XObject", FORMS)):
        for name, what in named.items():
            stands_for = pdf.make_indirect(Dictionary())
            found[stands_for.objgen[0]] = what
            for page in pdf.pages:
                if resource not in page.obj.Resources:
                    page.obj.Resources[resource] = Dictionary()
                page.obj.Resources[resource][name] = stands_for
    return found


class _Sheet:
    """One file on its way to a sheet: which object gets which place among the values."""

    def __init__(
        self,
        pdf: Pdf,
        name: str,
        slots: Mapping[str, Slot],
        spans: Mapping[str, list[pikepdf.Object]],
    ) -> None:
        self.pdf, self.name, self.slots, self.spans = pdf, name, slots, spans
        self.root = pdf.Root.StructTreeRoot
        (self.document,) = self.root.K
        self.pages = [page.obj for page in pdf.pages]
        self.annotations = [item for page in self.pages for item in page.get("/Annots", ())]
        self.links = [item for item in self.annotations if _sheet_target(item)]
        self.fonts = [""] * len(WHOLE)
        self.replaced = self._replaced()
        self.profile = pdf.Root.OutputIntents[0].DestOutputProfile
        for item in self.annotations:
            self._settle_link(item)
        self.document.S = Name.Part
        self.document.Lang = pdf.Root.Lang
        self.texts: dict[int, bytes] = {}
        self.order = self._reachable()
        self.place = {number: i for i, number in enumerate(self.order)}
        self.keys = {int(item.StructParent): len(self.pages) + i for i, item in enumerate(self.annotations)}
        nums = self.root.ParentTree.Nums
        self.parents = {int(key): value for key, value in zip(nums[::2], nums[1::2], strict=True)}
        self.span_numbers = {span.objgen[0] for found in spans.values() for span in found}

    def _replaced(self) -> dict[int, str | int]:
        """Objects that the stack brings: number -> one of `OUTSIDE`, or which of the slots' forms."""
        found: dict[int, str | int] = {**_place_running(self.pdf)}
        found |= {self.root.objgen[0]: "document", self.pdf.Root.Pages.objgen[0]: "pages"}
        forms = {color(name): i for i, name in enumerate(self.spans)}
        for item in self.pdf.objects:
            if isinstance(item, Stream):
                if item.get("/Subtype") == Name.Image and item.get("/Width") == 1 and item.get("/Height") == 1:
                    form = forms.get(bytes(item.read_bytes()))
                    if form is not None:
                        found[item.objgen[0]] = form
            elif isinstance(item, Dictionary) and item.get("/Subtype") == Name.Type0:
                index = font_index(str(item.BaseFont))
                if index in _WHOLE and _is_in_whole(item, index):
                    found[item.objgen[0]] = _WHOLE[index]
                    self.fonts[WHOLE.index(index)] = whole_font_id(index)
                else:
                    _name_by_content(item)
        return found

    def _reachable(self) -> list[int]:
        """The numbers of the sheet's own objects, as they are met from its pages and tags: plain ones, then streams."""
        todo = deque(item.objgen[0] for item in (*self.pages, self.document))
        todo.extend(page.Contents.objgen[0] for page in self.pages)
        todo.append(self.profile.objgen[0])
        plain: list[int] = []
        streams: list[int] = []
        while todo:
            number = todo.popleft()
            if number not in self.texts and number not in self.replaced:
                item = self.pdf.get_object(number, 0)
                (streams if isinstance(item, Stream) else plain).append(number)
                self.texts[number] = text_of(item, _left_out(item))
                todo.extend(references(self.texts[number]))
        self.lines = len(plain)
        return plain + streams

    def _settle_link(self, item: pikepdf.Object) -> None:
        """Of a link within the sheet: say the place instead of its name."""
        if isinstance(item.get("/Dest"), String):
            names = self.pdf.Root.Names.Dests.Names
            places = {str(key): place for key, place in zip(names[::2], names[1::2], strict=True)}
            item.Dest = places[str(item.Dest)]

    def typeset_sheet(self) -> TypesetSheet:
        """The sheet itself."""
        bookmarks = self.pdf.Root.get("/Outlines")
        pages = range(len(self.pages))
        return TypesetSheet(
            name=self.name,
            language=str(self.pdf.Root.Lang),
            objects=joined([self._object(number) for number in self.order[: self.lines]]),
            lines=self.lines,
            streams=tuple(map(self._stream, self.order[self.lines :])),
            parents=joined(list(map(self._page_parents, pages)), b" "),
            pages=tuple(map(self._page, self.pages)),
            annotations=tuple(
                SheetAnnotation(self._own(item), self._own(self._element(item)), self.keys[int(item.StructParent)])
                for item in self.annotations
            ),
            part=self._own(self.document),
            slots=tuple(
                SheetSlot(self.slots[name], tuple(map(self._own, spans))) for name, spans in self.spans.items()
            ),
            links=tuple(map(self._link, self.links)),
            bookmarks=tuple(self._bookmarks(bookmarks)) if bookmarks is not None else (),
            fonts=tuple(self.fonts if any(self.fonts[2:]) else self.fonts[:2]),
            color_profile=self._own(self.profile),
        )

    # places among the values, as `TypesetSheet.values` lists them

    def _own(self, item: pikepdf.Object) -> int:
        return self.place[item.objgen[0]]

    def _key(self, which: int) -> int:
        return len(self.order) + which

    def _outside(self, what: str) -> int:
        return self._key(len(self.pages) + len(self.annotations)) + OUTSIDE.index(what)

    def _page_number(self, page: int) -> int:
        return self._outside("document") + len(OUTSIDE) + page

    def _form(self, which: int) -> int:
        return self._page_number(len(self.pages)) + which

    def _target(self, which: int) -> int:
        return self._form(len(self.spans)) + which

    def _place(self, number: int) -> int | bytes:
        """Of whatever the file names; null for what the sheet does not hold: elements of margins."""
        replaced = self.replaced.get(number)
        if replaced is None:
            return self.place.get(number, b"null")
        return self._outside(replaced) if isinstance(replaced, str) else self._form(replaced)

    # objects

    def _object(self, number: int) -> Template:
        """An object; what differs for each stack stands at its end."""
        item = self.pdf.get_object(number, 0)
        made = template(self.texts[number], self._place)
        if not isinstance(item, Dictionary):
            return made
        text, gaps = made.text.removesuffix(b">>"), list(made.gaps)
        if item.get("/Type") == Name.Page:
            page = [one.objgen[0] for one in self.pages].index(number)
            text += b"/StructParents %d/Contents[%d 0 R %d 0 R %d 0 R]"
            gaps += [self._key(page), self._own(item.Contents), self._outside("running"), self._page_number(page)]
        elif item.get("/Type") == Name.Annot:
            text += b"/StructParent %d"
            gaps.append(self._key(self.keys[int(item.StructParent)]))
            if _sheet_target(item):
                text += b"/Dest[%d 0 R/Fit]"
                gaps.append(self._target([link.objgen for link in self.links].index(item.objgen)))
        elif number in self.span_numbers:
            text += b"/ActualText()"
        else:
            return made
        return Template(text + b">>", tuple(gaps))

    def _stream(self, number: int) -> SheetStream:
        item = self.pdf.get_object(number, 0)
        head = template(self.texts[number], self._place)
        if "/Filter" in item:
            return SheetStream(head, item.read_raw_bytes())
        data = zlib.compress(item.read_raw_bytes(), 9)
        return SheetStream(Template(head.text.removesuffix(b">>") + b"/Filter/FlateDecode>>", head.gaps), data)

    # tags, links, bookmarks

    def _element(self, annotation: pikepdf.Object) -> pikepdf.Object:
        return self.parents[int(annotation.StructParent)]

    def _page_parents(self, page: int) -> Template:
        """A page's row of the parent tree."""
        elements_of_page = self.parents[int(self.pages[page].StructParents)]
        array = template(text_of(elements_of_page), self._place)
        return Template(b"%d" + array.text, (self._key(page), *array.gaps))

    def _page(self, page: pikepdf.Object) -> SheetPage:
        _, _, width, height = (float(value) for value in page.MediaBox)
        array = self._own(page.Annots) if "/Annots" in page else None
        return SheetPage(self._own(page), width, height, array, tuple(map(self._own, page.get("/Annots", ()))))

    def _link(self, item: pikepdf.Object) -> SheetLink:
        element = self._element(item)
        reference = next(kid for kid in element.K if isinstance(kid, Dictionary) and kid.get("/Type") == Name.OBJR)
        text = self.texts[element.objgen[0]].replace(b"/S/Link", b"/S/Span")
        named = b"%d 0 R" % reference.objgen[0]
        head, kids, rest = text.partition(b"/K[")
        assert rest.startswith(named)  # noqa: S101  WeasyPrint writes it first
        plain = template(head + kids + rest.removeprefix(named).lstrip(), self._place)
        return SheetLink(_sheet_target(item), self._own(item), self._own(reference), self._own(element), plain)

    def _bookmarks(self, parent: pikepdf.Object) -> Iterator[Bookmark]:
        mark = parent.get("/First")
        while mark is not None:
            page, _, x, y, *_ = mark.Dest
            at = [one.objgen for one in self.pages].index(page.objgen)
            yield Bookmark(without_isolates(str(mark.Title)), at, float(x), float(y), tuple(self._bookmarks(mark)))
            mark = mark.get("/Next")


_LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    "/Page": ("/StructParents", "/Contents"),
    "/Annot": ("/StructParent",),
    "/StructElem": ("/Type",),  # optional (ISO 32000-1, table 323), and there are hundreds
}


def _left_out(item: pikepdf.Object) -> tuple[str, ...]:
    """Of an object that is read, the keys that `_Sheet` writes otherwise, or not at all."""
    if not isinstance(item, Dictionary):
        return ()
    keys = _LEFT_OUT.get(str(item.get("/Type", "")), ())
    return (*keys, "/A") if _sheet_target(item) else keys


def _sheet_target(item: pikepdf.Object) -> str:
    """The sheet that an annotation leads to; "" for any other."""
    action = item.get("/A") if item.get("/Subtype") == Name.Link else None
    address = str(action.get("/URI", "")) if isinstance(action, Dictionary) else ""
    return address.removeprefix(SHEET_LINK) if address.startswith(SHEET_LINK) else ""


def _is_in_whole(font: pikepdf.Object, index: int) -> bool:
    """Whether the whole font has each glyph of a subset, as wide."""
    widths = whole_font(index).widths
    return all(widths.get(glyph) == width for glyph, width in _widths(font.DescendantFonts[0].W))


def _widths(rows: pikepdf.Object) -> Iterator[tuple[int, float]]:
    """Of each glyph, from a font's W: a number, and the widths from there on."""
    items = list(rows)
    for first, widths in zip(items[::2], items[1::2], strict=True):
        for i, width in enumerate(widths):
            yield int(first) + i, float(width)


def _name_by_content(font: pikepdf.Object) -> None:
    """WeasyPrint names a subset after its font: two sheets' subsets would share a name."""
    descendant = font.DescendantFonts[0]
    descriptor = descendant.FontDescriptor
    total = int.from_bytes(hashlib.sha256(descriptor.FontFile2.read_bytes()).digest()[:8], "big")
    letters = "".join(chr(65 + total // 26**i % 26) for i in range(6))
    name = Name(f"/{letters}+{str(font.BaseFont).partition('+')[2]}")
    font.BaseFont = descendant.BaseFont = descriptor.FontName = name
