"""Nothing leaves a page, nor the help box page 1: long words break, and what can't is refused and named.

Measured on the finished file by another reader (PDFium), not by the guard itself.
"""

from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from handouts.errors import ContentFault, RequestFault
from handouts.load.library import load_library
from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.recorder import NullRecorder
from handouts.model.sheets import Diary
from handouts.pipeline import make
from handouts.typeset.front import choose_front
from handouts.typeset.guard import Misplaced, require_in_place
from handouts.typeset.html import html, style_sheets
from handouts.typeset.weasyprint import layout
from tests.conftest import KEY, TODAY, TOPIC, RequestOf
from tests.reading_pdf import page_texts
from tests.sheets import page_of

UNSEEN: dict[str, Any] = {"recorder": NullRecorder(), "edition": Edition(allow_unapproved=True)}
ADDRESS = (
    "https://drive.example.com/file/d/1aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789_view"
)
LONGEST = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessenschafe"
TABLE = "".join("mnopqrstuv"[i % 10] for i in range(86))
NO_BREAK = "\u0645\u062d\u0645\u062f" * 45
"""Arabic letters join, so no line may end between them."""
DOSE = TABLE[:40]
LETTERS = LONGEST[::-1].lower()
_EDGE = {"standard": 53.0, "large-print": 71.0}
"""pt: the margins on the left and right, but for a hair."""


def off_the_margins(pdf: bytes, edge: float) -> list[str]:
    """Every character beyond the left or right margin, or off the page."""
    found = []
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document, 1):
        width, height = page.get_size()
        text = page.get_textpage()
        for index in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(index)  # of no size where an ActualText spells the line
            if right - left > 0.5 and (left < edge - 3 or right > width - edge + 3 or bottom < 8 or top > height - 8):
                found.append(f"page {number}: {text.get_text_range(index, 1)!r} {left:.0f}..{right:.0f}")
        text.close()
        page.close()
    document.close()
    return found


@pytest.fixture
def made(library: Library, request_of: RequestOf) -> Any:
    def build(**over: Any) -> tuple[bytes, str]:
        request = request_of(**over)
        return make(
            library, request, key=KEY, today=TODAY, recorder=NullRecorder(), edition=Edition(allow_unapproved=True)
        ).pdf, request.format

    return build


@pytest.mark.parametrize(
    "over",
    [
        {"next_steps": [f"Open {ADDRESS}", TABLE, ADDRESS]},
        {"note": f"Read {ADDRESS} first.\n{LONGEST}\n{'/' * 120}"},
        {"medicines": [{"name": LONGEST, "dose": DOSE, "remark": LETTERS, "times": ["morning", "night"]}]},
        {"medicines": [{"name": LONGEST, "dose": "1 tablet"}], "format": "large-print"},
        {"next_steps": [ADDRESS], "note": ADDRESS, "format": "large-print"},
        {"note": "e\u0301" * 90 + " " + "\u0915\u094d\u0937" * 60},
    ],
    ids=["steps", "note", "medicine", "large medicine", "large", "marks"],
)
def test_a_long_word_breaks_and_stays_on_the_page(made: Any, over: dict[str, Any]):
    pdf, form = made(**over)
    assert off_the_margins(pdf, _EDGE[form]) == []
    front = "".join(page_texts(pdf)[: 1 if form == "standard" else 2])
    assert "Get help right away" in front
    assert ("Call us" if form == "standard" else "When to call us") in front
    words = "".join("".join(page_texts(pdf)).split())
    for text in (ADDRESS, LONGEST, TABLE, DOSE):
        assert (text in words) == (text in str(over)), "what is copied is what was written"
    assert "\u200b" not in words


@pytest.mark.parametrize(
    ("over", "key"),
    [
        ({"note": NO_BREAK}, "note"),
        ({"medicines": [{"name": NO_BREAK}]}, "medicines.1.name"),
        ({"medicines": [{"name": "x"}, {"name": "y", "remark": NO_BREAK}]}, "medicines.2.remark"),
        ({"medicines": [{"name": "x", "dose": NO_BREAK}], "format": "large-print"}, "medicines.1.dose"),
    ],
    ids=["note", "name", "remark", "dose"],
)  # fmt: skip
def test_what_can_not_break_or_has_no_room_is_refused_by_its_key(made: Any, over: dict[str, Any], key: str):
    with pytest.raises(RequestFault) as caught:
        made(**over)
    assert caught.value.message.startswith(f"'{key}'")
    assert "\u0645" not in caught.value.message


@pytest.mark.parametrize("key", ["clinician", "patient.name", "patient.preferred_name", "patient.identifier",
                                 "appointment.with", "appointment.where"])  # fmt: skip
@pytest.mark.parametrize("form", ["standard", "large-print"])
def test_a_long_word_in_a_detail_is_set_small_or_refused(made: Any, key: str, form: str):
    over: dict[str, Any] = {"patient": {"name": "X"}, "appointment": {"at": "2026-12-04T10:30"}, "format": form}
    part, _, name = key.rpartition(".")
    (over[part] if part else over)[name or key] = TABLE
    try:
        pdf, _ = made(**over)
    except RequestFault as fault:
        told = fault.message
    else:
        assert off_the_margins(pdf, _EDGE[form]) == []
        return
    assert told.startswith(f"'{key.replace('preferred_name', 'name')}' is too long")
    assert TABLE[:10] not in told


