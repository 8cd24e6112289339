# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Fakes for the receiver's tests: a clock, a source that notes what it is told, a gateway."""

import asyncio
from pathlib import Path

from barri.adapters.stores.database import Database
from barri.adapters.stores.log import FrameLog, read_frames
from barri.domain.ranges import is_fresh
from barri.ports import Arrival, Inbox
from barri.services.inbox import BoundedInbox, Entry
from barri.services.receive import Receiver
from barri_wire.frame import decode_frame, encode_frame
from barri_wire.messages import Ack, Hello, Void, decode_ack, encode_hello, encode_void
from barri_wire.record import Record
from barri_wire.schema import KITS, Schema

NOW_S = 1_780_000_000
STORE = 4711
NODE = "balcony1"
AIR = KITS["air"]


class FakeClock:
    """A clock that the test sets. Sleeping takes no time but lets others run."""

    def __init__(self, now_s: int = NOW_S, synced: bool = True) -> None:
        self.time_s = float(now_s)
        self.synced = synced

    def now_s(self) -> int:
        return int(self.time_s)

    def now_ms(self) -> int:
        return int(self.time_s * 1000)

    def monotonic_s(self) -> float:
        return self.time_s

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def synchronised(self) -> bool:
        return self.synced


class FakeSource:
    """Notes what is sent down."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes]] = []

    async def run(self, inbox: Inbox) -> None:
        await asyncio.Event().wait()

    async def send(self, node: str, kind: str, payload: bytes) -> None:
        self.sent.append((node, kind, payload))

    def take(self, kind: str) -> list[bytes]:
        """Return and forget what was sent of a kind."""
        taken = [payload for _, sent_kind, payload in self.sent if sent_kind == kind]
        self.sent = [entry for entry in self.sent if entry[1] != kind]
        return taken

    def last_ack(self) -> Ack:
        return decode_ack(self.take("ack")[-1])


class Gateway:
    """Database, log and receiver over one file, fed directly."""

    def __init__(self, path: Path, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.database = Database(path)
        self.source = FakeSource()
        self.inbox = BoundedInbox()
        self.settled = 0
        self._progress = asyncio.Event()
        self.receiver = Receiver(FrameLog(self.database), self.inbox, [self.source], self.clock)

    def _settle(self) -> None:
        self.settled += 1
        self._progress.set()

    async def settled_reaches(self, count: int) -> None:
        """Wait until so many arrivals were settled."""
        while self.settled < count:
            self._progress.clear()
            await self._progress.wait()

    def arrival(self, kind: str, payload: bytes, node: str = NODE) -> Arrival:
        return Arrival(node, kind, payload, self.clock.now_s(), self._settle)

    def feed(self, *arrivals: Arrival) -> None:
        """Let arrivals come in together."""
        asyncio.run(self.receiver.store([Entry(arrival, self.source) for arrival in arrivals]))

    def frame(self, body: bytes, node: str = NODE) -> None:
        self.feed(self.arrival("frame", body, node))

    def records(self, node: str = NODE, store_id: int = STORE) -> list[Record]:
        """Return every record that counts, in the order of the log."""
        rows = self.database.read(lambda c: read_frames(c, 0, 1_000_000))
        return [
            record
            for row in rows
            if (row.node, row.store_id) == (node, store_id)
            for i, record in enumerate(decode_frame(row.body, AIR))
            if is_fresh(row.fresh, i)
        ]

    def sequences(self, node: str = NODE, store_id: int = STORE) -> list[int]:
        return [record.sequence for record in self.records(node, store_id)]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.database.read(lambda c: list(c.execute(query)))

    def close(self) -> None:
        self.database.close()


def record(sequence: int, seed: int = 0) -> Record:
    """Return a record whose content follows from its sequence (and the seed)."""
    values = (2000 + sequence % 100, 500, 10130, 3 + seed, 1, 2, 3, 90)
    return Record(sequence, 800_000_000 + 10 * sequence, 10, values)


def frame(
    first: int, count: int, store_id: int = STORE, seed: int = 0, schema: Schema = AIR
) -> bytes:
    """Return a frame of consecutive records."""
    records = [record(first + i, seed) for i in range(count)]
    if schema is not AIR:
        width = len(schema.channels)
        records = [Record(r.sequence, r.start_s, 10, r.values[:width]) for r in records]
    body, taken = encode_frame(schema, store_id, records, 16_000)
    assert taken == count
    return body


def hello(
    next_sequence: int = 0,
    oldest: int = 0,
    boot: int = 1,
    uptime_s: int = 5,
    anchors: list[tuple[int, int, int]] | None = None,
) -> bytes:
    stores = [(STORE, oldest, next_sequence)]
    return encode_hello(Hello(boot, uptime_s, stores, anchors or [], False, "0.1.0"))


def void(*ranges: tuple[int, int, int]) -> bytes:
    return encode_void(Void(STORE, list(ranges)))


def alarms(gateway: Gateway) -> list[tuple[object, ...]]:
    return gateway.rows("SELECT node, store_id, kind FROM alarm")
