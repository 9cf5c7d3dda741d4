"""The header is found wherever it stands, and columns are known by the names that practice systems give them."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handouts.errors import RequestFault
from handouts.lists.header import find_header, fingerprint
from handouts.lists.plan import ListSettings, plan_columns
from handouts.lists.row import Listing
from handouts.lists.rows import read_stream
from handouts.lists.tables import Line
from handouts.lists.usual_names import fold, roles
from handouts.load.validation import validate
from handouts.load.yamlfile import parse
from handouts.model.list_map import ListMap
from tests.conftest import TODAY

GIVEN = frozenset({"topic", "options"})


def targets(*names: str, own: bool = False, **mapped: str) -> dict[str, tuple[str, ...]]:
    """What a header's columns fill, by their names."""
    header = find_header([Line(1, names)], {}, mapped)
    assert header
    assert header.own == own
    plan = plan_columns(header, ListSettings(TODAY, mapped, GIVEN))
    return {path: tuple(names[number] for number in numbers) for path, numbers in plan.targets.items()}


def read(text: str, **mapped: str) -> Listing:
    return read_stream(io.BytesIO(text.encode()), ListSettings(TODAY, mapped, GIVEN))


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("patient.name", ["Patient Name", "Pt. Name", "Patient", "PATIENT_NAME", "Full Name", "Name", "Nombre completo",
                          "Paciente", "Nombre del paciente", "Patient's name", "PatientName"]),
        ("last", ["Last Name", "Pt Last Name", "Surname", "pat_last_nm", "Apellidos", "Primer apellido", "LNAME"]),
        ("first", ["First Name", "Given name", "Forename", "PtFirstName", "Nombres"]),
        ("patient.birth_date", ["DOB", "D.O.B.", "Date of birth", "Birthdate", "PAT_DOB", "Fecha de nacimiento",
                                "F. nacimiento", "Pt DOB", "DateOfBirth", "Fec. Nac."]),
        ("patient.identifier", ["MRN", "Acct #", "Hospital no.", "Chart #", "Patient ID", "ID", "Expediente",
                                "Nº de historia clínica", "NHS Number", "Account Number", "Med. Rec. No."]),
        ("patient.email", ["Email Address", "E-mail", "EMAIL", "Correo electrónico", "Pt Email"]),
        ("visit_date", ["Appt Date", "Clinic date", "Visit Date", "Date", "DOS", "Fecha de cita", "Fecha"]),
        ("order", ["Appt Time", "Start Time", "Time", "Hora", "Hora de la cita"]),
        ("clinician", ["Provider", "Consultant", "Physician", "Médico", "Seen by", "Rendering Provider"]),
        ("language", ["Language", "Preferred Language", "Idioma", "Pref Lang"]),
        ("diagnosis", ["Primary Dx", "Diagnosis", "ICD-10", "Dx Code", "Diagnóstico"]),
        ("appointment.at", ["Next Appt", "Next visit", "Próxima cita", "Next Appointment Date"]),
    ],
)  # fmt: skip
def test_the_usual_names_are_known(path: str, names: Sequence[str]) -> None:
    assert {name: roles(name)[:1] and roles(name)[0][0] for name in names} == dict.fromkeys(names, path)


@pytest.mark.parametrize(
    "name",
    ["Notes", "Note", "Comments", "Phone", "Sex", "Address", "Insurance", "Status", "Room", "Duration", "Referring MD",
     "Appt Type", "End Time", "Follow up", "Format", "Stage", "Clinic", "Location", "Encounter #", "", " ", "x" * 500],
)  # fmt: skip
def test_what_means_nothing_to_a_handout_is_no_known_name(name: str) -> None:
    assert roles(name) == ()


def test_what_the_office_wrote_for_itself_never_becomes_the_patients_note() -> None:
    assert targets("Patient Name", "DOB", "Note", "Format", "Stage", "Clinic") == {
        "patient.name": ("Patient Name",),
        "patient.birth_date": ("DOB",),
    }
    assert "note" in targets("Patient Name", "DOB", "Note", own=True, Note="note", **{"Patient Name": "patient.name"})


