# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One cycle of a node on a battery: wake, read each sensor once, keep, now and then send, sleep.

The app's tasks do not run here: a cycle has a beginning and an end, and every wait in it a limit.
Imports no hardware.
"""

from micropython import const

from barri_node.errors import SensorError
from barri_node.life.sleep import sleep_ms_until

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from barri_node.life.boot_count import BootCount
    from barri_node.life.ports import ResumedClock, Sleeper
    from barri_node.life.sleep import Sleep
    from barri_node.ports import Driver, Readings, Say
    from barri_node.store.ringlog import RingLog

LEAD_MS = const(1500)  # from the end of deep sleep to the first line of the app, about
_READING_EVERY_MS = const(1000)
_LONGEST_WARM_UP_MS = const(45000)  # a fan's 30 s, and some readings


class Cycle:
    """hal: sleeps, lightly and deeply. drivers: of the kit. names: its channels, in their order.

    period_s: from one cycle to the next. flush_every: so many records wait for each other before
    they go to flash and to the gateway. Every record is a reading of a moment: it lasts a second.
    """

    def __init__(
        self,
        hal: "Sleeper",
        clock: "ResumedClock",
        sleep: "Sleep",
        boots: "BootCount",
        drivers: "list[Driver]",
        names: "list[str]",
        period_s: int,
        flush_every: int,
        say: "Say",
    ) -> None:
        self._hal = hal
        self._clock = clock
        self._sleep = sleep
        self._boots = boots
        self._drivers = drivers
        self._names = names
        self._period_ms = period_s * 1000
        self._flush_every = flush_every
        self._say = say

    async def run(
        self,
        boot: int,
        open_log: "Callable[[], RingLog]",
        talk: "Callable[[RingLog], Awaitable[None]]",
    ) -> None:
        """Live one cycle, which ends in deep sleep. boot: the number of this boot.

        open_log(): the ring log; not called when nothing goes there. talk(log): one session with
        the gateway, of limited length; raises nothing. Raises what the log raises.
        """
        if self._sleep.pocket.count and self._sleep.boot != boot:
            self._sleep.flush(open_log())  # of a boot before this one, by whose uptime they count
        readings = await self._read_all()
        self._put(tuple([readings.get(name) for name in self._names]))
        self._keep(boot)
        pocket = self._sleep.pocket
        if pocket.count >= self._flush_every or not pocket.has_room():
            log = open_log()
            self._sleep.flush(log)
            await talk(log)
        self._fall_asleep(boot)

    async def _read_all(self) -> "Readings":
        readings: "Readings" = {}
        for driver in self._drivers:
            try:
                await driver.start()
                readings.update(await self._read(driver))
            except (SensorError, MemoryError) as error:
                self._say("sensor: {}".format(error))
        return readings

    async def _read(self, driver: "Driver") -> "Readings":
        """The first reading in which a part says anything; some need to warm up."""
        for _ in range(_LONGEST_WARM_UP_MS // _READING_EVERY_MS):
            readings = await driver.measure()
            for name in readings:
                if readings[name] is not None:
                    return readings
            await self._hal.sleep_ms(_READING_EVERY_MS)
        return readings

    def _put(self, values: "tuple[int | None, ...]") -> None:
        uptime_ms = self._clock.uptime_ms()
        utc_ms = self._clock.utc_ms_at(uptime_ms)
        start_s = (uptime_ms if utc_ms is None else utc_ms) // 1000
        if not self._sleep.pocket.put(start_s, 1, values, utc_ms is not None):
            self._say("store: no room for a record that waits for flash")

    def _keep(self, boot: int) -> None:
        self._sleep.keep(boot, *self._clock.state())

    def _fall_asleep(self, boot: int) -> None:
        self._keep(boot)
        self._boots.asleep()
        uptime_ms = self._clock.uptime_ms()
        now_ms = self._clock.utc_ms_at(uptime_ms)
        now_ms = uptime_ms if now_ms is None else now_ms
        self._hal.deep_sleep(sleep_ms_until(now_ms, self._period_ms, LEAD_MS))