@pytest.mark.parametrize(
    "medicine",
    [
        {"name": "Carbamazepine", "dose": "200 mg", "remark": "with food"},
        {"name": "Hydrochlorothiazide", "dose": "12.5 mg", "remark": "immediately after breakfast"},
    ],
)
def test_a_table_of_medicines_finds_room_in_large_print(made: Any, medicine: dict[str, str]):
    times = ["morning", "noon", "evening", "night"]
    pdf, form = made(medicines=[medicine | {"times": times}], format="large-print")
    assert off_the_margins(pdf, _EDGE[form]) == []


@pytest.fixture
def edited(content: Path) -> Any:
    def edit(file: str, old: str, new: str) -> Library:
        path = content / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        return load_library(content, TOPIC)

    return edit


def _refused(library: Library, request_of: RequestOf, **over: Any) -> str:
    with pytest.raises(ContentFault) as caught:
        make(
            library,
            request_of(**over),
            key=KEY,
            today=TODAY,
            recorder=NullRecorder(),
            edition=Edition(allow_unapproved=True),
        )
    return caught.value.message


def test_a_long_word_of_the_clinic_is_refused_and_its_file_named(edited: Any, request_of: RequestOf):
    library = edited("clinics/cohen/clinic.yaml", "name: Dr. Cohen", f"name: {LONGEST}")
    said = _refused(library, request_of)
    assert "doesn't fit its place on the page" in said
    assert "clinics/cohen/clinic.yaml" in said


def test_a_long_word_of_the_topic_is_refused_and_its_file_named(edited: Any, request_of: RequestOf):
    file = f"topics/{TOPIC}/en/botox.md"
    library = edited(file, "  what: ", f"  what: {ADDRESS.replace(':', '')} ")
    assert "botox.md: holds it" in _refused(library, request_of)


@pytest.mark.parametrize("form", ["standard", "large-print"])
def test_where_whom_to_call_has_no_room_the_files_of_the_front_are_named(
    content: Path, request_of: RequestOf, form: str
):
    file = f"topics/{TOPIC}/en/botox.md"
    told = (content / file).read_text()
    signs = "".join(f"    - {number} {'Your eye hurts. ' * 12}\n" for number in range(7))
    (content / file).write_text(
        told.replace("    - Droopy eyelid\n    - Double vision\n    - Trouble speaking\n", signs)
    )
    said = _refused(load_library(content, TOPIC), request_of, format=form)
    assert f"The text for page {1 if form == 'standard' else 2} is too long: whom to call has no room there." in said
    assert "botox.md: is on the front" in said
    assert "overview.md: is on the front" in said


def test_what_must_not_wait_stays_on_page_1_however_long_it_is(edited: Any, request_of: RequestOf):
    library = edited(
        f"topics/{TOPIC}/topic.yaml", "  urgent_signs: ", f"  urgent_signs: {'Trouble breathing. ' * 150} # "
    )
    assert "The text for page 1 is too long" in _refused(library, request_of, format="large-print")


def test_help_that_lies_over_other_text_or_is_missing_is_a_fault(library: Library, request_of: RequestOf):
    handout = merge(library, request_of(), TODAY).handout
    page = choose_front(handout.front, handout.look, library.words)

    def guarded(html: str) -> None:
        require_in_place(layout(html, style_sheets(handout.front)), handout.front, handout.look)

    guarded(page)
    higher = page.replace("</head>", "<style>.help { padding-bottom: 60pt }</style></head>")
    missing = page.replace('class="help"', 'class="box"')
    later = page.replace('class="help"', 'class="help" style="position: static; break-before: page"')
    for spoiled in (higher, missing, later):
        with pytest.raises(Misplaced, match="whom to call has no room"):
            guarded(spoiled)


def test_other_sheets_need_no_help_box(library: Library, request_of: RequestOf):
    handout = merge(library, request_of(), TODAY).handout
    page = html(handout.condition, handout.look, library.words, drawings=library.topic.drawings)
    document = layout(page, style_sheets(handout.condition))
    require_in_place(document, handout.condition, handout.look)
    wide = page.replace("<h1>", f"<h1>{LONGEST}")
    with pytest.raises(Misplaced) as caught:
        require_in_place(layout(wide, style_sheets(handout.condition)), handout.condition, handout.look)
    assert caught.value.text.startswith(LONGEST)


@pytest.mark.parametrize(
    ("text", "told"), [("How many?", ""), ("How many were there over the whole day?", "How many were")]
)
def test_a_head_that_is_too_long_for_its_column_is_named(library: Library, request_of: RequestOf, text: str, told: str):
    look = merge(library, request_of(), TODAY, UNSEEN["edition"]).handout.look
    head = f'<table style="width:60pt"><thead><tr style="height:40pt"><th scope="col">{text}</th></tr></thead></table>'
    document = layout(page_of(f"<h1>Diary</h1>{head}"), ())
    try:
        require_in_place(document, Diary(()), look)
        named = ""
    except Misplaced as fault:
        named = fault.message
    assert told in named
    assert bool(told) == bool(named)
