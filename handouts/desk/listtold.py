"""What was done with the rows of a list, what is under way, and what came of it: in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from babel.dates import format_datetime

from handouts.batch.day.memory import Entry, What, may_be_alive
from handouts.batch.day.work import Work
from handouts.desk.library_words import in_words
from handouts.desk.words import N_, Said, _, ngettext, spoken
from handouts.model.language import locale_of


class Mark(NamedTuple):
    """What was done with a row. ``kind``: done, failed, unknown or begun."""

    kind: str
    text: str


_DONE: dict[What, str] = {
    "printed": N_("Printed %(time)s"),
    "saved": N_("Saved %(time)s"),
    "mailed": N_("In the outbox %(time)s"),
}
_FAILED: dict[What, str] = {
    "printed": N_("Printing failed %(time)s: it was not printed"),
    "saved": N_("Saving failed %(time)s: it was not saved"),
    "mailed": N_("E-mailing failed %(time)s: it was not put into the outbox"),
}
_SINCE: dict[What, str] = {
    "printed": N_("Printing since %(time)s"),
    "saved": N_("Saving since %(time)s"),
    "mailed": N_("E-mailing since %(time)s"),
}
_UNKNOWN: dict[What, str] = {
    "printed": N_("It is not known whether this was printed (%(time)s). Look at the printer."),
    "saved": N_("It is not known whether this was saved (%(time)s)."),
    "mailed": N_("It is not known whether this was put into the outbox (%(time)s)."),
}
_MAKING = N_("Making the handouts: %(done)s of %(total)s")
_GIVING: dict[What, str] = {
    "printed": N_("Printing: %(done)s of %(total)s"),
    "saved": N_("Saving: %(done)s of %(total)s"),
    "mailed": N_("E-mailing: %(done)s of %(total)s"),
}


def marks_of(entries: Sequence[Entry]) -> Iterator[Mark]:
    """In words, the newest of each kind of giving out."""
    newest: dict[What, Entry] = {entry.what: entry for entry in entries}
    for what, entry in newest.items():
        at = _time(entry.ended or entry.claimed)
        if entry.state == "done":
            yield Mark("done", _(_DONE[what], time=at))
        elif entry.state == "failed":
            yield Mark("failed", _(_FAILED[what], time=at))
        elif entry.state == "begun" and may_be_alive(entry.holder):
            yield Mark("begun", _(_SINCE[what], time=at))
        else:
            yield Mark("unknown", _(_UNKNOWN[what], time=at))


def _time(seconds: float) -> str:
    """On the clinic's clock, short: 24 Nov, 14:05."""
    return format_datetime(datetime.fromtimestamp(seconds).astimezone(), "d MMM, HH:mm", locale=locale_of(spoken()))


def progress(work: Work) -> dict[str, Any]:
    """How far something is, for a script and for the page. ``bad``: rows, and why nothing came of them."""
    return {
        "step": work.step,
        "busy": work.is_busy,
        "done": work.done,
        "total": work.total,
        "words": _doing(work) if work.is_busy else ended(work),
        "says": in_words(work.says),
        "message": in_words(work.message),
        "bad": [(one.number, in_words(one.message)) for one in work.results.values() if one.message],
    }


def _doing(work: Work) -> str:
    sentence = _MAKING if work.step == "making" else _GIVING[work.what]
    words = _(sentence, done=work.done, total=work.total)
    return _("%(progress)s. It stops after this one.", progress=words) if work.stopping.is_set() else words


def ended(work: Work) -> str:
    """What came of it, in words."""
    if work.step == "asking":
        return _("Nothing is mailed yet.")
    if work.step == "made":
        return ngettext(
            "%(num)s handout made. Nothing is given out yet.",
            "%(num)s handouts made. Nothing is given out yet.",
            len(work.made),
        )
    words = Said("; ".join(_counted(work)) + ".")
    return _("Stopped. %(counts)s", counts=words) if work.stopping.is_set() else words


def _counted(work: Work) -> Iterator[Said]:
    counts = work.counts()
    yield _given_out(work.what, counts["done"])
    if already := counts["already"]:
        yield ngettext(
            "%(num)s was already and is left as it is", "%(num)s were already and are left as they are", already
        )
    if counts["failed"]:
        yield _not_given_out(work.what, counts["failed"])
    if unknown := counts["unknown"]:
        yield ngettext("of %(num)s it is not known", "of %(num)s it is not known", unknown)
    if (left := len(work.rows) - sum(counts.values())) > 0:
        yield ngettext("%(num)s left", "%(num)s left", left)


def _given_out(what: What, count: int) -> Said:
    if what == "printed":
        return ngettext("%(num)s handout printed", "%(num)s handouts printed", count)
    if what == "saved":
        return ngettext("%(num)s handout saved", "%(num)s handouts saved", count)
    return ngettext("%(num)s handout put into the outbox", "%(num)s handouts put into the outbox", count)


def _not_given_out(what: What, count: int) -> Said:
    if what == "printed":
        return ngettext("%(num)s not printed", "%(num)s not printed", count)
    if what == "saved":
        return ngettext("%(num)s not saved", "%(num)s not saved", count)
    return ngettext("%(num)s not put into the outbox", "%(num)s not put into the outbox", count)
