"""The commands that write content: new, approve."""

from __future__ import annotations

import re
from datetime import datetime

import click

from handouts.authoring.approvals import approval_of, require_writable, to_look_at, write_approval, write_text
from handouts.authoring.scaffold import skeleton
from handouts.cli import Context
from handouts.cli import completion as completing
from handouts.errors import ContentFault, Refused, RequestFault
from handouts.load.library import default_clinic, load_library, load_words, topic_ids

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@click.command()
@click.argument("topic")
@click.pass_obj
def new(given: Context, /, topic: str) -> None:
    """Start a new topic: a commented skeleton that passes `check` but for notices.

    TOPIC is its name in small letters, digits and hyphens. The files say what belongs where; content/README.md
    explains every key.

    \b
    Example:
      python generate.py new trigeminal-neuralgia
    """
    if not _SLUG.fullmatch(topic) or len(topic) > 60:
        raise RequestFault("A topic's name has small letters, digits and hyphens only, such as trigeminal-neuralgia.")
    if topic in topic_ids(given.content):
        raise Refused(f"There is a topic '{topic}' already; it is kept. Choose another name.")
    if not given.content.is_dir():
        raise ContentFault("The content folder isn't there. Name it with --content.")
    require_writable(given.content)
    folder = given.content / "topics" / topic
    files = skeleton(topic, load_words(given.content), given.today)
    for name, text in files.items():
        write_text(folder / name, text)
        click.echo(str(folder / name))
    click.echo(f"Next: fill in the files, then run `check {topic}`.", err=True)


@click.command()
@click.argument("topic", shell_complete=completing.topics)
@click.option("--by", required=True, metavar="NAME", help="The clinician who approves.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Such as 2027-11-22. Default: one year, or the review date if sooner.",
)
@click.option("--yes", is_flag=True, help="Don't ask once more.")
@click.pass_obj
def approve(given: Context, /, topic: str, by: str, until: datetime | None, yes: bool) -> None:
    """Record that a clinician stands behind exactly this text, until a date.

    Lists first what to look at. Any later change of the text, its numbers or figures shows as unapproved.
    Refused while safety fields are empty.

    \b
    Example:
      python generate.py approve hemifacial-spasm --by "Dr. Cohen" --until 2027-11-22
    """
    loaded = load_library(given.content, topic, default_clinic(given.content)).topic
    click.echo("Please look at:")
    for line in to_look_at(loaded):
        click.echo(f"  {line}")
    approval = approval_of(loaded, by, given.today, until.date() if until else None)
    if not yes and not click.confirm(f"Does {approval.by} approve exactly this text until {approval.until}?"):
        raise Refused("Nothing was recorded.")
    click.echo(str(write_approval(loaded, approval)))


COMMANDS: tuple[click.Command, ...] = (new, approve)
