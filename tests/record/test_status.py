"""What the record says of a file: as it was made, approved, or neither; whatever the file says of itself."""

from __future__ import annotations

from datetime import date

import pytest

from handouts.errors import Refused
from handouts.record.status import FileIdentity, Kind, require_approved, require_ours
from tests.recording import CODE, event


@pytest.mark.parametrize(
    ("until", "day", "goes"),
    [
        (None, date(2026, 11, 22), False),
        ("2026-11-21", date(2026, 11, 22), False),
        ("2026-11-22", date(2026, 11, 22), True),
    ],
)
def test_a_file_goes_until_the_last_day_of_its_approval(until: str | None, day: date, goes: bool) -> None:
    found = FileIdentity("made", CODE, event(approved_until=until))
    if goes:
        require_approved(found, day)
    else:
        with pytest.raises(Refused, match="--allow-unapproved"):
            require_approved(found, day)


def test_a_file_that_the_record_does_not_know_counts_as_unapproved() -> None:
    with pytest.raises(Refused, match="was not approved"):
        require_approved(FileIdentity("unknown", CODE), date(2026, 11, 22))


@pytest.mark.parametrize(
    ("kind", "said", "goes"),
    [
        ("made", False, True),
        ("changed", False, False),
        ("changed", True, False),
        ("unknown", False, False),
        ("unknown", True, True),
    ],
)
def test_a_person_can_vouch_for_an_unknown_file_and_not_for_a_changed_one(kind: Kind, said: bool, goes: bool) -> None:
    found = FileIdentity(kind, CODE)
    if goes:
        require_ours(found, "Nothing was sent.", not_in_record=said)
    else:
        with pytest.raises(Refused, match=r"Nothing was sent\."):
            require_ours(found, "Nothing was sent.", not_in_record=said)
