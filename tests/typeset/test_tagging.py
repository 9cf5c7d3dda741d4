"""What a screen reader reads: every word once, in writing order, and nothing of the page's frame."""

import ctypes
import io
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import ImageChops

from handouts.merge.merge import merge
from handouts.model.content import Library
from handouts.model.request import Request
from handouts.model.slots import ALT
from handouts.typeset.structure import elements, marks
from handouts.typeset.tagging import repair_tags
from handouts.typeset.weasyprint import layout, write
from tests.conftest import TODAY, MakeOf, RequestOf
from tests.laid_out import html_of
from tests.reading_pdf import tags
from tests.typeset.test_accessibility import ALL, KINDS

CASES = {
    "two": KINDS["two"],
    "all": {"options": ALL},
    "everything given": KINDS["everything given"],
    "large print": {"options": ["botox"], "format": "large-print"},
    "lists that go on": {"options": ALL, "format": "large-print", "sheets": ["questions", "complementary"]},
    "twelve medicines": {"medicines": [{"name": f"Medicine {i}", "remark": "With food " * 6} for i in range(12)]},
}
TAGS = {"ul": "L", "ol": "L", "li": "LI", "table": "Table", "tr": "TR", "th": "TH", "td": "TD"}
TAGS |= {level: level.upper() for level in ("h1", "h2", "h3", "h4")}

PAGE = """<html lang="en"><head><title>slot:title</title><style>
@page { size: 400pt 300pt; margin: 40pt; @top-left { content: "in the margin" } }
body { font: 12pt "Handouts Legible"; margin: 0 } img { width: 50pt; height: 30pt }
</style></head><body><h1>Head</h1><p>Words with <a href="https://example.org/">a link</a>.</p>
<p><img alt="A dot" src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 5 3'%3E%3Ctitle%3EA
 dot%3C/title%3E%3Crect width='5' height='3' fill='red'/%3E%3C/svg%3E"></p><div></div>
<table><thead><tr><th>Column</th><th>Other</th></tr></thead><tbody><tr><th>Row</th><td></td></tr></tbody></table>
</body></html>"""


@pytest.fixture(scope="module")
def small() -> Iterator[pikepdf.Pdf]:
    """A page of one thing of each kind, put right."""
    with pikepdf.open(io.BytesIO(write(layout(PAGE, ())))) as pdf:
        repair_tags(pdf, {"https://example.org/": "a link"})
        yield pdf


def _first(pdf: pikepdf.Pdf, kind: str) -> pikepdf.Object:
    return next(element for element, _ in elements(pdf) if str(element.S) == f"/{kind}")


def test_a_header_cell_heads_its_column_in_the_head_and_its_row_in_the_body(small: pikepdf.Pdf):
    heads = [element for element, _ in elements(small) if element.S == "/TH"]
    assert [str(head.A.Scope) for head in heads] == ["/Column", "/Column", "/Row"]
    assert all(head.A.O == "/Table" for head in heads)
    assert all("/ID" not in head for head in heads), "an ID would need an IDTree (ISO 32000-1, table 322)"


def test_an_empty_cell_stays_and_what_else_is_empty_goes(small: pikepdf.Pdf):
    kinds = Counter(str(element.S) for element, _ in elements(small))
    assert kinds["/TD"] == 1
    assert "/Headers" not in _first(small, "TD").A
    assert "/Div" not in kinds


def test_the_box_of_a_drawing_is_in_points_from_the_lower_left(small: pikepdf.Pdf):
    left, bottom, right, top = (float(value) for value in _first(small, "Figure").A.BBox)
    out = io.BytesIO()
    small.save(out)
    document = pypdfium2.PdfDocument(out.getvalue())
    red, _, blue = document[0].render(scale=1, rev_byteorder=True).to_pil().convert("RGB").split()
    document.close()
    ink = ImageChops.subtract(red, blue).point(lambda value: 255 if value > 99 else 0).getbbox()
    assert ink == pytest.approx((left, 300 - top, right, 300 - bottom), abs=1)


