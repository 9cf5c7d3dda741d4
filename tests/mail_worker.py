"""One runner in its own process, for tests that kill it."""

import secrets
import ssl
import time
from collections.abc import Callable
from pathlib import Path

from handouts.deliver.mail.claims import Claims
from handouts.deliver.mail.database import Database
from handouts.deliver.mail.outbox import Outbox
from handouts.deliver.mail.runner import Env, run_due
from handouts.deliver.mail.settings import Server
from handouts.deliver.mail.smtp import Connection, Timeouts, connect
from tests.mailing import Unheard
from tests.mailserver import PASSWORD, SENDER, USER


def send_what_is_due(tell: Callable[[str], None], folder: Path, port: int, authority: Path, later: float) -> None:
    """Tells when it starts to send, and ends when nothing is due. ``later``: seconds to add to the clock."""

    def reach(_clinic: str) -> Connection:
        context = ssl.create_default_context(cafile=authority)
        server = Server("localhost", port, "tls", USER, SENDER, 6000)
        return connect(server, PASSWORD, timeouts=Timeouts(20, 20, 20), context=context)

    def now() -> float:
        return time.time() + later

    with Database(folder) as database:
        tell("running")
        run_due(
            Claims(Outbox(database, Unheard()), secrets.token_hex(8)),
            Env(reach, lambda _: 1_000_000, now, time.sleep, lambda *_: None),
        )
