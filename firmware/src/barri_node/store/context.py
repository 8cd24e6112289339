# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What one has to know in the middle of a segment, to read on or to write on: the same for both.

Knows the form of pieces and records; knows no flash.
"""

from micropython import const

from barri_node.store import pieces
from barri_node.store.bits import BitReader, BitWriter
from barri_node.store.chain import Chain
from barri_node.store.errors import StoreError
from barri_wire.record import LONGEST_DURATION_S, Record
from barri_wire.schema import Schema, encode_schema, known_schema

_SCHEMAS_LIMIT = const(4)  # defined since a state
RECORDS_LIMIT = 8  # in one piece
_HEAD_BITS = const(7)
_HEAD = const(0b1000000)
_FULL_BITS = const(1000)  # a piece takes no more records from here on; the longest has 2800


class Context:
    """A point in the segment `number`.

    sequence: of the next record. chains: one for each schema defined since the last state.
    """

    def __init__(self, number: int, sequence: int) -> None:
        self.number = number
        self.begin(sequence)

    def begin(self, sequence: int) -> None:
        """Forget everything, as behind a state."""
        self.sequence = sequence
        self.chains: "list[Chain]" = []
        self._crc = self.number

    # --- writing ---

    def definition(self, schema: Schema) -> bytearray:
        """Return the block that defines a schema; nothing when it is defined already."""
        if self._place(schema.id) is not None:
            return bytearray()
        self.chains.append(Chain(schema))
        known = known_schema(schema.id) is not None
        body = schema.id.to_bytes(2, "big") if known else encode_schema(schema)
        return pieces.block(pieces.SCHEMA, body, self.number)

    def is_full(self, schema: Schema) -> bool:
        """Say whether no further schema can be defined here."""
        return len(self.chains) >= _SCHEMAS_LIMIT and self._place(schema.id) is None

    def encode(self, records: "list[Record]", schema: Schema) -> "tuple[bytearray, int]":
        """Return a piece of records from the front, and how many are in it, at least one.

        records: of a defined schema, with consecutive sequences from `sequence` on.
        """
        place: int = self._place(schema.id)  # type: ignore[assignment]  # it is defined
        out, chain, taken = BitWriter(), self.chains[place], 0
        if place == 0 and len(records) == 1 and chain.is_ordinary(records[0]):
            out.put(0, 1)
            chain.put(out, records[0], True)
            taken = 1
        else:
            out.put(_HEAD | place, _HEAD_BITS)
        while taken < min(len(records), RECORDS_LIMIT) and out.length < _FULL_BITS:
            ordinary = chain.is_ordinary(records[taken])
            out.put(ordinary, 1)
            chain.put(out, records[taken], ordinary)
            taken += 1
        if out.body[0] & _HEAD << 1:
            out.body[0] |= taken - 1 << 3
        self.sequence += taken
        self._crc = pieces.seal(out.body, out.length, self._crc)
        return out.body, taken

    # --- reading ---

    def define(self, body: bytes) -> None:
        """Take a definition's body. Raises StoreError or FrameError when it means nothing."""
        schema = known_schema(int.from_bytes(body, "big")) if len(body) == 2 else None
        if schema is None:
            from barri_wire.schema_decoder import decode_schema

            schema = decode_schema(body)
        if len(self.chains) < _SCHEMAS_LIMIT:
            self.chains.append(Chain(schema))

    def decode(self, page: memoryview, start: int) -> "tuple[int, list[Record], Schema]":
        """Return where a piece ends, its records and their schema.

        Raises StoreError when there is no valid one: then nothing can be read on from here.
        """
        bits = BitReader(page, start, len(page))
        alone = not bits.take(1)
        count, place = (1, 0) if alone else (bits.take(4) + 1, bits.take(2))
        if count > RECORDS_LIMIT or place >= len(self.chains):
            raise StoreError(StoreError.DAMAGED, "no records")
        chain, records = self.chains[place], []
        for sequence in range(self.sequence, self.sequence + count):
            records.append(chain.take(bits, sequence, alone or bits.take(1) == 1))
        end, self._crc = pieces.sealed(page, start, bits.place - 8 * start, self._crc)
        if not end:
            raise StoreError(StoreError.DAMAGED, "check")
        self.sequence += count
        return end, records, chain.schema

    def _place(self, schema_id: int) -> "int | None":
        for place, chain in enumerate(self.chains):
            if chain.schema.id == schema_id:
                return place
        return None


def check(start_s: int, duration_s: int, values: "tuple[int | None, ...]", schema: Schema) -> None:
    """Raise StoreError(BAD_RECORD) for a record that cannot be kept."""
    if len(values) != len(schema.channels):
        raise StoreError(StoreError.BAD_RECORD, "one value or None per channel of the schema")
    if not (0 <= start_s < 1 << 32 and 1 <= duration_s <= LONGEST_DURATION_S):
        raise StoreError(StoreError.BAD_RECORD, "start or duration out of range")
    for value in values:
        if value is not None and not -0x80000000 <= value <= 0x7FFFFFFF:
            raise StoreError(StoreError.BAD_RECORD, "a value has 32 bits")


def together(waiting: "list[tuple[Record, Schema]]") -> "list[Record]":
    """Return the records from the front that may share a piece: consecutive, and of one schema."""
    front, schema = waiting[0]
    records: "list[Record]" = []
    for record, other in waiting[:RECORDS_LIMIT]:
        if other.id != schema.id or record.sequence != front.sequence + len(records):
            break
        records.append(record)
    return records
