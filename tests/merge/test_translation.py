"""Who stands behind a translation: its state, the marks on its pages, and what the staff are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from handouts.errors import Refused
from handouts.load.library import load_library
from handouts.merge.approval import file_states
from handouts.merge.merge import merge
from handouts.merge.notices import notices_about_language
from handouts.model.content import Approval, Library
from handouts.model.edition import Edition
from handouts.pipeline import prepare
from tests.approving import approved_by, changed_since
from tests.conftest import TODAY, RequestOf
from tests.languages import TAG, translate
from tests.topics import CHOICE, CHOICE_FILES, edit, write_topic

ASKED = {"topic": CHOICE, "options": ["drops"], "language": TAG}


@pytest.fixture
def folder(content: Path) -> Path:
    write_topic(content, CHOICE, CHOICE_FILES)
    translate(content, CHOICE)
    return content


def read(folder: Path) -> Library:
    return load_library(folder, CHOICE, language=TAG)


def checked(library: Library) -> Library:
    """All approved; each translation checked by Ana."""
    topic = approved_by(library).topic
    given = {
        name: Approval(**{**approval.model_dump(), "checked_by": "Ana Ruiz"})
        if topic.is_translation(name)
        else approval
        for name, approval in topic.approvals.items()
    }
    return replace(library, topic=replace(topic, approvals=given))


def marks(library: Library, request_of: RequestOf) -> tuple[str, str]:
    said = merge(library, request_of(**ASKED), TODAY).wording.approval
    return said.mark, said.sentence


def test_a_translation_is_marked_as_not_checked_until_it_is_approved(folder: Path, request_of: RequestOf) -> None:
    library = read(folder)
    states = file_states(library.topic, TODAY)
    assert states[f"{TAG}/drops.md"] == states[f"words/{TAG}.yaml"] == "translation_not_checked"
    assert states["topic.yaml"] == "not_approved"
    assert marks(library, request_of) == ("Translation not yet checked", "No one has checked this translation yet.")


def test_an_approved_english_text_does_not_approve_its_translation(folder: Path, request_of: RequestOf) -> None:
    english = approved_by(load_library(folder, CHOICE)).topic.approvals
    library = read(folder)
    library = replace(library, topic=replace(library.topic, approvals=english))
    states = file_states(library.topic, TODAY)
    assert states["topic.yaml"] == "approved"
    assert states[f"{TAG}/drops.md"] == "translation_not_checked"
    assert marks(library, request_of)[0] == "Translation not yet checked"


def test_who_approved_and_who_checked_are_both_printed(folder: Path, request_of: RequestOf) -> None:
    mark, sentence = marks(checked(read(folder)), request_of)
    assert (mark, sentence) == ("", "Approved by Dr. X. Translation checked by Ana Ruiz.")


def test_who_checked_an_english_text_is_not_printed(folder: Path, request_of: RequestOf) -> None:
    library = approved_by(load_library(folder, CHOICE))
    given = {
        name: approval.model_copy(update={"checked_by": "Jo"}) for name, approval in library.topic.approvals.items()
    }
    library = replace(library, topic=replace(library.topic, approvals=given))
    said = merge(library, request_of(topic=CHOICE, options=["drops"]), TODAY).wording.approval
    assert said.sentence == "Approved by Dr. X."


def test_a_translation_falls_behind_when_its_english_changes_though_it_was_approved(
    folder: Path, request_of: RequestOf
) -> None:
    edit(folder / "topics" / CHOICE / "en" / "drops.md", "Most people", "Some people")
    library = checked(read(folder))
    assert file_states(library.topic, TODAY)[f"{TAG}/drops.md"] == "translation_behind"
    merged = merge(library, request_of(**ASKED), TODAY)
    states = dict(merged.handout.approval.sheets)
    assert states["drops"] == states["front"] == "translation_behind"
    assert states["condition"] == "approved"
    assert merged.wording.approval.mark == "Translation out of date"
    assert merged.wording.approval.sentence.startswith("Some pages were translated from an English text")
    assert any("English text that has changed since" in notice for notice in merged.notices)


def test_a_translation_that_was_changed_after_its_approval_has_the_mark_of_any_such_text(
    folder: Path, request_of: RequestOf
) -> None:
    library = changed_since(checked(read(folder)), f"{TAG}/drops.md")
    assert file_states(library.topic, TODAY)[f"{TAG}/drops.md"] == "changed"
    assert marks(library, request_of)[0] == "Changed since it was approved"


@pytest.mark.parametrize("state", ["not checked", "behind"])
def test_it_is_refused_where_text_that_is_not_approved_is_refused(
    folder: Path, request_of: RequestOf, state: str
) -> None:
    library = read(folder)
    if state == "behind":
        edit(folder / "topics" / CHOICE / "en" / "drops.md", "Most people", "Some people")
        library = checked(read(folder))
    request = request_of(**ASKED)
    with pytest.raises(Refused, match=rf"approve {CHOICE} --language {TAG} --by NAME --checked-by NAME"):
        prepare(library, request, TODAY, Edition(approved_only=True))
    prepare(library, request, TODAY, Edition(approved_only=True, allow_unapproved=True))
    prepare(library, request, TODAY)


def test_past_its_review_a_translation_is_refused_like_any_text(folder: Path, request_of: RequestOf) -> None:
    with pytest.raises(Refused, match="is past its review date"):
        prepare(read(folder), request_of(**ASKED), date(2030, 1, 1))


def test_each_of_six_marks_has_a_place_in_the_running_line() -> None:
    from handouts.merge.approval import WORST
    from handouts.model.slots import APPROVALS

    running = {"not_approved" if state == "changed" else state for state in WORST} | {"practice"}
    assert len(APPROVALS) >= len(running)


def test_the_sheets_are_in_the_language_of_the_library(folder: Path, request_of: RequestOf) -> None:
    look = merge(read(folder), request_of(**ASKED), TODAY).handout.look
    assert look.language == TAG


def test_the_staff_are_told_that_their_own_words_are_printed_as_they_are(request_of: RequestOf) -> None:
    request = request_of(note="Call me", next_steps=["Rest"], medicines=[{"name": "A", "remark": "with food"}])
    (told,) = notices_about_language("es", request)
    assert told.startswith("Printed as you wrote it, not translated: note, next steps, doses and remarks.")
    assert "Spanish" in told
    assert list(notices_about_language("en", request)) == []
    assert list(notices_about_language("es", request_of())) == []
