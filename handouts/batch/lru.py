"""A cache that keeps only what was used last, so that memory does not grow with the list."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

KEPT = 256
"""How many selections, and how many masters, a process remembers, unless it says otherwise."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LRU(OrderedDict[Key, Value], Generic[Key, Value]):
    """A mapping that remembers the entries used last: ``most`` of them, or `KEPT`."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        self.most = most or KEPT

    def recall(self, key: Key) -> Value | None:
        """The value of ``key``, which becomes the most recent; None if there is none."""
        if key not in self:
            return None
        self.move_to_end(key)
        return self[key]

    def keep(self, key: Key, value: Value) -> Value:
        """Store ``value`` under ``key``, and drop the least recently used entry when full."""
        self[key] = value
        self.move_to_end(key)
        if len(self) > self.most:
            self.popitem(last=False)
        return value
