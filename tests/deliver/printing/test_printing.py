"""Printing with a real CUPS and printers that fail as told: what is sent, what is reported, how it ends."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result
from reportlab.pdfgen.canvas import Canvas

from handouts.batch import volumes
from handouts.cli import batch as batching
from handouts.cli import cli
from handouts.codes import parse_code
from handouts.deliver.printing import job as job_module
from handouts.deliver.printing import session as print_session
from handouts.model.request import PAPER_SIZES
from handouts.record.store import RecordStore
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, PATIENCE, ROOT, TOPIC, free_port
from tests.cups import Cups, missing
from tests.reading_pdf import page_texts
from tests.recording import book_in, faults

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())
Run = Callable[..., Result]
REQUEST = f"topic: {TOPIC}\noptions: [botox]\npatient: {{name: Xanthippe Quill, identifier: MRN 4711}}\n"
LIST = "patient.name,appointment.at\nXanthippe Quill,\nYpsilon Fjord,\nZebulon Vexley,\nAda Umber,\nOtto Wren,\n"
GIVEN = ("--topic", TOPIC, "--option", "botox", "--allow-unapproved")
SECRETS = ("Xanthippe", "Quill", "4711", "Fjord", "Vexley", "request.yaml", "list.csv")


@pytest.fixture(scope="session")
def shared() -> Iterator[Cups]:
    """One scheduler for all tests of this process."""
    with Cups() as cups:
        yield cups


@pytest.fixture
def cups(shared: Cups, monkeypatch: pytest.MonkeyPatch) -> Cups:
    """The scheduler that the program finds, with nobody's default printer."""
    use(shared, monkeypatch)
    return shared


