"""Syllables against words counted by hand, sentences, and the grade itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.check import reading
from handouts.check.reading import (
    grades,
    hardest,
    measure,
    running,
    sentences,
    syllables,
    too_many_long_words,
)
from handouts.check.syllable_exceptions import _BY_COUNT, EXCEPTIONS

COUNTED_BY_HAND = {
    1: """a the eye eyes ear nerve face cheek brow mouth twitch pain sleep dose pill scan month week year friend hour
        our sure whole tongue breath scar bruise juice piece blood house nurse skin bone head pulled squeezed
        stitched strength through clothes fire tired""",
    2: """spasm muscle muscles table patient doctor surgeon vessel people cushion fluid quiet diet being going trying
        reuse science client poem careful safety something someone sometimes therefore movement basement hoarseness
        needed treated handled changes boxes doses fatigue headache eyelid forehead evening hospice nosebleed fashion
        special social facial nation region union lion create creature nurses business hundred player loyal rhythm
        cruel really heated million""",
    3: """medicine hospital injection area idea nausea video radio period serious usual family different every general
        memory allergy infection surgery surgical pregnancy depression diagnose suicide genuine carefully dangerous
        recipe element physical chemical banana creation reaction theory influence convulsion behavior anyone linear
        nuclear obvious previous remember exercise baclofen addition familiar autism cerebral condition tobacco""",
    4: """anxiety society temporary ordinary necessary experience appropriate immediate usually emergency operation
        radiation recovery medication evaluate gabapentin clonazepam psychiatric insomnia dermatitis diabetes
        vegetable comfortable material anesthesia complicated coordinate""",
    5: """complementary coagulation electricity university physiology imagination microvascular coordination
        carbamazepine individual hypersensitive pronunciation appreciation immediately""",
    6: "physiotherapy radiosurgery radiofrequency rehabilitation responsibility",
    7: "gastroenterology telecommunication",
}
WORDS = [(word, count) for count, words in COUNTED_BY_HAND.items() for word in words.split()]


def test_the_list_is_long_enough_to_mean_something():
    assert len(WORDS) >= 150
    assert len({word for word, _ in WORDS}) == len(WORDS)


@pytest.mark.parametrize(("word", "count"), WORDS)
def test_a_word_has_the_syllables_counted_by_hand(word, count):
    assert syllables(word) == count
    assert syllables(word.capitalize()) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("practice's", 3),
        ("nurse's", 2),
        ("church's", 2),
        ("Bell's", 1),
        ("doctor’s", 2),
        ("patients'", 2),
        ("MRI's", 3),
        ("physiotherapy's", 6),
    ],
)
def test_a_possessive_counts_a_syllable_only_after_a_hiss(word, count):
    assert syllables(word) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("don't", 1),
        ("can’t", 1),
        ("won't", 1),
        ("weren't", 1),
        ("didn't", 2),
        ("haven't", 2),
        ("couldn't", 2),
        ("you'll", 1),
        ("they've", 1),
        ("it'll", 2),
        ("could've", 2),
        ("I'm", 1),
        ("o'clock", 2),
    ],
)
def test_a_contraction_counts_as_it_is_spoken(word, count):
    assert syllables(word) == count


@pytest.mark.parametrize(("word", "count"), [("MRI", 3), ("RFTC", 4), ("WHO", 5), ("12", 1), ("1,000", 1), ("0.5", 1)])
def test_capitals_are_spelled_out_and_a_number_is_one_syllable(word, count):
    assert syllables(word) == count


def test_no_word_stands_under_two_counts():
    listed = [word for words in _BY_COUNT.values() for word in words.split()]
    assert sorted(listed) == sorted(set(listed))


def test_every_exception_is_a_word_that_the_rules_get_wrong():
    assert [word for word, count in EXCEPTIONS.items() if reading.by_rules(word) == count] == []


def test_a_sentence_ends_with_its_sign_or_its_line_but_not_with_an_abbreviation():
    text = 'See Dr. Cohen (e.g. today). "Does it hurt?" No!\nA droopy eyelid\n\nDouble vision'
    assert sentences(text) == [
        "See Dr. Cohen (e.g. today).",
        '"Does it hurt?"',
        "No!",
        "A droopy eyelid",
        "Double vision",
    ]


def test_a_decimal_does_not_end_a_sentence():
    assert sentences("Take 0.5 mg now. Rest.") == ["Take 0.5 mg now.", "Rest."]


def test_signs_alone_are_not_a_sentence():
    assert sentences("– !\n...") == []


def test_a_masked_term_counts_as_one_easy_word_whatever_its_case():
    masked = measure("Microvascular decompression helps.", ["decompression", "microvascular decompression"])
    assert (masked.words, masked.syllables) == (2, 2)


def test_a_mask_leaves_longer_words_alone():
    assert measure("Painless", ["pain"]).syllables == 2
    assert reading.mask("MRIs and MRI", ["MRI"]) == "MRIs and name"


def test_the_grade_is_kincaids():
    # 5 + 5 words; the-nerve-sends-wrong-sig-nals 6, your-face-twitch-es-or-pulls 6
    found = measure("The nerve sends wrong signals. Your face twitches or pulls.")
    assert (found.words, found.sentences, found.syllables) == (10, 2, 12)
    assert found.grade == pytest.approx(0.39 * 10 / 2 + 11.8 * 12 / 10 - 15.59)


def test_the_longest_sentence_is_told_with_its_words():
    found = measure("Rest now. You can ask for more time. Yes.")
    assert (found.longest, found.longest_sentence) == (6, "You can ask for more time.")


def test_an_empty_text_has_grade_zero():
    assert measure("").grade == 0.0


@given(st.text(max_size=300))
def test_any_text_can_be_measured(text):
    found = measure(text)
    assert found.syllables >= found.words >= found.sentences >= 0


# what has a grade


LIST = "\n".join(["Microvascular decompression", "Radiosurgery", "Carbamazepine", "Physiotherapy", "Electromyography"])
PLAIN = "Rest for a day or two. You can walk and eat as you like. Call us if the cut bleeds or feels hot. "


def test_a_list_of_single_words_has_no_grade():
    assert grades([LIST * 8]) == [None]


def test_headings_and_short_items_do_not_change_the_grade_of_the_prose_around_them():
    with_list = f"{LIST}\n{PLAIN * 2}"
    assert [found and found.grade for found in grades([with_list])] == [measure(PLAIN * 2).grade]


def test_items_that_are_sentences_count_one_by_one_and_so_does_their_intro():
    told = "Call us about these signs:\nThe cut bleeds.\nYou have a stiff neck and a fever that does not pass"
    assert running(told) == told
    assert measure(running(told)).sentences == 3


def test_a_few_words_are_graded_with_their_neighbours_and_alone_not_at_all():
    hard = "Take a heart medicine every day."
    assert grades([hard]) == [None]
    (found, _) = grades([hard, PLAIN * 6])
    assert found is not None
    assert found.grade < 3


def test_a_text_of_a_sample_is_graded_alone():
    hard = "Complicated pharmacological interventions necessitate multidisciplinary evaluation. " * 6
    (easy, difficult) = grades([PLAIN * 2, hard])
    assert easy is not None
    assert difficult is not None
    assert easy.grade < 6 < difficult.grade


def test_the_sentence_that_is_hardest_is_told():
    hard = "Neuromodulation necessitates multidisciplinary evaluation by several professionals."
    assert hardest(f"{PLAIN}{hard} {PLAIN}") == hard


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("Individual anticoagulation evaluation", ["Individual", "anticoagulation", "evaluation"]),
        ("Anticoagulation", []),
        ("Information about your operation", []),
        ("Anxiety, anesthesia, diabetes, insomnia, dermatitis", []),
        ("You may feel some anxiety and have some insomnia in the first weeks.", []),
    ],
)
def test_what_is_too_short_for_a_grade_is_judged_by_its_long_words(text, long):
    assert too_many_long_words(text) == long
