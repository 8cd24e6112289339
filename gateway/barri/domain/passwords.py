# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Password hashes in Mosquitto's own form, so that both brokers share one registry.

`$7$iterations$salt$hash`: PBKDF2 with HMAC-SHA-512, 64 bytes, both parts in base64, as
`mosquitto_passwd` 2.0 writes them. Node passwords are random with 128 bits, so few iterations
are enough and a thousand nodes can connect at once after a power cut.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import NamedTuple

ITERATIONS = 1000
MOST_ITERATIONS = 1_000_000  # a hash that asks for more is refused, not computed
SALT_BYTES = 12
HASH_BYTES = 64
LONGEST_PASSWORD_BYTES = 256


class Parts(NamedTuple):
    """A hash taken apart."""

    iterations: int
    salt: bytes
    digest: bytes


def new_password() -> str:
    """Return a random password of 128 bits, letters and digits only."""
    return secrets.token_hex(16)


def hash_password(password: str, iterations: int = ITERATIONS, salt: bytes | None = None) -> str:
    """Return the hash of a password with a fresh salt (or the one given, for tests)."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    digest = _digest(password, salt, iterations)
    return f"$7${iterations}${_base64(salt)}${_base64(digest)}"


def verify_password(password: str, stored: str | None) -> bool:
    """Compare in constant time. A stranger (None) or a broken hash takes as long, and is False."""
    parts = _take_apart(stored) if stored else None
    salt, iterations = (parts.salt, parts.iterations) if parts else (b"stranger", ITERATIONS)
    fits = len(password.encode(errors="replace")) <= LONGEST_PASSWORD_BYTES
    digest = _digest(password if fits else "", salt, iterations)
    expected = parts.digest if parts else bytes(HASH_BYTES)
    return hmac.compare_digest(digest, expected) and fits and parts is not None


def is_password_hash(text: str) -> bool:
    """Say whether a text is a hash in this form (safe to write into a password file)."""
    return _take_apart(text) is not None


def _digest(password: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac(
        "sha512", password.encode(errors="replace"), salt, iterations, HASH_BYTES
    )


def _take_apart(text: str) -> Parts | None:
    fields = text.split("$")
    if len(fields) != 5 or fields[:2] != ["", "7"] or not fields[2].isascii():
        return None
    try:
        iterations = int(fields[2]) if fields[2].isdigit() else 0
        salt = base64.b64decode(fields[3], validate=True)
        digest = base64.b64decode(fields[4], validate=True)
    except (binascii.Error, ValueError):
        return None
    if not 1 <= iterations <= MOST_ITERATIONS or not salt or len(digest) != HASH_BYTES:
        return None
    return Parts(iterations, salt, digest)


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
