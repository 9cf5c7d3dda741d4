"""The commands that look at content: topics, check. Those that write it are in `handouts.cli.approve`."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.authoring.approvals import missing_safety
from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.errors import ContentFault
from handouts.load.library import clinic_ids, load_library, topic_ids
from handouts.merge.merge import approval_state
from handouts.model.content import Topic

if TYPE_CHECKING:  # `make` should not wait for what only `check` needs
    from handouts.check import Finding
    from handouts.check.typeset import Case


@click.command()
@click.argument("topic", required=False, shell_complete=completing.topics)
@click.pass_obj
def topics(given: Context, /, topic: str | None) -> None:
    """List the topics, or one topic's options, medicines, version and approval.

    With TOPIC, it also names the safety fields of topic.yaml that a clinician has not filled in yet.

    \b
    Examples:
      python generate.py topics
      python generate.py topics hemifacial-spasm
    """
    if topic is not None:
        for line in _about(load_library(given.content, topic).topic, given.today):
            click.echo(line)
        return
    found = topic_ids(given.content)
    if not found:
        raise ContentFault("The content folder holds no topic. Start one with `new`, or name another with --content.")
    for name in found:
        loaded = load_library(given.content, name).topic
        state = approval_state(loaded, given.today).replace("_", " ")
        click.echo(f"{name:<30} {loaded.overview.head.name}, version {loaded.file.version}, {state}")


def _about(topic: Topic, today: date) -> Iterator[str]:
    yield f"{topic.overview.head.name} ({topic.id}), version {topic.file.version}"
    yield f"Published {topic.file.published}, next review by {topic.file.review_by}"
    yield f"Approval: {approval_state(topic, today).replace('_', ' ')}"
    if topic.approval:
        yield f"  by {topic.approval.by} on {topic.approval.on}, until {topic.approval.until}"
    yield "Options:"
    for name in topic.option_order:
        yield f"  {name:<30} {topic.options[name].head.name}"
    if topic.medicines:
        yield "Medicines:"
    for name, document in topic.medicines.items():
        yield f"  {name:<30} {document.head.name}"
    empty = missing_safety(topic)
    if empty:
        yield f"Safety fields that a clinician has to fill in: {', '.join(empty)}"


@click.command()
@click.argument("topic", required=False, shell_complete=completing.topics)
@click.option(
    "--all", "every", is_flag=True, help="Typeset every selection in both formats, and more for each clinic (minutes)."
)
@click.option("--text-only", is_flag=True, help="Judge the files alone; typeset nothing.")
@click.option("--strict", is_flag=True, help="Notices are failures too.")
@click.option("--verbose", "-v", is_flag=True, help="Show every figure, not only the one nearest its limit.")
@click.pass_obj
def check(given: Context, /, topic: str | None, every: bool, text_only: bool, strict: bool, verbose: bool) -> None:
    """Measure TOPIC, or every topic, against each gate that a program can judge.

    Words: reading grade 6 at most for each section and file, sentences of 20 words, lists of 7, no "1 in x", no
    selling words, no unsafe doses. Facts: every number has its time and its source, pictures their words, colours
    their contrast. Then it typesets single options, pairs, three and all of them, standard and large print, and
    measures pages, words a page, type sizes, fonts, page 1, and the tags (PDF/UA-1 and PDF/A-3a).

    What only a clinician can supply (approval, safety fields, telephone numbers) is a notice. The table shows,
    for each file and gate, the figure nearest its limit.

    \b
    Examples:
      python generate.py check
      python generate.py check hemifacial-spasm --text-only
      python generate.py check --all --strict

    Exit code 3 when a gate fails.
    """
    from handouts.check import stray_findings, worst_of_each
    from handouts.check.typeset import can_validate

    names = [topic] if topic else topic_ids(given.content)
    found = [finding for name in names for finding in _print_findings(given, name, every=every, text_only=text_only)]
    found += stray_findings(given.content)
    found = list(dict.fromkeys(found))  # what belongs to a clinic is found with each topic
    failures = [item for item in found if item.level == "failure" or (strict and item.level == "notice")]
    notices = [item for item in found if item.level == "notice" and not strict]
    well = [item for item in found if item.level == "ok"]
    _table("Measured", well if verbose else worst_of_each(well))
    _table("To look at", [item for item in found if item.level == "advice"])
    _table("Notices", notices)
    _table("Failures", failures)
    if not text_only and not can_validate():
        click.echo("The files' tags were not validated: page-validation is not installed (script/bootstrap test).")
    click.echo(f"{len(well)} figures within their limits, {len(notices)} notices, {len(failures)} failures")
    if failures:
        raise ContentFault("The content fails the gates listed under Failures. Mend these places, then check again.")


def _print_findings(given: Context, topic: str, *, every: bool, text_only: bool) -> Iterator[Finding]:
    from handouts.check import check_clinic, check_topic
    from handouts.check.typeset import all_cases, usual_cases

    library = load_library(given.content, topic)
    yield from check_topic(library, given.today)
    clinics = clinic_ids(given.content)
    for clinic in clinics:
        yield from check_clinic(load_library(given.content, topic, clinic).clinic)
    if not text_only:
        cases = (all_cases if every else usual_cases)(library, clinics)
        yield from _typeset_all(given.content, topic, cases, given.today)


def _typeset_all(content: Path, topic: str, cases: list[Case], today: date) -> Iterable[Finding]:
    """Every case in processes of their own (the engine may not be shared by threads), in the order of the cases."""
    from handouts.check.typeset import typeset_findings

    found: dict[int, list[Finding]] = {}
    spawn = multiprocessing.get_context("spawn")
    workers = min(os.cpu_count() or 1, len(cases))
    with ProcessPoolExecutor(workers, mp_context=spawn) as pool:
        jobs = {pool.submit(typeset_findings, content, topic, case, today): i for i, case in enumerate(cases)}
        try:
            with click.progressbar(as_completed(jobs), len(jobs), f"Typesetting {topic}", file=sys.stderr) as finished:
                for job in finished:
                    found[jobs[job]] = job.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [finding for i in sorted(found) for finding in found[i]]


def _table(title: str, rows: list[Finding]) -> None:
    """Aligned columns; nothing for no rows."""
    if not rows:
        return
    cells = [(row.gate, row.format, str(row.limit), row.where) for row in rows]
    widths = [min(max(len(row[i]) for row in cells), 44) for i in range(3)]
    click.echo(title)
    for row in cells:
        start = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False))
        click.echo(f"  {start}  {row[3]}")
    click.echo()


COMMANDS: tuple[click.Command, ...] = (topics, check)
