"""Which picture is to blame, where a page can't be drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from handouts.errors import ContentFault, SystemMissing
from handouts.model.content import Library
from handouts.typeset import svg as figures
from handouts.typeset.guard import Misplaced
from handouts.typeset.svg_limits import BadPicture
from handouts.typeset.weasyprint import layout, write


@contextmanager
def blame_pictures(logo: Path, page: Callable[[], str], library: Library) -> Iterator[None]:
    """ContentFault that names the picture, where one of ``page``, which gives the HTML, is why it can't be set."""
    try:
        yield
    except (SystemMissing, Misplaced, MemoryError):
        raise
    except Exception:
        shown = ""
        with suppress(ContentFault):  # of a template: that is what is told then
            shown = page()
        drawings = library.topic.drawings
        told: dict[Path, Mapping[str, str]] = {logo: {}}
        told |= {drawings.file(name): drawings.labels.get(name, {}) for name in library.topic.file.figures}
        for path, words in told.items():
            if not _can_be_drawn(path, words, shown):
                raise BadPicture("can't be drawn. Save it again as plain SVG, with paths and plain colors").fault(
                    path.name
                ) from None
        raise


_ALONE = '<html lang="en"><title>A picture</title><body><img src="{}" alt="A picture">'


def _can_be_drawn(path: Path, words: Mapping[str, str], page: str) -> bool:
    """Whether the picture can be drawn by itself on either side; True where ``page`` does not show it."""
    for side in (None, "right"):
        try:
            if path.suffix == ".svg":
                address = figures.data_url(figures.for_side(figures.say(figures.read(path), words), side))
            else:
                address = figures.logo_url(path)
        except (BadPicture, ContentFault):
            continue  # it would have been told already, had the page shown it
        if address in page:
            try:
                write(layout(_ALONE.format(address), ()))
            except (SystemMissing, MemoryError):
                raise
            except Exception:
                return False
    return True
