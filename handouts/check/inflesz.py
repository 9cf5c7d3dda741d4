"""How easy a Spanish text is to read: Szigriszt's perspicuity, on the scale INFLESZ.

``206.835 - 62.3 * syllables / words - words / sentences`` (Szigriszt Pazos, Sistemas predictivos de legibilidad del
mensaje escrito, Madrid 1993). The scale is Barrio-Cantalejo's, validated on texts for patients (An Sist Sanit Navar
2008;31(2):135-52): under 40 very hard, 40 to 55 rather hard, 55 to 65 normal, 65 to 80 rather easy ("bastante
fácil"), over 80 very easy.

What is a word, a sentence, a sample is told by `handouts.check.reading`, as for English: items of lists count as
sentences, labels of a few words don't count.

Syllables follow the rules of Spanish, in which spelling tells them (Real Academia Española, Ortografía, 2010):

1. a, e, o, á, é, ó are strong; i, u, ü weak; í, ú are weak with an accent;
2. two strong vowels are parted (po-e-ta), and so is an accented weak vowel beside a strong one (dí-a, pa-ís);
3. any other vowels beside each other are one syllable (cau-sa, cui-da, buey), an h between them or not;
4. y is a vowel at a word's end or by itself, a consonant elsewhere; u is silent in que, qui, gue, gui;
5. a number is one word of one syllable, and a word of capitals is spelled out, as for English.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_VOWELS = re.compile(r"[aeiouáéíóúü]+")
_STRONG, _ACCENTED = frozenset("aeoáéó"), frozenset("íú")
_SILENT_U = re.compile(r"(?<=[qg])u(?=[eiéí])")
_H_BETWEEN = re.compile(r"(?<=[aeiouáéíóúü])h(?=[aeiouáéíóúü])")
_Y_AS_I = re.compile(r"y(?![aeiouáéíóú])")
_LETTERS = {"h": 2, "j": 2, "l": 2, "m": 2, "n": 2, "ñ": 2, "r": 2, "s": 2, "f": 2, "v": 2, "x": 2, "z": 2, "w": 4}
"""Syllables of a letter's name where it has more than one: hache, jota, uve doble."""

EASY = 65.0
"""The least that a text for patients has: "bastante fácil"."""


def syllables(word: str) -> int:
    """Syllables of a Spanish word, at least 1."""
    if word[:1].isdigit():
        return 1
    if len(word) > 1 and word.isupper():
        return sum(_LETTERS.get(letter, 1) for letter in unicodedata.normalize("NFC", word.lower()))
    low = _SILENT_U.sub("", unicodedata.normalize("NFC", word.lower()))
    low = _Y_AS_I.sub("i", _H_BETWEEN.sub("", low))
    return max(sum(_in_group(group) for group in _VOWELS.findall(low)), 1)


def _in_group(vowels: str) -> int:
    """Syllables of vowels beside each other."""
    count = 1
    for one, other in pairwise(vowels):
        both_strong = one in _STRONG and other in _STRONG
        apart = (one in _ACCENTED and other in _STRONG) or (one in _STRONG and other in _ACCENTED)
        count += both_strong or apart
    return count


def perspicuity(words: int, sentences: int, spoken: int) -> float:
    """The score of a text with so many words, sentences and syllables (``spoken``); 0 for an empty one."""
    if not words or not sentences:
        return 0.0
    return 206.835 - 62.3 * spoken / words - words / sentences
