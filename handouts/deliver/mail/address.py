"""An e-mail address, as somebody typed it -> one that can be sent to, or a clear refusal. Pure.

Taken from RFC 5321 and 6531, less what no patient has and what is easily a typing mistake: quoted local parts,
comments, addresses by number, several addresses at once.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from handouts.errors import RequestFault

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_AMBIGUOUS = "ßς\u200c\u200d"
"""Letters that the old and the new rules for domain names take to different domains (UTS 46, section 7)."""


@dataclass(frozen=True)
class Address:
    """``local`` as it was typed, ``domain`` as the network knows it: small ASCII letters (IDNA)."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    def __repr__(self) -> str:
        return "Address(...)"  # a patient's address has no place in a log or traceback

    @property
    def plain(self) -> bool:
        """Whether any mail server takes it: ASCII only. Others need SMTPUTF8 (RFC 6531)."""
        return self.local.isascii()

    @property
    def same_as(self) -> str:
        """The form in which two addresses are compared. Hardly any server tells large from small letters."""
        return f"{unicodedata.normalize('NFC', self.local).casefold()}@{self.domain}"

    @property
    def masked(self) -> str:
        """For a summary on the screen: enough to see a mistake, too little to write to."""
        kept = self.local[:2] if len(self.local) > 3 else self.local[:1]
        return f"{kept}...@{self.domain}"


def parse_address(text: str, key: str = "patient.email") -> Address:
    """The address in ``text``. RequestFault, naming ``key`` and what is wrong, but never the address."""
    text = unicodedata.normalize("NFC", text.strip())
    local, at, domain = text.partition("@")
    if not at or not local or not domain:
        raise _fault(key, "is not an e-mail address, such as name@example.org")
    if "@" in domain or any(sign in text for sign in ',;<>()[]" \\:'):
        raise _fault(key, "has to be one address alone, without a name, spaces or brackets")
    if any(unicodedata.category(sign)[0] in "CZ" for sign in text):
        raise _fault(key, "holds a sign that can't be seen; type it again by hand")
    if not _LOCAL.fullmatch(local) or len(local.encode()) > 64:
        raise _fault(key, "has something before the @ that no address has; look at full stops and odd signs")
    address = Address(local, _domain(domain, key))
    if len(str(address).encode()) > 254:
        raise _fault(key, "is longer than an address can be")
    return address


def _domain(text: str, key: str) -> str:
    """A domain in small ASCII letters. RequestFault for what is none, or could be taken for another's."""
    if any(sign in _AMBIGUOUS for sign in text + text.lower()):
        raise _fault(key, "has a letter after the @ that leads to two different places; ask for another address")
    try:
        domain = text.lower().encode("idna").decode("ascii") if not text.isascii() else text.lower()
    except UnicodeError:
        raise _fault(key, "has something after the @ that is no domain") from None
    labels = domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise _fault(key, "has something after the @ that is no domain, such as example.org")
    return domain


def _fault(key: str, what: str) -> RequestFault:
    return RequestFault(f"'{key}' {what}.")
