"""A topic holds all of its own: its kind, rows, headings and diary; its medicines belong to its options."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from handouts.cli import cli
from handouts.errors import ContentFault, RequestFault
from handouts.load.library import load_library
from handouts.merge.approval import printed_from
from handouts.merge.merge import Merged, merge
from handouts.model.prose import plain
from handouts.model.recorder import NullRecorder
from handouts.model.request import Request
from handouts.pipeline import make
from handouts.typeset.cache import SheetCache
from tests.clinics import say
from tests.conftest import KEY, TODAY
from tests.laid_out import html_of
from tests.reading_pdf import failures, page_texts
from tests.topics import CHOICE, CHOICE_FILES, GUIDE, GUIDE_FILES, write_topic

MergedOf = Callable[..., Merged]


def _request(topic: str, **over: Any) -> Request:
    return Request(**{"topic": topic, "patient": {"name": "Maria Gonzalez"}, **over})


@pytest.fixture
def merged(content: Path) -> MergedOf:
    write_topic(content, GUIDE, GUIDE_FILES)
    write_topic(content, CHOICE, CHOICE_FILES)
    return lambda topic, **over: merge(load_library(content, topic), _request(topic, **over), TODAY)


def _pdf(content: Path, sheets: SheetCache, topic: str, **over: Any) -> bytes:
    library, request = load_library(content, topic), _request(topic, **over)
    return make(library, request, key=KEY, today=TODAY, recorder=NullRecorder(), cache=sheets).pdf


# instructions


def test_instructions_have_sheets_of_their_own_and_no_comparison(merged: MergedOf) -> None:
    names = [name for name, _ in merged(GUIDE).handout.all_sheets()]
    assert names == ["front", "instructions", "questions", "diary"]


def test_optional_sections_are_printed_for_whom_the_request_names_them(merged: MergedOf) -> None:
    def parts(**over: Any) -> list[str]:
        instructions = merged(GUIDE, **over).handout.instructions
        assert instructions is not None
        return [part.name for part in instructions.parts]

    assert parts() == ["Your wrist"]
    assert parts(sections=["stitches"]) == ["Your wrist", "Your stitches"]


def test_a_sheet_of_instructions_is_printed_from_the_sections_that_it_has(merged: MergedOf, content: Path) -> None:
    def files(sheet: str, **over: Any) -> set[str]:
        handout = merged(GUIDE, **over).handout
        topic = load_library(content, GUIDE).topic
        return {name for name in printed_from(topic, handout, dict(handout.sheets())[sheet]) if name.startswith("en/")}

    for sheet in ("front", "instructions"):
        short, whole = files(sheet), files(sheet, sections=["stitches"])
        assert {"en/overview.md", "en/wound.md"} <= short
        assert whole - short == {"en/stitches.md"}, sheet
    assert "en/wound.md" not in files("questions")


def test_what_a_section_brings_stands_on_the_front_too(merged: MergedOf) -> None:
    short, whole = merged(GUIDE), merged(GUIDE, sections=["stitches"])
    assert [group.title for group in short.handout.front.calls] == ["At any time"]
    assert [group.title for group in whole.handout.front.calls] == ["At any time", "With stitches"]
    assert short.wording.steps == ("Rest today",)
    assert whole.wording.steps == ("Rest today", "Book a visit with the nurse")
    assert [day.when for day in whole.handout.front.timetable] == ["Day 1", "Day 2", "Week 1"]


def test_what_to_do_and_not_to_do_stays_in_the_authors_order(merged: MergedOf) -> None:
    instructions = merged(GUIDE).handout.instructions
    assert instructions is not None
    assert [section.heading for section in instructions.parts[0].sections] == ["Do", "Don't", "How does it heal?"]
    assert [field.label for field in instructions.parts[0].fields] == ["When you drive"]
    assert [plain(item) for item in instructions.checklist] == ["A driver to take me home", "My pills for the night"]


@pytest.mark.parametrize(
    ("topic", "over", "message"),
    [
        (GUIDE, {"options": ["wound"]}, "has no options: it is instructions"),
        (GUIDE, {"sections": ["stiches"]}, "Did you mean 'stitches'?"),
        (CHOICE, {}, "options is missing: dry-eye is a choice. It has drops, tablets, plugs."),
        (CHOICE, {"options": ["drops"], "sections": ["x"]}, "has no sections: it is a choice"),
        (CHOICE, {"options": ["drops"], "side": "left"}, "has no side 'left'. Leave side out."),
        ("hemifacial-spasm", {"options": ["botox"], "side": "both"}, "has no side 'both'. It has left, right."),
    ],
)
def test_a_request_for_the_other_kind_is_refused_with_the_way_out(
    merged: MergedOf, topic: str, over: dict[str, Any], message: str
) -> None:
    with pytest.raises(RequestFault, match=message.replace("?", r"\?")):
        merged(topic, **over)


@pytest.mark.parametrize("format_", ["standard", "large-print"])
@pytest.mark.parametrize("sections", [[], ["stitches"]])
def test_instructions_become_valid_pages_with_all_that_they_say(
    content: Path, sheets: SheetCache, format_: str, sections: list[str]
) -> None:
    write_topic(content, GUIDE, GUIDE_FILES)
    pdf = _pdf(content, sheets, GUIDE, format=format_, sections=sections)
    assert (failures(pdf, "ua1"), failures(pdf, "3a")) == ("", "")
    text = " ".join(" ".join(page_texts(pdf)).split())
    for words in ("Rest at home.", "Keep the band on for a day", "Rub the spot", "The spot bleeds", "Does it hurt?"):
        assert words in text
    assert ("A nurse takes them out." in text) == bool(sections)
    assert "Your options" not in text


def test_the_pages_that_say_what_to_do_are_called_as_the_topic_says(content: Path, merged: MergedOf) -> None:
    def title() -> str:
        made = merged(GUIDE).handout
        assert made.instructions is not None
        page = html_of(made.instructions, made.look, load_library(content, GUIDE))
        return page.partition("<h1>")[2].partition("</h1>")[0]

    assert title() == "What to do at home"
    path = content / "topics" / GUIDE / "en" / "overview.md"
    path.write_text(path.read_text("utf-8").replace("line:", "heading: Before your test\nline:", 1), encoding="utf-8")
    assert title() == "Before your test"


def test_a_choice_has_no_heading_for_what_to_do(content: Path) -> None:
    write_topic(content, CHOICE, CHOICE_FILES)
    path = content / "topics" / CHOICE / "en" / "overview.md"
    path.write_text(path.read_text("utf-8").replace("line:", "heading: Before your test\nline:", 1), encoding="utf-8")
    with pytest.raises(ContentFault, match=r"overview\.md:3: heading belongs to instructions"):
        load_library(content, CHOICE)


def test_the_practices_page_speaks_of_a_comparison_only_where_there_is_one(content: Path, merged: MergedOf) -> None:
    say(content, "practice_page", "true")

    def page(topic: str, **over: Any) -> str:
        made = merged(topic, **over).handout
        assert made.practice is not None
        return html_of(made.practice, made.look, load_library(content, topic))

    told = "not part of the comparison"
    assert told not in page(GUIDE)
    assert told not in page(CHOICE, options=["drops"])
    assert told in page(CHOICE, options=["drops", "plugs"])


def test_steps_of_the_whole_topic_stand_before_those_of_its_sections_and_none_goes_without(
    content: Path, merged: MergedOf
) -> None:
    merged(GUIDE)
    path = content / "topics" / GUIDE / "en" / "overview.md"
    steps = "next_steps: [Rest today, Call your driver, Drink water]"
    path.write_text(path.read_text("utf-8").replace("next_steps: [Rest today]", steps), encoding="utf-8")
    made = merge(load_library(content, GUIDE), _request(GUIDE, sections=["stitches"]), TODAY)
    assert made.wording.steps == ("Rest today", "Call your driver", "Book a visit with the nurse")


def test_topics_lists_sections_for_instructions_and_options_for_a_choice(content: Path, merged: MergedOf) -> None:
    merged(GUIDE)

    def listed(topic: str) -> str:
        return CliRunner().invoke(cli, ["--content", str(content), "topics", topic]).output

    assert "Options:" not in listed(GUIDE)
    _, _, sections = listed(GUIDE).partition("Sections:\n")
    assert [line.split() for line in sections.splitlines()[:2]] == [
        ["wound", "Your", "wrist"],
        ["stitches", "Your", "stitches", "(for", "whom", "the", "request", "names", "it)"],
    ]
    assert "Options:\n  drops" in listed(CHOICE)
    assert "Sections:" not in listed(CHOICE)


# a choice with rows, headings and a diary of its own


def test_a_choice_has_its_own_rows_headings_and_diary(merged: MergedOf) -> None:
    made = merged(CHOICE, options=["drops", "tablets"]).handout
    assert made.comparison is not None
    assert [row.question for row in made.comparison.rows] == ["What is it?", "Does it help?", "What does it cost?"]
    assert [section.heading for section in made.options[0].sections] == ["What is it?", "Does it help?"]
    assert made.diary is not None
    assert [column.question for column in made.diary.columns] == ["How dry?", "Which drops?"]


def test_what_several_options_or_medicines_say_alike_stands_on_the_front_once(content: Path) -> None:
    def with_head(name: str, line: str) -> str:
        return CHOICE_FILES[f"en/{name}.md"].replace("---\n", f"---\n{line}\n", 1)

    urgent = "urgent: [Very low mood]"
    calls = {name: f"call_us: {{when: After this, signs: [Red eye, {own}]}}" for name, own in
             (("drops", "A sting"), ("plugs", "A lost plug"))}  # fmt: skip
    own = {name: with_head(f"medicines/{name}", urgent) for name in ("pilocarpine", "steroid")}
    own |= {name: with_head(name, line) for name, line in calls.items()}
    write_topic(content, CHOICE, CHOICE_FILES, **own)
    options = ["drops", "tablets", "plugs"]
    front = merge(load_library(content, CHOICE), _request(CHOICE, options=options), TODAY).handout.front
    assert [plain(line) for line in front.urgent] == ["Very low mood"]
    groups = {group.title: [plain(sign) for sign in group.signs] for group in front.calls}
    assert groups["After this"] == ["Red eye", "A sting", "A lost plug"]
    assert len(groups) == len(front.calls)


def test_several_options_have_medicines_of_their_own_and_what_is_prescribed_is_told_in_any_case(
    merged: MergedOf,
) -> None:
    def told(**over: Any) -> tuple[list[str], list[str]]:
        made = merged(CHOICE, **over).handout.medicines
        return ([], []) if made is None else ([one.id for one in made.prescribed], [one.id for one in made.others])

    assert told(options=["drops"]) == ([], [])
    assert told(options=["tablets"]) == ([], ["pilocarpine"])
    assert told(options=["tablets", "plugs"]) == ([], ["pilocarpine", "steroid"])
    assert told(options=["drops"], medicines=[{"name": "Steroid"}]) == (["steroid"], [])
    assert told(options=["tablets"], medicines=[{"name": "Steroid"}]) == (["steroid"], ["pilocarpine"])


@pytest.mark.parametrize("format_", ["standard", "large-print"])
@pytest.mark.parametrize("options", [["tablets"], ["drops", "plugs"], ["drops", "tablets", "plugs"]])
def test_a_choice_without_numbers_figures_or_sources_becomes_valid_pages(
    content: Path, sheets: SheetCache, format_: str, options: list[str]
) -> None:
    write_topic(content, CHOICE, CHOICE_FILES)
    pdf = _pdf(content, sheets, CHOICE, format=format_, options=options)
    assert (failures(pdf, "ua1"), failures(pdf, "3a")) == ("", "")
    text = " ".join(page_texts(pdf))
    assert "spasm" not in text
    assert "Where the facts come from" not in text


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "topic.yaml",
            "rows: [what, relief, cost]",
            "rows: [what, releif]",
            "rows names 'releif', which has no question",
        ),
        ("topic.yaml", "kind: medicines, medicines: [steroid]", "medicines: [steroid]", "both or neither of kind"),
        ("topic.yaml", "version:", "sections: [{id: one}]\nversion:", "belongs to the other kind of topic"),
        (
            "topic.yaml",
            "version:",
            "kind: instructions\nversion:",
            "'sections' is missing: a topic of kind instructions",
        ),
        ("topic.yaml", "version:", "kind: advice\nversion:", "'kind' may only be 'choice' or 'instructions'"),
        ("topic.yaml", "rows:", "figures: {eye: {sided: true}}\nrows:", "'sides' is missing, though a figure is sided"),
        ("topic.yaml", "rows:", "medicines: [steroid]\nrows:", "'medicines' belongs to an option now"),
        ("en/drops.md", ", cost: Ask us.", "", "grid has no cell for 'cost'"),
        ("en/drops.md", "cost:", "price:", "grid has a cell for 'price', which is no row of the comparison"),
        (
            "en/drops.md",
            "## Does it help?",
            "## Will it help?",
            "is no heading of this kind of file. Write '## Does it help?'",
        ),
        ("en/overview.md", "decision: You can choose how to wet your eyes.\n", "", "decision is missing"),
        ("en/words.yaml", "scale: 0 to 5", "scle: 0 to 5", "Did you mean 'scale'?"),
        ("en/words.yaml", ", scale: 0 to 5", "", "has a column for words that isn't the last"),
    ],
)
def test_what_a_topic_lacks_is_told_with_its_file(content: Path, file: str, old: str, new: str, message: str) -> None:
    write_topic(content, CHOICE, CHOICE_FILES)
    path = content / "topics" / CHOICE / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentFault) as caught:
        load_library(content, CHOICE)
    assert message in caught.value.message
    assert f"topics/{CHOICE}/{file}" in caught.value.message


@pytest.mark.parametrize(("side", "told"), [(None, True), ("left", False)])
def test_the_staff_are_told_of_a_drawing_with_a_side_that_nobody_named(
    merged: MergedOf, side: str | None, told: bool
) -> None:
    found = merged("hemifacial-spasm", options=["botox"], side=side).about_text
    assert any("names no side, a drawing shows the left" in notice for notice in found) is told


def test_words_of_the_old_form_are_told_what_to_do(content: Path) -> None:
    path = content / "words" / "en.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "option_headings: [What is it?]\n", encoding="utf-8")
    with pytest.raises(ContentFault, match=r"'option_headings' stands in defaults/en\.yaml now"):
        load_library(content, "hemifacial-spasm")


def test_a_diary_that_is_asked_for_needs_columns(content: Path) -> None:
    write_topic(content, CHOICE, CHOICE_FILES)
    words = content / "topics" / CHOICE / "en" / "words.yaml"
    words.write_text(words.read_text(encoding="utf-8").split("diary:")[0], encoding="utf-8")
    with pytest.raises(ContentFault, match="has no diary, though topic"):
        load_library(content, CHOICE)


def test_a_rounded_count_keeps_its_exact_number_in_the_file(content: Path) -> None:
    write_topic(content, CHOICE, CHOICE_FILES)
    path = content / "topics" / CHOICE / "topic.yaml"
    numbers = (
        "numbers: {back: {count: 4, exact: %s, out_of: 100, about: true, over: each year, source: one}}\n"
        "sources: {one: {cite: One}}\n"
    )
    text = path.read_text(encoding="utf-8")
    path.write_text(text + numbers % "3.9", encoding="utf-8")
    topic = load_library(content, CHOICE).topic
    number = topic.file.numbers["back"]
    assert (topic.numbers.whole(number), number.exact) == ("about 4 out of 100 people", 3.9)
    path.write_text(text + numbers % "5.2", encoding="utf-8")
    with pytest.raises(ContentFault, match="has a count that isn't its exact number rounded"):
        load_library(content, CHOICE)
