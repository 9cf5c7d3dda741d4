"""The answers of the comparison: a large number or word first, and harms by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from handouts.merge.cells import comparison_rows, glance_rows, harms_of
from handouts.merge.references import Resolver
from handouts.model.content import Library
from handouts.model.document import HarmEntry
from handouts.model.harms import Harm, HarmGroup, HarmRow, Harms
from handouts.model.prose import plain
from handouts.model.sheets import Cell


def resolver(library: Library, **numbers: dict[str, Any]) -> Resolver:
    """For the topic, with further numbers; each is of miller-2012, over a year, out of 100 people if it is not said."""
    usual = {"out_of": 100, "over": "a year", "source": "miller-2012"}
    file = library.topic.file
    number = type(file.numbers["mvd-relief"])
    more = {name: number(**(usual | given)) for name, given in numbers.items()}
    return Resolver(replace(library.topic, file=file.model_copy(update={"numbers": {**file.numbers, **more}})))


def cell(library: Library, text: str, row: str = "works", **numbers: dict[str, Any]) -> Cell:
    """The answer of an option that says ``text`` in a row of the comparison."""
    option = library.topic.options["botox"]
    grid = {**option.head.grid, row: text}
    changed = replace(option, head=option.head.model_copy(update={"grid": grid}))
    found = comparison_rows([changed], library.topic, resolver(library, **numbers), library.words)
    return next(line for line in found if line.name == row).cells[0]


def harms(library: Library, *entries: dict[str, Any], labels: dict[str, str] | None = None, **numbers: Any) -> Harms:
    """Those of an option with these entries."""
    option = library.topic.options["botox"]
    told = {"harms": tuple(HarmEntry(**entry) for entry in entries), "harm_labels": labels or {}}
    changed = replace(option, head=option.head.model_copy(update=told))
    return harms_of(changed, resolver(library, **numbers), library.words)


def told(groups: Sequence[HarmGroup]) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Kind -> its label, and each harm with its number."""
    return {group.kind: (group.label, [(harm.what, harm.number) for harm in group.harms]) for group in groups}


# a large number or word


def test_a_number_at_the_start_is_large_and_keeps_its_denominator_and_its_mark(library: Library) -> None:
    made = cell(library, "{mvd-relief} free of spasm after {mvd-relief.over}.")
    assert (made.before, made.key, made.unit) == ("", "91", "out of 100")
    assert plain(made.text) == " people free of spasm after about 3 years."
    assert made.text[-1].cites == (2,)


@pytest.mark.parametrize(
    ("text", "before", "key", "unit", "rest"),
    [
        ("{mvd-relief-2} got better.", "about", "85", "out of 100", "people got better."),
        ("{mvd-death} died.", "fewer than", "1", "out of 1,000", "people died."),
        ("{botox-duration} in one study.", "about", "12", "weeks", "in one study."),
        ("{botox-ptosis} did.", "", "12", "out of 100", "treatments did."),
        ("**Most** people improve.", "", "Most", "", "people improve."),
        ("**Not known.** Ask us.", "", "Not known", "", "Ask us."),
        ("**Not known.**", "", "Not known", "", ""),
        ("Most people improve.", "", "", "", "Most people improve."),
        ("For 12 weeks.", "", "", "", "For 12 weeks."),
    ],
)
def test_what_stands_at_the_start_is_large_if_it_is_a_number_or_bold(
    library: Library, text: str, before: str, key: str, unit: str, rest: str
) -> None:
    for row in ("works", "lasts"):
        made = cell(library, text, row)
        assert (made.before, made.key, made.unit, plain(made.text).strip()) == (before, key, unit, rest)


def test_a_part_of_a_number_is_no_large_number(library: Library) -> None:
    made = cell(library, "{mvd-relief.rest} out of them are not free.")
    assert (made.key, plain(made.text)) == ("", "9 out of them are not free.")


def test_large_counts_are_grouped(library: Library) -> None:
    made = cell(library, "{steps}.", steps={"count": 1200, "out_of": None, "unit": "steps", "over": None})
    assert (made.key, made.unit) == ("1,200", "steps")


def test_a_number_at_the_start_is_large_in_any_row(library: Library) -> None:
    for row in ("what", "suits", "living", "sure"):
        made = cell(library, "{mvd-relief} of them.", row)
        assert (made.key, made.unit, plain(made.text)) == ("91", "out of 100", " people of them.")


def test_a_number_that_is_not_there_is_told(library: Library) -> None:
    option = library.topic.options["botox"]
    grid = {**option.head.grid, "works": "{nope} of them."}
    asked = Resolver(library.topic)
    comparison_rows(
        [replace(option, head=option.head.model_copy(update={"grid": grid}))], library.topic, asked, library.words
    )
    assert ["there is no number 'nope'" in fault.message for fault in asked.faults] == [True]


# page 1


