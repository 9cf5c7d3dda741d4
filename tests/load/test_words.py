"""A word that a page needs and that is missing or misspelt is told when the content is read."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from handouts import paths
from handouts.errors import ContentFault
from handouts.load.library import load_library
from handouts.load.words import BY_NAME, wanted_words
from handouts.paths import PROGRAM
from tests.conftest import CONTENT, TOPIC

WORDS = yaml.safe_load((CONTENT / "words" / "en.yaml").read_text(encoding="utf-8"))["page"]
WANTED = sorted(wanted_words(PROGRAM.templates))


def told(content: Path) -> str:
    with pytest.raises(ContentFault) as caught:
        load_library(content, TOPIC)
    return caught.value.message


def rename(content: Path, name: str, new: str) -> int:
    path = content / "words" / "en.yaml"
    rows = path.read_text(encoding="utf-8").split("\n")
    line = next(i for i, row in enumerate(rows) if i > rows.index("page:") and row.startswith(f"  {name}: "))
    rows[line] = rows[line].replace(f"{name}:", f"{new}:")
    path.write_text("\n".join(rows), encoding="utf-8")
    return line + 1


def test_the_words_that_come_with_the_program_are_all_there() -> None:
    assert set(WANTED) <= set(WORDS)


@pytest.mark.parametrize("name", WANTED)
def test_each_word_that_is_missing_is_told_with_the_file(content: Path, name: str) -> None:
    rename(content, name, "xyzxyzxyz")
    assert "words/en.yaml:" in (found := told(content))
    assert f"'page.{name}' is missing" in found


def test_a_misspelt_word_is_told_at_its_line_with_the_right_one(content: Path) -> None:
    line = rename(content, "diary_week", "dairy_week")
    assert f"words/en.yaml:{line}: unknown key 'page.dairy_week'. Did you mean 'diary_week'?" in told(content)


def test_all_missing_words_are_told_at_once(content: Path) -> None:
    for name in ("key_points", "teach_back_intro", "matters_a_lot"):
        rename(content, name, f"q{name[::-1]}")
    assert told(content).count("is missing: put it back") == 3


def test_a_word_of_ones_own_is_no_fault(content: Path) -> None:
    path = content / "words" / "en.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "  for_my_template: Mine\n", encoding="utf-8")
    assert load_library(content, TOPIC).words.page["for_my_template"] == "Mine"


@pytest.mark.parametrize("name", BY_NAME)
def test_a_word_asked_for_by_name_is_named_in_the_program(name: str) -> None:
    program = [*paths.PACKAGE.rglob("*.py"), *PROGRAM.templates.glob("*.j2")]
    own = paths.PACKAGE / "load" / "words.py"
    assert any(f'"{name}"' in path.read_text(encoding="utf-8") for path in program if path != own)