def test_parts_of_a_name_are_joined_in_the_order_in_which_it_is_spoken() -> None:
    assert targets("Last Name", "Suffix", "First Name", "MI", "DOB")["patient.name"] == (
        "First Name", "MI", "Last Name", "Suffix",
    )  # fmt: skip
    assert targets("Nombre", "Apellidos", "Hora")["patient.name"] == ("Nombre", "Apellidos")
    assert targets("Patient Name", "Last Name", "First Name")["patient.name"] == ("Patient Name",)


def test_of_several_columns_for_one_thing_the_plainer_name_is_taken() -> None:
    assert targets("ID", "Acct #", "MRN", "Name")["patient.identifier"] == ("MRN",)
    found = targets("Date", "Start", "Patient")
    assert (found["visit_date"], found["order"]) == (("Date",), ("Start",))


def test_two_columns_that_want_to_be_the_same_are_refused_with_what_to_say() -> None:
    with pytest.raises(RequestFault, match=r"column 'Birth date': a second column for patient\.birth_date") as caught:
        targets("Patient Name", "DOB", "Birth date")
    assert "--map 'Birth date='" in caught.value.message
    assert targets("Patient Name", "DOB", "Birth date", **{"Birth date": ""})["patient.birth_date"] == ("DOB",)


def test_the_next_visit_comes_only_from_a_column_called_so() -> None:
    found = targets("Patient", "Appointment", "Next Appt Date", "Next Appt Time", "Next Provider")
    assert found["appointment.at"] == ("Next Appt Date", "Next Appt Time")
    assert found["visit_date"] == ("Appointment",)
    assert not any(path.startswith("appointment") for path in targets("Patient", "Appt", "Next Provider"))


def test_a_list_in_the_programs_own_format_may_have_usual_names_as_well() -> None:
    assert targets("patient.name", "DOB", "side", own=True) == {
        "patient.name": ("patient.name",), "patient.birth_date": ("DOB",), "side": ("side",),
    }  # fmt: skip


@pytest.mark.parametrize(
    "above",
    ["", "Hill Street Clinic\n\n", "Hill Street Clinic,,,\nPrinted 12/04/2026,,,\n", "\n\n,,,\n",
     "Provider:,Dr. Hart,Date:,12/04/2026\n", '"Name of the list: ""Day""",,\n', "a;b;c;d\n"],
)  # fmt: skip
@pytest.mark.parametrize("beside", ["", ",", ",,"])
def test_the_header_is_the_first_row_that_names_two_columns(above: str, beside: str) -> None:
    found = read(f"{above}{beside}Patient Name,Appt Time\n{beside}Ann Lee,9:00\n")
    assert found.header_row == above.count("\n") + 1
    (row,) = found.rows
    assert row.data == {"patient": {"name": "Ann Lee"}}
    assert (row.number, row.order) == (above.count("\n") + 2, "09:00")


def test_a_map_may_say_in_which_row_its_header_stands_and_knows_it_by_its_names_alone() -> None:
    text = "Wer,Wann\nx,y\nWann,WER \n9:00,Ann\n"
    columns = "columns: {Wer: patient.name, Wann: order}"
    for row, wanted in (("auto", 1), ("3", 3)):
        told = f"fingerprint: {fingerprint(['Wer', 'Wann'])}\nheader_row: {row}\n{columns}"
        maps = {"day": validate(ListMap, parse(told, "day.yaml"))}
        found = read_stream(io.BytesIO(text.encode()), ListSettings(TODAY, given=GIVEN, maps=maps))
        assert found.header_row == wanted
    (row_3,) = found.rows
    assert (row_3.data, row_3.order) == ({"patient": {"name": "Ann"}}, "09:00")


def test_a_flag_may_name_the_column_of_times() -> None:
    (row,) = read("Patient Name,DOB,Slot no\nAnn,9-Apr-61,9:00\n", **{"Slot no": "order"}).rows
    assert row.order == "09:00"


