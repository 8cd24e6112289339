# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The sound meter's windows, to the sample, with microphones that fail. Runs on MicroPython.

At 1000 Hz a sample is a millisecond; the microphone starts at 7 ms, so that windows end within a
block of 20 samples.
"""

from fake_sound import FakeMicrophone, NotingMeter, after
from virtual_world import World

from barri_node.clock import Clock
from barri_node.listener import Listener
from barri_node.windows import Windows

STARTED_MS = 7


class _Bench:
    def __init__(self, length_s=1, rate_hz=1000, **faults):
        self.world = World()
        self.clock = Clock(self.world)
        self.windows = Windows(self.clock, length_s)
        self.microphone = FakeMicrophone(self.world, rate_hz, **faults)
        self.meter = NotingMeter()
        self.noise = Listener(
            self.microphone, self.meter, rate_hz, self.clock, self.windows, self.world.say
        )
        self.closed = []

    async def _windows(self, count):
        for _ in range(count):
            start_ms, end_ms = self.windows.start_ms, self.windows.end_ms
            await self.clock.sleep_until(end_ms)
            self.windows.close()
            self.closed.append(await self.noise.close(end_ms, end_ms - start_ms))

    def run(self, count):
        """Close so many windows; gives the share that each says was measured."""
        listening = after(self.world, STARTED_MS, self.noise.run())
        self.world.run(self._windows(count), listening)
        return [levels.get("measured_share") for levels in self.closed]

    def heard(self):
        """For each window the samples that it got, as (first, end)."""
        return [[tuple(part) for part in ranges] for ranges in self.meter.windows]


def a_window_ends_within_a_block_at_its_very_sample():
    bench = _Bench()
    assert bench.run(4) == [993, 1000, 1000, 1000]
    assert bench.heard() == [[(0, 993)], [(993, 1993)], [(1993, 2993)], [(2993, 3993)]]
    assert bench.closed[0] == {"laeq": 500, "measured_share": 993}
    assert bench.world.said == []


def at_48_khz_too():
    bench = _Bench(rate_hz=48000)
    assert bench.run(2) == [993, 1000]
    assert bench.heard() == [[(0, 993 * 48)], [(993 * 48, 1993 * 48)]]


def blocks_that_end_with_the_window_belong_to_it():
    bench = _Bench(short=(13,) + (20,) * 49 + (7,))
    bench.run(3)
    assert bench.heard() == [[(0, 993)], [(993, 1993)], [(1993, 2993)]]


def short_blocks_are_taken_for_what_they_are():
    bench = _Bench(short=(3, 1, 19, 20, 7))
    assert bench.run(3) == [993, 1000, 1000]
    assert bench.heard() == [[(0, 993)], [(993, 1993)], [(1993, 2993)]]


def half_a_second_lost_is_missing_in_its_window_and_in_no_other():
    bench = _Bench(losses={1200: 500})
    assert bench.run(4) == [993, 500, 1000, 1000]
    assert bench.heard() == [
        [(0, 993)], [(993, 1200), (1700, 1993)], [(1993, 2993)], [(2993, 3993)],
    ]  # fmt: skip


def a_loss_across_the_end_of_a_window_costs_each_its_part():
    bench = _Bench(losses={800: 500})
    assert bench.run(3) == [800, 693, 1000]
    assert bench.heard() == [[(0, 800)], [(1300, 1993)], [(1993, 2993)]]


def several_losses_add_up():
    bench = _Bench(length_s=10, losses={1200: 300, 4000: 200, 8000: 1000, 12000: 700})
    assert bench.run(2) == [849, 930]


def a_lateness_that_the_buffer_can_explain_is_no_loss():
    """100 ms behind is what a full DMA buffer looks like: no sample is passed over."""
    bench = _Bench(late_ms=100)
    assert bench.run(2) == [993, 1000]
    assert bench.heard() == [[(0, 993)], [(993, 1993)]]


def two_small_losses_are_seen_together():
    bench = _Bench(length_s=10, losses={1200: 100, 4000: 100})
    bench.run(2)
    lost = 2 * 100
    assert sum(end - first for window in bench.heard() for first, end in window) == 19993 - lost


def the_share_is_rounded_to_the_nearest_tenth_of_a_percent():
    for lost, share in ((133, 930), (134, 930), (135, 929)):
        bench = _Bench(length_s=2, losses={500: lost})
        assert bench.run(1) == [share]  # of 1993 - lost in 2000


def a_stall_within_a_window_is_a_gap():
    bench = _Bench(length_s=10, stalls={2000: 3000})
    assert bench.run(3) == [699, 1000, 1000]
    assert bench.heard()[0] == [(0, 2000), (5000, 9993)]


def no_sound_at_a_windows_end_is_said_and_waited_for_two_seconds_at_most():
    bench = _Bench(length_s=10, stalls={8000: 7000})
    shares = bench.run(4)
    assert bench.world.said == [(12000, "microphone: no sound came")]
    assert shares[0] == 800
    assert shares[1:] == [499, 1000, 1000]
    assert bench.heard()[1:] == [[(15000, 19993)], [(19993, 29993)], [(29993, 39993)]]


def what_came_before_a_stall_never_counts_for_the_window_in_which_sound_comes_back():
    bench = _Bench(length_s=10, stalls={8000: 7000})
    bench.run(2)
    assert bench.heard()[0] == [(0, 8000)]
    assert bench.heard()[1] == [(15000, 19993)]


def a_microphone_that_fails_is_said_and_tried_again_after_30_seconds():
    bench = _Bench(length_s=60, failures=(10000,))
    microphone = bench.microphone
    failing = microphone.readinto

    async def readinto(buffer):
        if bench.noise._heard == 0 and microphone.next:
            microphone.skip_to_now()
        return await failing(buffer)

    microphone.readinto = readinto
    assert bench.run(3) == [500, 1000, 1000]
    assert bench.world.said == [(10007, "microphone: OSError(5,)")]
    heard = bench.heard()
    assert heard[0] == [(0, 10000), (40000, 59993)]
    assert heard[1] == [(59993, 119993)]


def a_failure_over_a_windows_end_leaves_the_windows_after_it_whole():
    bench = _Bench(length_s=60, failures=(50000,))
    shares = bench.run(4)
    assert shares[0] in (None, 833)
    assert shares[2:] == [1000, 1000]
    said = [text for _, text in bench.world.said]
    assert said == ["microphone: OSError(5,)", "microphone: no sound came"]


def a_microphone_that_never_speaks_costs_no_window():
    bench = _Bench(length_s=10, failures=[0] * 100)
    assert bench.run(5) == [0] * 5
    assert all(levels["measured_share"] == 0 for levels in bench.closed)
    assert len(bench.closed) == 5
