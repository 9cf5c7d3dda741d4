"""Docs that can't lie: every command they show runs, every file they point to exists."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from handouts.authoring.approvals import describe_approval
from handouts.cli.output import plural
from handouts.load.collector import Reader
from handouts.load.library import load_library, topic_ids
from handouts.load.translated_words import safety_digest
from handouts.merge.approval import file_states
from handouts.model.topic_file import TopicFile
from tests.conftest import CONTENT, ROOT, TODAY, TOPIC
from tests.cups import Cups, missing
from tests.languages import TAG, translate

PAGES = ["README.md", "CONTRIBUTING.md", "content/README.md", "examples/README.md", "templates/README.md"]
PAGES += sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md"))
_INSTALLERS = ("git clone", "script/test", "script/lint")
"""They would test or install what runs this test; script/bootstrap has tests of its own."""


def _text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


_SERVER = "docs/desk-network.md"
"""Its commands set up a machine, as root: tests/desk/test_network_docs.py tries them."""


def _commands(kind: str) -> Iterator[tuple[str, str]]:
    for page in [page for page in PAGES if page != _SERVER]:
        for block in re.findall(rf"^```{kind}\n(.*?)^```", _text(page), re.S | re.M):
            for line in block.replace("\\\n", " ").splitlines():
                command = line.strip().removeprefix("$ ")
                if command and not command.startswith(("#", *_INSTALLERS)):
                    yield page, command


PLAIN = sorted({command for _, command in _commands("sh")})
PROMPTED = sorted({command for page, command in _commands("console")})


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A home of its own but for sheets, the command `handouts`, and a viewer that shows nothing."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "handouts").write_text(f"#!{sys.executable}\nfrom handouts.cli import main\nmain()\n")
    (programs / "xdg-open").write_text("#!/bin/sh\n")
    for path in programs.iterdir():
        path.chmod(0o755)
    home = {"XDG_DATA_HOME": str(tmp_path / "data")}
    return {**os.environ, **home, "PYTHONPATH": str(ROOT), "PATH": f"{programs}:{os.environ['PATH']}"}


@contextlib.contextmanager
def _printer(command: str) -> Iterator[dict[str, str]]:
    """For a command that prints: a CUPS of its own with a printer at the front desk."""
    if not re.search(r"--print|generate.py print", command):
        yield {}
        return
    if missing():
        pytest.skip(missing())
    with Cups() as cups:
        cups.tell("lpadmin", "-d", cups.add("front-desk"))
        yield {"CUPS_SERVER": cups.socket}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The checkout with an ``out`` of its own: the docs' commands write into the same one, and tests run side by
    side.
    """
    folder = tmp_path / "checkout"
    (folder / "out").mkdir(parents=True)
    for path in ROOT.iterdir():
        if path.name != "out":
            (folder / path.name).symlink_to(path)
    return folder


def _run(command: str, env: dict[str, str], checkout: Path, answer: str = "") -> subprocess.CompletedProcess[str]:
    # the same command with this interpreter: script/demo would make .venv first
    python = command.replace(".venv/bin/python", sys.executable)
    return subprocess.run(["bash", "-c", python], cwd=checkout, env=env, capture_output=True, text=True, input=answer)


def test_the_docs_show_commands():
    assert len(PLAIN) > 15
    assert len(PROMPTED) > 5


def _make_what_it_reads(command: str, env: dict[str, str], checkout: Path) -> None:
    """The PDFs and the record that an earlier command of the docs makes."""
    if "generate.py record" in command:
        _run(next(other for other in PLAIN if "generate.py make" in other), env, checkout)
    for path in re.findall(r"(?<!-o )\bout/[a-z-]+\.pdf", command):
        makers = [other for other in PLAIN if f"-o {path}" in other]
        if makers:
            _run(makers[0], env, checkout)


