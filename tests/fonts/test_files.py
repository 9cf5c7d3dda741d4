"""The fonts that the program brings, and nothing of the machine's."""

import errno
import os
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from handouts.errors import OutputFault, SystemMissing
from handouts.fonts import files as fonts
from handouts.fonts.faces import hb_font
from handouts.fonts.files import font_files, use_own_fontconfig


@pytest.fixture(autouse=True)
def _own_fontconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set here is set back."""
    monkeypatch.setenv("FONTCONFIG_FILE", "/etc/fonts/fonts.conf")
    monkeypatch.setenv("FONTCONFIG_PATH", "/etc/fonts")


def _config() -> ElementTree.Element:
    return ElementTree.parse(os.environ["FONTCONFIG_FILE"]).getroot()


def test_every_font_is_there_and_measured_in_thousandths():
    assert [path.name.partition("[")[0] for path in font_files()] == [
        "HandoutsLegible-Regular.ttf", "HandoutsLegible-Bold.ttf", "NotoSans", "NotoSansArabic", "OpenSans",
    ]  # fmt: skip
    assert {hb_font(index).scale for index in range(8)} == {(1000, 1000)}


def test_fontconfig_knows_our_folders_alone():
    use_own_fontconfig()
    assert {item.text for item in _config().iter("dir")} == {str(path.parent) for path in font_files()}
    assert not list(_config().iter("include")), "nothing of the machine's is read"
    assert "FONTCONFIG_PATH" not in os.environ


def test_the_configuration_is_written_once_and_mended_when_damaged():
    use_own_fontconfig()
    path = Path(os.environ["FONTCONFIG_FILE"])
    before = path.stat().st_mtime_ns
    use_own_fontconfig()
    assert path.stat().st_mtime_ns == before
    path.write_text("<fontconfig/>")
    use_own_fontconfig()
    assert len(list(_config().iter("dir"))) == 4
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_where_the_users_cache_is_full_a_temporary_folder_serves_and_no_half_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    real = Path.replace

    def full(self: Path, target: Path) -> Path:
        if tmp_path in target.parents:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", full)
    use_own_fontconfig()
    assert str(tmp_path) not in os.environ["FONTCONFIG_FILE"]
    assert list(_config().iter("dir"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_where_no_folder_can_be_written_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    def full(**_: object) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(OutputFault, match=r"No space left on device\. Free some room"):
        use_own_fontconfig()


def test_where_the_users_cache_can_not_be_written_a_temporary_folder_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    use_own_fontconfig()
    assert str(tmp_path) not in os.environ["FONTCONFIG_FILE"]
    assert list(_config().iter("dir"))


def test_a_missing_font_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fonts, "_PACKAGES", {"fontpkg_that_is_not_there": ("Some-Regular.ttf",)})
    font_files.cache_clear()
    try:
        with pytest.raises(SystemMissing, match=r"Some-Regular\.ttf is missing.*script/bootstrap"):
            font_files()
    finally:
        font_files.cache_clear()
