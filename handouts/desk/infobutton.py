"""Infobutton: a health record's button for patient education finds the topics here.

Its question may hold what a patient has, and more. So it is answered without a session and without a cookie, by a page
about topics alone; nothing of it is kept, logged, or handed on to the desk's own pages (docs/desk-security.md).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for

from handouts.desk.choices import topic_for_staff
from handouts.desk.state import Desk, desk_of
from handouts.desk.words import say_language
from handouts.errors import ContentFault, RequestFault
from handouts.fhir.infobutton import Asked, Match, matches, read_request
from handouts.load.codes import topic_files
from handouts.load.language_files import languages_of_topic
from handouts.model.language import ORIGINAL, language_name

blueprint = Blueprint("infobutton", __name__)
_ATOM = "http://www.w3.org/2005/Atom"


@blueprint.get("/infobutton")
def answer() -> Response:
    """The topics that the code is for, as a page or a feed; all of them where it is for none."""
    desk = desk_of(current_app)
    accepts = request.accept_mimetypes.best_match(["text/html", "application/json", "application/xml"]) or "text/html"
    asked = read_request(request.args.to_dict(flat=False), accepts)
    files = topic_files(desk.content)
    found = [one for match in matches(asked, files) if (one := _shown(desk, match, asked.language))]
    if asked.form == "json":
        response = jsonify(feed=_feed(found, asked, desk))
    elif asked.form == "xml":
        response = Response(_atom(_feed(found, asked, desk)), mimetype="application/atom+xml")
    else:
        others = [one for topic in files if (one := _shown(desk, Match(topic), asked.language))]
        page = render_template("infobutton.html.j2", found=found, others=others, coded=bool(asked.codes))
        response = Response(page, mimetype="text/html")
    return response


def _shown(desk: Desk, match: Match, language: str | None) -> dict[str, Any] | None:
    """A topic for page and feed; None for one that can't be read now. ``also``: the reader's language, if it has that
    beside English. ``name`` is English, as the feed is; ``named`` is for who reads the page.
    """
    try:
        topic, read = desk.library(match.topic).topic, topic_for_staff(desk, match.topic)
    except (ContentFault, RequestFault):
        return None
    sides = match.side if match.side in topic.file.sides else None
    address = url_for("handout.show", topic=match.topic, side=sides)
    also = _also(desk, match.topic, language)
    reviewed = topic.file.published.isoformat()
    return {
        "topic": match.topic,
        "name": topic.overview.head.name,
        "named": read.overview.head.name,
        "tongue": read.language,
        "side": sides,
        "medicine": match.medicine,
        "also": language_name(also) if also else "",
        "also_named": say_language(also) if also else "",
        "href": address,
        "updated": f"{reviewed}T00:00:00Z",
    }


def _also(desk: Desk, topic: str, language: str | None) -> str:
    tag = (language or "").partition("-")[0]
    if not tag or tag == ORIGINAL or tag not in languages_of_topic(desk.content / "topics" / topic):
        return ""
    return tag


def _feed(found: list[dict[str, Any]], asked: Asked, desk: Desk) -> dict[str, Any]:
    """The knowledge response: a feed whose entries open the desk on a topic."""
    now = datetime.fromtimestamp(desk.now(), UTC)
    home = request.host_url.rstrip("/")
    return {
        "xml:lang": "en",
        "title": _text("Handouts for patients"),
        "subtitle": _text("Topics that match the code"),
        "author": {"name": {"_value": "Handouts"}, "uri": {"_value": home}},
        "updated": {"_value": f"{now:%Y-%m-%dT%H:%M:%SZ}"},
        "id": {"_value": f"{home}/infobutton"},
        "category": [{"scheme": "informationRecipient", "term": "PROV" if asked.for_staff else "PAT"}],
        "entry": [_entry(one, home) for one in found],
    }


def _entry(one: dict[str, Any], home: str) -> dict[str, Any]:
    link = {"href": f"{home}{one['href']}", "rel": "alternate", "type": "text/html", "hreflang": "en"}
    said = f" ({one['side']} side)" if one["side"] else ""
    said += f", also in {one['also']}" if one["also"] else ""
    return {
        "title": _text(one["name"]),
        "id": {"_value": f"{home}{one['href']}"},
        "updated": {"_value": one["updated"]},
        "link": [link | {"title": one["name"]}],
        "summary": _text(f"A handout about {one['name']}{said}. Staff choose what goes into it."),
    }


def _text(value: str) -> dict[str, str]:
    return {"type": "text", "_value": value}


def _atom(feed: dict[str, Any]) -> str:
    """The same as Atom (RFC 4287)."""
    root = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": str(feed["xml:lang"])})
    _fill(root, feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


def _fill(parent: ElementTree.Element, told: dict[str, Any]) -> None:
    for name, value in told.items():
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, dict):
                continue
            attributes = {key: text for key, text in one.items() if isinstance(text, str) and key != "_value"}
            element = ElementTree.SubElement(parent, name, attributes)
            element.text = one.get("_value")
            _fill(element, {key: inner for key, inner in one.items() if not isinstance(inner, str)})
