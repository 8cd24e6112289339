# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Numbers as bits, the highest first: plain, of any width, and small ones in few bits (Rice).

No number here needs more than 30 bits at once, so a board makes no heap object of it. Imports
only errors.
"""

from micropython import const

from barri_node.store.errors import StoreError

_WIDTH_BITS = const(6)
_HALF_BITS = const(16)
_MOST_ONES = const(14)  # then the number comes with its width instead


class BitWriter:
    """Collects bits in `body`, whose last byte is filled with zeros. `length`: in bits."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.length = 0

    def put(self, number: int, count: int) -> None:
        """Append the low `count` bits of a number."""
        while count:
            room = 8 - (self.length & 7)
            if room == 8:
                self.body.append(0)
            taken = room if room < count else count
            count -= taken
            self.body[-1] |= (number >> count & (1 << taken) - 1) << (room - taken)
            self.length += taken

    def number(self, number: int) -> None:
        """Append a number of up to 40 bits, with its width before it."""
        width = 0
        while number >> width:
            width += 1
        self.put(width, _WIDTH_BITS)
        self.put(number, width)

    def small(self, number: int, low_bits: int) -> None:
        """Append a number that is usually below 2**low_bits or not much above."""
        ones = number >> low_bits
        if ones < _MOST_ONES:
            self.put((1 << ones) - 1 << 1, ones + 1)
            self.put(number, low_bits)
        else:
            self.put((1 << _MOST_ONES) - 1, _MOST_ONES)
            self.number(number)


class BitReader:
    """Takes numbers from `buffer`, from its byte `start` up to `end`. `place`: the next bit."""

    def __init__(self, buffer: "bytes | bytearray | memoryview", start: int, end: int) -> None:
        self._buffer = buffer
        self._end = 8 * end
        self.place = 8 * start

    def take(self, count: int) -> int:
        """Return the next `count` bits as a number. Raises StoreError at the end."""
        place, number = self.place, 0
        if place + count > self._end:
            raise StoreError(StoreError.DAMAGED, "too short")
        self.place = place + count
        while count:
            room = 8 - (place & 7)
            taken = room if room < count else count
            octet = self._buffer[place >> 3] >> (room - taken) & (1 << taken) - 1
            number = number << taken | octet
            place += taken
            count -= taken
        return number

    def number(self) -> int:
        """Return a number that `BitWriter.number` wrote."""
        return self.take(self.take(_WIDTH_BITS))

    def small(self, low_bits: int) -> int:
        """Return a number that `BitWriter.small` wrote with the same `low_bits`."""
        place, end, buffer = self.place, self._end, self._buffer
        ones = 0
        while ones < _MOST_ONES and place < end and buffer[place >> 3] << (place & 7) & 128:
            ones += 1
            place += 1
        if ones == _MOST_ONES:
            self.place = place
            return unfolded(self.number())
        self.place = place + 1
        number = ones << low_bits | self.take(low_bits)
        return -(number + 1 >> 1) if number & 1 else number >> 1


def folded(number: int) -> int:
    """Return a number of either sign as one from 0 on: 0, -1, 1, -2, ... become 0, 1, 2, 3."""
    return number * 2 if number >= 0 else -number * 2 - 1


def unfolded(number: int) -> int:
    """Return what `folded` was given."""
    return -(number + 1 >> 1) if number & 1 else number >> 1
