"""The keys of sheets: a change makes anew what shows it, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.typeset_sheet import TypesetSheet
from handouts.paths import PROGRAM, Program
from handouts.typeset.cache import SheetCache
from handouts.typeset.stack import StackPlan, bind_sheets, plan_stack, sheets_of
from tests.clinics import UNPRINTED, say
from tests.conftest import TODAY, TOPIC, RequestOf
from tests.lists import approve
from tests.sheets import stacked
from tests.typeset.test_accessibility import ALL, FULL

Keys = dict[str, str]
EVERY: dict[str, Any] = {**FULL, "options": ALL}
OPTION_FIGURES = {"injection-sites": {"botox"}, "incision": {"microvascular-decompression"}}


@pytest.fixture
def keys(request_of: RequestOf) -> Callable[..., Keys]:
    """The key of every sheet of a handout of all options."""

    def build(library: Library, today: date = TODAY, **over: Any) -> Keys:
        return dict(_plan(library, request_of, today, **over).sheets)

    return build


def _plan(library: Library, request_of: RequestOf, today: date = TODAY, **over: Any) -> StackPlan:
    merged = merge(library, request_of(**{**EVERY, **over}), today)
    return plan_stack(library, merged.handout, merged.wording)


def _changed(before: Keys, after: Keys) -> set[str]:
    assert set(before) == set(after)
    return {name for name in before if before[name] != after[name]}


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A copy of templates and drawings to change at will."""
    shutil.copytree(PROGRAM.figures, tmp_path / "program" / "assets" / "figures")
    shutil.copytree(PROGRAM.templates, tmp_path / "program" / "templates")
    return Program(tmp_path / "program")


def test_every_sheet_has_a_key_of_its_own(library: Library, keys: Callable[..., Keys]):
    found = keys(library)
    assert [*found] == ["front", "comparison", "plan", "condition", *ALL, "questions", "diary"]
    assert len(set(found.values())) == len(found)


def test_an_approval_and_its_end_typeset_nothing_anew(content: Path, keys: Callable[..., Keys]):
    before = keys(load_library(content, TOPIC))
    approve(content, until=TODAY + timedelta(days=30))
    approved = load_library(content, TOPIC)
    assert approved.topic.approvals
    assert keys(approved) == before
    assert keys(approved, TODAY + timedelta(days=31)) == before


def test_an_approval_is_bound_into_the_stack_all_the_same(content: Path, request_of: RequestOf):
    before = _plan(load_library(content, TOPIC), request_of)
    approve(content)
    after = _plan(load_library(content, TOPIC), request_of)
    assert after.sheets == before.sheets
    assert after.binding != before.binding


def test_the_day_typesets_nothing_anew(library: Library, keys: Callable[..., Keys]):
    assert keys(library, TODAY + timedelta(days=7)) == keys(library)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("patient", {"name": "Xanthippe Quill", "identifier": "7"}),
        ("clinician", "Dr. X"),
        ("visit_date", "2026-11-21"),
        ("appointment", {"at": "2027-01-04T09:00", "with": "Nurse A", "where": "Clinic 1"}),
        ("next_steps", ["Call us", "Sleep well", "Come back"]),
        ("note", "Please bring your new pictures.\n\nWe looked at your MRI."),
    ],
)  # fmt: skip
def test_another_patient_typesets_nothing_anew(library: Library, keys: Callable[..., Keys], key: str, value: object):
    assert keys(library, **{key: value}) == keys(library)


@pytest.mark.parametrize(
    ("over", "sheets"),
    [
        ({"note": "One line more. " * 60}, {"front"}),
        ({"stage": "before"}, {"front"}),
        ({"medicines": [{"name": f"X {number}"} for number in range(5)]}, {"plan"}),
        ({"options": ["botox", "no-treatment"]}, {"front", "comparison", "plan", "questions", "condition"}),
    ],
    ids=["a longer note", "the stage", "more medicines", "other options"],
)
def test_what_is_chosen_makes_only_the_sheets_anew_that_show_it(
    library: Library, keys: Callable[..., Keys], over: dict[str, Any], sheets: set[str]
):
    before, after = keys(library), keys(library, **over)
    assert {name for name in after if before[name] != after[name]} <= sheets
    assert before["front" if "front" in sheets else "plan"] != after["front" if "front" in sheets else "plan"]


