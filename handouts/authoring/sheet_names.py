"""Which file of a translation a name such as ``hemifacial-spasm/botox`` stands for."""

from __future__ import annotations

from pathlib import Path

from handouts.errors import RequestFault, nearest, quote_if_known
from handouts.load.library import clinic_ids, topic_ids, unknown
from handouts.load.progress import topic_names

_SHARED = ("words", "mail", "defaults", "practice")


def file_called(content: Path, topic: str, sheet: str, language: str) -> str:
    """The name of a topic's file in a language, of ``botox``, ``botox.md`` or ``medicines/baclofen``. RequestFault.

    Of no topic are the ``topic``s words, mail and defaults, and practice, whose ``sheet`` is a clinic.
    """
    if topic in _SHARED:
        return _shared(content, topic, sheet, language)
    if topic not in topic_ids(content):
        raise RequestFault(unknown("topic", topic, topic_ids(content)))
    base = f"topics/{topic}/{language}/"
    names = {name.removeprefix(base): name for name in topic_names(content, topic, language)}
    calls: dict[str, str] = {}
    for short, name in names.items():
        calls |= {short: name, short.rpartition(".")[0]: name}
        calls.setdefault(Path(short).stem, name)
    if sheet not in calls:
        hint = nearest(sheet, {Path(short).stem for short in names}, what="texts")
        raise RequestFault(f"{topic} has no text{quote_if_known(sheet, calls)}. {hint}")
    return calls[sheet]


def _shared(content: Path, kind: str, clinic: str, language: str) -> str:
    if kind == "practice":
        known = clinic_ids(content)
        if clinic not in known:
            raise RequestFault(unknown("clinic", clinic, known))
        return f"clinics/{clinic}/practice.{language}.md"
    return {
        "words": f"words/{language}.yaml",
        "mail": f"words/mail.{language}.yaml",
        "defaults": f"defaults/{language}.yaml",
    }[kind]


def sheet_of(name: str) -> str:
    """What `translate-sheet` calls the file of a translation, such as ``words`` or ``hemifacial-spasm/botox``."""
    first, second, *rest = Path(name).with_suffix("").parts
    if first == "topics":
        return "/".join((second, *rest[1:]))
    if first == "clinics":
        return f"practice/{second}"
    return "mail" if second.startswith("mail.") else first
