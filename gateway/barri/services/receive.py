# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The receiver: from the inbox into the log, and answers after the commit, never before.

Sources put arrivals into the inbox; this task gathers them into commits and answers with
acknowledgements, the time, requests for schemas, and refusals.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from functools import partial

from barri.domain.holding import Key
from barri.errors import StoreError
from barri.ports import Arrival, Clock, Log, LogWriter, Source
from barri.services.inbox import BoundedInbox, Entry
from barri.services.intake import Intake, Outcome
from barri.services.pace import Pace
from barri_wire import EPOCH_2000_UNIX_S
from barri_wire.messages import (
    Refusal,
    SchemaRequest,
    Time,
    encode_ack,
    encode_refusal,
    encode_schema_request,
    encode_time,
)

GROUP_COUNT = 200  # arrivals in one commit
GROUP_TIME_S = 0.05  # how long the first of them waits for others
FIRST_PAUSE_S = 1.0  # before writing again after the disk refused
LONGEST_PAUSE_S = 30.0
REQUEST_EVERY_S = 60.0
REFUSE_EVERY_S = 10.0

logger = logging.getLogger(__name__)


class Receiver:
    """Receives until cancelled. `counts` says what happened since the start.

    log: where it goes. inbox: shared by all sources, bounded. sources: run by `run`.
    """

    def __init__(
        self, log: Log, inbox: BoundedInbox, sources: Sequence[Source], clock: Clock
    ) -> None:
        self._log = log
        self._inbox = inbox
        self._sources = sources
        self._clock = clock
        self._intake = Intake(log.state())
        self._requested = Pace(REQUEST_EVERY_S)
        self._refused = Pace(REFUSE_EVERY_S)
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Run the sources and store what they bring. Ends with the first source that fails."""
        async with asyncio.TaskGroup() as group:
            for source in self._sources:
                group.create_task(source.run(self._inbox.door(source)))
            group.create_task(self._receive())

    def time_is_trusted(self) -> bool:
        """Say whether the clock is synchronised and not behind the newest entry of the log."""
        return self._clock.synchronised() and self._clock.now_s() >= self._intake.newest_arrival_s

    async def _receive(self) -> None:
        while True:
            await self._inbox.wait_for(1)
            await self._gather()
            await self.store(self._inbox.take(GROUP_COUNT))

    async def _gather(self) -> None:
        """Wait a moment for company, so that many arrivals share one commit."""
        if len(self._inbox) >= GROUP_COUNT:
            return
        waits = [
            asyncio.ensure_future(self._clock.sleep(GROUP_TIME_S)),
            asyncio.ensure_future(self._inbox.wait_for(GROUP_COUNT)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def store(self, entries: Sequence[Entry]) -> None:
        """Commit some arrivals, then answer. Keeps trying while the disk refuses."""
        try:
            outcome = await self._commit([entry.arrival for entry in entries])
        except Exception:  # a defect of ours must not stop the others, nor go round and round
            logger.exception("arrivals could not be judged; one of them goes to quarantine")
            await self._store_one_by_one(entries)
            return
        await self._finish(entries, outcome)

    async def _commit(self, arrivals: Sequence[Arrival]) -> Outcome:
        trusted = self.time_is_trusted()

        def work(writer: LogWriter) -> Outcome:
            return self._intake.take(arrivals, writer, trusted)

        pause_s = FIRST_PAUSE_S
        while True:
            try:
                outcome = await self._log.write(work)
            except StoreError as error:
                logger.error("nothing can be stored, trying again: %s", error)
                self.counts["commits_failed"] += 1
                await self._clock.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                self._intake.keep()
                return outcome

    async def _store_one_by_one(self, entries: Sequence[Entry]) -> None:
        """Find the arrival that nobody can handle; all others are stored."""
        for entry in entries:
            arrival = entry.arrival
            try:
                outcome = await self._commit([arrival])
            except Exception as error:  # noqa: BLE001 - named in the quarantine, logged before
                reason = f"defect: {type(error).__name__}"
                outcome = await self._log.write(partial(self._set_aside, arrival, reason))
            await self._finish([entry], outcome)

    def _set_aside(self, arrival: Arrival, reason: str, writer: LogWriter) -> Outcome:
        return self._intake.set_aside(arrival, writer, reason)

    async def _finish(self, entries: Sequence[Entry], outcome: Outcome) -> None:
        """The commit is on the disk: tell sources and nodes."""
        self.counts += outcome.counts
        for entry in entries:
            entry.arrival.settled()
        sources = {entry.arrival.node: entry.source for entry in entries}
        for key in outcome.acks:
            ack = encode_ack(self._intake.ack(key))
            await self._send(sources[key.node], key.node, "ack", ack)
        for node, token in outcome.times:
            await self._send_time(sources[node], node, token)
        for node, schema_id in outcome.requests:
            if self._requested.ready((node, schema_id), self._clock.monotonic_s()):
                request = encode_schema_request(SchemaRequest(schema_id))
                await self._send(sources[node], node, "schema", request)
        for code, key in outcome.refusals:
            await self._refuse(sources[key.node], code, key)

    async def _send_time(self, source: Source | None, node: str, token: int) -> None:
        """Tell the time, unless our own cannot be trusted."""
        if self.time_is_trusted():
            now_ms = self._clock.now_ms()
            time = Time(token, now_ms // 1000 - EPOCH_2000_UNIX_S, now_ms % 1000)
            await self._send(source, node, "time", encode_time(time))

    async def _refuse(self, source: Source | None, code: int, key: Key) -> None:
        if self._refused.ready((code, key), self._clock.monotonic_s()):
            refusal = encode_refusal(Refusal(code, key.store_id))
            await self._send(source, key.node, "refuse", refusal)

    async def _send(self, source: Source | None, node: str, kind: str, payload: bytes) -> None:
        if source is not None:
            await source.send(node, kind, payload)
