"""How a topic is measured, whoever asks: the words at once, the sheets in processes of the caller."""

from __future__ import annotations

import shutil
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from handouts.check import Finding, failures, text_findings
from handouts.check.typeset import SheetCase, findings_in_worker, measure_sheets, sheets_to_measure
from handouts.errors import SystemMissing
from tests.conftest import CONTENT, TODAY, TOPIC


def test_what_fails_in_a_text_is_found_without_typesetting_and_told_with_its_line(content: Path):
    path = content / "topics" / TOPIC / "en" / "botox.md"
    assert failures(text_findings(content, [TOPIC], TODAY)) == []
    path.write_text(path.read_text() + "\nThis is the best treatment that there is.\n")
    [found] = failures(text_findings(content, [TOPIC], TODAY))
    line = path.read_text().split("\n").index("This is the best treatment that there is.") + 1
    assert (found.where.partition(": ")[0], found.line) == (f"topics/{TOPIC}/en/botox.md", line)
    assert "best treatment" in found.sentence


def test_what_belongs_to_a_clinic_is_told_once_for_all_topics():
    both = text_findings(CONTENT, [TOPIC, "trigeminal-neuralgia"], TODAY)
    assert any("clinics/" in finding.where for finding in both)
    assert len(both) == len(set(both))


def test_the_sheets_of_all_clinics_are_measured_and_each_once(content: Path):
    everywhere = sheets_to_measure(content, TOPIC, TODAY)
    assert len(everywhere) == len(set(everywhere))
    shutil.rmtree(content / "clinics" / "seaview-example")
    at_home = sheets_to_measure(content, TOPIC, TODAY)
    assert set(at_home) < set(everywhere)
    assert {case.case.clinic for case in at_home} == {"cohen"}


class Processes:
    """Stands for worker processes: finishes the work that was handed over last first."""

    def __init__(self, fails: bool = False) -> None:
        self.fails, self.jobs = fails, list[Future[Any]]()

    def submit(self, work: Any, *values: Any) -> Future[Any]:
        assert work is findings_in_worker
        job: Future[Any] = Future()
        self.jobs.insert(0, job)
        sheet: SheetCase = values[2]
        if self.fails and len(self.jobs) == 2:
            job.set_exception(SystemMissing("no fonts"))
        elif not self.fails:
            job.set_result([Finding("ok", sheet.where, "pages", 1)])
        return job


def test_findings_come_in_the_order_of_the_sheets_and_progress_is_told():
    asked, told = sheets_to_measure(CONTENT, TOPIC, TODAY)[:4], list[int]()
    found = measure_sheets(Processes().submit, CONTENT, TOPIC, asked, TODAY, None, told.append)
    assert [[finding.where for finding in one] for one in found] == [[sheet.where] for sheet in asked]
    assert told == [1, 2, 3, 4]


def test_where_a_worker_fails_the_rest_is_not_begun():
    asked, processes = sheets_to_measure(CONTENT, TOPIC, TODAY)[:4], Processes(fails=True)
    with pytest.raises(SystemMissing):
        measure_sheets(processes.submit, CONTENT, TOPIC, asked, TODAY, None, lambda _: None)
    assert [job.cancelled() for job in processes.jobs] == [True, True, False, True]


def test_whoever_waits_can_end_it():
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    asked = sheets_to_measure(CONTENT, TOPIC, TODAY)[:4]
    with pytest.raises(KeyboardInterrupt):
        measure_sheets(Processes().submit, CONTENT, TOPIC, asked, TODAY, None, stop)
