"""The page for the approver is true: its quotes are in the text, no gap is omitted, sums add up."""

import re
from functools import lru_cache

import pytest

from handouts.load.library import load_library
from tests.conftest import CONTENT

TOPICS = ("going-home-after-brain-surgery", "hemifacial-spasm", "trigeminal-neuralgia")


@lru_cache
def page(topic: str) -> str:
    return (CONTENT / "topics" / topic / "clinical-review.md").read_text(encoding="utf-8")


def rows(topic: str, heading: str) -> list[list[str]]:
    """The cells of every table row under a heading."""
    part = page(topic).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"]
    return [row for row in cells if not set("".join(row)) <= set("- ")]


def numbered(topic: str, heading: str) -> list[list[str]]:
    return [row for row in rows(topic, heading) if row[0].isdigit()]


@lru_cache
def printed(topic: str) -> str:
    """Every word that may be printed for a topic, in small letters, a # for each number from topic.yaml."""
    folders = [CONTENT / name for name in ("words", "defaults", "clinics", f"topics/{topic}")]
    files = [path for folder in folders for path in (*folder.rglob("*.md"), *folder.rglob("*.yaml"))]
    files = [path for path in files if path.stem != "clinical-review"]
    return _even(" ".join(path.read_text(encoding="utf-8") for path in sorted(files)))


def _even(text: str) -> str:
    return re.sub(r"\{[\w.:-]+\}", "#", " ".join(text.split())).lower()


RISKY = [(topic, row) for topic in TOPICS for row in numbered(topic, "Wording that carries risk")]


@pytest.mark.parametrize(("topic", "row"), RISKY, ids=[f"{topic} {row[0]}" for topic, row in RISKY])
def test_what_it_quotes_as_ours_is_what_we_print(topic: str, row: list[str]):
    for quote in re.findall(r'"([^"]+)"', row[3]):
        for part in _even(quote).replace("fewer than 1 out of 1,000 people", "#").split("..."):
            assert part.strip(" .") in printed(topic), quote


@pytest.mark.parametrize("topic", TOPICS)
def test_every_row_of_risk_is_numbered_and_asks_something(topic: str):
    risky = [row for of, row in RISKY if of == topic]
    assert [int(row[0]) for row in risky] == list(range(1, len(risky) + 1))
    assert len(risky) > 30
    assert all(row[-1] for row in risky)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_gap_of_the_topic_and_the_clinic_is_listed_once(topic: str):
    library = load_library(CONTENT, topic)
    named = [row[0].strip("`") for row in rows(topic, "What only a clinician can supply")]
    contacts = ["address", "phone", "emergency_number", "crisis_line"]
    wanted = {
        *library.topic.file.safety,
        "funding",
        *(name for name in contacts if not getattr(library.clinic.file, name)),
    }
    assert wanted <= set(named)
    assert len(named) == len(set(named))


def judged(topic: str, heading: str, verdicts: set[str]) -> list[list[str]]:
    """What each reader said of the items of a score sheet, in order."""
    columns = zip(*(row[2:] for row in numbered(topic, heading)), strict=True)
    found = [[cell.strip("*") for cell in column] for column in columns]
    return [column for column in found if set(column) <= verdicts]


@pytest.mark.parametrize("topic", TOPICS)
def test_the_scores_of_each_reader_add_up(topic: str):
    readers = judged(topic, "PEMAT-P score sheet", {"agree", "disagree", "NA"})
    assert readers
    for column in readers:
        for part in (column[:17], column[17:]):
            items = [verdict for verdict in part if verdict != "NA"]
            agreed = items.count("agree")
            assert f"{agreed} of {len(items)}, **{round(100 * agreed / len(items))} %**" in page(topic)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_index_of_each_reader_adds_up(topic: str):
    readers = judged(topic, "CDC Clear Communication Index score sheet", {"0", "1"})
    assert readers
    for column in readers:
        assert len(column) == 20, "the index has 20 items"
        assert f"{column.count('1')} of 20, **{column.count('1') * 5}**" in page(topic)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_fact_has_a_file_that_is_there(topic: str):
    facts, texts = numbered(topic, "Where each fact stands"), CONTENT / "topics" / topic / "en"
    assert [int(row[0]) for row in facts] == list(range(1, len(facts) + 1))
    shipped = {path.name for path in (*texts.rglob("*.md"), *CONTENT.glob("clinics/*/*.md"))}
    named = {name for row in facts for name in row[2].split("; ")}
    assert named <= shipped
    assert {path.name for path in texts.rglob("*.md")} <= named, "a file without a fact of the source"


def test_every_number_of_the_topic_is_listed_as_it_is_printed():
    listed = {row[0].strip("`"): row[2] for row in rows("trigeminal-neuralgia", "Where each number stands")[1:]}
    topic = load_library(CONTENT, "trigeminal-neuralgia").topic
    assert listed == {name: topic.numbers.whole(number) for name, number in topic.file.numbers.items()}
