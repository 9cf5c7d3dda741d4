"""Pictures as SVG: drawings for the patient's side, 100 people, times of day, a clinic's mark, a QR code.

Every function returns SVG text; `data_url` makes it fit for an ``<img>``.
"""

from __future__ import annotations

import base64
import errno
import io
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from markupsafe import Markup

from handouts.errors import ContentFault
from handouts.fonts.direction import runs_right_to_left
from handouts.load.files import read_regular
from handouts.load.logo import as_plain_png
from handouts.model.pixels import BadLogo
from handouts.typeset.label_places import moves
from handouts.typeset.svg_limits import MAX_BYTES, BadPicture, check_picture, viewbox_size

_SVG = "http://www.w3.org/2000/svg"
_SWAPPED = {"start": "end", "end": "start"}


def data_url(svg: str) -> Markup:
    """``svg`` as a data: URL: nothing in it for a template to escape, or to read through for quotation marks."""
    return Markup("data:image/svg+xml;base64,{}").format(base64.b64encode(svg.encode()).decode())


def logo_url(path: Path) -> Markup:
    """A clinic's logo, SVG or pixels, as a data: URL. ContentFault as `read` raises it."""
    if path.suffix == ".svg":
        return data_url(read(path))
    try:
        png = as_plain_png(path)
    except (OSError, BadLogo) as error:
        raise ContentFault(f"The picture {path.name} can't be used: it {error}.") from None
    return Markup("data:image/png;base64,{}").format(base64.b64encode(png).decode())


@lru_cache(maxsize=64)
def read(path: Path) -> str:
    """An SVG file's text. ContentFault when it is missing, not SVG, without size, too large, or reaches outside."""
    try:
        text = read_regular(path, MAX_BYTES).decode()
        check_picture(text)
    except FileNotFoundError:
        raise ContentFault(f"The picture {path.name} is missing. Put it into {path.parent.name}/.") from None
    except (OSError, UnicodeDecodeError) as error:
        number = getattr(error, "errno", None)
        if number == errno.EFBIG:
            raise BadPicture("is larger than 1 MB. Simplify it").fault(path.name) from None
        if number in (errno.EISDIR, errno.EINVAL):
            raise BadPicture("is no file. Put one there").fault(path.name) from None
        raise ContentFault(f"The picture {path.name} can't be read. Save it as SVG again.") from None
    except BadPicture as bad:
        raise bad.fault(path.name) from None
    return text


def size(svg: str) -> tuple[float, float]:
    """Width and height of the viewBox, in its own units."""
    return viewbox_size(ElementTree.fromstring(svg).get("viewBox", ""))  # noqa: S314  ours, checked by `read`


def _text(root: ElementTree.Element) -> str:
    """SVG text without prefixes: other packages change ElementTree's own table of them, and so our bytes."""
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
    root.set("xmlns", _SVG)
    return ElementTree.tostring(root, encoding="unicode")


def for_side(svg: str, side: str | None) -> str:
    """A drawing made for the patient's left, for ``side``: mirrored on the right. BadPicture as `mirrored`."""
    return mirrored(svg) if side == "right" else svg


def mirrored(svg: str) -> str:
    """A drawing whose art is mirrored, and whose labels are only moved. BadPicture for a label without a place of its
    own.
    """
    width, _ = size(svg)
    root = ElementTree.fromstring(svg)  # noqa: S314  ours, checked by `read`
    for group in root.iter(f"{{{_SVG}}}g"):
        if group.get("id") == "art":
            group.set("transform", f"translate({width:g} 0) scale(-1 1)")
        elif group.get("id") == "labels":
            for label in group.iter(f"{{{_SVG}}}text"):
                label.set("x", f"{width - _number(label.get('x', '0')):g}")
                anchor = label.get("text-anchor", "start")
                label.set("text-anchor", _SWAPPED.get(anchor, anchor))
    return _text(root)


