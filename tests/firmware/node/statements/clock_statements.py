# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the clock promises. Runs on both interpreters."""

from virtual_ticks import PERIOD, Ticks

from barri_node.clock import Clock

SIX_DAYS_MS = 6 * 86400 * 1000


def uptime_begins_at_zero_wherever_the_ticks_stand():
    ticks = Ticks(PERIOD - 5)
    clock = Clock(ticks)
    assert clock.uptime_ms() == 0
    ticks.now += 3
    assert clock.uptime_ms() == 3
    assert clock.uptime_ms() == 3


def uptime_runs_on_through_every_wrap_of_the_ticks():
    ticks = Ticks(PERIOD - 5)
    clock = Clock(ticks)
    passed = 0
    for step in [4, 1, 1, 7, PERIOD // 2 - 1] + [SIX_DAYS_MS] * 5:
        ticks.now += step
        passed += step
        assert clock.uptime_ms() == passed
    assert passed > 2 * PERIOD


def uptime_in_seconds_is_whole_and_not_rounded_up():
    ticks = Ticks()
    clock = Clock(ticks)
    ticks.now = 1999
    assert clock.uptime_s() == 1
    ticks.now = 2000
    assert clock.uptime_s() == 2


def without_a_statement_there_is_no_utc():
    clock = Clock(Ticks())
    assert not clock.is_set()
    assert clock.utc_ms_at(0) is None


def the_first_statement_is_taken_however_uncertain():
    clock = Clock(Ticks())
    clock.set_utc(800000000, 250, 5000, 14999)
    assert clock.is_set()
    assert clock.utc_ms_at(5000) == 800000000250
    assert clock.utc_ms_at(4000) == 799999999250
    assert clock.uptime_ms_at(800000000250) == 5000


def both_ways_between_uptime_and_utc_agree():
    clock = Clock(Ticks())
    clock.set_utc(836524800, 999, 123456789, 0)
    for uptime_ms in (0, 1, 123456789, 5000000000):
        assert clock.uptime_ms_at(clock.utc_ms_at(uptime_ms)) == uptime_ms


def a_less_certain_statement_is_passed_over():
    clock = Clock(Ticks())
    clock.set_utc(800000000, 0, 0, 100)
    clock.set_utc(800000009, 0, 1000, 101)
    assert clock.utc_ms_at(0) == 800000000000


def a_statement_that_is_as_certain_or_better_is_taken():
    clock = Clock(Ticks())
    clock.set_utc(800000000, 0, 0, 100)
    clock.set_utc(800000001, 20, 1000, 100)
    assert clock.utc_ms_at(1000) == 800000001020
    clock.set_utc(800000002, 10, 2000, 7)
    assert clock.utc_ms_at(2000) == 800000002010
    clock.set_utc(800000003, 90, 3000, 100)
    assert clock.utc_ms_at(3000) == 800000003010


def certainty_fades_by_one_part_in_20000():
    """After 1000 s a clock known to 100 ms is known to 150 ms."""
    clock = Clock(Ticks())
    clock.set_utc(800000000, 0, 0, 100)
    clock.set_utc(800001000, 500, 1000000, 151)
    assert clock.utc_ms_at(1000000) == 800001000000
    clock.set_utc(800001000, 500, 1000000, 150)
    assert clock.utc_ms_at(1000000) == 800001000500


def the_budget_counts_from_the_last_statement_taken_not_from_one_passed_over():
    clock = Clock(Ticks())
    clock.set_utc(800000000, 0, 0, 100)
    clock.set_utc(800001000, 500, 1000000, 5000)
    clock.set_utc(800002000, 700, 2000000, 200)
    assert clock.utc_ms_at(2000000) == 800002000700
    clock.set_utc(800002000, 900, 2000000, 201)
    assert clock.utc_ms_at(2000000) == 800002000700


def no_statement_ever_moves_uptime():
    ticks = Ticks(77)
    clock = Clock(ticks)
    passed = 0
    for s2000, within_ms in ((800000000, 100), (700000000, 50), (900000000, 1), (1, 10**9)):
        ticks.now += 1234
        passed += 1234
        clock.set_utc(s2000, 999, clock.uptime_ms(), within_ms)
        assert clock.uptime_ms() == passed


def sleeping_ends_at_the_moment_asked_for_also_across_a_wrap():
    ticks = Ticks(PERIOD - 100)
    clock = Clock(ticks)
    ticks.run(clock.sleep_until(60000))
    assert clock.uptime_ms() == 60000
    assert ticks.slept == [60000]


def a_timer_that_ends_too_soon_is_slept_again():
    ticks = Ticks(0, early=3)
    clock = Clock(ticks)
    ticks.run(clock.sleep_until(1000))
    assert clock.uptime_ms() == 1000
    assert ticks.slept == [1000, 3, 2, 1]


def a_moment_that_has_passed_is_not_waited_for():
    ticks = Ticks()
    clock = Clock(ticks)
    ticks.now = 500
    ticks.run(clock.sleep_until(500))
    ticks.run(clock.sleep_until(20))
    assert ticks.slept == []
