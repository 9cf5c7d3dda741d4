"""docs/commands.md says what the program can do; it is generated from the program: ``pytest --renew``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import get_type_hints

import click
import pytest

from handouts.cli import Context, cli
from handouts.cli.groups import Options
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "commands.md"
HEAD = """# Commands

Every command and option, as `--help` tells it. Written from the program by `pytest --renew tests/cli/test_commands.py`;
don't edit it by hand. In a checkout say `python generate.py`, once installed `handouts`: they are the same program.
"""


def commands(group: click.Command = cli, path: str = "handouts") -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it, in the order of the help."""
    yield path, group
    if isinstance(group, click.Group):
        with click.Context(group, **cli.context_settings) as context:
            names = group.list_commands(context)
        for name in names:
            yield from commands(group.commands[name], f"{path} {name}")


def page() -> str:
    parts = [HEAD]
    for path, command in commands():
        with click.Context(command, info_name=path, terminal_width=100, **cli.context_settings) as context:
            parts.append(f"## `{path}`\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def test_the_page_of_commands_is_fresh(renew: bool) -> None:
    if renew:
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "renew it: pytest --renew tests/cli/test_commands.py"


def test_every_command_and_option_stands_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for path, command in commands():
        part = text.split(f"## `{path}`\n")[1].split("\n## ")[0]
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert all(name in part for name in parameter.opts), (path, parameter.opts)


def parameters_of(of: Callable[..., object]) -> Iterator[tuple[str, bool]]:
    """What a command's function, or a group of its options, takes: its name, and whether it has to be there."""
    hints = get_type_hints(of)
    for parameter in inspect.signature(of).parameters.values():
        kind = hints[parameter.name]
        if isinstance(kind, type) and issubclass(kind, Options):
            yield from parameters_of(kind)
        elif kind is not Context:
            yield parameter.name, parameter.default is inspect.Parameter.empty


@pytest.mark.parametrize("path", [path for path, command in commands() if not isinstance(command, click.Group)])
def test_a_commands_function_takes_every_option_and_asks_for_no_other(path: str) -> None:
    command = dict(commands())[path]
    options = {str(parameter.name) for parameter in command.params}
    taken = dict(parameters_of(inspect.unwrap(command.callback or cli)))
    assert options <= taken.keys()
    assert {name for name, needed in taken.items() if needed} <= options


def test_the_first_help_names_every_exit_code() -> None:
    table = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8").partition("## Exit codes")[2]
    told = (cli.help or "").partition("Exit codes:")[2]
    assert re.findall(r"\| (\d+) \|", table) == re.findall(r"\d+", told)


EACH = pytest.mark.parametrize(("path", "command"), list(commands()), ids=[path for path, _ in commands()])


@EACH
def test_each_help_has_an_example_that_calls_the_command(path: str, command: click.Command) -> None:
    example = (command.help or "").partition("Example")[2]
    assert path.replace("handouts", "python generate.py", 1) in example, f"{path} has no example in its help"


@EACH
def test_each_command_and_option_says_what_it_is_for(path: str, command: click.Command) -> None:
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, (path, parameter.name)


@EACH
def test_the_examples_use_options_that_exist(path: str, command: click.Command) -> None:
    del path
    known = {name for _, one in commands() for parameter in one.params for name in parameter.opts}
    for line in (command.help or "").partition("Example")[2].splitlines():
        if line.strip().startswith("python generate.py"):
            assert {word for word in line.split() if word.startswith("-") and word != "-"} <= known, line
