"""Twenty people at one desk at once, and clients that are slow, silent or broken: nobody waits for them, and nobody
gets another's pages.

Clients have addresses of their own, all of this machine: 127.0.0.2, 127.0.0.3 ...
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import trustme

from handouts.desk.pictures import page_picture
from handouts.desk.users import Users
from handouts.record.recorder import open_store
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, PATIENCE, ROOT, TOPIC
from tests.desk.clinic import write_certificate
from tests.waiting import until

pytestmark = pytest.mark.heavy
CLIENTS, SECONDS = 20, 20
WORDS = "three words together"
OPTIONS = (["botox"], ["microvascular-decompression"], ["botox", "microvascular-decompression"])


@dataclass
class Server:
    """A desk in a process of its own."""

    process: subprocess.Popen[str]
    address: str
    context: ssl.SSLContext

    def connect(self, number: int, timeout: float = PATIENCE) -> http.client.HTTPSConnection:
        """A connection from a machine of that number."""
        return http.client.HTTPSConnection(
            self.address, context=self.context, timeout=timeout, source_address=(f"127.0.0.{number + 2}", 0)
        )

    def plain(self, number: int) -> socket.socket:
        """The same without TLS, or a word."""
        host, _, port = self.address.partition(":")
        return socket.create_connection((host, int(port)), PATIENCE, source_address=(f"127.0.0.{number + 2}", 0))

    def cpu_seconds(self) -> float:
        """Of the desk's own process so far."""
        times = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> int:
        """The most memory that the desk's own process had; its workers have a limit each."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024


@pytest.fixture
def server(tmp_path: Path, data: Path, sheets: SheetCache) -> Iterator[Server]:
    with Users(data) as users:
        users.add("root", "administrator", time.time(), "root")
        for number in range(CLIENTS):
            once = users.add(f"user{number}", "staff", time.time(), "root")
            users.change_password(f"user{number}", once, WORDS, time.time(), "")
    certificate, key, authority = write_certificate(tmp_path / "tls")
    command = [sys.executable, "-m", "tests.desk.serving", str(data), str(sheets.folder), str(certificate), str(key)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        address = process.stdout.readline().strip().removeprefix("https://")
        yield Server(process, address, trusting(authority))
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@dataclass
class Person:
    """Somebody at a form. ``seen``: what the preview of each change was, on the disk."""

    server: Server
    number: int
    folder: Path
    took: list[float] = field(default_factory=list)
    seen: list[tuple[Path, bytes]] = field(default_factory=list)
    cookie: str = ""

    @property
    def name(self) -> str:
        """A patient's, unlike any other."""
        return f"Zq{chr(97 + self.number)}zel"

    def ask(self, method: str, path: str, body: object = None) -> tuple[http.client.HTTPResponse, bytes]:
        head = {"Accept": "application/json", "Origin": f"https://{self.server.address}", "Cookie": self.cookie}
        if body is not None:
            head["Content-Type"] = "application/json"
        self.there.request(method, path, json.dumps(body) if body is not None else None, head)
        answer = self.there.getresponse()
        return answer, answer.read()

    def log_in(self) -> None:
        self.there = self.server.connect(self.number)
        answer, told = self.ask("POST", "/login", {"name": f"user{self.number}", "password": WORDS})
        assert answer.status == 200, told
        self.cookie = str(answer.getheader("Set-Cookie")).partition(";")[0]

    def fields(self, change: int) -> dict[str, list[str]]:
        """What is typed after so many changes: nine of ten are of text, one of options."""
        return {
            "topic": [TOPIC],
            "options": OPTIONS[(change // 10 + self.number) % len(OPTIONS)],
            "patient.name": [f"{self.name} Quill"],
            "note": [f"Ask {self.name} about day {change}."],
            "allow_unapproved": ["yes"],
        }

    def look(self, body: dict[str, Any]) -> dict[str, Any]:
        answer, told = self.ask("POST", "/handout/preview", body)
        assert answer.status == 200, told
        found: dict[str, Any] = json.loads(told)
        return found

    def change(self, change: int) -> None:
        """Type something, and look at page 1, as the screen does."""
        begun = time.monotonic()
        body: dict[str, Any] = {"window": f"window-{self.number}", "number": change, "fields": self.fields(change)}
        told = self.look(body)
        if not told["shows"]:  # sheets are being set
            told = self.look(body | {"wait": "front"})
        assert (told["number"], told["shows"], told["faults"]) == (change, True, [])
        answer, picture = self.ask("GET", f"/handout/page/window-{self.number}/{change}/1/640")
        assert answer.status == 200
        self.took.append(time.monotonic() - begun)
        answer, pdf = self.ask("GET", f"/test/pdf/window-{self.number}/{change}")
        assert answer.status == 200
        file = self.folder / f"{self.number}-{change}.pdf"
        file.write_bytes(pdf)
        self.seen.append((file, picture))

    def work(self, start: float) -> None:
        """A change a second; one that took longer puts off the next."""
        for change in range(SECONDS):
            time.sleep(max(0.0, start + change + self.number / CLIENTS - time.monotonic()))
            self.change(change)
        body = {"window": f"window-{self.number}", "fields": self.fields(SECONDS - 1)}
        answer, pdf = self.ask("POST", "/handout/save", body)
        assert answer.status == 200, pdf[:200]
        file = self.folder / f"{self.number}-saved.pdf"
        file.write_bytes(pdf)


def text_of(file: Path) -> str:
    document = pypdfium2.PdfDocument(file)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


@pytest.fixture
def people(server: Server, tmp_path: Path) -> Iterator[list[Person]]:
    """Twenty users, logged in."""
    (tmp_path / "seen").mkdir()
    found = [Person(server, number, tmp_path / "seen") for number in range(CLIENTS)]
    for person in found:
        person.log_in()
    yield found
    for person in found:
        person.there.close()


def test_twenty_at_once_get_their_own_pages_and_no_others(
    server: Server, people: list[Person], data: Path, record_property: Callable[[str, object], None]
):
    start, before = time.monotonic() + 1, server.cpu_seconds()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda person: person.work(start), people))
    took = sorted(second for person in people for second in person.took)
    assert len(took) == CLIENTS * SECONDS
    within = sum(second <= 1 for second in took) / len(took)
    memory, cpu = server.megabytes(), (server.cpu_seconds() - before) / len(took)
    told = (
        f"{within:.0%} of {len(took)} answers within 1 s; median {statistics.median(took):.2f} s, "
        f"95 % within {took[int(len(took) * 0.95)]:.2f} s, longest {took[-1]:.2f} s; "
        f"{cpu * 1000:.0f} ms of CPU each; {memory} MB; load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores"
    )
    record_property("load", told)
    sys.stderr.write(f"{told}\n")
    assert memory < 1200
    names = {person.name for person in people}
    for person in people:
        for file in [*(file for file, _ in person.seen), person.folder / f"{person.number}-saved.pdf"]:
            text = text_of(file)
            assert {name for name in names if name in text} == {person.name}, file.name
        file, picture = person.seen[-1]
        assert picture == page_picture(file.read_bytes(), 1, 640)
    with open_store(data) as store:
        made = list(store.chosen(what="made"))
    assert {event.by for event in made} == {f"user{number}" for number in range(CLIENTS)}
    assert len({event.code for event in made}) == CLIENTS


