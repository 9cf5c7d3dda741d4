"""A form -> a finished handout: into the browser, or onto paper. The library's own rules hold: event before bytes."""

from __future__ import annotations

import time
from collections.abc import Callable

from handouts.codes import format_code
from handouts.deliver.fhir.queueing import handout_of, prepare_posting
from handouts.deliver.printing.job import Env, PrintOptions
from handouts.deliver.printing.outcome import Printed, describe_printed
from handouts.deliver.printing.scheduler import Scheduler
from handouts.deliver.printing.session import PrintSession, StillQueued, UnrecordedOutcome, find_printer
from handouts.desk.forms import FieldFault, Fields, Form, FormFault, field_faults, one, read_form, to_request
from handouts.desk.jobs import Job
from handouts.desk.preview import PATIENCE, prepare_sheets
from handouts.desk.state import Desk
from handouts.errors import RequestFault, SystemMissing
from handouts.fhir.settings import health_record_of
from handouts.load.library import default_clinic, load_clinic
from handouts.model.edition import Edition
from handouts.model.request import Request
from handouts.pipeline import Made, give_to_browser, make


def read(desk: Desk, fields: Fields) -> Form:
    """The form, dates read in the order that its clinic writes them. FormFault for an unknown clinic."""
    try:
        clinic = load_clinic(desk.content, one(fields, "clinic") or None)
    except RequestFault as fault:
        raise FormFault(field_faults(fault)) from None
    return read_form(fields, order=clinic.date_order, today=desk.today())


def make_from_form(desk: Desk, fields: Fields, *, approved_only: bool = False) -> tuple[Made, Request]:
    """The handout that a form asks for, not given out yet. FormFault; otherwise as `handouts.pipeline.make` raises."""
    form = read(desk, fields)
    if form.faults:
        raise FormFault(form.faults)
    try:
        request = to_request(form)
        edition = Edition(
            form.edition.blank, form.edition.replaces, form.edition.allow_unapproved, approved_only=approved_only
        )
        library = desk.library(request.topic, request.clinic, request.language, with_english=request.with_english)
        prepared, request = prepare_sheets(library, request, desk.today(), edition, form.left_out)
        desk.sheets.begin(library, prepared.handout, prepared.plan)
        if not desk.sheets.wait_for(prepared.plan, dict(prepared.plan.sheets), PATIENCE):
            raise SystemMissing("The pages took too long to set. Nothing was made. Try again.")
        with desk.recorder(form.interpreter) as recorder:
            made = make(
                library, request, key=desk.key, today=desk.today(), recorder=recorder, cache=desk.sheets,
                edition=edition,
            )  # fmt: skip
    except FormFault:
        raise
    except RequestFault as fault:
        raise FormFault(field_faults(fault)) from None
    desk.last = {name: one(fields, name) for name in ("clinician", "visit_date")}
    return made, request


def save(desk: Desk, fields: Fields) -> tuple[Made, bytes]:
    """A handout for the browser to save or print: recorded as handed to it."""
    made, _ = make_from_form(desk, fields)
    with desk.recorder(read(desk, fields).interpreter) as recorder:
        return made, give_to_browser(made, recorder)


def file_in_record(desk: Desk, fields: Fields) -> tuple[Made, int, str]:
    """A handout into the outbox for the clinic's health record: with its number there, and the state of the same one
    that was there already, or "". FormFault without the patient's record number; ContentFault where none is named.
    """
    clinic = one(fields, "clinic") or default_clinic(desk.content)
    record = health_record_of(clinic, load_clinic(desk.content, clinic))
    if not one(fields, "patient.identifier").strip():
        raise FormFault((FieldFault("patient.identifier", "The health record needs the number that it has."),))
    made, request = make_from_form(desk, fields)
    library = desk.library(request.topic, request.clinic)
    handout = handout_of(made.pdf, made.document, library, request, by=desk.by, at=desk.now())
    with desk.open_outbox(made.document) as outbox:
        number, there = outbox.add(prepare_posting(handout, record), desk.now())
    desk.mail.wake()
    return made, number, there


def printer_for(desk: Desk, clinic: str | None, name: str | None) -> tuple[str, PrintOptions]:
    """A printer that takes jobs, and how the clinic prints. SystemMissing without CUPS, HandOverFault without one."""
    file = load_clinic(desk.content, clinic)
    found = find_printer(Scheduler(), file, name)
    return found, PrintOptions(file.print.duplex, file.print.copies, file.print.paper, file.paper, None)


def print_session(
    desk: Desk,
    printer: str,
    options: PrintOptions,
    say: Callable[[str], None],
    done: Callable[[Printed, str], object] = lambda *_: None,
) -> PrintSession:
    """A printer, and what hears of its jobs: ``say`` while they go on, ``done`` when one ended well."""
    env = Env(desk.now, time.monotonic, time.sleep, say)
    return PrintSession(Scheduler(), printer, options, env, done=done)


def start_printing(desk: Desk, made: Made, printer: str, options: PrintOptions, interpreter: str | None) -> Job:
    """Print a finished handout in the background. The job keeps it until it is printed, to do it again."""
    return desk.jobs.start(format_code(made.code), _printing(desk, made, printer, options, interpreter), kept=(
        made, printer, options, interpreter
    ))  # fmt: skip


def _printing(
    desk: Desk, made: Made, printer: str, options: PrintOptions, interpreter: str | None
) -> Callable[[Job], str]:
    def work(job: Job) -> str:
        ended: list[str] = []

        def done(printed: Printed, title: str) -> None:
            ended.append(describe_printed(printed, title))

        session = print_session(desk, printer, options, job.say, done)
        try:
            with desk.recorder(interpreter) as recorder:
                session.print_made(made.pdf, made.document, recorder)
        except (StillQueued, UnrecordedOutcome):
            job.kept = None  # it may come out yet, or has: not twice
            raise
        return ended[0] if ended else "Printed."

    return work
