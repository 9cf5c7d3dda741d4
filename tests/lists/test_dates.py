"""Dates are read as people write them; day and month are told apart for a whole column, and never guessed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handouts.errors import RequestFault
from handouts.lists.date_order import DateColumn, Decided, decide
from handouts.lists.dates import Written, day_of, fits, read_date, read_time
from handouts.lists.tables import Cell
from handouts.model.clinic import DateOrder
from tests.conftest import TODAY

APRIL_9 = date(1961, 4, 9)
MIDNIGHT = datetime(1961, 4, 9)  # noqa: DTZ001  a spreadsheet knows no zones
HALF_PAST = datetime(2026, 12, 4, 10, 30)  # noqa: DTZ001
ORDERS: tuple[DateOrder, DateOrder] = ("mdy", "dmy")


def birth(cell: Cell, order: DateOrder = "mdy") -> date:
    return day_of(read_date(cell).in_order(order), birth=True, today=TODAY)


def visit(cell: Cell, order: DateOrder = "mdy") -> date:
    return day_of(read_date(cell).in_order(order), birth=False, today=TODAY)


@pytest.mark.parametrize(
    "cell",
    ["04/09/1961", "4/9/61", "9-Apr-61", "9 April 1961", "April 9, 1961", "Apr 9 1961", "09APR1961", "19610409",
     "1961-04-09", "1961/4/9", "22380", 22380, 22380.0, 19610409, "9 de abril de 1961", "9/abr/1961", "04.09.1961",
     "04091961", "Sunday, April 9, 1961", "dom 9 abr 1961", "9th April 1961", "1961-04-09T00:00:00Z", " 4/9/1961 ",
     date(1961, 4, 9), MIDNIGHT, "1961-04-09 00:00:00", "4 9 1961"],
)  # fmt: skip
def test_the_ninth_of_april_is_read_however_it_is_written(cell: Cell) -> None:
    assert birth(cell) == APRIL_9


@pytest.mark.parametrize(
    ("cell", "day", "clock"),
    [
        ("20261204 103000", date(2026, 12, 4), time(10, 30)),
        ("202612041030", date(2026, 12, 4), time(10, 30)),
        ("12/4/2026 10:30 AM", date(2026, 12, 4), time(10, 30)),
        ("Fri 12/4/2026 2:15 p. m.", date(2026, 12, 4), time(14, 15)),
        ("2026-12-04T10:30", date(2026, 12, 4), time(10, 30)),
        ("4 Dec 2026 at 10:30", date(2026, 12, 4), time(10, 30)),
        ("mar 3 2026 9:15", date(2026, 3, 3), time(9, 15)),
        (46360.4375, date(2026, 12, 4), time(10, 30)),
        (HALF_PAST, date(2026, 12, 4), time(10, 30)),
    ],
)
def test_a_cell_may_hold_a_date_and_a_time(cell: Cell, day: date, clock: time) -> None:
    assert (visit(cell), read_date(cell).clock) == (day, clock)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("3/14", "the year is missing"),
        ("14 Mar", "the year is missing"),
        ("Mar 14", "the year is missing"),
        ("vie 4/12", "the year is missing"),
        ("6 weeks", "no date that can be read"),
        ("1961", "no date that can be read"),
        (1961, "no date that can be read"),
        (float("nan"), "no date that can be read"),
        (True, "no date that can be read"),
        ("next Friday", "no date that can be read"),
        ("2/30/1961", "does not exist"),
        ("00/00/0000", "does not exist"),
        ("13/13/2000", "does not exist"),
        ("2026-12-04T10:30:00Z", "time zone"),
        ("2026-12-04T10:30:00-05:00", "time zone"),
        ("12/1/2026", "lies in the future"),
        ("1/1/1890", "more than 125 years back"),
    ],
)
def test_what_is_no_date_of_birth_is_a_fault_that_says_why(cell: Cell, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        birth(cell)
    assert "{column}" in str(caught.value)
    assert str(cell) not in str(caught.value)


def test_a_year_of_two_digits_is_the_last_that_fits_a_birth_and_the_nearest_for_a_visit() -> None:
    assert birth("11/22/26") == TODAY
    assert birth("11/23/26") == date(1926, 11, 23)
    assert birth("1/1/27") == date(1927, 1, 1)
    assert birth("2/29/00") == date(2000, 2, 29)
    assert birth("2/29/28") == date(1928, 2, 29)
    assert visit("1/5/27") == date(2027, 1, 5)
    assert visit("1/5/99") == date(1999, 1, 5)
    assert visit("1-Jan-75") == date(2075, 1, 1)


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("10:30 AM", time(10, 30)), ("10:30", time(10, 30)), ("2:15 PM", time(14, 15)), ("1030", time(10, 30)),
        ("930", time(9, 30)), ("103000", time(10, 30)), ("10h30", time(10, 30)), ("2:15p", time(14, 15)),
        ("14:15:00", time(14, 15)), ("10:30 a. m.", time(10, 30)), ("10:30 - 11:00", time(10, 30)),
        ("12:00 AM", time(0, 0)), ("12:30 pm", time(12, 30)), ("9 am", time(9, 0)), (0.4375, time(10, 30)),
        (time(9, 5), time(9, 5)), (timedelta(hours=9), time(9, 0)), (HALF_PAST, time(10, 30)),
        (1030.0, time(10, 30)),
        ("10", None), ("25:00", None), ("10:75", None), ("soon", None), ("13:00 am", None), (timedelta(days=2), None),
        (True, None), (date(2026, 12, 4), None),
    ],
)  # fmt: skip
def test_times_are_read_as_people_write_them(cell: Cell, wanted: time | None) -> None:
    assert read_time(cell) == wanted


DAYS = st.dates(date(1902, 1, 1), TODAY)
FORMS = {
    "mdy": ["%m/%d/%Y", "%-m/%-d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m%d%Y"],
    "dmy": ["%d/%m/%Y", "%-d/%-m/%Y", "%d-%m-%Y", "%-d.%-m.%Y", "%d%m%Y"],
}
CLEAR = ["%Y-%m-%d", "%Y%m%d", "%Y/%-m/%-d", "%d-%b-%Y", "%B %-d, %Y", "%A, %-d %B %Y", "%-d%b%Y", "%Y-%m-%d %H:%M:%S"]


@given(day=DAYS, order=st.sampled_from(ORDERS), data=st.data())
def test_a_date_reads_back_in_the_order_in_which_it_was_written(
    day: date, order: DateOrder, data: st.DataObject
) -> None:
    written = read_date(day.strftime(data.draw(st.sampled_from(FORMS[order]))))
    assert order in fits(written, TODAY, birth=True)
    assert day_of(written.in_order(order), birth=True, today=TODAY) == day


@given(day=DAYS, form=st.sampled_from(CLEAR), order=st.sampled_from(ORDERS))
def test_a_date_with_one_reading_has_it_in_any_order(day: date, form: str, order: DateOrder) -> None:
    assert birth(day.strftime(form), order) == day


@given(cell=st.one_of(st.text(max_size=20), st.text("0123456789/-.: apmTZ", max_size=20), st.floats(), st.integers()))
@example("٣/٤/١٩٦١")
@example("²/³/1961")
@example(float("inf"))
@example(-1)
def test_any_cell_is_a_day_that_is_not_in_the_future_or_a_fault(cell: Cell) -> None:
    read_time(cell)
    for order in ORDERS:
        try:
            found = birth(cell, order)
        except ValueError as error:
            assert "{column}" in str(error)  # noqa: PT017
        else:
            assert date(1900, 1, 1) < found <= TODAY


def decided(*columns: list[str], of_map: DateOrder | None = None, of_clinic: DateOrder | None = None) -> Decided:
    made = {}
    for number, cells in enumerate(columns):
        made[number] = DateColumn(f"Column {number}", number == 0)
        for row, cell in enumerate(cells, 2):
            made[number].look(row, read_date(cell), TODAY)
    return decide(made, of_map=of_map, of_clinic=of_clinic, today=TODAY)


def test_one_value_that_fits_one_order_decides_for_its_column() -> None:
    assert decided(["04/09/1961", "8/30/1972"]).orders == {0: "mdy"}
    assert decided(["04/09/1961", "30/8/1972"]).orders == {0: "dmy"}
    assert decided(["04/09/1961", "30/8/1972"]).notes == ()


def test_a_column_that_fits_both_takes_its_neighbours_order_and_it_is_told() -> None:
    found = decided(["30/8/1972"], ["04/12/2026"])
    assert found.orders == {0: "dmy", 1: "dmy"}
    assert found.notes == (
        "'Column 1' could be read day first or month first; it is read day first, as 'Column 0' of the same list is.",
    )


def test_neighbours_that_differ_decide_nothing() -> None:
    with pytest.raises(RequestFault, match=r"row 2: 'Column 2' is 4 May 2026 or 5 April 2026"):
        decided(["30/8/1972"], ["8/30/2026"], ["04/05/2026"])
    assert decided(["30/8/1972"], ["8/30/2026"], ["04/05/2026"], of_clinic="mdy").orders[2] == "mdy"


def test_values_outweigh_the_clinics_own_way_of_writing_dates_and_it_is_told() -> None:
    found = decided(["8/30/1972"], of_clinic="dmy")
    assert found.orders == {0: "mdy"}
    assert "unlike the clinic's date_order" in found.notes[0]


def test_values_against_the_lists_own_map_are_refused() -> None:
    with pytest.raises(RequestFault, match=r"row 3 can only be month first, but the list's map says dmy"):
        decided(["04/09/1961", "8/30/1972"], of_map="dmy")


def test_a_column_in_two_orders_is_refused_with_both_rows() -> None:
    with pytest.raises(RequestFault, match=r"row 2 can only be month first, row 3 only day first"):
        decided(["8/30/1972", "30/8/1972"], of_map="dmy")


def test_a_day_that_is_its_own_month_needs_no_order_and_an_impossible_one_proves_none() -> None:
    assert decided(["05/05/1961"], ["2026-12-04", "9-Apr-61"]).orders == {}
    assert decided(["30/30/1972"]).orders == {}
    with pytest.raises(RequestFault):
        decided(["30/02/1972", "04/09/1961"])  # the 30th of February says nothing about the others


@given(days=st.lists(DAYS, min_size=1, max_size=6), order=st.sampled_from(ORDERS), other=st.lists(DAYS, max_size=6))
def test_whatever_is_decided_reads_every_date_back(days: list[date], order: DateOrder, other: list[date]) -> None:
    form = FORMS[order][0]
    columns = [[day.strftime(form) for day in days], [day.strftime(form) for day in other]]
    try:
        found = decided(*columns)
    except RequestFault:
        assert all(day.day <= 12 for day in (*days, *other))
        return
    for number, each in enumerate((days, other)):
        for day in each:
            if day.day != day.month:
                assert found.orders[number] == order


def test_a_written_date_keeps_the_time_it_has_no_use_for_midnight() -> None:
    assert read_date("12/4/2026 00:00").clock is None
    assert Written(1961, 4, 9) == read_date(date(1961, 4, 9))
