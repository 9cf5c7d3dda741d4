"""A clinician's note: stamped line by line if it is plain text, and indistinguishable from a typeset one."""

import io
from random import Random
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.load.library import load_library
from handouts.merge.details import details, selection
from handouts.merge.merge import merge
from handouts.merge.notes import _BREAK, _is_plain, note_lines
from handouts.model.content import Library
from handouts.model.recorder import NullRecorder
from handouts.model.slots import NOTE, slots
from handouts.pipeline import Made, make
from handouts.typeset import weasyprint as engine
from handouts.typeset.html import choose_front, style_sheets
from handouts.typeset.tagging import elements
from handouts.typeset.weasyprint import layout
from tests.conftest import CONTENT, KEY, TODAY, TOPIC, MakeOf, RequestOf
from tests.reading_pdf import everything, failures, page_texts
from tests.typeset.test_stamped_equals_typeset import look_alike, picture

SIZES = [(large, a4) for large in (False, True) for a4 in (False, True)]
ALL = [*load_library(CONTENT, TOPIC).topic.option_order]
SHORT = "Please ring us when the new drops have been used for a week."
HYPHENS = (
    "The risks are small, but they are real and that they may need a much longer look at your well-known medicines, "
    "and/or at last year's follow-up – as “we” said, 3-4 weeks (or 200 mg/day) are enough, it's 10 % at most, AVA."
)
PARAGRAPHS = (
    "We looked at your MRI together. The small artery lies against the nerve on the left side, just as we thought, "
    "and it is the likely cause of the twitching.\n\nKeep the diary for four weeks,  and bring it with you.\n"
    "Zoë: call me on 555-0100 (Mon-Fri, 9:00-17:00) - Dr. Cohen"
)
LONGEST = "\n".join([SHORT] * 4 + ["Bring 1,000 things."] * 3 + ["Thank you!"])
NOTES = {"short": SHORT, "hyphens": HYPHENS, "paragraphs": PARAGRAPHS, "longest": LONGEST}


def lines_of(note: str) -> tuple[tuple[str, ...], ...]:
    """In standard print on Letter."""
    return note_lines(note, large=False, a4=False)


# ---------------------------------------------------------------- where lines end


@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES)
@pytest.mark.parametrize(("large", "a4"), SIZES)
def test_the_lines_of_a_paragraph_joined_are_the_paragraph(note: str, large: bool, a4: bool) -> None:
    joined = ["".join(lines) for lines in note_lines(note, large=large, a4=a4)]
    assert joined == [" ".join(part.split()) for part in note.split("\n") if part]


def test_a_line_ends_at_a_space_or_after_a_hyphen_and_keeps_the_space() -> None:
    first, second = lines_of(HYPHENS)[0][:2]
    assert first.endswith("much longer look at your well-")
    assert second.startswith("known medicines, ")
    assert lines_of(SHORT * 2)[0][0][-1] == " "


TOO_ODD = {
    "Arabic": "شكرا لكم",
    "Greek": "Ring Ελένη.",
    "Vietnamese": "Nguyễn",
    "an accent of its own": "Quinn q\u0303",
    "a tab": "Ring\tus",
    "a space that must not break": "200\u00a0mg",
    "a soft hyphen": "medi\u00adcine",
    "markup": "<b>{{ 7*7 }}</b>",
    "a stray sign": "Ring us :-)",
    "punctuation where none is usual": "Ring ,us",
    "a number right after a letter's full stop": "See No.3.",
    "a bracket after a quotation": "The “plan” (see above)",
    "a word wider than the box": "W" * 60,
    "a wide word after others": f"Ring us {'W' * 60} soon",
    "more lines than there are slots": "Ring us.\n" * 13,
    "one long paragraph": SHORT * 30,
    "no font at all": "漢",
    "nothing": " \n ",
    "only one paragraph of it": "Ring us.\nشكرا",
}


@pytest.mark.parametrize("note", TOO_ODD.values(), ids=TOO_ODD)
@pytest.mark.parametrize(("large", "a4"), SIZES)
def test_what_is_not_plain_text_is_left_to_weasyprint(note: str, large: bool, a4: bool) -> None:
    assert note_lines(note, large=large, a4=a4) == ()


def test_twelve_lines_are_still_stamped() -> None:
    assert lines_of("Ring us.\n" * 12) == (("Ring us.",),) * 12


WORDS = st.one_of(
    st.text("abXéŁ09", min_size=1, max_size=3),
    st.from_regex(r"[(\"'“‘]?[#$€£]?[abé]{1,2}[-–—/'’.,:&@+=][abé0-9]{1,2}[%°]?[.,;:!?)\"'”’…]{0,2}", fullmatch=True),
    st.from_regex(r"[(\"“]?[0-9]{1,2}[-–—/.,:+=][0-9b]{1,2}[.,;:!?)\"'”’…]{0,2}", fullmatch=True),
    st.sampled_from("-–—&+=%("),
)


