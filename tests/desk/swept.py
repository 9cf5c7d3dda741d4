"""What a page shows in its own language: texts, and attributes that are read aloud or shown.

For a test in a language that nobody speaks: every sentence of the catalogue is written in Cyrillic letters, so what is
still in Latin ones was never handed to it.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog

from handouts.authoring.desk_words import template
from handouts.authoring.po import as_po

LANGUAGE = "uk"
"""A language that Babel knows, written in other letters than English."""
_SHOWN = ("title", "aria-label", "placeholder", "alt", "label", "data-working")
_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_KEPT = re.compile(r"%\(\w+\)s|%%|<[^>]*>|&\w+;")
_LATIN = re.compile(r"[A-Za-z]{2,}")


def in_other_letters(text: str) -> str:
    """A sentence of which nobody understands a word; its places and its markup stay."""
    kept = _KEPT.findall(text)
    parts = [re.sub(r"[A-Za-z]", "ж", part) for part in _KEPT.split(text)]
    return "".join(part + more for part, more in zip(parts, [*kept, ""], strict=True))


def write_catalogue(folder: Path) -> None:
    """The catalogue of that language, as if somebody had translated everything."""
    catalog = Catalog(locale=LANGUAGE)
    for one in template():
        if one.id:
            ids = list(one.id) if one.pluralizable else [str(one.id)]
            said = [in_other_letters(ids[min(form, len(ids) - 1)]) for form in range(catalog.num_plurals)]
            catalog.add(one.id, said if one.pluralizable else said[0], locations=one.locations, context=one.context)
    folder.mkdir(parents=True)
    (folder / f"{LANGUAGE}.po").write_bytes(as_po(catalog))


class Shown(HTMLParser):
    """Collects what a page shows outside of elements in another language than its own."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[bool] = [True]
        """Of each element that is open: whether it is in the page's language."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        own = self.open[-1] and told.get("lang", LANGUAGE) == LANGUAGE and tag not in {"script", "style"}
        if own:
            self.texts += [told[name] or "" for name in _SHOWN if name in told]
        if tag not in _EMPTY:
            self.open.append(own)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _EMPTY:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open[-1]:
            self.texts.append(data)


def left_in_english(html: str, allowed: str) -> list[str]:
    """The texts of a page that hold a word in Latin letters. ``allowed``: names, as a regular expression."""
    shown = Shown()
    shown.feed(html)
    return [text.strip() for text in shown.texts if _LATIN.search(re.sub(allowed, "", text))]
