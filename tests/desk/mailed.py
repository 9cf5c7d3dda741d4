"""What the tests of the desk's mail share: an outbox with a message in each state, and the words of a page."""

from __future__ import annotations

import html
import re
import time
from typing import TYPE_CHECKING

from handouts.deliver.outbox.claims import Claim, Claims
from handouts.deliver.outbox.outbox import Outbox
from tests.mailing import new, queue

if TYPE_CHECKING:
    from playwright.sync_api import Page


def claimed(claims: Claims) -> Claim:
    """The message that is due longest, on its way out."""
    claim = claims.claim(time.time(), "cohen", 6_000_000_000)
    assert isinstance(claim, Claim)
    claims.begin(claim, time.time())
    return claim


def fill(outbox: Outbox) -> None:
    """Six messages: sent, failed, unknown, cancelled, queued, and going out."""
    claims = Claims(outbox, "one")
    for number in range(1, 4):
        queue(outbox, new(document=f"d{number}"), now=time.time())
        claim = claimed(claims)
        if number == 1:
            claims.sent(claim, time.time())
        elif number == 2:
            claims.failed(claim, "the server said 550 5.1.1 to the recipient", time.time())
        else:
            claims.unknown(claim, time.time())
    outbox.cancel(queue(outbox, new(document="d4"), now=time.time()), time.time())
    queue(outbox, new(document="d5"), now=time.time() + 1000)
    queue(outbox, new(document="d6"), now=time.time())
    claimed(claims)


def text_of(page: str) -> str:
    """A page's words, one space between them."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def violations(page: Page) -> list[str]:
    """What axe finds on a page as it stands."""
    from tests.desk.browsing import run_axe

    found = run_axe(page).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
