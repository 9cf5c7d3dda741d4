"""`make` and `blank` on the command line: what goes in, what comes out, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from handouts import cli as cli_module
from handouts.cli import cli
from handouts.codes import parse_code
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, PATIENCE, ROOT, TOPIC
from tests.reading_pdf import page_texts, text_of

Run = Callable[..., Result]
REQUEST = f"topic: {TOPIC}\noptions: [botox]\npatient: {{name: Xanthippe Quill}}\n"


@pytest.fixture
def run(here: Path, sheets: SheetCache, tmp_path: Path) -> Run:
    """The command line on a fixed day and key, with this run's sheets; ``data`` is its standard input."""
    (tmp_path / "key").write_bytes(KEY)
    assert here.is_dir()

    def invoke(*args: str, data: str | bytes | None = None, content: Path = CONTENT) -> Result:
        command = ["--content", str(content), "--today", "2026-11-22", *args]
        if args[0] in {"make", "blank"}:
            command += ["--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder)]
        return CliRunner().invoke(cli, command, input=data, prog_name="handouts")

    return invoke


def made(result: Result) -> Path:
    assert result.exit_code == 0, result.output
    return Path(result.stdout.strip())


def test_a_request_file_becomes_a_pdf_named_by_its_code(run: Run, here: Path) -> None:
    path = made(run("make", "request.yaml"))
    assert [item.name for item in here.glob("*.pdf")] == [path.name]
    assert parse_code(path.stem) == path.stem
    assert "Xanthippe Quill" in text_of(path.read_bytes())
    assert "Quill" not in path.name


def test_o_names_the_file_and_notices_go_to_standard_error(run: Run) -> None:
    result = run("make", "request.yaml", "-o", "out.pdf")
    assert result.stdout == "out.pdf\n"
    assert "Note: Nobody has approved this text yet" in result.stderr
    assert Path("out.pdf").read_bytes().startswith(b"%PDF-")


def test_an_existing_file_is_kept_unless_forced(run: Run) -> None:
    Path("out.pdf").write_bytes(b"old")
    result = run("make", "request.yaml", "-o", "out.pdf")
    assert (result.exit_code, Path("out.pdf").read_bytes()) == (5, b"old")
    made(run("make", "request.yaml", "-o", "out.pdf", "--force"))
    assert Path("out.pdf").read_bytes().startswith(b"%PDF-")


def test_the_same_command_again_keeps_the_default_file_too(run: Run) -> None:
    path = made(run("make", "request.yaml"))
    assert run("make", "request.yaml").exit_code == 5
    assert made(run("make", "request.yaml", "--force")) == path


def test_yaml_json_file_and_standard_input_give_the_same_bytes(run: Run) -> None:
    data = {"topic": TOPIC, "options": ["botox"], "patient": {"name": "Xanthippe Quill"}}
    Path("request.json").write_text("\ufeff" + json.dumps(data, indent="\t"), encoding="utf-8")
    outputs = [
        made(run("make", "request.yaml", "-o", "1.pdf")),
        made(run("make", "request.json", "-o", "2.pdf")),
        made(run("make", "-", "-o", "3.pdf", data=REQUEST)),
        made(run("make", "-", "-o", "4.pdf", data=json.dumps(data))),
        made(run("make", "-", "-o", "5.pdf", data="\ufeff".encode() + REQUEST.replace("\n", "\r\n").encode())),
    ]
    assert len({path.read_bytes() for path in outputs}) == 1


def test_a_dash_writes_the_pdf_to_standard_output_and_nothing_else(run: Run, here: Path) -> None:
    result = run("make", "request.yaml", "-o", "-")
    assert result.exit_code == 0
    assert result.stdout_bytes.startswith(b"%PDF-")
    assert result.stdout_bytes.rstrip().endswith(b"%%EOF")
    assert list(here.glob("*.pdf")) == []


def test_flags_lie_over_the_request(run: Run) -> None:
    flags = ["--option", "radiosurgery", "--option", "no-treatment", "--clinic", "seaview-example", "--paper", "letter"]
    flags += [
        "--large-print",
        "--side",
        "right",
        "--stage",
        "before",
        "--clinician",
        "Dr. Wye",
        "--visit-date",
        "2026-10-13",
    ]
    Path("request.yaml").write_text(REQUEST + "clinician: Dr. Over\nside: left\npaper: a4\n", encoding="utf-8")
    path = made(run("make", "request.yaml", "-o", "out.pdf", *flags))
    text = text_of(path.read_bytes())
    assert "Seaview Example Clinic" in text
    assert "Dr. Wye" in text
    assert "13 October 2026" in text
    assert "Dr. Over" not in text
    assert "Botox injections" not in text
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    assert document[0].get_size() == (612, 792)
    document.close()


def test_topic_and_options_may_come_from_flags_alone(run: Run) -> None:
    made(
        run(
            "make", "-", "--topic", TOPIC, "--option", "botox", "-o", "out.pdf", data="patient: {name: Xanthippe Quill}"
        )
    )


def test_a_picked_sheet_is_printed_alone_and_counts_its_own_pages(run: Run) -> None:
    whole = page_texts(made(run("make", "request.yaml", "-o", "all.pdf")).read_bytes())
    (front,) = page_texts(made(run("make", "request.yaml", "-o", "front.pdf", "--sheet", "front")).read_bytes())
    assert "Xanthippe Quill" in front
    assert "Page 1 of 1" in front
    assert f"Page 1 of {len(whole)}" in whole[0]
    assert len(whole) > 1


def test_several_sheets_are_printed_in_the_order_of_the_stack_and_lie_over_those_of_the_request(run: Run) -> None:
    Path("request.yaml").write_text(REQUEST + "sheets: [diary]\n", encoding="utf-8")
    flags = ("--sheet", "questions", "--sheet", "front")
    text = text_of(made(run("make", "request.yaml", "-o", "1.pdf", *flags)).read_bytes())
    assert -1 < text.find("Your next steps") < text.find("Questions")
    assert "Your four-week diary" not in text
    diary = text_of(made(run("make", "request.yaml", "-o", "2.pdf")).read_bytes())
    assert "Your four-week diary" in diary
    assert "Your next steps" not in diary


def test_a_part_of_a_handout_has_a_code_of_its_own(run: Run) -> None:
    names = {
        made(run("make", "request.yaml", *flags)).stem for flags in ([], ["--sheet", "front"], ["--sheet", "diary"])
    }
    assert len(names) == 3


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ("fornt", "There is no sheet 'fornt' in this handout. Did you mean 'front'?"),
        ("comparison", "There is no sheet 'comparison' in this handout. Nothing of this choice needs it."),
        ("radiosurgery", "There is no sheet 'radiosurgery' in this handout. That option was not chosen."),
    ],
)
def test_a_sheet_that_the_handout_does_not_have_is_refused(run: Run, here: Path, sheet: str, told: str) -> None:
    result = run("make", "request.yaml", "--sheet", sheet)
    assert (result.exit_code, told in result.output) == (4, True)
    assert not list(here.glob("*.pdf"))


