"""The command that records who stands behind a text: approve."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.cli.content import measure, print_table
from handouts.cli.groups import Options, all_of, gathered
from handouts.cli.language import tag_of
from handouts.cli.options import CACHE_FLAGS, Caching
from handouts.cli.output import plural
from handouts.errors import ContentFault, Refused
from handouts.model.language import ORIGINAL

if TYPE_CHECKING:
    from handouts.model.content import Approval, Library, Topic

WHO_FLAGS = all_of(
    click.option("--by", required=True, metavar="NAME", help="The clinician who approves."),
    click.option("--checked-by", metavar="NAME",
                 help="Who else has checked it, such as a pharmacist. Of a translation: who compared it; printed."),
    click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
                 help="Such as 2027-11-22. Default: one year, or the review date if sooner."),
)  # fmt: skip


@dataclass(frozen=True)
class Who(Options):
    """`WHO_FLAGS`."""

    by: str
    checked_by: str | None
    until: datetime | None


@click.command()
@click.argument("topic", shell_complete=completing.topics)
@click.argument("files", nargs=-1, metavar="[FILE]...", shell_complete=completing.source_files)
@WHO_FLAGS
@click.option(
    "--language",
    metavar="TAG",
    shell_complete=completing.languages,
    help="Approve the translation into a language, such as es.",
)
@click.option("--open", "open_it", is_flag=True, help="First show the pages that print from it.")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation. Every gate still has to hold.")
@CACHE_FLAGS
@click.pass_obj
@gathered
def approve(
    given: Context,
    /,
    topic: str,
    files: tuple[str, ...],
    who: Who,
    language: str | None,
    open_it: bool,
    yes: bool,
    caching: Caching,
) -> None:
    """Record that a clinician approves exactly this text, until a date.

    Without FILE it is all of TOPIC: its texts, topic.yaml, its drawings, and the fixed words of the pages. FILE is one
    of these, such as botox or en/botox.md. Any later change to a file takes away its approval, and no other's. A
    sheet is approved when all files that it prints from are; until then its pages say that it is not.

    With --language it is the translation: only once the English text is approved, with the name of whoever compared the
    two (--checked-by), and for no longer than the English. Approving an English text approves no translation of it.

    Runs every gate of `check` first, and refuses while one fails, while a line still says what `new` wrote there
    ("Write ..."), and for topic.yaml while safety fields are empty.

    \b
    Examples:
      python generate.py approve hemifacial-spasm --by "Dr. Cohen" --until 2027-11-22
      python generate.py approve hemifacial-spasm botox --by "Dr. Cohen" --open
      python generate.py approve hemifacial-spasm --language es --by "Dr. Cohen" --checked-by "Ana Ruiz"

    Exit codes: 3 when a gate fails or text is missing; 8 when nothing was recorded for another reason.
    """
    from handouts.authoring.approvals import approvals_of, files_called, require_writable, to_look_at
    from handouts.authoring.checked_translation import Signature
    from handouts.load.library import load_library

    library = load_library(given.content, topic, language=tag_of(language))
    english = load_library(given.content, topic).topic if library.language != ORIGINAL else None
    require_writable(given.content)
    chosen = files_called(library.topic, files)
    click.echo("Please review:")
    for line in to_look_at(library.topic, chosen):
        click.echo(f"  {line}")
    signature = Signature(who.by, who.until.date() if who.until else None, who.checked_by)
    approvals = approvals_of(library.topic, chosen, signature, given.today, english)
    _require_written(given, library.topic, chosen)
    _require_gates(given, library, caching)
    _show_pages(given, library, chosen, caching, open_it=open_it)
    _ask(approvals, yes=yes)
    _record(given, library, approvals)


def _require_written(given: Context, topic: Topic, files: Sequence[str]) -> None:
    """ContentFault while a line is still as `new` wrote it."""
    from handouts.authoring.approvals import unwritten

    left = unwritten(given.content, topic, files, given.today)
    if left:
        raise ContentFault("Text is missing, so it can't be approved. Write it first:", faults=left)


def _require_gates(given: Context, library: Library, caching: Caching) -> None:
    """ContentFault while a gate fails: those on words first, which take no time."""
    from handouts.check import failures

    topic, language = library.topic.id, library.language
    again = f"check {topic}" if language == ORIGINAL else f"check {topic} --language {language}"
    for text_only in (True, False):
        failing = failures(measure(given, [topic], caching, text_only=text_only, language=language))
        print_table("Failures", failing)
        if failing:
            raise ContentFault(
                "Nothing was recorded: the text fails the gates listed under Failures. Fix them; "
                f"`{again}` measures again."
            )


def _show_pages(given: Context, library: Library, files: Sequence[str], caching: Caching, *, open_it: bool) -> None:
    """Name the sheets that print from ``files``, of a handout of everything, and open them in the system's viewer."""
    from handouts.authoring.preview import everything, preview, sheets_to_show
    from handouts.deliver.files import open_in_viewer

    request = everything(library)
    names = sheets_to_show(library, request, files, given.today)
    hint = "" if open_it or not names else "  (--open shows them)"
    click.echo(f"Sheets that print from {'it' if len(files) == 1 else 'them'}: {', '.join(names) or 'none'}{hint}")
    if open_it and names:
        pdf = preview(library, request.model_copy(update={"sheets": names}), given.today, caching.sheets())
        path = Path(tempfile.mkdtemp(prefix="handouts-")) / f"{library.topic.id}.pdf"
        path.write_bytes(pdf)
        click.echo(str(path))
        open_in_viewer(path)


def _ask(approvals: Mapping[str, Approval], *, yes: bool) -> None:
    """Refused for a no."""
    one = next(iter(approvals.values()))
    exactly = f"exactly {plural(len(approvals), 'file')}" if len(approvals) > 1 else f"exactly {next(iter(approvals))}"
    if not yes and not click.confirm(f"Does {one.by} approve {exactly} until {one.until}?"):
        raise Refused("Nothing was recorded.")


def _record(given: Context, library: Library, approvals: Mapping[str, Approval]) -> None:
    """Write the approvals beside those that others may have given meanwhile, and say what holds now."""
    from handouts.authoring.approvals import record_approvals
    from handouts.load.library import load_library
    from handouts.merge.approval import file_states

    topic, language = library.topic.id, library.language
    click.echo(str(record_approvals(given.content, topic, approvals, language)))
    for name, approval in approvals.items():
        click.echo(f"{name}: {approval.by} approved {approval.digest} until {approval.until}")
    states = file_states(load_library(given.content, topic, language=language).topic, given.today)
    waiting = [f"{name} ({state.replace('_', ' ')})" for name, state in states.items() if state != "approved"]
    if waiting:
        click.echo(f"Not approved: {', '.join(waiting)}. Sheets that print from these say so.")


COMMANDS: tuple[click.Command, ...] = (approve,)
