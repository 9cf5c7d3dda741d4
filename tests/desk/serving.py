"""A desk on a network in a process of its own, for tests that count its memory. It tells its address and waits.

Beside what a desk has, it gives the PDF that a window's pages are pictures of, so that a test can read their text.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from flask import Flask, Response

from handouts.desk.network import Listening
from handouts.desk.server import running
from handouts.desk.state import Settings
from handouts.desk.windows import Windows
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, TODAY


def main(data: str, cache: str, certificate: str, key: str) -> None:
    """Serve until standard input ends."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    settings = Settings(
        content=CONTENT, data=Path(data), by="desk", today=lambda: TODAY, now=time.time, key=lambda: KEY,
        cache=SheetCache(Path(cache)),
    )  # fmt: skip
    at = Listening(certificate=Path(certificate), key=Path(key))
    with running(settings, 0, at=at) as desk:
        app = desk.server.wsgi_app
        assert isinstance(app, Flask)

        @app.get("/test/pdf/<window>/<int:number>")
        def pdf(window: str, number: int) -> Response:
            windows: Windows = app.extensions["desk-windows"]
            return Response(windows.get(window, time.time()).pdfs[number], mimetype="application/pdf")

        sys.stdout.write(f"{desk.address}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