def use(cups: Cups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handouts.deliver.printing.scheduler._REPLY", PATIENCE)  # it is well, but the machine busy
    monkeypatch.setenv("CUPS_SERVER", cups.socket)
    monkeypatch.setenv("HOME", str(cups.home))  # nobody's own lpoptions
    monkeypatch.delenv("PRINTER", raising=False)
    monkeypatch.delenv("LPDEST", raising=False)


@pytest.fixture
def printer(cups: Cups, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Adds a printer of some behaviour, named after the test, so that no test sees another's."""
    name = re.sub(r"[^a-z]+", "-", request.node.name.removeprefix("test_"))[:60].strip("-")
    return lambda behaviour="prints": cups.add(name, behaviour)


@pytest.fixture
def run(tmp_path: Path, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line in a folder with a request and a list, on a fixed day and key."""
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "request.yaml").write_text(REQUEST, encoding="utf-8")
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def invoke(*args: str, content: Path = CONTENT) -> Result:
        return CliRunner().invoke(cli, line(tmp_path, sheets, *args, content=content), prog_name="handouts")

    return invoke


def line(folder: Path, sheets: SheetCache, *args: str, content: Path = CONTENT) -> list[str]:
    command = ["--content", str(content), "--today", "2026-11-22", *args]
    if args[0] in {"make", "blank", "batch"}:
        command += ["--key-file", str(folder / "key"), "--cache", str(sheets.folder)]
    return command


def the_job(result: Result) -> str:
    """The job that a command told of."""
    found = re.search(r"[Jj]ob (\S+-[0-9]+)", result.output)
    assert found, result.output
    return found[1]


def sizes(pdf: bytes) -> set[tuple[int, int]]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {(round(float(page.mediabox[2])), round(float(page.mediabox[3]))) for page in document.pages}


def clinic_that_prints(content: Path, settings: str) -> Path:
    file = content / "clinics" / "cohen" / "clinic.yaml"
    file.write_text(re.sub(r"(?m)^print:.*$", f"print: {{{settings}}}", file.read_text()))
    return content


# --- what is sent ---


def test_a_handout_comes_out_of_the_printer_as_it_was_made(run: Run, cups: Cups, printer: Callable[..., str]) -> None:
    name = printer()
    result = run("make", "request.yaml", "--print", name, "-o", "kept.pdf")
    assert result.exit_code == 0, result.output
    kept, printed = Path("kept.pdf").read_bytes(), cups.pdf(the_job(result))
    assert page_texts(printed) == page_texts(kept)
    assert sizes(printed) == sizes(kept) == {(612, 792)}
    assert f", {len(page_texts(kept))} pages on {name}, job {the_job(result)}." in result.stdout


def test_nobodys_name_is_in_what_cups_is_told(run: Run, cups: Cups, printer: Callable[..., str]) -> None:
    result = run("make", "request.yaml", "--print", printer())
    given = cups.given(the_job(result))
    assert parse_code(given.title)
    assert "-" in given.title
    assert given.user == subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
    told = f"{given} {cups.tell('lpstat', '-W', 'all', '-l', '-o').stdout} {result.output}"
    told += (cups.home / "log" / "page").read_text() + (cups.home / "log" / "access").read_text()
    told += "".join(path.read_bytes().decode("latin-1") for path in (cups.home / "spool").glob("c*"))  # job tickets
    assert [secret for secret in SECRETS if secret in told] == []


def test_only_the_file_is_sent_and_nothing_is_left_behind(
    run: Run, cups: Cups, printer: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = sorted(Path().iterdir())
    result = run("make", "request.yaml", "--print", printer())
    assert result.exit_code == 0, result.output
    assert sorted(Path().iterdir()) == before
    assert list(scratch.iterdir()) == []
    spooled = [path for path in (cups.home / "spool").glob("d*") if int(path.name[1:6]) == number(the_job(result))]
    assert len(spooled) <= 1, "one job, one file"


def number(job: str) -> int:
    return int(job.rpartition("-")[2])


def test_the_files_own_paper_decides_where_the_clinic_says_nothing(
    run: Run, cups: Cups, printer: Callable[..., str]
) -> None:
    result = run("make", "request.yaml", "--paper", "a4", "--large-print", "--print", printer())
    job = the_job(result)
    assert sizes(cups.pdf(job)) == {(595, 842)}
    options = cups.given(job).options.split()
    assert {"media=A4", "print-scaling=none", "sides=two-sided-long-edge", "number-up=1"} <= set(options)


def three_sides(name: str, paper: str = "letter") -> Path:
    """A file of three numbered pages."""
    canvas = Canvas(name, pagesize=PAPER_SIZES[paper])
    for side in (1, 2, 3):
        canvas.drawString(100, 100, f"side {side}")
        canvas.showPage()
    canvas.save()
    return Path(name)


def test_the_clinic_decides_on_paper_sides_copies_and_printer(
    run: Run, cups: Cups, printer: Callable[..., str], content: Path
) -> None:
    clinic_that_prints(content, f"printer: {printer()}, paper: a4, duplex: false, copies: 2")
    three_sides("file.pdf")
    result = run("print", "file.pdf", content=content)
    assert "Printed: handout, 2 copies of 3 pages" in result.stdout, result.output
    job = the_job(result)
    assert {"media=A4", "print-scaling=fit", "sides=one-sided"} <= set(cups.given(job).options.split())
    assert sizes(cups.pdf(job)) == {(595, 842)}
    assert page_texts(cups.pdf(job)) == ["side 1", "side 2", "side 3"] * 2, "one whole set after the other"


def test_a_second_copy_never_begins_on_the_back_of_the_first(
    run: Run, cups: Cups, printer: Callable[..., str], content: Path
) -> None:
    clinic_that_prints(content, "duplex: true, copies: 2")
    three_sides("file.pdf")
    result = run("print", "file.pdf", "--on", printer(), content=content)
    sides = page_texts(cups.pdf(the_job(result)))
    assert sides[:7] == ["side 1", "side 2", "side 3", "", "side 1", "side 2", "side 3"]


def test_a_file_of_several_papers_is_fitted_to_the_clinics(run: Run, cups: Cups, printer: Callable[..., str]) -> None:
    with pikepdf.open(three_sides("a4.pdf", "a4")) as other, pikepdf.open(three_sides("letter.pdf")) as mixed:
        mixed.pages.extend(other.pages)
        mixed.save("mixed.pdf")
    result = run("print", "mixed.pdf", "--on", printer())
    assert {"media=Letter", "print-scaling=fit"} <= set(cups.given(the_job(result)).options.split())
    assert sizes(cups.pdf(the_job(result))) == {(612, 792)}


def test_a_run_sheet_is_printed_once_and_on_one_side(
    run: Run, cups: Cups, printer: Callable[..., str], content: Path
) -> None:
    clinic_that_prints(content, "duplex: true, copies: 2")
    three_sides("run-sheet-001.pdf")
    result = run("print", "run-sheet-001.pdf", "--on", printer(), content=content)
    assert "sides=one-sided" in cups.given(the_job(result)).options
    assert page_texts(cups.pdf(the_job(result))) == ["side 1", "side 2", "side 3"]


def test_the_users_own_printer_settings_change_nothing(run: Run, cups: Cups, printer: Callable[..., str]) -> None:
    name = printer()
    options = Path(os.environ["HOME"]) / ".cups" / "lpoptions"
    options.parent.mkdir(exist_ok=True)
    options.write_text(f"Dest {name} number-up=4 sides=one-sided media=A4 copies=3\n")
    try:
        result = run("make", "request.yaml", "-o", "kept.pdf", "--print", name)
    finally:
        options.unlink()
    assert page_texts(cups.pdf(the_job(result))) == page_texts(Path("kept.pdf").read_bytes())


# --- which printer ---


def test_without_a_name_it_goes_to_the_default_printer_and_printers_shows_which(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Cups() as cups:
        use(cups, monkeypatch)
        assert "No printer is set up yet" in run("printers").output
        nobody = run("make", "request.yaml", "--print")
        assert (nobody.exit_code, "No printer is named" in nobody.output) == (6, True)
        cups.add("back-office")
        cups.add("front-desk")
        cups.tell("lpadmin", "-d", "front-desk")
        cups.tell("cupsreject", "-r", "New toner comes on Monday", "back-office")
        cups.tell("cupsdisable", "-r", "Paper jam", "back-office")
        rows = run("printers").output.splitlines()
        assert rows[0].split() == ["NAME", "STATE", "JOBS", "MESSAGE"]
        assert rows[1].split()[:3] == ["back-office", "stopped", "refused"]
        assert rows[2].split() == ["front-desk", "default", "idle", "taken"]
        result = run("make", "request.yaml", "--print")
        assert (result.exit_code, the_job(result)) == (0, "front-desk-1")


@pytest.mark.parametrize(
    ("make_it_so", "said"),
    [
        (("cupsreject", "-r", "Closed for lunch"), r"accepts no jobs \(Closed for lunch\).*cupsaccept"),
        (("cupsdisable", "-r", "Toner is on its way"), r"is stopped \(stopped; Toner is on its way\).*cupsenable"),
    ],
)
def test_a_printer_that_cannot_print_is_told_before_anything_is_made(
    run: Run, cups: Cups, printer: Callable[..., str], make_it_so: tuple[str, ...], said: str
) -> None:
    name = printer()
    cups.tell(*make_it_so, name)
    result = run("make", "request.yaml", "--print", name, "-o", "kept.pdf")
    assert result.exit_code == 6
    assert re.search(said, result.output), result.output
    assert "Nothing was printed" in result.output
    assert not Path("kept.pdf").exists()
    assert [job for job in cups.queue() if job.startswith(f"{name}-")] == []


def test_a_printer_that_is_closed_at_the_last_moment_is_told_in_cups_own_words(
    run: Run, cups: Cups, printer: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_session, "choose", lambda *_: None)  # it was open when it was looked at
    name = printer()
    cups.tell("cupsreject", name)
    for copy in ("volume-001.pdf", "volume-002.pdf"):
        three_sides(copy)
    result = run("print", "volume-001.pdf", "volume-002.pdf", "--on", name)
    assert result.exit_code == 6
    assert re.search(r"volume-001: CUPS did not accept the file: .*not accepting jobs", result.output), result.output
    assert "Not handed over: volume-002." in result.output
    assert "print volume-001.pdf volume-002.pdf --on" in result.output


def test_a_printer_that_is_not_there_is_told_with_its_nearest_name(run: Run, printer: Callable[..., str]) -> None:
    name = printer()
    result = run("make", "request.yaml", "--print", name[:-1])
    assert (result.exit_code, f"Did you mean '{name}'?" in result.output) == (6, True), result.output
    someone = run("make", "request.yaml", "--print", "Xanthippe-Quill")
    assert (someone.exit_code, "Quill" in someone.output) == (6, False), "it could be a patient's name"


def test_a_file_that_print_took_for_a_printer_is_told(run: Run) -> None:
    result = run("make", "--print", "request.yaml")
    assert (result.exit_code, "--print=PRINTER" in result.output) == (2, True)


def test_standard_output_cannot_hold_both_the_file_and_the_news(run: Run) -> None:
    assert run("make", "request.yaml", "-o", "-", "--print").exit_code == 2


# --- how it ends ---


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("cancels", r"was cancelled"),
        ("holds", r"is handed over but held: .* -H resume\..*still in the queue.*cancel \S+-\d+"),
        ("wants-password", r"held: the printer asks for a password"),
        ("stops", r"handed over, but the printer stopped \(paper jam.*cupsenable \S+\..*cancel \S+-\d+"),
        ("fails", r"handed over but stuck: no progress for \d seconds \(waiting; CUPS will retry\)"),
        ("hangs", r"handed over but stuck: no progress for \d seconds \(printing\).*lpstat -o.*cancel \S+-\d+"),
        ("empty", r"handed over but stuck: .*\(printing; the printer says: out of paper\)"),
    ],
)
def test_each_way_of_not_printing_has_its_sentence(
    run: Run, cups: Cups, printer: Callable[..., str], behaviour: str, said: str
) -> None:
    stuck = {"fails": "5", "hangs": "5", "empty": "5"}  # long enough for the job to come to the printer
    wait = stuck.get(behaviour, str(PATIENCE))
    result = run("make", "request.yaml", "--print", printer(behaviour), "--print-wait", wait)
    job = the_job(result)
    assert result.exit_code == 6, result.output
    assert re.search(said, result.output), result.output
    assert "Printed" not in result.output
    assert (job in cups.queue()) == ("still in the queue" in result.output), "staff must know what may yet be printed"
    cups.tell("cancel", job, check=False)


def test_a_printer_that_is_filled_in_time_prints_and_its_want_is_told_at_once(
    run: Run, printer: Callable[..., str]
) -> None:
    result = run("make", "request.yaml", "--print", printer("filled"), "--print-wait", str(PATIENCE))
    assert (result.exit_code, "the printer says: out of paper" in result.stderr) == (0, True), result.output
    assert "Printed:" in result.stdout


def test_no_wait_says_handed_over_and_not_printed(run: Run, cups: Cups, printer: Callable[..., str]) -> None:
    result = run("make", "request.yaml", "--print", printer("hangs"), "--print-wait", "0")
    assert result.exit_code == 0
    assert "Handed over, not yet printed: " in result.stdout
    cups.tell("cancel", the_job(result))


def test_a_job_that_somebody_else_cancels_is_told(run: Run, cups: Cups, printer: Callable[..., str]) -> None:
    name = printer("hangs")
    soon(lambda: [cups.tell("cancel", job) for job in cups.queue() if job.startswith(name)])
    result = run("make", "request.yaml", "--print", name, "--print-wait", str(PATIENCE))
    assert (result.exit_code, "was cancelled" in result.output) == (6, True), result.output


def soon(act: Callable[[], object]) -> None:
    """Do it a moment later, and again until it did something."""

    def keep_trying() -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            time.sleep(0.1)
            if act():
                return

    threading.Thread(target=keep_trying, daemon=True).start()


def test_a_job_behind_others_says_so_and_waits(run: Run, cups: Cups, printer: Callable[..., str]) -> None:
    name = printer("hangs")
    first = run("make", "request.yaml", "--print", name, "--print-wait", "0")
    result = run("make", "request.yaml", "--print", name, "--print-wait", "0.6")
    assert "waiting, 1 job is before it" in result.stderr
    assert result.exit_code == 6
    cups.tell("cancel", the_job(first), the_job(result))


def test_cups_that_stops_in_the_midst_is_told_and_the_job_is_not_lost(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_module, "_GONE", 1.0)
    with Cups() as cups:
        use(cups, monkeypatch)
        cups.add("front-desk", "hangs")
        soon(lambda: cups.queue() and (cups.stop(), True))
        result = run("make", "request.yaml", "--print", "front-desk", "--print-wait", str(PATIENCE))
        assert result.exit_code == 6, result.output
        assert re.search(r"front-desk-1 is handed over, but CUPS stopped answering \(.+\)", result.output)
        dead = run("make", "request.yaml", "--print", "front-desk")
        assert (dead.exit_code, "CUPS does not answer" in dead.output) == (6, True), dead.output
        cups.start()
        assert cups.queue() == ["front-desk-1"]


def test_a_cups_that_keeps_no_history_leaves_the_end_open(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Cups("PreserveJobHistory No") as cups:
        use(cups, monkeypatch)
        cups.add("front-desk", "filled")
        result = run("make", "request.yaml", "--print", "front-desk")
        assert (result.exit_code, "it is unknown whether it was printed" in result.output) == (6, True)
        assert not list((cups.home / "spool").glob("d*")), "such a CUPS keeps no file either"


@pytest.mark.usefixtures("run")
def test_ctrl_c_leaves_the_job_and_says_so(
    cups: Cups, printer: Callable[..., str], tmp_path: Path, sheets: SheetCache
) -> None:
    name = printer("hangs")
    command = line(tmp_path, sheets, "make", "request.yaml", "--print", name)
    program = [sys.executable, str(ROOT / "generate.py"), *command]
    with subprocess.Popen(
        program,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # who started us may ignore it
    ) as process:
        assert process.stderr
        while "printing" not in (told := process.stderr.readline()):
            assert told, "it ended too early"
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every program in front
        rest = process.stderr.read()
    assert process.returncode == 6
    job = next(job for job in cups.queue() if job.startswith(name))
    assert f"Job {job} stays in the queue: it is handed over, but may not be printed" in rest
    assert "Traceback" not in rest
    cups.tell("cancel", job)


def test_a_cups_that_keeps_no_files_still_says_that_they_are_printed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Cups("PreserveJobFiles No") as cups:
        use(cups, monkeypatch)
        cups.add("front-desk")
        result = run("make", "request.yaml", "--print", "front-desk")
        assert (result.exit_code, "Printed:" in result.stdout) == (0, True), result.output
        assert not list((cups.home / "spool").glob("d*"))


@pytest.mark.heavy
def test_a_printer_on_the_network_is_followed_to_its_last_page(run: Run, cups: Cups) -> None:
    port = free_port()
    with Cups(f"Listen 127.0.0.1:{port}") as network:
        network.add("good")
        network.add("empty", "filled")
        network.add("refuses", "cancels-later")  # CUPS's own ipp program misses what ends at once: docs/printing.md
        for name, code, said in (
            ("good", 0, "Printed: "),
            ("empty", 0, "Printed: "),
            ("refuses", 6, "was cancelled (Print job canceled at printer.)"),
        ):
            here = cups.add(f"way-to-{name}", at=f"ipp://127.0.0.1:{port}/printers/{name}")
            result = run("make", "request.yaml", "--print", here, "--print-wait", str(PATIENCE))
            assert (result.exit_code, said in result.output) == (code, True), result.output
            assert "cups-remote" not in result.output
        assert len(list(network.out.glob("*.pdf"))) == 2


def test_a_cups_on_a_network_port_is_asked_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    with Cups(f"Listen 127.0.0.1:{port}") as cups:
        use(cups, monkeypatch)
        monkeypatch.setenv("CUPS_SERVER", f"127.0.0.1:{port}")
        cups.add("front-desk")
        result = run("make", "request.yaml", "--print", "front-desk")
        assert (result.exit_code, "Printed:" in result.stdout) == (0, True), result.output


# --- lists ---


@pytest.fixture
def small_volumes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two patients a volume: three volumes of the list of five."""
    monkeypatch.setattr(volumes, "MOST", 2)


@pytest.mark.usefixtures("small_volumes")
def test_a_list_is_printed_volume_by_volume_with_its_run_sheets(
    run: Run, cups: Cups, printer: Callable[..., str]
) -> None:
    result = run("batch", "list.csv", "-d", "out", *GIVEN, "--jobs", "1", "--run-sheet", "--print", printer())
    assert result.exit_code == 0, result.output
    jobs = [cups.given(job) for job in re.findall(r"job (\S+-\d+)\.", result.stdout)]
    names = [f"{kind}-00{i}" for i in (1, 2, 3) for kind in ("volume", "run-sheet")]
    assert [given.title for given in jobs] == names
    assert ["sides=one-sided" in given.options for given in jobs] == [False, True] * 3
    for given in jobs:
        source = Path("out") / f"{given.title}.pdf"
        assert page_texts(cups.pdf(f"x-{given.job}")) == page_texts(source.read_bytes())


@pytest.mark.usefixtures("small_volumes")
def test_a_volume_that_fails_stops_the_list_names_the_rest_and_how_to_go_on(
    run: Run, cups: Cups, printer: Callable[..., str]
) -> None:
    (cups.out / "first").unlink(missing_ok=True)
    name = printer("second-fails")
    result = run("batch", "list.csv", "-d", "out", *GIVEN, "--jobs", "1", "--print", name, "--one-sided")
    assert result.exit_code == 6, result.output
    assert len(re.findall("Printed: ", result.stdout)) == 1
    assert "" not in page_texts(Path("out/volume-001.pdf").read_bytes()), "no blank backs"
    assert re.search(r"volume-002: Job \S+ was cancelled", result.output)
    assert "Not handed over: volume-003." in result.output
    go_on = re.search(r"works again: (print out/volume-002.pdf out/volume-003.pdf --on \S+ --one-sided)", result.output)
    assert go_on, result.output
    (cups.out / "first").unlink()
    cups.tell("lpadmin", "-p", name, "-v", "paper:/prints")
    rest = run(*go_on[1].split())
    assert rest.exit_code == 0, rest.output
    titles = [cups.given(job).title for job in re.findall(r"job (\S+-\d+)\.", rest.stdout)]
    assert titles == ["volume-002", "volume-003"]
    assert all("sides=one-sided" in cups.given(job).options for job in re.findall(r"job (\S+-\d+)\.", rest.stdout))


def test_each_patient_of_a_list_begins_on_a_new_sheet(run: Run, cups: Cups, printer: Callable[..., str]) -> None:
    result = run("batch", "list.csv", "-d", "out", *GIVEN, "--jobs", "1", "--print", printer())
    assert "sides=two-sided-long-edge" in cups.given(the_job(result)).options, result.output
    sides = page_texts(cups.pdf(the_job(result)))
    fronts = [i for i, text in enumerate(sides) if "Page 1 of" in text]
    assert len(fronts) == 5
    assert [i % 2 for i in fronts] == [0] * 5


def test_a_clinic_that_prints_on_one_side_gets_volumes_for_that(
    run: Run, printer: Callable[..., str], content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_for: list[bool] = []
    monkeypatch.setattr(batching, "_print_files", lambda *given: made_for.append(given[-1].wanted.duplex))
    clinic_that_prints(content, "duplex: false")
    run("batch", "list.csv", "-d", "out", *GIVEN, "--option", "nowhere", "--jobs", "1", "--print", printer(),
        content=content)  # fmt: skip
    assert made_for == [False]


def test_rows_at_fault_keep_nobody_elses_handout_from_the_printer(
    run: Run, cups: Cups, printer: Callable[..., str]
) -> None:
    Path("list.csv").write_text("patient.name,side\nXanthippe Quill,left\nYpsilon Fjord,upward\n")
    result = run("batch", "list.csv", "-d", "out", *GIVEN, "--jobs", "1", "--print", printer("cancels"))
    assert result.exit_code == 1
    assert "1 row failed" in result.stderr
    assert "was cancelled" in result.stderr, "both are told"
    assert cups.given(the_job(result)).title == "volume-001"


def test_a_dry_run_prints_nothing(run: Run, cups: Cups, printer: Callable[..., str]) -> None:
    name = printer()
    assert run("batch", "list.csv", *GIVEN, "--dry-run", "--jobs", "1", "--print", name).exit_code == 0
    assert not re.search(rf"^{name}-", cups.tell("lpstat", "-W", "all", "-o").stdout, re.M)


@pytest.mark.usefixtures("small_volumes")
def test_the_record_says_of_each_handout_what_cups_said(
    run: Run, cups: Cups, printer: Callable[..., str], tmp_path: Path
) -> None:
    (cups.out / "first").unlink(missing_ok=True)
    given = ("batch", "list.csv", "-d", "out", *GIVEN, "--jobs", "1", "--print", printer("second-fails"))
    result = run(*given, "--data", str(tmp_path / "kept"))
    jobs = re.findall(r"[Jj]ob \S+-(\d+)[. ]", result.output)
    with book_in(tmp_path / "kept").database as database:
        found = list(RecordStore(database).chosen())
    codes = [event.code for event in found if event.what == "made"]
    ends = [(event.what, event.code, event.why) for event in found if event.what in {"printed", "failed", "unknown"}]
    assert ends == [
        ("printed", codes[0], f"job {jobs[0]}"),
        ("printed", codes[1], f"job {jobs[0]}"),
        ("failed", codes[2], f"job {jobs[1]}"),
        ("failed", codes[3], f"job {jobs[1]}"),
    ]
    assert len({event.code for event in found}) == 5, "the fifth was made, and not printed"
    assert faults(tmp_path / "kept") == ()


# --- finished files ---


def test_a_finished_file_is_printed_under_its_code_whatever_it_is_called(
    run: Run, cups: Cups, printer: Callable[..., str]
) -> None:
    assert run("make", "request.yaml", "-o", "Xanthippe Quill.pdf").exit_code == 0
    result = run("print", "Xanthippe Quill.pdf", "--on", printer())
    assert result.exit_code == 0, result.output
    assert parse_code(cups.given(the_job(result)).title)
    with pikepdf.new() as foreign:
        foreign.add_blank_page(page_size=(612, 792))
        foreign.save("Zebulon Vexley.pdf")
    other = run("print", "Zebulon Vexley.pdf", "--on", printer())
    assert cups.given(the_job(other)).title == "handout"
    assert "Printed: handout, 1 page on" in other.stdout


def test_names_that_others_gave_to_files_are_not_told(run: Run, printer: Callable[..., str]) -> None:
    for name in ("Xanthippe Quill.pdf", "Zebulon Vexley.pdf"):
        three_sides(name)
    result = run("print", "Xanthippe Quill.pdf", "Zebulon Vexley.pdf", "--on", printer("cancels"), "--clinic", "cohen")
    assert (result.exit_code, [secret for secret in SECRETS if secret in result.output]) == (6, [])
    assert "Not handed over: handout." in result.output
    assert re.search(r"print FILE FILE --on \S+ --clinic cohen\n", result.output)


def test_what_is_no_pdf_is_refused(run: Run, printer: Callable[..., str]) -> None:
    Path("notes.txt").write_text("Xanthippe Quill")
    for name in ("notes.txt", "nowhere.pdf"):
        result = run("print", name, "--on", printer())
        assert (result.exit_code, "Quill" in result.output) == (4, False)
