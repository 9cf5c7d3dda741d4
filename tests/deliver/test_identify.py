"""Which document a PDF is; odd files are not ours, and no command trips over one."""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from click.testing import Result

from handouts.deliver.identify import Identified, identify, require_handout
from handouts.deliver.mail.encryption import lock
from handouts.deliver.printing.paper import measure
from handouts.errors import RequestFault
from tests.cli.test_record import REQUEST, run
from tests.conftest import MakeOf
from tests.record.test_printed import Cups, cups

Run = Callable[..., Result]
__all__ = ["REQUEST", "cups", "run"]
CODE = "FHK8-Z5DW-14K"
PLAIN = CODE.replace("-", "")
FOREIGN = Identified("foreign")


def raw_pdf(info: bytes = b"", root: bytes = b"", page: bytes = b"/MediaBox[0 0 612 792]", more: bytes = b"") -> bytes:
    """A PDF as somebody may write it by hand; QPDF finds its objects without a table."""
    return (
        b"%%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R %b>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\n"
        b"endobj\n3 0 obj\n<</Type/Page/Parent 2 0 R %b>>\nendobj\n%b\n"
        b"trailer\n<</Size 9/Root 1 0 R %b>>\nstartxref\n0\n%%%%EOF\n"
    ) % (root, page, more, b"/Info " + info if info else b"")


def titled(title: str, keywords: bytes = b"") -> bytes:
    return raw_pdf(b"<</Title (%b)/Keywords %b>>" % (title.encode(), keywords or b"()"))


MARK = b"<</Title (Row 1, FHK8-Z5DW-14K)/Next %b>>"
ODD = {
    "empty": b"",
    "no PDF": b"a letter",
    "cut short": titled(f"A, {CODE}")[:60],
    "Info is a number": raw_pdf(b"5"),
    "Info is an array": raw_pdf(b"[1 2]"),
    "Info is a name": raw_pdf(b"/Title"),
    "Info leads nowhere": raw_pdf(b"99 0 R"),
    "Info leads to itself": raw_pdf(b"8 0 R", more=b"8 0 obj\n8 0 R\nendobj"),
    "title in no encoding": raw_pdf(b"<</Title (\xef\xbb\xbf\xff\xfe)>>"),
    "title in half of UTF-16": raw_pdf(b"<</Title <feffd800>>>"),
    "title is a number": raw_pdf(b"<</Title 5>>"),
    "title is a dictionary": raw_pdf(b"<</Title<</A 1>>>>"),
    "title is a code with a wrong character": titled("A, FHK8-Z5DW-14J"),
    "a day that never was": titled(f"A, {CODE}", b"(approved until 2026-99-99)"),
    "the 30th of February": titled(f"A, {CODE}", b"(approved until 2026-02-30)"),
    "outlines are a number": raw_pdf(root=b"/Outlines 5"),
    "outlines are a stream": raw_pdf(
        root=b"/Outlines 8 0 R", more=b"8 0 obj\n<</Length 1>>stream\nx\nendstream\nendobj"
    ),
    "the first mark is a name": raw_pdf(root=b"/Outlines<</First /A>>"),
    "a mark without a title": raw_pdf(root=b"/Outlines<</First<</Next 5>>>>"),
    "marks in a circle": raw_pdf(
        root=b"/Outlines<</First 7 0 R>>",
        more=b"7 0 obj\n<</Title(A)/Next 8 0 R>>\nendobj\n8 0 obj\n<</Title(B)/Next 7 0 R>>\nendobj",
    ),
    "a page without a size": raw_pdf(page=b""),
    "a size that is none": raw_pdf(page=b"/MediaBox[0 0 (a) <</B 1>>]"),
    "a size that is too large": raw_pdf(page=b"/MediaBox[0 0 1e999 1e999]"),
    "a size of two": raw_pdf(page=b"/MediaBox[0 0]"),
    "no pages": raw_pdf().replace(b"/Pages 2 0 R", b"/Pages 5"),
    "pages in a circle": raw_pdf().replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]"),
    "no root": raw_pdf().replace(b"/Root 1 0 R", b""),
    "the root is a number": raw_pdf().replace(b"/Root 1 0 R", b"/Root 5"),
}
odd = pytest.mark.parametrize("data", ODD.values(), ids=ODD.keys())


def test_a_handout_tells_its_code_and_whether_its_text_was_approved(make_of: MakeOf) -> None:
    made = make_of()
    assert identify(made.pdf) == require_handout(made.pdf) == Identified("handout", (made.code,))
    approved = titled(f"A handout, {CODE}", b"(approved until 2026-12-31)")
    assert identify(approved) == Identified("handout", (PLAIN,))


def test_a_print_volume_is_told_by_its_bookmarks_each_handout_once() -> None:
    marks = b"7 0 obj\n%b\nendobj\n8 0 obj\n%b\nendobj" % (MARK % b"8 0 R", MARK % b"7 0 R")
    assert identify(raw_pdf(root=b"/Outlines<</First 7 0 R>>", more=marks)) == Identified("volume", (PLAIN,))


