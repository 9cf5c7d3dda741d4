"""Messages read from the source: strings with named places."""

from __future__ import annotations

import ast
from string import Formatter

import pytest

from handouts.authoring.library_words import as_message, raised, sayings


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("'is missing'", "is missing"),
        ("f'{name} has no {what}'", "{name} has no {what}"),
        ("f'{self.name} and {other.name}'", "{name} and {name2}"),
        ("f'{name} is not {name}'", "{name} is not {name}"),
        ("f'{len(rows):,} rows of {shown(name)}'", "{len} rows of {shown}"),
        ("f'{rows[0]} is no {1 + 1}'", "{rows} is no {value}"),
        ("'write ' + known + '.'", "write {known}."),
        ("'a list: [{...}]'", "a list: [{{...}}]"),
        ("f'a list: [{{...}}]'", "a list: [{{...}}]"),
        ("'{column} lies in the future'", "{column} lies in the future"),
        ("'{} at most, {} at least'", "{value} at most, {value2} at least"),
    ],
)
def test_a_string_is_a_message_with_its_places_named(source: str, message: str) -> None:
    assert as_message(ast.parse(source, mode="eval").body) == message


def test_every_message_can_be_taken_apart_again() -> None:
    for message in sayings():
        list(Formatter().parse(message))


def test_what_errors_are_raised_with_is_among_all_that_is_said() -> None:
    assert set(raised()) <= set(sayings())
    assert raised()["There is no sheet left to print."] == ("handouts/desk/preview.py",)
    assert not any(file.startswith("handouts/cli/") for files in raised().values() for file in files)


@pytest.mark.parametrize(
    ("message", "file"),
    [
        ("The health record: {reason}.", "handouts/fhir/server.py"),
        ("it has no such thing{shown}", "handouts/fhir/server.py"),
        ("The workbook has macros; they are not run.", "handouts/lists/workbook_parts.py"),
        ("diagnoses of {len} topics are active", "handouts/fhir/problems.py"),
        ("its pages took too long to set; try again", "handouts/desk/listpool.py"),
        ("Declined by a mail server", "handouts/record/story.py"),
        ("no patient", "handouts/lists/records.py"),
        ("it has no type", "handouts/fhir/checking.py"),
        ("its element {dotted} is not as R4 has it", "handouts/fhir/checking.py"),
        ("no topic has its code", "handouts/fhir/problems.py"),
        ("it is taken only when needed", "handouts/fhir/dosage.py"),
        ("codes of a status in capitals", "handouts/fhir/leniency.py"),
        ("A Bundle in it is empty.", "handouts/fhir/reading.py"),
        ("is broken; save it again", "handouts/model/pixels.py"),
    ],
)
def test_so_are_questions_notes_reasons_and_tables_of_words(message: str, file: str) -> None:
    assert file in raised()[message]


def test_why_a_leniency_is_met_is_told_to_nobody() -> None:
    assert "databases of old systems" not in raised()


def test_a_count_is_a_message_for_one_and_for_many() -> None:
    assert {"1 file", "{count} files"} <= set(sayings())


def test_docstrings_are_no_messages() -> None:
    assert not any(message.startswith("A string of the source as a message") for message in sayings())
