# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Integers in as few bytes as they need: seven bits a byte, lowest first. Imports only errors."""

from micropython import const

from barri_node.store.errors import StoreError

_LONGEST_BYTES = const(5)  # 35 bits: an int32 with its sign folded in needs 33


def put(out: bytearray, number: int) -> None:
    """Append a number from 0 to 2**35-1."""
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)


def put_signed(out: bytearray, number: int) -> None:
    """Append a number of either sign; near zero it takes one byte."""
    put(out, number * 2 if number >= 0 else -number * 2 - 1)


class Reader:
    """Takes numbers from a buffer in the order in which they were put there."""

    def __init__(self, buf: "bytes | memoryview") -> None:
        self._buf = buf
        self.place = 0

    def take(self) -> int:
        """Return the next number. Raises StoreError at the end of the buffer."""
        number = 0
        for shift in range(0, 7 * _LONGEST_BYTES, 7):
            octet = self.octet()
            number |= (octet & 127) << shift
            if octet < 128:
                return number
        raise StoreError(StoreError.DAMAGED, "number too long")

    def take_signed(self) -> int:
        """Return the next number of either sign."""
        number = self.take()
        return -(number + 1 >> 1) if number & 1 else number >> 1

    def octet(self) -> int:
        """Return the next byte."""
        if self.place >= len(self._buf):
            raise StoreError(StoreError.DAMAGED, "block too short")
        octet = self._buf[self.place]
        self.place += 1
        return octet

    def rest(self) -> bytes:
        """Return all bytes not yet taken."""
        rest = bytes(self._buf[self.place :])
        self.place = len(self._buf)
        return rest
