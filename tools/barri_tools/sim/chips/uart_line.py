# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A serial line in simulated time: bytes come off it no faster than its baud rate."""

_BITS_A_BYTE = 10  # start, eight data bits, stop
_MOST_BYTES = 65536


class UartLine:
    """What one side has sent and the other not yet received. At most 64 kB wait, oldest lost."""

    def __init__(self, baud: int) -> None:
        self._baud = baud
        self._bursts: list[tuple[int, bytes]] = []  # (when its first bit leaves, its bytes)
        self._free_us = 0

    def send(self, data: bytes, now_us: int) -> None:
        """Put bytes on the line, after what is still being sent."""
        starts_us = max(now_us, self._free_us)
        self._bursts.append((starts_us, data))
        self._free_us = starts_us + self._duration_us(len(data))
        while sum(len(burst) for _, burst in self._bursts) > _MOST_BYTES:
            del self._bursts[0]

    def take(self, now_us: int) -> bytes:
        """Give the bytes whose last bit has arrived by now."""
        taken = bytearray()
        while self._bursts:
            starts_us, data = self._bursts[0]
            arrived = max(0, now_us - starts_us) * self._baud // (_BITS_A_BYTE * 1_000_000)
            taken += data[:arrived]
            if arrived < len(data):
                if arrived:
                    later_us = starts_us + self._duration_us(arrived)
                    self._bursts[0] = (later_us, data[arrived:])
                break
            del self._bursts[0]
        return bytes(taken)

    def clear(self) -> None:
        """Let go what has not arrived, as when the sender loses its power."""
        self._bursts.clear()
        self._free_us = 0

    def _duration_us(self, count: int) -> int:
        return -(-count * _BITS_A_BYTE * 1_000_000 // self._baud)
