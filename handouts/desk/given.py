"""Given: what a patient was given, the story of a document, whether a file is ours; void, replace, make again.

Whatever names a patient or a document is posted, and answered at once: none of it is in an address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from handouts.codes import format_code, parse_code
from handouts.desk import again
from handouts.desk.documents import check_file, document, latest, rows
from handouts.desk.forms import Fields
from handouts.desk.handout import fields_of, form_page
from handouts.desk.library_words import around, in_words, said_of
from handouts.desk.state import Desk, desk_of
from handouts.desk.words import N_, _
from handouts.errors import HandoutError, OutputFault, Refused, RequestFault
from handouts.lists.typed import Unclear, typed_day
from handouts.load.library import load_clinic
from handouts.model.recorder import Whom
from handouts.record.finding import NAME_ALONE, find_given, is_identified
from handouts.record.recorder import open_store, open_store_if_any
from handouts.record.reprint import OtherRequest
from handouts.record.status import require_in_record
from handouts.record.voiding import void

blueprint = Blueprint("given", __name__, url_prefix="/given")
NO_CODE = N_("This is no document code; a character is wrong or missing. It stands at the foot of every page.")


@dataclass(frozen=True)
class Asked:
    """Whom somebody asks about, as typed; ``faults``: what is wrong, by field."""

    name: str = ""
    birth_date: str = ""
    number: str = ""
    whom: Whom | None = None
    faults: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Asked(...)"


def read_asked(desk: Desk) -> Asked:
    """The form about a patient."""
    name, typed, number = (request.form.get(key, "").strip() for key in ("name", "birth_date", "number"))
    faults: dict[str, str] = {}
    born: date | None = None
    if typed:
        order = load_clinic(desk.content, None).date_order
        try:
            born = date.fromisoformat(typed_day(typed, birth=True, order=order, today=desk.today()))
        except Unclear as why:
            faults["birth_date"] = said_of(_("Date of birth"), f"{why}.")
    whom = Whom(name, born, number or None)
    if not faults and not is_identified(whom):
        if name:
            typing = N_("%(why)s: type the date of birth or the record number as well.")
            faults["birth_date"] = around(typing, why=NAME_ALONE)
        else:
            faults["name"] = _("Type the name with the date of birth, or the record number.")
    return Asked(name, typed, number, whom, faults)


def _page(status: int = 200, **over: Any) -> Response:
    """The screen, with what was asked and found."""
    blank: dict[str, Any] = {
        "asked": Asked(), "found": None, "code": "", "code_fault": "", "file_fault": "", "checked": None, "latest": ()
    }  # fmt: skip
    return make_response(render_template("given.html.j2", **(blank | over)), status)


@blueprint.get("")
def show() -> Response:
    """What can be asked, and the latest documents."""
    return _page(latest=latest(desk_of(current_app)))


@blueprint.get("/<path:question>")
def answered(question: str) -> Any:  # noqa: ARG001  a name that Flask asks for
    """The address of an answer, without its question."""
    return redirect(url_for("given.show"))


@blueprint.post("/find")
def find() -> Response:
    """Everything that a patient was given."""
    desk = desk_of(current_app)
    asked = read_asked(desk)
    if asked.faults or asked.whom is None:
        return _page(422, asked=asked)
    with open_store_if_any(desk.data) as store:
        if store is None:
            return _page(asked=asked, found={"rows": [], "unseen": ""})
        found = find_given(store, asked.whom)
        return _page(asked=asked, found={"rows": rows(desk, store, found.events), "unseen": found.unseen})


@blueprint.post("/document")
def look_up() -> Response:
    """The story of a document."""
    return _document(request.form.get("code", ""))


def _document(typed: str, status: int = 200, **over: Any) -> Response:
    code = parse_code(typed)
    if code is None:
        return _page(422, code=typed, code_fault=_(NO_CODE) if typed.strip() else _("Type a document code."))
    shown = document(desk_of(current_app), code)
    if shown is None:
        fault = _(
            "%(code)s is not in this record: it was made elsewhere, or before the record began.", code=format_code(code)
        )
        return _page(404, code=format_code(code), code_fault=fault)
    blank: dict[str, Any] = {
        "asking": False, "why": "", "why_fault": "", "done": (), "wrong": "", "again": None, "file_fault": ""
    }  # fmt: skip
    return make_response(render_template("given-document.html.j2", shown=shown, **(blank | over)), status)


@blueprint.post("/check")
def check() -> Response:
    """Whether a PDF is ours, unchanged and current."""
    pdf = _uploaded()
    if not pdf:
        return _page(422, file_fault=_("Choose a PDF first."))
    if b"%PDF-" not in pdf[:1024]:
        return _page(422, file_fault=_("This file is no PDF."))
    return _page(checked=check_file(desk_of(current_app), pdf))


def _uploaded() -> bytes:
    """The file that was sent; its name may be a patient's, and nobody looks at it."""
    sent = request.files.get("file")
    return sent.read() if sent else b""


