# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Frames: one or more records as sent. They decode on their own, whatever comes with them.

Here is the reading half and, by name, the writing one, which a node loads alone.
"""

from barri_wire import SEQUENCE_LIMIT
from barri_wire.errors import FrameError
from barri_wire.frame_encoder import (
    COUNT_LIMIT,
    HEADER_BYTES,
    KIND_UPTIME,
    KIND_UTC,
    SHORT_COUNT_LIMIT,
    UPTIME_LIMIT_S,
    UTC_LIMIT_S,
    VERSION,
    encode_frame,
)
from barri_wire.header import Header
from barri_wire.octets import Reader
from barri_wire.payload_decoder import decode_payload
from barri_wire.record import Record
from barri_wire.schema import Schema

__all__ = [
    "COUNT_LIMIT",
    "HEADER_BYTES",
    "KIND_UPTIME",
    "KIND_UTC",
    "SHORT_COUNT_LIMIT",
    "UPTIME_LIMIT_S",
    "UTC_LIMIT_S",
    "VERSION",
    "Header",
    "Record",
    "decode_frame",
    "decode_header",
    "encode_frame",
]


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


def decode_frame(frame: bytes, schema: Schema) -> "list[Record]":
    """Return the records of a frame; raises FrameError. Work is bounded by the frame's length.

    `schema` must be the one that the header names. Boots are the header's 0..255.
    """
    reader = Reader(frame)
    header = _read_header(reader)
    if header.schema_id != schema.id:
        raise FrameError("another schema")
    return decode_payload(reader.take(reader.left()), schema, header)
