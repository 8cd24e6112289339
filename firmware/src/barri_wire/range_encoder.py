# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An adaptive binary range coder, the encoder: likely bits cost a fraction of a bit.

Both ends keep the same table of probabilities and change it with every bit. All state stays below
2**30, so that it needs no heap on an ESP32. Integers only. The innermost loops repeat a few lines
and write numbers instead of names, since a board spends most of its encoding time in them.
"""

from array import array

# A probability is the chance of a 0 in 1/4096; it moves 1/32 of the way to each bit that came and
# so stays within 31..4065. The register has 24 bits; a byte leaves when the range has under 17.
_FULL = 1 << 24
_SMALL = 1 << 16
_DIRECT_BITS = 8  # as many bits of even chance go in one step


class RangeEncoder:
    """Writes bits; `probabilities` is the table that `bit` indexes, changed in place."""

    def __init__(self, probabilities: "array[int]") -> None:
        self._probabilities = probabilities
        self._low = 0
        self._range = _FULL - 1
        self._held = -1  # the last byte, held back until no carry can reach it; -1: none yet
        self._pending = 0  # 0xFF bytes after it, which a carry would turn to 0x00
        self._body = bytearray()

    def bit(self, index: int, bit: int) -> None:
        """Write one bit with the probability at `index`."""
        probability = self._probabilities[index]
        bound = (self._range >> 6) * probability >> 6
        if bit:
            self._low += bound
            self._range -= bound
            self._probabilities[index] = probability - (probability >> 5)
        else:
            self._range = bound
            self._probabilities[index] = probability + ((4096 - probability) >> 5)
        while self._range < _SMALL:
            self._shift()

    def ones(self, count: int, index: int, last: int) -> None:
        """Write `count` times 1, then 0; each bit one place further, from `index` up to `last`.

        The same as `bit` called count + 1 times.
        """
        probabilities, width = self._probabilities, self._range
        while count:
            probability = probabilities[index]
            probabilities[index] = probability - (probability >> 5)
            bound = (width >> 6) * probability >> 6
            self._low += bound
            width -= bound
            if width < 65536:
                self._range = width
                while self._range < _SMALL:
                    self._shift()
                width = self._range
            if index < last:
                index += 1
            count -= 1
        self._range = width
        self.bit(index, 0)

    def direct(self, value: int, count: int) -> None:
        """Write the low `count` bits of `value`, each of even chance, the highest first."""
        while count > 0:
            part = min(count, _DIRECT_BITS)
            count -= part
            self._range >>= part
            self._low += self._range * ((value >> count) & ((1 << part) - 1))
            while self._range < _SMALL:
                self._shift()

    def _shift(self) -> None:
        low = self._low
        if low < 0xFF0000 or low >= _FULL:
            self._release(low >> 24)
            self._held = (low >> 16) & 0xFF
        else:
            self._pending += 1
        self._low = (low & 0xFFFF) << 8
        self._range <<= 8

    def _release(self, carry: int) -> None:
        if self._held >= 0:
            self._body.append(self._held + carry)
        for _ in range(self._pending):
            self._body.append((0xFF + carry) & 0xFF)
        self._pending = 0

    def size(self) -> int:
        """Return the most bytes that `finish` would give now."""
        return len(self._body) + (1 if self._held >= 0 else 0) + self._pending + 1

    def mark(self) -> "tuple[int, int, int, int, int]":
        """Return a place to which `rewind` can return (the probabilities do not)."""
        return (self._low, self._range, self._held, self._pending, len(self._body))

    def rewind(self, mark: "tuple[int, int, int, int, int]") -> None:
        """Forget what was written since `mark`; only `finish` may follow."""
        self._low, self._range, self._held, self._pending, length = mark
        self._body = self._body[:length]

    def finish(self) -> bytes:
        """Return the bytes: the number within the range that ends in most zeros, without them."""
        self._low = (self._low + 0xFFFF) & ~0xFFFF
        tail = (self._low >> 16) & 0xFF
        self._release(self._low >> 24)
        if tail:
            self._body.append(tail)
        return bytes(self._body)
