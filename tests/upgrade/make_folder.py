"""Makes the folder on which `test_upgrade` tries later versions, with the current program: a made-up clinic's week.

    .venv/bin/python -m tests.upgrade.make_folder tests/upgrade/VERSION

Every file in it is written by the program's own commands; only the clock is moved, and two runs are killed. Run it once
for a release whose formats differ from the release before; what is kept is never remade (README.md).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keyring
import trustme
from click.testing import CliRunner, Result
from keyring.backends.null import Keyring

from handouts import __version__
from handouts.cli import cli
from tests.conftest import CONTENT, TOPIC
from tests.cups import Cups
from tests.lists import approve
from tests.mailserver import PASSWORD, Running, serve
from tests.upgrade.clinic import set_up_mail

DAY = "2026-11-22"
BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC).timestamp()
PEOPLE = {
    "kept": "Ada Lindqvist",
    "voided": "Ben Okoro",
    "replaced": "Carla Muñoz",
    "printed": "Dan O'Leary",
    "approved": "Edith Björk",
    "drafted": "Farid Amini",
    "deferred": "Grace Nguyễn",
    "sent": "Hugo Vargas",
    "failed": "Ines Patel",
    "unknown": "Jonas Ng",
    "cancelled": "Kira Yates",
    "paused": "Λυδία Pappas",
    "killed": "Maya Cohen-Ruiz",
    "waiting": "Noor Haddad",
}
"""What becomes of a document -> who it is for. Nobody of these is real."""
ROWS = ("Otto Brandt", "Priya Rao", "Quentin Shaw", "Rosa Díaz", "Sami Virtanen", "Tess Quill")


class Clock:
    """Real seconds on a day of our own; ``to`` moves it on."""

    def __init__(self) -> None:
        self.real, self.ahead = time.time, BEGIN - time.time()

    def __call__(self) -> float:
        return self.real() + self.ahead

    def to(self, hour: int, minute: int) -> None:
        """Later on the same day."""
        self.ahead += BEGIN + (hour - 9) * 3600 + minute * 60 - self()


class Clinic:
    """A clinic at work: ``data`` and ``cache`` are its user's folders, ``here`` is where it works."""

    def __init__(self, home: Path, content: Path, mail: Running, cups: Cups, clock: Clock) -> None:
        self.home, self.content, self.mail, self.cups, self.clock = home, content, mail, cups, clock
        (home / "here" / "requests").mkdir(parents=True)
        os.chdir(home / "here")
        self.documents: dict[str, dict[str, str]] = {}

    def run(self, *args: str, code: int = 0) -> Result:
        """A command, which has to end with ``code``."""
        command = ["--content", str(self.content), "--today", DAY, *args]
        result = CliRunner().invoke(cli, command, prog_name="handouts")
        assert result.exit_code == code, f"{args}: {result.output} {result.exception!r}"
        return result

    def apart(self, *args: str, code: int = 0, when: Callable[[], bool] = lambda: False) -> None:
        """A command in a process of its own, that is killed ``when`` something is so, unless it has ended by then."""
        child = os.fork()
        if not child:
            self.run(*args, code=code)
            os._exit(0)
        while not when() and os.waitpid(child, os.WNOHANG) == (0, 0):
            time.sleep(0.02)
        if when():
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def request(self, what: str) -> str:
        """The file of somebody's request."""
        number = list(PEOPLE).index(what) + 1
        path = Path("requests", f"{what}.yaml")
        path.write_text(
            f"topic: {TOPIC}\noptions: [botox]\nside: left\npatient:\n  name: {PEOPLE[what]}\n"
            f"  identifier: MRN {number:05}\n  birth_date: 19{40 + number}-03-1{number % 10}\n"
            f"  email: {what}@patients.example\n",
            encoding="utf-8",
        )
        return str(path)

    def make(self, what: str, *flags: str, name: str = "") -> str:
        """Somebody's handout as a file; its code."""
        file = f"{name or what}.pdf"
        self.run("make", self.request(what), "-o", file, "--by", "Anna", *flags)
        return self.know(name or what, file)

    def know(self, what: str, file: str) -> str:
        """Note the newest document of the record under the word ``what``."""
        event = self.events()[-1]
        sha256 = hashlib.sha256(Path(file).read_bytes()).hexdigest() if file else event["made"]
        self.documents[what] = {"code": event["code"], "sha256": sha256}
        return str(event["code"])

    def events(self) -> list[dict[str, Any]]:
        """What the record holds."""
        exported = self.run("record", "export", "--format", "jsonl").stdout
        return [json.loads(line) for line in exported.splitlines()]

    def queue(self, what: str, *flags: str) -> str:
        """Somebody's handout into the outbox; its code."""
        flags = ("--allow-unapproved", "--yes", "--by", "Anna", *flags)
        self.run("make", self.request(what), "--email", *flags)
        return self.know(what, "")


UNLOCKED = ("--no-encryption", "--warned")


def on_paper_and_in_files(clinic: Clinic) -> None:
    clinic.make("kept", "--interpreter", "Ms. Wye")
    clinic.run("void", clinic.make("voided"), "--why", "wrong side", "--by", "Ben")
    clinic.make("replaced", "--replaces", clinic.make("replaced"), name="replacement")
    clinic.run("blank", TOPIC, "--option", "botox", "-o", "blank.pdf")
    clinic.know("blank", "blank.pdf")
    clinic.make("printed")
    clinic.cups.add("desk")
    clinic.run("print", "printed.pdf", "--on", "desk")
    approve(clinic.content)
    clinic.run("make", clinic.request("approved"), "-o", "-", "--no-cache")
    clinic.know("approved", "")
    (clinic.content / "topics" / TOPIC / "approvals.yaml").unlink()


