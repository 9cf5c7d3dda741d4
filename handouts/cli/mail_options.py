"""The flags of `make --email`, `batch --email` and `email`, and what they ask of whoever sits there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from handouts import paths
from handouts.cli.options import BY_FLAG, DATA_FLAG, all_of
from handouts.cli.prompts import at_terminal
from handouts.cli.recorder import open_mail_recorder, resolve_user, user_name
from handouts.deliver.mail.address import Address, parse_address
from handouts.errors import Refused

_YES = click.option("--yes", is_flag=True, help="The addresses were checked; don't ask.")
_AGAIN = click.option("--again", is_flag=True, help="Send it though the same file went to the same address before.")
_WARNED = click.option("--warned", is_flag=True, help="With --no-encryption: the patient was warned and prefers it.")
MAIL_FLAGS = all_of(
    _AGAIN,
    click.option("--encryption/--no-encryption", "encryption", default=None,
                 help="Lock the file with four words (the default), or not: then the patient has to have been warned."),
    _WARNED,
    BY_FLAG,
    click.option("--remember", is_flag=True, help="With --no-encryption: for this address from now on."),
    click.option("--slip", type=click.Path(path_type=Path, dir_okay=False),
                 help="A PDF with the four words, to print and hand over. Without it they are shown once."),
    _YES,
    DATA_FLAG,
)  # fmt: skip
LIST_FLAGS = all_of(
    _AGAIN,
    click.option("--no-encryption", is_flag=True,
                 help="With --email: lock none of them. Every patient has to have been warned."),
    _WARNED,
    BY_FLAG,
    _YES,
    DATA_FLAG,
)  # fmt: skip
_FOR_MAIL = ("again", "encryption", "no_encryption", "slip")
_FOR_NO_LOCK = ("warned", "remember")


def check_mail_flags(flags: dict[str, Any]) -> None:
    """UsageError for a flag that nothing would come of, such as --slip without --email: somebody relies on it."""
    said = {name for name, value in flags.items() if value not in (None, False)}
    said |= {"encryption"} if flags.get("encryption") is False else set()
    unlocked = flags.get("encryption") is False or flags.get("no_encryption")
    for names, other, there in (
        (_FOR_MAIL + _FOR_NO_LOCK, "--email", flags.get("email_it", True)),
        (_FOR_NO_LOCK, "--no-encryption", unlocked),
    ):
        for name in names:
            if name in said and not there:
                raise click.UsageError(f"--{name.replace('_', '-')} goes with {other}: say both, or neither.")


def ask_address() -> Address:
    """The patient's address, typed twice. RequestFault for what is none."""
    return parse_address(click.prompt("The patient's e-mail address", confirmation_prompt="Once more"), "the address")


@contextlib.contextmanager
def open_outbox(folder: Path | None, by: str | None = None, known: Any = None) -> Iterator[Any]:
    """The outbox of --data, else the user's, and the record beside it that hears of every change. OutputFault.

    ``by``: whose doing it is; ``known``: see `heard_by_record`.
    """
    from handouts.deliver.mail.outbox import Outbox
    from handouts.record import loss

    with (
        open_mail_recorder(folder, by or resolve_user({}), known) as heard,
        loss.open_outbox(folder or paths.data_dir()) as found,
    ):
        yield Outbox(found, heard, heard.last_word)


def ask_who_warned(flags: dict[str, Any], question: str) -> str:
    """Who says that files need not be locked. Refused unless somebody does."""
    if not flags["warned"] and not (at_terminal() and click.confirm(question)):
        raise Refused("Nothing was queued. Warn the patient first, then say --warned, or leave --no-encryption out.")
    if not flags["by"] and user_name() is None:
        raise click.UsageError("Say with --by who confirms that the patient was warned.")
    return resolve_user(flags)
