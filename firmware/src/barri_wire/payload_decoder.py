# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The decoding half of payload_encoder.py, line by line; work is bounded by the length."""

from barri_wire.errors import FrameError
from barri_wire.header import Header
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
    TURNED,
    WINDOWS_MISSED,
    first_probabilities,
)
from barri_wire.range_decoder import RangeDecoder
from barri_wire.record import LONGEST_DURATION_S, Record
from barri_wire.schema import Schema

LONGEST_SIZE = 40  # binary digits; no pair of values and guesses lies further apart


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
        shift = shift_of(level)
        top, digits = self._take_digits(level - 2 * shift)
        return top << (digits + shift) | self.coder.direct(digits + shift)

    def _take_difference(self, level: int) -> int:
        shift = shift_of(level)
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
