"""The handout in Typst's markup: the same words, figures and tables, from the same Handout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from benchmarks.job import Job
from handouts import paths
from handouts.model.handout import Field, Handout
from handouts.model.prose import Block, Figure, Inline, Items, Paragraph, People, Section
from handouts.typeset import svg as figures

_KINDS = ("first", "second", "third")


def sources(job: Job) -> Mapping[str, bytes]:
    """``body.typ`` and its pictures by file name. It defines ``handout(d)``; ``d`` maps detail names to text."""
    writer = _Writer(job)
    body = "\n".join(writer.document())
    return {"body.typ": body.encode(), **writer.pictures}


def quoted(text: str) -> str:
    """``text`` as a Typst string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _text(text: str) -> str:
    return f"#{quoted(text)}"


def _inline(runs: Inline) -> str:
    parts: list[str] = []
    for i, run in enumerate(runs):
        before_mark = i + 1 < len(runs) and runs[i + 1].cites and not runs[i + 1].text
        text = run.text.rstrip() if before_mark else run.text
        if text:
            parts.append(f"#strong({quoted(text)});" if run.bold else f"{_text(text)};")
        parts += [f"#super({quoted(str(number))});" for number in run.cites]
    return "".join(parts)


class _Writer:
    """Walks the handout as the templates do, and keeps the pictures on its way."""

    def __init__(self, job: Job) -> None:
        self.h: Handout = job.handout
        self.words = job.library.words
        self.p: Mapping[str, str] = self.words.page
        self.shown = dict(self.h.pictures)
        self.pictures: dict[str, bytes] = {"logo.svg": figures.read(self.h.logo).encode()}

    def document(self) -> Iterator[str]:
        h, colors = self.h, self.h.clinic.colors
        mark = "" if h.approval == "approved" else self.p[h.approval]
        yield f"""
#let ink = rgb({quoted(colors.ink)})
#let accent = rgb({quoted(colors.accent)})
#let soft = rgb({quoted(colors.soft)})
#let label(it) = text(fill: accent, weight: "bold", it)
#let part(it) = {{ line(length: 100%, stroke: 2pt + accent); heading(level: 2, text(19pt, it)) }}
#let given(l, v) = [#label(l) #if v == none [#box(width: 90pt, line(length: 100%, stroke: .8pt))] else [*#v*]]
#let tick(it) = grid(columns: (19pt, 1fr), rect(width: 8pt, height: 8pt, stroke: 1pt + ink, radius: 2pt), it)
#let handout(d) = [
#set document(title: {quoted(h.title)})
#set text(font: ("Handouts Legible", "Noto Sans", "Noto Sans Arabic"), size: 12pt, fill: ink, lang: "en")
#set par(leading: .5em, spacing: .8em)
#set page(
  width: 612pt, height: 792pt, margin: (x: 46pt, top: 40pt, bottom: 46pt),
  header: context {{ set text(9.5pt); if counter(page).get().first() > 1 [{_text(f"{h.title} – {h.clinic.name}")}];
    h(1fr); strong({quoted(mark)}) }},
  footer: {{ set text(9.5pt); d.furniture; h(1fr);
    context [{_text(self.p["page"])} #counter(page).display()
      {_text(self.p["page_of"])} #counter(page).final().first()] }},
)
#show heading.where(level: 3): it => text(12.5pt, fill: accent, it.body)
"""
        yield from self.front()
        yield "#set page(columns: 2)"
        yield f"#part[{_text(self.p['about_condition'])} {_text(h.title)}]"
        yield from self.sections(h.overview)
        for option in h.options:
            yield f"#part[{_text(option.name)}]"
            yield from self.sections(option.sections)
            yield from self.safety(option.safety)
        yield from self.closing()
        yield "#set page(columns: 1)"
        yield from self.diary()
        yield "]"

    def front(self) -> Iterator[str]:
        h, p = self.h, self.p
        yield f"""#grid(columns: (1fr, auto), align: horizon,
  [#box(image("logo.svg", width: 27pt, alt: {quoted(h.clinic.name)})) #text(16pt, strong({quoted(h.clinic.name)}))
   {_text(h.clinic.line or "")}], label({quoted(p[h.stage])}))
#text(21pt, strong(d.name))
#grid(columns: (1fr, 1fr), row-gutter: 4pt,
  [#label({quoted(p["birth_date"])}) #d.birth_date], [#label({quoted(p["visit_date"])}) #d.visit_date],
  [#label({quoted(p["identifier"])}) #d.identifier], [#label({quoted(p["clinician"])}) #d.clinician])
#heading(level: 1, text(22pt, {quoted(h.title)}))
{_text(h.line)} #strong({quoted(h.decision)})
== {_text(p["options_two"])}
#set table(stroke: .8pt + accent, inset: 4pt)"""
        heads = ", ".join(f"[*{_text(option.name)}*]" for option in h.options)
        yield f"#table(columns: (74pt, 1fr, 1fr), table.header([{_text(p['question'])}], {heads}),"
        for row in h.grid:
            cells = ", ".join(f"[{_inline(cell)}]" for cell in row.cells)
            yield f"  label({quoted(row.question)}), {cells},"
        yield ")\n#grid(columns: (186pt, 1fr), column-gutter: 10pt, block(fill: soft, inset: 6pt)["
        yield f"== {_text(p['next_steps'])}"
        yield from self.items(h.next_steps, "+")
        yield f"=== {_text(p['whom_to_call'])}"
        yield f"{self.given(p['call_us_at'], h.clinic.phone)} \\"
        yield f"{self.given(p['in_an_emergency'], h.clinic.emergency_number)}"
        yield "], block(stroke: 1.6pt + ink, inset: 6pt)["
        yield f"== {_text(p['when_to_call'])}"
        for group in h.calls:
            yield f"- *{_text(group.title)}:* " + " ".join(map(_inline, group.items))
        yield f"\n{_text(p['call_general'])}\n\n{self.given(h.urgent.label, h.urgent.text)}\n])"

    def closing(self) -> Iterator[str]:
        h, p = self.h, self.p
        yield f"#part[{_text(p['how_sure'])}]"
        for option in h.options:
            yield f"=== {_text(option.name)}"
            yield from self.blocks(option.sure.blocks)
        yield f"#block(fill: soft, inset: 6pt)[\n== {_text(p['key_points'])}"
        yield from self.items((*h.key_points, *h.option_points), "-")
        yield f"]\n== {_text(p['teach_back'])}\n{_text(p['teach_back_intro'])}"
        yield from (f"#tick[{_inline(item)}]" for item in h.teach_back)
        yield f"== {_text(p['ask'])}"
        yield from (f"#tick[{_inline(item)}]" for item in h.ask)
        yield f"=== {_text(p['ask_own'])}"
        yield "#v(20pt)\n#line(length: 100%)\n#v(20pt)\n#line(length: 100%)\n#v(20pt)\n#line(length: 100%)"
        yield f"== {_text(p['sources'])}"
        for source in h.sources:
            link = f". #link({quoted(f'https://doi.org/{source.doi}')})[{_text(f'doi.org/{source.doi}')}]"
            yield f"+ {_text(source.cite)};{link if source.doi else ''}"
        updates = p.get(h.update_policy, h.update_policy)
        told = ((p["version"], h.version), (p["published"], self.day(h.published)), (p["updates"], updates),
                (p["review"], self.day(h.review_by)))  # fmt: skip
        yield f"== {_text(p['about'])}"
        yield " ".join(f"#label({quoted(name)}) {_text(value)}." for name, value in told)
        if h.approval == "approved":
            yield f"\n#label({quoted(p['approved_by'])}) {_text(h.approved_by or '')}."
        else:
            yield f"\n*{_text(p[h.approval + '_long'])}*"
        yield f"\n{self.given(p['funding'], h.funding)}\n\n#label({quoted(p['code'])}) #d.code"

    def diary(self) -> Iterator[str]:
        p = self.p
        heads = ", ".join(f"[{_text(p[name])}]" for name in _DIARY)
        days = "".join(f"  [*{_text(day)}*], [], [], [], [],\n" for day in self.words.weekdays)
        for week in range(1, 5):
            if week == 1:
                yield f"#part[{_text(p['diary'])}]\n{_text(p['diary_intro'])}"
            elif week == 3:
                yield "#pagebreak()"
            yield f"=== {_text(p['diary_week'])} {week}"
            yield "#table(columns: (74pt, 1fr, 1fr, 1fr, 150pt), rows: (auto,) + (27pt,) * 7,"
            yield f"table.header({heads}),\n{days})"

    def sections(self, sections: Iterable[Section]) -> Iterator[str]:
        for section in sections:
            if section.heading:
                yield f"=== {_text(section.heading)}"
            yield from self.blocks(section.blocks)

    def blocks(self, blocks: Iterable[Block]) -> Iterator[str]:
        for block in blocks:
            if isinstance(block, Paragraph):
                yield _inline(block.runs) + "\n"
            elif isinstance(block, Items):
                yield from self.items(block.items, "+" if block.ordered else "-")
            elif isinstance(block, Figure):
                self.pictures[f"{block.name}.svg"] = self.drawing(block.name).encode()
                yield f'#block(breakable: false)[#align(center, image("{block.name}.svg", width: 166pt, '
                yield f"alt: {quoted(block.alt)}))\n{_inline(block.caption)}]"
            else:
                yield from self.people(block)

    def people(self, block: People) -> Iterator[str]:
        shown, ink = self.shown[block.numbers], self.h.clinic.colors.ink
        name = "-".join(block.numbers)
        kinds = (*_KINDS[: len(shown.counts) - 1], "rest")
        self.pictures[f"{name}.svg"] = figures.people(shown.counts, "100 people", ink, "#ffffff").encode()
        told = "; ".join(f"{count} {label}" for count, label in zip(shown.counts, shown.labels, strict=True))
        yield f'#block(breakable: false)[#image("{name}.svg", width: 100%, '
        yield f"alt: {quoted(self.p['hundred_people'] + ' ' + told + '.')})"
        yield f"*{_inline(block.caption)}*"
        for kind, count, label in zip(kinds, shown.counts, shown.labels, strict=True):
            self.pictures[f"{kind}.svg"] = figures.person(kind, ink, "#ffffff", "A person").encode()
            yield f'\n#box(image("{kind}.svg", height: 15pt, alt: "A person")) *{count}* {_text(label)}'
        yield "]"

    def drawing(self, name: str) -> str:
        svg = figures.read(paths.PROGRAM.figures / f"{name}.svg")
        return figures.for_side(svg, self.h.side) if name in self.h.sided else svg

    def items(self, items: Iterable[Inline], mark: str) -> Iterator[str]:
        yield from (f"{mark} {_inline(item)}" for item in items)
        yield ""

    def given(self, label: str, value: str | None) -> str:
        return f"#given({quoted(label)}, {quoted(value) if value else 'none'})"

    def safety(self, fields: Iterable[Field]) -> Iterator[str]:
        fields = tuple(fields)
        if fields:
            yield '#block(stroke: (paint: accent, dash: "dashed"), inset: 6pt)['
            yield f"==== {_text(self.p['safety_heading'])}"
            for field in fields:
                yield (
                    f"*{_text(field.label)}:* {_text(field.text)}\n" if field.text else f"{_text(field.label)}:#v(15pt)"
                )
            yield "]"

    def day(self, day: object) -> str:
        return f"{self.words.months[day.month - 1]} {day.day}, {day.year}"  # type: ignore[attr-defined]


_DIARY = ("diary_date", "diary_spasms", "diary_strength", "diary_sleep", "diary_note")
