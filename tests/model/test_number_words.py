"""How a number is said: the forms of a language hold what comes from topic.yaml, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from handouts.model.number_words import FORMER_FORMS, NumberForms, NumberWords, phrases_of
from handouts.model.topic_file import Number

FORMS = NumberForms(**FORMER_FORMS)
ARABIC = NumberForms(
    out_of="{count} من كل {out_of} {of}",
    amount="{count} {unit}",
    share="من كل {out_of}",
    about="نحو {number}",
    fewer="أقل من {number}",
    about_word="نحو",
    fewer_word="أقل من",
    over="خلال {over}",
)


def number(**given: Any) -> Number:
    return Number(**{"count": 5, "source": "s", **given})


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("out_of", "{count} out of {out_of}"),
        ("out_of", "{count} of {count} in {out_of} {of}"),
        ("about", "about {number} {more}"),
        ("about", "about {number"),
        ("share", "out of {}"),
        ("about_word", "about {number}"),
        ("over", "over {over!r} {"),
    ],
)
def test_a_form_that_lacks_a_place_or_has_another_is_refused(name: str, form: str) -> None:
    with pytest.raises(ValidationError, match="has to hold"):
        NumberForms(**{**FORMER_FORMS, name: form})


def test_a_number_is_said_whole_and_in_parts() -> None:
    said = NumberWords(FORMS)
    told = number(out_of=1000, about=True, over="each treatment")
    assert said.whole(told) == "about 5 out of 1,000 people"
    assert said.without_of(told) == "about 5 out of 1,000"
    assert (said.count(told), said.about_count(told), said.share(told)) == ("5", "about 5", "out of 1,000")
    assert (said.qualifier(told), said.over(told)) == ("about", "each treatment")
    assert [said.form(told, form) for form in ("count", "rest", "out_of", "over")] == [
        "5", "995", "1,000", "each treatment"
    ]  # fmt: skip
    amount = number(unit="weeks", fewer=True)
    assert (said.whole(amount), said.share(amount), said.over(amount)) == ("fewer than 5 weeks", "weeks", "")
    with pytest.raises(KeyError):
        said.form(amount, "rest")


def test_another_language_says_it_in_its_own_order_and_phrases() -> None:
    said = NumberWords(ARABIC, "ar", {"people": "شخص", "about 3 years": "نحو 3 سنوات"})
    told = number(count=91, out_of=100, fewer=True, over="about 3 years")
    assert said.whole(told) == "أقل من 91 من كل 100 شخص"
    assert said.over(told) == "خلال نحو 3 سنوات"
    assert said.form(told, "over") == "نحو 3 سنوات"


def test_the_phrases_of_numbers_are_each_told_once_with_their_place() -> None:
    numbers = {"a": number(out_of=100, over="a year"), "b": number(out_of=100, of="cats"), "c": number(unit="a year")}
    assert list(phrases_of(numbers)) == [(("a", "of"), "people"), (("a", "over"), "a year"), (("b", "of"), "cats")]
