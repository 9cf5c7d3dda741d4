"""How a request is printed: what its clinic or the day decides, and not the patient."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Edition:
    """``blank``: lines to write on instead of the patient's details; ``replaces``: the code of the document that this
    one replaces, printed beside its own.

    ``allow_unapproved``: text past its review too; ``approved_only``: only text that somebody approved as it stands.
    ``reprint``: it was made before, so what making refuses today is let through.
    """

    blank: bool = False
    replaces: str | None = None
    allow_unapproved: bool = False
    approved_only: bool = False
    reprint: bool = False


USUAL = Edition()
