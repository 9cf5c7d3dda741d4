"""Gates on drawings and on the words for somebody who can't see them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from handouts.check.facts import figures_used
from handouts.check.findings import Finding, at_least, at_most
from handouts.errors import ContentFault
from handouts.model.clinic import Clinic
from handouts.model.content import Library
from handouts.typeset import svg as figures

ALT = 250
"""Characters: what a screen reader says in one go."""
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
        made.extend(_drawing(name, topic.drawings.folder, sided=entry.sided))
        if name not in used:
            made.append(
                Finding("notice", f"{topic.id}/topic.yaml: {name}", "unused figure", "never shown", "show or delete it")
            )
    for name, places in used.items():
        sided = name in topic.file.figures and topic.file.figures[name].sided
        for file, figure in places:
            where = f"{file}: {name}.svg"
            made.append(at_most(where, "characters of alternative text", len(figure.alt), ALT))
            if sided and _SIDE.search(figure.alt):
                made.append(
                    Finding("failure", where, "alternative text", "says left or right", "follows the patient's side")
                )
    return made


def logo_findings(clinic: Clinic) -> Iterator[Finding]:
    """Whether the clinic's logo can be drawn; of pixels, loading has looked at it."""
    if clinic.logo.suffix == ".svg":
        try:
            figures.read(clinic.logo)
        except ContentFault as error:
            where = f"clinics/{clinic.id}/{clinic.logo.name}"
            yield Finding("failure", where, "logo", error.message, "an SVG file, a PNG or a JPEG")


def _drawing(name: str, folder: Path, *, sided: bool) -> Iterator[Finding]:
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
    width, _ = figures.size(svg)
    sizes = [_number(text.get("font-size", "")) for text in lettering]
    if sizes:
        yield at_least(where, "label size, % of the width", round(min(sizes) / width * 100, 2), LABEL)


def _number(text: str) -> float:
    """What a size begins with; 0 where that is no number."""
    found = re.match(r"\d+\.?\d*|\.\d+", text.strip())
    return float(found[0]) if found else 0.0
