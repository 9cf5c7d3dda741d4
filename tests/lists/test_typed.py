"""A date as somebody types it is the day that is meant, or the message says what to type."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.lists.typed import Unclear, typed_day, typed_moment
from handouts.model.clinic import DateOrder
from tests.conftest import TODAY
from tests.rounds import rounds

ORDERS: tuple[DateOrder | None, ...] = ("mdy", "dmy", None)
BIRTHS = st.dates(date(1902, 1, 1), TODAY)
DAYS = st.dates(date(1901, 1, 1), date(2199, 12, 31))
MANY = rounds(300, release=20_000)


def birth(text: str, order: DateOrder | None = None) -> str:
    return typed_day(text, birth=True, order=order, today=TODAY)


def why_not(text: str, *, is_birth: bool = True, order: DateOrder | None = None) -> str:
    """What is said of a text; "" where it is a day."""
    try:
        date.fromisoformat(typed_day(text, birth=is_birth, order=order, today=TODAY))
    except Unclear as why:
        return str(why)
    return ""


def visit(text: str, order: DateOrder | None = None) -> str:
    return typed_day(text, birth=False, order=order, today=TODAY)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "text",
    [
        "April 9, 1961", "april 9 1961", "Apr. 9, 1961", "9 April 1961", "9. Apr 1961", "9th of April 1961",
        "1961-04-09", "1961/4/9", "19610409", "  1961-04-09  ", "Sunday, April 9, 1961", "APRIL 9TH, 1961",
    ],
)  # fmt: skip
def test_a_day_that_can_be_read_in_one_way_alone_needs_no_order(text: str, order: DateOrder | None):
    assert birth(text, order) == "1961-04-09"


@pytest.mark.parametrize("sign", ["/", "-", ".", " "])
def test_three_numbers_are_read_in_the_order_of_the_clinic(sign: str):
    text = sign.join(("04", "09", "1961"))
    assert birth(text, "mdy") == "1961-04-09"
    assert birth(text, "dmy") == "1961-09-04"


@pytest.mark.parametrize("order", ORDERS)
def test_where_only_one_order_is_a_day_it_is_that_one(order: DateOrder | None):
    assert birth("23/04/1961", order) == birth("04/23/1961", order) == "1961-04-23"


@pytest.mark.parametrize("order", ORDERS)
def test_the_same_number_twice_is_not_ambiguous(order: DateOrder | None):
    assert birth("05/05/1961", order) == "1961-05-05"


def test_what_nobody_can_tell_apart_is_answered_with_both_readings():
    with pytest.raises(Unclear) as told:
        birth("03/04/1961")
    assert str(told.value) == "may be March 4, 1961 or April 3, 1961: write the month as a word"


def test_of_two_readings_of_a_birth_one_may_lie_in_the_future():
    assert birth("05/12/2026") == "2026-05-12"
    assert birth("12/05/2026") == "2026-05-12"


def test_an_order_of_the_clinic_is_kept_even_where_it_makes_a_birth_of_tomorrow():
    with pytest.raises(Unclear, match=r"^lies in the future$"):
        birth("12/05/2026", "mdy")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("03/04/2030", "lies in the future"),
        ("April 9, 2030", "lies in the future"),
        ("03/04/1850", "lies more than 125 years back"),
        ("February 30, 1961", "is a date that does not exist"),
        ("1961-13-01", "is a date that does not exist"),
        ("April 9", "has no year"),
        ("4/9", "has no year"),
        ("1961", "can’t be read as a date"),
        ("yesterday", "can’t be read as a date"),
        ("-", "can’t be read as a date"),
        ("99/99/1961", "date"),
    ],
)
def test_what_is_no_birth_is_told_in_words(text: str, why: str, order: DateOrder | None):
    with pytest.raises(Unclear) as told:
        birth(text, order)
    assert why in str(told.value)


def test_a_year_of_two_digits_is_the_latest_for_a_birth_and_the_nearest_for_a_visit():
    assert birth("April 9, 61") == "1961-04-09"
    assert birth("April 9, 20") == "2020-04-09"
    assert visit("April 9, 27") == "2027-04-09"


@pytest.mark.parametrize("text", ["1" * 100_000, "1 " * 50_000, "April 9, 1961" * 10_000, "\ud83d", "\0", "٣/٤/١٩٦١"])
def test_no_text_is_too_odd_to_be_answered(text: str):
    with pytest.raises(Unclear) as told:
        birth(text)
    assert len(str(told.value)) < 200


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        ("December 4, 2026", "10:30", "2026-12-04T10:30"),
        ("12/04/2026", "2 pm", "2026-12-04T14:00"),
        ("2026-12-04", "2:15 p.m.", "2026-12-04T14:15"),
        ("2026-12-04", "1430", "2026-12-04T14:30"),
    ],
)
def test_an_appointment_is_a_day_and_a_time(day: str, clock: str, moment: str):
    assert typed_moment(day, clock, order="mdy", today=TODAY) == moment


@pytest.mark.parametrize("clock", ["", "soon", "25:00", "10", "10:75", "13 am", "\ud83d", "1" * 10_000])
def test_a_time_that_is_none_is_told(clock: str):
    with pytest.raises(Unclear, match=r"^has no time that can be read: write it as 10:30 or 2 pm$"):
        typed_moment("2026-12-04", clock, order=None, today=TODAY)


@given(BIRTHS, st.sampled_from(["%Y-%m-%d", "%B {}, %Y", "{} %B %Y", "{} %b %Y", "%Y%m%d"]), st.sampled_from(ORDERS))
@settings(max_examples=MANY)
def test_every_day_written_in_one_of_the_clear_ways_is_read_as_itself(day: date, form: str, order: DateOrder | None):
    assert birth(day.strftime(form).format(day.day), order) == day.isoformat()


@given(DAYS, st.sampled_from(["/", "-", ".", " "]))
@settings(max_examples=MANY)
def test_every_day_written_in_the_order_of_the_clinic_is_read_as_itself_or_as_the_only_other(day: date, sign: str):
    american, european = f"{day:%m{sign}%d{sign}}{day.year}", f"{day:%d{sign}%m{sign}}{day.year}"
    assert visit(american, "mdy") == visit(european, "dmy") == day.isoformat()


@given(BIRTHS)
@settings(max_examples=MANY)
def test_without_an_order_a_birth_is_read_as_itself_or_asked_about_with_it_among_the_readings(day: date):
    for text in (f"{day:%m/%d/}{day.year}", f"{day:%d/%m/}{day.year}"):
        if why := why_not(text):
            assert f"{day:%B} {day.day}, {day.year}" in why
            assert " or " in why
        else:
            assert birth(text) == day.isoformat()


@given(st.text(), st.booleans(), st.sampled_from(ORDERS))
@settings(max_examples=MANY)
def test_any_text_is_a_day_or_unclear(text: str, is_birth: bool, order: DateOrder | None):
    assert "{" not in why_not(text, is_birth=is_birth, order=order)
