"""What can go wrong, and what to do next. Each class owns its exit code (``shared`` contract: docs/formats.md).

::

    HandoutError            70  our own fault unless a subclass says otherwise
    |- SomeFailed            1  some of many; the rest is done
    |- ContentFault          3  content, clinic, template, figure
    |- RequestFault          4  one patient's request
    |- OutputFault           5  the result can't be written
    |- HandOverFault         6  viewer, printer, mail
    |- SystemMissing         7  a part of the system is missing
    `- Refused               8  until somebody decides

A message never holds a patient's details: it names the key, not the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

import click


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake in one file. ``line`` counts from 1; 0 where there is none to name."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}" if place else self.message


class HandoutError(click.ClickException):
    """Something that the person at the keyboard is told; ``faults`` holds the single mistakes, if several."""

    exit_code = 70

    def __init__(self, message: str, *, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join([message, *(f"  {line}" for line in first_few(map(str, self.faults)))]))


MOST_TOLD = 20
"""So many faults are told one by one: nobody reads more, and a hostile file could have a million."""


def first_few(lines: Iterable[str]) -> Iterator[str]:
    """The first `MOST_TOLD` of ``lines``, and how many more there are."""
    rest = iter(lines)
    yield from islice(rest, MOST_TOLD)
    more = sum(1 for _ in rest)
    if more:
        yield f"and {more:,} more"


def count_problems(faults: Iterable[Fault]) -> str:
    """Such as "1 problem" or "3 problems"; the same fault twice is one."""
    count = len(set(faults))
    return "1 problem" if count == 1 else f"{count:,} problems"


class SomeFailed(HandoutError):
    """Some of many failed, or somebody stopped in the midst of them; the rest is done."""

    exit_code = 1


class ContentFault(HandoutError):
    """Content, clinic, template, figure or font is at fault: whoever edits it has to mend it."""

    exit_code = 3


class RequestFault(HandoutError):
    """The request is at fault: the staff can mend it."""

    exit_code = 4


class OutputFault(HandoutError):
    """The result can't be written."""

    exit_code = 5


class HandOverFault(HandoutError):
    """The PDF is made, but the viewer, printer or mail server did not take it."""

    exit_code = 6


class SystemMissing(HandoutError):
    """A part of the system is missing; the message says how to get it."""

    exit_code = 7


class Refused(HandoutError):
    """Refused until somebody decides: unapproved, past review, unconfirmed."""

    exit_code = 8


MORE_MEMORY = "Close other programs, or raise the limit on memory (ulimit -v), and run the same command again."
"""What to do when memory runs out."""


def shown(name: str) -> str:
    """``name`` as it may stand in a message: 60 characters at most, what can't be printed as U+XXXX."""
    return f"{escape_unprintable(name[:60])}..." if len(name) > 60 else escape_unprintable(name)


def escape_unprintable(text: str) -> str:
    """``text`` without anything that a terminal would obey: what can't be printed as U+XXXX."""
    return "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in text)


_NEARLY = 0.8
"""How alike (difflib's ratio) a name is to a known one when it is taken for a slip of the keyboard."""


def is_nearly_known(name: str, known: Iterable[str]) -> bool:
    """Whether ``name`` is a known one, or such a slip of one. Anything else may be a patient's name: do not show it."""
    return len(name) <= 60 and bool(get_close_matches(name.lower(), list(known), n=1, cutoff=_NEARLY))


def quote_if_known(name: str, known: Iterable[str]) -> str:
    """``name`` in a message, if it is nearly a known one; else it could be anything, a patient's name too."""
    return f" '{shown(name)}'" if is_nearly_known(name, known) else " of that name"


def nearest(name: str, known: Iterable[str], *, what: str) -> str:
    """A sentence that names the closest known name, or all of them when none is close."""
    names = sorted(known)
    close = get_close_matches(name[:100].lower(), names, n=1, cutoff=0.5)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known {what}: {', '.join(names)}." if names else f"There are no {what} yet."
