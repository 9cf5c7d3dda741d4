"""A FHIR server that is not ours: Medplum's router and its repository in memory (npm, Apache 2.0), on a local port.

`script/fhir-server` puts it into .fhir-server/. Its own are: reading and writing what a transaction says, conditional
creates, references within a Bundle, searches and their parameters, _include, and the validation of every resource.
It has no CapabilityStatement, no $everything, no sign-in, no If-Match, and keeps the PDF of a Binary as it came.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from handouts.fhir.endpoint import Endpoint
from tests.conftest import ROOT

FETCHED = ROOT / ".fhir-server"
NODE = shutil.which("node")
needs_medplum = pytest.mark.skipif(
    not (FETCHED / "node_modules").exists() or NODE is None,
    reason="no FHIR server here; script/fhir-server fetches one (Node.js with npm)",
)


@contextmanager
def medplum() -> Iterator[Endpoint]:
    """The server, until the block ends."""
    assert NODE
    running = subprocess.Popen(
        [NODE, "server.mjs"], cwd=FETCHED, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout
    try:
        port = int(running.stdout.readline())
        yield Endpoint(f"http://127.0.0.1:{port}/fhir/R4")
    finally:
        running.communicate("", timeout=60)
