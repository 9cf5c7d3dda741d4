"""SVG's transformations as matrices. Pure."""

from __future__ import annotations

import re
from math import cos, radians, sin, tan

Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f: x becomes a x + c y + e, y becomes b x + d y + f."""
ONE: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def times(one: Matrix, other: Matrix) -> Matrix:
    """The matrix that does ``one``, then ``other``."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def transformed(text: str) -> Matrix:
    """What a ``transform`` does."""
    made = ONE
    for kind, inside in re.findall(r"(\w+)\s*\(([^)]*)\)", text):
        values = [float(number) for number in re.findall(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", inside, re.I)]
        if values:
            made = times(_step(kind, values), made)
    return made


def _step(kind: str, values: list[float]) -> Matrix:
    first, angle = values[0], radians(values[0])
    second = values[1] if len(values) > 1 else None
    if kind == "matrix" and len(values) == 6:
        return values[0], values[1], values[2], values[3], values[4], values[5]
    if kind == "rotate" and len(values) == 3:
        there, back = (1.0, 0.0, 0.0, 1.0, -values[1], -values[2]), (1.0, 0.0, 0.0, 1.0, values[1], values[2])
        return times(times(there, _step(kind, values[:1])), back)
    made: dict[str, Matrix] = {
        "translate": (1.0, 0.0, 0.0, 1.0, first, second or 0.0),
        "scale": (first, 0.0, 0.0, first if second is None else second, 0.0, 0.0),
        "scaleX": (first, 0.0, 0.0, 1.0, 0.0, 0.0),
        "scaleY": (1.0, 0.0, 0.0, first, 0.0, 0.0),
        "rotate": (cos(angle), sin(angle), -sin(angle), cos(angle), 0.0, 0.0),
        "skewX": (1.0, 0.0, tan(angle), 1.0, 0.0, 0.0),
        "skewY": (1.0, tan(angle), 0.0, 1.0, 0.0, 0.0),
    }
    return made.get(kind, ONE)
