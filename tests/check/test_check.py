"""Each gate of `check`: content that breaks it is found, named and measured."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pikepdf
import pytest
from click.testing import CliRunner

from handouts.check import Finding, check_clinic, check_topic, worst_of_each
from handouts.check.findings import at_least, at_most
from handouts.check.pages import comes_with_the_program, labels_of
from handouts.check.sheets import MeasuredPage, embedded_fonts, measure_pages
from handouts.check.typeset import Case, SheetCase, all_cases, sheet_cases, sheet_findings, usual_cases
from handouts.cli import cli
from handouts.load.library import load_library
from handouts.merge.merge import merge
from tests.conftest import TODAY

TOPIC = "hemifacial-spasm"
CONTENT = Path(__file__).parents[2] / "content"
Edited = Callable[..., list[Finding]]


@pytest.fixture
def edited(content: Path, today: date) -> Edited:
    """What `check` finds after ``old`` became ``new`` in one file of the topic."""

    def run(file: str, old: str, new: str, on: date = today) -> list[Finding]:
        path = content / "topics" / TOPIC / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"the test looks for words that {file} no longer has"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return check_topic(load_library(content, TOPIC), on)

    return run


def failures(found: list[Finding]) -> list[tuple[str, str]]:
    return [(item.gate, item.shown) for item in found if item.level == "failure"]


def gates(found: list[Finding], level: str) -> set[str]:
    return {item.gate for item in found if item.level == level}


HEADING = "## What is it?\n\n"


def test_the_content_that_ships_passes_every_gate_on_its_words(library, today):
    assert [item for item in check_topic(library, today) if item.level == "failure"] == []


def test_the_practices_own_words_may_promise_no_cure(content):
    path = content / "clinics" / "cohen" / "practice.en.md"
    path.write_text(path.read_text(encoding="utf-8") + "\nWe are the number one and can cure you.\n", encoding="utf-8")
    library = load_library(content, TOPIC)
    found = [item for item in check_clinic(library.clinic, library.topic) if item.level == "failure"]
    told = [(item.gate, item.where.partition(": ")[0]) for item in found]
    assert told == [("selling words", "clinics/cohen/practice.en.md")], found
    assert "cure" in str(found[0].measured)


def test_every_section_and_every_file_has_its_reading_grade(library, today):
    graded = {item.where for item in check_topic(library, today) if item.gate == "reading grade"}
    assert "all of it" in graded
    assert "words/en.yaml: page" in graded
    assert f"topics/{TOPIC}/en/botox.md" in graded
    assert {f"topics/{TOPIC}/en/botox.md: {part}" for part in ("What happens?", "grid", "call_us", "ask")} <= graded
    assert f"topics/{TOPIC}/en/medicines/baclofen.md: What should you watch for?" in graded
    assert any(where.startswith("clinics/cohen/practice.en.md: ") for where in graded)


@pytest.mark.parametrize(
    ("words", "gate"),
    [
        ("Pharmacological neuromodulation necessitates multidisciplinary evaluation.", "reading grade"),
        ("You can go " + "on and on " * 6 + "to the end.", "longest sentence"),
        ("It helps 1 in 8.", "'1 in x'"),
        ("It helps one in eight.", "'1 in x'"),
        ("It helps 9 in 10.", "'1 in x'"),
        ("It helps nine of every ten.", "'1 in x'"),
        ("It helps half of people.", "'1 in x'"),
        ("It helps a third of the patients.", "'1 in x'"),
        ("It helps 80% of us.", "number typed by hand"),
        ("It helps thirty per cent of us.", "number typed by hand"),
        ("It is 100% safe.", "number typed by hand"),
        ("It helps 8 out of 10.", "number typed by hand"),
        ("You MUST rest.", "block capitals"),
        ("It is a cure.", "selling words"),
        ("It is one-size-fits-all.", "selling words"),
        ("Take 5.0 mg.", "dose notation"),
        ("Take it b.i.d. now.", "dose notation"),
    ],
)
def test_words_that_break_a_gate_are_found_in_their_section(edited, words, gate):
    found = edited("en/botox.md", HEADING, f"{HEADING}{words}\n\n")
    hits = [item for item in found if item.level == "failure" and item.gate == gate]
    assert hits
    assert hits[0].where.startswith(f"topics/{TOPIC}/en/botox.md: What is it?")


@pytest.mark.parametrize(
    "words",
    [
        "This is page 1 of 9.",
        "It is one of your options.",
        "It is one of the few.",
        "You need it in 3 to 6 months.",
        "Half of it may stay.",
        "You can have two in a day.",
    ],
)
def test_what_is_no_share_of_people_is_not_taken_for_one(edited, words):
    found = edited("en/botox.md", HEADING, f"{HEADING}{words}\n\n")
    assert "'1 in x'" not in gates(found, "failure")


@pytest.mark.parametrize("words", ["It helps 9 in 10", "It helps half of people"])
@pytest.mark.parametrize(
    ("file", "old"), [("en/botox.md", "    - Droopy eyelid\n"), ("en/overview.md", "  - Help that lasts\n")]
)
def test_a_share_in_a_list_of_the_front_matter_is_found_too(edited, words, file, old):
    start = old.partition("- ")[0]
    assert "'1 in x'" in gates(edited(file, old, f"{start}- {words}\n"), "failure")


def test_a_long_sentence_is_quoted_and_counted(edited):
    found = edited("en/botox.md", HEADING, HEADING + "You can go " + "on and on " * 6 + "to the end.\n\n")
    hit = next(item for item in found if item.gate == "longest sentence" and item.level == "failure")
    assert (hit.measured, hit.limit) == (24, "20 at most")
    assert hit.sentence.startswith("You can go on and on")


def test_a_list_of_eight_is_too_long(edited):
    items = "".join("- Rest\n" for _ in range(8))
    assert ("entries in a list", "8") in failures(edited("en/botox.md", HEADING, f"{HEADING}{items}\n"))


def test_capitals_of_a_masked_term_may_stand(edited):
    assert "block capitals" not in gates(edited("en/botox.md", HEADING, f"{HEADING}RFTC is near.\n\n"), "failure")


@pytest.mark.parametrize(
    ("words", "gate"), [("in 2.5 days", "decimals on page 1"), ("by 30 percent", "percentages on page 1")]
)
def test_page_1_has_no_decimals_and_no_percentages(edited, words, gate):
    found = edited("en/botox.md", "one_line: Injections", f"one_line: Less {words}. Injections")
    assert gate in gates(found, "failure")


def test_the_practices_own_page_may_praise_itself(content, today):
    page = content / "clinics" / "cohen" / "practice.en.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n- We are the best.\n", encoding="utf-8")
    assert "selling words" not in gates(check_topic(load_library(content, TOPIC), today), "failure")


@pytest.mark.parametrize("part", ["ask", "teach_back", "next_steps"])
def test_an_option_without_one_of_its_parts_is_not_told_in_equal_detail(content, today, part):
    path = content / "topics" / TOPIC / "en" / "no-treatment.md"
    rows = path.read_text(encoding="utf-8").split("\n")
    start = rows.index(f"{part}:")
    end = next(i for i in range(start + 1, len(rows)) if not rows[i].startswith("  "))
    path.write_text("\n".join([*rows[:start], f"{part}: []", *rows[end:]]), encoding="utf-8")
    assert ("parts of an option", "empty") in failures(check_topic(load_library(content, TOPIC), today))


def test_a_number_needs_the_time_it_covers(edited):
    found = edited("topic.yaml", "out_of: 100, of: treatments, over: each treatment,", "out_of: 100, of: treatments,")
    assert ("time that a number covers", "no 'over'") in failures(found)


def test_a_common_harm_counts_out_of_a_hundred(edited):
    counted = "mvd-csf-leak: {count: 1, exact: 1.4, out_of: 100,"
    found = edited("topic.yaml", counted, "mvd-csf-leak: {count: 30, out_of: 1000,")
    assert ("one denominator", "30 out of 1,000") in failures(found)


def test_what_nobody_uses_is_named(edited):
    found = edited(
        "topic.yaml",
        "sources:\n",
        "  never-used: {count: 5, out_of: 100, over: a year, source: lost}\n\nsources:\n  lost: {cite: A}\n",
    )
    places = {(item.where.partition(": ")[2], item.level) for item in found if item.gate.startswith("unused")}
    assert {("never-used", "advice"), ("lost", "notice")} <= places


def test_a_drawing_that_nobody_shows_is_named(edited):
    found = edited("en/botox.md", "(injection-sites.svg", "(face-in-spasm.svg")
    assert [item.where.partition(": ")[2] for item in found if item.gate == "unused figure"] == ["injection-sites"]


def test_a_number_marked_as_a_picture_and_never_drawn_is_named(edited):
    found = edited("topic.yaml", "over: about 3 years, source", "over: a while, picture: true, source")
    assert [item.where.partition(": ")[2] for item in found if item.gate == "picture of people"] == ["mvd-recurrence"]


@pytest.mark.parametrize(("left", "level"), [(61, "ok"), (60, "notice"), (0, "notice"), (-1, "failure")])
def test_the_review_is_announced_sixty_days_ahead_and_then_fails(library, left, level):
    on = library.topic.file.review_by - timedelta(days=left)
    hit = next(item for item in check_topic(library, on) if item.gate == "days to the review")
    assert (hit.level, hit.measured) == (level, left)


def test_what_only_a_clinician_can_supply_is_a_notice(library, seaview, today):
    notices = {item.where.partition(": ")[2] for item in check_topic(library, today) if item.level == "notice"}
    assert {"funding", "safety.urgent_signs"} <= notices
    owed = {item.where.partition(": ")[2] for item in check_clinic(library.clinic) if item.level == "notice"}
    assert owed == {"address", "phone", "emergency_number", "crisis_line"}
    assert [item for item in check_clinic(seaview.clinic) if item.level == "notice"] == []


def test_the_clinics_contrast_is_measured(library):
    measured = [item for item in check_clinic(library.clinic) if item.gate == "contrast"]
    assert len(measured) == 4
    assert all(item.measured >= 4.5 for item in measured)


def test_words_for_a_picture_are_short_and_name_no_side(edited):
    found = edited("en/botox.md", "![A man's face seen from the front.", "![The left face. " + "It is seen. " * 25)
    assert "characters of alternative text" in gates(found, "failure")
    assert ("alternative text", "says left or right") in failures(found)


@pytest.mark.parametrize(
    ("old", "new", "gate"),
    [
        ("<title>", "<broken>", "drawing"),
        ('viewBox="0 0 430 400"', "", "drawing"),
        ('id="art"', 'id="other"', "parts of a drawing"),
        ('id="labels"', 'id="other"', "parts of a drawing"),
        ('font-size="28"', 'font-size="12"', "label size, % of the width"),
        ("Where the cut is: behind the ear</title>", "</title>", "title of a drawing"),
    ],
)
def test_a_drawing_that_is_broken_or_hard_to_read_is_found(content, today, old, new, gate):
    library = load_library(content, TOPIC)
    path = library.topic.drawings.file("incision")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    hits = [item for item in check_topic(library, today) if item.level == "failure"]
    assert [(item.where, item.gate) for item in hits] == [(f"topics/{TOPIC}/figures/incision.svg", gate)]


def test_a_missing_drawing_is_found(content, today):
    library = load_library(content, TOPIC)
    for path in library.topic.drawings.folder.iterdir():
        path.unlink()
    found = check_topic(library, today)
    assert len([item for item in found if item.gate == "drawing"]) == len(library.topic.file.figures)


def test_the_table_keeps_the_figure_nearest_its_limit():
    found = [
        at_most("a.md: one", "grade", 2.0, 6),
        at_most("a.md: two", "grade", 5.0, 6),
        at_most("a.md: three", "grade", 9.0, 6),
    ]
    found += [at_least("a.md: four", "size", 14, 12), at_least("a.md: five", "size", 12, 12)]
    assert [item.where for item in worst_of_each(found)] == ["a.md: two", "a.md: five"]
    assert [item.level for item in found] == ["ok", "ok", "failure", "ok", "ok"]


# typeset sheets


def test_the_usual_cases_are_singles_pairs_three_and_all_in_both_formats_papers_and_clinics(library):
    cases = usual_cases(library, ["cohen", "seaview-example"])
    own = [case for case in cases if case.clinic == "cohen" and not case.medicines and case.side == "left"]
    standard = [len(case.options) for case in own if case.format == "standard" and not case.paper]
    assert [standard.count(size) for size in (1, 2, 3, 7)] == [7, 21, 1, 1]
    assert sorted(len(case.options) for case in own if case.format == "large-print") == [1] * 7 + [7]
    assert {case.paper for case in cases} == {None, "a4"}
    assert {case.side for case in cases} == {"left", "right"}
    assert {case.clinic for case in cases} == {"cohen", "seaview-example"}


def test_the_usual_cases_have_each_medicine_alone_and_all_of_them(library):
    prescribed = [case.medicines for case in usual_cases(library, ["cohen"]) if case.medicines]
    every = tuple(library.topic.medicines)
    assert prescribed == [*((name,) for name in every), every]


def test_all_cases_are_every_selection_in_both_formats(library):
    cases = set(all_cases(library, ["cohen"]))
    assert len({(case.options, case.format) for case in cases}) == 2 * (2**7 - 1)
    assert len({(case.medicines, case.format) for case in cases if case.medicines}) == 2 * (2**4 - 1)


def test_all_cases_hold_everything_of_each_clinic_in_both_formats_on_each_paper_for_each_side(library):
    cases = all_cases(library, ["cohen", "seaview-example"])
    everything = (library.topic.option_order, tuple(library.topic.medicines))
    whole = [case for case in cases if (case.options, case.medicines) == everything]
    assert len({(case.clinic, case.format, case.paper, case.side) for case in whole}) == 2 * 2 * 2 * 2
    assert set(usual_cases(library, ["cohen", "seaview-example"])) <= set(cases)
    assert len(cases) == len(set(cases)), "none is typeset twice"


def named(cases: list[SheetCase]) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.sheet, item.case.options) for item in cases]


def test_a_sheet_that_several_cases_share_is_looked_at_once(today):
    one, two, both = ("botox",), ("radiosurgery",), ("botox", "radiosurgery")
    found = named(sheet_cases(CONTENT, TOPIC, [Case(one, "cohen"), Case(two, "cohen"), Case(both, "cohen")], today))
    assert [name for name, _ in found[:4]] == ["front", "condition", "botox", "questions"]
    assert [(name, options) for name, options in found if name in {"condition", "botox", "radiosurgery", "diary"}] == [
        ("condition", one), ("botox", one), ("diary", one), ("radiosurgery", two),
    ]  # fmt: skip
    assert [options for name, options in found if name == "front"] == [one, two, both]
    assert [options for name, options in found if name == "comparison"] == [both]


def test_a_sheet_of_another_clinic_format_or_paper_is_another(today):
    cases = [Case(("radiosurgery",), "cohen"), Case(("radiosurgery",), "seaview-example")]
    cases += [Case(("radiosurgery",), "cohen", "large-print"), Case(("radiosurgery",), "cohen", paper="a4")]
    found = sheet_cases(CONTENT, TOPIC, cases, today)
    assert len(found) == 4 * len(sheet_cases(CONTENT, TOPIC, cases[:1], today))


@pytest.mark.parametrize("sheet", ["front", "comparison", "microvascular-decompression"])
def test_a_sheet_of_two_options_passes_and_tells_its_figures(today, sheets, sheet):
    case = Case(("botox", "microvascular-decompression"), "cohen", side="left")
    found = sheet_findings(CONTENT, TOPIC, SheetCase(case, sheet), today, sheets)
    assert [item for item in found if item.level == "failure"] == []
    figures = {item.gate: item.measured for item in found if item.level != "advice"}
    assert figures.get("pages", figures.get("pages of an option")) <= 2
    assert figures["body type, pt"] == 12
    assert 9.5 <= figures["smallest type, pt"] <= 12
    assert {item.where.partition(" page ")[0] for item in found} == {
        f"sheets, cohen standard left: {sheet} (botox + microvascular-decompression)"
    }


def test_content_that_can_t_be_merged_is_a_finding_with_its_case(content, today, monkeypatch):
    monkeypatch.setattr("handouts.load.topic.require_met", lambda *_: None)  # else loading tells it already
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text(encoding="utf-8").replace("{botox-ptosis}", "{botox-ptossis}"), encoding="utf-8")
    cases = sheet_cases(
        content, TOPIC, [Case(("botox",), "cohen", side="left"), Case(("radiosurgery",), "cohen")], today
    )
    assert named(cases)[0] == ("front", ("botox",))
    assert ("front", ("radiosurgery",)) in named(cases), "the others are still looked at"
    (found,) = sheet_findings(content, TOPIC, cases[0], today)
    assert (found.level, found.gate) == ("failure", "can be typeset")
    assert found.where == "sheets, cohen standard left: front (botox)"
    assert "Did you mean 'botox-ptosis'?" in str(found.measured)


def measured(monkeypatch, today, pages, pdf=b"", sheet="front", **case):
    """What is found in a sheet whose pages are ``pages``."""
    monkeypatch.setattr("handouts.check.typeset.sheets_of", lambda *_: ((), ()))
    monkeypatch.setattr("handouts.check.typeset.bind_sheets", lambda *_: SimpleNamespace(pdf=pdf or drawn("")))
    monkeypatch.setattr("handouts.check.typeset.measure_pages", lambda _: pages)
    asked = SheetCase(Case(("botox", "radiosurgery"), "cohen", **{"side": "left", **case}), sheet)
    return sheet_findings(CONTENT, TOPIC, asked, today)


def page_of(words: str, size: float = 12, lowest: float = 60) -> MeasuredPage:
    return MeasuredPage(600, [words], [size], lowest)


def test_an_option_has_two_pages_at_most_in_standard_print(monkeypatch, today):
    gate, three = "pages of an option", [page_of("Rest")] * 3
    assert gate not in gates(measured(monkeypatch, today, three[:2], sheet="botox"), "failure")
    assert (gate, "3") in failures(measured(monkeypatch, today, three, sheet="botox"))
    assert gate not in gates(measured(monkeypatch, today, three, sheet="questions"), "failure")
    large = [page_of("Rest", 18)] * 3
    assert gate not in gates(measured(monkeypatch, today, large, sheet="botox", format="large-print"), "failure")


def test_small_type_fails_at_the_size_of_its_format(monkeypatch, today):
    gate = "smallest type, pt"
    usual = page_of("Rest")
    usual.pieces, usual.sizes = ["Rest", "a", "while"], [12.0, 12.0, 9.4]
    assert (gate, "9.4") in failures(measured(monkeypatch, today, [usual]))
    usual.sizes = [12.0, 12.0, 9.5]
    assert gate not in gates(measured(monkeypatch, today, [usual]), "failure")
    assert (gate, "17.0") in failures(measured(monkeypatch, today, [page_of("Rest", 17.0)], format="large-print"))


def test_most_of_a_page_is_set_in_the_body_size(monkeypatch, today):
    gate, usual = "body type, pt", page_of("Rest")
    usual.pieces, usual.sizes = ["Rest", "a", "while"], [12.0, 10.0, 10.0]
    assert (gate, "10.0") in failures(measured(monkeypatch, today, [usual]))
    usual.sizes = [12.0, 12.0, 10.0]
    assert gate not in gates(measured(monkeypatch, today, [usual]), "failure")


def test_a_long_list_of_sources_is_no_body_of_a_page(monkeypatch, today):
    page = page_of("Rest")
    page.pieces, page.sizes = ["Rest", "Where the facts come from", "One", "Two"], [12.0, 10.0, 10.0, 10.0]
    assert "body type, pt" not in gates(measured(monkeypatch, today, [page]), "failure")


def test_small_lettering_in_a_drawing_fails_like_any_small_type(monkeypatch, today):
    gate, page = "smallest type, pt", page_of("Rest", 18)
    page.lettering = [18.0, 9.4]
    assert (gate, "9.4") in failures(measured(monkeypatch, today, [page]))
    page.lettering = [9.5]
    assert gate not in gates(measured(monkeypatch, today, [page]), "failure")
    assert (gate, "9.5") in failures(measured(monkeypatch, today, [page], format="large-print"))


def test_a_page_more_than_two_fifths_empty_fails_but_the_last_of_a_handout(monkeypatch, today):
    gate = "empty, %"
    # of 600 - 2 * 54 = 492 pt between the margins, 40.5 % are 199 pt and 40.4 % are less
    full, empty = page_of("Rest", lowest=54 + 198), page_of("Rest", lowest=54 + 200)
    assert gate not in gates(measured(monkeypatch, today, [full, full]), "failure")
    found = measured(monkeypatch, today, [full, empty])
    assert [item.where.rpartition(" page ")[2] for item in found if item.level == "failure" and item.gate == gate] == [
        "2"
    ]
    for last in ("questions", "diary"):
        assert gate not in gates(measured(monkeypatch, today, [full, empty], sheet=last), "failure")
        assert gate in gates(measured(monkeypatch, today, [empty, full], sheet=last), "failure")


def test_an_empty_page_of_a_topic_of_ones_own_is_a_notice_that_says_what_to_do(monkeypatch, today):
    monkeypatch.setattr("handouts.check.typeset.comes_with_the_program", lambda _: False)
    found = measured(monkeypatch, today, [page_of("Rest"), page_of("Rest", lowest=500)], sheet="condition")
    (empty,) = [item for item in found if item.gate == "empty, %" and item.level != "ok"]
    assert empty.level == "notice"
    assert empty.way_out == (
        "page 2 of 'condition' is 91 % empty: shorten the text so that it ends on page 1, or add what readers need "
        "(en/overview.md)"
    )
    assert "failure" not in {item.level for item in found if item.gate == "empty, %"}


def test_only_the_content_that_comes_with_the_program_has_to_fill_its_pages(content):
    assert comes_with_the_program(CONTENT)
    assert not comes_with_the_program(content)


def test_small_type_is_told_with_its_page_and_its_words(monkeypatch, today):
    page = page_of("Rest", 12)
    page.lettering, page.labels = [9.0], ["nerve"]
    gate = "smallest type, pt"
    (found,) = [item for item in measured(monkeypatch, today, [page_of("Rest"), page]) if item.gate == gate]
    assert (found.level, found.sentence, found.where.rpartition(" ")[2]) == ("failure", "nerve", "2")
    assert found.way_out == "set 'nerve' in a drawing larger"


def test_the_words_of_a_drawing_lead_to_its_file(library, request_of):
    sheets = dict(merge(library, request_of(options=["microvascular-decompression"]), TODAY).handout.sheets())
    found = labels_of(sheets["microvascular-decompression"], library.topic.drawings)
    assert found[library.topic.drawings.labels["incision"]["label-cut"]] == "figures/incision.svg"


def test_in_large_print_an_empty_page_is_worth_a_look(monkeypatch, today):
    found = measured(monkeypatch, today, [page_of("Rest", 18, lowest=500)], format="large-print")
    assert "empty, %" in gates(found, "advice")
    assert "empty, %" not in gates(found, "failure")


def test_a_font_that_is_not_ours_and_tags_that_are_not_valid_fail(monkeypatch, today):
    found = measured(monkeypatch, today, [page_of("Rest")])
    assert ("fonts", "Helvetica") in failures(found)
    assert {"PDF/UA-1", "PDF/A-3a"} <= gates(found, "failure")


def test_without_page_validation_the_tags_are_not_judged_and_check_says_so(monkeypatch, today):
    monkeypatch.setattr("handouts.check.typeset.find_spec", lambda _: None)
    assert "PDF/UA-1" not in gates(measured(monkeypatch, today, [page_of("Rest")]), "failure")
    monkeypatch.setattr("handouts.check.typeset.usual_cases", lambda *_: [])
    monkeypatch.setattr("handouts.cli.content._typeset_all", lambda *_: [])
    assert "page-validation is not installed" in run("check", TOPIC)[1]


def drawn(content: str) -> bytes:
    """A PDF of one page, 600 pt high, whose font is named but not embedded; code 0001 stands for "a", 0002 for "7"."""
    pdf = pikepdf.new()
    to_unicode = pdf.make_stream(
        b"2 beginbfchar <0001> <0061> <0002> <0037> endbfchar 1 beginbfrange <0010> <0012> <0041> endbfrange"
    )
    descriptor = pikepdf.Dictionary(Type=pikepdf.Name.FontDescriptor, FontName=pikepdf.Name("/ABCDEF+Helvetica"))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, ToUnicode=to_unicode, FontDescriptor=pdf.make_indirect(descriptor)
    )
    page = pikepdf.Page(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, 400, 600],
            Resources=pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font)),
            Contents=pdf.make_stream(content.encode()),
        )
    )
    pdf.pages.append(page)
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def test_type_is_measured_as_it_is_scaled():
    (sheet,) = measure_pages(
        drawn("q 0.75 0 0 -0.75 0 600 cm BT /F1 16 Tf 1 0 0 -1 40 200 Tm [<0001> 5 <00100012>] TJ ET Q")
    )
    assert (sheet.text, sheet.words, sheet.sizes) == ("aAC", 1, [12])
    assert sheet.empty == pytest.approx(100 * (450 - 54) / (600 - 2 * 54))  # 600 - 0.75 * 200 pt from the foot


def test_furniture_lettering_in_figures_and_source_marks_are_left_out():
    body = "BT /F1 12 Tf 10 500 Td <0001> Tj ET BT /F1 8 Tf 20 503 Td <0002> Tj ET "
    footer = "/Artifact <</Type /Pagination>> BDC BT /F1 5 Tf 10 20 Td <0001> Tj ET EMC "
    figure = "/Figure <</MCID 1>> BDC BT /F1 6 Tf 10 450 Td <0001> Tj ET EMC"
    (sheet,) = measure_pages(drawn(body + footer + figure))
    assert (sheet.pieces, sheet.sizes, sheet.lettering) == (["a"], [12], [6])
    assert sheet.empty == pytest.approx(100 * (450 - 54) / 492)  # the figure counts, the footer does not


def test_lettering_is_measured_in_the_forms_of_a_figure_too(make_of):
    """A label set from its middle or end is a form of its own in WeasyPrint's drawing; the scan has only such."""
    drawings = [sheet for sheet in measure_pages(make_of(options=("botox",)).pdf)[1:] if sheet.lettering]
    assert drawings
    assert 9.5 <= max(drawings[0].lettering) < 12.5  # 28 units, at 0.36 to 0.42 pt


