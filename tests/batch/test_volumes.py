"""Print files and run sheets of a list: which patients, in which order, in which volume."""

from __future__ import annotations

import errno
import io
import os
import re
import stat
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from handouts.batch import Printing
from handouts.batch.sink import FolderSink
from handouts.codes import format_code
from handouts.errors import OutputFault
from handouts.lists.row import Listing, Row
from handouts.typeset.cache import SheetCache
from tests.lists import Batch, holds, people, person
from tests.reading_pdf import everything, failures, page_texts

BOTH = Printing(merge=True, run_sheet=True)
ROWS = people(3)


@pytest.fixture
def batch(tmp_path: Path, sheets: SheetCache) -> Batch:
    return Batch(tmp_path / "out", sheets)


def marks(pdf: bytes) -> list[tuple[str, int]]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [(mark.get_title(), mark.get_dest().get_index() + 1) for mark in document.get_toc()]
    finally:
        document.close()


def sheet_rows(batch: Batch, name: str = "run-sheet-001.pdf") -> list[tuple[int, str, int]]:
    """Row, code and page of each patient on a run sheet."""
    text = "\n".join(page_texts((batch.folder / name).read_bytes()))
    found = re.findall(
        r"^([0-9]+) ([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3})(?: !)?.*?(?: ([0-9]+))?$", text.replace("\r", ""), re.M
    )
    return [(int(row), code, int(page or 0)) for row, code, page in found]


