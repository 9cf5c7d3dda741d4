"""content/glossary/LANGUAGE.yaml: terms that have to be said one way in a language; its words for left and right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from handouts.load.collector import Reader
from handouts.load.language_files import GAP
from handouts.model.base import Frozen, Line, Text
from handouts.model.document import Strings


class Glossary(Frozen):
    """``terms``: the English term and how it is said; ``notes``: on a term, for translators; ``sides``: beginnings of
    the words for each side, by which a text that names the wrong one is found; ``tone``: how the texts speak to
    the reader, in English, for translators.
    """

    tone: Text | None = None
    terms: Mapping[Line, Line] = Field(default_factory=dict)
    notes: Mapping[Line, Text] = Field(default_factory=dict)
    sides: Mapping[Literal["left", "right"], Strings] = Field(default_factory=dict)

    @property
    def settled(self) -> Mapping[str, str]:
        """The terms that somebody has filled in."""
        return {english: told for english, told in self.terms.items() if GAP not in told}


def load_glossary(content: Path, language: str) -> Glossary:
    """The glossary of a language, empty where there is none. ContentFault for a bad one."""
    path = content / "glossary" / f"{language}.yaml"
    reader = Reader(content)
    found = reader.model(Glossary, path) if path.exists() else None
    reader.raise_if_any("The glossary can't be used. Fix this file:")
    return found or Glossary()
