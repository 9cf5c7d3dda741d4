"""Step 3, typeset: each sheet a tagged PDF with empty slots, bound into one.

In: a `Handout` and the words of the page. Out: a `Master`, which holds nobody's data.

- `stack`       the way of a whole handout: keys, sheets from a cache or typeset, the master that they are bound into
- `typeset`     the way of one sheet: HTML, layout, PDF, ready to be bound
- `html`        Jinja2 makes HTML
- `typography`  quotation marks, binding spaces, source marks; what keeps its direction from right to left
- `front`       which front fits page 1
- `room`, `fit`  how another sheet fills its pages; what its template is told of that
- `parts`       an answer in parts that may stand on different pages
- `pictures`    which picture is to blame, where a page can't be drawn
- `svg`         drawings, pictures of 100 people, QR codes
- `svg_limits`  what a drawing may hold
- `label_places`  whether they keep clear of each other
- `lettering`, `matrices`  how large the words in a drawing come out, and where; transformations as matrices
- `linebreaks`  spaces at the ends of lines, which WeasyPrint mistakes; lines that it lays out twice
- `kept_lines`  no line of a sheet is broken twice
- `weasyprint`  WeasyPrint behind two functions; its warnings are faults
- `versions`    those that decide how a page comes out: of libraries, fonts and our own code
- `guard`       the last look at laid-out pages: everything is in its place
- `memory`      says that memory runs out before the text engine ends without a word
- `structure`   walks through a file's tags
- `raised`        makes pages shorter whose letters have signs set apart
- `tagging`     repairs what is wrong in the tags that WeasyPrint writes
- `tables`      makes a table that goes on on another page one table
- `tounicode`   repairs what glyphs stand for
- `sheet`       WeasyPrint's file of a sheet -> a sheet ready to be bound; slots become empty forms
- `binding`     sheets -> a master; needs neither WeasyPrint nor pikepdf
- `frame`       what stands in the margins of every page, and where
- `metadata`    what a file says of itself
- `pdf_objects`, `pdf_writer`  objects that pikepdf has read, as bytes; objects into a file
- `cache`       sheets kept between runs
"""
