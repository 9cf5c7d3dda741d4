"""What can go wrong, and what to do next. Each class owns its exit code (``shared`` contract: docs/formats.md).

::

    HandoutError            70  a bug, unless a subclass says otherwise
    |- SomeFailed            1  some of many; the rest is done
    |- ContentFault          3  content, clinic, template, figure
    |- RequestFault          4  one patient's request
    |- OutputFault           5  the result can't be written
    |- HandOverFault         6  viewer, printer, mail
    |- SystemMissing         7  a part of the system is missing
    `- Refused               8  until a person decides

A message never holds patient details: it names the key, not the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

import click


@dataclass(frozen=True, order=True)
class Fault:
    """One problem in one file. ``line`` counts from 1; 0 if there is none to name."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}" if place else self.message


class HandoutError(click.ClickException):
    """An error reported to the user; ``faults`` holds the individual problems, if several."""

    exit_code = 70

    def __init__(self, message: str, *, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join([message, *(f"  {line}" for line in first_few(map(str, self.faults)))]))


MOST_TOLD = 20
"""At most this many problems are listed: nobody reads more, and a hostile file could have a million."""


def first_few(lines: Iterable[str]) -> Iterator[str]:
    """The first `MOST_TOLD` of ``lines``, then how many more there are."""
    rest = iter(lines)
    yield from islice(rest, MOST_TOLD)
    more = sum(1 for _ in rest)
    if more:
        yield f"and {more:,} more"


Why = str
"""A reason that staff are told, as an annotation of what gives one back: "" or another type where there is none."""


def plural(count: int, word: str) -> str:
    """Such as "1 row", "3 rows"."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def count_problems(faults: Iterable[Fault]) -> str:
    """Such as "1 problem" or "3 problems"; the same fault twice is one."""
    count = len(set(faults))
    return "1 problem" if count == 1 else f"{count:,} problems"


class SomeFailed(HandoutError):
    """Some of many failed, or the user interrupted; the rest is done."""

    exit_code = 1


class ContentFault(HandoutError):
    """A problem in content, clinic, template, figure or font: its editor has to fix it."""

    exit_code = 3


class RequestFault(HandoutError):
    """A problem in the request: the staff can fix it."""

    exit_code = 4


class OutputFault(HandoutError):
    """The result can't be written."""

    exit_code = 5


class HandOverFault(HandoutError):
    """The PDF is made, but the viewer, printer or mail server did not accept it."""

    exit_code = 6


class SystemMissing(HandoutError):
    """A part of the system is missing; the message says how to get it."""

    exit_code = 7


class Refused(HandoutError):
    """Refused until a person decides: unapproved, past review, unconfirmed."""

    exit_code = 8


MORE_MEMORY = "Close other programs, or raise the limit on memory (ulimit -v), and run the same command again."
"""What to do when memory runs out."""


def shown(name: str) -> str:
    """``name`` for a message: at most 60 characters, unprintable ones as U+XXXX."""
    return f"{escape_unprintable(name[:60])}..." if len(name) > 60 else escape_unprintable(name)


def escape_unprintable(text: str) -> str:
    """``text`` without terminal control codes: unprintable characters as U+XXXX."""
    return "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in text)


_NEARLY = 0.8
"""The similarity (difflib's ratio) above which a name counts as a mistyped known one."""


def is_nearly_known(name: str, known: Iterable[str]) -> bool:
    """Whether ``name`` is a known name, or a mistyped one. Anything else may be a patient's name: don't show it."""
    return len(name) <= 60 and bool(get_close_matches(name.lower(), list(known), n=1, cutoff=_NEARLY))


def quote_if_known(name: str, known: Iterable[str]) -> str:
    """``name`` for a message, if it is nearly a known one; else it could be anything, even a patient's name."""
    return f" '{shown(name)}'" if is_nearly_known(name, known) else " of that name"


def nearest(name: str, known: Iterable[str], *, what: str) -> str:
    """A sentence that names the closest known name, or all of them when none is close."""
    names = sorted(known)
    close = get_close_matches(name[:100].lower(), names, n=1, cutoff=0.5)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known {what}: {', '.join(names)}." if names else f"There are no {what} yet."
