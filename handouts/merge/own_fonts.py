"""The fonts that a patient's own text needs besides those of the page: part of its document's code (CODE-4). Pure."""

from __future__ import annotations

from handouts.fonts.fallbacks import fallback_digests
from handouts.model.request import Request

_NOT_PRINTED = {"patient": {"email"}}


def own_fonts(request: Request) -> tuple[str, ...]:
    """SHA-256 (hex) of each fall-back font that what the request says is set in; () for nearly every request."""
    return fallback_digests(request.model_dump_json(exclude=_NOT_PRINTED, exclude_defaults=True))
