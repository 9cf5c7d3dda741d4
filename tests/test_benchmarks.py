"""The comparison with peers: it measures only peers that make the whole handout, and says why it rejects the others."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pytest

from benchmarks import compare
from benchmarks.checking import LostWords, checked, kerned, name_in, page_texts
from benchmarks.job import AVA, SPECIAL, Job, new_job
from benchmarks.limits import Series, disk_rate, second_core
from benchmarks.peers import BY_MODULE, OURS, ours
from benchmarks.picture import write_plot
from benchmarks.rounds import Times, ratio
from benchmarks.table import Row, as_markdown, feature_rows, fraction, limit_lines, time_rows


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
        Row(OURS, "Ours", "", None, milliseconds=2.0),
        Row("slow", "Slow", "", 0.6, milliseconds=2.5, share=0.8),
        Row("gone", "Gone", "", 0.2, fault="not installed: gone"),
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
    told = limit_lines(series, Row(OURS, "Ours", "", None, milliseconds=1.0))
    assert [line.split()[0] for line in told] == ["Physical", "A", "`batch", "`batch", "The"]


def test_the_disk_loop_leaves_nothing_behind(tmp_path: Path) -> None:
    assert disk_rate(b"%PDF-", tmp_path, count=5, at_once=2) > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.heavy
def test_the_second_core_is_measured_in_processes() -> None:
    with second_core(turns=20_000) as gain:
        assert 0 < gain() < 10


def test_the_plot_is_written_in_the_format_of_its_name(tmp_path: Path) -> None:
    rows = [Row(OURS, "Ours", "", None, 2.0), Row("slow", "Slow", "", 0.6, 9.0, 2 / 9)]
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
    assert feature_rows([Row("gone", "Gone", "", 0.2, fault="not installed")])[1:] == []
