"""How hard a text is to read: Flesch-Kincaid grade, sentence lengths, long words.

The grade is Kincaid et al. 1975: ``0.39 * words / sentences + 11.8 * syllables / words - 15.59``. It is a formula for
running text, so (CHECK-1):

- *Lists count by item.* An item, cell or line of its own is a sentence, and so is an intro that ends in a colon: "full
  units of thought, ending with a period, semicolon, or colon" (31 Pa. Code ch. 64, App. A, on the Flesch score; the
  NAIC's Model Act 575 likewise). Items of only a few words (`_FEW`, without a full stop) are left out, and headings and
  labels with them: "Skip lists of items having only a few words" (ibid.); CMS, Toolkit for Making Written Material
  Clear and Effective, part 7, has incomplete sentences taken out before it is counted. Flesch himself counted a list
  and its intro as one sentence (How to Write Plain English, 1979, ch. 2); then the list that PEMAT and CDC ask for
  would raise the grade.
- *A few words have no grade.* Flesch and Kincaid rated samples of 100 words. What has fewer than `LEAST` is rated with
  its neighbours in the file, up to `SAMPLE` words.
- What is left out or too short is judged by its long words (`too_many_long_words`).

How syllables are counted, so that a figure can be checked by hand:

1. a number is one word of one syllable, whatever its length (as most readability tools do);
2. a word of two or more capitals (MRI) is spelled out: a syllable a letter, three for W;
3. ``'s`` and ``n't`` count a syllable where they are heard as one (practice's, didn't), other endings none;
4. a word in `EXCEPTIONS` has the count that stands there, with a plural "s" or without;
5. any other word: a syllable a group of vowels, one more for each match of `_APART` (vowels that are
   spoken apart), one less for each match of `_SILENT` (an e that is not spoken), one at least.

Where dictionaries give a fuller and a shorter form (different, family), the fuller one counts: the grade
never flatters. `tests/check/test_reading.py` holds words counted by hand; a word that the rules get wrong
belongs in `EXCEPTIONS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from handouts.check.syllable_exceptions import EXCEPTIONS

WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f\u064b-\u065f\u0670]*)+(?:['’][^\W\d_]+)*|\d+(?:[.,\u066b\u066c]\d+)*")
"""A word of any language, with the marks of its letters, or a number."""
_SENTENCE_END = re.compile(r"(?:(?<=[.!?؟])|(?<=[.!?؟][\"')”’»]))\s+|\n+")
_ABBREVIATION = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|St|vs|e\.g|i\.e)\.\s", re.I)

_VOWELS = re.compile(r"[aeiouyà-öø-ÿ]+")
_APART = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![cgjlstx])(?<!sh)i[ao](?!ge)",  # di-al, ra-di-o; not so-cial, re-gion, mil-lion, mar-riage
        r"(?<=[ctg])ia(?=t[eio])|(?<=l)ia(?![rn]s?$|nt)",  # as-so-ci-ate, re-li-a-ble; not fa-mil-iar
        r"(?<=[st])io(?=[lgt])",  # phys-i-ol-o-gy
        r"(?<=[dlnprv])ie(?=n[ct])|ie(?=t)",  # au-di-ence, qui-et
        r"(?<=[aeiouy][^aeiouy])iers?$|(?<=[^aeiouy]{2})iers?$|iest$",  # car-ri-er, ear-li-est
        r"iu|ii|ao|^geo|(?<![cgt])eo",  # cal-ci-um, vid-e-o; not sur-geon
        r"(?<=[aeiouy][^aeiouy])eas?$|creat(?!u)|^rea(?=ct|li|pp)|theat",  # i-de-a, cre-ate, re-act
        r"[eouy](?=ing)|^coo(?=p|rd)",  # be-ing, try-ing, co-op-er-ate
        r"(?<![gqs])ua(?!g)|sua(?=l)|ue(?=n[ct]|l$)|uo(?!y)|(?<=[pnrv])oe(?=[mt])",  # ac-tu-al, flu-ent, po-em
        r"(?<=[aeou])y(?=[aou]|er|ee)",  # loy-al, lay-er, em-ploy-ee
        r"sms?$|thms?$",  # spas-m, rhyth-m
    )
)
_SILENT = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<=[^aeiouy])e$(?<![^aeiouyl]le)",  # make; not ta-ble
        r"(?<=[^aeiouycgsxz])es$(?<![cs]hes)(?<![^aeiouyl]les)",  # makes; not chan-ges, mus-cles
        r"(?<=[^aeiouytd])ed$(?<![^aeiouylr]led)",  # pulled, curled; not nee-ded, han-dled
        r"(?<=[aeion])gue[ds]?$",  # fa-tigue; not ar-gue
        r"(?:(?<=[aeiouy][^aeiouy])|(?<=[aeiouy][^aeiouy]{2}))e(?=(?:ly|less|ful|fully|ness)$)",  # safe-ly, large-ly
        r"(?<=[aeiouy][^aeiouyl])e(?=ments?$)",  # move-ment; not el-e-ment
    )
)
_HEARD_NOT = frozenset(
    ["could", "did", "does", "had", "has", "have", "is", "might", "must", "need", "should", "was", "would"]
)
"""Verbs after which n't is a syllable; it is none in don't, can't, won't, aren't, weren't."""


LEAST, SAMPLE = 30, 100
"""Words: fewer than ``LEAST`` have no grade of their own; ``SAMPLE`` is what the formula was made for."""
_FEW = 5
"""An item of so many words is no sentence, unless it ends like one (31 Pa. Code: "only a few words")."""
_ENDED = re.compile(r"[.!?:;…؟؛][\"')”’»]*$")
_LONG = 4
"""Syllables. Gunning's and McLaughlin's hard words begin at three, with medicine, hospital, every and family."""
_KNOWN_TO_ALL = frozenset(
    [
        "anybody",
        "comfortable",
        "comfortably",
        "emergency",
        "especially",
        "everybody",
        "february",
        "information",
        "january",
        "operation",
        "ordinary",
        "television",
        "temperature",
        "temporary",
        "usually",
        "vegetable",
        "vegetables",
        "operations",
        "emergencies",
    ]
)
_RUN_IN = 4
"""A sentence with so many commas is a list set in a line: its items are judged one by one, as in any list."""


@dataclass(frozen=True)
class Reading:
    """What was counted in a text: words, sentences, syllables, and the longest sentence with its words."""

    words: int
    sentences: int
    syllables: int
    longest: int
    longest_sentence: str

    @property
    def grade(self) -> float:
        """The Flesch-Kincaid grade; 0 for an empty text."""
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59


def syllables(word: str) -> int:
    """Syllables in one English word, at least 1; the rules are in the module's docstring."""
    if word[:1].isdigit():
        return 1
    word = word.replace("’", "'")
    stem, _, tail = word.partition("'")
    if len(stem) > 1 and stem.isupper():
        return sum(3 if letter == "W" else 1 for letter in stem)
    stem, tail = stem.lower(), tail.lower()
    if tail == "t":
        verb = stem.removesuffix("n")
        return _count(verb) + (verb in _HEARD_NOT)
    if tail in {"d", "ll", "ve", "re"}:  # it'll, could've; not you'll, they've
        return _count(stem) + (stem[-1] not in "aeiouwy")
    if tail in {"", "m", "s"}:
        return _count(stem) + (tail == "s" and _hisses(stem))
    return _count(stem) + _count(tail)  # o'clock


