"""Reading a finished PDF in tests: its words, its tags, every decompressed byte."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import page
import pikepdf
import pypdfium2


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page, as PDFium extracts it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [sheet.get_textpage().get_text_bounded() for sheet in document]
    finally:
        document.close()


def text_of(pdf: bytes) -> str:
    """The text of all pages."""
    return "\n".join(page_texts(pdf))


def failures(pdf: bytes, profile: str) -> str:
    """What page-validation has against the file; empty when nothing."""
    report = page.validate_pdf_bytes(pdf, profile=profile)
    return "" if report.is_compliant else str(report)


@dataclass(frozen=True)
class Tag:
    """One structure element: what the tests ask of it."""

    kind: str
    alt: str | None
    actual_text: str | None
    scope: str | None
    box: tuple[float, ...] | None


def tags(pdf: bytes) -> list[Tag]:
    """The structure elements of a file, in reading order."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [_tag(element) for element in _walk(opened.Root.StructTreeRoot.K)]


def _walk(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _walk(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        if "/K" in node:
            yield from _walk(node.K)


def _tag(element: pikepdf.Object) -> Tag:
    attributes = element.get("/A", pikepdf.Dictionary())
    box = attributes.get("/BBox")
    return Tag(
        kind=str(element.S)[1:],
        alt=str(element.Alt) if "/Alt" in element else None,
        actual_text=str(element.ActualText) if "/ActualText" in element else None,
        scope=str(attributes.Scope)[1:] if "/Scope" in attributes else None,
        box=tuple(float(value) for value in box) if box is not None else None,
    )


def everything(pdf: bytes) -> bytes:
    """The file's bytes, and those of every stream decompressed."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        streams = [item.read_bytes() for item in opened.objects if isinstance(item, pikepdf.Stream) and _readable(item)]
        plain = [item.unparse(resolved=True) for item in opened.objects if not isinstance(item, pikepdf.Stream)]
    return b"\n".join([pdf, *streams, *plain])


def _readable(item: pikepdf.Stream) -> bool:
    return str(item.get("/Filter", "")) in {"", "/FlateDecode"}
