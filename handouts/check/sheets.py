"""A finished PDF, measured page by page: words, type sizes, how far down a page is filled, fonts.

What stands in artifacts (page footer) is no text of the page, and neither are source marks: digits and commas alone,
at most 0.7 times as large as the text before them. Lettering in figures is measured apart from the text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, Pdf

from handouts.check.reading import WORD

Matrix = tuple[float, float, float, float, float, float]
_ONE: Matrix = (1, 0, 0, 1, 0, 0)
_DIGITS = re.compile(r"[\d\s,،]+")
_MARK = 0.7
MARGIN = 54.0
"""Top and bottom of a page in standard print, pt: what stands there is a running line."""
_SHOW = {Operator("Tj"), Operator("TJ"), Operator("'")}
_POINTS = {Operator("m"), Operator("l"), Operator("re")}


@dataclass(eq=False)
class MeasuredPage:
    """One page. ``sizes``: in pt, of its text without source marks; ``lettering``: in pt, in its figures, whose words
    are ``labels``; ``lowest``: where the last ink above the bottom margin is, in pt from the foot of the page.
    """

    height: float
    pieces: list[str] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    lowest: float = 1e9
    lettering: list[float] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The words of the page with single spaces between pieces."""
        return " ".join(" ".join(self.pieces).split())

    @property
    def words(self) -> int:
        """How many words the page holds."""
        return len(WORD.findall(self.text))

    @property
    def empty(self) -> float:
        """How much of the page below the last ink is empty, percent of what is between its margins."""
        return max(0.0, 100 * (self.lowest - MARGIN) / (self.height - 2 * MARGIN))


def measure_pages(pdf: bytes) -> list[MeasuredPage]:
    """Every page of a PDF, measured."""
    with Pdf.open(io.BytesIO(pdf)) as opened:
        return [_measure_page(page) for page in opened.pages]


def embedded_fonts(pdf: bytes) -> dict[str, bool]:
    """The names of the fonts (subset prefix dropped), and whether each is embedded."""
    found: dict[str, bool] = {}
    with Pdf.open(io.BytesIO(pdf)) as opened:
        for item in opened.objects:
            if isinstance(item, Dictionary) and item.get("/Type") == Name.FontDescriptor:
                name = str(item.FontName).lstrip("/").partition("+")
                embedded = any(key in item for key in ("/FontFile", "/FontFile2", "/FontFile3"))
                found[name[2] or name[0]] = embedded and found.get(name[2] or name[0], True)
    return found


def _measure_page(page: pikepdf.Page) -> MeasuredPage:
    measured = MeasuredPage(float(page.mediabox[3]) - float(page.mediabox[1]))
    _Walk(measured).through(page, page.obj.Resources)
    return measured


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