def test_page_1_has_the_shorter_answers_where_there_are_some(library: Library) -> None:
    option = library.topic.options["microvascular-decompression"]
    rows = {
        row.name: row.cells[0] for row in glance_rows([option], library.topic, Resolver(library.topic), library.words)
    }
    assert list(rows) == ["what", "works", "lasts", "harms"]
    assert plain(rows["what"].text) == option.head.one_line
    assert plain(rows["works"].text) == " people free of spasm. Second review: about 85."
    medicines = library.topic.options["no-treatment"]
    whole = comparison_rows([medicines], library.topic, Resolver(library.topic), library.words)
    short = glance_rows([medicines], library.topic, Resolver(library.topic), library.words)
    assert "works" not in medicines.head.glance
    assert short[1].cells == whole[list(library.topic.row_names).index("works")].cells


def test_page_1_names_the_lasting_the_counted_passing_and_the_gravest_harms(library: Library) -> None:
    option = library.topic.options["microvascular-decompression"]
    made = glance_rows([option], library.topic, Resolver(library.topic), library.words)[3].cells[0].harms
    assert made is not None
    assert told(made.groups) == {
        "stays": ("Stays:", [("hearing loss", "2"), ("weak face", "1")]),
        "passes": ("Passes:", [("hearing loss", "3"), ("weak face", "10")]),
        "counted": ("Fluid leak:", [("", "1")]),
        "gravest": ("Stroke, death:", [("", "each fewer than 1 out of 1,000")]),
    }
    assert made.rows == ()


def test_of_passing_harms_page_1_keeps_the_counted_and_where_none_is_counted_all(library: Library) -> None:
    some = [{"what": "pain", "passes": "a"}, {"what": ["swelling", "a rash"], "passes": "true"}]
    assert told(harms(library, *some, a={"count": 4}).foremost().groups)["passes"][1] == [("pain", "4")]
    none = harms(library, some[1]).foremost()
    assert told(none.groups)["passes"][1] == [("swelling", ""), ("a rash", "")]


def test_lasting_harms_all_stay_on_page_1_counted_or_not(library: Library) -> None:
    made = harms(library, {"what": "pain", "stays": "a"}, {"what": "scars", "stays": "true"}, a={"count": 4})
    assert made.foremost().groups == made.groups


def test_an_option_without_lasting_passing_or_grave_harms_keeps_what_it_has_on_page_1(library: Library) -> None:
    made = harms(library, {"what": "feeling tired", "how_often": "Many:"}, {"what": "nausea"})
    assert {group.kind for group in made.groups} == {"also", "often"}
    assert made.foremost().groups == made.groups


def test_of_harms_none_of_which_stays_page_1_has_the_counted_ones_and_the_first_of_the_others(library: Library) -> None:
    made = harms(
        library,
        {"what": "low mood", "how_often": "Get help:"},
        {"what": "a rash", "how_often": "Rarely:"},
        {"what": "burning", "number": "a"},
        {"what": "fever"},
        a={"count": 23},
    )
    assert told(made.foremost().groups) == {
        "counted": ("Burning:", [("", "23")]),
        "often": ("Get help:", [("low mood", "")]),
    }


def test_what_numbers_count_stands_on_page_1_only_with_the_harm_that_is_counted(library: Library) -> None:
    cold = {"what": "cold hands", "number": "cold"}
    tired = {"what": "tiredness", "passes": "true"}
    made = harms(library, tired, cold, cold={"count": 5}).foremost()
    assert [(group.label, [harm.number for harm in group.harms]) for group in made.groups] == [
        ("Cold hands:", ["5"]),
        ("Usually passes:", [""]),
    ]
    assert plain(made.lead).startswith("Of 100 people")
    only = harms(library, tired, {"what": "pain", "number": "rare"}, rare={"count": 2, "out_of": 1000}).foremost()
    assert plain(only.lead) == ""


def test_a_count_that_is_out_of_something_else_says_all_of_it(library: Library) -> None:
    cold, hot = {"what": "cold hands", "number": "cold"}, {"what": "hot hands", "number": "hot"}
    over = {"count": 7, "over": "ten years", "about": True}
    made = harms(library, cold, hot, cold={"count": 5, "over": "a year"}, hot=over)
    assert [group.harms[0].number for group in made.groups] == ["5", "about 7 out of 100 people, over ten years"]


# harms by kind


def test_harms_stand_by_kind_in_the_same_order_whatever_the_order_in_the_file(library: Library) -> None:
    entries = [
        {"what": "stroke", "number": "rare"},
        {"what": ["a cough", "a cold"], "how_often": "Very few:"},
        {"what": "infection"},
        {"what": "fluid leak", "number": "leak"},
        {"what": "hearing loss", "stays": "lost", "passes": "dull"},
    ]
    numbers = {
        "rare": {"count": 2, "out_of": 1000},
        "leak": {"count": 3},
        "lost": {"count": 1},
        "dull": {"count": 5},
    }
    for order in (entries, entries[::-1]):
        made = harms(library, *order, **numbers)
        kinds = ["stays", "passes", "counted", "also", "often", "gravest"]
        assert [group.kind for group in made.groups] == kinds
    assert told(made.groups) == {
        "stays": ("Stays:", [("hearing loss", "1")]),
        "passes": ("Passes:", [("hearing loss", "5")]),
        "counted": ("Fluid leak:", [("", "3")]),
        "also": ("Also:", [("infection", "")]),
        "often": ("Very few:", [("a cough", ""), ("a cold", "")]),
        "gravest": ("Stroke:", [("", "2 out of 1,000")]),
    }


