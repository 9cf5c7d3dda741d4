"""What it takes to approve a translation: an English text that is approved, and somebody who compared the two.

A clinician stands behind what the English says; whoever checked the translation, behind that it says the same. So a
translation is approved on top of its English: never before it, and for no longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from handouts.errors import Refused
from handouts.load.language_files import original_of
from handouts.merge.approval import file_states
from handouts.merge.notices import in_short
from handouts.model.content import Topic
from handouts.model.language import ORIGINAL


@dataclass(frozen=True)
class Signature:
    """What whoever approves says of themselves. ``until``: None for a year, or the review if that is sooner."""

    by: str
    until: date | None = None
    checked_by: str | None = None


def require_checked(topic: Topic, files: Sequence[str], signature: Signature) -> None:
    """Refused for a translation that nobody is said to have checked, or whose English has changed since."""
    if topic.language == ORIGINAL:
        return
    if not signature.checked_by:
        raise Refused(
            "A translation is approved once somebody has compared it with the English: a second reader, or a certified "
            "translator. Say who with --checked-by NAME; the name is printed."
        )
    behind = [name for name in files if name in topic.behind]
    if behind:
        raise Refused(
            f"The English of {in_short(behind)} has changed since it was translated. Translate what changed, then "
            f"`translate-sheet {topic.id}/FILE --to {topic.language} --done` says that it is up to date."
        )


def english_name(name: str) -> str:
    """What approvals call the English file of a topic's translation."""
    base = "" if name.startswith(("words/", "defaults/")) else "topics/any/"
    return original_of(base + name).removeprefix(base)


def last_day_of(english: Topic, files: Sequence[str], today: date) -> Mapping[str, date]:
    """Until when each translation among ``files`` may be approved: as long as its English is.

    Refused while the English text of one is not approved. A topic without en/words.yaml has its words in topic.yaml.
    """
    states = file_states(english, today)
    of = {name: english_name(name) for name in files}
    of = {name: original if original in states else "topic.yaml" for name, original in of.items()}
    waiting = [original for original in dict.fromkeys(of.values()) if states[original] != "approved"]
    if waiting:
        raise Refused(
            f"The English text is not approved yet: {in_short(waiting)}. Nobody stands behind what the translation "
            f"says before that. First `approve {english.id} --by NAME`."
        )
    return {name: english.approvals[original].until for name, original in of.items()}
