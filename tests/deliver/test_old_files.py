"""`purge` of a folder: our old handouts go, recognised by the code in them; nothing else does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from click.testing import Result

from handouts.deliver.old_files import find_old, remove
from handouts.errors import OutputFault
from tests.cli.test_record import REQUEST, run

Run = Callable[..., Result]
__all__ = ["REQUEST", "run"]
DAY = 86400


def aged(path: Path, days: float) -> Path:
    then = time.time() - days * DAY
    os.utime(path, (then, then))
    return path


def other_pdf(path: Path, title: str = "A letter") -> Path:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.docinfo["/Title"] = title
        pdf.save(path)
    return path


def test_old_handouts_go_and_all_else_stays(run: Run, tmp_path: Path):
    folder = tmp_path / "out"
    (folder / "below").mkdir(parents=True)
    run("make", "request.yaml", "-o", str(folder / "old.pdf"))
    run("make", "request.yaml", "-o", str(folder / "new.pdf"), "--side", "right")
    run("make", "request.yaml", "-o", str(folder / "below" / "old.pdf"), "--stage", "before")
    run("make", "request.yaml", "-o", str(tmp_path / "linked.pdf"), "--paper", "a4")
    (folder / "link.pdf").symlink_to(tmp_path / "linked.pdf")
    other_pdf(folder / "letter.pdf")
    other_pdf(folder / "like.pdf", "A handout, FHK8-Z5DW-14J")
    (folder / "notes.txt").write_text("x")
    (folder / "broken.pdf").write_bytes(b"x")
    for path in (*folder.rglob("*"), tmp_path / "linked.pdf"):
        if path.name != "new.pdf":
            aged(path, 31)
    before = {path.name for path in folder.iterdir()}
    result = run("purge", "--older-than", "30", "-d", str(folder), "--yes")
    assert before - {path.name for path in folder.iterdir()} == {"old.pdf"}
    assert (folder / "below" / "old.pdf").exists()
    assert (tmp_path / "linked.pdf").exists()
    assert "1 handout deleted" in result.stdout
    assert "3 other PDFs" in result.stderr


def test_only_names_that_are_ours_are_shown_as_another_may_be_a_patients(run: Run, tmp_path: Path):
    for name in ("volume-001", "run-sheet-001", "slips-001", "Xanthippe Quill", "x\x1b[2J", "XANTHIPPEAB", "volume-x"):
        other_pdf(tmp_path / f"{name}.pdf")
    told = run("purge", "--older-than", "30", "-d", str(tmp_path), "--yes").stderr
    assert told == (
        "Note: left alone: 7 other PDFs; to check by hand: run-sheet-001.pdf, slips-001.pdf, volume-001.pdf\n"
    )


@pytest.mark.parametrize("name", ["FHK8Z5DW14K.pdf", "000012-FHK8Z5DW14K.pdf", "Xanthippe Quill.pdf"])
def test_a_file_that_can_not_go_is_named_where_its_name_is_ours(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()
    with pytest.raises(OutputFault) as caught:
        remove([tmp_path / name])
    assert (name in caught.value.message) == ("Quill" not in name)
    assert "Quill" not in caught.value.message


def test_a_handout_that_somebody_renamed_is_found_by_the_code_in_it(run: Run):
    run("make", "request.yaml", "-o", "1.pdf")
    aged(Path("1.pdf").rename("letter to the patient.PDF"), 31)
    run("purge", "--older-than", "30", "-d", ".", "--yes")
    assert not list(Path().glob("*.PDF"))


def test_nothing_goes_when_nobody_says_yes(run: Run):
    run("make", "request.yaml", "-o", "1.pdf")
    aged(Path("1.pdf"), 31)
    assert run("purge", "--older-than", "30", "-d", ".", ok=False).exit_code == 8
    assert Path("1.pdf").exists()


def test_a_folder_that_can_not_be_read_and_a_file_that_can_not_go_are_told(tmp_path: Path):
    with pytest.raises(OutputFault, match="-d"):
        find_old(tmp_path / "nowhere", 0)
    (tmp_path / "folder.pdf").mkdir()
    with pytest.raises(OutputFault, match=r"0 deleted"):
        remove([tmp_path / "folder.pdf"])
