"""What goes on in the background says how it ended, and keeps a patient's pages no longer than they are needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from handouts.desk.jobs import MOST, MOST_KEPT, Job, Jobs
from handouts.errors import HandOverFault
from tests.conftest import PATIENCE
from tests.waiting import until

PAGES = ("the pages",)


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def fails(_: Job) -> str:
    raise HandOverFault("The printer is off.")


def ended(jobs: Jobs, work: Callable[[Job], str]) -> Job:
    job = jobs.start("FHK8-Z5DW-14K", work, kept=PAGES)
    until(lambda: job.state != "running")
    return job


def test_a_job_that_is_done_says_so_and_keeps_nothing(jobs: Jobs):
    job = ended(jobs, lambda _: "Printed.")
    assert (job.state, job.said, job.kept) == ("done", ["Printed."], None)
    assert jobs.get(job.id) is job
    assert jobs.take(job.id) is None


def test_a_job_says_how_far_it_is(jobs: Jobs):
    go_on = threading.Event()

    def work(job: Job) -> str:
        job.say("Job 17: waiting.")
        go_on.wait(PATIENCE)
        return "Printed."

    job = jobs.start("a title", work)
    while not job.said:
        time.sleep(0.002)
    assert (job.state, jobs.take(job.id)) == ("running", None)
    go_on.set()


def test_what_failed_can_be_done_again_by_one_caller(jobs: Jobs):
    job = ended(jobs, fails)
    assert (job.state, job.said) == ("failed", ["The printer is off."])
    with ThreadPoolExecutor(10) as pool:
        given = list(pool.map(lambda _: jobs.take(job.id), range(50)))
    assert [one for one in given if one is not None] == [PAGES]
    assert jobs.get(job.id) is None


def test_a_bug_is_told_by_its_kind_alone(jobs: Jobs):
    def breaks(_: Job) -> str:
        raise ZeroDivisionError("Xanthippe Quill")

    job = ended(jobs, breaks)
    assert job.state == "failed"
    assert "ZeroDivisionError" in job.said[-1]
    assert "Quill" not in job.said[-1] + repr(job)


def test_of_failed_jobs_only_the_newest_keep_their_pages(jobs: Jobs):
    failed = [ended(jobs, fails) for _ in range(MOST_KEPT + 3)]
    ended(jobs, lambda _: "Printed.")
    assert [job for job in failed if job.kept] == failed[-MOST_KEPT:]


def test_of_many_jobs_the_oldest_that_ended_are_forgotten_and_none_that_runs(jobs: Jobs):
    go_on = threading.Event()
    running = jobs.start("runs", lambda _: "Printed." if go_on.wait(PATIENCE) else "")
    first = ended(jobs, lambda _: "Printed.")
    for _ in range(MOST + 2):
        ended(jobs, lambda _: "Printed.")
    assert jobs.get(first.id) is None
    assert jobs.get(running.id) is running
    go_on.set()
