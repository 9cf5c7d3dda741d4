"""An old handout again, from the sheets in the archive; or what differs if it can't be the same.

Its pages are bound as they were typeset then, whatever templates and layout have become; only the patient's own part is
stamped anew. Of a handout of before sheets were kept (commit 62e42f0) the archive has only the texts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from handouts.codes import document_code, format_code, legacy_codes
from handouts.deliver.files import give_out, writing_faults
from handouts.errors import OutputFault, Refused, RequestFault
from handouts.fonts.files import font_files
from handouts.merge.details import details
from handouts.merge.own_fonts import own_fonts
from handouts.merge.request_fingerprint import differing_keys, fingerprint_request
from handouts.model.edition import Edition
from handouts.model.master import Master
from handouts.model.request import Request
from handouts.model.stack import Binding
from handouts.model.typeset_sheet import BadSheet
from handouts.model.wording import Wording
from handouts.pipeline import title_with
from handouts.record.archive import Archive, File, Missing, put
from handouts.record.event import Event, format_time
from handouts.record.recorder import FolderRecorder
from handouts.stamp.stamp import stamp
from handouts.typeset.versions import engine_versions


@dataclass(frozen=True)
class Reprint:
    """``event``: where it was made; ``differs``: why the bytes are not the original ones; empty if they are."""

    pdf: bytes
    event: Event
    differs: tuple[str, ...]

    @property
    def told(self) -> str:
        """Whether the bytes are the same, or what differs, a line each."""
        if self.differs:
            return "\n  ".join(("The bytes differ from the original. What differs:", *self.differs))
        return f"The same bytes as on {format_time(self.event.at)} (SHA-256 {self.event.made})."


class OtherRequest(RequestFault):
    """The request is not the one of then; ``keys``: those in which it differs, as far as they are known."""

    def __init__(self, code: str, keys: Sequence[str]) -> None:
        self.keys = tuple(keys)
        self.named = ", ".join(keys) or "a key whose mark happens to be the same"
        super().__init__(
            f"The request is not the one that {format_code(code)} was made from. It differs in: {self.named}."
        )


def find_row(event: Event, rows: Iterable[tuple[int, Request]], key: bytes) -> Request:
    """The first of ``rows``, each with its number, that the document of ``event`` was made from. RequestFault that
    names the row that comes nearest.
    """
    nearest: tuple[int, OtherRequest] | None = None
    for number, request in rows:
        try:
            require_same_request(event, request, key)
        except OtherRequest as fault:
            if nearest is None or len(fault.keys) < len(nearest[1].keys):
                nearest = number, fault
        else:
            return request
    code = format_code(event.code or "")
    if nearest is None:
        raise RequestFault(f"No row of this list can be read as a request. {code} was made from another one.")
    number, other = nearest
    raise RequestFault(f"No row of this list makes {code}. Row {number} comes nearest; it differs in: {other.named}.")


Bind = Callable[[Sequence[bytes], Binding], Master]
"""Binds sheets that `Archive.stack` gives. BadSheet, ValueError, LookupError for what it can't bind."""


def remake(recorder: FolderRecorder, event: Event, request: Request, key: bytes, bind: Bind) -> Reprint:
    """Make the document of ``event`` again, from the sheets that were typeset then and with the same code.

    OtherRequest that names the keys in which ``request`` differs; Refused if the archive has no sheets of it or lacks
    something, or this version of the program can't bind them or read the texts.
    """
    require_same_request(event, request, key)
    archive, code = recorder.archive, event.code or ""
    versions = tuple(_versions(recorder.store.versions(event.engine or ""), engine_versions()))
    try:
        files = archive.files(event.source or "")
        if not archive.is_stack(event.source or ""):
            raise Refused(_NO_LAYOUT.format(format_code(code)))
        stack = archive.stack(event.source or "")
        master = bind([data for _, data in stack.sheets], stack.binding)
        pdf = _stamp(event, request, Wording.from_json(stack.binding["wording"]), master)
    except Missing as missing:
        raise Refused(f"{format_code(code)} can't be made again. {missing.args[0]}") from None
    except (BadSheet, LookupError, TypeError, ValueError):
        lines = "".join(f"\n  {line}" for line in versions)
        raise Refused(f"This version of the program can't use what is kept of this handout.{lines}") from None
    if hashlib.sha256(pdf).hexdigest() == event.made:
        return Reprint(pdf, event, ())
    found = (*_fonts(files), *versions)
    return Reprint(pdf, event, found or ("nothing that the record knows of; tell the program's maintainer",))


_NO_LAYOUT = (
    "{0} was made by an earlier version of this program, and its layout is gone: it can't be made again with the same "
    "pages. Its texts are kept: `reprint {0} --texts FOLDER` writes them into a folder."
)


def write_texts(archive: Archive, event: Event, folder: Path) -> int:
    """Write the texts that the document of ``event`` was made from into a new or empty folder, as in a content folder;
    how many files they are. Refused if the archive lacks something, OutputFault.
    """
    try:
        texts = list(archive.texts(event.source or ""))
    except Missing as missing:
        raise Refused(missing.args[0]) from None
    with writing_faults("--texts"):
        if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
            raise OutputFault("--texts: This folder is not empty. Name a new one.")
        for name, data in texts:
            put(folder / name, data)
    return len(texts)


def write(again: Reprint, to: Path | BinaryIO | None, recorder: FolderRecorder, *, force: bool = False) -> None:
    """Into a file or a stream, recorded first. OutputFault."""
    sha256 = hashlib.sha256(again.pdf).hexdigest()
    give_out(again.pdf, to, lambda channel: recorder.add_reprinted(again.event, sha256, channel), force=force)


def give_to_browser(again: Reprint, recorder: FolderRecorder) -> bytes:
    """The bytes for the browser to print or save, recorded before they leave. OutputFault."""
    recorder.add_reprinted(again.event, hashlib.sha256(again.pdf).hexdigest(), "browser")
    return again.pdf


def _stamp(event: Event, request: Request, wording: Wording, master: Master) -> bytes:
    code = event.code or ""
    filled = details(wording, request, format_code(code), Edition(replaces=event.replaces))
    return stamp(master, filled, title_with(wording.title, code))


def require_same_request(event: Event, request: Request, key: bytes) -> None:
    """OtherRequest for a request that the document of ``event`` was not made from; RequestFault for another key of
    document codes; Refused for a sheet without a patient.
    """
    code, content, edition = event.code or "", event.content or "", Edition(replaces=event.replaces)
    fonts = own_fonts(request)
    if code in {document_code(key, request, content, edition, fonts), *legacy_codes(key, request, [content], edition)}:
        return
    if event.marks is None:
        raise Refused(f"{format_code(code)} is a sheet without a patient: make it again with `blank`.")
    other = differing_keys(event.marks, fingerprint_request(key, request, code))
    if fonts and not other:
        return  # a font of the patient's own text is not that of then: the bytes will tell
    if request.topic == event.topic and "topic" in other:
        raise RequestFault(
            f"{format_code(code)} was made with another key for document codes. Name it with --key-file, or restore it "
            "from a copy of the data folder."
        )
    raise OtherRequest(code, other)


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
