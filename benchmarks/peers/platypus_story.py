"""The handout as ReportLab flowables: the same words, drawings and tables, from the same outline."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from reportlab.graphics import shapes
from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, HRFlowable, PageBreak, Paragraph, Spacer, Table, TableStyle

from benchmarks.job import Job
from benchmarks.peers.outline import Block, Drawing, Grid, Heading, Lines, Points, Row, Slot, Words, outline
from benchmarks.peers.page import boxed, label_of, plain_text
from handouts.model.details import Details
from handouts.model.prose import Inline

REGULAR, BOLD = "Body", "Body-Bold"
WIDTH = 504.0
_QUESTION = 126.0


class Story:
    """Flowables made once; in place of the patient's own there are `Slot`s, which `story` fills."""

    def __init__(self, job: Job) -> None:
        colors = job.handout.look.clinic.colors
        self.ink, self.accent = HexColor(colors.ink), HexColor(colors.accent)
        self.accent_name = colors.accent
        self.text = ParagraphStyle("text", fontName=REGULAR, fontSize=12, leading=15, textColor=self.ink, spaceAfter=4)
        self.name = ParagraphStyle("name", self.text, fontName=BOLD, fontSize=15, leading=18)
        self.item = ParagraphStyle("item", self.text, leftIndent=15, bulletIndent=3, spaceAfter=2)
        self.heads = {
            level: ParagraphStyle(f"h{level}", self.text, fontName=BOLD, fontSize=size, leading=size * 1.2)
            for level, size in ((1, 28), (2, 15), (3, 12))
        }
        self.sheets = 0
        self.made: list[Flowable | Slot] = [item for block in outline(job) for item in self.block(block, WIDTH)]

    def story(self, details: Details) -> list[Flowable]:
        """The whole, for one patient."""
        texts = dict(details.texts)
        whole: list[Flowable] = []
        for item in self.made:
            if not isinstance(item, Slot):
                whole.append(item)
            elif item.name in texts:
                text = texts[item.name]
                told = escape(plain_text(text))
                label = self.bold(f"{label_of(text)} ", self.accent_name) if label_of(text) else ""
                style = self.name if item.name == "name" else self.text
                whole.append(Paragraph(f"{label}{told}", style, bulletText="•" if boxed(text) else None))
        return whole

    @staticmethod
    def bold(text: str, color: str = "") -> str:
        """Marked up as bold."""
        paint = f' color="{color}"' if color else ""
        return f'<font name="{BOLD}"{paint}>{escape(text)}</font>'

    def block(self, block: Block, width: float) -> Iterator[Flowable | Slot]:
        """A block of the outline, ``width`` pt wide."""
        if isinstance(block, Heading):
            if block.level == 1:
                self.sheets += 1
                yield from [PageBreak()] if self.sheets > 1 else []
                yield HRFlowable(width="100%", thickness=2.25, color=self.ink)
            yield Paragraph(escape(block.text), self.heads[block.level])
        elif isinstance(block, Words):
            yield Paragraph(self.inline(block.runs), self.text)
        elif isinstance(block, Points):
            yield from (Paragraph(self.inline(item), self.item, bulletText="•") for item in block.items)
        elif isinstance(block, Drawing):
            yield _drawing(block.svg, block.width)
        elif isinstance(block, Grid):
            yield self.grid(block)
        elif isinstance(block, Row):
            question = Paragraph(self.bold(block.question, self.accent_name), self.text)
            answer = [item for inner in block.blocks for item in self.block(inner, width - _QUESTION)]
            lined = [("LINEABOVE", (0, 0), (-1, 0), 0.75, self.accent), ("VALIGN", (0, 0), (-1, -1), "TOP")]
            yield Table([[question, answer]], [_QUESTION, width - _QUESTION], style=TableStyle(lined), splitInRow=1)
        elif isinstance(block, Lines):
            for _ in range(block.count):
                yield Spacer(1, 18)
                yield HRFlowable(width="100%", thickness=0.75, color=self.ink)
        else:
            yield block

    def grid(self, grid: Grid) -> Table:
        """A table with rules."""
        ruled = [("LINEBELOW", (0, 0), (-1, -1), 0.75, self.accent), ("VALIGN", (0, 0), (-1, -1), "TOP"),
                 ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]  # fmt: skip
        rows = [[self.cell(cell) for cell in row] for row in grid.cells]
        heights = [None, *[grid.height or None] * (len(rows) - 1)]
        return Table(rows, grid.widths, heights, style=TableStyle(ruled), repeatRows=1)

    def cell(self, cell: Iterable[Inline]) -> list[Paragraph]:
        """The paragraphs of a cell."""
        return [Paragraph(self.inline(runs), self.text) for runs in cell]

    def inline(self, runs: Inline) -> str:
        """Runs as ReportLab's markup."""
        parts: list[str] = []
        for i, run in enumerate(runs):
            before_mark = i + 1 < len(runs) and runs[i + 1].cites and not runs[i + 1].text
            text = run.text.rstrip() if before_mark else run.text
            parts.append(self.bold(text) if run.bold else escape(text))
            parts += [f"<super>{number}</super>" for number in run.cites]
        return "".join(parts)


def _drawing(svg: str, width: float) -> shapes.Drawing:
    """An SVG as shapes, ``width`` pt wide."""
    from svglib.svglib import svg2rlg

    drawing = svg2rlg(io.BytesIO(svg.encode()))
    factor = width / drawing.width
    drawing.scale(factor, factor)
    drawing.width, drawing.height = width, drawing.height * factor
    return drawing
