# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a gateway says, as a node reads it: ack, time, schema request, refusal."""

from barri_wire.errors import FrameError
from barri_wire.message import (
    ACK,
    REFUSAL,
    SCHEMA_REQUEST,
    TIME,
    check_code,
    check_covered,
    check_ms,
    check_store_id,
    open_body,
)
from barri_wire.values import Plain

REFUSED_DUPLICATE_IDENTITY = 1  # two boards, one identity
REFUSED_FRAME = 2
REFUSED_FULL = 3

ACK_MAX_BYTES = 51  # LoRaWAN's smallest downlink


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


def decode_ack(body: bytes) -> Ack:
    """Return the Ack in `body`; raises FrameError."""
    reader = open_body(body, ACK)
    store_id, covered = check_store_id(reader.number(3)), check_covered(reader.number(3))
    missing, end = [], 0
    while reader.left():
        first = end + reader.varint()
        count = reader.varint()
        end = first + count
        if count < 1 or end > covered:
            raise FrameError("sequences out of range")
        missing.append((first, count))
    return Ack(store_id, covered, missing)


def decode_time(body: bytes) -> Time:
    """Return the Time in `body`; raises FrameError."""
    reader = open_body(body, TIME)
    token, s2000, ms = reader.number(4), reader.number(4), reader.number(2)
    reader.end()
    return Time(token, s2000, check_ms(ms))


def decode_schema_request(body: bytes) -> SchemaRequest:
    """Return the SchemaRequest in `body`; raises FrameError."""
    reader = open_body(body, SCHEMA_REQUEST)
    schema_id = reader.number(2)
    reader.end()
    return SchemaRequest(schema_id)


def decode_refusal(body: bytes) -> Refusal:
    """Return the Refusal in `body`; raises FrameError."""
    reader = open_body(body, REFUSAL)
    code, store_id = check_code(reader.number(1)), check_store_id(reader.number(3))
    reader.end()
    return Refusal(code, store_id)
