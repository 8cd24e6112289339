# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A whole way from the log to a sandbox Sentilo over real HTTP, in simulated time."""

import asyncio
from itertools import count

from derive_rig import NOON_S, Rig, record

from barri.adapters.sinks.sentilo import SentiloSettings, SentiloSink
from barri.adapters.stores.delivery import DeliveryRows
from barri.domain.secret import Secret
from barri.services.forward import Courier
from barri_tools.sandbox.sentilo.core import SentiloSandbox
from barri_tools.sandbox.sentilo.faults import FaultPlan
from barri_tools.sandbox.sentilo.model import SENSOR_TYPES, Entity, Settings, Timing
from barri_tools.sandbox.sentilo.server import SandboxServer

TOKEN = "s3cr3t-t0ken-of-the-provider"
PROVIDER = "barri"
NO_LATENCY = Timing(credentials_s=0, sensors_s=0)
TYPES = SENSOR_TYPES | {"air_quality_pm10"}


class City:
    """The gateway's file, a sandbox and a courier between them."""

    def __init__(self, folder, **settings):
        self.folder = folder
        self.rig = Rig(folder / "gateway.db")
        self.clock, self.home = self.rig.clock, self.rig.home
        self.faults = FaultPlan()
        self.settings = settings
        self.sandbox = self.server = None
        self.sequences = count()
        self.limits = {}
        self.open_city()
        self.meet()

    def open_city(self, **settings):
        """A new, empty city."""
        if self.server is not None:
            self.server.stop()
        given = {"timing": NO_LATENCY, "sensor_types": TYPES, **settings}
        quota = given.pop("quota", 0)
        self.sandbox = SentiloSandbox([Entity(PROVIDER, TOKEN, quota=quota)], Settings(**given))
        self.server = SandboxServer(self.sandbox, lambda: self.clock.s, faults=self.faults)
        self.server.start()

    def meet(self, token=TOKEN, **settings):
        """A new courier, as after a restart of the gateway."""
        given = {"timeout_s": 20, **settings}
        self.sink = SentiloSink(
            SentiloSettings("city", self.server.url, PROVIDER, Secret(token), **given)
        )
        self.courier = Courier(self.sink, self.rig.ledger, self.home, self.clock, dice=lambda: 0.5)

    def close(self):
        self.server.stop()
        self.rig.close()

    def measure(self, minutes=1, start_s=None, **values):
        """So many records of whole minutes arrive and are derived; of 20 degC unless said."""
        if start_s is None:
            start_s = self.clock.now_s() + -self.clock.now_s() % 60
        values = values or {"temperature": 2000}
        for first in range(0, 6 * minutes, 60):
            last = min(first + 60, 6 * minutes)
            records = [
                record(next(self.sequences), start_s + 10 * i, **values)
                for i in range(first, last)
            ]
            self.clock.s = max(self.clock.s, start_s + 10 * last)
            self.rig.frame(records)
        self.rig.step()

    def share(self, quantity="temperature", kind="share", window_s=60):
        """Choose, and let the clock go on to the next whole minute."""
        era = self.home.choose(quantity, kind, self.clock.now_s(), window_s)
        self.clock.s += 60 - self.clock.s % 60
        self.rig.step()
        return era

    def step(self):
        return asyncio.run(self.courier.step())

    def forward(self, seconds=0, every_s=5):
        """Let the courier work, for so many simulated seconds."""
        end_s = self.clock.s + seconds
        while True:
            for _ in range(20):
                if not self.step():
                    break
            if self.clock.s >= end_s:
                return
            self.clock.s = min(end_s, self.clock.s + every_s)

    def stored(self, era=None):
        """(end in Unix s, text) in order of arrival, as the city's own record has it."""
        return [
            (row.time_ms // 1000, row.value)
            for row in self.sandbox.record.observations
            if era in (None, row.sensor)
        ]

    def raw(self):
        """Every byte that ever went out."""
        return b"".join(row.raw for row in self.sandbox.record.requests)

    def requests(self):
        """First lines of the requests so far."""
        lines = [row.raw.split(b"\r\n", 1)[0] for row in self.sandbox.record.requests]
        return [line.decode().rsplit(" ", 1)[0] for line in lines]

    def counts(self):
        return self.rig.database.read(lambda c: DeliveryRows(c).count("city"))

    def notices(self):
        return dict(self.rig.query("SELECT code, text FROM notice"))


__all__ = ["NOON_S", "PROVIDER", "TOKEN", "City"]
