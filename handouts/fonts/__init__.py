"""The fonts that the program brings, and text set in them. Shared by the page's slots, notes, run sheets and slips.

- `files`      which font files there are, and a fontconfig that lets no other in
- `faces`      the fonts of stamped text, as HarfBuzz has them
- `fallbacks`  which of them a text is set in
- `direction`  the order in which letters are drawn: right to left too
- `shaping`    text -> positioned glyphs, in any script that a font covers
- `lines`      a paragraph as lines
- `fitting`    a text for a slot, or a refusal that names its key
- `drawing`    lines of glyphs as operators
- `embedding`  fonts as PDF objects
"""
