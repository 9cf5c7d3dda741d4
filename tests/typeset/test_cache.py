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
from handouts.model.master import Master, Patch
from handouts.model.recorder import NullRecorder
from handouts.pipeline import make
from handouts.typeset import cache as cache_module
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, TODAY, RequestOf

NAME = "ab" * 32


@pytest.fixture
def master() -> Master:
    patch = Patch(1, b"(", b")\xff")
    pdf = b"%PDF-1.7 not really" * 20
    return Master(len(pdf), 9, 3, 1, b"\x01" * 16, 4, (5, 6), patch, patch, (), pdf)


@pytest.fixture
def cache(tmp_path: Path) -> SheetCache:
    return SheetCache(tmp_path / "cache" / "sheets")


def test_what_was_put_is_got_back_whole(cache: SheetCache, master: Master) -> None:
    assert cache.get(NAME) is None
    cache.put(NAME, master)
    assert cache.get(NAME) == master
    assert cache.get("cd" * 32) is None


def test_the_folder_and_its_files_are_their_owners_alone(cache: SheetCache, master: Master) -> None:
    cache.put(NAME, master)
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in cache.folder.iterdir()] == [0o600]


def test_a_folder_that_was_open_to_others_is_closed(cache: SheetCache, master: Master) -> None:
    cache.folder.mkdir(parents=True, mode=0o755)
    cache.put(NAME, master)
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700


def test_a_damaged_or_cut_entry_is_a_miss(cache: SheetCache, master: Master) -> None:
    cache.put(NAME, master)
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
    assert cache.get(NAME) == master


def test_an_entry_under_another_name_is_a_miss(cache: SheetCache, master: Master) -> None:
    cache.put(NAME, master)
    (path,) = cache.entries()
    path.rename(path.with_name("cd" * 32 + path.suffix))
    assert cache.get("cd" * 32) is None


def test_an_entry_that_is_whole_but_no_master_is_a_miss(cache: SheetCache) -> None:
    import hashlib

    cache.folder.mkdir(parents=True)
    for data in (b"", b"junk", b"handouts master 1\n2\n{}", b"handouts master 1\nx\n{}", b"handouts master 1\n2\n[]"):
        (cache.folder / f"{NAME}.master").write_bytes(hashlib.sha256(NAME.encode() + data).digest() + data)
        assert cache.get(NAME) is None


def test_a_link_a_pipe_and_a_folder_are_misses(cache: SheetCache, master: Master, tmp_path: Path) -> None:
    cache.put(NAME, master)
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


def test_another_users_entry_is_a_miss(cache: SheetCache, master: Master, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(NAME, master)
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    assert cache.get(NAME) is None


def test_a_folder_that_can_not_be_used_is_no_fault(tmp_path: Path, master: Master) -> None:
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("n" * 300)):
        cache = SheetCache(folder)
        cache.put(NAME, master)
        assert cache.get(NAME) is None
        assert cache.entries() == []


def test_a_full_disk_leaves_no_half_entry(cache: SheetCache, master: Master, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache.put(NAME, master)
    assert list(cache.folder.iterdir()) == []


def test_the_least_recently_used_go_first(cache: SheetCache, master: Master) -> None:
    size = len(master.to_bytes()) + 32
    small = SheetCache(cache.folder, max_bytes=3 * size)
    names = [f"{i:064x}" for i in range(4)]
    for at, name in enumerate(names[:3]):
        small.put(name, master)
        os.utime(cache.folder / f"{name}.master", (at, at))
    assert small.get(names[0]) == master, "used: now the most recent"
    small.put(names[3], master)
    assert [small.get(name) is not None for name in names] == [True, False, True, True]
    assert sum(path.stat().st_size for path in small.entries()) <= small.max_bytes


def test_clearing_says_how_many_there_were(cache: SheetCache, master: Master) -> None:
    assert cache.clear() == 0
    cache.put(NAME, master)
    cache.put("cd" * 32, replace(master, pages=5))
    assert cache.clear() == 2
    assert cache.get(NAME) is None


DISTINCT = {
    "patient": {
        "name": "Xanthippe Quillfeather",
        "preferred_name": "Zazulinka",
        "identifier": "MRN 7731-KX",
        "birth_date": "1961-04-09",
        "email": "xq@quillfeather.example",
    },
    "clinician": "Dr. Wolfgang Yttrium",
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
        "April 9, 1961",
        "quillfeather.example",
        "Yttrium",
    ),
    *("October 13", "2026-10-13", "December 4", "Vexillary", "Pavilion", "Ypsilon"),
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


def test_no_byte_of_the_cache_holds_a_detail_of_the_patient(
    cache: SheetCache, library: Library, request_of: RequestOf
) -> None:
    made = make(library, request_of(**DISTINCT), key=KEY, today=TODAY, recorder=NullRecorder(), cache=cache)
    (path,) = cache.entries()
    kept = streams(path.read_bytes())
    stamped = streams(made.pdf)
    for secret in SECRETS:
        for form in (secret.encode(), secret.encode("utf-16-be"), secret.encode("utf-16-be").hex().encode()):
            assert form.lower() not in kept.lower(), secret
    assert made.code.encode() not in kept
    name = "Xanthippe".encode("utf-16-be").hex().encode()
    assert name in stamped, "the search finds a name where there is one"


@pytest.mark.parametrize("over", [{"note": "Ελένη"}, {"medicines": [{"name": "baclofen"}]}, {"next_steps": ["Rest"]}])
def test_a_personal_master_never_reaches_the_disk(
    tmp_path: Path, library: Library, request_of: RequestOf, monkeypatch: pytest.MonkeyPatch, over: dict[str, object]
) -> None:
    def set_type(*_: object) -> Master:
        raise RuntimeError("typeset")

    monkeypatch.setattr("handouts.typeset.html.typeset", set_type)
    monkeypatch.setattr(cache_module.SheetCache, "get", lambda *_: pytest.fail("looked into the cache"))
    monkeypatch.setattr(cache_module.SheetCache, "put", lambda *_: pytest.fail("wrote to the cache"))
    with pytest.raises(RuntimeError, match="typeset"):
        make(library, request_of(**over), key=KEY, today=TODAY, recorder=NullRecorder(), cache=SheetCache(tmp_path))
    assert list(tmp_path.iterdir()) == []
