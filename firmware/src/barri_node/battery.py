# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Puts a node on a battery together for one cycle, at whose end it sleeps and starts anew.

As `app` for a node on mains, which loads nothing of this.
"""

import sys

from micropython import const

from barri_node import VERSION
from barri_node.errors import LinkError
from barri_node.forget import forget
from barri_node.life.boot_count import BootCount
from barri_node.life.cycle import Cycle
from barri_node.life.resumed_clock import ResumedClock
from barri_node.life.retained import Retained
from barri_node.life.sleep import Sleep
from barri_node.store.errors import StoreError
from barri_node.store.ringlog import RingLog
from barri_wire.quantities import BY_ID
from barri_wire.schema import KITS

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.life.start import Life
    from barri_node.ports import Driver, Hal, Say
    from barri_node.settings import Settings

_LOG_BYTES = const(1024 * 1024)  # less where the flash has less
_LONGEST_CYCLE_MS = const(300000)  # slow parts one after the other, and a conversation


async def run(
    hal: "Hal",
    settings: "Settings",
    life: "Life",
    say: "Say" = print,
) -> None:
    """Live one cycle."""
    forget("barri_node.settings_file", "barri_node.kept_settings")
    life.watchdog.expect("cycle", _LONGEST_CYCLE_MS)
    store = _Store(hal, settings)
    sleep = store.sleep
    woken = sleep.wake(hal.reset_cause())
    clock = ResumedClock(hal, sleep, woken)
    boot = sleep.boot
    if not woken:
        boot = store.log().next_boot()
        sleep.notes.cause = life.cause
        say("barri {} on {}: {} kit, boot {}".format(VERSION, hal.NAME, settings.kit, boot))
    gateway = _Gateway(hal, settings, clock, sleep, boot, life, say)
    cycle = Cycle(
        hal, clock, sleep, BootCount(store.retained), _drivers(hal, settings, clock, say),
        store.names, settings.window_s, settings.report_every, say,
    )  # fmt: skip
    gateway.cycle = cycle
    await cycle.run(boot, woken, store.log, gateway.talk)


def _drivers(hal: "Hal", settings: "Settings", clock: ResumedClock, say: "Say") -> "list[Driver]":
    from barri_node import kits

    drivers = kits.drivers(settings, hal, clock, say)
    del kits
    forget("barri_node.kits", "barri_node.sampled", "barri_node.merge")
    return drivers


def _forget_what_is_over() -> None:
    """All is read by now, and the next cycle loads its drivers anew."""
    forget("barri_node.store.recovery", "barri_wire.quantity_table")
    forget(*[name for name in sys.modules if name.startswith("barri_node.drivers.")])


class _Store:
    """The memory that outlives sleep, and the ring log, which is opened only when asked for."""

    def __init__(self, hal: "Hal", settings: "Settings") -> None:
        self._hal = hal
        self._schema = KITS[settings.kit]
        self._log: "RingLog | None" = None
        self.names = [BY_ID[quantity_id].name for quantity_id, _ in self._schema.channels]
        self.retained = Retained(hal.retained())
        self.sleep = Sleep(self.retained, len(self.names), hal.rtc_ms)

    def log(self) -> RingLog:
        """The mark in flash is old: what the gateway has is known from the last conversation."""
        if self._log is None:
            hal, notes = self._hal, self.sleep.notes
            place = hal.ring() or hal.mount_data() + "/log"
            self._log = RingLog(place, _LOG_BYTES, self._schema, hal.random_bytes)
            if notes.store_id == self._log.store_id:
                self._log.release(notes.released)
        return self._log


class _Gateway:
    """What a node tells its gateway now and then."""

    cycle: Cycle

    def __init__(
        self,
        hal: "Hal",
        settings: "Settings",
        clock: ResumedClock,
        sleep: Sleep,
        boot: int,
        life: "Life",
        say: "Say",
    ) -> None:
        self._hal = hal
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._boot = boot
        self._life = life
        self._say = say

    async def talk(self, log: RingLog) -> bool:
        """One conversation; says whether the gateway answered. Raises nothing."""
        answered = False
        try:
            await self._hal.join_network(self._settings)
            self._keep_health(log)
            answered = await self._converse(log)
        except (LinkError, MemoryError) as error:
            self._say("link: {}".format(error))
        except StoreError as error:
            self._say("store: {!r}".format(error))
        return answered

    async def _converse(self, log: RingLog) -> bool:
        _forget_what_is_over()
        from barri_node.uplink import choice  # most cycles do without
        from barri_node.uplink.conversation import conversation

        outbox = choice.outbox(log, self._settings)
        link = conversation(choice.kind_of_link(self._settings))(
            self._hal, self._settings, self._clock, log, outbox, self._boot, VERSION, self._say
        )
        life = self._life
        link.watchdog, link.light, link.restart = life.watchdog, life.light, life.restart
        try:
            await link.run()
        except LinkError as error:
            self._say("link: {}".format(error))
        notes = self._sleep.notes
        notes.declared += outbox.declared_void
        notes.store_id, notes.released = log.store_id, log.released
        log.flush()  # the anchor that dates this boot
        answered: bool = link.answered
        return answered

    def _keep_health(self, log: RingLog) -> None:
        """Beside the records that go out now, one about the node itself."""
        from barri_node.life.health import Health

        span, notes = self.cycle.span, self._sleep.notes
        if span is None:
            return
        start_s, duration_s, boot = span
        health = Health(
            notes.cause,
            lambda: log.fill,
            lambda: log.lost_total,
            lambda: notes.declared,
            lambda: notes.failures,
            self._hal.rssi,
            lambda: notes.faults,
            every=1,
        )
        for first_s, length_s, values, schema in health.records(start_s, duration_s, {}):
            log.append(first_s, length_s, values, boot, schema)
        log.flush()
        del Health, health
        forget("barri_node.life.health")
