"""`doctor --email`: each step of sending, tried in turn, with a message to one's own address."""

from __future__ import annotations

import time

import click

from handouts.cli import Context
from handouts.errors import HandOverFault


def try_mail(given: Context, to: str, clinic: str | None) -> None:
    """Say how far it goes. RequestFault, ContentFault, SystemMissing, HandOverFault."""
    from handouts.deliver.mail.address import parse_address
    from handouts.deliver.mail.message import build_test, new_message_id
    from handouts.deliver.mail.password import password_of
    from handouts.deliver.mail.replies import Trouble
    from handouts.deliver.mail.settings import sender_of, server_of
    from handouts.deliver.mail.smtp import connect
    from handouts.load.library import default_clinic, load_clinic, load_mail_words

    address = parse_address(to, "--email")
    name = clinic or default_clinic(given.content)
    file = load_clinic(given.content, name)
    server, sender = server_of(name, file), sender_of(name, file)
    click.echo(f"ok        settings of {name}: {server.host}, port {server.port}, {server.security}")
    password = password_of(server)
    click.echo(f"ok        password: {'found' if password else 'none needed'}")
    try:
        connection = connect(server, password)
        click.echo(f"ok        connection, {'certificate, ' if server.security != 'plain' else ''}sign-in")
        message = build_test(sender, address, load_mail_words(given.content), new_message_id(sender), time.time())
        try:
            connection.send(address, message, lambda: None)
        finally:
            connection.close()
    except Trouble as trouble:
        raise HandOverFault(f"It ends here: {trouble.reason}.") from None
    click.echo("ok        a test message was taken by the server. Look whether it arrives, and not among the spam.")
