"""The desk as a command: it opens a browser without showing the key to other users, and once more where it runs."""

from __future__ import annotations

import os
import stat
import urllib.parse
from pathlib import Path

import pytest

from handouts.desk.opening import invitation_of_another, open_browser
from handouts.desk.server import Running, running
from handouts.errors import SystemMissing
from tests.desk.conftest import SettingsOf


def test_a_second_start_finds_the_desk_that_runs(open_desk: Running, data: Path):
    invitation = invitation_of_another(data)
    assert invitation is not None
    assert invitation.startswith(f"{open_desk.address}/enter/")
    assert invitation != invitation_of_another(data)


def test_where_the_desk_is_stands_in_a_file_of_its_user_alone_and_only_while_it_is_open(
    settings_of: SettingsOf, data: Path
):
    with running(settings_of(), 0, background=False):
        assert stat.S_IMODE((data / "desk.json").stat().st_mode) == 0o600
    assert not (data / "desk.json").exists()
    assert invitation_of_another(data) is None


@pytest.mark.parametrize(
    "left", ["", "{}", "[1]", '{"port": 1, "secret": "x"}', '{"port": "evil.example", "secret": 1}']
)
def test_what_a_killed_desk_left_is_no_invitation(data: Path, left: str):
    data.mkdir()
    (data / "desk.json").write_text(left)
    assert invitation_of_another(data) is None


def test_a_port_that_is_taken_is_told(open_desk: Running, settings_of: SettingsOf, tmp_path: Path):
    port = int(open_desk.address.rpartition(":")[2])
    with pytest.raises(SystemMissing, match="taken"), running(settings_of(data=tmp_path / "other"), port):
        pass


def test_the_browser_gets_a_file_and_not_the_key(monkeypatch: pytest.MonkeyPatch):
    opened: list[str] = []

    def look(address: str) -> bool:
        opened.append(address)
        file = Path(urllib.parse.urlparse(address).path)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.stat().st_uid == os.getuid()
        assert "http://127.0.0.1:1/enter/secret-key" in file.read_text()
        return True

    monkeypatch.setattr("webbrowser.open", look)
    monkeypatch.setattr("handouts.desk.opening._SECONDS", 0)
    assert open_browser("http://127.0.0.1:1/enter/secret-key")
    assert "secret-key" not in opened[0]
