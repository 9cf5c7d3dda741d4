"""A past document once more, from its original pages and the request that somebody has: see `handouts.record.reprint`.

The request comes as a file, as a row of a list, or typed into the form anew. The program keeps none: the page that
tells the outcome holds it, for the next question.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from handouts.codes import format_code
from handouts.desk.forms import Fields, FormFault, to_request
from handouts.desk.making import read
from handouts.desk.state import Desk
from handouts.errors import HandoutError, RequestFault
from handouts.lists.rows import read_stream as read_list
from handouts.lists.settings import settings_for
from handouts.lists.workbook import SeveralWorksheets
from handouts.load.layers import lay_over
from handouts.load.library import default_clinic
from handouts.load.requests import build_request, read_request, read_stream
from handouts.load.yamlfile import Parsed
from handouts.model.request import Request
from handouts.pipeline import bind_kept
from handouts.record.event import Event
from handouts.record.recorder import FolderRecorder, open_store
from handouts.record.reprint import OtherRequest, Reprint, find_row, give_to_browser, remake
from handouts.record.status import require_in_record

MOST_ROWS = 20_000
"""So many rows of a list are looked through."""


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


def from_file(desk: Desk, code: str, sent: bytes) -> Request:
    """The request in a file: a request, or a list of which a row is it. The file's name is not told: it may be a
    patient's. RequestFault.
    """
    if _is_request(sent):
        return from_page(read_stream(io.BytesIO(sent), "The request"))
    return _row_of(desk, code, sent)


def _is_request(sent: bytes) -> bool:
    """Whether it is one JSON object, or YAML that begins with a key. JSON Lines are a list."""
    text = sent.removeprefix(b"\xef\xbb\xbf")
    if not text.lstrip().startswith(b"{"):
        return bool(_YAML.match(text))
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


_YAML = re.compile(rb"(?:\s*(?:#|---).*\n)*\s*[a-z_]+\s*:")


def from_page(held: str) -> Request:
    """The request that a page held. RequestFault."""
    return build_request(read_request(held, "request"))


def _row_of(desk: Desk, code: str, sent: bytes) -> Request:
    with open_store(desk.data) as store:
        event = require_in_record(store, code)
    known = start_of(desk, event)["data"]
    try:
        return find_row(event, _rows(desk, known, sent, None), desk.key)
    except SeveralWorksheets as several:
        rows = chain.from_iterable(_rows(desk, known, sent, name) for name in several.names)
        return find_row(event, rows, desk.key)


def _rows(desk: Desk, known: Mapping[str, Any], sent: bytes, worksheet: str | None) -> Iterator[tuple[int, Request]]:
    """The rows of a list as requests, each in the ways to say it; ``known`` is what flags may have said of all."""
    settings = settings_for(desk.content, desk.today(), known, worksheet=worksheet)
    for row in islice(read_list(io.BytesIO(sent), settings).rows, MOST_ROWS):
        if row.data is None:
            continue
        with contextlib.suppress(RequestFault):
            for said in _ways_to_say(desk, build_request(Parsed(lay_over(known, row.data), {}, ""))):
                yield row.number, said


def from_form(desk: Desk, fields: Fields) -> Request:
    """A request as it was typed. FormFault, RequestFault."""
    form = read(desk, fields)
    if form.faults:
        raise FormFault(form.faults)
    return to_request(form)


def look(desk: Desk, code: str, wanted: Request) -> Again:
    """What would come out. OtherRequest that names the keys in which the request differs from that of then; Refused
    when the pages are not kept.
    """
    with desk.recorder() as recorder:
        made, said = _remake(desk, recorder, code, wanted)
    first, *rest = made.told.split("\n")
    as_json = said.model_dump_json(by_alias=True, exclude_defaults=True)
    return Again(not made.differs, (first, *(line.strip() for line in rest)), as_json)


def give(desk: Desk, code: str, wanted: Request) -> bytes:
    """The bytes, recorded as given to the browser. As `look`, and OutputFault."""
    with desk.recorder() as recorder:
        return give_to_browser(_remake(desk, recorder, code, wanted)[0], recorder)


def _remake(desk: Desk, recorder: FolderRecorder, code: str, wanted: Request) -> tuple[Reprint, Request]:
    """The document again, and the request in the way that it was said then."""
    event = require_in_record(recorder.store, code)
    faults: list[OtherRequest] = []
    for said in _ways_to_say(desk, wanted):
        try:
            return remake(recorder, event, said, desk.key, bind_kept), said
        except OtherRequest as fault:
            faults.append(fault)
    raise min(faults, key=lambda fault: len(fault.keys))


def _ways_to_say(desk: Desk, wanted: Request) -> Iterator[Request]:
    """The form always names the clinic; a request may have left out the usual one."""
    yield wanted
    if wanted.clinic == default_clinic(desk.content):
        yield wanted.model_copy(update={"clinic": None})


def start_of(desk: Desk, event: Event) -> dict[str, Any]:
    """What the record knows for the form that makes a document again; nothing of the patient."""
    names = [name for name in str(event.options or "").split(",") if name]
    data: dict[str, Any] = {"topic": event.topic, "clinic": event.clinic, "language": event.language}
    try:
        topic = desk.library(str(event.topic), event.clinic).topic
        optional = {entry.id for entry in topic.file.sections if entry.optional}
        data["sections" if topic.sections else "options"] = [
            name for name in names if name in topic.options or name in optional
        ]
    except HandoutError:  # the text is gone; its name stands in the form all the same
        data["options"] = names
    data["format"] = event.format
    return {"replaces": "", "again": format_code(event.code or ""), "data": data}
