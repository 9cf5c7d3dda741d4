"""A FHIR server's base address, such as https://fhir.example.org/r4. Pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from handouts.errors import RequestFault

_PLAIN = re.compile(r"[\x21-\x7e]{1,500}")


@dataclass(frozen=True)
class Endpoint:
    """A server by its base address, without a slash at its end."""

    base: str

    def __str__(self) -> str:
        return self.base

    @property
    def same_as(self) -> str:
        """Equal for all ways to write the same server."""
        parts = urlsplit(self.base)
        return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: whom an access token may be shown."""
        return origin_of(self.base)

    def url(self, path: str) -> str:
        """The address of something on it."""
        return f"{self.base}/{path}" if path else self.base


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, with the port that its scheme has by itself. ValueError for a bad port."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}:{port}"


def parse_endpoint(text: str, key: str = "fhir.server") -> Endpoint:
    """RequestFault for what is no address of a server, or one without TLS that is not this machine's own."""
    fault = RequestFault(f"'{key}' must be a FHIR server's base address, such as https://fhir.example.org/r4.")
    if not _PLAIN.fullmatch(text):
        raise fault
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise fault from None
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment or port == 0:
        raise fault
    if parts.username is not None or parts.password is not None:
        raise RequestFault(f"'{key}' holds a user or a password. Leave them out: `fhir login` keeps what is secret.")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise RequestFault(f"'{key}' must begin with https: records of patients go by TLS only.")
    return Endpoint(text.rstrip("/"))


def _is_this_machine(host: str) -> bool:
    """By number only: what a name leads to can be changed elsewhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
