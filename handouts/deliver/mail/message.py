"""A finished message, byte for byte as it will go out. Pure but for the message's own random name.

Neither subject, nor headers, nor the attachment's name, nor the words hold a patient's name or illness: all of them
are read by others on their way. The one thing that has to be there is the address.
"""

from __future__ import annotations

import email.policy
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache

import jinja2

from handouts import paths
from handouts.deliver.mail.address import Address
from handouts.deliver.mail.settings import Sender
from handouts.errors import ContentFault
from handouts.model.language import ORIGINAL, is_rtl
from handouts.model.mailwords import MailWords

_ASCII = email.policy.SMTP.clone(cte_type="7bit")
_UTF8 = email.policy.SMTPUTF8.clone(cte_type="7bit")


@dataclass(frozen=True)
class Parts:
    """What a message is made of. ``code``: names the file; ``calendar``: a file with the next appointment."""

    sender: Sender
    to: Address
    code: str
    pdf: bytes
    locked: bool
    language: str = ORIGINAL
    calendar: bytes | None = None

    def __repr__(self) -> str:
        return f"Parts({self.code})"


def new_message_id(sender: Sender) -> str:
    """A name for a message that tells nothing."""
    domain = sender.address.domain if sender.address else "draft.invalid"
    return f"<{secrets.token_hex(16)}@{domain}>"


def build(parts: Parts, words: MailWords, message_id: str, now: float, *, draft: bool = False) -> bytes:
    """The message. ``draft``: marked as not yet sent, so that mail programs open it ready to send.

    ContentFault for a template that can't be used.
    """
    message = _add_headers(parts.sender, parts.to, _fill(words.message.subject, parts.sender), message_id, now)
    if draft:
        message["X-Unsent"] = "1"
    else:
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no "I am on holiday" comes back
    message.set_content(render("message.txt.j2", parts, words))
    message.add_alternative(render("message.html.j2", parts, words), subtype="html")
    if parts.language != ORIGINAL:  # RFC 3282
        for part in message.walk():
            if not part.is_multipart():
                part["Content-Language"] = parts.language
    message.add_attachment(parts.pdf, maintype="application", subtype="pdf", filename=f"{parts.code}.pdf")
    if parts.calendar:
        message.add_attachment(
            parts.calendar,
            maintype="text",
            subtype="calendar",
            filename="appointment.ics",
            params={"charset": "utf-8", "method": "PUBLISH"},
        )
    return message.as_bytes()


def build_test(sender: Sender, to: Address, words: MailWords, message_id: str, now: float) -> bytes:
    """The message that `doctor --email` sends."""
    message = _add_headers(sender, to, _fill(words.message.test_subject, sender), message_id, now)
    message.set_content(words.message.test + "\n")
    return message.as_bytes()


def render(template: str, parts: Parts, words: MailWords) -> str:
    """One of templates/mail/, filled. ContentFault."""
    sender, said = parts.sender, words.message
    try:
        return (
            _environment()
            .get_template(template)
            .render(
                m=said,
                subject=_fill(said.subject, sender),
                call=_fill(said.call, sender) if sender.phone else None,
                clinic=sender.name,
                locked=parts.locked,
                appointment=parts.calendar is not None,
                language=parts.language,
                rtl=is_rtl(parts.language),
            )
        )
    except jinja2.TemplateError as error:
        raise ContentFault(f"The template {template} of templates/mail/ can't be used: {error.message}.") from None


def _add_headers(sender: Sender, to: Address, subject: str, message_id: str, now: float) -> EmailMessage:
    message = EmailMessage(policy=_ASCII if to.plain else _UTF8)
    if sender.address:
        message["From"] = _header(sender.address, sender.name)
    if sender.reply_to:
        message["Reply-To"] = _header(sender.reply_to, sender.name)
    message["To"] = _header(to)
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Message-ID"] = message_id
    return message


def _header(address: Address, name: str = "") -> HeaderAddress:
    return HeaderAddress(name, username=address.local, domain=address.domain)


def _fill(text: str, sender: Sender) -> str:
    return text.replace("{clinic}", sender.name).replace("{phone}", sender.phone or "")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.PROGRAM.templates / "mail"),
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
