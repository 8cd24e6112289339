# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A batch of which nobody knows what was stored: ask the platform, then send only what is missing.

Asked after a settle time, twice, at explicit moments, and only as long as the platform keeps
what it got. Must not import adapters.
"""

from collections.abc import Iterable
from math import ceil

from barri.domain.sharing import Gate
from barri.ports import Sink
from barri.rows import Batch, DecidedRow, DeliveryRows, Rows, StreamRow
from barri.services.pacing import Pacing

AGAIN = "again"
UNRESOLVED = "unresolved"


def enter(rows: Rows, batch: Batch, now_s: int, pacing: Pacing) -> None:
    """Note that a batch is in doubt from now on."""
    batch.doubt_s = now_s
    batch.next_s = now_s + ceil(pacing.settle_s)
    rows.delivery.put_batch(batch)


class Inquiry:
    """What the platform holds of a batch, asked once."""

    def __init__(
        self, batch: Batch, streams: Iterable[StreamRow], gate: Gate, now_s: int, retention_s: int
    ) -> None:
        """streams: of the sink. Those that have ended are not asked for any more."""
        self._batch = batch
        streams = list(streams)
        self._eras = {stream.id: stream.era for stream in streams if gate.is_open(stream.era)}
        self._withdrawn = {stream.id for stream in streams if gate.is_withdrawn(stream.era)}
        self._now_s = now_s
        self._too_old = batch.made_s < now_s - retention_s  # the platform keeps it no more
        self.other: set[tuple[int, int]] = set()  # held at that moment with another value

    async def ask(self, sink: Sink) -> None:
        """Read back every stream. Raises SinkError; then the check does not count."""
        found = set()
        for stream, era in self._eras.items():
            rows = [row for row in self._open_rows() if row.stream == stream]
            if rows:
                held = await sink.read_back(era, [row.window.end_s for row in rows])
                found |= {_key(row) for row in rows if row.value_text in _at(held, row)}
                self.other |= {
                    _key(row)
                    for row in rows
                    if _at(held, row) and row.value_text not in _at(held, row)
                }
        self._batch.found |= found
        self._batch.checks += 1

    def is_over(self, pacing: Pacing) -> bool:
        """Say whether nothing more can be learnt."""
        return not self._open_rows() or self._batch.checks >= pacing.checks

    def conclude(self, delivery: DeliveryRows) -> None:
        """Settle what is there; what is missing goes again; what cannot be known is shown."""
        batch, now_s = self._batch, self._now_s
        missing = [row for row in batch.rows if _key(row) not in batch.found]
        withdrawn = [row for row in missing if row.stream in self._withdrawn]
        changed = [
            row
            for row in missing
            if row.stream not in self._eras and row.stream not in self._withdrawn
        ]
        asked = [row for row in missing if row.stream in self._eras]
        other = [row for row in asked if _key(row) in self.other]
        silent = [row for row in asked if _key(row) not in self.other]
        old, again = (silent, []) if self._too_old else ([], silent)
        delivery.drop_batch(batch.sink)
        delivery.settle(row for row in batch.rows if _key(row) in batch.found)
        delivery.forget(withdrawn)  # erasure is asked for, whether they arrived or not
        delivery.except_rows(changed, UNRESOLVED, "the choice changed meanwhile", now_s, 0)
        delivery.except_rows(old, UNRESOLVED, "sent longer ago than the platform keeps", now_s, 0)
        delivery.except_rows(other, UNRESOLVED, "another value is there", now_s, 0)
        delivery.except_rows(again, AGAIN, "was in doubt, is missing", now_s, now_s)

    def _open_rows(self) -> list[DecidedRow]:
        """What there is still something to learn about."""
        return [
            row
            for row in self._batch.rows
            if _key(row) not in self._batch.found
            and row.stream in self._eras
            and not self._too_old
        ]


def _key(row: DecidedRow) -> tuple[int, int]:
    return row.stream, row.position


def _at(held: dict[int, set[str]], row: DecidedRow) -> set[str]:
    return held.get(row.window.end_s, set())
