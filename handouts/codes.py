"""Document codes: tie a sheet of paper to the exact content it was made from, and tell nothing else.

Ten Crockford base-32 characters (50 bits of an HMAC-SHA256) and a check character of the same alphabet
(Luhn mod 32), printed as XXXX-XXXX-XXX. One wrong character is always noticed, and so are two that changed places.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import tempfile
from pathlib import Path

from handouts.deliver.files import keep_names
from handouts.errors import OutputFault
from handouts.model.request import Request

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U. https://www.crockford.com/base32.html"""
_HEARD_AS = str.maketrans({"I": "1", "L": "1", "O": "0"} | dict.fromkeys("-\u2010\u2011\u2012\u2013\u2014\u2212"))
"""And no hyphen, also where a word processor made another dash of it."""
KEY_NAME = "document-code.key"


def document_code(
    key: bytes, request: Request, content_digest: str, *, blank: bool = False, replaces: str | None = None
) -> str:
    """The code of one document, eleven characters, not grouped. The same for the same input and key."""
    message = f"{'blank' if blank else 'handout'}\n{content_digest}\n{_canonical(request)}"
    if replaces:  # else the same request, made again, would have the code that it replaces
        message += f"\nreplaces {replaces}"
    code = _drawn(key, message)
    while not _tells_swaps(code):
        message += "\nagain"
        code = _drawn(key, message)
    return code


def _drawn(key: bytes, message: str) -> str:
    bits = int.from_bytes(hmac.new(key, message.encode(), hashlib.sha256).digest()[:7], "big") >> 6
    body = "".join(ALPHABET[bits >> shift & 31] for shift in range(45, -5, -5))
    return body + check_character(body)


def _tells_swaps(code: str) -> bool:
    """Luhn mod 32 tells every swap of neighbours but of 0 and Z: no code has these side by side (one of 50 would)."""
    return "0Z" not in code and "Z0" not in code


def fingerprint(key: bytes, request: Request, master_key: str) -> str:
    """Tells whether a file made earlier would come out the same: 64 hex digits over the request and its master.

    Keyed, so that a journal that holds it tells nothing of a patient.
    """
    message = f"file\n{master_key}\n{_canonical(request)}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _canonical(request: Request) -> str:
    return json.dumps(
        request.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )


def check_character(body: str) -> str:
    """Luhn mod 32 over ``body``."""
    total = 0
    for i, character in enumerate(reversed(body)):
        value = ALPHABET.index(character) * (2 if i % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def grouped(code: str) -> str:
    """The code as it is printed and read over the telephone."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def normal(code: str) -> str | None:
    """A code as somebody typed or heard it (case, hyphens, O for 0) in its normal form; None when it can't be one."""
    plain = "".join(code.upper().split()).translate(_HEARD_AS)
    if len(plain) != 11 or not set(plain) <= set(ALPHABET) or check_character(plain[:-1]) != plain[-1]:
        return None
    if not _tells_swaps(plain):
        return None
    return plain


def installation_key(path: Path) -> bytes:
    """The random key of this installation, made on first use (mode 0600). OutputFault when it can't be kept."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make_key(path)
        return read_key(path)
    except OSError as error:
        raise OutputFault(
            f"The key for document codes can't be kept in {path.parent}: {error.strerror}. "
            "Make that folder writable, or name a key file with --key-file."
        ) from None


def _make_key(path: Path) -> None:
    """Written beside, kept by the disk, then named: of two programs that start together, neither reads half a key."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(32))
            file.flush()
            os.fsync(handle)
        try:
            os.link(beside, path)
        except FileExistsError:
            return
        except OSError:  # no hard links here
            Path(beside).replace(path)
        keep_names(path.parent)
    finally:
        Path(beside).unlink(missing_ok=True)


def read_key(path: Path) -> bytes:
    """The key in ``path``. OutputFault when it isn't there or is too short to be one."""
    try:
        key = path.read_bytes()
    except OSError as error:
        raise OutputFault(f"The key file can't be read: {error.strerror}.") from None
    if len(key) < 16:
        raise OutputFault("The key file is too short: it needs 16 random bytes or more. Delete it to get a new one.")
    return key