def seconds_to_answer(server: Server) -> float:
    """For somebody else, on a machine that does nothing bad; the middle of five."""
    took = []
    for _ in range(5):
        begun = time.monotonic()
        there = server.connect(100)
        there.request("GET", "/login")
        assert there.getresponse().status == 200
        there.close()
        took.append(time.monotonic() - begun)
    return statistics.median(took)


def most(quiet: float) -> float:
    """Two seconds; more where this machine takes longer already while nobody does anything bad."""
    return max(2.0, 4 * quiet)


def test_a_thousand_connections_that_say_nothing_keep_nobody_waiting(server: Server):
    quiet = seconds_to_answer(server)
    silent = [server.plain(number % CLIENTS) for number in range(1000)]
    try:
        assert seconds_to_answer(server) < most(quiet)
    finally:
        for one in silent:
            one.close()
    assert seconds_to_answer(server) < most(quiet)


def test_connections_that_only_shake_hands_keep_nobody_waiting(server: Server):
    quiet = seconds_to_answer(server)
    silent = [server.connect(number % CLIENTS) for number in range(200)]
    for one in silent:
        one.connect()
    try:
        assert seconds_to_answer(server) < most(quiet)
    finally:
        for one in silent:
            one.close()


@pytest.mark.parametrize(
    "begun",
    [
        b"POST /login HTTP/1.1\r\nHost: ",
        b"POST /login HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\n\r\n{",
    ],
    ids=["half a head", "half an upload"],
)
def test_requests_that_never_end_keep_only_their_own_machine_waiting(server: Server, begun: bytes):
    quiet = seconds_to_answer(server)
    slow = []
    for number in range(60):
        one = server.connect(number % 3)
        one.connect()
        one.sock.sendall(begun.replace(b"%s", server.address.encode()))
        slow.append(one)
    try:
        assert seconds_to_answer(server) < most(quiet)
    finally:
        for one in slow:
            one.close()


