"""A made-up translation for tests: the English files again, each with what it was made from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from handouts.load.changes import origin_of
from handouts.load.collector import Reader
from handouts.model.number_words import phrases_of
from handouts.model.topic_file import TopicFile

TAG = "fr"
"""A language that the content which comes with the program does not have."""


def digest(path: Path) -> str:
    """The SHA-256 of a file, as `from` has it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def translate(content: Path, topic: str, tag: str = TAG, say: Callable[[str], str] = str) -> None:
    """Put a topic, and all that handouts on it need besides, into a language. ``say``: changes the words of a file."""
    for path in (*content.glob("words/*en.yaml"), content / "defaults" / "en.yaml"):
        _translate(path, path.with_name(path.name.replace("en.yaml", f"{tag}.yaml")), say)
    for path in content.glob("clinics/*/practice.en.md"):
        _translate(path, path.with_name(f"practice.{tag}.md"), say)
    folder = content / "topics" / topic
    for path in (folder / "en").rglob("*.*"):
        _translate(path, folder / tag / path.relative_to(folder / "en"), say)
    _add_phrases(folder, tag)
    for path in (*content.rglob(f"{tag}/**/*.*"), *content.rglob(f"*{tag}.yaml"), *content.rglob(f"practice.{tag}.md")):
        _mark(content, path)


def _mark(content: Path, path: Path) -> None:
    """Behind the digest, the marks of each sentence."""
    origin = origin_of(content, path.relative_to(content).as_posix())
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"from: {origin[:64]}\n", f"from: {origin}\n", 1), encoding="utf-8")


def _translate(path: Path, to: Path, say: Callable[[str], str]) -> None:
    text, origin = say(path.read_text(encoding="utf-8")), f"from: {digest(path)}\n"
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(re.sub(r"\A---\n", f"---\n{origin}", text) if to.suffix == ".md" else origin + text, encoding="utf-8")


def _add_phrases(folder: Path, tag: str) -> None:
    file = Reader(folder).model(TopicFile, folder / "topic.yaml")
    assert file
    phrases = [phrase for _, phrase in phrases_of(file.numbers)]
    words, english = folder / tag / "words.yaml", folder / "en" / "words.yaml"
    if not phrases:
        return
    made = words.read_text(encoding="utf-8") if words.exists() else f"from: {digest(folder / 'topic.yaml')}\n"
    assert words.exists() == english.exists()
    told = "".join(f'  "{phrase}": "{phrase} en {tag}"\n' for phrase in phrases)
    words.write_text(f"{made}\nphrases:\n{told}", encoding="utf-8")
