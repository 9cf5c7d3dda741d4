"""What the texts of a topic refer to: numbers, sources and figures of its topic.yaml. Pure.

Told when a topic is read, for all its files at once: else a renamed figure would be found out by whoever happens to
choose the option that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from handouts.errors import Fault, nearest
from handouts.load.markdown import inline_text, stray_sign
from handouts.load.yamlfile import Parsed, Path
from handouts.model.prose import Figure, People, Section, inlines
from handouts.model.topic_file import Number, TopicFile

Kind = Literal["number", "source", "figure", "picture"]
_PLAIN = frozenset(
    {"name", "short", "line", "decision", "decision_one", "heading", "matters", "safety", "harms", "harm_labels"}
) | {"when"}
"""Keys of a front matter whose texts are printed as they stand, without numbers of topic.yaml."""
_HARM_NUMBERS = ("stays", "passes", "number")


@dataclass(frozen=True)
class Reference:
    """What a text names, and where. ``form``: count, rest, out_of or over of a number; ``beside``: the other numbers of
    a picture of people.
    """

    kind: Kind
    name: str
    file: str
    line: int
    form: str = ""
    beside: tuple[str, ...] = ()


def references_in(sections: Iterable[Section], file: str) -> Iterator[Reference]:
    """What the prose of a file refers to."""
    for section in sections:
        for runs in inlines(section.blocks):
            yield from (_reference(run.number, file, run.line) for run in runs if run.number)
        for block in section.blocks:
            if isinstance(block, Figure):
                yield Reference("figure", block.name, file, block.line)
            elif isinstance(block, People):
                yield Reference("picture", block.numbers[0], file, block.line, beside=block.numbers[1:])


def references_in_head(parsed: Parsed) -> Iterator[Reference | Fault]:
    """What a front matter refers to, and braces in it that refer to nothing."""
    for path, text in _texts(parsed.data, ()):
        line = parsed.line(path)
        runs = inline_text(text)
        wrong = stray_sign("".join(run.text for run in runs))
        plain = next((key for key in path if key in _PLAIN), None)
        if path[0] == "harms" and path[-1] in _HARM_NUMBERS and text not in {"true", "false"}:
            yield Reference("number", text, parsed.file, line)
        elif wrong:
            yield Fault(parsed.file, line, wrong)
        elif plain and any(run.number for run in runs):
            yield Fault(parsed.file, line, f"'{plain}' is printed as it stands: no number in braces can be part of it")
        else:
            yield from (_reference(run.number, parsed.file, line) for run in runs if run.number)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from _texts(item, (*path, key))


def _reference(number: str, file: str, line: int) -> Reference:
    name, _, form = number.partition(".")
    if name.startswith("cite:"):
        return Reference("source", name.removeprefix("cite:"), file, line)
    return Reference("number", name, file, line, form)


def unmet(references: Iterable[Reference], topic: Parsed, file: TopicFile | None) -> Iterator[Fault]:
    """A fault for each reference that leads nowhere.

    ``topic``: topic.yaml as it was read; ``file``: the same as a model, None where it isn't one.
    """
    known = {kind: _keys(topic.data, f"{kind}s") for kind in ("number", "source", "figure")}
    numbers = file.numbers if file else {}
    for each in references:
        names = (each.name, *each.beside)
        kind = "number" if each.kind == "picture" else each.kind
        missing = [name for name in names if name not in known[kind]]
        for name in missing:
            hint = nearest(name, known[kind], what=f"{kind}s of topic.yaml")
            yield Fault(each.file, each.line, f"there is no {kind} '{name}'. {hint}")
        if missing or not all(name in numbers for name in names):
            continue
        if each.kind == "picture" and (wrong := why_not_drawn([numbers[name] for name in names])):
            yield Fault(each.file, each.line, wrong)
        elif each.kind == "number" and not has_form(numbers[each.name], each.form):
            yield Fault(each.file, each.line, no_form(f"{each.name}.{each.form}"))


def _keys(data: Any, name: str) -> tuple[str, ...]:
    found = data.get(name) if isinstance(data, Mapping) else None
    return tuple(found) if isinstance(found, Mapping) else ()


def has_form(number: Number, form: str) -> bool:
    """Whether a number has that form."""
    try:
        return form == "" or number.form(form) is not None
    except KeyError:
        return False


def no_form(reference: str) -> str:
    """The message for a form that a number doesn't have."""
    return f"'{reference}': a number has the forms count, rest, out_of and over, where topic.yaml gives them"


def why_not_drawn(numbers: Sequence[Number | None]) -> str | None:
    """Why the numbers can't be drawn together as a picture of 100 people; None where they can."""
    drawn = [number for number in numbers if number and number.picture]
    if len(drawn) < len(numbers):
        return "a picture of people needs numbers that topic.yaml marks with picture: true"
    if len({number.source for number in drawn}) > 1:
        return "a picture of people can't mix numbers from two sources"
    if sum(number.count for number in drawn) > 100:
        return "a picture of people shows 100 people, but its numbers add up to more"
    return None
