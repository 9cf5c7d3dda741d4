"""The commands about finished handouts: reprint, void, verify, purge."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli.make import build_request, read_argument
from handouts.cli.options import (
    DATA_FLAG,
    RECORD_FLAGS,
    REQUEST_FLAGS,
    Choice,
    Recording,
    choice_flags,
    code_of,
    gathered,
    read_code_key,
    read_pdf,
)
from handouts.cli.output import plural
from handouts.cli.prompts import confirm_deletion
from handouts.codes import format_code
from handouts.errors import ContentFault, HandoutError, Refused, RequestFault
from handouts.record.event import check_line, format_time

if TYPE_CHECKING:
    from handouts.record.event import Event
    from handouts.record.recorder import FolderRecorder

_KEY_FLAG = click.option(
    "--key-file", type=click.Path(path_type=Path, dir_okay=False), help="The original key for document codes."
)


class NotOurs(HandoutError):
    """The file should not be relied on."""

    exit_code = 8


@click.command()
@click.argument("code")
@click.option("--request", metavar="FILE", help="The original request, or - for standard input.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The PDF; - for standard output. "
              "Default: its code with .pdf.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite an existing PDF.")
@click.option("--anyway", is_flag=True, help="Write it even if its bytes differ from the original.")
@click.option("--texts", type=click.Path(path_type=Path), metavar="FOLDER", help="Write the original texts into a new "
              "folder instead; needs no request.")  # fmt: skip
@REQUEST_FLAGS
@choice_flags("As given originally.")
@_KEY_FLAG
@RECORD_FLAGS
@click.pass_obj
@gathered
def reprint(
    given: Context,
    /,
    code: str,
    request: str | None,
    output: Path | None,
    force: bool,
    anyway: bool,
    texts: Path | None,
    key_file: Path | None,
    choice: Choice,
    record: Recording,
) -> None:
    """Make a past handout again, from the original pages.

    The program keeps no patient details: give the request (and flags) that it was made from. It says whether the
    bytes are the same, or exactly what differs.

    \b
    Examples:
      python generate.py reprint FHK8-Z5DW-14K --request examples/request.yaml -o again.pdf
      python generate.py reprint FHK8-Z5DW-14K --texts texts-of-then

    Exit codes: 4 when the request is a different one; 8 when the bytes differ from the original, or its pages are not
    kept.
    """
    from handouts.deliver.files import PDF_START, check_target
    from handouts.pipeline import bind_kept
    from handouts.record.reprint import remake, write

    code = code_of(code)
    if texts:
        _write_texts(code, texts, record)
        return
    if request is None:
        raise click.UsageError("Missing --request: the request that it was made from.")
    made = build_request(given, read_argument(request), choice.as_request(), choice)
    path = output or Path(f"{code}.pdf")
    to_stdout = str(path) == "-"
    if not to_stdout:
        check_target(path, force=force, start=PDF_START)
    with record.open_store() as store:
        event = _require_known(store.made(code), code)
    with record.open() as recorder:
        for line in recorder.status(code):
            click.echo(f"Note: {line}. Don't hand it out.", err=True)
        again = remake(recorder, event, made, read_code_key(key_file, record), bind_kept)
        if again.differs and not anyway:
            raise Refused(_describe_differences(again.differs) + "\nNothing was written; --anyway writes it even so.")
        if again.differs:
            click.echo(_describe_differences(again.differs), err=True)
        if to_stdout:
            write(again, sys.stdout.buffer if sys.stdout else None, recorder)
        else:
            write(again, path, recorder, force=force)
            click.echo(str(path))
    if not again.differs:
        click.echo(f"The same bytes as on {format_time(event.at)} (SHA-256 {event.made}).", err=True)


def _write_texts(code: str, folder: Path, record: Recording) -> None:
    from handouts.datafolder import ARCHIVE
    from handouts.record.archive import Archive
    from handouts.record.reprint import write_texts

    with record.open_store() as store:
        event = _require_known(store.made(code), code)
    count = write_texts(Archive(record.folder / ARCHIVE), event, folder)
    click.echo(f"{folder}  ({plural(count, 'file')}: the texts of {event.topic} {event.version})")


def _require_known(event: Event | None, code: str) -> Event:
    if event is None:
        raise RequestFault(f"{format_code(code)} is not in the record. Is it in another folder (--data)?")
    return event


def _describe_differences(lines: tuple[str, ...]) -> str:
    return "The bytes differ from the original. What differs:\n" + "\n".join(f"  {line}" for line in lines)


@click.command()
@click.argument("code")
@click.option("--why", required=True, metavar="TEXT", help="The reason; no patient's name.")
@RECORD_FLAGS
@gathered
def void(code: str, why: str, record: Recording) -> None:
    """Mark a handout as given in error.

    From then on it is not printed, mailed or made again, and its waiting messages are cancelled; `verify`
    and `record show` say so. Make the right one with `make --replaces CODE`.

    \b
    Example:
      python generate.py void FHK8-Z5DW-14K --why "wrong side"
    """
    code, reason = code_of(code), check_line(why, "--why")
    with record.open_store() as store:
        before = _require_known(store.made(code), code)
    with record.open() as recorder:
        for line in recorder.status(code):
            if line.startswith("Voided"):
                raise Refused(f"{format_code(code)}: {line[0].lower()}{line[1:]}. Nothing was changed.")
        withdrawn = _withdraw(code, recorder)  # first: else a run between the two would send it
        recorder.add_voided(before, reason)
        given_out = [event for event in recorder.store.of_code(code) if event.what in {"printed", "sent"}]
    for line in withdrawn:
        click.echo(line, err=True)
    for event in given_out:
        click.echo(
            f"Note: it was {event.what} on {format_time(event.at)}. Ask for it back, or inform the patient.", err=True
        )
    click.echo(f"{format_code(code)} is voided. To replace it: make REQUEST --replaces {format_code(code)}")


def _withdraw(code: str, recorder: FolderRecorder) -> list[str]:
    """Cancel a document's waiting messages; returns what the staff should know."""
    with recorder.open_outbox() as outbox:
        gone = outbox.withdraw(code, "its document was voided", time.time())
        leaving = [entry for entry in outbox.of_code(code) if entry.state == "sending"]
    lines = [f"Message {entry.id}: cancelled{_MAY_HAVE if entry.state == 'unknown' else ''}." for entry in gone]
    return lines + [f"Message {entry.id} is being sent right now and can't be stopped." for entry in leaving]


