"""Shares that readers misjudge, in prose: "1 in 8", "nine of every ten", "thirty per cent", "half of people".

IPDAS asks for one denominator: these belong into topic.yaml and are printed as "91 out of 100". A count of something
else is no share: "page 1 of 9", "one of your options", "4 in 24 hours", a pain of "7 out of 10", a "1% cream".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SMALL = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_LARGE = "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
_WORD = rf"(?:{'|'.join(_SMALL.split() + _LARGE.split())})(?:[- ](?:one|two|three|four|five|six|seven|eight|nine)\b)?"
_NUMBER = rf"(?:\d[\d,.]*(?<=\d)|{_WORD}|an? (?:hundred|thousand|million)|(?:{_WORD} )?(?:hundred|thousand|million))"
_PEOPLE = (
    r"(?:people|persons?|patients?|wom[ae]n|m[ae]n|child(?:ren)?|adults?|bab(?:y|ies)|users?|cases?|sufferers"
    r"|treatments?|operations?|surger(?:y|ies))\b"
)
_WHOSE = r"(?:(?:all|the|our|these|those|such) )*"
_TIME = r"(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|cm|mm|inch(?:es)?|a\.?m|p\.?m)\b"

_IN = rf"\b(?P<part>{_NUMBER})(?:[ -](?:{_PEOPLE} )?in[ -](?:every )?)(?P<whole>{_NUMBER})\b(?!\s?{_TIME})"
_OUT_OF = rf"\b{_NUMBER} (?:{_PEOPLE} )?(?:out )?of every {_NUMBER}\b|\b{_WORD} (?:{_PEOPLE} )?out of {_NUMBER}\b"
_OF = rf"\b{_NUMBER} of {_NUMBER}(?= {_PEOPLE}| (?:had|have|got|get)\b|[.,;:!?)]|$)"
_PART = (
    rf"\b(?:half|(?:a|one|two|three|four|\d) ?-?(?:thirds?|quarters?|fifths?|tenths?)) (?:of )?{_WHOSE}{_PEOPLE}"
    rf"|\b(?:half|(?:a|one|two|three) ?-?(?:thirds?|quarters?)) of (?:them|us|those|everyone)\b"
    rf"|\bevery (?:second|other|third|fourth|fifth|tenth) {_PEOPLE}|\b(?:50[-/ :]50|fifty[- ]fifty)\b"
)
_PERCENT = r"\d\s?%|\bper ?cent\b"
_STRENGTH = (
    r"\s?%? (?:\w+ )?(?:cream|gel|ointment|lotion|solution|saline|alcohol|bleach|oxygen|glucose|dextrose|paste|drops)\b"
)
"""After a percentage: how strong something is, as its label says."""
_SHARE = re.compile(rf"{_IN}|{_OUT_OF}|{_OF}|{_PART}", re.I)
_TYPED = re.compile(
    rf"\b(?:\d[\d,.]*|{_WORD})\s?(?:%|per ?cent\b)|\b\d[\d,.]* out of \d[\d,.]*(?<=\d)|\bper ?cent\b", re.I
)
_YEAR = re.compile(r"in[ -](?:19|20)\d\d$", re.I)
_PLACE = re.compile(
    r"\b(?:page|pages|part|step|stage|sheet|figure|visit|day|week|dose|section|number|type|grade|phase|item|chapter)\s$",
    re.I,
)
"""Before a number that says which one it is."""
_SCORE = re.compile(
    r"\b(?:pain|score[ds]?|scale|level|rat(?:e|es|ed|ing))"
    r"(?::?\s(?:is|was|of|at|to|as|it|your|pain|level|goes|gets|stays|above|over|under|below|about|than|more|less))*\s$",
    re.I,
)
"""Before a mark that somebody gives."""


def shares(text: str) -> Iterator[str]:
    """Each share in ``text`` that is told otherwise than "91 out of 100"."""
    for match in _SHARE.finditer(text):
        before = text[: match.start()]
        if not (_YEAR.search(match[0]) or _PLACE.search(before) or _SCORE.search(before) or _more_than_all(match)):
            yield match[0]


def _more_than_all(match: re.Match[str]) -> bool:
    """As in "100 people in one hospital"."""
    return bool(match["part"]) and match["whole"].lower() == "one"


def typed(text: str) -> Iterator[str]:
    """Each outcome number that was typed by hand; ``text`` has the references to topic.yaml's numbers left out."""
    for match in _TYPED.finditer(text):
        strength = re.match(_STRENGTH, text[match.end() :], re.I)
        if not (strength or _PLACE.search(text[: match.start()]) or _SCORE.search(text[: match.start()])):
            yield match[0]


def has_percentage(text: str) -> bool:
    """Whether ``text`` tells a percentage that is no strength."""
    return any(re.search(_PERCENT, found, re.I) for found in typed(text))
