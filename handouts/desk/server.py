"""Listens for the browser, and does in the background what nobody waits for. An edge module."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from handouts.desk.ahead import make_ahead
from handouts.desk.app import MOST_UPLOADED, create_app
from handouts.desk.connections import DeskServer
from handouts.desk.guard import Doorkeeper
from handouts.desk.login import UserDoor
from handouts.desk.network import Listening
from handouts.desk.opening import announced
from handouts.desk.state import Desk, Settings
from handouts.desk.tls import tls_adapter
from handouts.errors import SystemMissing

PORT = 8765


@dataclass(frozen=True)
class Running:
    """A desk that listens. ``door`` invites browsers."""

    desk: Desk
    door: Doorkeeper
    server: DeskServer
    address: str

    def invitation(self) -> str:
        """An address that lets one browser in, once."""
        return f"{self.address}/enter/{self.door.invite()}"


@contextlib.contextmanager
def running(
    settings: Settings, port: int = PORT, *, background: bool = True, at: Listening | None = None
) -> Iterator[Running]:
    """A desk that listens until the block ends, on this machine alone unless ``at`` says more; ``port`` 0: any.

    SystemMissing: the port is taken, or the certificate is no good; Refused: a network without TLS and users.
    """
    at = at or Listening()
    at.require_possible(settings.data)
    adapter = tls_adapter(at.certificate, at.key, settings.now()) if at.certificate and at.key else None
    _require_free(at.address, port)
    desk = Desk(settings)
    server = DeskServer((at.address, port))
    server.ssl_adapter = adapter
    server.max_request_body_size = MOST_UPLOADED
    server.max_request_header_size = 32 * 1024
    server.server_name = "desk"
    server.prepare()
    try:
        bound = server.bind_addr[1]
        hosts = at.hosts(bound)
        door = UserDoor(hosts, settings.data, settings.now) if adapter else Doorkeeper(hosts)
        if isinstance(door, UserDoor):
            server.is_known = door.places.__contains__
        server.wsgi_app = create_app(desk, door)
        threading.Thread(target=server.serve, daemon=True, name="desk").start()
        if background:
            start_background(desk)
        address = f"{'https' if adapter else 'http'}://{hosts[0]}"
        with contextlib.nullcontext() if adapter else announced(settings.data, bound, door.secret):
            yield Running(desk, door, server, address)
    finally:
        server.stop()
        desk.close()


def _require_free(address: str, port: int) -> None:
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as trying:
            trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trying.bind((address, port))
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            why = "This machine does not have the address that --listen names. `ip address` shows those it has."
        elif error.errno == errno.EACCES:
            why = f"Port {port} is reserved for the system. Start the desk with another one, such as --port 8443."
        else:
            why = (
                f"Port {port} is taken by another program. Start the desk with another one, such as --port {port + 1}."
            )
        raise SystemMissing(why) from None


def tell_ready() -> None:
    """Tell systemd, if it started this and waits to hear it, that the desk answers now: sd_notify(3)."""
    where = os.environ.get("NOTIFY_SOCKET")
    if where:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
            there.sendto(b"READY=1", where)


def start_background(desk: Desk) -> None:
    """What goes on while the desk is open: processes and sheets are made ready, and mail that is due goes out."""
    desk.workers.start()
    desk.mail.start()
    for work in (make_ahead,):
        threading.Thread(target=_quietly, args=(work, desk), daemon=True, name=work.__name__).start()


def _quietly(work: Callable[[Desk], object], desk: Desk) -> None:
    with contextlib.suppress(Exception):  # whoever asks for the same is told what is wrong
        work(desk)
