# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Reads what announces a schema. Who only has kits that are built in does without."""

from barri_wire.errors import FrameError
from barri_wire.schema import VERSION_BITS, Schema, encode_schema


def decode_schema(body: bytes) -> Schema:
    """Return the schema announced by `body`; raises FrameError for anything else."""
    if len(body) < 1 or body[0] & 0xE0 != VERSION_BITS:
        raise FrameError("not a schema of version 1")
    count = (body[0] & 0x1F) + 1
    if len(body) != 1 + count + (count + 1) // 2:
        raise FrameError("schema of the wrong length")
    halves = body[1 + count :]
    numbers = [halves[i // 2] >> 4 if i % 2 == 0 else halves[i // 2] & 15 for i in range(count)]
    schema = Schema(tuple([(body[1 + i], numbers[i]) for i in range(count)]))
    if encode_schema(schema) != bytes(body):
        raise FrameError("schema padding is not zero")
    return schema
