"""Approvals: who stands behind exactly which text, until when. An edge module: it writes approval.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from handouts import atomic, paths
from handouts.errors import ContentFault, OutputFault, Refused
from handouts.load.known_files import REVIEW
from handouts.load.validation import validate
from handouts.load.yamlfile import Parsed, Unreadable
from handouts.model.content import Approval, Topic

YEAR = timedelta(days=365)
LONGEST = timedelta(days=3 * 365)
"""An approval holds three years at most (STANDARDS: Keeping it true)."""


def missing_safety(topic: Topic) -> tuple[str, ...]:
    """The safety fields of topic.yaml that no clinician has filled in."""
    return tuple(name for name, field in topic.file.safety.items() if not field.text)


def to_look_at(topic: Topic) -> Iterator[str]:
    """What the approver is asked to look at before saying yes, a line each."""
    if (topic.folder / REVIEW).is_file():
        yield f"topics/{topic.id}/{REVIEW}: wording that carries risk, gaps, score sheets"
    yield f"the text: {len(topic.options)} options, {len(topic.medicines)} medicines, overview, key points"
    for name, field in topic.file.safety.items():
        yield f"safety, {topic.overview.head.safety.get(name, name)}: {field.text or '(empty)'}"
    for name, number in topic.file.numbers.items():
        yield f"number {name}: {number.words()}, from {topic.file.sources[number.source].cite}"
    for name in topic.file.figures:
        yield f"figure {name}"
    if topic.approval and topic.approval.digest != topic.text_digest:
        yield f"what has changed since {topic.approval.by} approved it on {topic.approval.on}"


def approval_of(topic: Topic, by: str, today: date, until: date | None) -> Approval:
    """The approval that would be recorded.

    Refused while safety fields are empty, for a date that has passed or lies more than three years ahead, and for
    text past its review date; ContentFault for a name that can't be printed.
    """
    missing = missing_safety(topic)
    if missing:
        raise Refused(
            "The text can't be approved while these safety fields of topic.yaml are empty: "
            f"{', '.join(missing)}. A clinician fills them in; the comment beside each says what belongs there."
        )
    until = until or min(today + YEAR, topic.file.review_by)
    if until < today:
        raise Refused(
            f"The approval would have ended on {until} already. Set a later review_by in topic.yaml, or give "
            "--until DATE."
        )
    if until > today + LONGEST:
        raise Refused("An approval is valid for three years at most. Give an earlier --until.")
    given = {"by": by, "on": str(today), "until": str(until), "digest": topic.text_digest}
    try:
        return validate(Approval, Parsed(given, {}, "the approval"))
    except Unreadable as error:
        raise ContentFault("This approval can't be recorded:", faults=error.faults) from None


def write_approval(topic: Topic, approval: Approval) -> Path:
    """Write approval.yaml beside topic.yaml, whole or not at all; returns its path. OutputFault when it can't be."""
    require_writable(topic.folder)
    path = topic.folder / "approval.yaml"
    text = (
        "# Written by `approve`. It holds for exactly the text with this digest; any change ends it.\n"
        f"by: {json.dumps(approval.by, ensure_ascii=False)}\non: {approval.on}\nuntil: {approval.until}\n"
        f"digest: {approval.digest}\n"
    )
    write_text(path, text)
    return path


def require_writable(content: Path) -> None:
    """OutputFault when content would be written into the installed package."""
    if paths.is_installed() and content.resolve().is_relative_to(paths.ROOT):
        raise OutputFault(
            "The content of an installed program can't be edited. Give your own content folder with --content."
        )


def write_text(path: Path, text: str) -> None:
    """Write a file that everybody may read, whole or not at all. OutputFault when it can't be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, text.encode(), mode=0o644)
    except OSError as error:
        raise OutputFault(f"{path.name} can't be written: {error.strerror}.") from None
