# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Everything that travels beside frames: hello, void, ack, time, schema request, refusal.

Each message has a class, `encode_...` and `decode_...`; byte 0 names version and kind. All raise
FrameError and nothing else. Imports only errors, octets, values and the package's limits.
"""

from barri_wire import SEQUENCE_LIMIT, STORE_ID_LIMIT
from barri_wire.errors import FrameError
from barri_wire.octets import Reader, Writer
from barri_wire.values import Plain

VOID_OVERWRITTEN = 1  # the ring was full and the oldest had to go
VOID_DAMAGED = 2  # did not survive in flash
VOID_RELEASED = 3  # was acknowledged before; the node holds it no more
VOID_WITHHELD = 4  # "do not measure" came into force

REFUSED_DUPLICATE_IDENTITY = 1  # two boards, one identity
REFUSED_FRAME = 2
REFUSED_FULL = 3

ACK_MAX_BYTES = 51  # LoRaWAN's smallest downlink
FIRMWARE_MAX_BYTES = 32
HELLO_MAX_STORES = 16
HELLO_MAX_ANCHORS = 16
VOID_MAX_RANGES = 128

_VERSION_BITS = 0x40
_HELLO, _VOID, _ACK, _TIME, _SCHEMA_REQUEST, _REFUSAL = range(1, 7)


class Hello(Plain):
    """Up, on each connect: who is there, what it holds, and how its boots lie in UTC.

    boot: this boot's number, 32 bits. uptime_s: now, 32 bits. stores: up to 16 tuples (store id,
    oldest held sequence, next sequence). anchors: up to 16 tuples (boot, uptime_s, s2000).
    clock_set: the node knows UTC. firmware: version, up to 32 printable ASCII characters.
    """

    def __init__(
        self,
        boot: int,
        uptime_s: int,
        stores: "list[tuple[int, int, int]]",
        anchors: "list[tuple[int, int, int]]",
        clock_set: bool,
        firmware: str,
    ) -> None:
        self.boot = boot
        self.uptime_s = uptime_s
        self.stores = list(stores)
        self.anchors = list(anchors)
        self.clock_set = clock_set
        self.firmware = firmware


class Void(Plain):
    """Up: sequences that will never come.

    ranges: up to 128 tuples (first, count, reason); reason is VOID_... or a newer code 1..255.
    """

    def __init__(self, store_id: int, ranges: "list[tuple[int, int, int]]") -> None:
        self.store_id = store_id
        self.ranges = list(ranges)


class Ack(Plain):
    """Down: every sequence below `covered` that is not in `missing` is stored or void.

    What lies at or above `covered` is not spoken of. missing: ascending tuples (first, count),
    all below `covered`. mark: all below it is stored or void; first missing, else `covered`.
    """

    def __init__(
        self, store_id: int, covered: int, missing: "list[tuple[int, int]] | None" = None
    ) -> None:
        self.store_id = store_id
        self.covered = covered
        self.missing = list(missing or [])
        self.mark = self.missing[0][0] if self.missing else covered


class Time(Plain):
    """Down, the answer to a hello: UTC when it was sent. token: the hello's uptime_s."""

    def __init__(self, token: int, s2000: int, ms: int) -> None:
        self.token = token
        self.s2000 = s2000
        self.ms = ms


class SchemaRequest(Plain):
    """Down: the gateway holds frames of a schema that it does not know."""

    def __init__(self, schema_id: int) -> None:
        self.schema_id = schema_id


class Refusal(Plain):
    """Down: what was sent for this store is not taken. code: REFUSED_... or a newer one."""

    def __init__(self, code: int, store_id: int) -> None:
        self.code = code
        self.store_id = store_id


def _begin(kind: int) -> Writer:
    writer = Writer()
    writer.number(_VERSION_BITS | kind, 1)
    return writer


def _open(body: bytes, kind: int) -> Reader:
    reader = Reader(body)
    if reader.number(1) != _VERSION_BITS | kind:
        raise FrameError("not this kind of message")
    return reader


def _store_id(value: int) -> int:
    if not 0 <= value < STORE_ID_LIMIT:
        raise FrameError("store id out of range")
    return value


def _check_range(first: int, count: int) -> None:
    if first < 0 or count < 1 or first + count > SEQUENCE_LIMIT:
        raise FrameError("sequences out of range")


def _check_store(store: "tuple[int, int, int]") -> None:
    _store_id(store[0])
    if not 0 <= store[1] <= store[2] <= SEQUENCE_LIMIT:
        raise FrameError("sequences out of range")


def _check_code(code: int) -> int:
    if not 1 <= code <= 255:
        raise FrameError("code out of range")
    return code


def _check_firmware(text: str) -> bytes:
    octets = text.encode()
    if len(octets) > FIRMWARE_MAX_BYTES or not all(32 <= octet <= 126 for octet in octets):
        raise FrameError("firmware is up to 32 printable ASCII characters")
    return octets


def _check_length(items: int, limit: int) -> int:
    if items > limit:
        raise FrameError("list too long")
    return items


def encode_hello(hello: Hello) -> bytes:
    """Kind 1: flags 1, boot 4, uptime 4, stores 1 + 9 each, anchors 1 + 12 each, text 1 + n."""
    writer = _begin(_HELLO)
    writer.number(1 if hello.clock_set else 0, 1)
    writer.number(hello.boot, 4)
    writer.number(hello.uptime_s, 4)
    writer.number(_check_length(len(hello.stores), HELLO_MAX_STORES), 1)
    for store in hello.stores:
        _check_store(store)
        for part in store:
            writer.number(part, 3)
    writer.number(_check_length(len(hello.anchors), HELLO_MAX_ANCHORS), 1)
    for anchor in hello.anchors:
        for part in anchor:
            writer.number(part, 4)
    firmware = _check_firmware(hello.firmware)
    writer.number(len(firmware), 1)
    return bytes(writer.body + firmware)


