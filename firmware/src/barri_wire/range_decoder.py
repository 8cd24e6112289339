# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The decoding half of the range coder; see range_encoder.py. Imports only errors."""

from array import array

from barri_wire.errors import FrameError

_FULL = 1 << 24
_SMALL = 1 << 16
_DIRECT_BITS = 8  # as many bits of even chance go in one step
_LOOK_AHEAD = 3  # bytes that the decoder may read beyond the end, as zeros


class RangeDecoder:
    """Reads what RangeEncoder wrote; raises FrameError when far more is asked than is there.

    steps: binary decisions taken; at most about 700 for each byte, whatever the bytes are.
    """

    def __init__(self, probabilities: "array[int]", body: bytes) -> None:
        self._probabilities = probabilities
        self._body = body
        self._next = 0
        self._range = _FULL - 1
        self._code = 0
        self.steps = 0
        for _ in range(3):
            self._code = self._code << 8 | self._octet()
        if self._code >= self._range:
            raise FrameError("damaged")

    def _octet(self) -> int:
        place = self._next
        self._next += 1
        if place < len(self._body):
            return self._body[place]
        if place >= len(self._body) + _LOOK_AHEAD:
            raise FrameError("too short")
        return 0

    def _refill(self) -> None:
        while self._range < _SMALL:
            self._range <<= 8
            self._code = self._code << 8 | self._octet()

    def bit(self, index: int) -> int:
        """Read one bit with the probability at `index`."""
        self.steps += 1
        probability = self._probabilities[index]
        bound = (self._range >> 6) * probability >> 6
        if self._code < bound:
            self._range = bound
            self._probabilities[index] = probability + ((4096 - probability) >> 5)
            bit = 0
        else:
            self._code -= bound
            self._range -= bound
            self._probabilities[index] = probability - (probability >> 5)
            bit = 1
        self._refill()
        return bit

    def direct(self, count: int) -> int:
        """Read `count` bits of even chance, the highest first."""
        value = 0
        while count > 0:
            part = min(count, _DIRECT_BITS)
            count -= part
            self.steps += 1
            self._range >>= part
            digit = self._code // self._range
            if digit >> part:
                raise FrameError("damaged")
            self._code -= digit * self._range
            value = value << part | digit
            self._refill()
        return value

    def end(self) -> None:
        """Check that the bytes end where and how the encoder ended them."""
        beyond = self._next - len(self._body)
        if beyond < _LOOK_AHEAD - 1:
            raise FrameError("too long")
        tail_is_zero = beyond == _LOOK_AHEAD - 1 and self._body[-1] == 0
        if tail_is_zero or self._code >= _SMALL:
            raise FrameError("damaged")
