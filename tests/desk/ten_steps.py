"""Steps 5 to 10 of docs/desk-network.md and what comes after them, followed as root of a Debian that runs systemd.

`script/fresh --desk` makes that Debian and starts this in it. Never start it elsewhere: it changes the machine. Needs
nothing but Python, systemd and what step 1 installs.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests.desk.network_page import steps

ADDRESS, NAME, PORT = "192.0.2.10", "desk.clinic.example", 8443
SITE = f"https://{NAME}:{PORT}"
CONFIG, DATA, CACHE = Path("/etc/handouts"), Path("/var/lib/handouts"), Path("/var/cache/handouts")
OWN = "yellow kettle window"
PAGES = steps()
PATIENCE = 120.0
"""Seconds until what starts by itself has to be there."""


def shell(commands: str, fails: bool = False) -> str:
    """What commands say, as an administrator types them; ``fails``: whether the last of them has to fail."""
    done = subprocess.run(["bash", "-c", commands], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    require((done.returncode != 0) == fails, f"exit status {done.returncode} of:\n{commands}\n{done.stdout}")
    return done.stdout


def follow(*heads: str) -> str:
    """What the commands of sections say, in one shell that ends with the first that fails."""
    return shell("set -e\n" + "".join(PAGES[head] for head in heads))


def require(true: bool, what: str) -> None:
    if not true:
        raise SystemExit(f"ten steps: FAILED: {what}")


def shown(what: str) -> None:
    sys.stderr.write(f"ten steps: {what}\n")


def words(told: str) -> str:
    """The one-time password in what a command said."""
    found = re.search(r"^[a-z]+( [a-z]+){3}$", told, re.M)
    require(found is not None, f"no four words in: {told}")
    assert found
    return found[0]


def unit(what: str) -> str:
    """A property of the unit, as systemd has it."""
    return shell(f"systemctl show -P {what} desk.service").strip()


@dataclass
class Browser:
    """On another machine: it trusts the authority of step 6 alone, and knows the server by its name."""

    cookie: str = ""

    def ask(self, method: str, path: str, body: str | None = None, kind: str = "application/json") -> tuple[int, bytes]:
        """Status and body."""
        context = ssl.create_default_context(cafile=str(CONFIG / "authority.pem"))
        there = http.client.HTTPSConnection(NAME, PORT, context=context, timeout=PATIENCE)
        there.sock = context.wrap_socket(socket.create_connection((ADDRESS, PORT)), server_hostname=NAME)
        head = {"Origin": SITE, "Cookie": self.cookie, "Accept": kind}
        there.request(method, path, body, head | ({"Content-Type": kind} if body else {}))
        answer = there.getresponse()
        self.cookie = (answer.getheader("Set-Cookie") or self.cookie).partition(";")[0]
        return answer.status, answer.read()

    def log_in(self, password: str) -> int:
        return self.ask("POST", "/login", json.dumps({"name": "anna", "password": password}))[0]

    def choose(self, once: str) -> None:
        """A password of one's own, after a log-in with one that lets in once."""
        require(self.log_in(once) == 200, "the one-time password lets in")
        typed = urlencode({"old": once, "new": OWN, "again": OWN})
        require(self.ask("POST", "/password", typed, "application/x-www-form-urlencoded")[0] == 303, "password chosen")

    def save(self) -> None:
        fields = {"topic": ["hemifacial-spasm"], "options": ["botox"], "patient.name": ["Maria Quill"]}
        body = {"window": "w", "fields": fields | {"allow_unapproved": ["yes"]}}
        status, pdf = self.ask("POST", "/handout/save", json.dumps(body))
        require((status, pdf[:5]) == (200, b"%PDF-"), f"a handout, not {status}: {pdf[:300]!r}")


