"""The cache of sheets: it helps, is never in the way, and holds no patient's data."""

from __future__ import annotations

import os
import re
import stat
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from handouts.model.content import Library
from handouts.model.recorder import NullRecorder
from handouts.model.typeset_sheet import TypesetSheet
from handouts.pipeline import make
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, TODAY, RequestOf
from tests.sheets import stacked

NAME = "ab" * 32


@pytest.fixture
def sheet() -> TypesetSheet:
    return stacked()[2]


@pytest.fixture
def cache(tmp_path: Path) -> SheetCache:
    return SheetCache(tmp_path / "cache" / "sheets")


def test_what_was_put_is_got_back_whole(cache: SheetCache, sheet: TypesetSheet) -> None:
    assert cache.get(NAME) is None
    cache.put(NAME, sheet)
    assert cache.get(NAME) == sheet
    assert cache.get("cd" * 32) is None


def test_the_folder_and_its_files_are_their_owners_alone(cache: SheetCache, sheet: TypesetSheet) -> None:
    cache.put(NAME, sheet)
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in cache.folder.iterdir()] == [0o600]


def test_a_folder_that_was_open_to_others_is_closed(cache: SheetCache, sheet: TypesetSheet) -> None:
    cache.folder.mkdir(parents=True, mode=0o755)
    cache.put(NAME, sheet)
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700


