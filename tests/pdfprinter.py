"""Debian's PDF printer, cups-pdf, as a printer of a test's own CUPS.

No part of it is ours. CUPS makes PostScript of a handout for it, as for many older printers, and Ghostscript makes
pages of that; they come out as a file that is called after the job.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.conftest import ROOT
from tests.cups import PROGRAMS, Cups
from tests.cups import missing as cups_missing

_INSTALLED = (PROGRAMS / "backend" / "cups-pdf", Path("/usr/share/ppd/cups-pdf/CUPS-PDF_opt.ppd"))
_UNPACKED = (ROOT / ".cups-pdf" / "cups-pdf", ROOT / ".cups-pdf" / "CUPS-PDF_opt.ppd")
_PROGRAM, _PPD = _INSTALLED if _INSTALLED[0].exists() else _UNPACKED
_FILTERS = ("pdftopdf", "pdftops", "pstops")
_FIXED = b"\0/etc/cups\0"
"""Where it looks for its settings; it can't be told otherwise."""


def not_fetched() -> str:
    """What of it `script/cups` has yet to bring; empty when all is there."""
    if why := cups_missing():
        return why
    if not _PROGRAM.exists() or not _PPD.exists():
        return "Debian's PDF printer is not here: script/cups fetches it (Debian, Ubuntu)"
    whole = shutil.which("gs") and all((PROGRAMS / "filter" / name).exists() for name in _FILTERS)
    return "" if whole else "Ghostscript or a filter of CUPS is missing: script/cups installs them"


def missing() -> str:
    """Why it can't be had here; empty when it can."""
    if why := not_fetched():
        return why
    if os.geteuid():
        return "Debian's PDF printer works for root alone"
    known = _PROGRAM.read_bytes().count(_FIXED) == 1
    return "" if known else "another build of Debian's PDF printer than the one that the tests know"


_BACKEND = """#!/bin/sh
cd @HOME@ && exec ./cups-pdf "$@"
"""
_SETTINGS = """Out @HOME@/@NAME@
AnonDirName @HOME@/@NAME@
Spool @HOME@/spool
Log @HOME@/log
LogType 7
GSTmp @HOME@/temp
Grp lp
"""


class PdfPrinter:
    """One such printer. Its settings and its files are its own; the program is there once for each CUPS."""

    def __init__(self, cups: Cups, name: str) -> None:
        self.name, self.home = name, cups.home / "cups-pdf"
        if not self.home.exists():
            self._set_up(cups.home / "programs" / "backend" / "cups-pdf")
        settings = _SETTINGS.replace("@HOME@", str(self.home)).replace("@NAME@", name)
        (self.home / f"cups-pdf-{name}.conf").write_text(settings)
        # What Debian's package gives its printer. The title is to be CUPS's: where cups-pdf reads it in the PostScript
        # (3.0.1), bytes of its memory follow it.
        options = ("pdftops-renderer-default=pdftocairo", "printer-is-shared=no", "TitlePref=1")
        command = ["lpadmin", "-p", name, "-E", "-v", f"cups-pdf:/{name}", "-P", str(_PPD)]
        cups.tell(*command, *(word for option in options for word in ("-o", option)))

    def _set_up(self, backend: Path) -> None:
        """A copy of the program that looks for its settings in its own folder, so that the machine's stay untouched."""
        (self.home / "temp").mkdir(parents=True)
        here = b"\0.".ljust(len(_FIXED), b"\0")
        (self.home / "cups-pdf").write_bytes(_PROGRAM.read_bytes().replace(_FIXED, here))
        backend.write_text(_BACKEND.replace("@HOME@", str(self.home)))
        for path in (self.home / "cups-pdf", backend):
            path.chmod(0o700)  # by which CUPS sees that it has to run as root

    def files(self) -> dict[str, bytes]:
        """What came out of it, by name."""
        return {path.name: path.read_bytes() for path in sorted((self.home / self.name).iterdir())}

    def log(self) -> str:
        """Each of its steps, with all that it was told."""
        return (self.home / "log" / f"cups-pdf-{self.name}_log").read_text(errors="replace")