def test_large_print_is_larger(run: Run) -> None:
    standard = page_texts(made(run("make", "request.yaml", "-o", "1.pdf")).read_bytes())
    large = page_texts(made(run("make", "request.yaml", "-o", "2.pdf", "--large-print")).read_bytes())
    assert len(large) > len(standard)


def test_a_preset_lies_under_the_request(run: Run, content: Path) -> None:
    presets = content / "clinics" / "cohen" / "presets"
    (presets / "mine.yaml").write_text("options: [radiosurgery]\nclinician: Dr. Preset\nnext_steps: [Rest a while]\n")
    Path("request.yaml").write_text("topic: hemifacial-spasm\npatient: {name: X}\nclinician: Dr. Request\n")
    text = text_of(made(run("make", "request.yaml", "--preset", "mine", "-o", "out.pdf", content=content)).read_bytes())
    assert "Rest a while" in text
    assert "Dr. Request" in text
    assert "Dr. Preset" not in text


def test_every_preset_that_ships_can_be_used(run: Run) -> None:
    for path in sorted(CONTENT.glob("clinics/*/presets/*.yaml")):
        clinic = path.parent.parent.name
        result = run("make", "-", "--clinic", clinic, "--preset", path.stem, "-o", "-", data="patient: {name: X}")
        assert result.exit_code == 0, (path, result.stderr)


def test_an_unknown_preset_is_answered_with_the_nearest(run: Run) -> None:
    result = run("make", "request.yaml", "--preset", "surgery-tlk")
    assert result.exit_code == 4
    assert "There is no preset 'surgery-tlk' for cohen. Did you mean 'surgery-talk'?" in result.stderr


