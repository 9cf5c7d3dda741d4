"""A process that sets pages may die or hang: whoever waits is told, and the next page is set by another one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, wait

import pytest

from handouts.desk.workers import FIRST, LATER, SOON, Task, Workers
from handouts.errors import ContentFault, HandoutError, SystemMissing
from handouts.model.content import Library
from handouts.model.typeset_sheet import TypesetSheet
from tests.conftest import PATIENCE, RequestOf
from tests.desk.typesetting import task_of, with_grief
from tests.waiting import until


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    made = Workers(1, seconds=PATIENCE)
    made.start()
    until(lambda: len(made.pids) == 2)
    yield made
    made.close()


@pytest.fixture(scope="module")
def task(library: Library, request_of: RequestOf) -> Task:
    return task_of(library, request_of)


def ended(future: Future[TypesetSheet]) -> TypesetSheet:
    return future.result(PATIENCE)


def test_a_page_is_set_as_it_is_without_a_process_of_its_own(workers: Workers, task: Task):
    from handouts.typeset.typeset import typeset_sheet

    here = typeset_sheet(task.library, task.look, task.name, task.sheet)
    assert ended(workers.typeset(task, FIRST)).to_bytes() == here.to_bytes()


@pytest.mark.parametrize("how", ["killed", "no memory"])
def test_of_a_process_that_died_the_staff_are_told_and_the_next_page_is_set(workers: Workers, task: Task, how: str):
    dying = workers.typeset(with_grief(task, how), FIRST)
    after = workers.typeset(task, SOON)
    with pytest.raises(SystemMissing, match="try once more") as told:
        ended(dying)
    assert "too little memory" in told.value.message
    assert ended(after).pages


def test_a_process_that_was_killed_while_it_had_nothing_to_do_is_replaced_unnoticed(workers: Workers, task: Task):
    ended(workers.typeset(task, FIRST))
    before = workers.pids
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not set(before) & set(workers.pids))
    assert ended(workers.typeset(task, FIRST)).pages
    assert ended(workers.typeset(task, LATER)).pages


def test_a_page_that_is_not_set_in_time_is_given_up_and_its_process_replaced(workers: Workers, task: Task):
    ended(workers.typeset(task, FIRST))
    before = workers.pids
    workers.seconds = 0.2
    with pytest.raises(SystemMissing, match="took too long"):
        ended(workers.typeset(with_grief(task, "stuck"), FIRST))
    workers.seconds = PATIENCE
    assert ended(workers.typeset(task, FIRST)).pages
    until(lambda: len(set(before) & set(workers.pids)) == len(before) - 1)


def test_a_fault_of_the_content_comes_back_whole(workers: Workers, task: Task):
    before = workers.pids
    with pytest.raises(ContentFault) as told:
        ended(workers.typeset(with_grief(task, "content"), FIRST))
    assert told.value.message == "Two faults:\n  a.md:3: one\n  b.md:4: two"
    assert [fault.line for fault in told.value.faults] == [3, 4]
    assert workers.pids == before


def test_a_bug_is_told_without_what_it_says(workers: Workers, task: Task):
    with pytest.raises(SystemMissing) as told:
        ended(workers.typeset(with_grief(task, "bug"), FIRST))
    assert "ZeroDivisionError" in told.value.message
    assert "Quill" not in told.value.message


def test_what_somebody_waits_for_comes_before_what_nobody_waits_for_yet(workers: Workers, task: Task):
    workers.seconds = 1.0
    blocked = workers.typeset(with_grief(task, "stuck"), FIRST)
    order: list[str] = []
    soon, first = workers.typeset(task, SOON), workers.typeset(task, FIRST)
    soon.add_done_callback(lambda _: order.append("soon"))
    first.add_done_callback(lambda _: order.append("first"))
    wait([blocked])
    workers.seconds = PATIENCE
    wait([soon, first], PATIENCE)
    until(lambda: len(order) == 2)
    assert order == ["first", "soon"]


def test_memory_that_the_machine_does_not_have_ends_a_process_not_the_desk(task: Task):
    small = Workers(1, seconds=PATIENCE, memory=120 * 1024**2)  # Python alone starts, WeasyPrint does not
    try:
        for _ in range(2):
            with pytest.raises(SystemMissing, match="memory"):
                ended(small.typeset(task, FIRST))
    finally:
        small.close()


def test_closing_ends_the_processes_and_tells_whoever_waits(task: Task):
    workers = Workers(1)
    workers.start()
    until(lambda: len(workers.pids) == 2)
    pids = workers.pids
    waiting = [workers.typeset(with_grief(task, "stuck"), FIRST), *(workers.typeset(task, SOON) for _ in range(3))]
    until(waiting[0].running)
    workers.close()
    waiting.append(workers.typeset(task, FIRST))
    for future in waiting:
        with pytest.raises(HandoutError):
            future.result(10)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert workers.pids == ()


def test_a_desk_that_is_gone_leaves_no_process(task: Task):
    """As after `kill -9`: nobody tells them; their pipe ends."""
    workers = Workers(1)
    ended(workers.typeset(task, FIRST))
    hand = workers._hands[0]
    process, pipe = hand.process, hand.pipe
    assert pipe
    pipe.close()
    process.join(PATIENCE)
    assert process.exitcode == 0
    workers.close()
