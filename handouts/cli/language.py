"""The commands for texts in another language: new-language, translate-sheet; and what `check` says of one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.errors import Refused, RequestFault, plural
from handouts.load.language_files import GAP, gaps_in, is_translation
from handouts.model.language import ORIGINAL, is_language, language_name, primary_tag

if TYPE_CHECKING:
    from handouts.authoring.filled_in import TakenIn
    from handouts.load.changes import Change
    from handouts.load.progress import Progress


def tag_of(language: str | None, flag: str = "--language") -> str:
    """The language that a flag names, English where it was not given. RequestFault for what is no language's tag."""
    if language is None:
        return ORIGINAL
    try:
        tag = primary_tag(language)
    except ValueError:
        tag = ""
    if not is_language(tag):
        raise RequestFault(f"{flag} needs a language's tag (BCP 47), such as es for Spanish or ar for Arabic.")
    return tag


def translation_tag(language: str, flag: str) -> str:
    """The same of a language to translate into."""
    tag = tag_of(language, flag)
    if tag == ORIGINAL:
        raise RequestFault(f"{flag}: English is what translations are made from. Name another language, such as es.")
    return tag


def tell_progress(given: Context, language: str, topics: Sequence[str]) -> list[Progress]:
    """Print how far a language is, a line for each part; those that are not whole."""
    from handouts.load.progress import progress

    found = progress(given.content, language, topics)
    unchecked = {part.part: _unchecked(given, part, language) for part in found if part.part in topics}
    click.echo(f"{language_name(language)} ({language})")
    width = max((len(part.part) for part in found), default=0)
    click.echo(f"  {'':<{width}}  files  there  missing  behind  not checked")
    for part in found:
        waiting = unchecked.get(part.part)
        told = "" if waiting is None else str(waiting)
        row = f"{len(part.files):>5}  {part.there:>5}  {len(part.missing):>7}  {len(part.behind):>6}  {told:>11}"
        click.echo(f"  {part.part:<{width}}  {row}".rstrip())
    gaps = {name: count for part in found for name, count in part.gaps.items()}
    missing = [name for part in found for name in part.missing]
    if missing:
        click.echo("Missing, or not filled in:")
        for name in missing:
            click.echo(f"  {name}  {plural(gaps[name], 'gap')}" if name in gaps else f"  {name}")
    late = {name: changed for part in found for name, changed in part.behind.items()}
    if late:
        click.echo("Behind their English, with what changed in it:")
        for name, changed in late.items():
            click.echo(f"  {name}")
            for line in told_changes(name, language, changed):
                click.echo(f"    {line}")
    click.echo()
    return [part for part in found if part.missing]


def told_changes(name: str, language: str, changed: Sequence[Change] | None) -> list[str]:
    """What has changed in the English of the translation ``name``, a line each."""
    from handouts.authoring.sheet_names import sheet_of
    from handouts.load.changes import in_words

    told = in_words(changed)
    if changed is not None and not changed:
        told.append(f"If it still fits, `translate-sheet {sheet_of(name)} --to {language} --done` says so.")
    return told


def to_complete(parts: Sequence[Progress], language: str, topic: str | None) -> str:
    """What to do about the ``parts`` of a language that are not whole, as sentences. ``topic``: None for all."""
    told = f"The translation is not whole: {', '.join(part.part for part in parts)}."
    gaps = sum(sum(part.gaps.values()) for part in parts)
    if any(name not in part.gaps for part in parts for name in part.missing):
        told += f" `new-language {language}{f' {topic}' if topic else ''}` makes the files that are not there."
    return f"{told} Write over each {GAP} in the files listed above ({plural(gaps, 'gap')})." if gaps else told


def _unchecked(given: Context, part: Progress, language: str) -> int:
    """How many files of a topic's translation are there, whole, and approved by nobody as they are."""
    from handouts.load.approvals import read_approvals
    from handouts.load.collector import Reader
    from handouts.load.digests import digest_each

    content, base = given.content, f"topics/{part.part}/"
    there = [content / name for name in part.files if name not in part.missing]
    digests = {name.removeprefix(base): digest for name, digest in digest_each([(content, there)]).items()}
    given_approvals = read_approvals(Reader(content), content / base).of(digests, language)
    return sum(
        (approval := given_approvals.get(name)) is None or approval.digest != digest or given.today > approval.until
        for name, digest in digests.items()
    )


