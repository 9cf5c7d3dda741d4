"""Sheets -> a `Master`: pages, tags and bookmarks one after the other, what they share once. No PDF library is needed.

Each sheet's objects are templates (`handouts.model.typeset_sheet`); they get new numbers and are written as they are.
Added once are the trees, the whole body fonts, a form for each slot wherever it stands, what stands in the margins, and
the metadata. Numbers in brackets are sections of ISO 32000-1.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from handouts.errors import ContentFault
from handouts.fonts.drawing import show
from handouts.fonts.embedding import WHOLE, program, whole_font, whole_font_id, whole_font_objects
from handouts.fonts.faces import ARABIC, ARABIC_BOLD, REGULAR
from handouts.fonts.shaping import Line, shape
from handouts.model.calendar import in_digits
from handouts.model.master import Master, Patch, SlotLocation
from handouts.model.pdf_syntax import deflated_stream, references_to, rgb, stream, text_string
from handouts.model.slots import APPROVALS, IN_ENGLISH, Slot
from handouts.model.typeset_sheet import BadSheet, Bookmark, TypesetSheet
from handouts.typeset.frame import Frame
from handouts.typeset.metadata import TITLE, info, xmp
from handouts.typeset.pdf_writer import Writer

EMPTY_FORM = b"<</Subtype/Form/BBox[0 0 1 1]/Length 0>>stream\n\nendstream"
"""What a slot without text draws. There may be a hundred, so nothing is in it that is not required [8.10.2]."""
_RGB_PROFILE = "IEC 61966-2-1 Default RGB Colour Space - sRGB"


def bind(
    sheets: Sequence[TypesetSheet], frame: Frame, marks: Sequence[str] = (), *, copy: Copy | None = None
) -> Master:
    """A master of ``sheets`` in their order. ``marks``: the text of each sheet's running mark; sheets of one text share
    a slot, the first of `APPROVALS` for the first text. One mark, or none, is for all sheets. ``copy``: the same in
    English, to stand behind them; pages are counted through.

    ContentFault when two sheets show one slot in different sizes. BadSheet when one was made for other versions of the
    whole fonts: its glyph numbers would be other letters. ValueError for no sheet at all.
    """
    if not sheets:
        raise ValueError("a master needs at least one sheet")
    for sheet in (*sheets, *(copy.sheets if copy else ())):
        for index, made_for in zip(WHOLE, sheet.fonts, strict=False):
            if made_for and made_for != whole_font_id(index):
                raise BadSheet(f"{sheet.name} was made for other fonts")
    return _Binder([Copy(sheets, frame, marks, prefix=""), *([copy] if copy else [])]).master()


@dataclass(frozen=True)
class Copy:
    """Sheets in one language; ``prefix``: before the names of their slots, which are stamped in their own language."""

    sheets: Sequence[TypesetSheet]
    frame: Frame
    marks: Sequence[str] = ()
    prefix: str = IN_ENGLISH

    def marks_of_sheets(self) -> Sequence[str]:
        """The text of each sheet's running mark."""
        return self.marks if len(self.marks) > 1 else [*self.marks, ""][:1] * len(self.sheets)


@dataclass
class _Place:
    """A slot of the stack: its form, and the elements that say its text."""

    slot: Slot
    form: int
    spans: list[Patch] = field(default_factory=list)


