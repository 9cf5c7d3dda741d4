"""A real CUPS for tests: in its own folder and on its own socket, with printers that behave as told.

The machine's own CUPS is neither used nor changed. When the tests end, or are killed, it ends too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import PATIENCE

PROGRAMS = next((path for path in map(Path, ("/usr/lib/cups", "/usr/libexec/cups")) if path.is_dir()), Path("/none"))
"""CUPS's own: daemon, filters, backends."""
_PATH = f"{os.environ['PATH']}:/usr/sbin"


def missing() -> str:
    """Why there can be no CUPS here; empty when there can."""
    if not shutil.which("cupsd", path=_PATH) or not shutil.which("lpadmin", path=_PATH):
        return "CUPS is not installed: script/cups installs it"
    return "" if (PROGRAMS / "filter" / "pdftopdf").exists() else "cups-filters are not installed: script/cups does it"


_BACKEND = """#!/bin/sh
# A printer. What comes after "paper:/" says how it behaves; its pages go into a file.
[ $# -gt 0 ] || { echo 'direct paper "Unknown" "Paper"'; exit 0; }
out=@OUT@
printf '%s|%s|%s|%s\\n' "$1" "$2" "$3" "$5" >>$out/jobs
take() { if [ $# -ge 6 ]; then cat "$6"; else cat; fi >$out/$1.part && mv $out/$1.part $out/$1.pdf; }
case $DEVICE_URI in
    */fails) exit 1 ;;
    */wants-password) exit 2 ;;
    */holds) exit 3 ;;
    */stops) echo 'STATE: +media-jam-error' >&2; exit 4 ;;
    */cancels) exit 5 ;;
    */cancels-later) sleep 3; exit 5 ;;
    */hangs) exec sleep 60 ;;
    */empty) echo 'STATE: +media-empty-error' >&2; exec sleep 60 ;;
    */filled)
        echo 'STATE: +media-empty-error' >&2; sleep 1
        echo 'STATE: -media-empty-error' >&2; take "$@" ;;
    */second-fails) if [ -e $out/first ]; then exit 5; else : >$out/first; take "$@"; fi ;;
    *) take "$@" ;;
esac
"""
_PPD = """*PPD-Adobe: "4.3"
*FormatVersion: "4.3"
*FileVersion: "1.0"
*LanguageVersion: English
*LanguageEncoding: ISOLatin1
*PCFileName: "PAPER.PPD"
*Manufacturer: "Tests"
*Product: "(Paper)"
*ModelName: "Paper"
*ShortNickName: "Paper"
*NickName: "Paper"
*PSVersion: "(3010.000) 0"
*LanguageLevel: "3"
*cupsManualCopies: True
*cupsFilter2: "application/vnd.cups-pdf application/pdf 0 -"
*OpenUI *PageSize/Media Size: PickOne
*DefaultPageSize: Letter
*PageSize Letter: "x"
*PageSize A4: "x"
*CloseUI: *PageSize
*OpenUI *PageRegion: PickOne
*DefaultPageRegion: Letter
*PageRegion Letter: "x"
*PageRegion A4: "x"
*CloseUI: *PageRegion
*DefaultImageableArea: Letter
*ImageableArea Letter: "12 12 600 780"
*ImageableArea A4: "12 12 583 830"
*DefaultPaperDimension: Letter
*PaperDimension Letter: "612 792"
*PaperDimension A4: "595 842"
*OpenUI *Duplex/2-Sided: PickOne
*DefaultDuplex: None
*Duplex None/Off: "x"
*Duplex DuplexNoTumble/Long: "x"
*Duplex DuplexTumble/Short: "x"
*CloseUI: *Duplex
"""
_CONF = """Listen @HOME@/sock
LogLevel warn
Browsing Off
DefaultAuthType None
WebInterface No
@MORE@
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""
_FILES = """ServerRoot @HOME@/root
RequestRoot @HOME@/spool
CacheDir @HOME@/cache
StateDir @HOME@/state
TempDir @HOME@/temp
ServerBin @HOME@/programs
ErrorLog @HOME@/log/error
AccessLog @HOME@/log/access
PageLog @HOME@/log/page
"""


@dataclass(frozen=True)
class Given:
    """What a printer was given: the job as CUPS told it of it. ``pages``: the file that came out."""

    job: str
    user: str
    title: str
    options: str


class Cups:
    """One scheduler. Use it in a `with`."""

    def __init__(self, more: str = "") -> None:
        self.home = Path(tempfile.mkdtemp(prefix="handouts-cups-", dir="/tmp"))  # a socket's path has to be short
        self.home.chmod(0o755)
        self.out, self.socket = self.home / "out", str(self.home / "sock")
        for name in ("root/ppd", "spool", "cache", "state", "temp", "log", "out", "programs/backend"):
            (self.home / name).mkdir(parents=True)
        for folder in (self.out, self.home / "temp"):
            folder.chmod(0o1777)  # backends and filters are not root
        for program in ("daemon", "filter"):
            (self.home / "programs" / program).symlink_to(PROGRAMS / program)
        (self.home / "programs" / "backend" / "ipp").symlink_to(PROGRAMS / "backend" / "ipp")
        backend = self.home / "programs" / "backend" / "paper"
        backend.write_text(_BACKEND.replace("@OUT@", str(self.out)))
        backend.chmod(0o755)
        (self.home / "paper.ppd").write_text(_PPD)
        (self.home / "cupsd.conf").write_text(_CONF.replace("@MORE@", more).replace("@HOME@", str(self.home)))
        (self.home / "files.conf").write_text(_FILES.replace("@HOME@", str(self.home)))
        self.start()

    def start(self) -> None:
        """Let it run, until its standard input is closed: that happens at the latest when the tests end."""
        files = f"-c {self.home}/cupsd.conf -s {self.home}/files.conf"
        shell = f"cupsd -f {files} & trap 'kill $!; wait $!' EXIT; read -r _"
        self.process = subprocess.Popen(
            ["bash", "-c", shell],
            env={**os.environ, "PATH": _PATH},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a test is not for it
        )
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            if Path(self.socket).exists() and self.tell("lpstat", "-r").stdout.startswith("scheduler is running"):
                return
            time.sleep(0.05)
        raise AssertionError((self.home / "log" / "error").read_text())

    def stop(self) -> None:
        """Let it end, as an administrator would."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(PATIENCE)

    def __enter__(self) -> Cups:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.home)

    def tell(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One of CUPS's own commands, for this scheduler."""
        env = {**os.environ, "CUPS_SERVER": self.socket, "LC_ALL": "C", "PATH": _PATH}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=check, timeout=PATIENCE)

    def add(self, name: str, behaviour: str = "prints", *, at: str = "") -> str:
        """A printer that takes jobs, or the way to one ``at`` an address of IPP; returns its name."""
        where = at or f"paper:/{behaviour}"
        self.tell("lpadmin", "-p", name, "-E", "-v", where, "-P", str(self.home / "paper.ppd"))
        return name

    def given(self, job: str) -> Given:
        """What the printer was told of the job."""
        for line in (self.out / "jobs").read_text().splitlines():
            parts = line.split("|")
            if parts[0] == job.rpartition("-")[2]:
                return Given(*parts)
        raise AssertionError(f"{job} never came to a printer")

    def pdf(self, job: str) -> bytes:
        """What came out of the printer."""
        return (self.out / f"{job.rpartition('-')[2]}.pdf").read_bytes()

    def queue(self) -> list[str]:
        """Jobs that are not at their end."""
        return [line.split()[0] for line in self.tell("lpstat", "-o").stdout.splitlines()]
