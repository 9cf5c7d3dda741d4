"""One runner to a FHIR server in its own process, for tests that kill it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path

import requests.adapters  # noqa: F401  imported when something is posted: here before the process is forked

from handouts.deliver.fhir.posting import RecordConnection
from handouts.deliver.outbox.claims import Claims
from handouts.deliver.outbox.database import Database
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.outbox.runner import Env, run_due
from handouts.fhir.endpoint import Endpoint
from handouts.fhir.server import Client
from tests.mailing import Unheard


def post_what_is_due(tell: Callable[[str], None], folder: Path, base: str, later: float) -> None:
    """Tells when it starts, and ends when nothing is due. ``later``: seconds to add to the clock."""

    def now() -> float:
        return time.time() + later

    with Database(folder) as database:
        tell("running")
        run_due(
            Claims(Outbox(database, Unheard()), secrets.token_hex(8)),
            Env(
                lambda _: RecordConnection(Client(Endpoint(base))),
                lambda _: 1_000_000,
                now,
                time.sleep,
                lambda *_: None,
            ),
        )
