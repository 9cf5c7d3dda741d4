"""New handout: the form, the pages beside it, print and save."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, render_template, request

from handouts.codes import format_code
from handouts.desk import making
from handouts.desk.choices import (
    choices_of,
    clinicians,
    clinics,
    languages,
    last_typed,
    presets,
    printers,
    topic_for_staff,
    topic_names,
    topics,
)
from handouts.desk.forms import Fields, one
from handouts.desk.library_words import in_words
from handouts.desk.pictures import page_picture
from handouts.desk.preview import Previewer, Wait
from handouts.desk.state import Desk, desk_of
from handouts.desk.windows import Windows, shown
from handouts.errors import HandoutError
from handouts.load.requests import load_preset
from handouts.model.language import ORIGINAL

blueprint = Blueprint("handout", __name__)


def _desk() -> Desk:
    return desk_of(current_app)


def _windows() -> Windows:
    found: Windows = current_app.extensions.setdefault("desk-windows", Windows())
    return found


def _previewer() -> Previewer:
    found: Previewer = current_app.extensions.setdefault("desk-previewer", Previewer(_desk()))
    return found


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("window"), str) or len(body["window"]) > 64:
        abort(400)
    return body


def fields_of(body: dict[str, Any]) -> Fields:
    """The form's fields in a script's request; 400 for anything else."""
    fields = body.get("fields")
    if not isinstance(fields, dict):
        abort(400)
    if not all(isinstance(given, list) and all(isinstance(value, str) for value in given) for given in fields.values()):
        abort(400)
    return fields


@blueprint.get("/")
def show() -> str:
    """The form, empty; with a topic and a side where the address says so, as a link of `infobutton` does."""
    known, chosen = dict(topics(_desk())), request.args.get("topic", "")
    if chosen not in known:
        return form_page()
    side = request.args.get("side", "")
    data = {"topic": chosen} | ({"side": side} if side in _desk().library(chosen).topic.file.sides else {})
    return form_page({"replaces": "", "again": "", "data": data})


def form_page(start: Mapping[str, Any] | None = None) -> str:
    """The form. ``start``: what it begins with, see `start.js`; of a patient only what the health record has, and then
    in no address.
    """
    desk = _desk()
    return render_template(
        "handout.html.j2",
        window=secrets.token_urlsafe(12),
        topics=topic_names(desk),
        clinics=clinics(desk),
        presets=presets(desk),
        languages=languages(desk),
        clinicians=clinicians(desk),
        last=last_typed(desk),
        files=current_app.extensions["desk-records"],
        start=start,
    )


@blueprint.get("/handout/topic/<name>")
def topic(name: str) -> str:
    """What the form asks about one topic, with next steps in the language of the handout."""
    desk = _desk()
    if name not in dict(topics(desk)):
        abort(404)
    language = request.args.get("language", ORIGINAL)
    topic, printed = desk.library(name).topic, None
    if language != ORIGINAL and language in dict(languages(desk)):
        with contextlib.suppress(HandoutError):  # the preview tells what is missing
            printed = desk.library(name, language=language).topic
    return render_template("topic.html.j2", topic=choices_of(topic, printed, topic_for_staff(desk, name)))


@blueprint.get("/handout/preset/<clinic>/<name>")
def preset(clinic: str, name: str) -> Response:
    """What a clinic's preset fills in."""
    if (clinic, name) not in presets(_desk()):
        abort(404)
    return jsonify(load_preset(_desk().content, clinic, name))


@blueprint.get("/handout/printers")
def list_printers() -> Response:
    """The printers of this machine, the usual one first; none without CUPS, and why."""
    return jsonify(printers(request.args.get("clinic") or None, _desk()))


@blueprint.post("/handout/preview")
def preview() -> Response:
    """The pages of what was typed so far: their number and what is wrong. Only the newest of a window stays."""
    body, desk = _body(), _desk()
    number = body.get("number")
    if not isinstance(number, int):
        abort(400)
    window = _windows().get(body["window"], desk.now())
    if number < window.number:
        return jsonify(number=number, late=True)
    wait: Wait = body["wait"] if body.get("wait") in {"front", "whole"} else "soon"
    made = _previewer().look(making.read(desk, fields_of(body)), wait)
    if not shown(window, number, made):
        return jsonify(number=number, late=True)
    return jsonify(
        number=number,
        shows=made.pdf is not None,
        waits=made.waits,
        whole=made.whole,
        pages=made.pages,
        sheets=[asdict(sheet) for sheet in made.sheets],
        notices=[{"about": notice.about, "text": in_words(notice.text)} for notice in made.notices],
        faults=[{"field": fault.field, "message": in_words(fault.message)} for fault in made.faults],
    )


@blueprint.get("/handout/page/<window>/<int:number>/<int:page>/<int:width>")
def page(window: str, number: int, page: int, width: int) -> Response:
    """A page of a window's newest preview, as a picture."""
    found = _windows().find(window, _desk().now())
    if found is None:
        abort(404)
    with found.lock:
        pdf = found.pdfs.get(number)
    if pdf is None:
        abort(404)
    try:
        picture = page_picture(pdf, page, width)
    except IndexError:
        abort(404)
    return Response(picture, mimetype="image/png")


@blueprint.post("/handout/close")
def close() -> Response:
    """The window is gone, or ready for the next patient: forget what it showed."""
    _windows().close(_body()["window"])
    return Response(status=204)


@blueprint.post("/handout/save")
def save() -> Response:
    """The finished PDF, for the browser to save or print."""
    made, pdf = making.save(_desk(), fields_of(_body()))
    response = make_response(pdf)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{made.code}.pdf"'
    response.headers["X-Document-Code"] = format_code(made.code)
    return response


@blueprint.post("/handout/file")
def file_() -> Response:
    """Into the outbox for the clinic's health record."""
    made, number, there = making.file_in_record(_desk(), fields_of(_body()))
    return jsonify(title=format_code(made.code), message=number, there=in_words(there))


@blueprint.post("/handout/print")
def print_() -> Response:
    """Print it in the background; the job tells how it goes. A printer that takes no jobs is told at once."""
    desk, fields = _desk(), fields_of(_body())
    printer, options = making.printer_for(desk, one(fields, "clinic") or None, one(fields, "printer") or None)
    made, _ = making.make_from_form(desk, fields)
    job = making.start_printing(desk, made, printer, options, one(fields, "interpreter") or None)
    return jsonify(job=job.id, title=job.title)


@blueprint.get("/handout/job/<name>")
def job(name: str) -> Response:
    """How a job goes."""
    found = _desk().jobs.get(name)
    if found is None:
        abort(404)
    return jsonify(
        state=found.state,
        title=found.title,
        said=[in_words(line) for line in found.said[-3:]],
        again=found.kept is not None,
    )


@blueprint.post("/handout/again/<name>")
def again(name: str) -> Response:
    """Print the same bytes once more, after a failure."""
    desk = _desk()
    kept = desk.jobs.take(name)
    if kept is None:
        abort(404)
    started = making.start_printing(desk, *kept)
    return jsonify(job=started.id, title=started.title)
