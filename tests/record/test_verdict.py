"""Whether a file can be relied on; the command `verify` and the desk say what this says."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

import pytest

from handouts.codes import format_code
from handouts.load.library import load_library
from handouts.model.edition import Edition
from handouts.pipeline import Made, give_to_browser
from handouts.record.recorder import FolderRecorder
from handouts.record.verdict import FileVerdict, judge_file
from handouts.record.voiding import void
from tests.conftest import CONTENT, TODAY, MakeOf
from tests.record.test_recorder import Build, build, recorder

__all__ = ["build", "recorder"]


@pytest.fixture
def made(build: Build, recorder: FolderRecorder) -> Made:
    found = build()
    give_to_browser(found, recorder)
    return found


def judged(recorder: FolderRecorder, pdf: bytes, content: Path = CONTENT) -> FileVerdict:
    return judge_file(recorder.store, pdf, partial(load_library, content), TODAY)


def test_a_file_as_it_was_made_is_reliable_and_its_text_is_told(made: Made, recorder: FolderRecorder):
    found = judged(recorder, made.pdf)
    assert (found.reliable, found.known, found.told) == (True, True, "one of ours, unchanged")
    assert found.text
    assert found.text.current
    assert found.text.content == "hemifacial-spasm 2026.1, for the clinic cohen"
    assert (found.text.topic, found.text.options) == ("Hemifacial spasm", ("Botox injections",))
    assert found.headline == "Ours, unchanged and current"


def test_one_byte_more_is_a_changed_file_of_a_document_that_is_ours(made: Made, recorder: FolderRecorder):
    found = judged(recorder, made.pdf + b"\n")
    assert (found.reliable, found.known, found.file.kind) == (False, False, "changed")
    assert found.file.code == made.code
    assert found.headline == "Changed: don't rely on it"


def test_a_file_from_elsewhere_is_unknown_though_it_carries_a_code(recorder: FolderRecorder, make_of: MakeOf):
    other = make_of(patient={"name": "Xanthippe Quill"})
    found = judged(recorder, other.pdf)
    assert (found.file.kind, found.file.code, found.text) == ("unknown", other.code, None)
    assert (found.reliable, found.headline) == (False, "Not known here: don't rely on it")
    assert judged(recorder, b"%PDF-1.7 nothing").file.code is None


def test_a_voided_document_is_known_and_not_reliable(made: Made, recorder: FolderRecorder):
    void(recorder, made.code, "wrong side")
    found = judged(recorder, made.pdf)
    assert (found.known, found.reliable) == (True, False)
    assert "by anna: wrong side" in found.status[0]
    assert found.headline == "Ours and unchanged, but voided"


def test_a_replaced_document_names_the_one_that_counts(made: Made, build: Build, recorder: FolderRecorder):
    after = build(Edition(replaces=made.code))
    give_to_browser(after, recorder)
    found = judged(recorder, made.pdf)
    assert found.status == (f"Replaced by {format_code(after.code)}",)
    assert found.headline == "Ours and unchanged, but replaced"
    assert judged(recorder, after.pdf).reliable


def test_a_print_file_tells_of_each_document_in_it_that_no_longer_counts(made: Made, recorder: FolderRecorder):
    volume = b"%PDF-1.7 two handouts"
    recorder.print_job([made.code], "front-desk", hashlib.sha256(volume).hexdigest()).queued(1.0)
    assert judged(recorder, volume).reliable
    void(recorder, made.code, "wrong side")
    found = judged(recorder, volume)
    assert (found.told, found.reliable) == ("a print file, unchanged since it was printed", False)
    assert [code for code, _ in found.held] == [made.code]
    assert found.headline == "Our print file, but not all in it still counts"


def test_a_text_that_is_gone_is_said_to_be_gone(made: Made, recorder: FolderRecorder, tmp_path: Path):
    found = judged(recorder, made.pdf, tmp_path)
    assert found.text
    assert (found.text.current, found.text.today) == (False, "this topic or clinic no longer exists, or can't be read")
    assert (found.text.topic, found.text.options) == ("hemifacial-spasm", ("botox",))
    assert (found.reliable, found.headline) == (True, "Ours and unchanged, but its text is no longer the current one")
