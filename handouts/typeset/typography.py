"""A text as print has it in its language: quotation marks and apostrophes, words that stay on one line, source marks;
and in a text that runs from right to left, what keeps its own direction. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from markupsafe import Markup, escape

from handouts.model.calendar import in_digits
from handouts.model.clinic import Digits
from handouts.model.isolates import LRI, NUMBER, PDI, apart, isolate_numbers
from handouts.model.language import ORIGINAL, comma, is_rtl, writes_arabic_letters
from handouts.model.prose import Inline, Run
from handouts.model.unbroken import unbroken, unit_unbroken

_APOSTROPHE = re.compile(r"(?<=\w)'")
_OPENING = re.compile(r"(?:(?<=^)|(?<=[\s(]))\"")
_COUNT = re.compile(r"(?<=\d) (?=out of|to \d)|(?<=\d out) (?=of \d)|(?<=out of) (?=\d)")
_OF_PEOPLE = re.compile(r"\b([Oo]f) (\d+) (people)\b")
_RTL_LETTER = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_FIGURES = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_ISOLATE = re.compile(f"({LRI}[^{PDI}]*{PDI})")
_LETTER = "A-Za-z\u00c0-\u024f"
_LATIN = re.compile(
    rf"(?:{NUMBER}[ \u00a0]?)?[{_LETTER}][{_LETTER}0-9]*(?:(?:[ \u00a0'’&/+*:-]|(?<=\bDr)\.[ \u00a0])[{_LETTER}0-9]+)*"
)
"""A term in another script than the text around it, with the number before it: 200 mg."""


@dataclass(frozen=True)
class Typography:
    """Of one language. ``quotes``: its two quotation marks; ``out_of``: how its words file says a count out of many."""

    language: str = ORIGINAL
    quotes: str = "“”"
    digits: Digits = "latn"
    out_of: str = ""

    @cached_property
    def rtl(self) -> bool:
        """Whether the language runs from right to left."""
        return is_rtl(self.language)

    @property
    def comma(self) -> str:
        """Between the entries of a list."""
        return comma(self.language)

    @property
    def semicolon(self) -> str:
        """The same, where entries have commas."""
        return "؛" if writes_arabic_letters(self.language) else ";"

    def typographic(self, value: Any) -> Any:
        """Text with the marks and figures that print has; anything else as it is."""
        return _typographic(self, value) if type(value) is str else value

    def apart(self, value: str) -> str:
        """Somebody's own words, or a telephone number: they keep their own direction, and all around them its own."""
        if self.language != ORIGINAL and not any(character.isalpha() for character in value):
            value = value.replace(" ", "\u00a0")  # a longer label beside it would break it
        return apart(value, rtl=self.rtl)

    def inline(self, runs: Inline) -> Markup:
        """Runs as HTML: text escaped, bold, source marks, each on one line with the word before it."""
        parts: list[Markup] = []
        left = ""  # the text right before, not bold: its last word may be bound to a mark
        for run in runs if self.language == ORIGINAL else _joined(runs):
            if run.text:
                parts.append(self._marked(left))
                left = self._bound(run.text)
                if run.bold:
                    parts.append(Markup("<strong>{}</strong>").format(self._marked(left)))
                    left = ""
            if run.cites:
                mark = Markup('<sup class="mark">{}</sup>').format(
                    self.typographic(f"{self.comma} ".join(map(str, run.cites)))
                )
                before, space, word = left.rpartition(" ")
                bound = self._marked(word)
                if not left and parts and parts[-1].startswith("<strong>"):
                    bound = parts.pop()
                parts.append(
                    Markup('{}{}<span class="bound">{}{}</span>').format(self._marked(before), space, bound, mark)
                )
                left = ""
        return Markup("").join([*parts, self._marked(left)])

    def caption(self, runs: Inline) -> Markup:
        """The same of a narrow caption: "Of 100 people" stays on one line."""
        return self.inline(tuple(replace(run, text=_OF_PEOPLE.sub("\\1\u00a0\\2\u00a0\\3", run.text)) for run in runs))

    def css_string(self, text: str) -> Markup:
        """``text`` as a CSS string: whatever is not a plain letter is escaped (CSS Syntax 3, 4.3.7)."""
        if self.rtl:
            text = self.typographic(text)
        return Markup('"{}"').format(
            Markup("").join(
                character
                if character.isascii() and (character.isalnum() or character == " ")
                else f"\\{ord(character):x} "
                for character in text
            )
        )

    def _bound(self, text: str) -> str:
        """Text with binding spaces where a number belongs to its word."""
        text = self._numbers.sub("\u00a0", text)
        return unit_unbroken(text) if self.language == ORIGINAL else unbroken(text)

    @cached_property
    def _numbers(self) -> re.Pattern[str]:
        """The spaces that bind."""
        if self.language == ORIGINAL or not self.out_of:
            return _COUNT
        between = self.out_of.partition("{count}")[2].partition("{out_of}")[0].split()
        places = [
            rf"(?<=\d{''.join(' ' + word for word in between[:i])}) (?={word} )" for i, word in enumerate(between)
        ]
        places += [rf"(?<=\d {' '.join(between)}) (?=\d)"]
        return re.compile("|".join(places))

    def _marked(self, text: str) -> Markup:
        """Text as HTML; in a script that runs from right to left, terms in Latin letters are told apart as English."""
        if not self.rtl:
            return escape(self.typographic(text))
        parts: list[Markup] = []
        at = 0
        told = self.typographic(text)
        for found in _LATIN.finditer(told):
            parts += [
                escape(told[at : found.start()]),
                Markup('<span lang="en" dir="ltr">{}</span>').format(found[0]),
            ]
            at = found.end()
        return Markup("").join([*parts, escape(told[at:])])


def _joined(runs: Inline) -> Iterator[Run]:
    """The same text, a number of the topic's in one run with the words around it: so it is bound to them as any."""
    last = Run("")
    for run in runs:
        if run.text and last.text and run.bold == last.bold and not last.cites:
            last = replace(run, text=last.text + run.text)
        else:
            yield last
            last = run
    yield last


ENGLISH = Typography()
"""Of the original."""


@lru_cache(maxsize=2048)  # a sheet is merged again for each of its layouts
def _typographic(of: Typography, value: str) -> str:
    opening, closing = of.quotes[0], of.quotes[-1]
    text = _OPENING.sub(opening, _APOSTROPHE.sub("\u2019", value)).replace('"', closing)
    if of.language != ORIGINAL:
        text = unbroken(text)
    if not of.rtl or not (_RTL_LETTER.search(text) or _FIGURES.fullmatch(text)):
        return text  # also what is no text: a class, a color, an address
    text = isolate_numbers(text)
    if of.digits == "latn":
        return text
    parts = _ISOLATE.split(text)  # a telephone number keeps its figures
    return "".join(part if i % 2 else in_digits(part, of.digits) for i, part in enumerate(parts))
