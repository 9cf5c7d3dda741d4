"""Letters with signs set apart: the same page in fewer bytes."""

from __future__ import annotations

import io

import pikepdf

from handouts.typeset.raised import has_raised, in_few_bytes, join_raised

LINE = b"""BT
/Span <</ActualText <feff064a0628>>> BDC
1 0 0 -1 551.666016 111.94694 Tm
/F1 16 Tf
[<>0.0] TJ
/F2 16 Tf
-0.049 Ts
[-419.8125<013d>] TJ
0 Ts
[<>419<000e>0<0009>0] TJ
2.057 Ts
[31.75<012a>] TJ
0 Ts
[<>-31.75<000a>0<0049>0] TJ
EMC
ET
"""


def test_what_cannot_be_seen_goes_and_what_stands_on_one_line_is_one() -> None:
    assert has_raised(LINE)
    assert not has_raised(LINE.replace(b" Ts\n", b" Tc\n"))
    assert join_raised(LINE).splitlines() == [
        b"BT", b"/Span <</ActualText <feff064a0628>>> BDC", b"1 0 0 -1 551.7 111.9 Tm", b"/F1 16 Tf", b"/F2 16 Tf",
        b"[-420 <013d> 419 <000e0009>] TJ", b"2.1 Ts", b"[32 <012a>] TJ", b"0 Ts", b"[-32 <000a0049>] TJ",
        b"EMC", b"ET",
    ]  # fmt: skip


def test_glyphs_stand_where_they_stood() -> None:
    def advance(data: bytes) -> float:
        rows = [found.operands[0] for found in instructions(data) if str(found.operator) == "TJ"]
        return sum(float(item) for row in rows for item in row if not isinstance(item, pikepdf.String))

    assert abs(advance(LINE) - advance(join_raised(LINE))) < 2


def test_strings_as_they_are_say_what_they_said() -> None:
    signs = bytes(range(256)) + b"\\(()\r\n\r)"
    data = join_raised(LINE) + b"\n[ -3 <%b> ] TJ" % signs.hex().encode()
    short = in_few_bytes(data)
    assert len(short) < 0.8 * len(data)
    with pikepdf.new() as pdf:
        told = [list(pikepdf.parse_content_stream(pdf.make_stream(one))) for one in (data, short)]
        assert pikepdf.unparse_content_stream(told[1]) == pikepdf.unparse_content_stream(told[0])
        assert bytes(told[1][-1].operands[0][1]) == signs


def instructions(data: bytes) -> list[pikepdf.ContentStreamInstruction]:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.Contents = pdf.make_stream(data.replace(b"[<>0.0] TJ\n", b""))
        out = io.BytesIO()
        pdf.save(out)
    with pikepdf.open(out) as pdf:
        return [found for found in pikepdf.parse_content_stream(pdf.pages[0])
                if isinstance(found, pikepdf.ContentStreamInstruction)]  # fmt: skip
