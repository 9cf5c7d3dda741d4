"""An old handout again, from the archive; or what differs if it can't be the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import BinaryIO

from handouts.codes import document_code, format_code
from handouts.deliver.files import give_out
from handouts.errors import ContentFault, Refused, RequestFault
from handouts.fonts.files import font_files
from handouts.load.library import load_library
from handouts.merge.request_fingerprint import differing_keys, fingerprint_request
from handouts.model.edition import Edition
from handouts.model.recorder import NullRecorder
from handouts.model.request import Request
from handouts.paths import Program
from handouts.pipeline import make
from handouts.record.archive import File, Missing
from handouts.record.event import Event
from handouts.record.recorder import FolderRecorder
from handouts.typeset.weasyprint import engine_versions


@dataclass(frozen=True)
class Reprint:
    """``event``: where it was made; ``differs``: why the bytes are not the original ones; empty if they are."""

    pdf: bytes
    event: Event
    differs: tuple[str, ...]


def remake(recorder: FolderRecorder, event: Event, request: Request, key: bytes) -> Reprint:
    """Make the document of ``event`` again, from the original content, for the original day and with the same code.

    RequestFault that names the keys in which ``request`` differs; Refused if the archive lacks something, or this
    version of the program can't print from what it holds.
    """
    _same_request(event, request, key)
    archive = recorder.archive
    versions = tuple(_versions(recorder.store.versions(event.engine or ""), engine_versions()))
    try:
        files = archive.files(event.source or "")
        with archive.restored(event.source or "", event.content or "") as (content, program):
            pdf = _make(event, request, key, content, program)
    except Missing as missing:
        raise Refused(f"{format_code(event.code or '')} can't be made again. {missing.args[0]}") from None
    except ContentFault as fault:
        told = "".join(f"\n  {line}" for line in versions)
        raise Refused(
            f"This version of the program can't print from the original content: {fault.message}{told}"
        ) from None
    if hashlib.sha256(pdf).hexdigest() == event.made:
        return Reprint(pdf, event, ())
    found = (*_fonts(files), *versions)
    return Reprint(pdf, event, found or ("nothing that the record knows of; tell the program's maintainer",))


def write(again: Reprint, to: Path | BinaryIO | None, recorder: FolderRecorder, *, force: bool = False) -> None:
    """Into a file or a stream, recorded first. OutputFault."""
    sha256 = hashlib.sha256(again.pdf).hexdigest()
    give_out(again.pdf, to, lambda channel: recorder.add_reprinted(again.event, sha256, channel), force=force)


def _make(event: Event, request: Request, key: bytes, content: Path, program: Program) -> bytes:
    library = load_library(content, event.topic or "", event.clinic, program=program, archived=True)
    library = replace(library, digest=event.content or "")  # the original fonts are part of it
    edition = Edition(replaces=event.replaces, allow_unapproved=True, reprint=True)
    day = date.fromisoformat(event.day or "")
    return make(library, request, key=key, today=day, recorder=NullRecorder(), edition=edition).pdf


def _same_request(event: Event, request: Request, key: bytes) -> None:
    code = event.code or ""
    if document_code(key, request, event.content or "", Edition(replaces=event.replaces)) == code:
        return
    if event.marks is None:
        raise Refused(f"{format_code(code)} is a sheet without a patient: make it again with `blank`.")
    other = differing_keys(event.marks, fingerprint_request(key, request, code))
    if request.topic == event.topic and "topic" in other:
        raise RequestFault(
            f"{format_code(code)} was made with another key for document codes. Name it with --key-file, or restore it "
            "from a copy of the data folder."
        )
    named = ", ".join(other) or "a key whose mark happens to be the same"
    raise RequestFault(f"The request is not the one that {format_code(code)} was made from. It differs in: {named}.")


def _versions(then: str, now: str) -> Iterator[str]:
    one, other = (dict(part.split("=", 1) for part in text.split() if "=" in part) for text in (then, now))
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name):
            if name == "handouts":
                yield "the program's own code has another version"
            else:
                label = name.removesuffix("_version_string")
                yield f"{label}: {one.get(name) or 'none'} then, {other.get(name) or 'none'} now"


def _fonts(files: list[File]) -> Iterator[str]:
    now = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in font_files()}
    for file in files:
        if file.kind == "font" and now.get(file.name) != file.sha256:
            yield f"the font {file.name} has changed"
