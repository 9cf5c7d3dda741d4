"""The command that mails one file: email."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.email_one import Given, mail_one
from handouts.cli.event_output import require_current
from handouts.cli.mail_options import MAIL_FLAGS, ask_address, check_mail_flags, open_outbox
from handouts.cli.options import read_pdf
from handouts.cli.prompts import at_terminal
from handouts.cli.recorder import open_store_if_any
from handouts.deliver.files import is_same_file
from handouts.errors import Refused, RequestFault


@click.command()
@click.argument("file", required=False, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", metavar="ADDRESS", help="Without it, it is asked for twice; then it stands in no history.")
@click.option("--clinic", metavar="NAME", shell_complete=completing.clinics, help="Who sends it.")
@click.option("--reissue", metavar="CODE", help="The four words were lost: send FILE, of this code, with new ones.")
@click.option("--draft", type=click.Path(path_type=Path, dir_okay=False), help="Queue nothing; write an .eml to send "
              "by hand from a mail program.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace draft and slip if they are there already.")
@click.option("--allow-unapproved", is_flag=True, help="Send it though nobody approved its text; its pages say so.")
@MAIL_FLAGS
@click.pass_obj
def email(given: Context, /, file: Path | None, to: str | None, **flags: Any) -> None:
    """Put a handout into the outbox, locked with four words.

    FILE is the PDF that `make` wrote. The words are shown once, or written on a slip to hand over; the program keeps
    them nowhere. When they were lost, --reissue sends the file with new ones: give the PDF once more, or make it
    again from its request (make REQUEST --email --again), which gives the same pages.

    \b
    Examples:
      python generate.py email handout.pdf --to maria@example.org --slip slip.pdf
      python generate.py email handout.pdf --reissue FHK8-Z5DW-14K
      python generate.py email handout.pdf --draft message.eml

    Exit codes: 8 for a new address that nobody confirmed, and for text that nobody approved.
    """
    check_mail_flags(flags)
    if file is None:
        again = " To get it again: make REQUEST -o FILE, or make REQUEST --email --again." if flags["reissue"] else ""
        raise click.UsageError(f"Missing FILE: the PDF that `make` wrote.{again}")
    for flag in ("draft", "slip"):
        if flags[flag] and is_same_file(file, flags[flag]):
            raise click.UsageError(f"--{flag} names FILE itself: choose another name.")
    if flags["draft"] and flags["slip"] and is_same_file(flags["draft"], flags["slip"]):
        raise click.UsageError("--draft and --slip name the same file: give each a name of its own.")
    pdf = read_pdf(file, "Name the PDF that `make` wrote.")
    mail = _identify(given, pdf, to, flags)
    if flags["reissue"]:
        mail = _reissue(mail, flags)
    mail_one(given, mail, flags)


def _identify(given: Context, pdf: bytes, to: str | None, flags: dict[str, Any]) -> Given:
    from handouts.deliver.identify import identify_handout, require_approved
    from handouts.load.library import default_clinic

    handed = identify_handout(pdf)
    if not flags["allow_unapproved"]:
        require_approved(handed, given.today)
    with open_store_if_any(flags["data"]) as store:
        if store:
            nothing = "Nothing was queued: a handout that no longer counts is not mailed."
            require_current(store, handed.code, nothing)
    with open_outbox(flags["data"]) as outbox:
        before = outbox.of_code(handed.code)
    clinic = flags["clinic"] or (before[-1].clinic if before else default_clinic(given.content))
    address, checked = _address(to)
    return Given(pdf, handed.code, clinic, address, typed=True, known=checked)


def _address(to: str | None) -> tuple[Any, bool]:
    """The address, and whether it was typed twice already."""
    from handouts.deliver.mail.address import parse_address

    if to is not None:
        return parse_address(to, "--to"), False
    if not at_terminal():
        raise click.UsageError("Missing --to: the patient's address.")
    return ask_address(), True


def _reissue(mail: Given, flags: dict[str, Any]) -> Given:
    """The same with new words, in place of what has not gone out with the old ones. RequestFault, Refused."""
    from handouts.codes import format_code, parse_code
    from handouts.deliver.mail.people import was_sent_to

    code = parse_code(flags["reissue"])
    if code is None:
        raise RequestFault("--reissue: that is not a document code; one character is wrong, or one is missing.")
    if code != mail.code:
        raise Refused(f"FILE is {format_code(mail.code)}, not {format_code(code)}. Nothing was queued.")
    with open_outbox(flags["data"]) as outbox:
        if not outbox.of_code(code):
            raise RequestFault(f"{format_code(code)} was never in this outbox. Leave --reissue out to send it.")
        known = mail.known or was_sent_to(outbox, code, mail.to)
    return replace(mail, known=known, again=True)


COMMANDS: tuple[click.Command, ...] = (email,)
