"""A campaign of faults against `print`: altered, cut, foreign and forged files, pipes, devices and odd names.

Whatever the file, it is never printed as ours, no name is told, and the record says what it said before. CUPS is
played. ``CAMPAIGN_SEED`` and ``CAMPAIGN_VARIANTS`` give other variants, and more.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pikepdf
import pytest
from click.testing import CliRunner, Result

from handouts.cli import cli
from handouts.codes import format_code
from handouts.deliver.printing import job as job_module
from handouts.deliver.printing import scheduler as scheduler_module
from handouts.record.event import Event
from handouts.typeset.cache import SheetCache
from tests.conftest import CONTENT, KEY, TOPIC
from tests.record.test_printed import Cups, events
from tests.recording import faults

pytestmark = pytest.mark.heavy

SEED = os.environ.get("CAMPAIGN_SEED", "1")
VARIANTS = range(int(os.environ.get("CAMPAIGN_VARIANTS", "6")))
REQUEST = f"topic: {TOPIC}\noptions: [botox]\npatient: {{name: Zebra Canary, identifier: Quagga 7}}\n"
SECRETS = ("Zebra", "Canary", "Quagga")
UNKNOWN = "FHK8-Z5DW-14K"
"""A code that could be one of ours, and is in no record."""
OURS_BY_NAME = ("volume-001.pdf", "run-sheet-001.pdf", "slips-001.pdf", "FHK8Z5DW14K.pdf")


@dataclass
class Desk:
    """A handout that was made, made.pdf; a printer; and the record as it was then."""

    folder: Path
    data: Path
    cups: Cups
    before: list[Event]
    chance: Random

    @property
    def code(self) -> str:
        return format_code(self.before[0].code or "")

    def run(self, *args: str) -> Result:
        """A command: no exit code 70, and no name in what it says."""
        line = ["--content", str(CONTENT), "--today", "2026-11-22", *args, "--data", str(self.data)]
        result = CliRunner().invoke(cli, line, prog_name="handouts")
        assert result.exit_code != 70, (result.output, result.exception)
        assert not [word for word in SECRETS if word in result.output], result.output
        return result

    def print_refused(self, path: str | Path, *flags: str, codes: tuple[int, ...] = (8,)) -> str:
        """What is said of a file that is not printed, alone and after a sound one."""
        alone = self.run("print", str(path), *flags)
        assert alone.exit_code in codes, alone.output
        together = self.run("print", "made.pdf", str(path), *flags)
        assert together.exit_code in codes, together.output
        assert (self.cups.jobs, events(self.data)) == ([], self.before)
        return alone.output

    def print_as_foreign(self, path: str | Path, *flags: str) -> str:
        """What is said of a file that is printed as a stranger's: the record hears nothing, its job has no code."""
        result = self.run("print", str(path), *flags)
        if result.exit_code == 4:  # with what it says of itself it can't even be read
            assert "can't be read as a PDF" in result.output
            assert (self.cups.jobs, events(self.data)) == ([], self.before)
            return result.output
        assert result.exit_code == 0, result.output
        assert "is not a file of this program and is not recorded." in result.output
        assert len(self.cups.jobs) == 1
        assert self.code not in self.cups.jobs[0]
        assert not [word for word in SECRETS if word in self.cups.jobs[0]]
        assert events(self.data) == self.before
        return result.output

    def name(self) -> str:
        """What somebody could have called a file."""
        return self.chance.choice(
            ["Zebra Canary.pdf", "-n.pdf", "Zebra\n.pdf", "Zebra\u202efdp.exe", "\udcff Quagga.pdf", "Zebra", ".Quagga",
             "Zebra'; rm.pdf", "%s Canary.pdf", "Q" * 5 + "uagga" * 40 + ".pdf"]
        )  # fmt: skip


@pytest.fixture
def desk(
    here: Path, tmp_path: Path, data: Path, sheets: SheetCache, monkeypatch: pytest.MonkeyPatch, chance: Random
) -> Desk:
    cups = Cups(data)
    monkeypatch.setattr(scheduler_module, "Scheduler", lambda: cups)
    monkeypatch.setattr(job_module, "submit", cups.hand_over)
    (tmp_path / "key").write_bytes(KEY)
    made = Desk(here, data, cups, [], chance)
    given = ("--key-file", str(tmp_path / "key"), "--cache", str(sheets.folder))
    assert made.run("make", "request.yaml", "-o", "made.pdf", *given).exit_code == 0
    made.before = events(data)
    return made


