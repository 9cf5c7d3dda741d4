"""What a handout was printed from, as names and digests. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from handouts.model.content import Approvals, Library
from handouts.model.handout import Handout


@dataclass(frozen=True)
class Origin:
    """The same for all patients of one selection.

    ``content``: the digest of all that is printed; ``source``: the name of its stack in the archive (of its texts, if
    nothing else is kept of it); ``engine``: every version that decides how a page comes out; ``day``: the clinic's,
    which decides whether an approval is valid.
    """

    topic: str
    clinic: str
    version: str
    content: str
    source: str
    engine: str
    day: str
    options: str
    """Ids in printing order, with commas."""
    format: str
    language: str
    approved_until: str | None
    """The last day of the approvals of all that is printed; None if a page says that it is not approved."""


def origin_of(library: Library, handout: Handout, engine: str, today: date, source: str) -> Origin:
    """The origin of ``handout``. ``source``: see `Origin`."""
    copies = [handout, *([handout.english] if handout.english else [])]
    until = [one.approval.good_until if one.approval.state == "approved" else None for one in copies]
    dates = [day for day in until if day]
    return Origin(
        topic=handout.topic,
        clinic=library.clinic.id,
        version=handout.imprint.version,
        content=library.digest,
        source=source,
        engine=engine,
        day=today.isoformat(),
        options=",".join(option.id for option in handout.front.options),
        format=handout.look.format,
        language=handout.look.language,
        approved_until=min(dates).isoformat() if len(dates) == len(copies) else None,
    )


def source_of(library: Library) -> str:
    """The name of the texts that a library was read from: its content digest and its approvals."""
    return source_name(library.digest, approval_of(library))


def source_name(digest: str, approval: str | None) -> str:
    """The same from its parts."""
    return hashlib.sha256(f"{digest}\n{approval or ''}".encode()).hexdigest()


def approval_of(library: Library) -> str | None:
    """The approvals of its files as JSON, which is also YAML; None if there are none. Those of other languages don't
    count: a translation that is approved changes nothing of an English document.
    """
    topic = library.topic
    given = {name: approval for name, approval in topic.approvals.items() if name in topic.digests}
    return Approvals(files=given).model_dump_json(exclude_none=True) if given else None