def test_a_paragraph_holds_its_text_itself_in_the_order_in_which_it_is_read(small: pikepdf.Pdf):
    [first, link, last] = next(element for element, _ in elements(small) if element.S == "/P").K
    assert isinstance(first, int)
    assert link.S == "/Link"
    assert isinstance(last, int)
    assert not [element for element, _ in elements(small) if element.S == "/Span"]


def test_marked_content_has_the_kind_of_its_element_and_leads_to_it(small: pikepdf.Pdf):
    content = small.pages[0].Contents.read_bytes()
    shown = {int(number): kind.decode() for kind, number in re.findall(rb"/(\w+) << /MCID (\d+) >> BDC", content)}
    row = small.Root.StructTreeRoot.ParentTree.Nums[1]
    there = {mark: element for element, _ in elements(small) for mark, _ in marks(element)}
    assert shown == {mark: str(element.S)[1:] for mark, element in there.items()}
    assert [element.objgen for element in row] == [there[mark].objgen for mark in range(len(row))]


def test_a_link_is_called_by_its_text_and_prints(small: pikepdf.Pdf):
    [link] = small.pages[0].Annots
    assert str(link.Contents) == "a link"
    assert int(link.F) & 4


def test_the_margins_are_artifacts_and_the_body_is_not(small: pikepdf.Pdf):
    content = small.pages[0].Contents.read_bytes()
    assert content.count(b"/Pagination") == 1
    known = {mark for element, _ in elements(small) for mark, _ in marks(element)}
    assert known == {int(number) for number in re.findall(rb"/MCID (\d+)", content)}


def test_the_file_says_that_it_is_pdf_ua_and_pdf_a(small: pikepdf.Pdf):
    metadata = small.Root.Metadata
    assert "/Filter" not in metadata, "page-validation reads no compressed metadata"
    text = metadata.read_bytes().decode()
    assert 'pdfuaid:part="1"' in text
    assert 'pdfaid:part="3"' in text
    assert 'pdfaid:conformance="A"' in text


ROWS = "".join(f"<tr><th>Row {i}</th><td>{i}</td></tr>" for i in range(16))
HEAD = "<thead><tr><th>{}</th><th>Count</th></tr></thead>"


def _tables_of(body: str) -> list[pikepdf.Object]:
    with pikepdf.open(io.BytesIO(write(layout(PAGE.split("<h1>")[0] + body, ())))) as pdf:
        repair_tags(pdf, {})
        return [[str(kid.S) for kid in table.K] for table, _ in elements(pdf) if table.S == "/Table"]


@pytest.mark.parametrize("around", ["{}", "<div><section>{}</section></div>"])
def test_a_table_that_goes_on_is_one_and_its_head_is_read_once(around: str):
    table = f"<table>{HEAD.format('Name')}<tbody>{ROWS}</tbody></table>"
    assert _tables_of(f"<h1>A</h1>{around.format(table)}") == [["/THead", "/TBody", "/TBody"]]


def test_two_tables_stay_two_when_their_heads_differ_or_words_are_between_them():
    below = "<div style='break-before: page'>{}</div>"
    one, other = (f"<table>{HEAD.format(name)}<tbody><tr><th>1</th><td>2</td></tr></tbody></table>" for name in "AB")
    assert len(_tables_of("<h1>A</h1>" + one + below.format(other))) == 2
    assert len(_tables_of("<h1>A</h1>" + one + below.format("<h2>B</h2>" + one))) == 2
    assert len(_tables_of("<h1>A</h1>" + one + one)) == 2


