"""What the staff should know about a handout before they hand it over, a sentence each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from handouts.errors import nearest
from handouts.model.content import Topic
from handouts.model.handout import SIDE_BY_SIDE, Approval, ApprovalMark, Handout
from handouts.model.language import ORIGINAL, language_name
from handouts.model.request import Prescribed, Request
from handouts.model.sheets import figures_of

REVIEW_NOTICE = timedelta(days=60)
"""So long before its review date staff are told (STANDARDS: Keeping it true)."""
FEW_PAIRS = 2
"""So many pairs of options have a notice each."""
FEW_NAMES = 5
"""So many files are named in one notice."""


def notices_about_choice(topic: Topic, chosen: Sequence[str], unknown: Iterable[Prescribed]) -> Iterable[str]:
    """``unknown``: the medicines prescribed that the topic does not have. Not even their names are repeated."""
    if len(chosen) > SIDE_BY_SIDE:
        yield f"{len(chosen)} options: more than {SIDE_BY_SIDE} are hard to compare, so each has a row, not a column."
    unusual = [
        (name, other)
        for i, name in enumerate(chosen)
        for other in chosen[i + 1 :]
        if other in topic.entry(name).unusual_with or name in topic.entry(other).unusual_with
    ]
    for name, other in unusual[:1] if len(unusual) > FEW_PAIRS else unusual:
        names = f"{topic.options[name].head.name} and {topic.options[other].head.name}"
        more = f" So are {len(unusual) - 1} more pairs of these." if len(unusual) > FEW_PAIRS else ""
        yield f"{names} are rarely weighed against each other.{more} Check the choice."
    close = dict.fromkeys(nearest(item.name, topic.medicines, what="medicines here") for item in unknown)
    yield from (f"One of the medicines is not in this topic, so its facts are not printed. {words}" for words in close)


def notices_about_side(topic: Topic, handout: Handout) -> Iterable[str]:
    """Whether a drawing shows a side that nobody named."""
    shown = {name for _, sheet in handout.all_sheets() for name in figures_of(sheet)}
    if handout.look.side is None and shown & topic.file.sided:
        sides = " or ".join(topic.file.sides)
        yield f"Where a request names no side, a drawing shows the left one. Give side: {sides}, if it is known."


def notices_about_text(topic: Topic, mark: ApprovalMark, today: date) -> Iterable[str]:
    """Whether somebody stands behind what is printed, and until when."""
    if mark.by:
        yield from _waiting(topic, mark)
    elif mark.state == "not_approved":
        yield f"Nobody has approved this text yet; every page says so. `{approving(topic)}` records it."
    elif mark.state == "translation_not_checked":
        yield f"Nobody has checked this translation yet; every page says so. `{approving(topic)}` records it."
    elif mark.state == "translation_behind":
        yield "The English text has changed since it was translated; every page says so."
    elif mark.state == "changed":
        yield "The text has changed since it was approved; every page says so."
    due = (mark.good_until or topic.file.review_by) if mark.state == "approved" else topic.file.review_by
    if mark.state != "expired" and due - today <= REVIEW_NOTICE:
        yield f"The text is due for review on {due}, in {(due - today).days} days."


_TOLD: tuple[tuple[Approval, str], ...] = (
    ("not_approved", "Not approved yet"),
    ("changed", "Changed since it was approved"),
    ("translation_not_checked", "Translation not checked yet"),
    ("translation_behind", "Translated from an English text that has changed since"),
    ("expired", "Past the last day of its approval"),
)


def _waiting(topic: Topic, mark: ApprovalMark) -> Iterable[str]:
    """The files that keep a handout of which some are approved from being approved."""
    same = len({state for _, state in mark.sheets}) == 1
    pages = "every page says so" if same else "the pages printed from it say so"
    for state, words in _TOLD:
        files = [name for name, found in mark.waiting if found == state]
        if files:
            yield f"{words}: {in_short(files)}; {pages}. `{approving(topic, 'FILE')}` records it."


def approving(topic: Topic, files: str = "") -> str:
    """The command that records who stands behind a topic's text in its language, as it is typed."""
    of = f"approve {topic.id} {files}".strip()
    if topic.language == ORIGINAL:
        return f"{of} --by NAME"
    return f"{of} --language {topic.language} --by NAME --checked-by NAME"


def notices_about_language(language: str, request: Request) -> Iterable[str]:
    """Whether something stands in another language than the rest: what the staff wrote is printed as they wrote it."""
    medicines = any(item.dose or item.remark for item in request.medicines)
    written = {"note": request.note, "next steps": request.next_steps, "doses and remarks": medicines}
    told = [name for name, given in written.items() if given]
    if language != ORIGINAL and told:
        name = language_name(language)
        yield f"Printed as you wrote it, not translated: {', '.join(told)}. Write in {name} what {name} readers need."


def in_short(names: Sequence[str]) -> str:
    """A few names, and how many more there are."""
    more = len(names) - FEW_NAMES
    return ", ".join(names[:FEW_NAMES]) + (f" and {more} more" if more > 0 else "")
