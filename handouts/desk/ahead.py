"""The sheets of all topics, typeset before anybody asks for them: those that every choice shares."""

from __future__ import annotations

from collections.abc import Iterator

from handouts.check.typeset import Case
from handouts.desk.state import Desk
from handouts.errors import HandoutError
from handouts.load.library import topic_ids
from handouts.load.requests import build_request
from handouts.load.yamlfile import Parsed
from handouts.model.content import Library
from handouts.model.edition import Edition
from handouts.model.request import Request
from handouts.pipeline import prepare


def make_ahead(desk: Desk) -> None:
    """Ask for the sheets of every topic in standard and large print, in the order in which they are likely needed."""
    for form in ("standard", "large-print"):
        for topic in topic_ids(desk.content):
            try:
                library = desk.library(topic)
                for request in _requests(library, form):
                    prepared = prepare(library, request, desk.today(), Edition(allow_unapproved=True))
                    desk.sheets.begin(library, prepared.handout, prepared.plan, ahead=True)
            except HandoutError:  # told to whoever opens that topic
                continue


def _requests(library: Library, form: str) -> Iterator[Request]:
    """All of a topic on each side, and on none; then each two options, of which the fronts differ."""
    topic = library.topic
    for side in (*topic.file.sides, None):
        case = Case(
            topic.option_order, library.clinic.id, medicines=tuple(topic.medicines), sections=tuple(topic.sections)
        )
        yield _with(case.request(topic.id), form, side)
    for side in topic.file.sides or (None,):
        for i, first in enumerate(topic.option_order):
            for second in topic.option_order[i:]:
                data = {"topic": topic.id, "options": sorted({first, second}), "patient": {"name": "Name"}}
                yield _with(build_request(Parsed(data, {}, "")), form, side)


def _with(request: Request, form: str, side: str | None) -> Request:
    return request.model_copy(update={"format": form, "side": side})
