"""The handout as ReportLab flowables: the same words, figures and tables, from the same Handout."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor, white
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    HRFlowable,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from benchmarks.job import Job
from handouts import paths
from handouts.model.handout import Details, Field
from handouts.model.prose import Block, Figure, Inline, Items, People, Section
from handouts.model.prose import Paragraph as Prose
from handouts.typeset import svg as figures

REGULAR, BOLD = "Legible", "Legible-Bold"
_WIDTH = 520.0
_COLUMN = 249.0
_KINDS = ("first", "second", "third")
_DIARY = ("diary_date", "diary_spasms", "diary_strength", "diary_sleep", "diary_note")


class Story:
    """Flowables made once (``before``, ``after``), and those of one patient: `person`, `code`."""

    def __init__(self, job: Job) -> None:
        self.h, self.words = job.handout, job.library.words
        self.p: Mapping[str, str] = self.words.page
        colors = self.h.clinic.colors
        self.ink, self.accent, self.soft = (HexColor(text) for text in (colors.ink, colors.accent, colors.soft))
        self.shown = dict(self.h.pictures)
        base = ParagraphStyle("text", fontName=REGULAR, fontSize=12, leading=15, textColor=self.ink, spaceAfter=5)
        self.text = base
        self.tight = ParagraphStyle("tight", base, leading=14, spaceAfter=2)
        self.name = ParagraphStyle("name", base, fontName=BOLD, fontSize=21, leading=26)
        self.h1 = ParagraphStyle("h1", base, fontName=BOLD, fontSize=22, leading=26)
        self.h2 = ParagraphStyle("h2", base, fontName=BOLD, fontSize=14.5, leading=17)
        self.h3 = ParagraphStyle("h3", base, fontName=BOLD, fontSize=12.5, leading=15, textColor=self.accent)
        self.part = ParagraphStyle("part", base, fontName=BOLD, fontSize=19, leading=23)
        self.head = ParagraphStyle("head", self.tight, fontName=BOLD, textColor=white)
        self.item = ParagraphStyle("item", base, leftIndent=15, bulletIndent=3, spaceAfter=2)
        self.before = list(self.top())
        self.after = list(self.front_rest())
        self.middle = [*self.body(), *self.closing()]
        self.end = list(self.diary())

    def story(self, details: Details) -> list[Flowable]:
        """The whole, for one patient."""
        told = {**{name: escape(text) for name, text in details.texts}, "code": details.code}
        code = Paragraph(f"{self.label('code')} {told['code']}", self.text)
        return [*self.before, *self.person(told), *self.after, *self.middle, code, *self.end]

    def person(self, told: Mapping[str, str]) -> Iterator[Flowable]:
        yield Paragraph(told["name"], self.name)
        cells = [
            [Paragraph(f"{self.label(name)} {told[name]}", self.tight) for name in row]
            for row in (("birth_date", "visit_date"), ("identifier", "clinician"))
        ]
        yield Table(cells, [_WIDTH / 2] * 2, style=TableStyle([("TOPPADDING", (0, 0), (-1, -1), 0)]))

    def label(self, name: str) -> str:
        return self.bold(self.p[name], self.h.clinic.colors.accent)

    @staticmethod
    def bold(text: str, color: str = "") -> str:
        paint = f' color="{color}"' if color else ""
        return f'<font name="{BOLD}"{paint}>{escape(text)}</font>'

    def top(self) -> Iterator[Flowable]:
        clinic = self.h.clinic
        name = self.bold(clinic.name)
        brand = Paragraph(f"<font size=16>{name}</font> {escape(clinic.line or '')}", self.text)
        logo = _drawing(figures.read(self.h.logo), 27)
        yield Table([[logo, brand, Paragraph(self.bold(self.p[self.h.stage]), self.tight)]], [34, 330, 156])
        yield HRFlowable(width="100%", thickness=2, color=self.accent)

    def front_rest(self) -> Iterator[Flowable]:
        h, p = self.h, self.p
        yield Paragraph(escape(h.title), self.h1)
        yield Paragraph(f"{escape(h.line)} {self.bold(h.decision)}", self.tight)
        yield Paragraph(p["options_two"], self.h2)
        heads = [Paragraph(p["question"], self.tight), *(Paragraph(escape(o.name), self.head) for o in h.options)]
        rows = [
            [
                Paragraph(self.bold(row.question), self.tight),
                *(Paragraph(_inline(cell), self.tight) for cell in row.cells),
            ]
            for row in h.grid
        ]
        grid = [("GRID", (0, 0), (-1, -1), 0.8, self.accent), ("BACKGROUND", (1, 0), (-1, 0), self.ink),
                ("BACKGROUND", (1, 1), (-1, -1), self.soft), ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]  # fmt: skip
        yield Table([heads, *rows], [74, 223, 223], style=TableStyle(grid))
        steps = [Paragraph(p["next_steps"], self.h2), *self.items(h.next_steps, ordered=True),
                 Paragraph(p["whom_to_call"], self.h3), self.given(p["call_us_at"], h.clinic.phone),
                 self.given(p["in_an_emergency"], h.clinic.emergency_number)]  # fmt: skip
        calls = [Paragraph(p["when_to_call"], self.h2)]
        for group in h.calls:
            signs = " ".join(map(_inline, group.items))
            calls.append(Paragraph(f"{self.bold(group.title + ':')} {signs}", self.item, bulletText="•"))
        calls += [Paragraph(p["call_general"], self.tight), self.given(h.urgent.label, h.urgent.text)]
        boxes = [("BACKGROUND", (0, 0), (0, 0), self.soft), ("BOX", (1, 0), (1, 0), 1.6, self.ink),
                 ("VALIGN", (0, 0), (-1, -1), "TOP")]  # fmt: skip
        yield Table([[steps, calls]], [190, 330], style=TableStyle(boxes))
        yield NextPageTemplate("columns")
        yield PageBreak()

    def body(self) -> Iterator[Flowable]:
        h = self.h
        yield Paragraph(f"{self.p['about_condition']} {escape(h.title)}", self.part)
        yield from self.sections(h.overview)
        for option in h.options:
            yield Paragraph(escape(option.name), self.part)
            yield from self.sections(option.sections)
            yield from self.safety(option.safety)

    def closing(self) -> Iterator[Flowable]:
        h, p = self.h, self.p
        yield Paragraph(p["how_sure"], self.part)
        for option in h.options:
            yield Paragraph(escape(option.name), self.h3)
            yield from self.blocks(option.sure.blocks)
        yield Paragraph(p["key_points"], self.h2)
        yield from self.items((*h.key_points, *h.option_points))
        yield Paragraph(p["teach_back"], self.h2)
        yield Paragraph(p["teach_back_intro"], self.text)
        yield from self.items(h.teach_back)
        yield Paragraph(p["ask"], self.h2)
        yield from self.items(h.ask)
        yield Paragraph(p["ask_own"], self.h3)
        for _ in range(3):
            yield Spacer(1, 20)
            yield HRFlowable(width="100%", color=self.ink)
        yield Paragraph(p["sources"], self.h2)
        for source in h.sources:
            link = f'. <a href="https://doi.org/{source.doi}">doi.org/{source.doi}</a>' if source.doi else ""
            yield Paragraph(escape(source.cite) + link, self.item, bulletText=f"{source.number}.")
        updates = p.get(h.update_policy, h.update_policy)
        told = (("version", h.version), ("published", self.day(h.published)), ("updates", updates),
                ("review", self.day(h.review_by)))  # fmt: skip
        yield Paragraph(p["about"], self.h2)
        yield Paragraph(" ".join(f"{self.label(name)} {escape(value)}." for name, value in told), self.text)
        if h.approval == "approved":
            yield Paragraph(f"{self.label('approved_by')} {escape(h.approved_by or '')}.", self.text)
        else:
            yield Paragraph(self.bold(p[f"{h.approval}_long"]), self.text)
        yield self.given(p["funding"], h.funding)

    def diary(self) -> Iterator[Flowable]:
        p = self.p
        grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.8, self.accent), ("VALIGN", (0, 0), (-1, 0), "BOTTOM")])
        yield NextPageTemplate("wide")
        yield PageBreak()
        yield Paragraph(p["diary"], self.part)
        yield Paragraph(p["diary_intro"], self.text)
        for week in range(1, 5):
            yield CondPageBreak(290)
            yield Paragraph(f"{p['diary_week']} {week}", self.h2)
            heads = [Paragraph(escape(p[name]), self.tight) for name in _DIARY]
            days = [[Paragraph(self.bold(day), self.tight), "", "", "", ""] for day in self.words.weekdays]
            yield Table([heads, *days], [80, 97, 97, 96, 150], [None, *[27] * 7], style=grid)

    def sections(self, sections: Iterable[Section]) -> Iterator[Flowable]:
        for section in sections:
            if section.heading:
                yield Paragraph(escape(section.heading), self.h3)
            yield from self.blocks(section.blocks)

    def blocks(self, blocks: Iterable[Block]) -> Iterator[Flowable]:
        for block in blocks:
            if isinstance(block, Prose):
                yield Paragraph(_inline(block.runs), self.text)
            elif isinstance(block, Items):
                yield from self.items(block.items, ordered=block.ordered)
            elif isinstance(block, Figure):
                svg = figures.read(paths.PROGRAM.figures / f"{block.name}.svg")
                svg = figures.for_side(svg, self.h.side) if block.name in self.h.sided else svg
                yield KeepTogether([_drawing(svg, 166), Paragraph(_inline(block.caption), self.text)])
            else:
                yield KeepTogether(list(self.people(block)))

    def people(self, block: People) -> Iterator[Flowable]:
        shown, ink = self.shown[block.numbers], self.h.clinic.colors.ink
        kinds = (*_KINDS[: len(shown.counts) - 1], "rest")
        yield _drawing(figures.people(shown.counts, "100 people", ink, "#ffffff"), _COLUMN)
        yield Paragraph(_inline(block.caption), self.text)
        for kind, count, label in zip(kinds, shown.counts, shown.labels, strict=True):
            key = _drawing(figures.person(kind, ink, "#ffffff", "A person"), 11)
            yield Table([[key, Paragraph(f"{self.bold(str(count))} {escape(label)}", self.tight)]], [18, 225])

    def items(self, items: Iterable[Inline], *, ordered: bool = False) -> Iterator[Flowable]:
        for number, item in enumerate(items, 1):
            yield Paragraph(_inline(item), self.item, bulletText=f"{number}." if ordered else "•")

    def given(self, label: str, value: str | None) -> Flowable:
        return Paragraph(f"{self.bold(label)} {self.bold(value) if value else '_' * 12}", self.tight)

    def safety(self, fields: Iterable[Field]) -> Iterator[Flowable]:
        fields = tuple(fields)
        if fields:
            yield Paragraph(self.p["safety_heading"], self.h3)
            for field in fields:
                yield Paragraph(f"{self.bold(field.label + ':')} {escape(field.text or '')}", self.text)
                yield Spacer(1, 0 if field.text else 15)

    def day(self, day: Any) -> str:
        return f"{self.words.months[day.month - 1]} {day.day}, {day.year}"


def _inline(runs: Inline) -> str:
    parts: list[str] = []
    for i, run in enumerate(runs):
        before_mark = i + 1 < len(runs) and runs[i + 1].cites and not runs[i + 1].text
        text = run.text.rstrip() if before_mark else run.text
        parts.append(Story.bold(text) if run.bold else escape(text))
        parts += [f"<super>{number}</super>" for number in run.cites]
    return "".join(parts)


def _drawing(svg: str, width: float) -> Drawing:
    """An SVG as shapes, ``width`` pt wide."""
    from svglib.svglib import svg2rlg

    drawing = svg2rlg(io.BytesIO(svg.encode()))
    factor = width / drawing.width
    drawing.scale(factor, factor)
    drawing.width, drawing.height = width, drawing.height * factor
    return drawing
