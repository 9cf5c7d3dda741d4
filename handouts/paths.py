"""Where the files are that the program is made of, in a checkout or installed. A leaf, but for `errors`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from handouts.errors import SystemMissing

PACKAGE = Path(__file__).resolve().parent
VERSION = "0.1.0"
"""Of the program that runs; `handouts.__version__`."""
_INSTALLED = PACKAGE / "_data"
ROOT = _INSTALLED if _INSTALLED.is_dir() else PACKAGE.parent


@dataclass(frozen=True)
class Program:
    """What pages are printed with besides content: the templates and drawings below a folder."""

    root: Path

    @property
    def templates(self) -> Path:
        """HTML and CSS."""
        return self.root / "templates"

    @property
    def figures(self) -> Path:
        """Small drawings of the program's own, such as the times of day."""
        return self.root / "assets" / "figures"


FONTS = ROOT / "assets" / "fonts"
"""The body fonts."""
PROGRAM = Program(ROOT)
"""The one that runs; another is one of the past, from the archive of the record."""


def is_installed() -> bool:
    """True when the program runs from an installed package, into which it never writes."""
    return ROOT == _INSTALLED


def content_dir(chosen: Path | None = None) -> Path:
    """The content folder: ``chosen`` (--content), else $HANDOUTS_CONTENT, else the one that came with the program."""
    return chosen or Path(os.environ.get("HANDOUTS_CONTENT") or ROOT / "content")


def _user_dir(variable: str, fallback: str) -> Path:
    base = os.environ.get(variable)
    try:
        return (Path(base) if base else Path.home() / fallback) / "handouts"
    except RuntimeError:  # cron, a container: a user without a home
        raise SystemMissing(f"You have no home folder here. Say where to keep things: set {variable}.") from None


def data_dir() -> Path:
    """The user's data folder (the key of document codes, the outbox). Not made here. SystemMissing without a home."""
    return _user_dir("XDG_DATA_HOME", ".local/share")


def cache_dir() -> Path:
    """The user's cache folder (typeset sheets). Not made here. SystemMissing without a home."""
    return _user_dir("XDG_CACHE_HOME", ".cache")
