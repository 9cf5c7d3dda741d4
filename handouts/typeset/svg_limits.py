"""What a drawing may hold, so that setting it ends, soon, and with numbers that a PDF can hold. Pure.

WeasyPrint draws whatever a file says: what a `<use>` names is drawn again each time, a gradient is repeated until it
has filled its place, and a number beyond all bounds ends in the PDF.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from xml.etree import ElementTree

from handouts.errors import ContentFault

SVG = "{http://www.w3.org/2000/svg}"
MAX_BYTES = 1024 * 1024
"""Of a file. Ours have 8 kB."""
_ELEMENTS, _DEPTH, _ATTRIBUTE, _STYLE = 5000, 40, 50_000, 20_000
"""The most elements, elements within each other, and characters of one attribute and of all style sheets."""
_DRAWN = 20_000
"""The most that is drawn: elements, and 100 characters of attributes each; what is used again counts again."""
_LARGEST = 1e6
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NOT_NUMBERS = re.compile(r"#[0-9a-fA-F]{3,8}\b|url\([^)]*\)")
_TEXTS = {"id", "class", "href", "style", "lang", "type", "media", "font-family", "name", "role", "title"}
"""Attributes that hold words. So do those of other name spaces, and aria-... and data-..."""
_ADDRESS = re.compile(r"url\(\s*['\"]?([^)'\"]*)", re.IGNORECASE)
_REFERENCE = re.compile(r"#([^)'\"\s#]+)")
"""To a part of the drawing, however it is written. A colour may look like one, but no part has its name."""
_VIEWBOX = re.compile(r"\s*" + r"[\s,]+".join([rf"[-+]?{_NUMBER.pattern}"] * 4) + r"\s*")


class BadPicture(Exception):
    """What is wrong with a drawing and what to do, as the end of a sentence that begins with its name."""

    def fault(self, name: str) -> ContentFault:
        """The whole sentence."""
        return ContentFault(f"The picture {name} {self}.")


class _Limited(ElementTree.TreeBuilder):
    """Builds a tree no larger and no deeper than the limits: it stops while it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.elements = self.depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> ElementTree.Element:
        """Begin an element. BadPicture beyond the limits."""
        self.elements, self.depth = self.elements + 1, self.depth + 1
        if self.elements > _ELEMENTS:
            raise BadPicture(f"holds more than {_ELEMENTS:,} elements. Simplify it")
        if self.depth > _DEPTH:
            raise BadPicture(f"nests elements more than {_DEPTH} deep. Ungroup them")
        return super().start(tag, attrs)

    def end(self, tag: str) -> ElementTree.Element:
        """End an element."""
        self.depth -= 1
        return super().end(tag)


def check_picture(text: str) -> None:
    """BadPicture for what is no SVG, has no size, reaches outside itself, or goes beyond a limit."""
    declared = re.match(r"\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)", text.lstrip("\ufeff"))
    if declared and declared[1].lower() not in {"utf-8", "us-ascii"}:
        raise BadPicture("is not UTF-8 text. Save it as UTF-8")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadPicture("declares a DOCTYPE or entities. Save it as plain SVG")
    try:
        root = ElementTree.fromstring(text, ElementTree.XMLParser(target=_Limited()))  # noqa: S314  no DTD, no entities
    except (ElementTree.ParseError, ValueError) as error:
        line = f" at line {error.position[0]}" if isinstance(error, ElementTree.ParseError) else ""
        raise BadPicture(f"is broken{line}. Save it as SVG again") from None
    if root.tag != f"{SVG}svg" or not _VIEWBOX.fullmatch(root.get("viewBox", "")):
        raise BadPicture("needs <svg> with a viewBox such as '0 0 480 400'")
    width, height = viewbox_size(root.get("viewBox", ""))
    if width <= 0 or height <= 0:
        raise BadPicture("has a viewBox without width or height. Write one such as '0 0 480 400'")
    style = "".join("".join(element.itertext()) for element in root.iter() if _name(element) == "style")
    if len(style) > _STYLE:
        raise BadPicture(f"has style sheets of more than {_STYLE:,} characters. Save it with plain attributes")
    if re.search("@import|@font-face", style, re.IGNORECASE):
        raise _outside()
    _check_value("style", style)
    for element in root.iter():
        for name, value in element.attrib.items():
            _check_value(name, value)
    _Drawn(root, style).check()


