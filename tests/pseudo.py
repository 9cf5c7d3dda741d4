"""Content in languages that nobody speaks: every letter of the English texts is another one, all else is as it was.

So a word of English on a page stands in a template or in the program, where none may be. ``ar`` has Arabic letters and
runs from right to left; ``es`` has an accent on every vowel, and each word has a fifth more letters, as Spanish has.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from handouts.load.yamlfile import parse
from handouts.model.number_words import phrases_of
from handouts.model.topic_file import TopicFile

_ARABIC = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابتدهفغحيجكلمنوصقرسطعشزخذث")
_SPANISH = str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ")
_KEPT = re.compile(
    r"""(!\[[^\]]*\]\((?:[^)"]|"[^"]*")*\)|\{[^}]*\}|https?://\S+|\b[A-Za-z]*\d(?:[\w.,]*\w)?|^#+ |^- |^\d+\. |\*\*)""",
    re.MULTILINE,
)
_FIGURE = re.compile(r'!\[([^\]]*)\]\((\S+?)(?: "([^"]*)")?\)')
_NO_TEXT = {"stays", "passes", "number", "numbers", "id", "kind", "update_policy", "doi", "figure"}
"""Keys whose values may name something."""


def said(text: str, language: str) -> str:
    """``text`` in the made-up language: references, numbers and markup stay."""
    parts = _KEPT.split(text)
    return "".join(_kept(part, language) if i % 2 else _letters(part, language) for i, part in enumerate(parts))


def _kept(part: str, language: str) -> str:
    figure = _FIGURE.fullmatch(part)
    if not figure:
        return part
    caption = f' "{said(figure[3], language)}"' if figure[3] is not None else ""
    return f"![{said(figure[1], language)}]({figure[2]}{caption})"


def _letters(text: str, language: str) -> str:
    if language == "ar":
        return text.lower().translate(_ARABIC).replace("?", "؟").replace(",", "،").replace(";", "؛")
    return re.sub(r"[A-Za-z]{5,}", lambda word: word[0] + "á" * (len(word[0]) // 5), text).translate(_SPANISH)


def _walked(value: Any, language: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _walked(inner, language, name) for name, inner in value.items()}
    if isinstance(value, list):
        return value if key == "safety" else [_walked(inner, language, key) for inner in value]
    return value if not isinstance(value, str) or _names(key, value) else said(value, language)


def _names(key: str, value: str) -> bool:
    """Whether a value is no text, but names something."""
    return key in _NO_TEXT and re.fullmatch(r"[a-z0-9./-]+", value) is not None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _yaml(path: Path, language: str, own: dict[str, Any] | None = None) -> str:
    digest = _digest(path)
    data = {"from": digest, **_walked(parse(path.read_text(encoding="utf-8"), path.name).data, language), **(own or {})}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000)


def _markdown(path: Path, language: str) -> str:
    text = path.read_text(encoding="utf-8")
    head, body = ({}, text) if not text.startswith("---") else (None, text)
    if head is None:
        _, front, body = text.split("---", 2)
        head = _walked(parse(front, path.name).data, language)
    digest = _digest(path)
    told = yaml.safe_dump({"from": digest, **head}, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{told}---{said(body, language)}"


def add_language(content: Path, language: str, *topics: str) -> None:
    """Put the made-up ``language`` beside the English of ``topics`` and of all that they share."""
    for name in ("words/{}.yaml", "words/mail.{}.yaml", "defaults/{}.yaml"):
        own = {"numbers": _numbers(language), "quotes": "«»"} if name == "words/{}.yaml" else None
        text = _yaml(content / name.format("en"), language, own)
        (content / name.format(language)).write_text(text, encoding="utf-8")
    for practice in content.glob("clinics/*/practice.en.md"):
        practice.with_name(f"practice.{language}.md").write_text(_markdown(practice, language), encoding="utf-8")
    for topic in topics:
        _add_topic(content / "topics" / topic, language)


def _numbers(language: str) -> dict[str, str]:
    forms = {
        "out_of": "{count} out of {out_of} {of}", "amount": "{count} {unit}", "share": "out of {out_of}",
        "about": "about {number}", "fewer": "fewer than {number}", "about_word": "about", "fewer_word": "fewer than",
        "over": "over {over}",
    }  # fmt: skip
    return {name: said(form, language) for name, form in forms.items()}


def _add_topic(folder: Path, language: str) -> None:
    there = folder / language
    shutil.rmtree(there, ignore_errors=True)
    for path in sorted((folder / "en").rglob("*.*")):
        target = there / path.relative_to(folder / "en")
        target.parent.mkdir(parents=True, exist_ok=True)
        made = _markdown(path, language) if path.suffix == ".md" else _yaml(path, language)
        target.write_text(made, encoding="utf-8")
    file = TopicFile.model_validate(parse((folder / "topic.yaml").read_text(encoding="utf-8"), "topic.yaml").data)
    own: dict[str, Any] = {"phrases": {text: said(text, language) for _, text in phrases_of(file.numbers)}}
    if file.funding:
        own["phrases"][file.funding] = said(file.funding, language)
    own["safety"] = {name: said(field.text, language) for name, field in file.safety.items() if field.text}
    words = folder / "en" / "words.yaml"
    empty = folder / language / "words.yaml"
    text = (
        _yaml(words, language, own)
        if words.is_file()
        else yaml.safe_dump({"from": _digest(folder / "topic.yaml"), **own}, allow_unicode=True)
    )
    empty.write_text(text, encoding="utf-8")
