"""Step 2, merge: keeps what was chosen, in the topic's order, and says what the staff should know."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from handouts.errors import ContentFault, RequestFault
from handouts.load.library import load_library
from handouts.merge.approval import approval_state
from handouts.merge.merge import Merged, merge
from handouts.model.content import Library
from handouts.model.handout import Handout
from handouts.model.prose import plain
from handouts.model.shapes import PlanShape
from handouts.model.sheets import Front, Medicines
from tests.approving import approved_by, changed_since
from tests.conftest import CONTENT, TODAY, TOPIC, RequestOf

ALL = (
    "medicines",
    "botox",
    "microvascular-decompression",
    "radiofrequency",
    "radiosurgery",
    "complementary",
    "no-treatment",
)


def handout(library: Library, request_of: RequestOf, **over: object) -> Handout:
    return merge(library, request_of(**over), TODAY).handout


def notices(library: Library, request_of: RequestOf, today: date = TODAY, **over: object) -> str:
    return "\n".join(merge(library, request_of(**over), today).notices)


def with_approval(library: Library, *, until: date = date(2027, 11, 1), same: bool = True) -> Library:
    return approved_by(library, until=until) if same else changed_since(approved_by(library, until=until))


def with_topic_yaml(content: Path, old: str, new: str) -> Library:
    return with_text(content, "topic.yaml", old, new)


def with_text(content: Path, name: str, old: str, new: str) -> Library:
    path = content / "topics" / TOPIC / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_library(content, TOPIC)


# what was chosen


def test_only_what_was_chosen_is_kept_in_the_topics_order(library: Library, request_of: RequestOf) -> None:
    made = handout(library, request_of, options=["no-treatment", "botox"])
    assert [option.name.id for option in made.options] == ["botox", "no-treatment"]
    assert made.comparison is not None
    assert [len(row.cells) for row in made.comparison.rows] == [2] * len(library.topic.row_names)
    assert [row.question for row in made.comparison.rows] == [
        library.topic.words.rows[name] for name in library.topic.row_names
    ]
    assert [group.title for group in made.front.calls] == ["After Botox, if worse or not gone in a few days"]
    assert made.medicines is None
    assert "Hard to breathe or swallow after Botox" in {field.label for field in made.front.urgent_fields}
    assert not [field for option in made.options for field in option.fields], "it stands on page 1 alone"


def test_every_option_keeps_all_its_sections_in_the_order_of_the_topic(library: Library, request_of: RequestOf) -> None:
    made = handout(library, request_of, options=list(reversed(ALL)))
    for option in made.options:
        assert tuple(section.heading for section in option.sections) == library.topic.words.headings.option
    assert [option.name.id for option in made.options] == list(library.topic.option_order)


def test_unknown_options_are_all_told_with_their_nearest_names(library: Library, request_of: RequestOf) -> None:
    with pytest.raises(RequestFault) as caught:
        merge(library, request_of(options=["botx", "botox", "radiosurgry"]), TODAY)
    assert [fault.message for fault in caught.value.faults] == [
        "There is no option 'botx' in hemifacial-spasm. Did you mean 'botox'?",
        "There is no option 'radiosurgry' in hemifacial-spasm. Did you mean 'radiosurgery'?",
    ]


def test_staff_are_warned_above_three_options(library: Library, request_of: RequestOf) -> None:
    assert "hard to compare" not in notices(library, request_of, options=["medicines", "botox", "complementary"])
    told = notices(library, request_of, options=["medicines", "botox", "complementary", "no-treatment"])
    assert told.startswith("4 options: more than 3 are hard to compare")


def test_a_pair_that_rarely_suits_one_person_is_a_warning_told_once(library: Library, request_of: RequestOf) -> None:
    told = notices(library, request_of, options=["microvascular-decompression", "radiofrequency"])
    assert told.count("are rarely weighed against each other. Check the choice.") == 1
    assert "rarely weighed" not in notices(library, request_of, options=["microvascular-decompression", "botox"])


def test_many_pairs_that_rarely_suit_one_person_are_one_warning(request_of: RequestOf) -> None:
    library = load_library(CONTENT, "trigeminal-neuralgia")
    needles = ["radiofrequency", "glycerol", "balloon-compression"]
    told = notices(library, request_of, topic="trigeminal-neuralgia", options=needles)
    assert told.count("rarely weighed") == 1
    assert "So are 2 more pairs of these." in told


def test_a_pair_named_on_one_side_only_is_a_warning_too(content: Path, request_of: RequestOf) -> None:
    library = with_topic_yaml(content, ", unusual_with: [radiofrequency]", "")
    told = notices(library, request_of, options=["microvascular-decompression", "radiofrequency"])
    assert "rarely weighed" in told


# medicines


def medicines_of(library: Library, request_of: RequestOf, **over: object) -> Medicines:
    made = handout(library, request_of, **over).medicines
    assert made is not None
    return made


def signs(front: Front) -> list[str]:
    return [plain(sign) for group in front.calls for sign in group.signs]


def test_a_prescribed_medicine_is_printed_in_full_without_the_option(library: Library, request_of: RequestOf) -> None:
    medicine = {"name": "Baclofen", "dose": "10 mg", "times": ["morning"], "remark": "With food"}
    made = medicines_of(library, request_of, medicines=[medicine])
    (told,) = made.prescribed
    assert (told.id, told.name) == ("baclofen", "Baclofen")
    assert (
        *(section.heading for section in told.sections),
        told.warning.heading,
    ) == library.topic.words.headings.medicine
    assert not made.others
    assert made.safety
    assert made.plan == PlanShape(rows=4, lines=2)


def test_the_other_medicines_come_with_the_option_only(library: Library, request_of: RequestOf) -> None:
    made = medicines_of(library, request_of, options=["medicines"], medicines=[{"name": "BACLOFEN"}])
    assert [medicine.name for medicine in made.prescribed] == ["Baclofen"]
    assert [medicine.name for medicine in made.others] == ["Carbamazepine", "Clonazepam", "Gabapentin"]


def test_the_option_alone_tells_every_medicine_and_plans_none(library: Library, request_of: RequestOf) -> None:
    made = medicines_of(library, request_of, options=["medicines"])
    assert (made.plan, made.prescribed, made.unknown, len(made.others)) == (None, (), False, 4)


def test_an_unknown_medicine_is_printed_without_facts_and_told_without_its_name(
    library: Library, request_of: RequestOf
) -> None:
    made = medicines_of(library, request_of, medicines=[{"name": "Gabapentinum forte"}])
    assert (made.prescribed, made.unknown) == ((), True)
    assert made.plan is not None
    assert made.safety, "what to tell us first holds for every medicine"
    assert "forte" not in repr(made), "a patient's medicine is stamped, not typeset"
    told = notices(library, request_of, medicines=[{"name": "Gabapentinum forte"}])
    assert "its facts are not printed. Did you mean 'gabapentin'?" in told
    assert "forte" not in told


def test_when_to_call_is_told_for_every_prescribed_medicine(library: Library, request_of: RequestOf) -> None:
    topic = library.topic
    assert topic.medicine_safety is not None
    front = handout(library, request_of, medicines=[{"name": "gabapentin"}, {"name": "clonazepam"}]).front
    general = topic.medicine_safety.head.call_us
    assert front.calls[0].title == general.when
    own = topic.medicines["clonazepam"].head.signs
    assert own
    assert [plain(sign) for sign in front.calls[0].signs] == [*general.signs, *own]
    assert [plain(line) for line in front.urgent] == list(topic.medicines["gabapentin"].head.urgent)
    assert front.medicines


def test_when_to_call_is_told_for_every_medicine_of_the_option(library: Library, request_of: RequestOf) -> None:
    front = handout(library, request_of, options=["medicines", "botox"]).front
    told = signs(front)
    for document in library.topic.medicines.values():
        assert set(document.head.signs) <= set(told)
        assert set(document.head.urgent) <= {plain(line) for line in front.urgent}
    assert len(told) == len(set(told))


def test_without_medicines_nothing_is_said_of_them_on_page_1(library: Library, request_of: RequestOf) -> None:
    front = handout(library, request_of).front
    assert (front.medicines, front.urgent) == (False, ())
    assert library.topic.medicine_safety is not None
    assert not set(library.topic.medicine_safety.head.call_us.signs) & set(signs(front))


def test_the_fields_of_medicine_safety_are_lines_to_write_on_until_a_clinician_fills_them(
    content: Path, library: Library, request_of: RequestOf
) -> None:
    made = medicines_of(library, request_of, medicines=[{"name": "baclofen"}])
    assert {field.text for field in made.fields} == {None}
    filled = with_topic_yaml(content, "  driving: ", "  driving: Not for two days. #")
    made = medicines_of(filled, request_of, medicines=[{"name": "baclofen"}])
    assert ("When you drive", "Not for two days.") in [(field.label, field.text) for field in made.fields]


def test_a_topic_without_medicines_or_that_option_still_takes_a_prescription(
    content: Path, request_of: RequestOf
) -> None:
    courses = "[carbamazepine, clonazepam, baclofen, gabapentin]"
    line = f"  - {{id: medicines, kind: medicines, medicines: {courses}, diary: true}}\n"
    library = with_topic_yaml(content, line, "")
    made = medicines_of(library, request_of, medicines=[{"name": "baclofen"}])
    assert (made.prescribed, made.unknown, made.safety, made.fields) == ((), True, (), ())
    assert handout(library, request_of, medicines=[{"name": "baclofen"}]).front.calls[0].title.startswith("After Botox")


# next steps, questions, key points


def test_a_topics_own_steps_are_those_of_the_options_in_turn_and_three_at_most(
    library: Library, request_of: RequestOf
) -> None:
    assert merge(library, request_of(), TODAY).wording.steps == (
        "Next visit: ask us if Botox could suit you.",
        "Botox: fill in your diary each evening.",
    )
    two = merge(library, request_of(options=["microvascular-decompression", "botox"]), TODAY).wording.steps
    assert two == (
        "Next visit: ask us if Botox could suit you.",
        "Next visit: ask if decompression suits you.",
        "Botox: fill in your diary each evening.",
    )


def test_a_step_that_two_options_share_stands_once(content: Path, request_of: RequestOf) -> None:
    for name in ("botox", "no-treatment"):
        path = content / "topics" / TOPIC / "en" / f"{name}.md"
        path.write_text(path.read_text().replace("next_steps:\n", "next_steps:\n  - Keep a diary.\n"))
    steps = merge(load_library(content, TOPIC), request_of(options=["botox", "no-treatment"]), TODAY).wording.steps
    assert (steps.count("Keep a diary."), len(steps)) == (1, 3)


def test_no_list_of_questions_grows_past_its_bound_and_each_option_has_its_own(
    library: Library, request_of: RequestOf
) -> None:
    for options, each in ((ALL[:1], 2), (ALL[:3], 2), (ALL[:4], 1), (ALL, 1)):
        made = handout(library, request_of, options=list(options)).closing
        general, *own = made.questions
        assert (general.option, len(general.items) <= 7) == ("", True)
        assert [group.option for group in own] == [library.topic.options[name].head.name for name in options]
        assert [len(group.items) for group in own] == [each] * len(options)
        assert len(made.teach_back) == len(library.topic.overview.head.teach_back) + len(options)


def test_the_diary_comes_with_options_that_ask_for_it(library: Library, request_of: RequestOf) -> None:
    assert handout(library, request_of, options=["botox"]).diary
    assert not handout(library, request_of, options=["radiosurgery"]).diary


def library_takeaway(content: Path) -> str:
    return load_library(content, TOPIC).topic.options["botox"].head.takeaway


def test_a_key_point_may_be_a_list_item_or_a_paragraph(content: Path, request_of: RequestOf) -> None:
    path = content / "topics" / TOPIC / "en" / "takeaways.md"
    path.write_text("---\nname: Key points\n---\n\nFirst {botox-duration}.\n\n- Second.\n")
    made = handout(load_library(content, TOPIC), request_of)
    takeaway = library_takeaway(content)
    assert [plain(point) for point in made.closing.key_points] == ["First about 12 weeks.", "Second.", takeaway]


# approval


def test_text_that_nobody_approved_says_so(library: Library, request_of: RequestOf) -> None:
    assert handout(library, request_of).approval.state == "not_approved"
    assert "Nobody has approved this text yet" in notices(library, request_of)


def test_approved_text_names_its_approver(library: Library, request_of: RequestOf) -> None:
    made = merge(with_approval(library), request_of(side="left"), TODAY)
    mark = made.handout.approval
    assert (mark.state, mark.by, mark.good_until) == ("approved", ("Dr. X",), date(2027, 11, 1))
    assert made.notices == ()


def test_an_approval_changes_no_sheet(library: Library, request_of: RequestOf) -> None:
    before, after = (merge(each, request_of(), TODAY).handout for each in (library, with_approval(library)))
    assert before.approval != after.approval
    assert before.sheets() == after.sheets()


def test_text_that_changed_since_says_so(library: Library, request_of: RequestOf) -> None:
    made = merge(with_approval(library, same=False), request_of(side="left"), TODAY)
    assert made.handout.approval.state == "changed"
    assert made.notices == ("The text has changed since it was approved; every page says so.",)


def test_an_approval_runs_out_after_its_last_day(library: Library) -> None:
    last = date(2027, 3, 1)
    topic = with_approval(library, until=last).topic
    assert approval_state(topic, last) == "approved"
    assert approval_state(topic, last + timedelta(days=1)) == "expired"


def test_text_past_its_review_date_is_expired_whoever_approved_it(library: Library) -> None:
    review = library.topic.file.review_by
    approved = with_approval(library, until=date(2099, 1, 1)).topic
    assert approval_state(approved, review) == "approved"
    for topic in (approved, library.topic, with_approval(library, same=False).topic):
        assert approval_state(topic, review + timedelta(days=1)) == "expired"


def test_staff_are_told_from_sixty_days_before_the_review(library: Library, request_of: RequestOf) -> None:
    review = library.topic.file.review_by
    approved = with_approval(library, until=date(2099, 1, 1))
    assert notices(approved, request_of, review - timedelta(days=61), side="left") == ""
    assert notices(approved, request_of, review - timedelta(days=60)).endswith(
        f"due for review on {review}, in 60 days."
    )
    assert "in 0 days" in notices(approved, request_of, review)
    assert "due for review" not in notices(approved, request_of, review + timedelta(days=1))


def test_an_approval_that_ends_first_is_the_date_that_staff_are_told(library: Library, request_of: RequestOf) -> None:
    until = TODAY + timedelta(days=10)
    told = notices(with_approval(library, until=until), request_of, side="left")
    assert told == f"The text is due for review on {until}, in 10 days."


# sources and references


def test_sources_are_numbered_by_their_place_in_topic_yaml_and_only_those_in_use_are_listed(
    library: Library, request_of: RequestOf
) -> None:
    listed = [(source.number, source.cite[:14]) for source in handout(library, request_of).closing.sources]
    # of the six: no number of the second, third and sixth is about Botox
    assert listed == [(1, "Dr. Cohen, Neu"), (4, "Aust N Z J Oph"), (5, "Duarte GS and ")]


def test_every_mark_in_the_text_stands_in_the_list_of_sources(library: Library, request_of: RequestOf) -> None:
    made = handout(library, request_of, options=list(ALL))
    text = repr(made)
    numbers = {source.number for source in made.closing.sources}
    used = {int(mark) for part in text.split("cites=(")[1:] for mark in part.split(")")[0].split(",") if mark.strip()}
    assert used == numbers


def test_a_source_that_is_always_listed_is_listed_without_a_mark(content: Path, request_of: RequestOf) -> None:
    library = with_topic_yaml(content, 'lee-2017: {cite: "Lee JA, ', 'lee-2017: {always: true, cite: "Lee JA, ')
    assert any(source.cite.startswith("Lee JA") for source in handout(library, request_of).closing.sources)


def test_a_source_that_only_the_practice_page_cites_is_listed(content: Path, request_of: RequestOf) -> None:
    path = content / "clinics" / "cohen" / "clinic.yaml"
    path.write_text(path.read_text().replace("practice_page: false", "practice_page: true"))
    page = content / "clinics" / "cohen" / "practice.en.md"
    page.write_text("---\nname: Our words\n---\n\n## Why\n\nA study {cite:lee-2017}.\n")
    made = handout(load_library(content, TOPIC), request_of)
    assert made.practice is not None
    assert made.closing.sources[-1].cite.startswith("Lee JA")


def test_the_practice_page_is_off_unless_the_clinic_says_so(library: Library, request_of: RequestOf) -> None:
    assert library.clinic.practice is not None
    assert handout(library, request_of).practice is None


@pytest.mark.parametrize("key", ["ask", "teach_back", "next_steps", "signs"])
def test_a_number_in_any_list_of_the_front_matter_is_put_into_words(
    content: Path, request_of: RequestOf, key: str
) -> None:
    path = content / "topics" / TOPIC / "en" / "botox.md"
    rows = path.read_text().split("\n")
    at = next(number for number, row in enumerate(rows) if row.strip() == f"{key}:")
    rows[at + 1] = rows[at + 1].partition("- ")[0] + '- "It lasts {botox-duration}."'
    path.write_text("\n".join(rows))
    made = merge(load_library(content, TOPIC), request_of(), TODAY)
    closing = made.handout.closing
    lists = {
        "ask": [plain(item) for group in closing.questions for item in group.items],
        "teach_back": [plain(item) for item in closing.teach_back],
        "next_steps": list(made.wording.steps),
        "signs": signs(made.handout.front),
    }
    assert "It lasts about 12 weeks." in lists[key]


def test_references_to_what_is_not_there_are_all_told_with_file_line_and_nearest_name(
    content: Path, request_of: RequestOf
) -> None:
    path = content / "topics" / TOPIC / "en" / "botox.md"
    text = path.read_text().replace("lasted {botox-duration}", "lasted {botox-duratoin}")
    text = text.replace("(injection-sites.svg", "(injection-site.svg").replace("one_line: ", "one_line: '{nope-1}' #")
    path.write_text(text + "\nMore {cite:duarte} and {botox-duration.rest} and {botox-duration.over}.\n")
    with pytest.raises(ContentFault) as caught:
        merge(load_library(content, TOPIC), request_of(), TODAY)
    found = {fault.message.split(".")[0]: fault for fault in caught.value.faults}
    rows = path.read_text().split("\n")

    def line(part: str) -> int:
        return next(i for i, row in enumerate(rows, 1) if part in row)

    name = f"topics/{TOPIC}/en/botox.md"
    told = [(fault.file, fault.line) for fault in caught.value.faults]
    assert (name, line("botox-duratoin")) in told
    assert (name, line("injection-site.svg")) in told
    assert (name, line("{cite:duarte}")) in told
    assert (name, line("nope-1")) in told
    everything = caught.value.message
    for hint in ("Did you mean 'botox-duration'?", "'injection-sites'?", "'duarte-2020'?", "has the forms count, rest"):
        assert hint in everything
    assert len(found) >= 4


def test_a_stray_brace_in_front_matter_is_told(content: Path) -> None:
    with pytest.raises(ContentFault, match=r"botox\.md:4: a brace holds the name of a number"):
        with_text(content, "en/botox.md", "short: Botox\none_line: ", "short: Botox\none_line: '{{ 7*7 }}' #")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("people:mvd-relief-2", "marks with picture: true"),
        ("people:nothing", "there is no number 'nothing'"),
    ],
)
def test_a_picture_of_people_needs_numbers_meant_for_it(
    content: Path, request_of: RequestOf, target: str, message: str
) -> None:
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text() + f'\n![some / others]({target} "c")\n')
    with pytest.raises(ContentFault, match=message):
        merge(load_library(content, TOPIC), request_of(), TODAY)


def test_a_picture_of_people_mixes_no_sources_and_never_more_than_a_hundred(
    content: Path, request_of: RequestOf
) -> None:
    with_topic_yaml(
        content,
        "numbers:",
        "numbers:\n  a: {count: 60, out_of: 100, picture: true, source: lee-2017}\n"
        "  b: {count: 60, out_of: 100, picture: true, source: lee-2017}\n"
        "  c: {count: 1, out_of: 100, picture: true, source: duarte-2020}\n #",
    )
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text() + "\n![x / y / z](people:a,b)\n\n![x / y / z](people:a,c)\n")
    with pytest.raises(ContentFault) as caught:
        merge(load_library(content, TOPIC), request_of(), TODAY)
    assert "add up to more" in caught.value.message
    assert "can't mix numbers from two sources" in caught.value.message


# the whole handout


def test_nothing_that_was_written_for_one_patient_is_in_a_handout(library: Library, request_of: RequestOf) -> None:
    over = {
        "patient": {"name": "Zzname", "preferred_name": "Zzcalled", "identifier": "Zz-17", "birth_date": "1961-04-09"},
        "clinician": "Dr. Zz",
        "visit_date": "2026-11-22",
        "appointment": {"at": "2026-12-04T10:30", "with": "Zzwith", "where": "Zzwhere"},
        "medicines": [{"name": "Zzmycin", "dose": "7 mg", "remark": "Zzremark"}],
        "next_steps": ["Zzstep"],
        "note": "Zznote",
    }
    told = repr(merge(library, request_of(**over), TODAY).handout)
    assert "zz" not in told.casefold()
    for word in ("7 mg", "1961", "10:30", "2026, 12, 4"):
        assert word not in told


def test_paper_is_the_requests_else_the_clinics(library: Library, seaview: Library, request_of: RequestOf) -> None:
    assert handout(library, request_of).look.paper == "letter"
    assert handout(seaview, request_of).look.paper == "a4"
    assert handout(seaview, request_of, paper="letter").look.paper == "letter"


def test_the_same_input_gives_the_same_handout_and_changes_nothing(content: Path, request_of: RequestOf) -> None:
    library, request = load_library(content, TOPIC), request_of(options=list(ALL), note="x")
    before = repr((library, request))
    first: Merged = merge(library, request, TODAY)
    assert merge(load_library(content, TOPIC), request, TODAY) == first
    assert repr((library, request)) == before
