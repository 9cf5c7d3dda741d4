"""The versions that decide how a page comes out, of libraries, fonts and our own code; asked without WeasyPrint."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from handouts import paths
from handouts.fonts.files import font_files

_PACKAGES = (
    "weasyprint", "pydyf", "tinycss2", "tinyhtml5", "cssselect2", "pyphen", "pikepdf", "uharfbuzz", "fonttools",
    "segno", "jinja2", "markdown-it-py", "pillow",
)  # fmt: skip
_LIBRARIES = {
    "pango_version_string": ("libpango-1.0.so.0", "libpango-1.0.dylib"),
    "hb_version_string": ("libharfbuzz.so.0", "libharfbuzz.dylib"),
}


@cache
def engine_versions(rooms: tuple[str, ...] | None = None) -> str:
    """The versions that decide how a page comes out, our own code's too, for the cache key; without WeasyPrint.

    ``rooms``: of our own code, else `PAGE_ROOMS`. Asked once a process.
    """
    packages = [f"{name}={version(name)}" for name in _PACKAGES]
    libraries = [f"{ask}={_library_version(ask, names)}" for ask, names in _LIBRARIES.items()]
    return " ".join([*packages, *libraries, f"fonts={_fonts()}", f"handouts={_own_code(rooms=rooms or PAGE_ROOMS)}"])


def _fonts() -> str:
    """A sheet names glyphs by their number: with another version of a font they would be other letters."""
    total = hashlib.sha256()
    for path in font_files():
        total.update(path.read_bytes())
    return total.hexdigest()


def _library_version(ask: str, names: Iterable[str]) -> str:
    """What a library of the system says of itself; "" where it isn't there or can't say."""
    for name in names:
        with suppress(OSError, AttributeError):
            function = getattr(ctypes.CDLL(name), ask)
            function.restype = ctypes.c_char_p
            answer: bytes = function()
            return answer.decode()
    return ""


PAGE_ROOMS = ("model", "load", "merge", "fonts", "typeset", "stamp", "codes.py")
"""What of `handouts` decides how a page comes out (tests/test_house.py holds that): a change elsewhere makes no page
again.
"""


SHEET_ROOMS = ("model", "fonts", "typeset")
"""What of it decides how a merged sheet is typeset."""


def _own_code(package: Path = paths.PACKAGE, rooms: tuple[str, ...] = PAGE_ROOMS) -> str:
    total = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] in rooms:
            total.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return total.hexdigest()
