# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Simulated time: never past what a node still has to do, never behind real time for long."""

import struct
from pathlib import Path

import pytest

from barri_tools.sim.conductor import Conductor

START_UTC_S = 1_790_000_000


class RealTime:
    """The machine's monotonic clock, moved by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def conductor(speed: float = 1.0) -> tuple[Conductor, RealTime]:
    real = RealTime()
    return Conductor(START_UTC_S, speed, real), real


def nobody(sleep: int, now_us: int) -> None:
    """A node that does not care to be woken."""


def test_time_runs_speed_times_as_fast_as_real_time() -> None:
    time, real = conductor(speed=20.0)
    real.now_s += 3
    assert time.now_us() == pytest.approx(60e6)
    assert time.utc_s() == pytest.approx(START_UTC_S + 60)


def test_a_busy_node_holds_the_time() -> None:
    time, real = conductor()
    real.now_s += 1
    joined_us = time.join("noise", nobody)
    real.now_s += 0.5
    assert time.now_us() == joined_us == 1_000_000


def test_time_stops_at_the_first_moment_that_a_sleeping_node_waits_for() -> None:
    time, real = conductor()
    time.join("air", nobody)
    time.join("noise", nobody)
    time.idle("air", 1, 700_000)
    time.idle("noise", 1, 50_000)
    real.now_s += 1
    assert time.now_us() == 50_000


def test_a_node_that_is_gone_holds_nothing() -> None:
    time, real = conductor()
    time.join("air", nobody)
    real.now_s += 1
    time.leave("air")
    real.now_s += 1
    assert time.now_us() == pytest.approx(1_000_000)


def test_what_a_node_held_back_is_not_caught_up_in_the_moment_it_goes() -> None:
    """Or a node whose power is cut would seem to have measured through that jump."""
    time, real = conductor(speed=300.0)
    time.join("air", nobody)
    real.now_s += 1.5
    time.leave("air")
    assert time.now_us() == 0


def test_what_was_held_up_is_caught_up_when_the_node_sleeps_again() -> None:
    time, real = conductor()
    time.join("air", nobody)
    real.now_s += 0.3
    time.idle("air", 1, 10_000_000)
    assert time.now_us() == pytest.approx(300_000, abs=2)


def test_a_machine_that_is_too_slow_is_not_asked_to_catch_up_for_ever() -> None:
    time, real = conductor()
    time.join("air", nobody)
    real.now_s += 3600
    time.now_us()
    time.idle("air", 1, 10_000_000_000)
    assert time.now_us() < 1_000_000


def test_a_sleeper_is_woken_once_at_its_moment_with_the_number_of_its_sleep() -> None:
    time, real = conductor()
    woken: list[tuple[int, int]] = []
    time.join("air", lambda sleep, now_us: woken.append((sleep, now_us)))
    time.idle("air", 7, 40_000)
    real.now_s += 1

    def stop_when_woken(sleep: int, now_us: int) -> None:
        woken.append((sleep, now_us))
        time.stop()

    time._wakers["air"] = stop_when_woken
    time.run()
    assert woken == [(7, 40_000)]


def test_others_read_the_same_time_from_a_file(tmp_path: Path) -> None:
    time, real = conductor()
    time.publish(tmp_path / "clock")
    real.now_s += 2
    time.now_us()
    (utc_us,) = struct.unpack("<q", (tmp_path / "clock").read_bytes())
    assert utc_us == START_UTC_S * 1_000_000 + 2_000_000


def test_time_slower_than_real_time_is_refused_because_nodes_would_hang() -> None:
    with pytest.raises(ValueError, match="slower"):
        Conductor(START_UTC_S, 0.5)


def test_a_deep_sleep_outlives_the_process_and_holds_the_time_at_its_end() -> None:
    time, real = conductor()
    time.join("air", nobody)
    time.sleep_deeply("air", 500_000)
    assert time.all_asleep()
    real.now_s += 1
    assert time.now_us() == 500_000
    assert time._take_due()
    assert time.has_woken("air")
    assert not time.all_asleep()
    assert time.join("air", nobody) == 500_000
    assert not time.has_woken("air")
    assert [(one.name, one.from_us, one.until_us) for one in time.awake] == [("air", 0, 0)]


def test_power_that_is_cut_in_deep_sleep_wakes_nobody() -> None:
    time, real = conductor()
    time.join("air", nobody)
    time.sleep_deeply("air", 500_000)
    time.leave("air")
    real.now_s += 1
    assert time.now_us() == pytest.approx(1_000_000)
    assert not time.has_woken("air")