@settings(max_examples=3000)
@given(st.lists(WORDS, min_size=1, max_size=5).map(" ".join))
def test_a_line_may_end_wherever_pango_lets_it_end_and_nowhere_else(text: str) -> None:
    if _is_plain(text):
        engine._weasyprint()
        from weasyprint.text.line_break import get_log_attrs

        may = get_log_attrs(text, "en")
        theirs = [i for i in range(1, len(text)) if may[i].is_line_break]
        assert [found.end() for found in _BREAK.finditer(text)] == theirs


SAMPLE = """Please ring us when the new drops have been used for a week, and bring your follow-up diary. Doctor's
orders: AVA Yates, Dr. To (left-sided) 9:00-17:00, 200 mg/day; 1,000 – it's “well-known” e.g. and/or Mon-Fri"""


@pytest.mark.parametrize(("large", "a4"), SIZES)
def test_the_lines_are_those_that_weasyprint_makes_of_the_same_words(large: bool, a4: bool) -> None:
    chance, slot = Random(f"{large}{a4}"), slots(large=large, a4=a4)[NOTE[0]]
    notes = [" ".join(chance.choices(SAMPLE.split(), k=chance.randint(5, 40))) for _ in range(150)]
    ours = {note: note_lines(note, large=large, a4=a4) for note in notes}
    plain = [note for note, lines in ours.items() if lines]
    assert len(plain) > 75
    style = f"width:{slot.width}pt;font:{slot.size}pt 'Atkinson Hyperlegible'"
    body = "".join(f'<p style="{style}">{note}</p>' for note in plain)
    document = layout(f"<html lang=en><body>{body}</body></html>", ())
    theirs: list[list[str]] = []
    for page in document.pages:
        for box in page._page_box.descendants():
            if box.element_tag == "p" and type(box).__name__ == "BlockBox":
                texts = ["".join(part.text for part in line.children) for line in box.children]
                if "".join(texts):
                    theirs.append(texts)
    flat = [text for texts in theirs for text in texts]  # a paragraph may be parted by a page
    assert flat == [line.rstrip(" ") for note in plain for line in ours[note][0]]


# ---------------------------------------------------------------- on the page


Over = dict[str, Any]
CASES: dict[str, tuple[str, Over]] = {
    "a line": (SHORT, {"paper": "a4"}),
    "hyphens": (HYPHENS, {}),
    "large print": (PARAGRAPHS, {"format": "large-print"}),
    "large print on A4": (HYPHENS, {"format": "large-print", "paper": "a4"}),
    "the longest": (LONGEST, {"options": ["botox", "no-treatment"]}),
    "parted by the end of page 1": (LONGEST, {"options": ALL}),
    "parted by the end of page 2": (LONGEST, {"options": ALL, "format": "large-print"}),
}


def typeset_way(library: Library, request: Any, monkeypatch: pytest.MonkeyPatch) -> Made:
    """The same note as WeasyPrint sets it."""
    with monkeypatch.context() as patched:
        patched.setattr("handouts.merge.details.note_lines", lambda *_, **__: ())
        return make(library, request, key=KEY, today=TODAY, recorder=NullRecorder())


@pytest.mark.parametrize(("note", "over"), CASES.values(), ids=CASES)
def test_a_stamped_note_looks_like_a_typeset_one_and_moves_nothing(
    library: Library, request_of: RequestOf, make_of: MakeOf, monkeypatch: pytest.MonkeyPatch, note: str, over: Over
) -> None:
    request = request_of(note=note, **over)
    assert merge(library, request, TODAY).handout.note_slots
    ours = make_of(note=note, **over)
    theirs = typeset_way(library, request, monkeypatch)
    assert (ours.pages, ours.code) == (theirs.pages, theirs.code)
    first = note.split()[0]
    shown = [i for i, (one, other) in enumerate(zip(page_texts(ours.pdf), page_texts(theirs.pdf), strict=True)) if
             first in one or first in other]  # fmt: skip
    for number in {0, 1, *shown}:
        look_alike(picture(ours.pdf, number), picture(theirs.pdf, number))
    assert failures(ours.pdf, "ua1") == ""
    assert failures(ours.pdf, "3a") == ""


def test_the_parted_notes_are_parted(make_of: MakeOf) -> None:
    for case, page in (("parted by the end of page 1", 0), ("parted by the end of page 2", 1)):
        note, over = CASES[case]
        texts = page_texts(make_of(note=note, **over).pdf)
        first, last = note.split("\n")[0].split()[0], note.split()[-1]
        assert first in texts[page]
        assert last in texts[page + 1]
        assert last not in texts[page].split()