def test_where_no_number_is_known_the_words_promise_less(library: Library) -> None:
    made = told(harms(library, {"what": "scars", "stays": "true"}, {"what": "pain", "passes": "true"}).groups)
    assert (made["stays"][0], made["passes"][0]) == ("May stay:", "Usually passes:")


def test_an_option_may_say_in_its_own_words_that_harms_stay_or_pass(library: Library) -> None:
    made = harms(library, {"what": "pain", "passes": "true"}, labels={"passes": "Gone in days:"})
    assert told(made.groups)["passes"][0] == "Gone in days:"


def test_an_option_may_say_in_its_own_words_what_its_other_harms_are(library: Library) -> None:
    made = harms(library, {"what": "burning", "number": "a"}, labels={"also": "In one hospital:"}, a={"count": 23})
    assert told(made.groups) == {"counted": ("In one hospital:", [("burning", "23")])}


def test_a_harm_that_is_said_once_is_read_as_one_and_several_as_each(library: Library) -> None:
    pair = [{"what": "stroke", "number": "a"}, {"what": "death", "number": "b"}]
    few = {"count": 1, "out_of": 1000, "fewer": True}
    both = harms(library, *pair, a=few, b=few).groups
    assert both == (HarmGroup("gravest", "Stroke, death:", (Harm("", "each fewer than 1 out of 1,000"),)),)
    apart = harms(library, *pair, a=few, b={"count": 3, "out_of": 1000}).groups
    assert [(group.label, group.harms[0].number) for group in apart] == [
        ("Stroke:", "fewer than 1 out of 1,000"),
        ("Death:", "3 out of 1,000"),
    ]


def test_harms_that_are_as_frequent_stand_together(library: Library) -> None:
    made = harms(
        library,
        {"what": "a cough", "how_often": "Many:"},
        {"what": "a cold", "how_often": "Many:"},
        {"what": "a fall", "how_often": "Rarely:"},
    )
    assert [(group.label, len(group.harms)) for group in made.groups] == [("Many:", 2), ("Rarely:", 1)]


# what the numbers count


@pytest.mark.parametrize(
    ("number", "lead"),
    [
        ({"count": 2}, "Of 100 people, over a year:"),
        ({"count": 2, "over": "about 3 years"}, "Of 100 people, over about 3 years:"),
        ({"count": 2, "of": "treatments", "over": "each treatment"}, "Of 100 treatments:"),
    ],
)
def test_the_lead_says_what_is_counted_over_what_time_with_the_source(
    library: Library, number: dict[str, Any], lead: str
) -> None:
    made = harms(library, {"what": "pain", "stays": "a"}, a=number)
    assert plain(made.lead) == lead
    assert made.lead[-1].cites == (2,)


def test_the_lead_names_no_time_where_the_numbers_were_counted_over_several(library: Library) -> None:
    entries = [{"what": "pain", "stays": "a"}, {"what": "leak", "number": "b"}]
    made = harms(library, *entries, a={"count": 2, "over": "5 years"}, b={"count": 3, "over": "a week"})
    assert plain(made.lead) == "Of 100 people:"


def test_the_sources_of_all_numbers_stand_in_one_mark(library: Library) -> None:
    made = harms(
        library,
        {"what": "pain", "stays": "a", "passes": "b"},
        {"what": "stroke", "number": "c"},
        a={"count": 2},
        b={"count": 3, "source": "anzjo-1994"},
        c={"count": 1, "out_of": 1000},
    )
    assert [run.cites for run in made.lead if run.cites] == [(2, 4)]


def test_harms_that_nobody_counted_have_no_lead(library: Library) -> None:
    assert harms(library, {"what": "pain", "passes": "true"}).lead == ()


# the table


def test_the_table_has_a_row_for_each_harm_that_stays_in_some_and_passes_in_others(library: Library) -> None:
    made = harms(
        library,
        {"what": "hearing loss", "stays": "a", "passes": "b"},
        {"what": "a weak face", "stays": "a", "passes": "true"},
        {"what": "pain", "passes": "b"},
        {"what": "stroke", "number": "a"},
        a={"count": 2},
        b={"count": 30},
    )
    assert made.rows == (HarmRow("hearing loss", "2", "30"),)


def test_every_harm_of_the_topic_stands_in_a_group(library: Library) -> None:
    for option in library.topic.options.values():
        if option.head.harms:
            made = harms_of(option, Resolver(library.topic), library.words)
            text = " ".join(f"{group.label} {harm.what}" for group in made.groups for harm in group.harms).casefold()
            for entry in option.head.harms:
                assert all(name.casefold() in text for name in entry.names), (option.file, entry)