def _hisses(stem: str) -> bool:
    """Whether 's after it is a syllable of its own: practice's, nurse's, church's."""
    return re.search(r"(?:[sxz]|[cs]h|[csgz]e)$", stem) is not None


@lru_cache(maxsize=20_000)
def _count(low: str) -> int:
    """Syllables of a word in small letters without an apostrophe."""
    for form in (low, low.removesuffix("s")):
        if form in EXCEPTIONS:
            return EXCEPTIONS[form]
    return by_rules(low)


def by_rules(low: str) -> int:
    """Syllables of a word in small letters as the rules have it, the exceptions forgotten."""
    low = low.replace("qu", "q")
    count = len(_VOWELS.findall(low))
    count += sum(len(pattern.findall(low)) for pattern in _APART)
    count -= sum(len(pattern.findall(low)) for pattern in _SILENT)
    return max(count, 1)


def sentences(text: str) -> list[str]:
    """The sentences of plain text. A line break ends a sentence too: headings, list items, cells."""
    safe = _ABBREVIATION.sub(lambda match: match[0].replace(".", "\u2024"), text)
    parts = (part.replace("\u2024", ".").strip() for part in _SENTENCE_END.split(safe))
    return [part for part in parts if WORD.search(part)]


def mask(text: str, terms: Iterable[str]) -> str:
    """``text`` with each masked term (a name that the text explains) replaced by the word "name"."""
    pattern = _masked(tuple(terms))
    return pattern.sub("name", text) if pattern else text


