"""One master, read once: which of its objects are a patient's own, and how those are written for each patient."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pikepdf
from pikepdf import Dictionary, Name, Pdf, Stream

from handouts.model.pdf_syntax import reference_to, stream
from handouts.model.pdf_template import Template, references, template
from handouts.typeset.pdf_objects import text_of
from handouts.typeset.structure import elements

_KEPT = ("/Lang", "/MarkInfo", "/OutputIntents")


class Shelf(Protocol):
    """Where objects go that many patients share."""

    tree: int
    """Number of the structure tree's root."""

    def share(self, text: bytes) -> int:
        """The number under which an object is in the volume."""


@dataclass(frozen=True)
class Plan:
    """How one master's patients are written.

    A patient's values: the number of each own object, as in ``own``; of each slot's form; of the node in the page tree;
    the keys in the parent tree; the text of each slot's element.
    """

    own: tuple[int, ...]
    """The master's numbers of a patient's own objects."""
    templates: tuple[Template, ...]
    """Of each."""
    forms: tuple[int, ...]
    """The master's numbers of its slots' forms: `handouts.stamp.stamp` wrote whole those that are filled."""
    empty_form: int
    """The volume's number of a form for all other slots."""
    pages: tuple[int, ...]
    documents: tuple[int, ...]
    """The elements at the top of the structure tree. All by the master's numbers, in their order."""
    spans: tuple[int, ...]
    """The elements whose text is a slot's, in the order of their values."""
    keys: int
    """How many keys of the parent tree a patient takes."""
    leaf: Template
    """The patient's part of the parent tree, the entries of Nums."""
    last_box: bytes
    """The size of the last page: a blank back's too."""
    fonts: Mapping[int, int]
    """Objects that forms may name: the master's number -> the volume's."""
    catalog: bytes
    """Entries of the master's catalog that are a volume's too."""
    rtl: bool
    """Whether its pages are turned from right to left."""
    metadata: bytes
    """Its XMP packet, with `TITLE` in it."""

    def values(self, base: int, forms: Sequence[int], node: int, first_key: int, texts: Sequence[bytes]) -> list[Any]:
        """What fills the templates of a patient whose own objects are numbered from ``base``."""
        own = range(base, base + len(self.own))
        return [*own, *forms, node, *range(first_key, first_key + self.keys), *texts]


def plan(body: bytes, shelf: Shelf) -> Plan:
    """Read a master's bytes."""
    with Pdf.open(io.BytesIO(body)) as pdf:
        return _Planner(pdf, shelf).plan()


