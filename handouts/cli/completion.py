"""Shell completion. Each function starts from what was typed so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handouts import paths

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def topics(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The topics of the content folder."""
    from handouts.load.library import topic_ids

    return [name for name in topic_ids(_content(ctx)) if name.startswith(incomplete)]


def clinics(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The clinics of the content folder."""
    from handouts.load.library import clinic_ids

    return [name for name in clinic_ids(_content(ctx)) if name.startswith(incomplete)]


def languages(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The languages that the content folder has."""
    from handouts.load.language_files import languages as tags

    return [tag for tag in tags(_content(ctx)) if tag.startswith(incomplete)]


def options(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The options of the topic that was named, else of every topic."""
    from handouts.load.library import option_ids

    return _parts(ctx, incomplete, option_ids)


def sections(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The optional sections of the topic that was named, else of every topic."""
    from handouts.load.library import optional_section_ids

    return _parts(ctx, incomplete, optional_section_ids)


def _parts(ctx: click.Context, incomplete: str, ids_of: Callable[[Path, str], Iterable[str]]) -> list[str]:
    from handouts.load.library import topic_ids

    content = _content(ctx)
    known = topic_ids(content)
    # click keeps an argument in `args` while the option after it still has no value
    named = [topic for topic in (ctx.params.get("topic"), *ctx.args) if topic in known]
    names = {name for topic in named or known for name in ids_of(content, topic)}
    return sorted(name for name in names if name.startswith(incomplete))


def source_files(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The source files of the topic that was named, without their endings."""
    from handouts.load.collector import Reader
    from handouts.load.known_files import topic_files
    from handouts.load.language_files import languages_of_topic
    from handouts.model.topic_file import TopicFile

    folder = _content(ctx) / "topics" / str(ctx.params.get("topic"))
    file = Reader(folder).model(TopicFile, folder / "topic.yaml")
    if file is None:
        return []
    tags = languages_of_topic(folder)
    files = {path for tag in tags for path in topic_files(folder, file, tag)}
    names = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in files)
    return [name for name in (*names, *(f"words/{tag}" for tag in tags)) if name.startswith(incomplete)]


def sheets(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The sheets of every handout, and those of the options."""
    from handouts.model.handout import SHEETS

    chosen = ctx.params.get("options") or options(ctx, param, "")
    return [name for name in (*SHEETS, *chosen) if name.startswith(incomplete)]


def presets(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The presets of the clinic that was named, else of every clinic."""
    paths = _content(ctx).glob(f"clinics/{ctx.params.get('clinic') or '*'}/presets/*.yaml")
    return sorted({path.stem for path in paths if path.stem.startswith(incomplete)})


def files(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Leave it to the shell, which knows its files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def _content(ctx: click.Context) -> Path:
    return paths.content_dir(ctx.find_root().params.get("content"))
