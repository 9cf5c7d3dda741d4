"""What ties a list or a health record to topics: the topics' own `codes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from handouts.errors import Fault, nearest
from handouts.load.collector import Reader
from handouts.load.library import topic_ids
from handouts.model.topic_file import TopicFile


def topic_codes(content: Path) -> Mapping[str, Mapping[str, str]]:
    """Code in small letters -> what it says of a request: ``topic`` and, where the code has one, ``side``.

    A code that two topics name says nothing; topics that can't be read are passed over (`check` tells of both).
    """
    found: dict[str, dict[str, str]] = {}
    twice: set[str] = set()
    for topic, file in topic_files(content).items():
        for code, entry in file.codes.icd10cm.items():
            key = code.casefold()
            twice.update({key} & found.keys())
            found[key] = {"topic": topic, **({"side": entry.side} if entry and entry.side else {})}
    return {code: said for code, said in found.items() if code not in twice}


def codes_named_twice(content: Path) -> Iterator[Fault]:
    """Codes that more than one topic names: a list could not tell which of them is meant."""
    first: dict[str, str] = {}
    for topic, file in topic_files(content).items():
        for code in file.codes.icd10cm:
            other = first.setdefault(code.casefold(), topic)
            if other != topic:
                place = f"topics/{topic}/topic.yaml"
                yield Fault(place, 0, f"'codes' names {code}, which is a code of {other}; one of the two has it")


def codes_without_a_place(content: Path) -> Iterator[Fault]:
    """Names and numbers for medicines or options that the topic does not have: nothing would ever come of them."""
    for topic, file in topic_files(content).items():
        options = [option.id for option in file.options]
        for key, known in (("rxnorm", file.medicines), ("names", file.medicines), ("treatments", options)):
            for name in getattr(file.codes, key):
                if name not in known:
                    place, what = f"topics/{topic}/topic.yaml", "options" if key == "treatments" else "medicines"
                    hint = nearest(name, known, what=what)
                    yield Fault(place, 0, f"'codes.{key}' names {name}, which is none of the topic's {what}. {hint}")


def topic_files(content: Path) -> Mapping[str, TopicFile]:
    """Every topic.yaml that can be read, by the topic's name."""
    files = {
        name: Reader(content).model(TopicFile, content / "topics" / name / "topic.yaml") for name in topic_ids(content)
    }
    return {name: file for name, file in files.items() if file}