def test_a_preset_of_an_unknown_clinic_shows_nothing_that_is_not_a_name(run: Run) -> None:
    result = run("make", "-", "--preset", "x", data=REQUEST + "clinic: cohn\n")
    assert (result.exit_code, "There is no clinic 'cohn'. Did you mean 'cohen'?" in result.stderr) == (4, True)
    result = run("make", "-", "--preset", "x", data=REQUEST + "clinic: {name: Quill}\n")
    assert result.exit_code == 4
    assert "Quill" not in result.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("optoins: [botox]", "clinics/cohen/presets/bad.yaml:1: unknown key 'optoins'. Did you mean 'options'?"),
        ("side: up", "clinics/cohen/presets/bad.yaml:1: 'side'"),
        ("a: [", "clinics/cohen/presets/bad.yaml"),
        ("- a", "must hold keys and values"),
        ("\udcff", "is not UTF-8 text"),
    ],
)
def test_a_preset_at_fault_is_content_at_fault_and_names_its_own_file(
    run: Run, content: Path, text: str, message: str
) -> None:
    path = content / "clinics" / "cohen" / "presets" / "bad.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    result = run("make", "request.yaml", "--preset", "bad", content=content)
    assert (result.exit_code, message in result.stderr) == (3, True), result.stderr


def test_flags_at_fault_are_told_apart_from_the_request(run: Run) -> None:
    result = run("make", "request.yaml", "--option", "Not A Slug", "--visit-date", "13.10.2026")
    assert result.exit_code == 4
    assert "the command line: 'options.1' may have only lower-case letters" in result.stderr
    assert "the command line: 'visit_date' must be a date, such as 2026-11-22" in result.stderr
    assert "request.yaml" not in result.stderr


def test_open_shows_the_file_in_the_systems_viewer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(click, "launch", lambda path: shown.append(path) or 0)
    made(run("make", "request.yaml", "-o", "out.pdf", "--open"))
    assert shown == ["out.pdf"]


def test_a_viewer_that_fails_is_told_and_the_file_stays(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click, "launch", lambda _: 3)
    result = run("make", "request.yaml", "-o", "out.pdf", "--open")
    assert result.exit_code == 6
    assert "Open the file yourself" in result.stderr
    assert Path("out.pdf").exists()


def test_a_crash_after_the_file_is_there_does_not_deny_it(
    here: Path, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def bug(_path: str) -> int:
        raise ValueError

    monkeypatch.setattr(click, "launch", bug)
    monkeypatch.setattr(
        sys, "argv", ["generate.py", "make", "request.yaml", "-o", "out.pdf", "--open", "--cache", str(sheets.folder)]
    )
    with pytest.raises(SystemExit) as ended:
        cli_module.main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out, (here / "out.pdf").exists()) == (70, "out.pdf\n", True)
    assert "Everything reported above is done" in said.err
    assert not re.search("nothing was", said.err, re.IGNORECASE)


def test_blank_prints_lines_to_write_on(run: Run) -> None:
    text = text_of(made(run("blank", TOPIC, "--option", "botox", "-o", "blank.pdf")).read_bytes())
    assert "Xanthippe" not in text
    assert "blank" not in text.split("Note")[0].split("\n")[0]


def test_blank_without_an_option_or_with_an_unknown_one_says_what_to_do(run: Run) -> None:
    result = run("blank", TOPIC)
    assert (result.exit_code, "Name at least one option, such as --option botox." in result.stderr) == (2, True)
    result = run("blank", TOPIC, "--option", "botx")
    assert (result.exit_code, "Did you mean 'botox'?" in result.stderr) == (4, True)
    result = run("blank", "hemifacial", "--option", "botox")
    assert (result.exit_code, "Did you mean 'hemifacial-spasm'?" in result.stderr) == (4, True)


def test_no_cache_keeps_nothing(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "key").write_bytes(KEY)
    base = ["--today", "2026-11-22", "make", "request.yaml", "--key-file", str(tmp_path / "key")]
    assert CliRunner().invoke(cli, [*base, "--no-cache", "-o", "1.pdf"]).exit_code == 0
    assert not (tmp_path / "cache" / "handouts" / "sheets").exists()
    assert CliRunner().invoke(cli, [*base, "-o", "2.pdf"]).exit_code == 0
    assert len(SheetCache(tmp_path / "cache" / "handouts" / "sheets").entries()) == 5
    assert (here / "1.pdf").read_bytes() == (here / "2.pdf").read_bytes()


