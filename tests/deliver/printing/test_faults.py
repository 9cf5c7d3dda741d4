"""Printing without CUPS: what a real one can't be made to do, and the words for what printers say."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.deliver.printing import ipp, scheduler
from handouts.deliver.printing import submit as handing
from handouts.deliver.printing.job import Env, PrintOptions, print_pdf
from handouts.deliver.printing.messages import describe_faults, describe_printer
from handouts.deliver.printing.outcome import Printed
from handouts.deliver.printing.paper import Measured, media_options
from handouts.deliver.printing.scheduler import COMPLETED, HELD, PROCESSING, Job, NoAnswer, Printer, Scheduler
from handouts.errors import HandOverFault, SystemMissing

PDF_PAGES = 4


# --- programs and a server that play CUPS ---


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Puts a program into an otherwise empty PATH (the shell's own are kept)."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def add(name: str, text: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)

    return add


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    with pikepdf.new() as document:
        for _ in range(PDF_PAGES):
            document.add_blank_page(page_size=(612, 792))
        document.save(tmp_path / "file.pdf")
    return tmp_path / "file.pdf"


class Server:
    """Answers every question with ``status`` and ``body``."""

    def __init__(self, status: int, body: bytes) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def answering(programs: Callable[[str, str], None]) -> Iterator[Callable[[int, bytes], Scheduler]]:
    """The scheduler of a machine whose CUPS answers like this."""
    servers: list[Server] = []

    def serve(status: int, body: bytes) -> Scheduler:
        servers.append(Server(status, body))
        programs("lp", "exit 0")
        programs("lpstat", f"echo {servers[-1].address}")
        return Scheduler()

    yield serve
    for server in servers:
        server.close()


@dataclass
class Script:
    """A scheduler that tells of a job what a script says: a job, None (unknown), or a reason for no answer."""

    jobs: Sequence[Job | str | None]
    queue: Sequence[tuple[Job, ...]] = ((),)
    asked: int = 0

    def job(self, _number: int) -> Job | None:
        self.asked += 1
        found = self.jobs[min(self.asked, len(self.jobs)) - 1]
        if isinstance(found, str):
            raise NoAnswer(found)
        return found

    def waiting(self, _printer: str) -> tuple[Job, ...]:
        return self.queue[min(self.asked, len(self.queue)) - 1]


@dataclass
class Time:
    """Passes only when somebody sleeps."""

    at: float = 0.0
    said: list[str] = field(default_factory=list)

    @property
    def env(self) -> Env:
        def sleep(seconds: float) -> None:
            self.at += seconds

        return Env(lambda: 1_000_000 + self.at, lambda: self.at, sleep, self.said.append)


def a_job(state: int = PROCESSING, number: int = 17, impressions: int = 0, **more: Any) -> Job:
    values: dict[str, Any] = {"reasons": (), "printer_reasons": (), "message": "", "sheets": 0, **more}
    return Job(number, state, impressions=impressions, **values)


DONE = a_job(COMPLETED)


@pytest.fixture
def follow(programs: Callable[[str, str], None], pdf: Path) -> Callable[..., tuple[Printed, Time]]:
    """Print a file while the scheduler says what it is told to say."""
    programs("lp", 'while read -r _; do :; done; echo "request id is desk-17 (0 file(s))"')

    def run(*jobs: Job | str | None, queue: Any = ((),), patience: float | None = None) -> tuple[Printed, Time]:
        time = Time()
        wanted = PrintOptions(True, 1, None, "letter", patience)
        script = cast("Scheduler", Script(jobs, queue))
        return print_pdf(script, "desk", pdf, "CODE", wanted, time.env), time

    return run


# --- what lp is told, and what it says ---


def test_lp_gets_the_file_on_its_input_and_no_name_of_it(programs: Callable[[str, str], None], pdf: Path) -> None:
    programs("lp", f'echo "$*" >{pdf.parent}/said; /bin/cat >{pdf.parent}/got; echo request id is desk-9')
    assert handing.submit("desk/draft", pdf, "7QK2-M9XA-3TB", 2, ["media=A4"]) == "desk-9"
    assert (pdf.parent / "got").read_bytes() == pdf.read_bytes()
    assert (pdf.parent / "said").read_text() == (
        "-d desk/draft -t 7QK2-M9XA-3TB -n 2 -o media=A4 -o document-format=application/pdf\n"
    )


def test_lp_runs_where_no_ctrl_c_reaches_it_and_nobody_can_be_asked_for_a_password(
    programs: Callable[[str, str], None], tmp_path: Path
) -> None:
    program = f"import os; print(os.getsid(0), os.getpid(), file=open('{tmp_path}/said', 'w'))"
    programs("lp", f'echo request id is desk-9; exec {sys.executable} -c "{program}"')
    handing.submit("desk", b"%PDF", "CODE", 1, [])
    session, process = (tmp_path / "said").read_text().split()
    assert session == process


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (
            "echo 'lp: Error - scheduler not responding.' >&2; exit 1",
            "not accept the file: scheduler not responding.",
        ),
        ("exit 1", "it gives no reason"),
        ("echo something else", "it gives no reason"),
        ("exec /bin/sleep 9", "within 0 seconds"),
    ],
)
def test_an_lp_that_takes_nothing_is_told(
    programs: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    monkeypatch.setattr(handing, "_TAKE", 0.4)
    programs("lp", program)
    with pytest.raises(HandOverFault, match=said) as caught:
        handing.submit("desk", b"%PDF", "CODE", 1, [])
    assert "Nothing was printed" not in caught.value.message, "files before it may have been"


def test_ctrl_c_while_the_file_is_handed_over_says_where_to_look(
    programs: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    programs("lp", "exit 0")
    monkeypatch.setattr(subprocess, "run", stopped)
    with pytest.raises(HandOverFault, match="Stopped while the file was handed over"):
        handing.submit("desk", b"%PDF", "CODE", 1, [])


@pytest.mark.parametrize("tool", ["lp", "lpstat"])
def test_without_cups_its_absence_is_told_with_how_to_get_it(programs: Callable[[str, str], None], tool: str) -> None:
    programs({"lp": "lpstat", "lpstat": "lp"}[tool], "exit 0")
    with pytest.raises(SystemMissing, match=rf"{tool} is missing.*apt-get install cups.*macOS") as caught:
        Scheduler()
    assert caught.value.exit_code == 7


def test_without_the_server_of_cups_its_absence_is_told(
    programs: Callable[[str, str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs("lp", "exit 0")
    programs("lpstat", f"echo {tmp_path}/sock")
    monkeypatch.setattr(scheduler, "_has_server", lambda: False)
    with pytest.raises(SystemMissing, match="apt-get install cups"):
        Scheduler().printers()
    monkeypatch.setattr(scheduler, "_has_server", lambda: True)
    with pytest.raises(HandOverFault, match=r"CUPS does not answer .*systemctl start cups"):
        Scheduler().printers()


def test_a_machine_that_tells_no_address_of_cups_is_told(programs: Callable[[str, str], None]) -> None:
    programs("lp", "exit 0")
    programs("lpstat", "exit 1")
    with pytest.raises(HandOverFault, match="gives no address"):
        Scheduler().printers()


def test_a_tool_that_hangs_is_not_waited_for(
    programs: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "_REPLY", 0.2)
    programs("lp", "exit 0")
    programs("lpstat", "exec /bin/sleep 9")
    with pytest.raises(HandOverFault, match="lpstat hangs"):
        Scheduler()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (426, b"", "does not list .*HTTP 426.*this machine's own CUPS"),
        (401, b"", "does not list .*HTTP 401"),
        (200, b"no IPP", "does not answer .*incomplete"),
        (200, b"\2\0\4\3\0\0\0\1\1\3", "does not list .*IPP 0x0403"),
    ],
)
def test_a_cups_that_will_not_tell_is_told(
    answering: Callable[[int, bytes], Scheduler], status: int, body: bytes, said: str
) -> None:
    with pytest.raises(HandOverFault, match=said):
        answering(status, body).printers()


# --- following a job ---


def test_a_job_is_printed_only_when_cups_says_so(follow: Callable[..., tuple[Printed, Time]]) -> None:
    printed, time = follow(a_job(3), a_job(), a_job(), DONE)
    assert (printed.state, printed.job, printed.pages, printed.problem) == ("printed", "desk-17", PDF_PAGES, "")
    assert printed.at == 1_000_000 + time.at
    assert time.said == ["Job desk-17: waiting.", "Job desk-17: printing."]


def test_a_state_that_was_there_before_is_no_progress(follow: Callable[..., tuple[Printed, Time]]) -> None:
    tries = [a_job(message=text) for text in ("Connecting.", "No answer.", "Connecting again.")] * 400
    printed, time = follow(*tries, DONE, patience=30)
    assert "stuck: no progress for 3" in printed.problem
    assert 30 < time.at < 40


def test_pages_that_are_counted_are_progress(follow: Callable[..., tuple[Printed, Time]]) -> None:
    counting = [a_job(impressions=side) for side in range(1, 90) for _ in range(8)]
    printed, time = follow(*counting, DONE, patience=10)
    assert (printed.state, time.at > 100) == ("printed", True)


def test_jobs_before_it_that_move_are_progress(follow: Callable[..., tuple[Printed, Time]]) -> None:
    queue = [(a_job(number=16, impressions=side), a_job(3)) for side in range(90) for _ in range(8)]
    printed, time = follow(*[a_job(3)] * len(queue), DONE, queue=queue, patience=10)
    assert (printed.state, time.at > 100) == ("printed", True)
    assert time.said == ["Job desk-17: waiting, 1 job is before it."]


@pytest.mark.parametrize(
    ("job", "seconds"),
    [
        (a_job(), 120 + 2 * PDF_PAGES),
        (a_job(impressions=1), 120),
        (a_job(printer_reasons=("media-empty-error",)), 120),
        (a_job(3), 120),
    ],
    ids=["a printer that counts nothing", "one that counts", "one that wants something", "a job that waits"],
)
def test_the_usual_patience_is_two_minutes_and_more_only_for_a_printer_that_counts_nothing(
    follow: Callable[..., tuple[Printed, Time]], job: Job, seconds: int
) -> None:
    printed, time = follow(job)
    assert printed.state == "handed over"
    assert f"no progress for {round(time.at)} seconds" in printed.problem
    assert seconds < time.at <= seconds + 1


def test_a_cups_that_starts_anew_is_waited_for(follow: Callable[..., tuple[Printed, Time]]) -> None:
    printed, _ = follow(a_job(), *["Connection refused"] * 10, a_job(), DONE)
    assert printed.state == "printed"


def test_a_cups_that_stays_away_is_told(follow: Callable[..., tuple[Printed, Time]]) -> None:
    printed, time = follow(a_job(), "Connection refused")
    assert (printed.state, 20 < time.at < 25) == ("handed over", True)
    assert "stopped answering (Connection refused), so it is unknown whether it was printed" in printed.problem


def test_a_job_that_cups_forgot_is_not_called_printed(follow: Callable[..., tuple[Printed, Time]]) -> None:
    printed, _ = follow(a_job(), None)
    assert (printed.state, "it is unknown" in printed.problem) == ("handed over", True)


def test_a_filter_that_failed_is_told_with_its_words(follow: Callable[..., tuple[Printed, Time]]) -> None:
    printed, _ = follow(a_job(8, message="Filter failed"))
    assert (printed.state, "desk-17 failed (Filter failed)" in printed.problem) == ("failed", True)


def test_a_printer_that_is_stopped_while_the_job_waits_is_told_at_once(
    follow: Callable[..., tuple[Printed, Time]],
) -> None:
    printed, time = follow(a_job(3, printer_reasons=("paused",)))
    assert (printed.state, time.at) == ("handed over", 0)
    assert "the printer stopped. Fix it, then run: cupsenable desk." in printed.problem


def test_a_job_that_cups_will_try_again_is_not_held(follow: Callable[..., tuple[Printed, Time]]) -> None:
    printed, time = follow(a_job(HELD, reasons=("resources-are-not-ready",)), a_job(), DONE)
    assert (printed.state, time.said[0]) == ("printed", "Job desk-17: waiting; CUPS will retry.")


# --- words ---


def test_keywords_of_printers_are_told_in_plain_words_and_unknown_ones_as_they_are() -> None:
    assert describe_faults(["media-empty-error", "door-open-report", "com.maker.paper-dust-warning"]) == (
        "out of paper, a door is open, com.maker.paper-dust"
    )
    assert describe_faults(["toner-low-warning", "media-low-report", "cups-remote-processing"]) == "", "they print"
    printer = Printer("desk", "", "stopped", True, ("paused", "media-jam-error"), "See\x1b[1m tray 2")
    assert describe_printer(printer) == "paper jam; See<U+001B>[1m tray 2"


def test_a_page_on_its_own_paper_keeps_its_size() -> None:
    assert media_options(Measured(2, "a4"), None, "letter") == ("media=A4", "print-scaling=none")
    assert media_options(Measured(2, "a4"), "letter", "a4") == ("media=Letter", "print-scaling=fit")
    assert media_options(Measured(2, None), None, "a4") == ("media=A4", "print-scaling=fit")


# --- the protocol ---


def test_a_question_is_put_into_bytes_as_rfc_8010_has_it() -> None:
    asked = ipp.question(0x000B, [(ipp.NAME, "x", ("ab",)), (ipp.KEYWORD, "k", ("b", "c")), (ipp.INTEGER, "n", (22,))])
    assert asked == (
        b"\x02\x00\x00\x0b\x00\x00\x00\x01\x01"
        b"\x47\x00\x12attributes-charset\x00\x05utf-8"
        b"\x48\x00\x1battributes-natural-language\x00\x02en"
        b"\x42\x00\x01x\x00\x02ab"
        b"\x44\x00\x01k\x00\x01b\x44\x00\x00\x00\x01c"
        b"\x21\x00\x01n\x00\x04\x00\x00\x00\x16\x03"
    )


RFC_8010_A4 = (
    b"\x01\x01\x00\x00\x00\x00\x00\x01"
    b"\x01\x47\x00\x12attributes-charset\x00\x08us-ascii"
    b"\x48\x00\x1battributes-natural-language\x00\x05en-us"
    b"\x41\x00\x0estatus-message\x00\x0dsuccessful-ok"
    b"\x02\x21\x00\x06job-id\x00\x04\x00\x00\x00\x93"
    b"\x45\x00\x07job-uri\x00\x25ipp://printer.example.com/pinetree/93"
    b"\x23\x00\x09job-state\x00\x04\x00\x00\x00\x03\x03"
)
"""After the answer to a Print-Job request of appendix A.2, put together by hand."""


def test_an_answer_is_read_as_rfc_8010_has_it() -> None:
    found = ipp.answer(RFC_8010_A4)
    assert found.ok
    assert found.groups == (
        {"job-id": (147,), "job-uri": ("ipp://printer.example.com/pinetree/93",), "job-state": (3,)},
    )


def test_kinds_of_values_are_kept_apart() -> None:
    body = (
        b"\2\0\0\0\0\0\0\1\4"
        b"\x22\0\1t\0\1\1\x22\0\1f\0\1\0\x21\0\1n\0\4\xff\xff\xff\xff\x13\0\1o\0\0"
        b"\x35\0\1l\0\x0c\0\2de\0\x06Gr\xc3\xbc\xc3\x9f\x44\0\1k\0\1a\x44\0\0\0\1b\x31\0\1d\0\2\1\2\3"
    )
    (group,) = ipp.answer(body).groups
    assert group == {"t": (True,), "f": (False,), "n": (-1,), "l": ("Grüß",), "k": ("a", "b"), "d": (b"\1\2",)}


@given(st.binary(max_size=80), st.integers(0, len(RFC_8010_A4) - 1))
def test_what_is_cut_short_or_no_answer_at_all_is_a_value_error_and_nothing_worse(noise: bytes, cut: int) -> None:
    with pytest.raises(ValueError, match="too early"):
        ipp.answer(RFC_8010_A4[:cut])
    try:
        ipp.answer(RFC_8010_A4[:8] + noise)
    except ValueError:
        return
