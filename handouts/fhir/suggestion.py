"""What a health record suggests for one request: values, what a person has to decide, and what stands beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Question:
    """What the record leaves open. ``key``: of the request, whoever gives it has answered; ``why``: nothing of a
    patient in it; ``choices``: what the record has, for the screen alone; ``needed``: whether a handout made without an
    answer could be wrong, and not only lack something.
    """

    key: str
    why: str
    choices: tuple[str, ...] = ()
    needed: bool = True

    def __repr__(self) -> str:
        return f"Question({self.key})"

    def __str__(self) -> str:
        return f"'{self.key}': {self.why}"


@dataclass(frozen=True)
class Beside:
    """A text of the record that a person has to put into the request in other words. For the screen alone."""

    key: str
    text: str

    def __repr__(self) -> str:
        return f"Beside({self.key})"


@dataclass(frozen=True)
class Suggestion:
    """``data``: keys and values of a request. ``by_code``: those keys that come of a code, and staff confirm.

    ``steps``: orders that may become next steps. ``fault``: why nothing may be made for this patient.
    ``order``: the time of a visit today, such as 10:30. ``conflict``: where it says otherwise than what is given.
    ``called_off``: whether it has visits, and none of them takes place.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    notices: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()
    steps: tuple[str, ...] = ()
    by_code: tuple[str, ...] = ()
    fault: str = ""
    order: str = ""
    conflict: str = ""
    called_off: bool = False

    def __repr__(self) -> str:
        return "Suggestion(...)"


def together(parts: Iterable[Suggestion]) -> Suggestion:
    """All that ``parts`` say; mappings such as patient are joined key by key."""
    data: dict[str, Any] = {}
    all_parts = list(parts)
    for part in all_parts:
        for key, value in part.data.items():
            data[key] = {**data.get(key, {}), **value} if isinstance(value, Mapping) else value
    return Suggestion(
        data,
        tuple(one for part in all_parts for one in part.questions),
        tuple(dict.fromkeys(one for part in all_parts for one in part.notices)),
        tuple(one for part in all_parts for one in part.beside),
        tuple(dict.fromkeys(one for part in all_parts for one in part.steps)),
        tuple(one for part in all_parts for one in part.by_code),
        next((part.fault for part in all_parts if part.fault), ""),
        next((part.order for part in all_parts if part.order), ""),
        next((part.conflict for part in all_parts if part.conflict), ""),
        any(part.called_off for part in all_parts),
    )