def viewbox_size(viewbox: str) -> tuple[float, float]:
    """Width and height of a viewBox that `check_picture` let pass, in its own units."""
    _, _, width, height = (float(part) for part in re.split(r"[\s,]+", viewbox.strip()))
    return width, height


def _outside() -> BadPicture:
    return BadPicture("refers to another file. Draw everything in one SVG")


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _check_value(name: str, value: str) -> None:
    local = name.rpartition("}")[2]
    if len(value) > _ATTRIBUTE:
        raise BadPicture(f"has a '{local[:20]}' of more than {_ATTRIBUTE:,} characters. Simplify its paths")
    if local == "href" and value.strip() and not value.strip().startswith("#"):
        raise _outside()
    if any(not target.strip().startswith("#") for target in _ADDRESS.findall(value)):
        raise _outside()
    if "\\" in value and local == "style":
        raise BadPicture("has a style sheet with backslashes. Write it without them")
    spread = value if local == "spreadMethod" else "".join(re.findall(r"spreadMethod\s*:\s*(\w+)", value))
    if spread.strip() not in {"", "pad"}:
        raise BadPicture("has a gradient that repeats itself. Use one that doesn't")
    if name.startswith("{") or local.startswith(("aria-", "data-")) or (local in _TEXTS and local != "style"):
        return
    plain = _NOT_NUMBERS.sub(" ", value)
    words = r"\b(?:nan|inf|infinity)\b" if local == "style" else "nan|inf"
    if re.search(words, plain, re.IGNORECASE) or any(
        not isfinite(number) or number > _LARGEST for number in map(float, _NUMBER.findall(plain))
    ):
        raise BadPicture(f"has a '{local[:20]}' that is no number below {_LARGEST:,.0f}. Save it as SVG again")


class _Drawn:
    """How much is drawn, and how deep, when what is referred to counts each time."""

    def __init__(self, root: ElementTree.Element, style: str) -> None:
        self.root = root
        self.by_id: dict[str, ElementTree.Element] = {}
        for element in root.iter():
            self.by_id.setdefault(element.get("id", ""), element)
        self.everywhere = [self.by_id[name] for name in _REFERENCE.findall(style) if name in self.by_id]
        """What a style sheet refers to: any element may have it."""
        self.found: dict[ElementTree.Element, tuple[float, int]] = {}
        self.open: set[ElementTree.Element] = set()

    def check(self) -> None:
        """BadPicture for what refers to itself, or is too much."""
        drawn, _ = self._measure(self.root, _DEPTH * 3)
        drawn += len(self.found) * sum(self._measure(target, _DEPTH * 3)[0] for target in self.everywhere)
        if drawn > _DRAWN:
            raise BadPicture("draws the same parts too many times with <use>, patterns or markers. Simplify it")

    def _measure(self, element: ElementTree.Element, room: int) -> tuple[float, int]:
        """How much is drawn with an element, and how many levels it has."""
        if element in self.found:
            drawn, levels = self.found[element]
        elif element in self.open:
            raise BadPicture("has a part that refers to itself. Draw it without <use>")
        elif room <= 0:
            levels = room + 1
        else:
            self.open.add(element)
            parts = [(1, self._measure(child, room - 1)) for child in element]
            parts += [(times, self._measure(target, room - 1)) for times, target in self._targets(element)]
            self.open.remove(element)
            drawn = 1 + sum(map(len, element.attrib.values())) / 100 + sum(times * part[0] for times, part in parts)
            levels = 1 + max((part[1] for _, part in parts), default=0)
            self.found[element] = drawn, levels
        if levels > room:
            raise BadPicture("nests parts too deep with <use>. Simplify it")
        return drawn, levels

    def _targets(self, element: ElementTree.Element) -> Iterator[tuple[int, ElementTree.Element]]:
        """What an element refers to, and how many times that may be drawn with it."""
        for name, value in element.attrib.items():
            targets = [self.by_id[target] for target in _REFERENCE.findall(value) if target in self.by_id]
            if targets:
                times = 1 + self._points(element) if "marker" in name + value else 1
                yield from ((times, target) for target in targets)

    def _points(self, element: ElementTree.Element) -> int:
        """How many points the paths of an element may have: a marker is drawn on each."""
        inside = list(element.iter())
        if any(_name(part) == "use" for part in inside):
            inside = list(self.root.iter())
        return sum(len(_NUMBER.findall(part.get("d", "") + part.get("points", ""))) for part in inside) // 2
