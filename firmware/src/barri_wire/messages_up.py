# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a node says beside frames, as it writes it: hello and void.

A node loads only this and messages_down; the other halves are in messages.
"""

from barri_wire.errors import FrameError
from barri_wire.message import (
    HELLO,
    VOID,
    begin,
    check_code,
    check_length,
    check_range,
    check_store,
    check_store_id,
)
from barri_wire.values import Plain

VOID_OVERWRITTEN = 1  # the ring was full and the oldest had to go
VOID_DAMAGED = 2  # did not survive in flash
VOID_RELEASED = 3  # was acknowledged before; the node holds it no more
VOID_WITHHELD = 4  # "do not measure" came into force

FIRMWARE_MAX_BYTES = 32
HELLO_MAX_STORES = 16
HELLO_MAX_ANCHORS = 16
VOID_MAX_RANGES = 128


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


def encode_hello(hello: Hello) -> bytes:
    """Kind 1: flags 1, boot 4, uptime 4, stores 1 + 9 each, anchors 1 + 12 each, text 1 + n."""
    writer = begin(HELLO)
    writer.number(1 if hello.clock_set else 0, 1)
    writer.number(hello.boot, 4)
    writer.number(hello.uptime_s, 4)
    writer.number(check_length(len(hello.stores), HELLO_MAX_STORES), 1)
    for store in hello.stores:
        check_store(store)
        for part in store:
            writer.number(part, 3)
    writer.number(check_length(len(hello.anchors), HELLO_MAX_ANCHORS), 1)
    for anchor in hello.anchors:
        for part in anchor:
            writer.number(part, 4)
    firmware = check_firmware(hello.firmware)
    writer.number(len(firmware), 1)
    return bytes(writer.body + firmware)


def check_firmware(text: str) -> bytes:
    octets = text.encode()
    if len(octets) > FIRMWARE_MAX_BYTES or not all(32 <= octet <= 126 for octet in octets):
        raise FrameError("firmware is up to 32 printable ASCII characters")
    return octets


def encode_void(void: Void) -> bytes:
    """Kind 2: store id 3, ranges 1 + 7 each (first 3, count 3, reason 1)."""
    writer = begin(VOID)
    writer.number(check_store_id(void.store_id), 3)
    writer.number(check_length(len(void.ranges), VOID_MAX_RANGES), 1)
    for first, count, reason in void.ranges:
        check_range(first, count)
        writer.number(first, 3)
        writer.number(count, 3)
        writer.number(check_code(reason), 1)
    return bytes(writer.body)
