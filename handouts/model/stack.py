"""What a document's pages are bound from: its texts, its sheets in order, and what binding needs besides. Pure.

Nobody's data is in it, so the record's archive keeps it for ever (REC-29).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Binding = Mapping[str, Any]
"""What binding needs besides the sheets, as JSON has it: words of the page, format, paper, colours, versions."""


@dataclass(frozen=True)
class Stack:
    """``texts``: their name, see `handouts.model.origin.source_of`; ``sheets``: key and bytes of each, in order."""

    texts: str
    sheets: tuple[tuple[str, bytes], ...]
    binding: Binding

    @property
    def name(self) -> str:
        """Its name in the archive."""
        return stack_name(self.texts, [key for key, _ in self.sheets], self.binding)

    def __repr__(self) -> str:
        return f"Stack({len(self.sheets)} sheets)"


def stack_name(texts: str, keys: Sequence[str], binding: Binding) -> str:
    """The name of a stack, which is known before its sheets are typeset: ``keys`` decide their bytes."""
    told = {"texts": texts, "sheets": list(keys), "binding": dict(binding)}
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
