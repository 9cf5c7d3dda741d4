"""Waiting for what nothing announces."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.conftest import PATIENCE


def until(found: Callable[[], Any]) -> Any:
    """What ``found`` gives once it is something."""
    end = time.monotonic() + PATIENCE
    while not (made := found()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return made
