# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""One cycle of a node on a battery: wake, read each sensor once, keep, now and then send, sleep.

The app's tasks do not run here: a cycle has a beginning and an end, and every wait in it a limit.
Imports no hardware.
"""

from micropython import const

from barri_node.errors import SensorError
from barri_node.life.sleep import sleep_ms_until
from barri_node.store.errors import StoreError

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from barri_node.life.boot_count import BootCount
    from barri_node.life.ports import ResumedClock, Sleeper
    from barri_node.life.sleep import Sleep
    from barri_node.ports import Driver, Readings, Say
    from barri_node.store.ringlog import RingLog

    Span = tuple[int, int, int | None]

LEAD_MS = const(1500)  # from the end of deep sleep to the first line of the app, about
_READING_EVERY_MS = const(1000)
_LONGEST_WARM_UP_MS = const(45000)  # a fan's 30 s, and some readings
_LONGEST_LEAD_MS = const(60000)
_MOST_OFF_MS = const(70000)  # a window's end: the lead, and by how much a wake may be off
_LONGEST_RECORD_S = const(86400)
_MOST_CYCLES = const(65535)
_MOST_DOUBLINGS = const(2)  # of the pause between two tries, while the gateway is away


class Cycle:
    """hal: sleeps, lightly and deeply. drivers: of the kit. names: its channels, in their order.

    period_s: a window; the node wakes at its end, and what it then reads stands for the whole of
    it. report_every: so many records wait for each other before they go to flash and to the
    gateway. span: (start_s, duration_s, boot or None) of this cycle's record, if there is one.
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
        report_every: int,
        say: "Say",
    ) -> None:
        self._hal = hal
        self._clock = clock
        self._sleep = sleep
        self._boots = boots
        self._drivers = drivers
        self._names = names
        self._period_ms = period_s * 1000
        self._report_every = report_every
        self._say = say
        self.span: "Span | None" = None

    async def run(
        self,
        boot: int,
        woken: bool,
        open_log: "Callable[[], RingLog]",
        talk: "Callable[[RingLog], Awaitable[bool]]",
    ) -> None:
        """Live one cycle, which ends in deep sleep. boot: the number of this boot, which goes on
        where `woken`.

        open_log(): the ring log; not called when nothing goes there. talk(log): one conversation
        with the gateway, of limited length; says whether it answered, and raises nothing.
        """
        if not woken:
            self._begin_boot(open_log)
        start_ms = self._clock.uptime_ms()
        readings = await self._read_all()
        self._drivers = []  # what they took is free for a conversation
        notes = self._sleep.notes
        notes.warm_up_ms = min(self._clock.uptime_ms() - start_ms, _LONGEST_LEAD_MS)
        await self._reach_the_end(woken)
        self._put(boot, tuple([readings.get(name) for name in self._names]))
        notes.cycles = min(notes.cycles + 1, _MOST_CYCLES)
        self._keep(boot)
        if self._is_time_to_talk():
            await self._report(open_log, talk)
        elif not self._sleep.pocket.has_room():
            self._move(open_log)
        self._fall_asleep(boot)

    def _begin_boot(self, open_log: "Callable[[], RingLog]") -> None:
        """Records that waited are of a boot before this one, by whose uptime they count."""
        if self._sleep.pocket.count:
            self._move(open_log)
        notes = self._sleep.notes
        notes.until_s, notes.until_in_utc = 0, False
        notes.cycles = _MOST_CYCLES  # the time is asked for at once

    # --- measuring ---

    async def _read_all(self) -> "Readings":
        readings: "Readings" = {}
        for driver in self._drivers:
            try:
                await driver.start()
                readings.update(await self._read(driver))
            except (SensorError, MemoryError) as error:
                self._sleep.notes.faults += 1
                self._say("sensor: {}".format(error))
            self._sleep.notes.faults += driver.faults
            if hasattr(driver, "sleep"):
                driver.sleep()  # a fan would run on; most parts sleep by themselves
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

    async def _reach_the_end(self, woken: bool) -> None:
        """A window is closed when it has ended; the first one of a boot ends now."""
        now_ms = self._clock.uptime_ms()
        left_ms = self._sleep.notes.due_ms - now_ms
        if not woken or abs(left_ms) > _MOST_OFF_MS:
            self._sleep.notes.due_ms = now_ms
        elif left_ms > 0:
            await self._hal.sleep_ms(left_ms)

    def _put(self, boot: int, values: "tuple[int | None, ...]") -> None:
        """Keep the record of the time since the last one; true seconds, whatever was planned."""
        notes = self._sleep.notes
        utc_ms = self._clock.utc_ms_at(notes.due_ms)
        end_s = ((notes.due_ms if utc_ms is None else utc_ms) + 500) // 1000
        start_s = self._start_s(utc_ms is not None)
        if utc_ms is None:
            end_s = max(end_s, start_s + 1)  # the first second of a boot
        if end_s <= start_s:
            return  # the clock was put back: that time has its record
        if end_s - start_s > _LONGEST_RECORD_S:
            start_s = end_s - self._period_ms // 1000
        self.span = (start_s, end_s - start_s, None if utc_ms is not None else boot)
        notes.until_s, notes.until_in_utc = end_s, utc_ms is not None
        if not self._sleep.pocket.put(start_s, end_s - start_s, values, utc_ms is not None):
            self._say("store: no room for a record that waits for flash")

    def _start_s(self, in_utc: bool) -> int:
        """Where the last record ended; it may have been told in uptime, before there was UTC."""
        notes = self._sleep.notes
        if in_utc and not notes.until_in_utc:
            start_ms: int = self._clock.utc_ms_at(notes.until_s * 1000)  # type: ignore[assignment]
            return (start_ms + 500) // 1000
        return notes.until_s

    # --- keeping and sending ---

    def _is_time_to_talk(self) -> bool:
        """A gateway that is away is tried ever more seldom: each try costs as much as hours."""
        notes = self._sleep.notes
        return notes.cycles >= self._report_every << min(notes.failed, _MOST_DOUBLINGS)

    async def _report(
        self,
        open_log: "Callable[[], RingLog]",
        talk: "Callable[[RingLog], Awaitable[bool]]",
    ) -> None:
        log = self._move(open_log)
        if log is None:
            return
        notes = self._sleep.notes
        answered = await talk(log)
        notes.cycles = 0
        notes.failed = 0 if answered else min(notes.failed + 1, 255)
        notes.failures += not answered

    def _move(self, open_log: "Callable[[], RingLog]") -> "RingLog | None":
        """Move what waits into the ring log; it waits on where flash refuses. None: it did."""
        try:
            log = open_log()
            self._sleep.flush(log)
        except (StoreError, OSError, MemoryError) as error:
            self._say("store: {!r}".format(error))
            return None
        return log

    def _keep(self, boot: int) -> None:
        self._sleep.keep(boot, *self._clock.state())

    def _fall_asleep(self, boot: int) -> None:
        """Sleep to shortly before the end of the next window."""
        uptime_ms = self._clock.uptime_ms()
        utc_ms = self._clock.utc_ms_at(uptime_ms)
        now_ms = uptime_ms if utc_ms is None else utc_ms
        lead_ms = LEAD_MS + self._sleep.notes.warm_up_ms
        slept_ms = sleep_ms_until(now_ms, self._period_ms, lead_ms)
        self._sleep.notes.due_ms = uptime_ms + slept_ms + lead_ms
        self._keep(boot)
        self._boots.asleep()
        self._hal.deep_sleep(slept_ms)
