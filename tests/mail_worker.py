"""One runner in a process of its own, for tests that kill it. Arguments: data folder, port, authority, seconds to add.

Prints a line when it starts to send and ends when nothing is due.
"""

import secrets
import ssl
import sys
import time
from pathlib import Path

from handouts.deliver.mail.claims import Claims
from handouts.deliver.mail.database import Database
from handouts.deliver.mail.outbox import Outbox
from handouts.deliver.mail.runner import Env, run_due
from handouts.deliver.mail.settings import Server
from handouts.deliver.mail.smtp import Connection, Timeouts, connect
from tests.mailing import Unheard
from tests.mailserver import PASSWORD, SENDER, USER

folder, port, authority, later = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4])


def reach(_clinic: str) -> Connection:
    context = ssl.create_default_context(cafile=authority)
    return connect(
        Server("localhost", port, "tls", USER, SENDER, 6000), PASSWORD, timeouts=Timeouts(20, 20, 20), context=context
    )


def now() -> float:
    return time.time() + later


with Database(folder) as database:
    sys.stdout.write("running\n")
    sys.stdout.flush()
    run_due(
        Claims(Outbox(database, Unheard()), secrets.token_hex(8)),
        Env(reach, lambda _: 1_000_000, now, time.sleep, lambda *_: None),
    )
