# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A driver and its rhythm, with drivers that fail. Runs on MicroPython."""

import asyncio

from virtual_world import World

from barri_node.clock import Clock
from barri_node.errors import SensorError
from barri_node.sampled import Sampled
from barri_node.windows import Windows


class FakeDriver:
    """Reads the present second as a temperature. starts, measures: when it was asked.

    bad_starts: so many starts fail. bad_measures: numbers of measurements that fail.
    measure_ms: how long one takes.
    """

    def __init__(self, world, bad_starts=0, bad_measures=(), measure_ms=0):
        self._world = world
        self._bad_starts = bad_starts
        self._bad_measures = bad_measures
        self._measure_ms = measure_ms
        self.starts = []
        self.measures = []

    async def start(self):
        self.starts.append(self._world.now_ms)
        if len(self.starts) <= self._bad_starts:
            raise SensorError("BME280 is absent: check its wires")

    async def measure(self):
        self.measures.append(self._world.now_ms)
        await asyncio.sleep_ms(self._measure_ms)
        if len(self.measures) in self._bad_measures:
            raise SensorError("BME280 does not answer")
        return {"temperature": self.measures[-1] // 1000, "humidity": None}


class _Bench:
    def __init__(self, length_s=60, period_ms=10000, **faults):
        self.world = World()
        self.clock = Clock(self.world)
        self.windows = Windows(self.clock, length_s)
        self.driver = FakeDriver(self.world, **faults)
        self.sampled = Sampled(self.driver, period_ms, self.clock, self.windows, self.world.say)
        self.closed = []

    async def _windows(self, count):
        for _ in range(count):
            end_ms = self.windows.end_ms
            await self.clock.sleep_until(end_ms)
            length_ms = end_ms - self.windows.start_ms
            self.windows.close()
            self.closed.append(await self.sampled.close(end_ms, length_ms))

    def run(self, count):
        """Close so many windows; gives what each gave."""
        self.world.run(self._windows(count), self.sampled.run())
        return self.closed


def readings_come_from_the_middles_of_equal_parts_of_each_window():
    bench = _Bench()
    assert bench.run(2) == [{"temperature": 30}, {"temperature": 90}]
    assert bench.driver.measures == list(range(5000, 120000, 10000))
    assert bench.world.said == []


def a_driver_that_does_not_start_is_tried_again_every_30_seconds():
    bench = _Bench(bad_starts=2)
    assert bench.run(2) == [{}, {"temperature": 90}]
    assert bench.driver.starts == [0, 30000, 60000]
    absent = "sensor: BME280 is absent: check its wires"
    assert bench.world.said == [(0, absent), (30000, absent)]


def a_measurement_that_fails_costs_only_the_readings_until_it_works_again():
    bench = _Bench(bad_measures=(2,))
    assert bench.run(2) == [{"temperature": 30}, {"temperature": 90}]
    assert bench.driver.starts == [0, 45000]
    assert bench.driver.measures[:3] == [5000, 15000, 55000]
    assert bench.driver.measures[3:] == list(range(65000, 120000, 10000))
    assert bench.world.said == [(15000, "sensor: BME280 does not answer")]


def readings_that_came_late_are_not_caught_up():
    """One that takes 25 s and is asked every 10 s is asked at the next moment to come."""
    bench = _Bench(measure_ms=25000)
    bench.run(2)
    assert bench.driver.measures == [5000, 35000, 65000, 95000]


def a_window_of_a_second_gets_its_reading():
    bench = _Bench(length_s=1)
    assert bench.run(3) == [{"temperature": 0}, {"temperature": 1}, {"temperature": 2}]
    assert bench.driver.measures == [500, 1500, 2500]


def a_failed_sensor_does_not_disturb_another():
    bench = _Bench(bad_starts=100)
    other = FakeDriver(bench.world)
    sampled = Sampled(other, 10000, bench.clock, bench.windows, bench.world.say)
    bench.world.run(bench._windows(1), bench.sampled.run(), sampled.run())
    assert bench.closed == [{}]
    assert other.measures == list(range(5000, 60000, 10000))
