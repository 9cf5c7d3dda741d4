"""A clinic's file -> how it sends. Pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from handouts.deliver.mail.address import Address, parse_address
from handouts.deliver.mail.providers import Registration, Security, preset, registration_of
from handouts.errors import ContentFault, RequestFault
from handouts.model.clinic import ClinicFile

_HOST = re.compile(r"[A-Za-z0-9._:-]+")


@dataclass(frozen=True)
class Sender:
    """Whom a message is from. ``address`` is None where the clinic named none: then only drafts can be written."""

    clinic: str
    name: str
    address: Address | None
    reply_to: Address | None
    phone: str | None = None
    place: str = ""
    """The clinic's name and address on one line."""
    calendar: bool = False
    """Whether appointments go along."""


@dataclass(frozen=True)
class Server:
    """Where and how the clinic hands its mail over. ``oauth``: None where it signs in with a password, or not."""

    host: str
    port: int
    security: Security
    user: str | None
    sender: Address
    per_minute: int
    oauth: Registration | None = None


def sender_of(clinic: str, file: ClinicFile) -> Sender:
    """ContentFault for an address that is none."""
    email = file.email
    return Sender(
        clinic,
        file.name,
        _address(email.from_, "from"),
        _address(email.reply_to, "reply_to"),
        file.phone,
        ", ".join((file.name, *file.address)),
        email.calendar,
    )


def server_of(clinic: str, file: ClinicFile) -> Server:
    """ContentFault while the clinic's file does not say how to send, or says what is not safe."""
    email, sender, known = file.email, sender_of(clinic, file).address, preset(file.email)
    host = email.host or known.host
    if sender is None or host is None:
        raise ContentFault(
            f"The clinic {clinic} can't send yet: fill in email.from and email.host in its clinic.yaml (docs/mail.md), "
            "or write a draft to send by hand: email FILE --draft OUT.eml"
        )
    if not _HOST.fullmatch(host):
        raise ContentFault(f"clinic.yaml of {clinic}: 'email.host' is not a server's name, such as mail.example.org.")
    port, security = email.port or known.ways[0][0], email.security or known.ways[0][1]
    if host == known.host and (port, security) not in known.ways:  # such as what stood there for the server before
        raise ContentFault(
            f"clinic.yaml of {clinic}: {host} takes no mail on port {port} by {security}. "
            "Leave 'email.port' and 'email.security' empty: 'email.provider' fills them in."
        )
    if security == "plain" and not is_here(host):
        raise ContentFault(
            f"clinic.yaml of {clinic}: 'email.security: plain' is for a server on this machine alone. "
            "Say tls (mostly port 465) or starttls (mostly port 587); ask whoever runs the mail server."
        )
    oauth = registration_of(clinic, email) if email.auth == "oauth" else None
    if oauth and security == "plain":
        raise ContentFault(f"clinic.yaml of {clinic}: 'email.auth: oauth' needs 'email.security: tls' or starttls.")
    return Server(host, port, security, email.user, sender, email.per_minute, oauth)


def is_here(host: str) -> bool:
    """Whether ``host`` is this machine itself, by name or number."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(text: str | None, key: str) -> Address | None:
    try:
        address = parse_address(text, f"email.{key}") if text else None
    except RequestFault as error:
        raise ContentFault(f"clinic.yaml: {error.message}") from None
    if address and not address.plain:  # MAIL-8
        raise ContentFault(f"clinic.yaml: 'email.{key}' has letters that many servers refuse; choose a plain one.")
    return address