@pytest.mark.parametrize("format_", ["standard", "large-print"])
@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_a_line_of_a_note_is_as_wide_as_its_box(
    library: Library, request_of: RequestOf, format_: str, paper: str
) -> None:
    handout = merge(library, request_of(note="Ring\tus", format=format_, paper=paper), TODAY).handout
    document = layout(choose_front(handout, library.words), style_sheets(handout))
    boxes = [box for page in document.pages for box in page._page_box.descendants()]
    [wide] = [box.width * 0.75 for box in boxes if type(box).__name__ == "BlockBox" and box.element_tag == "p" and
              "Ring" in "".join(getattr(part, "text", "") for part in box.descendants())]  # fmt: skip
    slot = slots(large=format_ == "large-print", a4=paper == "a4")[NOTE[0]]
    assert slot.width == pytest.approx(wide, abs=0.001)


# ---------------------------------------------------------------- what is read


def test_a_paragraph_of_a_note_is_one_p_whose_lines_say_its_words_with_their_spaces(make_of: MakeOf) -> None:
    with pikepdf.open(io.BytesIO(make_of(note=f"{HYPHENS}\n{PARAGRAPHS}").pdf)) as pdf:
        said = [
            "".join(str(part.ActualText) for part in element.K)
            for element, _ in elements(pdf)
            if element.S == "/P" and all(isinstance(part, pikepdf.Dictionary) for part in element.K)
            and all("/ActualText" in part for part in element.K)
        ]  # fmt: skip
    expected = [" ".join(part.split()) for part in f"{HYPHENS}\n{PARAGRAPHS}".split("\n") if part]
    assert [text for text in said if text in expected] == expected


def test_the_words_of_a_note_are_found_in_their_order_and_apart(make_of: MakeOf) -> None:
    first = " ".join(page_texts(make_of(note=PARAGRAPHS).pdf)[0].split())
    assert " ".join(PARAGRAPHS.split()) in first


# ---------------------------------------------------------------- who shares a master


ONE, OTHER = "Xylophone quince zymurgy.\nJabberwocky.", "Quagga vexed fjord.\nBandersnatch wyvern."
SECRETS = ("Xylophone", "quince", "zymurgy", "Jabberwocky", "Quagga", "fjord", "Bandersnatch", "wyvern")


def test_notes_of_as_many_lines_are_one_selection_and_one_handout(library: Library, request_of: RequestOf) -> None:
    one, other = request_of(note=ONE), request_of(note=OTHER)
    assert selection(library, one) == selection(library, other)
    handout = merge(library, one, TODAY).handout
    assert handout == merge(library, other, TODAY).handout
    assert handout.note_slots == (("note.1",), ("note.2",))
    assert not handout.personal
    assert not [word for word in SECRETS if word in repr(handout)]
    assert dict(details(library, other, "").texts)["note.2"] == "Bandersnatch wyvern."


@pytest.mark.parametrize("over", [{"note": "Ring us."}, {"note": f"{ONE}\n."}, {"note": ONE + " more" * 30}, {}])
def test_notes_of_other_lines_or_none_are_another_selection(
    library: Library, request_of: RequestOf, over: Over
) -> None:
    assert selection(library, request_of(**over)) != selection(library, request_of(note=ONE))


def test_the_master_of_a_stamped_note_holds_none_of_its_words(make_of: MakeOf) -> None:
    made = [make_of(note=note) for note in (ONE, OTHER)]
    assert made[1].reused
    common = made[0].pdf[: next(i for i, (a, b) in enumerate(zip(*(m.pdf for m in made), strict=False)) if a != b)]
    body = common[: common.rindex(b"%%EOF") + 6]
    for word in SECRETS:
        forms = (word.encode(), word.encode("utf-16-be").hex().encode())
        assert not any(form in everything(body) for form in forms)
    for pdf, own in zip((made[0].pdf, made[1].pdf), (SECRETS[:4], SECRETS[4:]), strict=True):
        assert [word for word in SECRETS if word in page_texts(pdf)[0]] == list(own)
        inside = everything(pdf)
        assert [word for word in SECRETS if word.encode("utf-16-be").hex().encode() in inside] == list(own)


def test_a_note_does_not_part_those_of_one_prescription(library: Library, request_of: RequestOf) -> None:
    pills = {"medicines": [{"name": "baclofen", "dose": "5 mg"}]}
    one, other = (merge(library, request_of(note=note, **pills), TODAY).handout for note in (ONE, OTHER))
    assert one == other
    assert one.personal, "what was prescribed is in its pages"


def test_a_blank_sheet_with_a_note_has_it_typeset(make_of: MakeOf) -> None:
    assert SHORT.split(".")[0] in " ".join(page_texts(make_of(note=SHORT, blank=True).pdf)[0].split())
