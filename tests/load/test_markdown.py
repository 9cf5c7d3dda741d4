"""Clinicians' Markdown: a small subset; anything else is reported, never printed as it is typed."""

from __future__ import annotations

import pytest

from handouts.load.markdown import MarkdownFault, inline_text, sections
from handouts.model.prose import Figure, Items, Paragraph, People, Run, inlines, plain


def test_sections_blocks_and_bold_are_read() -> None:
    first, second = sections("before\n\n## One\n\nA **bold** word.\n\n- a\n- b\n\n1. c\n", "f.md")
    assert (first.heading, first.blocks) == ("", (Paragraph((Run("before"),)),))
    assert second.heading == "One"
    assert second.line == 3
    assert second.blocks == (
        Paragraph((Run("A "), Run("bold", bold=True), Run(" word."))),
        Items(((Run("a"),), (Run("b"),))),
        Items(((Run("c"),),), ordered=True),
    )


def test_a_line_break_in_a_paragraph_is_a_space_and_list_items_may_stand_apart() -> None:
    (section,) = sections("one\ntwo  \nthree\n\n- a\n\n- b\n", "f.md")
    assert [plain(runs) for runs in inlines(section.blocks)] == ["one two three", "a", "b"]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("fine\n\n<div>x</div>\n", 3, "HTML"),
        ("fine\n\n<!-- note -->\n", 3, "HTML"),
        ("one\ntwo <b>x</b>\n", 2, "HTML"),
        ("one\n\n<script>alert(1)</script>\n", 3, "HTML"),
        ("one\ntwo\nthree [x](https://example.org)\n", 3, "a link"),
        ("see <https://example.org>\n", 1, "a link"),
        ("text\n\n[x]: https://example.org\n", 3, "a link"),
        ("fine\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", 3, "a table"),
        ("fine\n\n    code\n", 3, "code"),
        ("fine\n\n```\ncode\n```\n", 3, "code"),
        ("some `code`\n", 1, "code"),
        ("fine\n\n> quote\n", 3, "a quotation"),
        ("fine\n\n***\n", 3, "a rule"),
        ("- a\n- b\n  - nested\n", 3, "a list inside a list"),
        ("- a\n- b\n  1. nested\n", 3, "a list inside a list"),
        ("- a\n- b\n\n  second paragraph\n", 4, "a second paragraph in a list's item"),
        ("- a\n- ## heading\n", 2, "can't be printed here"),
        ("- a\n-\n- c\n", 2, "an empty list item"),
        ("- a\n- > quote\n", 2, "a quotation"),
        ("# One\n", 1, "exactly two #"),
        ("a\n\n### Three\n", 3, "exactly two #"),
        ("a\n\nTitle\n---\n", 3, "exactly two #"),
        ("a\n\nTitle\n===\n", 3, "exactly two #"),
        ("a\n\n##\n", 3, "needs words"),
        ("## {mvd-relief}\n", 1, "needs words"),
        ("fine\n\n- one\n-two\n", 4, "the lines of a list begin with '- '"),
        ("-one\n-two\n", 1, "the lines of a list begin with '- '"),
        ("*one\n", 1, "the lines of a list begin with"),
        ("fine\n\n1.one\n", 3, "the lines of a list begin with"),
        ("fine\n\n• one\n• two\n", 3, "the lines of a list begin with"),
        ("## One\n\n## Two\n\nx\n", 1, "'## One' has nothing under it"),
        ("x\n\n## Last\n", 3, "'## Last' has nothing under it"),
        ("one\ntwo ![x](a.svg) three\n", 2, "a picture inside a text"),
        ("one *two*\n", 1, "italics"),
        ("one\ntwo _two_\n", 2, "italics"),
        ("one ~~two~~\n", 1, "struck out"),
        ("one\n\ntwo\nthree {Mvd-Relief}\n", 4, "a brace holds the name of a number"),
        ("one {{ 7*7 }}\n", 1, "a brace holds"),
        ("one {% if %}\n", 1, "a brace holds"),
        ("- fine\n- {mvd_relief}\n", 2, "a brace holds"),
        ("![x](two words.svg)\n", 1, "its name without spaces"),
        ("![x](javascript:alert.svg)\n", 1, "its name without spaces"),
        ("![x](../secret.svg)\n", 1, "by its file alone"),
        ("![x](https://example.org/a.svg)\n", 1, "by its file alone"),
        ("![x](face.png)\n", 1, "by its file alone"),
        ("fine\n\n![](face.svg)\n", 3, "someone who can't see it"),
        ('![x](face.svg "has {Brace}")\n', 1, "a brace holds"),
        ("![a / b](people:one,two)\n", 1, "with 2 number(s) needs 3 labels"),
    ],
)
def test_what_lies_outside_the_subset_is_a_fault_at_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(MarkdownFault) as caught:
        sections(text, "f.md", first_line=1)
    assert caught.value.faults[0].line == line, caught.value.faults
    assert what in caught.value.faults[0].message
    with pytest.raises(MarkdownFault) as caught:
        sections(text, "f.md", first_line=21)
    assert caught.value.faults[0].line == line + 20