@pytest.mark.heavy
@pytest.mark.parametrize("command", PLAIN)
def test_a_command_runs(command: str, env: dict[str, str], checkout: Path, tmp_path: Path):
    if "cache clear" in command:  # not the one that the tests share
        env["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    _make_what_it_reads(command, env, checkout)
    with _printer(command) as printer:
        done = _run(command, env | printer, checkout)
    assert done.returncode == 0, done.stdout + done.stderr


def _say_safety(content: Path) -> None:
    """The clinician's texts in the translation, too."""
    folder = content / "topics" / TOPIC
    file = Reader(content).model(TopicFile, folder / "topic.yaml")
    assert file
    told = {"safety": {name: str(field.text) for name, field in file.safety.items() if field.text}}
    with (folder / TAG / "words.yaml").open("a", encoding="utf-8") as words:
        words.write("\n" + yaml.safe_dump(told | {"safety_from": safety_digest(file)}))


@pytest.mark.heavy
@pytest.mark.parametrize("command", PROMPTED)
def test_a_command_that_asks_or_writes_runs_on_content_of_its_own(
    command: str, env: dict[str, str], checkout: Path, content: Path
):
    topic = content / "topics" / TOPIC / "topic.yaml"
    start, safety = topic.read_text(encoding="utf-8").split("\nsafety:")
    topic.write_text(start + "\nsafety:" + re.sub(r"(?m)^(  \w+:).*", r"\1 Filled in by a clinician", safety))
    env = {**env, "HANDOUTS_CONTENT": str(content)}
    if re.search(r"--(language|to) fr", command):  # somebody has filled it in by then
        translate(content, TOPIC)
        _say_safety(content)
    done = _run(command, env, checkout, answer="y\n")
    if command.endswith("generate.py make"):  # it asks at a terminal alone: see test_asking
        assert (done.returncode, "Missing REQUEST" in done.stderr) == (2, True)
    else:
        gates = {3} if re.search("--language fr", command) else set()  # which its made-up text may fail
        assert done.returncode in {0} | gates, done.stdout + done.stderr


@pytest.mark.heavy
def test_the_first_walk_of_an_author_leads_to_a_page(env: dict[str, str], checkout: Path):
    commands = [command for page, command in _commands("bash") if page == "content/README.md"]
    assert len(commands) == 5
    for command in commands:
        done = _run(command, env, checkout)
        assert done.returncode == 0, command + done.stdout + done.stderr
    assert (checkout / "out" / "first.pdf").read_bytes().startswith(b"%PDF-")


def _links(page: str) -> list[str]:
    """Where a page leads to, examples of what one could type left out."""
    prose = re.sub(r"^```.*?^```|`[^`\n]+`", "", _text(page), flags=re.S | re.M)
    return re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose)


@pytest.mark.parametrize(("page", "target"), [(page, target) for page in PAGES for target in _links(page)])
def test_what_a_page_points_to_is_there(page: str, target: str):
    assert ((ROOT / page).parent / target).exists()


_OURS = [page for page in PAGES if not page.startswith(("templates/", "content/"))]
"""Pages about the code. Those in templates and content are part of documents' codes, and change with what is printed.
"""


@pytest.mark.parametrize("page", _OURS)
def test_a_module_that_a_page_names_is_there(page: str):
    named = re.findall(r"(?<![/\w])(?:handouts|tests|benchmarks)/[\w/]+\.py\b", _text(page))
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_a_function_that_the_walk_names_is_there():
    named = set(re.findall(r"`(?:\w+\.)*(\w+)\(\)`", _text("docs/walk.md")))
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "handouts").rglob("*.py"))
    assert len(named) >= 15
    assert [name for name in sorted(named) if f"def {name}(" not in code] == []


_ID = r"[A-Z]+-[0-9]+"
DECISIONS = re.findall(r"^\*\*(.*)", _text("docs/decisions.md"), re.M)


def test_every_decision_has_an_id_of_its_own():
    ids = [re.match(rf"({_ID}) ", line) for line in DECISIONS]
    assert [line for line, found in zip(DECISIONS, ids, strict=True) if not found] == []
    numbers = [found[1] for found in ids if found]
    assert len(set(numbers)) == len(numbers)


def test_every_decision_that_code_cites_is_there():
    known = {line.split(" ")[0] for line in DECISIONS}
    sections = {name.split("-")[0] for name in known}
    cited = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in (ROOT / "handouts").rglob("*.py")
        for name in re.findall(rf"\b{_ID}\b", path.read_text(encoding="utf-8"))
        if name.split("-")[0] in sections
    }
    assert len(cited) >= 20
    assert [(path, name) for path, name in sorted(cited) if name not in known] == []


# topics

_TABLE = re.compile(r"(?<=^\| topic \| kind \| holds \| text \|\n\| --- \| --- \| --- \| --- \|\n)(\|.*\n)*", re.M)


def _rows() -> Iterator[str]:
    for name in topic_ids(CONTENT):
        topic = load_library(CONTENT, name).topic
        optional = sum(section.optional for section in topic.file.sections)
        held = [plural(len(topic.options), "option"), plural(len(topic.medicines), "medicine")]
        held += [plural(len(topic.sections), "section") + (f", {optional} of them optional" if optional else "")]
        told = ", ".join(part for part in held if not part.startswith("0 "))
        state = describe_approval(file_states(topic, TODAY))
        yield f"| {topic.overview.head.name} (`{name}`) | {topic.file.kind} | {told} | {state} |\n"


def test_the_table_of_topics_is_what_the_content_holds(renew: bool) -> None:
    path, rows = ROOT / "README.md", "".join(_rows())
    text = path.read_text(encoding="utf-8")
    assert _TABLE.search(text)
    if renew:
        path.write_text(_TABLE.sub(rows, text, count=1), encoding="utf-8")
    found = _TABLE.search(path.read_text(encoding="utf-8"))
    assert found is not None
    assert found[0] == rows, "renew it: pytest --renew tests/test_readme.py -k topics"
