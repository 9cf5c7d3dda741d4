"""The job's handout for peers that set no HTML: the same words, tables and drawings, sheet by sheet, as blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.job import Job
from handouts.model.calendar import calendar
from handouts.model.harms import Harms
from handouts.model.prose import Figure, Inline, Items, Paragraph, Run, Section
from handouts.model.sheets import Cell, Closing, Comparison, Condition, Diary, Field, Front, OptionSheet, SheetContent
from handouts.model.sheets import Picture as Hundred
from handouts.model.sheets import Row as Question
from handouts.typeset import svg as figures


@dataclass(frozen=True)
class Heading:
    """``level`` 1 begins a sheet."""

    level: int
    text: str


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    runs: Inline


@dataclass(frozen=True)
class Points:
    """A list; ``boxes`` to tick in place of bullets."""

    items: tuple[Inline, ...]
    boxes: bool = False


@dataclass(frozen=True)
class Drawing:
    """An SVG, ``width`` pt wide."""

    svg: str
    alt: str
    width: float


@dataclass(frozen=True)
class Grid:
    """A table with rules; widths in pt. ``cells``: of each row, the first row is the head."""

    widths: tuple[float, ...]
    cells: tuple[tuple[tuple[Inline, ...], ...], ...]
    height: float = 0


@dataclass(frozen=True)
class Row:
    """A question at the left, its answer at the right."""

    question: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Lines:
    """So many lines to write on."""

    count: int


@dataclass(frozen=True)
class Slot:
    """Where one of the patient's texts goes."""

    name: str


Block = Heading | Words | Points | Drawing | Grid | Row | Lines | Slot


def words(text: str, *, bold: bool = False) -> Inline:
    """A text as one run."""
    return (Run(text, bold=bold),)


def outline(job: Job) -> Iterator[Block]:
    """The sheets one after the other."""
    told = _Outline(job)
    for _, sheet in job.handout.sheets():
        yield from told.sheet(sheet)


