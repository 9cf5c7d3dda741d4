"""Where the files are that the program is made of, in a checkout or installed. A leaf, but for `errors`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from handouts.errors import SystemMissing

PACKAGE = Path(__file__).resolve().parent
_INSTALLED = PACKAGE / "_data"
ROOT = _INSTALLED if _INSTALLED.is_dir() else PACKAGE.parent
TEMPLATES = ROOT / "templates"
ASSETS = ROOT / "assets"
FIGURES = ASSETS / "figures"


def is_installed() -> bool:
    """True when the program runs from an installed package, into which it never writes."""
    return ROOT == _INSTALLED


@contextmanager
def printing_from(root: Path) -> Iterator[None]:
    """For a block, use the templates and drawings below ``root`` instead of the program's own: those of the past."""
    global ROOT, TEMPLATES, ASSETS, FIGURES
    before = ROOT, TEMPLATES, ASSETS, FIGURES
    ROOT, TEMPLATES, ASSETS = root, root / "templates", root / "assets"
    FIGURES = ASSETS / "figures"
    try:
        yield
    finally:
        ROOT, TEMPLATES, ASSETS, FIGURES = before


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
    """The user's cache folder (masters). Not made here. SystemMissing without a home."""
    return _user_dir("XDG_CACHE_HOME", ".cache")
