"""Libraries whose files somebody has approved, without a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from handouts.model.content import Approval, Library
from tests.conftest import TODAY


def approved_by(library: Library, *files: str, by: str = "Dr. X", until: date = date(2027, 11, 1)) -> Library:
    """The same where ``by`` has approved ``files`` as they are (all without any), and the rest is as it was."""
    topic = library.topic
    given = {
        name: Approval(by=by, on=TODAY, until=until, digest=topic.digests[name]) for name in files or topic.digests
    }
    return replace(library, topic=replace(topic, approvals={**topic.approvals, **given}))


def changed_since(library: Library, *files: str) -> Library:
    """The same where ``files`` (all without any) have changed since they were approved."""
    topic = library.topic
    changed = dict.fromkeys(files or topic.digests, "f" * 64)
    return replace(library, topic=replace(topic, digests={**topic.digests, **changed}))
