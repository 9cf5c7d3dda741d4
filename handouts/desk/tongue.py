"""In which language the desk answers a browser: the one that was chosen there, else the first that the browser asks for
and the desk speaks, else English.

The choice is a cookie of that browser alone, and says nothing but the language.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from flask import Blueprint, Flask, abort, current_app, redirect, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from handouts.desk.guard import door_of
from handouts.desk.library_words import in_words
from handouts.desk.words import (
    TEMPLATE_CALLS,
    desk_languages,
    say_date,
    say_number,
    say_time,
    speak,
    spoken,
    words_for_scripts,
)
from handouts.model.language import ORIGINAL, is_rtl

COOKIE = "desk-language"
_YEAR = 365 * 24 * 3600
blueprint = Blueprint("tongue", __name__)


def speaks(app: Flask) -> None:
    """Have every request answered in its language. Before all that answers one: also who is not let in is spoken to."""
    app.before_request(_listen)
    app.register_blueprint(blueprint)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(**TEMPLATE_CALLS, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters.update(number=say_number, long_date=say_date, short_time=say_time, in_words=in_words)
    app.jinja_env.globals.update(in_language=in_language)
    app.context_processor(_for_every_page)


def _listen() -> None:
    chosen = request.cookies.get(COOKIE)
    known = desk_languages()
    speak(chosen if chosen in known else request.accept_languages.best_match(known) or ORIGINAL)


def _for_every_page() -> dict[str, Any]:
    language = spoken()
    return {
        "language": language,
        "direction": direction(language),
        "desk_languages": [
            (tag, str(Locale.parse(tag).get_display_name(tag)).capitalize()) for tag in desk_languages()
        ],
        "script_words": words_for_scripts(language),
    }


def direction(language: str) -> str:
    """How HTML's ``dir`` calls the way in which a language runs."""
    return "rtl" if is_rtl(language) else "ltr"


def in_language(tag: str) -> Markup:
    """The attributes of an element whose text is in another language than the page; none for the page's own."""
    if tag == spoken():
        return Markup("")
    turned = Markup(' dir="{}"').format(direction(tag)) if is_rtl(tag) != is_rtl(spoken()) else ""
    return Markup(' lang="{}"{}').format(tag, turned)


@blueprint.post("/language")
def choose() -> Response:
    """Remember a language in this browser, and show the page once more."""
    chosen = request.form.get("language")
    if chosen not in desk_languages():
        abort(400)
    response = redirect(_back(), 303)
    response.set_cookie(
        COOKIE, chosen, max_age=_YEAR, secure=request.is_secure, httponly=True, samesite="Strict", path="/"
    )
    return response


def _back() -> str:
    """The path that the browser came from, if it is one of ours that can be looked at."""
    came = urlsplit(request.referrer or "")
    if f"{came.scheme}://{came.netloc}" not in door_of(current_app).origins:
        return "/"
    try:
        current_app.create_url_adapter(request).match(came.path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return "/"
    return came._replace(scheme="", netloc="", fragment="").geturl()