def test_the_key_of_the_installation_is_made_in_the_users_data_folder(
    run: Run, sheets: SheetCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    command = ["--today", "2026-11-22", "make", "request.yaml", "--cache", str(sheets.folder)]
    first = CliRunner().invoke(cli, command)
    second = CliRunner().invoke(cli, [*command, "--force"])
    assert first.exit_code == 0, first.output
    assert first.stdout == second.stdout
    kept = sorted(path.name for path in (tmp_path / "data" / "handouts").iterdir())
    assert kept == ["archive", "document-code.key", "folder.json", "record.key", "record.sqlite3"]
    assert first.stdout != run("make", "request.yaml").stdout


# how it ends


@pytest.mark.parametrize(
    ("args", "data", "code", "message"),
    [
        (["make"], None, 2, "needs 'topic: NAME', 'patient: {name: NAME}', of a choice 'options: [ID]'; examples/READ"),
        (["make", "--topic", "x"], None, 2, "It needs 'patient: {name: NAME}', of a choice 'options: [ID]';"),
        (["make", "--topic", "x", "--section", "y"], None, 2, "It needs 'patient: {name: NAME}'; examples/README.md"),
        (["make", "request.yaml", "--content", "x"], None, 2, "'--content'. It stands before the command's name"),
        (["outbox", "list", "--content", "x"], None, 2, "'--content'. It stands before the command's name"),
        (["make", "request.yaml", "--papper", "a4"], None, 2, "No such option"),
        (["make", "request.yaml", "--paper", "foolscap"], None, 2, "foolscap"),
        (["make", "nowhere.yaml"], None, 4, "There is no file nowhere.yaml"),
        (["make", "request.yaml/x"], None, 4, "There is no file x"),
        (["make", "."], None, 4, "is a folder"),
        (["make", ""], None, 4, "is a folder"),
        (["make", "n" * 300], None, 4, "can't be read: File name too long"),
        (["make", "-"], "", 4, "must hold keys and values"),
        (["make", "-"], "topic: x", 4, "'patient' is missing"),
        (["make", "-"], b"\xff\xfebinary", 4, "is not UTF-8 text"),
        (["make", "/dev/zero"], None, 4, "is too large to be a request"),
        (["make", "request.yaml", "--option", "botx"], None, 4, "Did you mean 'botox'?"),
        (["make", "request.yaml", "--topic", "hemifacial"], None, 4, "Did you mean 'hemifacial-spasm'?"),
        (["make", "request.yaml", "--clinic", "cohn"], None, 4, "Did you mean 'cohen'?"),
        (["make", "request.yaml", "-o", "none/out.pdf"], None, 5, "The output folder does not exist"),
        (["make", "request.yaml", "-o", "."], None, 5, "The output is a folder"),
        (["make", "request.yaml", "-o", "n" * 300], None, 5, "name is too long"),
        (["make", "request.yaml", "-o", "/dev/null", "--force"], None, 5, "is a device"),
    ],
)
def test_what_is_wrong_ends_with_its_code_and_one_clear_message(
    run: Run, here: Path, args: list[str], data: str | None, code: int, message: str
) -> None:
    result = run(*args, data=data)
    assert (result.exit_code, message in result.stderr) == (code, True), result.output
    assert "Traceback" not in result.output
    assert sorted(path.name for path in here.iterdir()) == ["request.yaml"]


def test_content_at_fault_ends_with_3(run: Run, content: Path) -> None:
    (content / "topics" / TOPIC / "en" / "botox.md").unlink()
    result = run("make", "request.yaml", content=content)
    assert (result.exit_code, "botox.md: is missing" in result.stderr) == (3, True)


def test_a_content_folder_that_is_not_there_ends_with_3(run: Run, tmp_path: Path) -> None:
    result = run("make", "request.yaml", content=tmp_path / "none")
    assert (result.exit_code, "Name it with --content" in result.stderr) == (3, True)


def test_text_past_its_review_ends_with_8_unless_the_staff_say_so(run: Run, sheets: SheetCache) -> None:
    command = ["--today", "2029-01-01", "make", "request.yaml", "-o", "out.pdf", "--cache", str(sheets.folder)]
    result = CliRunner().invoke(cli, command)
    assert (result.exit_code, "use --allow-unapproved" in result.stderr) == (8, True)
    assert not Path("out.pdf").exists()
    result = CliRunner().invoke(cli, [*command, "--allow-unapproved"])
    assert result.exit_code == 0, result.output
    assert "Past its check date" in text_of(Path("out.pdf").read_bytes())
    assert run("make", "request.yaml").exit_code == 0


def program(*args: str, path: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The whole program in a process of its own; ``path`` comes first where Python looks for modules."""
    env = {**os.environ, **environment}
    if path:
        env["PYTHONPATH"] = str(path)
    command = [sys.executable, str(ROOT / "generate.py"), "--today", "2026-11-22", *args]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE)


def test_the_program_makes_a_handout_in_a_process_of_its_own(here: Path, sheets: SheetCache) -> None:
    done = program("make", "request.yaml", "-o", "out.pdf", "--cache", str(sheets.folder))
    assert (done.returncode, done.stdout) == (0, "out.pdf\n"), done.stderr
    assert (here / "out.pdf").read_bytes().startswith(b"%PDF-")


FULL = Path("/dev/full")
full_device = pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")


@full_device
def test_a_full_standard_output_ends_with_5(here: Path, sheets: SheetCache) -> None:
    command = [
        sys.executable,
        str(ROOT / "generate.py"),
        "make",
        "request.yaml",
        "-o",
        "-",
        "--cache",
        str(sheets.folder),
    ]
    with FULL.open("wb") as full:
        done = subprocess.run(command, cwd=here, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, "the disk is full" in done.stderr, "Traceback" in done.stderr) == (5, True, False), (
        done.stderr
    )


@full_device
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("command", "out", "err"),
    [
        (["topics"], 5, 0),
        (["--help"], 5, 0),
        (["--version"], 5, 0),
        (["topics", "nowhere"], 4, 4),
        (["nowhere"], 2, 2),
    ],
)
def test_the_exit_code_of_a_full_output_is_the_commands_own_or_5_and_never_pythons(
    command: list[str], out: int, err: int, unbuffered: str
) -> None:
    line = [sys.executable, str(ROOT / "generate.py"), *command]
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with FULL.open("wb") as full:
        no_room = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, env=env)
        untold = subprocess.run(line, stdout=subprocess.PIPE, stderr=full, text=True, env=env)
        neither = subprocess.run(line, stdout=full, stderr=full, env=env)
    assert (no_room.returncode, untold.returncode, neither.returncode) == (out, err, out)
    assert ("the disk is full" in no_room.stderr) is (out == 5)
    assert not re.search("Traceback|Exception ignored", no_room.stderr)
    assert bool(untold.stdout) is (err == 0)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_of_the_output_who_has_gone_ends_it_with_1_and_no_traceback(unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    line = [sys.executable, str(ROOT / "generate.py"), "topics"]
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(line, stdout=writing, stderr=subprocess.PIPE, text=True, env=env)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("request_and_output", "closed", "code", "message"),
    [
        ("request.yaml -o -", ">&-", 5, "Standard output is closed. Name a file with -o."),
        ("- -o out.pdf", "<&-", 4, "Standard input is closed. Name the request's file"),
        ("", "<&-", 2, "Missing REQUEST"),
    ],
)
def test_a_closed_standard_input_or_output_ends_with_one_clear_message(
    here: Path, sheets: SheetCache, request_and_output: str, closed: str, code: int, message: str
) -> None:
    command = f"{sys.executable} {ROOT / 'generate.py'} make {request_and_output} --cache {sheets.folder} {closed}"
    done = subprocess.run(["sh", "-c", command], cwd=here, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr
    assert list(here.glob("*.pdf")) == []


def fake(folder: Path, module: str, text: str) -> Path:
    (folder / "fake" / module).mkdir(parents=True)
    (folder / "fake" / module / "__init__.py").write_text(text)
    return folder / "fake"


def test_a_missing_pango_ends_with_7_and_says_what_to_install(here: Path, tmp_path: Path) -> None:
    # WeasyPrint's own advice, which it prints to standard output, is of no use to a clinic's staff
    path = fake(
        tmp_path, "weasyprint", "print('See https://'); raise OSError(\"cannot load library 'libpango-1.0-0'\")"
    )
    done = program("make", "request.yaml", "--no-cache", "-o", "-", path=path)
    assert done.returncode == 7, done.stderr
    assert "Pango is missing" in done.stderr
    assert "apt-get install libpango" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert list(here.glob("*.pdf")) == []


@pytest.mark.parametrize("module", ["jinja2", "pikepdf"])
def test_a_missing_python_package_ends_with_7_and_says_how_to_get_it(here: Path, tmp_path: Path, module: str) -> None:
    path = fake(tmp_path, module, f"raise ModuleNotFoundError('No module named {module}', name={module!r})")
    done = program("make", "request.yaml", "--no-cache", path=path)
    assert done.returncode == 7, done.stderr
    assert f"The Python package {module} is missing" in done.stderr
    assert "Traceback" not in done.stderr
    assert here.is_dir()


def test_our_own_fault_ends_with_70_and_a_report_without_details(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def bug(*_: object, **__: object) -> None:
        raise ValueError("Xanthippe Quill")

    monkeypatch.setattr("handouts.load.library.load_library", bug)
    monkeypatch.setattr(sys, "argv", ["generate.py", "make", "request.yaml"])
    with pytest.raises(SystemExit) as ended:
        cli_module.main()
    assert ended.value.code == 70
    told = capsys.readouterr().err
    assert "a bug in the program (ValueError)" in told
    assert "make.py:" in told
    assert not re.search("Xanthippe|Quill|Traceback|request.yaml", told)
    assert list(here.glob("*.pdf")) == []


def test_a_package_that_is_missing_only_later_ends_with_7(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(**_: object) -> None:
        raise ModuleNotFoundError("No module named 'segno'", name="segno")

    monkeypatch.setattr(cli_module, "cli", missing)
    with pytest.raises(SystemExit) as ended:
        cli_module.main()
    assert ended.value.code == 7
    assert "The Python package segno is missing" in capsys.readouterr().err


def test_an_error_of_ours_that_passes_click_by_still_ends_with_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from handouts.errors import ContentFault

    def bug(**_: object) -> None:
        raise ContentFault("the words")

    monkeypatch.setattr(cli_module, "cli", bug)
    with pytest.raises(SystemExit) as ended:
        cli_module.main()
    assert ended.value.code == 3
    assert "the words" in capsys.readouterr().err


def test_ctrl_c_ends_without_a_traceback(here: Path, sheets: SheetCache) -> None:
    code = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever started the tests may have it ignored
from handouts.cli import main
from handouts.load import requests as making
read = making.read_stream
making.read_stream = lambda *given: (print("reading", flush=True), read(*given))[1]
sys.argv = ["generate.py", "make", "-"]
main()
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", code], **pipes, text=True, cwd=here, env=env) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "reading\n"
        started.send_signal(signal.SIGINT)
        _, told = started.communicate(timeout=PATIENCE)
    assert started.returncode == 1
    assert "Traceback" not in told
    assert sheets.folder.parent.is_dir()


@pytest.mark.parametrize("said", [None, ""])
def test_nobody_but_the_tests_can_pretend_another_day(run: Run, monkeypatch: pytest.MonkeyPatch, said: str | None):
    monkeypatch.delenv("HANDOUTS_TESTING")
    if said is not None:
        monkeypatch.setenv("HANDOUTS_TESTING", said)
    result = run("make", "request.yaml", "-o", "out.pdf")
    assert (result.exit_code, "--today is only for this program's tests" in result.stderr) == (2, True)
    assert not Path("out.pdf").exists()


def test_force_never_replaces_the_request_or_a_key(run: Run, tmp_path: Path) -> None:
    for name in ("request.yaml", "../key", "./request.yaml"):
        before = Path(name).read_bytes()
        result = run("make", "request.yaml", "-o", name, "--force")
        assert result.exit_code == 5
        assert "another kind of file. It is kept" in result.stderr
        assert Path(name).read_bytes() == before
    assert (tmp_path / "key").read_bytes() == KEY


def test_slip_and_output_are_not_the_same_file(run: Run) -> None:
    request = Path("request.yaml").read_text(encoding="utf-8").replace("{", "{email: a@example.org, ", 1)
    result = run("make", "-", "-o", "a.pdf", "--slip", "./a.pdf", "--email", data=request)
    assert result.exit_code == 2, result.output
    assert "-o and --slip name the same file" in result.stderr
