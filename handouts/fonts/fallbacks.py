"""Which fall-back fonts a text is set in: only these count in a digest or a code (CODE-4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from handouts.fonts.faces import ARABIC, BOLD, HEBREW, REGULAR, SANS, font_file, hb_font
from handouts.fonts.files import font_files

_FALLBACKS = (SANS, ARABIC, HEBREW)
"""In the order in which they are tried for a character."""


def fonts_for(characters: Iterable[str]) -> tuple[Path, ...]:
    """The font files that set these characters: the body fonts, which every page has, and the fall-backs needed."""
    return (*_body_files(), *(font_file(index) for index in _needed(frozenset(characters) - _body())))


def fallback_digests(text: str) -> tuple[str, ...]:
    """SHA-256 (hex) of each fall-back font that ``text`` needs; () for nearly every text."""
    if text.isascii():
        return ()
    return tuple(_sha256(font_file(index)) for index in _needed(frozenset(text) - _body()))


def _body_files() -> tuple[Path, ...]:
    return tuple(font_files()[:2])


@cache
def _body() -> frozenset[str]:
    """What both body fonts can set, and the white space that no font has to."""
    return (_characters(REGULAR) & _characters(BOLD)) | frozenset("\t\n\r")


@cache
def _characters(index: int) -> frozenset[str]:
    return frozenset(map(chr, hb_font(index).face.unicodes))


@lru_cache(maxsize=1024)
def _needed(missing: frozenset[str]) -> tuple[int, ...]:
    """The fall-backs that set ``missing``; a character that no font has needs none."""
    found = {next((index for index in _FALLBACKS if one in _characters(index)), None) for one in missing}
    return tuple(index for index in _FALLBACKS if index in found)


@cache
def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
