"""How a number of topic.yaml is said: the forms of a language, from content/words/LANG.yaml. Pure.

What a number counts, over what time, in which unit is written once, in English; a translation has these phrases in its
own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

from pydantic import field_validator
from pydantic_core.core_schema import ValidationInfo

from handouts.model.base import Frozen, Line
from handouts.model.language import ORIGINAL, grouped, plural_category
from handouts.model.topic_file import Number

_PLACES = {
    "out_of": {"count", "out_of", "of"},
    "amount": {"count", "unit"},
    "share": {"out_of"},
    "about": {"number"},
    "fewer": {"number"},
    "over": {"over"},
}
"""What each form holds in braces; the others hold nothing."""


class NumberForms(Frozen):
    """``out_of``: a count out of many; ``amount``: one with a unit; ``share``: stands below a large count; ``about``
    and ``fewer``: go around a number, ``about_word`` and ``fewer_word`` stand beside a large one; ``over``: the time.
    """

    out_of: Line
    amount: Line
    share: Line
    about: Line
    fewer: Line
    about_word: Line
    fewer_word: Line
    over: Line

    @field_validator("*")
    @classmethod
    def _holds_its_places(cls, text: str, info: ValidationInfo) -> str:
        wanted = _PLACES.get(str(info.field_name), set())
        try:
            there = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError:
            there = set()
        if there != wanted or text.count("{") != len(wanted):
            needed = ", ".join(f"{{{name}}}" for name in sorted(wanted)) or "nothing in braces"
            raise ValueError(f"has to hold {needed}, once, and nothing else in braces")
        return text


FORMER_FORMS: Mapping[str, str] = {
    "out_of": "{count} out of {out_of} {of}",
    "amount": "{count} {unit}",
    "share": "out of {out_of}",
    "about": "about {number}",
    "fewer": "fewer than {number}",
    "about_word": "about",
    "fewer_word": "fewer than",
    "over": "over {over}",
}
"""What the program itself said before words/en.yaml had them: for archives of that time, and nothing else."""


@dataclass(frozen=True)
class NumberWords:
    """The numbers of a topic in one language. ``phrases``: of/over/unit in its words, by the English phrase;
    ``plurals``: those that have other forms after some numbers, by the plural category of CLDR.
    """

    forms: NumberForms
    language: str = ORIGINAL
    phrases: Mapping[str, str] = field(default_factory=dict)
    plurals: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def whole(self, number: Number) -> str:
        """All of it: about 91 out of 100 people, about 12 weeks."""
        if number.unit:
            said = self.forms.amount.format(count=self.count(number), unit=self.phrase(number.unit, number.count))
        else:
            said = self._out_of(number, self.phrase(number.of, number.out_of))
        return self._about(number, said)

    def form(self, number: Number, form: str) -> str:
        """One form of it; ``form`` is "" (the whole), "count", "rest", "out_of" or "over". KeyError for another."""
        if form == "":
            return self.whole(number)
        value = number.form(form)
        return self.phrase(value) if isinstance(value, str) else grouped(value, self.language)

    def count(self, number: Number) -> str:
        """How many, in figures."""
        return grouped(number.count, self.language)

    def about_count(self, number: Number) -> str:
        """The count with what goes around it: about 5."""
        return self._about(number, self.count(number))

    def without_of(self, number: Number) -> str:
        """A count without what it counts: fewer than 1 out of 1,000."""
        return " ".join(filter(None, self._about(number, self._out_of(number, "")).split(" ")))

    def share(self, number: Number) -> str:
        """What stands below a large count: out of 100, or the unit."""
        if number.out_of:
            return self.forms.share.format(out_of=grouped(number.out_of, self.language))
        return self.phrase(number.unit or "", number.count)

    def qualifier(self, number: Number) -> str:
        """What stands beside a large count: about, fewer than, or nothing."""
        return self.forms.fewer_word if number.fewer else self.forms.about_word if number.about else ""

    def over(self, number: Number) -> str:
        """The time: over about 3 years, each treatment, or nothing."""
        if not number.over:
            return ""
        said = self.phrase(number.over)
        return said if number.each_time else self.forms.over.format(over=said)

    def phrase(self, english: str, after: int | None = None) -> str:
        """What topic.yaml says of a number, in this language; ``after``: the number that it stands behind."""
        usual = self.phrases.get(english, english)
        forms = self.plurals.get(english)
        return forms.get(plural_category(after, self.language), usual) if forms and after is not None else usual

    def _out_of(self, number: Number, of: str) -> str:
        out_of = grouped(number.out_of or 0, self.language)
        return self.forms.out_of.format(count=self.count(number), out_of=out_of, of=of)

    def _about(self, number: Number, said: str) -> str:
        form = self.forms.fewer if number.fewer else self.forms.about if number.about else "{number}"
        return form.format(number=said)


def phrases_of(numbers: Mapping[str, Number]) -> Iterator[tuple[tuple[str, str], str]]:
    """Every phrase that a translation has to have, and where in ``numbers`` it stands first."""
    seen: set[str] = set()
    for name, number in numbers.items():
        for key, phrase in (("of", number.of if number.out_of else None), ("over", number.over), ("unit", number.unit)):
            if phrase and phrase not in seen:
                seen.add(phrase)
                yield (name, key), phrase
