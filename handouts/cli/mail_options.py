"""The options of commands that put messages into the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from handouts.cli.groups import Options, all_of
from handouts.cli.options import BY_FLAG, DATA_FLAG

_YES = click.option("--yes", is_flag=True, help="The addresses are checked; don't ask.")
_AGAIN = click.option("--again", is_flag=True, help="Send it even if the same file already went to the same address.")
_WARNED = click.option("--warned", is_flag=True, help="With --no-encryption: the patient was warned and prefers it.")
MAIL_FLAGS = all_of(
    _AGAIN,
    click.option("--encryption/--no-encryption", "encryption", default=None,
                 help="Lock the file with four words (the default), or not if the patient was warned."),
    _WARNED,
    BY_FLAG,
    click.option("--remember", is_flag=True, help="With --no-encryption: always do so for this address."),
    click.option("--slip", type=click.Path(path_type=Path, dir_okay=False),
                 help="Write the four words to a PDF to print and hand over. Without it they are shown once."),
    _YES,
    DATA_FLAG,
)  # fmt: skip
LIST_FLAGS = all_of(
    _AGAIN,
    click.option("--no-encryption", is_flag=True,
                 help="With --email: lock no files. Every patient must have been warned."),
    _WARNED,
    BY_FLAG,
    _YES,
    DATA_FLAG,
)  # fmt: skip
_FOR_MAIL = ("again", "encryption", "no_encryption", "slip")
_FOR_NO_LOCK = ("warned", "remember")


@dataclass(frozen=True)
class MailOptions(Options):
    """`MAIL_FLAGS` or `LIST_FLAGS`. ``email_it``: whether the command mails."""

    again: bool
    warned: bool
    yes: bool
    encryption: bool | None = None
    no_encryption: bool = False
    remember: bool = False
    slip: Path | None = None
    email_it: bool = True

    @property
    def unlocked(self) -> bool:
        """Whether files go unlocked."""
        return self.encryption is False or self.no_encryption

    def check(self) -> None:
        """UsageError for a flag that would have no effect, such as --slip without --email: the user relies on it."""
        for names, other, there in (
            (_FOR_MAIL + _FOR_NO_LOCK, "--email", self.email_it),
            (_FOR_NO_LOCK, "--no-encryption", self.unlocked),
        ):
            for name in names:
                value = getattr(self, name)
                said = value is not None if name == "encryption" else value not in (None, False)
                if said and not there:
                    raise click.UsageError(f"--{name.replace('_', '-')} needs {other}: use both, or neither.")
