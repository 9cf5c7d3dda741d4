"""Many finished files bound into one print file: tagged, valid, each patient on a new sheet.

What patients of one master share (content streams, fonts, pictures) is written once a volume. What is a patient's own
(pages, structure elements, filled slots) is written from templates made once a master: objects as bytes, with gaps for
the numbers of others. Numbers in brackets are sections of ISO 32000-1.

- `finished`  one finished file parted into its master's bytes and what `handouts.stamp.stamp` appended
- `plan`      one master: which objects are a patient's own, as templates
- `volume`    all of it together; bookmarks, page tree, structure tree
"""

from __future__ import annotations

from handouts.deliver.volume.volume import Bound, bind

__all__ = ["Bound", "bind"]
