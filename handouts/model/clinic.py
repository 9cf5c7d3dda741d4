"""A clinic: its brand and contacts, data only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from handouts.model.base import Frozen, Language, Line
from handouts.model.document import Document, Strings, TitleHead
from handouts.model.request import Paper

HEX_COLOR = r"^#[0-9a-fA-F]{6}$"
HexColor = Annotated[str, Field(pattern=HEX_COLOR)]
WEB_ADDRESS = r"^https?://[^\s]+$"
SECURE_ADDRESS = r"^https://[^\s/@#?]+/[^\s@#]*$"
SecureAddress = Annotated[str, Field(pattern=SECURE_ADDRESS, max_length=500)]
"""Where a password or a token may go: only ever encrypted, and nobody's name in it."""


class Colors(Frozen):
    """The clinic's palette: ``ink`` for text and heads, ``accent`` for marks and rules, ``soft`` behind text."""

    ink: HexColor = "#17324d"
    accent: HexColor = "#0b6e8a"
    soft: HexColor = "#e8f1f4"


class OAuth(Frozen):
    """How the clinic's program is registered with its mail provider (RFC 6749). Never a secret, never a token."""

    client_id: Line | None = None
    tenant: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$", max_length=200)] | None = None
    """Of Microsoft 365: the directory's ID, or a domain of the clinic."""
    device_url: SecureAddress | None = None
    """Where a login with a code begins (RFC 8628). This and the next four: what `email.provider` does not say."""
    authorize_url: SecureAddress | None = None
    """Where a login in the browser begins, at providers without a device_url."""
    token_url: SecureAddress | None = None
    revoke_url: SecureAddress | None = None
    scopes: Strings = Field(default=(), max_length=10)


class Email(Frozen):
    """How the clinic sends mail. Never a password."""

    from_: Line | None = Field(default=None, alias="from")
    reply_to: Line | None = None
    provider: Literal["microsoft365", "google"] | None = None
    """Fills in host, port, security and the addresses of `oauth`."""
    host: Line | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    """None: the provider's, else 465."""
    security: Literal["tls", "starttls", "plain"] | None = None
    """None: the provider's, else tls."""
    user: Line | None = None
    auth: Literal["password", "oauth"] = "password"
    oauth: OAuth = Field(default_factory=OAuth)
    per_minute: int = Field(default=60, ge=1, le=6000)
    """Most messages to send to the server per minute."""
    calendar: bool = False
    """Whether the patient's next appointment goes along as a file for their calendar."""


def _queue(name: str) -> str:
    if re.fullmatch(r"[^-\s/#?'\"\\][^\s/#?'\"\\]*(/[^\s/#?'\"\\]+)?", name) is None:
        raise ValueError("is not a printer's name: those have no spaces, quotes, # or ?. `printers` lists them")
    return name


Queue = Annotated[str, Field(min_length=1, max_length=127), AfterValidator(_queue)]
"""A printer as CUPS names it, optionally with one of its sets of options, such as ``front-desk/draft``."""


class Print(Frozen):
    """How the clinic prints."""

    printer: Queue | None = None
    """None: the machine's default."""
    paper: Paper | None = None
    """The paper in the tray. None: the paper that the file is made for."""
    duplex: bool = True
    copies: int = Field(default=1, ge=1, le=99)


KeyFile = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
"""The name of a file in the data folder."""


class Fhir(Frozen):
    """Where the clinic's health record is reached (FHIR R4). Never a secret, never a token."""

    server: Line | None = None
    """The server's base address, such as https://fhir.example.org/r4."""
    auth: Literal["none", "smart"] = "none"
    """smart: SMART Backend Services, with a key of this program."""
    client_id: Line | None = None
    key: KeyFile | None = None
    """The file with the private key, in the data folder. None: the system's keyring has it."""
    scopes: Strings = Field(default=(), max_length=30)
    """What to ask for. (): to read what a handout is made from, and to write documents."""
    patient_system: Line | None = None
    """The system (a URI) of the clinic's record numbers, as Patient.identifier has it."""


class ClinicWords(Frozen):
    """What a clinic says in another language: under its name, and of whom to call. The rest is the same in all."""

    line: Line | None = None
    emergency_number: Line | None = None
    crisis_line: Line | None = None


DateOrder = Literal["mdy", "dmy"]
"""November 22, 2026, or 22 November 2026."""
Digits = Literal["latn", "arab"]
"""Of Arabic text, by Unicode's names (UTS 35): 0 to 9, or ٠ to ٩."""


class ClinicFile(Frozen):
    """clinic.yaml: the brand and the contacts, data only."""

    name: Line
    line: Line | None = None
    address: Strings = ()
    phone: Line | None = None
    website: Annotated[str, Field(pattern=WEB_ADDRESS, max_length=200)] | None = None
    emergency_number: Line | None = None
    crisis_line: Line | None = None
    clinicians: Strings = ()
    colors: Colors = Field(default_factory=Colors)
    paper: Paper = "letter"
    date_order: DateOrder | None = None
    """How dates are written. None: day first where the paper is A4, month first on Letter."""
    digits: Digits = "latn"
    """Of Arabic text: 1 2 3 (``latn``) or ١ ٢ ٣ (``arab``)."""
    practice_page: bool = False
    email: Email = Field(default_factory=Email)
    print: Print = Field(default_factory=Print)
    fhir: Fhir = Field(default_factory=Fhir)
    in_languages: Mapping[Language, ClinicWords] = Field(default_factory=dict)

    def in_language(self, language: str) -> ClinicFile:
        """The same with what the clinic says in a language, as far as it says it."""
        told = self.in_languages.get(language)
        return self.model_copy(update=told.model_dump(exclude_none=True)) if told else self

    @property
    def dates(self) -> DateOrder:
        """How dates are written."""
        return self.date_order or ("dmy" if self.paper == "a4" else "mdy")

    def printed_part(self) -> ClinicFile:
        """What is printed (CODE-3): the same without mail, printer, health record and the names that `make` offers."""
        return self.model_validate(self.model_dump(exclude=_NOT_PRINTED))

    def printed_json(self) -> bytes:
        """`printed_part` as JSON, which is also YAML: the same whatever the order of keys and the comments.

        Defaults that show on the page are written out, so that a later version with other defaults prints the same.
        """
        told = self.model_dump(mode="json", exclude=_NOT_PRINTED, exclude_none=True)
        return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


_NOT_PRINTED = {"clinicians", "email", "print", "fhir", "in_languages"}


@dataclass(frozen=True)
class Clinic:
    """A complete clinic."""

    id: str
    folder: Path
    file: ClinicFile
    logo: Path
    practice: Document[TitleHead] | None