variants = pytest.mark.parametrize("chance", [pytest.param(Random(f"print-{SEED}-{n}"), id=str(n)) for n in VARIANTS])


def altered(pdf: bytes, chance: Random) -> bytes:
    """The same handout to a reader, with something done to its bytes."""
    return chance.choice([pdf + b"\n", pdf + pdf, b"\n" + pdf, pdf + chance.randbytes(1), pdf[:-1], pdf + b" "])


def rewritten(source: Path, target: Path, change: Callable[[pikepdf.Pdf], object], **how: Any) -> None:
    with pikepdf.open(source) as pdf:
        change(pdf)
        pdf.save(target, **how)


@variants
def test_an_altered_handout_is_not_printed_whatever_is_said(desk: Desk) -> None:
    name = desk.name()
    Path(name).write_bytes(altered(Path("made.pdf").read_bytes(), desk.chance))
    flags = desk.chance.choice([(), ("--not-in-record",)])
    told = desk.print_refused(f"./{name}", *flags)
    assert f"{desk.code} is not as it was made" in told


@variants
def test_a_handout_that_another_program_saved_is_not_printed(desk: Desk) -> None:
    """A page gone, added or turned, a text drawn over it, or only saved anew."""

    def change(pdf: pikepdf.Pdf) -> None:
        for one in desk.chance.sample(
            [lambda: pdf.pages.append(pdf.pages[0]), lambda: pdf.pages[0].rotate(180, relative=True),
             lambda: pdf.pages[0].contents_add(b"q 0 0 200 200 re f Q"), lambda: pdf.pages.remove(p=1),
             lambda: pdf.docinfo.__setitem__("/Keywords", "approved until 2099-01-01")], 2,
        ):  # fmt: skip
            one()

    rewritten(Path("made.pdf"), Path("saved.pdf"), change, linearize=desk.chance.random() < 0.5)
    assert f"{desk.code} is not as it was made" in desk.print_refused("saved.pdf")


@variants
def test_a_file_that_was_cut_is_not_printed_as_ours(desk: Desk) -> None:
    """QPDF mends what it can; where it finds a code still, the handout is not as it was made."""
    pdf = Path("made.pdf").read_bytes()
    Path("cut.pdf").write_bytes(pdf[: desk.chance.choice([0, 1, 9, desk.chance.randrange(len(pdf)), len(pdf) - 7])])
    desk.print_refused("cut.pdf", codes=(4, 8))


@variants
def test_bytes_that_are_wrong_are_not_printed_as_ours(desk: Desk) -> None:
    pdf = bytearray(Path("made.pdf").read_bytes())
    for _ in range(desk.chance.randint(1, 2000)):
        pdf[desk.chance.randrange(len(pdf))] = desk.chance.randrange(256)
    Path("wrong.pdf").write_bytes(pdf)
    result = desk.run("print", "wrong.pdf")
    assert result.exit_code in {0, 4, 8}, result.output
    assert [title for title in desk.cups.jobs if desk.code in title] == []
    assert events(desk.data) == desk.before


