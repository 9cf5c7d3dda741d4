"""The commands in docs/desk-network.md, for the tests that follow it. Needs nothing but Python."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
UNIT = ROOT / "docs" / "desk.service"


def steps() -> dict[str, str]:
    """The commands of each section, by its heading."""
    page = (ROOT / "docs" / "desk-network.md").read_text(encoding="utf-8")
    parts = re.split(r"^##+ (.*)$", page, flags=re.M)
    return {
        head: "".join(re.findall(r"^```sh\n(.*?)^```$", body, flags=re.M | re.S))
        for head, body in zip(parts[1::2], parts[2::2], strict=True)
    }
