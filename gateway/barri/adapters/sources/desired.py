# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A source that tells nodes what people desire of them, until they report that it is in force.

Stands behind the check of seals: it speaks only to nodes whose line proves that it is us. What is
desired is looked up anew every few seconds, and what is unwanted is cut out of frames from then
on, whatever the node does. What nodes report is kept for people to see.
"""

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from barri.adapters.sources.cutting import cut
from barri.domain.desired import Desired, Reported
from barri.errors import BarriError, StoreError
from barri.ports import Arrival, Clock, Inbox, Source
from barri_wire.errors import FrameError
from barri_wire.messages_desired import REFUSED_OLDER, decode_reported, encode_desired
from barri_wire.schema import Schema
from barri_wire.unwanted import hidden

LOOK_EVERY_S = 2.0
GRACE_S = 0.5  # right after its hello a node that may have obeyed reports it by itself
EVERY_S = 0.02  # between two nodes, so that records are heard in between
FIRST_RETRY_S = 15.0  # then twice as long each time
MOST_TRIES = 6  # after each hello, and of each version
NODES_LIMIT = 4096

logger = logging.getLogger(__name__)


@dataclass
class _Line:
    """What is known of a node in this conversation. told: the version last sent, and how often.

    refused: a version that it cannot take. at_s: when to tell it next, of the monotonic clock.
    waits: it may have obeyed since the conversation before, and is given a moment to say so.
    """

    at_s: float
    waits: bool = False
    in_force: int = 0
    told: int = 0
    times: int = 0
    refused: int = 0

    def needs(self, desired: Desired, now_s: float) -> bool:
        """Say whether it is to be told now; a change of mind is told at once."""
        version = desired.version
        if version <= self.in_force or version == self.refused:
            return False
        if self.told not in (0, version):
            return True
        return now_s >= self.at_s and self.times < MOST_TRIES

    def told_now(self, version: int, now_s: float) -> None:
        """Note a telling, and when it is to be repeated."""
        self.times = self.times + 1 if version == self.told else 1
        self.at_s = now_s + FIRST_RETRY_S * 2 ** (self.times - 1)
        self.told = version


class DesiredSource:
    """source: where nodes are heard and told. desired(): what is desired, by node.

    is_safe(node): its line proves to it who we are. schema_of(node, id): what it means by an id.
    note(reports): keeps what nodes report. All may raise StoreError: then it is tried again.
    """

    def __init__(
        self,
        source: Source,
        desired: Callable[[], dict[str, Desired]],
        is_safe: Callable[[str], bool],
        schema_of: Callable[[str, int], Schema | None],
        note: Callable[[Iterable[Reported]], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._source = source
        self._desired = desired
        self._is_safe = is_safe
        self._schema_of = schema_of
        self._note = note
        self._clock = clock
        self._lines: OrderedDict[str, _Line] = OrderedDict()
        self._reported: dict[str, Reported] = {}  # not yet kept
        self._known: dict[str, Desired] | None = None  # as of the last look
        self._looked_s = 0.0
        self._news = asyncio.Event()  # somebody is to be told before the next look
        self.counts: Counter[str] = Counter()

    async def run(self, inbox: Inbox) -> None:
        """Receive and tell until cancelled."""
        await self._look()
        telling = asyncio.create_task(self._tell_for_ever())
        try:
            await self._source.run(_Door(inbox, self))
        finally:
            telling.cancel()

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        """Send down, as the source does."""
        await self._source.send(node, kind, payload)

    # --- what comes up ---

    def offer(self, arrival: Arrival, inbox: Inbox) -> bool:
        """Keep a report for ourselves; pass on what may be seen, and note who is there."""
        if arrival.kind != "reported":
            allowed = self._allowed(arrival)
            taken = allowed is not None and inbox.offer(allowed)
            if taken and (arrival.kind == "hello" or arrival.node not in self._lines):
                self._is_there(arrival.node)
            return taken
        arrival.settled()
        try:
            self._on_report(arrival)
        except FrameError as error:
            self.counts["unreadable"] += 1
            logger.warning("%s: %s (reported)", arrival.node, error.reason)
        return True

    def _allowed(self, arrival: Arrival) -> Arrival | None:
        """What may be kept of an arrival; None while nobody knows: nodes send again."""
        if self._known is None:
            return None
        desired = self._known.get(arrival.node)
        if arrival.kind != "frame" or desired is None or not desired.unwanted:
            return arrival
        try:
            schema_of = partial(self._schema_of, arrival.node)
            payload = cut(arrival.payload, hidden(desired.unwanted), schema_of)
        except StoreError:
            return None
        if payload is arrival.payload:
            return arrival
        self.counts["cut"] += 1
        return replace(arrival, payload=payload)

    def _is_there(self, node: str) -> None:
        """It is told at once, if at all: a node on a battery sleeps again in a moment."""
        waits = self._may_have_obeyed(node)
        self._lines[node] = _Line(self._clock.monotonic_s() + waits * GRACE_S, waits)
        self._lines.move_to_end(node)
        self._news.set()
        if len(self._lines) > NODES_LIMIT:
            self._lines.popitem(last=False)

    def _may_have_obeyed(self, node: str) -> bool:
        before, desired = self._lines.get(node), (self._known or {}).get(node)
        if before is None or desired is None:
            return False
        told = before.told >= desired.version and not before.waits
        return told or before.in_force >= desired.version

    def _on_report(self, arrival: Arrival) -> None:
        said = decode_reported(arrival.payload)
        if arrival.node not in self._lines:
            self._is_there(arrival.node)
        line = self._lines[arrival.node]
        line.in_force = said.version
        if said.result > REFUSED_OLDER:
            line.refused = line.told
        reported = Reported(arrival.node, said.version, said.result, arrival.arrival_s)
        self._reported[arrival.node] = reported

    # --- what goes down ---

    async def _tell_for_ever(self) -> None:
        while True:
            await self._wait()
            if self._clock.monotonic_s() - self._looked_s >= LOOK_EVERY_S:
                await self._look()
            try:
                await self._tell(self._known or {})
                await self._keep_reports()
            except StoreError as error:
                logger.warning("nodes are not told what is desired of them: %s", error)

    async def _wait(self) -> None:
        """Until it is time to look, or until somebody has come who may be told."""
        waits = [
            asyncio.ensure_future(self._clock.sleep(LOOK_EVERY_S)),
            asyncio.ensure_future(self._news.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._news.clear()

    async def _look(self) -> None:
        """See what is desired now; what was stays while it cannot be seen."""
        self._looked_s = self._clock.monotonic_s()
        try:
            self._known = await asyncio.to_thread(self._desired)
        except BarriError as error:
            logger.warning("what is desired of nodes cannot be read: %s", error)

    async def _keep_reports(self) -> None:
        if self._reported:
            kept = dict(self._reported)
            await self._note(kept.values())
            for node, reported in kept.items():
                if self._reported[node] is reported:
                    del self._reported[node]

    async def _tell(self, desired: dict[str, Desired]) -> None:
        for node, line in list(self._lines.items()):
            if node not in desired or not line.needs(desired[node], self._clock.monotonic_s()):
                continue
            line.told_now(desired[node].version, self._clock.monotonic_s())
            if not self._is_safe(node):
                self.counts["not_safe"] += 1
                continue
            self.counts["told"] += 1
            await self._source.send(node, "desired", encode_desired(desired[node].message()))
            await self._clock.sleep(EVERY_S)


class _Door:
    """The inbox behind it."""

    def __init__(self, inbox: Inbox, desired: DesiredSource) -> None:
        self._inbox = inbox
        self._desired = desired

    def offer(self, arrival: Arrival) -> bool:
        return self._desired.offer(arrival, self._inbox)
