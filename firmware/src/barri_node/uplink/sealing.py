# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's side of sealed messages: a new session for each connection, each counter once.

Loaded only where the settings have a `seal_key`: for networks without TLS.
"""

from cryptolib import aes
from micropython import const

from barri_wire.cmac import cmac
from barri_wire.errors import FrameError
from barri_wire.seal import SESSION_BYTES, seal, unseal

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

_ECB = const(1)


class Sealing:
    """key: 16 bytes. `begin()` starts a session; what comes down must be of it, and new."""

    def __init__(self, key: bytes, random_bytes: "Callable[[int], bytes]") -> None:
        self._encrypt = aes(key, _ECB).encrypt
        self._random_bytes = random_bytes
        self.begin()

    def begin(self) -> None:
        self._session = self._random_bytes(SESSION_BYTES)
        self._sent = 0
        self._received = -1

    def seal(self, topic: str, body: bytes) -> bytes:
        self._sent += 1
        return seal(self._mac, topic, self._session, self._sent - 1, body)

    def unseal(self, topic: str, sealed: bytes) -> bytes:
        """Give the message; raises FrameError for what the gateway did not say here and now."""
        session, counter, body = unseal(self._mac, topic, sealed)
        if session != self._session or counter <= self._received:
            raise FrameError("seal of another time")
        self._received = counter
        return body

    def _mac(self, message: bytes) -> bytes:
        return cmac(self._encrypt, message)
