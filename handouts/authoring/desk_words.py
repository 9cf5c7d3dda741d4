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
from babel.messages.pofile import read_po

from handouts import paths
from handouts.authoring import library_words
from handouts.authoring.po import as_po
from handouts.model.language import language_name

FOLDER = paths.PROGRAM.templates / "desk" / "words"
_JINJA = {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
_SOURCES: tuple[tuple[Path, str, list[tuple[str, str]], dict[str, dict[str, Any]]], ...] = (
    (paths.PACKAGE / "desk", "handouts/desk", [("**.py", "python")], {}),
    (FOLDER.parent, "templates/desk", [("**.html.j2", "jinja2"), ("**.js", "javascript")], {"**.html.j2": _JINJA}),
)
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


def write(folder: Path, languages: list[str]) -> None:
    """Bring the catalogues in ``folder`` up to date; begin those of ``languages`` that are not there yet."""
    for language in sorted({*languages, *(path.stem for path in folder.glob("*.po") if "." not in path.stem)}):
        for path, renewed in (
            (folder / f"{language}.po", up_to_date),
            (folder / f"library.{language}.po", library_words.up_to_date),
        ):
            path.write_bytes(renewed(path.read_bytes() if path.exists() else b"", language))


if __name__ == "__main__":
    write(FOLDER, sys.argv[1:])
