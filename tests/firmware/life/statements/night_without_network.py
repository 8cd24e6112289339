# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The whole link over the real station, with a radio and an access point that misbehave.

Runs on MicroPython in virtual time. Outages are noticed as they are on a board: nothing is cut,
no packet passes any more, and the keep-alive misses its answers.
"""

import asyncio

import link_bench
from fake_wlan import Air, FakeWlan
from link_bench import SETTINGS, Bench

from barri_node.life.wifi import Station
from barri_node.settings_file import read

MINUTE_MS = 60000
HOUR_MS = 60 * MINUTE_MS
link_bench.CAPACITY_BYTES = 12 * 4096  # room for a night of records
WIFI = {"name": "neighbours", "password": "correct horse"}


class _AirOf(Air):
    """The air in a world's time. `passes` and `on` reach the world's network too."""

    def __init__(self, world):
        self._world = world
        super().__init__()

    @property
    def now_ms(self):
        return self._world.now_ms

    @now_ms.setter
    def now_ms(self, value):
        pass


class _Night:
    def __init__(self, **air):
        self.bench = Bench()
        world = self.bench.world
        self.air = _AirOf(world)
        self.wlan = FakeWlan(self.air)
        self.station = Station(self.wlan, asyncio.sleep_ms, world)
        given = dict(SETTINGS)
        given["wifi"] = WIFI
        self.bench.link._settings = read(given)
        world.join_network = self._join
        for name, value in air.items():
            self.change(name, value)

    async def _join(self, settings):
        await self.station.join(settings.wifi)

    def change(self, name, value):
        """Change something in the air, and with it whether the gateway can be reached."""
        setattr(self.air, name, value)
        if name == "on":
            self.air.switched_ms = self.air.now_ms
        self.bench.network.down = not (self.air.on and self.air.passes)
        if self.bench.network.down:
            for far in self.bench.network.connections:
                far.cut()

    def run(self, until_ms, *plan, every_ms=MINUTE_MS):
        """plan: (ms, name, value) in the order of time. every_ms: records come."""

        async def change():
            for at_ms, name, value in plan:
                await self.bench.world.until(at_ms)
                self.change(name, value)
            await self.bench.world.until(until_ms)

        async def life():
            task = asyncio.create_task(change())
            await self.bench._measure(every_ms, until_ms - 5 * MINUTE_MS)
            await task

        self.bench.world.run(life(), self.bench.link.run())
        return self

    def undelivered(self):
        """Sequences that were kept and are not at the gateway."""
        stored = self.bench.gateway.stored
        return [n for n in range(self.bench.log.next_sequence) if n not in stored]


def after_a_night_without_access_point_every_record_arrives():
    night = _Night()
    plan = ((HOUR_MS, "on", False), (9 * HOUR_MS, "on", True))
    night.run(10 * HOUR_MS, *plan, every_ms=3 * MINUTE_MS)  # a test's heap is small
    assert len(night.wlan.attempts) > 200
    assert night.bench.log.next_sequence > 190
    assert not night.undelivered()


def an_access_point_on_another_channel_costs_no_record():
    night = _Night()
    night.run(
        2 * HOUR_MS, (HOUR_MS, "on", False), (HOUR_MS + 1, "channel", 11),
        (HOUR_MS + 5 * MINUTE_MS, "on", True),
    )  # fmt: skip
    assert not night.undelivered()


def an_hour_of_silent_dhcp_costs_no_record():
    night = _Night(dhcp=False)
    night.run(2 * HOUR_MS, (HOUR_MS, "dhcp", True))
    assert not night.undelivered()
    assert any("DHCP" in text for _, text in night.bench.world.said)


def a_radio_that_believes_itself_connected_costs_no_record():
    night = _Night()
    night.run(3 * HOUR_MS, (HOUR_MS, "passes", False), (2 * HOUR_MS, "passes", True))
    assert len(night.wlan.attempts) > 2, "it was never started anew"
    assert not night.undelivered()
