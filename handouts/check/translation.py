"""Gates on a translation: how easy it is to read in its language, lists, doses, drawings, the glossary, who checked it.

What a translation has to hold as its English does is looked at when it is loaded (`handouts.load.parallel`). Gates that
know English words alone are named in `NOT_APPLIED`, so that nobody takes them for passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from handouts.check import inflesz
from handouts.check.findings import Finding, at_least, at_most
from handouts.check.passages import Passage, topic_passages
from handouts.check.pictures import picture_findings
from handouts.check.reading import Reading, grades, hardest, measure, sentences, syllables
from handouts.check.untranslated import untranslated_findings
from handouts.check.wording import DECIMAL, LIST
from handouts.errors import plural
from handouts.load.glossary import Glossary
from handouts.load.language_files import original_of
from handouts.merge.approval import file_states
from handouts.merge.notices import approving, in_short
from handouts.model.clinic import Clinic, ClinicWords
from handouts.model.content import Library
from handouts.model.doses import unsafe_in_prose

SENTENCE = 25
"""Words: a fifth more than in English."""
MEAN = 15.0
"""Words in a sentence, on average, where the language has no formula here."""
NOT_APPLIED = (
    "reading grade", "long words", "block capitals", "'1 in x'", "selling words", "frightening words",
    "number typed by hand", "left or right in an alternative text",
)  # fmt: skip
"""Gates that look for English words or spellings."""
_FORMULAS: Mapping[str, str] = {"es": "INFLESZ"}
_SIDE_WORDS = {"your_left_side": "left", "your_right_side": "right"}
_U_BETWEEN = re.compile(r"(?<=\d) u (?=\w)")
"""Spanish for "or" before an o, as in 7 u 8: no sign for units."""


def translation_findings(library: Library, english: Library, glossary: Glossary, today: date) -> Iterator[Finding]:
    """Every gate on a topic's translation; ``english``: the same in English."""
    found = list(topic_passages(library))
    mask = library.topic.file.mask
    yield from _readable(found, mask, library.language)
    for part in found:
        yield from _judged(part, mask)
    yield from _in_pictures(library)
    yield from _as_the_glossary_says(list(topic_passages(english)), found, glossary)
    yield from untranslated_findings(library, glossary)
    yield from _sides(library, glossary)
    yield from _approvals(library, today)
    yield from _clinic(english.clinic, library.language)


def _clinic(clinic: Clinic, language: str) -> Iterator[Finding]:
    """What a clinic prints in English alone."""
    told = clinic.file.in_languages.get(language, ClinicWords())
    for name in ClinicWords.model_fields:
        text = getattr(clinic.file, name)
        if text and re.search(r"[^\W\d_]{2}", text) and getattr(told, name) is None:
            where = f"clinics/{clinic.id}/clinic.yaml: {name}"
            limit = f"in_languages: {{{language}: {{{name}: ...}}}}"
            yield Finding("notice", where, "for the practice to fill in", "English alone", limit)


def not_applied(language: str) -> str:
    """What is not measured in a language, as a sentence for people."""
    names = list(NOT_APPLIED)
    if language not in _FORMULAS:
        told = "There is no tested formula for this language: only the length of sentences and words is measured. "
    else:
        told = f"{_FORMULAS[language]} is measured in place of the reading grade. "
    return f"{told}Gates on English words don't apply: {', '.join(names)}."


def _readable(found: Sequence[Passage], mask: Sequence[str], language: str) -> Iterator[Finding]:
    files: dict[str, list[Passage]] = {}
    for passage in found:
        files.setdefault(passage.file, []).append(passage)
    count = inflesz.syllables if language == "es" else syllables
    for file, parts in files.items():
        texts = [part.text for part in parts]
        whole = "\n".join(texts)
        places = [(file, whole, grades([whole], mask, count)[0])]
        places += [
            (part.where, part.text, reading) for part, reading in zip(parts, grades(texts, mask, count), strict=True)
        ]
        for where, text, reading in places:
            if reading and language == "es":
                made = at_least(where, "INFLESZ", round(score(reading), 1), inflesz.EASY)
                yield made if made.level == "ok" else replace(made, sentence=hardest(text, mask, count))
            elif reading:
                yield at_most(where, "words in a sentence, mean", round(reading.words / reading.sentences, 1), MEAN)
                yield Finding("ok", where, "letters in a word, mean", _letters(text))


def score(reading: Reading) -> float:
    """The perspicuity of a Spanish text."""
    return inflesz.perspicuity(reading.words, reading.sentences, reading.syllables)


