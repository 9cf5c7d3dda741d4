"""`check --text-only` finds what is wrong in any file of a content folder, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from handouts.cli import cli
from handouts.errors import ContentFault
from handouts.load.everything import require_sound
from tests.conftest import TOPIC
from tests.topics import GUIDE, GUIDE_FILES, edit, write_topic


def test_content_without_a_fault_is_sound(content: Path) -> None:
    require_sound(content, [TOPIC])


def test_faults_of_settings_words_clinics_presets_and_topics_are_told_together(content: Path) -> None:
    edit(content / "settings.yaml", "default_clinic", "default_clinik")
    edit(content / "words" / "mail.en.yaml", "  greeting:", "  greting:")
    edit(content / "clinics" / "seaview-example" / "clinic.yaml", "paper: a4\n", "paper: a5\n")
    presets = content / "clinics" / "cohen" / "presets"
    (presets / "one.yaml").write_text(f"topic: {TOPIC}\noptions: [botox, botx]\n")
    (presets / "two.yaml").write_text("topic: hemifacial-spasms\n")
    (presets / "three.yaml").write_text("papr: a4\n")
    with pytest.raises(ContentFault) as caught:
        require_sound(content, [])
    found = caught.value.message
    for part in (
        "settings.yaml:2: unknown key 'default_clinik'. Did you mean 'default_clinic'?",
        "words/mail.en.yaml:6: unknown key 'message.greting'. Did you mean 'greeting'?",
        "clinics/seaview-example/clinic.yaml:15: 'paper'",
        f"clinics/cohen/presets/one.yaml:2: there is no option 'botx' in {TOPIC}. Did you mean 'botox'?",
        "clinics/cohen/presets/two.yaml:1: there is no topic 'hemifacial-spasms' in the content. Did you mean",
        "clinics/cohen/presets/three.yaml:1: unknown key 'papr'. Did you mean 'paper'?",
    ):
        assert part in found, part


NAMES = {
    "options: [botx, no-treatment]": "there is no option 'botx' in hemifacial-spasm. Did you mean 'botox'?",
    "sections: [wound]": "there is no section 'wound' in hemifacial-spasm. It has no sections: leave sections out.",
    "sheets: [frnt]": "there is no sheet 'frnt' in hemifacial-spasm. Did you mean 'front'?",
    "side: both": "there is no side 'both' in hemifacial-spasm.",
    "clinic: cohn": "there is no clinic 'cohn' in the content. Did you mean 'cohen'?",
}


@pytest.mark.parametrize(("line", "message"), NAMES.items())
def test_each_name_in_a_preset_is_looked_up(content: Path, line: str, message: str) -> None:
    (content / "clinics" / "cohen" / "presets" / "one.yaml").write_text(f"topic: {TOPIC}\n{line}\n")
    with pytest.raises(ContentFault) as caught:
        require_sound(content, [])
    assert f"clinics/cohen/presets/one.yaml:2: {message}" in caught.value.message


def test_a_preset_of_instructions_may_name_their_sections_alone(content: Path) -> None:
    write_topic(content, GUIDE, GUIDE_FILES)
    path = content / "clinics" / "cohen" / "presets" / "one.yaml"
    path.write_text(f"topic: {GUIDE}\nsections: [stitches]\nsheets: [front, instructions]\n")
    require_sound(content, [])
    path.write_text(f"topic: {GUIDE}\nsections: [stiches]\noptions: [drops]\nside: left\n")
    with pytest.raises(ContentFault) as caught:
        require_sound(content, [])
    assert [fault.message for fault in caught.value.faults] == [
        f"there is no section 'stiches' in {GUIDE}. Did you mean 'stitches'?",
        f"there is no option 'drops' in {GUIDE}. It has no options: leave options out.",
        f"there is no side 'left' in {GUIDE}. It has no sides: leave side out.",
    ]


def test_names_are_looked_up_in_a_preset_with_other_mistakes_too(content: Path) -> None:
    path = content / "clinics" / "cohen" / "presets" / "one.yaml"
    path.write_text(f"topic: {TOPIC}\noptions: [botx]\nsections: wound\nclinican: x\n")
    with pytest.raises(ContentFault) as caught:
        require_sound(content, [])
    assert [fault.line for fault in caught.value.faults] == [2, 3, 4]


BROKEN = {
    "a misspelt word": ("words/en.yaml", "  key_points:", "  key_pionts:", "Did you mean 'key_points'?"),
    "a word of mail": ("words/mail.en.yaml", "  greeting:", "  greting:", "Did you mean 'greeting'?"),
    "a figure": (
        f"topics/{TOPIC}/en/botox.md", "(injection-sites.svg", "(injections.svg", "there is no figure 'injections'"
    ),
    "a number": (f"topics/{TOPIC}/en/radiosurgery.md", "## What happens?\n", "## What happens?\n\n{nope}\n", "'nope'"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_check_of_texts_tells_what_making_a_page_would_find(
    content: Path, file: str, old: str, new: str, message: str
) -> None:
    edit(content / file, old, new)
    result = CliRunner().invoke(cli, ["--content", str(content), "check", TOPIC, "--text-only"])
    assert (result.exit_code, message in result.output) == (3, True), result.output


def test_a_drawing_that_was_renamed_alone_is_told_with_its_new_name(content: Path) -> None:
    figures = content / "topics" / TOPIC / "figures"
    (figures / "cushion.svg").rename(figures / "cushions.svg")
    result = CliRunner().invoke(cli, ["--content", str(content), "check", TOPIC, "--text-only"])
    assert result.exit_code == 3
    assert "cushion.svg: is missing, though topic.yaml names this figure. Did you mean 'cushions'?" in result.output


def test_a_source_or_figure_that_no_text_shows_is_a_notice(content: Path) -> None:
    path = content / "topics" / TOPIC / "topic.yaml"
    edit(path, "\nsources:\n", "\nsources:\n  spare-study: {cite: A study}\n")
    edit(path, "  cushion: {sided: false}\n", "  cushion: {sided: false}\n  spare: {sided: false}\n")
    figures = content / "topics" / TOPIC / "figures"
    (figures / "spare.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>x</title></svg>'
    )
    result = CliRunner().invoke(cli, ["--content", str(content), "check", TOPIC, "--text-only"])
    assert result.exit_code == 0, result.output
    notices = result.output.split("Notices")[1]
    for part in ("unused source", "spare-study", "unused figure"):
        assert part in notices


def test_a_logo_of_the_other_clinic_that_can_not_be_drawn_fails(content: Path) -> None:
    (content / "clinics" / "seaview-example" / "logo.svg").write_text("<svg/>")
    result = CliRunner().invoke(cli, ["--content", str(content), "check", TOPIC, "--text-only"])
    assert result.exit_code == 3
    assert "clinics/seaview-example/logo.svg" in result.output
