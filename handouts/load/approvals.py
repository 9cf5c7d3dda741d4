"""Who stands behind which file of a topic: approvals.yaml, or the approval.yaml of before each file had its own.

An approval.yaml covered all files together. One that matches them is an approval of each; of one that does not, nobody
can tell which file has changed, so that every file counts as changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from handouts.load.collector import Reader
from handouts.load.digests import digest_of
from handouts.load.known_files import APPROVALS, OLD_APPROVAL
from handouts.model.content import Approval, Approvals
from handouts.model.language import ORIGINAL


@dataclass(frozen=True)
class ReadApprovals:
    """What a topic's folder says. ``old``: of an approval.yaml, for all files together."""

    files: Mapping[str, Approval] = field(default_factory=dict)
    old: Approval | None = None

    def of(self, digests: Mapping[str, str], language: str = ORIGINAL) -> Mapping[str, Approval]:
        """The approval of each file; ``digests``: of all source files in a language, by name.

        An approval.yaml is of before there were translations: it covers none.
        """
        if self.old is None:
            return self.files
        if language != ORIGINAL:
            return {}
        holds = self.old.digest == old_digest(digests)
        return {
            name: self.old.model_copy(update={"digest": digest}) if holds else self.old
            for name, digest in digests.items()
        }


def read_approvals(reader: Reader, folder: Path) -> ReadApprovals:
    """What a topic's folder says; nothing, and its mistakes, where a file can't be read."""
    if (folder / APPROVALS).exists():
        found = reader.model(Approvals, folder / APPROVALS)
        return ReadApprovals(found.files if found else {})
    if (folder / OLD_APPROVAL).exists():
        return ReadApprovals(old=reader.model(Approval, folder / OLD_APPROVAL))
    return ReadApprovals()


def old_digest(digests: Mapping[str, str]) -> str:
    """What an approval.yaml holds: a digest over the topic's files, then the words, which it called by name alone.

    It knew no defaults.
    """
    shared = (_WORDS, "defaults/")
    own = sorted((PurePosixPath(name), digest) for name, digest in digests.items() if not name.startswith(shared))
    words = [(name.removeprefix(_WORDS), digest) for name, digest in digests.items() if name.startswith(_WORDS)]
    return digest_of((str(name), bytes.fromhex(digest)) for name, digest in [*own, *words])


_WORDS = "words/"
