# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: B905, RUF005, RUF007  # MicroPython has none of those
"""A battery node's days: each cycle is a process of its own. Runs on both interpreters."""

import asyncio

from fake_memory import FakeMemory
from memory_medium import MemoryMedium

from barri_node.errors import SensorError
from barri_node.life.boot_count import BootCount
from barri_node.life.cycle import Cycle
from barri_node.life.retained import Retained
from barri_node.life.sleep import Sleep
from barri_node.store.ringlog import RingLog
from barri_wire.quantities import BY_ID
from barri_wire.schema import KITS

SCHEMA = KITS["air"]
NAMES = [BY_ID[quantity_id].name for quantity_id, _ in SCHEMA.channels]
PERIOD_S = 600
UTC_AT_ZERO_MS = 800000000000  # a multiple of ten minutes


class AsleepError(Exception):
    """Deep sleep: what runs ends."""


class _Clock:
    """As the node's, with what a wake must tell it. Time passes in the world."""

    def __init__(self, world, sleep, awake):
        self._world = world
        self._start_ms = world.now_ms
        self._uptime_ms = sleep.uptime_ms if awake else 0
        self._offset_ms = sleep.utc_offset_ms if awake else None
        self._within_ms = sleep.within_ms if awake else 0

    def uptime_ms(self):
        return self._uptime_ms + self._world.now_ms - self._start_ms

    def utc_ms_at(self, uptime_ms):
        return None if self._offset_ms is None else self._offset_ms + uptime_ms

    def state(self):
        return self.uptime_ms(), self._offset_ms, self._within_ms

    def set_utc(self, utc_ms):
        self._offset_ms = utc_ms - self.uptime_ms()


