"""``python -m handouts.authoring.desk_words``: brings the desk's catalogues up to what its sources say today.

A catalogue is a PO file in templates/desk/words/. Sentences that nobody says any more go; new ones come with an empty
translation, to be filled in. With a language's tag, such as fr, that language's catalogue is begun.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from handouts import paths
from handouts.model.language import language_name

FOLDER = paths.PROGRAM.templates / "desk" / "words"
_JINJA = {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
_SOURCES: tuple[tuple[Path, str, list[tuple[str, str]], dict[str, dict[str, Any]]], ...] = (
    (paths.PACKAGE / "desk", "handouts/desk", [("**.py", "python")], {}),
    (FOLDER.parent, "templates/desk", [("**.html.j2", "jinja2"), ("**.js", "javascript")], {"**.html.j2": _JINJA}),
)
_NOT_WRITTEN = (
    b'"Project-Id-Version', b'"Report-Msgid-Bugs-To', b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Last-Translator',
    b'"Language-Team', b'"Generated-By',
)  # fmt: skip
"""Lines of a PO file's head that say nothing here, or that would make it another file each time."""
_HEAD = """# The desk in {name}. Sentences of handouts/desk and templates/desk; what the library says: library.{tag}.po.
# After a change of the English: python -m handouts.authoring.desk_words
#"""


def template() -> Catalog:
    """All that the desk says, with the files that say it."""
    made = Catalog(project="handouts", fuzzy=False)
    for folder, name, methods, options in _SOURCES:
        found = extract_from_dir(folder, method_map=methods, options_map=options, comment_tags=("Translators:",))
        for file, _line, message, comments, context in found:
            made.add(message, locations=[(f"{name}/{file}", 0)], auto_comments=comments, context=context)
    return made


def up_to_date(text: bytes, language: str) -> bytes:
    """A catalogue with today's sentences; the translations of those that it had stay."""
    head = _HEAD.format(name=language_name(language), tag=language)
    catalog = read_po(io.BytesIO(text), locale=language) if text else Catalog(locale=language, header_comment=head)
    catalog.update(template(), no_fuzzy_matching=True, update_header_comment=False)
    return as_po(catalog)


def as_po(catalog: Catalog) -> bytes:
    """A catalogue as a PO file: sentences by the files that say them, and the same bytes each time."""
    catalog.fuzzy = False
    written = io.BytesIO()
    write_po(written, catalog, width=0, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    return b"".join(line for line in written.getvalue().splitlines(True) if not line.startswith(_NOT_WRITTEN))


def write(folder: Path, languages: list[str]) -> None:
    """Bring the catalogues in ``folder`` up to date; begin those of ``languages`` that are not there yet."""
    for language in sorted({*languages, *(path.stem for path in folder.glob("*.po") if "." not in path.stem)}):
        path = folder / f"{language}.po"
        path.write_bytes(up_to_date(path.read_bytes() if path.exists() else b"", language))


if __name__ == "__main__":
    write(FOLDER, sys.argv[1:])
