"""The fixed words of a page that its templates ask for. Told when the words are read, not first when a page is made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from handouts.errors import ContentFault, Fault, is_nearly_known, shown
from handouts.load.files import read_text
from handouts.load.yamlfile import Parsed
from handouts.model.content import NEEDED_WORDS

_ASKED = re.compile(r"(?<![\w.])p\.(?!get\b)([a-z0-9_]+)")
"""How a template asks for a word: ``p.key_points``."""
BY_NAME = (
    "after", "before", "appointment_date", "note_on_page_2", "rest_of_note_on_page_2", "steps_on_page_2",
    "more_steps_on_page_2", "steps_and_visit_on_page_2", "visit_on_page_2", "yearly",
)  # fmt: skip
"""Those that templates ask for by a name that the handout gives, such as its stage."""


def wanted_words(templates: Path) -> frozenset[str]:
    """Every word under ``page`` that a page may ask for. ContentFault for a template that can't be read."""
    asked: set[str] = set()
    for path in sorted(templates.glob("*.j2")):
        try:
            asked.update(_ASKED.findall(read_text(path)))
        except (OSError, UnicodeDecodeError):
            raise ContentFault(f"The template {path.name} can't be read. Install the program again.") from None
    return frozenset(asked | {*BY_NAME, *NEEDED_WORDS})


def missing_words(parsed: Parsed, page: Mapping[str, str], templates: Path) -> Iterator[Fault]:
    """A fault for each word that pages ask for and ``page`` does not hold; a misspelt one is told where it stands."""
    wanted = wanted_words(templates)
    spare = {name for name in page if name not in wanted}
    for name in sorted(wanted - set(page)):
        meant = next((other for other in sorted(spare) if is_nearly_known(other, [name])), None)
        if meant:
            spare.discard(meant)
            line = parsed.line(("page", meant))
            yield Fault(parsed.file, line, f"unknown key 'page.{shown(meant)}'. Did you mean '{name}'?")
        else:
            message = f"'page.{name}' is missing: put it back, as in the words that come with the program"
            yield Fault(parsed.file, parsed.line(("page",)), message)
