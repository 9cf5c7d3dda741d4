"""Addresses, messages, locked files and slips, read as a mail program, a PDF reader and a patient would."""

from __future__ import annotations

import io
import math
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import combinations
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.check.reading import measure, sentences
from handouts.deliver.mail import message as message_module
from handouts.deliver.mail.address import Address, parse_address
from handouts.deliver.mail.encryption import lock, new_passphrase, word_list
from handouts.deliver.mail.message import Parts, build, new_message_id, render
from handouts.deliver.mail.settings import Sender, is_here, sender_of, server_of
from handouts.deliver.mail.slip import Slip, draw_slips
from handouts.errors import ContentFault, RequestFault
from handouts.load.library import load_mail_words
from handouts.model.clinic import ClinicFile
from handouts.model.request import Paper
from handouts.paths import Program
from tests.conftest import MakeOf
from tests.mailing import FROM, NOW, WORDS

TO = Address("maria", "example.org")
PARTS = Parts(FROM, TO, "FHK8Z5DW14K", b"%PDF-1.7 bytes \xff", True)


def read(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=default)  # type: ignore[return-value]


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("maria@example.org", "maria@example.org"),
        ("  Maria.Gonzalez+mail@Example.ORG ", "Maria.Gonzalez+mail@example.org"),
        ("o'brien@example.co.uk", "o'brien@example.co.uk"),
        ("maria@bücher.example", "maria@xn--bcher-kva.example"),
        ("jürgen@example.org", "jürgen@example.org"),
        ("мария@пример.рф", "мария@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_an_address_is_taken_as_it_is_but_for_the_case_of_its_domain(typed: str, address: str):
    assert str(parse_address(typed)) == address


@pytest.mark.parametrize(
    "typed",
    [
        "", "maria", "maria@", "@example.org", "maria@example", "maria@@example.org", "a@b@example.org",
        "maria@example.org, joan@example.org", "maria@example.org;joan@example.org", "Maria <maria@example.org>",
        "maria gonzalez@example.org", ".maria@example.org", "maria..g@example.org", "maria.@example.org",
        '"maria"@example.org', "maria@[127.0.0.1]", "maria@127.0.0.1", "maria@-example.org", "maria@exam_ple.org",
        "maria@example.org\r\nBcc: all@example.net", "maria\n@example.org", "maria@example.org\x00",
        "maria\u200b@example.org",
        "m" * 65 + "@example.org", "maria@" + "a" * 64 + ".org", "maria@" + "a.b" * 90 + ".org", "maria@straße.example",
        "maria@οδος.example", "maria@exa\u200dmple.org", "ma:ria@example.org",
    ],
)  # fmt: skip
def test_what_is_no_single_address_is_refused_without_being_repeated(typed: str):
    with pytest.raises(RequestFault, match=r"'patient\.email'") as caught:
        parse_address(typed)
    assert "maria" not in caught.value.message


@given(st.text(max_size=80))
def test_whatever_is_typed_is_an_address_of_one_line_or_refused(text: str):
    try:
        address = parse_address(text)
    except RequestFault:
        return
    assert str(address).count("@") == 1
    assert str(address).isprintable()
    assert not set(str(address)) & set(' ,;<>()[]"\\\r\n')
    assert parse_address(str(address)) == address


def test_a_masked_address_shows_where_it_goes_but_not_to_whom():
    assert Address("xanthippe.quill", "example.org").masked == "xa...@example.org"
    assert Address("abc", "example.org").masked == "a...@example.org"
    assert repr(TO) == "Address(...)"


# ---------------------------------------------------------------- settings


def test_a_clinic_that_can_send_says_from_and_host():
    email = {"from": "desk@clinic.example", "host": "mail.clinic.example", "port": 587, "security": "starttls"}
    server = server_of("x", ClinicFile.model_validate({"name": "X", "email": email}))
    assert (server.host, server.port, server.security, server.user, str(server.sender)) == (
        "mail.clinic.example", 587, "starttls", None, "desk@clinic.example",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("email", "word"),
    [
        ({}, "email.from"),
        ({"from": "desk@clinic.example"}, "email.host"),
        ({"from": "desk", "host": "mail.clinic.example"}, "'email.from'"),
        ({"from": "a@clinic.example", "reply_to": "b@", "host": "mail.clinic.example"}, "'email.reply_to'"),
        ({"from": "jürgen@clinic.example", "host": "mail.clinic.example"}, "choose a plain one"),
        ({"from": "a@clinic.example", "host": "mail.clinic.example/x"}, "'email.host'"),
        ({"from": "a@clinic.example", "host": "mail.clinic.example", "security": "plain"}, "this machine alone"),
        ({"from": "a@clinic.example", "host": "localhost.evil.example", "security": "plain"}, "this machine alone"),
    ],
)
def test_settings_that_do_not_do_are_the_clinics_fault(email: dict[str, str], word: str):
    with pytest.raises(ContentFault, match=re.escape(word)):
        server_of("x", ClinicFile.model_validate({"name": "X", "email": email}))


def test_plain_text_is_for_this_machine_alone():
    assert [is_here(host) for host in ("localhost", "127.0.0.1", "::1", "127.8.9.9")] == [True] * 4
    assert [is_here(host) for host in ("192.168.0.1", "mail.example.org", "0.0.0.0")] == [False] * 3


# ---------------------------------------------------------------- messages


def test_a_mail_program_finds_text_html_and_the_file():
    message = read(build(PARTS, WORDS, "<1@clinic.example>", NOW))
    assert (message["From"], message["To"]) == ('"Dr. Cohen" <handouts@clinic.example>', "maria@example.org")
    assert (message["Subject"], message["Message-ID"]) == ("Your handout from Dr. Cohen", "<1@clinic.example>")
    assert message["Date"].datetime.timestamp() == NOW
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain
    assert html
    assert "four words" in plain.get_content()
    assert "Call us at 555 0100." in plain.get_content()
    assert "four words" in html.get_content()
    [part] = message.iter_attachments()
    assert (part.get_content_type(), part.get_filename()) == ("application/pdf", "FHK8Z5DW14K.pdf")
    assert part.get_content() == PARTS.pdf


def test_both_forms_say_the_same():
    plain = " ".join(render("message.txt.j2", PARTS, WORDS).split())
    html = re.sub(r"(?s)<head>.*</head>|<[^>]+>", " ", render("message.html.j2", PARTS, WORDS))
    assert " ".join(html.split()) == plain


def test_an_unlocked_file_is_called_that_and_nobody_is_told_of_words():
    parts = Parts(FROM, TO, "FHK8Z5DW14K", b"%PDF", False)
    text = render("message.txt.j2", parts, WORDS)
    assert "not locked" in text
    assert "words" not in text


def test_names_of_every_script_survive():
    sender = Sender("x", "Клиника Đặng, 診所 & Söhne", Address("a", "clinic.example"), Address("b", "clinic.example"))
    message = read(build(Parts(sender, TO, "C", b"", True), WORDS, "<1@x>", NOW))
    assert message["From"].addresses[0].display_name == sender.name
    assert message["Reply-To"].addresses[0].addr_spec == "b@clinic.example"
    assert message["Subject"] == f"Your handout from {sender.name}"
    html = message.get_body(("html",))
    assert html
    assert "&amp; Söhne" in html.get_content()


def test_a_plain_address_makes_a_message_of_seven_bits_and_short_lines():
    sender = Sender("x", "Клиника", Address("a", "clinic.example"), None)
    data = build(Parts(sender, TO, "C", bytes(range(256)) * 50, True), WORDS, "<1@x>", NOW)
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert max(map(len, data.split(b"\r\n"))) <= 998


def test_an_address_with_other_letters_stands_as_it_is():
    message = build(Parts(FROM, parse_address("jürgen@bücher.example"), "C", b"", True), WORDS, "<1@x>", NOW)
    assert "To: jürgen@xn--bcher-kva.example\r\n".encode() in message


@pytest.mark.parametrize("evil", ["Dr. X\r\nBcc: all@example.net", "Dr. X\nSubject: y", "Dr. X\r\n\r\nbody"])
def test_a_header_can_not_be_smuggled_into_a_clinics_name(evil: str):
    file = ClinicFile.model_validate({"name": evil, "email": {"from": "a@clinic.example"}})
    message = read(build(Parts(sender_of("x", file), TO, "C", b"", True), WORDS, "<1@x>", NOW))
    assert (message["Bcc"], len(message.get_all("Subject"))) == (None, 1)
    with pytest.raises(ValueError, match=r"(?i)header|newline|linefeed|carriage|cr|lf"):
        build(Parts(Sender("x", evil, Address("a", "x.example"), None), TO, "C", b"", True), WORDS, "<1@x>", NOW)


def test_message_ids_tell_nothing_and_never_repeat():
    made = {new_message_id(FROM) for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"<[0-9a-f]{32}@clinic\.example>", one) for one in made)


