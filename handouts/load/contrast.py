"""Whether a clinic's colours can be read: WCAG 2 contrast of every pair that the pages use.

Source: WCAG 2.2, success criterion 1.4.3 (text 4.5:1) and its definitions of relative luminance and contrast
ratio, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance. The larger limit is asked of all text, large or not:
a page is often copied on a poor machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from handouts.errors import ContentFault
from handouts.model.clinic import Colors

TEXT = 4.5
WHITE = "#ffffff"


@dataclass(frozen=True)
class Pair:
    """Text of one colour on another; ``ratio`` from 1 to 21, ``needed`` the least that will do."""

    name: str
    ratio: float
    needed: float = TEXT

    @property
    def weak(self) -> bool:
        """Whether the contrast is too low."""
        return self.ratio < self.needed

    def __str__(self) -> str:
        shown = int(self.ratio * 100) / 100  # cut, not rounded: 4.499 is not 4.5
        return (
            f"{self.name} has a contrast of {shown:.2f}:1; text needs {self.needed:g}:1. Choose a darker or lighter one"
        )


def luminance(color: str) -> float:
    """Relative luminance of ``#rrggbb``: 0 for black, 1 for white."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21; their order does not matter."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def pairs(colors: Colors) -> tuple[Pair, ...]:
    """Every pair of text and ground that the templates use, measured. White on ink is the same as ink on white."""
    return (
        Pair("colors.ink on white (and white on it)", ratio(colors.ink, WHITE)),
        Pair("colors.ink on colors.soft", ratio(colors.ink, colors.soft)),
        Pair("colors.accent on white", ratio(colors.accent, WHITE)),
        Pair("colors.accent on colors.soft", ratio(colors.accent, colors.soft)),
    )


def weak_pairs(colors: Colors) -> tuple[Pair, ...]:
    """The pairs with too little contrast."""
    return tuple(pair for pair in pairs(colors) if pair.weak)


def require_contrast(colors: Colors) -> None:
    """ContentFault that names each pair with too little contrast, its ratio and the one needed."""
    weak = weak_pairs(colors)
    if weak:
        raise ContentFault("\n".join(f"The pair {pair}." for pair in weak))
