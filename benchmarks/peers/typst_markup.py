"""The handout in Typst's markup: the same words, drawings and tables, from the same outline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from benchmarks.job import Job
from benchmarks.peers.outline import Block, Drawing, Grid, Heading, Lines, Points, Row, Slot, Words, outline
from benchmarks.peers.page import boxed, label_of, plain_text
from handouts.fonts.files import FAMILIES
from handouts.model.details import Details
from handouts.model.prose import Inline
from handouts.stamp.stamp import footer_text


def sources(job: Job) -> Mapping[str, bytes]:
    """``body.typ`` and its pictures by file name. It defines ``handout(d)``; ``d`` maps slots to text."""
    writer = _Writer(job)
    body = "\n".join(writer.document())
    return {"body.typ": body.encode(), **writer.pictures}


def inputs(details: Details) -> Mapping[str, str]:
    """What ``d`` holds."""
    told = {name: f"{'☐ ' if boxed(text) else ''}{plain_text(text)}" for name, text in details.texts}
    labels = {f"{name}.label": f"{label_of(text)} " for name, text in details.texts if label_of(text)}
    return {**told, **labels, "footer": footer_text(details)}


def quoted(text: str) -> str:
    """``text`` as a Typst string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _inline(runs: Inline) -> str:
    parts: list[str] = []
    for i, run in enumerate(runs):
        before_mark = i + 1 < len(runs) and runs[i + 1].cites and not runs[i + 1].text
        text = run.text.rstrip() if before_mark else run.text
        if text:
            parts.append(f"#strong({quoted(text)});" if run.bold else f"#{quoted(text)};")
        parts += [f"#super({quoted(str(number))});" for number in run.cites]
    return "".join(parts)


class _Writer:
    """Walks the outline, and keeps the pictures on its way."""

    def __init__(self, job: Job) -> None:
        self.job, self.look = job, job.handout.look
        self.pictures: dict[str, bytes] = {}
        self.pages = 0

    def document(self) -> Iterator[str]:
        look, colors, p = self.look, self.look.clinic.colors, self.job.library.words.page
        yield f"""
#let ink = rgb({quoted(colors.ink)})
#let accent = rgb({quoted(colors.accent)})
#let rule = line(length: 100%, stroke: .75pt + ink)
#let tick(it) = grid(columns: (19pt, 1fr), rect(width: 8pt, height: 8pt, stroke: 1pt + ink, radius: 2pt), it)
#let handout(d) = [
#let slot(name) = [#text(fill: accent, strong(d.at(name + ".label", default: "")))#d.at(name, default: "")]
#set document(title: {quoted(look.title)})
#set text(font: ({", ".join(map(quoted, FAMILIES))}), size: 12pt, fill: ink, lang: "en")
#set par(leading: .5em, spacing: .8em)
#set table(stroke: .75pt + accent, inset: 4pt)
#set page(
  width: 612pt, height: 792pt, margin: 54pt,
  header: {{ set text(10pt); {quoted(f"{look.title} – {look.clinic.name}")}; h(1fr); d.approval }},
  footer: {{ set text(10pt); d.footer; h(1fr); context [#{quoted(p["page"])} #counter(page).display()
      #{quoted(p["page_of"])} #counter(page).final().first()] }},
)
#show heading.where(level: 1): it => {{ line(length: 100%, stroke: 2.25pt + ink); text(28pt, it.body) }}
#show heading.where(level: 2): it => text(15pt, it.body)
#show heading.where(level: 3): it => text(12pt, it.body)
"""
        for block in outline(self.job):
            yield from self.block(block)
        yield "]"

    def block(self, block: Block) -> Iterator[str]:
        if isinstance(block, Heading):
            if block.level == 1:
                self.pages += 1
                yield "#pagebreak()" if self.pages > 1 else ""
            yield f"{'=' * block.level} #{quoted(block.text)}"
        elif isinstance(block, Words):
            yield _inline(block.runs) + "\n"
        elif isinstance(block, Points):
            yield from (f"#tick[{_inline(item)}]" if block.boxes else f"- {_inline(item)}" for item in block.items)
            yield ""
        elif isinstance(block, Drawing):
            name = f"drawing-{len(self.pictures)}.svg"
            self.pictures[name] = block.svg.encode()
            yield f"#image({quoted(name)}, width: {block.width}pt, alt: {quoted(block.alt)})"
        elif isinstance(block, Grid):
            yield from self.grid(block)
        elif isinstance(block, Row):
            yield f"#rule\n#grid(columns: (126pt, 1fr), [#text(fill: accent, strong({quoted(block.question)}))], ["
            for inner in block.blocks:
                yield from self.block(inner)
            yield "])"
        elif isinstance(block, Lines):
            yield "#v(18pt)\n#rule\n" * block.count
        else:
            yield self.slot(block)

    def slot(self, slot: Slot) -> str:
        shown = f"#slot({quoted(slot.name)})"
        return f"#text(15pt, strong[{shown}])\n" if slot.name == "name" else f"{shown}\n"

    def grid(self, grid: Grid) -> Iterator[str]:
        rows = f", rows: (auto,) + ({grid.height}pt,) * {len(grid.cells) - 1}" if grid.height else ""
        yield f"#table(columns: ({', '.join(f'{width:g}pt' for width in grid.widths)}){rows},"
        head, *rest = grid.cells
        yield f"table.header({self.cells(head)}),"
        yield from (f"{self.cells(row)}," for row in rest)
        yield ")"

    def cells(self, row: Iterable[tuple[Inline, ...]]) -> str:
        return ", ".join("[" + "\n\n".join(map(_inline, cell)) + "]" for cell in row)
