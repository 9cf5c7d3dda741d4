"""The comparison with peers: it measures only peers that make the whole handout, and says why it rejects the others."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pikepdf
import pytest

from benchmarks import compare
from benchmarks.checking import LostWords, checked, expected_words, kerned, name_in, page_texts, words
from benchmarks.job import AVA, SPECIAL, Job, new_job
from benchmarks.limits import Series, disk_rate, second_core
from benchmarks.peers import BY_MODULE, OURS, ours
from benchmarks.peers.outline import Block, Grid, Heading, Points, Row, Slot, Words, outline
from benchmarks.peers.page import fill, label_of, personal_sheets, plain_text, whole_page
from benchmarks.people import write_list
from benchmarks.picture import write_plot
from benchmarks.rounds import Times, ratio
from benchmarks.stack import Line, by_old
from benchmarks.table import Row as TableRow
from benchmarks.table import as_markdown, feature_rows, fraction, limit_lines, time_rows
from handouts.model.details import Entry
from handouts.model.prose import Inline
from handouts.model.request import Request


@pytest.fixture(scope="module")
def job() -> Job:
    return new_job()


@pytest.fixture(scope="module")
def pdfs(job: Job) -> dict[int, bytes]:
    """Ours, for a few people."""
    with ours.opened(job) as make:
        requests = {number: job.request(number) for number in (5, 6, AVA)}
        return {number: make(request, job.details(request)) for number, request in requests.items()}


def without_page(pdf: bytes, number: int) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        del opened.pages[number]
        opened.save(out)
    return out.getvalue()


class Forgetful:
    """A peer that leaves out a page."""

    def __init__(self, pdfs: dict[int, bytes]) -> None:
        self.times, self.pdfs = Times(), pdfs

    def samples(self, numbers: Sequence[int]) -> list[bytes]:
        return [without_page(self.pdfs[number], 2) for number in numbers]


def test_our_own_handout_has_every_word_tags_and_the_person_on_every_page(job: Job, pdfs: dict[int, bytes]) -> None:
    found = checked(pdfs[5], job, job.details(job.request(5)))
    assert (found.words, found.tagged, found.ua1) == (1.0, True, True)
    assert found.footed == found.pages == len(page_texts(pdfs[5]))
    assert kerned(pdfs[AVA], SPECIAL[AVA])


def test_a_peer_that_loses_words_is_refused(job: Job, pdfs: dict[int, bytes]) -> None:
    peer = Forgetful(pdfs)
    assert compare.vet(peer, job) == (None, None, None)  # type: ignore[arg-type]  it has all that is asked of it
    assert peer.times.fault.startswith("refused: ")
    assert "words are missing, such as: " in peer.times.fault


def test_another_persons_handout_is_refused(job: Job, pdfs: dict[int, bytes]) -> None:
    with pytest.raises(LostWords):
        checked(pdfs[6], job, job.details(job.request(5)))
    someone = name_in(job.details(job.request(5)))
    with pytest.raises(LostWords, match="names someone else"):
        checked(pdfs[5], job, job.details(job.request(5)), (someone,))


def test_every_person_is_another(job: Job) -> None:
    names = [job.request(number).patient.name for number in range(3000)]
    assert len(set(names)) == len(names)


def test_a_ratio_is_the_median_of_rounds_side_by_side() -> None:
    mine = Times([[1.0, 1.0, 9.0], [2.0], [3.0]])
    theirs = Times([[2.0], [2.0, 2.0], [30.0]])
    assert ratio(mine, theirs) == 0.5  # of 1/2, 2/2 and 3/30


@pytest.mark.parametrize(("share", "text"), [(0.6, "0.60"), (0.025, "1/40"), (1 / 5, "1/5"), (1.5, "1.50"), (None, "")])
def test_a_share_is_written_as_people_say_it(share: float | None, text: str) -> None:
    assert fraction(share) == text


def test_a_missed_limit_and_a_missing_peer_are_both_told() -> None:
    rows = [
        TableRow(OURS, "Ours", "", None, milliseconds=2.0),
        TableRow("slow", "Slow", "", 0.6, milliseconds=2.5, share=0.8),
        TableRow("gone", "Gone", "", 0.2, fault="not installed: gone"),
    ]
    assert time_rows(rows)[1:] == [
        ("Ours", "1", "", "2.00"),
        ("Slow", "0.80 ✗ missed", "0.60", "2.50"),
        ("Gone", "not installed: gone", "1/5", ""),
    ]
    assert "| Slow | 0.80 ✗ missed | 0.60 | 2.50 |" in as_markdown(rows, Series(), "A machine.")


def test_the_limits_are_held_side_by_side() -> None:
    series = Series([100.0, 200.0], [10.0, 20.0], [2.0, 2.0], {1: [50.0, 100.0], 2: [90.0, 180.0]})
    assert series.shares(1) == 0.5
    assert series.two_workers() == pytest.approx(0.9)
    told = limit_lines(series, TableRow(OURS, "Ours", "", None, milliseconds=1.0))
    assert [line.split()[0] for line in told] == ["Physical", "A", "`batch", "`batch", "The"]


def test_the_disk_loop_leaves_nothing_behind(tmp_path: Path) -> None:
    assert disk_rate(b"%PDF-", tmp_path, count=5, at_once=2) > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.heavy
def test_the_second_core_is_measured_in_processes() -> None:
    with second_core(turns=20_000) as gain:
        assert 0 < gain() < 10


def test_the_plot_is_written_in_the_format_of_its_name(tmp_path: Path) -> None:
    rows = [TableRow(OURS, "Ours", "", None, 2.0), TableRow("slow", "Slow", "", 0.6, 9.0, 2 / 9)]
    for name, start in (("plot.svg", b"<?xml"), ("plot.png", b"\x89PNG"), ("plot.pdf", b"%PDF")):
        write_plot(rows, tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(start)


def test_an_unknown_peer_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        compare.main(["--peers", "troff"])
    assert "no such peer: troff" in capsys.readouterr().err


@pytest.mark.heavy
def test_a_short_run_has_a_row_for_each_peer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    peers = ["ours", "platypus", "typst_bare", "typst_warm", "weasyprint_loop"]  # no browser
    out = tmp_path / "out.json"
    code = compare.main(["--rounds", "2", "--peers", ",".join(peers), "--no-limits", "--json", str(out)])
    rows = {row["module"]: row for row in json.loads(out.read_text())["peers"]}
    assert set(rows) == set(peers)
    table = capsys.readouterr().out
    for module, row in rows.items():
        assert BY_MODULE[module].title in table
        assert row["kept"] is True or module == OURS or row["fault"].startswith("not installed"), row
    assert code == 0
    assert rows[OURS]["handouts"] == 2 * BY_MODULE[OURS].burst


def test_only_what_was_checked_has_a_row_of_features() -> None:
    assert feature_rows([TableRow("gone", "Gone", "", 0.2, fault="not installed")])[1:] == []


def test_a_limit_is_met_missed_or_could_not_be_told() -> None:
    assert Line("slow", 0.2, 1 / 6).met is False
    assert Line("rows", 0.6, 0.5, at_least=True).met is True
    assert Line("ratio", None, 1.0).met is None
    assert Line("slow", 0.2, 1 / 6, aim=0.1, seen="9 ms").cells() == (
        "slow", "0.2", "at most 0.167", "0.1", "✗ missed", "9 ms",
    )  # fmt: skip


def test_without_an_older_release_a_ratio_is_not_told() -> None:
    assert by_old("stamping", [0.002], [], 1.0).cells()[1:] == ("", "at most 1", "", "no older release", "2 ms")
    assert by_old("stamping", [0.002], [0.004], 1.0).value == 0.5


def test_of_a_list_with_own_texts_half_have_medicines_and_a_third_a_note(tmp_path: Path) -> None:
    lines = write_list(tmp_path / "own.jsonl", 600, own=True).read_text(encoding="utf-8").splitlines()
    rows = [Request.model_validate_json(line) for line in lines]
    assert all(row.next_steps for row in rows)
    assert 0.4 < sum(bool(row.medicines) for row in rows) / 600 < 0.6
    assert {len(row.medicines) for row in rows} == {0, 1, 2, 3, 4}
    assert 0.25 < sum(bool(row.note) for row in rows) / 600 < 0.42
    assert len({row.options for row in rows}) == 2


def test_peers_that_set_html_get_a_page_for_each_sheet_without_slots(job: Job) -> None:
    details = job.details(job.request(5))
    pages = [sheet.page.render(fill(details)) for sheet in personal_sheets(job)]
    assert len(pages) == len(job.handout.sheets())
    assert not any("slot:" in page or "[[" in page for page in pages)
    assert name_in(details) in pages[0]
    whole = whole_page(job).render(fill(details))
    assert whole.count("@scope") == len(pages)
    assert "slot:" not in whole
    assert "[[" not in whole


def test_peers_that_set_no_html_are_told_every_word(job: Job) -> None:
    details = job.details(job.request(5))
    told = " ".join(_texts(outline(job), dict(details.texts)))
    assert not expected_words(job, details) - words(told)


def _texts(blocks: Iterable[Block], texts: Mapping[str, str | Entry]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Heading):
            yield block.text
        elif isinstance(block, Words):
            yield _marked(block.runs)
        elif isinstance(block, Points):
            yield from map(_marked, block.items)
        elif isinstance(block, Grid):
            yield from (_marked(runs) for row in block.cells for cell in row for runs in cell)
        elif isinstance(block, Row):
            yield block.question
            yield from _texts(block.blocks, texts)
        elif isinstance(block, Slot):
            yield f"{label_of(texts.get(block.name, ''))} {plain_text(texts.get(block.name, ''))}"


def _marked(runs: Inline) -> str:
    return "".join(run.text + "".join(f" {number} " for number in run.cites) for run in runs)
