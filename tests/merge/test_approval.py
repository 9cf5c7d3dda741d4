"""A sheet is approved when all files that it prints from are; its mark and the colophon say what is true."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handouts.load.library import load_library
from handouts.merge.approval import approval_state, approval_texts, file_states, printed_from
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.details import ApprovalTexts
from handouts.model.handout import ApprovalMark
from tests.approving import approved_by, changed_since
from tests.clinics import say
from tests.conftest import TODAY, TOPIC, RequestOf

ALL = ("medicines", "botox", "microvascular-decompression", "no-treatment")
EVERYWHERE = {"topic.yaml", "en/words.yaml", "defaults/en.yaml", "words/en.yaml"}
SAID = "Some pages of this text "


def mark_of(library: Library, request_of: RequestOf, today: date = TODAY, **over: object) -> ApprovalMark:
    return merge(library, request_of(**over), today).handout.approval


def sentence(library: Library, request_of: RequestOf, today: date = TODAY, **over: object) -> str:
    return merge(library, request_of(**over), today).wording.approval.sentence


# what a sheet prints from


@pytest.fixture
def printed(library: Library, request_of: RequestOf) -> dict[str, set[str]]:
    """The source files of each sheet of a handout on three treatments, but those of all sheets."""
    options = ["botox", "microvascular-decompression", "no-treatment"]
    handout = merge(library, request_of(options=options), TODAY).handout
    found = {name: set(printed_from(library.topic, handout, sheet)) for name, sheet in handout.sheets()}
    assert all(files >= EVERYWHERE for files in found.values())
    return {name: files - EVERYWHERE for name, files in found.items()}


def test_an_options_file_is_printed_on_its_sheet_and_wherever_options_stand_side_by_side(printed):
    assert [name for name, files in printed.items() if "en/botox.md" in files] == [
        "front", "comparison", "botox", "questions"
    ]  # fmt: skip


def test_the_overview_is_printed_with_the_condition_and_the_decision_and_labels_the_clinicians_fields(printed):
    with_it = [name for name, files in printed.items() if "en/overview.md" in files]
    # of the three options, only recovery after the operation is a field of the clinician beside the option's own text
    assert with_it == ["front", "comparison", "condition", "microvascular-decompression", "questions"]


def test_key_points_are_printed_on_the_last_sheet_alone(printed):
    assert [name for name, files in printed.items() if "en/takeaways.md" in files] == ["questions"]


def test_a_drawing_and_its_words_are_printed_where_it_is_shown(printed):
    assert [name for name, files in printed.items() if "figures/injection-sites.svg" in files] == ["botox"]
    drawn = [name for name, files in printed.items() if any(file.startswith("figures/") for file in files)]
    assert [name for name, files in printed.items() if "en/figures.yaml" in files] == drawn
    assert "diary" not in drawn


def test_the_diary_prints_from_what_all_sheets_print_from(printed):
    assert printed["diary"] == set()


def test_a_prescribed_medicine_is_printed_on_the_front_and_with_its_facts(library, request_of):
    handout = merge(library, request_of(medicines=[{"name": "Baclofen"}]), TODAY).handout
    of = {name: set(printed_from(library.topic, handout, sheet)) for name, sheet in handout.sheets()}
    for name, files in of.items():
        told = {"en/medicines/baclofen.md", "en/medicine-safety.md"} & files
        assert len(told) == (2 if name in {"front", "plan"} else 0), name
    assert not any("clonazepam" in file for files in of.values() for file in files)


def test_every_source_file_is_printed_on_some_sheet_of_a_handout_of_everything(library, request_of):
    medicines = [{"name": name} for name in library.topic.medicines]
    handout = merge(library, request_of(options=list(library.topic.option_order), medicines=medicines), TODAY).handout
    printed = {file for _, sheet in handout.sheets() for file in printed_from(library.topic, handout, sheet)}
    assert printed == set(library.topic.digests)


# states


def test_a_change_of_one_file_takes_away_its_approval_alone(library):
    states = file_states(changed_since(approved_by(library), "en/botox.md").topic, TODAY)
    assert {name for name, state in states.items() if state != "approved"} == {"en/botox.md"}
    assert states["en/botox.md"] == "changed"


def test_a_sheet_is_approved_when_all_files_that_it_prints_from_are(library, request_of):
    mark = mark_of(changed_since(approved_by(library), "en/botox.md"), request_of, options=["botox", "no-treatment"])
    assert dict(mark.sheets) == {
        "front": "changed", "comparison": "changed", "condition": "approved", "botox": "changed",
        "no-treatment": "approved", "questions": "changed", "diary": "approved",
    }  # fmt: skip
    assert (mark.state, mark.waiting) == ("changed", (("en/botox.md", "changed"),))


@pytest.mark.parametrize("name", sorted(EVERYWHERE))
def test_numbers_and_fixed_words_stand_on_every_sheet(library, request_of, name):
    mark = mark_of(changed_since(approved_by(library), name), request_of)
    assert {state for _, state in mark.sheets} == {"changed"}


def test_one_approved_file_approves_no_sheet(library, request_of):
    mark = mark_of(approved_by(library, "en/botox.md"), request_of)
    assert {state for _, state in mark.sheets} == {"not_approved"}
    assert approval_state(approved_by(library, "en/botox.md").topic, TODAY) == "not_approved"


def test_a_handout_is_approved_when_all_its_printed_sheets_are(library, request_of):
    partly = changed_since(approved_by(library), "en/botox.md")
    assert mark_of(partly, request_of, options=["no-treatment"]).state == "approved"
    assert mark_of(partly, request_of, options=["botox"], sheets=["condition", "diary"]).state == "approved"
    assert mark_of(partly, request_of, options=["botox"], sheets=["condition", "botox"]).state == "changed"


def test_the_approval_of_a_file_that_nobody_prints_decides_nothing(library, request_of):
    without = [name for name in library.topic.digests if name != "en/radiosurgery.md"]
    assert mark_of(approved_by(library, *without), request_of).state == "approved"


def test_the_earliest_last_day_of_what_is_printed_is_the_handouts(library, request_of):
    soon = TODAY + timedelta(days=10)
    two = approved_by(approved_by(library), "en/botox.md", until=soon)
    assert mark_of(two, request_of).good_until == soon
    assert mark_of(two, request_of, options=["no-treatment"]).good_until == date(2027, 11, 1)
    late = mark_of(two, request_of, soon + timedelta(days=1))
    assert (late.state, late.waiting) == ("expired", (("en/botox.md", "expired"),))


def test_a_file_that_changed_after_its_approval_ran_out_is_changed_and_not_expired(library):
    old = changed_since(approved_by(library, until=TODAY - timedelta(days=1)), "en/botox.md")
    states = file_states(old.topic, TODAY)
    assert (states["en/botox.md"], states["topic.yaml"]) == ("changed", "expired")


# what the pages say


@pytest.mark.parametrize(
    ("state", "running", "beside", "told"),
    [
        ("approved", "Approved", "", "Approved by Dr. X."),
        ("not_approved", "Not yet approved", "Not yet approved", "No clinician has approved this text yet."),
        ("changed", "Not yet approved", "Changed since it was approved",
         "This text has changed since a clinician approved it."),
        ("expired", "Past its check date", "Past its check date", "This text is past the date of its next check."),
    ],
)  # fmt: skip
def test_where_all_sheets_are_in_one_state_the_pages_say_so(library, state, running, beside, told):
    by = ("Dr. X",) if state == "approved" else ()
    made = approval_texts(library, ApprovalMark(state, by, sheets=(("front", state), ("diary", state))))
    line = f"Version {library.topic.file.version} · {running}"
    assert made == ApprovalTexts((line, line), beside, told)
    assert made.different == (line,)


def test_the_front_and_the_colophon_may_say_different_things(library, request_of):
    made = merge(changed_since(approved_by(library), "en/takeaways.md"), request_of(), TODAY).wording.approval
    assert made.mark == "", "the front prints no key points"
    assert made.sentence == f"{SAID}have changed since a clinician approved them."
    assert [line.endswith("· Approved") for line in made.running] == [True, True, True, False, True]
    assert len(made.different) == 2


@pytest.mark.parametrize("state", ["approved", "not_approved"])
def test_the_practices_own_page_says_whose_words_it_has_and_nothing_of_approval(content, request_of, state):
    say(content, "practice_page", "true")
    library = load_library(content, TOPIC)
    library = approved_by(library) if state == "approved" else library
    merged = merge(library, request_of(), TODAY)
    *others, own = merged.wording.approval.running
    assert merged.handout.sheets()[-1][0] == "practice"
    assert own == library.words.page["practice"]
    assert {text.partition(" · ")[2] for text in others} == {library.words.page[state]}


def test_the_colophon_is_true_of_mixed_states(library, request_of):
    assert sentence(library, request_of) == "No clinician has approved this text yet."
    one = approved_by(library, "en/botox.md")
    assert sentence(one, request_of) == f"{SAID}have not been approved yet."
    assert sentence(one, request_of, options=["no-treatment"]) == "No clinician has approved this text yet."
    most = approved_by(library, *(name for name in library.topic.digests if name != "en/botox.md"))
    assert sentence(most, request_of) == f"{SAID}have not been approved yet."
    both = changed_since(most, "en/takeaways.md")
    assert sentence(both, request_of) == f"{SAID}have not been approved yet."
    everywhere = changed_since(approved_by(library), "topic.yaml")
    assert sentence(everywhere, request_of) == "This text has changed since a clinician approved it."
    soon = approved_by(approved_by(library), "en/botox.md", until=TODAY)
    assert sentence(soon, request_of, TODAY + timedelta(days=1)) == f"{SAID}are past the date of their next check."


def test_everybody_who_approved_is_named_or_the_first_two(library, request_of):
    two = approved_by(approved_by(library, by="Dr. Y"), "en/botox.md")
    assert sentence(two, request_of) == "Approved by Dr. Y and Dr. X."
    assert sentence(two, request_of, options=["no-treatment"]) == "Approved by Dr. Y."
    three = approved_by(two, "en/takeaways.md", by="Dr. Z")
    assert sentence(three, request_of) == "Approved by Dr. Y, Dr. X and others."


def test_an_approval_text_of_before_sheets_had_their_own_is_that_of_all():
    then = {"running": "Version 1 · Approved", "mark": "", "sentence": "Approved by Dr. X."}
    assert ApprovalTexts.from_json(then) == ApprovalTexts(("Version 1 · Approved",), "", "Approved by Dr. X.")
