"""One runner in its own process, for tests that kill it."""

import contextlib
import os
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
from keyring.backends.null import Keyring

from handouts.deliver.mail.settings import Server
from handouts.deliver.mail.smtp import Connection, Timeouts, connect
from handouts.deliver.outbox.claims import Claims
from handouts.deliver.outbox.database import Database
from handouts.deliver.outbox.outbox import Outbox
from handouts.deliver.outbox.runner import Env, run_due
from handouts.deliver.outbox.sending import Background
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


def send_in_the_background(_tell: Callable[[str], None], content: Path, folder: Path, authority: Path) -> None:
    """As the desk does, until it is killed."""

    @contextlib.contextmanager
    def open_it() -> Iterator[Outbox]:
        with Database(folder) as database:
            yield Outbox(database, Unheard())

    os.environ["SSL_CERT_FILE"] = str(authority)
    os.environ["HANDOUTS_SMTP_PASSWORD"] = PASSWORD
    keyring.set_keyring(Keyring())
    Background(content, open_it, time.time, every=0.02).start()
    threading.Event().wait()