class _Written(HTMLParser):
    """The words of a page and what stands for its pictures, and how many elements of each kind it has."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.kinds, self.hidden = "", Counter[str](), 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in {"title", "style"}
        self.kinds[TAGS.get(tag, "")] += 1
        if tag == "img":
            self.words += f" {dict(attrs)['alt'] or ''} "

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in {"title", "style"}

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words += data


def _written(library: Library, request: Request) -> _Written:
    """The HTML of all sheets."""
    page = _Written()
    handout = merge(library, request, TODAY).handout
    for _, sheet in handout.sheets():
        page.feed(html_of(sheet, handout.look, library))
    return page


def _mark_texts(pdf: bytes) -> dict[tuple[int, int], str]:
    """The text of each piece of marked content, by page and number."""
    document = pypdfium2.PdfDocument(pdf)
    found: dict[tuple[int, int], str] = {}
    for number, page in enumerate(document):
        text_page = page.get_textpage()
        for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=1):
            size = pdfium.FPDFTextObj_GetText(item.raw, text_page.raw, None, 0)
            buffer = ctypes.create_string_buffer(size)
            pdfium.FPDFTextObj_GetText(
                item.raw, text_page.raw, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size
            )
            key = (number, pdfium.FPDFPageObj_GetMarkedContentID(item.raw))
            found[key] = found.get(key, "") + buffer.raw.decode("utf-16-le").rstrip("\0")
    document.close()
    return found


def _spoken(pdf: bytes) -> str:
    """What the tags say, from first to last, without the bullets and numbers of lists."""
    texts = _mark_texts(pdf)

    def say(node: pikepdf.Object) -> Iterator[str]:
        if isinstance(node, pikepdf.Array):
            for child in node:
                yield from say(child)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node and node.S != "/Lbl":
            if "/Alt" in node or "/ActualText" in node:
                yield str(node.get("/Alt", node.get("/ActualText")))
            else:
                for child in node.K:
                    if isinstance(child, int):
                        yield texts.get((pages[node.Pg.objgen], child), "")
                    else:
                        yield from say(child)

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        pages = {page.obj.objgen: number for number, page in enumerate(opened.pages)}
        return "".join(say(opened.Root.StructTreeRoot.K))


def _letters(text: str) -> str:
    """Without white space and hyphens: where lines break is not what this is about."""
    return re.sub(r"[\s\u00ad\u200b\u2010-]+", "", text)


@pytest.mark.parametrize("name", CASES)
def test_every_word_is_read_once_in_the_order_in_which_it_is_written(
    name: str, make_of: MakeOf, library: Library, request_of: RequestOf
):
    page = _written(library, request_of(**CASES[name]))
    pdf = make_of(**CASES[name]).pdf
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        slots = [str(element.ActualText) for element, _ in elements(opened) if "/ActualText" in element]
    expected = re.sub(rf"{ALT}[\w.]+", "\0", page.words)
    for slot in slots:
        expected = expected.replace("\0", slot, 1)
    spoken, expected = _letters(_spoken(pdf)), _letters(expected)
    at = next((i for i, (one, two) in enumerate(zip(spoken, expected, strict=False)) if one != two), None)
    assert spoken == expected, f"from {spoken[at:][:80]!r} on, the page says {expected[at:][:80]!r}"


@pytest.mark.parametrize("name", CASES)
def test_no_list_and_no_table_is_split_in_two(name: str, make_of: MakeOf, library: Library, request_of: RequestOf):
    page = _written(library, request_of(**CASES[name]))
    counted = Counter(tag.kind for tag in tags(make_of(**CASES[name]).pdf))
    kinds = sorted(set(TAGS.values()))
    assert {kind: counted[kind] for kind in kinds} == {kind: page.kinds[kind] for kind in kinds}


@pytest.mark.parametrize("name", CASES)
def test_the_tree_and_the_pages_know_each_other(name: str, make_of: MakeOf):
    with pikepdf.open(io.BytesIO(make_of(**CASES[name]).pdf)) as pdf:
        nums = pdf.Root.StructTreeRoot.ParentTree.Nums
        parents = dict(zip(map(int, nums[::2]), nums[1::2], strict=True))
        known = set()
        for element, _ in elements(pdf):
            for mark, page in marks(element):
                known.add((page.objgen, mark))
                assert parents[int(page.StructParents)][mark].objgen == element.objgen
            assert len(element.K) or str(element.S) in {"/TD", "/TH"}, "nothing empty but cells"
        for page in pdf.pages:
            assert page.Tabs == "/S" or "/Annots" not in page
            for mark, parent in enumerate(parents[int(page.StructParents)]):
                assert (parent is not None) == ((page.obj.objgen, mark) in known), "no element but those that hold it"


def test_what_fills_a_slot_is_a_span_and_no_picture(make_of: MakeOf):
    found = tags(make_of(**KINDS["everything given"]).pdf)
    assert {tag.kind for tag in found if tag.actual_text} == {"Span"}
    assert not [tag for tag in found if (tag.alt or "").startswith(ALT)]
