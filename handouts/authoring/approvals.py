"""Approvals: who stands behind exactly which file, until when. An edge module: it writes approvals.yaml."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from handouts import atomic, paths
from handouts.authoring.checked_translation import Signature, last_day_of, require_checked
from handouts.authoring.scaffold import shared_words, skeleton
from handouts.errors import ContentFault, Fault, OutputFault, Refused, RequestFault, nearest, plural, quote_if_known
from handouts.load.known_files import APPROVALS, OLD_APPROVAL, REVIEW
from handouts.load.library import load_library
from handouts.load.validation import validate
from handouts.load.yamlfile import Parsed, Unreadable
from handouts.model.content import Approval, Topic
from handouts.model.language import ORIGINAL

YEAR = timedelta(days=365)
LONGEST = timedelta(days=3 * 365)
"""An approval holds three years at most (STANDARDS: Keeping it true)."""
LONGEST_NAME = 60
"""Characters of a name: the colophon has room for two of them."""
STRUCTURE = "topic.yaml"


class ChangedMeanwhile(Refused):
    """``files`` are no longer as whoever approves has seen them."""

    def __init__(self, files: Sequence[str]) -> None:
        super().__init__(f"Nothing was recorded: {', '.join(files)} changed in the meantime. Run the command again.")
        self.files = tuple(files)


def missing_safety(topic: Topic) -> tuple[str, ...]:
    """The safety fields of topic.yaml that no clinician has filled in."""
    return tuple(name for name, field in topic.file.safety.items() if not field.text)


def describe_approval(states: Mapping[str, str]) -> str:
    """Of source files' approvals: "approved", "not approved" ..., or how many of them are approved."""
    approved = sum(state == "approved" for state in states.values())
    kinds = set(states.values())
    if len(kinds) == 1:
        return kinds.pop().replace("_", " ")
    if not approved:
        return "not approved"
    return f"approved in part: {approved} of {plural(len(states), 'file')}"


def files_called(topic: Topic, names: Sequence[str]) -> tuple[str, ...]:
    """The source files that ``names`` stand for, all without any: ``en/botox.md``, ``en/botox`` or ``botox``.

    Of a translation, what is in its language: topic.yaml and the drawings are approved with the English text.
    RequestFault for a name that is none's, or several files'.
    """
    known = [name for name in topic.digests if topic.language == ORIGINAL or topic.is_translation(name)]
    found = {_file_called(topic, known, name) for name in names}
    return tuple(name for name in known if name in found or not names)


def _file_called(topic: Topic, files: Iterable[str], asked: str) -> str:
    calls = {name: (name, name.rpartition(".")[0], Path(name).stem) for name in files}
    for which in range(3):
        same = [name for name, called in calls.items() if called[which] == asked]
        if len(same) == 1:
            return same[0]
        if same:
            raise RequestFault(f"'{asked}' is the name of several files. Name one: {', '.join(same)}.")
    known = [call for called in calls.values() for call in called]
    raise RequestFault(
        f"{topic.id} has no source file{quote_if_known(asked, known)}. "
        f"{nearest(asked, {called[2] for called in calls.values()}, what='files')}"
    )


def to_look_at(topic: Topic, files: Sequence[str]) -> Iterator[str]:
    """What the approver is asked to look at before saying yes, a line each."""
    if (topic.folder / REVIEW).is_file():
        yield f"topics/{topic.id}/{REVIEW}: wording that carries risk, gaps, score sheets"
    if topic.language != ORIGINAL:
        yield f"both languages side by side: `translate-sheet {topic.id}/SHEET --to {topic.language}`"
    for name in files:
        yield f"{name}{_since(topic, name)}"
    if STRUCTURE not in files:
        return
    for name, field in topic.file.safety.items():
        yield f"safety, {topic.overview.head.safety.get(name, name)}: {field.text or '(empty)'}"
    for name, number in topic.file.numbers.items():
        yield f"number {name}: {topic.numbers.whole(number)}, from {topic.file.sources[number.source].cite}"


def _since(topic: Topic, name: str) -> str:
    before = topic.approvals.get(name)
    if before is None:
        return ""
    changed = "has changed since" if before.digest != topic.digests[name] else "is as it was when"
    return f", which {changed} {before.by} approved it on {before.on}"


def approvals_of(
    topic: Topic, files: Sequence[str], signature: Signature, today: date, english: Topic | None = None
) -> Mapping[str, Approval]:
    """The approvals that would be recorded, by file. ``english``: the same topic's text, for a translation, which needs
    that to be approved.

    Refused while safety fields are empty (they are in topic.yaml), for a date that has passed or lies more than three
    years ahead, and for text past its review date; ContentFault for a name that can't be printed.
    """
    missing = missing_safety(topic) if STRUCTURE in files else ()
    require_checked(topic, files, signature)
    if missing:
        raise Refused(
            "topic.yaml can't be approved while these safety fields are empty: "
            f"{', '.join(missing)}. A clinician fills them in; the comment beside each says what belongs there."
        )
    until = signature.until or min(today + YEAR, topic.file.review_by)
    if until < today:
        raise Refused(
            f"The approval would have ended on {until} already. Set a later review_by in topic.yaml, or give "
            "--until DATE."
        )
    if until > today + LONGEST:
        raise Refused("An approval is valid for three years at most. Give an earlier --until.")
    if len(signature.by) > LONGEST_NAME:
        raise Refused(f"--by: {LONGEST_NAME} characters at most, since the name is printed. Shorten it.")
    last = last_day_of(english, files, today) if english else {}
    given = {"by": signature.by, "on": str(today), "checked_by": signature.checked_by}
    try:
        return {
            name: validate(
                Approval,
                Parsed(
                    {**given, "until": str(min(until, last.get(name, until))), "digest": topic.digests[name]},
                    {},
                    "the approval",
                ),
            )
            for name in files
        }
    except Unreadable as error:
        raise ContentFault("This approval can't be recorded:", faults=error.faults) from None


