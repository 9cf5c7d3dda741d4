"""The commands that make PDFs: make, blank."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.email_one import Given, mail_one
from handouts.cli.filing import FILING_FLAGS, Filing, file_made
from handouts.cli.groups import Options, all_of, gathered
from handouts.cli.health_record import FHIR_FLAGS, Record, build_from_record
from handouts.cli.mail_options import MAIL_FLAGS, MailOptions
from handouts.cli.options import (
    KEEPING_FLAGS,
    MAKING_FLAGS,
    RECORD_FLAGS,
    REQUEST_FLAGS,
    Choice,
    Keeping,
    Recording,
    RequestData,
    choice_flags,
    code_of,
    read_code_key,
    require_different,
)
from handouts.cli.print import PRINT_FLAGS, Printing, open_print_session
from handouts.cli.prompts import ask_address, ask_request, at_terminal, confirm
from handouts.codes import format_code
from handouts.deliver.mail.address import parse_address
from handouts.deliver.outbox.entries import OPEN
from handouts.errors import Refused, RequestFault
from handouts.load.layers import lay_over
from handouts.model.edition import Edition

if TYPE_CHECKING:
    from handouts.load.yamlfile import Parsed
    from handouts.model.request import Request

_FILE_FLAGS = all_of(
    click.option("-o", "--output", type=click.Path(path_type=Path), help="The PDF; - for standard output. "
                 "Default: the document code with .pdf, in this folder."),
    click.option("--force", is_flag=True, help="Overwrite an existing PDF."),
    click.option("--open", "open_it", is_flag=True, help="Open it in the system's viewer."),
    click.option("--allow-unapproved", is_flag=True, help="Make it even after the text's review date."),
)  # fmt: skip


@dataclass(frozen=True)
class Job(Options):
    """Where a handout goes, and what it is made with; includes `_FILE_FLAGS`."""

    output: Path | None
    force: bool
    open_it: bool
    allow_unapproved: bool
    printing: Printing
    record: Recording
    keeping: Keeping
    filing: Filing

    @property
    def to_stdout(self) -> bool:
        """Whether it goes to standard output."""
        return self.output is not None and str(self.output) == "-"

    def check(self, request: Request, mail: MailOptions | None) -> None:
        """RequestFault for an invalid address; UsageError for options that don't go together. ``mail``: None where it
        is not mailed.
        """
        if mail:
            parse_address(_address(request))
            if self.to_stdout:
                raise click.UsageError("-o - and --email don't go together: the four words go to standard output.")
            require_different({"-o": self.output, "--slip": mail.slip, "--fhir-out": self.filing.fhir_out})
        require_different({"-o": self.output, "--fhir-out": self.filing.fhir_out})
        if self.to_stdout and self.filing.given:
            raise click.UsageError("-o - and --fhir-out or --fhir-post don't go together: they tell what they did.")
        if self.to_stdout and self.printing.print_on is not None:
            raise click.UsageError(
                "-o - and --print don't go together: the result of printing goes to standard output."
            )


@click.command()
@click.argument("request", required=False, metavar="[REQUEST]", shell_complete=completing.files)
@REQUEST_FLAGS
@choice_flags("Replaces those in REQUEST.")
@FHIR_FLAGS
@_FILE_FLAGS
@FILING_FLAGS
@click.option("--email", "email_it", is_flag=True, help="Queue it for patient.email, locked. With this, "
              "--print, --fhir-out or --fhir-post, a file is written only if -o names one.")  # fmt: skip
@MAKING_FLAGS
@MAIL_FLAGS
@PRINT_FLAGS
@KEEPING_FLAGS
@click.pass_obj
@gathered
def make(
    given: Context,
    /,
    request: str | None,
    replaces: str | None,
    choice: Choice,
    health: Record,
    mail: MailOptions,
    job: Job,
) -> None:
    """Make one patient's handout.

    REQUEST is a YAML or JSON file, or - for standard input, which keeps a patient's name out of the shell
    history. Flags override it; a preset fills in what it leaves out. Without REQUEST, at a terminal, the program asks.

    \b
    Examples:
      python generate.py make examples/request.yaml -o handout.pdf
      python generate.py make examples/request.yaml --large-print --paper a4 --open
      python generate.py make examples/request.yaml --email --slip slip.pdf
      python generate.py make examples/request.yaml --print
      python generate.py make examples/request.yaml --language es
      python generate.py make - < request.json
      python generate.py make --fhir record.json --option botox
      python generate.py make
    """
    known = choice.as_request()
    health.check(of_one=True)
    if request is None and not health.given and not at_terminal():
        raise click.UsageError(f"Missing REQUEST: name a YAML or JSON file, or - for standard input. {_least(known)}")
    mail.check()
    if health.given:
        parsed = read_argument(request) if request is not None else None
        data = choice.over(given.content, lay_over(parsed.data if parsed else {}, known))
        wanted = build_from_record(given, health, parsed, data, job.record.folder, by_mail=mail.email_it)
    elif request is None:
        wanted = _ask(given, known, choice, mail)
    else:
        wanted = build_request(given, read_argument(request), known, choice)
    _make(given, wanted, job, mail, replaces=replaces, typed_twice=request is None and not health.given)


def _least(known: RequestData) -> str:
    """What a request has to hold beside the flags."""
    asked = {"topic": "'topic: NAME'", "patient": "'patient: {name: NAME}'", "options": "of a choice 'options: [ID]'"}
    given = {*known, *(["options"] if "sections" in known else [])}  # only instructions have sections
    lacking = [line for key, line in asked.items() if key not in given]
    return f"It needs {', '.join(lacking)}; examples/README.md lists all keys."


def _ask(given: Context, known: RequestData, choice: Choice, mail: MailOptions) -> Request:
    from handouts.load import requests
    from handouts.load.yamlfile import Parsed

    try:
        answers = ask_request(given, choice.over(given.content, known))
        if mail.email_it:
            answers["patient"]["email"] = str(ask_address())
        made = requests.build_request(Parsed(answers, {}, "your answers"))
        confirm(made)
    except click.Abort:
        raise Refused("\nNothing was made.") from None
    return made


@click.command()
@click.argument("topic", shell_complete=completing.topics)
@choice_flags("In the topic's order.")
@_FILE_FLAGS
@PRINT_FLAGS
@RECORD_FLAGS
@KEEPING_FLAGS
@click.pass_obj
@gathered
def blank(given: Context, /, choice: Choice, job: Job) -> None:
    """Make a handout with lines to write on instead of a patient's details.

    For days when the computers are down, and for the clinic's website.

    \b
    Example:
      python generate.py blank hemifacial-spasm --option botox --option no-treatment -o blank.pdf
    """
    from handouts.load.yamlfile import Parsed

    if not choice.options:
        raise click.UsageError("Name at least one option, such as --option botox.")
    known = choice.as_request() | {"patient": {"name": "blank"}}
    wanted = build_request(given, Parsed({}, {}, "flags"), known, choice)
    _make(given, wanted, job)


def read_argument(request: str) -> Parsed:
    """Read the named request; - for standard input. RequestFault."""
    from handouts.load.requests import read_request, read_stream, read_text

    if request == "-":
        if sys.stdin is None:  # when the shell closed it
            raise RequestFault("Standard input is closed. Name the request's file instead of -.")
        return read_request(read_stream(sys.stdin.buffer, "the request on standard input"), "request")
    return read_request(read_text(Path(request)), Path(request).name)


def build_request(given: Context, parsed: Parsed, known: RequestData, choice: Choice) -> Request:
    """The request, overridden by ``known`` and completed from the preset. RequestFault, ContentFault."""
    from handouts.load import requests

    data = choice.over(given.content, lay_over(parsed.data, known))
    return requests.build_request(replace(parsed, data=data))


def _make(
    given: Context,
    request: Request,
    job: Job,
    mail: MailOptions | None = None,
    *,
    replaces: str | None = None,
    typed_twice: bool = False,
) -> None:
    """``mail``: None for a blank sheet."""
    from handouts import pipeline
    from handouts.deliver.files import PDF_START, check_target, open_in_viewer
    from handouts.load.library import load_library

    by_mail = mail is not None and mail.email_it
    job.check(request, mail if by_mail else None)
    job.filing.check(given, request, force=job.force)
    if job.output and not job.to_stdout:
        check_target(job.output, force=job.force, start=PDF_START)
    code = code_of(replaces, "--replaces") if replaces else None
    edition = Edition(mail is None, code, job.allow_unapproved, approved_only=by_mail)
    key, cache = read_code_key(job.keeping.key_file, job.record), job.keeping.sheets()
    library = load_library(
        given.content, request.topic, request.clinic, language=request.language, with_english=request.with_english
    )
    session = open_print_session(given, request.clinic, job.printing, job.record)
    with job.record.open() as recorder:
        made = pipeline.make(
            library, request, key=key, today=given.today, recorder=recorder, cache=cache, edition=edition
        )
        for notice in (*made.notices, *_waiting(code, job.record)):
            click.echo(f"Note: {notice}", err=True)
        if job.to_stdout:
            pipeline.write(made, sys.stdout.buffer if sys.stdout else None, recorder)
            return
        elsewhere = by_mail or session or job.filing.given
        path = None if elsewhere and job.output is None else job.output or Path(f"{made.code}.pdf")
        if path:
            pipeline.write(made, path, recorder, force=job.force)
            click.echo(str(path))
    if mail and by_mail:
        from handouts.deliver.mail.calendar_file import entry_of

        to, whom = parse_address(_address(request)), made.document.patient
        item = Given(
            made.pdf, made.code, library.clinic.id, to, whom,
            known=typed_twice, document=made.document, appointment=entry_of(request), language=request.language,
        )  # fmt: skip
        mail_one(given, item, mail, job.record)
    if job.filing.given:
        file_made(given, made, library, request, job.filing, job.record, force=job.force, mailed=by_mail)
    if session:
        with job.record.open() as recorder:
            session.print_made(made.pdf, made.document, recorder)
    if path and job.open_it:
        open_in_viewer(path)


def _waiting(code: str | None, record: Recording) -> Iterator[str]:
    """Notes on unsent messages of a document that is being replaced."""
    if code is None:
        return
    with record.open_outbox() as outbox:
        for entry in outbox.of_code(code):
            if entry.state in OPEN:
                yield f"Message {entry.id} with {format_code(code)} is still in the outbox: `outbox cancel {entry.id}`?"


def _address(request: Request) -> str:
    if request.patient.email is None:
        raise RequestFault("--email needs 'patient.email' in the request.")
    return request.patient.email


COMMANDS = (make, blank)
