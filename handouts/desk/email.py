"""E-mail, from New handout: a question about one message, its answers, and taking it back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request

from handouts.desk import emailing
from handouts.desk.handout import fields_of
from handouts.desk.state import desk_of

blueprint = Blueprint("email", __name__, url_prefix="/handout/email")


@blueprint.post("/look")
def look() -> Response:
    """What is to be asked before the form's handout is mailed."""
    return jsonify(asdict(emailing.ask(desk_of(current_app), fields_of(_body()))))


@blueprint.post("")
def prepare() -> Response:
    """The message as a person decided. The answer has the four words, which nothing else ever has; see `queue`."""
    body = _body()
    answers = emailing.Answers(
        code=_text(body, "code"),
        again=_text(body, "again"),
        lock=body.get("lock") is not False,
        warned=body.get("warned") is True,
        by=_text(body, "by"),
        remember=body.get("remember") is True,
        way=_text(body, "way"),
    )
    return jsonify(asdict(emailing.prepare(desk_of(current_app), _waiting(), fields_of(body), answers)))


@blueprint.post("/shown")
def queue() -> Response:
    """The words are on the screen: put the message into the outbox."""
    return jsonify(asdict(emailing.queue(desk_of(current_app), _waiting(), _text(_body(), "token"))))


@blueprint.post("/back")
def take_back() -> Response:
    """Take a message back that was just queued."""
    number = _body().get("number")
    if not isinstance(number, int):
        abort(400)
    emailing.take_back(desk_of(current_app), number)
    return Response(status=204)


def _waiting() -> emailing.Waiting:
    found: emailing.Waiting = current_app.extensions.setdefault("desk-mail", emailing.Waiting())
    return found


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(400)
    return body


def _text(body: dict[str, Any], name: str) -> str:
    """A text that may be left out; 400 for anything else."""
    found = body.get(name, "")
    if not isinstance(found, str):
        abort(400)
    return found.strip()
