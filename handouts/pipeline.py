"""One handout, all five steps: ``Library + Request -> Made``, and into a file. Event before name: see `model.recorder`.

`deliver.printing` and `deliver.mail` do the same for paper and mail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import BinaryIO

from handouts.codes import document_code, format_code, legacy_codes
from handouts.deliver.files import give_out
from handouts.errors import ContentFault, Fault, Refused, RequestFault
from handouts.fonts.shaping import NoGlyph, shape
from handouts.load.refusals import require_printable
from handouts.merge.details import details
from handouts.merge.merge import merge
from handouts.merge.own_fonts import own_fonts
from handouts.merge.request_fingerprint import fingerprint_request
from handouts.model.content import Library, Topic
from handouts.model.edition import USUAL, Edition
from handouts.model.handout import Handout
from handouts.model.master import Master
from handouts.model.origin import Origin, origin_of, source_of
from handouts.model.recorder import Document, Recorder, Whom
from handouts.model.request import Request
from handouts.model.stack import Binding, Stack, stack_name
from handouts.stamp.stamp import stamp
from handouts.typeset.cache import MasterCache


@dataclass(frozen=True)
class Made:
    """A finished handout, not yet delivered: `write`, print or mail it.

    ``document``: what to record about it; ``reused``: its master came from the cache.
    """

    pdf: bytes
    document: Document
    pages: int
    notices: tuple[str, ...]
    reused: bool

    @property
    def code(self) -> str:
        """Eleven characters, ungrouped; the default file name."""
        return self.document.code


@dataclass(frozen=True)
class Prepared:
    """What all patients with one selection share, before typesetting. ``key``: its master's key in a cache."""

    handout: Handout
    about_choice: tuple[str, ...]
    about_text: tuple[str, ...]
    key: str
    origin: Origin


def prepare(library: Library, request: Request, today: date, edition: Edition = USUAL) -> Prepared:
    """Merge, and refuse what this edition may not print: text past its review, text that is not approved.
    RequestFault and ContentFault as `merge` raises them, RequestFault for characters that no font has.
    """
    from handouts.typeset.weasyprint import engine_versions

    merged = merge(library, request, today, edition)
    handout = merged.handout
    _require_approved(library.topic, handout, today, edition)
    _check_characters(request)
    key, texts = master_key(library, handout), source_of(library)
    source = texts if handout.personal else stack_name(texts, [key], {})
    origin = origin_of(library, handout, engine_versions(), today, source)
    return Prepared(handout, merged.about_choice, merged.about_text, key, origin)


def stack_of(library: Library, key: str, master: Master) -> Stack:
    """What the record keeps of a master (`bind` makes it again): it is one sheet."""
    return Stack(source_of(library), ((key, master.to_bytes()),), {})


def bind(sheets: Sequence[bytes], _: Binding) -> Master:
    """The master that `stack_of` kept. BadMaster."""
    [only] = sheets
    return Master.from_bytes(only)


def _require_approved(topic: Topic, handout: Handout, today: date, edition: Edition) -> None:
    if edition.allow_unapproved:
        return
    if handout.approval == "expired":
        state = f"is past {_last_day(topic, today)}. Ask a clinician to review it"
    elif edition.approved_only and handout.approval != "approved":
        state = "is not approved in its current form. Ask a clinician to review it"
    else:
        return
    raise Refused(
        f"The text of {handout.topic} {state} and run `approve {handout.topic} --by NAME`, "
        "or use --allow-unapproved to print it with a mark."
    )


