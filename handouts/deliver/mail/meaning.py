"""A message's state in words for the staff: what it means, and what to do. Pure. docs/mail.md has the same as a table.

A server's reply is kept as numbers (`replies`); their meaning is that of RFC 5321, 4.2.3, and RFC 3463.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from handouts.deliver.outbox.claims import LOST
from handouts.deliver.outbox.entries import BY_HAND, Entry

_REPLY = re.compile(r"the server said (?P<code>\d{3})(?: (?P<status>\d\.\d{1,3}\.\d{1,3}))? (?P<what>.*)")
_STATUSES = (
    (r"5\.1\.(1|2|3|6|10)", "There is no such mailbox."),
    (r"[45]\.2\.2", "The patient’s mailbox is full."),
    (r"5\.2\.1", "The patient’s mailbox takes no mail."),
    (r"5\.(2\.3|3\.4)", "The message is too large for the server."),
    (r"5\.(4\.5|7\.232|7\.233|1\.90)", "The clinic has sent more mail today than the server allows."),
    (r"5\.7\.\d+", "The server refuses it by a rule of its own, such as one against unwanted mail."),
)


@dataclass(frozen=True)
class Meaning:
    """``name``: a few words for a list; ``said``: a sentence or two; ``to_do``: "" where there is nothing to do.

    ``doubt``: only a person can find out whether it arrived.
    """

    name: str
    said: str
    to_do: str = ""
    doubt: bool = False


_GOING = Meaning("Going out now", "It is being handed to the clinic’s mail server. That takes a minute at most.")
_SENT = Meaning(
    "Sent",
    "The clinic’s mail server has taken it. Nobody can tell whether it was read. If it comes back, that arrives in the "
    "clinic’s own mailbox.",
)
_ARRIVED = Meaning("Sent", "Somebody settled that it arrived.")
_PAUSED = Meaning(
    "Waiting: all mail is stopped",
    "All mail of this clinic waits until something is put right. No message was lost.",
    "Have that put right, then let the mail go on.",
)
_HELD = Meaning("Waiting", "It has not gone out yet, and can still be taken back.")
_NOT_AGAIN = "It is not sent again by itself, because the patient might get it twice."
_DOUBT = Meaning(
    "Did it arrive?",
    f"The connection was lost, or the program was stopped, while it went out. It may have arrived or not. {_NOT_AGAIN}",
    "Ask the patient. The mail server’s keeper can look it up by its Message-ID.",
    doubt=True,
)


_FILED = {
    "handout": Meaning("In the health record", "The health record has taken it."),
    "mailed": Meaning("In the health record", "The health record has taken that the handout was mailed."),
    "voided": Meaning("Marked there", "The health record has marked the handout as given in error."),
}
_NOT_FILED = {
    "handout": "The handout is not in the health record.",
    "mailed": "The health record does not say that the handout was mailed.",
    "voided": "The health record does not say that the handout was given in error.",
}
_FILING = {
    "going": Meaning("Going out now", "It is being posted to the health record. That takes a minute at most."),
    "paused": Meaning(
        "Waiting: the health record is stopped",
        "All that goes to this clinic’s health record waits until something is put right. Nothing was lost.",
        "Have that put right, then let it go on.",
    ),
    "doubt": Meaning(
        "Did it arrive?",
        "The connection was lost while it was posted, and this health record can’t be asked by a document’s code.",
        "Look in the health record for the document’s code.",
        doubt=True,
    ),
}


def _of_record(entry: Entry) -> Meaning:
    """What the state of a posting to the health record means."""
    if entry.state in {"claimed", "sending"}:
        return _FILING["going"]
    if entry.shown == "paused":
        return _FILING["paused"]
    if entry.state == "sent":
        return _FILED[entry.kind]
    if entry.state == "unknown":
        return _FILING["doubt"] if entry.reason == LOST else _doubtful(entry.reason)
    if entry.state == "failed":
        return Meaning(
            "Not in the health record",
            f"{_NOT_FILED[entry.kind]} {_sentence(entry.reason)} It is not tried again, and its content is deleted.",
            "Have it put right in the health record by hand.",
        )
    if entry.state == "queued" and entry.reason:
        return Meaning(
            "Waiting for another try", f"{_sentence(entry.reason)} It is tried again by itself, for two days."
        )
    return {"queued": _waiting, "cancelled": _taken_out}[entry.state](entry)


def meaning_of(entry: Entry) -> Meaning:
    """What a message's state means."""
    if entry.channel == "fhir":
        return _of_record(entry)
    if entry.shown == "paused":
        return _PAUSED
    if entry.state in {"claimed", "sending"}:
        return _GOING
    if entry.state == "sent":
        return _ARRIVED if entry.reason == BY_HAND else _SENT
    if entry.state == "unknown":
        return _doubtful(entry.reason)
    return {"queued": _waiting, "failed": _failed, "cancelled": _taken_out}[entry.state](entry)


def _waiting(entry: Entry) -> Meaning:
    if not entry.reason:
        return _HELD
    return Meaning(
        "Waiting for another try",
        f"{explain(entry.reason)} It is tried again by itself, until two days after the first try.",
    )


def _failed(entry: Entry) -> Meaning:
    return Meaning(
        "Not delivered",
        f"{explain(entry.reason)} It is not tried again, and its content is deleted.",
        "Ask the patient for the right address, or print the handout. To mail it, make it again.",
    )


def _taken_out(entry: Entry) -> Meaning:
    why = "Somebody took it out." if entry.reason == BY_HAND else f"{_sentence(entry.reason or 'It was taken out')}"
    return Meaning("Taken out", f"{why} Its content is deleted.")


def _doubtful(reason: str) -> Meaning:
    if reason == LOST:
        return _DOUBT
    if reason.startswith("from a backup"):
        return Meaning(_DOUBT.name, f"{_sentence(reason.replace('; ', ': '))} {_NOT_AGAIN}", _DOUBT.to_do, doubt=True)
    return Meaning(
        "Set aside",
        f"It was not sent: {reason}.",
        "Find out who can write to the outbox. Then take this message out, and mail the handout again.",
    )


def explain(reason: str) -> str:
    """What stands behind a reason, in one sentence. One that is no server's reply is plain already."""
    if reason.startswith("two days of refusals; the last: "):
        return f"It was refused for two days. {explain(reason.partition(': ')[2])}"
    found = _REPLY.fullmatch(reason)
    if found is None:
        return _sentence(reason)
    status, what = found["status"] or "", found["what"]
    if what.startswith("to the sign-in: "):
        return _sentence(what.partition(": ")[2])
    if what.startswith("to the access token"):
        return "The mail server did not accept the clinic’s login."
    if "user and password" in what:
        return "The mail server did not accept the clinic’s user name and password."
    if "sender address" in what:
        return "The mail server does not let this user send with the clinic’s address."
    for pattern, words in _STATUSES:
        if re.fullmatch(pattern, status):
            return words
    if found["code"].startswith("4"):
        return "The mail server could not take it for the moment."
    if what.startswith("to the recipient"):
        return "The mail server refused the patient’s address."
    return "The mail server refused it."


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."