class _Part:
    """The sheets of one language, and what stands in the margins of their pages."""

    def __init__(self, binder: _Binder, copy: Copy, running: int) -> None:
        self.binder, self.frame, self.sheets, self.prefix = binder, copy.frame, copy.sheets, copy.prefix
        self.running = running
        self.footer = binder.place(copy.frame.footer.slot, copy.prefix)
        self.marks = self._marks(copy.marks_of_sheets())
        self.other = 0
        self.numbers: list[int] = []
        self.first_pages: dict[str, int] = {}

    def _marks(self, texts: Sequence[str]) -> list[_Place]:
        """The running mark of each sheet."""
        slot = self.frame.approval.slot
        slots = {text: replace(slot, name=name) for text, name in zip(dict.fromkeys(texts), APPROVALS, strict=False)}
        return [self.binder.place(slots[text], self.prefix) for text in texts]

    def write_margins(self, first: int) -> int:
        """Write what stands there; ``first``: the number of the first page, returns that after the last one."""
        writer = self.binder.writer
        writer.add(self.running, stream(b"", self._running()))
        end = first + sum(len(sheet.pages) for sheet in self.sheets)
        lines = [shape(self._page_words(i), rtl=self.frame.rtl) for i in range(first, end)]
        self.other = self.binder.other_font(lines)
        self.numbers = [self._page_number(line) for line in lines]
        return end

    def _running(self) -> bytes:
        """What is the same in the margins of every page: two slots, at their own size. Which mark, its sheet says."""
        footer, approval = self.frame.footer, self.frame.approval
        return b"".join(
            b"/Artifact<</Type/Pagination/Subtype/%b>>BDC\nq 1 0 0 1 %g %g cm %b Do Q\nEMC\n"
            % (kind, one.x, one.y, name)
            for kind, one, name in (
                (b"Header", approval, b"/RunningApproval"),
                (b"Footer", footer, b"/RunningFooter"),
            )
        )

    def _page_words(self, number: int) -> str:
        page, of = self.frame.page_words
        return in_digits(f"{page} {number} {of} {self.binder.page_count}", self.frame.digits)

    def _page_number(self, line: Line) -> int:
        """ "Page 2 of 9", ending where the text ends."""
        end, baseline = self.frame.number_at
        size, writer = self.frame.number_size, self.binder.writer
        red, green, blue = rgb(self.frame.colors["ink"])
        x = end if self.frame.rtl else end - line.width * size / 1000
        shown = show(line, size, lambda index: "RunningRegular" if index == REGULAR else "RunningOther")
        number = writer.number()
        text = f"BT\n{red:g} {green:g} {blue:g} rg\n1 0 0 1 {x:.3f} {baseline:g} Tm\n{shown}\nET"
        artifact = b"/Artifact<</Type/Pagination/Subtype/Footer>>BDC\n%b\nEMC\n" % text.encode()
        writer.add(number, deflated_stream(b"", artifact) if self.frame.rtl else stream(b"", artifact))
        return number