def test_a_damaged_or_cut_entry_is_a_miss(cache: SheetCache, sheet: TypesetSheet) -> None:
    cache.put(NAME, sheet)
    (path,) = cache.entries()
    whole = path.read_bytes()
    for place in (0, 31, 32, 60, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        assert cache.get(NAME) is None
    for length in (0, 5, 32, 33, 60, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert cache.get(NAME) is None
    path.write_bytes(whole)
    assert cache.get(NAME) == sheet


def test_an_entry_under_another_name_is_a_miss(cache: SheetCache, sheet: TypesetSheet) -> None:
    cache.put(NAME, sheet)
    (path,) = cache.entries()
    path.rename(path.with_name("cd" * 32 + path.suffix))
    assert cache.get("cd" * 32) is None


def test_an_entry_that_is_whole_but_no_master_is_a_miss(cache: SheetCache) -> None:
    import hashlib

    cache.folder.mkdir(parents=True)
    for data in (b"", b"junk", b"handouts sheet 1\n2 0\n{}", b"handouts sheet 1\nx\n{}", b"handouts sheet 2\n"):
        (cache.folder / f"{NAME}.sheet").write_bytes(hashlib.sha256(NAME.encode() + data).digest() + data)
        assert cache.get(NAME) is None


def test_a_link_a_pipe_and_a_folder_are_misses(cache: SheetCache, sheet: TypesetSheet, tmp_path: Path) -> None:
    cache.put(NAME, sheet)
    (path,) = cache.entries()
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert cache.get(NAME) is None
    path.unlink()
    os.mkfifo(path)
    assert cache.get(NAME) is None
    path.unlink()
    path.mkdir()
    assert cache.get(NAME) is None


def test_another_users_entry_is_a_miss(cache: SheetCache, sheet: TypesetSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(NAME, sheet)
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    assert cache.get(NAME) is None


def test_a_folder_that_can_not_be_used_is_no_fault(tmp_path: Path, sheet: TypesetSheet) -> None:
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("n" * 300)):
        cache = SheetCache(folder)
        cache.put(NAME, sheet)
        assert cache.get(NAME) is None
        assert cache.entries() == []


def test_a_full_disk_leaves_no_half_entry(
    cache: SheetCache, sheet: TypesetSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache.put(NAME, sheet)
    assert list(cache.folder.iterdir()) == []


def test_the_least_recently_used_go_first(cache: SheetCache, sheet: TypesetSheet) -> None:
    size = len(sheet.to_bytes()) + 32
    small = SheetCache(cache.folder, max_bytes=3 * size)
    names = [f"{i:064x}" for i in range(4)]
    for at, name in enumerate(names[:3]):
        small.put(name, sheet)
        os.utime(cache.folder / f"{name}.sheet", (at, at))
    assert small.get(names[0]) == sheet, "used: now the most recent"
    small.put(names[3], sheet)
    assert [small.get(name) is not None for name in names] == [True, False, True, True]
    assert sum(path.stat().st_size for path in small.entries()) <= small.max_bytes


def test_clearing_says_how_many_there_were(cache: SheetCache, sheet: TypesetSheet) -> None:
    assert cache.clear() == 0
    cache.put(NAME, sheet)
    cache.put("cd" * 32, replace(sheet, name="other"))
    assert cache.clear() == 2
    assert cache.get(NAME) is None


def test_what_was_kept_before_there_were_sheets_is_not_looked_at_but_goes_with_the_rest(
    cache: SheetCache, sheet: TypesetSheet
) -> None:
    cache.put("cd" * 32, sheet)
    old = cache.folder / f"{NAME}.master"
    old.write_bytes(b"a master")
    assert cache.get(NAME) is None
    assert cache.clear() == 2
    assert list(cache.folder.iterdir()) == []


DISTINCT = {
    "patient": {
        "name": "Xanthippe Quillfeather",
        "preferred_name": "Zazulinka",
        "identifier": "MRN 7731-KX",
        "birth_date": "1961-04-09",
        "email": "xq@quillfeather.example",
    },
    "clinician": "Dr. Wolfgang Yttrium",
    "note": "Quibbling over breakfast",
    "next_steps": ["Jugglery at noon"],
    "medicines": [{"name": "Wyvernol", "dose": "1 tablet"}],
    "visit_date": "2026-10-13",
    "appointment": {"at": "2026-12-04T10:30", "with": "Nurse Vexillary", "where": "Pavilion Ypsilon"},
}
SECRETS = [
    *(
        "Xanthippe",
        "Quillfeather",
        "Zazulinka",
        "7731-KX",
        "1961-04-09",
        *("April 9, 1961", "9 April 1961"),
        "quillfeather.example",
        "Yttrium",
    ),
    *("October 13", "13 October", "2026-10-13", "December 4", "4 December", "Vexillary", "Pavilion", "Ypsilon"),
    *("Quibbling", "Jugglery", "Wyvernol"),
]


def streams(data: bytes) -> bytes:
    """``data`` and whatever of it can be decompressed."""
    found = [data]
    for match in re.finditer(rb"stream\r?\n", data):
        try:
            found.append(zlib.decompressobj().decompress(data[match.end() :]))
        except zlib.error:
            continue
    assert len(found) > 10, "the search has to look into the streams"
    return b"\n".join(found)


def inside(path: Path) -> bytes:
    """All that an entry holds, decompressed."""
    sheet = TypesetSheet.from_bytes(path.read_bytes()[32:])
    parts = [repr(replace(sheet, streams=())).encode(), path.read_bytes(), sheet.objects.text, sheet.parents.text]
    for item in sheet.streams:
        parts += [item.head.text, zlib.decompress(item.data) if b"/FlateDecode" in item.head.text else item.data]
    return b"\n".join(parts)


def test_no_byte_of_the_cache_holds_a_detail_of_the_patient(
    cache: SheetCache, library: Library, request_of: RequestOf
) -> None:
    made = make(library, request_of(**DISTINCT), key=KEY, today=TODAY, recorder=NullRecorder(), cache=cache)
    kept = b"\n".join(map(inside, cache.entries()))
    stamped = streams(made.pdf)
    for secret in SECRETS:
        for form in (secret.encode(), secret.encode("utf-16-be"), secret.encode("utf-16-be").hex().encode()):
            assert form.lower() not in kept.lower(), secret
    assert made.code.encode() not in kept
    for word in ("Xanthippe", "Quibbling", "Jugglery", "Wyvernol"):
        assert word.encode("utf-16-be").hex().encode() in stamped, "the search finds what there is"