class _Walk:
    """The state of a content stream (ISO 32000-1, 8.4 and 9.4), as far as text and marks need it."""

    def __init__(self, page: MeasuredPage) -> None:
        self.page = page
        self.fonts: Mapping[str, Mapping[bytes, str]] = {}
        self.matrix, self.saved = _ONE, list[Matrix]()
        self.line, self.at = _ONE, _ONE
        self.font, self.size = "", 0.0
        self.tags: list[str] = []
        self.forms: pikepdf.Object = Dictionary()

    def through(self, stream: pikepdf.Page | pikepdf.Object, resources: pikepdf.Object) -> None:
        """Follow every operator of a page or a form."""
        outer, self.forms = self.forms, resources.get("/XObject", Dictionary())
        own = resources.get("/Font", Dictionary()).items()
        known, self.fonts = self.fonts, {**self.fonts, **{name: _to_unicode(font) for name, font in own}}
        for instruction in pikepdf.parse_content_stream(stream):
            self.step(list(instruction.operands), instruction.operator)
        self.forms, self.fonts = outer, known

    def draw(self, form: pikepdf.Object) -> None:
        """A form in a figure: WeasyPrint makes one of each label that is not set from its start."""
        if form.get("/Subtype") == Name.Form:
            outer = self.matrix
            self.matrix = _times(_numbers(list(form.get("/Matrix", Array(_ONE)))), outer)
            self.through(form, form.get("/Resources", Dictionary()))
            self.matrix = outer

    def step(self, operands: list[pikepdf.Object], operator: Operator) -> None:
        """Follow one operator."""
        name = str(operator)
        if operator in _SHOW:
            self.show(operands[-1])
        elif operator in _POINTS:
            self.mark(float(operands[0]), float(operands[1]))
            if name == "re":
                self.mark(float(operands[0]) + float(operands[2]), float(operands[1]) + float(operands[3]))
        elif name == "q":
            self.saved.append(self.matrix)
        elif name == "Q" and self.saved:
            self.matrix = self.saved.pop()
        elif name == "Do" and "/Figure" in self.tags:
            self.draw(self.forms[str(operands[0])])
        elif name == "cm":
            self.matrix = _times(_numbers(operands), self.matrix)
        elif name == "BT":
            self.line = self.at = _ONE
        elif name == "Tf":
            self.font, self.size = str(operands[0]), float(operands[1])
        elif name == "Tm":
            self.line = self.at = _numbers(operands)
        elif name in {"Td", "TD"}:
            self.line = self.at = _times((1, 0, 0, 1, float(operands[0]), float(operands[1])), self.line)
        elif name in {"BMC", "BDC"}:
            self.tags.append(str(operands[0]))
        elif name == "EMC" and self.tags:
            self.tags.pop()

    def mark(self, x: float, y: float) -> None:
        """Something is drawn here: text, or a line of a figure, table or box."""
        _, b, _, d, _, f = self.matrix
        place = b * x + d * y + f
        if place >= MARGIN - 1:
            self.page.lowest = min(self.page.lowest, place)

    def show(self, shown: pikepdf.Object) -> None:
        """Text is shown at the current place."""
        self.mark(self.at[4], self.at[5])
        if "/Artifact" in self.tags:
            return
        a, b, c, d, _, _ = _times(self.at, self.matrix)
        size = round(self.size * (c * c + d * d) ** 0.5, 2)
        strings = (
            [bytes(part) for part in shown if isinstance(part, pikepdf.String)]
            if isinstance(shown, Array)
            else [bytes(shown)]
        )
        text = "".join(_decode(part, self.fonts.get(self.font, {})) for part in strings)
        if "/Figure" in self.tags:  # as small as it is narrow: a drawing may scale it in one direction alone
            self.page.lettering.append(min(size, round(self.size * (a * a + b * b) ** 0.5, 2)))
            self.page.labels.append(text)
            return
        before = self.page.sizes[-1] if self.page.sizes else 0.0
        if not text.strip() or (_DIGITS.fullmatch(text) and size <= before * _MARK):
            return
        self.page.pieces.append(text)
        self.page.sizes.append(size)


def _numbers(operands: list[pikepdf.Object]) -> Matrix:
    a, b, c, d, e, f = (float(operand) for operand in operands)
    return a, b, c, d, e, f


def _decode(data: bytes, table: Mapping[bytes, str]) -> str:
    return "".join(table.get(data[i : i + 2], "\ufffd") for i in range(0, len(data), 2))


_BLOCK = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.S)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]+)>")


def _to_unicode(font: pikepdf.Object) -> dict[bytes, str]:
    """A font's two-byte codes and the text they stand for (ISO 32000-1, 9.10.3)."""
    made: dict[bytes, str] = {}
    stream = font.get("/ToUnicode")
    if stream is None:
        return made
    for kind, body in _BLOCK.findall(stream.read_bytes()):
        values = [bytes.fromhex(value.decode()) for value in _HEX.findall(body)]
        if kind == b"bfchar":
            made.update(
                (code, text.decode("utf-16-be", "replace"))
                for code, text in zip(values[::2], values[1::2], strict=True)
            )
        else:
            made.update(_ranges(values))
    return made


def _ranges(values: list[bytes]) -> Iterator[tuple[bytes, str]]:
    for first, last, start in zip(values[::3], values[1::3], values[2::3], strict=True):
        low, high, base = (int.from_bytes(value, "big") for value in (first, last, start))
        for offset in range(high - low + 1):
            yield (low + offset).to_bytes(len(first), "big"), chr(base + offset)