def forged(path: Path, title: Any, chance: Random) -> None:
    """A stranger's PDF that says of itself what only ours may say."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(612, 792))
        pdf.docinfo["/Title"] = title
        pdf.docinfo["/Keywords"] = chance.choice(["approved until 2099-01-01", f"{UNKNOWN} {'f' * 64}", "\ufeff", ""])
        pdf.docinfo["/Creator"] = pdf.docinfo["/Producer"] = "handouts"
        pdf.save(path)


@variants
def test_a_title_with_a_code_of_ours_makes_no_handout_of_ours(desk: Desk) -> None:
    forged(Path("forged.pdf"), f"Zebra, {desk.code}", desk.chance)
    for flags in ((), ("--not-in-record",)):
        assert f"{desk.code} is not as it was made" in desk.print_refused("forged.pdf", *flags)


@variants
def test_a_code_that_the_record_does_not_know_is_printed_only_when_somebody_says_so(desk: Desk) -> None:
    name = desk.chance.choice([*OURS_BY_NAME, "forged.pdf"])
    forged(Path(name), f"Hemifacial spasm, {UNKNOWN}", desk.chance)
    assert "--not-in-record" in desk.print_refused(name)
    assert desk.run("print", name, "--not-in-record").exit_code == 0
    assert [event for event in events(desk.data) if event.code == desk.before[0].code] == desk.before
    assert all(event.made is None for event in events(desk.data)[1:]), "the file's own word makes nothing"
    assert faults(desk.data) == ()


def bound(path: Path, codes: list[str]) -> None:
    """A stranger's PDF with the bookmarks of a print file."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(612, 792))
        with pdf.open_outline() as outline:
            outline.root.extend([pikepdf.OutlineItem(f"Row {n}, {code}", 0) for n, code in enumerate(codes)])
        pdf.save(path)


@variants
def test_bookmarks_with_codes_change_nothing_about_what_was_made(desk: Desk) -> None:
    codes = desk.chance.sample([desk.code, UNKNOWN, "FHK8-Z5DW-14L"], desk.chance.randint(1, 3))
    bound(Path("volume-001.pdf"), codes)
    assert desk.run("print", "volume-001.pdf").exit_code in {0, 8}
    assert events(desk.data)[:1] == desk.before
    assert "made" not in [event.what for event in events(desk.data)[1:]]
    assert desk.run("verify", "made.pdf").exit_code == 0
    assert faults(desk.data) == ()


@pytest.mark.parametrize("chance", [Random(1)])
def test_a_print_file_with_a_document_that_the_record_does_not_know_is_refused(desk: Desk) -> None:
    bound(Path("volume-001.pdf"), [desk.code, UNKNOWN])
    assert desk.run("print", "volume-001.pdf").exit_code == 8
    assert desk.run("verify", "volume-001.pdf").exit_code == 8


@variants
def test_a_strangers_file_is_printed_as_one(desk: Desk) -> None:
    texts = (
        "Zebra",
        "Zebra, FHK8-Z5DW-14L",
        f"Zebra {UNKNOWN}",
        f"{UNKNOWN}, Zebra",
        f", {UNKNOWN}\n",
        b"\xfe\xff\xd8",
    )
    others = (5, pikepdf.Array([UNKNOWN]), pikepdf.Dictionary(A=1), pikepdf.Name("/Zebra"))
    titles: list[Any] = [*texts, *others]
    name = desk.chance.choice(
        [desk.name(), *(one for one in OURS_BY_NAME if "run-sheet" not in one and "slips" not in one)]
    )
    forged(Path(name), desk.chance.choice(titles), desk.chance)
    desk.print_as_foreign(f"./{name}", *desk.chance.choice([(), ("--not-in-record",)]))


@variants
def test_what_is_no_plain_pdf_is_not_printed(desk: Desk) -> None:
    name = f"./{desk.name()}"
    kind = desk.chance.choice(["locked", "text", "request", "empty", "noise"])
    if kind == "locked":
        lock = pikepdf.Encryption(owner="a", user="b")
        rewritten(Path("made.pdf"), Path(name), lambda _: None, encryption=lock)
    else:
        noise = desk.chance.randbytes(desk.chance.randrange(5000))
        found = {"text": b"Zebra", "request": REQUEST.encode(), "empty": b"", "noise": b"%PDF-1.7\n" + noise}
        Path(name).write_bytes(found[kind])
    assert "Nothing was printed" in desk.print_refused(name, codes=(4,))


@variants
def test_what_is_no_file_ends_at_once(desk: Desk) -> None:
    name = f"./{desk.name()}"
    kind = desk.chance.choice(["fifo", "device", "full", "folder", "circle", "gone", "nowhere"])
    links = {"device": "/dev/zero", "full": "/dev/full", "circle": name, "nowhere": "not-there.pdf"}
    if kind == "fifo":
        os.mkfifo(name)
    elif kind == "folder":
        Path(name).mkdir()
    elif kind in links:
        Path(name).symlink_to(links[kind])
    assert "Nothing was printed" in desk.print_refused(name, codes=(4,))
