# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One sink's values: commit a batch, send it, note the answer; ask when there was none.

At most one batch is in flight. A batch that is there when nothing is under way was interrupted:
it is in doubt. Must not import adapters.
"""

from collections.abc import Awaitable, Callable
from math import ceil

import structlog

from barri.domain.sharing import Gate
from barri.errors import BarriError, SinkInDoubtError, SinkRefusedError, SinkTooLargeError
from barri.ports import Clock, Receipt, Sink
from barri.rows import Batch, DecidedRow, Ledger, Notice, NoticeCode, Rows, StreamRow
from barri.services.choosing import BACKLOG, Chosen, choose, fit
from barri.services.doubt import Inquiry, enter
from barri.services.pacing import Pacing, Waiting

PARKED = "parked"
UNKNOWN = "the platform does not know the stream yet"
OFF = "the stream is switched off at the platform"

log = structlog.get_logger()


class Dispatch:
    """Sends what was decided for one sink. Raises SinkError and StoreError."""

    def __init__(
        self, sink: Sink, ledger: Ledger, clock: Clock, pacing: Pacing, waiting: Waiting
    ) -> None:
        self._sink = sink
        self._ledger = ledger
        self._clock = clock
        self._pacing = pacing
        self._waiting = waiting
        self._most_bytes = sink.most_bytes

    # In doubt.

    async def resolve(self, gate: Gate) -> bool:
        """Learn what became of a batch that is in doubt; say whether something was done."""
        now_s, name = self._clock.now_s(), self._sink.name
        batch = await self._ledger.read(lambda rows: rows.delivery.batch(name))
        if batch is None or (batch.doubt_s is not None and now_s < batch.next_s):
            return False
        if batch.doubt_s is None:
            await self._ledger.write(lambda rows: enter(rows, batch, now_s, self._pacing))
            return True
        streams = await self._ledger.read(lambda rows: rows.delivery.streams(name))
        inquiry = Inquiry(batch, streams, gate, now_s, self._sink.retention_s)
        await inquiry.ask(self._sink)
        self._waiting.worked()
        batch.next_s = now_s + ceil(self._pacing.settle_s)
        over = inquiry.is_over(self._pacing)

        def note(rows: Rows) -> None:
            if over:
                inquiry.conclude(rows.delivery)
            else:
                rows.delivery.put_batch(batch)

        await self._ledger.write(note)
        return True

    # Sending.

    async def deliver(self, gate: Gate, look: Callable[[], Awaitable[Gate]]) -> bool:
        """Send the next batch, if there is one; say whether something was done.

        look: reads the settings again; called between the commit and the request.
        """
        now_s = self._clock.now_s()
        if not await self._ledger.read(lambda rows: self._has_work(rows, gate, now_s)):
            return False
        batch = await self._ledger.write(lambda rows: self._commit(rows, gate, now_s))
        if batch is None:
            return True
        if not await self._is_still_allowed(batch, await look()):
            return True
        await self._send(batch)
        return True

    def _has_work(self, rows: Rows, gate: Gate, now_s: int) -> bool:
        if rows.delivery.batch(self._sink.name) is not None:
            return False
        chosen = self._choose(rows, gate, now_s)
        return bool(chosen.pairs or chosen.stale)

    def _choose(self, rows: Rows, gate: Gate, now_s: int) -> Chosen:
        lanes = self._waiting.lanes(now_s)
        return choose(rows.delivery, self._sink, gate, now_s, lanes, self._pacing)

    def _commit(self, rows: Rows, gate: Gate, now_s: int) -> Batch | None:
        """Choose anew, within the transaction that keeps the bytes and keys."""
        chosen = self._choose(rows, gate, now_s)
        rows.delivery.forget(chosen.stale)
        batch = fit(chosen, self._sink.encode, self._most_bytes, self._sink.name, now_s)
        if batch is not None:
            rows.delivery.put_batch(batch)
        elif chosen.pairs:
            advice = f"not even one value fits into {self._most_bytes} bytes: raise the limit"
            raise SinkRefusedError(advice, "too_long")
        return batch

    async def _is_still_allowed(self, batch: Batch, gate: Gate) -> bool:
        """Withdraw a batch that was committed but not sent when a choice came in between."""

        def ended(rows: Rows) -> list[int]:
            carried = {row.stream for row in batch.rows}
            return [
                stream.id
                for stream in rows.delivery.streams(batch.sink)
                if stream.id in carried and not gate.is_open(stream.era)
            ]

        gone = await self._ledger.read(ended)
        if gone:
            await self._ledger.write(lambda rows: _take_back(rows, batch, gone))
        return not gone

    async def _send(self, batch: Batch) -> None:
        try:
            receipt = await self._sink.send(batch.body)
        except SinkInDoubtError:
            now_s = self._clock.now_s()
            await self._ledger.write(lambda rows: enter(rows, batch, now_s, self._pacing))
            raise
        except SinkTooLargeError as error:
            await self._ledger.write(lambda rows: rows.delivery.drop_batch(batch.sink))
            self._shrink(batch, error)
            return
        except BarriError:  # all others say that nothing was stored
            await self._ledger.write(lambda rows: rows.delivery.drop_batch(batch.sink))
            raise
        self._waiting.worked()
        self._waiting.sent(self._clock.now_s(), is_backlog=batch.lane == BACKLOG)
        await self._ledger.write(lambda rows: self._settle(rows, batch, receipt))

    def _shrink(self, batch: Batch, error: SinkTooLargeError) -> None:
        """Make smaller bodies from now on, as small as the platform says or half as long."""
        half = len(batch.body) // 2
        self._most_bytes = min(error.limit_bytes or half, len(batch.body) - 1)
        log.info("forward.smaller", sink=batch.sink, most_bytes=self._most_bytes)

    def _settle(self, rows: Rows, batch: Batch, receipt: Receipt) -> None:
        """Note what was stored; park what was not."""
        streams = {stream.id: stream for stream in rows.delivery.streams(batch.sink)}
        refused = receipt.unknown | receipt.off
        rows.delivery.drop_batch(batch.sink)
        rows.delivery.settle(row for row in batch.rows if streams[row.stream].era not in refused)
        arrived = {streams[row.stream].era for row in batch.rows} - refused
        rows.delivery.drop_notices(batch.sink, map(_parked, arrived))
        for stream in streams.values():
            carried = [row for row in batch.rows if row.stream == stream.id]
            if carried and stream.era in refused:
                self._park(rows, stream, carried, is_off=stream.era in receipt.off)

    def _park(
        self, rows: Rows, stream: StreamRow, carried: list[DecidedRow], is_off: bool
    ) -> None:
        """Try again later: soon while the platform is still learning of the stream."""
        if stream.closed_s is not None:
            rows.delivery.forget(carried)
            return
        now_s, pacing = self._clock.now_s(), self._pacing
        learning = now_s < rows.delivery.registered_s(stream.id) + pacing.unknown_grace_s
        reason = OFF if is_off else UNKNOWN
        soon = learning and not is_off
        next_s = now_s + (pacing.unknown_retry_s if soon else pacing.park_s)
        rows.delivery.except_rows(carried, PARKED, reason, now_s, next_s)
        if not soon:
            code: NoticeCode = "off_there" if is_off else "unknown_there"
            notice = Notice(code, {**stream.datastream._asdict(), "series": stream.era})
            rows.delivery.notice(stream.sink, _parked(stream.era), notice, now_s)


def _parked(era: str) -> str:
    """What the notice about a stream with parked values is filed under."""
    return f"parked:{era}"


def _take_back(rows: Rows, batch: Batch, gone: list[int]) -> None:
    rows.delivery.drop_batch(batch.sink)
    rows.delivery.forget(row for row in batch.rows if row.stream in gone)