@pytest.mark.parametrize("over", [{"format": "large-print"}, {"paper": "a4"}, {"side": "left"}])
def test_another_look_makes_every_sheet_anew(library: Library, keys: Callable[..., Keys], over: dict[str, Any]):
    before = keys(library)
    assert _changed(before, keys(library, **over)) == set(before)


def test_a_text_of_one_option_makes_one_sheet_anew(content: Path, keys: Callable[..., Keys]):
    before = keys(load_library(content, TOPIC))
    path = content / "topics" / TOPIC / "en" / "botox.md"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + " And one sentence more.\n", encoding="utf-8")
    assert _changed(before, keys(load_library(content, TOPIC))) == {"botox"}


def test_a_line_that_moved_in_its_file_makes_nothing_anew(content: Path, keys: Callable[..., Keys]):
    before = keys(load_library(content, TOPIC))
    for path in (content / "topics" / TOPIC / "en").rglob("*.md"):
        path.write_text(path.read_text(encoding="utf-8").replace("\n## ", "\n\n\n## "), encoding="utf-8")
    assert keys(load_library(content, TOPIC)) == before


@pytest.mark.parametrize("change", UNPRINTED)
def test_what_shows_on_no_page_makes_nothing_anew(content: Path, keys: Callable[..., Keys], change: str):
    before = keys(load_library(content, TOPIC))
    UNPRINTED[change](content)
    assert keys(load_library(content, TOPIC)) == before


def test_a_clinics_name_or_logo_makes_every_sheet_anew(content: Path, keys: Callable[..., Keys]):
    before = keys(load_library(content, TOPIC))
    say(content, "name", "Dr. Cohen and Partner")
    renamed = keys(load_library(content, TOPIC))
    assert _changed(before, renamed) == set(before)
    logo = content / "clinics" / "cohen" / "logo.svg"
    logo.write_text(logo.read_text() + "\n")
    assert _changed(renamed, keys(load_library(content, TOPIC))) == set(before)


def test_a_drawing_makes_only_the_sheets_anew_that_show_it(content: Path, keys: Callable[..., Keys]):
    shown: dict[str, set[str]] = {}
    for path in sorted((content / "topics" / TOPIC / "figures").glob("*.svg")):
        before = keys(load_library(content, TOPIC))
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        shown[path.stem] = _changed(before, keys(load_library(content, TOPIC)))
    assert {name: shown[name] for name in OPTION_FIGURES} == OPTION_FIGURES
    assert set().union(*shown.values()) <= {"condition", *ALL}
    assert "condition" in set().union(*shown.values())


def test_a_word_in_a_drawing_makes_only_the_sheets_anew_that_show_it(content: Path, keys: Callable[..., Keys]):
    before = keys(load_library(content, TOPIC))
    _change(content / "topics" / TOPIC / "en" / "figures.yaml", "label-brow: brow", "label-brow: eyebrow")
    assert _changed(before, keys(load_library(content, TOPIC))) == {"botox"}


def test_a_drawing_in_the_text_of_a_medicine_counts_too(content: Path, keys: Callable[..., Keys]):
    path = content / "topics" / TOPIC / "en" / "medicines" / "carbamazepine.md"
    path.write_text(path.read_text().rstrip() + "\n\n![The vessel](mri-vessel.svg)\n")
    before = keys(load_library(content, TOPIC))
    figure = content / "topics" / TOPIC / "figures" / "mri-vessel.svg"
    figure.write_text(figure.read_text() + "\n")
    assert "plan" in _changed(before, keys(load_library(content, TOPIC)))