def make(
    library: Library,
    request: Request,
    *,
    key: bytes,
    today: date,
    recorder: Recorder,
    cache: MasterCache | None = None,
    edition: Edition = USUAL,
) -> Made:
    """Make one handout.

    Refused when the text is past its review, unless the ``edition`` allows it; unapproved text is made with a mark on
    every page, or refused as well. Also Refused for a document that was voided or replaced, and for one that
    replaces another patient's. RequestFault, ContentFault and SystemMissing as the steps raise them; OutputFault
    when ``recorder`` can't keep what it was printed from.
    """
    require_printable(request, today)
    prepared = prepare(library, request, today, edition)
    code = document_code(key, request, library.digest, edition, own_fonts(request))
    for same in (code, *legacy_codes(key, request, recorder.legacy_digests(), edition)):
        recorder.require_current(same, _THE_SAME.format(format_code(same)))
    master, reused = _master(library, prepared, cache)
    filled = details(library, request, format_code(code), edition)
    pdf = stamp(master, filled, file_title(prepared.handout, code))
    patient = request.patient
    document = Document(
        code,
        hashlib.sha256(pdf).hexdigest(),
        prepared.origin,
        None if edition.blank else Whom(patient.name, patient.birth_date, patient.identifier),
        None if edition.blank else fingerprint_request(key, request, code),
        edition.replaces,
    )
    recorder.keep_source(prepared.origin, lambda: library, lambda: stack_of(library, prepared.key, master))
    notices = (*prepared.about_choice, *prepared.about_text, *recorder.check_replaced(document))
    return Made(pdf, document, master.pages, notices, reused)


_THE_SAME = (
    "Nothing was made: the same request makes the same document. Change the request; or, if only the paper went to "
    "the wrong person, use --replaces {}. `reprint` makes the old one again, for the files."
)


def write(made: Made, to: Path | BinaryIO | None, recorder: Recorder, *, force: bool = False) -> None:
    """Step 5: write to a file, which is complete and recorded before it has its name, or to a stream, such as standard
    output. OutputFault; Refused when the handout is no longer valid. ``force`` overwrites an existing file.
    """
    recorder.require_current(made.code, "Nothing was written: a handout that is no longer valid is not given out.")
    give_out(made.pdf, to, lambda channel: recorder.add_made([made.document], channel), force=force)


def file_title(handout: Handout, code: str) -> str:
    """The title in the file: the topic's title and the document code, no names."""
    return title_with(handout.title, code)


def title_with(title: str, code: str) -> str:
    """The same from its parts."""
    return f"{title}, {format_code(code)}"


def _check_characters(request: Request) -> None:
    """RequestFault for a character that no font has in text that is typeset (`stamp` checks the slots)."""
    texts = [("note", request.note or ""), *(("next_steps", step) for step in request.next_steps)]
    for i, item in enumerate(request.medicines, 1):
        texts += [(f"medicines.{i}.{key}", getattr(item, key) or "") for key in ("name", "dose", "remark")]
    faults = []
    for place, text in texts:
        try:
            for line in text.split("\n"):
                shape(line.replace("\t", " "))
        except NoGlyph as error:
            faults.append(Fault("", 0, f"'{place}' has characters that no font of the program has: {error.named()}"))
    if faults:
        raise RequestFault("Write these in Latin letters, or by hand on the printed page:", faults=faults)


def _last_day(topic: Topic, today: date) -> str:
    if today > topic.file.review_by or topic.approval is None:
        return f"its review date ({topic.file.review_by})"
    return f"the last day of its approval ({topic.approval.until})"


def _master(library: Library, prepared: Prepared, cache: MasterCache | None) -> tuple[Master, bool]:
    """The handout's master, from the cache if possible; a personal one is never kept on disk."""
    handout = prepared.handout
    if cache is None or handout.personal:
        return typeset_master(library, handout), False
    found = cache.get(prepared.key)
    if found:
        return found, True
    made = typeset_master(library, handout)
    cache.put(prepared.key, made)
    return made, False


def typeset_master(library: Library, handout: Handout) -> Master:
    """Step 3. ContentFault for what can't be set, RequestFault for text of the request that its place can't hold,
    SystemMissing without Pango.
    """
    from handouts.typeset.guard import Misplaced, places_of
    from handouts.typeset.html import typeset  # imports WeasyPrint's helpers; not needed when the master is cached

    try:
        return typeset(handout, library.words, library.program)
    except Misplaced as fault:
        raise ContentFault(fault.message, faults=places_of(library, handout, fault.text)) from None


def master_key(library: Library, handout: Handout) -> str:
    """A digest of everything that affects the master: content, selection, and the engine's versions."""
    from handouts.typeset.weasyprint import engine_versions

    # else a new mail server or renamed folder would remake every list; the digest covers the logo's bytes
    same = replace(handout, clinic=handout.clinic.printed_part(), clinic_folder=Path(), logo=Path())
    return hashlib.sha256(f"{engine_versions()}\n{library.digest}\n{same!r}".encode()).hexdigest()
