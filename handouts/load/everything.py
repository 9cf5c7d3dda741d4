"""All of a content folder, for `check`: so that no fault waits for the command that happens to need its file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from handouts.errors import ContentFault, Fault, HandoutError, nearest, shown
from handouts.load.codes import codes_named_twice, codes_without_a_place
from handouts.load.collector import Reader
from handouts.load.language_files import languages
from handouts.load.library import (
    clinic_ids,
    default_clinic,
    load_clinic,
    load_library,
    mail_words_alone,
    topic_ids,
)
from handouts.load.list_maps import list_maps, load_list_maps, twin_maps
from handouts.load.progress import SHARED, progress
from handouts.load.requests import load_preset
from handouts.load.translation_faults import translation_faults
from handouts.model.handout import SHEETS
from handouts.model.language import ORIGINAL, is_tag, primary_tag
from handouts.model.list_map import ListMap
from handouts.model.topic_file import TopicFile


def require_sound(content: Path, topics: Sequence[str], language: str = ORIGINAL) -> None:
    """ContentFault with every fault in the settings, the words, all clinics with their presets and ``topics``, in
    English; in another ``language`` as well, where that is asked for, in all that is filled in.

    RequestFault for a topic that isn't there.
    """
    found: list[Fault] = []
    _attempt(lambda: default_clinic(content), found)
    _attempt(lambda: mail_words_alone(content, ORIGINAL), found)
    for clinic in clinic_ids(content):
        _attempt(lambda clinic=clinic: load_clinic(content, clinic), found)  # type: ignore[misc]
        found += _preset_faults(content, clinic)
        _attempt(lambda clinic=clinic: load_list_maps(content, clinic), found)  # type: ignore[misc]
        found += _map_faults(content, clinic)
        found += twin_maps(content, clinic)
    found += codes_named_twice(content)
    found += codes_without_a_place(content)
    for topic in topics:
        _attempt(lambda topic=topic: load_library(content, topic), found)  # type: ignore[misc]
    found += _translated(content, topics, language) if language != ORIGINAL else ()
    if found:
        raise ContentFault("The content can't be used yet. Fix these:", faults=found)


def _translated(content: Path, topics: Sequence[str], language: str) -> list[Fault]:
    found = translation_faults(content, language, topics)
    whole = [part.part for part in progress(content, language, topics) if not part.missing]
    for topic in topics if SHARED in whole else ():
        if topic in whole:
            _attempt(lambda topic=topic: load_library(content, topic, language=language), found)  # type: ignore[misc]
    return found


def _attempt(load: Callable[[], Any], found: list[Fault]) -> None:
    """Load something; its faults go to ``found``."""
    try:
        load()
    except ContentFault as error:
        found.extend(error.faults or [Fault("", 0, error.message)])


def _preset_faults(content: Path, clinic: str) -> Iterator[Fault]:
    """What is wrong with a clinic's presets, also what only their topic knows."""
    for path in sorted((content / "clinics" / clinic / "presets").glob("*.yaml")):
        try:
            load_preset(content, clinic, path.stem)
        except HandoutError as error:
            yield from error.faults or [Fault(path.relative_to(content).as_posix(), 0, error.message)]
        parsed = Reader(content).parsed(path)
        if parsed is None or not isinstance(parsed.data, dict):
            continue
        for place, message in _unknown_names(content, parsed.data):
            yield Fault(parsed.file, parsed.line(place), message)


def _map_faults(content: Path, clinic: str) -> Iterator[Fault]:
    """Topics and options that a clinic's maps of lists name, and that are not there."""
    for path in list_maps(content, clinic):
        reader = Reader(content)
        parsed = reader.parsed(path)
        found = reader.as_model(ListMap, parsed)
        if found is None or parsed is None:
            continue
        for column, words in found.values.items():
            for word, meaning in words.items():
                for place, message in _unknown_names(content, meaning.as_request()):
                    yield Fault(parsed.file, parsed.line(("values", column, word, *place)), message)


def _unknown_names(content: Path, preset: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a preset names what isn't there, and what to name instead: all that `make` would refuse for any patient."""
    yield from _unknown((("clinic",), preset.get("clinic")), "clinic", clinic_ids(content), "the content")
    language = preset.get("language")
    tag = primary_tag(language) if isinstance(language, str) and is_tag(language) else None
    yield from _unknown((("language",), tag), "language", languages(content), "the content")
    topic, topics = preset.get("topic"), topic_ids(content)
    yield from _unknown((("topic",), topic), "topic", topics, "the content")
    if not isinstance(topic, str) or topic not in topics:
        return
    file = Reader(content).model(TopicFile, content / "topics" / topic / "topic.yaml")
    if file is None:
        return
    options, sections = ([entry.id for entry in entries] for entries in (file.options, file.sections))
    known = {"options": options, "sections": sections, "sheets": [*SHEETS, *options]}
    for key, names in known.items():
        given = preset.get(key)
        for i, name in enumerate(given if isinstance(given, list) else ()):
            yield from _unknown(((key, i), name), key.removesuffix("s"), names, topic)
    yield from _unknown((("side",), preset.get("side")), "side", file.sides, topic)


def _unknown(
    named: tuple[tuple[str | int, ...], Any], kind: str, known: Sequence[str], where: str
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    place, name = named
    if isinstance(name, str) and name not in known:
        hint = nearest(name, known, what=f"{kind}s") if known else f"It has no {kind}s: leave {place[0]} out."
        yield place, f"there is no {kind} '{shown(name)}' in {where}. {hint}"
