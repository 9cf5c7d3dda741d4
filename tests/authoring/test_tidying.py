"""What word processors, mail and web pages make of a filled-in file, and what is read from it all the same."""

from __future__ import annotations

import pytest

from handouts.authoring.tidying import tidy
from handouts.load.yamlfile import parse

REFERENCES = {"{mvd-relief}", "{cite:miller-2012}"}


def head(text: str) -> object:
    """Front matter as it is read."""
    return parse(tidy(text, markdown=False, references=REFERENCES).text, "x.yaml").data


def prose(text: str) -> str:
    """What stands below the front matter."""
    return tidy(f"---\nname: x\n---\n{text}", markdown=True, references=REFERENCES).text.partition("\n---\n")[2]


@pytest.mark.parametrize(
    "line",
    [
        'name: "Un nom: le sien"',
        "name: “Un nom: le sien”",
        "name: „Un nom: le sien“",
        "name: «\u00a0Un nom: le sien\u00a0»",
        "name: « Un nom: le sien »",
        "name\u00a0: “Un nom: le sien”",
        "name：“Un nom: le sien”",
        "name: Un nom: le sien",
        "\ufeffname: “Un nom: le sien”",
        "\u200ename:\u00a0‘Un nom: le sien’",
        "“name”: “Un nom: le sien”",
        "name: “Un nom:\nle sien”",
    ],
)
def test_quotation_marks_around_a_value_may_be_any(line: str) -> None:
    assert head(line) == {"name": "Un nom: le sien"}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('name: "Dites "oui" ou non"', 'Dites "oui" ou non'),
        ("name: “Dites “oui” ou non”", "Dites “oui” ou non"),
        ('name: “Dites "oui" ou non”', 'Dites "oui" ou non'),
        ("name: {mvd-relief} sans douleur", "{mvd-relief} sans douleur"),
        ("name: 10 mg", "10 mg"),
        ("name: l’œil d'un homme", "l’œil d'un homme"),
        ("name: “C:\\x”", "C:\\x"),
        ('name: "a\\"b"', 'a"b'),
        ("name: **Gras** et fin", "**Gras** et fin"),
        ("name: “１２ jours”", "12 jours"),
        ("name: “a”  # b", "a"),
        ('name: "un\ndeux et trois"', "un deux et trois"),
        ("name: “un\\ndeux”", "un\ndeux"),
    ],
)
def test_a_value_is_what_somebody_wrote(line: str, value: str) -> None:
    assert head(line) == {"name": value}


@pytest.mark.parametrize("bullet", ["- ", "•\t", "• ", "·\u00a0", "* ", "– ", "-\u00a0", "-"])
def test_the_entries_of_a_list_may_begin_with_any_bullet(bullet: str) -> None:
    assert head(f"ask:\n  {bullet}“un”\n\u00a0\u00a0{bullet}“deux”") == {"ask": ["un", "deux"]}


def test_a_tab_and_wide_spaces_indent_like_spaces() -> None:
    assert head("grid:\n\twhat: “a”\n\u00a0\u00a0works: “b”") == {"grid": {"what": "a", "works": "b"}}


def test_what_yaml_holds_besides_texts_stays() -> None:
    text = (
        "mask: []\nharms:\n  - {what: [a, b], passes: true}\n  -\n    what: c\n    stays: mvd-x\nplurals: {a: {few: b}}"
    )
    assert head(text) == parse(text, "x").data


@pytest.mark.parametrize(
    "written",
    ["{mvd-relief}", "{ mvd-relief }", "｛mvd-relief｝", "{mvd\u2011relief}", "{mvd–relief}", "{Mvd-relief}",
     "{mvd - relief}", "{\u00a0mvd-relief\u00a0}", "{mvd\u00adrelief}".replace("\u00ad", "-\u200b")],
)  # fmt: skip
def test_a_name_in_braces_is_known_by_its_letters(written: str) -> None:
    assert head(f"name: “Pour {written} oui”") == {"name": "Pour {mvd-relief} oui"}


@pytest.mark.parametrize("written", ["{cite: miller-2012}", "{cite\u00a0: miller-2012}", "{cite：miller–2012}"])
def test_so_is_the_mark_of_a_source(written: str) -> None:
    assert prose(f"Oui. {written}") == "Oui. {cite:miller-2012}"


