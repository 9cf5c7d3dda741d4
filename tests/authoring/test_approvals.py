"""`approve`: who stands behind exactly which file."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from handouts import paths
from handouts.authoring.approvals import (
    ChangedMeanwhile,
    Signature,
    approvals_of,
    files_called,
    left_from_skeleton,
    missing_safety,
    record_approvals,
    require_approvable,
    require_writable,
    to_look_at,
    unwritten,
    write_approvals,
    write_text,
)
from handouts.authoring.preview import preview, sheets_to_show
from handouts.authoring.scaffold import shared_words, skeleton
from handouts.deliver.identify import Identified, identify
from handouts.errors import ContentFault, OutputFault, Refused, RequestFault
from handouts.load.approvals import old_digest
from handouts.load.language_files import is_translation
from handouts.load.library import load_library
from handouts.merge.approval import approval_state, file_states
from handouts.model.content import Library, Topic
from tests.approving import approved_by
from tests.conftest import TOPIC, RequestOf
from tests.reading_pdf import page_texts

DAY = date(2026, 11, 23)
BY_A = Signature("Dr. A")


def fill_in(content: Path, topic: str = TOPIC) -> None:
    """Have a clinician fill in the safety fields."""
    path = content / "topics" / topic / "topic.yaml"
    text = path.read_text()
    for name in missing_safety(load_library(content, topic).topic):
        text = re.sub(rf"(?m)^  {name}:.*$", f"  {name}: Ask us.", text)
    path.write_text(text)


@pytest.fixture
def filled(content: Path) -> Path:
    """Content whose safety fields a clinician has filled in."""
    fill_in(content)
    return content


def _topic(content: Path) -> Topic:
    return load_library(content, TOPIC).topic


def _approve(content: Path, *files: str, by: Signature = BY_A) -> Path:
    topic = _topic(content)
    return write_approvals(topic, approvals_of(topic, files_called(topic, files), by, DAY))


def _add_a_word(content: Path, name: str) -> None:
    path = content / "topics" / TOPIC / name
    path.write_text(path.read_text() + "\nOne more word.\n")


# which files


def test_approving_a_topic_covers_all_that_it_prints_from(filled: Path):
    topic = _topic(filled)
    names = files_called(topic, ())
    files = [path for path in topic.folder.rglob("*") if path.is_file()]
    english = [path for path in files if not is_translation(path.relative_to(filled).as_posix())]
    ours = {path.relative_to(topic.folder).as_posix() for path in english}
    assert set(names) == ours - {"clinical-review.md"} | {"words/en.yaml", "defaults/en.yaml"}


@pytest.mark.parametrize(
    ("asked", "file"),
    [
        ("botox", "en/botox.md"),
        ("en/botox", "en/botox.md"),
        ("en/botox.md", "en/botox.md"),
        ("topic", "topic.yaml"),
        ("baclofen", "en/medicines/baclofen.md"),
        ("cushion", "figures/cushion.svg"),
        ("words/en", "words/en.yaml"),
    ],
)
def test_a_file_has_a_short_name_too(library: Library, asked: str, file: str):
    assert files_called(library.topic, [asked]) == (file,)


def test_a_file_that_is_not_there_is_told_with_the_nearest(library: Library):
    with pytest.raises(RequestFault, match=r"has no source file 'botoxx'\. Did you mean 'botox'"):
        files_called(library.topic, ["botoxx"])


def test_a_name_of_two_files_is_asked_again(library: Library):
    two = replace(library.topic, digests={**library.topic.digests, "figures/botox.svg": "0" * 64})
    with pytest.raises(RequestFault, match=r"Name one: en/botox\.md, figures/botox\.svg"):
        files_called(two, ["botox"])


# what is recorded


def test_empty_safety_fields_keep_topic_yaml_from_being_approved_and_no_other_file(content: Path):
    assert "driving" in missing_safety(_topic(content))
    with pytest.raises(Refused, match="urgent_signs"):
        _approve(content)
    assert not (content / "topics" / TOPIC / "approvals.yaml").exists()
    _approve(content, "botox")
    assert [*_topic(content).approvals] == ["en/botox.md"]


def test_an_approval_holds_for_exactly_this_text(filled: Path):
    _approve(filled)
    topic = _topic(filled)
    assert {(given.by, given.on) for given in topic.approvals.values()} == {("Dr. A", DAY)}
    assert approval_state(topic, DAY) == "approved"
    _add_a_word(filled, "en/botox.md")
    states = file_states(_topic(filled), DAY)
    assert {name: state for name, state in states.items() if state != "approved"} == {"en/botox.md": "changed"}


def test_approving_one_file_leaves_the_approvals_of_others_as_they_are(filled: Path):
    _approve(filled)
    _add_a_word(filled, "en/botox.md")
    before = _topic(filled).approvals
    _approve(filled, "botox", by=Signature("Dr. B", checked_by="C. Dee, pharmacist"))
    after = _topic(filled).approvals
    assert [name for name in after if after[name] != before[name]] == ["en/botox.md"]
    assert (after["en/botox.md"].by, after["en/botox.md"].checked_by) == ("Dr. B", "C. Dee, pharmacist")
    assert approval_state(_topic(filled), DAY) == "approved"


def test_the_digest_is_the_files_own_sha256(filled: Path):
    _approve(filled, "botox")
    data = (filled / "topics" / TOPIC / "en" / "botox.md").read_bytes()
    assert _topic(filled).approvals["en/botox.md"].digest == hashlib.sha256(data).hexdigest()


def test_approvals_of_files_that_are_gone_are_dropped(filled: Path):
    topic = _topic(filled)
    approvals = approvals_of(topic, files_called(topic, ()), BY_A, DAY)
    gone = {**approvals, "en/laser.md": approvals["en/botox.md"]}
    write_approvals(replace(topic, approvals=gone), {})
    assert [*_topic(filled).approvals] == [*topic.digests]


def test_it_ends_after_its_last_day(filled: Path):
    until = DAY + timedelta(days=30)
    _approve(filled, by=Signature("Dr. A", until))
    assert approval_state(_topic(filled), until) == "approved"
    assert approval_state(_topic(filled), until + timedelta(days=1)) == "expired"


def test_by_default_it_holds_a_year_but_not_past_the_review(filled: Path):
    topic = _topic(filled)
    [approval] = approvals_of(topic, ["en/botox.md"], BY_A, DAY).values()
    assert approval.until == min(DAY + timedelta(days=365), topic.file.review_by)


@pytest.mark.parametrize("until", [DAY - timedelta(days=1), DAY + timedelta(days=3 * 365 + 1)])
def test_a_date_that_has_passed_or_lies_too_far_ahead_is_refused(filled: Path, until: date):
    with pytest.raises(Refused):
        _approve(filled, by=Signature("Dr. A", until))


def test_a_name_that_cannot_be_printed_is_refused(filled: Path):
    with pytest.raises(ContentFault, match="by"):
        _approve(filled, by=Signature("Dr.\u202e A"))


def test_a_name_too_long_for_the_colophon_is_refused(filled: Path):
    with pytest.raises(Refused, match="60 characters"):
        _approve(filled, by=Signature("A" * 61))


def test_a_name_with_quotes_and_colons_is_kept_as_it_is(filled: Path):
    name = 'Dr. "Ada": Müller #1'
    _approve(filled, by=Signature(name, checked_by=name))
    assert {(given.by, given.checked_by) for given in _topic(filled).approvals.values()} == {(name, name)}


# recorded while others work


def test_a_file_that_changed_since_it_was_looked_at_is_refused_and_nothing_is_recorded(filled: Path):
    seen = _topic(filled)
    given = approvals_of(seen, files_called(seen, ["botox", "no-treatment"]), BY_A, DAY)
    _add_a_word(filled, "en/botox.md")
    with pytest.raises(ChangedMeanwhile, match=r"en/botox\.md changed in the meantime") as refused:
        record_approvals(filled, TOPIC, given)
    assert refused.value.files == ("en/botox.md",)
    assert _topic(filled).approvals == {}


def test_a_file_that_is_gone_is_refused_too(filled: Path):
    [(name, approval)] = approvals_of(_topic(filled), ["en/botox.md"], BY_A, DAY).items()
    with pytest.raises(ChangedMeanwhile, match="en/laser"):
        record_approvals(filled, TOPIC, {name: approval, "en/laser.md": approval})
    assert _topic(filled).approvals == {}


def test_all_that_many_people_approve_at_once_is_recorded(filled: Path):
    topic = _topic(filled)
    names = [name for name in topic.digests if name.startswith("en/")]
    together, failed = threading.Barrier(len(names)), []

    def approve(name: str) -> None:
        together.wait()
        try:
            record_approvals(filled, TOPIC, approvals_of(topic, [name], Signature(f"Dr. of {name}"), DAY))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=approve, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {name: given.by for name, given in _topic(filled).approvals.items()} == {
        name: f"Dr. of {name}" for name in names
    }


# the approval.yaml of before


@pytest.fixture
def approved_before(filled: Path) -> Path:
    """Content with an approval.yaml that is of exactly its text."""
    path = filled / "topics" / TOPIC / "approval.yaml"
    digest = old_digest(_topic(filled).digests)
    path.write_text(f'by: "Dr. Old"\non: 2026-11-01\nuntil: 2027-10-01\ndigest: {digest}\n')
    return filled


def test_an_approval_of_before_that_matches_the_text_is_one_of_each_file(approved_before: Path):
    topic = _topic(approved_before)
    assert approval_state(topic, DAY) == "approved"
    assert set(topic.approvals) == set(topic.digests)
    assert {given.by for given in topic.approvals.values()} == {"Dr. Old"}


def test_an_approval_of_before_that_does_not_match_leaves_every_file_changed(approved_before: Path):
    _add_a_word(approved_before, "en/botox.md")
    assert set(file_states(_topic(approved_before), DAY).values()) == {"changed"}


def test_approving_replaces_an_approval_of_before_and_keeps_what_it_covered(approved_before: Path):
    _approve(approved_before, "botox")
    folder = approved_before / "topics" / TOPIC
    assert not (folder / "approval.yaml").exists()
    by = {name: given.by for name, given in _topic(approved_before).approvals.items()}
    assert {name for name in by if by[name] == "Dr. A"} == {"en/botox.md"}
    assert approval_state(_topic(approved_before), DAY) == "approved"
    _add_a_word(approved_before, "en/botox.md")
    states = file_states(_topic(approved_before), DAY)
    assert [name for name in states if states[name] != "approved"] == ["en/botox.md"]


def test_what_an_approval_of_before_covered_is_the_digest_that_it_held():
    # as release 0.1.0 had it: SHA-256 over "length:name" and the SHA-256 of each file, the words last
    assert old_digest({"en/a.md": "aa" * 32, "topic.yaml": "bb" * 32, "words/en.yaml": "cc" * 32}) == _by_hand()


def _by_hand() -> str:
    parts: Iterator[bytes] = (
        f"{len(name)}:{name}".encode() + bytes.fromhex(digest * 32)
        for name, digest in (("en/a.md", "aa"), ("topic.yaml", "bb"), ("en.yaml", "cc"))
    )
    return hashlib.sha256(b"".join(parts)).hexdigest()


# what the approver sees


def test_the_approver_is_shown_what_to_look_at(filled: Path):
    topic = _topic(filled)
    lines = "\n".join(to_look_at(topic, files_called(topic, ())))
    assert "number mvd-relief: 91 out of 100 people, from Miller" in lines
    assert "figures/cushion.svg" in lines
    assert "Ask us." in lines
    _approve(filled)
    _add_a_word(filled, "en/botox.md")
    lines = "\n".join(to_look_at(_topic(filled), ["en/botox.md"]))
    assert lines.endswith("en/botox.md, which has changed since Dr. A approved it on 2026-11-23")
    assert "number" not in lines


def test_the_pages_shown_are_those_that_print_from_the_files(library: Library, request_of: RequestOf, sheets):
    request = request_of(options=["botox", "no-treatment"])
    names = sheets_to_show(library, request, ["figures/injection-sites.svg"], DAY)
    assert names == ("botox",)
    assert sheets_to_show(library, request, ["en/radiosurgery.md"], DAY) == ()
    shown = preview(library, request_of(sheets=names), DAY, sheets)
    texts = page_texts(shown)
    assert all("Not yet approved" in text and "preview" in text for text in texts)
    approved = preview(approved_by(library), request_of(sheets=names), DAY, sheets)
    assert all("· Approved" in text for text in page_texts(approved))
    assert identify(shown) == Identified("foreign"), "no handout that could be mailed or recorded"


# a skeleton's text


def test_every_line_that_a_new_topic_has_to_replace_is_found(content: Path):
    files = skeleton("back-pain", "choice", shared_words(content), DAY)
    folder = content / "topics" / "back-pain"
    for name, text in files.items():
        write_text(folder / name, text)
    topic = load_library(content, "back-pain").topic
    found = {(fault.file, fault.line) for fault in left_from_skeleton(topic, [*topic.digests], files.values())}
    wanted = {
        (name, number)
        for name, text in files.items()
        for number, line in enumerate(text.split("\n"), 1)
        if re.search(r"\bWrite\b", line)
    }
    assert len(wanted) > 30
    assert found >= wanted
    assert {fault.file for fault in left_from_skeleton(topic, ["en/overview.md"], files.values())} == {"en/overview.md"}


def test_a_text_of_ones_own_may_ask_to_write(library: Library, content: Path):
    files = skeleton("back-pain", "choice", shared_words(content), DAY).values()
    assert left_from_skeleton(library.topic, [*library.topic.digests], files) == []
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text() + "\nWrite down when it starts. Write your questions on the last page.\n")
    topic = _topic(content)
    assert left_from_skeleton(topic, [*topic.digests], files) == []
    path.write_text(path.read_text() + "\nWrite here what comes next.\n")
    assert [fault.file for fault in left_from_skeleton(topic, [*topic.digests], files)] == ["en/botox.md"]


def test_a_topic_that_new_wrote_is_told_by_its_lines(content: Path):
    for name, text in skeleton("back-pain", "choice", shared_words(content), DAY).items():
        write_text(content / "topics" / "back-pain" / name, text)
    topic = load_library(content, "back-pain").topic
    assert {fault.file for fault in unwritten(content, topic, ["en/overview.md"], DAY)} == {"en/overview.md"}
    assert unwritten(content, _topic(content), [*_topic(content).digests], DAY) == []


# writing


def test_an_installed_program_does_not_write_into_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(paths, "is_installed", lambda: True)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    with pytest.raises(OutputFault, match="--content"):
        require_writable(tmp_path / "content")
    require_writable(tmp_path.parent)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputFault, match="can't be written"):
        write_text(tmp_path / "file" / "approvals.yaml", "x")


def test_where_approvals_cannot_be_written_it_is_told_beforehand(
    library: Library, filled: Path, monkeypatch: pytest.MonkeyPatch
):
    require_approvable(_topic(filled))
    monkeypatch.setattr(os, "access", lambda path, _: path != filled / "topics" / TOPIC)
    with pytest.raises(OutputFault, match="can't be written into the folder of 'hemifacial-spasm'"):
        require_approvable(_topic(filled))
    monkeypatch.undo()
    monkeypatch.setattr(paths, "is_installed", lambda: True)
    with pytest.raises(OutputFault, match="new-folder"):
        require_approvable(library.topic)
