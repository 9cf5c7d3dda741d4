"""The day's list: open a file, edit and choose, then print, mail or save some rows or all of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from handouts.batch.day.giving import slips_in
from handouts.batch.day.memory import WHATS, DayMemory
from handouts.batch.day.settling import settle_all
from handouts.desk import dayjobs, listread, listtold, listview
from handouts.desk.choices import printers
from handouts.desk.library_words import in_words
from handouts.desk.listwindows import ListWindow, ListWindows
from handouts.desk.state import Desk, desk_of
from handouts.desk.words import spoken
from handouts.errors import HandoutError
from handouts.record.recorder import FolderRecorder

blueprint = Blueprint("day_list", __name__, url_prefix="/list")


def _desk() -> Desk:
    return desk_of(current_app)


def _windows() -> ListWindows:
    made = ListWindows()
    found: ListWindows = current_app.extensions.setdefault("desk-lists", made)
    if found is made:
        desk_of(current_app).closing.append(found.stop)
    return found


def _window(name: str) -> ListWindow:
    found = _windows().get(name, _desk().now())
    if found is None:
        abort(make_response(render_template("list-gone.html.j2"), 404))
    return found


@contextlib.contextmanager
def _memory() -> Iterator[tuple[FolderRecorder, DayMemory]]:
    """Record and memory of lists, in this thread; what a killed run left is settled."""
    desk = _desk()
    with desk.recorder() as recorder, DayMemory(desk.data) as memory:
        settle_all(memory, recorder, desk.now(), idle=_windows().idle)
        yield recorder, memory


@blueprint.get("")
def show() -> str:
    """Where a list is dropped, and slips that nobody has deleted yet."""
    return render_template("list.html.j2", slips=_slips(), message="")


def _slips() -> list[str]:
    desk = _desk()
    if not dayjobs.slips_folder(desk).is_dir():
        return []
    with desk.open_outbox() as outbox:
        return [path.stem.removeprefix("slips-") for path in slips_in(dayjobs.slips_folder(desk), outbox)]


@blueprint.post("")
def open_file() -> ResponseReturnValue:
    """A file that was dropped or chosen. What is wrong with it is told where it was dropped."""
    file = request.files.get("file")
    data = file.read() if file else b""
    window = _windows().open(_desk().now())
    window.data = data
    try:
        if not data:
            raise dayjobs.NoFile
        _open(window)
    except HandoutError as fault:
        _windows().close(window.id)
        return render_template("list.html.j2", slips=_slips(), message=in_words(fault.message)), 422
    return redirect(f"/list/{window.id}", 303)


def _open(window: ListWindow) -> None:
    with _memory() as (recorder, memory):
        dayjobs.open_in(window, _desk(), recorder, memory)


def _printers(window: ListWindow) -> Any:
    """Those of the machine when the list was opened, with their states in the language of the request."""
    if spoken() not in window.printers:
        window.printers[spoken()] = printers(None, _desk())
    return window.printers[spoken()]


@blueprint.post("/<name>/answer")
def answer(name: str) -> ResponseReturnValue:
    """Which worksheet, or which order of day and month."""
    window = _window(name)
    given = {key: request.form[key] for key in ("worksheet", "date_order") if key in request.form}
    if given.get("date_order", "dmy") not in {"dmy", "mdy"}:
        abort(400)
    with window.lock:
        if window.opened is None:
            window.how = {**window.how, **given}
            _open(window)
    return redirect(f"/list/{window.id}", 303)


@blueprint.get("/<name>")
def rows(name: str) -> str:
    """The list, or what has to be asked about it."""
    window = _window(name)
    if window.opened is None:
        return render_template("list-ask.html.j2", window=window, dates=[in_words(line) for line in window.names])
    with window.lock, _memory() as (recorder, memory):
        dayjobs.untick_done(window)
        names = listview.Names(_desk())
        shown = listview.rows(window, names, memory, recorder)
    return render_template(
        "list-rows.html.j2",
        window=window,
        about=listread.about(window.opened.found),
        columns=listview.columns(window.opened),
        rows=shown,
        summary=listview.summary(shown),
        printers=_printers(window),
        names=names,
        work=window.work,
        progress=listtold.progress(window.work) if window.work else None,
        plan=dayjobs.asked(window.work) if window.work else None,
        slips=_slips(),
        left_out=dayjobs.LEFT_OUT,
    )


@blueprint.post("/<name>/cell")
def cell(name: str) -> Response:
    """Change one cell; the rows that look otherwise now come back."""
    window, body = _window(name), request.get_json(silent=True)
    match body:
        case {"row": int() as number, "path": str() as path, "text": str() | None as text}:
            pass
        case _:
            abort(400)
    with window.lock:
        opened = dayjobs.idle_list(window)
        before = dayjobs.looks(opened)
        opened.edit(number, path, text)
        changed = [one for one, look in dayjobs.looks(opened).items() if look != before[one] or one == number]
        with _memory() as (recorder, memory):
            names = listview.Names(_desk())
            shown = listview.rows(window, names, memory, recorder)
    found = {
        row.number: render_template("list-row.html.j2", row=row, window=window)
        for row in shown
        if row.number in changed
    }
    return jsonify(rows=found, summary=listview.summary(shown))


@blueprint.post("/<name>/rows")
def do(name: str) -> ResponseReturnValue:
    """Whatever is done with the rows that are ticked: chosen for, printed, mailed, saved."""
    window, form = _window(name), request.form
    wanted = form.get("do", "edit")
    with window.lock:
        opened = dayjobs.idle_list(window)
        ticked = [row for text in form.getlist("row") if (row := dayjobs.row_number(text)) is not None]
        window.chosen = set(ticked)
        for path, text in dayjobs.typed_cells(form).items():
            opened.edit(*path, text)
        if wanted == "choose":
            opened.choose(ticked, dayjobs.choice_in(form), set(form.getlist("leave-out")) & set(dayjobs.LEFT_OUT))
        elif wanted == "unchoose":
            opened.choose(ticked, None)
        elif wanted == "allow":
            dayjobs.allow(window, _desk(), unapproved="allow" in form)
        elif wanted in WHATS:
            dayjobs.start(window, _desk(), wanted, ticked, form)
    return _done(window)


def _done(window: ListWindow) -> ResponseReturnValue:
    """Back to the list; a script looks by itself."""
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return Response(status=204)
    return redirect(f"/list/{window.id}", 303)


@blueprint.get("/<name>/progress")
def progress(name: str) -> Response:
    """How far it is."""
    window = _window(name)
    return jsonify(listtold.progress(window.work) if window.work else {"busy": False, "words": ""})


@blueprint.post("/<name>/stop")
def stop(name: str) -> ResponseReturnValue:
    """Stop after the row that is under way; what was asked is answered with no, and what has ended is hidden."""
    window = _window(name)
    if window.work and window.work.step == "ended":
        window.work = None
    elif window.work:
        window.work.stop()
    return _done(window)


@blueprint.post("/<name>/go-on")
def go_on(name: str) -> ResponseReturnValue:
    """Mail what was asked about."""
    window = _window(name)
    with window.lock:
        if window.work and window.work.step == "asking":
            window.work.go_on()
    return _done(window)


@blueprint.post("/<name>/file")
def file(name: str) -> Response:
    """The print file that was made, into the browser: the record has it before."""
    window = _window(name)
    with window.lock:  # of two who ask at once, one gets all of it
        if window.work is None or window.work.step != "made":
            abort(404)
        made = window.work.save(duplex=dayjobs.is_duplex(_desk()))
    response = make_response(made.pdf)
    response.mimetype = "application/pdf"
    day = f"{_desk().today():%Y-%m-%d}"
    response.headers["Content-Disposition"] = f'attachment; filename="handouts-{day}.pdf"'
    return response


@blueprint.post("/<name>/here")
def here(name: str) -> Response:
    """The window is there (again): reloading a page says that it goes, too."""
    _windows().get(name, _desk().now(), use=False)
    return Response(status=204)


@blueprint.post("/<name>/leave")
def leave(name: str) -> Response:
    """The window goes."""
    _windows().leave(name, _desk().now())
    return Response(status=204)


@blueprint.post("/<name>/close")
def close(name: str) -> ResponseReturnValue:
    """Drop the list."""
    _windows().close(name)
    return redirect("/list", 303)


@blueprint.post("/slips/<number>")
def slips(number: str) -> Response:
    """A file of slips, to be printed and handed over."""
    response = make_response(dayjobs.slips_file(_desk(), number).read_bytes())
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="slips-{number}.pdf"'
    return response


@blueprint.post("/slips/<number>/delete")
def delete_slips(number: str) -> ResponseReturnValue:
    """They are handed over."""
    dayjobs.slips_file(_desk(), number).unlink(missing_ok=True)
    back = request.form.get("back", "")
    return redirect(f"/list/{back}" if back.replace("-", "").replace("_", "").isalnum() else "/list", 303)
