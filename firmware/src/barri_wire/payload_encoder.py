# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The payload of a frame: times, gaps in the values, and values, each coded against a guess.

PayloadEncoder and payload_decoder's PayloadDecoder mirror each other line by line.
"""

from barri_wire.errors import FrameError
from barri_wire.payload import (
    SECONDS_LEVEL,
    TIME_LIMIT_S,
    USUAL_DURATION_S,
    VALUE_LIMIT,
    WINDOWS_LEVEL,
    shift_of,
)
from barri_wire.prediction import Channel
from barri_wire.priors import (
    COLUMNS,
    IRREGULAR,
    PATTERN_CHANGED,
    SIZES,
    TABLE_LEVELS,
    TURNED,
    WINDOWS_MISSED,
    first_probabilities,
)
from barri_wire.range_encoder import RangeEncoder
from barri_wire.record import LONGEST_DURATION_S, Record
from barri_wire.schema import Schema


class PayloadEncoder:
    """Takes records one by one; the caller says where to stop."""

    def __init__(self, schema: Schema, start_s: int) -> None:
        self._coder = RangeEncoder(first_probabilities())
        self._channels = [Channel(quantity) for quantity in schema.quantities]
        self._pattern = [False] * len(self._channels)
        self._end_s = start_s
        self._duration_s = USUAL_DURATION_S
        self.size = self._coder.size
        self.mark = self._coder.mark
        self.rewind = self._coder.rewind
        self.finish = self._coder.finish

    def add(self, record: Record) -> None:
        """Append a record; raises FrameError for one that the wire cannot carry."""
        _check(record, len(self._channels))
        self._put_time(record)
        self._put_pattern([value is None for value in record.values])
        unit, moved = "", 0
        for channel, value in zip(self._channels, record.values):  # noqa: B905
            if value is not None:
                guess = channel.predict(moved if channel.unit == unit else 0)
                self._put_difference(value - guess, channel.level)
                channel.learn(value)
                unit, moved = channel.unit, channel.moved

    def _put_time(self, record: Record) -> None:
        coder, gap_s, window_s = self._coder, record.start_s - self._end_s, self._duration_s
        changed = record.duration_s != window_s
        if gap_s == 0 and not changed:
            coder.bit(IRREGULAR, 0)
        elif gap_s > 0 and gap_s % window_s == 0 and not changed:
            coder.bit(IRREGULAR, 1)
            coder.bit(WINDOWS_MISSED, 0)
            self._put_size(gap_s // window_s - 1, WINDOWS_LEVEL)
        else:
            coder.bit(IRREGULAR, 1)
            coder.bit(WINDOWS_MISSED, 1)
            self._put_difference(record.duration_s - window_s, SECONDS_LEVEL)
            self._put_difference(gap_s, SECONDS_LEVEL)
        self._duration_s = record.duration_s
        self._end_s = record.start_s + record.duration_s

    def _put_pattern(self, pattern: "list[bool]") -> None:
        if pattern == self._pattern:
            self._coder.bit(PATTERN_CHANGED, 0)
            return
        self._coder.bit(PATTERN_CHANGED, 1)
        for before, now in zip(self._pattern, pattern):  # noqa: B905
            self._coder.bit(TURNED, 0 if before == now else 1)
        self._pattern = pattern

    def _put_size(self, size: int, level: int) -> None:
        shift = shift_of(level)
        digits = self._put_digits(size >> shift, level - 2 * shift)
        self._coder.direct(size, digits + shift)

    def _put_difference(self, difference: int, level: int) -> None:
        size = abs(difference)
        shift = shift_of(level) if level >= TABLE_LEVELS else 0
        digits = self._put_digits(size >> shift, level - 2 * shift)
        if size or shift:
            signed = size << 1 | (1 if difference < 0 else 0)
            self._coder.direct(signed, digits + shift + 1)

    def _put_digits(self, size: int, row: int) -> int:
        """Write how many binary digits `size` has; return how many of them are still to come."""
        digits = 0
        while size:
            size >>= 1
            digits += 1
        place = SIZES + row * COLUMNS
        self._coder.ones(digits, place, place + COLUMNS - 1)
        return digits - 1 if digits else 0


def _check(record: Record, width: int) -> None:
    if len(record.values) != width:
        raise FrameError("values do not match the schema")
    if not 1 <= record.duration_s <= LONGEST_DURATION_S:
        raise FrameError("duration out of range")
    if not 0 <= record.start_s < TIME_LIMIT_S:
        raise FrameError("time out of range")
    for value in record.values:
        if value is not None and not -VALUE_LIMIT <= value < VALUE_LIMIT:
            raise FrameError("value out of range")
