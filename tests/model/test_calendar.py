"""Dates and times of day by language: what English always printed, what Unicode's CLDR says of others."""

from __future__ import annotations

from datetime import date, time

import pytest

from handouts.model.calendar import Calendar, calendar

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("language", "order", "told"),
    [
        ("en", "mdy", ("November 22, 2026", "Sunday, November 22, 2026", "3:05 pm", "12:30 am")),
        ("en", "dmy", ("22 November 2026", "Sunday, 22 November 2026", "3:05 pm", "12:30 am")),
        ("es", "mdy", ("22 de noviembre de 2026", "domingo, 22 de noviembre de 2026", "3:05 p.m.", "12:30 a.m.")),
        ("es", "dmy", ("22 de noviembre de 2026", "domingo, 22 de noviembre de 2026", "15:05", "0:30")),
        ("ar", "mdy", ("22 نوفمبر 2026", "الأحد، 22 نوفمبر 2026", "3:05 م", "12:30 ص")),
        ("fr", "dmy", ("22 novembre 2026", "dimanche 22 novembre 2026", "15:05", "00:30")),
    ],
)
def test_each_language_writes_dates_and_times_its_own_way(language, order, told):
    made = calendar(language, order)
    times = [made.short_time(at).replace("\u00a0", " ") for at in (time(15, 5), time(0, 30))]
    assert (made.long_date(DAY), made.long_weekday(DAY), *times) == told


def test_only_arabic_is_written_in_arabic_digits_and_only_where_the_clinic_says_so():
    assert calendar("ar", "mdy", "arab").long_date(DAY) == "٢٢ نوفمبر ٢٠٢٦"
    assert calendar("ar", "mdy", "arab").short_time(time(15, 5)) == "٣:٠٥ م"
    assert calendar("es", "mdy", "arab").long_date(DAY) == "22 de noviembre de 2026"


def test_a_calendar_comes_back_from_the_archive_as_it_was():
    made = calendar("ar", "dmy", "arab")
    assert Calendar.from_json(made.to_json()) == made


def test_documents_of_before_keep_their_dates():
    english = calendar("en", "dmy")
    assert Calendar.of_before(english.months, english.weekdays, "dmy") == english
