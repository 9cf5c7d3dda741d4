"""What the words in a row's cells say: what they stand for, that a visit does not take place, that nobody is meant.

Nothing that a list says is overruled in silence: where a flag says otherwise, or nobody knows a word, its row is at
fault, and the staff are told which column it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from handouts.errors import shown
from handouts.lists import usual_names as usual
from handouts.lists.plan import Plan, options_in
from handouts.lists.row import CellError
from handouts.model.list_map import codes_in, plain_name
from handouts.model.request_paths import NAME

_KINDS = {
    "cancelled": re.compile(r"cancel|anulad|withdrawn|not needed", re.I),
    "moved": re.compile(r"resched|re-sched|postpon|reprogram|aplazad", re.I),
    "absent": re.compile(
        r"\bno[- ]?show|\bdid(?: not|n['’]?t) (?:attend|arrive|come|show)|\bfailed to attend|\bdna\b|\bdns\b|\blwbs\b"
        r"|\bleft (?:without|before) |\bwalked out\b|no asist|no se present|ausente",
        re.I,
    ),
}
_BLOCKED = re.compile(
    r"block|blocked|hold|held|blank|lunch|break|meeting|admin|test|reserved|vacation|closed|unavailable|bloqueado|bloqueo"
    r"|almuerzo|reservado|prueba"
)
_BESIDE = re.compile(
    r"patient|pt|paciente|slots?|time|do|not|book|schedule|use|off|open|no|new|the|for|appt|appointment|out|of|office|dr"
    r"|provider|[a-dx]|\d"
)
"""Words that say so only beside one of the others."""
_FREE_TEXT = re.compile(
    r"\b(?:notes?|comments?|remarks?|alerts?|warnings?|avisos?|memo|messages?|observaci\w*|comentarios?|notas?|text)\b"
)
_MOST_LETTERS, _MOST_WORDS = 40, 6


def absence(word: str) -> str:
    """What kind of words saying that a visit does not take place a word is; "" for none of them."""
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(word)), "")


def is_free_text(name: str) -> bool:
    """Whether a column's name says that the office writes there what it likes."""
    return _FREE_TEXT.search(usual.fold(name)) is not None


def left_out_by_words(plan: Plan, said: Sequence[str]) -> str:
    """Which word of the map leaves a row out, itself or one of the same kind; "" for none."""
    for column, words in plan.words.leave_out.items():
        cell = said[column] if column < len(said) else ""
        word = words.get(plain_name(cell))
        if word is not None:
            return f"{plan.name(column)}: {word}"
        if kind := absence(cell):
            like = next((word for word in words.values() if absence(word) == kind), None)
            if like is not None:
                return f"{plan.name(column)}: like {shown(like)}"
    return ""


def is_blocked(names: Iterable[str]) -> bool:
    """Whether what stands for a name is a slot that is kept free: "HOLD", "Lunch", "Block, Blank", "TEST PATIENT"."""
    told = set(re.findall(r"\w+", " ".join(names).casefold()))
    strong = {word for word in told if _BLOCKED.fullmatch(word)}
    return bool(strong) and all(_BESIDE.fullmatch(word) for word in told - strong)


def require_visit(plan: Plan, said: Sequence[str]) -> None:
    """CellError for a word like "Rescheduled" that the map does not know."""
    for column in plan.watched:
        cell = said[column]
        if absence(cell) and not (column in plan.words.values and plain_name(cell) in plan.words.values[column]):
            word = f", '{shown(' '.join(cell.split()))}'" if _may_be_told(plan, column, said) else ""
            raise CellError(
                column,
                f"'{plan.name(column)}' says that the visit does not take place{word}. If such rows are to be left "
                f"out, add the word to leave_out in the map {plan.header.map_name}",
            )


def meanings(plan: Plan, said: Sequence[str]) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """What the words and codes in a row's cells stand for: the column, the word, its meaning. CellError."""
    for column, words in plan.words.values.items():
        cell = said[column]
        if (found := words.get(plain_name(cell))) is not None:
            yield column, shown(" ".join(cell.split())), found
            continue
        codes = [code for code in codes_in(cell) if code in words]
        yield from ((column, code.upper(), words[code]) for code in codes)
        if cell.strip() and not codes:
            raise CellError(column, _unknown(plan, column, said))
    for column, known in plan.words.codes.items():
        yield from ((column, code.upper(), known[code]) for code in codes_in(said[column]) if code in known)
    for column in plan.words.options:
        if chosen := options_in(said[column], plan.settings.options):
            yield column, ", ".join(chosen), {"options": chosen}


def _unknown(plan: Plan, column: int, said: Sequence[str]) -> str:
    word = " ".join(said[column].split())
    told = f"'{shown(word)}'" if _may_be_told(plan, column, said) else "what stands here"
    return (
        f"'{plan.name(column)}': the map {plan.header.map_name} does not say what {told} means. Add it there under "
        "values, or make this handout by itself"
    )


def _may_be_told(plan: Plan, column: int, said: Sequence[str]) -> bool:
    """Whether a cell holds a word of the practice, a kind of visit, and nothing about a patient."""
    cell = " ".join(said[column].split())
    names = {part for one in plan.targets.get(NAME, ()) for part in re.findall(r"\w{2,}", said[one].casefold())}
    return not (
        is_free_text(plan.header.names[column])
        or len(cell) > _MOST_LETTERS
        or len(cell.split()) > _MOST_WORDS
        or re.search(r"\d{3}|\d[/.-]\d|@", cell)
        or names & set(re.findall(r"\w+", cell.casefold()))
    )


def require_no_other(plan: Plan, column: int, word: str, meaning: Mapping[str, Any]) -> None:
    """CellError where a flag or preset says another topic, or other options, than a word of the list."""
    for key, flag in (("topic", "--topic"), ("options", "--option")):
        given = plan.settings.flags.get(key)
        if key not in meaning or given in (None, "", [], ()):
            continue
        wanted, other = ((set(one) if key == "options" else {one}) for one in (meaning[key], given))
        if wanted != other:
            says = ", ".join(meaning[key]) if key == "options" else meaning[key]
            told = "the list says " + (says if word.casefold() == says.casefold() else f"{word}, {says}")
            raise CellError(
                column,
                f"'{plan.name(column)}': {told}; {flag} or the preset says {', '.join(sorted(other))}. Leave the flag "
                "out, or make this handout by itself",
            )


def unknown_codes(plan: Plan, said: Sequence[str]) -> str:
    """The diagnosis codes of a row that takes its topic from a flag, when no topic has any of them."""
    for column, known in plan.words.codes.items():
        codes = codes_in(said[column])
        if codes and not any(code in known for code in codes):
            return ", ".join(code.upper() for code in codes[:3])
    return ""


def require_complete(plan: Plan, said: Sequence[str], data: Mapping[str, Any]) -> None:
    """CellError where a row's words say no topic or no options, and nothing else does."""
    column = next(iter((*plan.words.codes, *plan.words.values, *plan.targets.get("topic", ()))), None)
    if "topic" not in data and "topic" not in plan.settings.given and column is not None:
        name, codes = plan.name(column), unknown_codes(plan, said)
        why = f"no topic has the code {codes}" if codes else "nothing says what this row is about"
        raise CellError(
            column, f"'{name}': {why}. Give --topic for such rows in a list of their own, or leave the row out"
        )
    column = next(iter((*plan.words.options, *plan.targets.get("options", ()), *plan.words.values)), None)
    if not {"options", "sections"} & {*data, *plan.settings.given} and column is not None:
        raise CellError(
            column, f"'{plan.name(column)}': nothing says which options this row is about. Give --option for it"
        )
