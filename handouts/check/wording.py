"""Gates on words: reading grade, sentences, long words, lists, numbers and claims in prose, dose notation, page 1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from handouts.check.findings import Finding, at_most
from handouts.check.passages import Passage, clinic_passages, faults_of, topic_passages
from handouts.check.praise import frightening_words, promising_words, selling_words
from handouts.check.reading import Reading, grades, hardest, measure, sentences, too_many_long_words
from handouts.check.shares import has_percentage, shares, typed
from handouts.errors import ContentFault
from handouts.model.clinic import Clinic
from handouts.model.content import Library, Topic
from handouts.model.doses import unsafe_in_prose

GRADE, SENTENCE, LIST = 6.0, 20, 7
CAPITALS = re.compile(r"\b[A-Z]{4,}\b(?!-\d)")
DECIMAL = re.compile(r"\d\.\d")
_OWN_WORDS = "practice."
"""In the name of the file in which a practice may praise itself, though not promise a cure: it is printed as the
practice's own words.
"""


def wording_findings(library: Library) -> list[Finding]:
    """Every gate on the words of a topic, the fixed words of the page, and the clinic's own words."""
    topic = library.topic
    found = list(topic_passages(library))
    made = _judge(found, topic.file.mask)
    told = "\n".join(part.text for part in found if "topics/" in part.file)
    (reading,) = grades([told], topic.file.mask)
    made += _graded("all of it", reading, told, topic.file.mask)
    return [*made, *clinic_wording(library.clinic, topic)]


def clinic_wording(clinic: Clinic, topic: Topic) -> list[Finding]:
    """Every gate on a clinic's own words: its page, the fields that are printed, its presets' notes and steps."""
    try:
        found = list(clinic_passages(clinic, topic))
    except ContentFault as error:
        return [Finding("failure", one.file, "can be read", one.message, line=one.line) for one in faults_of(error)]
    return _judge(found, (*topic.file.mask, clinic.file.name))


def _judge(found: Sequence[Passage], mask: Sequence[str]) -> list[Finding]:
    files: dict[str, list[Passage]] = {}
    for passage in found:
        files.setdefault(passage.file, []).append(passage)
    made: list[Finding] = []
    for file, parts in files.items():
        texts = [part.text for part in parts]
        whole = "\n".join(texts)
        made += _graded(file, grades([whole], mask)[0], whole, mask)
        for part, reading in zip(parts, grades(texts, mask), strict=True):
            made += _graded(part.where, reading, part.text, mask)
            made += _judge_passage(part, mask)
    return made


def _graded(where: str, reading: Reading | None, text: str, mask: Sequence[str]) -> Iterator[Finding]:
    if reading:
        found = at_most(where, "reading grade", round(reading.grade, 2), GRADE)
        yield found if found.level == "ok" else replace(found, sentence=hardest(text, mask))


def _judge_passage(part: Passage, mask: Sequence[str]) -> Iterator[Finding]:
    longest = max((measure(each, mask).longest for each in sentences(part.text)), default=0)
    if longest <= SENTENCE:
        yield at_most(part.where, "longest sentence", longest, SENTENCE)
    if part.items:
        yield at_most(part.where, "entries in a list", part.items, LIST)
    selling = _OWN_WORDS not in part.file.rpartition("/")[2]
    for sentence in sentences(part.text):
        yield from (replace(flaw, where=part.where) for flaw in flaws(sentence, mask, selling=selling))
        if part.front:
            yield from _on_page_1(part.where, sentence)
    for sentence in sentences(part.raw):
        yield from _words_found(part.where, "number typed by hand", typed(sentence), sentence)


def flaws(sentence: str, mask: Sequence[str] = (), *, selling: bool = True) -> Iterator[Finding]:
    """What is wrong with one sentence, its references already in words. ``selling``: whether praise is wrong; a promise
    of a cure is in any case.
    """
    length = measure(sentence, mask).longest
    if length > SENTENCE:
        yield replace(at_most("", "longest sentence", length, SENTENCE), sentence=sentence)
    long = too_many_long_words(sentence, mask)
    yield from _words_found("", "long words", long, sentence, "fewer than a third of a sentence")
    masked = {word.upper() for term in mask for word in term.split()}
    shouted = [word for word in CAPITALS.findall(sentence) if word not in masked]
    yield from _words_found("", "block capitals", shouted, sentence)
    yield from _words_found("", "'1 in x'", shares(sentence), sentence)
    praise = selling_words(sentence) if selling else promising_words(sentence)
    yield from _words_found("", "selling words", praise, sentence)
    yield from _words_found("", "frightening words", frightening_words(sentence), sentence)
    for dose, wanted in unsafe_in_prose(sentence):
        yield Finding("failure", "", "dose notation", f"{dose}: write {wanted}", "none", sentence)


def _on_page_1(where: str, sentence: str) -> Iterator[Finding]:
    yield from _words_found(where, "decimals on page 1", DECIMAL.findall(sentence), sentence)
    if has_percentage(sentence):
        yield from _words_found(where, "percentages on page 1", typed(sentence), sentence)


def _words_found(where: str, gate: str, words: Iterable[str], sentence: str, limit: str = "none") -> Iterator[Finding]:
    listed = list(dict.fromkeys(words))
    if listed:
        yield Finding("failure", where, gate, ", ".join(listed), limit, sentence)
