"""Opens the desk in the user's browser, also once more where it runs already. An edge module."""

from __future__ import annotations

import contextlib
import html
import http.client
import json
import os
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path

from handouts import atomic
from handouts.errors import OutputFault
from handouts.load.files import read_regular

HOST = "127.0.0.1"
_NAME = "desk.json"
_SECONDS = 20
"""A browser that just starts takes some until it reads a file."""


@contextlib.contextmanager
def announced(folder: Path, port: int, secret: str) -> Iterator[None]:
    """Where the desk is, in a file for its own user, as long as it is open. OutputFault where that can't be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic.write(folder / _NAME, json.dumps({"port": port, "secret": secret}).encode(), durable=False)
    except OSError as error:
        raise OutputFault(f"The desk can't be opened: {error.strerror}. Name another folder with --data.") from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            (folder / _NAME).unlink()


def invitation_of_another(folder: Path) -> str | None:
    """An address that lets one browser into the desk that already runs on this data folder; None if none answers."""
    try:
        told = json.loads(read_regular(folder / _NAME, 4096))
        where = f"{HOST}:{int(told['port'])}"
        there = http.client.HTTPConnection(where, timeout=5)
        with contextlib.closing(there):
            there.request(
                "POST", "/invite", headers={"Authorization": f"Bearer {told['secret']}", "Origin": f"http://{where}"}
            )
            answer = there.getresponse()
            return f"http://{where}/enter/{answer.read(200).decode('ascii')}" if answer.status == 200 else None
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return None


def open_browser(invitation: str) -> bool:
    """Open an address that lets in; whether there is a browser.

    It would stand in the list of processes, which every user of the machine can read. So the browser gets a file that
    only its owner can read, and that leads there.
    """
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    file = folder / "desk.html"
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as page:
        page.write(_LEADS_THERE.format(html.escape(invitation, quote=True)))
    try:
        return webbrowser.open(file.as_uri())
    finally:
        threading.Timer(_SECONDS, _remove, (file,)).start()


_LEADS_THERE = '<!doctype html><meta charset="utf-8"><title>Desk</title><meta http-equiv="refresh" content="0;url={}">'


def _remove(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink()
        file.parent.rmdir()
