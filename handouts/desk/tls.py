"""The certificate of a desk on a network: read and checked before anybody connects. An edge module."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from handouts.datafolder import guard_key_file
from handouts.desk.connections import Adapter
from handouts.errors import SystemMissing
from handouts.load.files import read_regular

_LARGEST = 1024 * 1024
_NO_PASSPHRASE = " "  # noqa: S105  none: keys with one are refused
"""Or OpenSSL would ask for one at the terminal."""
_OF_ANOTHER = frozenset({"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"})
"""What OpenSSL says of another certificate's key; the last two, by its version, of one of another kind."""


def tls_adapter(certificate: Path, key: Path, now: float) -> Adapter:
    """TLS 1.2 or newer with a certificate and its key, which becomes its owner's alone.

    SystemMissing says what is wrong with them.
    """
    first = _certificate(certificate)
    _require_readable(key, "key")
    guard_key_file(key)
    at = datetime.fromtimestamp(now, UTC)
    if first.not_valid_after_utc < at:
        raise SystemMissing(f"The certificate ended on {first.not_valid_after_utc:%Y-%m-%d}. Get a new one.")
    if first.not_valid_before_utc > at:
        raise SystemMissing(
            f"The certificate begins on {first.not_valid_before_utc:%Y-%m-%d}. Check this machine's clock, or wait."
        )
    try:
        adapter = Adapter(str(certificate), str(key), private_key_password=_NO_PASSPHRASE)
    except ssl.SSLError as error:
        if error.reason in _OF_ANOTHER:
            why = "The key is not the certificate's. Name the two that were made together."
        else:
            why = "The key can't be used: it has to be PEM, without a passphrase."
        raise SystemMissing(why) from None
    except (OSError, ValueError):
        raise SystemMissing("The key can't be used: it has to be PEM, without a passphrase.") from None
    adapter.context.minimum_version = ssl.TLSVersion.TLSv1_2
    return adapter


def _certificate(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_require_readable(file, "certificate"))
    except ValueError:
        raise SystemMissing("The certificate can't be read: it has to be PEM, the server's own first.") from None


def _require_readable(file: Path, what: str) -> bytes:
    try:
        return read_regular(file, _LARGEST)
    except OSError as error:
        raise SystemMissing(f"The {what} can't be read: {error.strerror}. Does the desk's user own it?") from None
