"""A FHIR server of the tests' own, for what goes wrong: it does what is planned at a stage instead of its duty.

It knows what this program asks for, and no more: read, searches by identifier, patient and date, _include, conditional
create, update with If-Match, transactions, $everything, and SMART's discovery and tokens.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from handouts.fhir.elements import RawResource
from handouts.fhir.endpoint import Endpoint
from tests.mailserver import Plan

BASE, CLIENT = "/r4", "handouts-at-cohen"
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "invalid", "diagnostics": "Maria Gonzalez, born 1961-04-09"}],
}
"""A server's words, with what may not be told."""
CAPABLE = {
    "resourceType": "CapabilityStatement",
    "fhirVersion": "4.0.1",
    "rest": [
        {
            "mode": "server",
            "interaction": [{"code": "transaction"}],
            "resource": [{"type": "DocumentReference", "conditionalCreate": True}],
        }
    ],
}
BY_ITSELF = {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "interaction": []}]}
"""A server without transactions."""


@dataclass
class Chart:
    """What the server has. ``heeds``: whether it heeds If-None-Exist; ``looks``: whether it searches by identifier."""

    kept: dict[tuple[str, str], RawResource] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    capabilities: RawResource = field(default_factory=lambda: dict(CAPABLE))
    heeds: bool = True
    looks: bool = True
    everything: bool = True
    includes: bool = True
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    registered: Any = None
    """The public JWK Set of a program that may sign in; None where everybody may ask."""
    tokens: set[str] = field(default_factory=set)
    statements: set[str] = field(default_factory=set)
    token_url: str = ""
    ahead: float = 0.0
    """Seconds by which its clock is ahead of this machine's."""

    def add(self, *resources: RawResource) -> None:
        for one in resources:
            self.kept[one["resourceType"], one["id"]] = one | {"meta": {"versionId": "1"}}

    def all(self, kind: str) -> list[RawResource]:
        with self.lock:
            return [one for (found, _), one in self.kept.items() if found == kind]

    def find(self, kind: str, query: dict[str, list[str]]) -> list[RawResource]:
        return [one for one in self.all(kind) if all(_fits(one, name, values) for name, values in query.items())]

    def create(self, resource: RawResource, unless: str | None) -> tuple[int, RawResource]:
        kind = resource["resourceType"]
        if unless and self.heeds:
            there = self.find(kind, parse_qs(unless))
            if len(there) > 1:
                return 412, OUTCOME
            if there:
                return 200, there[0]
        number = str(uuid4())
        made = resource | {"id": number, "meta": {"versionId": "1"}}
        self.kept[kind, number] = made
        return 201, made

    def update(self, kind: str, number: str, resource: RawResource, match: str) -> tuple[int, RawResource]:
        before = self.kept.get((kind, number))
        if before is None:
            return 404, OUTCOME
        version = before["meta"]["versionId"]
        if match and match != f'W/"{version}"':
            return 412, OUTCOME
        made = resource | {"meta": {"versionId": str(int(version) + 1)}}
        self.kept[kind, number] = made
        return 200, made

    def transact(self, bundle: RawResource) -> tuple[int, RawResource]:
        text = json.dumps(bundle)
        before, answers = dict(self.kept), []
        for entry in bundle["entry"]:
            entry = next(one for one in json.loads(text)["entry"] if one.get("fullUrl") == entry.get("fullUrl"))
            request = entry["request"]
            if request["method"] == "PUT":
                kind, number = request["url"].split("/")
                status, made = self.update(kind, number, entry["resource"], request.get("ifMatch", ""))
            else:
                status, made = self.create(entry["resource"], request.get("ifNoneExist"))
                if "id" in made:
                    text = text.replace(f'"{entry["fullUrl"]}"', f'"{made["resourceType"]}/{made["id"]}"')
            if status >= 400:
                self.kept = before
                return status, OUTCOME
            answers.append({"response": {"status": str(status)}})
        for key, one in self.kept.items():  # what was created before its target was
            fixed = json.dumps(one)
            for entry, named in zip(bundle["entry"], json.loads(text)["entry"], strict=True):
                if "fullUrl" in entry and entry["fullUrl"] != named.get("fullUrl"):
                    fixed = fixed.replace(f'"{entry["fullUrl"]}"', f'"{named["fullUrl"]}"')
            self.kept[key] = json.loads(fixed)
        return 200, {"resourceType": "Bundle", "type": "transaction-response", "entry": answers}


