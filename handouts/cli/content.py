"""The commands that read content: topics and check."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.groups import gathered
from handouts.cli.language import tag_of, tell_progress, to_complete
from handouts.cli.options import CACHE_FLAGS, Caching
from handouts.errors import ContentFault
from handouts.model.language import ORIGINAL, language_name

if TYPE_CHECKING:
    from handouts.check import Finding
    from handouts.check.typeset import SheetCase
    from handouts.model.content import Approval, Topic
    from handouts.typeset.cache import SheetCache


@click.command()
@click.argument("topic", required=False, shell_complete=completing.topics)
@click.pass_obj
def topics(given: Context, /, topic: str | None) -> None:
    """List the topics, or one topic's options, medicines, version and approval.

    With TOPIC, also list who has approved which source file until when, and the safety fields of topic.yaml that a
    clinician has not filled in yet.

    \b
    Examples:
      python generate.py topics
      python generate.py topics hemifacial-spasm
    """
    from handouts.authoring.approvals import describe_approval
    from handouts.load.library import load_library, topic_ids
    from handouts.merge.approval import file_states

    if topic is not None:
        for line in _about(load_library(given.content, topic).topic, given.today):
            click.echo(line)
        return
    found = topic_ids(given.content)
    if not found:
        raise ContentFault("The content folder holds no topic. `new TOPIC` starts one; --content names another folder.")
    for name in found:
        loaded = load_library(given.content, name).topic
        state = describe_approval(file_states(loaded, given.today))
        click.echo(f"{name:<30} {loaded.overview.head.name}, version {loaded.file.version}, {state}")


def _about(topic: Topic, today: date) -> Iterator[str]:
    from handouts.authoring.approvals import describe_approval, missing_safety
    from handouts.load.language_files import languages_of_topic
    from handouts.load.progress import progress
    from handouts.merge.approval import file_states

    states = file_states(topic, today)
    yield f"{topic.overview.head.name} ({topic.id}), version {topic.file.version}"
    yield f"Published {topic.file.published}, next review by {topic.file.review_by}"
    yield f"Approval: {describe_approval(states)}"
    for name, state in states.items() if topic.approvals else ():
        given = topic.approvals.get(name)
        yield f"  {name:<44} {state.replace('_', ' ')}{f': {_who(given)}' if given else ''}"
    if topic.options:
        yield "Options:"
    for name in topic.option_order:
        yield f"  {name:<30} {topic.options[name].head.name}"
    if topic.sections:
        yield "Sections:"
    for entry in topic.file.sections:
        named = "  (for whom the request names it)" if entry.optional else ""
        yield f"  {entry.id:<30} {topic.sections[entry.id].head.name}{named}"
    if topic.medicines:
        yield "Medicines:"
    for name, document in topic.medicines.items():
        yield f"  {name:<30} {document.head.name}"
    content = topic.folder.parent.parent
    for tag in languages_of_topic(topic.folder)[1:]:
        *_, part = progress(content, tag, [topic.id])
        late = f", {len(part.behind)} behind" if part.behind else ""
        yield f"In {language_name(tag)} ({tag}): {part.there} of {len(part.files)} files{late}"
    empty = missing_safety(topic)
    if empty:
        yield f"Safety fields that a clinician has to fill in: {', '.join(empty)}"


def _who(approval: Approval) -> str:
    checked = f", checked by {approval.checked_by}" if approval.checked_by else ""
    return f"by {approval.by} on {approval.on}, until {approval.until}{checked}"


@click.command()
@click.argument("topic", required=False, shell_complete=completing.topics)
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Typeset the sheets of every selection, in both formats, and more for each clinic (minutes).",
)
@click.option("--text-only", is_flag=True, help="Check only the files; typeset nothing.")
@click.option("--strict", is_flag=True, help="Treat notices as failures.")
@click.option(
    "--language",
    metavar="TAG",
    shell_complete=completing.languages,
    help="Check the texts in a language, such as es: how far it is, and the gates that hold for it.",
)
@click.option("--verbose", "-v", is_flag=True, help="Show every figure, not only those nearest their limits.")
@CACHE_FLAGS
@click.pass_obj
@gathered
def check(
    given: Context,
    /,
    topic: str | None,
    every: bool,
    text_only: bool,
    strict: bool,
    language: str | None,
    verbose: bool,
    caching: Caching,
) -> None:
    """Measure TOPIC, or every topic, against each gate that a program can check.

    Words, in all that is printed of topic, clinics and presets: reading grade 6 at most for each section and file,
    sentences of 20 words, lists of 7, no "1 in x", no words that sell or frighten, no unsafe doses. Facts: every number
    has a time frame and a source, every picture a description, colours enough contrast. Then it typesets each sheet of
    one, two, three and all options, in standard and large print, and measures pages, how full they are, type sizes,
    fonts, and the tags (PDF/UA-1 and PDF/A-3a).

    With --language it tells of each topic how many files of the translation are there, missing, behind their English,
    and not checked, and measures those that are whole: INFLESZ of 65 or more for Spanish, for other languages the
    length of sentences and words alone; lists, doses, drawings, the glossary, pages. It says which gates don't apply.

    What only a clinician can supply (approval, safety fields, telephone numbers) is a notice. The table shows,
    for each file and gate, the figure nearest its limit; a failure, its file, line and sentence.

    \b
    Examples:
      python generate.py check
      python generate.py check hemifacial-spasm --text-only
      python generate.py check --all --strict
      python generate.py check --language es --text-only

    Exit code 3 when a gate fails.
    """
    from handouts.check import worst_of_each
    from handouts.check.translation import not_applied
    from handouts.check.typeset import can_validate
    from handouts.load.everything import require_sound
    from handouts.load.library import topic_ids
    from handouts.load.progress import SHARED

    tag = tag_of(language)
    names = [topic] if topic else topic_ids(given.content)
    lacking = tell_progress(given, tag, names) if tag != ORIGINAL else []
    parts = {part.part for part in lacking}
    whole = [] if SHARED in parts else [name for name in names if name not in parts]
    require_sound(given.content, names, tag)
    found = measure(given, whole, caching, every=every, text_only=text_only, language=tag)
    failures = [item for item in found if item.level == "failure" or (strict and item.level == "notice")]
    notices = [item for item in found if item.level == "notice" and not strict]
    well = [item for item in found if item.level == "ok"]
    print_table("Measured", well if verbose else worst_of_each(well))
    print_table("To look at", [item for item in found if item.level == "advice"])
    print_table("Notices", notices)
    print_table("Failures", failures)
    if not text_only and not can_validate():
        click.echo("The files' tags were not validated: page-validation is not installed (script/bootstrap test).")
    if tag != ORIGINAL and whole:
        click.echo(not_applied(tag))
    if not names:
        click.echo("There is no topic yet: `new TOPIC` starts one.")
    click.echo(f"{len(well)} figures within their limits, {len(notices)} notices, {len(failures)} failures")
    if failures:
        raise ContentFault("The content fails the gates listed under Failures. Fix them, then run `check` again.")
    if lacking:
        raise ContentFault(to_complete(lacking, tag, topic))


def measure(
    given: Context,
    names: list[str],
    caching: Caching,
    *,
    every: bool = False,
    text_only: bool = False,
    language: str = ORIGINAL,
) -> list[Finding]:
    """What every gate finds in the topics ``names``; ``every``, ``text_only``: as `check` has them."""
    from handouts.check import text_findings
    from handouts.check.typeset import sheets_to_measure

    found = text_findings(given.content, names, given.today, language)
    if not text_only:
        cache = caching.sheets()
        for name in names:
            asked = sheets_to_measure(given.content, name, given.today, every=every, language=language)
            found += _typeset_all(given, name, asked, cache)
    return list(dict.fromkeys(found))


def _typeset_all(given: Context, topic: str, asked: list[SheetCase], cache: SheetCache | None) -> Iterable[Finding]:
    """What is found on the sheets ``asked``, in their order; a bar shows how far it is."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    from handouts.check.typeset import measure_sheets

    workers = min(os.cpu_count() or 1, len(asked))
    with (
        ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool,
        click.progressbar(length=len(asked), label=f"Typesetting {topic}", file=sys.stderr) as bar,
    ):
        found = measure_sheets(
            pool.submit, given.content, topic, asked, given.today, cache, lambda done: bar.update(done - bar.pos)
        )
    return [finding for one in found for finding in one]


def print_table(title: str, rows: list[Finding]) -> None:
    """Print aligned columns; nothing without rows."""
    if not rows:
        return
    cells = [(row.gate, row.shown, str(row.limit), row.place) for row in rows]
    widths = [min(max(len(row[i]) for row in cells), 44) for i in range(3)]
    click.echo(title)
    for row, cell_texts in zip(rows, cells, strict=True):
        start = "  ".join(f"{cell:<{width}}" for cell, width in zip(cell_texts, widths, strict=False))
        click.echo(f"  {start}  {cell_texts[3]}")
        if row.way_out and row.level != "ok":
            click.echo(f"    {row.way_out}")
    click.echo()


COMMANDS: tuple[click.Command, ...] = (topics, check)