def _letters(text: str) -> float:
    words = re.findall(r"[^\W\d_]+", text)
    return round(sum(map(len, words)) / len(words), 1) if words else 0.0


def _judged(part: Passage, mask: Sequence[str]) -> Iterator[Finding]:
    """What holds in every language: sentences, lists, doses, and numbers on page 1."""
    if part.items:
        yield at_most(part.where, "entries in a list", part.items, LIST)
    for sentence in sentences(part.text):
        length = measure(sentence, mask).longest
        if length > SENTENCE:
            yield replace(at_most(part.where, "longest sentence", length, SENTENCE), sentence=sentence)
        for dose, wanted in unsafe_in_prose(_U_BETWEEN.sub(" o ", sentence)):
            yield Finding("failure", part.where, "dose notation", f"{dose}: write {wanted}", "none", sentence)
        decimals = DECIMAL.findall(sentence) if part.front else []
        if decimals:
            yield Finding("failure", part.where, "decimals on page 1", ", ".join(decimals), "none", sentence)


def _in_pictures(library: Library) -> Iterator[Finding]:
    """Labels that fit, and alternative texts of a length; which drawings there are is the English topic's affair."""
    return (found for found in picture_findings(library) if found.gate != "unused figure")


def _as_the_glossary_says(english: Sequence[Passage], told: Sequence[Passage], glossary: Glossary) -> Iterator[Finding]:
    """Advice for each passage whose English has a term that the translation says otherwise; words may be inflected."""
    by_file: dict[str, list[Passage]] = {}
    for part in english:
        by_file.setdefault(part.file, []).append(part)
    seen: dict[str, int] = {}
    for part in told:
        beside = by_file.get(original_of(part.file), [])
        at = seen[part.file] = seen.get(part.file, -1) + 1
        if at >= len(beside):
            continue
        text = beside[at].text
        for term, wanted in sorted(glossary.settled.items(), key=lambda one: -len(one[0])):
            if not _has(text, term):
                continue
            text = _without(text, term)  # what is part of a longer term is said in that
            if not _says(part.text, wanted):
                yield Finding("advice", part.where, "glossary", f"{term} is said otherwise", wanted)


def _has(text: str, term: str) -> bool:
    return _term(term).search(text) is not None


def _without(text: str, term: str) -> str:
    return _term(term).sub(" ", text)


@lru_cache(maxsize=1024)
def _term(term: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.I)


def _says(text: str, term: str) -> bool:
    """Whether the words of ``term`` stand in ``text``, whatever their endings."""
    low = text.casefold()
    return all(word[: max(4, len(word) - 2)] in low for word in term.casefold().split())


def _sides(library: Library, glossary: Glossary) -> Iterator[Finding]:
    """The words for a side are those of that side."""
    if not (glossary.sides.get("left") and glossary.sides.get("right")):
        if library.topic.file.sides:
            limit = "sides: {left: [...], right: [...]}"
            way_out = "Write how your words for left and right begin: else nobody notices where the two were swapped"
            where = f"glossary/{library.language}.yaml: sides"
            yield Finding("notice", where, "side named", "not looked at", limit, way_out=way_out)
        return
    where = f"words/{library.language}.yaml"
    for key, side in _SIDE_WORDS.items():
        text = library.words.page[key].casefold()
        named = {name for name, words in glossary.sides.items() if any(word.casefold() in text for word in words)}
        if named != {side}:
            told = " and ".join(sorted(named)) or "no side"
            yield Finding("failure", f"{where}: {key}", "side named", told, side, library.words.page[key])


def _approvals(library: Library, today: date) -> Iterator[Finding]:
    """A notice for each state in which translated files are, but approved."""
    topic = library.topic
    by_state: dict[str, list[str]] = {}
    for name, state in file_states(topic, today).items():
        if topic.is_translation(name) and state != "approved":
            by_state.setdefault(state, []).append(name)
    for kind, names in by_state.items():
        way_out = approving(topic, "" if len(names) > 1 else names[0])
        if kind == "translation_behind":
            shared = all(name.startswith(("words/", "defaults/")) for name in names)
            sheet = names[0].partition("/")[0] if shared else f"{topic.id}/FILE"
            way_out = f"translate-sheet {sheet} --to {topic.language} --done"
        told = f"{kind.replace('_', ' ')}: {plural(len(names), 'file')}"
        yield Finding("notice", f"{topic.id}/approvals.yaml", "approval", told, way_out, way_out=in_short(names))
