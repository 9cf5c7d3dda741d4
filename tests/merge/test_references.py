"""References in prose: numbers in words, source marks, pictures."""

from __future__ import annotations

import pytest

from handouts.merge.references import Resolver
from handouts.model.content import Library, Number
from handouts.model.prose import plain


@pytest.mark.parametrize(
    ("reference", "printed"),
    [
        ("mvd-relief", "91 out of 100 people"),
        ("mvd-relief.count", "91"),
        ("mvd-relief.rest", "9"),
        ("mvd-relief.out_of", "100"),
        ("mvd-relief.over", "about 3 years"),
        ("mvd-relief-2", "about 85 out of 100 people"),
        ("mvd-death", "fewer than 1 out of 1,000 people"),
        ("botox-duration", "about 12 weeks"),
        ("botox-ptosis", "12 out of 100 treatments"),
    ],
)
def test_a_number_is_printed_in_words_with_one_denominator(library: Library, reference: str, printed: str) -> None:
    resolver = Resolver(library.topic)
    assert plain(resolver.text(f"{{{reference}}}", "f")) == printed
    assert not resolver.faults


def test_a_whole_number_carries_its_source_and_a_part_of_it_none(library: Library) -> None:
    resolver = Resolver(library.topic)
    (whole,) = resolver.text("{mvd-relief}", "f")
    (part,) = resolver.text("{mvd-relief.rest}", "f")
    (cite,) = resolver.text("{cite:duarte-2020}", "f")
    assert (whole.cites, part.cites, cite.cites, cite.text) == ((1,), (), (2,), "")


def test_a_source_has_one_mark_wherever_it_is_cited(library: Library) -> None:
    resolver = Resolver(library.topic)
    marks = [run.cites for run in resolver.text("{mvd-relief} {botox-duration} {mvd-csf-leak}", "f") if run.cites]
    assert marks == [(1,), (2,), (1,)]


def test_a_form_that_a_number_does_not_have_is_told(library: Library) -> None:
    resolver = Resolver(library.topic)
    for text in ("{botox-duration.rest}", "{botox-duration.over}", "{mvd-relief.median}"):
        resolver.text(text, "f.md")
    assert len(resolver.faults) == 3


def test_large_counts_are_grouped() -> None:
    assert Number(count=1200, unit="steps", source="s").words() == "1,200 steps"