class _Driver:
    """A reading every time, after `warm_up` of none; fails to start while `absent`."""

    def __init__(self, world, name, warm_up=0):
        self._world = world
        self._name = name
        self._left = warm_up
        self.absent = False
        self.faults = 0

    async def start(self):
        if self.absent:
            raise SensorError(self._name + " is absent")

    def sleep(self):
        self._world.stopped += 1

    async def measure(self):
        await self._world.sleep_ms(50)
        self._left -= 1
        return {self._name: None if self._left >= 0 else self._world.now_ms // 1000}


class _World:
    """The node's memory and flash, and the time. talks: at which second it spoke to its gateway.

    awake_ms: of each cycle.
    """

    def __init__(self, flush_every=6, warm_up=0, knows_time=True):
        self.now_ms = 0
        self.memory = FakeMemory()
        self.medium = MemoryMedium()
        self.flush_every = flush_every
        self.warm_up = warm_up
        self.knows_time = knows_time
        self.cause = "power-on"
        self.talks = []
        self.said = []
        self.opened = self.boots = 0
        self.awake_ms = []
        self.asleep_ms = 0
        self.absent = False
        self.answers = True
        self.stopped = 0

    async def sleep_ms(self, duration_ms):
        await asyncio.sleep(0)
        self.now_ms += duration_ms

    def deep_sleep(self, duration_ms):
        assert duration_ms >= 1000
        self.asleep_ms = self.now_ms
        self.now_ms += duration_ms
        self.cause = "deep sleep"
        raise AsleepError

    def log(self):
        self.opened += 1
        return RingLog(self.medium, 64 * 4096, SCHEMA, lambda count: bytes(range(count)))

    async def talk(self, log):
        await self.sleep_ms(5000)
        self.talks.append(self.now_ms // 1000)
        if self.knows_time:
            self.clock.set_utc(UTC_AT_ZERO_MS + self.now_ms)
        return self.answers

    def live(self, cycles):
        for _ in range(cycles):
            start_ms = self.now_ms
            self.now_ms += 1500
            self._live()
            self.awake_ms.append(self.asleep_ms - start_ms)
        return self

    def _live(self):
        retained = Retained(self.memory)
        boot_count = BootCount(retained)
        boot_count.begin(self.cause)
        sleep = Sleep(retained, len(NAMES), lambda: self.now_ms)
        awake = sleep.wake(self.cause)
        if not awake:
            self.boots += 1
        self.clock = _Clock(self, sleep, awake)
        drivers = [_Driver(self, "temperature"), _Driver(self, "pm2_5", self.warm_up)]
        drivers[0].absent = self.absent
        cycle = Cycle(
            self, self.clock, sleep, boot_count, drivers, NAMES, PERIOD_S, self.flush_every,
            self.said.append,
        )  # fmt: skip
        try:
            boot = sleep.boot if awake else self.boots
            asyncio.run(cycle.run(boot, awake, self.log, self.talk))
        except AsleepError:
            return
        raise AssertionError("it did not fall asleep")

    def kept(self):
        log = self.log()
        found, first = [], 0
        while True:
            records = log.read(first, 64)
            if not records:
                return found
            found += records
            first = records[-1].sequence + 1


def a_day_is_one_boot_and_a_record_for_each_window():
    world = _World().live(145)
    assert world.boots == 1
    records = world.kept()
    assert len(records) == 145
    whole = [record for record in records if record.boot is None]
    assert [record.duration_s for record in whole[1:]] == [PERIOD_S] * 143


def windows_follow_each_other_without_a_gap():
    records = _World().live(60).kept()
    dated = [record for record in records if record.boot is None]
    for record, following in zip(dated, dated[1:]):
        assert record.start_s + record.duration_s == following.start_s
    assert all(record.start_s % PERIOD_S == 0 for record in dated[1:])
    assert dated[0].start_s % PERIOD_S, "the first one begins where the boot's first record ended"


def flash_and_gateway_are_troubled_at_a_boot_and_then_once_in_six_cycles():
    world = _World().live(61)
    assert world.opened == 11
    assert len(world.talks) == 11


def the_record_of_a_boot_is_in_uptime_and_all_after_the_first_word_of_the_gateway_in_utc():
    world = _World().live(13)
    assert [record.boot for record in world.kept()] == [1] + [None] * 12


def without_a_gateway_uptime_goes_on_over_all_sleeps():
    world = _World(knows_time=False).live(61)
    records = world.kept()
    assert all(record.boot == 1 for record in records)
    ends = [record.start_s + record.duration_s for record in records]
    assert [record.start_s for record in records] == [0] + ends[:-1]
    assert ends[-1] == 60 * PERIOD_S


def a_gateway_that_is_away_is_tried_ever_more_seldom_and_all_is_kept():
    world = _World()
    world.answers = world.knows_time = False
    world.live(1 + 12 + 24 + 24)
    assert len(world.talks) == 4
    assert len(world.kept()) == 61
    world.answers = True
    world.live(24 + 6 + 6)
    assert len(world.talks) == 7


def it_is_awake_for_less_than_two_seconds_in_most_cycles():
    world = _World().live(61)
    short = [ms for ms in world.awake_ms if ms <= 2000]
    assert len(short) == 50, world.awake_ms


def a_part_that_has_to_warm_up_is_waited_for_but_not_for_ever():
    world = _World(warm_up=30).live(7)
    assert all(record.values[NAMES.index("pm2_5")] is not None for record in world.kept())
    world = _World(warm_up=10000).live(7)
    assert max(world.awake_ms) < 60000
    for record in world.kept():
        assert record.values[NAMES.index("pm2_5")] is None
        assert record.values[NAMES.index("temperature")] is not None


def parts_that_would_run_on_are_stopped_before_the_sleep():
    assert _World().live(5).stopped == 10


def a_sensor_that_is_absent_costs_its_own_channel():
    world = _World()
    world.absent = True
    world.live(7)
    assert len(world.kept()) == 7
    assert world.said[0] == "sensor: temperature is absent"
    assert all(record.values[NAMES.index("pm2_5")] is not None for record in world.kept())


def more_records_than_fit_are_moved_to_flash_before_it_is_too_late():
    world = _World(flush_every=1000).live(400)
    assert len(world.kept()) > 300
    assert not [text for text in world.said if "no room" in text]


def a_flash_that_refuses_costs_nothing_while_there_is_room_in_memory():
    world = _World()
    world.live(4)
    world.medium.broken = True
    world.live(10)
    assert [text for text in world.said if text.startswith("store: ")]
    world.medium.broken = False
    world.live(7)
    starts = [record.start_s for record in world.kept()]
    assert len(starts) == len(set(starts)) == 21


def a_watchdog_between_two_cycles_is_a_new_boot_and_loses_no_record():
    world = _World().live(4)
    world.cause = "watchdog"
    world.live(7)
    assert world.boots == 2
    records = world.kept()
    assert len(records) == 11
    assert [record.boot for record in records if record.boot is not None] == [1, 2]
