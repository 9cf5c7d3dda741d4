"""topic.yaml: whether this program can read it at all, and what the topic's texts refer to in it."""

from __future__ import annotations

import re
from pathlib import Path

from handouts import paths
from handouts.load.collector import Reader
from handouts.load.references import unmet
from handouts.load.yamlfile import Parsed
from handouts.model.topic_file import TopicFile


def read_topic_file(reader: Reader, folder: Path) -> tuple[Parsed | None, TopicFile | None]:
    """topic.yaml as plain data and as a model; None, and its mistakes, where it isn't one. Without a model, the texts
    are read for their own mistakes alone.

    A topic for a newer program is told as that, not as the unknown keys that it may have.
    """
    path = folder / "topic.yaml"
    parsed = reader.parsed(path)
    if parsed and not reader.archived and (newer := _newer(parsed)):
        message = f"was made for version {newer} of the program; this is {paths.VERSION}. Update the program"
        reader.add(path, f"{message}, or use the topic as it was before", parsed.line(("made_for",)))
        return None, None
    file = reader.as_model(TopicFile, parsed)
    if file is None:
        for text in sorted((folder / "en").rglob("*.md")):
            reader.document(None, text)
        require_met(reader, parsed, None)
    return parsed, file


def require_met(reader: Reader, topic: Parsed | None, file: TopicFile | None) -> None:
    """Keep a mistake for each number, source and figure that the texts name and topic.yaml does not hold."""
    if topic and not reader.archived:
        reader.found.extend(unmet(reader.references, topic, file))


def _newer(parsed: Parsed) -> str:
    """The version that the topic was made for, where this program is older; "" where it isn't."""
    asked = parsed.data.get("made_for") if isinstance(parsed.data, dict) else None
    if not isinstance(asked, str) or not re.fullmatch(r"\d+(\.\d+){1,2}", asked):
        return ""
    return asked if _parts(asked) > _parts(paths.VERSION) else ""


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
