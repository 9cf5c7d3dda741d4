"""The ten steps of docs/desk-network.md and the unit beside it do what they say, as far as no machine is needed."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from handouts.desk.tls import tls_adapter
from handouts.desk.users import Users
from tests.conftest import CONTENT, PATIENCE, ROOT, free_port
from tests.desk.clinic import add_users
from tests.desk.network_page import UNIT, steps

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")


def here(commands: str, tmp_path: Path) -> str:
    """Commands of the page with its folders below ``tmp_path``, for this user."""
    for theirs, ours in (("/opt/handouts/.venv/bin/python", sys.executable), ("/opt/handouts", str(ROOT))):
        commands = commands.replace(theirs, ours)
    for folder in ("/etc/", "/var/lib", "/var/cache", "/backup", "/safe", "/usr/local/sbin"):
        commands = commands.replace(folder, f"{tmp_path}{folder}")
    return commands.replace("runuser -u handouts -- ", "")


def run(commands: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run them so."""
    env = os.environ | {"PATH": f"{tmp_path}/usr/local/sbin:{os.environ['PATH']}"}
    given = ["sh", "-euc", here(commands, tmp_path)]
    return subprocess.run(given, capture_output=True, text=True, cwd=tmp_path, env=env)


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """The root folder of a server after step 2, which needs root."""
    for folder in ("etc/handouts", "etc/cron.daily", "var/lib/handouts", "usr/local/sbin"):
        (tmp_path / folder).mkdir(parents=True, mode=0o700)
    step = steps()["2. A user of its own, its folders, and a command"]
    assert run(step[step.index("cat >") :], tmp_path).returncode == 0
    return tmp_path


def test_there_are_ten_steps_and_each_is_a_shell_script():
    numbered = [head for head in steps() if re.match(r"\d+\. ", head)]
    assert [int(head.partition(".")[0]) for head in numbered] == list(range(1, 11))
    for head, commands in steps().items():
        done = subprocess.run(["sh", "-n", "-c", commands], capture_output=True, text=True)
        assert done.returncode == 0, (head, done.stderr)


def test_step_5_writes_what_the_unit_reads(server: Path):
    assert run(steps()["5. Its name and address"], server).returncode == 0
    written = dict(line.split("=") for line in (server / "etc/handouts/desk.env").read_text().splitlines())
    used = set(re.findall(r"\$\{(DESK_\w+)\}", UNIT.read_text()))
    assert written.keys() == used


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here")
def test_step_6_makes_a_certificate_for_that_server_and_an_authority_for_no_other(server: Path):
    done = run(steps()["6. The certificate"], server)
    assert done.returncode == 0, done.stderr
    folder = server / "etc/handouts"
    assert (folder / "server.key").stat().st_mode & 0o077 == 0
    adapter = tls_adapter(folder / "server.pem", folder / "server.key", time.time())
    assert adapter.context.minimum_version is ssl.TLSVersion.TLSv1_2
    other = (
        steps()["6. The certificate"].partition("openssl req -newkey")[2].replace("desk.clinic.example", "bank.example")
    )
    refused = run(f"cd /etc/handouts\nopenssl req -newkey{other}", server)
    assert "permitted subtree violation" in refused.stderr + refused.stdout
    renewed = steps()["A new certificate"].partition("systemctl")[0]
    assert run(renewed, server).returncode == 0


def test_step_7_adds_the_first_administrator(server: Path):
    done = run(steps()["7. The first administrator"], server)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 4
    with Users(server / "var/lib/handouts") as users:
        assert [(user.name, user.role) for user in users.all()] == [("anna", "administrator")]


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="no sqlite3 here")
def test_the_backup_has_the_users_and_their_key_apart(server: Path):
    folder = server / "var/lib/handouts"
    add_users(folder)
    (folder / "content").mkdir()
    for _ in ("one night", "the next"):
        done = run(steps()["Backup"], server)
        assert done.returncode == 0, done.stderr
    assert sorted(file.name for file in (server / "safe").iterdir()) == ["handouts", "settings"]
    assert (server / "safe/handouts/desk-users.key").exists()
    assert not (server / "backup/handouts/desk-users.key").exists()
    shutil.copy(server / "safe/handouts/desk-users.key", server / "backup/handouts")
    with Users(server / "backup/handouts") as users:
        assert len(users.all()) == 3


