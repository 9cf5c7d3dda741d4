"""The appointment for the patient's calendar: what it says, and what it does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import icalendar

from handouts.deliver.mail.calendar_file import CalendarEntry, calendar_file
from handouts.deliver.mail.posting import Parcel, draft, prepare
from handouts.model.mailwords import MailWords
from tests.mailing import ADDRESS, CODE, FROM, NOW, WORDS

AT = datetime(2026, 12, 4, 14, 30)  # noqa: DTZ001  the clinic's clock
CLINIC = replace(FROM, place="Dr. Cohen, 1 Main Street, Sampleton", calendar=True)
PDF = b"%PDF-1.7 plain"


def parcel(**over: object) -> Parcel:
    base = Parcel(PDF, CODE, ADDRESS, name="Xanthippe Quill", unlocked_by="Joy", appointment=CalendarEntry(AT))
    return replace(base, **over)  # type: ignore[arg-type]


def letter(given: Parcel, calendar: bool = True, words: MailWords = WORDS) -> EmailMessage:
    body = prepare(given, replace(CLINIC, calendar=calendar), words, NOW).new.body
    return message_from_bytes(body, policy=default)  # type: ignore[return-value]


def names(message: EmailMessage) -> list[str | None]:
    return [part.get_filename() for part in message.iter_attachments()]


def test_the_file_says_when_and_with_which_clinic_and_nothing_else():
    assert calendar_file(CalendarEntry(AT), CODE, CLINIC, NOW).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//handouts//appointment//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "SUMMARY:Dr. Cohen",
        "DTSTART:20261204T143000",
        f"DTSTAMP:{datetime.fromtimestamp(NOW, UTC):%Y%m%dT%H%M%SZ}",
        f"UID:{CODE}@clinic.example",
        "CLASS:PRIVATE",
        "LOCATION:Dr. Cohen\\, 1 Main Street\\, Sampleton",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_its_time_is_the_clinics_clock_wherever_it_is_opened():
    [event] = icalendar.Calendar.from_ical(calendar_file(CalendarEntry(AT), CODE, CLINIC, NOW)).events
    assert (event.start, event.start.tzinfo) == (AT, None)


def test_where_the_request_names_a_place_the_clinics_address_does_not_lead_the_patient_astray():
    file = calendar_file(CalendarEntry(AT, elsewhere=True), CODE, CLINIC, NOW)
    assert b"LOCATION" not in file
    assert b"SUMMARY:Dr. Cohen" in file


def test_a_long_name_and_other_letters_come_back_as_they_were():
    name = "Клиника Đặng, 診所 & Söhne; " * 6
    file = calendar_file(CalendarEntry(AT), CODE, replace(CLINIC, name=name.strip()), NOW)
    assert max(len(line) for line in file.split(b"\r\n")) <= 75
    [event] = icalendar.Calendar.from_ical(file).events
    assert event["SUMMARY"] == name.strip()


def test_the_appointment_goes_along_beside_the_file_where_the_clinic_wants_it():
    message = letter(parcel(unlocked_by=None, pdf=_real()))
    pdf, calendar = message.iter_attachments()
    assert (pdf.get_filename(), calendar.get_filename()) == (f"{CODE}.pdf", "appointment.ics")
    assert (calendar.get_content_type(), calendar.get_param("method")) == ("text/calendar", "PUBLISH")
    assert calendar.get_payload(decode=True).startswith(b"BEGIN:VCALENDAR\r\n")  # type: ignore[union-attr]
    for kind in ("plain", "html"):
        assert "The other file holds your next visit." in _text(message, kind)


def _real() -> bytes:
    import io

    import pikepdf

    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out)
    return out.getvalue()


def _text(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part
    return str(part.get_content())


def test_it_stays_at_home_unless_the_clinic_and_the_request_say_so():
    for message in (letter(parcel(), calendar=False), letter(parcel(appointment=None))):
        assert names(message) == [f"{CODE}.pdf"]
        assert "next visit" not in _text(message, "plain")


def test_words_of_before_there_were_appointments_still_do():
    words = WORDS.model_dump()
    del words["message"]["appointment"]
    message = letter(parcel(), words=MailWords.model_validate(words))
    assert names(message) == [f"{CODE}.pdf", "appointment.ics"]
    assert "next visit" not in _text(message, "plain")


def test_a_draft_has_it_too():
    body, _, _ = draft(parcel(), CLINIC, WORDS, NOW)
    message = message_from_bytes(body, policy=default)
    assert names(message) == [f"{CODE}.pdf", "appointment.ics"]  # type: ignore[arg-type]


def test_nothing_in_it_names_the_patient():
    assert b"Quill" not in calendar_file(CalendarEntry(AT), CODE, CLINIC, NOW)
    assert repr(CalendarEntry(AT)) == "CalendarEntry(...)"
