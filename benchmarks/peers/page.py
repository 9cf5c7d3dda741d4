"""Our HTML with the patient's details as text instead of slots, for the peers that set HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping

import jinja2

from benchmarks.job import Job
from handouts.model.handout import Details
from handouts.stamp.stamp import footer_text
from handouts.typeset.html import choose_front

_SLOT = re.compile(r'<img class="slot" [^>]*alt="slot:(\w+)"[^>]*>')
_STYLE = """
<style>
.filled-name { font-size: 21pt; font-weight: bold; line-height: 26.04pt; }
@page { @bottom-left { content: [[ furniture_css ]]; vertical-align: top; padding-top: 7.5pt; white-space: nowrap } }
</style>
"""


def personal_page(job: Job, styles: str = "") -> jinja2.Template:
    """The whole page as a template of Jinja2; ``[[ name ]]`` where the patient's name goes, and so on.

    The rest is rendered once, ahead: the peers are spared repeating it for each patient.
    """
    page = choose_front(job.handout, job.library.words)
    page = _SLOT.sub(r'<span class="filled filled-\1">[[ \1 ]]</span>', page)
    page = page.replace("</head>", f"{styles}{_STYLE}</head>", 1)
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
    return environment.from_string(page)


def fill(details: Details) -> Mapping[str, str | jinja2.utils.markupsafe.Markup]:
    """What the template asks for."""
    return {**dict(details.texts), "code": details.code, "furniture_css": _css_string(footer_text(details))}


def _css_string(text: str) -> jinja2.utils.markupsafe.Markup:
    escaped = "".join(c if c.isalnum() and c.isascii() else f"\\{ord(c):x} " for c in text)
    return jinja2.utils.markupsafe.Markup(f'"{escaped}"')