def unwritten(content: Path, topic: Topic, files: Sequence[str], today: date) -> list[Fault]:
    """The lines of ``files`` that say what to write, as `new` wrote them, in place of the text itself."""
    asked = skeleton(topic.id, topic.file.kind, shared_words(content), today)
    return left_from_skeleton(topic, files, asked.values())


_TO_WRITE = re.compile(r"Write [^.,}#\n]+")


def left_from_skeleton(topic: Topic, files: Sequence[str], texts: Iterable[str]) -> list[Fault]:
    """The lines of ``files`` that say what to write, as the ``texts`` of a skeleton do, in place of the text itself."""
    phrases = {"Write here", *(found.strip() for text in texts for found in _TO_WRITE.findall(text))}
    found = []
    for path in topic.files:
        name = path.relative_to(topic.folder).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n") if name in files else (), 1):
            left = max((phrase for phrase in phrases if phrase in line), key=len, default="")
            if left:
                found.append(Fault(name, number, f"says '{left}' as `new` wrote it: write your own text"))
    return found


def record_approvals(content: Path, topic: str, given: Mapping[str, Approval], language: str = ORIGINAL) -> Path:
    """Add approvals of files in a language to those that others have given meanwhile; the path of approvals.yaml.

    `ChangedMeanwhile`, and nothing recorded, while a file's bytes are not those that were approved. OutputFault when
    it can't be written; faults as `load_library` raises them.
    """
    with _one_at_a_time(content / "topics" / topic):
        now = load_library(content, topic, language=language).topic
        changed = [name for name, approval in given.items() if now.digests.get(name) != approval.digest]
        if changed:
            raise ChangedMeanwhile(changed)
        if language != ORIGINAL:
            now = replace(now, approvals={**load_library(content, topic).topic.approvals, **now.approvals})
        return write_approvals(now, given)


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Have others who approve wait, who else would write without what is written here.

    The folder itself is locked, so that no file is left in the content; on a file system that can't, nobody waits.
    """
    handle = None
    try:
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def write_approvals(topic: Topic, given: Mapping[str, Approval]) -> Path:
    """Add approvals to approvals.yaml, whole or not at all; returns its path. OutputFault when it can't be written.

    Those of files that are gone are dropped, those of other languages kept; an approval.yaml of before is replaced.
    """
    require_writable(topic.folder)
    path = topic.folder / APPROVALS
    known = {**topic.approvals, **given}
    text = (
        "# Written by `approve`. Each holds for exactly the bytes of its file, whose SHA-256 this is; a change of one\n"
        "# file ends its approval alone.\nfiles:\n"
    )
    write_text(path, text + "".join(_entry(name, known[name]) for name in sorted(known) if _is_there(topic, name)))
    (topic.folder / OLD_APPROVAL).unlink(missing_ok=True)
    return path


def _is_there(topic: Topic, name: str) -> bool:
    content = topic.folder.parent.parent
    return name in topic.digests or (topic.folder / name).is_file() or (content / name).is_file()


def _entry(name: str, approval: Approval) -> str:
    lines = [f"  {name}:", f"    by: {_quoted(approval.by)}", f"    on: {approval.on}", f"    until: {approval.until}"]
    lines += [f"    checked_by: {_quoted(approval.checked_by)}"] if approval.checked_by else []
    return "\n".join([*lines, f"    digest: {approval.digest}", ""])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def require_writable(content: Path) -> None:
    """OutputFault when content would be written into the installed package."""
    if paths.is_installed() and content.resolve().is_relative_to(paths.ROOT):
        raise OutputFault(
            "The content of an installed program can't be edited. Name your own folder with --content; `new-folder "
            "DIRECTORY` makes one."
        )


def require_approvable(topic: Topic) -> None:
    """OutputFault when approvals of ``topic`` can't be written: in the installed package, or where we may not write."""
    require_writable(topic.folder)
    if not os.access(topic.folder, os.W_OK | os.X_OK):
        raise OutputFault(
            f"Approvals can't be written into the folder of '{topic.id}'. Ask whoever looks after the content folder "
            "to let you write there, or approve on the machine where it is edited."
        )


def write_text(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file that everybody may read, whole or not at all. OutputFault when it can't be written.

    ``mode``: who else may read it, if not everybody.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, text.encode(), mode=mode)
    except OSError as error:
        raise OutputFault(f"{path.name} can't be written: {error.strerror}.") from None
