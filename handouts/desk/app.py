"""The Flask application of a desk, and how a fault becomes a page, or JSON for a script."""

from __future__ import annotations

import io
import json
import logging
import secrets
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import (
    Flask,
    Request,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    render_template,
    request,
    send_from_directory,
)
from flask.json.provider import DefaultJSONProvider
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException

from handouts import paths
from handouts.desk import day_list, email, given, handout, infobutton, library, sent, today
from handouts.desk.forms import FormFault
from handouts.desk.guard import Doorkeeper, guard, wants_json
from handouts.desk.library_words import English, in_words
from handouts.desk.state import Desk
from handouts.desk.tongue import speaks
from handouts.desk.words import N_, Said, _
from handouts.errors import HandoutError
from handouts.model.language import ORIGINAL

MOST_UPLOADED = 16 * 1024 * 1024
"""Bytes of a request with a file: a long list, or a large PDF."""
MOST_TYPED = 2 * 1024 * 1024
"""Bytes of any other. A million fields on two million bytes take seconds and a hundred megabytes to take apart."""
PLACES = (
    ("handout.show", N_("New handout")),
    ("today.show", N_("Today")),
    ("day_list.show", N_("The day’s list")),
    ("sent.show", N_("Sent")),
    ("given.show", N_("Given")),
    ("library.show", N_("Library")),
)
"""The screens, in the order of the navigation."""
TAKE_FILES = frozenset({"day_list.open_file", "given.check", "given.make_again"})
"""The endpoints to which a browser sends files."""
_STATUS = {3: 500, 4: 422, 5: 507, 6: 502, 7: 503, 8: 409}
"""The HTTP status for each exit code of the errors."""
_log = logging.getLogger("handouts.desk")


class InMemory(Request):
    """A request whose files are never on the disk: Werkzeug writes what is larger than 500 kB to a temporary file."""

    def _get_file_stream(self, *_: object, **__: object) -> io.BytesIO:
        return io.BytesIO()


class StrictJSON(DefaultJSONProvider):
    """JSON as everybody reads it: what is nested without end, or holds half a character, is none (RFC 8259, 9 and 8.2).

    Flask takes a ValueError for a bad request.
    """

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The values. ValueError."""
        try:
            found = super().loads(s, **kwargs)
            json.dumps(found, ensure_ascii=False).encode()
        except RecursionError:
            raise ValueError("nested too deeply") from None
        return found

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """JSON. What is in another language than the page says so: `inLanguage` in static/words.js."""
        return super().dumps(_marked(obj), **kwargs)


def _marked(found: Any) -> Any:
    if isinstance(found, English):
        return {"text": str(found), "lang": ORIGINAL}
    if isinstance(found, dict):
        return {key: _marked(value) for key, value in found.items()}
    return [_marked(value) for value in found] if isinstance(found, list | tuple) else found


def create_app(desk: Desk, door: Doorkeeper) -> Flask:
    """The application; nobody gets in but by ``door``."""
    folder = paths.PROGRAM.templates / "desk"
    app = Flask("handouts.desk", template_folder=str(folder), static_folder=str(folder / "static"))
    app.request_class = InMemory
    app.json = StrictJSON(app)
    app.extensions["desk"] = desk
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.autoescape = True
    app.config["MAX_CONTENT_LENGTH"] = MOST_UPLOADED
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_UPLOADED
    app.config["MAX_FORM_PARTS"] = 2000
    speaks(app)
    guard(app, door)
    app.before_request(_bound)
    for screen in (handout, email, day_list, sent, given, library, infobutton, today):
        app.register_blueprint(screen.blueprint)
    app.extensions["desk-records"] = today.has_health_records(app)
    app.add_url_rule("/static/fonts/<name>", "fonts", _font)
    app.context_processor(_for_every_page)
    app.register_error_handler(HandoutError, _tell_fault)
    app.register_error_handler(HTTPException, _tell_http)
    app.register_error_handler(Exception, _tell_bug)
    return app


def _sentence(*sentences: str) -> str:
    """Sentences one after the other; as English as any of them."""
    text = " ".join(sentences)
    return English(text) if any(isinstance(one, English) for one in sentences) else Said(text)


def _bound() -> None:
    """Only what takes files takes much; who is not logged in may send still less."""
    if request.endpoint not in TAKE_FILES:
        request.max_content_length = min(request.max_content_length or MOST_TYPED, MOST_TYPED)


def _font(name: str) -> Response:
    return send_from_directory(Path(paths.FONTS), name)


def _for_every_page() -> dict[str, Any]:
    known = current_app.view_functions
    hidden = set() if current_app.extensions["desk-records"] else {"today.show"}
    places = [(endpoint, _(title)) for endpoint, title in PLACES if endpoint in known.keys() - hidden]
    return {"places": places, "user": g.get("user")}


def _tell_fault(fault: HandoutError) -> Response:
    """The library's own message."""
    status, faults = _STATUS.get(fault.exit_code, 500), [in_words(str(one)) for one in fault.faults]
    if isinstance(fault, FormFault):  # in words already
        fields = [asdict(one) for one in fault.fields]
        return _answer(
            _sentence(_("Nothing was made yet."), *(one.message for one in fault.fields)), status, faults, fields
        )
    return _answer(in_words(fault.message), status, faults)


_HTTP = {
    403: N_("You may not do that here. It needs another role, or the desk’s own page."),
    404: N_("There is no such page here."),
    413: N_("That file is too large for the desk. Use the command line for it."),
    421: N_("This is not the address of the desk."),
}


def _tell_http(error: HTTPException) -> Response:
    told = _HTTP.get(error.code or 500)
    return _answer(
        _(told) if told else _("The desk can’t answer that (%(status)s).", status=error.code), error.code or 500
    )


def _tell_bug(error: Exception) -> Response:
    """A number that the log has too, and no details: they may hold a patient's."""
    number = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    _log.error("error %s: %s at %s", number, type(error).__name__, places)
    return _answer(_("Something went wrong in the program. Its log has it as number %(number)s.", number=number), 500)


def _answer(
    message: str, status: int, faults: list[str] | None = None, fields: list[dict[str, str]] | None = None
) -> Response:
    if wants_json():
        return make_response(jsonify(error=message, faults=faults or [], fields=fields or []), status)
    return make_response(render_template("fault.html.j2", message=message), status)
