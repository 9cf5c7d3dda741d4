"""How large the words in a drawing come out, and where: their type size times every scale that lies on them.

A size may stand on the text, on a group around it, in ``style="..."`` or in a ``<style>`` sheet, in px, pt, em or per
cent. The rules are WeasyPrint's, which draws them: an em or per cent that is inherited counts again at each level.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import hypot
from xml.etree import ElementTree

from handouts.fonts.shaping import NoGlyph, shape
from handouts.typeset.matrices import ONE, Matrix, times, transformed

SVG = "{http://www.w3.org/2000/svg}"
_USUAL = 16.0
"""Where no size is given (12 pt)."""
_UNITS = {"px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6}
_SIZE = re.compile(r"\s*(\d+\.?\d*(?:e[-+]?\d+)?|\.\d+)\s*(%|[a-z]*)", re.I)
_SIGNED = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(%|[a-z]*)", re.I)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"(?:[\w-]+|\*)?(?:[.#][\w-]+)*")
_TEXT = {"text", "tspan", "textPath", "a"}
_HIDDEN = {"defs", "clipPath", "mask", "pattern", "marker", "symbol", "filter", "title", "desc", "style", "metadata"}
_INHERITED = ("font-size", "font-weight", "text-anchor", "direction", "display", "visibility")
_IMPORTANT = 1_000_000
"""Heavier than any selector without !important."""

_ABOVE, _BELOW, _PER_EM = 0.72, 0.05, 1000
"""How high letters usually stand above their line, and below, in em; the unit of a shaped text."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Label:
    """Words in a drawing, and how large they come out, in the units of its viewBox; 0 where that can't be told.

    ``box``: about where their ink lies; None where that can't be told, as along a path. ``id``: the text's own.
    """

    text: str
    size: float
    id: str = ""
    box: Box | None = None


def labels(svg: str) -> list[Label]:
    """Every word that is drawn; ``svg`` has been checked (`handouts.typeset.svg.read`) and says its words
    (`handouts.typeset.svg.say`).
    """
    root = ElementTree.fromstring(svg)  # noqa: S314  no DTD, no entities: refused by `read`
    return list(_Walk(root).under(root, {}, _USUAL, ONE, first=True))


@lru_cache(maxsize=64)
def smallest(svg: str) -> Label | None:
    """The label that comes out the smallest; None without any."""
    return min(labels(svg), key=lambda label: label.size, default=None)


def outside(svg: str, slack: float = 0.01) -> list[Label]:
    """The labels that reach beyond the drawing by more than the share ``slack`` of its width: what is there is cut."""
    left, top, width, height = (float(number) for number in re.split(r"[\s,]+", _viewbox(svg).strip()))
    slack *= width
    return [
        label
        for label in labels(svg)
        if label.box
        and (
            min(label.box[0] - left, label.box[1] - top) < -slack
            or max(label.box[2] - left - width, label.box[3] - top - height) > slack
        )
    ]


def _viewbox(svg: str) -> str:
    return ElementTree.fromstring(svg).get("viewBox", "")  # noqa: S314  see above


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
        matrix: Matrix,
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
        matrix = times(transformed(own.get("transform", "")), matrix)
        if tag in {"svg", "symbol"} and above:
            matrix = times(_fitted(element), matrix)
        above = (*above, element)
        if tag in _TEXT and told.get("visibility") != "hidden":
            text = " ".join("".join((element.text or "", *(child.tail or "" for child in element))).split())
            if text:
                yield Label(text, _scaled(size, matrix), _id_of(above), _box(above, told, size, matrix))
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


def _scaled(size: float, matrix: Matrix) -> float:
    """The smaller of how high and how wide it comes out."""
    a, b, c, d, *_ = matrix
    return size * min(hypot(a, b), hypot(c, d))


def _fitted(element: ElementTree.Element) -> Matrix:
    """The scale of a drawing in the drawing: its viewBox in its width and height."""
    box = [float(number) for number in re.findall(r"-?\d+\.?\d*", element.get("viewBox", ""))]
    sides = [_sized(element.get(name, ""), 0.0) for name in ("width", "height")]
    if len(box) != 4 or not all(sides) or not (box[2] and box[3]):
        return ONE
    scale = min(sides[0] / box[2], sides[1] / box[3])
    left, top = (_sized(element.get(name, "0"), 0.0) for name in ("x", "y"))
    across, down = (sides[0] - scale * box[2]) / 2, (sides[1] - scale * box[3]) / 2
    return scale, 0.0, 0.0, scale, left + across - scale * box[0], top + down - scale * box[1]


def _id_of(above: tuple[ElementTree.Element, ...]) -> str:
    return next((element.get("id", "") for element in reversed(above) if element.get("id")), "")


def _box(above: tuple[ElementTree.Element, ...], told: Mapping[str, str], size: float, matrix: Matrix) -> Box | None:
    """About where the innermost of ``above`` is drawn; None for words that begin where others end."""
    element = above[-1]
    places = [_place(element.get(name, "0" if _name(element) == "text" else "")) for name in ("x", "y", "dx", "dy")]
    if _name(element) not in {"text", "tspan"} or any(_name(outer) == "textPath" for outer in above):
        return None
    x, y, right, down = places
    if x is None or y is None:
        return None
    line = " ".join("".join(_line(element)).split())
    width, high, low = _ink(line, bold=told.get("font-weight", "") in {"bold", "bolder", "600", "700", "800", "900"})
    width *= size
    shift = {"middle": 0.5, "end": 1.0}.get(told.get("text-anchor", "start"), 0.0)
    shift = 1 - shift if told.get("direction") == "rtl" else shift
    left, base = x + (right or 0.0) - shift * width, y + (down or 0.0)
    corners = [
        (times((1.0, 0.0, 0.0, 1.0, across, over), matrix))[4:]
        for across in (left, left + width)
        for over in (base - high * size, base + low * size)
    ]
    xs, ys = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _line(element: ElementTree.Element) -> Iterator[str]:
    """The words of a text on one line: those of its parts that have no place of their own."""
    yield element.text or ""
    for child in element:
        if child.get("x") is None and child.get("y") is None:
            yield from _line(child)
        yield child.tail or ""


def _place(told: str) -> float | None:
    """The first number of a place; None for none, or for one that is no length."""
    found = _SIGNED.match(told)
    return float(found[1]) * _UNITS.get(found[2].lower(), 1.0) if found and found[2] != "%" else None


def _ink(text: str, *, bold: bool) -> tuple[float, float, float]:
    """How wide a text is set, how high it stands above its line and how far below, in em; about, where it is in letters
    that the program's fonts lack.
    """
    try:
        line = shape(text, bold=bold)
    except NoGlyph:
        return len(text) / 2, _ABOVE, _BELOW
    return line.width / _PER_EM, line.top / _PER_EM, -line.bottom / _PER_EM
