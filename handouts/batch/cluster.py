"""A Dask cluster as a pool: many machines. Dask is imported only when one is requested."""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from handouts.batch.pool import SPARE
from handouts.errors import HandOverFault, Refused, SystemMissing

ANSWER = 10
"""Seconds to wait for the scheduler to answer, and for its first worker."""
_NO_ANSWER = (OSError, TimeoutError, ValueError, RuntimeError)
"""What Dask raises when a scheduler is missing, does not understand, or is gone."""
DESERTED = 30.0
"""Seconds without any worker after which a run gives up: Dask's nanny needs a few to replace one."""

_BREATH = 0.1
"""Seconds before retrying what failed because a worker died."""


@dataclass(frozen=True)
class Certificates:
    """PEM files for TLS with a cluster; None: what Dask's own configuration names."""

    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


class Cluster:
    """A Dask cluster, through its concurrent.futures executor."""

    def __init__(self, address: str, certificates: Certificates) -> None:
        """Connect.

        Refused without TLS off this machine, SystemMissing without Dask, HandOverFault without scheduler or workers.
        """
        _check_address(address)
        try:
            dask: Any = import_module("distributed")
        except ImportError:
            raise SystemMissing("Dask is missing. Install it: pip install 'handouts[dask]'") from None
        _hush()
        self.address, self.workers, self.looked, self.seen = address, 0, 0.0, time.monotonic()
        try:
            self.client = dask.Client(
                address, security=_security(address, certificates), timeout=ANSWER, set_as_default=False
            )
        except _NO_ANSWER as error:
            raise HandOverFault(
                f"No Dask scheduler answers at {address} ({type(error).__name__}). Start one (docs/scale.md), "
                "or leave --dask out."
            ) from None
        try:
            with suppress(TimeoutError):
                self.client.wait_for_workers(1, timeout=ANSWER)
            self._look()
            if not self.workers:
                raise HandOverFault(f"The Dask scheduler at {address} has no workers. Start some (docs/scale.md).")
        except BaseException:
            self._part()
            raise
        self.executor = self.client.get_executor(
            pure=False
        )  # random keys: a digest of the arguments would leak details

    @property
    def at_once(self) -> int:
        """The tasks that the current workers can take, plus spares. Refused for a worker without TLS."""
        if time.monotonic() - self.looked > 1:
            self._look()
        return max(1, self.workers) * (1 + SPARE)

    def submit(self, work: Callable[..., Any], *values: Any) -> Future[Any]:
        """Start it on a worker; if that dies, Dask takes another."""
        try:
            future: Future[Any] = self.executor.submit(work, *values)
        except _NO_ANSWER:
            raise self._nobody() from None
        return future

    def share(self, value: Any) -> Any:
        """A future that Dask resolves on the worker; the value goes to each worker once.

        Dask may choose a worker that has just died, and then fails instead of taking another.
        """
        while True:
            try:
                return self.client.scatter(value, hash=False)
            except _NO_ANSWER:
                self.look()
                time.sleep(_BREATH)

    def look(self) -> None:
        """HandOverFault when the scheduler is gone, or has been without workers for a while."""
        self._look()
        if time.monotonic() - self.seen > DESERTED:
            raise self._nobody()

    def restart(self) -> bool:
        """Dask replaces a worker by itself, and other tasks go on. HandOverFault when the scheduler is gone."""
        self.look()
        return False

    def close(self) -> None:
        """Cancel what has not begun, and disconnect."""
        with suppress(Exception):  # the scheduler may be gone
            self.executor.shutdown(wait=False)
        self._part()

    def _part(self) -> None:
        with suppress(Exception):
            self.client.close(timeout=5)

    def _look(self) -> None:
        """Count the workers. Without TLS, none may be on another machine."""
        try:
            threads = self.client.nthreads()
        except _NO_ANSWER:
            raise self._nobody() from None
        for worker in threads:
            if not worker.startswith("tls://"):
                _check_address(worker)
        self.workers, self.looked = sum(threads.values()), time.monotonic()
        if threads:
            self.seen = self.looked

    def _nobody(self) -> HandOverFault:
        return HandOverFault(
            f"The Dask scheduler at {self.address} is gone, or has no workers left. Start them again "
            "(docs/scale.md); then run the same command to make what is missing."
        )


def _hush() -> None:
    """Silence Dask in this process: what matters is raised, and a lost scheduler needs no traceback."""
    for name, logger in logging.root.manager.loggerDict.items():
        if name.partition(".")[0] in {"distributed", "tornado"} and isinstance(logger, logging.Logger):
            logger.disabled = True


def _check_address(address: str) -> None:
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme != "tls" and not _is_this_machine(parts.hostname or ""):
        raise Refused("Patients' details leave this machine only over TLS. Name the scheduler as tls://HOST:PORT.")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _security(address: str, certificates: Certificates) -> Any:
    if not address.startswith("tls://"):
        return None
    dask: Any = import_module("distributed.security")
    given = {
        "tls_ca_file": certificates.authority,
        "tls_client_cert": certificates.certificate,
        "tls_client_key": certificates.key,
    }
    return dask.Security(require_encryption=True, **{name: str(path) for name, path in given.items() if path})
