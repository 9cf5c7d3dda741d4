"""The fonts that the program brings, and the fontconfig that lets nothing else in."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

from handouts import atomic, paths
from handouts.errors import OutputFault, SystemMissing

BODY = "Handouts Legible"
"""Atkinson Hyperlegible with a plain zero (script/fonts)."""
SLASHED_ZERO = "\ue030"
"""Where it has the slashed one, for codes and record numbers."""
ARABIC_FAMILY = "Noto Sans Arabic"
FAMILIES = (BODY, "Noto Sans", ARABIC_FAMILY, "Open Sans")
"""In the order in which they are tried for a character."""

_OWN = ("HandoutsLegible-Regular.ttf", "HandoutsLegible-Bold.ttf")
_PACKAGES = {
    "fontpkg_noto_sans": ("NotoSans[wdth,wght].ttf",),
    "fontpkg_noto_sans_arabic": ("NotoSansArabic[wdth,wght].ttf",),
    "fontpkg_open_sans": ("OpenSans[wdth,wght].ttf",),  # for Hebrew
}


@cache
def font_files() -> tuple[Path, ...]:
    """Every font file of the program: body regular, body bold, then the fall-backs."""
    wanted: list[tuple[Path | None, str]] = [(paths.FONTS, name) for name in _OWN]
    for package, names in _PACKAGES.items():
        spec = find_spec(package)
        folder = Path(spec.origin).parent / "files" if spec and spec.origin else None
        wanted += [(folder, name) for name in names]
    for folder, name in wanted:
        if folder is None or not (folder / name).is_file():
            raise SystemMissing(f"The font {name} is missing. Install the program's packages again: script/bootstrap")
    return tuple(folder / name for folder, name in wanted if folder)


_CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
{folders}
<cachedir>{cache}</cachedir>
</fontconfig>
"""


def use_own_fontconfig() -> None:
    """Point fontconfig at our fonts alone. Has to run before WeasyPrint (Pango) is imported."""
    try:
        config = _write_config(paths.cache_dir() / "fontconfig")
    except OSError:  # the user's cache can't be written, or is full
        config = _write_config_elsewhere()
    os.environ["FONTCONFIG_FILE"] = str(config)
    os.environ.pop("FONTCONFIG_PATH", None)


def _write_config(home: Path) -> Path:
    """Our configuration as a file in ``home``, written only where it isn't there yet."""
    folders = sorted({path.parent for path in font_files()})
    text = _CONFIG.format(
        folders="\n".join(f"<dir>{escape(str(folder))}</dir>" for folder in folders), cache=escape(str(home / "cache"))
    )
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    config = home / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.conf"
    if not config.is_file() or config.read_text(encoding="utf-8") != text:
        atomic.write(config, text.encode(), durable=False)
    return config


def _write_config_elsewhere() -> Path:
    """In a temporary folder that goes with this process. OutputFault where that can't be written either."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="handouts-fonts-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return _write_config(folder)
    except OSError as error:
        raise OutputFault(
            f"Neither the cache folder nor a temporary one can be written: {error.strerror}. "
            "Free some room, or name a folder with $XDG_CACHE_HOME."
        ) from None