class _Planner:
    def __init__(self, pdf: Pdf, shelf: Shelf) -> None:
        self.pdf, self.shelf = pdf, shelf
        self.tree = pdf.Root.StructTreeRoot
        self.documents = tuple(item.objgen[0] for item in self.tree.K)
        nums = self.tree.ParentTree.Nums
        self.parents = {int(key): value for key, value in zip(nums[::2], nums[1::2], strict=True)}
        self.keys = max(self.parents, default=-1) + 1
        slots = pdf.Root.Slots
        self.forms = [form.objgen[0] for form in slots.Forms]
        self.spans = [element.objgen[0] for element in slots.Texts]
        self.own = sorted(self._own())
        self.place = {number: i for i, number in enumerate([*self.own, *self.forms])}
        self.shared: dict[int, int] = {}

    def _own(self) -> set[int]:
        """Pages, annotations, structure elements, and whatever names one of them or a form: resources, lists."""
        found = {page.obj.objgen[0] for page in self.pdf.pages}
        found |= {link.objgen[0] for page in self.pdf.pages for link in page.obj.get("/Annots", ())}
        found |= {element.objgen[0] for element, _ in elements(self.pdf)}
        roots = {self.pdf.Root.Pages.objgen[0], self.tree.objgen[0]}
        names = self._names(found - roots, roots)
        found |= set(self.forms)
        while more := {number for number, named in names.items() if named & found} - found:
            found |= more
        return found - set(self.forms)

    def _names(self, start: set[int], roots: set[int]) -> dict[int, set[int]]:
        """What each object names that can be reached from pages and tags; the roots are the volume's own."""
        names: dict[int, set[int]] = {}
        todo = list(start)
        for value in self.parents.values():
            todo += [value.objgen[0]] if value.is_indirect else references(value.unparse())
        while todo:
            number = todo.pop()
            if number not in names and number not in roots:
                names[number] = set(references(text_of(self.pdf.get_object(number, 0))))
                todo.extend(names[number])
        return names

    def plan(self) -> Plan:
        pages = [page.obj for page in self.pdf.pages]
        return Plan(
            own=tuple(self.own),
            templates=tuple(map(self._template, self.own)),
            forms=tuple(self.forms),
            empty_form=self._share(self.forms[0]),
            pages=tuple(page.objgen[0] for page in pages),
            documents=self.documents,
            spans=tuple(self.spans),
            keys=self.keys,
            leaf=self._leaf(),
            last_box=pages[-1].MediaBox.unparse(resolved=True),
            fonts={font.objgen[0]: self._share(font.objgen[0]) for font in self.pdf.Root.Slots.Fonts},
            catalog=self._shared_text(Dictionary({key: self.pdf.Root[key] for key in _KEPT}))[2:-2],
            rtl=self.pdf.Root.ViewerPreferences.get("/Direction") == Name.R2L,
            metadata=self.pdf.Root.Metadata.read_bytes(),
        )

    # a patient's values, in the order of `Plan.values`

    def _node(self) -> int:
        return len(self.own) + len(self.forms)

    def _key(self, which: int) -> int:
        return self._node() + 1 + which

    def _text(self, which: int) -> int:
        return self._key(self.keys) + which

    def _template(self, number: int) -> Template:
        """An own object; what differs for each patient though it is no reference stands at its end."""
        item = self.pdf.get_object(number, 0)
        ends: list[tuple[str, bytes, int]] = []
        if isinstance(item, Dictionary):
            for key in ("/StructParents", "/StructParent"):
                if key in item:
                    ends.append((key, b" %d", self._key(int(item[key]))))
            if number in self.spans:
                ends.append(("/ActualText", b" %b", self._text(self.spans.index(number))))
            if item.get("/Type") == Name.Page:
                ends.append(("/Parent", b" %d 0 R", self._node()))
            if number in self.documents and "/Lang" not in item:  # a volume's own language is its first patient's
                item = Dictionary({**dict(item.items()), "/Lang": self.pdf.Root.Lang})
        made = template(text_of(item, [key for key, _, _ in ends]), self._reference)
        if not ends:
            return made
        text = made.text.removesuffix(b">>") + b"".join(key.encode() + gap for key, gap, _ in ends) + b">>"
        return Template(text, (*made.gaps, *(place for _, _, place in ends)))

    def _leaf(self) -> Template:
        gaps: list[int] = []
        rows: list[bytes] = []
        for key, value in sorted(self.parents.items()):
            made = template(value.unparse(), self._reference)
            rows.append(b"%d " + made.text)
            gaps += (self._key(key), *made.gaps)
        return Template(b" ".join(rows), tuple(gaps))

    def _reference(self, number: int) -> int | bytes:
        if number in self.place:
            return self.place[number]
        return reference_to(self.shelf.tree if number == self.tree.objgen[0] else self._share(number))

    def _share(self, number: int) -> int:
        if number not in self.shared:
            self.shared[number] = self.shelf.share(self._shared_text(self.pdf.get_object(number, 0)))
        return self.shared[number]

    def _shared_text(self, item: pikepdf.Object) -> bytes:
        text = template(text_of(item), lambda named: reference_to(self._share(named))).filled(())
        return stream(text[2:-2], item.read_raw_bytes()) if isinstance(item, Stream) else text
