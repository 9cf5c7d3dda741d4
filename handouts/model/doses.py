"""Error-prone dose notation, refused with its safe form.

Source of the rules: ISMP List of Error-Prone Abbreviations, Symbols, and Dose Designations
(those that a dose or a remark can contain).

The rules are for doses. A line about a medicine (`safe_dose`) is one as a whole; in prose (`unsafe_in_prose`) a dose is
a number with a unit or a frequency beside it, or a Latin frequency by itself. What looks like one and is none is left
alone in both: a time of day, a blood pressure, a telephone number, "A&E".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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

_NO_DOSE = re.compile(
    r"\b\d{1,2}(?:[:.]\d\d)?\s?[ap]\.?m\b\.?"  # 8am, 8.30 pm
    r"|\b\d{2,3}\s?/\s?\d{2,3}\s*mm\s?hg\b"  # 140/90 mmHg
    r"|(?:\+\d{1,3}|\(?\b0\d{1,5}\)?)(?:[ -]\d{2,8}){1,4}\b|\b0\d{6,}\b"  # 020 7946 0123, +44 20 7946 0123
    r"|(?:\(?\b\d{3}\)?[ -])?\b\d{3}-\d{4}\b"  # (555) 555-0123
    r"|\b(?:in|since|from|until|of)\s(?:[a-z]+\s)?(?:19|20)\d\d\b"  # in May 2019, but not "of 2000 mg"
    r"(?!\s*(?:m|u|iu|g\b|tab|cap|pill|drop|puff))"
    r"|\bA&E\b|\b24/7\b|\bP\.?O\.? box\b"
    r"|\b(?-i:[A-Z]{2,}\d+[A-Z][A-Za-z\d]*(?:-[A-Za-z\d]+)?)",  # CHA2DS2-VASc
    re.IGNORECASE,
)
"""What has a dose's signs and is none."""

_NUMBER = r"(?:\d[\d,]*(?:\.\d+)?|\.\d+|[\u00bc-\u00be\u2150-\u215e])"
_UNIT = (
    r"(?:m?[µμu]?g|mcg|ng|ml|cc|i\.?u\.?|u|(?:unit|tablet|tab|capsule|cap|pill|drop|puff|spray|patche?|spoonful)s?)"
    r"(?![a-z])"
)
_LATIN = (
    r"(?:q\.?o\.?d|q\.?d|o\.?d|b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|q?\.?h\.?s|b\.?i\.?w|t\.?i\.?w|q\.?n|p\.?r\.?n|p\.?o"
    r"|per os|s\.?c|s\.?q|sub\s?q|u\.?d|(?-i:AS|AD|AU|OS|OU))\b\.?"
)
_OFTEN = (
    rf"(?:(?:daily|nightly|weekly|hourly)\b|(?:times|once|twice)?\s?(?:a|per|each|every)\s(?:day|night|week|hour)s?\b"
    rf"|[/\u2044]\s?(?:day|d|night|week|wk|hour|hr|h)\b|{_LATIN})"
)
_JOINED = r"\s?(?:[-–/\u2044+&]|to\b|or\b|and\b)\s?"
_DOSE = re.compile(
    rf"(?<![\w.,/])(?:[<>@#]\s?)?{_NUMBER}(?:{_JOINED}{_NUMBER})*\s?-?(?:{_UNIT}|{_OFTEN})"
    rf"(?:{_JOINED}{_NUMBER}\s?{_UNIT}|\s?[/\u2044]\s?[a-z\d]+|\s?{_OFTEN}|\s?[x@]\s?[a-z\d]+)*"
    r"|(?<![\w.])x\s?\d+\s(?:days?|weeks?|times|doses?)\b"
    r"|(?<![\w.])(?:(?:q\.o\.d|q\.d|o\.d|b\.i\.d|t\.i\.d|q\.i\.d|q\.h\.s|b\.i\.w|t\.i\.w|p\.r\.n|p\.o)\b\.?"
    r"|(?-i:QOD|QD|BID|TID|QID|QHS|PRN|qod|qid|qhs|prn)\b|per os\b)",
    re.IGNORECASE,
)
"""A number with a unit or a frequency, what hangs on to it, and Latin frequencies that mean nothing else."""


def safe_dose(text: str) -> str:
    """A line about a medicine, unchanged; ValueError with the safe form for each error-prone notation in it."""
    wanted = _wanted(_NO_DOSE.sub(" ", text))
    if wanted:
        raise ValueError("is easy to misread; write " + "; ".join(wanted))
    return text


def unsafe_in_prose(text: str) -> Iterator[tuple[str, str]]:
    """Each dose in prose that is easy to misread, and how to write it."""
    for match in _DOSE.finditer(_NO_DOSE.sub(" ", text)):
        wanted = _wanted(match[0])
        if wanted:
            yield match[0].strip(), "; ".join(wanted)


def _wanted(text: str) -> list[str]:
    return [safe for pattern, safe in _COMPILED if pattern.search(text)]
