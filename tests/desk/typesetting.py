"""Tasks for the processes that set pages: a real one, and some at which a process comes to grief."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from typing import Any, NoReturn

from handouts.desk.workers import Task
from handouts.errors import ContentFault, Fault
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.pipeline import Prepared, prepare
from tests.conftest import TODAY, RequestOf


def prepared_of(library: Library, request_of: RequestOf, **over: Any) -> Prepared:
    return prepare(library, request_of(**over), TODAY, Edition(allow_unapproved=True))


def task_of(library: Library, request_of: RequestOf, name: str = "questions") -> Task:
    """A sheet to set: one that takes little time."""
    handout = prepared_of(library, request_of).handout
    return Task(library, handout.look, name, dict(handout.sheets())[name])


class Grief:
    """Stands for a library. In the process that sets pages, whatever is asked of it ends as ``how`` says."""

    def __init__(self, how: str) -> None:
        self.how = how

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        how = self.__dict__["how"]
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "no memory":
            bytearray(64 * 1024**3)
        if how == "stuck":
            time.sleep(600)
        if how == "content":
            raise ContentFault("Two faults:", faults=[Fault("a.md", 3, "one"), Fault("b.md", 4, "two")])
        raise ZeroDivisionError("Xanthippe Quill")


def with_grief(task: Task, how: str) -> Task:
    return replace(task, library=Grief(how))  # type: ignore[arg-type]