def decode_hello(body: bytes) -> Hello:
    """Return the Hello in `body`; raises FrameError."""
    reader = _open(body, _HELLO)
    flags = reader.number(1)
    if flags > 1:
        raise FrameError("unknown flags")
    boot, uptime_s = reader.number(4), reader.number(4)
    stores = _triples(reader, HELLO_MAX_STORES, 3)
    for store in stores:
        _check_store(store)
    anchors = _triples(reader, HELLO_MAX_ANCHORS, 4)
    firmware = reader.take(reader.number(1))
    reader.end()
    if len(firmware) > FIRMWARE_MAX_BYTES or not all(32 <= octet <= 126 for octet in firmware):
        raise FrameError("firmware is up to 32 printable ASCII characters")
    return Hello(boot, uptime_s, stores, anchors, flags == 1, firmware.decode())


def _triples(reader: Reader, limit: int, width: int) -> "list[tuple[int, int, int]]":
    count = _check_length(reader.number(1), limit)
    return [
        (reader.number(width), reader.number(width), reader.number(width)) for _ in range(count)
    ]


def encode_void(void: Void) -> bytes:
    """Kind 2: store id 3, ranges 1 + 7 each (first 3, count 3, reason 1)."""
    writer = _begin(_VOID)
    writer.number(_store_id(void.store_id), 3)
    writer.number(_check_length(len(void.ranges), VOID_MAX_RANGES), 1)
    for first, count, reason in void.ranges:
        _check_range(first, count)
        writer.number(first, 3)
        writer.number(count, 3)
        writer.number(_check_code(reason), 1)
    return bytes(writer.body)


def decode_void(body: bytes) -> Void:
    """Return the Void in `body`; raises FrameError."""
    reader = _open(body, _VOID)
    store_id = _store_id(reader.number(3))
    ranges = []
    for _ in range(_check_length(reader.number(1), VOID_MAX_RANGES)):
        first, count = reader.number(3), reader.number(3)
        _check_range(first, count)
        ranges.append((first, count, _check_code(reader.number(1))))
    reader.end()
    return Void(store_id, ranges)


def encode_ack(ack: Ack, max_bytes: int = ACK_MAX_BYTES) -> bytes:
    """Kind 3: store id 3, covered 3, then gap and count of each missing range as LEB128.

    The gap counts from the end of the range before (at first from 0). Where the ranges do not all
    fit, the message covers less: it ends right before the first range that is left out.
    """
    covered, ranges, end = ack.covered, bytearray(), 0
    for first, count in ack.missing:
        _check_range(first, count)
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
    writer = _begin(_ACK)
    writer.number(_store_id(ack.store_id), 3)
    writer.number(_check_covered(covered), 3)
    return bytes(writer.body + ranges)


def _check_covered(covered: int) -> int:
    if not 0 <= covered <= SEQUENCE_LIMIT:
        raise FrameError("sequences out of range")
    return covered


def decode_ack(body: bytes) -> Ack:
    """Return the Ack in `body`; raises FrameError."""
    reader = _open(body, _ACK)
    store_id, covered = _store_id(reader.number(3)), _check_covered(reader.number(3))
    missing, end = [], 0
    while reader.left():
        first = end + reader.varint()
        count = reader.varint()
        end = first + count
        if count < 1 or end > covered:
            raise FrameError("sequences out of range")
        missing.append((first, count))
    return Ack(store_id, covered, missing)


def encode_time(time: Time) -> bytes:
    """Kind 4: token 4, seconds since 2000 4, milliseconds 2."""
    writer = _begin(_TIME)
    writer.number(time.token, 4)
    writer.number(time.s2000, 4)
    writer.number(_check_ms(time.ms), 2)
    return bytes(writer.body)


def _check_ms(ms: int) -> int:
    if not 0 <= ms < 1000:
        raise FrameError("milliseconds out of range")
    return ms


def decode_time(body: bytes) -> Time:
    """Return the Time in `body`; raises FrameError."""
    reader = _open(body, _TIME)
    token, s2000, ms = reader.number(4), reader.number(4), reader.number(2)
    reader.end()
    return Time(token, s2000, _check_ms(ms))


def encode_schema_request(request: SchemaRequest) -> bytes:
    """Kind 5: schema id 2."""
    writer = _begin(_SCHEMA_REQUEST)
    writer.number(request.schema_id, 2)
    return bytes(writer.body)


def decode_schema_request(body: bytes) -> SchemaRequest:
    """Return the SchemaRequest in `body`; raises FrameError."""
    reader = _open(body, _SCHEMA_REQUEST)
    schema_id = reader.number(2)
    reader.end()
    return SchemaRequest(schema_id)


def encode_refusal(refusal: Refusal) -> bytes:
    """Kind 6: code 1, store id 3."""
    writer = _begin(_REFUSAL)
    writer.number(_check_code(refusal.code), 1)
    writer.number(_store_id(refusal.store_id), 3)
    return bytes(writer.body)


def decode_refusal(body: bytes) -> Refusal:
    """Return the Refusal in `body`; raises FrameError."""
    reader = _open(body, _REFUSAL)
    code, store_id = _check_code(reader.number(1)), _store_id(reader.number(3))
    reader.end()
    return Refusal(code, store_id)
