"""The answers of the comparison: a large number or word, and harms by kind. Part of step 2, merge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from handouts.load.markdown import inline_text
from handouts.merge.references import Resolver, place_marks
from handouts.model.content import Topic, Words
from handouts.model.document import HARMS, Document, HarmEntry, OptionHead
from handouts.model.harms import Harm, HarmGroup, HarmRow, Harms
from handouts.model.language import comma
from handouts.model.number_words import NumberWords
from handouts.model.prose import Inline, Run
from handouts.model.sheets import Cell, Row
from handouts.model.topic_file import Number

_BOLD_START = re.compile(r"\*\*(.+?)\*\*\s*(.*)", re.S)
LATER = frozenset({"suits", "living", "sure"})
"""Rows that page 1 leaves to the comparison; of the others it shows four at most."""
MOST_AT_A_GLANCE = 4
Option = Document[OptionHead]


def comparison_rows(options: Sequence[Option], topic: Topic, resolver: Resolver, words: Words) -> tuple[Row, ...]:
    """All rows, each with every option's whole answer."""
    return tuple(
        Row(name, topic.words.rows[name], tuple(_cell(option, name, resolver, words) for option in options))
        for name in topic.row_names
    )


def glance_rows(options: Sequence[Option], topic: Topic, resolver: Resolver, words: Words) -> tuple[Row, ...]:
    """The rows of page 1: shortened, with the foremost harms."""
    names = [name for name in topic.row_names if name not in LATER][:MOST_AT_A_GLANCE]
    return tuple(
        Row(name, topic.words.rows[name], tuple(_short_cell(option, name, resolver, words) for option in options))
        for name in names
    )


def _cell(option: Option, name: str, resolver: Resolver, words: Words) -> Cell:
    if name == HARMS and option.head.harms:
        return Cell((), harms=harms_of(option, resolver, words))
    return _answer(option.head.grid[name], option.file, resolver)


def _short_cell(option: Option, name: str, resolver: Resolver, words: Words) -> Cell:
    if name == "what":
        return Cell(resolver.text(option.head.one_line, option.file))
    if name in option.head.glance:
        return _answer(option.head.glance[name], option.file, resolver)
    cell = _cell(option, name, resolver, words)
    return Cell((), harms=cell.harms.foremost()) if cell.harms else cell


def _answer(text: str, file: str, resolver: Resolver) -> Cell:
    """One that begins with a number or a bold word shows it large."""
    if found := _BOLD_START.fullmatch(text):
        return Cell(resolver.text(found[2], file), key=found[1].rstrip("."))
    first, *rest = inline_text(text)
    number = resolver.topic.file.numbers.get(first.number) if first.number else None
    if number is None:
        return Cell(resolver.text(text, file))
    said = resolver.topic.numbers
    of = f" {said.phrase(number.of, number.out_of)}" if number.out_of else ""
    start = Run(of, cites=(resolver.mark(number.source),))
    told = resolver.runs(tuple(rest), file)
    return Cell(
        place_marks((start, *told)),
        key=said.count(number),
        unit=said.share(number),
        before=said.qualifier(number),
    )


def harms_of(option: Option, resolver: Resolver, words: Words) -> Harms:
    """An option's harms, by kind: those that stay and pass, others, how often others are, the gravest."""
    entries = option.head.harms
    numbers = {
        name: number for entry in entries for name in entry.numbers if (number := resolver.number(name, option.file))
    }
    said = resolver.topic.numbers
    lasting = list(_lasting(entries, numbers, option.head, words, said))
    late = [group for group in lasting if group.kind == "passes" and not _is_counted(group)]
    first = [group for group in lasting if group not in late]
    counted = _counted(entries, numbers, option.head.harm_labels.get("also"), said)
    groups = [*first, *counted, *late, *_others(entries, numbers, words, said)]
    return Harms(_lead(numbers, resolver, words), tuple(groups), tuple(_rows(entries, numbers, said)))


def _is_counted(group: HarmGroup) -> bool:
    return any(harm.number for harm in group.harms)


