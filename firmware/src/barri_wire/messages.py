# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Everything that travels beside frames: hello, void, ack, time, schema request, refusal.

Each message has a class, `encode_...` and `decode_...`. All raise FrameError and nothing else.
Here are the gateway's halves and, by name, the node's, which it loads alone.
"""

from barri_wire.errors import FrameError
from barri_wire.message import (
    ACK,
    HELLO,
    REFUSAL,
    SCHEMA_REQUEST,
    TIME,
    VOID,
    begin,
    check_code,
    check_covered,
    check_length,
    check_ms,
    check_range,
    check_store,
    check_store_id,
    open_body,
)
from barri_wire.messages_down import (
    ACK_MAX_BYTES,
    REFUSED_DUPLICATE_IDENTITY,
    REFUSED_FRAME,
    REFUSED_FULL,
    Ack,
    Refusal,
    SchemaRequest,
    Time,
    decode_ack,
    decode_refusal,
    decode_schema_request,
    decode_time,
)
from barri_wire.messages_up import (
    FIRMWARE_MAX_BYTES,
    HELLO_MAX_ANCHORS,
    HELLO_MAX_STORES,
    VOID_DAMAGED,
    VOID_MAX_RANGES,
    VOID_OVERWRITTEN,
    VOID_RELEASED,
    VOID_WITHHELD,
    Hello,
    Void,
    encode_hello,
    encode_void,
)
from barri_wire.octets import Reader, Writer

__all__ = [
    "ACK_MAX_BYTES",
    "FIRMWARE_MAX_BYTES",
    "HELLO_MAX_ANCHORS",
    "HELLO_MAX_STORES",
    "REFUSED_DUPLICATE_IDENTITY",
    "REFUSED_FRAME",
    "REFUSED_FULL",
    "VOID_DAMAGED",
    "VOID_MAX_RANGES",
    "VOID_OVERWRITTEN",
    "VOID_RELEASED",
    "VOID_WITHHELD",
    "Ack",
    "Hello",
    "Refusal",
    "SchemaRequest",
    "Time",
    "Void",
    "decode_ack",
    "decode_hello",
    "decode_refusal",
    "decode_schema_request",
    "decode_time",
    "decode_void",
    "encode_ack",
    "encode_hello",
    "encode_refusal",
    "encode_schema_request",
    "encode_time",
    "encode_void",
]


def decode_hello(body: bytes) -> Hello:
    """Return the Hello in `body`; raises FrameError."""
    reader = open_body(body, HELLO)
    flags = reader.number(1)
    if flags > 1:
        raise FrameError("unknown flags")
    boot, uptime_s = reader.number(4), reader.number(4)
    stores = _triples(reader, HELLO_MAX_STORES, 3)
    for store in stores:
        check_store(store)
    anchors = _triples(reader, HELLO_MAX_ANCHORS, 4)
    firmware = reader.take(reader.number(1))
    reader.end()
    if len(firmware) > FIRMWARE_MAX_BYTES or not all(32 <= octet <= 126 for octet in firmware):
        raise FrameError("firmware is up to 32 printable ASCII characters")
    return Hello(boot, uptime_s, stores, anchors, flags == 1, firmware.decode())


def _triples(reader: Reader, limit: int, width: int) -> "list[tuple[int, int, int]]":
    count = check_length(reader.number(1), limit)
    return [
        (reader.number(width), reader.number(width), reader.number(width)) for _ in range(count)
    ]


def decode_void(body: bytes) -> Void:
    """Return the Void in `body`; raises FrameError."""
    reader = open_body(body, VOID)
    store_id = check_store_id(reader.number(3))
    ranges = []
    for _ in range(check_length(reader.number(1), VOID_MAX_RANGES)):
        first, count = reader.number(3), reader.number(3)
        check_range(first, count)
        ranges.append((first, count, check_code(reader.number(1))))
    reader.end()
    return Void(store_id, ranges)


def encode_ack(ack: Ack, max_bytes: int = ACK_MAX_BYTES) -> bytes:
    """Kind 3: store id 3, covered 3, then gap and count of each missing range as LEB128.

    The gap counts from the end of the range before (at first from 0). Where the ranges do not all
    fit, the message covers less: it ends right before the first range that is left out.
    """
    covered, ranges, end = ack.covered, bytearray(), 0
    for first, count in ack.missing:
        check_range(first, count)
        if first < end or first + count > ack.covered:
            raise FrameError("missing ranges out of order")
        pair = Writer()
        pair.varint(first - end)
        pair.varint(count)
        if 7 + len(ranges) + len(pair.body) > max_bytes:
            covered = first
            break
        ranges.extend(pair.body)
        end = first + count
    writer = begin(ACK)
    writer.number(check_store_id(ack.store_id), 3)
    writer.number(check_covered(covered), 3)
    return bytes(writer.body + ranges)


def encode_time(time: Time) -> bytes:
    """Kind 4: token 4, seconds since 2000 4, milliseconds 2."""
    writer = begin(TIME)
    writer.number(time.token, 4)
    writer.number(time.s2000, 4)
    writer.number(check_ms(time.ms), 2)
    return bytes(writer.body)


def encode_schema_request(request: SchemaRequest) -> bytes:
    """Kind 5: schema id 2."""
    writer = begin(SCHEMA_REQUEST)
    writer.number(request.schema_id, 2)
    return bytes(writer.body)


def encode_refusal(refusal: Refusal) -> bytes:
    """Kind 6: code 1, store id 3."""
    writer = begin(REFUSAL)
    writer.number(check_code(refusal.code), 1)
    writer.number(check_store_id(refusal.store_id), 3)
    return bytes(writer.body)
