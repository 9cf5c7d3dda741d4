"""Text as print has it in its language: marks, spaces that bind, and from right to left what keeps its direction."""

from __future__ import annotations

from handouts.model.isolates import without_isolates
from handouts.model.prose import Run
from handouts.typeset.typography import ENGLISH, Typography

SPANISH = Typography("es", "«»", "latn", "{count} de cada {out_of} {of}")
ARABIC = Typography("ar", "«»")


def test_each_language_has_its_quotation_marks():
    assert ENGLISH.typographic('He said "don\'t".') == "He said “don’t”."
    assert SPANISH.typographic('Dijo "no".') == "Dijo «no»."


def test_a_count_out_of_many_stays_together_as_its_language_says_it():
    assert SPANISH.inline((Run("91 de cada 100 personas, 5 de ellas"),)) == (
        "91\u00a0de\u00a0cada\u00a0100 personas, 5\u00a0de ellas"
    )
    assert ENGLISH.inline((Run("91 out of 100 people"),)) == "91\u00a0out\u00a0of\u00a0100 people"


def test_a_title_stays_with_its_name_and_a_number_with_the_word_after_it():
    for language in (SPANISH, ENGLISH):
        assert language.inline((Run("Vea a la Dra. Cohen, 200 mg."),)) == "Vea a la Dra.\u00a0Cohen, 200\u00a0mg."
    assert SPANISH.typographic("el 5 de mayo de 2026 en casa") == "el 5\u00a0de mayo de 2026 en casa"
    assert ARABIC.typographic("د. كوهين بعد 3 أيام") == "د.\u00a0كوهين بعد 3\u00a0أيام"


def test_a_dose_in_an_arabic_text_runs_from_left_to_right():
    assert ARABIC.inline((Run("جرعة 200 mg كل يوم"),)) == (
        'جرعة \u2066<span lang="en" dir="ltr">200\u00a0mg</span>\u2069 كل يوم'
    )


def test_arabic_words_on_an_english_page_are_set_apart():
    assert ENGLISH.apart("عيادة كوهين") == "\u2068عيادة كوهين\u2069"


def test_a_source_mark_stays_with_the_word_before_it():
    marked = '<span class="bound">people.<sup class="mark">2, 3</sup></span>'
    assert ENGLISH.inline((Run("Most people."), Run("", cites=(2, 3)))) == f"Most {marked}"
    assert ENGLISH.inline((Run("Most", bold=True), Run("", cites=(2,)))) == (
        '<span class="bound"><strong>Most</strong><sup class="mark">2</sup></span>'
    )
    assert "2، 3" in ARABIC.inline((Run("ناس."), Run("", cites=(2, 3))))


def test_a_term_in_latin_letters_is_marked_as_english_in_an_arabic_text():
    made = ARABIC.inline((Run("صورة (MRI) عند Dr. Cohen. قال نعم"),))
    assert made == (
        'صورة (<span lang="en" dir="ltr">MRI</span>) عند <span lang="en" dir="ltr">Dr.\u00a0Cohen</span>. قال نعم'
    )


def test_a_genes_name_in_an_arabic_text_is_one_term():
    assert '<span lang="en" dir="ltr">HLA-B*15:02</span>' in ARABIC.inline((Run("جين اسمه HLA-B*15:02، عند"),))


def test_a_telephone_number_in_an_arabic_text_stands_in_an_isolate_and_so_does_what_is_set_apart():
    assert ARABIC.typographic("اتصل 555-0100") == "اتصل \u2066555-0100\u2069"
    assert ARABIC.apart("Dr. Cohen") == "\u2068Dr. Cohen\u2069"
    assert ARABIC.apart("(555) 010-0100") == "\u2068(555)\u00a0010-0100\u2069"
    assert (ENGLISH.apart("Dr. Cohen"), without_isolates(ARABIC.apart("x"))) == ("Dr. Cohen", "x")


def test_what_is_no_text_is_left_alone():
    digits = Typography("ar", "«»", "arab")
    for value in ("#17324d", "data:image/png;base64,AAAA0123", "0 0 504 24", "letter", 12, None):
        assert digits.typographic(value) == value
    assert (digits.typographic("91"), digits.typographic("1,000"), digits.typographic("من 3")) == (
        "٩١",
        "١,٠٠٠",
        "من ٣",
    )


def test_a_css_string_in_arabic_is_escaped_and_keeps_its_isolates():
    assert ARABIC.css_string("ا – \u2068Dr\u2069") == '"\\627  \\2013  \\2068 Dr\\2069 "'


def test_a_number_of_the_topic_stays_with_the_word_after_it_and_a_page_with_its_own():
    runs = (Run("90 de cada 100 personas", cites=(8,)), Run(", a "), Run("12"), Run(" no"))
    assert SPANISH.inline(runs).endswith(", a 12\u00a0no")
    assert SPANISH.inline((Run("La página 1 dice"),)) == "La página\u00a01 dice"
    assert ARABIC.inline((Run("في الصفحة 1 تجد"),)) == "في الصفحة\u00a01 تجد"
