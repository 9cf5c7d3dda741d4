"""Questions to a FHIR server, and what its answers mean. An edge module.

A server's own words are never told: an OperationOutcome may quote a patient. Its status and its issues' codes are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode, urljoin

from handouts import https
from handouts.errors import HandOverFault
from handouts.fhir.elements import RawResource
from handouts.fhir.endpoint import Endpoint, origin_of
from handouts.https import NoAnswer, Patience

Means = Literal["later", "lost", "ours", "refused", "not supported", "gone", "changed"]
MOST_BYTES = 32 * 1024 * 1024
"""Of one answer."""
MOST_PAGES = 50
"""Of one search."""
MOST_RESOURCES = 5000
"""Of one search."""
_JSON = "application/fhir+json"
_ISSUE = re.compile(r"[a-z]+(-[a-z]+){0,4}")
_KNOWN_TYPES = ("application/fhir+json", "application/json", "application/json+fhir", "text/json")
"""The last two: what servers from before R4 still say."""


class RecordFault(HandOverFault):
    """Why the health record did not do as it was asked. ``means``: what follows.

    "later": busy or away. "lost": it may have done it. "ours": nothing will work until somebody fixes it. "refused":
    this, for good. "not supported": it can't do such a thing. "gone": what was asked for is not there. "changed": it is
    another version by now.
    """

    def __init__(self, reason: str, means: Means) -> None:
        self.reason, self.means = reason, means
        super().__init__(f"The health record: {reason}.")


class Reply(NamedTuple):
    """``resource``: {} for an empty answer; ``etag``: the version, "" where the server names none."""

    status: int
    resource: RawResource
    etag: str


class Client:
    """A server. ``token``: gives an access token, a new one if asked for ``fresh``; None where none is wanted."""

    def __init__(
        self,
        endpoint: Endpoint,
        token: Callable[[bool], str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.endpoint, self._token, self._patience = endpoint, token, patience or Patience()
        self._can: dict[str, Any] | None = None

    def read(self, path: str, **parameters: str | Sequence[str]) -> Reply:
        """One resource, or one page. RecordFault."""
        return self.ask("GET", self.endpoint.url(path) + _query(parameters))

    def search(self, kind: str, /, **parameters: str | Sequence[str]) -> list[RawResource]:
        """All that a search finds, and what it includes. RecordFault. A name may end in "_": ``with_`` is "with"."""
        return list(self._pages(self.endpoint.url(kind) + _query(parameters)))

    def create(self, resource: RawResource, if_none_exist: str) -> Reply:
        """A resource, unless ``if_none_exist`` finds one. RecordFault."""
        headers = {"If-None-Exist": if_none_exist}
        return self.ask("POST", self.endpoint.url(str(resource["resourceType"])), resource, headers)

    def update(self, resource: RawResource, etag: str) -> Reply:
        """A resource in place of the version ``etag``; of any version where that is "". RecordFault."""
        url = self.endpoint.url(f"{resource['resourceType']}/{resource['id']}")
        return self.ask("PUT", url, resource, {"If-Match": etag} if etag else {})

    def transact(self, bundle: RawResource) -> Reply:
        """A transaction: all of it or nothing. RecordFault."""
        return self.ask("POST", self.endpoint.base, bundle)

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """The server's CapabilityStatement; {} where it shows none. RecordFault while it can't be reached."""
        if self._can is None:
            try:
                found = self.read("metadata").resource
            except RecordFault as fault:
                if fault.means not in {"not supported", "gone", "refused"}:
                    raise
                found = {}
            self._can = found if found.get("resourceType") == "CapabilityStatement" else {}
        return self._can

    def ask(
        self, method: str, url: str, resource: RawResource | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One question; once more with a new token where the server does not take the one it got. RecordFault."""
        if origin_of(url) != self.endpoint.origin:
            raise RecordFault("it sends the program to another server. That is not followed", "ours")
        body = None if resource is None else json.dumps(resource, ensure_ascii=False).encode()
        given = {"Accept": _JSON, "Content-Type": _JSON} if body else {"Accept": _JSON}
        given |= headers or {}
        answer = self._ask(method, url, body, given, fresh=False)
        if answer.status == 401 and self._token:
            answer = self._ask(method, url, body, given, fresh=True)
        return _reply(method, answer)

    def _ask(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, fresh: bool
    ) -> https.Answer:
        token = {"Authorization": f"Bearer {self._token(fresh)}"} if self._token else {}
        try:
            return https.ask(method, url, body, headers=dict(headers) | token, most=MOST_BYTES, patience=self._patience)
        except NoAnswer as none:
            raise _unanswered(method, none) from None

    def _pages(self, url: str) -> Iterator[RawResource]:
        """The resources of a search's pages. Each page is another, on this server, and they come to an end."""
        seen, many = set[str](), 0
        while url not in seen:
            seen.add(url)
            page = self.ask("GET", url).resource
            if page.get("resourceType") != "Bundle":
                raise RecordFault("it answered a search with something else than a Bundle", "ours")
            for resource in resources_in(page):
                many += 1
                yield resource
            following = next_page(page)
            if following is None:
                return
            if many >= MOST_RESOURCES or len(seen) >= MOST_PAGES:
                break
            url = urljoin(url, following)
        raise RecordFault("a search has no end, or finds far too much", "refused")


