"""Words that no line can hold, made to break. Pure.

A place where a line may end is marked with U+200B, which is set as nothing and copied as nothing: the text stays what
it was. After the signs that part a web address, and anywhere in what is long all the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from itertools import pairwise

from handouts.model.handout import Handout
from handouts.model.prose import Inline

BREAK = "\u200b"
_WORD = re.compile(r"\S{21,}")
"""Longer than any word that people write; a few medicines have twenty letters."""
_SIGNS = frozenset("/?&=_.,:;@#%+~-")
_LETTERS, _FEW = 12, 6
"""After so many letters a line may end anyhow; the second in a table, whose columns are narrow in large print."""


def breakable(handout: Handout) -> Handout:
    """``handout`` with what somebody wrote for one patient made to break."""
    return replace(
        handout,
        next_steps=tuple(map(_runs, handout.next_steps)),
        note=tuple(map(break_words, handout.note)),
        prescribed=tuple(
            replace(
                item,
                name=break_words(item.name, _FEW),
                dose=item.dose and break_words(item.dose, _FEW),
                remark=item.remark and break_words(item.remark, _FEW),
            )
            for item in handout.prescribed
        ),
    )


def break_words(text: str, letters: int = _LETTERS) -> str:
    """``text`` with places to break in each word that is too long, no more than ``letters`` apart where there may be
    one.
    """
    return _WORD.sub(lambda found: _broken(found[0], letters), text)


def _broken(word: str, letters: int) -> str:
    made, since = word[0], 1
    for before, character in pairwise(word):
        after_sign = before in _SIGNS and character not in _SIGNS
        if (after_sign or since >= letters) and _may_part(before, character):
            made, since = made + BREAK, 0
        made, since = made + character, since + 1
    return made


def _may_part(before: str, after: str) -> bool:
    """Whether a line may end between two characters: no mark loses its letter, no joined letters are torn apart."""
    joined = {unicodedata.bidirectional(before), unicodedata.bidirectional(after)} & {"R", "AL"}
    virama, hidden = unicodedata.combining(before) == 9, unicodedata.category(before) == "Cf"
    return not (joined or virama or hidden or unicodedata.category(after) in {"Mn", "Mc", "Me", "Cf"})


def _runs(runs: Inline) -> Inline:
    return tuple(replace(run, text=break_words(run.text)) for run in runs)
