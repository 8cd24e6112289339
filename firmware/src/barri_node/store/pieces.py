# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a segment is made of, to the bit. Imports nothing of ours.

    head        11 bytes: format; number, first sequence (3 bytes each, big endian); CRC-32
    blocks      one byte of kind; length of the body (2 bytes, little endian); body; CRC-32 begun
                with the segment's number. A STATE begins everything anew: what follows it can be
                read without what lies before it.
    records     bits: 0, then an ordinary record of the first schema defined since the STATE; or
                10, three bits of the number of records less one, two of the schema's place, and
                records, each with a bit that says whether it is ordinary; then 11 to 18 bits of a
                CRC-32 over all records since the STATE, up to a whole byte

Erased flash reads as ones, and nothing that was cut off by the power ends in a byte of ones.
"""

import binascii

from micropython import const

HEAD_BYTES = 11
STATE = 0xC0
SCHEMA = 0xC1
MARK = 0xC2
ERASED = 0xFF
OVERHEAD_BYTES = 7  # of a block
LONGEST_BYTES = 400  # of a block
LONGEST_RECORDS_BYTES = 360  # of a piece with records
SEQUENCES_LIMIT = 2048  # a segment spans at most so many sequences, whatever is in it
_FORMAT = const(0xB2)
_FRONT_BYTES = const(3)
_CRC_BYTES = const(4)
_CHECK_BITS = const(11)


def head(number: int, first: int) -> bytes:
    """Return the head of a segment."""
    front = bytes((_FORMAT,)) + number.to_bytes(3, "big") + first.to_bytes(3, "big")
    crc: bytes = binascii.crc32(front).to_bytes(_CRC_BYTES, "little")
    return front + crc


def head_in(found: bytearray) -> "tuple[int, int] | None":
    """Return `(number, first sequence)` of a head, or None when it is none."""
    number, first = int.from_bytes(found[1:4], "big"), int.from_bytes(found[4:7], "big")
    return (number, first) if found == head(number, first) else None


def block(kind: int, body: "bytes | bytearray", number: int) -> bytearray:
    """Return a body as a block of the segment `number`."""
    out = bytearray((kind, len(body) & 255, len(body) >> 8))
    out.extend(body)
    out.extend(binascii.crc32(out, number).to_bytes(_CRC_BYTES, "little"))
    return out


def block_end(page: memoryview, start: int, number: int) -> int:
    """Return where the block that begins at `start` ends; 0 when there is no valid one."""
    if start + OVERHEAD_BYTES > len(page) or not STATE <= page[start] <= MARK:
        return 0
    crc_at = start + _FRONT_BYTES + (page[start + 1] | page[start + 2] << 8)
    end = crc_at + _CRC_BYTES
    if end > len(page):
        return 0
    crc = binascii.crc32(page[start:crc_at], number)
    return end if crc == int.from_bytes(page[crc_at:end], "little") else 0


def body(page: memoryview, start: int, end: int) -> bytes:
    """Return the body of the valid block from `start` to `end`."""
    return bytes(page[start + _FRONT_BYTES : end - _CRC_BYTES])


def seal(records: bytearray, length: int, crc: int) -> int:
    """Append the check to `length` bits of records; return the CRC to begin the next with.

    records: whole bytes, the last one filled with zeros. crc: what sealing those before returned.
    """
    crc = binascii.crc32(records, crc)
    width = _CHECK_BITS + (-length - _CHECK_BITS & 7)
    check = crc & (1 << width) - 1
    if length & 7:
        width -= 8 - (length & 7)
        records[-1] |= check >> width
    while width:
        width -= 8
        records.append(check >> width & 255)
    # A byte of ones would be there before it was written.
    if records[-1] == ERASED:
        records[-1] = 0
    return crc


def sealed(page: memoryview, start: int, length: int, crc: int) -> "tuple[int, int]":
    """Return `(end, crc)` of the `length` bits of records from `start` on; end 0: not valid."""
    end = start + (length + _CHECK_BITS + 7 >> 3)
    if end > len(page):
        return 0, crc
    records = bytearray(page[start : start + (length + 7 >> 3)])
    records[-1] &= 0xFF << (-length & 7) & 0xFF
    crc = seal(records, length, crc)
    return (end if page[start:end] == records else 0), crc


def programmed_end(page: memoryview) -> int:
    """Return the place behind the last byte that is not erased."""
    end = len(page)
    while end and page[end - 1] == ERASED:
        end -= 1
    return end
