"""Error-prone dose notation, refused with its safe form.

Source of the rules: ISMP List of Error-Prone Abbreviations, Symbols, and Dose Designations
(those that a dose or a remark can contain).
"""

from __future__ import annotations

import re

_RULES: tuple[tuple[str, str], ...] = (
    (r"(?<![\d.,])\.\d", "a leading zero: 0.5 mg, not .5 mg"),
    (r"\d\.\d*0(?!\d)", "no trailing zero: 5 mg, not 5.0 mg"),
    (r"(?<![\d.,])\d{4,}(?!\d*[/-])", "a comma in large numbers: 1,000 mg, not 1000 mg"),
    (r"\d(?!(?:st|nd|rd|th)\b)[a-zµμ]", "a space between number and unit: 10 mg, not 10mg"),
    (r"(?<![a-z])[µμ]g|(?<=\d)[µμ]g|\bug\b", "mcg, not µg or ug"),
    (r"(?<![a-z])(?:i\.?u\.?|u)(?![a-z])", "the word unit, not U or IU"),
    (r"(?<![a-z])q\.?\s?o\.?\s?d\.?(?![a-z])", "every other day, not QOD"),
    (r"(?<![a-z])q\.?\s?d\.?(?![a-z])|(?<![a-z])o\.?d\.?(?![a-z])", "daily, not QD or OD"),
    (r"(?<![a-z])q\.?\s?h\.?s\.?(?![a-z])|(?<![a-z])h\.?s\.?(?![a-z])", "at bedtime, not HS or qhs"),
    (r"(?<![a-z])b\.?i\.?w\.?(?![a-z])|(?<![a-z])t\.?i\.?w\.?(?![a-z])", "how many times a week, in words"),
    (r"(?<![a-z])(?:b\.?i\.?d|t\.?i\.?d|q\.?i\.?d)\.?(?![a-z])", "how many times a day, in words"),
    (r"(?<![a-z])cc(?![a-z])|(?<![a-z])(?-i:ml)(?![a-z])", "mL, not cc or ml"),
    (r"(?<![a-z])ng(?![a-z])", "nanogram, in full"),
    (r"(?<![a-z])q\.?\s?n\.?(?![a-z])", "every night, not qn"),
    (r"(?<![a-z])(?:u\.?d|per\s?os)\.?(?![a-z])", "as directed or by mouth, in words"),
    (r"(?<![a-z])x\s?\d", "for how many days or times, in words, not x3"),
    (r"(?<![a-z])(?:p\.?o|p\.?r\.?n)\.?(?![a-z])", "words a patient knows: by mouth, when you need it"),
    (r"(?<![a-z])(?:s\.?c|s\.?q|sub\s?q)\.?(?![a-z])", "under the skin, in words"),
    (r"\b(?-i:AS|AD|AU|OS|OU)\b", "which ear or eye, in words"),
    (r"(?<![a-z])d/c(?![a-z])", "discharge or stop, in words"),
    (r"(?<![a-z])ss(?![a-z])", "one half or sliding scale, in words"),
    (r"[<>]", "less than or more than, in words"),
    (r"(?<=\d)\s*[/\u2044]\s*(?=[\da-z])|(?<![a-z])(?:mg|mcg|g|ml|units?|tablets?)\s*[/\u2044]", "per, not a slash"),
    (r"\+|&", "and, not a sign"),
    (r"@", "at, not @"),
    (r"[#°\u2190-\u21ff]", "words, not the signs #, ° or arrows"),
    (r"[\u00bc-\u00be\u2150-\u215e]", "0.5 or one half, not a small fraction"),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), safe) for pattern, safe in _RULES)


def safe_dose(text: str) -> str:
    """``text`` unchanged; ValueError with the safe form for each error-prone notation in it."""
    wanted = [safe for pattern, safe in _COMPILED if pattern.search(text)]
    if wanted:
        raise ValueError("is easy to misread; write " + "; ".join(wanted))
    return text
