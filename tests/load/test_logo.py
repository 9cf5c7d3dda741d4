"""A clinic's logo may be made of pixels: looked at before it is decoded, and nothing but its pixels is printed."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageCms

from handouts.errors import ContentFault
from handouts.load.digests import list_pieces
from handouts.load.known_files import stray_files
from handouts.load.library import load_library
from handouts.load.logo import MAX_BYTES, as_plain_png
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.pixels import KEPT, BadLogo, plain_png
from handouts.model.recorder import NullRecorder
from handouts.pipeline import make
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, TODAY, TOPIC, RequestOf
from tests.reading_pdf import failures

NAVY, WHITE = (0x17, 0x32, 0x4D), (255, 255, 255)


def drawn(mode: str = "RGB", size: tuple[int, int] = (200, 120), color: Any = None) -> Image.Image:
    """A mark: a square on its ground."""
    grounds = {"RGBA": (0, 0, 0, 0), "LA": (0, 0), "RGB": WHITE, "L": 255, "CMYK": (0, 0, 0, 0), "I;16": 65535}
    inks = {"RGBA": (*NAVY, 255), "LA": (40, 255), "RGB": NAVY, "L": 40, "CMYK": (90, 60, 30, 20), "I;16": 900}
    image = Image.new(mode, size, grounds[mode])
    image.paste(color or inks[mode], (20, 20, size[0] // 2, size[1] - 20))
    return image


def saved(image: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format=kind, **how)
    return out.getvalue()


def pixels(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
def test_a_png_is_laid_onto_white(mode: str) -> None:
    made = pixels(plain_png(saved(drawn(mode)), ".png"))
    assert (made.mode, made.size, made.getpixel((199, 119))) == ("RGB", (200, 120), WHITE)
    assert made.getpixel((60, 60)) == (NAVY if mode.startswith("RGB") else (40, 40, 40))


def test_half_transparent_pixels_become_the_color_that_they_have_on_white() -> None:
    image = drawn("RGBA", color=(0, 0, 0, 128))
    red, green, blue = pixels(plain_png(saved(image), ".png")).getpixel((60, 60))
    assert red == green == blue
    assert abs(red - 127) <= 1


def test_a_palette_with_a_transparent_color_is_laid_onto_white() -> None:
    image = drawn().convert("P", palette=Image.Palette.ADAPTIVE, colors=2)
    clear = image.getpixel((199, 119))
    assert pixels(plain_png(saved(image, transparency=clear), ".png")).getpixel((199, 119)) == WHITE


def test_a_large_picture_is_made_as_small_as_it_is_printed() -> None:
    made = pixels(plain_png(saved(drawn(size=(3000, 1500)), "JPEG"), ".jpg"))
    assert made.size == (KEPT, KEPT // 2)


def test_nothing_but_pixels_is_left() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Zebra Canary"
    jpeg = saved(drawn(), "JPEG", exif=exif, comment=b"Zebra Canary") + b"<script>Zebra Canary</script>"
    made = plain_png(jpeg, ".jpg")
    assert b"Zebra" in jpeg
    assert b"Zebra" not in made
    assert re.findall(rb"IHDR|IDAT|IEND|tEXt|iTXt|zTXt|eXIf|iCCP|gAMA|pHYs", made)[0] == b"IHDR"
    assert not pixels(made).info


def test_a_picture_that_lies_on_its_side_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees
    assert pixels(plain_png(saved(drawn(), "JPEG", exif=exif), ".jpg")).size == (120, 200)


def test_other_colors_are_turned_into_those_of_the_page() -> None:
    # The same numbers are another colour in a profile that has red and blue change places.
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    swapped = bytearray(wide.tobytes())
    at = {bytes(swapped[i : i + 4]): i for i in range(132, 132 + 12 * struct.unpack(">I", swapped[128:132])[0], 12)}
    red, blue = at[b"rXYZ"], at[b"bXYZ"]
    swapped[red + 4 : red + 12], swapped[blue + 4 : blue + 12] = (
        swapped[blue + 4 : blue + 12],
        swapped[red + 4 : red + 12],
    )
    made = pixels(plain_png(saved(drawn(color=(200, 20, 20)), icc_profile=bytes(swapped)), ".png"))
    first, _, third = made.getpixel((60, 60))
    assert third > 150 > first


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 30,000 by 30,000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def moving() -> bytes:
    return saved(drawn(), save_all=True, append_images=[drawn(color=(200, 0, 0))])


BAD: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "no picture": (lambda: b"GIF89a nothing", ".png", "is no PNG or JPEG picture"),
    "GIF": (lambda: saved(drawn(), "GIF"), ".png", "is no PNG or JPEG picture"),
    "empty": (lambda: b"", ".png", "is no PNG or JPEG picture"),
    "SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", ".png", "is no PNG or JPEG picture"),
    "other name": (lambda: saved(drawn(), "JPEG"), ".png", "is a JPEG picture; name it logo.jpg"),
    "cut off": (lambda: saved(drawn(size=(900, 900)), "JPEG")[:900], ".jpg", "is broken"),
    "small": (lambda: saved(drawn(size=(120, 60))), ".png", "is 120 by 60 pixels; save it with 100 to 6,000"),
    "bomb": (bomb, ".png", "has too many pixels; save it with 100 to 6,000 on each side"),
    "strip": (lambda: saved(drawn(size=(1000, 110))), ".png", "is 1000 by 110 pixels, too long a strip"),
    "CMYK": (lambda: saved(drawn("CMYK"), "JPEG"), ".jpg", "has its colors as CMYK; save it as RGB"),
    "16 bits": (lambda: saved(drawn("I;16")), ".png", "has its colors as I;16"),
    "moving": (moving, ".png", "moves"),
    "white": (lambda: saved(drawn("RGBA", color=(255, 255, 255, 255))), ".png", "is white or nearly so"),
    "clear": (lambda: saved(Image.new("RGBA", (200, 200), (0, 0, 0, 0))), ".png", "is white or nearly so"),
    "profile": (lambda: saved(drawn(), icc_profile=b"x" * 200), ".png", "has a color profile that can't be read"),
}


@pytest.mark.parametrize(("made", "suffix", "why"), BAD.values(), ids=BAD)
def test_what_can_not_be_printed_is_told_with_the_way_out(
    content: Path, made: Callable[[], bytes], suffix: str, why: str
) -> None:
    folder = content / "clinics" / "cohen"
    (folder / "logo.svg").unlink()
    (folder / f"logo{suffix}").write_bytes(made())
    with pytest.raises(ContentFault) as caught:
        load_library(content, TOPIC)
    (fault,) = caught.value.faults
    assert str(fault).startswith(f"clinics/cohen/logo{suffix}: {why}")


def test_a_file_too_large_for_a_logo_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(BadLogo, match="is larger than 5 MB"):
        as_plain_png(path)


def test_two_logos_are_one_too_many(content: Path) -> None:
    (content / "clinics" / "cohen" / "logo.png").write_bytes(saved(drawn()))
    with pytest.raises(ContentFault, match=r"logo\.png: is a second logo beside logo\.svg; keep one of them"):
        load_library(content, TOPIC)


def test_a_missing_logo_is_told_with_the_command_that_makes_one(content: Path) -> None:
    (content / "clinics" / "cohen" / "logo.svg").unlink()
    with pytest.raises(ContentFault, match=r"as logo\.svg, logo\.png or logo\.jpg\. `new-clinic cohen` makes it"):
        load_library(content, TOPIC)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("logo.png", lambda: saved(drawn("RGBA", (900, 300)))),
        ("logo.jpeg", lambda: saved(drawn(size=(300, 300)), "JPEG")),
    ],
)
def test_it_is_printed_in_a_file_that_keeps_both_standards(
    content: Path, request_of: RequestOf, sheets: SheetCache, name: str, data: Callable[[], bytes]
) -> None:
    folder = content / "clinics" / "cohen"
    (folder / "logo.svg").unlink()
    (folder / name).write_bytes(data())
    library = load_library(content, TOPIC)
    assert stray_files(content) == []
    request = request_of(sheets=["front"])
    made = make(library, request, key=KEY, today=TODAY, recorder=NullRecorder(), cache=sheets, edition=Edition())
    for profile in ("ua1", "3a"):
        assert failures(made.pdf, profile) == ""
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        images = [item for item in pdf.objects if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"]
        large = [image for image in images if int(image.Width) >= 300]
        assert len(large) == 1
        assert "/SMask" not in large[0]
        assert large[0].ColorSpace == "/DeviceRGB"


def test_its_bytes_are_not_searched_for_letters_that_need_a_font(content: Path) -> None:
    before = load_library(content, TOPIC)

    def fonts(library: Library) -> list[str]:
        found = list_pieces(content, library.topic.files, library.clinic, library.program)
        return [piece.name for piece in found if piece.kind == "font"]

    expected = fonts(before)
    (content / "clinics" / "cohen" / "logo.svg").unlink()
    arabic = "هذه صورة".encode() * 40
    (content / "clinics" / "cohen" / "logo.png").write_bytes(saved(drawn()) + arabic)
    assert fonts(load_library(content, TOPIC)) == expected
