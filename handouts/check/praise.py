"""Words that sell or frighten, judged in their sentence: "It cures the pain" sells, "There is no cure" does not.

A word sells where it says of a treatment, a device or a practice that it is good. It does not where it is denied ("not
proven"), asked ("Is it safe?"), left open ("if it is safe"), or said of something else ("the best time to call", "safe
to drive", "the superior cerebellar artery").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ALWAYS = (
    r"definitive(?:ly)?|durable|higher success|one-size-fits-all|cur(?:e|es|ed|ing)|miracles?|miraculous"
    r"|gold[- ]standard|breakthroughs?|revolutionary|state[- ]of[- ]the[- ]art|cutting[- ]edge|world[- ]class"
    r"|excellent|outstanding|wonderful|amazing|most effective"
    r"|risk[- ]free|guarantee[ds]?|(?:well[- ]|clinically )?proven(?! (?:hard|difficult|harmful|wrong)\b)"
    r"|superior(?! (?:cerebellar|vena|oblique|mesenteric|sagittal|canal|semicircular|rectus|orbital|part|surface))"
)
_BEST = (
    r"(?<!\bat )(?<!\byour )(?<!\bmy )best(?! (?:to|time|day|place|position|guess|known|(?:if|when|before|after|on) "
    r"|for (?:you|me|him|her|them)\b|interests?))"
)
_TREATED = r"(?:done|performed|treated|used|removed|given|cured)"
_NOT_OF_A_TREATMENT = (
    r"(?! (?:to|place|distance|side|dose|level|limit|range|space|spot|amount|way to|from|at home|there|and sound)\b)"
)
_SAFE = (
    r"(?:(?<=\bis )|(?<=\bare )|(?<=\bwas )|(?<=\bwere )|(?<=\bbeen )|(?<=\bvery )|(?<=\bquite )|(?<=\bso )"
    r"|(?<=\bboth )|(?<=ly )|(?<=\ba )|(?<=\bthis )|(?<=\band )|(?<=, )|(?<=\bas )|^)"
    rf"(?<!\byou are )(?<!\bwe are )(?<!\bthey are )safe{_NOT_OF_A_TREATMENT}"
    r"|safer than|safest(?! (?:to|if|when|not|thing|place|way|time|position))"
    rf"|{_TREATED} (?:\w+ly )?safely|safely {_TREATED}"
)
_SELLING = re.compile(rf"\b(?:{_ALWAYS}|{_BEST}|{_SAFE})\b", re.I)
_PROMISING = re.compile(
    r"\b(?:cur(?:e|es|ed|ing)|miracles?|miraculous|risk[- ]free|guarantee[ds]?|definitive(?:ly)?|most effective)\b",
    re.I,
)
"""What no practice can say of a treatment, even in its own words; what it says of itself is its own affair."""
_FRIGHTENING = re.compile(
    r"\b(?:deadly|lethal|terrifying|terrible|terribly|horrible|horribly|horrific|dreadful|agonizing|agonising"
    r"|excruciating|devastating|catastroph(?:e|ic)|nightmares? of|suicide disease|ticking time bomb|doomed)\b",
    re.I,
)
"""A warning is told as a sign and what to do about it, in calm words."""

_SAME_CLAUSE = r"(?:(?!\bbut\b|\band\b)[^.;:!?])*"
_DENIED = re.compile(
    r"(?:\b(?:no|not|never|nor|none|nothing|without|cannot|hardly|neither|nobody|unlikely)\b|n['’]t\b)"
    rf"(?! (?:only|just|merely|doubt|question|better)\b){_SAME_CLAUSE}$",
    re.I,
)
_DENIED_AFTER = re.compile(r"(?:\s\w+){0,2}?\s(?:\w+n['’]t|not|never|unlikely)\b", re.I)
"""As in "A cure has not been found"."""
_OPEN = re.compile(r"\b(?:if|whether|which|unless|ask|check|sure that|how)\b(?:(?!\bbut\b)[^,.;:!?])*$", re.I)
_NOT_YET = re.compile(r"\b(?:when|until|once|as soon as)\b[^,.;:!?]*$", re.I)
"""As in "Wait until it is safe"."""
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


def selling_words(text: str) -> Iterator[str]:
    """Each word in ``text`` that praises."""
    return _claims(_SELLING, text)


def promising_words(text: str) -> Iterator[str]:
    """Each word in ``text`` that promises what a treatment does."""
    return _claims(_PROMISING, text)


def frightening_words(text: str) -> Iterator[str]:
    """Each word in ``text`` that frightens more than it tells."""
    return _claims(_FRIGHTENING, text)


def _claims(words: re.Pattern[str], text: str) -> Iterator[str]:
    for sentence in _SENTENCE.findall(text):
        whole = sentence.strip()
        if whole.endswith("?") and not re.match(r"why\b", whole, re.I):
            continue
        for match in words.finditer(whole):
            if not _is_no_claim(whole[: match.start()], match[0].lower(), whole[match.end() :]):
                yield match[0]


def _is_no_claim(before: str, word: str, after: str) -> bool:
    waited_for = word == "safe" and _NOT_YET.search(before)
    return bool(waited_for or _DENIED.search(before) or _DENIED_AFTER.match(after) or _OPEN.search(before))