@pytest.mark.skipif(not (shutil.which("openssl") and shutil.which("curl")), reason="no openssl or curl here")
def test_what_the_unit_starts_says_when_it_answers_and_then_answers_as_step_9_asks_it(
    server: Path, monkeypatch: pytest.MonkeyPatch
):
    """The steps one after the other, with this machine's own address and without systemd's walls."""
    port = str(free_port())

    def local(commands: str) -> str:
        return commands.replace("192.0.2.10", "127.0.0.1").replace("8443", port)

    for head in ("5. Its name and address", "6. The certificate", "7. The first administrator"):
        done = run(local(steps()[head]), server)
        assert done.returncode == 0, (head, done.stderr)
    shutil.copytree(CONTENT, server / "var/lib/handouts/content")
    settings = dict(pair.split("=", 1) for line in unit()["Environment"] for pair in line.split())
    settings |= dict(line.split("=") for line in (server / "etc/handouts/desk.env").read_text().splitlines())
    env = os.environ | {name: re.sub("^/var", f"{server}/var", value) for name, value in settings.items()}
    env |= {"CREDENTIALS_DIRECTORY": f"{server}/etc/handouts", "NOTIFY_SOCKET": "ready"}
    command = re.sub(r"\$\{(\w+)\}", lambda found: env[found[1]], local(here(unit()["ExecStart"][0], server)))
    monkeypatch.chdir(server)  # the name of a socket is short
    said = server / "said"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, said.open("w") as out:
        systemd.bind("ready")
        systemd.settimeout(PATIENCE)
        with subprocess.Popen(command.split(), env=env, stdout=out, stderr=subprocess.STDOUT) as desk:
            try:
                assert systemd.recv(64) == b"READY=1", said.read_text()
                asked = run(local(steps()["9. Ask it from here"]), server)
                another_thread = max(int(task.name) for task in Path(f"/proc/{desk.pid}/task").iterdir())
                os.kill(another_thread, signal.SIGTERM)  # as happens by chance to what systemd sends
                assert desk.wait(PATIENCE) == 0
            finally:
                desk.kill()
    assert said.read_text() == (
        f"The desk is open at https://desk.clinic.example:{port} to its users. Ctrl-C closes it.\n"
    )
    assert asked.stdout == "<h1>Log in to the desk</h1>\n", asked.stderr


def unit() -> dict[str, list[str]]:
    """The unit's settings: each key with all its values."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_the_unit_is_an_ini_file_of_three_sections():
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read(UNIT, encoding="utf-8")
    assert parser.sections() == ["Unit", "Service", "Install"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Type", "notify"),
        ("User", "handouts"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("CapabilityBoundingSet", ""),
        ("StateDirectory", "handouts"),
        ("CacheDirectory", "handouts"),
        ("MemoryMax", "3G"),
        ("LimitCORE", "0"),
        ("UMask", "0077"),
        ("SystemCallFilter", "@system-service"),
    ],
)
def test_the_unit_gives_the_desk_little(key: str, value: str):
    assert unit()[key] == [value]
    assert not {"ReadWritePaths", "BindPaths", "RootDirectory"} & unit().keys()


def test_the_unit_starts_the_desk_with_options_that_it_has():
    command = unit()["ExecStart"][0]
    options = re.findall(r"--[a-z-]+", command)
    told = subprocess.run(
        [sys.executable, str(ROOT / "generate.py"), "desk", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert options
    assert all(option in told for option in options)
    for file in ("server.pem", "server.key"):
        assert f"{file}:/etc/handouts/{file}" in unit()["LoadCredential"]
        assert f"${{CREDENTIALS_DIRECTORY}}/{file}" in command


def test_the_command_and_the_unit_work_on_the_same_data_texts_and_cache():
    step = steps()["2. A user of its own, its folders, and a command"]
    of_unit = {pair for line in unit()["Environment"] for pair in line.split() if not pair.startswith("PYTHON")}
    assert of_unit == {pair for pair in re.findall(r"\b[A-Z_]+=\S+", step) if not pair.startswith("HOME=")}


@needs_systemd
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path):
    there = tmp_path / "desk.service"
    there.write_text(UNIT.read_text().replace("/opt/handouts/.venv/bin/python", os.path.realpath(sys.executable)))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(there)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_systemd_finds_the_unit_little_exposed():
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(UNIT)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-300:]
    assert float(done.stdout.rpartition("desk.service: ")[2].split()[0]) <= 2.0
