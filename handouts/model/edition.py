"""How a request is printed: what the clinic or the day decides, not the patient."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Edition:
    """``blank``: lines to write on instead of the patient's details; ``replaces``: the code of the document that this
    one replaces, printed beside its own.

    ``allow_unapproved``: even text past its review date; ``approved_only``: only text that is approved as it is.
    """

    blank: bool = False
    replaces: str | None = None
    allow_unapproved: bool = False
    approved_only: bool = False


USUAL = Edition()
