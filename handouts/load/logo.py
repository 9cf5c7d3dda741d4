"""A clinic's logo: SVG, or a picture of pixels."""

from __future__ import annotations

from pathlib import Path

from handouts.load.collector import Reader
from handouts.load.files import MEGABYTE, read_regular
from handouts.load.known_files import LOGOS
from handouts.model.pixels import BadLogo, plain_png

MAX_BYTES = 5 * MEGABYTE


def read_logo(reader: Reader, folder: Path) -> Path:
    """The clinic's logo; its mistakes, or that it is missing, are kept in ``reader``."""
    found = [folder / name for name in LOGOS if (folder / name).exists()]
    if not found:
        missing = "is missing: the clinic's logo, as logo.svg, logo.png or logo.jpg"
        reader.add(folder / LOGOS[0], f"{missing}. {reader.maker(folder / LOGOS[0])}")
        return folder / LOGOS[0]
    logo, *more = found
    for other in more:
        reader.add(other, f"is a second logo beside {logo.name}; keep one of them")
    if logo.suffix == ".svg":
        reader.text(logo)
        return logo
    try:
        as_plain_png(logo)
    except BadLogo as bad:
        reader.add(logo, str(bad))
    except OSError as error:
        reader.add(logo, f"can't be read: {error.strerror}")
    return logo


def as_plain_png(path: Path) -> bytes:
    """The pixels of a PNG or JPEG alone, as they are printed. BadLogo, OSError."""
    if path.stat().st_size > MAX_BYTES:
        raise BadLogo(f"is larger than {MAX_BYTES // MEGABYTE} MB; save it smaller")
    return plain_png(read_regular(path, MAX_BYTES), path.suffix.lower())