def until_it_answers() -> None:
    """Wait for a desk that starts by itself."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            require(Browser().ask("GET", "/login")[0] == 200, "the page to log in")
        except OSError:
            require(time.monotonic() < end, f"no answer: {shell('journalctl -u desk -n 20')}")
            time.sleep(0.5)
        else:
            return


def first_page() -> None:
    told = follow(
        "5. Its name and address", "6. The certificate", "7. The first administrator",
        "8. Start it, now and with the machine", "9. Ask it from here",
    )  # fmt: skip
    require(told.endswith("<h1>Log in to the desk</h1>\n"), told)
    anna = Browser()
    anna.choose(words(told))
    require(anna.ask("GET", "/")[0] == 200, "the first page")
    anna.save()
    shown("steps 5 to 10: logged in over TLS that is checked against the new authority, and saved a PDF")


def walls() -> None:
    main = unit("MainPID")
    status = Path(f"/proc/{main}/status").read_text()
    for line in ("CapBnd:\t0000000000000000", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
        require(line in status, f"{line} in {status}")
    inside = f"nsenter --mount --target {main} "
    for folder in ("/etc", "/usr", "/opt/handouts", "/var", "/var/lib", "/var/log", "/boot", "/srv"):
        refused = shell(f"{inside} touch {folder}/new", fails=True)  # even as root
        require("Read-only file system" in refused, refused)
    for own in (DATA, CACHE):
        shell(f"{inside} runuser -u handouts -- touch {own}/new && rm {own}/new")
    for folder in ("/tmp", "/var/tmp", "/dev/shm"):
        shell(f"{inside} touch {folder}/new && test ! -e {folder}/new")
    shell("runuser -u handouts -- cat /etc/handouts/server.key", fails=True)
    shell("runuser -u nobody -- ls /var/lib/handouts", fails=True)
    require(unit("MemoryMax") == str(3 * 1024**3), "3 GB at most")
    shown("the unit: no capability, nothing can be written but its two folders, and no other user reads them")


def crash_and_fault() -> None:
    before = unit("MainPID")
    shell(f"kill -KILL {before}")
    until_it_answers()
    require(unit("MainPID") != before, "another process")
    require(Browser().log_in(OWN) == 200, "logged in again")
    shown("killed, it is there again")
    shell("cd /etc/handouts && mv server.key kept.key && openssl genpkey -algorithm ed25519 -out server.key")
    shell("systemctl restart desk.service", fails=True)
    require("The key is not the certificate's" in shell("journalctl -u desk -n 20"), "the journal says what is wrong")
    shell("mv /etc/handouts/kept.key /etc/handouts/server.key")
    until_it_answers()
    shown("with a wrong key it does not start and says why; with the right one it does, by itself")


def every_day() -> None:
    shell("handouts desk users add ben && handouts desk users remove ben")
    Browser().choose(words(shell("handouts desk users reset anna")))
    log = shell("handouts desk users log")
    require(all(f"{what}: " in log for what in ("logged in", "password reset", "removed")), log)
    made = shell("cd /root && handouts make - --allow-unapproved -o /tmp/x.pdf < /opt/handouts/examples/request.yaml")
    require(Path("/tmp/x.pdf").read_bytes()[:5] == b"%PDF-", made)
    shell("handouts record verify && handouts doctor")
    shown("users, a reset password, the log, and a handout by the command line")


def backup_and_restore() -> None:
    follow("Backup")
    follow("Backup")
    listed = shell("handouts record list")
    require(len(listed.splitlines()) == 2, f"two handouts: {listed}")
    owners = {file.owner() for file in DATA.rglob("*")}
    require(owners == {"handouts"}, f"{owners}: the backup, made by root, leaves nothing of root's")
    shell("shred -u /var/lib/handouts/*.sqlite3 /var/lib/handouts/*.key")
    told = follow("Restore")
    require("2 events, all as written" in told, told)
    follow("8. Start it, now and with the machine")
    require(shell("handouts record list") == listed, "the same record")
    anna = Browser()
    require(anna.log_in(OWN) == 200, "the users are there again")
    anna.save()
    shown("backed up, lost, restored")


def update() -> None:
    change = "git clone -q /srv/handouts.git /tmp/next && cd /tmp/next && echo '# newer' >> docs/desk.service"
    commit = "git -c user.name=x -c user.email=x@example.org commit -qam newer && git push -q"
    shell(f"{change} && {commit}")
    main = unit("MainPID")
    shell("cd /var/lib/handouts/content/words && mv en.yaml kept.yaml")
    told = shell(PAGES["Update"], fails=True)
    require("words/en.yaml" in told and unit("MainPID") == main, f"the desk stays, and it says what is missing: {told}")
    shell("cd /var/lib/handouts/content/words && mv kept.yaml en.yaml")
    follow("Update")
    require("# newer" in Path("/etc/systemd/system/desk.service").read_text(), "the new unit")
    require(Browser().log_in(OWN) == 200, "the new version")
    shell("systemctl stop desk && cd /opt && mv handouts handouts.bad && mv handouts.old handouts")
    follow("8. Start it, now and with the machine")
    require(Browser().log_in(OWN) == 200, "the old version")
    shown("updated, once the clinic's texts could be used, and gone back")


def another_certificate() -> None:
    before = (CONFIG / "server.pem").read_text()
    follow("A new certificate")
    require((CONFIG / "server.pem").read_text() != before, "another certificate")
    require(Browser().log_in(OWN) == 200, "browsers trust it as before")
    shown("a new certificate")


def stop() -> None:
    shell("systemctl stop desk.service")
    ended = (unit("Result"), unit("ExecMainStatus"), unit("ActiveState"))
    require(ended == ("success", "0", "inactive"), str(ended))
    require("handouts" not in shell("ps -eo user"), "no process of its stays")
    shown("stopped, with nothing left running")


if __name__ == "__main__":
    for part in (first_page, walls, crash_and_fault, every_day, backup_and_restore, update, another_certificate, stop):
        part()
