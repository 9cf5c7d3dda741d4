"""The commands about finished handouts: reprint, void, verify, purge."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli.groups import gathered
from handouts.cli.make import build_request, read_argument
from handouts.cli.options import (
    DATA_FLAG,
    RECORD_FLAGS,
    REQUEST_FLAGS,
    Choice,
    Recording,
    choice_flags,
    code_of,
    read_code_key,
    read_pdf,
)
from handouts.cli.output import plural
from handouts.cli.prompts import confirm_deletion
from handouts.codes import format_code
from handouts.errors import HandoutError, Refused
from handouts.record.event import check_line, format_time

if TYPE_CHECKING:
    from handouts.record.verdict import FileVerdict

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
    from handouts.record.status import require_in_record

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
        event = require_in_record(store, code)
    with record.open() as recorder:
        for line in recorder.status(code):
            click.echo(f"Note: {line}. Don't hand it out.", err=True)
        again = remake(recorder, event, made, read_code_key(key_file, record), bind_kept)
        if again.differs and not anyway:
            raise Refused(f"{again.told}\nNothing was written; --anyway writes it even so.")
        if again.differs:
            click.echo(again.told, err=True)
        if to_stdout:
            write(again, sys.stdout.buffer if sys.stdout else None, recorder)
        else:
            write(again, path, recorder, force=force)
            click.echo(str(path))
    if not again.differs:
        click.echo(again.told, err=True)


def _write_texts(code: str, folder: Path, record: Recording) -> None:
    from handouts.datafolder import ARCHIVE
    from handouts.record.archive import Archive
    from handouts.record.reprint import write_texts
    from handouts.record.status import require_in_record

    with record.open_store() as store:
        event = require_in_record(store, code)
    count = write_texts(Archive(record.folder / ARCHIVE), event, folder)
    click.echo(f"{folder}  ({plural(count, 'file')}: the texts of {event.topic} {event.version})")


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
    from handouts.record import voiding
    from handouts.record.status import require_in_record

    code, why = code_of(code), check_line(why, "--why")
    with record.open_store() as store:
        require_in_record(store, code)
    with record.open() as recorder:
        reached = voiding.void(recorder, code, why)
    for line in reached.done():
        click.echo(line, err=True)
    for line in reached.to_get_back():
        click.echo(f"Note: {line[0].lower()}{line[1:]}", err=True)
    click.echo(f"{format_code(code)} is voided. To replace it: make REQUEST --replaces {format_code(code)}")


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
    from handouts.load.library import load_library
    from handouts.record.verdict import judge_file

    pdf = read_pdf(file, "Name a PDF.")
    with record.open_store() as store:
        found = judge_file(store, pdf, partial(load_library, given.content), given.today)
    for label, told in _lines(found):
        click.echo(f"{label:<9} {told}")
    if not found.reliable:
        raise NotOurs("Don't rely on this file: see above.")


def _lines(found: FileVerdict) -> Iterator[tuple[str, str]]:
    file, text = found.file, found.text
    if file.code:
        yield "Document", format_code(file.code)
    yield "File", found.told
    if file.event:
        yield "Made", f"{format_time(file.event.at)} by {file.event.by}"
    if text:
        yield from (("Content", text.content), ("Approved", text.approved), ("Today", text.today))
    for line in found.status:
        yield "Status", line
    if file.codes:
        yield "Holds", plural(len(file.codes), "handout")
    for code, line in found.held:
        yield "Status", f"{format_code(code)}: {line}"


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