def test_small_words_are_not_taken_for_marks():
    (sheet,) = measure_pages(drawn("BT /F1 12 Tf 10 500 Td <0001> Tj /F1 8 Tf <0001> Tj ET"))
    assert sheet.sizes == [12, 8]


def test_a_font_that_is_not_embedded_is_told():
    assert embedded_fonts(drawn("")) == {"Helvetica": False}


# the commands


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["--today", "2026-11-22", *arguments])
    return result.exit_code, result.output


def test_check_prints_a_table_and_passes_with_notices():
    code, output = run("check", TOPIC, "--text-only")
    assert code == 0, output
    assert "Measured\n" in output
    assert "Notices\n" in output
    assert "for a clinician to fill in" in output
    assert "0 failures" in output


def test_check_fails_strictly_where_a_clinician_owes_something():
    code, output = run("check", "--text-only", "--strict")
    assert code == 3
    assert "safety.urgent_signs" in output.partition("Failures\n")[2]


def test_check_fails_with_the_place_and_the_figure(content):
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(
        path.read_text(encoding="utf-8").replace(HEADING, f"{HEADING}It helps 1 in 8.\n\n"), encoding="utf-8"
    )
    code, output = run("--content", str(content), "check", "--text-only")
    assert code == 3
    line = path.read_text(encoding="utf-8").split("\n").index("It helps 1 in 8.") + 1
    told = f"topics/{TOPIC}/en/botox.md:{line}: What is it? (It helps 1 in 8.)"
    assert told in output.partition("Failures\n")[2]
    assert "Fix them, then run" in output


