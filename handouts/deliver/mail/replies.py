"""What a mail server's reply, silence or certificate means for the message, as `handouts.deliver.outbox.trouble`.

- `TryLater`: no network, a reply 4xx, a connection lost before the message began to go out
- `RefusedForGood`: a reply 5xx to its recipient or to its content
- `OurFault`: password, certificate, sender, quota, set-up; `TokenRefused`: the access token, at the sign-in
- `Lost`: the connection was lost after the message began to go out

A reply's own words are never kept: servers put the recipient's address into them. Its numbers are. RFC 5321, 3463.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator

from handouts.deliver.mail.address import Address
from handouts.deliver.outbox.trouble import OurFault, Trouble, TryLater

_ENHANCED = re.compile(rb"^([245]\.\d{1,3}\.\d{1,3})\b")
_NOT_SIGNED_IN = {530, 534, 535, 538}
_OF_THE_SENDER = {
    "5.1.7", "5.1.8",                                    # the sender's address (RFC 3463)
    "5.7.3", "5.7.8", "5.7.9", "5.7.11", "5.7.13",       # the sign-in (RFC 4954, 5248)
    "5.2.252", "5.7.57", "5.7.60",                       # the sender may not be named by this user (Exchange)
    "5.4.5", "5.1.90", "5.7.232", "5.7.233",             # too much mail from us today (Google; Exchange)
}  # fmt: skip
"""Statuses that say something of us, at whatever stage they come."""
_OF_THE_RECIPIENT = re.compile(r"5\.(1\.(1|2|3|4|6|9|10)|2\.[0-9]{1,2})")
"""Statuses of the recipient's address and mailbox (RFC 3463, 7505)."""


class TokenRefused(OurFault):
    """The mail server does not take the access token."""


def judge(code: int, text: bytes | str, what: str, for_good: type[Trouble]) -> None:
    """Nothing for a good reply (2xx). For 5xx ``for_good``, or OurFault where its status says something of us;
    TryLater for 4xx and for what is no reply at all.
    """
    if not 200 <= code < 300:
        ours = code in _NOT_SIGNED_IN or enhanced_status(text) in _OF_THE_SENDER
        kind = (OurFault if ours else for_good) if 500 <= code < 600 else TryLater
        raise kind(describe_reply(code, text, what), over=code == 421 or not 400 <= code < 600)


def leaves_open_whose(code: int, text: bytes | str) -> bool:
    """Whether a refusal may be of the sender as well as of the recipient: many servers say both with 550 or 5.7.1."""
    return code >= 500 and code not in _NOT_SIGNED_IN and not _OF_THE_RECIPIENT.fullmatch(enhanced_status(text))


def wants_a_user(code: int, text: bytes | str, to: Address) -> bool:
    """Whether a refusal is about who we are. Exim has no status for it, only the word "relay"."""
    words = (text if isinstance(text, str) else text.decode(errors="replace")).lower().replace(str(to).lower(), "")
    return code in _NOT_SIGNED_IN or (
        code >= 500 and (enhanced_status(text) in {"5.7.0", "5.7.1"} or bool(re.search(r"\brelay", words)))
    )


def judge_sign_in(code: int, text: bytes | str, *, token: bool) -> None:
    """What the mail server's no to a sign-in means: always raises. TryLater for 4xx, else OurFault or TokenRefused.

    Some words of the reply decide what is told, as only they say it (MAIL-24); none of them is kept.
    """
    if not 500 <= code < 600:
        judge(code, text, "to the sign-in", OurFault)
    words = (text if isinstance(text, str) else text.decode(errors="replace")).lower()
    told = next((told for sign, told in _WHY_NOT_SIGNED_IN if sign in words), None)
    if told is None and enhanced_status(text) == "5.7.30":
        told = _NO_PASSWORDS
    if told:
        raise OurFault(f"{describe_reply(code, text, 'to the sign-in')}: {told}", over=True)
    if not token:
        raise OurFault(describe_reply(code, text, "to the user and password"), over=True)
    raise TokenRefused(
        f"{describe_reply(code, text, 'to the access token')}: it is not one of email.user, or its scope or the "
        "mailbox does not allow sending by SMTP. See docs/mail.md",
        over=True,
    )


_SWITCHED_ON = "An administrator of Microsoft 365 switches it on: docs/mail.md says where"
_NO_PASSWORDS = "this mail server takes no passwords any more. Say 'email.auth: oauth' (docs/mail.md)"
_WHY_NOT_SIGNED_IN = (
    (
        "disabled for the tenant",
        f"sending by SMTP (SMTP AUTH) is switched off for the whole organization. {_SWITCHED_ON}",
    ),
    ("disabled for the mailbox", f"sending by SMTP (SMTP AUTH) is switched off for this mailbox. {_SWITCHED_ON}"),
    ("smtpclientauthentication is disabled", f"sending by SMTP (SMTP AUTH) is switched off. {_SWITCHED_ON}"),
    ("security defaults", f"the organization's security defaults forbid sending by SMTP. {_SWITCHED_ON}"),
    ("basic authentication is disabled", _NO_PASSWORDS),
)


def describe_reply(code: int, text: bytes | str, what: str) -> str:
    """A reply in a sentence: its numbers, none of its words."""
    status = enhanced_status(text)
    return f"the server said {code} {status} {what}" if status else f"the server said {code} {what}"


def enhanced_status(text: bytes | str) -> str:
    """The reply's status (RFC 3463), such as 5.1.1; "" where it has none."""
    found = _ENHANCED.match(text if isinstance(text, bytes) else text.encode())
    return found[1].decode() if found else ""


@contextlib.contextmanager
def lost_is_temporary(when: str) -> Iterator[None]:
    """A connection that can't be made, is lost, or says nothing for too long."""
    try:
        yield
    except TimeoutError:
        raise TryLater(f"the server did not answer in time when {when}", over=True) from None
    except (OSError, smtplib.SMTPServerDisconnected):
        raise TryLater(f"there was no connection, or it was lost, when {when}", over=True) from None
    except smtplib.SMTPException:
        raise TryLater(f"the server's answer could not be understood when {when}", over=True) from None


@contextlib.contextmanager
def tls_faults(host: str) -> Iterator[None]:
    """A certificate or a port that does not do is our fault."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        why = error.verify_message or "it can't be checked"
        raise OurFault(f"the server's certificate is not valid for {host}: {why}", over=True) from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        raise TryLater("the connection was lost while it was made safe", over=True) from None
    except ssl.SSLError as error:
        why = (error.reason or "TLS").replace("_", " ").lower()
        raise OurFault(f"no safe connection ({why}). Check email.port and email.security", over=True) from None
