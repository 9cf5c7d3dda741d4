"""What needs more than being logged in. Asked before every view; a desk without users allows everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request

from handouts.desk.users import May, User

View = TypeVar("View", bound=Callable[..., Any])


def needs(what: May) -> Callable[[View], View]:
    """Marks a view that only those may call whose role allows ``what``."""

    def mark(view: View) -> View:
        view.needs = what  # type: ignore[attr-defined]
        return view

    return mark


def lacks(app: Flask, request: Request, user: User) -> May | None:
    """What a user would need for a request, and does not have; None if it may be answered."""
    needed: May | None = getattr(app.view_functions.get(request.endpoint or ""), "needs", None)
    return needed if needed and not user.may(needed) else None