def test_check_shows_every_figure_when_asked():
    short, long = run("check", "--text-only")[1], run("check", "--text-only", "--verbose")[1]
    assert len(long.splitlines()) > 2 * len(short.splitlines())


def test_check_of_an_unknown_topic_names_the_nearest():
    code, output = run("check", "hemifacial-spams", "--text-only")
    assert code == 4
    assert "Did you mean 'hemifacial-spasm'?" in output


def test_check_typesets_in_processes_of_its_own(monkeypatch):
    monkeypatch.setattr(
        "handouts.check.typeset.usual_cases", lambda *_: [Case(("botox",), "cohen"), Case(("radiosurgery",), "cohen")]
    )
    code, output = run("check", TOPIC)
    assert "smallest type, pt" in output
    assert code == 0, output


def test_what_stops_one_process_stops_the_check_with_its_own_code(monkeypatch):
    cases = [Case(("botox",), "cohen"), Case(("botox",), "nowhere")]
    monkeypatch.setattr("handouts.check.typeset.usual_cases", lambda *_: cases)
    code, output = run("check", TOPIC)
    assert (code, "There is no clinic of that name. " in output) == (4, True)


def test_topics_lists_each_with_version_and_approval():
    code, output = run("topics")
    assert code == 0
    assert "hemifacial-spasm" in output
    assert "version 2026.1, not approved" in output


def test_topics_of_one_topic_tells_options_medicines_and_what_a_clinician_owes():
    code, output = run("topics", TOPIC)
    assert code == 0
    assert "microvascular-decompression    Microvascular decompression" in output
    assert "carbamazepine                  Carbamazepine" in output
    assert "Safety fields that a clinician has to fill in: urgent_signs, " in output


def test_topics_of_an_empty_folder_says_how_to_start(tmp_path):
    code, output = run("--content", str(tmp_path), "topics")
    assert code == 3
    assert "`new TOPIC` starts one" in output