@blueprint.post("/void")
def void_() -> Response:
    """Ask for the reason; with one, void the document."""
    desk, typed = desk_of(current_app), request.form.get("code", "")
    code, why = parse_code(typed), request.form.get("why")
    if code is None or why is None:
        return _document(typed, asking=True)
    try:
        with desk.recorder() as recorder:
            reached = void(recorder, code, why)
    except (RequestFault, OutputFault) as fault:  # the question stays open, with what was typed
        status = 422 if isinstance(fault, RequestFault) else 507
        return _document(typed, status, asking=True, why=why, why_fault=in_words(fault.message))
    except Refused as fault:
        return _document(typed, 409, wrong=fault.message)
    done = (_("%(code)s is voided.", code=format_code(code)), *reached.done(), *reached.to_get_back())
    return _document(typed, done=done)


@blueprint.post("/again")
def make_again() -> Response:
    """Whether the document can be made again from a request, with the same bytes."""
    typed, sent = request.form.get("code", ""), _uploaded()
    code = parse_code(typed)
    if code is None:
        return _document(typed)
    if not sent:
        return _document(typed, 422, file_fault=_("Choose the request or the list first."))
    try:
        desk = desk_of(current_app)
        found = again.look(desk, code, again.from_file(desk, code, sent))
    except HandoutError as fault:
        return _document(typed, 422, file_fault=in_words(fault.message))
    return _document(typed, again=found)


@blueprint.post("/again/pdf")
def give_again() -> Response:
    """The document once more, for the browser to save or print; recorded first."""
    code = parse_code(request.form.get("code", ""))
    if code is None:
        return _document("")
    wanted = again.from_page(request.form.get("request", ""))
    return _pdf(code, again.give(desk_of(current_app), code, wanted))


@blueprint.post("/replace")
def replace() -> Any:
    """The form of a new handout, with the code of the document that it replaces."""
    code = parse_code(request.form.get("code", ""))
    if code is None:
        return _document("")
    return form_page({"replaces": format_code(code), "again": "", "data": {}})


@blueprint.post("/again/form")
def fill_again() -> Any:
    """The form, with what the record knows of the document that is to be made again."""
    desk, code = desk_of(current_app), parse_code(request.form.get("code", ""))
    if code is None:
        return _document("")
    with open_store(desk.data) as store:
        event = require_in_record(store, code)
    return form_page(again.start_of(desk, event))


@blueprint.post("/again/compare")
def compare() -> Response:
    """Whether what was typed makes the document of then; where it differs, at its fields."""
    code, fields = _typed_again()
    try:
        desk = desk_of(current_app)
        found = again.look(desk, code, again.from_form(desk, fields))
    except OtherRequest as fault:
        fields_then = [{"field": key, "message": _("It was not this then.")} for key in fault.keys]
        return make_response(jsonify(error=in_words(fault.message), fields=fields_then), 422)
    return jsonify(same=found.same, told=[in_words(line) for line in found.told])


@blueprint.post("/again/save")
def save_again() -> Response:
    """The same, for the browser to save or print; recorded first."""
    code, fields = _typed_again()
    desk = desk_of(current_app)
    return _pdf(code, again.give(desk, code, again.from_form(desk, fields)))


def _typed_again() -> tuple[str, Fields]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or (code := parse_code(str(body.get("code")))) is None:
        abort(400)
    return code, fields_of(body)


def _pdf(code: str, pdf: bytes) -> Response:
    response = make_response(pdf)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{code}.pdf"'
    response.headers["X-Document-Code"] = format_code(code)
    return response
