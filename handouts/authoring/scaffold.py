"""`new TOPIC`: the files of a topic to fill in, and those that a topic names and lacks. Returns text; writes nothing.

The texts to replace begin with "Write", so that `approve` can tell that some are left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from handouts import paths
from handouts.authoring import choice, instructions
from handouts.load.library import load_defaults
from handouts.load.yamlfile import parse
from handouts.model.base import is_slug
from handouts.model.document import HARMS
from handouts.model.topic_words import TopicWords

Kind = Literal["choice", "instructions"]


@dataclass(frozen=True)
class SharedWords:
    """What the files of a topic share: the rows of the comparison, and the headings of options and medicines.

    ``lists_harms``: whether an option's harms are a list, printed under a heading of theirs.
    """

    rows: Sequence[str]
    option_headings: Sequence[str]
    medicine_headings: Sequence[str]
    lists_harms: bool = True

    @classmethod
    def of(cls, words: TopicWords, rows: Sequence[str] = ()) -> SharedWords:
        """Those of a topic with these words. ``rows``: those that its topic.yaml picks; () for all."""
        rows, headings = rows or tuple(words.rows), words.headings
        lists_harms = HARMS in rows and words.rows.get(HARMS) in headings.option
        return cls(rows, headings.option, headings.medicine, lists_harms)


def shared_words(content: Path) -> SharedWords:
    """What the files of a topic without words of its own share. ContentFault when they can't be read."""
    return SharedWords.of(load_defaults(content))


def skeleton(topic: str, kind: str, words: SharedWords, today: date) -> Mapping[str, str]:
    """The files of a new topic, path inside its folder -> text: it passes `check` but for notices."""
    text = (choice if kind == "choice" else instructions).TOPIC.format(
        made_for=".".join(paths.VERSION.split(".")[:2]), today=today, review=today + timedelta(days=365)
    )
    return {"topic.yaml": text, **parts(topic, parse(text, "topic.yaml").data, words)}


def kind_of(data: Any) -> Kind:
    """The kind of the topic whose topic.yaml holds ``data``."""
    return "instructions" if isinstance(data, dict) and data.get("kind") == "instructions" else "choice"


def is_untouched(files: Mapping[str, str], topic: str, data: Any, words: SharedWords) -> bool:
    """Whether ``files`` (path -> text), of a topic.yaml with ``data``, are as `skeleton` made them some day."""
    try:
        day = date.fromisoformat(data["published"])
    except (KeyError, TypeError, ValueError):
        return False
    return files == skeleton(topic, kind_of(data), words, day)


def parts(topic: str, data: Any, words: SharedWords) -> Mapping[str, str]:
    """Every file that a topic.yaml with ``data`` asks for, to fill in; what is wrong in it is passed over."""
    data = data if isinstance(data, dict) else {}
    shape = instructions if kind_of(data) == "instructions" else choice
    medicines = _medicines(data)
    made = {
        "en/overview.md": shape.OVERVIEW.format(name=_words_of(topic), safety=_safety(data) or "  {}"),
        "en/takeaways.md": choice.TAKEAWAYS,
    }
    for name in _ids(data, "options"):
        made[f"en/{name}.md"] = choice.option(
            _words_of(name), words.rows, words.option_headings, lists_harms=words.lists_harms
        )
    for name in _ids(data, "sections"):
        made[f"en/{name}.md"] = instructions.SECTION.format(name=_words_of(name))
    for name in medicines:
        made[f"en/medicines/{name}.md"] = choice.medicine(_words_of(name), words.medicine_headings)
    if medicines:
        fields = [name for name in _keys(data, "safety") if name == "stopping_medicine"]
        made["en/medicine-safety.md"] = choice.MEDICINE_SAFETY.format(safety=", ".join(fields))
    if "true" in [data.get("diary"), *(entry.get("diary") for entry in _entries(data, "options"))]:
        made["en/words.yaml"] = choice.OWN_WORDS
    figures = _keys(data, "figures")
    if figures:
        made["en/figures.yaml"] = choice.FIGURE_WORDS
    made.update({f"figures/{name}.svg": choice.FIGURE.format(name=_words_of(name)) for name in figures})
    return made


def _medicines(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of the topic and of its options."""
    found = [*_texts(data.get("medicines"))]
    for option in _entries(data, "options"):
        found += _texts(option.get("medicines"))
    return tuple(dict.fromkeys(found))


def _safety(data: Mapping[str, Any]) -> str:
    """A line for each safety field: what stands before it on the page."""
    known = {"urgent_signs": "Get help right away for", "stopping_medicine": "If you stop a medicine at once"}
    return "\n".join(f"  {name}: {known.get(name, _words_of(name))}" for name in _keys(data, "safety"))


def _words_of(name: str) -> str:
    return choice.NAMES.get(name, name.replace("-", " ").replace("_", " ").capitalize())


def _ids(data: Mapping[str, Any], key: str) -> Iterator[str]:
    return (entry["id"] for entry in _entries(data, key) if _is_name(entry.get("id")))


def _entries(data: Mapping[str, Any], key: str) -> Iterator[dict[str, Any]]:
    return (entry for entry in _list(data.get(key)) if isinstance(entry, dict))


def _keys(data: Mapping[str, Any], key: str) -> list[str]:
    found = data.get(key)
    return [name for name in found if _is_name(name.replace("_", "-"))] if isinstance(found, dict) else []


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [item for item in _list(value) if _is_name(item)]


def _is_name(value: Any) -> bool:
    """Whether it can be the name of a file: nothing is ever written elsewhere."""
    return isinstance(value, str) and is_slug(value)
