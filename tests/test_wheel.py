"""What people install: the wheel, somewhere else, offline."""

import os
import re
import subprocess
import sys
import urllib.request
import venv
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.heavy
REQUEST = "topic: hemifacial-spasm\noptions: [botox]\npatient: {name: Maria Gonzalez}\n"
_NO_NETWORK = "import socket\ndef _no(*a, **k): raise OSError('no network in this test')\nsocket.socket.connect = _no\n"


@pytest.fixture(scope="module")
def handouts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `handouts` in a fresh environment that holds our wheel, and the packages it needs."""
    home = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(home), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    [wheel] = home.glob("*.whl")
    venv.create(home / "venv", with_pip=True)
    python = home / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", wheel]
    subprocess.run(install, check=True, capture_output=True)
    [packages] = (home / "venv" / "lib").glob("python3*/site-packages")
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "theirs.pth").write_text(f"{ours}\nimport no_network\n")
    (packages / "no_network.py").write_text(_NO_NETWORK)
    return home / "venv" / "bin" / "handouts"


def _run(handouts: Path, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache")}
    env = {"PATH": os.environ["PATH"], **home}
    return subprocess.run([str(handouts), *args], cwd=folder, env=env, capture_output=True, text=True)


def test_it_makes_the_same_bytes_as_the_checkout_from_any_folder(handouts: Path, tmp_path: Path):
    (tmp_path / "request.yaml").write_text(REQUEST)
    (tmp_path / "key").write_bytes(b"k" * 32)
    args = ["make", "request.yaml", "--key-file", "key", "--no-cache", "-o"]
    done = _run(handouts, tmp_path, *args, "installed.pdf")
    assert done.returncode == 0, done.stderr
    checkout = subprocess.run(
        [sys.executable, str(ROOT / "generate.py"), *args, "checkout.pdf"], cwd=tmp_path, capture_output=True, text=True
    )
    assert checkout.returncode == 0, checkout.stderr
    assert (tmp_path / "installed.pdf").read_bytes() == (tmp_path / "checkout.pdf").read_bytes()


def test_it_never_writes_into_its_own_package(handouts: Path, tmp_path: Path):
    done = _run(handouts, tmp_path, "new", "some-topic")
    assert done.returncode == 5
    assert "--content" in done.stderr


def test_its_shell_completion_works(handouts: Path, tmp_path: Path):
    env = {"PATH": f"{handouts.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    script = subprocess.run(
        [str(handouts)], env=env | {"_HANDOUTS_COMPLETE": "bash_source"}, capture_output=True, text=True
    )
    assert "complete -o nosort" in script.stdout
    answer = {"_HANDOUTS_COMPLETE": "bash_complete", "COMP_WORDS": "handouts make --option bo", "COMP_CWORD": "3"}
    done = subprocess.run([str(handouts)], env=env | answer, capture_output=True, text=True)
    assert "botox" in done.stdout


def test_its_desk_opens(handouts: Path, tmp_path: Path):
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    command = [str(handouts), "desk", "--no-open", "--port", "0", "--data", "data"]
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        try:
            invitation = desk.stdout.readline().strip()
            address = invitation.partition("/enter/")[0]
            browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor())
            assert "The desk opens" in browser.open(invitation).read().decode()
            page = browser.open(f"{address}/").read().decode()
            assert "Hemifacial spasm" in page
            for part in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
                assert browser.open(f"{address}{part}").status == 200
            browser.addheaders = [("Accept-Language", "es")]
            assert "Espasmo hemifacial" in browser.open(f"{address}/").read().decode()
            assert "Hoja nueva" in browser.open(f"{address}/").read().decode()
        finally:
            desk.terminate()
    assert desk.returncode == 0
