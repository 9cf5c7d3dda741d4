"""Groups of options: each is one value that a command receives and passes on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar, get_type_hints

Command = TypeVar("Command", bound=Callable[..., Any])  # click's callbacks: every command has its own parameters


@dataclass(frozen=True)
class Options:
    """A group of options: a frozen dataclass whose fields have click's names for the options."""


def gathered(command: Callable[..., None]) -> Callable[..., None]:
    """``command`` with its options as values of the groups that its parameters are annotated with."""

    @functools.wraps(command)
    def call(*args: Any, **flags: Any) -> None:  # click's own types; typed from here on
        rest = dict(flags)
        command(*args, **_groups(command, flags, rest), **rest)

    return call


def _groups(of: object, flags: Mapping[str, object], rest: dict[str, Any]) -> dict[str, Options]:
    """A value for each parameter or field that is a group; removes the values it uses from ``rest``."""
    made = {}
    for name, kind in get_type_hints(of).items():
        if isinstance(kind, type) and issubclass(kind, Options):
            known = {field.name for field in fields(kind)} & flags.keys()
            made[name] = kind(**{field: flags[field] for field in known}, **_groups(kind, flags, rest))
            for field in known:
                rest.pop(field, None)
    return made


def all_of(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:  # click's decorators are typed no further
    """Combine several options into one decorator, in the given order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
