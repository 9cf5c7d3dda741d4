"""Requests in layers: a preset under a request under flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def lay_over(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``under`` with every key that ``over`` gives replaced; mappings key by key, lists whole."""
    made = dict(under)
    for key, value in over.items():
        below = made.get(key)
        if value is None and key in made:
            continue
        made[key] = lay_over(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return made
