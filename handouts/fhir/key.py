"""The program's private key for a health record: in the keyring, or in a file of its owner alone. An edge module.

The server gets the public key when the program is registered; the private one never leaves this machine.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handouts import atomic
from handouts.errors import ContentFault, OutputFault
from handouts.fhir.settings import HealthRecord
from handouts.keyring import Secret

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, RSAKey

ALGORITHMS = {"EC": "ES384", "RSA": "RS384"}
"""What SMART Backend Services asks servers and clients to know, by the kind of key."""
_MOST = 65_536


def new_key(kind: str) -> ECKey | RSAKey:
    """A new key of a kind of `ALGORITHMS`, named by its thumbprint (RFC 7638)."""
    from joserfc.jwk import ECKey, RSAKey

    key: ECKey | RSAKey = ECKey.generate_key("P-384") if kind == "EC" else RSAKey.generate_key(3072)
    return _named(key)


def public_set(key: ECKey | RSAKey) -> dict[str, Any]:
    """The public half as a JWK Set (RFC 7517), for whoever runs the health record."""
    told = key.as_dict(private=False) | {"use": "sig", "alg": algorithm_of(key), "key_ops": ["verify"]}
    return {"keys": [told]}


def algorithm_of(key: ECKey | RSAKey) -> str:
    """How it signs."""
    return ALGORITHMS[key.key_type]


def read_key(record: HealthRecord, data: Path) -> ECKey | RSAKey | None:
    """None where there is none yet. SystemMissing without an open keyring; ContentFault for a file that is no key, or
    that others can read.
    """
    found = _from_file(data / record.key) if record.key else _in_keyring(record).read()
    return _parsed(record, found) if found else None


def keep_key(record: HealthRecord, data: Path, key: ECKey | RSAKey) -> None:
    """SystemMissing when the keyring does not keep it, OutputFault when the file can't be written."""
    text = json.dumps(key.as_dict(private=True))
    if record.key:
        try:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic.write(data / record.key, text.encode(), new=True)
        except OSError as error:
            raise OutputFault(f"The key can't be kept in {record.key}: {error.strerror}.") from None
        return
    _in_keyring(record).keep(text)


def forget_key(record: HealthRecord, data: Path) -> bool:
    """Whether there was one. SystemMissing, OutputFault."""
    if record.key:
        try:
            (data / record.key).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise OutputFault(f"The key in {record.key} can't be deleted: {error.strerror}.") from None
        return True
    return _in_keyring(record).forget()


def _named(key: ECKey | RSAKey) -> ECKey | RSAKey:
    key.ensure_kid()
    return key


def _parsed(record: HealthRecord, text: str) -> ECKey | RSAKey:
    """A JWK, or PEM as `openssl` writes it."""
    from joserfc.jwk import ECKey, RSAKey

    where = record.key or "the keyring"
    for kind in (ECKey, RSAKey):
        try:
            key = kind.import_key(json.loads(text) if text.lstrip().startswith("{") else text)
        except Exception:  # noqa: S112  joserfc raises whatever cryptography raises: then it is none of this kind
            continue
        if not key.is_private:
            raise ContentFault(f"What {where} has for fhir.key is a public key. The private one is needed.")
        if isinstance(key, ECKey) and key.curve_name != "P-384":
            raise ContentFault(f"The key in {where} must be of the curve P-384 (ES384), or an RSA key (RS384).")
        return _named(key)
    raise ContentFault(f"What {where} has for fhir.key is no private key. `fhir login` makes one.")


def _from_file(path: Path) -> str | None:
    """ContentFault for a file that others can read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputFault(f"The key in {path.name} can't be read: {error.strerror}.") from None
    with os.fdopen(handle, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode) or mode & 0o077:
            raise ContentFault(f"Others can read the key in {path.name}, or it is no plain file: chmod 600 it.")
        return file.read(_MOST).decode("utf-8", "replace")


def _in_keyring(record: HealthRecord) -> Secret:
    return Secret(
        service=f"handouts fhir {record.endpoint.origin}",
        user=record.client_id or "",
        what="The key for the health record",
        otherwise="'fhir.key: NAME' in clinic.yaml keeps the key in a file instead (docs/health-records.md)",
    )