def by_mail(clinic: Clinic) -> None:
    clinic.clock.to(9, 30)
    clinic.queue("deferred")
    clinic.mail.plan.at["END"] = ["451 4.3.0 later"] * 6
    for hour, minute in ((9, 31), (9, 37), (9, 48), (10, 9), (10, 50), (12, 11)):  # 5 minutes, then twice as long
        clinic.clock.to(hour, minute)
        clinic.run("outbox", "run")
    clinic.queue("sent", "--slip", "slip.pdf")
    Path("slip.pdf").unlink()
    clinic.run("outbox", "run")
    clinic.queue("failed")
    clinic.mail.plan.at["RCPT"] = ["550 5.1.1 nobody of that name"]
    clinic.run("outbox", "run", code=1)
    clinic.queue("unknown", *UNLOCKED)
    clinic.mail.plan.at["END"] = ["keep and drop"]
    clinic.run("outbox", "run", code=1)
    clinic.queue("cancelled")
    clinic.run("outbox", "cancel", "5")
    clinic.make("paused")
    clinic.run("email", "paused.pdf", "--clinic", "seaview-example", "--to", "paused@patients.example", "--yes",
               "--allow-unapproved", *UNLOCKED)  # fmt: skip
    clinic.mail.plan.at["AUTH"] = ["535 5.7.8 no"]
    clinic.run("outbox", "run", code=6)
    clinic.queue("killed", *UNLOCKED)
    clinic.mail.plan.at["END"] = ["stall"]
    before = clinic.mail.plan.seen["END"]
    clinic.apart("outbox", "run", when=lambda: clinic.mail.plan.seen["END"] > before)
    clinic.clock.to(12, 40)
    clinic.queue("waiting", *UNLOCKED, "--remember")
    clinic.make("drafted")
    clinic.run("email", "drafted.pdf", "--to", "drafted@patients.example", "--yes", "--allow-unapproved", "--draft",
               "draft.eml")  # fmt: skip
    Path("draft.eml").unlink()


def a_list_half_made(clinic: Clinic) -> None:
    """Three of four rows; then the fourth is mended, two come to it, and the run is killed between two file names."""
    clinic.clock.to(13, 0)
    batch = ("batch", "list.csv", "-d", "list", "--topic", TOPIC, "--allow-unapproved", "--jobs", "1", "--by", "Anna")
    write_list(4, "botulinum")
    clinic.apart(*batch, code=1)  # its threads would be missing in the process that is forked below
    write_list(6, "botox")
    replace, named = os.replace, 0

    def replace_one(source: Any, target: Any, **more: Any) -> None:
        nonlocal named
        if str(target).endswith(".pdf"):
            named += 1
            if named > 1:
                os._exit(9)
        replace(source, target, **more)

    os.replace = replace_one
    clinic.apart(*batch)
    os.replace = replace


def write_list(rows: int, fourth: str) -> None:
    lines = [
        f"{name},MRN 1{row:04},19{50 + row}-07-0{row},{fourth if row == 4 else 'botox'},left\n"
        for row, name in enumerate(ROWS[:rows], 1)
    ]
    head = "patient.name,patient.identifier,patient.birth_date,options,side\n"
    Path("list.csv").write_text(head + "".join(lines), encoding="utf-8")


def facts_of(clinic: Clinic) -> dict[str, Any]:
    """What is in the folder, as this release says."""
    messages = [line.split() for line in clinic.run("outbox", "list").stdout.splitlines()]
    events = clinic.events()
    return {
        "release": __version__,
        "day": DAY,
        "ends": datetime.fromtimestamp(clinic.clock(), UTC).isoformat(timespec="seconds"),
        "head": clinic.run("record", "export", "--head").stdout.strip(),
        "events": [[event["seq"], event["what"], event.get("code")] for event in events],
        "documents": clinic.documents,
        "messages": {number: [code.replace("-", ""), state] for number, code, state, *_ in messages},
        "rows": [event["code"] for event in events[-6:]],
    }


def pack(home: Path, target: Path, now: float) -> None:
    """The three folders with the program's own modes, without fontconfig's files, which are not ours."""

    def belonging(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = int(now)
        return None if "fontconfig" in entry.name else entry

    with tarfile.open(target / "folder.tar.xz", "w:xz", preset=9) as packed:
        for name in ("data", "cache", "here"):
            packed.add(home / name, name, filter=belonging)


def main(target: Path) -> None:
    target.mkdir(parents=True)
    target = target.absolute()
    home = Path(tempfile.mkdtemp(prefix="handouts-upgrade-"))
    ca = trustme.CA()
    ca.cert_pem.write_to_path(home / "ca.pem")
    os.environ |= {
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "SSL_CERT_FILE": str(home / "ca.pem"),
        "HANDOUTS_SMTP_PASSWORD": PASSWORD,
        "LOGNAME": "desk",
    }
    keyring.set_keyring(Keyring())
    content = Path(shutil.copytree(CONTENT, home / "content"))
    clock = Clock()
    time.time = clock
    with serve(ca) as mail, Cups() as cups:
        os.environ["CUPS_SERVER"] = cups.socket
        set_up_mail(content, mail.server.port)
        clinic = Clinic(home, content, mail, cups, clock)
        on_paper_and_in_files(clinic)
        by_mail(clinic)
        a_list_half_made(clinic)
        facts = facts_of(clinic)
    pack(home, target, clock())
    (target / "facts.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    shutil.rmtree(home)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
