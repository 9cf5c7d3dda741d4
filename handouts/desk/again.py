"""A past document once more, from its original pages and the request that somebody has: see `handouts.record.reprint`.

The program keeps no request. So the page that tells the outcome holds it, for the next question.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from handouts.desk.state import Desk
from handouts.load.requests import build_request, read_request, read_stream
from handouts.model.request import Request
from handouts.pipeline import bind_kept
from handouts.record.recorder import FolderRecorder
from handouts.record.reprint import Reprint, give_to_browser, remake
from handouts.record.status import require_in_record


@dataclass(frozen=True)
class Again:
    """``same``: whether the bytes are the original ones; ``told`` says so, or what differs, a line each; ``request``:
    as JSON.
    """

    same: bool
    told: tuple[str, ...]
    request: str

    def __repr__(self) -> str:
        return f"Again({self.same})"


def look(desk: Desk, code: str, sent: bytes) -> Again:
    """What would come out. RequestFault that names the keys in which the request differs from that of then; Refused
    when the pages are not kept.
    """
    wanted = _read(sent)
    with desk.recorder() as recorder:
        made = _remake(desk, recorder, code, wanted)
    first, *rest = made.told.split("\n")
    return Again(not made.differs, (first, *(line.strip() for line in rest)), _as_json(wanted))


def give(desk: Desk, code: str, sent: bytes) -> bytes:
    """The bytes, recorded as given to the browser. As `look`, and OutputFault."""
    with desk.recorder() as recorder:
        return give_to_browser(_remake(desk, recorder, code, _read(sent)), recorder)


def _remake(desk: Desk, recorder: FolderRecorder, code: str, wanted: Request) -> Reprint:
    return remake(recorder, require_in_record(recorder.store, code), wanted, desk.key, bind_kept)


def _read(sent: bytes) -> Request:
    """A request from YAML or JSON. Its file's name is not told: it may be a patient's."""
    return build_request(read_request(read_stream(io.BytesIO(sent), "The request"), "request"))


def _as_json(wanted: Request) -> str:
    return wanted.model_dump_json(by_alias=True, exclude_defaults=True)
