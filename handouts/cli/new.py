"""The commands that begin content: a folder, a clinic, a topic. Each keeps what is there and makes what is missing."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.errors import ContentFault, Refused, RequestFault


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--clinic", default="our-clinic", show_default=True, metavar="NAME", help="Name of its first clinic.")
@click.pass_obj
def new_folder(given: Context, /, directory: Path, clinic: str) -> None:  # noqa: ARG001  it names its own folder
    """Begin a content folder of your own: settings, fixed words, and a clinic to fill in.

    Name it afterwards with --content DIRECTORY before the command, or in $HANDOUTS_CONTENT. In a folder that is there,
    what is missing is added; your files are kept, and schema/ is renewed.

    \b
    Examples:
      python generate.py new-folder my-content
      python generate.py --content my-content new back-pain
    """
    from handouts.authoring.approvals import require_writable
    from handouts.authoring.folder import folder_files, lacking, require_for_content
    from handouts.load.library import clinic_ids

    _require_name("clinic", clinic, "hill-street")
    require_writable(directory)
    require_for_content(directory)
    files = folder_files(clinic)
    if clinic_ids(directory):
        files = {name: text for name, text in files.items() if not name.startswith("clinics/")}
    schema = {name: text for name, text in files.items() if name.startswith("schema/")}
    _write(directory, lacking(directory, {name: text for name, text in files.items() if name not in schema}))
    _write(directory, schema, told=f"{directory / 'schema'} ({len(schema)} files, for your editor)")
    _next(
        f"fill in {directory}/clinics/, then start a topic:", f"--content {shlex.quote(str(directory))} new back-pain"
    )


@click.command()
@click.argument("name", shell_complete=completing.clinics)
@click.pass_obj
def new_clinic(given: Context, /, name: str) -> None:
    """Begin a clinic: its name, colors and contacts to fill in, and a logo to replace.

    NAME has lower-case letters, digits and hyphens. For a clinic that is there, what is missing is made.

    \b
    Example:
      python generate.py new-clinic hill-street
    """
    from handouts.authoring.approvals import require_writable
    from handouts.authoring.folder import clinic_files, lacking

    _require_name("clinic", name, "hill-street")
    _require_content(given)
    require_writable(given.content)
    folder = given.content / "clinics" / name
    files = lacking(folder, clinic_files(name))
    if not files:
        raise Refused(f"A clinic '{name}' is there already, with all its files; it is kept. Choose another name.")
    _write(folder, files)
    click.echo(f"Next: fill in {folder / 'clinic.yaml'}, and put your logo in the place of the one there.", err=True)


@click.command()
@click.argument("topic", shell_complete=completing.topics)
@click.option(
    "--kind",
    type=click.Choice(["choice", "instructions"]),
    help="A choice between treatments (the default), or what to do after an operation or before a test.",
)
@click.pass_obj
def new(given: Context, /, topic: str, kind: str | None) -> None:
    """Start a new topic: a commented skeleton that passes `check` except for notices.

    TOPIC is its name in lower-case letters, digits and hyphens. The files say what belongs where; content/README.md
    explains every key. For a topic that is there, the files are made that its topic.yaml names and that are missing:
    add an option to topic.yaml, then say `new` again.

    \b
    Examples:
      python generate.py new back-pain
      python generate.py new going-home --kind instructions
    """
    from handouts.authoring.approvals import require_writable
    from handouts.authoring.scaffold import shared_words, skeleton

    _require_name("topic", topic, "back-pain")
    _require_content(given)
    require_writable(given.content)
    folder = given.content / "topics" / topic
    if (folder / "topic.yaml").exists():
        _write(folder, _lacking(given.content, topic, kind))
    else:
        if folder.is_dir() and any(folder.iterdir()):
            raise Refused(f"{folder} holds files, but no topic.yaml. Put it back, or choose another name.")
        _write(folder, skeleton(topic, kind or "choice", shared_words(given.content), given.today))
    _next("fill in the files, then run:", f"{_content_flag(given)}check {topic} --text-only")


def _lacking(content: Path, topic: str, kind: str | None) -> dict[str, str]:
    """What a topic names and lacks. Refused where it lacks nothing, or is of another kind; ContentFault for a mistake
    in what says so.
    """
    from handouts.authoring.folder import lacking
    from handouts.authoring.scaffold import SharedWords, kind_of, parts
    from handouts.load.collector import Reader
    from handouts.load.known_files import OWN_WORDS
    from handouts.load.library import load_defaults
    from handouts.model.language import ORIGINAL
    from handouts.model.topic_words import OwnWords

    folder, reader = content / "topics" / topic, Reader(content)
    parsed = reader.parsed(folder / "topic.yaml")
    own_path = folder / ORIGINAL / OWN_WORDS
    own = reader.model(OwnWords, own_path) if own_path.exists() else None
    reader.raise_if_any("The topic can't be completed. Fix these:")
    data = parsed.data if parsed else None
    if kind and kind != kind_of(data):
        raise Refused(_other_kind(content, topic, kind, data))
    rows = data.get("rows") if isinstance(data, dict) else None
    names = tuple(row for row in rows if isinstance(row, str)) if isinstance(rows, list) else ()
    files = lacking(folder, parts(topic, data, SharedWords.of(load_defaults(content).with_own(own), names)))
    if not files:
        raise Refused(
            f"A topic '{topic}' is there already, with all the files that its topic.yaml names; they are kept. "
            "Name there what you add, or choose another name."
        )
    return files


def _other_kind(content: Path, topic: str, kind: str, data: Any) -> str:
    """Why a topic can't be made as one of ``kind``, and the way out: there is more where nobody has written in it."""
    from handouts.authoring.scaffold import is_untouched, kind_of, shared_words
    from handouts.load.files import read_text

    folder = content / "topics" / topic
    there = f"A topic '{topic}' of kind {kind_of(data)} is there already"
    try:
        files = {path.relative_to(folder).as_posix(): read_text(path) for path in folder.rglob("*") if path.is_file()}
    except (OSError, UnicodeDecodeError):
        return f"{there}; it is kept. Choose another name."
    if is_untouched(files, topic, data, shared_words(content)):
        return f"{there}, as `new` made it. Delete the folder {folder}, then say `new {topic} --kind {kind}` again."
    return f"{there}; it is kept. Choose another name, or move its folder out of the content first."


def _require_name(kind: str, name: str, example: str) -> None:
    from handouts.model.base import is_slug

    if not is_slug(name):
        raise RequestFault(f"A {kind}'s name has only lower-case letters, digits and hyphens, such as {example}.")


def _require_content(given: Context) -> None:
    if not given.content.is_dir():
        raise ContentFault(
            "The content folder does not exist. Name it with --content, or make one with `new-folder DIRECTORY`."
        )


def _write(folder: Path, files: Mapping[str, str], *, told: str = "") -> None:
    """Write all files, and print each path, or ``told`` for all of them."""
    from handouts.authoring.approvals import write_text

    for name, text in files.items():
        write_text(folder / name, text)
        if not told:
            click.echo(str(folder / name))
    if told:
        click.echo(told)


def _next(what: str, command: str) -> None:
    name = click.get_current_context().find_root().info_name or "handouts"
    program = f"python {name}" if name.endswith(".py") else name
    click.echo(f"Next: {what}\n  {program} {command}", err=True)


def _content_flag(given: Context) -> str:
    """The flag that names the folder again, where it was given."""
    chosen = click.get_current_context().find_root().params.get("content")
    return f"--content {shlex.quote(str(given.content))} " if chosen else ""


COMMANDS: tuple[click.Command, ...] = (new_folder, new_clinic, new)