def test_a_name_that_english_has_not_is_left_to_be_told() -> None:
    assert prose("Oui {soulagement-mvd}") == "Oui {soulagement-mvd}"


@pytest.mark.parametrize("start", ["<!--", "<!—", "<!–", "<! --", "&lt;!--"])
@pytest.mark.parametrize("end", ["-->", "—>", "–>", "->", "→", "à", "--&gt;", "–›"])
def test_the_english_stays_a_comment(start: str, end: str) -> None:
    assert prose(f"{start} It helps. {end}\nCela aide.") == "<!-- It helps. -->\nCela aide."


@pytest.mark.parametrize("fence", ["—-", "———", "—", "–––", "-----", "--- "])
def test_the_lines_around_the_front_matter_may_be_dashes(fence: str) -> None:
    made = tidy(f"{fence}\nname: x\n{fence}\n\n<!-- a -->\nb", markdown=True, references=())
    assert made.text == "---\nname: x\n---\n\n<!-- a -->\nb"


def test_they_may_be_gone_where_the_english_tells_the_end_and_lines_keep_their_numbers() -> None:
    made = tidy("name: x\n\n<!-- a -->\nb", markdown=True, references=())
    assert made.text == "---\nname: x\n\n---\n<!-- a -->\nb"
    assert [made.line(number) for number in range(1, 7)] == [1, 1, 2, 3, 3, 4]


@pytest.mark.parametrize(
    "written", ["• un\n• deux", "•\tun\n•\tdeux", "·un\n·deux", "– un\n– deux", "* un\n* deux", "- un\n\n- deux"]
)
def test_a_list_is_known_by_its_english(written: str) -> None:
    assert prose(f"<!-- - one\n- two -->\n{written}") == "<!-- - one\n- two -->\n- un\n- deux"


@pytest.mark.parametrize(
    "written",
    ["1. un\n2. deux", "1) un\n2) deux", "(1) un\n(2) deux", "1.\tun\n2.\tdeux", "１. un\n２. deux", "١. un\n٢. deux"],
)
def test_so_is_a_numbered_one(written: str) -> None:
    assert prose(f"<!-- 1. one\n2. two -->\n{written}") == "<!-- 1. one\n2. two -->\n1. un\n2. deux"


def test_a_paragraph_may_begin_with_a_dash() -> None:
    assert prose("<!-- It helps. -->\n– Cela aide.") == "<!-- It helps. -->\n– Cela aide."


@pytest.mark.parametrize("written", ["## Qui?", "##Qui?", "##\u00a0Qui?", "＃＃ Qui?", "  ## Qui?"])
def test_a_heading_needs_no_space(written: str) -> None:
    assert prose(f"<!-- ## Who? -->\n{written}") == "<!-- ## Who? -->\n## Qui?"


@pytest.mark.parametrize(
    "written",
    ['![Un œil](eye.svg "Il pleure")', "! [Un œil] (eye.svg “Il pleure”)", "![Un œil](eye.svg « Il pleure »)"],
)
def test_a_picture_keeps_its_words(written: str) -> None:
    assert prose(written) == '![Un œil](eye.svg "Il pleure")'


@pytest.mark.parametrize("written", ["**gras** et", "** gras ** et", "**gras ** et", "＊＊gras＊＊ et"])
def test_bold_words_stay_bold(written: str) -> None:
    assert prose(written) == "**gras** et"


@pytest.mark.parametrize("written", ["____", "_ _ _ _", "\\_\\_\\_\\_", "＿＿＿＿", "_____", "__"])
def test_a_gap_is_known_as_one(written: str) -> None:
    assert prose(f"<!-- a -->\n{written}") == "<!-- a -->\n____"


def test_line_ends_and_signs_that_nobody_sees_are_none() -> None:
    made = tidy("---\r\nname: x\r\n---\r\n<!-- a -->\r\nvisi\u00adble\u200b \u200fb\r\n", markdown=True, references=())
    assert made.text == "---\nname: x\n---\n<!-- a -->\nvisible b\n"


def test_spaces_inside_a_text_stay_as_french_needs_them() -> None:
    assert prose("Et vous\u00a0?") == "Et vous\u00a0?"