def resources_in(bundle: Mapping[str, Any]) -> Iterator[RawResource]:
    """What a Bundle holds, but for what it says of the search itself (OperationOutcome)."""
    entries = bundle.get("entry")
    for entry in entries if isinstance(entries, list) else []:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") != "OperationOutcome":
            yield resource


def next_page(bundle: Mapping[str, Any]) -> str | None:
    """Where a search goes on."""
    links = bundle.get("link")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("relation") == "next" and isinstance(link.get("url"), str):
            return str(link["url"])
    return None


def _query(parameters: Mapping[str, str | Sequence[str]]) -> str:
    pairs = [
        (name.rstrip("_") if name.endswith("_") else name, one)
        for name, value in parameters.items()
        for one in ([value] if isinstance(value, str) else value)
    ]
    return f"?{urlencode(pairs)}" if pairs else ""


def _unanswered(method: str, none: NoAnswer) -> RecordFault:
    if none.why == "certificate":
        return RecordFault("its certificate is not valid", "ours")
    if none.why == "endless":
        return RecordFault("its answer has no end", "ours" if method == "GET" else "lost")
    if none.why == "no connection":
        return RecordFault("there is no connection to it", "later")
    told = "it did not answer in time" if none.why == "late" else "the connection to it was lost"
    return RecordFault(told, "later" if method == "GET" else "lost")


def _reply(method: str, answer: https.Answer) -> Reply:
    """RecordFault for everything but a good answer of FHIR."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    resource = _parsed(answer.body) if kind in _KNOWN_TYPES or not kind else None
    if not 200 <= answer.status < 300:
        raise _judged(answer.status, resource or {})
    if resource is None:
        raise RecordFault(
            "its answer is not FHIR in JSON. Check fhir.server"
            if method == "GET"
            else "its answer is not FHIR in JSON",
            "ours" if method == "GET" else "lost",
        )
    return Reply(answer.status, resource, answer.headers.get("etag", ""))


def _parsed(body: bytes) -> RawResource | None:
    """{} for nothing, None for what is no object of JSON."""
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


_REASONS: Mapping[int, tuple[str, Means]] = {
    401: ("it does not take the program's access token{shown}. Check fhir.auth, fhir.client_id and the key", "ours"),
    403: ("it does not allow this{shown}. Check which scopes the program was given", "ours"),
    404: ("it has no such thing{shown}", "gone"),
    405: ("it does not offer this{shown}", "not supported"),
    409: ("something else was changing the same thing{shown}", "later"),
    410: ("it was deleted there{shown}", "gone"),
    412: ("its version there is another one, or several documents have the same code{shown}", "changed"),
    413: ("the document is too large for it{shown}", "refused"),
    501: ("it does not offer this{shown}", "not supported"),
}


def _judged(status: int, outcome: RawResource) -> RecordFault:
    """What a refusal means: by its status alone."""
    codes = ", ".join(issue_codes(outcome))
    shown = f" ({status}{': ' + codes if codes else ''})"
    if 300 <= status < 400:
        return RecordFault(f"it sends the program to another address{shown}. Check fhir.server", "ours")
    if status in _REASONS:
        told, means = _REASONS[status]
        return RecordFault(told.format(shown=shown), means)
    if status in {408, 425, 429} or status >= 500:
        return RecordFault(f"it is not available now{shown}", "later")
    return RecordFault(f"it refused this{shown}", "refused")


def issue_codes(outcome: Mapping[str, Any]) -> list[str]:
    """The codes of an OperationOutcome's issues, such as "invalid": words of the standard, at most three."""
    issues = outcome.get("issue") if outcome.get("resourceType") == "OperationOutcome" else None
    found = [issue.get("code") for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else []
    codes = [one for one in found if isinstance(one, str) and len(one) <= 30 and _ISSUE.fullmatch(one)]
    return list(dict.fromkeys(codes))[:3]
