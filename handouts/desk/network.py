"""Where a desk listens: on this machine alone, or on a network with TLS and users."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from handouts.desk.opening import HOST
from handouts.desk.users import Users
from handouts.errors import Refused, RequestFault

_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*")


@dataclass(frozen=True)
class Listening:
    """``names``: what the server is called in addresses, beside its number; ``certificate``, ``key``: PEM files."""

    address: str = HOST
    names: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None

    @property
    def secured(self) -> bool:
        """Whether it has TLS, and so users."""
        return self.certificate is not None

    def hosts(self, port: int) -> list[str]:
        """What a Host header may say, the one to show people first."""
        number = ipaddress.ip_address(self.address)
        own = [] if number.is_unspecified else [f"[{number}]" if number.version == 6 else str(number)]
        local = ["localhost"] if number.is_loopback else []
        names = [*self.names, *own, *local]
        usual = [name for name in names if port == 443 and self.secured]  # the port that browsers leave out
        return [*usual, *(f"{name}:{port}" for name in names)]

    def require_possible(self, data: Path) -> None:
        """Refused for a network without TLS and users; RequestFault for what is no address or name."""
        try:
            number = ipaddress.ip_address(self.address)
        except ValueError:
            raise RequestFault("--listen takes an address of this machine in numbers, such as 192.0.2.10.") from None
        if not all(_NAME.fullmatch(name) for name in self.names):
            raise RequestFault("--name takes the server's name in small letters, such as desk.clinic.example.")
        if (self.certificate is None) != (self.key is None):
            raise RequestFault("--tls-cert and --tls-key go together: name the certificate and its key.")
        if not self.secured and str(number) != HOST:
            raise Refused(
                "Other machines reach the desk only with TLS and users. Name a certificate (--tls-cert, --tls-key) and "
                "add a user: desk users add NAME --may administer. docs/desk-network.md has all steps."
            )
        if number.is_unspecified and not self.names:
            raise RequestFault("Say with --name what the server is called: all its addresses have no name in common.")
        if self.secured:
            with Users(data) as users:
                if not users.all():
                    raise Refused("The desk has no users yet. Add the first: desk users add NAME --may administer")
