"""What topic.yaml says in words, in another language: phrases of numbers, safety texts, masked terms. Pure.

They stand in TOPIC/LANG/words.yaml, so that topic.yaml holds numbers, sources and structure once for all languages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from handouts.errors import Fault, nearest
from handouts.load.collector import Reader
from handouts.load.numerals import missing_numbers
from handouts.load.parallel import unlike_phrases
from handouts.model.language import ORIGINAL
from handouts.model.number_words import phrases_of
from handouts.model.topic_file import TopicFile
from handouts.model.topic_words import OwnWords

_ONLY_TRANSLATED = ("phrases", "plurals", "safety", "safety_from", "mask")


_PRINTED = ("funding", "update_policy")
"""Keys of topic.yaml that are printed as they stand; a usual update policy is a word of the page."""


def phrases_to_translate(file: TopicFile, page: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every phrase of topic.yaml that a translation has to have, and where it stands; ``page``: words of the page."""
    for place, phrase in phrases_of(file.numbers):
        yield ("numbers", *place), phrase
    for key in _PRINTED:
        text = getattr(file, key)
        if text and text not in page:
            yield (key,), text


def said_in(file: TopicFile, own: OwnWords | None) -> TopicFile:
    """topic.yaml with the safety texts and masked terms of a translation; the English ones are not printed beside it.
    ``own``: its words.yaml, None where it has none.
    """
    if own is None or not (own.phrases or own.safety or own.mask):
        return file
    told = {name: field.model_copy(update={"text": own.safety.get(name)}) for name, field in file.safety.items()}
    phrases = {key: own.phrases.get(text, text) for key in _PRINTED if (text := getattr(file, key))}
    return file.model_copy(update={"safety": told, "mask": own.mask or file.mask, **phrases})


def safety_digest(file: TopicFile) -> str:
    """SHA-256 (hex) over the English safety texts, a line each: a change of one is a change for every translation."""
    lines = (f"{name}: {field.text}\n" for name, field in file.safety.items() if field.text)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def safety_digest_of(content: Path, name: str) -> str:
    """The same of the topic that the file ``name`` is of; "" where its topic.yaml can't be read."""
    file = Reader(content).model(TopicFile, content / "topics" / name.split("/")[1] / "topic.yaml")
    return safety_digest(file) if file else ""


def missing_phrases(
    reader: Reader,
    folder: Path,
    file: TopicFile,
    own: OwnWords | None,
    path: Path,
    language: str,
    page: Mapping[str, str],
) -> Iterator[Fault]:
    """A fault for each phrase and safety text of topic.yaml that ``own``, at ``path``, lacks or has too many.
    ``page``: the words of the page.
    """
    name = reader.name(path)
    if language == ORIGINAL:
        for key in _ONLY_TRANSLATED if own else ():
            if getattr(own, key):
                told = f"'{key}' belongs to translations: in English it stands in topic.yaml. Delete it here"
                yield Fault(name, reader.line(name, key), told)
        return
    there = own or OwnWords()
    for phrase, wrong in unlike_phrases(there.phrases):
        yield Fault(name, reader.line(name, "phrases", phrase), f"the phrase for '{phrase}' {wrong}")
    if there.safety and there.safety_from is None:
        told = f"safety_from is missing. For today's English texts write safety_from: {safety_digest(file)}"
        yield Fault(name, reader.line(name, "safety"), told)
    structure = reader.name(folder / "topic.yaml")
    wanted = {phrase: reader.line(structure, *place) for place, phrase in phrases_to_translate(file, page)}
    for phrase, line in wanted.items():
        if phrase not in there.phrases:
            yield Fault(
                name, reader.line(name, "phrases"), f"phrases has none for '{phrase}' (topic.yaml, line {line})"
            )
    for phrase in there.phrases:
        if phrase not in wanted:
            hint = nearest(phrase, wanted, what="phrases of topic.yaml")
            yield Fault(name, reader.line(name, "phrases", phrase), f"'{phrase}' is no phrase of topic.yaml. {hint}")
    for phrase in there.plurals:
        if phrase not in there.phrases:
            yield Fault(name, reader.line(name, "plurals", phrase), f"'{phrase}' has plurals, and no entry in phrases")
    for key, field in file.safety.items():
        if field.text and key not in there.safety:
            yield Fault(name, reader.line(name, "safety"), f"safety has no text for '{key}', which topic.yaml has")
    for key, text in there.safety.items():
        for wrong in missing_numbers(file.safety[key].text or "", text) if key in file.safety else ():
            yield Fault(name, reader.line(name, "safety", key), f"safety.{key} {wrong}")
        if key not in file.safety or not file.safety[key].text:
            yield Fault(name, reader.line(name, "safety", key), f"safety has '{key}', which topic.yaml has no text for")
