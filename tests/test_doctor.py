"""What `doctor` finds."""

import ctypes
from pathlib import Path

import pytest
from click.testing import CliRunner

from handouts import doctor
from handouts.cli import cli
from handouts.paths import ROOT
from handouts.typeset.weasyprint import PANGO_HELP

CONTENT = ROOT / "content"


def _states(content: Path = CONTENT) -> dict[str, doctor.Finding]:
    return {finding.what: finding for finding in doctor.examine(content)}


def test_on_this_machine_nothing_that_every_handout_needs_is_missing():
    assert [finding.what for finding in _states().values() if finding.state == "missing"] == []


def test_a_missing_pango_is_told_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch):
    def refuse(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    monkeypatch.setattr("ctypes.util.find_library", lambda _name: None)
    finding = _states()["Pango"]
    assert (finding.state, finding.help) == ("missing", PANGO_HELP)


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package",))
    assert _states()["no-such-package"].state == "missing"


def test_content_that_does_not_load_is_told(tmp_path: Path):
    assert _states(tmp_path)["content"].found == "no topic"
    (tmp_path / "topics" / "x").mkdir(parents=True)
    (tmp_path / "topics" / "x" / "topic.yaml").write_text("version: [")
    assert _states(tmp_path)["content"].found == "has errors"


def test_missing_fonts_are_told(monkeypatch: pytest.MonkeyPatch):
    def refuse() -> None:
        raise doctor.HandoutError("The font X is missing.")

    monkeypatch.setattr(doctor, "font_files", refuse)
    assert _states()["fonts"].help == "The font X is missing."


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    finding = _states()["data folder (key for document codes)"]
    assert finding.state == "missing"


def test_the_command_ends_with_7_when_something_is_missing(monkeypatch: pytest.MonkeyPatch):
    assert CliRunner().invoke(cli, ["doctor"]).exit_code == 0
    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package",))
    result = CliRunner().invoke(cli, ["doctor"])
    assert result.exit_code == 7
    assert "MISSING   no-such-package" in result.output
    assert "script/bootstrap" in result.output


def test_the_cache_can_be_looked_at_and_cleared(tmp_path: Path):
    (tmp_path / "aa.sheet").write_bytes(b"x" * 1_000_000)
    info = CliRunner().invoke(cli, ["cache", "info", "--cache", str(tmp_path)])
    assert info.output == f"{tmp_path}: 1 typeset sheet, 1.0 of 268 MB\n"
    (tmp_path / "notes.txt").write_text("somebody's own")
    cleared = CliRunner().invoke(cli, ["cache", "clear", "--cache", str(tmp_path)])
    assert cleared.output == "Deleted 1 typeset sheet.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_what_earlier_versions_kept_is_told_and_cleared_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("sheets/aa.sheet", "masters/bb.master", "masters/cc.master", "masters/other"):
        path = tmp_path / "handouts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    info = CliRunner().invoke(cli, ["cache", "info"])
    assert "1 typeset sheet," in info.output
    assert "masters: 2 files of an earlier version. `cache clear` deletes them." in info.output
    cleared = CliRunner().invoke(cli, ["cache", "clear"])
    assert cleared.output == "Deleted 3 typeset sheets.\n"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["other"]
    assert "earlier version" not in CliRunner().invoke(cli, ["cache", "info"]).output