def test_a_volume_has_every_patient_in_the_lists_order(batch: Batch) -> None:
    done = batch.make(ROWS, printing=BOTH)
    assert done.printed == ("volume-001.pdf", "run-sheet-001.pdf")
    assert done.left_over == ()
    pdf = (batch.folder / "volume-001.pdf").read_bytes()
    pages = [len(page_texts(data)) for data in batch.files().values()]
    starts = [1, 1 + pages[0] + pages[0] % 2]
    codes = [format_code(path.stem[7:]) for path in batch.paths()]
    assert [label for label, _ in marks(pdf)] == [f"Row {i}, {code}" for i, code in enumerate(codes, 1)]
    assert [page for _, page in marks(pdf)][:2] == starts
    assert failures(pdf, "ua1") == ""
    for path in (batch.folder / "volume-001.pdf", batch.folder / "run-sheet-001.pdf"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_run_sheet_tells_the_page_on_which_each_patient_starts(batch: Batch) -> None:
    for duplex in (True, False):
        batch.make(ROWS, printing=Printing(merge=True, run_sheet=True, duplex=duplex))
        in_volume = marks((batch.folder / "volume-001.pdf").read_bytes())
        assert [(f"Row {row}, {code}", page) for row, code, page in sheet_rows(batch)] == in_volume


def test_the_order_of_appointments_puts_those_without_one_last(batch: Batch) -> None:
    times = {1: None, 2: "2026-12-05T08:00", 3: "2026-12-04T16:00", 4: None, 5: "2026-12-04T09:30"}
    rows = [person(f"Patient {n}", **({"appointment": {"at": at}} if at else {})) for n, at in times.items()]
    batch.make(rows, printing=Printing(merge=True, run_sheet=True, order="appointment"))
    labels = [label for label, _ in marks((batch.folder / "volume-001.pdf").read_bytes())]
    assert [int(label.split(",")[0][4:]) for label in labels] == [5, 3, 2, 1, 4]
    assert [row for row, _, _ in sheet_rows(batch)] == [5, 3, 2, 1, 4]
    assert "2026-12-04 09:30" in page_texts((batch.folder / "run-sheet-001.pdf").read_bytes())[0]


def test_a_volume_holds_no_more_than_a_printer_takes(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    from handouts.batch import volumes

    assert volumes.MOST == 500
    monkeypatch.setattr(volumes, "MOST", 2)
    done = batch.make(people(5), printing=BOTH)
    names = [f"{kind}-00{i}.pdf" for i in (1, 2, 3) for kind in ("volume", "run-sheet")]
    assert list(done.printed) == names
    sizes = [len(marks((batch.folder / f"volume-00{i}.pdf").read_bytes())) for i in (1, 2, 3)]
    assert sizes == [2, 2, 1]
    assert [row for row, _, _ in sheet_rows(batch, "run-sheet-002.pdf")] == [3, 4]
    assert sheet_rows(batch, "run-sheet-002.pdf")[0][2] == 1
    assert "Run sheet 2: 2 patients" in page_texts((batch.folder / "run-sheet-002.pdf").read_bytes())[0]


def test_rows_at_fault_have_no_pages_and_no_line(batch: Batch) -> None:
    batch.make([ROWS[0], None, person("Quill 漢"), ROWS[1]], printing=BOTH)
    assert [row for row, _, _ in sheet_rows(batch)] == [1, 4]
    assert len(marks((batch.folder / "volume-001.pdf").read_bytes())) == 2


def test_a_list_without_a_sound_row_is_not_printed(batch: Batch) -> None:
    assert batch.make([None], printing=BOTH).printed == ()


def test_what_was_made_before_is_printed_too_and_the_same_bytes_come_out(batch: Batch) -> None:
    batch.make(ROWS)
    assert batch.make(ROWS, printing=BOTH).tally.reused == 3
    first = batch.everything()
    batch.make(ROWS, printing=BOTH)
    assert batch.everything() == first


def test_print_files_of_an_earlier_run_are_named(batch: Batch) -> None:
    batch.make(ROWS, printing=BOTH)
    assert batch.make(ROWS).left_over == ("run-sheet-001.pdf", "volume-001.pdf")
    assert [line[2:] for line in batch.report()] == [
        ["left over", f"{name} is from an earlier run. Delete it, or make it again."]
        for name in ("run-sheet-001.pdf", "volume-001.pdf")
    ]


def test_one_kind_alone_can_be_had(batch: Batch) -> None:
    assert batch.make(ROWS, printing=Printing(merge=True, run_sheet=False)).printed == ("volume-001.pdf",)
    (batch.folder / "volume-001.pdf").unlink()
    assert batch.make(ROWS, printing=Printing(merge=False, run_sheet=True)).printed == ("run-sheet-001.pdf",)
    assert {page for _, _, page in sheet_rows(batch)} == {0}


def test_look_alike_names_are_flagged_on_the_sheet(batch: Batch) -> None:
    rows = [person("Maria Gonzalez"), person("Peter Schmidt"), person("Gonzales, María")]
    batch.make(rows, printing=Printing(merge=False, run_sheet=True))
    text = page_texts((batch.folder / "run-sheet-001.pdf").read_bytes())[0]
    assert len(re.findall(r"^[0-9]+ [0-9A-Z-]{13} !", text.replace("\r", ""), re.M)) == 2
    assert "! = a name on this list looks much like it" in text


def test_a_volume_has_no_details_but_the_pages_own(batch: Batch) -> None:
    batch.make(
        [person("Xanthippe Quill", patient={"name": "Xanthippe Quill", "email": "quill@example.org"})], printing=BOTH
    )
    pdf = (batch.folder / "volume-001.pdf").read_bytes()
    assert list(holds(everything(pdf), ["Xanthippe Quill"]))
    assert not list(holds(everything(pdf), ["quill@example.org"]))
    for name in ("volume-001.pdf", "run-sheet-001.pdf"):
        with pikepdf.open(io.BytesIO((batch.folder / name).read_bytes())) as opened:
            assert "Quill" not in str(dict(opened.docinfo))


def test_a_file_that_somebody_changes_meanwhile_is_not_bound(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    batch.make(ROWS)
    other = batch.path(3).read_bytes()

    def look(files: FolderSink, number: int) -> Any:
        found = files.journal.finished(number)
        batch.path(2).write_bytes(other)  # another patient's pages under this one's name
        return found

    monkeypatch.setattr(FolderSink, "finished", look)
    with pytest.raises(OutputFault, match=r"000002-.* was changed or removed in the meantime\. Run the same command"):
        batch.make(Listing(iter([Row(2, ROWS[1])])), printing=BOTH)
    assert not list(batch.folder.glob("*volume*"))


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_disk_that_is_full_leaves_no_half_print_file(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    batch.make(ROWS)
    before = batch.everything()
    real = getattr(os, call)

    def fail(handle: int, *args: Any) -> Any:
        if "run-sheet" in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, *args)

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OutputFault, match="the disk is full"):
        batch.make(ROWS, printing=Printing(merge=False, run_sheet=True))
    assert batch.everything() == before


def test_a_disk_that_takes_a_little_at_a_time_gets_whole_print_files(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch.make(ROWS, printing=BOTH)
    whole = batch.everything()
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:1000]))
    batch.make(ROWS, printing=BOTH)
    assert batch.everything() == whole