def test_one_name_is_enough_if_it_is_a_path_and_not_if_it_is_not() -> None:
    assert [row.data for row in read("Day list\n\npatient.name\nAnn\n").rows] == [{"patient": {"name": "Ann"}}]
    with pytest.raises(RequestFault, match=r"there is no column patient\.name"):
        read("Patient,Phone\nAnn,555\n")
    (row,) = read("Day list\nWho,Phone\nAnn,555\n", Who="patient.name").rows
    assert row.data == {"patient": {"name": "Ann"}}


def test_what_lacks_a_name_a_topic_or_options_is_refused() -> None:
    with pytest.raises(RequestFault) as caught:
        read_stream(io.BytesIO(b"DOB,MRN\n9-Apr-61,1\n"), ListSettings(TODAY))
    for name in ("patient.name", "topic or --topic", "options or --option"):
        assert f"there is no column {name}" in caught.value.message


def test_rows_that_are_no_patients_are_left_out_and_told() -> None:
    text = (
        "Patient Name,DOB,MRN,Time\nAnn,9-Apr-61,1,9:00\nDr. Hart,,,\n,,,10:00\nPatient Name,DOB,MRN,Time\n"
        "Total,,,12\nTotal patients: 3,,,\nTotalia Jones,1-Jan-50,,\nBo,,,11:00\nCount Basie,,,11:30\nCount: 3,,,x\n"
    )
    found = read(text)
    assert found.left_out.first == {
        3: "no patient", 4: "no patient", 5: "the header again", 6: "no patient", 7: "no patient",
        11: "no patient",
    }  # fmt: skip
    assert [row.number for row in found.rows] == [2, 8, 9, 10]


def test_columns_in_another_order_end_the_list() -> None:
    rows = list(read("Patient Name,DOB\nAnn,9-Apr-61\nDOB,Patient Name\n9-Apr-61,Bo\n").rows)
    assert "can't be read from here on" in rows[-1].fault
    assert [row.number for row in rows] == [2, 3]


def test_a_fingerprint_does_not_depend_on_order_case_or_spaces() -> None:
    assert fingerprint(["Patient  Name", "DOB", ""]) == fingerprint(["dob", "PATIENT NAME "])
    assert fingerprint(["Patient Name", "DOB"]) != fingerprint(["Patient Name", "DOB", "DOB"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Name,MRN\nAnn,00417\nBo,418\n", "some numbers begin with zeros and others are shorter"),
        ("Name,Idioma\nAnn,Navajo\nBo,English\n", "1 row(s) name a language that nothing is printed in yet"),
        ("Name,Time,Status\nAnn,9:00,No-show\n", "Column C ('Status') may say which visits are cancelled (row 2)"),
        ('Name,Time\n"LEE, ANN",9:00\n', "Names with a comma (1) are printed as written"),
    ],
)
def test_what_the_staff_should_know_is_told_without_anybodys_details(text: str, said: str) -> None:
    found = read(text)
    assert any(said in note for note in found.notes)
    assert not any(word in note for note in found.notes for word in ("Ann", "LEE", "417", "Navajo"))


def test_a_record_number_that_a_spreadsheet_rounded_is_a_fault() -> None:
    (row,) = read("Name,MRN\nAnn,4.17E+11\n").rows
    assert row.fault.startswith("MRN: a spreadsheet has turned the number into one such as")


def test_a_start_may_be_a_day_a_time_or_both() -> None:
    for cell, day, order in (("9:00", None, "09:00"), ("2026-12-04", "2026-12-04", ""),
                             ("2026-12-04 9:00", "2026-12-04", "09:00")):  # fmt: skip
        (row,) = read(f"Name,Start\nAnn,{cell}\n").rows
        assert row.data == {"patient": {"name": "Ann"}} | ({"visit_date": day} if day else {})
        assert row.order == order
    (row,) = read("Name,Appt Time\nAnn,12/14/2026 9:00\n").rows
    assert (row.data, row.order) == ({"patient": {"name": "Ann"}, "visit_date": "2026-12-14"}, "09:00")


@given(name=st.text(max_size=30))
@example(name="𝐀")
def test_a_name_is_folded_once_and_for_all(name: str) -> None:
    assert fold(fold(name)) == fold(name)