def test_a_template_at_fault_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "templates" / "mail").mkdir(parents=True)
    (tmp_path / "templates" / "mail" / "message.txt.j2").write_text("{{ m.no_such_word }}")
    monkeypatch.setattr(message_module.paths, "PROGRAM", Program(tmp_path))
    message_module._environment.cache_clear()
    try:
        with pytest.raises(ContentFault, match=r"message\.txt\.j2"):
            render("message.txt.j2", PARTS, WORDS)
    finally:
        message_module._environment.cache_clear()


def test_words_with_a_place_that_nothing_fills_are_refused(content: Path):
    path = content / "words" / "mail.en.yaml"
    path.write_text(path.read_text().replace("Hello,", "Hello {patient},"))
    with pytest.raises(ContentFault, match=r"message\.greeting"):
        load_mail_words(content)


def test_messages_and_slips_are_as_easy_to_read_as_handouts():
    slip = WORDS.slip
    for text in (
        render("message.txt.j2", PARTS, WORDS),
        " ".join([slip.how_typed, *slip.on_phone, *slip.on_computer, *slip.keep]),
    ):
        prose = " ".join(text.split())
        assert measure(prose).grade <= 6
        assert max(len(sentence.split()) for sentence in sentences(prose)) <= 20


# ---------------------------------------------------------------- words and locks


