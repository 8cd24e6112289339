# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The body of a block of records: plain numbers, each less the one before it. Not the wire's form.

    varints     place of the first record after the segment's first sequence; how many of the
                sequences before it were acknowledged; boot + 1, or 0 for UTC; start_s of the first
    per record  a byte of flags; with TIMED: gap since the end of the record before, duration_s;
                with MISSING: a bitmap of the missing channels, lowest bit first; then each value
                that is there, less the same channel's last one in this block (0 at first)

A block decodes on its own. Imports only varint and barri_wire's Record.
"""

from micropython import const

from barri_node.store.varint import Reader, put, put_signed
from barri_wire.record import Record

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Iterator

_TIMED = const(1)
_MISSING = const(2)


def encode(
    records: "list[Record]", first: int, acknowledged: int, limit: int
) -> "tuple[bytearray, int]":
    """Return `(body, taken)`: as many records as fit in `limit` bytes, at least one.

    records: consecutive sequences, one boot. first: the segment's first sequence.
    acknowledged: the mark of the gateway, at most `records[0].sequence`.
    """
    front = records[0]
    out = bytearray()
    put(out, front.sequence - first)
    put(out, front.sequence - acknowledged)
    put(out, 0 if front.boot is None else front.boot + 1)
    put(out, front.start_s)
    chain = _Chain(front.start_s, len(front.values))
    for taken, record in enumerate(records):
        whole = len(out)
        chain.put(out, record)
        if taken and len(out) > limit:
            return out[:whole], taken
    return out, len(records)


class Opened:
    """The beginning of a body: everything but the records.

    first: sequence. acknowledged: the mark at that time. boot: None for UTC.
    """

    def __init__(self, body: memoryview, count: int, segment_first: int) -> None:
        self._reader = Reader(body)
        self.count = count
        self.first = segment_first + self._reader.take()
        self.acknowledged = self.first - self._reader.take()
        boot = self._reader.take()
        self.boot = boot - 1 if boot else None

    def records(self, channels: int) -> "Iterator[Record]":
        """Yield the records. Raises StoreError when the body means nothing."""
        chain = _Chain(self._reader.take(), channels)
        for sequence in range(self.first, self.first + self.count):
            yield chain.take(self._reader, sequence, self.boot)


class _Chain:
    """What the next record of a block is compared with."""

    def __init__(self, start_s: int, channels: int) -> None:
        self.end_s = start_s
        self.duration_s = 0
        self.values = [0] * channels

    def put(self, out: bytearray, record: Record) -> None:
        gap_s = record.start_s - self.end_s
        missing = 0
        for i, value in enumerate(record.values):
            if value is None:
                missing |= 1 << i
        timed = gap_s != 0 or record.duration_s != self.duration_s
        out.append((_TIMED if timed else 0) | (_MISSING if missing else 0))
        if timed:
            put_signed(out, gap_s)
            put(out, record.duration_s)
        if missing:
            put(out, missing)
        for i, value in enumerate(record.values):
            if value is not None:
                put_signed(out, value - self.values[i])
                self.values[i] = value
        self._move(gap_s, record.duration_s)

    def take(self, reader: Reader, sequence: int, boot: "int | None") -> Record:
        flags = reader.octet()
        gap_s = reader.take_signed() if flags & _TIMED else 0
        duration_s = reader.take() if flags & _TIMED else self.duration_s
        missing = reader.take() if flags & _MISSING else 0
        values: "list[int | None]" = [None] * len(self.values)
        for i in range(len(values)):
            if not missing >> i & 1:
                self.values[i] += reader.take_signed()
                values[i] = self.values[i]
        start_s = self.end_s + gap_s
        self._move(gap_s, duration_s)
        return Record(sequence, start_s, duration_s, tuple(values), boot)

    def _move(self, gap_s: int, duration_s: int) -> None:
        self.end_s += gap_s + duration_s
        self.duration_s = duration_s
