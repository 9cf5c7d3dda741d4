"""A translation and its English: whether it is made like it, and whether the English has changed since.

Each translation says in ``from`` which English bytes it was made from. What has no English file of its own, such as the
phrases of a topic without en/words.yaml, was made from topic.yaml.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from handouts.errors import ContentFault
from handouts.load.collector import Reader
from handouts.load.files import read_regular
from handouts.load.language_files import original_of
from handouts.load.translated_words import safety_digest
from handouts.model.topic_file import TopicFile
from handouts.model.topic_words import OwnWords


def english_of(content: Path, name: str) -> Path:
    """The English file that the translation ``name`` is made from; it may be gone."""
    path = content / original_of(name)
    if name.endswith("/words.yaml") and not path.exists():
        return path.parent.parent / "topic.yaml"
    return path


def digest_of_english(content: Path, name: str) -> str:
    """The SHA-256 (hex) of today's English file of a translation; "" where there is none. ContentFault where it can't
    be read.
    """
    path = english_of(content, name)
    try:
        return hashlib.sha256(read_regular(path)).hexdigest()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ContentFault(f"{original_of(name)} can't be read: {error.strerror}.") from None


def behind(content: Path, made_from: Mapping[str, str]) -> Iterator[str]:
    """The translations whose English has changed or gone; ``made_from``: what each says in ``from``, by its name."""
    return (name for name, told in made_from.items() if digest_of_english(content, name) != told.partition(" ")[0])


def safety_is_behind(content: Path, name: str) -> bool:
    """Whether a topic's words.yaml in another language has safety texts made from others than topic.yaml's today."""
    reader = Reader(content)
    own = reader.model(OwnWords, content / name)
    file = reader.model(TopicFile, content / "topics" / name.split("/")[1] / "topic.yaml")
    return bool(own and file and own.safety and own.safety_from != safety_digest(file))


def behind_in_topic(
    reader: Reader, names: Iterable[str], topic: str, file: TopicFile, own: OwnWords | None
) -> frozenset[str]:
    """Those of a topic's source files ``names`` that are behind, its safety texts too; ``own``: its words.yaml."""
    base = f"topics/{topic}/"
    full = {(name if name.startswith(("words/", "defaults/")) else base + name): name for name in names}
    made_from = {name: digest for name, digest in reader.made_from.items() if name in full}
    late = {full[name] for name in behind(reader.base, made_from)}
    if own and own.safety and own.safety_from != safety_digest(file):
        late |= {short for name, short in full.items() if name.startswith(base) and name.endswith("/words.yaml")}
    return frozenset(late)
