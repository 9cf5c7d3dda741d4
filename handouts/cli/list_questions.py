"""Questions at the terminal on what the columns of a list mean, for lists learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from handouts.cli import Context
from handouts.errors import Refused, escape_unprintable

if TYPE_CHECKING:
    from handouts.lists.learn import Answers, Draft
    from handouts.model.clinic import DateOrder


def ask_meanings(given: Context, found: Draft, date_order: DateOrder | None) -> Answers:
    """Ask, in the order in which somebody would look at a list."""
    from handouts.lists.learn import Answers, as_asked

    names = [" ".join(name.split()) for name in found.plan.header.names]
    follow = "1 row follows" if found.rows == 1 else f"{found.rows:,} rows follow"
    click.echo(f"Row {found.plan.header.row} names the columns, and {follow}:")
    suggested = as_asked(found).targets
    for path, columns in suggested.items():
        click.echo(f"  {_shown(' + '.join(columns))} -> {path}")
    used = {name for columns in suggested.values() for name in columns}
    idle = [name for name in names if name and name not in used]
    click.echo(f"  Left out: {_shown(', '.join(idle)) or 'none'}")
    right = "patient.name" in suggested and click.confirm("Is that right?", default=True)
    targets = dict(suggested) if right else _columns(given, found, names, suggested)
    used = {name for columns in targets.values() for name in columns}
    leave_out = dict(_leave_out(found, names, used))
    values = dict(_values(given, found, names, used | set(leave_out)))
    turned = len(targets.get("patient.name", ())) == 1 and found.commas
    turned = turned and click.confirm("Are names written 'Last, First', to be printed 'First Last'?", default=True)
    if found.dates and date_order is None:
        click.echo(found.dates)
        first = click.prompt("Which comes first in its dates", type=click.Choice(["day", "month"]))
        date_order = "dmy" if first == "day" else "mdy"
    return Answers(targets, values, leave_out, "last-first" if turned else "as-written", date_order)


def _shown(text: str) -> str:
    return escape_unprintable(text)


def _columns(
    given: Context, found: Draft, names: Sequence[str], suggested: dict[str, tuple[str, ...]] | Any
) -> dict[str, tuple[str, ...]]:
    """Ask for each column; those with the same answer are joined in their order."""
    from handouts.model.list_map import CODES, ORDER
    from handouts.model.request_paths import is_path, known_paths

    usual = {name: path for path, columns in suggested.items() for name in columns}
    made: dict[str, tuple[str, ...]] = {}
    keys = [path for path in known_paths() if path != "note"]
    click.echo(f"For each column one of these, or - to leave it out: {', '.join([*keys, ORDER, CODES])}")
    for number, name in enumerate(names):
        while name:
            answer = str(click.prompt(f"  {_shown(name)}", default=usual.get(name, "-"))).strip().casefold()
            if answer not in {"-", ORDER, CODES} and not is_path(answer):
                click.echo("  That is no key of a request.")
            elif answer == "note":
                click.echo("  What the office writes for itself is not for the patient: leave it out.")
            elif answer in {"topic", "options", "sections"} and not _are_ids(given, found, number, answer):
                click.echo(f"  Its words are no names of {answer}. Leave it out: you are asked later what they mean.")
            else:
                break
        else:
            continue
        if answer != "-":
            made[answer] = (*made.get(answer, ()), name)
    if "patient.name" not in made:
        raise Refused("Nothing was written: no column is the patient's name.")
    return made


def _are_ids(given: Context, found: Draft, number: int, key: str) -> bool:
    """Whether all words of a column are names of topics, options or sections, as far as they are known."""
    from handouts.lists.plan import options_in
    from handouts.load.library import option_ids, optional_section_ids, topic_ids

    topics = topic_ids(given.content)
    ids = {"options": option_ids, "sections": optional_section_ids}.get(key)
    known = {name for one in topics for name in ids(given.content, one)} if ids else set(topics)
    words = list(found.words.get(number, ()))
    return number in found.plan.used or (bool(words) and all(options_in(word, known) for word in words))


def _leave_out(found: Draft, names: Sequence[str], used: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for number, words in found.gone.items():
        if names[number] in used:
            continue
        listed = ", ".join(f"'{word}'" for word in words)
        wanted = click.confirm(f"Leave out rows in which '{_shown(names[number])}' is {_shown(listed)}?", default=True)
        yield names[number], words if wanted else ()


def _values(
    given: Context, found: Draft, names: Sequence[str], used: set[str]
) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    """Ask what the words of a column stand for, such as a kind of appointment or a diagnosis."""
    from handouts.lists.learn import may_mean

    for number, words in found.words.items():
        if names[number] in used or number in found.gone or not may_mean(names[number], words) or not click.confirm(
            f"Do the words in '{_shown(names[number])}' say what a handout is about?", default=False
        ):  # fmt: skip
            continue
        told = {word: meaning for word in _by_count(words) if (meaning := _meaning(given, word))}
        if told:
            yield names[number], told


def _by_count(words: Counter[str]) -> list[str]:
    return [word for word, _ in words.most_common()]


def _meaning(given: Context, word: str) -> dict[str, Any]:
    """A topic, its options or sections and its side; empty answers leave them open."""
    from handouts.load.library import option_ids, optional_section_ids, topic_ids

    click.echo(f"  '{_shown(word)}' (empty answers leave it open)")
    made: dict[str, Any] = {}
    topics = topic_ids(given.content)
    topic = click.prompt("    Topic", type=click.Choice(["", *topics]), default="", show_choices=False)
    if topic:
        made["topic"] = topic
    for key, known in (("options", option_ids), ("sections", optional_section_ids)):
        names = list(
            dict.fromkeys(name for one in ([topic] if topic else topics) for name in known(given.content, one))
        )
        chosen = _several(f"    {key.capitalize()} ({', '.join(names)})", names) if names else []
        if chosen:
            made[key] = chosen
            break  # a topic has options or sections
    side = click.prompt("    Side", type=click.Choice(["", "left", "right", "both"]), default="", show_choices=False)
    return made | ({"side": side} if side else {})


def _several(question: str, known: Sequence[str]) -> list[str]:
    while True:
        parts = str(click.prompt(question, default="", show_default=False)).replace(",", " ").split()
        if set(parts) <= set(known):
            return list(dict.fromkeys(parts))
        click.echo(f"    Not one of them: {_shown(', '.join(part for part in parts if part not in known))}.")
