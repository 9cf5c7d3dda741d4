"""Names as people type them, folded so that the same name is the same text. Pure.

Phones write O’Brien, desks O'Brien; forms put spaces around hyphens; what is copied brings characters along that
nobody sees. Accents and letters count: Zoë is another name than Zoe.
"""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = "'’‘‚‛`´ʹʻʼʽʾʿˈˊˋ′‵＇՚׳ꞌꞋ\u055b\u07f4\u07f5"
_DASHES = "-‐‑‒–—―⁃−﹘﹣－\u058a\u05be\u2e3a\u2e3b"
_FOLD = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_DASHES, "-"))
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Characters that show nothing, besides those of category Cf."""
_AROUND = re.compile(" ?(['-]) ?")


def fold_name(name: str) -> str:
    """``name`` for comparing: one form of each apostrophe, dash, space, letter and case; nothing unseen."""
    text = name.replace(" \u0301", "'").translate(_FOLD)  # an acute by itself, taken apart by other programs
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFKC", text).translate(_FOLD)  # small letters may compose anew
    seen = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return _AROUND.sub(r"\1", " ".join(_UNSEEN.sub("", seen).split()))
