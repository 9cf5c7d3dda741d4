"""Gives rows of a list out in its own process, for tests that kill it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from handouts.batch.day.giving import Mailing, mail_rows, plan_mail, save_rows
from handouts.batch.day.making import MadeRow
from tests.day_lists import bench
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
