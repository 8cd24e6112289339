# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Cuts values out of a frame that are not to be measured: at the door, before anything is kept.

The same frame always gives the same bytes, so that a resend stays one.
"""

from collections.abc import Callable

from barri_wire.errors import FrameError
from barri_wire.frame import COUNT_LIMIT, Record, decode_frame, decode_header, encode_frame
from barri_wire.schema import Schema
from barri_wire.unwanted import places

_ANY_LENGTH = 1 << 20


def cut(frame: bytes, hidden: list[int], schema_of: Callable[[int], Schema | None]) -> bytes:
    """Return the frame without values of these quantities; unchanged where it has none.

    schema_of(id): what the node means by a schema, None if that is not known. What cannot be read
    comes back as it is: nobody can read a value in it either.
    """
    try:
        header = decode_header(frame)
        schema = schema_of(header.schema_id)
        if schema is None:
            return frame
        at = places(schema, hidden)
        records = decode_frame(frame, schema) if at else []
        if not any(record.values[i] is not None for record in records for i in at):
            return frame
        blank = [_without(record, at) for record in records[:COUNT_LIMIT]]
        return encode_frame(schema, header.store_id, blank, _ANY_LENGTH)[0]
    except FrameError:
        return frame


def _without(record: Record, at: list[int]) -> Record:
    values = tuple(None if i in at else value for i, value in enumerate(record.values))
    return Record(record.sequence, record.start_s, record.duration_s, values, record.boot)
