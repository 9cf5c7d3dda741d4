"""The commands about the login to the clinic's mail provider: mail login, logout."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from handouts.cli import Context, Group
from handouts.cli import completion as completing
from handouts.cli.prompts import at_terminal
from handouts.errors import ContentFault, HandOverFault

if TYPE_CHECKING:
    from handouts.deliver.mail.consent import DeviceCode
    from handouts.deliver.mail.identity import Token
    from handouts.deliver.mail.providers import Registration
    from handouts.deliver.mail.settings import Server

_CLINIC = click.argument("clinic", required=False, metavar="[CLINIC]", shell_complete=completing.clinics)


@click.group(cls=Group)
def mail() -> None:
    """Log in to the clinic's mail provider, or out, where it takes no passwords (`email.auth: oauth`).

    \b
    Example:
      python generate.py mail login
    """


@mail.command()
@_CLINIC
@click.option("--browser", is_flag=True, help="In a browser on this machine, where the organization allows no login "
              "with a code.")  # fmt: skip
@click.option("--port", type=click.IntRange(1024, 65535), help="For a login in the browser: the port of this machine "
              "that it comes back to, such as the end of an SSH tunnel. Default: a free one.")  # fmt: skip
@click.pass_obj
def login(given: Context, clinic: str | None, browser: bool, port: int | None) -> None:
    """Log in to the clinic's mail provider, once.

    Somebody who may send as the clinic signs in with a browser and agrees. What lets the program send from then on is
    kept in this system's keyring, for this user of the system. docs/mail.md says how to register the program first.

    \b
    Examples:
      python generate.py mail login
      python generate.py mail login cohen
      python generate.py mail login --browser

    Exit codes: 6 when the provider does not agree; 7 without a keyring; 8 when somebody says no, or nobody says yes.
    """
    from handouts.deliver.mail.login import Login, keep_login, read_login
    from handouts.deliver.outbox.trouble import Trouble

    name, server, registration = _server(given, clinic)
    read_login(server)  # is there a keyring at all? Better now than after the login
    if browser and not registration.authorize_url:
        raise click.UsageError(f"--browser: {name} has no email.oauth.authorize_url.")
    browser = browser or not registration.device_url
    if port and not browser:
        raise click.UsageError(f"--port needs --browser: {name} logs in with a code, for which no port is used.")
    secret = _ask_secret(name) if browser else None
    try:
        token = _log_in(registration, secret, server.user or "", browser=browser, port=port or 0)
    except Trouble as trouble:
        raise HandOverFault(f"The login did not succeed: {trouble.reason}.") from None
    keep_login(server, Login(token.refresh or "", secret))
    click.echo(f"Logged in: {name} sends as {server.user}. Test it: `doctor --email ADDRESS`; then `outbox retry`.")


@mail.command()
@_CLINIC
@click.pass_obj
def logout(given: Context, clinic: str | None) -> None:
    """Remove the login from this system's keyring, and have the provider revoke it where it can.

    \b
    Example:
      python generate.py mail logout cohen
    """
    from handouts.deliver.mail.identity import Declined, ask
    from handouts.deliver.mail.login import forget_login, read_login
    from handouts.deliver.outbox.trouble import Trouble

    name, server, registration = _server(given, clinic)
    kept = read_login(server)
    forget_login(server)
    if kept is None:
        click.echo(f"Nobody was logged in to the mail of {name}.")
        return
    click.echo(f"Logged out: the login of {name} is no longer on this machine.")
    told = "This provider has no address for that"
    if registration.revoke_url:
        try:
            ask(registration, registration.revoke_url, {"token": kept.refresh}, kept.secret)
        except Trouble as trouble:
            ended = isinstance(trouble, Declined) and trouble.error in {"invalid_token", "invalid_grant"}
            told = f"That did not succeed: {trouble.reason}"
        else:
            ended = True
        if ended:
            click.echo("The provider has revoked it.")
            return
    click.echo(
        f"Note: the provider has not revoked it. {told}. Whoever has a copy could still send: "
        "remove the application's access on the account's page at the provider.",
        err=True,
    )


def _server(given: Context, clinic: str | None) -> tuple[str, Server, Registration]:
    """The clinic's name, how it sends, and how it logs in. ContentFault for one that has a password."""
    from handouts.deliver.mail.settings import server_of
    from handouts.load.library import default_clinic, load_clinic

    name = clinic or default_clinic(given.content)
    server = server_of(name, load_clinic(given.content, name))
    if server.oauth is None:
        raise ContentFault(
            f"The clinic {name} sends with a password. Say 'email.auth: oauth' in its clinic.yaml (docs/mail.md)."
        )
    return name, server, server.oauth


def _ask_secret(clinic: str) -> str | None:
    """The application's client secret, which goes into the keyring: Google gives each one, though RFC 8252 sees none.

    Never on the command line, where others can read it.
    """
    if not at_terminal():
        raise click.UsageError(f"Run `mail login {clinic}` at a terminal: it asks for the application's client secret.")
    question = "The application's client secret (kept in the keyring; empty if it has none)"
    return str(click.prompt(question, default="", show_default=False, hide_input=True)).strip() or None


def _log_in(registration: Registration, secret: str | None, user: str, *, browser: bool, port: int) -> Token:
    from handouts.deliver.mail.consent import log_in_with_browser, log_in_with_code

    if browser:
        return log_in_with_browser(registration, secret, lambda url: _tell_address(url, user), user=user, port=port)
    return log_in_with_code(registration, secret, lambda code: _tell_code(code, user), time.monotonic, time.sleep)


def _tell_code(code: DeviceCode, user: str) -> None:
    click.echo(
        f"In a browser, on any device, open {code.address}\n"
        f"and type the code {code.user_code}. Sign in as {user} and agree.\n"
        f"Waiting, {code.seconds / 60:.0f} minutes at most. Ctrl-C stops."
    )


def _tell_address(url: str, user: str) -> None:
    click.echo(
        f"In a browser on this machine, open this address, sign in as {user} and agree:\n\n{url}\n\n"
        "Waiting, 10 minutes at most. Ctrl-C stops."
    )


COMMANDS: tuple[click.Command, ...] = (mail,)
