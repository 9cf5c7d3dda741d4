"""smtplib's client with limits: on the length of a reply, and on the time that all of it may take. An edge module.

smtplib waits for each byte anew and keeps every line of a reply. A server that sends one byte a second, or "250-" for
ever, would hold the run or fill the memory. Here a reply has an end in bytes and in time, and so has the conversation.
The time is the machine's own, which no change of the clock moves.
"""

from __future__ import annotations

import smtplib
import ssl
import time
from typing import Any

LONGEST_REPLY = 65536
"""Bytes of one reply, all lines together. Real ones have some hundred."""
_CHUNK = 65536


class _Limited:
    """The part that both clients below share."""

    sock: Any
    command_encoding: str

    def limit(self, patience: float, until: float) -> None:
        """From now on a reply may take ``patience`` seconds, and nothing may happen after ``until`` (monotonic)."""
        self.patience, self.until = patience, until

    def getreply(self) -> tuple[int, bytes]:
        """Code and text of a reply, as smtplib's. SMTPServerDisconnected, SMTPException for one without an end."""
        end = min(time.monotonic() + self.patience, self.until)
        lines: list[bytes] = []
        left = LONGEST_REPLY
        while True:
            line = self._line(end, left)
            left -= len(line)
            lines.append(line[4:].strip(b" \t\r\n"))
            code = int(line[:3]) if line[:3].isdigit() and len(line[:3]) == 3 else -1
            if code == -1 or line[3:4] != b"-":
                return code, b"\n".join(lines)

    def _line(self, end: float, left: int) -> bytes:
        """The next line, its end included."""
        if getattr(self, "_read_from", None) is not self.sock:  # new, or encrypted since: nothing from before counts
            self._read_from, self._ahead = self.sock, b""
        while b"\n" not in self._ahead:
            if len(self._ahead) > left:
                raise self._ended(smtplib.SMTPException("a reply without an end"))
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected("not connected")
            try:
                self.sock.settimeout(_left(end))
                more = self.sock.recv(4096)
            except TimeoutError:
                raise self._ended(TimeoutError("the reply took too long")) from None
            except OSError:
                raise self._ended(smtplib.SMTPServerDisconnected("the connection was lost")) from None
            if not more:
                raise self._ended(smtplib.SMTPServerDisconnected("the connection was closed"))
            self._ahead += more
        line, _, self._ahead = self._ahead.partition(b"\n")
        if len(line) > left:
            raise self._ended(smtplib.SMTPException("a reply without an end"))
        return line + b"\n"

    def send(self, s: Any) -> None:
        """Send all of ``s`` within the limits. SMTPServerDisconnected; TimeoutError when it takes too long."""
        data = memoryview(s.encode(self.command_encoding) if isinstance(s, str) else s)
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        end = min(time.monotonic() + self.patience, self.until)
        try:
            while data:
                self.sock.settimeout(_left(end))
                data = data[self.sock.send(data[:_CHUNK]) :]
        except TimeoutError:
            raise self._ended(TimeoutError("sending took too long")) from None
        except OSError:
            raise self._ended(smtplib.SMTPServerDisconnected("the connection was lost")) from None

    def _ended(self, error: OSError) -> OSError:
        self.close()  # type: ignore[attr-defined]
        return error


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class Client(_Limited, smtplib.SMTP):
    """Not encrypted, or by STARTTLS."""

    def __init__(self, host: str, port: int, name: str, connect: float, until: float) -> None:
        self.limit(connect, until)
        super().__init__(host, port, name, timeout=connect)


class TlsClient(_Limited, smtplib.SMTP_SSL):
    """Encrypted from the first byte."""

    def __init__(self, host: str, port: int, name: str, connect: float, until: float, context: ssl.SSLContext) -> None:
        self.limit(connect, until)
        super().__init__(host, port, name, timeout=connect, context=context)
