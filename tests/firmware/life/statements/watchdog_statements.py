# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: SIM105  # MicroPython has none of those
"""When the watchdog is fed, and when not. Runs on both interpreters."""

import asyncio

from virtual_ticks import Ticks

from barri_node.life.watchdog import TIMEOUT_MS, Watchdog


class _Bench:
    def __init__(self, at=0):
        self.ticks = Ticks(at)
        self.feedings = []
        self.said = []
        self.dog = Watchdog(self.ticks, self._feed, self.said.append)

    def _feed(self):
        self.feedings.append(self.ticks.now)

    def run(self, until, *reporting):
        """Let these tasks report and the dog check, each every 5 s."""
        while self.ticks.now < until:
            self.ticks.now += 5000
            for name in reporting:
                self.dog.alive(name)
            self.dog.check()


def it_is_fed_while_all_report():
    bench = _Bench()
    for name, within_ms in (("sampler", 120000), ("link", 300000), ("microphone", 10000)):
        bench.dog.expect(name, within_ms)
    bench.run(3600000, "sampler", "link", "microphone")
    assert len(bench.feedings) == 720
    assert bench.said == []
    assert bench.dog.stuck is None


def one_stuck_task_stops_the_feeding_and_is_named_once():
    for stuck in ("sampler", "link", "microphone"):
        bench = _Bench()
        names = ["sampler", "link", "microphone"]
        for name in names:
            bench.dog.expect(name, 60000)
        names.remove(stuck)
        bench.run(600000, *names)
        assert bench.feedings[-1] == 60000, bench.feedings
        assert bench.dog.stuck == stuck
        assert bench.said == [f"watchdog: {stuck} is stuck: no longer fed"]


def each_task_has_a_time_of_its_own():
    bench = _Bench()
    bench.dog.expect("link", 300000)
    bench.dog.expect("microphone", 10000)
    bench.run(250000, "microphone")
    assert bench.dog.stuck is None
    bench.run(400000, "microphone")
    assert bench.dog.stuck == "link"


def a_task_that_never_begins_is_noticed_too():
    bench = _Bench()
    bench.dog.expect("sampler", 20000)
    bench.run(30000)
    assert bench.dog.stuck == "sampler"


def a_task_that_reports_again_before_the_hardware_acts_is_forgiven():
    bench = _Bench()
    bench.dog.expect("link", 10000)
    bench.run(40000)
    assert bench.dog.stuck == "link"
    bench.run(60000, "link")
    assert bench.dog.stuck is None
    assert bench.feedings[-1] == 60000


def nobody_can_feed_it_under_another_name():
    bench = _Bench()
    bench.dog.expect("sampler", 20000)
    bench.run(100000, "sampler2", "")
    assert bench.dog.stuck == "sampler"


def a_wrap_of_the_ticks_stops_nothing_and_hides_nothing():
    bench = _Bench((1 << 30) - 30000)
    bench.dog.expect("link", 20000)
    bench.dog.expect("sampler", 20000)
    start = bench.ticks.now
    bench.run(start + 100000, "link", "sampler")
    assert len(bench.feedings) == 20
    bench.run(start + 200000, "sampler")
    assert bench.dog.stuck == "link"
    assert bench.feedings[-1] == start + 120000


def the_longest_time_is_well_within_a_wrap_of_the_ticks():
    bench = _Bench()
    bench.dog.expect("link", 1 << 40)
    while bench.dog.stuck is None:
        bench.ticks.now += 3600000
        bench.dog.check()
    assert 3 * 86400000 < bench.feedings[-1] < 4 * 86400000


def a_hang_is_ended_within_the_minute_in_which_it_counts_as_a_bad_boot():
    assert 15000 < TIMEOUT_MS < 60000


def feeding_goes_on_for_ever():
    bench = _Bench()
    bench.dog.expect("sampler", 20000)

    class OverError(Exception):
        pass

    async def sleep_ms(duration_ms):
        bench.ticks.now += duration_ms
        bench.dog.alive("sampler")
        if len(bench.feedings) == 100:
            raise OverError

    try:
        asyncio.run(bench.dog.run(sleep_ms))
    except OverError:
        pass
    assert len(bench.feedings) == 100
