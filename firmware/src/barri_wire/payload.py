# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The payload of a frame: times, gaps in the values, and values, each coded against a guess.

PayloadEncoder and PayloadDecoder mirror each other line by line. README.md has it to the bit.
"""

from barri_wire.errors import FrameError
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
from barri_wire.range_coder import RangeDecoder, RangeEncoder
from barri_wire.record import LONGEST_DURATION_S, Header, Record
from barri_wire.schema import Schema

USUAL_DURATION_S = 60
TIME_LIMIT_S = 1 << 32
VALUE_LIMIT = 1 << 31
WINDOWS_LEVEL = 6  # expected size of "windows missed, less one": about a half
SECONDS_LEVEL = 16  # expected size of other differences of time: about 16 s
LONGEST_SIZE = 40  # binary digits; no pair of values and guesses lies further apart


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
        shift = _shift(level)
        digits = self._put_digits(size >> shift, level - 2 * shift)
        self._coder.direct(size, digits + shift)

    def _put_difference(self, difference: int, level: int) -> None:
        size = abs(difference)
        shift = _shift(level) if level >= TABLE_LEVELS else 0
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


def _shift(level: int) -> int:
    """Return how many low bits are sent as they are, at a level above the table's."""
    return max(level - TABLE_LEVELS + 2, 0) // 2


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


class PayloadDecoder:
    """Gives records one by one, or raises FrameError; work is bounded by the payload's length."""

    def __init__(self, body: bytes, schema: Schema, header: Header) -> None:
        self.coder = RangeDecoder(first_probabilities(), body)
        self._channels = [Channel(quantity) for quantity in schema.quantities]
        self._pattern = [False] * len(self._channels)
        self._header = header
        self._sequence = header.first_sequence
        self._end_s = header.start_s
        self._duration_s = USUAL_DURATION_S

    def record(self) -> Record:
        """Return the next record."""
        start_s, duration_s = self._take_time()
        self._take_pattern()
        values: list[int | None] = []
        unit, moved = "", 0
        for channel, missing in zip(self._channels, self._pattern):  # noqa: B905
            if missing:
                values.append(None)
                continue
            guess = channel.predict(moved if channel.unit == unit else 0)
            value = guess + self._take_difference(channel.level)
            if not -VALUE_LIMIT <= value < VALUE_LIMIT:
                raise FrameError("value out of range")
            channel.learn(value)
            unit, moved = channel.unit, channel.moved
            values.append(value)
        sequence = self._sequence
        self._sequence += 1
        return Record(sequence, start_s, duration_s, tuple(values), self._header.boot)

    def _take_time(self) -> "tuple[int, int]":
        coder, gap_s, duration_s = self.coder, 0, self._duration_s
        if coder.bit(IRREGULAR):
            if coder.bit(WINDOWS_MISSED):
                duration_s += self._take_difference(SECONDS_LEVEL)
                gap_s = self._take_difference(SECONDS_LEVEL)
            else:
                gap_s = (self._take_size(WINDOWS_LEVEL) + 1) * duration_s
        start_s = self._end_s + gap_s
        if not 0 <= start_s < TIME_LIMIT_S:
            raise FrameError("time out of range")
        if not 1 <= duration_s <= LONGEST_DURATION_S:
            raise FrameError("duration out of range")
        self._duration_s = duration_s
        self._end_s = start_s + duration_s
        return start_s, duration_s

    def _take_pattern(self) -> None:
        if self.coder.bit(PATTERN_CHANGED):
            turned = [self.coder.bit(TURNED) == 1 for _ in self._pattern]
            self._pattern = [old != turn for old, turn in zip(self._pattern, turned)]  # noqa: B905

    def _take_size(self, level: int) -> int:
        shift = _shift(level)
        top, digits = self._take_digits(level - 2 * shift)
        return top << (digits + shift) | self.coder.direct(digits + shift)

    def _take_difference(self, level: int) -> int:
        shift = _shift(level)
        top, digits = self._take_digits(level - 2 * shift)
        if not top and not shift:
            return 0
        signed = self.coder.direct(digits + shift + 1)
        size = top << (digits + shift) | signed >> 1
        return -size if signed & 1 else size

    def _take_digits(self, row: int) -> "tuple[int, int]":
        """Return (the leading digit 0 or 1, how many digits follow it)."""
        place = SIZES + row * COLUMNS
        last, digits = place + COLUMNS - 1, 0
        while self.coder.bit(place):
            place = min(place + 1, last)
            digits += 1
            if digits > LONGEST_SIZE:
                raise FrameError("number too long")
        return min(digits, 1), max(digits - 1, 0)


def decode_payload(body: bytes, schema: Schema, header: Header) -> "list[Record]":
    """Return the records that the header announces; raises FrameError for any other bytes."""
    decoder = PayloadDecoder(body, schema, header)
    records = [decoder.record() for _ in range(header.count)]
    decoder.coder.end()
    if records[0].start_s != header.start_s:
        raise FrameError("damaged")
    return records
