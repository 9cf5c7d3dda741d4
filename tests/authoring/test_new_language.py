"""A language of somebody's own: files to fill in, and texts for whoever translates elsewhere."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path

import pikepdf
import pytest

from handouts.authoring.filled_in import renewed
from handouts.authoring.new_language import _with_gaps, language_files, to_fill_in
from handouts.authoring.side_by_side import read_texts, sheet_to_translate
from handouts.authoring.translators_pdf import Pair, pieces_of
from handouts.errors import ContentFault, Refused, RequestFault
from handouts.load.language_files import GAP, gaps_in, original_of
from handouts.load.library import load_library, load_mail_words, topic_ids
from handouts.load.progress import SHARED, progress
from handouts.typeset.structure import elements
from tests.languages import digest
from tests.reading_pdf import failures, text_of
from tests.topics import CHOICE, CHOICE_FILES, edit, write_topic

TAG = "fr"


@pytest.fixture
def begun(content: Path) -> Path:
    """Content with one made-up topic, whose translation has begun: every file is there, none filled in."""
    write_topic(content, CHOICE, CHOICE_FILES)
    _write(content, language_files(content, TAG, [CHOICE]))
    return content


def _write(content: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_text(text, encoding="utf-8")


def fill_in(content: Path, name: str) -> None:
    """Put the English text into each gap of a file."""
    _write(content, {name: to_fill_in(content, name, read_texts(content, original_of(name))).replace(GAP, "x 1")})


def test_all_files_are_made_with_the_english_above_each_gap(begun: Path) -> None:
    names = {path.relative_to(begun).as_posix() for path in begun.rglob("*fr*") if path.is_file()}
    assert {f"words/{TAG}.yaml", f"words/mail.{TAG}.yaml", f"defaults/{TAG}.yaml", f"glossary/{TAG}.yaml"} <= names
    text = (begun / "topics" / CHOICE / TAG / "drops.md").read_text(encoding="utf-8")
    english = begun / "topics" / CHOICE / "en" / "drops.md"
    assert text.startswith(f"---\nfrom: {digest(english)} ")
    assert '# Drops wet the eye.\none_line: "____"\n' in text
    assert 'ask:\n  # Do they sting?\n  - "____"\n' in text
    assert "<!-- ## Does it help? -->\n## ____\n" in text
    assert "<!-- They are for your eyes. -->\n____\n" in text


@pytest.mark.parametrize(
    ("english", "gaps"),
    [
        ("## What?\nIt is\nlong.", "## ____\n____"),
        ("Ask us:\n- one\n  more of it\n- two", "____\n- ____\n- ____"),
        ("1. one\n2. two", "1. ____\n2. ____"),
        ('![A face.](face.svg "One side.")', '![____](face.svg "____")'),
        ("![A face / of it.](face.svg)", "![____](face.svg)"),
        ('![well / not well](people:a,b "Of 100")', '![____ / ____](people:a,b "____")'),
    ],
)
def test_each_text_of_a_block_has_a_gap_and_no_name_is_lost(english: str, gaps: str) -> None:
    assert _with_gaps(english) == gaps


def test_what_is_there_is_kept(begun: Path) -> None:
    (begun / "topics" / CHOICE / TAG / "drops.md").unlink()
    assert list(language_files(begun, TAG, [CHOICE])) == [f"topics/{CHOICE}/{TAG}/drops.md"]


def test_a_file_with_gaps_counts_as_missing_and_is_refused(begun: Path) -> None:
    parts = {part.part: part for part in progress(begun, TAG, [CHOICE])}
    assert parts[CHOICE].missing == parts[CHOICE].files
    assert (parts[CHOICE].there, parts[SHARED].there) == (0, 0)
    with pytest.raises(ContentFault) as fault:
        load_library(begun, CHOICE, language=TAG)
    said = str(fault.value.message)
    assert f"topics/{CHOICE}/{TAG}/takeaways.md:4: 2 of 2 texts are not translated yet: write over each ____" in said
    assert f"words/{TAG}.yaml:" in said


def test_what_is_missing_is_told_of_all_files_with_totals(begun: Path) -> None:
    files = {name: GAP for part in progress(begun, TAG, [CHOICE]) for name in part.files}
    fill_in(begun, f"topics/{CHOICE}/{TAG}/takeaways.md")
    (begun / "topics" / CHOICE / TAG / "drops.md").unlink()
    drops = begun / "topics" / CHOICE / TAG / "plugs.md"
    drops.write_text(drops.read_text(encoding="utf-8").replace(GAP, "fait", 3), encoding="utf-8")
    gaps = {name: len(gaps_in(path.read_text("utf-8"))) for name in files if (path := begun / name).exists()}
    lost = len(gaps_in(to_fill_in(begun, f"topics/{CHOICE}/{TAG}/drops.md")))
    with pytest.raises(ContentFault) as fault:
        load_library(begun, CHOICE, language=TAG)
    said = str(fault.value.message)
    on_pages = {name: count for name, count in gaps.items() if "mail" not in name and "practice" not in name}
    done, texts = f"1 of {len(on_pages) + 1} files are done", sum(on_pages.values()) + lost
    assert f"French is not whole for {CHOICE}: {done}, {texts} texts to translate." in said
    left = gaps[f"topics/{CHOICE}/{TAG}/plugs.md"]
    assert re.search(rf"plugs\.md:\d+: {left} of {left + 3} texts are not translated yet", said)
    for name in {*on_pages} - {f"topics/{CHOICE}/{TAG}/takeaways.md"}:
        assert name in said


@pytest.mark.parametrize("topic", ["trigeminal-neuralgia", "hemifacial-spasm", "going-home-after-brain-surgery"])
def test_the_texts_of_a_file_are_as_many_as_its_gaps(content: Path, topic: str) -> None:
    (*_, part) = progress(content, TAG, [topic])
    assert part.to_do == {name: len(gaps_in(to_fill_in(content, name))) for name in part.files}


@pytest.mark.parametrize(
    "topic", ["trigeminal-neuralgia", "hemifacial-spasm", "going-home-after-brain-surgery", CHOICE]
)
def test_filled_in_it_is_a_language_whatever_the_topic(content: Path, topic: str) -> None:
    write_topic(content, CHOICE, CHOICE_FILES)
    for part in progress(content, TAG, [topic]):
        for name in part.files:
            fill_in(content, name)
    words = content / "topics" / topic / TAG / "words.yaml"
    if words.exists():  # the phrases of topic.yaml have no English file: the same again
        words.write_text(re.sub(r'(?m)^  "(.+)": "x 1"$', r'  "\1": "\1"', words.read_text()), encoding="utf-8")
    library, english = load_library(content, topic, language=TAG), load_library(content, topic)
    load_mail_words(content, TAG)
    assert library.topic.behind == frozenset()
    assert [part.missing for part in progress(content, TAG, [topic])] == [()] * len(progress(content, TAG, [topic]))
    assert library.words.page == english.words.page
    for one, other in zip(library.topic.documents(), english.topic.documents(), strict=True):
        assert repr((one.head, one.sections)) == repr((other.head, other.sections))


def test_the_english_beside_a_translation_is_not_printed(begun: Path) -> None:
    for part in progress(begun, TAG, [CHOICE]):
        for name in part.files:
            fill_in(begun, name)
    assert "<!--" in (begun / "topics" / CHOICE / TAG / "drops.md").read_text(encoding="utf-8")
    drops = load_library(begun, CHOICE, language=TAG).topic.options["drops"]
    assert "<!--" not in repr(drops)
    edit(begun / "topics" / CHOICE / "en" / "drops.md", "They are for", "<!-- no --> They are for")
    with pytest.raises(ContentFault, match="HTML can't be printed"):
        load_library(begun, CHOICE)


def test_a_glossary_begins_with_english_terms_alone(content: Path) -> None:
    terms = language_files(content, TAG, topic_ids(content))[f"glossary/{TAG}.yaml"].partition("terms:")[2]
    assert '"weak face (noun)": "____"' in terms
    assert terms.isascii(), "a note on another language's word belongs under its notes"


def test_every_topic_can_be_begun(content: Path) -> None:
    _write(content, language_files(content, TAG, topic_ids(content)))
    assert all(part.there == 0 for part in progress(content, TAG, topic_ids(content)))


def test_a_sheet_goes_out_side_by_side_with_the_terms_that_it_uses(begun: Path) -> None:
    fill_in(begun, f"topics/{CHOICE}/{TAG}/drops.md")
    edit(begun / "topics" / CHOICE / TAG / "drops.md", '"Drops wet the eye."', '"Les gouttes mouillent."')
    (begun / "glossary" / f"{TAG}.yaml").write_text(
        "terms: {eyes: les yeux, kidney: rein, drops: ____}\nnotes: {eyes: never singular}\n", encoding="utf-8"
    )
    made = sheet_to_translate(begun, CHOICE, "drops", TAG)
    assert (made.name, made.suffix) == (f"{CHOICE}-drops-{TAG}", ".md")
    assert "#:   eyes: les yeux (never singular)\n" in made.text
    assert "kidney" not in made.text
    assert "#:   drops: " not in made.text
    assert 'one_line: "Les gouttes mouillent."' in made.text
    said = text_of(made.pdf)
    for text in (
        "Drops wet the eye.",
        "Les gouttes mouillent.",
        "les yeux (never singular)",
        "They are for your eyes.",
    ):
        assert text in said
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert str(pdf.Root.Lang) == "en"


def test_the_page_for_translators_is_accessible_and_shows_what_is_to_be_written(begun: Path) -> None:
    (begun / "glossary" / f"{TAG}.yaml").write_text("tone: Always say vous\n", encoding="utf-8")
    english = begun / "topics" / CHOICE / "en" / "drops.md"
    edit(english, "Most people feel better.", "**Most** people feel better.\n\n- One\n- Two")
    made = sheet_to_translate(begun, CHOICE, "drops", TAG)
    assert not failures(made.pdf, "ua1")
    said = text_of(made.pdf)
    assert "##" not in said.partition("Text")[2].replace("(##)", "")
    assert "Always say vous" in said
    assert "#: How to speak to the reader: Always say vous\n" in made.text
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        kinds = Counter(str(element.get("/S", "")) for element, _ in elements(pdf))
        languages = {str(element.Lang) for element, _ in elements(pdf) if "/Lang" in element}
    assert kinds["/H3"] == 2
    assert kinds["/L"] == 2, "how to go about it, and the list"
    assert languages == {TAG}
    lines = [pair.lines for pair in (Pair("", "Short.", ""), Pair("", "x" * 200, ""), Pair("", "Done.", "Fait."))]
    assert lines == [1, 6, 0]
    assert Pair("", "Done.", "Fait.", ("All of it is new or changed",)).lines == 1


def test_english_is_shown_as_it_is_printed() -> None:
    text = '## Why?\n\nIt **helps**\nyou.\n- a\n- b\n\n1. c\n2. d\n\n![A face.](f.svg "A man")'
    shown = [(piece.kind, ["".join(run.text for run in item) for item in piece.items]) for piece in pieces_of(text)]
    assert shown == [
        ("heading", ["Why?"]),
        ("paragraph", ["It helps you."]),
        ("list", ["a", "b"]),
        ("numbered", ["c", "d"]),
        ("picture", ["A face.", "A man"]),
    ]


def test_the_file_to_fill_in_is_the_file_of_the_language(begun: Path) -> None:
    name = f"topics/{CHOICE}/{TAG}/drops.md"
    assert gaps_in(sheet_to_translate(begun, CHOICE, "drops.md", TAG).text)
    fill_in(begun, name)
    before = read_texts(begun, name)
    again = sheet_to_translate(begun, CHOICE, "drops", TAG).text
    _write(begun, {name: again})
    assert read_texts(begun, name) == before


def test_a_text_or_topic_that_is_not_there_is_told(begun: Path) -> None:
    with pytest.raises(RequestFault, match="Did you mean 'drops'"):
        sheet_to_translate(begun, CHOICE, "drop", TAG)
    with pytest.raises(RequestFault, match="There is no topic"):
        sheet_to_translate(begun, "dry-eyes", "drops", TAG)


def test_a_translation_that_was_brought_up_to_date_says_so(begun: Path) -> None:
    name = f"topics/{CHOICE}/{TAG}/drops.md"
    with pytest.raises(Refused, match="not filled in yet"):
        renewed(begun, CHOICE, "drops", TAG)
    for part in progress(begun, TAG, [CHOICE]):
        for each in part.files:
            fill_in(begun, each)
    with pytest.raises(Refused, match="from today's English already"):
        renewed(begun, CHOICE, "drops", TAG)
    edit(begun / "topics" / CHOICE / "en" / "drops.md", "Most people", "Some people")
    assert [*[part.behind for part in progress(begun, TAG, [CHOICE])][-1]] == [name]
    made = renewed(begun, CHOICE, "drops", TAG)
    path, text = made.path, made.text
    path.write_text(re.sub(r"(?m)^from: .*\n", "# by Ana\n", text), encoding="utf-8")
    made = renewed(begun, CHOICE, "drops", TAG)
    path, text = made.path, made.text
    assert "\n# by Ana\n" in text
    path.write_text(text, encoding="utf-8")
    assert load_library(begun, CHOICE, language=TAG).topic.behind == frozenset()


def test_a_translation_that_lacks_what_the_english_says_today_is_not_brought_up_to_date(begun: Path) -> None:
    for name in ("drops.md", "plugs.md"):
        fill_in(begun, f"topics/{CHOICE}/{TAG}/{name}")
    edit(begun / "topics" / CHOICE / "en" / "drops.md", "Most people feel better.", "It takes 6 days.")
    with pytest.raises(ContentFault, match=r"drops\.md:\d+: .*lacks the number 6") as caught:
        renewed(begun, CHOICE, "drops", TAG)
    assert {fault.file for fault in caught.value.faults} == {f"topics/{CHOICE}/{TAG}/drops.md"}
    drops = begun / "topics" / CHOICE / TAG / "drops.md"
    drops.write_text(
        drops.read_text(encoding="utf-8").replace("Most people feel better.", "Il faut 6 jours."), encoding="utf-8"
    )
    assert renewed(begun, CHOICE, "drops", TAG).path == drops