def _fits(resource: RawResource, name: str, values: list[str]) -> bool:
    if name in {"_count", "_include", "_type", "page"}:
        return True
    for value in values:
        if name == "identifier":
            system, _, code = value.rpartition("|")
            found = resource.get("identifier", [])
            if not any(one["value"] == code and system in {"", one.get("system")} for one in found):
                return False
        elif name == "patient":
            who = [resource.get(one, {}).get("reference") for one in ("subject", "patient")]
            who += [one["actor"].get("reference") for one in resource.get("participant", [])]
            if f"Patient/{value.removeprefix('Patient/')}" not in who:
                return False
        elif name == "target":
            if value not in [one["reference"] for one in resource["target"]]:
                return False
        elif name == "date" and not resource.get("start", resource.get("period", {}).get("start", "")).startswith(
            value
        ):
            return False
    return True


@dataclass(frozen=True)
class Running:
    """A server at work. ``seen``: how often each stage was reached."""

    chart: Chart
    plan: Plan
    endpoint: Endpoint

    @property
    def seen(self) -> Counter[str]:
        return self.plan.seen


class _Handler(BaseHTTPRequestHandler):
    chart: Chart
    plan: Plan
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_GET

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        path, query = parts.path.removeprefix(BASE).strip("/"), parse_qs(parts.query)
        self.chart.asked.append((self.command, self.path, dict(self.headers)))
        stage = self._stage(path, query)
        planned = self.plan.next(stage) or self.plan.next(self.command)
        if planned is None or planned == "keep and drop":
            with self.chart.lock:
                status, answer = self._do(path, query, body)
            if planned is None:
                self._answer(status, answer)
                return
        self._misbehave(str(planned))

    def _stage(self, path: str, query: dict[str, list[str]]) -> str:
        if path == "metadata" or path.startswith((".well-known", "token")):
            return path
        if self.command == "GET":
            return "LOOK" if path == "DocumentReference" and "identifier" in query else f"GET {path.split('/')[0]}"
        return "TRANSACTION" if not path else f"{self.command} {path.split('/')[0]}"

    def _do(self, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, RawResource]:
        chart, parts = self.chart, path.split("/")
        if path.startswith(".well-known"):
            where = chart.token_url or f"http://{self.headers['Host']}{BASE}/token"
            return 200, {"token_endpoint": where, "grant_types_supported": ["client_credentials"]}
        if path == "token":
            return self._token(parse_qs(body.decode()))
        if chart.registered and self.headers.get("Authorization", "").removeprefix("Bearer ") not in chart.tokens:
            return 401, OUTCOME
        if path == "metadata":
            return 200, chart.capabilities
        if self.command == "POST" and not path:
            return chart.transact(json.loads(body))
        if self.command == "POST":
            return chart.create(json.loads(body), self.headers.get("If-None-Exist"))
        if self.command == "PUT":
            return chart.update(parts[0], parts[1], json.loads(body), self.headers.get("If-Match", ""))
        if len(parts) == 3:
            if not chart.everything:
                return 404, OUTCOME
            mine = [one for one in chart.kept.values() if _fits(one, "patient", [parts[1]]) or one["id"] == parts[1]]
            return 200, _bundle(mine)
        if len(parts) == 2:
            found = chart.kept.get((parts[0], parts[1]))
            return (200, found) if found else (404, OUTCOME)
        if "identifier" in query and not chart.looks:
            return 400, OUTCOME
        found_all = chart.find(parts[0], query)
        count, page = int(query.get("_count", ["1000"])[0]), int(query.get("page", ["0"])[0])
        shown = found_all[page * count : (page + 1) * count]
        if chart.includes and "_include" in query:
            actors = [who["actor"]["reference"].split("/") for one in shown for who in one["participant"]]
            shown += [chart.kept[kind, number] for kind, number in actors if (kind, number) in chart.kept]
        bundle = _bundle(shown)
        if len(found_all) > (page + 1) * count:
            address = f"{self.path.partition('&page=')[0]}&page={page + 1}"
            bundle["link"] = [{"relation": "next", "url": f"http://{self.headers['Host']}{address}"}]
        return 200, bundle

    def _token(self, form: dict[str, list[str]]) -> tuple[int, RawResource]:
        """As HL7's SMART Backend Services asks it of a server: signature, kid, audience, times, and each jti once."""
        [statement], [kind] = form["client_assertion"], form["client_assertion_type"]
        here = f"http://{self.headers['Host']}{BASE}/token"
        now = time.time() + self.chart.ahead
        wanted = JWTClaimsRegistry(
            now=int(now),
            iss={"essential": True, "value": CLIENT},
            sub={"essential": True, "value": CLIENT},
            aud={"essential": True, "value": here},
            exp={"essential": True},
            jti={"essential": True},
        )
        try:
            found = jwt.decode(statement, KeySet.import_key_set(self.chart.registered), algorithms=["ES384", "RS384"])
            wanted.validate(found.claims)
        except JoseError:
            return 400, {"error": "invalid_client", "error_description": "Maria"}
        lasts, once = found.claims["exp"] - now, found.claims["jti"] not in self.chart.statements
        good = kind.endswith("jwt-bearer") and form["grant_type"] == ["client_credentials"] and form["scope"]
        if not (good and once and 0 < lasts <= 300 and found.header["typ"] == "JWT"):
            return 400, {"error": "invalid_request"}
        self.chart.statements.add(found.claims["jti"])
        token = f"token-{len(self.chart.statements)}"
        self.chart.tokens.add(token)
        return 200, {"access_token": token, "token_type": "bearer", "expires_in": 300, "scope": form["scope"][0]}

    def _answer(
        self, status: int, answer: RawResource | bytes, kind: str = "application/fhir+json", **more: str
    ) -> None:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _misbehave(self, planned: str) -> None:
        if planned in {"drop", "keep and drop"}:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()
        elif planned == "stall":
            time.sleep(20)
            self.close_connection = True
        elif planned == "html":
            self._answer(200, b"<html>Please log in, Maria</html>", "text/html")
        elif planned == "redirect":
            self._answer(302, b"", Location="http://elsewhere.example/r4")
        elif planned == "huge":
            self._answer(200, b'{"resourceType": "Bundle", "x": "' + b"x" * 34_000_000 + b'"}')
        elif planned == "endless":
            page = f"http://{self.headers['Host']}{self.path}&again={uuid4()}"
            self._answer(200, _bundle([]) | {"link": [{"relation": "next", "url": page}]})
        elif planned == "elsewhere":
            page = "http://127.0.0.1:9/r4/Condition?page=2"
            self._answer(200, _bundle([]) | {"link": [{"relation": "next", "url": page}]})
        elif planned.startswith("{"):
            self._answer(200, planned.encode(), "application/json")
        else:
            self._answer(int(planned), OUTCOME)


def _bundle(found: list[RawResource]) -> RawResource:
    entries = [{"resource": one} for one in found]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Connections that break off are what this is for."""


@contextmanager
def serve(chart: Chart | None = None, **at: Any) -> Iterator[Running]:
    """A server on a free port of this machine, with a plan for some stages."""
    chart, plan = chart or Chart(), Plan(dict(at))
    handler = type("Handler", (_Handler,), {"chart": chart, "plan": plan})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Running(chart, plan, Endpoint(f"http://127.0.0.1:{server.server_port}{BASE}"))
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