def test_a_drawing_that_no_longer_follows_the_side_is_drawn_anew(content: Path, keys: Callable[..., Keys]):
    path = content / "topics" / TOPIC / "topic.yaml"
    before = keys(load_library(content, TOPIC))
    assert load_library(content, TOPIC).topic.file.figures["injection-sites"].sided
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("sided: true", "sided: false"), encoding="utf-8")
    assert "botox" in _changed(before, keys(load_library(content, TOPIC)))


def test_a_template_a_style_sheet_or_a_word_of_the_page_makes_every_sheet_anew(
    content: Path, program: Program, keys: Callable[..., Keys]
):
    files = [program.templates / "macros.html.j2", program.templates / "base.css", content / "words" / "en.yaml"]
    for path in files:
        before = keys(load_library(content, TOPIC, program=program))
        if path.suffix == ".yaml":
            _change(path, "  page: Page", "  page: Leaf")
        else:
            path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        assert _changed(before, keys(load_library(content, TOPIC, program=program))) == set(before), path.name


def test_another_engine_makes_every_sheet_anew(
    library: Library, keys: Callable[..., Keys], monkeypatch: pytest.MonkeyPatch
):
    before = keys(library)
    monkeypatch.setattr("handouts.typeset.stack.engine_versions", lambda *_: "weasyprint=71")
    assert _changed(before, keys(library)) == set(before)


def test_where_a_clinics_files_lie_counts_for_nothing(content: Path, library: Library, keys: Callable[..., Keys]):
    assert keys(load_library(content, TOPIC)) == keys(library)


class _Store:
    """Keeps sheets in memory, and tells what was asked of it."""

    def __init__(self) -> None:
        self.kept: dict[str, TypesetSheet] = {}

    def get(self, key: str) -> TypesetSheet | None:
        return self.kept.get(key)

    def put(self, key: str, sheet: TypesetSheet) -> None:
        self.kept[key] = sheet


def test_only_what_is_not_kept_yet_is_typeset(library: Library, request_of: RequestOf, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    def typeset(_: Library, __: object, name: str, ___: object) -> TypesetSheet:
        asked.append(name)
        return replace(stacked()[1], name=name)

    monkeypatch.setattr("handouts.typeset.typeset.typeset_sheet", typeset)
    store = _Store()

    def made(**over: Any) -> tuple[str, ...]:
        asked.clear()
        merged = merge(library, request_of(**over), TODAY)
        plan = plan_stack(library, merged.handout, merged.wording)
        sheets, new = sheets_of(library, merged.handout, plan, store)
        assert [sheet.name for sheet in sheets] == [name for name, _ in plan.sheets]
        assert len(new) == len(asked)
        assert set(new) == {key for name, key in plan.sheets if name in asked}
        assert set(plan.keys) <= set(store.kept)
        return tuple(asked)

    assert made(options=["botox"]) == ("front", "condition", "botox", "questions", "diary")
    assert made(options=["botox"]) == ()
    assert made(options=["botox"], note="Word. " * 300) == ("front",)
    assert made(options=["botox", "no-treatment"]) == ("front", "comparison", "no-treatment", "questions")


def test_without_a_cache_everything_is_typeset_each_time(
    library: Library, request_of: RequestOf, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("handouts.typeset.typeset.typeset_sheet", lambda *_: stacked()[1])
    merged = merge(library, request_of(), TODAY)
    plan = plan_stack(library, merged.handout, merged.wording)
    for _ in range(2):
        assert sheets_of(library, merged.handout, plan, None)[1] == plan.keys


def test_a_stack_is_bound_again_from_what_is_kept_of_it(library: Library, request_of: RequestOf, sheets: SheetCache):
    merged = merge(library, request_of(), TODAY)
    plan = plan_stack(library, merged.handout, merged.wording)
    made, _ = sheets_of(library, merged.handout, plan, sheets)
    again = [TypesetSheet.from_bytes(sheet.to_bytes()) for sheet in made]
    assert bind_sheets(again, plan.binding).pdf == bind_sheets(made, plan.binding).pdf
