"""How large the words in a drawing come out: their type size times every scale that lies on them.

A size may stand on the text, on a group around it, in ``style="..."`` or in a ``<style>`` sheet, in px, pt, em or per
cent. The rules are WeasyPrint's, which draws them: an em or per cent that is inherited counts again at each level.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import cos, hypot, radians, sin, tan
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
_USUAL = 16.0
"""Where no size is given (12 pt)."""
_UNITS = {"px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6}
_SIZE = re.compile(r"\s*(\d+\.?\d*(?:e[-+]?\d+)?|\.\d+)\s*(%|[a-z]*)", re.I)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"(?:[\w-]+|\*)?(?:[.#][\w-]+)*")
_TEXT = {"text", "tspan", "textPath", "a"}
_HIDDEN = {"defs", "clipPath", "mask", "pattern", "marker", "symbol", "filter", "title", "desc", "style", "metadata"}
_INHERITED = ("font-size", "display", "visibility")
_IMPORTANT = 1_000_000
"""Heavier than any selector without !important."""

Linear = tuple[float, float, float, float]
"""a, b, c, d of a matrix: what moves a label does not make it smaller."""
_ONE: Linear = (1.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Label:
    """Words in a drawing, and how large they come out, in the units of its viewBox; 0 where that can't be told."""

    text: str
    size: float


def labels(svg: str) -> list[Label]:
    """Every word that is drawn; ``svg`` has been checked (`handouts.typeset.svg.read`)."""
    root = ElementTree.fromstring(svg)  # noqa: S314  no DTD, no entities: refused by `read`
    return list(_Walk(root).under(root, {}, _USUAL, _ONE, first=True))


def _rules(root: ElementTree.Element) -> list[tuple[int, list[str], Mapping[str, str]]]:
    """The style sheets' selectors with their weight, in the order in which they win (CSS 2, 6.4)."""
    sheet = "".join("".join(style.itertext()) for style in root.iter(f"{SVG}style"))
    sheet = re.sub(r"/\*.*?\*/|<!--|-->", " ", sheet, flags=re.S)
    found = [
        (sum(map(_weight, parts)) + extra, parts, declared)
        for selectors, body in _RULE.findall(sheet)
        for extra, declared in zip((0, _IMPORTANT), _declared(body), strict=True)
        for parts in (selector.replace(">", " ").split() for selector in selectors.split(","))
        if parts
    ]
    return sorted(found, key=lambda rule: rule[0])


def _weight(simple: str) -> int:
    return 100 * simple.count("#") + 10 * (simple.count(".") + simple.count(":") + simple.count("["))


def _declared(body: str) -> tuple[dict[str, str], dict[str, str]]:
    """Declarations, and apart from them those that are !important."""
    normal: dict[str, str] = {}
    important: dict[str, str] = {}
    for name, _, value in (part.partition(":") for part in body.split(";")):
        told, marked, _ = value.partition("!")
        if told.strip():
            (important if marked else normal)[name.strip().lower()] = told.strip()
    return normal, important


class _Walk:
    """One drawing, walked from its root as it is drawn."""

    def __init__(self, root: ElementTree.Element) -> None:
        self.rules = _rules(root)
        self.by_id = {element.get("id"): element for element in root.iter() if element.get("id")}

    def under(
        self,
        element: ElementTree.Element,
        inherited: Mapping[str, str],
        size: float,
        matrix: Linear,
        *,
        above: tuple[ElementTree.Element, ...] = (),
        first: bool = False,
    ) -> Iterator[Label]:
        """The labels in an element, what was drawn around it known."""
        own = self._styles(element, above)
        told = dict(inherited) | {name: own[name] for name in _INHERITED if name in own}
        tag = _name(element)
        if (tag in _HIDDEN and not first) or told.get("display") == "none":
            return
        size = _sized(told.get("font-size", "1em"), size)
        matrix = _times(_transformed(own.get("transform", "")), matrix)
        if tag in {"svg", "symbol"} and above:
            matrix = _times(_fitted(element), matrix)
        above = (*above, element)
        if tag in _TEXT and told.get("visibility") != "hidden":
            text = " ".join("".join((element.text or "", *(child.tail or "" for child in element))).split())
            if text:
                yield Label(text, _scaled(size, matrix))
        if tag == "use":
            target = self.by_id.get((element.get("href") or element.get(_XLINK) or "").removeprefix("#"))
            if target is not None:
                yield from self.under(target, told, size, matrix, above=above, first=True)
        for child in element:
            yield from self.under(child, told, size, matrix, above=above)

    def _styles(self, element: ElementTree.Element, above: tuple[ElementTree.Element, ...]) -> dict[str, str]:
        """What an element has of its own: attributes, then rules, then its style."""
        normal, important = _declared(element.get("style", ""))
        rules = [(weight, declared) for weight, parts, declared in self.rules if _matches(element, above, parts)]
        told = dict(element.attrib)
        for declared in (
            *(declared for weight, declared in rules if weight < _IMPORTANT),
            normal,
            *(declared for weight, declared in rules if weight >= _IMPORTANT),
            important,
        ):
            told.update(declared)
        if "font" in told:
            size = re.search(r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:%|[a-z]+)", told["font"])
            told["font-size"] = size[0] if size else told["font"]
        return told


