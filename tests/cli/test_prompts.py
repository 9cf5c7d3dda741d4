"""`make` without a request: it asks, shows what must not be wrong for confirmation, and makes the handout."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from handouts.cli import cli
from handouts.load.library import load_library, topic_ids
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, PATIENCE, ROOT, TOPIC
from tests.reading_pdf import text_of

ANSWERS = {
    "topic": TOPIC,
    "clinic": "",
    "language": "",
    "options": "2",
    "medicine": "",
    "side": "left",
    "name": "Xanthippe Quill",
    "preferred": "Zazu",
    "birth": "1961-04-09",
    "record": "MRN 00417",
    "clinician": "",
    "visit": "",
    "note": "",
    "right": "y",
}


class Terminal:
    """Answers the questions in their order; a list answers one question again and again."""

    def __init__(self, folder: Path, cache: Path) -> None:
        (folder / "key").write_bytes(KEY)
        self.end = ["--key-file", str(folder / "key"), "--cache", str(cache), "-o", str(folder / "out.pdf")]
        self.out = folder / "out.pdf"

    def run(self, *flags: str, leave_out: tuple[str, ...] = (), **answers: str | list[str]) -> Result:
        given = {key: value for key, value in (ANSWERS | answers).items() if key not in leave_out}
        lists = (value if isinstance(value, list) else [value] for value in given.values())
        return self.say([line for lines in lists for line in lines], *flags)

    def say(self, lines: list[str], *flags: str) -> Result:
        command = ["--today", "2026-11-22", "make", *flags, *self.end]
        return CliRunner().invoke(cli, command, input="".join(f"{line}\n" for line in lines))


@pytest.fixture
def terminal(tmp_path: Path, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr("handouts.cli.make.at_terminal", lambda: True)
    return Terminal(tmp_path, sheets.folder)


def test_answers_become_a_handout(terminal: Terminal) -> None:
    result = terminal.run()
    assert result.exit_code == 0, result.output
    text = text_of(terminal.out.read_bytes())
    for printed in ("Xanthippe Quill (Zazu)", "April 9, 1961", "MRN 00417", "Dr. Cohen", "November 22, 2026", "Botox"):
        assert printed in text


def test_name_birth_date_side_and_options_are_shown_once_more(terminal: Terminal) -> None:
    shown = terminal.run(options="2, 7").output.split("Please check:")[1]
    for line in ("Name           Xanthippe Quill", "Date of birth  1961-04-09", "Side           left"):
        assert line in shown
    assert "Options        botox, no-treatment" in shown


def test_the_patients_language_is_asked_where_the_topic_has_several(terminal: Terminal) -> None:
    done = terminal.run("--allow-unapproved", language=["9", "1 2", "3"])
    assert done.exit_code == 0, done.output
    assert "  1  English\n  2  Arabic\n  3  Spanish\n" in done.output
    assert "One of them, please." in done.output
    assert "Language       Spanish" in done.output
    assert "Inyecciones de bótox" in text_of(terminal.out.read_bytes())
    terminal.out.unlink()
    done = terminal.run("--language", "ar", "--allow-unapproved", leave_out=("language",))
    assert done.exit_code == 0, done.output
    assert "The patient's language" not in done.output


def test_a_topic_in_english_alone_asks_for_no_language(content: Path, terminal: Terminal) -> None:
    for tag in ("es", "ar"):
        (content / "words" / f"{tag}.yaml").write_text("from: ____\n", encoding="utf-8")
    command = ["--today", "2026-11-22", "--content", str(content), "make", *terminal.end]
    lines = [value for key, value in ANSWERS.items() if key != "language"]
    done = CliRunner().invoke(cli, command, input="".join(f"{line}\n" for line in lines))
    assert done.exit_code == 0, done.output
    assert "The patient's language" not in done.output


def test_no_at_the_last_question_makes_nothing(terminal: Terminal) -> None:
    result = terminal.run(right="n")
    assert (result.exit_code, "Nothing was made" in result.stderr) == (8, True)
    assert not terminal.out.exists()


def test_an_end_of_input_before_the_last_question_makes_nothing(terminal: Terminal) -> None:
    for missing in (("right",), ("note", "right"), tuple(ANSWERS)):
        result = terminal.run(leave_out=missing)
        assert (result.exit_code, "Nothing was made" in result.stderr) == (8, True), result.output
        assert not terminal.out.exists()


def test_a_wrong_answer_is_asked_again_with_the_reason(terminal: Terminal) -> None:
    result = terminal.run(
        clinic=["cohn", "cohen"],
        options=["9", "0", "botx", "", "2 botox"],
        side=["up", "right"],
        name=["", " ", "x" * 300, "Xanthippe\u202e", "Xanthippe Quill"],
        birth=["1961", "09.04.1961", "1961-02-30", "1961-04-09"],
    )
    assert result.exit_code == 0, result.output
    assert result.output.count("Not one of them:") == 3
    assert "One of: left, right." in result.output
    assert "This must be a date, such as 2026-11-22." in result.output
    assert "holds the character U+202E" in result.output
    assert "Options        botox\n" in result.output


def test_a_topic_is_picked_by_number_or_name(terminal: Terminal) -> None:
    number = str(1 + topic_ids(CONTENT).index(TOPIC))
    result = terminal.run(topic=["", "0", "1 2", "spasm", number])
    assert result.exit_code == 0, result.output
    assert f"  {number}  {TOPIC}\n" in result.output
    assert result.output.count("Not one of them:") == 2
    assert "One of them, please." in result.output


def test_of_instructions_the_optional_sections_are_asked(terminal: Terminal) -> None:
    guide = "going-home-after-brain-surgery"
    answers = {"topic": guide, "sections": "1", **{key: value for key, value in ANSWERS.items() if key != "topic"}}
    left = [value for key, value in answers.items() if key not in {"options", "side"}]
    order = ["topic", "clinic", "language", "sections", "medicine", *list(ANSWERS)[6:]]
    assert len(order) == len(left)
    result = terminal.say([answers[key] for key in order])
    assert result.exit_code == 0, result.output
    assert "Sections (numbers, separated by commas)" in result.output
    assert "Medicines prescribed. Empty when done." in result.output
    first = next(entry.id for entry in load_library(CONTENT, guide).topic.file.sections if entry.optional)
    assert load_library(CONTENT, guide).topic.sections[first].head.name in text_of(terminal.out.read_bytes())


def test_medicines_are_asked_until_there_are_no_more(terminal: Terminal) -> None:
    medicines = ["baclofen", ".5 mg", "10 mg", "dawn", "morning, night", "With food", "Elixir", "", "", "", ""]
    result = terminal.run(medicine=medicines)
    assert result.exit_code == 0, result.output
    assert "0.5 mg, not .5 mg" in result.output
    assert "Not one of them: dawn." in result.output
    text = " ".join(text_of(terminal.out.read_bytes()).split())
    for printed in ("Baclofen", "10 mg", "With food", "Elixir", "This sheet has no facts on some of your medicines."):
        assert printed in text


def test_what_flags_gave_is_not_asked(terminal: Terminal) -> None:
    flags = [
        "--topic",
        "hemifacial-spasm",
        "--clinic",
        "seaview-example",
        "--option",
        "radiosurgery",
        "--side",
        "right",
    ]
    flags += ["--clinician", "Dr. Wye", "--visit-date", "2026-10-13"]
    result = terminal.run(*flags, leave_out=("topic", "clinic", "options", "side", "clinician", "visit"))
    assert result.exit_code == 0, result.output
    assert "Options (numbers" not in result.output
    text = text_of(terminal.out.read_bytes())
    for printed in ("Seaview", "Dr. Wye", "13 October 2026", "Radiosurgery"):
        assert printed in text


def test_what_a_preset_gave_is_not_asked(terminal: Terminal) -> None:
    result = terminal.run(
        "--clinic", "seaview-example", "--preset", "botox-first", leave_out=("topic", "clinic", "options", "clinician")
    )
    assert result.exit_code == 0, result.output
    assert "Options        botox, no-treatment" in result.output
    assert "Keep the diary for four weeks" in text_of(terminal.out.read_bytes())


def test_a_note_is_asked_for_and_printed(terminal: Terminal) -> None:
    result = terminal.run(note="Call me on Monday.")
    assert result.exit_code == 0, result.output
    assert "Call me on Monday." in text_of(terminal.out.read_bytes())


def read_until(handle: int, words: str, seconds: float = PATIENCE) -> str:
    seen = ""
    end = time.monotonic() + seconds
    while words not in seen and time.monotonic() < end:
        if select.select([handle], [], [], 0.2)[0]:
            try:
                seen += os.read(handle, 4096).decode()
            except OSError:
                break
    assert words in seen, seen
    return seen


@pytest.mark.usefixtures("terminals")
@pytest.mark.parametrize("agree", [True, False])
def test_at_a_real_terminal_it_asks_and_makes(tmp_path: Path, sheets: SheetCache, agree: bool) -> None:
    import pty

    process, handle = pty.fork()
    if process == 0:  # the child: its terminal is the other end of ``handle``
        os.chdir(tmp_path)
        command = [sys.executable, str(ROOT / "generate.py"), "--today", "2026-11-22"]
        os.execv(sys.executable, [*command, "make", "-o", "out.pdf", "--cache", str(sheets.folder)])
    status: int | None = None
    try:
        conversation = [
            ("Topic (a number)", f"{TOPIC}\n"),
            ("Clinic", "\n"),
            ("The patient's language", "\n"),
            ("Options (numbers", "2\n"),
            ("Medicine", "\n"),
            ("Side", "left\n"),
            ("Patient's name", "Xanthippe Quill\n"),
            ("Likes to be called", "\n"),
            ("Date of birth", "\n"),
            ("Record number", "\n"),
            ("Clinician", "\n"),
            ("Date of the visit", "\n"),
            ("A note", "\n"),
            ("Is all of this right?", "y\n" if agree else "\x04"),
        ]
        for question, answer in conversation:
            read_until(handle, question)
            os.write(handle, answer.encode())
        read_until(handle, "out.pdf" if agree else "Nothing was made")
        _, status = os.waitpid(process, 0)
    finally:
        os.close(handle)
        if status is None:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == (0 if agree else 8)
    assert (tmp_path / "out.pdf").exists() is agree
