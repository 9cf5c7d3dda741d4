"""The volume: patient after patient, then what stands once: page tree, structure tree, bookmarks, catalog."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO
from xml.sax.saxutils import escape

import pikepdf

from handouts.deliver.volume.finished import Finished, split_update
from handouts.deliver.volume.plan import Plan, plan
from handouts.model.pdf_syntax import reference_to, references_to, stream, text_string
from handouts.typeset.metadata import TITLE
from handouts.typeset.pdf_writer import Writer

_NOT_OURS = (ValueError, LookupError, AttributeError, struct.error, pikepdf.PdfError)
"""What reading a file without the expected parts ends with."""
_REFERENCE = re.compile(rb"(\d+) 0 R")


@dataclass(frozen=True)
class Bound:
    """A finished file on its way into a volume, and its bookmark."""

    label: str
    pdf: bytes

    def __repr__(self) -> str:
        return "Bound(...)"


def bind(files: Iterable[Bound], out: BinaryIO, title: str, *, duplex: bool = True) -> int:
    """Write a volume of ``files``, in their order, to ``out``; returns its pages.

    ``duplex``: an odd number of pages is followed by a blank back, so that each patient starts on a new sheet.
    ValueError for a file that this program did not make, or for none at all.
    """
    volume = _Volume(Writer(out), title, duplex=duplex)
    for file in files:
        volume.add(file)
    return volume.close()


class _Volume:
    """What has been written so far, as far as its end has to know."""

    def __init__(self, writer: Writer, title: str, *, duplex: bool) -> None:
        self.writer, self.title, self.duplex = writer, title, duplex
        self.page_tree, self.tree = writer.number(), writer.number()
        self.plans: dict[bytes, Plan] = {}
        self.shared: dict[bytes, int] = {}
        self.nodes: list[int] = []
        self.leaves: list[int] = []
        self.documents: list[int] = []
        self.marks: list[tuple[str, int]] = []
        self.pages = self.keys = 0

    def share(self, text: bytes) -> int:
        """Write an object that many share; what an earlier master wrote alike is not written again."""
        key = hashlib.sha256(text).digest()
        if key not in self.shared:
            self.shared[key] = self.writer.number()
            self.writer.add(self.shared[key], text)
        return self.shared[key]

    def add(self, file: Bound) -> None:
        """One patient's pages, tags and bookmark. ValueError for a file that is not ours, or not as we wrote it."""
        try:
            finished = split_update(file.pdf)
            key = hashlib.sha256(finished.body).digest()
            if key not in self.plans:
                self.plans[key] = plan(finished.body, self)
            self._write(self.plans[key], finished, file.label)
        except _NOT_OURS:
            raise ValueError("not a file that this program made") from None

    def _write(self, made: Plan, finished: Finished, label: str) -> None:
        base = self.writer.number(len(made.own))
        node, leaf = self.writer.number(), self.writer.number()
        blank = [self.writer.number()] if self.duplex and len(made.pages) % 2 else []
        forms = [self.writer.number() if form in finished.changed else made.empty_form for form in made.forms]
        numbers = dict(zip((*made.own, *made.forms), (*range(base, base + len(made.own)), *forms), strict=True))
        pages = [*(numbers[page] for page in made.pages), *blank]
        values = made.values(base, forms, node, self.keys, [finished.text(span) for span in made.spans])
        objects = [(number, template.filled(values)) for number, template in enumerate(made.templates, base)]
        objects.append((node, self._node(pages)))
        objects.append((leaf, self._leaf(made, values)))
        objects += [(page, _blank(node, made.last_box)) for page in blank]
        self.writer.pack(objects)
        self._write_forms(made, finished, numbers)
        self.nodes.append(node)
        self.leaves.append(leaf)
        self.documents += [numbers[number] for number in made.documents]
        self.marks.append((label, pages[0]))
        self.pages += len(pages)
        self.keys += made.keys

    def _node(self, pages: list[int]) -> bytes:
        return b"<</Type/Pages/Parent %d 0 R/Count %d/Kids%b>>" % (self.page_tree, len(pages), references_to(pages))

    def _leaf(self, made: Plan, values: list[object]) -> bytes:
        last = self.keys + made.keys - 1
        return b"<</Limits[%d %d]/Nums[%b]>>" % (self.keys, last, made.leaf.filled(values))

    def _write_forms(self, made: Plan, finished: Finished, numbers: dict[int, int]) -> None:
        """The filled slots and the fonts that only they need; their references are in the head, before any stream."""
        start = self.writer.number(len(finished.extra))
        moved = {**made.fonts, **numbers, **{old: start + i for i, old in enumerate(sorted(finished.extra))}}
        filled = [(form, finished.changed[form]) for form in made.forms if form in finished.changed]

        def renumbered(found: re.Match[bytes]) -> bytes:
            return reference_to(moved[int(found[1])])

        for number, text in [*filled, *finished.extra.items()]:
            head, mark, rest = text.partition(b"stream\n")
            self.writer.add(moved[number], _REFERENCE.sub(renumbered, head) + mark + rest)

    def close(self) -> int:
        """Write what stands once. Returns the pages of the volume."""
        if not self.plans:
            raise ValueError("a volume needs at least one file")
        root, info = self.writer.number(), self.writer.number()
        catalog = self._catalog()
        self.writer.pack(
            [
                (
                    self.page_tree,
                    b"<</Type/Pages/Count %d/Kids%b>>" % (self.pages, references_to(self.nodes)),
                ),
                (
                    self.tree,
                    b"<</Type/StructTreeRoot/K%b/ParentTree<</Kids%b>>>>"
                    % (references_to(self.documents), references_to(self.leaves)),
                ),
                (root, catalog),
                (info, b"<</Title %b>>" % text_string(self.title)),
            ]
        )
        self.writer.close(root, info)
        return self.pages

    def _catalog(self) -> bytes:
        """As the first master's, with the volume's own trees, bookmarks and title."""
        first = next(iter(self.plans.values()))
        xmp = first.metadata.replace(TITLE.encode(), escape(self.title).encode())
        metadata = self.writer.number()
        self.writer.add(metadata, stream(b"/Type/Metadata/Subtype/XML", xmp))
        turned = b"/Direction/R2L" if all(made.rtl for made in self.plans.values()) else b""
        return b"<</Type/Catalog/Pages %d 0 R/StructTreeRoot %d 0 R/Metadata %d 0 R/Outlines %d 0 R%b%b>>" % (
            self.page_tree,
            self.tree,
            metadata,
            self._bookmarks(),
            first.catalog,
            b"/ViewerPreferences<</DisplayDocTitle true%b>>" % turned,
        )

    def _bookmarks(self) -> int:
        """One a patient [12.3.3]; returns the number of their root."""
        root, first = self.writer.number(), self.writer.number(len(self.marks))
        last = first + len(self.marks) - 1
        rows = [(root, b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>" % (first, last, len(self.marks)))]
        for number, (label, page) in enumerate(self.marks, first):
            around = b"/Prev %d 0 R" % (number - 1) if number > first else b""
            around += b"/Next %d 0 R" % (number + 1) if number < last else b""
            title = text_string(label)
            rows.append((number, b"<</Title %b/Parent %d 0 R/Dest[%d 0 R/Fit]%b>>" % (title, root, page, around)))
        self.writer.pack(rows)
        return root


def _blank(node: int, box: bytes) -> bytes:
    return b"<</Type/Page/Parent %d 0 R/MediaBox%b/Resources<<>>>>" % (node, box)
