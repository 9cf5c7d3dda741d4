"""A release of the program, this one or an older one, as a warm process that does what it is told, line by line.

Started by `Release`, in the folder of the checkout that it stands for. It uses only what both releases have.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

TODAY = date(2026, 11, 28)
_KEY = b"a key of the benchmarks, no one's"


class Release:
    """The process of a checkout; ``with`` ends it."""

    def __init__(self, checkout: Path) -> None:
        command = [sys.executable, "-P", str(Path(__file__).resolve()), str(checkout.resolve())]
        self._process = subprocess.Popen(
            command, cwd=checkout, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Release:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def make(self, request: Mapping[str, Any], cache: Path | None) -> tuple[float, int]:
        """The CPU seconds that one handout takes, and the bytes that it has."""
        seconds, size = self._ask("make", request, str(cache or ""))
        return seconds, size

    def make_each(self, requests: Sequence[Mapping[str, Any]], cache: Path) -> float:
        """The CPU seconds that one of ``requests`` takes, on average."""
        return float(self._ask("make_each", requests, str(cache)))

    def stamp(self, requests: Sequence[Mapping[str, Any]]) -> float:
        """The CPU seconds that stamping takes: details, code, stamp; all ``requests`` share one master."""
        return float(self._ask("stamp", requests))

    def _ask(self, *told: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit("The process of a release ended: its message stands above.")
        return json.loads(answer)


class _Server:
    """What runs in that process."""

    def __init__(self) -> None:
        from handouts import load_library
        from handouts.model.recorder import NullRecorder
        from handouts.pipeline import make, prepare
        from handouts.typeset import cache

        self.library = load_library(Path("content"), "hemifacial-spasm")
        self.recorder, self.make_one, self.prepare = NullRecorder(), make, prepare
        self.cache_of: Callable[[Path], Any] = getattr(cache, "SheetCache", None) or cache.MasterCache  # type: ignore[attr-defined]

    def make(self, request: Any, cache: str) -> tuple[float, int]:
        parsed = _parsed(request)
        gc.collect()
        start = time.process_time()
        pdf = self._made(parsed, cache)
        return time.process_time() - start, len(pdf)

    def make_each(self, requests: Any, cache: str) -> float:
        parsed = [_parsed(request) for request in requests]
        gc.collect()
        start = time.process_time()
        for one in parsed:
            self._made(one, cache)
        return (time.process_time() - start) / len(parsed)

    def _made(self, request: Any, cache: str) -> bytes:
        kept = self.cache_of(Path(cache)) if cache else None
        made = self.make_one(self.library, request, key=_KEY, today=TODAY, recorder=self.recorder, cache=kept)
        return bytes(made.pdf)

    def stamp(self, requests: Any) -> float:
        from handouts.codes import document_code, format_code
        from handouts.merge.details import details
        from handouts.stamp.stamp import stamp

        parsed = [_parsed(request) for request in requests]
        prepared = self.prepare(self.library, parsed[0], TODAY)
        master = self._master(prepared)
        told = getattr(prepared, "wording", self.library)  # what details are made of; once the whole library
        gc.collect()
        gc.freeze()
        start = time.process_time()
        for request in parsed:
            code = format_code(document_code(_KEY, request, self.library.digest))
            stamp(master, details(told, request, code), f"Hemifacial spasm, {code}")
        taken = (time.process_time() - start) / len(parsed)
        gc.unfreeze()
        return taken

    def _master(self, prepared: Any) -> Any:
        """What is stamped; with whole handouts typeset at once, as it was before there were sheets."""
        if not hasattr(prepared, "plan"):
            from handouts.typeset.html import typeset

            return typeset(prepared.handout, self.library.words)
        from handouts.typeset.stack import bind_sheets, sheets_of

        sheets, _ = sheets_of(self.library, prepared.handout, prepared.plan, None)
        return bind_sheets(sheets, prepared.plan.binding)


def _parsed(request: Any) -> Any:
    from handouts.model.request import Request

    return Request.model_validate(request)


def main() -> None:
    """Serve until the input ends."""
    sys.path.insert(0, sys.argv[1])
    server = _Server()
    for line in sys.stdin:
        name, *told = json.loads(line)
        print(json.dumps(getattr(server, name)(*told)), flush=True)


if __name__ == "__main__":
    main()
