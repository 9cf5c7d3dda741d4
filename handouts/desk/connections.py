"""The server's connections: one that is slow, silent or greedy keeps nobody else waiting. An edge module.

Cheroot gives a thread to each connection from its first moment on, and does a TLS handshake while nobody else can
connect. Here a connection gets a thread once it has something to say, a handshake is work like any other, and the
threads that one machine can keep busy are few. A machine may have many addresses, and begin handshakes or requests
without end: so those from which nobody has logged in have only some of the threads.
"""

from __future__ import annotations

import contextlib
import resource
import socket
import ssl
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

from cheroot.server import HTTPConnection
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

THREADS = 60
SILENT = 20
"""Seconds for which a connection may say nothing."""
HANDSHAKE = 5.0
READING = 30.0
"""Seconds in which a request has to be there; then no more of it is read."""
ANSWERING = 180.0
"""Seconds after which a connection is cut, whatever it does."""
MOST_BUSY = 10
"""Requests of one machine that are worked on at once; a browser sends six."""
MOST_OF_STRANGERS = 40
"""The same, of all machines from which nobody has logged in."""
MOST_OPEN = 64
"""Connections of one machine."""


class Adapter(BuiltinSSLAdapter):
    """TLS whose handshake the connection's own thread does."""

    def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, str]]:
        """The socket, and what a request says about it."""
        wrapped = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return wrapped, {"wsgi.url_scheme": "https", "HTTPS": "on"}


class Connection(HTTPConnection):
    """A connection that its server counts."""

    counted = False
    """Whether it is one of those of its machine."""
    greeted = False

    def communicate(self) -> bool:
        """Do the handshake, or answer a request; whether the connection stays open."""
        try:
            if not self.greeted and isinstance(self.socket, ssl.SSLSocket):
                return self._greet(self.socket)
            return bool(super().communicate())  # type: ignore[no-untyped-call]
        finally:
            self.server.release(self)

    def _greet(self, secured: ssl.SSLSocket) -> bool:
        secured.settimeout(HANDSHAKE)
        try:
            secured.do_handshake()
        except OSError:
            return False
        secured.settimeout(self.server.timeout)
        self.greeted = True
        return True

    def close(self) -> None:
        """Close it, and count it no more."""
        self.server.forget(self)
        with contextlib.suppress(OSError, ValueError):
            super().close()


class DeskServer(Server):
    """Cheroot's server for a desk."""

    ConnectionClass = Connection

    def __init__(self, address: tuple[str, int], threads: int = THREADS) -> None:
        super().__init__(address, None, numthreads=threads, request_queue_size=256, timeout=SILENT)
        self._lock = threading.Lock()
        self._open = Counter[str]()
        self._busy = Counter[str]()
        self._strangers = set[Connection]()
        """Those that are busy."""
        self._began: dict[Connection, float] = {}
        self._waiting = deque[Connection]()
        self._ended = threading.Event()
        self.is_known: Callable[[str], bool] = lambda _: True
        """Whether somebody has logged in from an address."""
        self.most = max(64, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200)
        """Connections at once; files and pipes need some of what the system allows."""

    def prepare(self) -> None:
        """Listen, and look after the connections from now on."""
        super().prepare()
        threading.Thread(target=self._look_after, daemon=True, name="connections").start()

    def stop(self) -> None:
        """End."""
        self._ended.set()
        super().stop()

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Nothing: a client that is gone is no news, and a traceback may hold what it sent. Flask tells of bugs."""

    def process_conn(self, conn: Connection) -> None:
        """A connection that is new, or that has something to say."""
        if not conn.counted:
            if self._admit(conn):
                self.put_conn(conn)  # until it says something
            else:
                conn.close()
            return
        with self._lock:
            if not self._has_its_turn(conn):
                self._waiting.append(conn)
                return
            self._begin(conn)
        super().process_conn(conn)

    def _has_its_turn(self, conn: Connection) -> bool:
        address = _address(conn)
        if self._busy[address] >= MOST_BUSY:
            return False
        return len(self._strangers) < MOST_OF_STRANGERS or self.is_known(address)

    def _begin(self, conn: Connection) -> None:
        self._busy[_address(conn)] += 1
        self._began[conn] = time.monotonic()
        if not self.is_known(_address(conn)):
            self._strangers.add(conn)

    def release(self, conn: Connection) -> None:
        """A thread is done with a connection: of those that wait, the machine gets it that keeps fewest busy."""
        with self._lock:
            self._began.pop(conn, None)
            self._strangers.discard(conn)
            _less(self._busy, _address(conn))
            able = filter(self._has_its_turn, self._waiting)
            following = min(able, key=lambda one: self._busy[_address(one)], default=None)
            if following:
                self._waiting.remove(following)
                self._begin(following)
        if following:
            super().process_conn(following)

    def forget(self, conn: Connection) -> None:
        """A connection is closed."""
        with self._lock:
            if conn.counted:
                conn.counted = False
                _less(self._open, _address(conn))

    def _admit(self, conn: Connection) -> bool:
        with self._lock:
            address = _address(conn)
            if self._open[address] >= MOST_OPEN or self._open.total() >= self.most:
                return False
            self._open[address] += 1
            conn.counted = True
            return True

    def _look_after(self) -> None:
        while not self._ended.wait(1):
            now = time.monotonic()
            with self._lock:
                busy = list(self._began.items())
            for conn, began in busy:
                if now - began > READING:
                    how = socket.SHUT_RDWR if now - began > ANSWERING else socket.SHUT_RD
                    with contextlib.suppress(OSError):
                        socket.socket.shutdown(conn.socket, how)  # not of SSLSocket, which would drop its keys


def _address(conn: Any) -> str:
    return str(conn.remote_addr)


def _less(counter: Counter[str], name: str) -> None:
    counter[name] -= 1
    if counter[name] <= 0:
        del counter[name]
