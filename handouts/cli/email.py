"""The command that mails one file: email."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.email_one import Given, mail_one
from handouts.cli.groups import gathered
from handouts.cli.mail_options import MAIL_FLAGS, MailOptions
from handouts.cli.options import Recording, read_pdf, require_different
from handouts.cli.prompts import ask_address, at_terminal
from handouts.codes import format_code, parse_code
from handouts.deliver.mail.address import Address, parse_address
from handouts.errors import Refused, RequestFault


@click.command()
@click.argument("file", required=False, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", metavar="ADDRESS", help="Default: ask for it twice, which keeps it out of the shell history.")
@click.option("--clinic", metavar="NAME", shell_complete=completing.clinics, help="The sending clinic.")
@click.option(
    "--reissue", metavar="CODE", help="The four words were lost: send FILE, which has this code, with new ones."
)
@click.option("--draft", type=click.Path(path_type=Path, dir_okay=False), help="Queue nothing; write an .eml to send "
              "by hand from a mail program.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite an existing draft and slip.")
@click.option("--allow-unapproved", is_flag=True, help="Send unapproved text; its pages say so.")
@click.option("--not-in-record", is_flag=True, help="Send a file that the record does not know, such as one from "
              "another data folder. It counts as unapproved.")  # fmt: skip
@MAIL_FLAGS
@click.pass_obj
@gathered
def email(
    given: Context,
    /,
    file: Path | None,
    to: str | None,
    clinic: str | None,
    reissue: str | None,
    draft: Path | None,
    force: bool,
    allow_unapproved: bool,
    not_in_record: bool,
    mail: MailOptions,
    record: Recording,
) -> None:
    """Put a handout into the outbox, locked with four words.

    FILE is the PDF that `make` wrote. The words are shown once, or written on a slip to hand over; the program does
    not keep them. If they are lost, --reissue sends the file with new ones: give the PDF again, or make it
    again from its request (make REQUEST --email --again), which gives the same pages.

    \b
    Examples:
      python generate.py email handout.pdf --to maria@example.org --slip slip.pdf
      python generate.py email handout.pdf --reissue FHK8-Z5DW-14K
      python generate.py email handout.pdf --draft message.eml

    What FILE says about itself is not trusted: the record decides whether it is unchanged and its text
    was approved.

    Exit codes: 8 for a new address that is not confirmed, for unapproved text, for a changed file, and for one that
    the record does not know.
    """
    mail.check()
    if file is None:
        again = " To get it again: make REQUEST -o FILE, or make REQUEST --email --again." if reissue else ""
        raise click.UsageError(f"Missing FILE: the PDF that `make` wrote.{again}")
    require_different({"FILE": file, "--draft": draft, "--slip": mail.slip})
    pdf = read_pdf(file, "Name the PDF that `make` wrote.")
    code, language = _identify(given, pdf, record, allow_unapproved=allow_unapproved, not_in_record=not_in_record)
    clinic = clinic or _clinic_of(given, code, record)
    address, checked = _address(to)
    item = Given(pdf, code, clinic, address, typed=True, known=checked, draft=draft, force=force, language=language)
    mail_one(given, _reissue(item, reissue, record) if reissue else item, mail, record)


def _identify(
    given: Context, pdf: bytes, record: Recording, *, allow_unapproved: bool, not_in_record: bool
) -> tuple[str, str]:
    """The document code of a file, and its language. Refused for one that differs from the record, is no longer valid,
    or is not approved.
    """
    from handouts.deliver.identify import require_handout
    from handouts.record.status import identify_file, require_approved, require_ours

    [code] = require_handout(pdf).codes
    with record.open() as recorder:
        recorder.require_current(code, "Nothing was queued: a handout that is no longer valid is not mailed.")
        found = identify_file(recorder.store, pdf)
    require_ours(found, "Nothing was queued.", not_in_record=not_in_record)
    if not allow_unapproved:
        require_approved(found, given.today)
    return code, (found.event and found.event.language) or "en"


def _clinic_of(given: Context, code: str, record: Recording) -> str:
    """The clinic that mailed the document before, else the default clinic."""
    from handouts.load.library import default_clinic

    with record.open_outbox() as outbox:
        before = outbox.of_code(code)
    return before[-1].clinic if before else default_clinic(given.content)


def _address(to: str | None) -> tuple[Address, bool]:
    """The address, and whether it has been typed twice."""
    if to is not None:
        return parse_address(to, "--to"), False
    if not at_terminal():
        raise click.UsageError("Missing --to: the patient's address.")
    return ask_address(), True


def _reissue(mail: Given, reissue: str, record: Recording) -> Given:
    """The same with new words, replacing unsent messages with the old ones. RequestFault, Refused."""
    from handouts.deliver.mail.people import was_sent_to

    code = parse_code(reissue)
    if code is None:
        raise RequestFault("--reissue: not a document code; a character is wrong or missing.")
    if code != mail.code:
        raise Refused(f"FILE is {format_code(mail.code)}, not {format_code(code)}. Nothing was queued.")
    with record.open_outbox() as outbox:
        if not outbox.of_code(code):
            raise RequestFault(f"{format_code(code)} was never in this outbox. Leave --reissue out to send it.")
        known = mail.known or was_sent_to(outbox, code, mail.to)
    return replace(mail, known=known, reissue=True)


COMMANDS: tuple[click.Command, ...] = (email,)
