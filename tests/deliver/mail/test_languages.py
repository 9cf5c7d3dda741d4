"""A message and a slip in the language of the handout."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pypdfium2
import pytest

from handouts.deliver.mail.address import Address
from handouts.deliver.mail.message import Parts, build
from handouts.deliver.mail.posting import Parcel, prepare
from handouts.deliver.mail.slip import draw_slips
from handouts.load.library import load_mail_words
from handouts.model.mailwords import MailWords
from tests.mailing import FROM, NOW, WORDS
from tests.pseudo import add_language, said

TO = Address("maria", "example.org")


@pytest.fixture
def words(content: Path) -> MailWords:
    for language in ("ar", "es"):
        add_language(content, language)
    return load_mail_words(content)


@pytest.mark.parametrize("language", ["ar", "es"])
def test_a_message_is_in_the_handouts_language_and_says_so(words: MailWords, language: str):
    parts = Parts(FROM, TO, "FHK8Z5DW14K", b"%PDF-", True, language)
    message = message_from_bytes(build(parts, words.in_language(language), "<1@x>", NOW), policy=default)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain
    assert html
    assert said(WORDS.message.attached, language) in plain.get_content()
    assert {str(part["Content-Language"]) for part in (plain, html)} == {language}
    assert ("dir=rtl" in html.get_content()) == (language == "ar")
    assert f'lang="{language}"' in html.get_content()


def test_an_english_message_is_as_it_was():
    message = message_from_bytes(build(Parts(FROM, TO, "C", b"", True), WORDS, "<1@x>", NOW), policy=default)
    assert not any("Content-Language" in part for part in message.walk())


def test_a_parcel_has_message_and_slip_in_its_language(words: MailWords, make_of):
    parcel = Parcel(make_of().pdf, "FHK8Z5DW14K", TO, name="أحمد", language="ar")
    ready = prepare(parcel, FROM, words, NOW)
    assert ready.slip
    assert ready.slip.words == words.in_language("ar").slip
    assert ready.slip.language == "ar"


def test_without_a_translation_a_message_is_in_english(words: MailWords):
    assert words.in_language("fr") is words


def test_a_slip_from_right_to_left_begins_at_the_right_and_its_words_can_be_read(words: MailWords, make_of):
    ready = prepare(Parcel(make_of().pdf, "FHK8Z5DW14K", TO, name="أحمد", language="ar"), FROM, words, NOW)
    assert ready.slip
    slip = replace(ready.slip, passphrase="apple river stone lamp")
    document = pypdfium2.PdfDocument(draw_slips([slip], WORDS.slip, "letter"))
    text = document[0].get_textpage()
    found = text.search("apple river stone lamp")
    assert found
    start, count = found.get_next() or (0, 0)
    right = max(text.get_charbox(i)[2] for i in range(start, start + count))
    assert right == pytest.approx(612 - 54 - 16, abs=2)
    document.close()
