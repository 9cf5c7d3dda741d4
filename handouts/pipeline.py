"""One handout, all five steps but the last: ``Library + Request -> Made``. Writes nothing but cached masters."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from handouts.codes import document_code, format_code
from handouts.errors import ContentFault, Fault, Refused, RequestFault
from handouts.fonts.shaping import NoGlyph, shape
from handouts.merge.details import details
from handouts.merge.merge import merge
from handouts.model.content import Library, Topic
from handouts.model.handout import Handout
from handouts.model.master import Master
from handouts.model.origin import Origin, origin_of
from handouts.model.request import Request
from handouts.stamp.stamp import stamp
from handouts.typeset.cache import MasterCache


@dataclass(frozen=True)
class Made:
    """A finished handout. ``reused``: its master came from the cache."""

    pdf: bytes
    code: str
    """Eleven characters, not grouped; the default file name."""
    pages: int
    notices: tuple[str, ...]
    reused: bool
    origin: Origin
    """What it was printed from."""


@dataclass(frozen=True)
class Prepared:
    """What all patients of one selection share, before it is typeset. ``key``: its master's, in a cache."""

    handout: Handout
    about_choice: tuple[str, ...]
    about_text: tuple[str, ...]
    key: str
    origin: Origin


def prepare(
    library: Library,
    request: Request,
    today: date,
    *,
    allow_unapproved: bool,
    approved_only: bool = False,
    blank: bool = False,
    replaces: str | None = None,
) -> Prepared:
    """Merge, and refuse what may not be printed: text past its review; with ``approved_only`` also text that nobody
    approved as it stands. RequestFault and ContentFault as `merge` raises them, RequestFault for letters that no
    font has.
    """
    from handouts.typeset.weasyprint import engine_versions

    merged = merge(library, request, today, blank=blank, replaces=replaces)
    handout = merged.handout
    if not allow_unapproved:
        _refuse(library.topic, handout, today, approved_only=approved_only)
    _check_characters(request)
    origin = origin_of(library, handout, engine_versions(), today)
    return Prepared(handout, merged.about_choice, merged.about_text, master_key(library, handout), origin)


def _refuse(topic: Topic, handout: Handout, today: date, *, approved_only: bool) -> None:
    if handout.approval == "expired":
        state = f"is past {_last_day(topic, today)}. Ask a clinician to look through it"
    elif approved_only and handout.approval != "approved":
        state = "is not approved as it stands. Ask a clinician to look through it"
    else:
        return
    raise Refused(
        f"The text of {handout.topic} {state} and run `approve {handout.topic} --by NAME`, "
        "or say --allow-unapproved to print it with a mark."
    )


def make(
    library: Library,
    request: Request,
    *,
    key: bytes,
    today: date,
    cache: MasterCache | None = None,
    allow_unapproved: bool = False,
    approved_only: bool = False,
    blank: bool = False,
    replaces: str | None = None,
) -> Made:
    """Make one handout.

    Refused when the text is past its review, unless ``allow_unapproved``; text that nobody approved is made,
    with a mark on every page, or refused as well with ``approved_only``. ``blank`` prints lines to write on instead of
    the patient's details; ``replaces``: the code of the document that this one replaces, printed beside its own.
    RequestFault, ContentFault and SystemMissing as the steps raise them.
    """
    prepared = prepare(
        library,
        request,
        today,
        allow_unapproved=allow_unapproved,
        approved_only=approved_only,
        blank=blank,
        replaces=replaces,
    )
    master, reused = _master(library, prepared, cache)
    code = document_code(key, request, library.digest, blank=blank, replaces=replaces)
    filled = details(library, request, format_code(code), blank=blank, replaces=replaces)
    pdf = stamp(master, filled, file_title(prepared.handout, code))
    return Made(pdf, code, master.pages, prepared.about_choice + prepared.about_text, reused, prepared.origin)


def file_title(handout: Handout, code: str) -> str:
    """The title in the file: the topic's and the document code, nobody's name."""
    return f"{handout.title}, {format_code(code)}"


def _check_characters(request: Request) -> None:
    """RequestFault for a character that no font has in what is set as part of the page (slots are `stamp`'s)."""
    texts = [("note", request.note or ""), *(("next_steps", step) for step in request.next_steps)]
    for i, item in enumerate(request.medicines, 1):
        texts += [(f"medicines.{i}.{key}", getattr(item, key) or "") for key in ("name", "dose", "remark")]
    faults = []
    for place, text in texts:
        try:
            for line in text.split("\n"):
                shape(line.replace("\t", " "))
        except NoGlyph as error:
            faults.append(Fault("", 0, f"'{place}' holds characters that no font of the program has: {error.named()}"))
    if faults:
        raise RequestFault("Write these in Latin letters, or by hand on the printed sheet:", faults=faults)


def _last_day(topic: Topic, today: date) -> str:
    if today > topic.file.review_by or topic.approval is None:
        return f"its review date ({topic.file.review_by})"
    return f"the last day of its approval ({topic.approval.until})"


def _master(library: Library, prepared: Prepared, cache: MasterCache | None) -> tuple[Master, bool]:
    """The handout's master, from the cache where it may be there; a personal one is never kept on disk."""
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
        return typeset(handout, library.words)
    except Misplaced as fault:
        raise ContentFault(fault.message, faults=places_of(library, handout, fault.text)) from None


def master_key(library: Library, handout: Handout) -> str:
    """A digest of all that decides how the master comes out: content, selection, and the engine's versions."""
    from handouts.typeset.weasyprint import engine_versions

    # else a new mail server, or a folder of another name, would make each list anew; the logo's bytes are in the digest
    same = replace(handout, clinic=handout.clinic.printed_part(), clinic_folder=Path(), logo=Path())
    return hashlib.sha256(f"{engine_versions()}\n{library.digest}\n{same!r}".encode()).hexdigest()
