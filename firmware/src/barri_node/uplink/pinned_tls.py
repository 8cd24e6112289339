# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""TLS to the one gateway that the settings name by its certificate's SHA-256.

No authority and no date is asked, so a clock in the year 2000 does not matter. Loaded only where
the settings have a `gateway_key`; on a board the handshake wants 45 kB of memory beside the heap.
"""

from binascii import hexlify
from hashlib import sha256

import tls
from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from ssl import SSLContext

_WRONG = const(-1)


def context(fingerprint: str) -> "SSLContext":
    """What to open the connection with; it fails with EPERM at any other certificate."""
    expected = fingerprint.encode()

    def check(certificate: bytes, depth: int) -> int:
        return 0 if hexlify(sha256(certificate).digest()) == expected else _WRONG

    made = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    # `check` alone decides, about every certificate shown. The stubs do not know of either.
    made.verify_mode = tls.CERT_OPTIONAL  # type: ignore[attr-defined]
    made.verify_callback = check  # type: ignore[attr-defined]
    return made
