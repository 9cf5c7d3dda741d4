"""What the tests of logins share: a provider, a keyring, trust in the tests' own authority."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.identityprovider import Provider, provide
from tests.keyrings import Memory, use


@pytest.fixture
def trusted(ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system trusts the authority of the tests."""
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.fixture
def provider(ca: trustme.CA, trusted: None) -> Iterator[Provider]:  # noqa: ARG001
    with provide(ca) as running:
        yield running


@pytest.fixture
def keys() -> Memory:
    """An open keyring with nothing in it."""
    made = use(Memory)
    assert isinstance(made, Memory)
    return made
