# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Frames: one or more records as sent; a 12-byte header, then the payload of payload.py.

Frames are encoded when they are sent, for the room that the link has, and decode on their own.
"""

from barri_wire import SEQUENCE_LIMIT, STORE_ID_LIMIT
from barri_wire.errors import FrameError
from barri_wire.octets import Reader, Writer
from barri_wire.payload import PayloadEncoder, decode_payload
from barri_wire.record import Header, Record
from barri_wire.schema import Schema

__all__ = ["Header", "Record", "decode_frame", "decode_header", "encode_frame"]

VERSION = 1
KIND_UTC = 0  # times are seconds since 2000 UTC
KIND_UPTIME = 1  # times are seconds of uptime in a boot
HEADER_BYTES = 12
COUNT_LIMIT = 1024  # records in a frame
SHORT_COUNT_LIMIT = 31  # up to here the count stands in byte 0, above in two bytes more
UPTIME_LIMIT_S = 1 << 24
UTC_LIMIT_S = 1 << 32


def decode_header(frame: bytes) -> Header:
    """Return the header of a frame, without its schema; raises FrameError."""
    reader = Reader(frame)
    return _read_header(reader)


def _read_header(reader: Reader) -> Header:
    first = reader.number(1)
    version, kind, count = first >> 6, first >> 5 & 1, first & 0x1F
    if version != VERSION:
        raise FrameError("unknown version")
    schema_id = reader.number(2)
    store_high, low = reader.number(2), reader.number(3)
    store_id, first_sequence = store_high << 2 | low >> 22, low & (SEQUENCE_LIMIT - 1)
    boot, start_s = None, 0
    if kind == KIND_UPTIME:
        boot, start_s = reader.number(1), reader.number(3)
    else:
        start_s = reader.number(4)
    if count == 0:
        count = reader.number(2)
        if not SHORT_COUNT_LIMIT < count <= COUNT_LIMIT:
            raise FrameError("count out of range")
    if first_sequence + count > SEQUENCE_LIMIT:
        raise FrameError("sequences out of range")
    return Header(version, kind, schema_id, store_id, first_sequence, count, start_s, boot)


def encode_frame(
    schema: Schema, store_id: int, records: "list[Record]", max_bytes: int
) -> "tuple[bytes, int]":
    """Return (frame, taken): as many records from the front as belong together and fit.

    A frame ends at `max_bytes`, at 1024 records, and before a record whose sequence is not the
    next one or whose boot is another. Raises FrameError("does not fit") where not even the first
    record fits, and FrameError for records that the wire cannot carry.
    """
    if not records:
        raise FrameError("no records")
    if not 0 <= store_id < STORE_ID_LIMIT:
        raise FrameError("store id out of range")
    encoder = PayloadEncoder(schema, records[0].start_s)
    taken = 0
    for record in records[:COUNT_LIMIT]:
        if not _continues(record, records[0], taken):
            break
        mark = encoder.mark()
        encoder.add(record)
        if _header_bytes(taken + 1) + encoder.size() > max_bytes:
            encoder.rewind(mark)
            break
        taken += 1
    if taken == 0:
        raise FrameError("does not fit")
    return _header(schema, store_id, records[0], taken) + encoder.finish(), taken


def _header_bytes(count: int) -> int:
    return HEADER_BYTES if count <= SHORT_COUNT_LIMIT else HEADER_BYTES + 2


def _continues(record: Record, first: Record, index: int) -> bool:
    if not 0 <= record.sequence < SEQUENCE_LIMIT:
        raise FrameError("sequences out of range")
    return record.sequence == first.sequence + index and record.boot == first.boot


def _header(schema: Schema, store_id: int, first: Record, count: int) -> bytes:
    short = count if count <= SHORT_COUNT_LIMIT else 0
    kind = KIND_UTC if first.boot is None else KIND_UPTIME
    writer = Writer()
    writer.number(VERSION << 6 | kind << 5 | short, 1)
    writer.number(schema.id, 2)
    writer.number(store_id >> 2, 2)
    writer.number((store_id & 3) << 22 | first.sequence, 3)
    if first.boot is None:
        writer.number(first.start_s, 4)
    else:
        writer.number(first.boot & 0xFF, 1)
        writer.number(first.start_s, 3)
    if not short:
        writer.number(count, 2)
    return bytes(writer.body)


def decode_frame(frame: bytes, schema: Schema) -> "list[Record]":
    """Return the records of a frame; raises FrameError. Work is bounded by the frame's length.

    `schema` must be the one that the header names. Boots are the header's 0..255.
    """
    reader = Reader(frame)
    header = _read_header(reader)
    if header.schema_id != schema.id:
        raise FrameError("another schema")
    return decode_payload(reader.take(reader.left()), schema, header)
