"""What topic.yaml says in words, in another language: phrases of numbers, safety texts, masked terms. Pure.

They stand in TOPIC/LANG/words.yaml, so that topic.yaml holds numbers, sources and structure once for all languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from handouts.errors import Fault, nearest
from handouts.load.collector import Reader
from handouts.model.language import ORIGINAL
from handouts.model.number_words import phrases_of
from handouts.model.topic_file import TopicFile
from handouts.model.topic_words import OwnWords

_ONLY_TRANSLATED = ("phrases", "safety", "mask")


def said_in(file: TopicFile, own: OwnWords | None) -> TopicFile:
    """topic.yaml with the safety texts and masked terms of a translation; the English ones are not printed beside it.
    ``own``: its words.yaml, None where it has none.
    """
    if own is None or not (own.phrases or own.safety or own.mask):
        return file
    told = {name: field.model_copy(update={"text": own.safety.get(name)}) for name, field in file.safety.items()}
    funding = own.phrases.get(file.funding, file.funding) if file.funding else None
    return file.model_copy(update={"safety": told, "mask": own.mask or file.mask, "funding": funding})


def missing_phrases(
    reader: Reader, folder: Path, file: TopicFile, own: OwnWords | None, path: Path, language: str
) -> Iterator[Fault]:
    """A fault for each phrase and safety text of topic.yaml that ``own``, at ``path``, lacks or has too many."""
    name = reader.name(path)
    if language == ORIGINAL:
        for key in _ONLY_TRANSLATED if own else ():
            if getattr(own, key):
                told = f"'{key}' belongs to translations: in English it stands in topic.yaml. Delete it here"
                yield Fault(name, reader.line(name, key), told)
        return
    there = own or OwnWords()
    structure = reader.name(folder / "topic.yaml")
    wanted = {phrase: reader.line(structure, "numbers", *place) for place, phrase in phrases_of(file.numbers)}
    if file.funding:
        wanted[file.funding] = reader.line(structure, "funding")
    for phrase, line in wanted.items():
        if phrase not in there.phrases:
            yield Fault(
                name, reader.line(name, "phrases"), f"phrases has none for '{phrase}' (topic.yaml, line {line})"
            )
    for phrase in there.phrases:
        if phrase not in wanted:
            hint = nearest(phrase, wanted, what="phrases of topic.yaml")
            yield Fault(name, reader.line(name, "phrases", phrase), f"'{phrase}' is no phrase of topic.yaml. {hint}")
    for key, field in file.safety.items():
        if field.text and key not in there.safety:
            yield Fault(name, reader.line(name, "safety"), f"safety has no text for '{key}', which topic.yaml has")
    for key in there.safety:
        if key not in file.safety or not file.safety[key].text:
            yield Fault(name, reader.line(name, "safety", key), f"safety has '{key}', which topic.yaml has no text for")