def say(svg: str, words: Mapping[str, str]) -> str:
    """A drawing whose labels say ``words``, by their ids; a label that has none there is left as it is. Those that run
    from right to left move up or down a little where their lines would touch.
    """
    if not words:
        return svg
    turned: dict[str, float] = {}
    root = ElementTree.fromstring(svg)  # noqa: S314  ours, checked by `read`
    for label in root.iter(f"{{{_SVG}}}text"):
        label.text = words.get(label.get("id", ""), label.text)
        if label.text and runs_right_to_left(label.text):  # it keeps its place: in SVG, a start is at the right then
            label.set("direction", "rtl")
            anchor = label.get("text-anchor", "start")
            label.set("text-anchor", _SWAPPED.get(anchor, anchor))
            turned[label.get("id", "")] = _number(label.get("y", "0"))
    if turned:
        down = moves(ElementTree.tostring(root, encoding="unicode"), size(svg)[1], tuple(turned.items()))
        for label in root.iter(f"{{{_SVG}}}text"):
            if far := round(down.get(label.get("id", ""), 0.0), 1):
                label.set("y", f"{_number(label.get('y', '0')) + far:g}")
    return _text(root)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadPicture('has a label whose x is not one number. Write one, such as x="120"') from None


KINDS = ("first", "second", "third")
"""How people differ: filled, filled with a band, filled with a dot; the rest are outlined."""
_PERSON_H = 19.0
_PITCH_X, _PITCH_Y = 15.0, 22.0
_COLUMNS, _GAP = 10, 6.0
"""Ten by ten, with a gap after five, so that people can count."""


def people(counts: Sequence[int], title: str, ink: str, soft: str, *, rtl: bool = False) -> str:
    """100 people in ten rows of ten, each counted from where reading begins; ``counts`` sum to 100, the last are the
    rest.

    The kinds differ in shape too, not in colour alone: filled, filled with a band, filled with a dot, outlined.
    """
    kinds = [kind for kind, count in enumerate(counts) for _ in range(count)]
    drawn = []
    for i, kind in enumerate(kinds):
        row, column = divmod(i, _COLUMNS)
        column = _COLUMNS - 1 - column if rtl else column
        left, top = (at * pitch + at // 5 * _GAP for at, pitch in ((column, _PITCH_X), (row, _PITCH_Y)))
        drawn.append(_person(kind_of(counts, kind), left, top, soft))
    return _drawing(10 * _PITCH_X + _GAP, 10 * _PITCH_Y + _GAP, title, ink, "".join(drawn))


def kind_of(counts: Sequence[int], index: int) -> str:
    """The kind of the people that ``counts[index]`` counts: the last are the rest."""
    return "rest" if index == len(counts) - 1 else KINDS[index]


def person(kind: str, ink: str, soft: str, title: str) -> str:
    """One person of a picture of people, for its legend; ``kind`` is first, second, third or rest."""
    return _drawing(_PITCH_X, _PITCH_Y, title, ink, _person(kind, 0, 0, soft))


def _person(kind: str, left: float, top: float, soft: str) -> str:
    """A head and a body in the middle of a field of the pitch's size, in the ink of the group around it."""
    middle, y = left + _PITCH_X / 2, top + (_PITCH_Y - _PERSON_H) / 2
    paint = f' fill="{soft}"' if kind == "rest" else ""
    parts = [
        f'<circle cx="{middle:g}" cy="{y + 3.4:g}" r="3"{paint}/>',
        f'<rect x="{middle - 4.6:g}" y="{y + 7.2:g}" width="9.2" height="11.2" rx="3.4"{paint}/>',
    ]
    if kind == "second":  # a light band, so that it differs in greyscale and for the colour-blind
        parts.append(
            f'<rect x="{middle - 3.9:g}" y="{y + 11.6:g}" width="7.8" height="2.8" fill="#fff" stroke="none"/>'
        )
    if kind == "third":
        parts.append(f'<circle cx="{middle:g}" cy="{y + 13:g}" r="2.2" fill="#fff" stroke="none"/>')
    return "".join(parts)


def _drawing(width: float, height: float, title: str, ink: str, drawn: str) -> str:
    return (
        f'<svg xmlns="{_SVG}" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}">'
        f'<title>{title}</title><g fill="{ink}" stroke="{ink}" stroke-width="0.8">{drawn}</g></svg>'
    )


def qr_code(url: str, ink: str, title: str) -> str:
    """A QR code (error correction M, quiet zone of four modules: ISO/IEC 18004) of a web address."""
    import segno

    out = io.BytesIO()
    segno.make_qr(url, error="m").save(
        out, kind="svg", border=4, dark=ink, light="#ffffff", xmldecl=False, title=title, omitsize=True, svgclass=None
    )
    return out.getvalue().decode()


def in_ink(svg: str, ink: str, title: str) -> str:
    """A small black drawing of the program's own, such as one of the morning, in ``ink``, called ``title``."""
    called = re.sub(r"(?<=<title>)[^<]*", lambda _: title, svg, count=1)
    return called.replace("#000000", ink)
