"""Which picture is to blame, where a page can't be drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from handouts.errors import ContentFault, SystemMissing
from handouts.paths import Program
from handouts.typeset import svg as figures
from handouts.typeset.guard import Misplaced
from handouts.typeset.svg_limits import BadPicture
from handouts.typeset.weasyprint import layout, write


@contextmanager
def blame_pictures(logo: Path, page: Callable[[], str], program: Program) -> Iterator[None]:
    """ContentFault that names the picture, where one of ``page``, which gives the HTML, is why it can't be set."""
    try:
        yield
    except (SystemMissing, Misplaced, MemoryError):
        raise
    except Exception:
        shown = ""
        with suppress(ContentFault):  # of a template: that is what is told then
            shown = page()
        for path in (logo, *sorted(program.figures.glob("*.svg"))):
            if not _can_be_drawn(path, shown):
                raise BadPicture("can't be drawn. Save it again as plain SVG, with paths and plain colors").fault(
                    path.name
                ) from None
        raise


_ALONE = '<html lang="en"><title>A picture</title><body><img src="{}" alt="A picture">'


def _can_be_drawn(path: Path, page: str) -> bool:
    """Whether the picture can be drawn by itself on either side; True where ``page`` does not show it."""
    for side in (None, "right"):
        try:
            address = figures.data_url(figures.for_side(figures.read(path), side))
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