_XLINK = "{http://www.w3.org/1999/xlink}href"


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _matches(element: ElementTree.Element, above: tuple[ElementTree.Element, ...], parts: list[str]) -> bool:
    """Whether a selector may mean an element: of what isn't a name, a class or an id, only the name is looked at."""
    if not _is(element, parts[-1]):
        return False
    left = list(parts[:-1])
    for outer in reversed(above):
        if left and _is(outer, left[-1]):
            left.pop()
    return not left


def _is(element: ElementTree.Element, simple: str) -> bool:
    told = _SIMPLE.match(simple)
    name, *marks = re.split(r"(?=[.#])", told[0] if told else "")
    classes = element.get("class", "").split()
    return (name in {"", "*"} or name == _name(element)) and all(
        mark[1:] in classes if mark[0] == "." else mark[1:] == element.get("id") for mark in marks
    )


def _sized(told: str, around: float) -> float:
    """A type size in the drawing's units; 0 for one that is no number."""
    if told == "inherit":
        return around
    found = _SIZE.match(told)
    if found is None:
        return 0.0
    number, unit = float(found[1]), found[2].lower()
    if unit in {"em", "rem"}:
        return number * around
    if unit in {"ex", "%"}:
        return number * around / (2 if unit == "ex" else 100)
    return number * _UNITS.get(unit, 0.0 if unit else 1.0)


def _scaled(size: float, matrix: Linear) -> float:
    """The smaller of how high and how wide it comes out."""
    a, b, c, d = matrix
    return size * min(hypot(a, b), hypot(c, d))


def _times(one: Linear, other: Linear) -> Linear:
    a, b, c, d = one
    e, f, g, h = other
    return a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h


def _transformed(text: str) -> Linear:
    made = _ONE
    for kind, inside in re.findall(r"(\w+)\s*\(([^)]*)\)", text):
        values = [float(number) for number in re.findall(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", inside, re.I)]
        if values:
            made = _times(_step(kind, values), made)
    return made


def _step(kind: str, values: list[float]) -> Linear:
    first, angle = values[0], radians(values[0])
    if kind == "matrix" and len(values) == 6:
        return values[0], values[1], values[2], values[3]
    made: dict[str, Linear] = {
        "scale": (first, 0.0, 0.0, values[1] if len(values) > 1 else first),
        "scaleX": (first, 0.0, 0.0, 1.0),
        "scaleY": (1.0, 0.0, 0.0, first),
        "rotate": (cos(angle), sin(angle), -sin(angle), cos(angle)),
        "skewX": (1.0, 0.0, tan(angle), 1.0),
        "skewY": (1.0, tan(angle), 0.0, 1.0),
    }
    return made.get(kind, _ONE)


def _fitted(element: ElementTree.Element) -> Linear:
    """The scale of a drawing in the drawing: its viewBox in its width and height."""
    box = [float(number) for number in re.findall(r"-?\d+\.?\d*", element.get("viewBox", ""))]
    sides = [_sized(element.get(name, ""), 0.0) for name in ("width", "height")]
    if len(box) != 4 or not all(sides) or not (box[2] and box[3]):
        return _ONE
    scale = min(sides[0] / box[2], sides[1] / box[3])
    return scale, 0.0, 0.0, scale