def test_whoever_has_many_addresses_keeps_nobody_waiting_who_is_logged_in(people: list[Person], server: Server):
    """Handshakes that never end, from more machines than there are threads for; each is worked on for five seconds."""
    quiet, begun = seconds_to_answer(server), []
    for number in range(600):
        one = server.plain(30 + number % 10)
        one.sendall(b"\x16\x03\x01\x02\x00\x01")
        begun.append(one)
    try:
        for person in people[:5]:
            person.there.close()  # a new connection from the same machine
            asked = time.monotonic()
            answer, _ = person.ask("GET", "/session")
            assert answer.status == 200
            assert time.monotonic() - asked < most(quiet)
    finally:
        for one in begun:
            one.close()


def test_a_client_that_sends_a_byte_now_and_then_is_cut_off(server: Server):
    one = server.connect(1)
    one.connect()
    one.sock.settimeout(0.5)
    begun = time.monotonic()
    ended = False
    while not ended and time.monotonic() - begun < 90:
        try:
            one.sock.sendall(b"G")
            ended = one.sock.recv(1000) == b""
        except TimeoutError:
            continue
        except OSError:
            ended = True
    one.close()
    assert ended
    assert 20 < time.monotonic() - begun < 90


def test_a_machine_has_so_many_connections_and_no_more(server: Server):
    opened = [server.plain(5) for _ in range(100)]
    until(lambda: sum(map(is_closed, opened)) >= 100 - 64)
    time.sleep(1)  # no more of them are
    assert sum(map(is_closed, opened)) == 100 - 64
    for one in opened:
        one.close()


def is_closed(one: socket.socket) -> bool:
    """Whether the other side has closed a connection on which nothing is ever said."""
    one.setblocking(False)
    try:
        return one.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_desk_and_command_line_work_on_one_folder_at_the_same_time(
    people: list[Person], data: Path, tmp_path: Path, sheets: SheetCache
):
    (tmp_path / "key").write_bytes(KEY)
    (tmp_path / "key").chmod(0o600)

    def command(number: int) -> str:
        request = tmp_path / f"{number}.yaml"
        request.write_text(f"topic: {TOPIC}\noptions: [botox]\npatient: {{name: Cli {chr(97 + number)}}}\n")
        done = subprocess.run(
            [
                sys.executable, str(ROOT / "generate.py"), "make", str(request), "-o", str(tmp_path / f"{number}.pdf"),
                "--data", str(data), "--cache", str(sheets.folder), "--allow-unapproved", "--by", "cli",
                "--key-file", str(tmp_path / "key"),
            ],
            capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        return done.stderr if done.returncode else ""

    def save(person: Person) -> str:
        person.there.close()  # logging in all of them may take longer than a connection may say nothing
        answer, told = person.ask("POST", "/handout/save", {"window": "w", "fields": person.fields(1)})
        return "" if answer.status == 200 else told.decode("utf-8", "replace")[:200]

    with ThreadPoolExecutor(16) as pool:
        told = [pool.submit(command, number) for number in range(6)]
        told += [pool.submit(save, person) for person in people[:10]]
    assert [one.result() for one in told] == [""] * 16
    with open_store(data) as store:
        assert len(list(store.chosen(what="made"))) == 16
    verify = [sys.executable, str(ROOT / "generate.py"), "record", "verify", "--data", str(data)]
    assert subprocess.run(verify, capture_output=True, timeout=PATIENCE).returncode == 0
