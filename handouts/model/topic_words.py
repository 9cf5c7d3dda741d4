"""The words of a topic that all of its files share: the rows of the comparison, the headings, the diary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, model_validator

from handouts.model.base import Frozen, Heading, Line, Slug, Text
from handouts.model.document import Strings

MOST_COLUMNS = 4
"""Of a diary: so many fit on the page."""


PluralCategory = Annotated[str, Field(pattern="^(zero|one|two|few|many)$")]
"""Of CLDR, but "other", which is the usual form."""


class DiaryColumn(Frozen):
    """A question of the diary: with words to tick, with a ``scale`` to write a number from, or with room for words."""

    question: Line
    ticks: Strings = Field(default=(), max_length=3)
    scale: Line | None = None


class DiaryWords(Frozen):
    """The diary's columns. The last alone may be for words."""

    columns: tuple[DiaryColumn, ...] = Field(min_length=1, max_length=MOST_COLUMNS)

    @model_validator(mode="after")
    def _words_last(self) -> DiaryWords:
        if any(not column.ticks and not column.scale for column in self.columns[:-1]):
            raise ValueError("has a column for words that isn't the last; give it ticks or a scale")
        return self


class OwnHeadings(Frozen):
    """The headings that a topic has of its own."""

    option: tuple[Heading, ...] = ()
    medicine: tuple[Heading, ...] = ()


class OwnWords(Frozen):
    """A topic's words.yaml: what it says otherwise than the defaults, and its diary. Of a translation alone: the
    ``phrases`` of topic.yaml's numbers by the English ones, their ``plurals`` where the word is another behind some
    numbers (by CLDR's categories), its ``safety`` texts by their names, its ``mask``.
    """

    rows: Mapping[Slug, Heading] = Field(default_factory=dict)
    headings: OwnHeadings = Field(default_factory=OwnHeadings)
    diary: DiaryWords | None = None
    phrases: Mapping[Line, Line] = Field(default_factory=dict)
    plurals: Mapping[Line, Mapping[PluralCategory, Line]] = Field(default_factory=dict)
    safety: Mapping[str, Text] = Field(default_factory=dict)
    safety_from: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """The digest of the English safety texts that ``safety`` was made from: `handouts.load.translated_words`."""
    mask: Strings = ()


class Headings(Frozen):
    """Every option's and every medicine's file has exactly these, in this order."""

    option: tuple[Heading, ...] = Field(min_length=2)
    medicine: tuple[Heading, ...] = Field(min_length=1)


class TopicWords(Frozen):
    """content/defaults/en.yaml, and a topic's words made of these and its own. ``rows``: the question of each row."""

    rows: Mapping[Slug, Heading] = Field(min_length=1)
    headings: Headings
    diary: DiaryWords | None = None

    def with_own(self, own: OwnWords | None) -> TopicWords:
        """These, with what a topic says otherwise."""
        if own is None:
            return self
        mine = own.headings
        headings = Headings(
            option=mine.option or self.headings.option, medicine=mine.medicine or self.headings.medicine
        )
        return TopicWords(rows={**self.rows, **own.rows}, headings=headings, diary=own.diary or self.diary)
