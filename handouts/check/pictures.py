"""Gates on drawings and on the words for somebody who can't see them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from handouts.check.facts import figures_used
from handouts.check.findings import Finding, at_least, at_most
from handouts.errors import ContentFault
from handouts.model.clinic import Clinic
from handouts.model.content import Library
from handouts.model.language import ORIGINAL
from handouts.typeset import svg as figures
from handouts.typeset.label_places import crowded
from handouts.typeset.lettering import outside, smallest

ALT = 250
"""Characters: what a screen reader says in one go."""
ALT_TRANSLATED = 300
"""A fifth more: other languages are longer than English."""
LABEL = 4.5
"""Percent of the drawing's width: 9 pt in a column 200 pt wide."""
_SIDE = re.compile(r"\b(?:left|right)\b", re.I)
_SVG = "{http://www.w3.org/2000/svg}"


def picture_findings(library: Library) -> list[Finding]:
    """Every gate on the topic's drawings."""
    topic = library.topic
    used = figures_used(topic)
    made: list[Finding] = []
    for name, entry in topic.file.figures.items():
        words = topic.drawings.labels.get(name, {})
        made.extend(_drawing(name, topic.drawings.folder, words, sided=entry.sided))
        if name not in used:
            made.append(
                Finding("notice", f"{topic.id}/topic.yaml: {name}", "unused figure", "never shown", "show or delete it")
            )
    for name, places in used.items():
        sided = name in topic.file.figures and topic.file.figures[name].sided
        for file, figure in places:
            where = f"{file}: {name}.svg"
            most = ALT if topic.language == ORIGINAL else ALT_TRANSLATED
            alt = at_most(where, "characters of alternative text", len(figure.alt), most)
            made.append(replace(alt, sentence=figure.alt, line=figure.line))
            if sided and _SIDE.search(figure.alt):
                limit = "follows the patient's side"
                flaw = Finding(
                    "failure", where, "alternative text", "says left or right", limit, figure.alt, figure.line
                )
                made.append(flaw)
    return made


def logo_findings(clinic: Clinic) -> Iterator[Finding]:
    """Whether the clinic's logo can be drawn; of pixels, loading has looked at it."""
    if clinic.logo.suffix == ".svg":
        try:
            figures.read(clinic.logo)
        except ContentFault as error:
            where = f"clinics/{clinic.id}/{clinic.logo.name}"
            yield Finding("failure", where, "logo", error.message, "an SVG file, a PNG or a JPEG")


def _drawing(name: str, folder: Path, words: Mapping[str, str], *, sided: bool) -> Iterator[Finding]:
    where = f"figures/{name}.svg"
    try:
        svg = figures.read(folder / f"{name}.svg")
    except ContentFault as error:
        yield Finding("failure", where, "drawing", error.message, "an SVG file")
        return
    root = ElementTree.fromstring(svg)  # noqa: S314  no DTD, no entities: refused by `read`
    if not (root.findtext(f"{_SVG}title") or "").strip():
        yield Finding("failure", where, "title of a drawing", "none", "says what it shows")
    groups = {group.get("id") for group in root.iter(f"{_SVG}g")}
    lettering = list(root.iter(f"{_SVG}text"))
    inside = [
        text for group in root.iter(f"{_SVG}g") if group.get("id") == "labels" for text in group.iter(f"{_SVG}text")
    ]
    if sided and "art" not in groups:
        yield Finding("failure", where, "parts of a drawing", "no group 'art'", "art is mirrored for the right side")
    if sided and len(inside) < len(lettering):
        yield Finding("failure", where, "parts of a drawing", "text outside 'labels'", "labels are never mirrored")
    said = figures.say(svg, words)
    yield from _labels(where, said)


def _labels(where: str, svg: str) -> Iterator[Finding]:
    """The words of a drawing as they are printed, those of figures.yaml filled in."""
    width, height = figures.size(svg)
    least = smallest(svg)
    if least:
        found = at_least(where, "label size, % of the width", round(least.size / width * 100, 2), LABEL)
        yield found if found.level == "ok" else replace(found, sentence=least.text)
    for one, other in crowded(svg):
        yield Finding(
            "failure", where, "labels too close", "touch", "a space between them", f"{one.text} | {other.text}"
        )
    for label in outside(svg):
        limit = f"all within {width:g} by {height:g}"
        yield Finding("failure", where, "label beyond the drawing", "cut off", limit, label.text)
