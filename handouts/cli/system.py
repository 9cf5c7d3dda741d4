"""The commands about the machine: doctor, cache."""

from __future__ import annotations

from pathlib import Path

import click

from handouts import paths
from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.mail_trial import try_mail
from handouts.cli.options import DATA_FLAG
from handouts.doctor import examine
from handouts.errors import SystemMissing
from handouts.typeset.cache import MasterCache

_SIGN = {"ok": "ok      ", "missing": "MISSING ", "optional": "not here", "unsafe": "UNSAFE  "}


@click.command()
@click.option("--email", metavar="ADDRESS", help="Try the clinic's mail instead: sends a test message there.")
@click.option("--clinic", metavar="NAME", shell_complete=completing.clinics, help="With --email: whose mail.")
@DATA_FLAG
@click.pass_obj
def doctor(given: Context, email: str | None, clinic: str | None, data: Path | None) -> None:
    """Tell what is installed, what is missing, and how to get it.

    Ends with exit code 7 when something is missing that every handout needs, or was lost from the data folder. Looks
    at the machine only, never at a patient's data. With --email it tries each step of sending: settings, password,
    certificate, sign-in, and a message to ADDRESS, which is your own.

    \b
    Examples:
      python generate.py doctor
      python generate.py doctor --email you@example.org
    """
    if email is not None:
        try_mail(given, email, clinic)
        return
    missing = []
    for finding in examine(given.content, data):
        click.echo(f"{_SIGN[finding.state]}  {finding.what}: {finding.found}")
        if finding.state != "ok" and finding.help:
            click.echo("".join(f"            {line}\n" for line in finding.help.splitlines()), nl=False)
        if finding.state == "missing":
            missing.append(finding.what)
    if missing:
        raise SystemMissing(f"Missing: {', '.join(missing)}. The lines above say how to get it.")


@click.group()
def cache() -> None:
    """Look at the typeset pages that are kept between runs, or delete them.

    They hold nobody's data: a patient's details are stamped on later, and what was written for one patient is
    never kept.

    \b
    Example:
      python generate.py cache info
    """


_folder = click.option(
    "--cache", "folder", type=click.Path(path_type=Path, file_okay=False), help="Default: the user's cache folder."
)


def _cache(folder: Path | None) -> MasterCache:
    return MasterCache(folder or paths.cache_dir() / "masters")


@cache.command()
@_folder
def info(folder: Path | None) -> None:
    """How many typeset handouts are kept, where, and how large they are.

    \b
    Example:
      python generate.py cache info
    """
    kept = _cache(folder)
    sizes = [path.stat().st_size for path in kept.entries()]
    click.echo(f"{kept.folder}: {len(sizes)} typeset handouts, {sum(sizes) / 1e6:.1f} of {kept.max_bytes / 1e6:.0f} MB")


@cache.command()
@_folder
def clear(folder: Path | None) -> None:
    """Delete every typeset handout that is kept.

    The next handout is typeset anew, which takes some seconds.

    \b
    Example:
      python generate.py cache clear
    """
    click.echo(f"Deleted {_cache(folder).clear()} typeset handouts.")


COMMANDS: tuple[click.Command, ...] = (doctor, cache)
