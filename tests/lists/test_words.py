"""What the words on a list say is neither overruled nor passed over in silence."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest

from handouts.errors import RequestFault
from handouts.lists.header import fingerprint
from handouts.lists.plan import ListSettings
from handouts.lists.row import Listing
from handouts.lists.rows import read_stream
from handouts.load.validation import validate
from handouts.load.yamlfile import Parsed
from handouts.model.list_map import ListMap
from tests.conftest import TODAY

FLAGS = {"topic": "hemifacial-spasm", "options": ["botox"]}
CODES = {
    "g51.32": {"topic": "hemifacial-spasm", "side": "left"},
    "g50.0": {"topic": "trigeminal-neuralgia"},
}
OPTIONS = frozenset({"botox", "radiosurgery", "microvascular-decompression"})


def read(text: str, flags: Mapping[str, Any] = FLAGS, **told: Any) -> Listing:
    """A list, and what the map of such lists says where there is one."""
    maps = {}
    if told:
        head = text.splitlines()[0].split(",")
        data = {"fingerprint": fingerprint(head), "columns": {"Name": "patient.name"}, **told}
        maps = {"days": validate(ListMap, Parsed(data, {}, "days.yaml"))}
    known = ListSettings(
        TODAY, given=frozenset(flags), maps=maps, codes=CODES, flags=flags, options=OPTIONS
    )  # fmt: skip
    return read_stream(io.BytesIO(text.encode()), known)


def faults(found: Listing) -> dict[int, str]:
    return {row.number: row.fault for row in found.rows if row.data is None}


def good(found: Listing) -> dict[int, Any]:
    return {row.number: {**row.data, "patient": None} for row in found.rows if row.data is not None}


DX = "Patient Name,MRN,Dx\nAnn Lee,1,G51.32\nBo Day,2,G50.0\nCy Fox,3,\nDi Kay,4,M54.5\nEd Low,5,I10; G51.32\n"


def test_a_flag_does_not_overrule_a_diagnosis_code() -> None:
    assert faults(read(DX)) == {
        3: "'Dx': the list says G50.0, trigeminal-neuralgia; --topic or the preset says hemifacial-spasm. Leave the "
        "flag out, or make this handout by itself",
    }
    found = read(DX)
    assert [note for note in found.notes if "Dx" in note] == [
        "'Dx' holds codes that no topic has, and these rows take the topic of the flag or preset. Check them: row 5 "
        "has M54.5."
    ]
    assert good(found)[2]["side"] == "left"


def test_without_a_flag_a_row_whose_codes_say_no_topic_names_the_column_and_the_code() -> None:
    found = faults(read(DX, {"options": ["botox"]}))
    assert found[4].startswith("'Dx': nothing says what this row is about. Give --topic")
    assert found[5].startswith("'Dx': no topic has the code M54.5. Give --topic")
    assert set(found) == {4, 5}


@pytest.mark.parametrize("column", ["Treatments", "Option", "Procedure", "Tratamiento"])
def test_a_column_of_options_is_used_by_whatever_name(column: str) -> None:
    text = f"Patient,MRN,{column}\nAnn Lee,1,Botox; radiosurgery\nBo Day,2,Microvascular decompression\n"
    found = read(text, {"topic": "hemifacial-spasm"})
    assert f"{column} -> options" in found.summary
    assert [row["options"] for row in good(found).values()] == [
        ["botox", "radiosurgery"], ["microvascular-decompression"],
    ]  # fmt: skip


def test_a_flag_does_not_overrule_a_column_of_options() -> None:
    found = faults(read("Patient,MRN,Treatments\nAnn Lee,1,radiosurgery\nBo Day,2,\nCy Fox,3,botox\nDi Kay,4,MRI\n"))
    assert found == {
        2: "'Treatments': the list says radiosurgery; --option or the preset says botox. Leave the flag out, or make "
        "this handout by itself",
    }


def test_a_flag_does_not_overrule_the_words_of_a_map() -> None:
    values = {"Type": {"MVD": {"options": ["microvascular-decompression"]}, "FU": {"options": ["botox"]}}}
    found = faults(read("Name,MRN,Type\nAnn Lee,1,MVD\nBo Day,2,FU\nCy Fox,3,\n", values=values))
    assert found == {
        2: "'Type': the list says MVD, microvascular-decompression; --option or the preset says botox. Leave the flag "
        "out, or make this handout by itself",
    }


def test_a_word_that_the_map_does_not_know_is_told_unless_it_may_be_about_the_patient() -> None:
    values = {"Type": {"FU": {"options": ["botox"]}}}
    text = "Name,MRN,Type\nAnn Lee,1,New HFS Consult\nBo Day,2,asks for Bo\nCy Fox,3,{}\n".format("x" * 41)
    found = faults(read(text, values=values))
    assert found[2] == (
        "'Type': the map days does not say what 'New HFS Consult' means. Add it there under values, or make this "
        "handout by itself"
    )
    assert "what stands here means" in found[3]
    assert "what stands here means" in found[4]
    text = "Name,MRN,Notes\nAnn Lee,1,VIP\n"
    assert "what stands here means" in faults(read(text, values={"Notes": values["Type"]}))[2]


def test_words_like_those_that_leave_rows_out_are_not_passed_over() -> None:
    text = (
        "Name,MRN,Status\nAnn Lee,1,Canceled\nBo Day,2,Cancelled by patient\nCy Fox,3,Rescheduled\nDi Kay,4,No-show\n"
        "Ed Low,5,Seen\nFy Ray,6,Left without being seen\n"
    )
    found = read(text, leave_out={"Status": ["Cancelled"]})
    assert found.left_out.first == {2: "Status: like Cancelled", 3: "Status: like Cancelled"}
    told = faults(found)
    assert told[4] == (
        "'Status' says that the visit does not take place, 'Rescheduled'. If such rows are to be left out, add the "
        "word to leave_out in the map days"
    )
    assert set(told) == {4, 5, 7}


def test_a_status_column_that_the_map_says_nothing_of_is_watched() -> None:
    text = "Name,MRN,Appt Status,Notes\nAnn Lee,1,Cancelled,\nBo Day,2,Seen,cancelled in May\n"
    assert set(faults(read(text, columns={"Name": "patient.name", "Appt Status": None}))) == {2}
    assert faults(read(text, leave_out={"Appt Status": []})) == {}


@pytest.mark.parametrize(
    "name", ['"Blank, Block"', "HOLD", "Lunch", "TEST PATIENT", "Admin time", "Do not book - hold"]
)
def test_a_time_that_is_kept_free_is_no_patient(name: str) -> None:
    found = read(f'Patient,DOB,MRN,Time\nAnn Lee,1961-04-09,1,9:00\n{name},,,9:30\n"Block, Ann",,,10:00\n')
    assert found.left_out.first == {3: "no patient: a time that is kept free"}
    assert set(good(found)) == {2, 4}


def test_somebody_with_a_record_number_is_a_patient_whatever_the_name() -> None:
    assert set(good(read("Patient,DOB,MRN\nBlock,,1\nHold,1961-04-09,\n"))) == {2, 3}


@pytest.mark.parametrize("column", ["Affected side", "Side", "Laterality", "Lado"])
def test_sides_are_read_as_people_write_them(column: str) -> None:
    words = {
        "L": "left", "R": "right", "Lt": "left", "Right": "right", "B/L": "both", "bilateral": "both", "Unknown": None,
        "n/a": None, "": None, "Izquierda": "left",
    }  # fmt: skip
    rows = "".join(f"Ann {chr(65 + n)},{n},{word}\n" for n, word in enumerate(words))
    found = read(f"Patient,MRN,{column}\n{rows}Bo,9,upside down\n")
    every = list(found.rows)
    assert [row.data.get("side") for row in every if row.data] == list(words.values())
    assert every[-1].fault == (
        f"'{column}' holds a word that is no side: write left, right or both, or nothing"
    )  # fmt: skip


def test_two_columns_of_one_name_can_be_told_apart_and_are_never_both_left_out() -> None:
    text = "Patient,MRN,MRN,DOB\nAnn Lee,1,2,1961-04-09\n"
    for mapped, told in (
        ({}, "column 'MRN': a second column for patient.identifier; to leave it out, say --map 'MRN#2='"),
        ({"MRN": ""}, "2 columns are called 'MRN' (B, C): name one, such as the second, by --map 'MRN#2='"),
    ):
        with pytest.raises(RequestFault) as caught:
            with_flags(text, mapped)
        assert [fault.message for fault in caught.value.faults] == [told]
    for mapped, wanted in (({"MRN#2": ""}, "1"), ({"MRN#1": ""}, "2"), ({"mrn#2": "patient.identifier"}, "2")):
        (row,) = with_flags(text, mapped).rows
        assert row.data is not None
        assert row.data["patient"]["identifier"] == wanted
    again = "Patient,MRN,MRN\nAnn Lee,1,2\nPatient,MRN,MRN\nBo Day,3,4\n"
    assert with_flags(again, {"MRN#2": ""}).left_out.first == {3: "the header again"}


def with_flags(text: str, mapped: Mapping[str, str]) -> Listing:
    return read_stream(io.BytesIO(text.encode()), ListSettings(TODAY, mapped, frozenset(FLAGS)))


def test_what_a_list_lacks_is_told_after_what_is_made_of_it() -> None:
    with pytest.raises(RequestFault) as caught:
        read("Day list\n\nPatient,MRN,Reason\nAnn Lee,1,FU\n", {"topic": "hemifacial-spasm"})
    assert caught.value.message.splitlines()[0] == (
        "Row 3 names the columns: Patient -> patient.name; MRN -> patient.identifier; left out: C Reason. That is not "
        "all that a handout needs:"
    )
    assert [fault.message for fault in caught.value.faults] == [
        "there is no column options or --option: give --option, or say with `lists learn LIST` which column says them "
        "and what its words mean"
    ]
    with pytest.raises(RequestFault, match=r"No row of the list names columns that are known\. `lists learn LIST`"):
        read("Wer,Wann\nAnn,1\n")


def test_words_for_options_that_are_no_ids_are_told_with_the_way() -> None:
    (row,) = with_flags("Patient,MRN,Reason\nAnn Lee,1,FU Botox\n", {"Reason": "options"}).rows
    assert row.fault == "'Reason' holds words that are no ids of options: `lists learn` gives words a meaning"


def test_a_list_without_a_patient_is_refused() -> None:
    with pytest.raises(RequestFault, match="No patient is on the list: row 2 names the columns") as caught:
        read("Monday\nPatient,MRN\n")
    assert caught.value.exit_code == 4


def test_notes_that_are_to_be_printed_are_told() -> None:
    found = with_flags("Patient,MRN,Notes\nAnn Lee,1,VIP\n", {"Notes": "note"})
    assert "'Notes' is printed word by word. See that the office wrote it for the patient." in found.notes


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Cohen, Naomi MD", "Naomi Cohen MD"),
        ("Cohen, Naomi", "Naomi Cohen"),
        ("Cohen, Naomi, MD, PhD", "Naomi Cohen MD PhD"),
        ("Naomi Cohen, MD", "Naomi Cohen, MD"),
        ("Dr. Cohen", "Dr. Cohen"),
        ("Lee, Bo PA-C", "Bo Lee PA-C"),
    ],
)
def test_clinicians_are_turned_round_with_the_patients(written: str, printed: str) -> None:
    columns = {"Name": "patient.name", "Provider": "clinician"}
    (row,) = read(f'Name,Provider\n"Lee, Ann","{written}"\n', columns=columns, name_order="last-first").rows
    assert row.data == {"patient": {"name": "Ann Lee"}, "clinician": printed}


def test_a_map_says_which_column_holds_codes() -> None:
    text = "Name,Why,Diagnosis\nAnn Lee,G51.32,G50.0\n"
    columns = {"Name": "patient.name", "Why": "codes", "Diagnosis": None}
    assert good(read(text, columns=columns))[2]["topic"] == "hemifacial-spasm"
    columns = {"Name": "patient.name", "Diagnosis": None}
    assert "topic" not in good(read(text, columns=columns))[2]


def test_a_rows_own_column_counts_more_than_a_flag_unless_only_a_map_says_what_it_is() -> None:
    text = "patient.name,topic,Dx\nAnn Lee,trigeminal-neuralgia,G50.0\n"
    assert good(read(text))[2]["topic"] == "trigeminal-neuralgia"
    columns = {"Name": "patient.name", "What": "options"}
    found = faults(read("Name,What\nAnn Lee,radiosurgery\nBo Day,botox\n", columns=columns))
    assert found == {
        2: "'What': the list says radiosurgery; --option or the preset says botox. Leave the flag out, or make this "
        "handout by itself",
    }
