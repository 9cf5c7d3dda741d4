"""Catalogues as PO files that are the same bytes each time, for `desk_words` and `library_words`."""

from __future__ import annotations

import io

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

_NOT_WRITTEN = (
    b'"Project-Id-Version', b'"Report-Msgid-Bugs-To', b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Last-Translator',
    b'"Language-Team', b'"Generated-By',
)  # fmt: skip
"""Lines of a PO file's head that say nothing here, or that would make it another file each time."""


def as_po(catalog: Catalog) -> bytes:
    """A catalogue as a PO file: sentences by the files that say them, and the same bytes each time."""
    catalog.fuzzy = False
    written = io.BytesIO()
    write_po(written, catalog, width=0, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    return b"".join(line for line in written.getvalue().splitlines(True) if not line.startswith(_NOT_WRITTEN))
