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
from handouts.errors import Refused
from handouts.load.refusals import require_printable
from handouts.merge.details import details
from handouts.merge.merge import merge, without_sources
from handouts.merge.notices import approving, in_short, notices_about_language
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
from handouts.model.typeset_sheet import TypesetSheet
from handouts.model.wording import Wording
from handouts.stamp.stamp import stamp
from handouts.typeset.stack import SheetStore, StackPlan, bind_sheets, plan_stack, sheets_of


@dataclass(frozen=True)
class Made:
    """A finished handout, not yet delivered: `write`, print or mail it.

    ``document``: what to record about it; ``reused``: its sheets came from the cache.
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
    """What all patients with one selection share, before typesetting. ``key``: of the master that they share."""

    handout: Handout
    about_choice: tuple[str, ...]
    about_text: tuple[str, ...]
    wording: Wording
    plan: StackPlan
    key: str
    origin: Origin


def prepare(library: Library, request: Request, today: date, edition: Edition = USUAL) -> Prepared:
    """Merge, and refuse what this edition may not print: text past its review, text that is not approved.
    RequestFault and ContentFault as `merge` raises them.
    """
    from handouts.typeset.versions import engine_versions

    merged = merge(library, request, today, edition)
    handout, wording, about_text = merged.handout, merged.wording, merged.about_text
    _require_approved(library.topic, handout, today, edition)
    if library.english and request.with_english:
        copy = merge(library.english, request.model_copy(update={"language": library.english.language}), today, edition)
        _require_approved(library.english.topic, copy.handout, today, edition)
        handout = replace(handout, english=without_sources(copy.handout))
        wording = replace(wording, english=copy.wording)
        about_text = tuple(dict.fromkeys((*about_text, *copy.about_text)))
    plan, engine = plan_stack(library, handout, wording), engine_versions()
    source = stack_name(source_of(library), plan.keys, plan.binding)
    key = hashlib.sha256(f"{engine}\n{source}".encode()).hexdigest()
    origin = origin_of(library, handout, engine, today, source)
    return Prepared(handout, merged.about_choice, about_text, wording, plan, key, origin)


def stack_of(library: Library, plan: StackPlan, sheets: Sequence[TypesetSheet]) -> Stack:
    """What the record keeps of a document's pages."""
    kept = tuple((key, sheet.to_bytes()) for key, sheet in zip(plan.keys, sheets, strict=True))
    return Stack(source_of(library), kept, plan.binding)


def bind_kept(sheets: Sequence[bytes], binding: Binding) -> Master:
    """The master of sheets that `stack_of` kept. BadSheet."""
    return bind_sheets([TypesetSheet.from_bytes(data) for data in sheets], binding)


def _require_approved(topic: Topic, handout: Handout, today: date, edition: Edition) -> None:
    if edition.allow_unapproved:
        return
    if handout.approval.state == "expired":
        state = f"is past {_last_day(topic, handout, today)}. Ask a clinician to review it"
    elif edition.approved_only and handout.approval.state != "approved":
        files = in_short([name for name, _ in handout.approval.waiting])
        state = f"is not approved in its current form ({files}). Ask a clinician to review it"
    else:
        return
    raise Refused(
        f"The text of {handout.topic} {state} and run `{approving(topic)}`, "
        "or use --allow-unapproved to print it with a mark."
    )


def make(
    library: Library,
    request: Request,
    *,
    key: bytes,
    today: date,
    recorder: Recorder,
    cache: SheetStore | None = None,
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
    sheets, made = sheets_of(library, prepared.handout, prepared.plan, cache)
    master = bind_sheets(sheets, prepared.plan.binding)
    filled = details(prepared.wording, request, format_code(code), edition)
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
    recorder.keep_source(prepared.origin, lambda: library, lambda: stack_of(library, prepared.plan, sheets))
    about_own = notices_about_language(library.language, request)
    notices = (*prepared.about_choice, *about_own, *prepared.about_text, *recorder.check_replaced(document))
    return Made(pdf, document, master.pages, notices, not made)


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


def give_to_browser(made: Made, recorder: Recorder) -> bytes:
    """Step 5 at the desk: the bytes for the browser to print or save, recorded before they leave (channel ``browser``).
    OutputFault; Refused when the handout is no longer valid.
    """
    recorder.require_current(made.code, "Nothing was given out: this handout is no longer valid.")
    recorder.add_made([made.document], "browser")
    return made.pdf


def file_title(handout: Handout, code: str) -> str:
    """The title in the file: the topic's title and the document code, no names."""
    return title_with(handout.look.title, code)


def title_with(title: str, code: str) -> str:
    """The same from its parts."""
    return f"{title}, {format_code(code)}"


def _last_day(topic: Topic, handout: Handout, today: date) -> str:
    if today > topic.file.review_by:
        return f"its review date ({topic.file.review_by})"
    return f"the last day of its approval ({handout.approval.good_until})"
