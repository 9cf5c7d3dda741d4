"""One master, read once: which of its objects are a patient's own, and how those are written for each patient."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

import pikepdf
from pikepdf import Dictionary, Name, Pdf

from handouts.deliver.volume.syntax import (
    Reference,
    dictionary,
    direct,
    entries,
    listed,
    references,
    serialized,
)
from handouts.model.pdf_syntax import reference_to
from handouts.model.slots import ALT
from handouts.typeset.tagging import elements


class Shelf(Protocol):
    """Where objects go that many patients share."""

    tree: int
    """Number of the structure tree's root."""

    def share(self, item: pikepdf.Object, reference: Reference) -> int:
        """The number under which ``item`` is in the volume."""


@dataclass(frozen=True)
class Template:
    """An object as bytes with gaps; ``gaps``: which of a patient's values go into them."""

    text: bytes
    gaps: tuple[int, ...]

    def filled(self, values: Sequence[Any]) -> bytes:
        """The object for one patient."""
        if not self.gaps:
            return self.text % ()
        found = itemgetter(*self.gaps)(values)
        return self.text % (found if len(self.gaps) > 1 else (found,))


@dataclass(frozen=True)
class Plan:
    """How one master's patients are written.

    A patient's values: the number of each own object, as in ``own``; of the node in the page tree; the keys in the
    parent tree; the text of each slot's element.
    """

    own: tuple[int, ...]
    """The master's numbers of a patient's own objects, forms too."""
    templates: Mapping[int, Template]
    """By the master's number; forms have none, `handouts.stamp.stamp` wrote them whole."""
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

    def values(self, base: int, node: int, first_key: int, texts: Sequence[bytes]) -> list[Any]:
        """What fills the templates of a patient whose own objects are numbered from ``base``."""
        return [*range(base, base + len(self.own)), node, *range(first_key, first_key + self.keys), *texts]


def plan(body: bytes, forms: frozenset[int], shelf: Shelf) -> Plan:
    """Read a master's bytes. ``forms``: the numbers of its slots' forms."""
    with Pdf.open(io.BytesIO(body)) as pdf:
        return _Planner(pdf, forms, shelf).plan()


class _Planner:
    def __init__(self, pdf: Pdf, forms: frozenset[int], shelf: Shelf) -> None:
        self.pdf, self.forms, self.shelf = pdf, forms, shelf
        self.tree = pdf.Root.StructTreeRoot
        nums = self.tree.ParentTree.Nums
        self.parents = {int(key): value for key, value in zip(nums[::2], nums[1::2], strict=True)}
        self.keys = max(self.parents, default=-1) + 1
        self.spans = [
            element.objgen[0] for element, _ in elements(pdf) if str(element.get("/ActualText", "")).startswith(ALT)
        ]
        self.own = sorted(self._own())
        self.place = {number: i for i, number in enumerate(self.own)}
        self.shared: dict[int, int] = {}
        self.gaps: list[int] = []

    def _own(self) -> set[int]:
        """Pages, annotations, structure elements, forms, and whatever names one of them: resources, lists."""
        found = {page.obj.objgen[0] for page in self.pdf.pages} | self.forms
        found |= {link.objgen[0] for page in self.pdf.pages for link in page.obj.get("/Annots", ())}
        found |= {element.objgen[0] for element, _ in elements(self.pdf)}
        roots = {self.pdf.Root.Pages.objgen[0], self.tree.objgen[0]}
        names = self._names(found - roots, roots)
        while more := {number for number, named in names.items() if named & found} - found:
            found |= more
        return found

    def _names(self, start: set[int], roots: set[int]) -> dict[int, set[int]]:
        """What each object names that can be reached from pages and tags; the roots are the volume's own."""
        names: dict[int, set[int]] = {}
        todo = list(start) + list(references(self.tree.ParentTree))
        while todo:
            number = todo.pop()
            if number not in names and number not in roots:
                names[number] = set(references(self.pdf.get_object(number, 0)))
                todo.extend(names[number])
        return names

    def plan(self) -> Plan:
        pages = [page.obj for page in self.pdf.pages]
        return Plan(
            own=tuple(self.own),
            templates={number: self._template(number) for number in self.own if number not in self.forms},
            pages=tuple(page.objgen[0] for page in pages),
            documents=tuple(item.objgen[0] for item in listed(self.tree.K)),
            spans=tuple(self.spans),
            keys=self.keys,
            leaf=self._leaf(),
            last_box=serialized(pages[-1].MediaBox, self._shared_reference),
            fonts={font.objgen[0]: self._share(font) for font in self.pdf.Root.SlotFonts},
        )

    def _template(self, number: int) -> Template:
        self.gaps = []
        item = self.pdf.get_object(number, 0)
        if isinstance(item, Dictionary):
            text = dictionary(((key, self._value(number, item, key)) for key in entries(item)), _doubled)
        else:
            text = direct(item, self._reference, _doubled)
        return Template(text, tuple(self.gaps))

    def _value(self, number: int, item: pikepdf.Object, key: str) -> bytes:
        """What stands under a key; some differ for each patient though they are no references."""
        if key in {"/StructParents", "/StructParent"}:
            return self._gap(len(self.own) + 1 + int(item[key]), b"%d")
        if key == "/ActualText" and number in self.spans:
            return self._gap(len(self.own) + 1 + self.keys + self.spans.index(number), b"%b")
        if key == "/Parent" and item.get("/Type") == Name.Page:
            return self._gap(len(self.own), b"%d 0 R")
        return serialized(item[key], self._reference, _doubled)

    def _leaf(self) -> Template:
        self.gaps = []
        rows = [
            self._gap(len(self.own) + 1 + key, b"%d ") + serialized(value, self._reference, _doubled)
            for key, value in sorted(self.parents.items())
        ]
        return Template(b" ".join(rows), tuple(self.gaps))

    def _gap(self, value: int, text: bytes) -> bytes:
        self.gaps.append(value)
        return text

    def _reference(self, item: pikepdf.Object) -> bytes:
        number = item.objgen[0]
        if number in self.place:
            return self._gap(self.place[number], b"%d 0 R")
        if number == self.tree.objgen[0]:
            return reference_to(self.shelf.tree)
        return self._shared_reference(item)

    def _shared_reference(self, item: pikepdf.Object) -> bytes:
        return reference_to(self._share(item))

    def _share(self, item: pikepdf.Object) -> int:
        number = item.objgen[0]
        if number not in self.shared:
            self.shared[number] = self.shelf.share(item, self._shared_reference)
        return self.shared[number]


def _doubled(text: bytes) -> bytes:
    return text.replace(b"%", b"%%")
