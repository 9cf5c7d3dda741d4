"""What became of something that was begun and not ended: the record and the outbox heard of it before it counted.

The order of the writes, each on the disk before the next: the entry in the memory of lists (begun), the event in the
record, the paper, file or message, its outcome in the record, the entry's end. So after a `kill -9` at any moment

- without an event after the entry, nothing was given out;
- with "made" the file was about to be handed to the browser, and the record counts it as given out;
- with "queued" alone the printer may have it: nobody can tell, and a person has to look;
- a message is in the outbox or not, together with its event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from handouts.batch.day.memory import KEEP, DayMemory, End, Entry, may_be_alive, this_process
from handouts.record.recorder import FolderRecorder
from handouts.record.store import RecordStore


def settle_all(
    memory: DayMemory, recorder: FolderRecorder, now: float, *, idle: Callable[[], bool] = lambda: False
) -> None:
    """Settle what was left by processes that are gone, and by this one if it is ``idle``; forget what is old.

    OutputFault.
    """
    begun = memory.unfinished()  # read before it is asked who is idle: what begins later is not among these
    own = idle() if begun else False
    left = [entry for entry in begun if not may_be_alive(entry.holder) or (own and entry.holder == this_process())]
    if left:
        settle(memory, recorder, left, now)
    memory.forget(now - KEEP)


def settle(memory: DayMemory, recorder: FolderRecorder, entries: Iterable[Entry], now: float) -> dict[int, End]:
    """End entries as the record and the outbox say they did; the states by the entries' numbers. OutputFault."""
    found: dict[int, End] = {}
    for entry in entries:
        found[entry.id] = end_of(entry, recorder)
        memory.end([entry], found[entry.id], now)
    return found


def end_of(entry: Entry, recorder: FolderRecorder) -> End:
    """What became of one."""
    last, _ = recorder.store.head()
    if last < entry.after:  # an older record was restored meanwhile: it can't know
        return "unknown"
    if entry.what == "mailed":
        with recorder.open_outbox() as outbox:
            return "done" if any(one.created >= entry.claimed for one in outbox.of_code(entry.code)) else "failed"
    said = said_since(recorder.store, entry)
    if entry.what == "saved":
        return "done" if ("made", "browser") in said else "failed"
    words = [what for what, channel in said if channel == "printer"]
    if not words:
        return "failed"
    ends: dict[str, End] = {"printed": "done", "failed": "failed"}
    return ends.get(words[-1], "unknown")


def said_since(store: RecordStore, entry: Entry) -> list[tuple[str, str | None]]:
    """What the record says of the document since an entry: what happened, and by which channel."""
    rows = store.database.look(
        "SELECT what, channel FROM events WHERE code = ? AND seq > ? ORDER BY seq", entry.code, entry.after
    )
    return [(str(row["what"]), row["channel"]) for row in rows]
