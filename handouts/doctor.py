"""What is installed, what is missing, how to get it. An edge module: it inspects the machine, and prints nothing."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from handouts import paths
from handouts.datafolder import open_mode, owner_trouble, private_files
from handouts.errors import HandoutError
from handouts.fonts.files import font_files
from handouts.load.library import load_library, topic_ids
from handouts.record import loss
from handouts.typeset.weasyprint import PANGO_HELP

State = Literal["ok", "missing", "optional", "unsafe"]
PACKAGES = (
    "click", "fonttools", "jinja2", "markdown-it-py", "pikepdf", "pydantic", "python-bidi", "pyyaml", "reportlab",
    "segno", "uharfbuzz", "weasyprint",
)  # fmt: skip
OLDEST_PYTHON = (3, 11)
_PANGO = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
_PANGO_MAC = ("libpango-1.0.dylib", "libpangoft2-1.0.dylib", "libharfbuzz-subset.dylib")


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    ``optional``: missing, but only needed for what ``help`` names; ``unsafe``: others can read it.
    """

    what: str
    state: State
    found: str
    help: str = ""


def examine(content: Path, data: Path | None = None) -> Iterator[Finding]:
    """Check everything the program needs, then what it can use. ``data``: the folder of outbox and record, if not the
    user's own.
    """
    yield _python()
    for name in PACKAGES:
        yield _package(name)
    yield _pango()
    yield _fonts()
    yield _content(content)
    yield _folder("data folder (key for document codes)", paths.data_dir())
    for folder in dict.fromkeys((paths.data_dir(), data or paths.data_dir())):
        yield from _kept(folder)
    yield _folder("cache folder (typeset pages, no patient data)", paths.cache_dir())
    yield _optional_package("page-validation", "page", "checks PDF/UA and PDF/A in `check`: script/test installs it")
    yield _optional_package("keyring", "keyring", "keeps the mail password or login")
    viewer = "open" if sys.platform == "darwin" else "xdg-open"
    for command, use in (
        (viewer, "`--open` shows the PDF: apt-get install xdg-utils"),
        ("lp", "`--print` prints: apt-get install cups"),
        ("qpdf", "a second opinion on the PDF: apt-get install qpdf"),
        ("java", "runs veraPDF, the reference checker: apt-get install default-jre-headless"),
    ):
        path = shutil.which(command)
        yield Finding(command, "ok" if path else "optional", "found" if path else "not found", use)


def _python() -> Finding:
    enough = sys.version_info[:2] >= OLDEST_PYTHON
    return Finding("Python", "ok" if enough else "missing", platform.python_version(), "Python 3.11 or later is needed")


def _package(name: str) -> Finding:
    try:
        return Finding(name, "ok", version(name))
    except PackageNotFoundError:
        return Finding(name, "missing", "not installed", "script/bootstrap installs the program's packages")


def _optional_package(name: str, module: str, use: str) -> Finding:
    there = importlib.util.find_spec(module) is not None
    return Finding(name, "ok" if there else "optional", "found" if there else "not installed", use)


def _pango() -> Finding:
    """Load the libraries as WeasyPrint does, without importing WeasyPrint."""
    import ctypes
    import ctypes.util

    names = _PANGO_MAC if sys.platform == "darwin" else _PANGO
    for name in names:
        try:
            ctypes.CDLL(name)
        except OSError:
            stem = name.split(".so")[0].split(".dylib")[0].removeprefix("lib")
            if not ctypes.util.find_library(stem):
                return Finding("Pango", "missing", f"{name} can't be loaded", PANGO_HELP)
    return Finding("Pango", "ok", "found")


def _fonts() -> Finding:
    try:
        return Finding("fonts", "ok", f"{len(font_files())} files")
    except HandoutError as error:
        return Finding("fonts", "missing", "incomplete", error.message)


def _content(content: Path) -> Finding:
    try:
        topics = topic_ids(content)
        for topic in topics:
            load_library(content, topic)
    except HandoutError as error:
        return Finding("content", "missing", "has errors", f"{error.message}\n`check` says more")
    if not topics:
        return Finding("content", "missing", "no topic", "Name the folder with --content or $HANDOUTS_CONTENT")
    return Finding("content", "ok", f"{len(topics)} topic(s)")


def _kept(folder: Path) -> Iterator[Finding]:
    """Whether a data folder is complete, and private to its owner."""
    for path in private_files(folder):
        if owner_trouble(path):
            yield Finding(
                path.name, "missing", "belongs to another user", "An administrator can give it to you (chown)"
            )
        elif mode := open_mode(path):
            yield Finding(path.name, "unsafe", f"open to other users (mode {mode:04o})", "Set its mode to 0600 (chmod)")
    try:
        gone = [str(found) for found in loss.examine(folder)]
    except HandoutError as error:
        gone = [error.message]
    if gone:
        yield Finding("what is kept in the data folder", "missing", "not complete", "\n".join(gone))
    else:
        yield Finding("what is kept in the data folder", "ok", "complete")


def _folder(what: str, folder: Path) -> Finding:
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return Finding(what, "ok", "can be written")
    return Finding(
        what, "missing", "can't be written", f"Make {nearest} writable, or set XDG_DATA_HOME / XDG_CACHE_HOME"
    )
