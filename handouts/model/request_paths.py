"""Every place in a request that one cell of a list can fill, such as patient.name or medicines.1.dose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from handouts.model.request import Request

NTH_MEDICINE = re.compile(r"medicines\.([1-9][0-9]?)\.")
NAME, BORN, VISIT, NEXT = "patient.name", "patient.birth_date", "visit_date", "appointment.at"


@cache
def known_paths() -> Mapping[str, bool]:
    """Every path of a request that a cell can hold, and whether it is a list; of medicines, the first's."""
    return dict(_walk(Request, ""))


def is_path(path: str) -> bool:
    """Whether a request has that place; medicines have any number."""
    return NTH_MEDICINE.sub("medicines.1.", path) in known_paths()


def _walk(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, bool]]:
    for name, field in model.model_fields.items():
        path = prefix + (field.alias or name)
        inner = next(_models(field.annotation), None)
        many = get_origin(field.annotation) is tuple
        if inner:
            yield from _walk(inner, f"{path}.1." if many else f"{path}.")
        else:
            yield path, many


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