_MAY_HAVE = "; it may have arrived: ask the patient"


@click.command()
@click.argument("file", metavar="FILE.pdf", type=click.Path(path_type=Path, dir_okay=False))
@DATA_FLAG
@click.pass_obj
@gathered
def verify(given: Context, /, file: Path, record: Recording) -> None:
    """Check whether FILE.pdf is one of ours and unchanged, which text it came from, and whether that is current.

    \b
    Example:
      python generate.py verify handout.pdf

    Exit code 8 when it is not ours, was changed, voided or replaced.
    """
    from handouts.record.status import describe_status, identify_file

    pdf = read_pdf(file, "Name a PDF.")
    with record.open_store() as store:
        found = identify_file(store, pdf)
        if found.code:
            click.echo(f"Document  {format_code(found.code)}")
        click.echo(f"File      {_FILE[found.kind]}")
        troubles = [] if found.kind in {"made", "delivered", "bound"} else ["the record does not know this file"]
        if found.event:
            click.echo(f"Made      {format_time(found.event.at)} by {found.event.by}")
            for line in _content_lines(given, found.event):
                click.echo(line)
        if found.code:
            for line in describe_status(store, found.code):
                click.echo(f"Status    {line}")
                troubles.append(line)
        if found.codes:
            click.echo(f"Holds     {plural(len(found.codes), 'handout')}")
        for code in found.codes:
            for line in describe_status(store, code):
                click.echo(f"Status    {format_code(code)}: {line}")
                troubles.append(line)
    if troubles:
        raise NotOurs("Don't rely on this file: see above.")


_FILE = {
    "made": "one of ours, unchanged",
    "delivered": "one of ours, unchanged, as mailed",
    "bound": "a print file, unchanged since it was printed",
    "changed": "CHANGED: the document is ours, but the bytes are not. It was edited, or printed to a new PDF",
    "unknown": "not in this record: not ours, changed and locked, made elsewhere, or older than the record",
}


def _content_lines(given: Context, event: Event) -> Iterator[str]:
    """Whether a document's text was approved, and is still the current one."""
    from handouts.authoring.summary import describe_approval
    from handouts.load.library import load_library
    from handouts.merge.approval import file_states

    yield f"Content   {event.topic} {event.version}, for the clinic {event.clinic}"
    yield f"Approved  {_approval_at(event, given.today)}"
    try:
        library = load_library(given.content, event.topic or "", event.clinic)
    except (RequestFault, ContentFault):
        yield "Today     this topic or clinic no longer exists, or can't be read"
        return
    now = library.topic.file.version
    state = describe_approval(file_states(library.topic, given.today))
    if library.digest == event.content:
        yield f"Today     still current; {state}"
    elif now != event.version:
        yield f"Today     no longer current: the text is {now} now"
    else:
        yield "Today     no longer current: text, clinic, page or fonts have changed"


def _approval_at(event: Event, today: date) -> str:
    if event.approved_until is None:
        return "not when it was made, or not all of it; its pages say so"
    past = "; that day has passed" if today.isoformat() > event.approved_until else ""
    return f"when it was made, until {event.approved_until}{past}"


@click.command()
@click.option("--older-than", "days", type=click.IntRange(0), required=True, metavar="DAYS", help="Days since the "
              "file's last change.")  # fmt: skip
@click.option("-d", "--directory", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder of the PDFs; its subfolders are left alone.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Don't ask.")
def purge(days: int, directory: Path, yes: bool) -> None:
    """Delete old handouts from a folder: PDFs that carry a document code of ours, and nothing else.

    Print files, run sheets and slips carry none: check them by hand. Their names are shown; other PDFs are
    counted.

    \b
    Example:
      python generate.py purge --older-than 30 -d out/list
    """
    from handouts.deliver.identify import is_our_name
    from handouts.deliver.old_files import find_old, remove

    found = find_old(directory, time.time() - days * 86400)
    if found.others:
        ours = [path.name for path in found.others if is_our_name(path.name)]
        names = ", ".join(ours[:10]) + (" ..." if len(ours) > 10 else "")
        told = f"; to check by hand: {names}" if ours else ""
        click.echo(f"Note: left alone: {plural(len(found.others), 'other PDF')}{told}", err=True)
    if found.old and not yes:
        confirm_deletion(f"Delete {plural(len(found.old), 'handout')} for good?")
    click.echo(f"{plural(remove(found.old), 'handout')} deleted.")


COMMANDS: tuple[click.Command, ...] = (reprint, void, verify, purge)
