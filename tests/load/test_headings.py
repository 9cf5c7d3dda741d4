"""Headings that every file of a kind has: all that differs is told at once, with where it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from handouts.errors import ContentFault
from handouts.load.headings import misplaced_headings, misshaped_lists
from handouts.load.library import load_library
from handouts.load.markdown import sections
from handouts.model.prose import Section
from tests.topics import GUIDE, GUIDE_FILES, write_topic

WANTED = ("What is it?", "What happens?", "How well may it work?", "How sure are we?")


def told(*headings: str) -> list[str]:
    sections = [Section(heading, (), line) for line, heading in enumerate(headings, 1)]
    return [str(fault) for fault in misplaced_headings(sections, WANTED, "f.md")]


def test_the_headings_as_they_should_be_are_no_fault() -> None:
    assert told(*WANTED) == []


def test_a_heading_in_other_words_is_told_once_with_the_right_ones() -> None:
    (fault,) = told("What is it?", "What happens then?", *WANTED[2:])
    assert fault == "f.md:2: '## What happens then?' is no heading of this kind of file. Write '## What happens?'."


def test_a_heading_that_has_moved_is_told_alone() -> None:
    (fault,) = told("What is it?", "How sure are we?", "What happens?", "How well may it work?")
    assert (
        fault
        == "f.md:2: '## How sure are we?' is out of order; it belongs after the text under '## How well may it work?'"
    )


def test_the_first_heading_found_last_goes_first() -> None:
    (fault,) = told(*WANTED[1:], WANTED[0])
    assert fault == "f.md:4: '## What is it?' is out of order; it belongs first"


@pytest.mark.parametrize(("at", "line"), [(0, 1), (1, 2), (3, 0)])
def test_a_missing_heading_is_told_where_it_belongs(at: int, line: int) -> None:
    (fault,) = told(*WANTED[:at], *WANTED[at + 1 :])
    place = f"f.md:{line}" if line else "f.md"
    assert fault.startswith(f"{place}: the heading '## {WANTED[at]}' is missing; it belongs ")


def test_text_before_the_first_heading_is_told() -> None:
    assert told("", *WANTED) == ["f.md:1: text stands before the first heading; move it below '## What is it?'"]


def test_all_that_differs_is_told_at_once() -> None:
    found = told("Foreign", "What is it?", "How sure are we?", "How well may it wrk?", "What happens?")
    assert len(found) == 3
    for part in ("'## Foreign' is no heading", "' is out of order; it belongs", "Write '## How well may it work?'"):
        assert any(part in fault for fault in found)


def told_of_lists(text: str) -> list[str]:
    return [str(fault) for fault in misshaped_lists(sections(text, "f.md"), "Do", "Don't", "f.md")]


@pytest.mark.parametrize("heading", ["Do", "Don't", "Don\u2019t", "Doing it", "Done?", "What to do"])
def test_lists_to_do_and_not_to_do_are_no_fault_and_other_headings_neither(heading: str) -> None:
    assert told_of_lists(f"## {heading}\n\n- One\n") == []


@pytest.mark.parametrize(
    ("heading", "meant"),
    [("Dont", "Don't"), ("Do not", "Don't"), ("DON'T", "Don't"), ("Don'ts", "Don't"), ("Do:", "Do"), ("do", "Do")],
)
def test_a_heading_that_would_print_no_ticks_is_told_with_the_one_that_does(heading: str, meant: str) -> None:
    assert told_of_lists(f"## {heading}\n\n- One\n") == [
        f"f.md:1: '## {heading}' prints no ticks or crosses. Did you mean '## {meant}'?"
    ]


@pytest.mark.parametrize("heading", ["Do", "Don't"])
def test_prose_in_place_of_a_list_is_told(heading: str) -> None:
    assert told_of_lists(f"## {heading}\n\nCheck your sugar.\n") == [
        f"f.md:1: '## {heading}' needs a list under it: begin each of its lines with '- '"
    ]


@pytest.mark.parametrize("file", ["wound", "overview"])
def test_every_text_of_instructions_is_looked_through(content: Path, file: str) -> None:
    text = GUIDE_FILES[f"en/{file}.md"] + "\n## Dont\n\n- Run\n"
    write_topic(content, GUIDE, GUIDE_FILES, **{file: text.replace("## Don't\n\n- Lift", "## What not\n\n- Lift")})
    with pytest.raises(ContentFault, match="'## Dont' prints no ticks or crosses"):
        load_library(content, GUIDE)
