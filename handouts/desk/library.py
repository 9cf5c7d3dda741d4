"""The library: every topic, its sheets as they are printed, what `check` finds; approving with the pages in view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from handouts.authoring.approvals import ChangedMeanwhile, describe_approval, record_approvals
from handouts.authoring.summary import SheetState, TopicSummary, summaries, summarize
from handouts.check import text_findings
from handouts.desk.approving import Considered, Typed, consider, read_typed, reason_not_to, usual_until
from handouts.desk.guard import door_of
from handouts.desk.measuring import Measuring
from handouts.desk.pictures import page_picture
from handouts.desk.roles import needs
from handouts.desk.shelf import STATES, FileRow, Pages, Shelf, about, file_rows, people, sort_found, usual_files
from handouts.desk.state import Desk, desk_of
from handouts.desk.words import say_date
from handouts.errors import ContentFault
from handouts.load.library import topic_ids
from handouts.model.content import Library

blueprint = Blueprint("library", __name__, url_prefix="/library")


def _desk() -> Desk:
    return desk_of(current_app)


def _shelf() -> Shelf:
    found: Shelf = current_app.extensions.setdefault("desk-shelf", Shelf(_desk()))
    return found


def _measuring() -> Measuring:
    return _desk().measuring


def _library(topic: str) -> Library:
    """A topic that is there; 404 for any other name, such as one that leads elsewhere."""
    if topic not in topic_ids(_desk().content):
        abort(404)
    return _desk().library(topic)


@dataclass(frozen=True)
class _Shown:
    """A sheet of a topic."""

    library: Library
    summary: TopicSummary
    sheet: SheetState


def _sheet(topic: str, name: str) -> _Shown:
    library = _library(topic)
    summary = summarize(library, _desk().today())
    sheet = summary.sheet(name)
    if sheet is None:
        abort(404)
    return _Shown(library, summary, sheet)


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {"states": STATES}


def _in_words(day: date) -> str:
    """Such as November 22, 2027: there are no two readings."""
    return say_date(day)


@blueprint.app_template_filter("day")
def _on_one_line(day: date) -> str:
    return _in_words(day).replace(" ", "\N{NO-BREAK SPACE}")


@blueprint.get("")
def show() -> str:
    """The table of topics."""
    desk = _desk()
    topics = summaries(desk.content, desk.today())
    return render_template("library.html.j2", topics=topics, describe=describe_approval)


@blueprint.get("/<topic>")
def show_topic(topic: str) -> str:
    """A topic's sheets, small, and what `check` finds."""
    desk, library = _desk(), _library(topic)
    today, measured = desk.today(), _measuring().found(topic)
    _shelf().begin(library, today)
    found = text_findings(desk.content, [topic], today) + (measured.findings() if measured else [])
    return render_template(
        "library-topic.html.j2",
        topic=summarize(library, today),
        library=library,
        describe=describe_approval,
        found=sort_found(found),
        measured=measured,
        seen=_seen(library),
    )


@blueprint.post("/<topic>/pages/measure")
def measure(topic: str) -> AnyResponse:
    """Begin to measure the pages."""
    _library(topic)
    _measuring().begin(topic, _desk().today())
    return redirect(url_for(".show_topic", topic=topic, _anchor="findings"), 303)


@blueprint.get("/<topic>/pages/measured")
def measured(topic: str) -> Response:
    """How far that is."""
    _library(topic)
    found = _measuring().found(topic)
    return jsonify(runs=found is not None and found.runs, done=found.done if found else 0, of=found.of if found else 0)


@blueprint.get("/<topic>/<sheet>")
def show_sheet(topic: str, sheet: str) -> str:
    """A sheet's pages, the files that it prints from, and the form to approve them."""
    shown = _sheet(topic, sheet)
    rows = file_rows(shown.library.topic, shown.summary, shown.sheet)
    until = _in_words(usual_until(shown.library.topic, _desk().today()))
    typed = Typed(usual_files(rows), {}, "", "", until)
    return _page(shown, rows, typed, Considered(), recorded=request.args.get("recorded", 0, int))


@blueprint.post("/<topic>/<sheet>")
@needs("approve")
def approve(topic: str, sheet: str) -> AnyResponse | str:
    """Run the gates and ask; with a yes to the question, record exactly what was looked at."""
    desk, shown = _desk(), _sheet(topic, sheet)
    typed = read_typed(request.form.to_dict(flat=False))
    rows = file_rows(shown.library.topic, shown.summary, shown.sheet)
    considered = consider(desk, shown.library, shown.sheet.files, typed, _measuring())
    if considered.question and request.form.get("answer") == "yes":
        try:
            record_approvals(desk.content, topic, considered.question)
        except ChangedMeanwhile as fault:
            considered = Considered(changed=fault.files)
        else:
            recorded = len(considered.question)
            door_of(current_app).note(f"approved {recorded} files of {topic} as {considered.approval.by}", desk.by)
            return redirect(url_for(".show_sheet", topic=topic, sheet=sheet, recorded=recorded), 303)
    return _page(shown, rows, typed, considered)


def _page(shown: _Shown, rows: list[FileRow], typed: Typed, considered: Considered, *, recorded: int = 0) -> str:
    desk, topic = _desk(), shown.library.topic
    today, measured = desk.today(), _measuring().found(topic.id)
    pages, fault = _pages(shown)
    found = about(text_findings(desk.content, [topic.id], today), topic.id, shown.sheet.files)
    names = [sheet.name for sheet in shown.summary.sheets]
    at = names.index(shown.sheet.name)
    return render_template(
        "library-sheet.html.j2",
        topic=shown.summary,
        sheet=shown.sheet,
        library=shown.library,
        before=shown.summary.sheets[at - 1] if at else None,
        after=shown.summary.sheets[at + 1] if at + 1 < len(names) else None,
        number=at + 1,
        rows=rows,
        pages=pages,
        fault=fault,
        found=sort_found([*found, *(measured.findings(shown.sheet.name) if measured else [])]),
        measured=measured,
        reason_not_to=reason_not_to(topic),
        people=people(topic),
        typed=typed,
        considered=considered,
        recorded=recorded,
        seen=_seen(shown.library),
    )


def _pages(shown: _Shown) -> tuple[Pages | None, str]:
    """The sheet's pages, or why they can't be set."""
    try:
        return _shelf().pages(shown.library, shown.sheet.name, _desk().today()), ""
    except ContentFault as fault:
        return None, fault.message


def _seen(library: Library) -> str:
    """Stands for the text that pages show, in the addresses of their pictures."""
    return library.digest[:16]


@blueprint.get("/<topic>/<sheet>/page/<seen>/<int:page>/<int:width>")
def page(topic: str, sheet: str, seen: str, page: int, width: int) -> Response:
    """A page as a picture; 404 once the text is no longer the one that the screen is about."""
    shown = _sheet(topic, sheet)
    if seen != _seen(shown.library):
        abort(404)
    pages = _shelf().pages(shown.library, sheet, _desk().today())
    try:
        return Response(page_picture(pages.pdf, page, width), mimetype="image/png")
    except IndexError:
        abort(404)
