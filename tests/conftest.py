"""What the tests share: content to change freely, one patient's request, sheets typeset once per run."""

from __future__ import annotations

import contextlib
import copy
import itertools
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import HealthCheck, settings

from handouts.load.layers import lay_over
from handouts.load.library import load_library
from handouts.load.requests import build_request
from handouts.load.yamlfile import Parsed
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.recorder import NullRecorder
from handouts.model.request import Request
from handouts.pipeline import Made
from handouts.pipeline import make as make_handout
from handouts.typeset.cache import SheetCache
from tests.opened import close_all

ROOT = Path(__file__).parent.parent
CONTENT = ROOT / "content"
KEY = b"a key for tests, kept by nobody!"
TODAY = date(2026, 11, 22)
TOPIC = "hemifacial-spasm"
REQUEST: dict[str, Any] = {"topic": TOPIC, "options": ["botox"], "patient": {"name": "Maria Gonzalez"}}
"""The least that a request holds."""

for _name in ("quick", "all", "release"):
    # No deadline and no health check by the clock: it goes on while the machine does something else. tests/rounds.py
    # says how many examples there are, and what must be quick is held to its own CPU time.
    settings.register_profile(
        _name, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    )

RequestOf = Callable[..., Request]
MakeOf = Callable[..., Made]


_PORTS = itertools.count(os.getpid() * 61)
PATIENCE = 900.0
"""Seconds in which a process has to end, however slow the machine is: a test fails rather than hangs."""


def free_port() -> int:
    """A port of this machine that nobody listens on, another each time.

    Below those that systems give away by themselves (Linux from 32768 on): no connection takes it in the meantime.
    """
    while True:
        port = 20_000 + next(_PORTS) % 12_000
        with contextlib.suppress(OSError), socket.socket() as trying:
            trying.bind(("127.0.0.1", port))
            return port


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="write the golden files anew")
    parser.addoption("--all", action="store_true", help="what is slow by nature too, as before a change lands")
    parser.addoption("--release", action="store_true", help="every combination and every round, as before a release")


def pytest_configure(config: pytest.Config) -> None:
    extent = next((name for name in ("release", "all") if config.getoption(f"--{name}")), "quick")
    settings.load_profile(extent)
    if not config.option.markexpr:
        config.option.markexpr = {"quick": "not heavy and not release", "all": "not release", "release": ""}[extent]
    # WeasyPrint 70 leaves its colour profile open (pdf/__init__.py, generate_pdf): a warning that isn't ours to mend.
    config.addinivalue_line("filterwarnings", r"ignore:unclosed file .*sRGB2014\.icc:ResourceWarning")
    # oidc-provider-mock 0.3 answers to Authlib in a form that is to go.
    config.addinivalue_line("filterwarnings", r"ignore:get_jwt_config\(:DeprecationWarning")


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this run's commands keep sheets, those of pytest-xdist's other workers too."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if base.name.startswith("popen-") else base) / "cache"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with something slow in them first, so that no worker is left alone with it at the end."""
    slow = {item.path for item in items if item.get_closest_marker("heavy") or item.get_closest_marker("release")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True, scope="session")
def _no_surroundings(tmp_path_factory: pytest.TempPathFactory, cache_home: Path) -> Iterator[None]:
    """What fixtures of a module or a session have made is not kept among the files of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        _live_in(tmp_path_factory.mktemp("home"), cache_home, patch)
        yield


def _live_in(home: Path, cache: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("HANDOUTS_TESTING", "1")  # what --today asks for
    patch.setenv("XDG_DATA_HOME", str(home / "data"))
    patch.setenv("XDG_CACHE_HOME", str(cache))


@pytest.fixture(autouse=True)
def _own_surroundings(
    tmp_path_factory: pytest.TempPathFactory, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test sees or changes the key, the cache or the content of whoever runs it."""
    _live_in(tmp_path_factory.mktemp("home"), cache_home, monkeypatch)
    monkeypatch.delenv("HANDOUTS_CONTENT", raising=False)
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # would hide what happens in the last flush


@pytest.fixture(autouse=True)
def _nothing_left_open() -> Iterator[None]:
    yield
    close_all()


@pytest.fixture(scope="session")
def terminals() -> None:
    """For tests that run the program at a terminal: skips them on a machine that makes none."""
    try:
        ends = os.openpty()
    except OSError:
        pytest.skip("no terminal can be made here: /dev/pts is not mounted, or full")
    for end in ends:
        os.close(end)


@pytest.fixture
def renew(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written anew."""
    return bool(request.config.getoption("--renew"))


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content folder to change at will."""
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


@pytest.fixture
def here(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that commands run in, with the test file's own REQUEST in it."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "request.yaml").write_text(request.module.REQUEST, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where commands keep outbox and record; --data names it."""
    return tmp_path / "kept"


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    """An authority whose certificates the tests' mail servers have."""
    return trustme.CA()


@pytest.fixture(scope="session")
def library() -> Library:
    """The first topic with the clinic that comes with it; read once, never changed (all of it is frozen)."""
    return load_library(CONTENT, TOPIC)


@pytest.fixture(scope="session")
def seaview() -> Library:
    """The first topic with the made-up clinic, whose fields are all filled in."""
    return load_library(CONTENT, TOPIC, "seaview-example")


@pytest.fixture(scope="session")
def request_of() -> RequestOf:
    """A request: the least there is, and what the keywords lay over it, such as ``patient={"name": "X"}``."""

    def build(**over: Any) -> Request:
        return build_request(Parsed(lay_over(copy.deepcopy(REQUEST), over), {}, "request.yaml"))

    return build


@pytest.fixture(scope="session")
def key() -> bytes:
    """A key for document codes that is the same in every run."""
    return KEY


@pytest.fixture(scope="session")
def today() -> date:
    """The day on which the tests take place: the topic is published, and not yet due for review."""
    return TODAY


@pytest.fixture(scope="session")
def sheets(cache_home: Path) -> SheetCache:
    """Sheets that this run has typeset already, commands too."""
    folder = cache_home / "handouts" / "sheets"
    folder.parent.mkdir(parents=True, exist_ok=True)
    return SheetCache(folder)


@pytest.fixture(scope="session")
def make_of(library: Library, request_of: RequestOf, sheets: SheetCache) -> MakeOf:
    """A finished handout of the first topic, for the keywords of `request_of`."""

    def build(*, blank: bool = False, **over: Any) -> Made:
        edition = Edition(blank=blank)
        return make_handout(
            library, request_of(**over), key=KEY, today=TODAY, recorder=NullRecorder(), cache=sheets, edition=edition
        )

    return build
