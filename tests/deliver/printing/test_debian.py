"""Printing on a printer with no part of ours: Debian's PDF printer, behind a real CUPS and its PostScript."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner

from handouts.cli import cli
from handouts.codes import parse_code
from handouts.typeset.cache import SheetCache
from tests.conftest import KEY, ROOT
from tests.cups import Cups
from tests.deliver.printing.test_printing import (
    GIVEN,
    LIST,
    Run,
    clinic_that_prints,
    cups,
    line,
    number,
    run,
    shared,
    sizes,
    the_job,
    three_sides,
    use,
)
from tests.pdfprinter import PdfPrinter, missing
from tests.reading_pdf import page_texts

__all__ = ["cups", "run", "shared"]  # fixtures
pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())
EXAMPLE = str(ROOT / "examples" / "request.yaml")
SECRETS = ("Maria", "Gonzalez", "00417", "1961", "request.yaml")


@dataclass(frozen=True)
class Handout:
    """``kept``: the file as it was made. ``name``, ``printed``: what came out. ``log``: what the printer was told."""

    said: str
    job: str
    kept: bytes
    name: str
    printed: bytes
    log: str


@pytest.fixture(scope="module")
def handout(shared: Cups, sheets: SheetCache, tmp_path_factory: pytest.TempPathFactory) -> Handout:
    """The example of one patient, printed once for several tests."""
    folder, printer = tmp_path_factory.mktemp("handout"), PdfPrinter(shared, "example")
    (folder / "key").write_bytes(KEY)
    command = line(folder, sheets, "make", EXAMPLE, "-o", str(folder / "kept.pdf"), "--print", printer.name)
    with pytest.MonkeyPatch.context() as patch:
        use(shared, patch)
        patch.setenv("XDG_DATA_HOME", str(folder / "data"))
        result = CliRunner().invoke(cli, command, prog_name="handouts")
    assert result.exit_code == 0, result.output
    ((name, printed),) = printer.files().items()
    return Handout(result.stdout, the_job(result), (folder / "kept.pdf").read_bytes(), name, printed, printer.log())


@pytest.fixture
def printer(cups: Cups, request: pytest.FixtureRequest) -> PdfPrinter:
    """A printer named after the test, so that no test sees another's files."""
    return PdfPrinter(cups, re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_"))[:120].strip("-"))


def words(pdf: bytes) -> list[list[str]]:
    """The words of each page, in reading order; how they are spread over lines is the converters' business.

    PDFium joins the code at the left of a foot to what stands at its right, where the two are in different forms; and
    it parts the mark of a source from its sentence, or not.
    """
    marks = (re.sub(r"(?<=[.:])\s+(?=[0-9])", "", text) for text in page_texts(pdf))
    return [re.sub(r"(?<=[0-9A-Z])(?=Page [0-9]+ of )", " ", text).split() for text in marks]


def only(printer: PdfPrinter) -> bytes:
    """The one file that came out."""
    (pdf,) = printer.files().values()
    return pdf


def test_every_word_of_a_handout_comes_out_on_its_page(handout: Handout) -> None:
    assert "Printed: " in handout.said
    assert f", {len(words(handout.kept))} pages on example, job {handout.job}." in handout.said
    assert words(handout.printed) == words(handout.kept)
    assert "Maria Gonzalez" in page_texts(handout.printed)[0]
    assert sizes(handout.printed) == {(612, 792)}


def test_every_letter_of_a_handout_is_printed_as_an_outline(handout: Handout) -> None:
    with pikepdf.open(io.BytesIO(handout.printed)) as pdf:
        kinds = {str(font.Subtype) for page in pdf.pages for font in page.Resources.Font.values()}
    assert kinds == {"/TrueType"}, "Ghostscript mixes up fonts of one name, and then prints ragged pictures of letters"


def test_what_comes_out_is_called_by_the_code_and_nothing_on_the_way_is_told_a_name(handout: Handout) -> None:
    title, ending = handout.name.split("-job_")
    assert (bool(parse_code(title)), ending) == (True, f"{number(handout.job)}.pdf")
    assert title in page_texts(handout.printed)[0], "the code at the foot of the page"
    assert title in handout.log
    with pikepdf.open(io.BytesIO(handout.printed)) as pdf:
        told = f"{handout.name} {handout.log} {dict(pdf.docinfo)}"
    assert [secret for secret in SECRETS if secret in told] == []


def test_large_print_on_a4_comes_out_on_a4(run: Run, printer: PdfPrinter) -> None:
    result = run("make", "request.yaml", "--paper", "a4", "--large-print", "-o", "kept.pdf", "--print", printer.name)
    assert result.exit_code == 0, result.output
    assert words(only(printer)) == words(Path("kept.pdf").read_bytes())
    assert sizes(only(printer)) == {(595, 842)}


@pytest.mark.parametrize(("duplex", "after_each"), [("true", [""]), ("false", [])], ids=["two-sided", "one-sided"])
def test_the_copies_that_a_clinic_wants_come_out_each_on_its_own_sheets(
    run: Run, printer: PdfPrinter, content: Path, duplex: str, after_each: list[str]
) -> None:
    clinic_that_prints(content, f"duplex: {duplex}, copies: 2")
    three_sides("file.pdf")
    result = run("print", "file.pdf", "--on", printer.name, content=content)
    assert "Printed: handout, 2 copies of 3 pages" in result.stdout, result.output
    assert page_texts(only(printer)) == ["side 1", "side 2", "side 3", *after_each] * 2


def test_a_volume_of_a_list_comes_out_whole(run: Run, printer: PdfPrinter) -> None:
    result = run("batch", "list.csv", "-d", "out", *GIVEN, "--jobs", "1", "--merge", "--print", printer.name)
    assert result.exit_code == 0, result.output
    assert list(printer.files()) == [f"volume-001-job_{number(the_job(result))}.pdf"]
    printed = only(printer)
    assert words(printed) == words(Path("out/volume-001.pdf").read_bytes())
    assert sizes(printed) == {(612, 792)}
    people = [row.partition(",")[0] for row in LIST.splitlines()[1:]]
    firsts = [text for text in page_texts(printed) if "Page 1 of" in text]
    assert [person for person, text in zip(people, firsts, strict=True) if person not in text] == []
