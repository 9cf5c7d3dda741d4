"""Gives rows of a list out in its own process, for tests that kill it."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path

from handouts.batch.day.giving import Mailing, mail_rows, plan_mail, save_rows
from handouts.batch.day.making import MadeRow
from handouts.model.recorder import Document, PrintRecorder
from tests.conftest import CONTENT, KEY, TODAY
from tests.day_lists import NOW, Paper, bench
from tests.mailing import FROM, WORDS
from tests.record_worker import die_before


def give_out(tell: Callable[[int], None], what: str, data: Path, paper: Path, made: list[MadeRow], last: int) -> None:
    """Tells the number of each row once it is said to be done. Kills itself (-9) right before that statement of
    SQLite, whichever file it is for.
    """
    if last:
        die_before(last)
    with bench(data) as here:
        if what == "mailed":
            with here.recorder.open_outbox(*(row.document for row in made)) as outbox:
                asked = plan_mail(made, outbox)
                mailing = Mailing({"cohen": FROM}, WORDS, "letter", data / "slips")
                for one in mail_rows(asked.wanted(again=False), asked.made, mailing, outbox, here.giving()):
                    tell(one.number)
        elif what == "printed":
            for number, result in here.print(made, paper).items():
                if result.state == "done":
                    tell(number)
        else:
            for number in save_rows(made, here.giving(), duplex=True).rows:
                tell(number)


def print_at_a_desk(tell: Callable[[str], None], data: Path, cache: Path, list_file: bytes) -> None:
    """A desk that prints a list, and tells when its printer has the first handout; it never comes back."""
    from handouts.desk import dayjobs
    from handouts.desk.guard import Doorkeeper
    from handouts.desk.state import Desk, Settings
    from handouts.typeset.cache import SheetCache
    from tests.desk.conftest import HOST, client_of

    class Hanging(Paper):
        def print_made(self, pdf: bytes, document: Document, recorder: PrintRecorder) -> None:
            del pdf
            recorder.print_job([document.code], "front-desk", document.sha256, document).queued(NOW)
            tell("the printer has it")
            threading.Event().wait()

    dayjobs._session = lambda *_: lambda _say: Hanging(data / "paper")  # type: ignore[assignment]
    desk = Desk(
        Settings(CONTENT, data, "anna", lambda: TODAY, time.time, lambda: KEY, SheetCache(cache), workers=1)
    )  # fmt: skip
    client = client_of(desk, Doorkeeper([HOST]))
    where = client.post("/list", data={"file": (io.BytesIO(list_file), "list.csv")}).headers["Location"]
    client.post(f"{where}/rows", data={"do": "allow", "allow": "yes"})
    client.post(f"{where}/rows", data={"do": "printed", "row": ["2", "3"]})
    threading.Event().wait()