def test_the_list_has_more_than_1024_words_for_40_bits_and_each_once():
    words = word_list()
    assert len(words) == len(set(words)) >= 1024
    assert math.log2(len(words)) * 4 > 40


def test_no_two_words_are_easily_taken_for_one_another():
    words = word_list()
    assert all(re.fullmatch(r"[a-z]{4,8}", word) for word in words)
    assert not [(a, b) for a, b in combinations(words, 2) if a.startswith(b) or b.startswith(a)]
    shapes: dict[str, str] = {}
    for word in words:
        for i in range(len(word)):
            assert word[:i] + word[i + 1 :] not in words, f"{word} without a letter is another"
            shape = f"{word[:i]}?{word[i + 1 :]}"
            assert shapes.setdefault(shape, word) == word, f"{word} and {shapes[shape]} differ by one letter"


def test_passphrases_are_four_words_of_the_list_by_chance():
    made = [new_passphrase() for _ in range(500)]
    assert len(set(made)) == 500
    assert {len(phrase.split(" ")) for phrase in made} == {4}
    assert {word for phrase in made for word in phrase.split(" ")} <= set(word_list())
    assert len({phrase.split(" ")[0] for phrase in made}) > 300


@pytest.fixture(scope="module")
def plain(make_of: MakeOf) -> bytes:
    return make_of(patient={"name": "Maria Gonzalez"}).pdf


def test_a_locked_file_opens_with_its_words_alone(plain: bytes):
    locked = lock(plain, "river lemon chair bottle")
    for wrong in ("", "river lemon chair", "River Lemon Chair Bottle", "river lemon chair bottles"):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(locked), password=wrong)
    assert len(pypdfium2.PdfDocument(locked, password="river lemon chair bottle")) == len(pypdfium2.PdfDocument(plain))


def test_it_is_aes_256_with_metadata_locked_and_screen_readers_let_in(plain: bytes):
    with pikepdf.open(io.BytesIO(lock(plain, "a b c d")), password="a b c d") as document:
        how = document.encryption
        assert (how.R, how.bits, how.stream_method.name, how.string_method.name) == (6, 256, "aesv3", "aesv3")
        assert document.allow.accessibility
        assert document.allow.print_highres
        assert "/StructTreeRoot" in document.Root


def test_nothing_of_the_patient_is_left_in_the_clear(plain: bytes):
    locked = lock(plain, "a b c d")
    for text in (b"Maria", "Maria".encode("utf-16-be"), b"Hemifacial", b"pdfuaid"):
        assert text not in locked


