"""The page for the approver is true: its quotes are in the text, no gap is omitted, sums add up."""

import re

import pytest

from handouts.load.known_files import REVIEW
from handouts.model.content import Library
from tests.conftest import CONTENT, ROOT, TOPIC

PAGE = (CONTENT / "topics" / TOPIC / "clinical-review.md").read_text(encoding="utf-8")
EN = CONTENT / "topics" / TOPIC / "en"


def rows(heading: str) -> list[list[str]]:
    """The cells of every table row under a heading."""
    part = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"]
    return [row for row in cells if not set("".join(row)) <= set("- ")]


def _printed() -> str:
    """Every word that may be printed, in small letters, a # for each number from topic.yaml."""
    files = [*CONTENT.rglob("*.md"), *CONTENT.rglob("*.yaml"), *(ROOT / "assets" / "figures").glob("*.svg")]
    files = [path for path in files if path.name != REVIEW]
    text = " ".join(" ".join(path.read_text(encoding="utf-8").split()) for path in sorted(files))
    return re.sub(r"\{[^}]*\}", "#", text).lower()


RISKY = [row for row in rows("Wording that carries risk") if row[0].isdigit()]


@pytest.mark.parametrize("row", RISKY, ids=lambda row: row[0])
def test_what_it_quotes_as_ours_is_what_we_print(row: list[str]):
    for quote in re.findall(r'"([^"]+)"', row[3]):
        for part in quote.lower().replace("fewer than 1 out of 1,000 people", "#").split("..."):
            assert part.strip(" .") in _printed(), quote


def test_every_row_of_risk_is_numbered_and_asks_something():
    assert [int(row[0]) for row in RISKY] == list(range(1, len(RISKY) + 1))
    assert len(RISKY) > 30
    assert all(row[-1] for row in RISKY)


def test_every_gap_of_the_topic_and_the_clinic_is_listed_once(library: Library):
    named = [row[0].strip("`") for row in rows("What only a clinician can supply")]
    contacts = ["address", "phone", "emergency_number", "crisis_line"]
    wanted = {
        *library.topic.file.safety,
        "funding",
        *(name for name in contacts if not getattr(library.clinic.file, name)),
    }
    assert wanted <= set(named)
    assert len(named) == len(set(named))


@pytest.mark.parametrize(("reader", "column"), [("first", 2), ("second", 3)])
def test_the_two_readers_scores_add_up(reader: str, column: int):
    pemat = [row for row in rows("PEMAT-P score sheet") if row[0].isdigit()]
    for part, items in (("Understandability", pemat[:17]), ("Actionability", pemat[17:])):
        judged = [row[column] for row in items if row[column] != "NA"]
        assert set(judged) == {"agree", "disagree"}
        agreed = judged.count("agree")
        said = f"{reader} {agreed} of {len(judged)}, **{round(100 * agreed / len(judged))} %**"
        assert [line for line in PAGE.splitlines() if line.startswith(part) and said in line], said


@pytest.mark.parametrize(("reader", "column"), [("First", 2), ("Second", 3)])
def test_the_two_indexes_add_up(reader: str, column: int):
    index = [row[column] for row in rows("CDC Clear Communication Index score sheet") if row[0].isdigit()]
    assert set(index) == {"0", "1"}
    assert len(index) == 20, "the index has 20 items"
    assert f"{reader}: {index.count('1')} of 20, **{index.count('1') * 5}**" in PAGE


FACTS = [row for row in rows("Where each fact stands") if row[0].isdigit()]


def test_every_fact_has_a_file_that_is_there():
    assert [int(row[0]) for row in FACTS] == list(range(1, len(FACTS) + 1))
    shipped = {path.name for path in (*EN.rglob("*.md"), *CONTENT.glob("clinics/*/*.md"))}
    named = {name for row in FACTS for name in row[2].split("; ")}
    assert named <= shipped
    assert {path.name for path in EN.rglob("*.md")} <= named, "a file without a fact of the source"
