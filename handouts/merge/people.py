"""The pictures of 100 people on an option's sheet. Part of step 2, merge.

A picture stands for what its heading asks: under the heading of the harms it is of a harm, under any other of what the
option does. Its title claims no more than that. And a frame says "not known" only where no number is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from handouts.load.markdown import inline_text
from handouts.merge.cells import Option
from handouts.merge.references import Resolver
from handouts.model.document import HARMS
from handouts.model.prose import Inline, People, Section, inlines
from handouts.model.sheets import PeoplePair, Picture

BENEFIT = "works"
"""The row whose question the main benefit answers."""


def people_of(option: Option, rows: Mapping[str, str], resolver: Resolver, words: Mapping[str, str]) -> PeoplePair:
    """What is drawn, and what is said not to be known. ``rows``: the question of each row; ``words``: of the page.

    Without a heading of harms there is nothing to set against the picture, which stands after its own section.
    """
    asked = rows.get(HARMS, "")
    headings = [section.heading for section in option.sections]
    harms = [section for section in option.sections if section.heading == asked]
    others = [section for section in option.sections if section.heading != asked]
    benefit, harm = _first(others, option, resolver), _first(harms, option, resolver)
    if benefit and benefit.title == rows.get(BENEFIT):
        benefit = replace(benefit, title=words["how_many_helped"])
    if harm and _all_stay(option, harms):
        harm = replace(harm, title=words["how_many_harmed"])
    drawn_in = [bool(_people(section)) for section in option.sections]
    return PeoplePair(
        after=headings.index(asked) if harms else drawn_in.index(True) if benefit else -1,
        benefit=benefit,
        harm=harm,
        benefit_unknown=bool(harms) and not benefit and not _tells_benefit(option, others, resolver),
        harm_unknown=bool(harms) and not harm and not _tells_lasting_harm(option, harms, resolver),
    )


def without_people(section: Section) -> Section:
    """A section without its pictures of people."""
    return replace(section, blocks=tuple(block for block in section.blocks if not isinstance(block, People)))


def _people(section: Section) -> list[People]:
    return [block for block in section.blocks if isinstance(block, People)]


def _first(sections: Iterable[Section], option: Option, resolver: Resolver) -> Picture | None:
    """The first picture in ``sections`` (loading refuses a second), under its section's heading."""
    for section in sections:
        for block in _people(section):
            picture = resolver.picture(block, option.file)
            return replace(picture, title=section.heading) if picture else None
    return None


def _all_stay(option: Option, harms: Iterable[Section]) -> bool:
    """Whether all that is drawn of the harms is a harm that stays."""
    drawn = {name for section in harms for block in _people(section)[:1] for name in block.numbers}
    return drawn <= {entry.stays for entry in option.head.harms}


def _tells_benefit(option: Option, others: Iterable[Section], resolver: Resolver) -> bool:
    head = option.head
    cells = [text for told in (head.grid, head.glance) for name, text in told.items() if name != HARMS]
    texts = [inline_text(text) for text in (head.one_line, head.takeaway, *cells)]
    return _counts([*texts, *_texts(others)], resolver)


def _tells_lasting_harm(option: Option, harms: Iterable[Section], resolver: Resolver) -> bool:
    """An entry with ``stays: true`` says itself that the number is not known."""
    entries = option.head.harms
    if any(entry.stays and entry.stays != "true" for entry in entries):
        return True
    if any(entry.stays for entry in entries):
        return False
    counted = any(_is_count(name, resolver) for entry in entries for name in entry.numbers)
    return counted or _counts(_texts(harms), resolver)


def _texts(sections: Iterable[Section]) -> list[Inline]:
    return [runs for section in sections for runs in inlines(section.blocks)]


def _counts(texts: Iterable[Inline], resolver: Resolver) -> bool:
    """Whether a text tells how many have or get something."""
    return any(_is_count(run.number.partition(".")[0], resolver) for runs in texts for run in runs if run.number)


def _is_count(name: str, resolver: Resolver) -> bool:
    number = resolver.topic.file.numbers.get(name)
    return bool(number and number.out_of)
