"""Listens for the browser, and does in the background what nobody waits for. An edge module."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cheroot.wsgi import Server

from handouts.desk.ahead import make_ahead
from handouts.desk.app import MOST_UPLOADED, create_app
from handouts.desk.guard import Doorkeeper
from handouts.desk.opening import HOST, announced
from handouts.desk.state import Desk, Settings
from handouts.errors import SystemMissing

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
    _require_free(port)
    desk = Desk(settings)
    server = Server((HOST, port), None, numthreads=_THREADS, request_queue_size=64, timeout=_SECONDS)
    server.max_request_body_size = MOST_UPLOADED
    server.max_request_header_size = 32 * 1024
    server.server_name = "desk"
    server.prepare()
    try:
        bound = server.bind_addr[1]
        door = Doorkeeper((f"{HOST}:{bound}", f"localhost:{bound}"))
        server.wsgi_app = create_app(desk, door)
        threading.Thread(target=server.serve, daemon=True, name="desk").start()
        if background:
            start_background(desk)
        address = f"http://{HOST}:{bound}"
        with announced(settings.data, bound, door.secret):
            yield Running(desk, door, server, address)
    finally:
        server.stop()
        desk.close()


def _require_free(port: int) -> None:
    try:
        with socket.socket() as trying:
            trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trying.bind((HOST, port))
    except OSError:
        raise SystemMissing(
            f"Port {port} is taken by another program. Start the desk with another one, such as --port {port + 1}."
        ) from None


def start_background(desk: Desk) -> None:
    """What goes on while the desk is open: processes and sheets are made ready, and mail that is due goes out."""
    desk.workers.start()
    desk.mail.start()
    for work in (make_ahead,):
        threading.Thread(target=_quietly, args=(work, desk), daemon=True, name=work.__name__).start()


def _quietly(work: Callable[[Desk], object], desk: Desk) -> None:
    with contextlib.suppress(Exception):  # whoever asks for the same is told what is wrong
        work(desk)
