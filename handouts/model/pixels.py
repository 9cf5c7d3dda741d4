"""A clinic's logo as a picture of pixels, PNG or JPEG: what it may be, and its pixels alone. Pure.

PDF/A-3 takes no transparency that it can't know the colours of, so pixels are laid onto white; nor a picture in other
colours than the page's, so they are turned into sRGB. Whatever else a file holds (places and names in EXIF, comments,
a second file behind the picture) is left behind.
"""

from __future__ import annotations

import io
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

LEAST, MOST = 100, 6000
"""Pixels of a side: fewer look coarse on paper, more are no logo."""
WIDEST = 3
"""The longer side by the shorter one: a longer strip could not be read in the square that a page has for it."""
KEPT = 600
"""Pixels of the longer side that are printed: 40 pt at 1,000 dots an inch."""
_PALE = 0xE0
"""Of 255: where no pixel is darker, nothing is seen on white paper."""
_MODES = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX"}
_SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}


class BadLogo(Exception):
    """What is wrong with a picture and what to do, as the end of a sentence that begins with its name."""


@lru_cache(maxsize=8)
def plain_png(data: bytes, suffix: str) -> bytes:
    """The pixels of a PNG or JPEG alone, as PNG: sRGB on white, no larger than is printed. BadLogo."""
    from PIL import ImageFile

    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False  # WeasyPrint sets it for all
    try:
        return _reencoded(_opened(data, suffix))
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _opened(data: bytes, suffix: str) -> Image:
    """The picture, its head alone read and looked at: nothing of its size is in memory yet."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadLogo(f"has too many pixels; save it with {LEAST} to {MOST:,} on each side") from None
    except Exception:  # whatever a decoder raises for bytes that are no picture
        raise BadLogo("is no PNG or JPEG picture; save it as one of them") from None
    kind = "JPEG" if image.format == "MPO" else image.format  # MPO: what some cameras make of a JPEG
    if kind != _SUFFIXES[suffix]:
        right = next(name for name, each in _SUFFIXES.items() if each == kind)
        raise BadLogo(f"is a {kind} picture; name it logo{right}")
    width, height = image.size
    if max(width, height) > MOST or min(width, height) < LEAST:
        raise BadLogo(f"is {width} by {height} pixels; save it with {LEAST} to {MOST:,} on each side")
    if max(width, height) > WIDEST * min(width, height):
        raise BadLogo(f"is {width} by {height} pixels, too long a strip; use the mark without the words beside it")
    if image.mode not in _MODES:
        raise BadLogo(f"has its colors as {image.mode}; save it as RGB, 8 bits each")
    if kind == "PNG" and getattr(image, "is_animated", False):
        raise BadLogo("moves; save it as a single picture")
    return image


def _reencoded(image: Image) -> bytes:
    from PIL import Image, ImageOps

    try:
        image.load()
        profile = image.info.get("icc_profile")
        upright = ImageOps.exif_transpose(image)
        flat = _on_white(upright)
    except Exception:  # whatever a decoder raises for bytes that are no picture
        raise BadLogo("is broken; save it again") from None
    if profile:
        flat = _in_srgb(flat, profile)
    if flat.convert("L").point(lambda value: 255 * (value <= _PALE)).getbbox() is None:
        raise BadLogo("is white or nearly so, and would not be seen; use the one for a light background")
    flat.thumbnail((KEPT, KEPT), Image.Resampling.LANCZOS)
    pixels = Image.frombytes("RGB", flat.size, flat.tobytes())  # without anything that came along
    out = io.BytesIO()
    pixels.save(out, format="PNG")
    return out.getvalue()


def _on_white(image: Image) -> Image:
    from PIL import Image

    if "transparency" not in image.info and "A" not in image.getbands():
        return image.convert("RGB")
    colored = image.convert("RGBA")
    ground = Image.new("RGBA", colored.size, "white")
    return Image.alpha_composite(ground, colored).convert("RGB")


def _in_srgb(image: Image, profile: bytes) -> Image:
    """The picture in the page's colours, where its profile says that it has others."""
    from PIL import ImageCms

    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if given.profile.xcolor_space.strip() != "RGB":
            return image  # a profile of greys, which are the same
        made = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        raise BadLogo("has a color profile that can't be read; save it as sRGB") from None
    assert made  # noqa: S101  a new picture, unless it is changed in place
    return made
