"""The post-pass of step 3: puts right what WeasyPrint's tagging leaves wrong, in place.

- a TH cell gets its Scope (ISO 32000-1, 14.8.5.7); WeasyPrint's Headers go, because they name the columns only and
  need an IDTree that isn't there;
- what holds nothing (lines to write on, the mark that ends page 1) leaves the tree, but for a table's cells;
- a table that goes on on the next page is one (`handouts.typeset.tables`);
- a Span round each line says nothing: a paragraph holds its text itself, and the file half as many elements;
- marked content that the structure tree doesn't know (page margins) becomes a pagination artifact (14.8.2.2);
- a figure's BBox is in default user space, pt from the lower left (14.8.5.4.3);
- each glyph stands for its character (`handouts.typeset.tounicode`);
- a link's Contents is its text (PDF/UA-1, 7.18.5), and every annotation prints;
- the file says that it is PDF/UA-1 as well as PDF/A-3a.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, Pdf, String

from handouts.typeset import tounicode as glyphtexts
from handouts.typeset.metadata import PDF_UA
from handouts.typeset.raised import has_raised, in_few_bytes, join_raised
from handouts.typeset.structure import elements, marks
from handouts.typeset.tables import join_lists, join_tables

_PX = 0.75
"""WeasyPrint lays out in CSS px, from the top."""
_PRINT = 4


def repair_tags(pdf: Pdf, link_texts: Mapping[str, str]) -> None:
    """Run the post-pass on an opened file. ``link_texts``: each link's text by its address."""
    heights = {page.obj.objgen: float(page.obj.MediaBox[3]) for page in pdf.pages}
    parents = _parent_tree(pdf)
    rows = {page.obj.objgen: parents.get(int(page.obj.get("/StructParents", -1))) for page in pdf.pages}
    join_tables(pdf)
    join_lists(pdf)
    _dissolve_spans(pdf.Root.StructTreeRoot.K, rows)
    known: dict[tuple[int, int], dict[int, pikepdf.Object]] = {}
    for element, in_head in elements(pdf):
        kind = str(element.get("/S", ""))
        for mcid, on in marks(element):
            known.setdefault(on.objgen, {})[mcid] = element.S
        if kind == "/TH":
            _scope(element, in_head=in_head)
        elif kind == "/TD" and "/Headers" in element.get("/A", {}):
            del element.A["/Headers"]
        elif kind == "/Figure":
            _bounding_box(element, heights)
    for page in pdf.pages:
        kept = known.get(page.obj.objgen, {})
        raised = has_raised(content := page.obj.Contents.read_bytes())
        if raised:
            page.obj.Contents = pdf.make_stream(join_raised(content))
        _name_marks(pdf, page, kept)
        if raised:
            page.obj.Contents = pdf.make_stream(in_few_bytes(page.obj.Contents.read_bytes()))
        array = rows[page.obj.objgen]
        if array is not None:
            while len(array) and len(array) - 1 not in kept:
                del array[len(array) - 1]
            for mcid in set(range(len(array))) - set(kept):
                array[mcid] = None
        for annotation in page.obj.get("/Annots", Array()):
            _annotation(annotation, link_texts)
    _prune(pdf.Root.StructTreeRoot.K)
    glyphtexts.repair_tounicode(pdf)
    _metadata(pdf)