class _Binder:
    """A file that grows sheet by sheet, and what its end has to know."""

    def __init__(self, copies: Sequence[Copy]) -> None:
        self.frame = copies[0].frame
        self.sheets = [sheet for copy in copies for sheet in copy.sheets]
        self.out = io.BytesIO()
        self.writer = writer = Writer(self.out)
        self.document, self.page_tree = writer.number(), writer.number()
        running = [writer.number() for _ in copies]
        arabic = any(copy.frame.rtl or any(any(sheet.fonts[2:]) for sheet in copy.sheets) for copy in copies)
        self.fonts = tuple(self._whole_font(index) for index in (WHOLE if arabic else WHOLE[:2]))
        self.places: dict[str, _Place] = {}
        self.page_count = sum(len(sheet.pages) for sheet in self.sheets)
        self.parts = [_Part(self, copy, number) for copy, number in zip(copies, running, strict=True)]
        self.shared: dict[bytes, int] = {}
        self.written: set[int] = set()
        self.own: list[list[int]] = []
        self.rows: list[bytes] = []
        self.keys = 0

    def master(self) -> Master:
        """Write everything."""
        first = 1
        for part in self.parts:
            first = part.write_margins(first)
        self.own = [self._number(sheet) for sheet in self.sheets]
        numbers = iter(self.own)
        for part in self.parts:
            own = [next(numbers) for _ in part.sheets]
            for sheet, its in zip(part.sheets, own, strict=True):
                part.first_pages.setdefault(sheet.name, its[sheet.pages[0].number])
            for sheet, its, mark in zip(part.sheets, own, part.marks, strict=True):
                self._write(sheet, its, part, mark)
        return self._close()

    # what the stack brings

    def _whole_font(self, index: int) -> int:
        first = self.writer.number(5)
        objects = whole_font_objects(index, first)
        if index in {ARABIC, ARABIC_BOLD}:  # its widths take as much room as a short page
            self.writer.pack(objects[:3])
            objects = objects[3:]
        self._add_font(objects)
        return first

    def _add_font(self, objects: Iterable[tuple[int, bytes]]) -> None:
        for number, text in objects:
            self.writer.add(number, text)

    def place(self, slot: Slot, prefix: str) -> _Place:
        """The slot's place in the stack, the same for each sheet of one language that shows it."""
        slot = replace(slot, name=f"{prefix}{slot.name}") if prefix else slot
        place = self.places.get(slot.name)
        if place is None:
            self.places[slot.name] = place = _Place(slot, self.writer.number())
            self.writer.add(place.form, EMPTY_FORM)
        elif place.slot != slot:
            raise ContentFault(f"Two sheets show the slot '{slot.name}' in different sizes.")
        return place

    def other_font(self, lines: Iterable[Line]) -> int:
        """The font of page words in another script; the body font where there is none."""
        glyphs: dict[int, dict[int, str]] = {}
        for glyph in (glyph for line in lines for glyph in line.glyphs if glyph.font != REGULAR):
            glyphs.setdefault(glyph.font, {}).setdefault(glyph.gid, glyph.text)
        if len(glyphs) > 1:
            raise ContentFault("The words for page numbers need more than one font beside the text's own.")
        for index, used in glyphs.items():
            whole = dict(zip(WHOLE, self.fonts, strict=False)).get(index)
            if whole and used.keys() <= whole_font(index).widths.keys():
                return whole
            number = self.writer.number(5)
            self._add_font(program(index, used).objects(number))
            return number
        return self.fonts[0]

    # sheets

    def _number(self, sheet: TypesetSheet) -> list[int]:
        """The numbers of a sheet's own objects. A stream without references that an earlier sheet has is shared."""
        first = self.writer.number(sheet.lines)
        own = list(range(first, first + sheet.lines))
        for item in sheet.streams:
            if item.head.gaps:
                own.append(self.writer.number())
                continue
            text = item.head.text + item.data
            if text not in self.shared:
                self.shared[text] = self.writer.number()
            own.append(self.shared[text])
        return own

    def _write(self, sheet: TypesetSheet, own: Sequence[int], part: _Part, mark: _Place) -> None:
        places = [self.place(shown.slot, part.prefix) for shown in sheet.slots]
        outside = (
            self.document, self.page_tree, *self.fonts[:2], part.other, part.running, part.footer.form, mark.form,
            *(self.fonts[2:] or (0, 0)),
        )  # fmt: skip
        targets = [part.first_pages.get(link.target, 0) for link in sheet.links]
        numbers = [part.numbers.pop(0) for _ in sheet.pages]
        values = sheet.values(own, self.keys, outside, numbers, [place.form for place in places], targets)
        lines = sheet.objects.filled(values).split(b"\n")
        dropped = self._drop_links(sheet, lines, values, part.first_pages)
        self.writer.pack(list(zip(own, lines, strict=False)))
        for number, item in zip(own[sheet.lines :], sheet.streams, strict=True):
            if number not in self.written:
                self.written.add(number)
                self.writer.add(number, stream(item.head.filled(values)[2:-2], item.data))
        for place, slot in zip(places, sheet.slots, strict=True):
            place.spans += [Patch(own[span], lines[span].removesuffix(b"()>>"), b">>") for span in slot.spans]
        self.rows.append(sheet.parents.filled(values))
        self.rows += [
            b"%d %d 0 R" % (self.keys + item.key, own[item.element])
            for item in sheet.annotations
            if item.number not in dropped
        ]
        self.keys += sheet.keys

    def _drop_links(
        self, sheet: TypesetSheet, lines: list[bytes], values: Sequence[int], there: Mapping[str, int]
    ) -> set[int]:
        """Links to sheets that are not ``there`` become text. Returns the annotations that are gone."""
        gone = [link for link in sheet.links if link.target not in there]
        dropped = {link.annotation for link in gone}
        for link in gone:
            lines[link.element] = link.plain.filled(values)
            lines[link.annotation] = lines[link.reference] = b"null"
        for page in sheet.pages:
            if page.array is not None and dropped.intersection(page.annotations):
                kept = [item for item in page.annotations if item not in dropped]
                lines[page.array] = references_to(values[item] for item in kept)
        return dropped

    # the end

    def _close(self) -> Master:
        writer = self.writer
        root, tree, parent_tree = (writer.number() for _ in range(3))
        title = Patch(writer.number(), *info(self.frame.keywords))
        metadata = Patch(writer.number(), *xmp(self.frame.keywords))
        outlines = self._outlines()
        named = TITLE.encode()
        writer.add(metadata.number, stream(b"/Type/Metadata/Subtype/XML", metadata.before + named + metadata.after))
        pages = [own[page.number] for sheet, own in zip(self.sheets, self.own, strict=True) for page in sheet.pages]
        parts = [own[sheet.part] for sheet, own in zip(self.sheets, self.own, strict=True)]
        writer.pack(
            [
                (self.page_tree, b"<</Type/Pages/Count %d/Kids%b>>" % (len(pages), references_to(pages))),
                (self.document, b"<</K%b/P %d 0 R/S/Document>>" % (references_to(parts), tree)),
                (tree, b"<</Type/StructTreeRoot/K[%d 0 R]/ParentTree %d 0 R>>" % (self.document, parent_tree)),
                (parent_tree, b"<</Nums[%b]>>" % b" ".join(self.rows)),
                (root, self._catalog(tree, metadata.number, outlines)),
                (title.number, title.before + b"(%b)" % named + title.after),
            ]
        )
        closed = writer.close(root, title.number)
        data = self.out.getvalue()
        return Master(
            pdf=data,
            length=len(data),
            startxref=closed.startxref,
            size=closed.size,
            root=root,
            file_id=closed.identifier,
            pages=len(pages),
            fonts=self.fonts,
            info=title,
            metadata=metadata,
            colors=tuple((name, rgb(color)) for name, color in self.frame.colors.items()),
            places=tuple(SlotLocation(place.slot, place.form, tuple(place.spans)) for place in self.places.values()),
        )

    def _catalog(self, tree: int, metadata: int, outlines: int) -> bytes:
        profile = self.own[0][self.sheets[0].color_profile]
        forms = references_to(place.form for place in self.places.values())
        texts = references_to(span.number for place in self.places.values() for span in place.spans)
        return (
            b"<</Type/Catalog/Pages %d 0 R/StructTreeRoot %d 0 R/Metadata %d 0 R/MarkInfo<</Marked true>>"
            % (self.page_tree, tree, metadata)
            + b"/Lang%b/ViewerPreferences<</DisplayDocTitle true%b>>"
            % (text_string(self.frame.language), b"/Direction/R2L" if self.frame.rtl else b"")
            + (b"/Outlines %d 0 R" % outlines if outlines else b"")
            + b"/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(%b)/Info(%b)"
            % (_RGB_PROFILE.encode(), _RGB_PROFILE.encode())
            + b"/DestOutputProfile %d 0 R>>]" % profile
            # for `handouts.deliver.volume`, which reads finished files
            + b"/Slots<</Fonts%b/Forms%b/Texts%b>>>>" % (references_to(self.fonts), forms, texts)
        )

    def _outlines(self) -> int:
        """The number of the bookmarks' root [12.3.3], 0 without any. Sheets are shown, what is in them on demand."""
        marks = [
            (mark, [own[page.number] for page in sheet.pages])
            for sheet, own in zip(self.sheets, self.own, strict=True)
            for mark in sheet.bookmarks
        ]
        if not marks:
            return 0
        root = self.writer.number()
        objects: list[tuple[int, bytes]] = []
        around = self._bookmarks(marks, root, objects)
        objects.append((root, b"<</Type/Outlines%b/Count %d>>" % (around, len(marks))))
        self.writer.pack(objects)
        return root

    def _bookmarks(
        self, marks: Sequence[tuple[Bookmark, Sequence[int]]], parent: int, objects: list[tuple[int, bytes]]
    ) -> bytes:
        """Write bookmarks of one level and below, each with its sheet's pages. What their parent says of them."""
        first = self.writer.number(len(marks))
        last = first + len(marks) - 1
        for number, (mark, pages) in enumerate(marks, first):
            text = b"/Title%b/Parent %d 0 R" % (text_string(mark.title), parent)
            text += b"/Dest[%d 0 R/XYZ %g %g 0]" % (pages[mark.page], mark.x, mark.y)
            text += b"/Prev %d 0 R" % (number - 1) if number > first else b""
            text += b"/Next %d 0 R" % (number + 1) if number < last else b""
            if mark.children:
                below = self._bookmarks([(child, pages) for child in mark.children], number, objects)
                text += b"%b/Count -%d" % (below, len(mark.children))
            objects.append((number, b"<<%b>>" % text))
        return b"/First %d 0 R/Last %d 0 R" % (first, last)
