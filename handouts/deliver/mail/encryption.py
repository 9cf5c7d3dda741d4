"""Locks a PDF with four plain words.

AES with 256 bits, revision 6 of the standard's security handler (ISO 32000-2, 7.6.4): what PDF readers on telephones
open. The words come from ``words.txt`` beside this file: small letters only, no word is part of another's beginning,
any two differ by two letters at least. With more than 1,024 words, four of them are 40 bits of chance: nobody
guesses that by hand, and a machine that tries a million a second needs days. That is right for a file that only its
two mailboxes hold; it is no vault.

The standard leaves some of a locked file readable. Its two identifiers are made of the plain file, the first of all
that its master is typeset from: whoever has this program could tell by it which treatments were chosen. So they are
replaced. Objects are gathered in streams, which are locked whole; what stays in the clear is how long each one is.
"""

from __future__ import annotations

import io
import re
import secrets
from functools import cache
from pathlib import Path

import pikepdf

from handouts.deliver.identify import open_plain

WORDS = 4
_IDENTIFIERS = re.compile(rb"(?<=/ID \[<)([0-9a-f]+)><([0-9a-f]+)(?=>\])")


@cache
def word_list() -> tuple[str, ...]:
    """Every word that a passphrase may hold."""
    return tuple((Path(__file__).parent / "words.txt").read_text(encoding="ascii").split())


def new_passphrase() -> str:
    """Four words with a space between them, by the system's own source of chance."""
    return " ".join(secrets.choice(word_list()) for _ in range(WORDS))


def lock(pdf: bytes, passphrase: str) -> bytes:
    """``pdf`` so that it opens with ``passphrase`` alone; printing, copying and screen readers stay allowed.

    The metadata is locked as well. The owner's password is made up and forgotten: it opens no other way.
    RequestFault for what is no PDF, or is locked already.
    """
    out = io.BytesIO()
    with open_plain(pdf) as document:
        document.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            encryption=pikepdf.Encryption(
                user=passphrase,
                owner=secrets.token_urlsafe(32),
                R=6,
                aes=True,
                metadata=True,
                allow=pikepdf.Permissions(accessibility=True),
            ),
        )
    return _unrecognisable(out.getvalue())


def _unrecognisable(locked: bytes) -> bytes:
    """``locked`` with identifiers by chance. Revision 6 makes no key of them; of the same length, nothing moves."""
    found = list(_IDENTIFIERS.finditer(locked))
    if len(found) != 1:
        raise RuntimeError("the file's identifiers are not where they should be")  # of ours; nothing is sent
    start, end = found[0].span()
    chance = [secrets.token_hex(len(digits) // 2).encode() for digits in found[0].groups()]
    return locked[:start] + b"><".join(chance) + locked[end:]
