"""The tests' clinics set up to send through a local server, with no trace of it on any page."""

from __future__ import annotations

import re
from pathlib import Path

CLINICS = ("cohen", "seaview-example")


def set_up_mail(content: Path, port: int) -> None:
    """Both clinics of a copy of the content send by the server at ``port``."""
    for clinic in CLINICS:
        path = content / "clinics" / clinic / "clinic.yaml"
        text = re.sub(r"(?m)^email:.*\n", "", path.read_text(encoding="utf-8"))
        email = (
            f"{{from: handouts@clinic.example, reply_to: desk@clinic.example, host: localhost, port: {port}, "
            "security: tls, user: clinic, per_minute: 6000}"
        )
        path.write_text(f"{text}email: {email}\n", encoding="utf-8")