@lru_cache(maxsize=64)
def _masked(terms: tuple[str, ...]) -> re.Pattern[str] | None:
    """The terms, the longest first: one may be the end of another."""
    told = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{told})(?!\w)", re.I) if terms else None


CountSyllables = Callable[[str], int]
"""Syllables of a word in one language."""


def measure(text: str, masked: Iterable[str] = (), count: CountSyllables = syllables) -> Reading:
    """Count words, sentences and syllables of plain text (no markup); masked terms count as "name". ``count``: of the
    text's language.
    """
    words = syllable_count = longest = 0
    longest_sentence = ""
    found = sentences(mask(text, masked))
    for sentence in found:
        spoken = WORD.findall(sentence)
        words += len(spoken)
        syllable_count += sum(map(count, spoken))
        if len(spoken) > longest:
            longest, longest_sentence = len(spoken), sentence
    return Reading(words, len(found), syllable_count, longest, longest_sentence)


def running(text: str) -> str:
    """The sentences of ``text`` that have a grade: without headings, labels and items of only a few words."""
    told = (sentence for sentence in sentences(text))
    return "\n".join(each for each in told if _ENDED.search(each) or len(WORD.findall(each)) > _FEW)


def grades(texts: Sequence[str], masked: Iterable[str] = (), count: CountSyllables = syllables) -> list[Reading | None]:
    """The reading of each of a file's texts; None without running text, and where the whole file is too short."""
    told = [running(mask(text, masked)) for text in texts]
    lengths = [len(WORD.findall(text)) for text in told]
    return [_reading_of(told, lengths, place, count) if lengths[place] else None for place in range(len(told))]


def _reading_of(told: Sequence[str], lengths: Sequence[int], place: int, count: CountSyllables) -> Reading | None:
    """Of the text at ``place``, with as many of its neighbours as a sample needs, the nearest first."""
    first = last = place
    wanted = SAMPLE if lengths[place] < LEAST else 0
    while sum(lengths[first : last + 1]) < wanted and (first > 0 or last < len(told) - 1):
        before = first > 0 and (place - first <= last - place or last == len(told) - 1)
        first, last = (first - 1, last) if before else (first, last + 1)
    reading = measure("\n".join(told[first : last + 1]), count=count)
    return reading if reading.words >= LEAST else None


def hardest(text: str, masked: Iterable[str] = (), count: CountSyllables = syllables) -> str:
    """The sentence that does most to raise the grade of ``text``."""
    masked = tuple(masked)
    told = sentences(running(text))
    return max(told, key=lambda sentence: _weight(mask(sentence, masked), count), default="")


def _weight(sentence: str, count: CountSyllables) -> float:
    words = WORD.findall(sentence)
    return len(words) * 0.39 + 11.8 * (sum(map(count, words)) - 1.5 * len(words)) / 10


def too_many_long_words(sentence: str, masked: Iterable[str] = ()) -> list[str]:
    """The long words of a sentence or item, where there are two or more that make up a third of it; else none."""
    told = mask(sentence, masked)
    for part in told.split(",") if told.count(",") >= _RUN_IN else [told]:
        words = WORD.findall(part)
        long = [word for word in words if syllables(word) >= _LONG and word.lower() not in _KNOWN_TO_ALL]
        if len(long) >= 2 and 3 * len(long) >= len(words):
            return long
    return []
