# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Big-endian numbers written to and read from bytes, with bounds checked. Imports only errors."""

from barri_wire.errors import FrameError


class Writer:
    """Collects bytes; raises FrameError for a number that does not fit its width."""

    def __init__(self) -> None:
        self.body = bytearray()

    def number(self, value: int, width: int) -> None:
        """Append an unsigned number in `width` bytes, the highest first."""
        if value < 0 or value >> (8 * width):
            raise FrameError("number out of range")
        for i in range(width - 1, -1, -1):
            self.body.append((value >> (8 * i)) & 0xFF)

    def varint(self, value: int) -> None:
        """Append an unsigned number in groups of 7 bits, the lowest first (LEB128)."""
        if value < 0:
            raise FrameError("number out of range")
        while value > 0x7F:
            self.body.append(value & 0x7F | 0x80)
            value >>= 7
        self.body.append(value)


class Reader:
    """Takes numbers from the front of `body`; raises FrameError where bytes are missing."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._next = 0

    def left(self) -> int:
        """Return how many bytes are not read yet."""
        return len(self._body) - self._next

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        if self.left() < count:
            raise FrameError("too short")
        self._next += count
        return bytes(self._body[self._next - count : self._next])

    def number(self, width: int) -> int:
        """Return an unsigned number of `width` bytes, the highest first."""
        value = 0
        for octet in self.take(width):
            value = value << 8 | octet
        return value

    def varint(self) -> int:
        """Return an unsigned LEB128 number of at most 4 bytes."""
        value = 0
        for shift in (0, 7, 14, 21):
            octet = self.take(1)[0]
            value |= (octet & 0x7F) << shift
            if octet < 0x80:
                return value
        raise FrameError("number too long")

    def end(self) -> None:
        """Check that everything was read."""
        if self.left():
            raise FrameError("too long")
