"""Our HTML with the patient's details as text instead of slots, for the peers that set HTML: a page for each sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from benchmarks.job import Job
from handouts.model.details import Details, Entry
from handouts.model.sheets import Front, SheetContent
from handouts.stamp.stamp import footer_text
from handouts.typeset.front import choose_front
from handouts.typeset.html import TITLE, style_sheets
from handouts.typeset.room import lay_out

_SLOT = re.compile(r'<img class="slot" [^>]*alt="slot:([\w.]+)"[^>]*>')
_ALONE = re.compile(rf"<(p|li)>\s*({_SLOT.pattern})\s*</\1>")
"""A slot that is all that its element holds: without text, that is left out."""
_STYLE = """
.filled-name { font-size: 15pt; line-height: 18pt; font-weight: bold; display: block; }
.filled-label { color: var(--accent); font-weight: bold; }
@page {
  @bottom-left { content: [[ footer ]]; vertical-align: top; padding-top: 7.5pt; white-space: nowrap }
  @bottom-right { content: "[[ page ]] " counter(page) " [[ page_of ]] " "[[ total ]]";
    vertical-align: top; padding-top: 7.5pt }
  @top-right { content: [[ approval ]]; vertical-align: bottom; padding-bottom: 8pt; white-space: nowrap }
}
"""


@dataclass(frozen=True)
class PersonalSheet:
    """A sheet's page as a template of Jinja2, ready but for the patient's own texts; ``before``: pages before it."""

    page: jinja2.Template
    style_sheets: tuple[Path, ...]
    before: int


def personal_sheets(job: Job) -> tuple[PersonalSheet, ...]:
    """The sheets of the job's handout. The rest is merged and fitted ahead: the peers are spared repeating it."""
    laid = [(sheet, *_laid(job, sheet)) for _, sheet in job.handout.sheets()]
    total = sum(pages for _, _, pages in laid)
    made, before = [], 0
    for sheet, page, pages in laid:
        made.append(PersonalSheet(_template(page, job, before, total), style_sheets(sheet), before))
        before += pages
    return tuple(made)


def _laid(job: Job, sheet: SheetContent) -> tuple[str, int]:
    """A sheet's HTML as it is printed, and how many pages it takes."""
    look, words = job.handout.look, job.library.words
    if isinstance(sheet, Front):
        return choose_front(sheet, look, words), 2 if sheet.shape.more_note or sheet.shape.more_steps else 1
    laid = lay_out(sheet, look, words, drawings=job.library.topic.drawings)
    return laid.html, laid.pages


def _template(page: str, job: Job, before: int, total: int) -> jinja2.Template:
    numbered = f"@page :first {{ counter-reset: page {before + 1} }}" if before else ""
    page = page.replace("</head>", f"<style>{numbered}{_running(job, str(total))}</style></head>", 1)
    return _environment().from_string(_with_texts(page.replace(TITLE, job.handout.look.title)))


def _running(job: Job, total: str) -> str:
    words = job.library.words.page
    style = _STYLE.replace("[[ page ]]", words["page"]).replace("[[ page_of ]]", words["page_of"])
    return style.replace('"[[ total ]]"', total if total.startswith("counter") else f'"{total}"')


def _with_texts(page: str) -> str:
    page = re.sub("--up: -[0-9.]+pt", "--up: 0pt", page)  # rows of text stand below each other, slots on top
    page = _ALONE.sub(r"[% if texts['\3'] %]<\1>\2</\1>[% endif %]", page)
    return _SLOT.sub(r"[[ texts['\1'] ]]", page)


def whole_page(job: Job) -> jinja2.Template:
    """All sheets as one page of HTML, for a browser: each sheet's own style sheet counts within it (CSS ``@scope``)."""
    styles, bodies = [], []
    for name, sheet in job.handout.sheets():
        page, _ = _laid(job, sheet)
        base, own = (path.read_text(encoding="utf-8") for path in style_sheets(sheet))
        head, kind, body = _PARTS.findall(page)[0]
        if not styles:
            styles += [head, base, _running(job, "counter(pages)")]
        pages = "".join(re.findall(r"@page :first \{.*?\} *\}", own))
        styles.append(f"{pages} @scope (.sheet-{name}) {{ {own} }}")
        broken = "" if not bodies else ' style="break-before: page"'
        bodies.append(f'<div class="sheet-{name}"{broken}><div class="{kind}">{body}</div></div>')
    html = f'<!DOCTYPE html><html lang="{job.handout.look.language}"><head><meta charset="utf-8">'
    html += f"<title>{job.handout.look.title}</title><style>{' '.join(styles)}</style></head>"
    return _environment().from_string(_with_texts(f"{html}<body>{''.join(bodies)}</body></html>"))


_PARTS = re.compile(r'<style>(.*?)</style>.*?<body class="(.*?)">(.*)</body>', re.S)


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
    )


class _Texts(dict[str, Markup]):
    """Slots' texts as HTML; nothing for a slot without one."""

    def __missing__(self, name: str) -> str:
        return ""


def fill(details: Details) -> Mapping[str, object]:
    """What the templates ask for: the slots' texts, and the running lines as CSS strings."""
    texts = _Texts((name, _span(name, text)) for name, text in details.texts)
    approval = plain_text(dict(details.texts).get("approval", ""))
    return {"texts": texts, "footer": _css_string(footer_text(details)), "approval": _css_string(approval)}


def plain_text(text: str | Entry) -> str:
    """What a slot's text reads, without its label."""
    return "".join(text.lines).strip() if isinstance(text, Entry) else text


def boxed(text: str | Entry) -> bool:
    """Whether there is a box to tick before it."""
    return isinstance(text, Entry) and text.box


def label_of(text: str | Entry) -> str:
    """What stands before it."""
    return text.label if isinstance(text, Entry) else ""


def _span(name: str, text: str | Entry) -> Markup:
    label = Markup('<strong class="filled-label">{}</strong> ').format(label_of(text)) if label_of(text) else ""
    box = Markup('<span class="box"></span> ') if boxed(text) else ""
    lines = Markup("<br>").join(escape(line) for line in plain_text(text).split("\n"))
    rule = Markup('<span class="rule"></span>') if isinstance(text, Entry) and text.write else ""
    return Markup('<span class="filled-{}">{}{}{}{}</span>').format(name.split(".")[0], box, label, lines, rule)


def _css_string(text: str) -> Markup:
    return Markup('"{}"').format(
        Markup("").join(c if c.isalnum() and c.isascii() else Markup(f"\\{ord(c):x} ") for c in text)
    )
