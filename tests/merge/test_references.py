"""References in prose: numbers in words, source marks, pictures."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.load.markdown import inline_text
from handouts.merge.references import Resolver
from handouts.model.content import Library
from handouts.model.prose import Inline, Run, plain
from handouts.model.topic_file import Number


def shown(runs: Inline) -> str:
    """The words with their marks in brackets; a mark of two numbers is "[3, 4]"."""
    return "".join(run.text + (f"[{', '.join(map(str, run.cites))}]" if run.cites else "") for run in runs)


def marked(library: Library, text: str) -> str:
    return shown(Resolver(library.topic).text(text, "f"))


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
    assert marked(library, "{mvd-relief}") == "91 out of 100 people[2]"
    assert marked(library, "{mvd-relief.rest}") == "9"
    assert marked(library, "{cite:duarte-2020}") == "[5]"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("{mvd-relief} got better. Not all.", "91 out of 100 people got better.[2] Not all."),
        ("In all {mvd-relief}, it helped.", "In all 91 out of 100 people, it helped.[2]"),
        ("It helped ({mvd-relief}).", "It helped (91 out of 100 people).[2]"),
        ('They say: "it helped {mvd-relief}." Ask us.', 'They say: "it helped 91 out of 100 people."[2] Ask us.'),
        ("Did it help {mvd-relief}? Yes.", "Did it help 91 out of 100 people?[2] Yes."),
        ("The proof is weak {cite:duarte-2020}.", "The proof is weak.[5]"),
        ("The proof is weak. {cite:duarte-2020}", "The proof is weak.[5]"),
        ("The proof is weak. {cite:duarte-2020} Ask us.", "The proof is weak.[5] Ask us."),
        ("Weak {cite:duarte-2020}, they say. Ask us.", "Weak, they say.[5] Ask us."),
        ("Some {cite:duarte-2020} feel better.", "Some feel better.[5]"),
        ("- no full stop {cite:duarte-2020}", "- no full stop[5]"),
        ("{botox-duration} in one study. Ask.", "about 12 weeks in one study.[4] Ask."),
        ("For 2.5 days {cite:duarte-2020} more. Ask.", "For 2.5 days more.[5] Ask."),
    ],
)
def test_a_mark_stands_after_the_full_stop_of_its_sentence_and_no_space_before_it(
    library: Library, text: str, printed: str
) -> None:
    assert marked(library, text) == printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("It helps {cite:jcraniofac-2015} {cite:anzjo-1994}.", "It helps.[3, 4]"),
        ("It helps. {cite:jcraniofac-2015} {cite:anzjo-1994}", "It helps.[3, 4]"),
        ("It helps {cite:jcraniofac-2015}. {cite:anzjo-1994} Ask.", "It helps.[3, 4] Ask."),
        ("{mvd-relief-2} or {botox-duration}.", "about 85 out of 100 people or about 12 weeks.[3, 4]"),
        ("{mvd-relief}, {mvd-recurrence}.", "91 out of 100 people, 2 out of 100 people.[2]"),
        ("{mvd-relief}. {botox-duration}.", "91 out of 100 people.[2] about 12 weeks.[4]"),
    ],
)
def test_marks_of_one_sentence_stand_side_by_side_as_one_each_once(library: Library, text: str, printed: str) -> None:
    assert marked(library, text) == printed


def test_a_source_has_its_place_in_topic_yaml_as_its_number_in_whatever_order_it_is_cited(library: Library) -> None:
    places = list(library.topic.file.sources)
    for order in (places, places[::-1]):
        resolver = Resolver(library.topic)
        marks = [resolver.text(f"{{cite:{name}}}", "f")[0].cites for name in order]
        assert marks == [(places.index(name) + 1,) for name in order]


def test_bold_words_around_a_mark_stay_bold_and_lose_nothing(library: Library) -> None:
    written = (Run("Most ", bold=True), Run("", bold=True, number="cite:duarte-2020"), Run(" get better. Ask."))
    runs = Resolver(library.topic).runs(written, "f")
    assert [run.text for run in runs if run.bold] == ["Most "]
    assert shown(runs) == "Most get better.[5] Ask."


WORDS = st.lists(
    st.sampled_from(
        ["It ", "helps", ". ", "?", " ", ", ", "many (or all)", "2.5", "{mvd-relief}", "{cite:duarte-2020}"]
    ),
    max_size=12,
)


@given(parts=WORDS)
def test_no_word_and_no_mark_is_lost_and_no_mark_follows_a_space(library: Library, parts: list[str]) -> None:
    text = "".join(parts)
    runs = Resolver(library.topic).runs(inline_text(text), "f")
    without = text.replace("{cite:duarte-2020}", "").replace("{mvd-relief}", "91 out of 100 people")
    closed = [re.sub(r"\s+(?=[.,?!])", "", words) for words in (plain(runs), without)]
    assert closed[0].split() == closed[1].split()
    wanted = {number for name, number in (("{mvd-relief}", 2), ("{cite:duarte-2020}", 5)) if name in text}
    assert {number for run in runs for number in run.cites} == wanted
    assert " [" not in shown(runs).lstrip()
    assert "][" not in shown(runs)


def test_a_form_that_a_number_does_not_have_is_told(library: Library) -> None:
    resolver = Resolver(library.topic)
    for text in ("{botox-duration.rest}", "{botox-duration.over}", "{mvd-relief.median}"):
        resolver.text(text, "f.md")
    assert len(resolver.faults) == 3


def test_large_counts_are_grouped(library: Library) -> None:
    assert library.topic.numbers.whole(Number(count=1200, unit="steps", source="s")) == "1,200 steps"
