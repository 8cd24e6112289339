# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the node once did wrong; see test_what_once_failed.py."""

from fake_sound import after
from noise_statements import STARTED_MS, _Bench
from sampler_statements import DAY_S, FakeLog

from barri_node.sampler import Sampler
from barri_wire.schema import KITS


def sound_from_before_a_stall_never_counts_for_a_later_window():
    """7 s of window 0 and no sound in window 1: today 1 is told as 70 % measured."""
    bench = _Bench(length_s=10, stalls={7000: 14000})
    bench.run(3)
    assert bench.closed[1].get("measured_share") in (None, 0), bench.closed[1]


def a_window_whose_sound_broke_off_tells_of_what_it_heard():
    """50 s of sound in a window of 60 s: today the record is empty, share included."""
    bench = _Bench(length_s=60, stalls={50000: 15000})
    assert bench.run(1) == [833]


def a_window_without_sound_says_that_no_share_was_measured():
    bench = _Bench(length_s=10, failures=[0] * 100)
    assert bench.run(1) == [0]


class NobodyListens:
    def alive(self, name):
        pass

    def note(self, code, stands=True):
        pass


def the_first_sync_costs_no_window_its_sound():
    """The sampler notices a moved end up to 1 s late: samples of the next window go to the old."""
    bench = _Bench(length_s=10)
    log = FakeLog()
    sampler = Sampler(
        bench.clock, bench.windows, [bench.noise], KITS["noise"], log, 1, bench.world.say,
        lambda: None,
    )  # fmt: skip
    sampler.watchdog = sampler.light = NobodyListens()

    async def life():
        await bench.world.until(5100)
        bench.clock.set_utc(DAY_S + 3, 0, 5100, 100)  # the boundary passed 3 s ago
        sampler.align()
        await bench.world.until(40000)

    bench.world.run(life(), after(bench.world, STARTED_MS, bench.noise.run()), sampler.run())
    share = KITS["noise"].channels.index((22, 0))
    for record in log.records[1:]:
        assert record[2][share] >= 990, log.records
