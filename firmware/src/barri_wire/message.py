# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What all messages beside frames have in common: byte 0, checks, limits.

Byte 0 of a message names version and kind. Imports only errors, octets and the package's limits.
"""

from barri_wire import SEQUENCE_LIMIT, STORE_ID_LIMIT
from barri_wire.errors import FrameError
from barri_wire.octets import Reader, Writer

HELLO, VOID, ACK, TIME, SCHEMA_REQUEST, REFUSAL = range(1, 7)

_VERSION_BITS = 0x40


def begin(kind: int) -> Writer:
    writer = Writer()
    writer.number(_VERSION_BITS | kind, 1)
    return writer


def open_body(body: bytes, kind: int) -> Reader:
    reader = Reader(body)
    if reader.number(1) != _VERSION_BITS | kind:
        raise FrameError("not this kind of message")
    return reader


def check_store_id(value: int) -> int:
    if not 0 <= value < STORE_ID_LIMIT:
        raise FrameError("store id out of range")
    return value


def check_range(first: int, count: int) -> None:
    if first < 0 or count < 1 or first + count > SEQUENCE_LIMIT:
        raise FrameError("sequences out of range")


def check_store(store: "tuple[int, int, int]") -> None:
    check_store_id(store[0])
    if not 0 <= store[1] <= store[2] <= SEQUENCE_LIMIT:
        raise FrameError("sequences out of range")


def check_code(code: int) -> int:
    if not 1 <= code <= 255:
        raise FrameError("code out of range")
    return code


def check_length(items: int, limit: int) -> int:
    if items > limit:
        raise FrameError("list too long")
    return items


def check_covered(covered: int) -> int:
    if not 0 <= covered <= SEQUENCE_LIMIT:
        raise FrameError("sequences out of range")
    return covered


def check_ms(ms: int) -> int:
    if not 0 <= ms < 1000:
        raise FrameError("milliseconds out of range")
    return ms