def test_what_carries_no_code_is_told_by_its_name(tmp_path: Path) -> None:
    names = {"run-sheet-001": "run sheet", "slips-001": "slips", "volume-001": "foreign", "letter": "foreign"}
    for name in names:
        (tmp_path / f"{name}.pdf").write_bytes(raw_pdf())
    assert {name: identify(tmp_path / f"{name}.pdf").kind for name in names} == names
    (tmp_path / "slips-001.pdf").write_bytes(titled(f"A handout, {CODE}"))
    assert identify(tmp_path / "slips-001.pdf").kind == "handout", "what stands in a file counts more than its name"


@odd
def test_what_can_not_be_read_is_not_ours(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(data)
    assert identify(data) == identify(tmp_path / "a.pdf") == FOREIGN
    with pytest.raises(RequestFault):
        require_handout(data)


@odd
def test_an_odd_file_is_measured_and_locked_or_refused(data: bytes) -> None:
    for does in (measure, lambda pdf: lock(pdf, "a b c d")):
        with contextlib.suppress(RequestFault):
            does(data)


def test_a_locked_file_is_not_ours_and_email_says_why(make_of: MakeOf) -> None:
    locked = lock(make_of().pdf, "a b c d")
    assert identify(locked) == FOREIGN
    with pytest.raises(RequestFault, match="already locked"):
        require_handout(locked)


def test_every_bit_that_flips_leaves_an_answer() -> None:
    whole = bytearray(titled(f"A handout, {CODE}", b"(approved until 2026-12-31)"))
    kinds = set()
    for at in range(len(whole)):
        whole[at] ^= 1 << at % 8
        kinds.add(identify(bytes(whole)).kind)
        whole[at] ^= 1 << at % 8
    assert kinds == {"handout", "foreign"}


# ---------------------------------------------------------------- the commands


def test_no_command_stumbles_over_an_odd_file(run: Run, cups: Cups) -> None:
    run("make", "request.yaml", "-o", "made.pdf")
    codes = {}
    for name, data in ODD.items():
        Path("odd.pdf").write_bytes(data)
        for command in (["verify"], ["email", "--to", "a@example.org", "--yes"], ["print"]):
            found = run(command[0], "odd.pdf", *command[1:], ok=False)
            assert "Traceback" not in found.output
            codes[name, command[0]] = found.exit_code
    assert {code for (_, command), code in codes.items() if command == "verify"} == {8}
    assert {code for (_, command), code in codes.items() if command == "email"} == {4}
    assert {code for (_, command), code in codes.items() if command == "print"} <= {0, 4}
    assert len(cups.jobs) == sum(code == 0 for (_, command), code in codes.items() if command == "print")


def test_purge_goes_on_with_the_other_files(run: Run) -> None:
    run("make", "request.yaml", "-o", "b.pdf")
    for i, data in enumerate(ODD.values()):
        for name in (f"a{i}.pdf", f"c{i}.pdf"):
            Path(name).write_bytes(data)
    os.mkfifo("pipe.pdf")
    for path in Path().glob("*.pdf"):
        os.utime(path, (0, 0))
    result = run("purge", "--older-than", "30", "-d", ".", "--yes")
    assert result.stdout == "1 handout deleted.\n"
    assert f"left alone: {2 * len(ODD)} other PDFs" in result.stderr
    assert not Path("b.pdf").exists()


@pytest.mark.parametrize("command", [("verify",), ("email", "--to", "a@example.org", "--yes"), ("print",)])
@pytest.mark.parametrize("what", ["pipe", "device", "folder", "large"])
@pytest.mark.usefixtures("cups")
def test_only_a_file_is_read_and_only_so_much_of_it(
    run: Run, command: tuple[str, ...], what: str, tmp_path: Path
) -> None:
    name = str(tmp_path / "x.pdf")
    if what == "pipe":
        os.mkfifo(name)
    elif what == "folder":
        Path(name).mkdir()
    elif what == "large":
        with Path(name).open("wb") as file:
            file.truncate(600 * 1024 * 1024)
    else:
        Path(name).symlink_to("/dev/zero")
    start = time.process_time()
    found = run(command[0], name, *command[1:], ok=False)
    usage = what == "folder" and command[0] != "print"  # click says it, without the path
    assert found.exit_code == (2 if usage else 4), found.output
    assert usage or name not in found.output
    assert time.process_time() - start < 20


def test_a_file_is_left_open_by_none_of_this(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(titled(f"A handout, {CODE}"))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        identify(tmp_path / "a.pdf")
    assert len(list(Path("/proc/self/fd").iterdir())) < before + 10  # other threads open files, too


def test_pikepdf_reads_the_odd_files_that_are_whole() -> None:
    """Else all of them would only show that QPDF refuses what it can't parse."""
    opened = 0
    for data in ODD.values():
        try:
            pikepdf.open(io.BytesIO(data)).close()
            opened += 1
        except pikepdf.PdfError:
            continue
    assert opened >= 15