class _Outline:
    def __init__(self, job: Job) -> None:
        self.job, self.look, self.p = job, job.handout.look, job.library.words.page
        self.colors = self.look.clinic.colors
        self.drawings = job.library.topic.drawings

    def sheet(self, s: SheetContent) -> Iterator[Block]:
        if isinstance(s, Front):
            return self.front(s)
        if isinstance(s, Comparison):
            return self.comparison(s)
        if isinstance(s, Condition):
            return self.condition(s)
        if isinstance(s, OptionSheet):
            return self.option(s)
        if isinstance(s, Closing):
            return self.closing(s)
        assert isinstance(s, Diary)
        return self.diary(s)

    def front(self, s: Front) -> Iterator[Block]:
        p, clinic = self.p, self.look.clinic
        yield Drawing(figures.read(self.look.logo), clinic.name, 30)
        yield Words((*words(clinic.name, bold=True), *words(f" {clinic.line or ''} {p[s.stage]}")))
        yield Slot("approval_mark")
        yield Heading(1, self.look.title)
        yield Words((*words(f"{s.line} "), *words(s.decision, bold=True)))
        yield from map(Slot, ("name", "who.1", "who.2", "who.3", "who.4"))
        yield self.grid(p["your_options"], s.options, [r for r in s.rows if r.name in {"works", "lasts", "harms"}])
        yield Words(words(p["all_harms"]))
        yield Heading(2, p["next_steps"])
        yield from map(Slot, ("step.1", "step.2", "step.3"))
        yield Heading(2, p["appointment"])
        yield from (self.blank(p[f"appointment_{name}"]) for name in ("date", "time", "with", "where"))
        yield Heading(2, p["get_help"])
        yield self.blank(p["in_an_emergency"], clinic.emergency_number)
        for field in s.urgent_fields:
            yield from self.field(field)
        yield self.blank(p["call_us_at"], clinic.phone)
        for group in s.calls:
            yield Heading(3, group.title)
            yield Points(group.signs)

    def comparison(self, s: Comparison) -> Iterator[Block]:
        p = self.p
        yield Heading(1, p["compare"])
        yield Words(words(p["compare_intro"]))
        yield self.grid("", s.options, s.rows)
        yield Heading(2, p["matters"])
        much = [p[f"matters_{name}"] for name in ("a_lot", "some", "little")]
        heads = tuple((words(text),) for text in (p["what_matters_intro"], *much))
        rows = tuple(((words(text),), (), (), ()) for text in (*s.matters, *[p["matters_else"]]))
        yield Grid((324, 60, 60, 60), (heads, *rows))

    def condition(self, s: Condition) -> Iterator[Block]:
        title = self.look.title
        yield Heading(1, f"{self.p['about_condition']} {title[:1].lower()}{title[1:]}")
        for section in s.sections:
            yield self.row(section)

    def option(self, s: OptionSheet) -> Iterator[Block]:
        p = self.p
        yield Heading(1, s.name.name)
        yield Words(s.name.one_line)
        for index, section in enumerate(s.sections):
            at_harms = index == s.harms_at
            yield self.row(section, self.harms_table(s.harms) if at_harms and s.harms and s.harms.rows else ())
            if index == s.people.after:
                yield from self.hundred(p["how_many_helped"], s.people.benefit, unknown=s.people.benefit_unknown)
                yield from self.hundred(p["how_many_harmed"], s.people.harm, unknown=s.people.harm_unknown)
        if s.fields:
            yield Row(p["safety_heading"], tuple(block for field in s.fields for block in self.field(field)))
        views = [block for text in ("speaks_for", "speaks_against") for block in (Words(words(p[text])), Lines(3))]
        yield Row(p["your_view"], tuple(views))

    def closing(self, s: Closing) -> Iterator[Block]:
        p, clinic = self.p, self.look.clinic
        yield Heading(1, p["talk_it_over"])
        yield Row(p["key_points"], (Points(s.key_points),))
        for number, questions in enumerate(s.questions):
            head = (Heading(3, questions.option),) if questions.option else ()
            yield Row("" if number else p["ask"], (*head, Points(questions.items, boxes=True)))
        intro = Words(words(f"{p['teach_back_intro']} {p['teach_back_begin']}:"))
        yield Row(p["teach_back"], (intro, Points(s.teach_back, boxes=True)))
        yield Row(p["ask_own"], (Lines(4),))
        yield Heading(2, p["sources"])
        for source in s.sources:
            doi = f" doi.org/{source.doi}" if source.doi else ""
            yield Words(words(f"{source.number}. {source.cite}.{doi}"))
        yield Heading(2, p["about"])
        i = s.imprint
        long_date = calendar(self.look.language, clinic.dates, clinic.digits).long_date
        published, review = (long_date(day) for day in (i.published, i.review_by))
        told = f"{p['version']} {i.version}. {p['published']} {published}. {p['updates']} "
        yield Words(words(f"{told}{p[i.update_policy]}. {p['review']} {review}."))
        yield Words(words(", ".join([clinic.name, *clinic.address])))
        yield self.blank(p["funding"], i.funding)
        yield Words(words(p["code"]))
        yield from map(Slot, ("code", "approval_long"))

    def diary(self, s: Diary) -> Iterator[Block]:
        p = self.p
        yield Heading(1, p["diary"])
        yield Words(words(p["diary_intro_page"]))
        heads = [" ".join(filter(None, (column.question, *column.ticks, column.scale))) for column in s.columns]
        days = p["diary_days"].split()
        dates = [f"{p['diary_week']} {week + 1} {day}" if not i else day
                 for week in range(s.weeks) for i, day in enumerate(days)]  # fmt: skip
        rows = tuple(((words(day, bold=True),), *[()] * len(heads)) for day in dates)
        head = tuple((words(text),) for text in (p["diary_date"], *heads))
        yield Grid((84, *[420 / len(heads)] * len(heads)), (head, *rows), height=20)

    def grid(self, corner: str, options: Iterable[object], rows: Iterable[Question]) -> Grid:
        names = [getattr(option, "name") for option in options]  # noqa: B009
        heads = ((words(corner),), *((words(name, bold=True),) for name in names))
        cells = (((words(r.question, bold=True),), *map(self.cell, r.cells)) for r in rows)
        return Grid((84, *[420 / len(names)] * len(names)), (heads, *cells))

    def cell(self, cell: Cell) -> tuple[Inline, ...]:
        if cell.harms:
            return tuple(self.harms(cell.harms))
        before = words(f"{cell.before[:1].upper()}{cell.before[1:]} ") if cell.before else ()
        strong = words(f"{' '.join(part for part in (cell.key, cell.unit) if part)} ", bold=True)
        return ((*before, *strong, *cell.text),)

    def harms(self, shown: Harms) -> Iterator[Inline]:
        if shown.lead:
            yield shown.lead
        for group in shown.groups:
            told = "; ".join(f"{harm.number} {harm.what}".strip() for harm in group.harms)
            yield (*words(f"{group.label} ", bold=True), *words(told))

    def harms_table(self, harms: Harms) -> tuple[Block, ...]:
        heads = ((harms.lead,), (words(self.p["it_stays"]),), (words(self.p["it_passes"]),))
        rows = (
            ((words(row.what),), *((words(number or self.p["not_known"]),) for number in (row.stays, row.passes)))
            for row in harms.rows
        )
        return (Grid((238, 70, 70), (heads, *rows)),)

    def hundred(self, title: str, shown: Hundred | None, *, unknown: bool) -> Iterator[Block]:
        if shown is None:
            if unknown:
                yield Words(words(title, bold=True))
                yield Words(words(f"{self.p['not_known']} {self.p['no_numbers']}"))
            return
        yield Words(words(shown.title, bold=True))
        told = [f"{count} {label}" for count, label in zip(shown.counts, shown.labels, strict=True)]
        svg = figures.people(shown.counts, "100 people", self.colors.ink, "#ffffff")
        yield Drawing(svg, f"{self.p['hundred_people']} {'; '.join(told)}.", 120)
        yield Words(shown.caption)
        for index, text in enumerate(told):
            kind = figures.kind_of(shown.counts, index)
            yield Drawing(figures.person(kind, self.colors.ink, "#ffffff", "A person"), "A person", 10)
            yield Words(words(text))

    def row(self, section: Section, before: tuple[Block, ...] = ()) -> Row:
        return Row(section.heading, (*before, *(block for item in section.blocks for block in self.prose(item))))

    def prose(self, item: object) -> Iterator[Block]:
        if isinstance(item, Paragraph):
            yield Words(item.runs)
        elif isinstance(item, Items):
            yield Points(item.items)
        elif isinstance(item, Figure):
            svg = figures.read(self.drawings.file(item.name))
            svg = figures.for_side(svg, self.look.side) if item.name in self.drawings.sided else svg
            yield Drawing(svg, item.alt, round(figures.size(svg)[0] * 0.4, 1))
            yield Words(item.caption)

    def field(self, field: Field) -> Iterator[Block]:
        yield Words((*words(f"{field.label}: ", bold=True), *words(field.text or "")))
        if not field.text:
            yield Lines(2)

    def blank(self, label: str, value: str | None = None) -> Words:
        return Words((*words(f"{label} ", bold=True), *words(value or "_" * 20)))
