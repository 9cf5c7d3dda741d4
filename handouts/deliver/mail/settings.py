"""A clinic's file -> how it sends. Pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

from handouts.deliver.mail.address import Address, parse_address
from handouts.errors import ContentFault, RequestFault
from handouts.model.clinic import ClinicFile

Security = Literal["tls", "starttls", "plain"]
_HOST = re.compile(r"[A-Za-z0-9._:-]+")


@dataclass(frozen=True)
class Sender:
    """Whom a message is from. ``address`` is None where the clinic named none: then only drafts can be written."""

    clinic: str
    name: str
    address: Address | None
    reply_to: Address | None
    phone: str | None = None


@dataclass(frozen=True)
class Server:
    """Where and how the clinic hands its mail over."""

    host: str
    port: int
    security: Security
    user: str | None
    sender: Address
    per_minute: int


def sender_of(clinic: str, file: ClinicFile) -> Sender:
    """ContentFault for an address that is none."""
    email = file.email
    return Sender(clinic, file.name, _address(email.from_, "from"), _address(email.reply_to, "reply_to"), file.phone)


def server_of(clinic: str, file: ClinicFile) -> Server:
    """ContentFault while the clinic's file does not say how to send, or says what is not safe."""
    email, sender = file.email, sender_of(clinic, file).address
    if sender is None or email.host is None:
        raise ContentFault(
            f"The clinic {clinic} can't send yet: fill in email.from and email.host in its clinic.yaml (docs/mail.md), "
            "or write a draft to send by hand: email FILE --draft OUT.eml"
        )
    if not _HOST.fullmatch(email.host):
        raise ContentFault(f"clinic.yaml of {clinic}: 'email.host' is not a server's name, such as mail.example.org.")
    if email.security == "plain" and not is_here(email.host):
        raise ContentFault(
            f"clinic.yaml of {clinic}: 'email.security: plain' is for a server on this machine alone. "
            "Say tls (mostly port 465) or starttls (mostly port 587); ask whoever runs the mail server."
        )
    return Server(email.host, email.port, email.security, email.user, sender, email.per_minute)


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
