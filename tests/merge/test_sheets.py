"""What stands on each sheet of the stack, in which order they come, and how a request picks some of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from handouts.errors import RequestFault
from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.handout import SHEETS, Handout
from handouts.model.prose import People, plain
from handouts.model.shapes import PlanShape
from tests.conftest import TODAY, TOPIC, RequestOf

PAIR = ["botox", "microvascular-decompression"]


def handout(library: Library, request_of: RequestOf, *, blank: bool = False, **over: object) -> Handout:
    return merge(library, request_of(**over), TODAY, Edition(blank=blank)).handout


def names(made: Handout) -> list[str]:
    return [name for name, _ in made.sheets()]


# the stack


def test_the_sheets_come_in_the_order_in_which_they_are_read(content: Path, request_of: RequestOf) -> None:
    clinic = content / "clinics" / "cohen" / "clinic.yaml"
    clinic.write_text(clinic.read_text().replace("practice_page: false", "practice_page: true"))
    made = handout(load_library(content, TOPIC), request_of, options=PAIR, medicines=[{"name": "baclofen"}])
    assert names(made) == ["front", "comparison", "plan", "condition", *PAIR, "questions", "diary", "practice"]


def test_one_option_has_no_comparison_and_without_a_reason_there_is_no_plan_diary_or_practice(
    library: Library, request_of: RequestOf
) -> None:
    assert names(handout(library, request_of, options=["radiosurgery"])) == [
        "front", "condition", "radiosurgery", "questions",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("over", "there"),
    [
        ({}, False),
        ({"medicines": [{"name": "baclofen"}]}, True),
        ({"medicines": [{"name": "Something else"}]}, True),
        ({"options": ["medicines"]}, True),
    ],
)
def test_the_plan_comes_with_a_prescription_or_the_option(
    library: Library, request_of: RequestOf, over: dict[str, object], there: bool
) -> None:
    assert ("plan" in names(handout(library, request_of, **over))) is there


def test_every_sheet_but_the_options_has_a_name_of_its_own(library: Library) -> None:
    assert len(set(SHEETS)) == len(SHEETS)
    assert not set(SHEETS) & set(library.topic.option_order)


# picking


def test_a_request_picks_sheets_and_their_order_stays(library: Library, request_of: RequestOf) -> None:
    made = handout(library, request_of, options=PAIR, sheets=["questions", "botox", "front"])
    assert names(made) == ["front", "botox", "questions"]
    assert len(made.all_sheets()) > 3, "nothing else of the handout changes"


def test_a_picked_sheet_is_the_one_of_the_whole_stack(library: Library, request_of: RequestOf) -> None:
    whole = dict(handout(library, request_of, options=PAIR).sheets())
    for name, sheet in whole.items():
        assert dict(handout(library, request_of, options=PAIR, sheets=[name]).sheets()) == {name: sheet}


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        ("fornt", "There is no sheet 'fornt' in this handout. Did you mean 'front'?"),
        ("diary", "There is no sheet 'diary' in this handout. Nothing of this choice needs it."),
        ("comparison", "There is no sheet 'comparison' in this handout. Nothing of this choice needs it."),
        ("botox", "There is no sheet 'botox' in this handout. That option was not chosen."),
        (
            "maria-gonzalez-1961",
            "There is no sheet of that name in this handout. Known sheets: condition, front, questions, radiosurgery.",
        ),
    ],
)
def test_a_sheet_that_is_not_there_is_told_with_the_reason_or_the_nearest_name(
    library: Library, request_of: RequestOf, sheet: str, message: str
) -> None:
    with pytest.raises(RequestFault) as caught:
        handout(library, request_of, options=["radiosurgery"], sheets=["front", sheet])
    assert [fault.message for fault in caught.value.faults] == [message]


def test_all_sheets_that_are_not_there_are_told_at_once(library: Library, request_of: RequestOf) -> None:
    with pytest.raises(RequestFault) as caught:
        handout(library, request_of, options=["radiosurgery"], sheets=["diary", "plan", "front"])
    assert len(caught.value.faults) == 2


# page 1


def test_page_1_of_one_option_answers_every_question_and_of_several_the_four_that_matter_first(
    library: Library, request_of: RequestOf
) -> None:
    alone = handout(library, request_of).front
    assert [row.name for row in alone.rows] == list(library.topic.row_names)
    pair = handout(library, request_of, options=PAIR).front
    assert [row.name for row in pair.rows] == ["what", "works", "lasts", "harms"]
    assert [len(row.cells) for row in pair.rows] == [2] * 4


def test_page_1_says_what_there_is_to_choose_and_what_may_matter(library: Library, request_of: RequestOf) -> None:
    front, head = handout(library, request_of, options=PAIR).front, library.topic.overview.head
    assert (front.line, front.decision, front.matters) == (head.line, head.decision, head.matters)
    assert [option.short for option in front.options] == ["Botox", "Decompression"]
    assert (front.stage, front.blank, front.side) == ("after", False, "")


def test_page_1_says_side_and_stage_as_the_request_does(library: Library, request_of: RequestOf) -> None:
    front = handout(library, request_of, side="right", stage="before", blank=True).front
    assert (front.side, front.stage, front.blank) == (library.words.page["your_right_side"], "before", True)


def test_what_must_never_wait_is_a_line_to_write_on_until_a_clinician_fills_it(
    content: Path, library: Library, request_of: RequestOf
) -> None:
    label = library.topic.overview.head.safety["urgent_signs"]
    told = [(field.label, field.text) for field in handout(library, request_of).front.urgent_fields]
    assert told[0] == (label, None)
    path = content / "topics" / TOPIC / "topic.yaml"
    path.write_text(path.read_text().replace("  urgent_signs: ", "  urgent_signs: a stiff neck #", 1))
    filled = handout(load_library(content, TOPIC), request_of).front.urgent_fields
    assert (filled[0].label, filled[0].text) == (label, "a stiff neck"), "a text alone will do"


@pytest.mark.parametrize(
    ("over", "wanted"),
    [
        ({"options": ["no-treatment"]}, ["urgent_signs"]),
        ({"options": ["botox"]}, ["urgent_signs", "botox_breathing_swallowing"]),
        ({"options": ["medicines"]}, ["urgent_signs", "stopping_medicine", "serious_rash"]),
        (
            {"options": PAIR, "medicines": [{"name": "Something else"}]},
            ["urgent_signs", "stopping_medicine", "serious_rash", "botox_breathing_swallowing"],
        ),
    ],
)
def test_page_1_has_the_urgent_fields_of_what_is_on_the_handout_and_no_sheet_repeats_them(
    library: Library, request_of: RequestOf, over: dict[str, object], wanted: list[str]
) -> None:
    made = handout(library, request_of, **over)
    labels = library.topic.overview.head.safety
    assert [field.label for field in made.front.urgent_fields] == [labels[name] for name in wanted]
    later = [field.label for option in made.options for field in option.fields]
    later += [field.label for field in made.medicines.fields] if made.medicines else []
    assert not {labels[name] for name in wanted} & set(later)


def test_a_field_that_is_not_urgent_stays_on_its_sheet(library: Library, request_of: RequestOf) -> None:
    made = handout(library, request_of, options=["microvascular-decompression", "medicines"])
    labels = library.topic.overview.head.safety
    assert [field.label for field in made.options[-1].fields] == [labels["recovery_at_home"]]
    assert made.medicines is not None
    assert [field.label for field in made.medicines.fields] == [
        labels[name] for name in ("driving", "alcohol", "interactions", "contraception")
    ]


def test_the_decision_is_another_where_one_option_was_chosen(library: Library, request_of: RequestOf) -> None:
    head = library.topic.overview.head
    assert handout(library, request_of, options=["botox"]).front.decision == head.decision_one
    assert handout(library, request_of, options=PAIR).front.decision == head.decision


@pytest.mark.parametrize("kind", ["next_steps", "teach_back"])
def test_lists_that_several_options_share_name_the_option_in_each_line(library: Library, kind: str) -> None:
    names = {
        "medicines": "medicine", "botox": "Botox", "microvascular-decompression": "decompression",
        "radiofrequency": "radiofrequency", "radiosurgery": "radiosurgery", "complementary": "natural care",
        "no-treatment": "no treatment",
    }  # fmt: skip
    for option, document in library.topic.options.items():
        for line in getattr(document.head, kind):
            assert names[option].lower() in line.lower(), line


def test_the_signs_of_each_option_stand_under_what_they_belong_to(library: Library, request_of: RequestOf) -> None:
    front = handout(library, request_of, options=["no-treatment", *PAIR]).front
    heads = [library.topic.options[name].head.call_us for name in PAIR]
    wanted = [(head.when, list(head.signs)) for head in heads if head]
    assert [(group.title, [plain(sign) for sign in group.signs]) for group in front.calls] == wanted


# the other sheets


def test_the_comparison_has_every_row_in_full_whatever_page_1_leaves_out(
    library: Library, request_of: RequestOf
) -> None:
    made = handout(library, request_of, options=PAIR)
    assert made.comparison is not None
    assert [row.name for row in made.comparison.rows] == list(library.topic.row_names)
    lasts = next(row for row in made.comparison.rows if row.name == "lasts")
    assert "repeated every 3 to 6 months" in plain(lasts.cells[0].text)
    assert made.comparison.matters == library.topic.overview.head.matters


def test_an_options_pictures_of_people_stand_apart_from_its_sections(library: Library, request_of: RequestOf) -> None:
    botox, decompression = handout(library, request_of, options=PAIR).options
    assert (botox.people.benefit, botox.people.harm) == (None, None)
    assert botox.people.benefit_unknown
    assert botox.people.harm_unknown
    drawn = decompression.people
    assert drawn.benefit is not None
    assert drawn.harm is not None
    assert drawn.benefit.counts == (91, 9)
    assert drawn.harm.counts == (2, 1, 97)
    assert drawn.benefit.caption[-1].cites == (2,)
    assert (drawn.benefit_unknown, drawn.harm_unknown) == (False, False)
    blocks = [block for section in decompression.sections for block in section.blocks]
    assert blocks
    assert not any(isinstance(block, People) for block in blocks)


def test_an_options_table_of_harms_belongs_to_the_section_on_harms(library: Library, request_of: RequestOf) -> None:
    for option in handout(library, request_of, options=PAIR).options:
        assert option.sections[option.harms_at].heading == library.topic.words.rows["harms"]
        assert option.harms is not None


def test_where_no_harm_is_known_there_is_no_table(library: Library, request_of: RequestOf) -> None:
    (option,) = handout(library, request_of, options=["complementary"]).options
    assert option.harms is None


def test_the_condition_is_the_overview(library: Library, request_of: RequestOf) -> None:
    told = [section.heading for section in handout(library, request_of).condition.sections]
    assert told == [section.heading for section in library.topic.overview.sections]


def test_a_plan_has_room_for_what_was_prescribed(library: Library, request_of: RequestOf) -> None:
    five = [{"name": f"Medicine {number}"} for number in range(5)]
    made = handout(library, request_of, medicines=five).medicines
    assert made is not None
    assert made.plan == PlanShape(rows=8, lines=2)


def test_the_colophon_says_version_dates_and_who_paid_and_whether_it_replaces_another(
    library: Library, request_of: RequestOf
) -> None:
    file = library.topic.file
    made = handout(library, request_of).closing
    assert (made.imprint.version, made.imprint.published) == (file.version, file.published)
    assert (made.imprint.review_by, made.imprint.funding) == (file.review_by, None)
    assert not made.replaces
    edition = Edition(replaces="FHK8Z5DW14K")
    assert merge(library, request_of(), TODAY, edition).handout.closing.replaces


def test_the_diary_has_four_weeks(library: Library, request_of: RequestOf) -> None:
    diary = handout(library, request_of).diary
    assert diary is not None
    assert diary.weeks == 4
