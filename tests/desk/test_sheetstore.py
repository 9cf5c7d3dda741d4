"""Each sheet is made once, whoever asks; what somebody waits for comes first; a failure is told, and tried again."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from handouts.desk.sheetstore import SheetStore
from handouts.desk.workers import FIRST, LATER, SOON, Task
from handouts.errors import ContentFault, SystemMissing
from handouts.model.content import Library
from handouts.model.typeset_sheet import TypesetSheet
from handouts.pipeline import Prepared
from handouts.typeset.cache import SheetCache
from tests.conftest import PATIENCE, RequestOf
from tests.desk.typesetting import prepared_of


class Hands:
    """Processes, played: they make nothing until they are told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.futures: dict[str, Future[TypesetSheet]] = {}

    def typeset(self, task: Task, urgency: int) -> Future[TypesetSheet]:
        self.asked.append((task.name, urgency))
        self.futures[task.name] = Future()
        return self.futures[task.name]

    def start(self, name: str) -> None:
        assert self.futures[name].set_running_or_notify_cancel()

    def end(self, name: str, sheet: TypesetSheet) -> None:
        self.start(name)
        self.futures[name].set_result(sheet)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(hands: Hands) -> SheetStore:
    return SheetStore(hands, None)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def prepared(library: Library, request_of: RequestOf) -> Prepared:
    return prepared_of(library, request_of)


@pytest.fixture(scope="module")
def sheet(prepared: Prepared, library: Library) -> TypesetSheet:
    from handouts.typeset.typeset import typeset_sheet

    contents = dict(prepared.handout.sheets())
    return typeset_sheet(library, prepared.handout.look, "questions", contents["questions"])


def names_of(prepared: Prepared) -> list[str]:
    return [name for name, _ in prepared.plan.sheets]


def begin(store: SheetStore, library: Library, prepared: Prepared, *, ahead: bool = False) -> None:
    store.begin(library, prepared.handout, prepared.plan, ahead=ahead)


def test_page_1_is_asked_for_before_the_rest(store: SheetStore, hands: Hands, library: Library, prepared: Prepared):
    begin(store, library, prepared)
    assert sorted(name for name, _ in hands.asked) == sorted(names_of(prepared))
    assert {name for name, urgency in hands.asked if urgency == FIRST} == {"front"}
    assert {urgency for name, urgency in hands.asked if name != "front"} == {SOON}


def test_ten_threads_that_ask_at_once_have_each_sheet_made_once(
    store: SheetStore, hands: Hands, library: Library, prepared: Prepared, sheet: TypesetSheet
):
    gate = threading.Barrier(11, timeout=PATIENCE)

    def ask(_: int) -> bool:
        gate.wait()
        begin(store, library, prepared)
        return store.wait_for(prepared.plan, names_of(prepared), PATIENCE)

    with ThreadPoolExecutor(10) as pool:
        waiting = [pool.submit(ask, number) for number in range(10)]
        gate.wait()
        while len(hands.futures) < len(names_of(prepared)):
            pass
        for name in names_of(prepared):
            hands.end(name, sheet)
        assert all(future.result(PATIENCE) for future in waiting)
    assert sorted(name for name, _ in hands.asked) == sorted(names_of(prepared))
    assert store.missing(prepared.plan) == []


def test_what_is_made_ahead_is_overtaken_by_what_somebody_waits_for(
    store: SheetStore, hands: Hands, library: Library, prepared: Prepared, sheet: TypesetSheet
):
    begin(store, library, prepared, ahead=True)
    assert {urgency for _, urgency in hands.asked} == {LATER}
    ahead = dict(hands.futures)
    hands.start("front")  # this one is being made already
    hands.asked.clear()
    asking = threading.Thread(target=begin, args=(store, library, prepared), daemon=True)
    asking.start()
    asking.join(PATIENCE)
    assert not asking.is_alive()
    assert "front" not in dict(hands.asked)
    assert sorted(dict(hands.asked)) == sorted(set(names_of(prepared)) - {"front"})
    assert all(future.cancelled() for name, future in ahead.items() if name != "front")
    ahead["front"].set_result(sheet)
    for name in dict(hands.asked):
        hands.end(name, sheet)
    assert store.wait_for(prepared.plan, names_of(prepared), 10)


def test_what_somebody_waits_for_is_not_asked_for_again_ahead(
    store: SheetStore, hands: Hands, library: Library, prepared: Prepared
):
    begin(store, library, prepared)
    hands.asked.clear()
    begin(store, library, prepared, ahead=True)
    assert hands.asked == []


def test_waiting_ends_after_its_time(store: SheetStore, library: Library, prepared: Prepared):
    begin(store, library, prepared)
    assert not store.wait_for(prepared.plan, ["front"], 0.05)


def test_a_failure_is_told_even_to_who_begins_to_wait_after_it(
    store: SheetStore, hands: Hands, library: Library, prepared: Prepared
):
    begin(store, library, prepared)
    hands.start("front")
    hands.futures["front"].set_exception(SystemMissing("The process that sets pages ended."))
    with pytest.raises(SystemMissing):
        store.wait_for(prepared.plan, names_of(prepared), 0.05)
    assert store.missing(prepared.plan, ["front"]) == ["front"]


def test_after_a_failure_the_sheet_is_tried_once_more(
    store: SheetStore, hands: Hands, library: Library, prepared: Prepared, sheet: TypesetSheet
):
    begin(store, library, prepared)
    hands.start("front")
    hands.futures["front"].set_exception(ContentFault("A fault that somebody edits."))
    hands.asked.clear()
    begin(store, library, prepared)
    assert hands.asked == [("front", FIRST)]
    hands.end("front", sheet)
    assert store.wait_for(prepared.plan, ["front"], 10)
    assert store.missing(prepared.plan, ["front"]) == []


def test_what_is_on_the_disk_is_not_made(
    hands: Hands, library: Library, prepared: Prepared, sheet: TypesetSheet, tmp_path: Path
):
    disk = SheetCache(tmp_path / "sheets")
    SheetStore(hands, disk).put(dict(prepared.plan.sheets)["front"], sheet)  # type: ignore[arg-type]
    store = SheetStore(hands, disk)  # type: ignore[arg-type]
    begin(store, library, prepared)
    assert "front" not in dict(hands.asked)
    found = store.get(dict(prepared.plan.sheets)["front"])
    assert found
    assert found.to_bytes() == sheet.to_bytes()