_HOLDS_TEXT = {"/P", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/LBody", "/Lbl", "/TH", "/TD", "/Span", "/NonStruct"}
_SAYS_NOTHING = {"/Span", "/NonStruct"}
"""What WeasyPrint makes of a line of text, and of tags such as strong and sup."""
_PLAIN = {"/Type", "/S", "/P", "/Pg", "/K"}


def _dissolve_spans(children: pikepdf.Object, rows: Mapping[tuple[int, int], Array | None]) -> None:
    """Give the text of Spans that say nothing more to what holds them; ``rows``: each page's of the parent tree."""
    for element in children:
        if not isinstance(element, Dictionary) or "/S" not in element:
            continue
        _dissolve_spans(element.K, rows)
        row = rows.get(element.Pg.objgen) if "/Pg" in element else None
        if row is None or str(element.S) not in _HOLDS_TEXT:
            continue
        for i in range(len(element.K) - 1, -1, -1):
            texts = _texts_of_span(element.K[i], element)
            if texts:
                del element.K[i]
                for mcid in reversed(texts):
                    element.K.insert(i, mcid)
                    row[mcid] = element


def _texts_of_span(child: pikepdf.Object | int, parent: Dictionary) -> list[int]:
    """The marked content of a Span or the like without attributes, on its parent's page; none of anything else."""
    if not isinstance(child, Dictionary) or str(child.get("/S")) not in _SAYS_NOTHING or set(child.keys()) != _PLAIN:
        return []
    kids = list(child.K)
    if child.Pg.objgen != parent.Pg.objgen or not all(isinstance(kid, int) for kid in kids):
        return []
    return [int(kid) for kid in kids]


_MAY_BE_EMPTY = {"/TD", "/TH"}


def _prune(children: pikepdf.Object) -> None:
    """Take structure elements out that hold nothing."""
    for i in range(len(children) - 1, -1, -1):
        child = children[i]
        if isinstance(child, Dictionary) and "/S" in child:
            _prune(child.K)
            if not len(child.K) and str(child.S) not in _MAY_BE_EMPTY:
                del children[i]


def _scope(element: Dictionary, *, in_head: bool) -> None:
    if "/ID" in element:
        del element["/ID"]
    attributes = element.get("/A", Dictionary())
    attributes = attributes if isinstance(attributes, Dictionary) else attributes[0]
    attributes.O = Name.Table
    attributes.Scope = Name.Column if in_head else Name.Row
    element.A = attributes


def _bounding_box(element: Dictionary, heights: Mapping[tuple[int, int], float]) -> None:
    attributes = element.get("/A")
    page = element.get("/Pg")
    if not isinstance(attributes, Dictionary) or "/BBox" not in attributes or page is None:
        return
    x1, y1, x2, y2 = (float(value) * _PX for value in attributes.BBox)
    height = heights[page.objgen]
    attributes.BBox = Array([_rounded(value) for value in (x1, height - y2, x2, height - y1)])


def _rounded(value: float) -> float:
    return round(value, 3)


def _parent_tree(pdf: Pdf) -> dict[int, Array]:
    entries = pdf.Root.StructTreeRoot.ParentTree.Nums
    pairs = zip(entries[::2], entries[1::2], strict=True)
    return {int(key): value for key, value in pairs if isinstance(value, Array)}


_BDC = Operator("BDC")
_PAGINATION = Dictionary(Type=Name.Pagination)


def _name_marks(pdf: Pdf, page: pikepdf.Page, known: Mapping[int, pikepdf.Object]) -> None:
    """Give marked content the kind of its element. What no structure element names was drawn in a page margin."""
    made: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage] = []
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, instruction.operator
        if operator == _BDC and "/MCID" in operands[1]:
            kind = known.get(int(operands[1].MCID))
            named = [kind, operands[1]] if kind else [Name.Artifact, _PAGINATION]
            made.append(pikepdf.ContentStreamInstruction(named, _BDC))
        else:
            made.append(instruction)
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(made))


def _annotation(annotation: pikepdf.Object, link_texts: Mapping[str, str]) -> None:
    annotation.F = int(annotation.get("/F", 0)) | _PRINT
    if annotation.get("/Subtype") == Name.Link:
        address = str(annotation.A.get("/URI", "")) if "/A" in annotation else f"#{annotation.Dest}"
        annotation.Contents = String(link_texts.get(address) or address)


def _metadata(pdf: Pdf) -> None:
    text = pdf.Root.Metadata.read_bytes().decode()
    text = re.sub(r"(?=</rdf:RDF>)", lambda _: PDF_UA, text, count=1)
    pdf.Root.Metadata = pdf.make_stream(text.encode(), Type=Name.Metadata, Subtype=Name.XML)
