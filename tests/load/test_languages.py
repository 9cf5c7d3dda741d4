"""A library in another language: whole, like its English, and never half of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from handouts.errors import ContentFault, RequestFault
from handouts.load.language_files import languages, languages_of_topic, original_of
from handouts.load.library import load_library
from handouts.load.numerals import missing_numbers, numbers_in
from handouts.load.progress import printed_languages
from handouts.load.translation_faults import translation_faults
from handouts.model.language import comma, grouped, primary_tag
from tests.languages import TAG, digest, translate
from tests.topics import CHOICE, CHOICE_FILES, GUIDE, GUIDE_FILES, edit, write_topic

NUMBERS = """\
figures: {}
numbers:
  relief: {count: 91, out_of: 100, about: true, over: about 3 years, source: one}
  rare: {count: 1, out_of: 1000, fewer: true, over: each treatment, source: one}
  time: {count: 1200, unit: steps, source: one}
sources: {one: {cite: One}}
"""


@pytest.fixture
def translated(content: Path) -> Path:
    """A content folder with one made-up topic in English and in another language."""
    topic = CHOICE_FILES["topic.yaml"] + NUMBERS
    drops = CHOICE_FILES["en/drops.md"].replace(
        "Most people feel better.", "It takes 6 days. {relief} {cite:one}\n\n- Ask 1\n- Ask 2"
    )
    write_topic(content, CHOICE, CHOICE_FILES, topic=topic, drops=drops)
    translate(content, CHOICE)
    return content


def told(content: Path) -> str:
    with pytest.raises(ContentFault) as fault:
        load_library(content, CHOICE, language=TAG)
    return str(fault.value.message)


def path(content: Path, name: str) -> Path:
    return content / "topics" / CHOICE / TAG / name


def test_all_that_a_handout_needs_is_read_in_one_language(translated: Path) -> None:
    edit(path(translated, "drops.md"), "name: Drops", "name: Gouttes")
    edit(translated / "words" / f"{TAG}.yaml", "key_points: Key points", "key_points: A retenir")
    library = load_library(translated, CHOICE, language=TAG)
    assert library.language == library.topic.language == library.wording.language == TAG
    assert library.topic.options["drops"].head.name == "Gouttes"
    assert library.words.page["key_points"] == "A retenir"
    assert not any(name.startswith("en/") or name.endswith("/en.yaml") for name in library.topic.digests)
    assert f"words/{TAG}.yaml" in library.hashes


def test_a_word_has_another_form_behind_some_numbers(content: Path) -> None:
    arabic = load_library(content, "trigeminal-neuralgia", language="ar").topic
    numbers = arabic.file.numbers
    assert arabic.numbers.whole(numbers["bac-trial"]) == "7 أشخاص"
    of_100 = next(one for one in numbers.values() if one.out_of == 100 and one.of == "people" and not one.about)
    assert arabic.numbers.whole(of_100).endswith("شخص")


def test_plurals_of_no_phrase_are_a_fault(translated: Path) -> None:
    edit(path(translated, "words.yaml"), "phrases:", "plurals: {persons: {few: x}}\nphrases:")
    assert "'persons' has plurals, and no entry in phrases" in told(translated)


def test_a_translation_changes_nothing_of_the_english_library(content: Path) -> None:
    write_topic(content, CHOICE, CHOICE_FILES)
    before = load_library(content, CHOICE)
    translate(content, CHOICE)
    after = load_library(content, CHOICE)
    assert (after.digest, after.topic.digests) == (before.digest, before.topic.digests)


def test_numbers_are_said_in_the_words_of_the_language(translated: Path) -> None:
    words = translated / "words" / f"{TAG}.yaml"
    edit(words, 'out_of: "{count} out of {out_of} {of}"', 'out_of: "{count} {of} sur {out_of}"')
    edit(words, 'about: "about {number}"', 'about: "environ {number}"')
    topic = load_library(translated, CHOICE, language=TAG).topic
    numbers = topic.file.numbers
    assert topic.numbers.whole(numbers["relief"]) == f"environ 91 people en {TAG} sur 100"
    assert topic.numbers.over(numbers["rare"]) == f"each treatment en {TAG}"
    assert topic.numbers.over(numbers["relief"]) == f"over about 3 years en {TAG}"
    assert topic.numbers.without_of(numbers["rare"]) == "fewer than 1 sur 1\u202f000"
    assert topic.numbers.whole(numbers["time"]) == f"1\u202f200 steps en {TAG}"


def test_names_are_parted_as_the_language_does_it() -> None:
    assert [comma(tag) for tag in ("en", "es", "ar", "he")] == [",", ",", "،", ","]


def test_a_reader_from_mexico_sees_a_thousand_as_at_home() -> None:
    assert [grouped(1000, tag) for tag in ("en", "es", "ar", "fr")] == ["1,000", "1,000", "1,000", "1\u202f000"]


@pytest.mark.parametrize(("tag", "kept"), [("es-MX", "es"), ("es", "es"), ("EN-us", "en"), ("ar_EG", "ar")])
def test_a_region_finds_its_language(tag: str, kept: str) -> None:
    assert primary_tag(tag) == kept


def test_a_language_without_texts_is_refused_with_those_that_there_are(translated: Path) -> None:
    with pytest.raises(RequestFault, match=r"no texts in Tagalog .*English \(en\), .*French \(fr\)"):
        load_library(translated, CHOICE, language="tl")
    write_topic(translated, "other-topic", CHOICE_FILES)
    with pytest.raises(RequestFault, match=r"no texts in French \(fr\) of other-topic. It is in English \(en\)."):
        load_library(translated, "other-topic", language=TAG)


def test_all_that_is_missing_is_told_at_once(translated: Path) -> None:
    for name in ("drops.md", "medicines/steroid.md"):
        path(translated, name).unlink()
    (translated / "defaults" / f"{TAG}.yaml").unlink()
    edit(path(translated, "words.yaml"), '  "about 3 years":', '  "about three years":')
    edit(translated / "words" / f"{TAG}.yaml", "  key_points:", "  my_points:")
    found = told(translated)
    for name in ("drops.md: is missing", "steroid.md: is missing", f"defaults/{TAG}.yaml: is missing"):
        assert name in found
    assert f"`new-language fr {CHOICE}` makes it" in found
    assert "'page.key_points' is missing" in found


@pytest.mark.parametrize("name", [f"topics/{CHOICE}/{TAG}/words.yaml", f"words/{TAG}.yaml", f"defaults/{TAG}.yaml"])
def test_what_is_missing_makes_no_other_file_faulty(translated: Path, name: str) -> None:
    (translated / name).unlink()
    assert translation_faults(translated, TAG, [CHOICE]) == []
    assert f"{name}: is missing" in told(translated)


def test_what_topic_yaml_prints_besides_has_a_phrase_too(translated: Path) -> None:
    with (translated / "topics" / CHOICE / "topic.yaml").open("a") as file:
        file.write("funding: Our hospital\nupdate_policy: every spring\n")
    found = told(translated)
    assert "phrases has none for 'Our hospital'" in found
    assert "phrases has none for 'every spring'" in found
    with path(translated, "words.yaml").open("a") as file:
        file.write('  "Our hospital": Notre hopital\n  "every spring": chaque printemps\n')
    file = load_library(translated, CHOICE, language=TAG).topic.file
    assert (file.funding, file.update_policy) == ("Notre hopital", "chaque printemps")


def test_a_phrase_of_a_number_is_missing_or_too_many(translated: Path) -> None:
    edit(path(translated, "words.yaml"), '  "about 3 years":', '  "about three years":')
    found = told(translated)
    assert "phrases has none for 'about 3 years' (topic.yaml, line " in found
    assert "'about three years' is no phrase of topic.yaml. Did you mean 'about 3 years'?" in found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ask: [Do they sting?]", "ask: [Do they sting?, More?]", "'ask' has 2 entries, and 1 in English"),
        ("teach_back: [Tell us how you use them.]\n", "", "'teach_back' is missing, which English has"),
        ("takeaway: Drops", "more: x\ntakeaway: Drops", "'more' is not in English"),
        ("It takes 6 days.", "It takes 60 days.", "lacks the number 6, which English has"),
        ("{relief}", "{relief.count}", "lacks {relief}, which English has"),
        ("{cite:one}", "", "lacks {cite:one}, which English has"),
        ("- Ask 1\n- Ask 2", "- Ask 1", "holds a list of 1, and a list of 2 in English"),
        ("- Ask 1\n- Ask 2", "1. Ask\n2. Ask", "holds a numbered list of 2, and a list of 2 in English"),
    ],
)
def test_what_is_not_made_like_the_english_is_told_with_its_line(
    translated: Path, old: str, new: str, message: str
) -> None:
    edit(path(translated, "drops.md"), old, new)
    found = told(translated)
    assert message in found
    assert f"topics/{CHOICE}/{TAG}/drops.md:" in found


def test_the_headings_of_ticks_and_crosses_are_the_words_of_the_language(content: Path) -> None:
    write_topic(content, GUIDE, GUIDE_FILES)
    translate(content, GUIDE)
    words, sheet = content / "words" / f"{TAG}.yaml", content / "topics" / GUIDE / TAG / "wound.md"
    edit(words, "  do: Do\n", "  do: À faire\n")
    edit(sheet.with_name("stitches.md"), "## Do\n", "## À faire\n")
    edit(sheet, "## Do\n", "## Ce qu'il faut faire\n")
    with pytest.raises(
        ContentFault, match=r"wound\.md:\d+: '## Ce qu'il faut faire' stands for '## Do'.* '## À faire'"
    ):
        load_library(content, GUIDE, language=TAG)
    edit(sheet, "## Ce qu'il faut faire\n", "## À faire\n")
    assert load_library(content, GUIDE, language=TAG)


def test_a_translated_drawing_or_name_stays_as_it_is(content: Path) -> None:
    translate(content, "trigeminal-neuralgia")
    folder = content / "topics" / "trigeminal-neuralgia" / TAG
    load_library(content, "trigeminal-neuralgia", language=TAG)
    edit(folder / "microvascular-decompression.md", "(incision.svg", "(pad.svg")
    with pytest.raises(ContentFault, match=r"holds .*the figure pad .*the figure incision"):
        load_library(content, "trigeminal-neuralgia", language=TAG)


def test_words_keep_the_places_that_the_program_fills(translated: Path) -> None:
    words = translated / "words" / f"{TAG}.yaml"
    edit(words, "about_side: This is about {side}.", "about_side: This is about a side.")
    edit(words, "diary_days: Mon Tue Wed", "diary_days: Mon Tue")
    found = told(translated)
    assert "'page.about_side' lacks {side}" in found
    assert "'page.diary_days' needs 7 words" in found


def test_words_of_messages_keep_the_clinic_and_its_telephone_number(translated: Path) -> None:
    assert translation_faults(translated, TAG, [CHOICE]) == []
    mail = translated / "words" / f"mail.{TAG}.yaml"
    text = mail.read_text(encoding="utf-8")
    mail.write_text(text.replace("{clinic}", "nous").replace("{phone}", "nous"), encoding="utf-8")
    told = [str(fault) for fault in translation_faults(translated, TAG, [])]
    assert any(f"words/mail.{TAG}.yaml:" in each and "lacks {clinic}, which English has" in each for each in told)
    assert any("'message.call' lacks {phone}, which English has" in each for each in told)


@pytest.mark.parametrize("name", ["drops.md", "words.yaml"])
def test_a_translation_says_what_it_was_made_from(translated: Path, name: str) -> None:
    file = path(translated, name)
    edit(file, "from: ", "was: ")
    assert "'from' has to be the SHA-256 of the English file" in told(translated)


def test_a_translation_is_behind_once_its_english_has_changed(translated: Path) -> None:
    assert load_library(translated, CHOICE, language=TAG).topic.behind == frozenset()
    english = translated / "topics" / CHOICE / "en" / "drops.md"
    edit(english, "It takes", "This takes")
    edit(translated / "words" / "en.yaml", "version: Version", "version: Edition")
    behind = load_library(translated, CHOICE, language=TAG).topic.behind
    assert behind == {f"{TAG}/drops.md", f"words/{TAG}.yaml"}
    edit(path(translated, "drops.md"), "from: ", f"from: {digest(english)} #")
    assert load_library(translated, CHOICE, language=TAG).topic.behind == {f"words/{TAG}.yaml"}


def test_safety_texts_are_said_in_the_language_and_stand_behind_a_change(translated: Path) -> None:
    topic, words = translated / "topics" / CHOICE / "topic.yaml", path(translated, "words.yaml")
    with topic.open("a") as file:
        file.write("safety: {driving: Wait 2 days}\n")
    overview = "matters: [Less burning]\nsafety: {driving: When you drive}"
    for name in (translated / "topics" / CHOICE / "en" / "overview.md", path(translated, "overview.md")):
        edit(name, "matters: [Less burning]", overview)
    assert "safety has no text for 'driving'" in told(translated)
    with words.open("a") as file:
        file.write("safety: {driving: Attendez 3 jours}\n")
    found = told(translated)
    assert "safety.driving lacks the number 2" in found
    wanted = found.partition("write safety_from: ")[2][:64]
    edit(words, "Attendez 3 jours", "Attendez 2 jours")
    with words.open("a") as file:
        file.write(f"safety_from: {wanted}\n")
    library = load_library(translated, CHOICE, language=TAG)
    assert library.topic.file.safety["driving"].text == "Attendez 2 jours"
    assert f"{TAG}/words.yaml" not in library.topic.behind
    edit(topic, "Wait 2 days", "Never for 2 days")
    assert f"{TAG}/words.yaml" in load_library(translated, CHOICE, language=TAG).topic.behind


def test_english_holds_nothing_that_belongs_to_translations(content: Path) -> None:
    words = CHOICE_FILES["en/words.yaml"] + "phrases: {people: personnes}\n"
    write_topic(content, CHOICE, CHOICE_FILES, words=words)
    with pytest.raises(ContentFault, match="'phrases' belongs to translations"):
        load_library(content, CHOICE)


def test_a_practice_page_that_is_switched_on_is_needed_in_the_language(translated: Path) -> None:
    (translated / "clinics" / "cohen" / f"practice.{TAG}.md").unlink()
    clinic = translated / "clinics" / "cohen" / "clinic.yaml"
    text = clinic.read_text(encoding="utf-8")
    if "practice_page: true" not in text:
        edit(clinic, "practice_page: false", "practice_page: true")
    with pytest.raises(ContentFault, match=rf"practice\.{TAG}\.md: is missing"):
        load_library(translated, CHOICE, "cohen", language=TAG)


def test_the_languages_of_a_folder_are_those_with_words(translated: Path) -> None:
    assert languages(translated)[0] == "en"
    assert TAG in languages(translated)
    (translated / "topics" / CHOICE / "old").mkdir()
    assert languages_of_topic(translated / "topics" / CHOICE) == ["en", TAG]


def test_a_language_that_has_only_begun_is_none_to_print_in(translated: Path) -> None:
    assert TAG in printed_languages(translated)
    edit(path(translated, "drops.md"), "name: Drops", "name: ____")
    assert TAG in languages(translated)
    assert TAG not in printed_languages(translated)


@pytest.mark.parametrize(
    ("name", "english"),
    [
        ("topics/t/fr/medicines/a.md", "topics/t/en/medicines/a.md"),
        ("words/mail.fr.yaml", "words/mail.en.yaml"),
        ("clinics/c/practice.fr.md", "clinics/c/practice.en.md"),
        ("topics/fr/fr/fr.md", "topics/fr/en/fr.md"),
        ("glossary/fr.yaml", "glossary/fr.yaml"),
    ],
)
def test_the_english_file_of_a_translation(name: str, english: str) -> None:
    assert original_of(name) == english


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,000 or 1.000", ["1000", "1000"]),
        ("2.5 mg, 2,5 mg", ["2.5", "2.5"]),
        ("١٬٠٠٠ و ٢٫٥", ["1000", "2.5"]),
        ("{mvd-relief-2} of 12", ["12"]),
        ("5-10 days, 3 to 6", ["5", "10", "3", "6"]),
    ],
)
def test_numbers_are_found_however_a_language_writes_them(text: str, numbers: list[str]) -> None:
    assert numbers_in(text) == numbers


@given(st.integers(0, 10**9), st.sampled_from(["en_US", "es", "es_US", "fr", "de", "ar", "ar_EG", "hi", "vi"]))
def test_a_number_is_the_same_in_every_grouping_and_digits(number: int, locale: str) -> None:
    said = format_decimal(number, locale=locale, numbering_system="default")
    assert list(missing_numbers(f"about {number:,} people", f"x {said} y")) == []
    assert numbers_in(said) == [str(number)]


@given(st.lists(st.integers(0, 99), max_size=6), st.lists(st.integers(0, 99), max_size=6))
def test_a_number_that_is_lost_is_told_and_one_more_is_not(english: list[int], more: list[int]) -> None:
    text = " a ".join(map(str, english))
    assert list(missing_numbers(text, " b ".join(map(str, [*more, *english])))) == []
    if english:
        (wrong,) = missing_numbers(text, " b ".join(map(str, english[1:])))
        assert f"lacks the number {english[0]}," in wrong


def test_what_a_clinic_says_otherwise_in_an_english_copy_counts_as_well(content: Path) -> None:
    def digest_now() -> str:
        return load_library(content, "hemifacial-spasm", "cohen", "es", with_english=True).digest

    before, clinic = digest_now(), content / "clinics" / "cohen" / "clinic.yaml"
    edit(clinic, "line: Neurosurgery", "line: Brain surgery")
    english = digest_now()
    edit(clinic, "Neurocirugía", "Cirugía del cerebro")
    assert len({before, english, digest_now()}) == 3
