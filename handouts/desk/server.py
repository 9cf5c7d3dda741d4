"""Listens for the browser, opens it, and does in the background what nobody waits for. An edge module."""

from __future__ import annotations

import contextlib
import html
import os
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cheroot.wsgi import Server

from handouts.desk.ahead import make_ahead
from handouts.desk.app import MOST_UPLOADED, create_app
from handouts.desk.guard import Doorkeeper
from handouts.desk.state import Desk, Settings
from handouts.errors import SystemMissing

HOST = "127.0.0.1"
PORT = 8765
_THREADS = 12
_SECONDS = 20
"""For which a connection may say nothing."""


@dataclass(frozen=True)
class Running:
    """A desk that listens. ``door`` invites browsers."""

    desk: Desk
    door: Doorkeeper
    server: Server
    address: str

    def invitation(self) -> str:
        """An address that lets one browser in, once."""
        return f"{self.address}/enter/{self.door.invite()}"


@contextlib.contextmanager
def running(settings: Settings, port: int = PORT, *, background: bool = True) -> Iterator[Running]:
    """A desk that listens on this machine alone until the block ends; ``port`` 0: any. SystemMissing: it is taken."""
    desk = Desk(settings)
    server = Server((HOST, port), None, numthreads=_THREADS, request_queue_size=64, timeout=_SECONDS)
    server.max_request_body_size = MOST_UPLOADED
    server.max_request_header_size = 32 * 1024
    server.server_name = "desk"
    try:
        server.prepare()
    except OSError:
        desk.close()
        raise SystemMissing(
            f"Port {port} is taken: perhaps the desk is open already. Use that window, or start another with --port."
        ) from None
    try:
        bound = server.bind_addr[1]
        door = Doorkeeper((f"{HOST}:{bound}", f"localhost:{bound}"))
        server.wsgi_app = create_app(desk, door)
        threading.Thread(target=server.serve, daemon=True, name="desk").start()
        if background:
            start_background(desk)
        yield Running(desk, door, server, f"http://{HOST}:{bound}")
    finally:
        server.stop()
        desk.close()


def start_background(desk: Desk) -> None:
    """What goes on while the desk is open: sheets of all topics are made ready."""
    for work in (make_ahead,):
        threading.Thread(target=_quietly, args=(work, desk), daemon=True, name=work.__name__).start()


def _quietly(work: Callable[[Desk], object], desk: Desk) -> None:
    with contextlib.suppress(Exception):  # whoever asks for the same is told what is wrong
        work(desk)


def open_browser(running: Running) -> bool:
    """Open the desk in the user's browser; whether there is one.

    The address with the key would stand in the list of processes, which every user of the machine can read. So the
    browser gets a file that only its owner can read, and that leads there.
    """
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    file = folder / "desk.html"
    address = html.escape(running.invitation(), quote=True)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as page:
        page.write(_LEADS_THERE.format(address))
    try:
        return webbrowser.open(file.as_uri())
    finally:
        threading.Timer(20, _remove, (file,)).start()


_LEADS_THERE = '<!doctype html><meta charset="utf-8"><title>Desk</title><meta http-equiv="refresh" content="0;url={}">'


def _remove(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink()
        file.parent.rmdir()
