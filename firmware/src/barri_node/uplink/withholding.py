# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Records kept before their owner said "do not measure": with an unwanted value in them they are
never sent, but declared void. It needs no note of its own, so no power cut can undo it.

Loaded only where something is unwanted.
"""

from micropython import const

from barri_node.uplink.outbox import Outbox
from barri_wire.messages_up import VOID_WITHHELD
from barri_wire.unwanted import hidden, places

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Collection

    from barri_node.store.ringlog import RingLog
    from barri_wire.record import Record

_MOST_RECORDS = const(8)  # as many as go into a frame


class Withholding(Outbox):
    """As `Outbox`. unwanted: names of quantities."""

    def __init__(self, log: "RingLog", unwanted: "Collection[str]") -> None:
        super().__init__(log)
        self._hidden = hidden(unwanted)

    def _encode(self, first: int, count: int, max_bytes: int) -> "tuple[bytes | None, int, int]":
        """A frame that ends before the first record to be withheld; no frame if that is first."""
        found = self._log.read(first, min(count, _MOST_RECORDS))
        records = [record for record in found if record.sequence < first + count]
        unwanted_at = self._places(records)
        kept = _run(records, unwanted_at, False)
        if not records or kept:
            count = records[kept - 1].sequence + 1 - first if kept < len(records) else count
            return super()._encode(first, count, max_bytes)
        start, withheld = records[0].sequence, _run(records, unwanted_at, True)
        self._to_declare.append((start, withheld, VOID_WITHHELD))
        return None, start, start + withheld

    def _places(self, records: "list[Record]") -> "list[int]":
        """Where unwanted values stand in these records, which have one schema."""
        if not records:
            return []
        return places(self._log.schema_of(records[0].sequence), self._hidden)


def _run(records: "list[Record]", unwanted_at: "list[int]", unwanted: bool) -> int:
    """How many records from the first on have an unwanted value, or have none."""
    for n, record in enumerate(records):
        if any([record.values[i] is not None for i in unwanted_at]) != unwanted:
            return n
    return len(records)
