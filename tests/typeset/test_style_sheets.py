"""The style sheets say what WeasyPrint reads as it is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from handouts.paths import PROGRAM

SHEETS = sorted(PROGRAM.templates.glob("*.css"))
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def _rules(path: Path) -> Iterator[tuple[str, str]]:
    """Each selector, and what is declared for it."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    for selectors, declared in RULE.findall(text):
        for selector in re.split(r",(?![^(]*\))", selectors):
            yield " ".join(selector.split()), declared


def _says(declared: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){name}\s*:", declared) is not None


@pytest.mark.parametrize("side", ["padding", "margin"])
@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_large_print_takes_back_what_stands_beside_a_text_in_the_same_terms(path: Path, side: str):
    """To WeasyPrint ``padding-inline`` comes before ``padding``, whichever stands later or is more specific."""
    rules = list(_rules(path))
    logical = {selector for selector, declared in rules if _says(declared, rf"{side}-inline(?:-\w+)?")}
    besides = {selector.partition(":")[0] for selector in logical}
    wrong = [
        selector
        for selector, declared in rules
        if selector.startswith(".large ") and _says(declared, side) and selector not in logical
        if selector.removeprefix(".large ").partition(":")[0] in besides
    ]
    assert wrong == []
