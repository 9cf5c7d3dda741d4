"""What the library's screens show of a topic: its sheets, their files, what `check` finds. Values for templates."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from handouts.authoring.approvals import STRUCTURE
from handouts.authoring.preview import everything, preview
from handouts.authoring.summary import SheetState, TopicSummary
from handouts.batch.lru import LRU
from handouts.check import Finding
from handouts.desk.pictures import page_texts
from handouts.desk.state import Desk
from handouts.desk.words import N_, _
from handouts.errors import SystemMissing
from handouts.load.known_files import FIGURE_WORDS
from handouts.merge.merge import merge
from handouts.model.content import Approval, Library, Topic
from handouts.typeset.stack import plan_stack

PATIENCE = 45.0
"""Seconds that one answer waits for a sheet."""
_KEPT = 24
"""Sheets remembered as PDF, some 700 kB each."""
STATES = {
    "approved": N_("approved"),
    "not_approved": N_("not approved"),
    "changed": N_("changed since it was approved"),
    "expired": N_("past its date"),
    "translation_behind": N_("translated from a text that has changed since"),
    "translation_not_checked": N_("translation not checked"),
}
"""How a state is said."""
_SHARED = {
    "topic.yaml": N_("Numbers, sources, safety fields"),
    "en/overview.md": N_("The condition, and what belongs to no option"),
    "en/takeaways.md": N_("Key points"),
    "en/medicine-safety.md": N_("What holds for all medicines"),
    "en/words.yaml": N_("The topic's own questions and headings"),
    f"en/{FIGURE_WORDS}": N_("The words in drawings"),
    "words/en.yaml": N_("The fixed words of every page"),
    "defaults/en.yaml": N_("The usual questions and headings"),
}
_ELSEWHERE = {"approval", "for a clinician to fill in"}
"""Gates whose notices the screens show in a place of their own."""


@dataclass(frozen=True)
class FileRow:
    """A source file. ``what``: in words; ``given``: the approval that is recorded, of whatever bytes; ``others``: the
    titles of the other sheets that print from it.
    """

    name: str
    what: str
    digest: str
    state: str
    given: Approval | None
    others: tuple[str, ...]
    lacks: int
    """How many safety fields in it are empty: until then it can't be approved."""


@dataclass(frozen=True)
class Pages:
    """A sheet as it is printed today. ``texts``: what stands on each page."""

    pdf: bytes
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What `check` has to say, the worst first. ``well``: how many figures are within their limits."""

    failures: tuple[Finding, ...]
    notices: tuple[Finding, ...]
    advice: tuple[Finding, ...]
    well: int


def file_rows(topic: Topic, summary: TopicSummary, sheet: SheetState) -> list[FileRow]:
    """The files that a sheet prints from, its own first."""
    rows = [
        FileRow(
            name=name,
            what=_in_words(topic, name),
            digest=topic.digests[name],
            state=summary.files[name],
            given=topic.approvals.get(name),
            lacks=len(summary.empty) if name == STRUCTURE else 0,
            others=tuple(other.title for other in summary.sheets if other != sheet and name in other.files),
        )
        for name in sheet.files
    ]
    return sorted(rows, key=lambda row: (_is_shared(row.name), row.name.startswith("figures/"), len(row.others)))


def usual_files(rows: Sequence[FileRow]) -> tuple[str, ...]:
    """Those to approve where nobody says otherwise: what is not approved and could be; all, to approve them anew."""
    waiting = [row for row in rows if row.state != "approved"] or rows
    return tuple(row.name for row in waiting if not row.lacks)


def _is_shared(name: str) -> bool:
    """Whether it holds what many sheets print."""
    return name.endswith(".yaml")


def _in_words(topic: Topic, name: str) -> str:
    if name in _SHARED:
        return _(_SHARED[name])
    for document in topic.documents():
        if document.file.endswith(f"/{name}"):
            return _("Text: %(name)s", name=document.head.name)
    return _("Drawing: %(name)s", name=name.rpartition("/")[2].removesuffix(".svg").replace("-", " "))


def people(topic: Topic) -> list[str]:
    """Who has approved or checked something, to be offered as names."""
    return sorted({name for one in topic.approvals.values() for name in (one.by, one.checked_by) if name})


def sort_found(found: Iterable[Finding]) -> Found:
    """Findings by how bad they are; without those that a screen shows in another place."""
    kept = [finding for finding in found if not (finding.level == "notice" and _is_shown_elsewhere(finding))]

    def those(level: str) -> tuple[Finding, ...]:
        return tuple(finding for finding in kept if finding.level == level)

    return Found(those("failure"), those("notice"), those("advice"), len(those("ok")))


def _is_shown_elsewhere(finding: Finding) -> bool:
    return finding.gate in _ELSEWHERE and finding.where.startswith("topics/")


def about(found: Iterable[Finding], topic: str, files: Sequence[str]) -> list[Finding]:
    """Those on one of ``files`` of the topic."""
    places = {name if name.startswith(("words/", "defaults/")) else f"topics/{topic}/{name}" for name in files}
    return [finding for finding in found if finding.where.partition(": ")[0] in places]


@dataclass
class Shelf:
    """The pages of sheets, as PDF; none of them is anybody's. Safe to use from any thread."""

    desk: Desk
    _kept: LRU[tuple[object, ...], Pages] = field(default_factory=lambda: LRU(_KEPT))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, library: Library, today: date) -> None:
        """Have all sheets of a topic set that are not there yet. ContentFault where they can't be merged."""
        request = everything(library)
        merged = merge(library, request, today)
        self.desk.sheets.begin(library, merged.handout, plan_stack(library, merged.handout, merged.wording))

    def pages(self, library: Library, sheet: str, today: date) -> Pages:
        """The pages of one sheet. ContentFault; SystemMissing where they take too long."""
        request = everything(library).model_copy(update={"sheets": (sheet,)})
        merged = merge(library, request, today)
        plan = plan_stack(library, merged.handout, merged.wording)
        key = (*plan.keys, repr(plan.binding))
        with self._lock:
            kept = self._kept.recall(key)
        if kept:
            return kept
        store = self.desk.sheets
        store.begin(library, merged.handout, plan)
        if not store.wait_for(plan, [sheet], PATIENCE):
            raise SystemMissing("The pages are not set yet: the machine is busy. Load this page again.")
        pdf = preview(library, request, today, store)
        made = Pages(pdf, page_texts(pdf))
        with self._lock:
            return self._kept.keep(key, made)
