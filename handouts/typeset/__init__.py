"""Step 3, typeset: a tagged PDF with empty slots.

In: a `Handout` and the words of the page. Out: a `Master`, which holds nobody's data.

- `html`        Jinja2 makes HTML; which front fits on page 1
- `svg`         drawings, pictures of 100 people, QR codes
- `weasyprint`  WeasyPrint behind one function; its warnings are faults; the versions that decide how a page comes out
- `tagging`     repairs what WeasyPrint's tags have wrong
- `tounicode`   repairs what glyphs stand for
- `master`      slots become empty forms; where the patient's bytes will go
- `cache`       masters kept between runs
"""
