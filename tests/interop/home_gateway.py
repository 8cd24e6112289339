# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A home with two Things and our own gateway behind them, on real files, in simulated time.

Real: home.db, gateway.db, the frames, the Deriver, the Forwarder, the sink, and HTTP. Simulated:
the clock, and what the sensors measured. Remembers all that was measured, for comparing.
"""

import asyncio
import random
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from city_platforms import Platform

from barri.adapters.sinks.sentilo import SentiloSettings, SentiloSink
from barri.adapters.stores.database import Database
from barri.adapters.stores.home import Home, HomeReader
from barri.adapters.stores.ledger import Ledger
from barri.adapters.stores.log import FrameLog, LogWriter
from barri.domain.holding import Key
from barri.domain.household import Board, Recipient, Thing
from barri.domain.secret import Secret
from barri.ports import NewFrame
from barri.rows import Count
from barri.services.derive import Deriver
from barri.services.forward import Forwarder
from barri_wire import EPOCH_2000_UNIX_S
from barri_wire.frame import encode_frame
from barri_wire.record import Record
from barri_wire.schema import KITS

# Half an hour before the clocks of Barcelona jump from 2 to 3: local time must not matter.
START_S = int(datetime(2026, 3, 29, 0, 30, tzinfo=UTC).timestamp())
RECORD_S = 10
BALCONY = Thing("balcony", "Balcó de la Núria", "air", False, 41.385063, 2.173404)
HALL = Thing("hall", "Rebedor d'en Jofre", "noise", True, 41.387219, 2.170052)
NODES = {BALCONY.id: "a1b2c3", HALL.id: "d4e5f6"}
# What must be in no byte that leaves: names, Things, boards, places finer than a square km.
PLANTED = (
    *("balc", "ria", "rebedor", "jofre", "hall", "a1b2c3", "d4e5f6"),
    *("41.385", "2.1734", "41.3872", "2.1700"),
)
STORE_ID = 77
_HASH = "$7$101$c2FsdA==$aGFzaA=="
_RANGES = {
    "temperature": (-500, 3500),
    "humidity": (200, 999),
    "pm2_5": (0, 80),
    "laeq": (380, 820),
    "lafmax": (500, 950),
}


class SimulatedClock:
    """Time goes on only when told to."""

    def __init__(self, now_s: int) -> None:
        self.s = now_s

    def now_s(self) -> int:
        return self.s

    def now_ms(self) -> int:
        return self.s * 1000

    def monotonic_s(self) -> float:
        return float(self.s)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("steps are taken by the test, which never sleeps")

    def synchronised(self) -> bool:
        return True


class Measured(NamedTuple):
    """One reading, in integer steps of quantities.py."""

    thing: str
    quantity: str
    start_s: int
    value: int


class HomeGateway:
    """One home, one gateway, one recipient that is a platform and one that is not."""

    def __init__(self, folder: Path, platform: Platform, url: str) -> None:
        self.clock = SimulatedClock(START_S)
        self.measured: list[Measured] = []
        self._platform = platform
        self._random = random.Random(20260329)
        self._sequence = 0
        self._database = Database(folder / "gateway.db")
        self._log = FrameLog(self._database)
        self._frames = 0
        self._frames_kept: list[tuple[Key, list[Record], bytes]] = []
        self.nodes_are_away = False  # what they measure waits with them until they are back
        self._loop = asyncio.Runner()
        self.home = _household(folder / "home.db")
        self._reader = HomeReader(folder / "home.db")
        ledger = Ledger(self._database)
        self._deriver = Deriver(ledger, self._reader, self.clock)
        settings = SentiloSettings("city", url, platform.provider, Secret(platform.token))
        sinks = [SentiloSink(settings)]
        self._forwarder = Forwarder(ledger, self._reader, self.clock, sinks, dice=lambda: 0.5)

    def close(self) -> None:
        """Close all files."""
        self._loop.close()
        self._reader.close()
        self.home.close()
        self._database.close()

    def choose(
        self, thing: Thing, quantity: str, kind: str, window_s: int = 0, recipient: str = "city"
    ) -> str:
        """Decide now, as on the page; returns the era."""
        now_s = self.clock.now_s()
        chosen = self.home.choose(
            thing.id, quantity, 0, recipient, kind, window_s, now_s, measured_window_s=RECORD_S
        )
        return chosen.era

    def live(self, minutes: int, missing: float = 0.0) -> None:
        """Both Things measure for so many minutes; the gateway does its work every 20 s.

        missing: the share of readings that sensors did not give. Begins at a whole minute.
        """
        self.wait(-self.clock.s % 60)
        for _ in range(minutes):
            minute_s = self.clock.s
            self.wait(60)
            for thing in (BALCONY, HALL):
                self._measure(thing, minute_s, missing)
            self._sequence += 60 // RECORD_S
            self.work()

    def wait(self, seconds: int) -> None:
        """Nothing is measured; the gateway does its work every 20 s."""
        end_s = self.clock.s + seconds
        while self.clock.s < end_s:
            self.clock.s = min(end_s, self.clock.s + 20)
            self.work()

    def work(self) -> None:
        """Derive and forward all that can be at this moment."""
        self._platform.time_is(self.clock.s)
        if not self.nodes_are_away:
            self._deliver()
        courier = self._forwarder.couriers["city"]
        self._loop.run(_until_idle(self._deriver.step))
        self._loop.run(_until_idle(courier.step))
        assert courier.stopped is None, courier.stopped

    def counts(self) -> Count:
        """How many values are where."""
        return self._loop.run(self._forwarder.counts())["city"]

    def notices(self) -> dict[str, str]:
        """What the page shows to the operator, by code."""
        return self._database.read(lambda c: dict(c.execute("SELECT code, text FROM notice")))

    def _measure(self, thing: Thing, minute_s: int, missing: float) -> None:
        """The minute's records, in one frame."""
        schema = KITS[thing.kit]
        records = []
        for number in range(60 // RECORD_S):
            start_s = minute_s + RECORD_S * number
            values = []
            for quantity in schema.quantities:
                value = self._reading(quantity.name, missing)
                values.append(value)
                if value is not None:
                    self.measured.append(Measured(thing.id, quantity.name, start_s, value))
            sequence, wire_s = self._sequence + number, start_s - EPOCH_2000_UNIX_S
            records.append(Record(sequence, wire_s, RECORD_S, tuple(values)))
        body, taken = encode_frame(schema, STORE_ID, records, 4000)
        assert taken == len(records)
        self._frames_kept.append((Key(NODES[thing.id], STORE_ID), records, body))

    def _deliver(self) -> None:
        """Put the frames that wait into the log."""
        for key, records, body in self._frames_kept:
            self._frames += 1
            first, count = records[0].sequence, len(records)
            frame = NewFrame(self._frames, key, first, count, None, self.clock.s, body)
            self._loop.run(self._log.write(partial(_append, frame)))
        self._frames_kept.clear()

    def _reading(self, quantity: str, missing: float) -> int | None:
        if quantity not in _RANGES or self._random.random() < missing:
            return None
        return self._random.randint(*_RANGES[quantity])


def _append(frame: NewFrame, writer: LogWriter) -> None:
    writer.append_frame(frame)


async def _until_idle(step) -> None:  # type: ignore[no-untyped-def]
    for _ in range(50):
        if not await step():
            return
    raise AssertionError("it never came to rest")


def _household(path: Path) -> Home:
    home = Home(path)
    for thing in (BALCONY, HALL):
        home.add_thing(thing)
        home.add_board(Board(NODES[thing.id], thing.id, _HASH))
    home.add_recipient(Recipient("city", "sentilo", "The city"))
    home.add_recipient(Recipient("research", "sentilo", "A research group"))
    return home
