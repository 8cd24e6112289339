# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Schemas: which channels a record has, in which order. Imports only quantities and errors.

A channel is `(quantity id, number)`. Kits built in need no announcement; others travel once as
`encode_schema` and are named by their 16-bit id afterwards.
"""

import binascii

from barri_wire.errors import FrameError
from barri_wire.quantities import BY_ID, BY_NAME, Quantity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CHANNEL_LIMIT = 32
NUMBER_LIMIT = 16
VERSION_BITS = 0x40  # version 1 in the upper two bits, as in every frame and message


class Schema:
    """The channels of a record.

    channels: 1..32 different tuples (quantity id, number 0..15). Raises FrameError otherwise.
    id: 16-bit hash of the channel list. quantities: one Quantity per channel.
    """

    def __init__(self, channels: "tuple[tuple[int, int], ...]") -> None:
        channels = tuple(channels)
        _check(channels)
        self.channels = channels
        self.quantities: tuple[Quantity, ...] = tuple([BY_ID[channel[0]] for channel in channels])
        self.id = binascii.crc32(encode_schema(self)) & 0xFFFF

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self.channels == other.channels

    def __hash__(self) -> int:
        return hash(self.channels)

    def __repr__(self) -> str:
        return "Schema({!r})".format(self.channels)


def _check(channels: "tuple[tuple[int, int], ...]") -> None:
    if not 1 <= len(channels) <= CHANNEL_LIMIT:
        raise FrameError("a schema has 1 to 32 channels")
    if len(set(channels)) != len(channels):
        raise FrameError("channel twice in schema")
    for quantity_id, number in channels:
        if quantity_id not in BY_ID:
            raise FrameError("unknown quantity")
        if not 0 <= number < NUMBER_LIMIT:
            raise FrameError("channel number out of range")


def encode_schema(schema: Schema) -> bytes:
    """Return the announcement of a schema, at most 49 bytes.

    Byte 0 holds version 1 and the number of channels less one; then the quantity ids, one byte
    each; then the channel numbers, four bits each, high half first, the last half padded with 0.
    """
    channels = schema.channels
    numbers = [number for _, number in channels]
    numbers.append(0)
    body = bytearray([VERSION_BITS | (len(channels) - 1)])
    body.extend(bytes([quantity_id for quantity_id, _ in channels]))
    for i in range(0, len(channels), 2):
        body.append(numbers[i] << 4 | numbers[i + 1])
    return bytes(body)


class _Schemas:
    """Schemas by name; one is made when it is asked for, and kept."""

    def __init__(self, listed: "dict[str, tuple[int, str]]") -> None:
        self._listed = listed
        self._made: dict[str, Schema] = {}

    def __iter__(self) -> "Iterator[str]":
        return iter(self._listed)

    def __contains__(self, name: object) -> bool:
        return name in self._listed

    def __getitem__(self, name: str) -> Schema:
        if name not in self._made:
            self._made[name] = Schema(_numbered(self._listed[name][1].split()))
        return self._made[name]

    def of_id(self, schema_id: int) -> "Schema | None":
        for name, (listed_id, _) in self._listed.items():
            if listed_id == schema_id:
                return self[name]
        return None


def _numbered(names: "list[str]") -> "tuple[tuple[int, int], ...]":
    """Channels of quantities; one that comes again is number 1, 2, ... of it."""
    channels: "list[tuple[int, int]]" = []
    for i, name in enumerate(names):
        channels.append((BY_NAME[name].id, names[:i].count(name)))
    return tuple(channels)


# With each the id that its channels give: so that nobody has to make all to find one.
KITS = _Schemas(
    {
        "air": (
            0xF4C4,
            "temperature humidity pressure light pm1 pm2_5 pm10 battery",
        ),
        "noise": (
            0x9A8B,
            "la10 laeq lceq la50 la90 lafmin lafmax sound_range measured_share",
        ),
        "energy": (
            0xDF5B,
            "energy_import energy_export power_import power_export voltage",
        ),
        "smart_citizen": (
            0x7DF4,
            "battery light temperature humidity laeq pressure",
        ),
    }
)
# What a node keeps besides, in records of their own: seldom, or of another shape.
EXTRAS = _Schemas(
    {
        "health": (
            0x8EF2,
            "reset_cause supply_voltage heap_free store_fill records_lost records_void"
            " link_failures rssi sensor_faults",
        ),
        # Sixteen neighbouring classes of a histogram, from the class named first.
        "laf_histogram": (
            0xB8FE,
            "laf_class" + 16 * " laf_count",
        ),
    }
)


def known_schema(schema_id: int) -> "Schema | None":
    """Return the built-in schema of that id, or None: then the node must announce it."""
    return KITS.of_id(schema_id) or EXTRAS.of_id(schema_id)
