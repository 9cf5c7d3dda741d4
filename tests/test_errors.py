"""What people are told when something is wrong."""

from __future__ import annotations

import pytest

from handouts.errors import (
    ContentFault,
    Fault,
    HandoutError,
    HandOverFault,
    OutputFault,
    Refused,
    RequestFault,
    SomeFailed,
    SystemMissing,
    is_nearly_known,
    nearest,
    quote_if_known,
    shown,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (HandoutError, 70),
        (SomeFailed, 1),
        (ContentFault, 3),
        (RequestFault, 4),
        (OutputFault, 5),
        (HandOverFault, 6),
        (SystemMissing, 7),
        (Refused, 8),
    ],
)
def test_each_kind_of_error_owns_the_exit_code_of_the_contract(kind: type[HandoutError], code: int) -> None:
    assert kind("x").exit_code == code


def test_faults_are_told_in_the_order_of_files_and_lines_each_once() -> None:
    error = ContentFault("Mend:", faults=[Fault("b", 2, "two"), Fault("a", 9, "nine"), Fault("b", 2, "two")])
    assert error.message == "Mend:\n  a:9: nine\n  b:2: two"


def test_a_fault_without_line_or_file_says_only_what_it_knows() -> None:
    assert str(Fault("a.yaml", 0, "is missing")) == "a.yaml: is missing"
    assert str(Fault("", 0, "is missing")) == "is missing"


def test_the_nearest_name_is_offered_else_all_of_them_else_none() -> None:
    assert nearest("BOTOXX", ["botox", "radiosurgery"], what="options") == "Did you mean 'botox'?"
    assert nearest("zzz", ["b", "a"], what="options") == "Known options: a, b."
    assert nearest("x", [], what="presets") == "There are no presets yet."


def test_a_name_in_a_message_is_cut_and_holds_no_control_characters() -> None:
    assert shown("a\x1b[2J\u202eb\ud800") == "a<U+001B>[2J<U+202E>b<U+D800>"
    assert shown("x" * 61) == "x" * 60 + "..."
    assert shown("Émilie") == "Émilie"


def test_the_first_twenty_faults_are_told_and_the_rest_counted() -> None:
    faults = [Fault("r.json", line, "unknown key") for line in range(1, 90_001)]
    error = RequestFault("The request has 90,000 problems:", faults=faults)
    assert error.message.splitlines()[1] == "  r.json:1: unknown key"
    assert error.message.splitlines()[20:] == ["  r.json:20: unknown key", "  and 89,980 more"]
    assert "more" not in RequestFault("x", faults=faults[:20]).message


@pytest.mark.parametrize("name", ["Zebra Canary", "zebra-canary", "Clinton", "Paige", "Gracie", "Noel", "x" * 10_000])
def test_a_name_is_shown_only_where_it_is_nearly_a_known_one(name: str) -> None:
    known = ["clinic", "clinician", "stage", "format", "note", "paper", "side", "topic"]
    assert not is_nearly_known(name, known)
    assert quote_if_known(name, known) == " of that name"


@pytest.mark.parametrize("name", ["clinican", "topics", "Notes", "formt"])
def test_a_slip_of_the_keyboard_is_shown(name: str) -> None:
    assert quote_if_known(name, ["clinician", "topic", "note", "format"]) == f" '{name}'"