def test_the_message_says_what_may_be_written_instead() -> None:
    with pytest.raises(MarkdownFault, match=r"'- ' lists, '1\. ' lists, \*\*bold\*\*"):
        sections("> no", "f.md")


def test_number_references_are_kept_apart_from_the_words_with_their_line() -> None:
    (section,) = sections(
        "x\n\none\nafter {botox-duration}, {mvd-relief.count} of **{mvd-relief.out_of}** {cite:x-1}.", "f"
    )
    (_, runs) = inlines(section.blocks)
    assert [run.number for run in runs if run.number] == [
        "botox-duration",
        "mvd-relief.count",
        "mvd-relief.out_of",
        "cite:x-1",
    ]
    assert {run.line for run in runs if run.number} == {4}
    assert [run.bold for run in runs if run.number] == [False, False, True, False]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        (r"\{botox-duration\}", "{botox-duration}"),
        (r"\*not bold\*", "*not bold*"),
        (r"5 \< 6 and a < b", "5 < 6 and a < b"),
        (r"AT&amp;T &copy; R&D", "AT&T © R&D"),
        ("snake_case_word", "snake_case_word"),
        ("1\\. not a list", "1. not a list"),
        ("\\## no heading", "## no heading"),
        ("2 * 3 = 6", "2 * 3 = 6"),
        ("\\-shaped", "-shaped"),
        ("-5 degrees", "-5 degrees"),
        ("well\n– or so –\n-- it is", "well – or so – -- it is"),
    ],
)
def test_escapes_print_the_sign_itself(written: str, printed: str) -> None:
    (section,) = sections(written, "f")
    (runs,) = inlines(section.blocks)
    assert plain(runs) == printed
    assert not any(run.number for run in runs)


def test_a_picture_on_its_own_line_is_a_figure_with_alt_and_caption() -> None:
    (section,) = sections('x\n\n![What it shows](face-in-spasm.svg "In {botox-duration}")\n', "f")
    figure = section.blocks[1]
    assert isinstance(figure, Figure)
    assert (figure.name, figure.alt, figure.line) == ("face-in-spasm", "What it shows", 3)
    assert figure.caption == (Run("In "), Run("", number="botox-duration", line=3))


def test_a_picture_of_people_names_numbers_and_labels() -> None:
    (section,) = sections('![free / not free](people:mvd-relief "c")', "f")
    assert section.blocks == (People(("mvd-relief",), ("free", "not free"), (Run("c"),), 1),)


def test_plain_text_is_split_at_its_references_only() -> None:
    assert inline_text("a {b-1} c", bold=True) == (Run("a ", True), Run("", True, number="b-1"), Run(" c", True))
    assert inline_text("") == ()


def test_an_empty_file_has_no_sections() -> None:
    assert sections("\n\n", "f") == ()


MANY = """# Too large

one *two* and [a link](x.svg)

## Twice

| a | b |
|---|---|
| 1 | 2 |

- good
- <b>bold</b> {Brace}
  - nested *words*
- good

![](face.png)

## Twice

fine
"""


def test_all_faults_of_a_file_are_told_at_once() -> None:
    with pytest.raises(MarkdownFault) as caught:
        sections(MANY, "f.md")
    told = {(fault.line, fault.message.split(" can't be printed")[0]) for fault in caught.value.faults}
    assert {
        (1, "headings start with exactly two #"),
        (3, "italics"),
        (3, "a link"),
        (7, "a table"),
        (12, "HTML"),
        (12, "a brace holds the name of a number, such as {mvd-relief}; write \\{ to print a brace"),
        (13, "a list inside a list"),
        (13, "italics"),
        (16, "a picture needs words for someone who can't see it: ![what it shows](...)"),
        (16, "a picture is named by its file alone, such as (face-in-spasm.svg)"),
        (18, "'## Twice' stands in line 5 already; keep one of the two"),
    } <= told


def test_what_can_be_read_of_a_file_with_faults_is_still_there() -> None:
    with pytest.raises(MarkdownFault) as caught:
        sections(MANY, "f.md")
    assert [section.heading for section in caught.value.sections] == ["", "Twice", "Twice"]
    assert plain(inlines(caught.value.sections[2].blocks)[0]) == "fine"


def test_a_curly_apostrophe_in_a_heading_is_the_one_of_keyboards() -> None:
    curly, plain_one = sections("## Don\u2019t\n\nx\n\n## \u2018Why\u2019 it's\n\ny\n", "f")
    assert (curly.heading, plain_one.heading) == ("Don't", "\u2018Why' it's")


def test_what_was_printed_from_before_may_have_lists_without_a_space() -> None:
    assert sections("## Do\n\n## More\n\n-one\n", "f", archived=True)[1].heading == "More"
