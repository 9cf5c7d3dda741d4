"""After a hundred kill -9 each document is in the health record once, and no posting is left in doubt."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from handouts.codes import check_character, parse_code
from handouts.deliver.outbox.claims import LEASE
from tests.conftest import PATIENCE
from tests.fhir_worker import post_what_is_due
from tests.fhirs import MARIA, file_it
from tests.fhirserver import Chart, serve
from tests.forked import fork
from tests.mailing import NOW, outbox_in, states


@pytest.mark.heavy
def test_after_100_kills_at_random_moments_each_document_is_there_once(tmp_path: Path):
    chart = Chart()
    chart.add(MARIA)
    outbox = outbox_in(tmp_path)
    chance, killed, in_doubt = random.Random(417), 0, 0
    with serve(chart) as server:
        bodies = [f"{number + 1_000_000_000}" for number in range(500)]
        made = [body + check_character(body) for body in bodies]
        codes = [code for code in made if parse_code(code)]
        for code in codes:
            file_it(outbox, server.endpoint, code)
        for turn in range(400):
            worker = fork(post_what_is_due, tmp_path, str(server.endpoint), NOW + turn * (LEASE + 1) - time.time())
            lines = worker.lines()
            assert next(lines) == "running"
            if killed < 100:
                before, until = len(chart.asked), time.monotonic() + PATIENCE
                while len(chart.asked) == before and time.monotonic() < until:
                    time.sleep(0.001)
                time.sleep(chance.uniform(0, 0.1))
                killed += worker.process.is_alive()
                worker.process.kill()
            assert list(lines) == []
            in_doubt += len(outbox.entries(["sending"]))
            if not outbox.entries(["queued", "claimed", "sending"]):
                break
    assert set(states(outbox)) == {"sent"}, [one for one in outbox.entries() if one.state != "sent"]
    assert killed == 100
    found = Counter(one["identifier"][0]["value"] for one in chart.all("DocumentReference"))
    assert found == Counter(codes)
    assert len(chart.all("Binary")) == len(codes)
    assert in_doubt > 0, "no kill came while a posting went out: the test has not tried what it is for"
