"""Gates on a translation, and INFLESZ on texts whose syllables were counted by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handouts.check import Finding, text_findings
from handouts.check.inflesz import perspicuity, syllables
from handouts.check.reading import WORD, measure
from handouts.check.translation import not_applied, score
from handouts.check.typeset import sheet_findings, sheets_to_measure
from handouts.errors import ContentFault
from handouts.load.everything import require_sound
from handouts.load.library import load_library, load_mail_words
from handouts.load.progress import SHARED, progress
from tests.conftest import TODAY
from tests.languages import translate
from tests.topics import CHOICE, CHOICE_FILES, edit, write_topic

QUIJOTE = (
    "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía un hidalgo de los de "
    "lanza en astillero, adarga antigua, rocín flaco y galgo corredor."
)
FABLE = "A un panal de rica miel dos mil moscas acudieron, que por golosas murieron presas de patas en él."


# syllables


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "y que miel buey pie dio guion 12 vio"),
        (2, "causa cuida guerra quiero día país río baúl oír cielo ciudad aire huevo yodo reír después"),
        (3, "poeta cigüeña ahora María vivía antigua corredor hidalgo teatro cuidado médico"),
        (4, "acordarme operación alegría energía ahorita enfermero anestesia hemifacial"),
        (5, "medicamento descompresivo"),
        (6, "microcirugía"),
    ],
)
def test_spanish_syllables_are_counted_as_they_are_spelt(count: int, words: str) -> None:
    assert {word: syllables(word) for word in words.split()} == dict.fromkeys(words.split(), count)


def test_capitals_are_spelled_out_and_a_decomposed_accent_counts() -> None:
    assert syllables("RM") == 4  # e-rre e-me
    assert syllables("di\u0301a") == 2


@pytest.mark.parametrize(("text", "words", "spoken", "wanted"), [(QUIJOTE, 33, 60, 60.56), (FABLE, 19, 31, 86.19)])
def test_texts_counted_by_hand_have_their_score(text: str, words: int, spoken: int, wanted: float) -> None:
    reading = measure(text, count=syllables)
    assert (reading.words, reading.sentences, reading.syllables) == (words, 1, spoken)
    assert score(reading) == pytest.approx(wanted, abs=0.01)


def test_the_formula_is_szigriszts() -> None:
    assert perspicuity(100, 10, 200) == pytest.approx(206.835 - 62.3 * 2 - 10)
    assert perspicuity(0, 0, 0) == 0.0


def test_arabic_words_and_sentences_are_counted_with_their_marks() -> None:
    reading = measure("هل تَشْعُرُ بألم؟ اتصل بنا. انتظر ٣ أيام.")
    assert (reading.words, reading.sentences) == (8, 3)
    assert WORD.findall("تَشْعُرُ") == ["تَشْعُرُ"]


# a translation


@pytest.fixture(params=["es", "fr"])
def tag(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(content: Path, tag: str) -> Path:
    write_topic(content, CHOICE, CHOICE_FILES)
    for path in content.rglob(f"*{tag}.yaml"):
        path.unlink()
    translate(content, CHOICE, tag)
    return content


def found(folder: Path, tag: str, gate: str) -> list[Finding]:
    return [each for each in text_findings(folder, [CHOICE], TODAY, tag) if each.gate == gate]


def test_spanish_has_its_formula_and_others_the_length_of_sentences_and_words(folder: Path, tag: str) -> None:
    gates = {each.gate for each in text_findings(folder, [CHOICE], TODAY, tag)}
    assert ("INFLESZ" in gates) == (tag == "es")
    assert ("words in a sentence, mean" in gates) == ("letters in a word, mean" in gates) == (tag != "es")
    assert "reading grade" not in gates


def test_hard_spanish_fails_with_its_sentence(content: Path) -> None:
    write_topic(content, CHOICE, CHOICE_FILES)
    translate(content, CHOICE, "es")
    hard = "La administración intramuscular de medicamentos anticonvulsionantes requiere supervisión especializada."
    edit(content / "topics" / CHOICE / "es" / "drops.md", "Most people feel better.", f"{hard} {hard} {hard} {hard}")
    failing = [each for each in found(content, "es", "INFLESZ") if each.level == "failure"]
    assert any(each.place.startswith(f"topics/{CHOICE}/es/drops.md:") for each in failing)


def test_sentences_lists_doses_and_decimals_are_looked_at_in_every_language(folder: Path, tag: str) -> None:
    drops = folder / "topics" / CHOICE / tag / "drops.md"
    edit(drops, "Most people feel better.", f"Most people feel better. Take 10mg. {'uno ' * 26}.")
    edit(drops, "one_line: Drops wet", "one_line: Drops 1.5 wet")
    for gate in ("longest sentence", "dose notation", "decimals on page 1"):
        (flaw,) = {each for each in found(folder, tag, gate) if each.level == "failure"}
        assert f"{tag}/drops.md" in flaw.place


def test_a_number_between_two_words_for_or_is_no_unit(content: Path) -> None:
    write_topic(content, CHOICE, CHOICE_FILES)
    translate(content, CHOICE, "es")
    edit(content / "topics" / CHOICE / "es" / "drops.md", "Most people feel better.", "Espere 7 u 8 horas.")
    assert found(content, "es", "dose notation") == []


def test_the_glossary_tells_where_a_term_is_said_otherwise(folder: Path, tag: str) -> None:
    (folder / "glossary").mkdir(exist_ok=True)
    (folder / "glossary" / f"{tag}.yaml").write_text("terms: {eyes: ojos, people: people, wet: ____}\n")
    told = found(folder, tag, "glossary")
    assert {each.measured for each in told} == {"eyes is said otherwise"}
    assert {each.level for each in told} == {"advice"}
    (folder / "glossary" / f"{tag}.yaml").write_text("terms: {eyes: ojos, your eyes: your eyes}\n")
    assert len(found(folder, tag, "glossary")) < len(told), "a term within a longer one is said in that"
    (folder / "glossary" / f"{tag}.yaml").write_text("terms: {eyes: ojos}\n")
    edit(folder / "topics" / CHOICE / tag / "plugs.md", "They are for your eyes.", "Son para sus ojos.")
    assert len(found(folder, tag, "glossary")) == len(told) - 1


def test_the_words_for_a_side_are_those_of_that_side(folder: Path, tag: str) -> None:
    (folder / "glossary").mkdir(exist_ok=True)
    glossary = folder / "glossary" / f"{tag}.yaml"
    glossary.write_text("sides: {left: [left], right: [right]}\n")
    assert found(folder, tag, "side named") == []
    edit(folder / "words" / f"{tag}.yaml", "your_left_side: your left side", "your_left_side: your right side")
    (flaw,) = found(folder, tag, "side named")
    assert (flaw.level, flaw.measured, flaw.limit) == ("failure", "right", "left")


def test_without_words_for_sides_nobody_notices_a_swap(folder: Path, tag: str) -> None:
    with (folder / "topics" / CHOICE / "topic.yaml").open("a", encoding="utf-8") as file:
        file.write("sides: [left, right]\n")
    path = folder / "glossary" / f"{tag}.yaml"
    path.parent.mkdir(exist_ok=True)
    found = [one for one in _findings(folder, tag) if one.gate == "side named"]
    path.write_text("sides: {left: [your left], right: []}\n", encoding="utf-8")
    found += [one for one in _findings(folder, tag) if one.gate == "side named"]
    assert [(one.level, one.where) for one in found] == [("notice", f"glossary/{tag}.yaml: sides")] * 2
    path.write_text("sides: {left: [left], right: [right]}\n", encoding="utf-8")
    assert [one for one in _findings(folder, tag) if one.gate == "side named"] == []


def _findings(folder: Path, tag: str) -> list[Finding]:
    return text_findings(folder, [CHOICE], TODAY, tag)


def test_a_text_that_is_the_english_one_is_told_but_for_names(content: Path) -> None:
    def found() -> list[tuple[str, str, str]]:
        told = text_findings(content, ["hemifacial-spasm"], TODAY, "es")
        return [(one.level, one.where, one.way_out) for one in told if one.gate == "same as in English"]

    name = "topics/hemifacial-spasm/es/botox.md"
    (cognate,) = found()
    assert cognate[:2] == ("advice", "topics/hemifacial-spasm/es/figures.yaml")
    edit(
        content / name,
        "Inyecciones para que los músculos de la cara no",
        "Injections that stop face muscles from pulling.  #",
    )
    edit(content / name, "El efecto se va poco a poco.", "How many is not known. El efecto se va poco a poco.")
    ((level, where, way_out),) = set(found()) - {cognate}
    assert (level, where) == ("notice", name)
    assert re.search(r"line \d+: Injections that stop .*; line \d+: How many is not known\.", way_out)
    glossary = content / "glossary" / "es.yaml"
    edit(glossary, "terms:\n", "terms:\n  How many is not known.: How many is not known.\n  yoga: yoga\n")
    ((_, _, way_out),) = found()
    assert "How many" not in way_out


def test_a_mail_text_left_in_english_is_told(content: Path) -> None:
    english = re.search(r"  locked: (.*)", (content / "words" / "mail.en.yaml").read_text(encoding="utf-8"))
    assert english
    mail = content / "words" / "mail.es.yaml"
    mail.write_text(
        re.sub(r"  locked: .*", f"  locked: {english[1]}", mail.read_text(encoding="utf-8")), encoding="utf-8"
    )
    told = [one for one in text_findings(content, ["hemifacial-spasm"], TODAY, "es") if one.level == "notice"]
    (found,) = [one for one in told if one.gate == "same as in English"]
    assert (found.where, found.measured) == ("words/mail.es.yaml", "1 text in English")


def test_a_translation_that_nobody_checked_is_a_notice(folder: Path, tag: str) -> None:
    (notice,) = found(folder, tag, "approval")
    assert (notice.level, notice.measured) == ("notice", "translation not checked: 11 files")
    assert f"--language {tag} --by NAME --checked-by NAME" in str(notice.limit)


def test_what_a_clinic_says_in_english_alone_is_a_notice_until_it_says_it(folder: Path, tag: str) -> None:
    clinic = folder / "clinics" / "cohen" / "clinic.yaml"
    clinic.write_text(re.sub(r"(?m)^in_languages:.*\n", "", clinic.read_text(encoding="utf-8")), encoding="utf-8")
    (notice,) = found(folder, tag, "for the practice to fill in")
    assert notice.place.startswith("clinics/cohen/clinic.yaml")
    assert load_library(folder, CHOICE, "cohen", tag).clinic.file.line == "Neurosurgery"
    english = load_library(folder, CHOICE, "cohen").digest
    with clinic.open("a", encoding="utf-8") as file:
        file.write(f"in_languages: {{{tag}: {{line: Neuro}}}}\n")
    assert found(folder, tag, "for the practice to fill in") == []
    assert load_library(folder, CHOICE, "cohen", tag).clinic.file.line == "Neuro"
    assert load_library(folder, CHOICE, "cohen").digest == english, "an English document keeps its code"


def test_what_does_not_apply_is_said(tag: str) -> None:
    said = not_applied(tag)
    assert "selling words" in said
    assert ("INFLESZ" in said) == (tag == "es")
    assert ("no tested formula" in said) == (tag != "es")


# a whole folder


def test_check_tells_of_translations_that_are_behind_or_not_whole(folder: Path, tag: str) -> None:
    def told() -> list[str]:
        found = text_findings(folder, [CHOICE], TODAY)
        return [f"{each.where} {each.measured}" for each in found if each.gate == f"translation ({tag})"]

    assert told() == []
    edit(folder / "topics" / CHOICE / "en" / "drops.md", "Most people", "Some people")
    (folder / "topics" / CHOICE / tag / "plugs.md").unlink()
    assert any(f"{CHOICE} 1 of " in line for line in told())
    assert f"topics/{CHOICE}/{tag}/drops.md behind: the English has changed" in told()
    (late,) = [each for each in text_findings(folder, [CHOICE], TODAY) if "behind" in str(each.measured)]
    assert re.fullmatch(rf"topics/{CHOICE}/en/drops\.md:\d+: Some people feel better\.", late.way_out)


def test_a_faulty_translation_stops_its_own_check_and_is_a_notice_of_the_english(folder: Path, tag: str) -> None:
    require_sound(folder, [CHOICE], tag)
    edit(folder / "topics" / CHOICE / tag / "drops.md", "ask: [Do they sting?]", "ask: [Do they sting?, More?]")
    with pytest.raises(ContentFault, match="'ask' has 2 entries, and 1 in English"):
        require_sound(folder, [CHOICE], tag)
    require_sound(folder, [CHOICE])
    notices = [each for each in text_findings(folder, [CHOICE], TODAY) if each.gate == f"translation ({tag})"]
    (told,) = [each for each in notices if each.measured == "can't be used yet"]
    assert (told.level, told.where) == ("notice", f"topics/{CHOICE}/{tag}/drops.md")
    assert "'ask' has 2 entries" in told.way_out
    assert told.line > 1


def test_english_messages_go_out_while_others_are_not_filled_in(folder: Path, tag: str) -> None:
    mail = folder / "words" / f"mail.{tag}.yaml"
    mail.write_text(re.sub(r"(?m)^  subject:.*", "  subject: ____", mail.read_text(encoding="utf-8")), encoding="utf-8")
    require_sound(folder, [CHOICE])
    words = load_mail_words(folder)
    assert words.in_language(tag) == words


def test_how_far_a_language_is(folder: Path, tag: str) -> None:
    (folder / "topics" / CHOICE / tag / "plugs.md").unlink()
    edit(folder / "topics" / CHOICE / tag / "drops.md", "Most people feel better.", "____")
    edit(folder / "words" / "en.yaml", "version: Version", "version: Edition")
    parts = {part.part: part for part in progress(folder, tag, [CHOICE])}
    assert [*parts[SHARED].behind] == [f"words/{tag}.yaml"]
    assert parts[CHOICE].missing == (f"topics/{CHOICE}/{tag}/drops.md", f"topics/{CHOICE}/{tag}/plugs.md")
    assert (parts[CHOICE].there, len(parts[CHOICE].files)) == (7, 9)


def test_a_preset_in_a_language_that_is_not_there_is_a_fault(folder: Path, tag: str) -> None:
    preset = folder / "clinics" / "cohen" / "presets" / "in-words.yaml"
    preset.write_text(f"topic: {CHOICE}\nlanguage: {tag}-XX\n", encoding="utf-8")
    require_sound(folder, [CHOICE])
    preset.write_text(f"topic: {CHOICE}\nlanguage: tl\n", encoding="utf-8")
    with pytest.raises(ContentFault, match="there is no language 'tl' in the content"):
        require_sound(folder, [CHOICE])


def test_a_translations_pages_are_measured_and_may_grow_by_one(folder: Path, tag: str) -> None:
    asked = sheets_to_measure(folder, CHOICE, TODAY, language=tag)
    assert {sheet.case.language for sheet in asked} == {tag}
    (one, *_) = [sheet for sheet in asked if sheet.sheet == "drops" and sheet.case.format == "standard"]
    made = {each.gate: each for each in sheet_findings(folder, CHOICE, one, TODAY)}
    assert tag in one.where.partition(":")[0].split()
    assert made["pages of an option"].limit == "3 at most"
    assert not [each for each in made.values() if each.level == "failure"]