def _lead(numbers: dict[str, Number], resolver: Resolver, words: Words) -> Inline:
    counted = [number for number in numbers.values() if number.out_of == 100]
    if not counted:
        return ()
    first, said = counted[0], resolver.topic.numbers
    one_time = first.over and all(number.over == first.over for number in counted)
    form = words.page["harms_over" if one_time and not first.each_time else "harms_of"]
    text = form.format(out_of=first.out_of, of=said.phrase(first.of, first.out_of), over=said.phrase(first.over or ""))
    cites = dict.fromkeys(resolver.mark(number.source) for number in numbers.values())
    return (Run(text), Run("", cites=tuple(cites)))


def _lasting(
    entries: Sequence[HarmEntry], numbers: dict[str, Number], head: OptionHead, words: Words, said: NumberWords
) -> Iterator[HarmGroup]:
    for kind in ("stays", "passes"):
        found = [
            Harm(name, said.count(numbers[value]) if value in numbers else "")
            for entry in entries
            if (value := getattr(entry, kind))
            for name in entry.names
        ]
        if found:
            usual = words.page[kind if any(harm.number for harm in found) else f"may_{kind}"]
            yield HarmGroup(kind, head.harm_labels.get(kind, usual), tuple(found))


def _counted(
    entries: Sequence[HarmEntry], numbers: dict[str, Number], label: str | None, said: NumberWords
) -> Iterator[HarmGroup]:
    """Harms of which it is only known how many have them, right below what the numbers count: "Cold hands: 5", or all
    behind a ``label`` of the author's.
    """
    left = [entry for entry in entries if not entry.stays and not entry.passes]
    known = [(entry.names[0], numbers[entry.number]) for entry in left if entry.number in numbers]
    told = [(name, number) for name, number in known if number.out_of != 1000]
    if label and told:
        yield HarmGroup("counted", label, tuple(Harm(name, said.count(number)) for name, number in told))
        return
    first = next((number for number in numbers.values() if number.out_of == 100), None)
    for name, number in told:
        yield HarmGroup("counted", f"{name[:1].upper()}{name[1:]}:", (Harm("", _count_of(number, first, said)),))


def _count_of(number: Number, first: Number | None, said: NumberWords) -> str:
    """ "about 5" where ``first`` says out of what, too, and over what time; else all of it."""
    if first and (number.out_of, number.of, number.over) == (first.out_of, first.of, first.over):
        return said.about_count(number)
    over = said.over(number)
    return f"{said.whole(number)}{comma(said.language)} {over}" if over else said.whole(number)


def _others(
    entries: Sequence[HarmEntry], numbers: dict[str, Number], words: Words, said: NumberWords
) -> Iterator[HarmGroup]:
    left = [entry for entry in entries if not entry.stays and not entry.passes]
    rare = [entry for entry in left if entry.number in numbers and numbers[entry.number].out_of == 1000]
    rest = [entry for entry in left if entry.number not in numbers]
    also = [Harm(name, "") for entry in rest if not entry.how_often for name in entry.names]
    if also:
        yield HarmGroup("also", words.page["also"], tuple(also))
    for label, alike in groupby((entry for entry in rest if entry.how_often), key=lambda entry: entry.how_often):
        yield HarmGroup("often", label or "", tuple(Harm(name, "") for entry in alike for name in entry.names))
    for words_of, same in groupby(rare, key=lambda entry: said.without_of(numbers[entry.number or ""])):
        names = [entry.names[0] for entry in same]
        each = f"{words.page['each']} {words_of}" if len(names) > 1 else words_of
        label = f"{comma(said.language)} ".join(names)
        yield HarmGroup("gravest", f"{label[:1].upper()}{label[1:]}:", (Harm("", each),))


def _rows(entries: Sequence[HarmEntry], numbers: dict[str, Number], said: NumberWords) -> Iterator[HarmRow]:
    """The table: of use where some of the same 100 have a harm that stays, and others one that passes."""
    both = [entry for entry in entries if entry.stays in numbers and entry.passes in numbers]
    for entry in both:
        stays, passes = (numbers.get(name) for name in entry.numbers)
        if stays and passes:
            yield HarmRow(entry.names[0], said.count(stays), said.count(passes))
