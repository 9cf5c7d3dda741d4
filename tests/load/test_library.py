"""Step 1, load: content files in, a Library out, or all their mistakes at once."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import pytest

from handouts.errors import ContentFault, RequestFault
from handouts.load import library as load
from handouts.load.digests import characters_of, list_pieces
from handouts.load.known_files import REVIEW
from handouts.load.language_files import is_translation
from handouts.load.library import clinic_ids, default_clinic, load_library, option_ids, topic_ids
from handouts.load.validation import validate
from handouts.load.yamlfile import parse
from handouts.model.clinic import ClinicFile
from handouts.paths import PROGRAM, Program
from tests.clinics import PRINTED, UNPRINTED
from tests.conftest import TOPIC
from tests.topics import CHOICE, CHOICE_FILES, edit, write_topic


def topic(content: Path) -> Path:
    return content / "topics" / TOPIC


def told(content: Path, clinic: str | None = None) -> list[str]:
    with pytest.raises(ContentFault) as caught:
        load_library(content, TOPIC, clinic)
    return [str(fault) for fault in caught.value.faults]


def test_a_library_holds_topic_clinic_words_and_digest(content: Path) -> None:
    library = load_library(content, TOPIC, "seaview-example")
    assert (library.topic.id, library.clinic.id, library.words.times["noon"]) == (TOPIC, "seaview-example", "Noon")
    assert len(library.digest) == 64


def test_the_clinic_of_the_settings_is_taken_when_none_is_named(content: Path) -> None:
    assert load_library(content, TOPIC).clinic.id == default_clinic(content) == "cohen"


def test_topics_clinics_and_options_are_listed(content: Path) -> None:
    (content / "topics" / "draft").mkdir()
    for folder in {*(content / "topics").iterdir()} - {topic(content), content / "topics" / "draft"}:
        shutil.rmtree(folder)
    write_topic(content, CHOICE, CHOICE_FILES)
    assert topic_ids(content) == [CHOICE, TOPIC]
    assert clinic_ids(content) == ["cohen", "seaview-example"]
    assert option_ids(content, TOPIC)[:2] == ("medicines", "botox")
    (topic(content) / "topic.yaml").write_text("a: [")
    assert option_ids(content, TOPIC) == ()


def test_an_unknown_topic_or_clinic_is_answered_with_the_nearest(content: Path) -> None:
    with pytest.raises(RequestFault, match=r"There is no topic 'hemifacial-spasms'\. Did you mean 'hemifacial-spasm'"):
        load_library(content, "hemifacial-spasms")
    with pytest.raises(RequestFault, match=r"There is no clinic 'cohn'\. Did you mean 'cohen'"):
        load_library(content, TOPIC, "cohn")


@pytest.mark.parametrize("name", ["..", "../topics/hemifacial-spasm", "", "."])
def test_a_path_is_no_name_of_a_topic(content: Path, name: str) -> None:
    with pytest.raises(RequestFault):
        load_library(content, name)


def test_words_alone_are_loaded_or_told(content: Path) -> None:
    assert load.load_words(content) == load_library(content, TOPIC).words
    edit(content / "words" / "en.yaml", "  morning: Morning\n", "")
    with pytest.raises(ContentFault, match=r"words/en\.yaml:\d+: 'times\.morning' is missing"):
        load.load_words(content)


def test_a_missing_content_folder_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ContentFault, match="Name it with --content"):
        load_library(tmp_path / "none", TOPIC)


def test_settings_that_name_an_unknown_clinic_are_at_fault_themselves(content: Path) -> None:
    (content / "settings.yaml").write_text("default_clinic: cohn\n")
    with pytest.raises(ContentFault, match=r"settings\.yaml: There is no clinic 'cohn'\. Did you mean 'cohen'"):
        load_library(content, TOPIC)
    (content / "settings.yaml").unlink()
    with pytest.raises(ContentFault, match=r"settings\.yaml: is missing"):
        load_library(content, TOPIC)


def test_every_fault_in_several_files_is_told_together(content: Path) -> None:
    texts = topic(content) / "en"
    edit(topic(content) / "topic.yaml", "version:", "versoin:")
    (texts / "botox.md").unlink()
    edit(content / "clinics" / "cohen" / "clinic.yaml", "paper: letter", "paper: foolscap")
    edit(content / "words" / "en.yaml", "  morning: Morning\n", "")
    found = told(content)
    assert any("topic.yaml:2: unknown key 'versoin'" in fault or "topic.yaml" in fault for fault in found)
    assert any("Did you mean 'version'" in fault for fault in found)
    assert any("clinic.yaml" in fault and "'paper'" in fault for fault in found)
    assert any("en.yaml" in fault and "'times.morning' is missing" in fault for fault in found)


def test_faults_of_all_texts_of_a_topic_are_told_together(content: Path) -> None:
    texts = topic(content) / "en"
    (texts / "botox.md").unlink()
    edit(texts / "radiosurgery.md", "## What happens?", "## What happens then?")
    edit(texts / "no-treatment.md", "short:", "shrt:")
    (texts / "medicines" / "baclofen.md").write_text("no front matter")
    (texts / "overview.md").write_bytes(b"\xff\xfe\x00binary")
    found = told(content)
    starts = [fault.split(": ")[0] for fault in found]
    base = f"topics/{TOPIC}/en"
    assert f"{base}/botox.md: is missing. `new {TOPIC}` makes it, to fill in, and keeps what is there" in found
    assert any(fault.startswith(f"{base}/radiosurgery.md:") and "## What happens?" in fault for fault in found)
    assert any(fault.startswith(f"{base}/no-treatment.md:3") and "Did you mean 'short'" in fault for fault in found)
    assert f"{base}/medicines/baclofen.md:1" in starts
    assert f"{base}/overview.md: is not UTF-8 text; save it as UTF-8" in found


def test_a_mistake_in_prose_is_told_at_its_line_in_the_file(content: Path) -> None:
    path = topic(content) / "en" / "botox.md"
    rows = path.read_text().split("\n")
    at = rows.index("## What happens?") + 2
    rows[at] = "A <b>word</b>."
    path.write_text("\n".join(rows))
    assert told(content)[0].startswith(f"topics/{TOPIC}/en/botox.md:{at + 1}: HTML can't be printed")


def test_a_mistake_in_front_matter_is_told_at_its_line_in_the_file(content: Path) -> None:
    edit(topic(content) / "en" / "botox.md", "short: Botox", "shrt: Botox")
    assert f"topics/{TOPIC}/en/botox.md:3: unknown key 'shrt'. Did you mean 'short'?" in told(content)


def test_windows_line_ends_and_byte_order_marks_change_no_text(content: Path) -> None:
    before = load_library(content, TOPIC)
    for path in content.rglob("*.*"):
        if path.suffix in {".md", ".yaml"}:
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    after = load_library(content, TOPIC)
    assert after.topic.options == before.topic.options
    assert after.topic.overview == before.topic.overview
    assert after.words == before.words


def test_a_heading_too_many_or_too_few_is_told(content: Path) -> None:
    path = topic(content) / "en" / "botox.md"
    path.write_text(path.read_text() + "\n## One more\n\nText.\n")
    assert (
        "'## One more' is no heading of this kind of file. The headings of such a file are '## What is it?'"
        in (told(content)[0])
    )
    text = path.read_text()
    path.write_text(text[: text.index("## How sure are we?")])
    missing = "botox.md: the heading '## How sure are we?' is missing; it belongs after the text under"
    assert f"{missing} '## What is living with it like?'" in told(content)[0]


@pytest.mark.parametrize("text", ["", "no front matter\n", "\n---\nname: x\n---\n", "———\nname: x\n---\n"])
def test_front_matter_that_is_not_there_is_told(content: Path, text: str) -> None:
    (topic(content) / "en" / "takeaways.md").write_text(text)
    assert f"topics/{TOPIC}/en/takeaways.md:1: must begin with its front matter" in told(content)[0]


@pytest.mark.parametrize(
    ("text", "place", "where"),
    [
        ("---\nname: X\n\nWords.\n", "takeaways.md", "below its last key"),
        ("---\nname: X\n## What?\n\nx\n", "takeaways.md:3", "above this heading"),
    ],
)
def test_the_end_of_a_front_matter_that_is_missing_is_told_where_it_belongs(
    content: Path, text: str, place: str, where: str
) -> None:
    (topic(content) / "en" / "takeaways.md").write_text(text)
    assert f"{place}: the second '---', which ends the front matter, is missing; write it" in told(content)[0]
    assert where in told(content)[0]


def test_a_logo_a_figure_or_a_practice_page_that_is_missing_is_told(content: Path) -> None:
    (content / "clinics" / "cohen" / "logo.svg").unlink()
    edit(content / "clinics" / "cohen" / "clinic.yaml", "practice_page: false", "practice_page: true")
    (content / "clinics" / "cohen" / "practice.en.md").unlink()
    (topic(content) / "figures" / "cushion.svg").unlink()
    found = told(content)
    assert any(fault.startswith("clinics/cohen/logo.svg: is missing: the clinic's logo") for fault in found)
    assert any("practice.en.md: is missing, though clinic.yaml says" in fault for fault in found)
    assert "topics/hemifacial-spasm/figures/cushion.svg: is missing, though topic.yaml names this figure" in found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    label-cut: cut\n", "", "has no word for 'label-cut', a label of incision.svg"),
        ("label-cut:", "label-cot:", "has a word for 'label-cot', which is no label of incision.svg"),
        ("  incision:\n", "  incisions:\n", "has words for 'incisions', which topic.yaml does not name"),
    ],
)
def test_labels_and_their_words_belong_together(content: Path, old: str, new: str, message: str) -> None:
    edit(topic(content) / "en" / "figures.yaml", old, new)
    assert any(message in fault for fault in told(content))


def test_a_folder_in_the_place_of_a_file_is_told(content: Path) -> None:
    (topic(content) / "en" / "botox.md").unlink()
    (topic(content) / "en" / "botox.md").mkdir()
    assert "botox.md: can't be read" in told(content)[0]


def test_a_picture_among_the_key_points_is_told_where_it_would_vanish(content: Path) -> None:
    path = topic(content) / "en" / "takeaways.md"
    path.write_text("---\nname: Key points\n---\n\n- One\n\n![x](cushion.svg)\n")
    assert told(content) == [
        f"topics/{TOPIC}/en/takeaways.md:7: key points are words alone; move the picture elsewhere"
    ]


def test_a_safety_field_that_nothing_would_print_is_told(content: Path) -> None:
    edit(topic(content) / "topic.yaml", "  driving: ", "  drivin: ")
    edit(topic(content) / "en" / "botox.md", "safety: [botox_breathing_swallowing]", "safety: [botox_breathing]")
    found = told(content)
    assert any("no label for 'drivin'. Did you mean 'driving'?" in fault for fault in found)
    assert any("botox.md" in fault and "'botox_breathing_swallowing'?" in fault for fault in found)


def test_an_approval_that_can_not_be_read_is_told(content: Path) -> None:
    one = "by: X\n    on: today\n    until: 2027-01-01\n    digest: abc\n"
    (topic(content) / "approvals.yaml").write_text(f"files:\n  en/botox.md:\n    {one}")
    found = told(content)
    assert any("approvals.yaml:4: 'files.en/botox.md.on'" in fault for fault in found)
    assert any("approvals.yaml:6: 'files.en/botox.md.digest' is not in the right form" in fault for fault in found)


def test_an_approval_of_before_that_can_not_be_read_is_told(content: Path) -> None:
    (topic(content) / "approval.yaml").write_text("by: X\non: today\nuntil: 2027-01-01\ndigest: abc\n")
    assert any("approval.yaml:4: 'digest' is not in the right form" in fault for fault in told(content))


APPROVAL = "files:\n  topic.yaml: {by: Dr. X, on: 2026-11-22, until: 2027-11-01, digest: " + "0" * 64 + "}\n"


def test_any_byte_of_topic_logo_or_words_changes_the_digest(content: Path) -> None:
    before = load_library(content, TOPIC).digest
    seen = {before}
    translations = {path for path in topic(content).rglob("*") if is_translation(path.relative_to(content).as_posix())}
    paths = [path for path in topic(content).rglob("*") if path.is_file() and path.name != REVIEW]
    paths = [path for path in paths if path not in translations]
    paths += [
        content / "defaults" / "en.yaml",
        content / "words" / "en.yaml",
        content / "clinics" / "cohen" / "logo.svg",
    ]
    for path in paths:
        old = path.read_bytes()
        path.write_bytes(old + b"\n")
        seen.add(load_library(content, TOPIC).digest)
        path.write_bytes(old)
    assert len(seen) == len(paths) + 1
    assert load_library(content, TOPIC).digest == before


@pytest.mark.parametrize("change", UNPRINTED)
def test_what_shows_on_no_page_changes_no_digest(content: Path, change: str) -> None:
    before = load_library(content, TOPIC)
    UNPRINTED[change](content)
    assert load_library(content, TOPIC).digest == before.digest


def test_whatever_a_page_shows_of_a_clinic_changes_the_digest(content: Path, tmp_path: Path) -> None:
    seen = {load_library(content, TOPIC).digest}
    for name, change in PRINTED.items():
        changed = Path(shutil.copytree(content, tmp_path / name))
        change(changed)
        seen.add(load_library(changed, TOPIC).digest)
    assert len(seen) == len(PRINTED) + 1


def test_every_key_of_a_clinic_is_known_to_show_on_a_page_or_not() -> None:
    printed = {name.replace(" ", "_") for name in PRINTED} | {"colors"}
    others = {"clinicians", "email", "print", "fhir", "in_languages"}
    assert set(ClinicFile.model_fields) - printed == others, "then mend ClinicFile.printed"


@pytest.mark.parametrize("name", ["null", "~", "no", "00417", "a: b # c", "- x", 'say "hi" \\n', "Łuk é", "🙂 smile"])
def test_what_is_printed_of_a_clinic_reads_as_it_was_written(name: str) -> None:
    file = ClinicFile(name=name, address=(name, "two"), practice_page=True)
    kept = file.printed_json()
    read = validate(ClinicFile, parse(kept.decode(), "clinic.yaml"))
    assert read == file
    assert read.printed_json() == kept


def test_any_byte_of_a_template_or_figure_changes_the_digest(content: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    program = Program(root)
    shutil.copytree(PROGRAM.templates, program.templates)
    shutil.copytree(PROGRAM.figures, program.figures)
    library = load_library(content, TOPIC, program=program)
    figure = topic(content) / "figures" / "cushion.svg"
    for path, prose in ((root / "templates" / "base.css", False), (figure, True)):
        path.write_bytes(path.read_bytes() + b" ")
        changed = load_library(content, TOPIC, program=program)
        assert changed.digest != library.digest
        assert (changed.topic.digests != library.topic.digests) == prose
        library = changed


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "harm_labels:",
            "  - {what: [pain, a rash], stays: botox-ptosis}\nharm_labels:",
            "one number",
        ),
        ("  living: ", "  harms: Not known.\n  living: ", "needs either harms or, where none is known, grid.harms"),
        ("  signs:\n", "  sings:\n", "Did you mean 'signs'?"),
        ("harms:\n", "glance:\n  hrms: Few.\nharms:\n", "no row of the comparison. Did you mean 'harms'?"),
        ("harm_labels: {passes:", "harm_labels: {often:", "harm_labels"),
    ],
)
def test_an_options_harms_and_signs_have_one_form(content: Path, old: str, new: str, message: str) -> None:
    path = topic(content) / "en" / "botox.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentFault) as caught:
        load_library(content, TOPIC)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("written", "font"),
    [("see: Ξ here", "NotoSans["), ("see: &Xi; here", "NotoSans["), ("نور", "NotoSansArabic["), ("– “é” €", "")],
)
def test_a_fall_back_font_is_part_of_the_digest_only_where_the_text_needs_it(
    content: Path, written: str, font: str
) -> None:
    def fonts() -> list[str]:
        library = load_library(content, TOPIC)
        pieces = list_pieces(content, library.topic.files, library.clinic, library.program)
        return [piece.name for piece in pieces if piece.kind == "font"]

    body = ["HandoutsLegible-Regular.ttf", "HandoutsLegible-Bold.ttf"]
    assert fonts() == body
    path = topic(content) / "en" / "botox.md"
    path.write_text(path.read_text() + f"\n{written}\n", encoding="utf-8")
    found = fonts()
    assert found[:2] == body
    assert [name.startswith(font) for name in found[2:]] == ([True] if font else [])


def test_characters_written_by_their_number_count_as_such() -> None:
    assert "→" in characters_of(b'{"name":"a \\u2192 b"}')
    assert "→" in characters_of(b'content: "\\2192"')
    assert "→" in characters_of(b"a &#8594; b")
    assert "→" not in characters_of(b"2192 u2192")


def test_a_clinics_own_letters_count(content: Path) -> None:
    before = load_library(content, TOPIC)
    path = content / "clinics" / "cohen" / "clinic.yaml"
    path.write_text(re.sub(r"(?m)^line:.*$", "line: Κλινική", path.read_text()), encoding="utf-8")
    library = load_library(content, TOPIC)
    pieces = list_pieces(content, library.topic.files, library.clinic, library.program)
    assert "Κλινική" in library.clinic.file.line
    assert sum(piece.kind == "font" for piece in pieces) == 3
    assert library.digest != before.digest


def test_an_approval_changes_neither_digest_and_another_clinic_only_one(content: Path) -> None:
    before = load_library(content, TOPIC)
    (topic(content) / "approvals.yaml").write_text(APPROVAL)
    after = load_library(content, TOPIC)
    assert (after.digest, after.topic.digests) == (before.digest, before.topic.digests)
    assert after.topic.approvals["topic.yaml"].by == "Dr. X"
    other = load_library(content, TOPIC, "seaview-example")
    assert other.digest != before.digest
    assert other.topic.digests == before.topic.digests


@pytest.mark.parametrize("name", ["topic.yaml", "en/botox.md", "en/medicines/baclofen.md", "figures/cushion.svg"])
def test_any_byte_of_a_file_changes_what_its_own_approval_ties_to_alone(content: Path, name: str) -> None:
    before = load_library(content, TOPIC).topic.digests
    path = topic(content) / name
    path.write_bytes(path.read_bytes() + b"\n")
    after = load_library(content, TOPIC).topic.digests
    assert [one for one in before if after[one] != before[one]] == [name]
    assert after[name] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_moved_content_folder_and_editors_hidden_files_change_nothing(content: Path, library: load.Library) -> None:
    (topic(content) / ".botox.md.swp").write_text("x")
    assert load_library(content, TOPIC).digest == library.digest


def test_a_file_that_can_not_be_read_is_content_at_fault(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("handouts.load.digests.read_regular", refuse)
    with pytest.raises(ContentFault, match="can't be read: Permission denied"):
        load_library(content, TOPIC)
