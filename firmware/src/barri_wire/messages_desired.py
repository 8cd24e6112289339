# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Settings over the air: what a node's people desire, and what the node reports to be in force.

Loaded only for them. A desired state is whole: it says all that may be said, and grows by version.
"""

from barri_wire.errors import FrameError
from barri_wire.message import begin, check_length, open_body
from barri_wire.values import Plain

DESIRED, REPORTED = 10, 11

VERSION_LIMIT = 1 << 24
WINDOW_MAX_S = 3600
UNWANTED_MAX = 64

IN_FORCE = 0  # results: the version that is reported runs
REFUSED_OLDER = 1  # what came was not above it
REFUSED_WINDOW = 2  # does not divide a day
REFUSED_QUANTITY = 3  # this firmware does not know it
REFUSED_FLASH = 4  # could not be written


class Desired(Plain):
    """Down: version 1..2^24-1. window_s: 1..3600, or 0 for the node's own.

    unwanted: up to 64 ids of quantities that are not to be measured, ascending.
    """

    def __init__(self, version: int, window_s: int, unwanted: "list[int]") -> None:
        self.version = version
        self.window_s = window_s
        self.unwanted = list(unwanted)


class Reported(Plain):
    """Up: the version in force, 0 before the first; what became of the last that came."""

    def __init__(self, version: int, result: int) -> None:
        self.version = version
        self.result = result


def encode_desired(desired: Desired) -> bytes:
    """Kind 10: version 3, window 2, quantities 1 + 1 each."""
    writer = begin(DESIRED)
    writer.number(_checked(desired.version, 1, VERSION_LIMIT - 1), 3)
    writer.number(_checked(desired.window_s, 0, WINDOW_MAX_S), 2)
    writer.number(check_length(len(desired.unwanted), UNWANTED_MAX), 1)
    for quantity_id in _ascending(desired.unwanted):
        writer.number(quantity_id, 1)
    return bytes(writer.body)


def decode_desired(body: bytes) -> Desired:
    """Return the Desired in `body`; raises FrameError."""
    reader = open_body(body, DESIRED)
    version = _checked(reader.number(3), 1, VERSION_LIMIT - 1)
    window_s = _checked(reader.number(2), 0, WINDOW_MAX_S)
    unwanted = list(reader.take(check_length(reader.number(1), UNWANTED_MAX)))
    reader.end()
    return Desired(version, window_s, _ascending(unwanted))


def encode_reported(reported: Reported) -> bytes:
    """Kind 11: version 3, result 1."""
    writer = begin(REPORTED)
    writer.number(reported.version, 3)
    writer.number(reported.result, 1)
    return bytes(writer.body)


def decode_reported(body: bytes) -> Reported:
    """Return the Reported in `body`; raises FrameError."""
    reader = open_body(body, REPORTED)
    reported = Reported(reader.number(3), reader.number(1))
    reader.end()
    return reported


def _checked(value: int, lowest: int, highest: int) -> int:
    if not lowest <= value <= highest:
        raise FrameError("part of a desired state out of range")
    return value


def _ascending(ids: "list[int]") -> "list[int]":
    """Quantities in the one order that there is for them, none of them 0 and none twice."""
    last = 0
    for quantity_id in ids:
        if quantity_id <= last:
            raise FrameError("quantities out of order")
        last = quantity_id
    return ids
