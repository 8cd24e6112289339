# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Frames as a node writes them: one or more records, a 12-byte header, then the payload.

Frames are encoded when they are sent, for the room that the link has.
"""

from barri_wire import SEQUENCE_LIMIT, STORE_ID_LIMIT
from barri_wire.errors import FrameError
from barri_wire.octets import Writer
from barri_wire.payload_encoder import PayloadEncoder
from barri_wire.record import Record
from barri_wire.schema import Schema

VERSION = 1
KIND_UTC = 0  # times are seconds since 2000 UTC
KIND_UPTIME = 1  # times are seconds of uptime in a boot
HEADER_BYTES = 12
COUNT_LIMIT = 1024  # records in a frame
SHORT_COUNT_LIMIT = 31  # up to here the count stands in byte 0, above in two bytes more
UPTIME_LIMIT_S = 1 << 24
UTC_LIMIT_S = 1 << 32


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
