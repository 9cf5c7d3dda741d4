"""What goes on after the browser has its answer, such as printing: how far it is, and what came of it."""

from __future__ import annotations

import contextvars
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from handouts.errors import HandoutError

MOST = 200
"""Jobs remembered; of those that ended, the oldest go first."""
MOST_KEPT = 12
"""Failed jobs of which what is needed to do them again, a patient's pages, is kept."""

State = Literal["running", "done", "failed"]


@dataclass
class Job:
    """``said``: lines for the staff, the newest last; ``kept``: what is needed to do it again, gone when it is done."""

    id: str
    title: str
    state: State = "running"
    said: list[str] = field(default_factory=list)
    kept: Any = None

    def __repr__(self) -> str:
        return f"Job({self.state})"

    def say(self, line: str) -> None:
        """One more line for the staff."""
        self.said.append(line)


class Jobs:
    """The jobs of a desk. Safe to use from any thread."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()

    def start(self, title: str, work: Callable[[Job], str], kept: Any = None) -> Job:
        """Do ``work`` in a thread of its own; what it returns is said last, and so is a HandoutError's message."""
        job = Job(secrets.token_urlsafe(9), title, kept=kept)
        with self._lock:
            self._jobs[job.id] = job
            ended = [name for name, one in self._jobs.items() if one.state != "running"]
            for name in ended[: max(0, len(self._jobs) - MOST)]:
                del self._jobs[name]
            failed = [one for one in self._jobs.values() if one.state == "failed" and one.kept]
            for one in failed[: max(0, len(failed) - MOST_KEPT)]:
                one.kept = None
        whose = contextvars.copy_context()  # who asked for it did it
        threading.Thread(target=whose.run, args=(_do, job, work), daemon=True, name="job").start()
        return job

    def get(self, name: str) -> Job | None:
        """A job, unless it is long gone."""
        with self._lock:
            return self._jobs.get(name)

    def take(self, name: str) -> Any:
        """What is needed to do a failed job again, and forget it: it is given to one caller; None to all others."""
        with self._lock:
            job = self._jobs.get(name)
            if job is None or job.state != "failed" or job.kept is None:
                return None
            del self._jobs[name]
            return job.kept

    def close(self) -> None:
        """Forget all of them; what prints goes on in CUPS."""
        with self._lock:
            self._jobs.clear()


def _do(job: Job, work: Callable[[Job], str]) -> None:
    try:
        job.say(work(job))
        job.kept = None
        job.state = "done"
    except HandoutError as fault:
        job.say(fault.message)
        job.state = "failed"
    except Exception as error:
        job.say(f"It failed: a bug in the program ({type(error).__name__}). Look into the record to see what was done.")
        job.state = "failed"
