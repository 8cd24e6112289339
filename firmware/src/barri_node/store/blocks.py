# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Blocks: what is appended to a segment in one piece. Self-delimiting, with a CRC, of any content.

    byte 0      kind; 0..63 is a block of 1..64 records, so the count is known from the first byte
    bytes 1-2   length of the body, little endian
    body
    4 bytes     CRC-32 over all before it, started with the segment's number

The CRC's start keeps what an older segment left behind from being taken for ours. Imports nothing
of ours.
"""

import binascii

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS_LIMIT = 64  # kinds below it hold kind + 1 records
STATE = 0x40
HEADER = 0x41
BODY_LIMIT = 1024
_ERASED = const(0xFF)
_HEAD_BYTES = const(3)
_CRC_BYTES = const(4)
OVERHEAD_BYTES = _HEAD_BYTES + _CRC_BYTES


def block(kind: int, body: "bytes | bytearray", number: int) -> bytearray:
    """Return a body as a block of the segment `number`."""
    out = bytearray((kind, len(body) & 255, len(body) >> 8))
    out.extend(body)
    out.extend(binascii.crc32(out, number).to_bytes(_CRC_BYTES, "little"))
    return out


class Block:
    """A valid block in a page: its kind, its body and the place where it ends."""

    def __init__(self, kind: int, body: memoryview, end: int) -> None:
        self.kind = kind
        self.body = body
        self.end = end


def block_at(page: memoryview, start: int, number: int) -> "Block | None":
    """Return the block that begins at `start`, or None when there is no valid one."""
    crc_at = _crc_place(page, start)
    if crc_at is None:
        return None
    crc = binascii.crc32(page[start:crc_at], number)
    if crc != int.from_bytes(page[crc_at : crc_at + _CRC_BYTES], "little"):
        return None
    return Block(page[start], page[start + _HEAD_BYTES : crc_at], crc_at + _CRC_BYTES)


def blocks(page: memoryview, number: int) -> "Iterator[Block]":
    """Yield every valid block of a page; damaged bytes are stepped over one by one."""
    start = 0
    while start < len(page):
        found = block_at(page, start, number)
        if found:
            yield found
            if erased(page, found.end):
                return
        start = found.end if found else start + 1


def erased(page: memoryview, start: int) -> bool:
    """Say whether nothing was ever written from `start` on (erased flash reads as ones)."""
    return all(page[i] == _ERASED for i in range(start, len(page)))


def claimed_end(page: memoryview, start: int) -> int:
    """Return where the block at `start` says that it ends; the page's end when its head is cut."""
    if start + _HEAD_BYTES > len(page):
        return len(page)
    return start + OVERHEAD_BYTES + (page[start + 1] | page[start + 2] << 8)


def _crc_place(page: memoryview, start: int) -> "int | None":
    if start + OVERHEAD_BYTES > len(page) or page[start] > HEADER:
        return None
    crc_at = claimed_end(page, start) - _CRC_BYTES
    if crc_at - start > _HEAD_BYTES + BODY_LIMIT or crc_at + _CRC_BYTES > len(page):
        return None
    return crc_at
