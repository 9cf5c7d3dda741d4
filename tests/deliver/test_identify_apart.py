"""What a page in a browser is sent may be anything: it is looked at where it can do no harm."""

from __future__ import annotations

import zlib

import pytest

from handouts.deliver import identify_apart as apart
from handouts.deliver.identify import Identified, identify
from handouts.deliver.identify_apart import identify_apart
from tests.conftest import MakeOf

FOREIGN = Identified("foreign")


def bomb(megabytes: int) -> bytes:
    """A PDF that says it is a handout, and whose catalog lies in an object stream that unfolds to so much."""
    places = b"1 0 2 40 "
    body = places + b"<</Type/Catalog/Pages 2 0 R>>".ljust(40) + b"<</Type/Pages/Kids[]/Count 0>>"
    squeeze = zlib.compressobj(9)
    packed = squeeze.compress(body) + b"".join(squeeze.compress(b" " * 2**20) for _ in range(megabytes))
    packed += squeeze.flush()
    head = b"%PDF-1.5\n"
    held = b"3 0 obj\n<</Type/ObjStm/N 2/First %d/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        len(places), len(packed), packed,
    )  # fmt: skip
    table = len(head) + len(held)
    rows = [(0, 0, 0), (2, 3, 0), (2, 3, 1), (1, len(head), 0), (1, table, 0)]
    where = b"".join(bytes([kind]) + place.to_bytes(4, "big") + bytes([index]) for kind, place, index in rows)
    keys = b"/Size 5/W[1 4 1]/Root 1 0 R/Info<</Title(A, FHK8-Z5DW-14K)>>"
    cross = b"4 0 obj\n<</Type/XRef%b/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (keys, len(where), where)
    return head + held + cross + b"startxref\n%d\n%%%%EOF" % table


def test_a_handout_is_told_as_it_is_told_here(make_of: MakeOf) -> None:
    pdf = make_of().pdf
    assert identify_apart(pdf) == identify(pdf)
    assert identify_apart(pdf).kind == "handout"


@pytest.mark.parametrize(
    "pdf", [b"", b"a letter", b"%PDF-1.7\n" + bytes(range(256)) * 40], ids=["none", "text", "noise"]
)
def test_garbage_is_foreign(pdf: bytes) -> None:
    assert identify_apart(pdf) == FOREIGN


def test_a_file_that_unfolds_to_more_memory_than_it_may_have_is_foreign_and_nothing_here_grows() -> None:
    resource = pytest.importorskip("resource")
    large = bomb(3000)
    assert len(large) < 4 * 2**20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert identify_apart(bomb(1)).kind == "handout"
    assert identify_apart(large) == FOREIGN
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_a_file_that_takes_too_long_is_foreign(monkeypatch: pytest.MonkeyPatch, make_of: MakeOf) -> None:
    monkeypatch.setattr(apart, "PATIENCE", 0.001)
    assert identify_apart(make_of().pdf) == FOREIGN
