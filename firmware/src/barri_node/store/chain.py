# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One schema's records as few bits: each is told by how it differs from what was to be expected.

A value is expected where its channel was last, or at the channel's running average moved along
with channels of the same unit in this record (levels rise together; by how much is learnt while
reading, the same on both sides). What is left is written in about as many bits as it usually has.
The classes of a histogram follow each other as one channel. Integers of at most 30 bits, but for
values near the ends of their range. Knows no flash.
"""

from array import array

from micropython import const

from barri_node.store.bits import BitReader, BitWriter, folded, unfolded
from barri_node.store.errors import StoreError
from barri_wire.record import LONGEST_DURATION_S, Record
from barri_wire.schema import Schema

_CLASS = const(26)  # laf_class
_CLASSES = const(16)  # so many it grows by from record to record
_HISTOGRAM = const(27)  # laf_count
_NEIGHBOURS = const(5)  # channels before this one that may move it
_ROW = const(11)  # per channel: what follows, then a weight per neighbour
_LAST = const(0)
_AVERAGE_16 = const(1)
_SIZE_16 = const(2)
_LAST_ERROR = const(3)
_MOVED_ERROR = const(4)
_COUNT = const(5)
_AVERAGED = const(16)
_FIRST_SIZE_16 = const(32 * 16)
_MOST_SURPRISE_16 = const(16 * 16)
_MOST_SIZE_16 = const(1 << 26)  # four times it still has 30 bits
_MOVES = const(1 << 10)  # larger ones are no neighbour's doing
_FAR = const(1 << 24)  # from here on averages would leave 30 bits
_MOST_WEIGHT = const(2047)  # in 1/1024
_FOLLOWS = const(0)
_SAME = const(1)
_STEP = const(2)
_GAP = const(3)  # a record's start, seen from the one before it
_VALUE_LIMIT = const(0x7FFFFFFF)


class Chain:
    """What the next record of a schema is compared with. A new one expects nothing."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._moved = array("i", bytes(4 * len(schema.channels)))
        self._places, self._near = _neighbours(schema)
        self._steps = bytes([_CLASSES * (quantity.id == _CLASS) for quantity in schema.quantities])
        self._rows = array("i", bytes(4 * _ROW * (self._places[-1] + 1)))
        for place in range(_SIZE_16, len(self._rows), _ROW):
            self._rows[place] = _FIRST_SIZE_16
        self._guess = self._by_moves = 0
        self._boot: "int | None" = None
        self._start_s = 0
        self._step_s = 0  # from the start before it
        self._kind = _FOLLOWS  # how the last record's start was seen
        self._duration_s = 0
        self._missing = 0

    # --- a record ---

    def is_ordinary(self, record: Record) -> bool:
        """Say whether the record differs in nothing but its values from the one before it."""
        return self._time_kind(record) == self._kind and _missing(record) == self._missing

    def put(self, out: BitWriter, record: Record, ordinary: bool) -> None:
        """Write a record; `ordinary` must be what `is_ordinary` says, or False."""
        if not ordinary:
            self._put_time(out, record)
            missing = _missing(record)
            out.put(missing != self._missing, 1)
            if missing != self._missing:
                out.put(missing, len(self._moved))
            self._missing = missing
        self._move_to(record.start_s, record.duration_s)
        for channel, value in enumerate(record.values):
            if value is None:
                self._moved[channel] = 0
            else:
                low_bits = self._expect(channel)
                out.small(folded(value - self._guess), low_bits)
                self._learn(channel, value)

    def take(self, bits: BitReader, sequence: int, ordinary: bool) -> Record:
        """Read a record. Raises StoreError when it cannot be one."""
        self._take_time(bits, self._kind if ordinary else bits.take(2))
        if not ordinary and bits.take(1):
            self._missing = bits.take(len(self._moved))
        values: "list[int | None]" = []
        for channel in range(len(self._moved)):
            if self._missing >> channel & 1:
                self._moved[channel] = 0
                values.append(None)
            else:
                low_bits = self._expect(channel)
                value = self._guess + bits.small(low_bits)
                if not -_VALUE_LIMIT - 1 <= value <= _VALUE_LIMIT:
                    raise StoreError(StoreError.DAMAGED, "a value has 32 bits")
                self._learn(channel, value)
                values.append(value)
        return Record(sequence, self._start_s, self._duration_s, tuple(values), self._boot)

    # --- its time ---

    def _time_kind(self, record: Record) -> int:
        if record.boot != self._boot or record.duration_s != self._duration_s:
            return _GAP
        step_s = record.start_s - self._start_s
        if step_s == self._duration_s:
            return _FOLLOWS
        if step_s == 0:
            return _SAME
        return _STEP if step_s == self._step_s else _GAP

    def _put_time(self, out: BitWriter, record: Record) -> None:
        self._kind = self._time_kind(record)
        out.put(self._kind, 2)
        if self._kind != _GAP:
            return
        self._kind = _FOLLOWS
        out.put(record.boot != self._boot, 1)
        if record.boot != self._boot:
            out.number(0 if record.boot is None else record.boot + 1)
            self._boot = record.boot
        out.number(folded(record.start_s - self._start_s))
        out.number(record.duration_s)

    def _take_time(self, bits: BitReader, kind: int) -> None:
        self._kind = kind if kind != _GAP else _FOLLOWS
        step_s, duration_s = (self._duration_s, 0, self._step_s, 0)[kind], self._duration_s
        if kind == _GAP:
            if bits.take(1):
                boot = bits.number()
                self._boot = boot - 1 if boot else None
            step_s = unfolded(bits.number())
            duration_s = bits.number()
        self._move_to(self._start_s + step_s, duration_s)
        if not 1 <= duration_s <= LONGEST_DURATION_S or not 0 <= self._start_s < 1 << 32:
            raise StoreError(StoreError.DAMAGED, "time out of range")

    def _move_to(self, start_s: int, duration_s: int) -> None:
        if start_s != self._start_s:
            self._step_s = start_s - self._start_s
        self._start_s, self._duration_s = start_s, duration_s

    # --- a value ---

    def _expect(self, channel: int) -> int:
        """Set what to expect of a channel; return how many low bits the difference usually has."""
        rows, place = self._rows, self._places[channel] * _ROW
        by_last = rows[place + _LAST] + self._steps[channel]
        self._by_moves = by_last
        if rows[place + _COUNT]:
            total, moved = 0, self._moved
            for i in range(1, self._near[channel] + 1):
                total += rows[place + _COUNT + i] * moved[channel - i]
            self._by_moves = (rows[place + _AVERAGE_16] + 8 >> 4) + (total >> 10)
        lasts = rows[place + _LAST_ERROR] <= rows[place + _MOVED_ERROR]
        self._guess = by_last if lasts else self._by_moves
        size, low_bits = rows[place + _SIZE_16] >> 5, 0  # half of it, in steps
        while size:
            size >>= 1
            low_bits += 1
        return low_bits

    def _learn(self, channel: int, value: int) -> None:
        """Take in the true value after `_expect`."""
        rows, place = self._rows, self._places[channel] * _ROW
        difference = value - self._guess
        size_16 = rows[place + _SIZE_16]
        most = min((size_16 << 2) + _MOST_SURPRISE_16, _MOST_SIZE_16)
        size = difference * 32 if difference >= 0 else -difference * 32
        rows[place + _SIZE_16] = size_16 + ((size if size < most else most) - size_16 >> 3)
        self._moved[channel] = 0
        count = rows[place + _COUNT]
        if not -_FAR < value < _FAR:
            count = 0
        else:
            if count:
                self._compare(channel, place, value)
            else:
                rows[place + _AVERAGE_16] = 16 * value
            moved = value - (rows[place + _AVERAGE_16] + 8 >> 4)
            self._moved[channel] = moved if -_MOVES < moved < _MOVES else 0
            count += count < _AVERAGED
            rows[place + _AVERAGE_16] += (16 * value - rows[place + _AVERAGE_16]) // count
        rows[place + _COUNT] = count
        rows[place + _LAST] = value

    def _compare(self, channel: int, place: int, value: int) -> None:
        """See which guess was nearer; turn the weights to where they would have been right."""
        rows, moved = self._rows, self._moved
        error = value - rows[place + _LAST] - self._steps[channel]
        rows[place + _LAST_ERROR] += (error if error >= 0 else -error) - (
            rows[place + _LAST_ERROR] >> 3
        )
        error = value - self._by_moves
        rows[place + _MOVED_ERROR] += (error if error >= 0 else -error) - (
            rows[place + _MOVED_ERROR] >> 3
        )
        near = self._near[channel]
        if not near or not -_MOVES < error < _MOVES:
            return
        total = 64
        for i in range(channel - near, channel):
            total += moved[i] * moved[i]
        for i in range(1, near + 1):
            weight = rows[place + _COUNT + i] + (error * moved[channel - i] << 7) // total
            if -_MOST_WEIGHT < weight < _MOST_WEIGHT:
                rows[place + _COUNT + i] = weight


def _missing(record: Record) -> int:
    missing = 0
    for channel, value in enumerate(record.values):
        if value is None:
            missing |= 1 << channel
    return missing


def _neighbours(schema: Schema) -> "tuple[bytearray, bytearray]":
    """Return each channel's row, and how many channels of its unit stand right before it."""
    rows, near = bytearray(1), bytearray(1)
    quantities = schema.quantities
    for before, quantity in zip(quantities, quantities[1:]):  # noqa: B905, RUF007
        joins = quantity.unit == before.unit
        same = quantity.id == before.id == _HISTOGRAM
        rows.append(rows[-1] + (not same))
        near.append(min(near[-1] + 1, _NEIGHBOURS) if joins and not same else 0)
    return rows, near
