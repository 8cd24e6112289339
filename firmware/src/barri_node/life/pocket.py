# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A few records as bytes, small enough for the memory that stays on in deep sleep.

Each: start_s, duration_s (its top bit: start_s is uptime and not UTC), which channels have a
value, and those values as int32. Eight values take 44 bytes: 44 records of the air kit fit.
"""

import struct

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Iterator

    Kept = tuple[int, int, tuple[int | None, ...], int | None]

_HEAD = "<III"
_HEAD_BYTES = const(12)
_UPTIME = 0x80000000
_MOST_CHANNELS = const(32)


class Pocket:
    """channels: how many values a record has, at most 32. limit_bytes: of all records."""

    def __init__(self, channels: int, limit_bytes: int) -> None:
        if not 1 <= channels <= _MOST_CHANNELS:
            raise ValueError("1 to 32 channels")
        self._channels = channels
        self._limit_bytes = limit_bytes
        self.count = 0
        self.content = bytearray()

    def put(
        self, start_s: int, duration_s: int, values: "tuple[int | None, ...]", in_utc: bool
    ) -> bool:
        """Take a record; says whether there was room for it."""
        if len(values) != self._channels:
            raise ValueError("one value per channel")
        packed = _packed(start_s, duration_s, values, in_utc)
        if len(self.content) + len(packed) > self._limit_bytes:
            return False
        self.content.extend(packed)
        self.count += 1
        return True

    def has_room(self) -> bool:
        """For one more record, however many values it has."""
        return len(self.content) + _HEAD_BYTES + 4 * self._channels <= self._limit_bytes

    def load(self, content: bytes, count: int) -> bool:
        """Take over packed records; says whether they are whole. If not, there are none."""
        self.content = bytearray(content)
        self.count = count
        place = 0
        for _ in range(count):
            if place + _HEAD_BYTES > len(content):
                self.clear()
                return False
            place += _HEAD_BYTES + 4 * _ones(struct.unpack_from(_HEAD, content, place)[2])
        if place != len(content):
            self.clear()
        return place == len(content)

    def clear(self) -> None:
        self.content = bytearray()
        self.count = 0

    def records(self, boot: int) -> "Iterator[Kept]":
        """Give (start_s, duration_s, values, boot or None) as `RingLog.append` takes them."""
        place = 0
        for _ in range(self.count):
            start_s, duration_s, present = struct.unpack_from(_HEAD, self.content, place)
            place += _HEAD_BYTES
            values: "list[int | None]" = []
            for channel in range(self._channels):
                value = None
                if present >> channel & 1:
                    value = struct.unpack_from("<i", self.content, place)[0]
                    place += 4
                values.append(value)
            in_uptime = duration_s & _UPTIME
            yield start_s, duration_s & ~_UPTIME, tuple(values), boot if in_uptime else None


def _packed(
    start_s: int, duration_s: int, values: "tuple[int | None, ...]", in_utc: bool
) -> bytearray:
    present = 0
    packed = bytearray(_HEAD_BYTES)
    for channel in range(len(values)):
        value = values[channel]
        if value is not None:
            present |= 1 << channel
            packed.extend(struct.pack("<i", value))
    struct.pack_into(_HEAD, packed, 0, start_s, duration_s | (0 if in_utc else _UPTIME), present)
    return packed


def _ones(word: int) -> int:
    count = 0
    while word:
        word &= word - 1
        count += 1
    return count
