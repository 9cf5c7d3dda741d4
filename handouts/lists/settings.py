"""What is known of a list before it is opened, from the content folder: topics, codes, and what the clinic says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from handouts.lists.plan import ListSettings
from handouts.load.codes import topic_codes
from handouts.load.library import clinic_ids, default_clinic, load_clinic, option_ids, topic_ids
from handouts.load.list_maps import load_list_maps
from handouts.load.progress import printed_languages


def settings_for(
    content: Path,
    today: date,
    defaults: Mapping[str, Any],
    *,
    mapped: Mapping[str, str] | None = None,
    worksheet: str | None = None,
) -> ListSettings:
    """``defaults``: what flags, a preset or a screen say for rows that don't; ``mapped``: see `ListSettings`.

    ContentFault for a clinic that can't be used. One that isn't there is told by each row.
    """
    known = ListSettings(
        today, mapped or {}, frozenset(defaults), worksheet=worksheet, codes=topic_codes(content), flags=defaults,
        options={one for topic in topic_ids(content) for one in option_ids(content, topic)},
        languages=frozenset(printed_languages(content)),
    )  # fmt: skip
    clinic = defaults.get("clinic") or default_clinic(content)
    if clinic not in clinic_ids(content):
        return known
    order = load_clinic(content, clinic).date_order
    return replace(known, date_order=order, maps=load_list_maps(content, clinic))