@click.command()
@click.argument("language", metavar="TAG")
@click.argument("topics", nargs=-1, metavar="[TOPIC]...", shell_complete=completing.topics)
@click.pass_obj
def new_language(given: Context, /, language: str, topics: tuple[str, ...]) -> None:
    """Begin a language: every file that handouts need, with the English text beside each place to fill in.

    TAG is the language's tag, such as fr. Without TOPIC it is all topics, else these alone; the words of the pages are
    always made. Files that are there are kept. Write over each ____; while one is left in a file, it counts as missing.

    \b
    Examples:
      python generate.py new-language fr
      python generate.py new-language fr hemifacial-spasm

    content/README.md says how to go on, under "Another language".
    """
    from handouts.authoring.approvals import require_writable, write_text
    from handouts.authoring.new_language import language_files
    from handouts.load.library import topic_ids, unknown

    tag = translation_tag(language, "TAG")
    require_writable(given.content)
    known = topic_ids(given.content)
    for name in topics:
        if name not in known:
            raise RequestFault(unknown("topic", name, known))
    files = language_files(given.content, tag, topics or known)
    if not files:
        raise Refused(f"All files are there already; they are kept. `check --language {tag}` says how far they are.")
    for name, text in files.items():
        write_text(given.content / name, text)
        click.echo(str(given.content / name))
    gaps = plural(sum(len(gaps_in(text)) for name, text in files.items() if is_translation(name)), "gap")
    asked = f"check {topics[0]}" if len(topics) == 1 else "check"
    click.echo(f"Next: write over each {GAP} in them ({gaps}), then `{asked} --language {tag} --text-only`.", err=True)


@click.command()
@click.argument("sheet", metavar="TOPIC/SHEET")
@click.option(
    "--to",
    "language",
    required=True,
    metavar="TAG",
    shell_complete=completing.languages,
    help="The language to translate into, such as es.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder for the two files. Default: this one.",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option(
    "--done", is_flag=True, help="Write no files: record that the translation says again what the English says today."
)
@click.option(
    "--import",
    "filled_in",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write no files: put this filled-in file into the content.",
)
@click.pass_obj
def translate_sheet(
    given: Context,
    /,
    sheet: str,
    language: str,
    folder: Path,
    force: bool,
    done: bool,
    filled_in: Path | None,
) -> None:
    """Write a sheet's text for somebody who translates it elsewhere, and take it in again.

    Two files: a PDF with the English and the translation side by side, as far as there is one, and a file to fill in.
    Both say how to go about it, and have the terms of the glossary; where the English has changed since it was
    translated, the texts that changed are marked. SHEET is a text of the topic, such as botox or medicines/baclofen; in
    the place of TOPIC/SHEET stand words, mail or defaults for those of all pages, practice/CLINIC for a clinic's page.

    --import takes the filled-in file in, as the file of the translation: what a word processor has changed in it is put
    right where that can be known; a gap that is left, and what is not made like the English, is told with its line, and
    nothing is written. --done says of a translation in the content folder that it says again what the English says
    today. With either it is made from today's English, and no longer behind.

    \b
    Examples:
      python generate.py translate-sheet hemifacial-spasm/botox --to es
      python generate.py translate-sheet hemifacial-spasm/botox --to es --import hemifacial-spasm-botox-es.md
      python generate.py translate-sheet hemifacial-spasm/botox --to es --done
    """
    from handouts.authoring.approvals import require_writable
    from handouts.authoring.filled_in import renewed, taken_in
    from handouts.authoring.side_by_side import sheet_to_translate
    from handouts.deliver.files import check_target, write_file

    tag = translation_tag(language, "--to")
    topic, _, name = sheet.partition("/")
    if done and filled_in:
        raise click.UsageError("Use --done or --import, not both: --import says that a translation is up to date, too.")
    if done or filled_in:
        require_writable(given.content)
        at = given.content, topic, name, tag
        _put_in(at, taken_in(*at, filled_in) if filled_in else renewed(*at))
        return
    made = sheet_to_translate(given.content, topic, name, tag)
    targets = {folder / f"{made.name}.pdf": made.pdf, folder / f"{made.name}{made.suffix}": made.text.encode()}
    for path in targets:
        check_target(path, force=force)
    for path, data in targets.items():
        write_file(path, data, force=force)
        click.echo(str(path))


def _put_in(at: tuple[Path, str, str, str], made: TakenIn) -> None:
    """Write a translation into the content folder, and say how it stands to its English."""
    from handouts.authoring.approvals import write_text
    from handouts.authoring.sheet_names import file_called

    *_, language = at
    write_text(made.path, made.text)
    if made.changed == ():
        click.echo(f"{made.path}: made from today's English. Its approval, if it had one, has ended.")
        return
    click.echo(f"{made.path}: taken in, but behind: the English has changed since this file went out.")
    for line in told_changes(file_called(*at), language, made.changed):
        click.echo(f"  {line}")


COMMANDS: tuple[click.Command, ...] = (new_language, translate_sheet)
