# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A segment as it lies in flash: a header, a copy of the state, then whatever was appended.

Header body, varints: format 1, store id, first sequence, boot; then the schema as it is announced
on the wire, so that records of an older configuration stay readable. Knows no files.
"""

from micropython import const

from barri_node.store import blocks, records, state
from barri_node.store.errors import StoreError
from barri_node.store.varint import Reader, put
from barri_wire.errors import FrameError
from barri_wire.record import Record
from barri_wire.schema import Schema, decode_schema, encode_schema

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Iterator

SEQUENCES_LIMIT = 1024  # a segment spans at most so many sequences, whatever is in it
_FORMAT = const(1)


class Header:
    """Whose records these are. boot: the boot that began the segment (records name their own)."""

    def __init__(self, store_id: int, first: int, boot: int, schema: Schema) -> None:
        self.store_id = store_id
        self.first = first
        self.boot = boot
        self.schema = schema

    def encode(self) -> bytearray:
        """Return the body of a header block."""
        out = bytearray()
        for number in (_FORMAT, self.store_id, self.first, self.boot):
            put(out, number)
        out.extend(encode_schema(self.schema))
        return out


def decode_header(body: "bytes | memoryview") -> Header:
    """Return the header in a block's body. Raises StoreError or FrameError if it means nothing."""
    reader = Reader(body)
    if reader.take() != _FORMAT:
        raise StoreError(StoreError.DAMAGED, "segment of another format")
    store_id, first, boot = reader.take(), reader.take(), reader.take()
    return Header(store_id, first, boot, decode_schema(reader.rest()))


class Segment:
    """The first `length` bytes of a page, read as segment `number`.

    header: None when this segment cannot be read; then it has no records and no state.
    """

    def __init__(self, number: int, page: bytearray, length: int) -> None:
        self.number = number
        self._page = memoryview(page)[:length]
        first_block = blocks.block_at(self._page, 0, number) if length else None
        self.header: "Header | None" = None
        if first_block and first_block.kind == blocks.HEADER:
            try:
                self.header = decode_header(first_block.body)
            except (StoreError, FrameError):
                pass  # as unreadable as one whose CRC is wrong

    def run(self, first: int, limit: int) -> "list[Record]":
        """Return records from the first one held at or above `first`.

        At most `limit`, with consecutive sequences and one boot.
        """
        found: "list[Record]" = []
        for block in self._record_blocks():
            if block.first + block.count <= first:
                continue
            for record in self._decode(block):
                if len(found) == limit or not _continues(found, record):
                    return found
                if record.sequence >= first:
                    found.append(record)
        return found

    def latest(self) -> "tuple[state.State | None, int, int]":
        """Return `(state, held_end, doubtful)` as the segment's end leaves them.

        state: None when no copy is readable. held_end: the sequence after the last held one.
        doubtful: how many sequences a torn block behind it may have used; 0 when there is none.
        """
        header: Header = self.header  # type: ignore[assignment]  # only a readable one is asked
        latest_state, held_end, end = None, header.first, 0
        for block in blocks.blocks(self._page, self.number):
            end = block.end
            if block.kind == blocks.STATE:
                latest_state = _decode_state(block.body) or latest_state
            elif block.kind < blocks.RECORDS_LIMIT:
                opened = records.Opened(block.body, block.kind + 1, header.first)
                held_end = opened.first + opened.count
                if latest_state:
                    latest_state.acknowledged = max(latest_state.acknowledged, opened.acknowledged)
        return latest_state, held_end, self._torn_count(end)

    def _torn_count(self, end: int) -> int:
        """How many sequences may have been used behind the last valid block; 0 with nothing there.

        One torn block tells its count, and since a program that was cut leaves bits at 1, the
        count only reads too high. With more there, every two bytes may have been a record.
        """
        if blocks.erased(self._page, end):
            return 0
        left = len(self._page) - end
        kind = self._page[end]
        if kind < blocks.RECORDS_LIMIT and blocks.claimed_end(self._page, end) >= len(self._page):
            return kind + 1
        return max(blocks.RECORDS_LIMIT, left // 2)

    def _record_blocks(self) -> "Iterator[records.Opened]":
        if self.header:
            for block in blocks.blocks(self._page, self.number):
                if block.kind < blocks.RECORDS_LIMIT:
                    yield records.Opened(block.body, block.kind + 1, self.header.first)

    def _decode(self, block: records.Opened) -> "Iterator[Record]":
        return block.records(len(self.header.schema.channels))  # type: ignore[union-attr]  # as above


def _decode_state(body: memoryview) -> "state.State | None":
    try:
        return state.decode(body)
    except StoreError:
        return None


def _continues(found: "list[Record]", record: Record) -> bool:
    if not found:
        return True
    return record.sequence == found[-1].sequence + 1 and record.boot == found[-1].boot
