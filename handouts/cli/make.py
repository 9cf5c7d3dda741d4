"""The commands that make PDFs: make, blank."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.email_one import Given, mail_one
from handouts.cli.event_output import require_current
from handouts.cli.mail_options import MAIL_FLAGS, ask_address, check_mail_flags, open_outbox
from handouts.cli.options import (
    KEEPING_FLAGS,
    REQUEST_FLAGS,
    add_preset,
    all_of,
    cache_folder,
    choice_flags,
    key_of,
    overrides,
)
from handouts.cli.print_session import PRINT_FLAGS, open_print_session
from handouts.cli.prompts import ask_request, at_terminal, confirm
from handouts.cli.recorder import MAKING_FLAGS, RECORD_FLAGS, check_replaced, code_of, open_recorder
from handouts.codes import format_code
from handouts.deliver.files import PDF_START, check_target, is_same_file, open_in_viewer, write_file, write_stream
from handouts.deliver.mail.address import parse_address
from handouts.deliver.mail.entries import OPEN
from handouts.errors import Refused, RequestFault
from handouts.load.layers import lay_over
from handouts.load.library import load_library
from handouts.load.requests import build_request, read_request, read_stream, read_text
from handouts.load.yamlfile import Parsed
from handouts.model.request import Request

_FILE_FLAGS = all_of(
    click.option("-o", "--output", type=click.Path(path_type=Path), help="The PDF; - for standard output. "
                 "Default: the document code with .pdf, in this folder."),
    click.option("--force", is_flag=True, help="Replace the PDF if it is there already."),
    click.option("--open", "open_it", is_flag=True, help="Show it in the system's viewer."),
    click.option("--allow-unapproved", is_flag=True, help="Make it even past the text's review date."),
)  # fmt: skip


_WOULD_BE_THE_SAME = (
    "Nothing was made: the same request makes the same document. Mend the request; or, where only the paper went to "
    "the wrong person, say --replaces {}. `reprint` makes the old one again, for the files."
)


@click.command()
@click.argument("request", required=False, metavar="[REQUEST]", shell_complete=completing.files)
@REQUEST_FLAGS
@choice_flags("Replaces those of REQUEST.")
@_FILE_FLAGS
@click.option("--email", "email_it", is_flag=True, help="Put it into the outbox for patient.email, locked. With this "
              "or --print, a file is written as well only where -o names one.")  # fmt: skip
@MAKING_FLAGS
@MAIL_FLAGS
@PRINT_FLAGS
@KEEPING_FLAGS
@click.pass_context
def make(ctx: click.Context, /, request: str | None, **flags: Any) -> None:
    """Make one patient's handout.

    REQUEST is a YAML or JSON file, or - for standard input, so that a patient's name need not stand in the
    shell's history. Flags lie over it, a preset under it. Without REQUEST, at a terminal, the program asks.

    \b
    Examples:
      python generate.py make examples/request.yaml -o handout.pdf
      python generate.py make examples/request.yaml --large-print --paper a4 --open
      python generate.py make examples/request.yaml --email --slip slip.pdf
      python generate.py make examples/request.yaml --print
      python generate.py make - < request.json
      python generate.py make
    """
    given: Context = ctx.obj
    if request is None and not at_terminal():
        raise click.UsageError("Missing REQUEST: name a YAML or JSON file, or - for standard input.")
    check_mail_flags(flags)
    given_over = overrides(flags)
    if request is not None:
        made = validate_request(given, read_argument(request), given_over, flags["preset"])
    else:
        try:
            answers = ask_request(given, add_preset(given, given_over, flags["preset"]))
            if flags["email_it"]:
                answers["patient"]["email"] = str(ask_address())
            made = build_request(Parsed(answers, {}, "your answers"))
            confirm(made)
        except click.Abort:
            raise Refused("\nNothing was made.") from None
    _make(given, made, {**flags, "typed_twice": request is None}, blank=False)


@click.command()
@click.argument("topic", shell_complete=completing.topics)
@choice_flags("In the topic's order.")
@_FILE_FLAGS
@PRINT_FLAGS
@RECORD_FLAGS
@KEEPING_FLAGS
@click.pass_context
def blank(ctx: click.Context, /, topic: str, **flags: Any) -> None:
    """Make a handout with lines to write on instead of a patient's details.

    For days when the computer is down, and for the clinic's site.

    \b
    Example:
      python generate.py blank hemifacial-spasm --option botox --option no-treatment -o blank.pdf
    """
    given: Context = ctx.obj
    if not flags["options"]:
        raise click.UsageError("Name at least one option, such as --option botox.")
    given_over = overrides(flags) | {"topic": topic, "patient": {"name": "blank"}}
    _make(given, validate_request(given, Parsed({}, {}, "flags"), given_over, None), flags, blank=True)


def read_argument(request: str) -> Parsed:
    """A request that was named, or - for standard input. RequestFault."""
    if request == "-":
        if sys.stdin is None:  # as Python has it where the shell closed it
            raise RequestFault("Standard input is closed. Name the request's file instead of -.")
        return read_request(read_stream(sys.stdin.buffer, "the request on standard input"), "request")
    return read_request(read_text(Path(request)), Path(request).name)


def validate_request(given: Context, parsed: Parsed, flags: dict[str, Any], preset: str | None) -> Request:
    """The request with flags over it and a preset under it. RequestFault, ContentFault."""
    data = add_preset(given, lay_over(parsed.data, flags), preset)
    return build_request(Parsed(data, parsed.lines, parsed.file))


def _make(given: Context, request: Request, flags: dict[str, Any], *, blank: bool) -> None:
    from handouts.pipeline import make as make_handout
    from handouts.typeset.cache import MasterCache

    output: Path | None = flags["output"]
    to_stdout = output is not None and str(output) == "-"
    by_mail = flags.get("email_it", False)
    if by_mail:
        parse_address(_address(request))
        if to_stdout:
            raise click.UsageError("-o - and --email don't go together: the four words are shown on standard output.")
    if to_stdout and flags["print_on"] is not None:
        raise click.UsageError("-o - and --print don't go together: how it went is told on standard output.")
    if output and not to_stdout:
        check_target(output, force=flags["force"], start=PDF_START)
        if flags.get("slip") and is_same_file(output, flags["slip"]):
            raise click.UsageError("-o and --slip name the same file: give each a name of its own.")
    replaces = code_of(flags["replaces"], "--replaces") if flags.get("replaces") else None
    key, kept = key_of(flags), cache_folder(flags)
    library = load_library(given.content, request.topic, request.clinic)
    session = open_print_session(given, request.clinic, flags)
    with open_recorder(flags) as recorder:
        made = make_handout(
            library,
            request,
            key=key,
            today=given.today,
            cache=MasterCache(kept) if kept else None,
            allow_unapproved=flags["allow_unapproved"],
            approved_only=by_mail,
            blank=blank,
            replaces=replaces,
        )
        require_current(recorder.store, made.code, _WOULD_BE_THE_SAME.format(format_code(made.code)))
        event = recorder.made(made, library, request, flags, key, blank=blank, replaces=replaces)
        for notice in (*made.notices, *check_replaced(recorder, event), *_waiting(replaces, flags)):
            click.echo(f"Note: {notice}", err=True)
        if to_stdout:
            recorder.add(event, "stdout")
            write_stream(sys.stdout.buffer if sys.stdout else None, made.pdf)
            return
        path = None if (by_mail or session) and output is None else output or Path(f"{made.code}.pdf")
        if path:
            write_file(path, made.pdf, force=flags["force"], before_name=lambda: recorder.add(event, "file"))
            click.echo(str(path))
    if by_mail:
        _mail(given, request, library.clinic.id, made.pdf, made.code, flags, event)
    if session:
        with open_recorder(flags) as recorder:
            session.print_one(made.pdf, made.code, event, recorder)
    if path and flags["open_it"]:
        open_in_viewer(path)


def _waiting(code: str | None, flags: dict[str, Any]) -> Iterator[str]:
    """What of a document that is replaced has not gone out yet."""
    if code is None:
        return
    with open_outbox(flags["data"]) as outbox:
        for entry in outbox.of_code(code):
            if entry.state in OPEN:
                yield f"Message {entry.id} with {format_code(code)} waits in the outbox: `outbox cancel {entry.id}`?"


def _address(request: Request) -> str:
    if request.patient.email is None:
        raise RequestFault("--email needs 'patient.email' in the request.")
    return request.patient.email


def _mail(
    given: Context, request: Request, clinic: str, pdf: bytes, code: str, flags: dict[str, Any], event: Any
) -> None:
    patient = request.patient
    who = (patient.name, patient.birth_date, patient.identifier)
    to = parse_address(_address(request))
    mail_one(given, Given(pdf, code, clinic, to, who, known=flags["typed_twice"], event=event), flags)


COMMANDS = (make, blank)
