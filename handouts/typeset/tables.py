"""A table that goes on on the next page is one table, and its head is read once; a list that goes on is one list.

WeasyPrint tags what it shows of a table on each page as a table of its own, with the head again. The repeated head is
no text of the document, so it leaves the tree: `handouts.typeset.tagging` makes an artifact of what no element names.
"""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, Pdf

from handouts.typeset.structure import elements_below, marks

_SHOWS_TEXT = (Operator("Tj"), Operator("TJ"))
Texts = dict[tuple[int, int], dict[int, bytes]]
"""What marked content writes, as the fonts code it: by its page, and its number there."""


def join_tables(pdf: Pdf) -> None:
    """Join what follows right after a table, on another page and under the same head."""
    before: Dictionary | None = None
    texts: Texts = {}
    for element in list(_in_order(pdf.Root.StructTreeRoot.K, Name.Table)):
        if Name.Table != element.S:
            before = None
        elif before is not None and _goes_on(before, element, texts):
            _join(before, element)
        else:
            before = element


def join_lists(pdf: Pdf) -> None:
    """Join what follows right after a list, on another page."""
    before: Dictionary | None = None
    for element in list(_in_order(pdf.Root.StructTreeRoot.K, Name.L)):
        if Name.L != element.S:
            before = None
        elif before is not None and _pages(before)[-1] != _pages(element)[0]:
            _join(before, element)
        else:
            before = element


def _pages(element: Dictionary) -> list[tuple[int, int]]:
    """The pages of what an element holds, in its order."""
    return [page.objgen for below, _ in elements_below(element) for _, page in marks(below)]


def _in_order(node: pikepdf.Object, kind: Name) -> Iterator[Dictionary]:
    """In reading order, elements of a ``kind`` whole, and of the rest what holds something itself."""
    for child in node if isinstance(node, Array) else ():
        if not isinstance(child, Dictionary) or "/S" not in child:
            continue
        if kind == child.S or any(marks(child)):
            yield child
        else:
            yield from _in_order(child.K, kind)


def _goes_on(table: Dictionary, other: Dictionary, texts: Texts) -> bool:
    heads = [[kid for kid in one.K if Name.THead == kid.S] for one in (table, other)]
    if not all(heads) or table.K[-1].Pg.objgen == other.Pg.objgen:
        return False
    first, again = (_written(head[0], texts) for head in heads)
    return bool(b"".join(first)) and first == again


def _written(head: pikepdf.Object, texts: Texts) -> list[bytes]:
    """What each cell of a head writes."""
    cells: list[bytes] = []
    for element, _ in elements_below(head):
        if str(element.S) in {"/TH", "/TD"}:
            cells.append(b"")
        for mark, page in marks(element):
            if page.objgen not in texts:
                texts[page.objgen] = _texts_of(page)
            cells[-1] += texts[page.objgen].get(mark, b"")
    return cells


def _texts_of(page: pikepdf.Object) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    mark = -1
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, instruction.operator
        if operator == Operator("BDC"):
            mark = int(operands[1].get("/MCID", -1))
        elif operator in _SHOWS_TEXT:
            shown = operands[0] if isinstance(operands[0], Array) else [operands[0]]
            found[mark] = found.get(mark, b"") + b"".join(
                bytes(part) for part in shown if isinstance(part, pikepdf.String)
            )
    return found


def _join(table: Dictionary, other: Dictionary) -> None:
    for kid in list(other.K):
        if Name.THead != kid.S:
            kid.P = table
            table.K.append(kid)
    gone: pikepdf.Object = other
    while True:  # with all around it that held nothing else
        around = gone.P
        at = next(i for i, kid in enumerate(around.K) if isinstance(kid, Dictionary) and kid.objgen == gone.objgen)
        del around.K[at]
        if len(around.K) or "/P" not in around:
            return
        gone = around
