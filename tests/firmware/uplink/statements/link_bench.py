# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node's link with a real ring log in memory, opposite a fake gateway, in virtual time."""

from fake_gateway import FakeGateway
from fake_network import Network
from memory_medium import MemoryMedium
from virtual_world import World

from barri_node.clock import Clock
from barri_node.errors import LinkError
from barri_node.settings_file import read
from barri_node.store.ringlog import RingLog
from barri_node.uplink.link import Link
from barri_node.uplink.outbox import Outbox
from barri_wire.schema import KITS

SCHEMA = KITS["energy"]
SETTINGS = {
    "node": "balcony1", "secret": "s", "host": "gateway", "port": 1883, "kit": "energy",
    "window_s": 60,
}  # fmt: skip
CAPACITY_BYTES = 3 * 4096


class Hal(World):
    """no_wifi: while True there is no network to join. joins: when one was looked for."""

    def __init__(self):
        self.worked_ms = []
        self.code = 0  # what is wrong with the network, see `life/codes.py`
        super().__init__()
        self.no_wifi = False
        self.joins = []

    async def join_network(self, settings):
        self.joins.append(self.now_ms)
        if self.no_wifi:
            raise LinkError("Wi-Fi: there is no such network")

    def network_worked(self):
        self.worked_ms.append(self.now_ms)

    def network_code(self):
        return self.code


class Bench:
    def __init__(self, records=0, first_ms=1000, released=0):
        self.world = Hal()
        self.world.now_ms = 0
        self.clock = Clock(self.world)
        self.world.now_ms = first_ms
        self.log = RingLog(
            MemoryMedium(), CAPACITY_BYTES, SCHEMA, lambda count: bytes(range(count))
        )
        self.boot = self.log.next_boot()
        self.keep(records)
        self.log.release(released)
        self.gateway = FakeGateway(self.world, "balcony1", SCHEMA)
        self.network = Network(self.world, self.gateway.serve)
        self.outbox = Outbox(self.log)
        self.clock_set_ms = []
        self.link = Link(
            self.world, read(SETTINGS), self.clock, self.log, self.outbox, self.boot, "9.9.9",
            self.world.say,
        )  # fmt: skip
        self.link.watchdog = self.link.light = self
        self.shown = {}
        self.reports = []
        self.link.on_clock_set = lambda: self.clock_set_ms.append(self.world.now_ms)

    def note(self, code, stands=True):
        """The light: which code of each group it was told to show last."""
        self.shown[code >> 4] = code if stands else 0

    def only(self, group, code=0):
        self.shown[group] = code

    def alive(self, name):
        self.reports.append((name, self.world.now_ms))

    def keep(self, records):
        for _ in range(records):
            n = self.log.next_sequence
            self.log.append(
                n * 60, 60, (n * 7919 % 100003, n, n * n % 9973, None, 2300), self.boot
            )
        self.log.flush()

    async def _measure(self, every_ms, until_ms):
        while self.world.now_ms + every_ms < until_ms:
            await self.world.until(self.world.now_ms + every_ms)
            self.keep(1)
            self.link.wake.set()

    def run(self, until_ms, story=None, every_ms=None):
        """Run the link to a moment; story(): what happens meanwhile; every_ms: records come."""

        async def life():
            if every_ms:
                await self._measure(every_ms, until_ms)
            if story:
                await story()
            await self.world.until(until_ms)

        self.world.run(life(), self.link.run())
        return self.gateway