def test_a_locked_file_can_not_be_recognised_by_whoever_can_make_the_same_pages(plain: bytes):
    """The plain file's identifiers say which options were chosen; a locked one has others each time."""
    with pikepdf.open(io.BytesIO(plain)) as document:
        ours = [bytes(part) for part in document.trailer.ID]
    seen: list[bytes] = []
    for _ in range(2):
        locked = lock(plain, "a b c d")
        with pikepdf.open(io.BytesIO(locked), password="a b c d") as document:
            seen += [bytes(part) for part in document.trailer.ID]
        for part in ours:
            assert part not in locked
            assert part.hex().encode() not in locked
    assert len(set(seen)) == 4
    assert not set(seen) & set(ours)


def test_how_pages_are_built_is_not_left_in_the_clear(plain: bytes):
    clear = re.sub(rb"(?s)\bstream\r?\n.*?endstream", b"", lock(plain, "a b c d"))
    for word in (b"/S /H1", b"/ActualText", b"/Title"):
        assert word in opened(plain), word
        assert word not in clear, word


def opened(pdf: bytes) -> bytes:
    """The file without its object streams: every object in the clear."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def test_what_is_locked_or_no_pdf_is_not_locked_again(plain: bytes):
    for wrong in (b"no PDF", lock(plain, "a b c d")):
        with pytest.raises(RequestFault):
            lock(wrong, "a b c d")


# ---------------------------------------------------------------- slips


def test_a_slip_holds_words_code_clinic_and_how_to_open_the_file_on_one_page():
    slip = Slip("FHK8-Z5DW-14K", "river lemon chair bottle", "Dr. Cohen", "555 0100", "Maria Gonzalez")
    document = pypdfium2.PdfDocument(draw_slips([slip], WORDS.slip, "letter"))
    text = " ".join(document[0].get_textpage().get_text_range().split())
    assert len(document) == 1
    assert "river lemon chair bottle" in text
    for step in (*WORDS.slip.on_phone, *WORDS.slip.on_computer, *WORDS.slip.keep):
        assert step in text


def test_each_patient_has_a_page_of_its_own_and_names_of_every_script_can_be_drawn():
    names = ["Ngô Đặng", "محمد", "देवी", "Ελένη", "W" * 150]
    slips = [Slip("FHK8-Z5DW-14K", f"word{i} b c d", "Dr. Cohen", None, name) for i, name in enumerate(names)]
    document = pypdfium2.PdfDocument(draw_slips(slips, WORDS.slip, "a4"))
    assert [f"word{i} " in page.get_textpage().get_text_range() for i, page in enumerate(document)] == [True] * 5
    for page in document:
        box = page.get_bbox()
        assert box[2] <= page.get_width()


def test_the_longest_words_fit_their_box():
    longest = " ".join(sorted(word_list(), key=len)[-4:])
    page = pypdfium2.PdfDocument(draw_slips([Slip("C", longest, "X")], WORDS.slip, "a4"))[0]
    text = page.get_textpage()
    found = text.search(longest)
    assert found
    start, count = found.get_next()  # type: ignore[misc]
    right = max(text.get_charbox(i)[2] for i in range(start, start + count))
    assert right < page.get_width() - 60 - 10


@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_a_slip_is_in_large_print_and_its_words_larger_still(paper: Paper):
    longest = " ".join(sorted(word_list(), key=len)[-4:])
    slip = Slip("FHK8-Z5DW-14K", longest, "Dr. Cohen", "555 0100", "Maria Gonzalez")
    page = pypdfium2.PdfDocument(draw_slips([slip], WORDS.slip, paper))[0]
    text = page.get_textpage()
    sizes = [pypdfium2.raw.FPDFText_GetFontSize(text.raw, i) for i in range(text.count_chars())]
    assert min(size for size in sizes if size != 1) == 18  # PDFium gives the ends of lines, which it adds itself, a 1
    start, count = text.search(longest).get_next()  # type: ignore[union-attr, misc]
    assert min(sizes[start : start + count]) >= 24
    assert min(text.get_charbox(i)[1] for i in range(text.count_chars())) > 50, "it runs off its page"


def test_a_clinics_longer_words_are_set_smaller_rather_than_off_the_page():
    words = WORDS.slip.model_copy(
        update={"on_phone": ("Take the telephone in one hand and the slip in the other.",) * 5}
    )
    text = pypdfium2.PdfDocument(draw_slips([Slip("C", "a b c d", "X", "555 0100")], words, "letter"))[0].get_textpage()
    assert min(text.get_charbox(i)[1] for i in range(text.count_chars())) > 50
