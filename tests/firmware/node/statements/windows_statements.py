# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Where windows end, and what their records say. Runs on both interpreters."""

from virtual_ticks import Uptime

from barri_node.windows import Windows

DAY_S = 800064000  # midnight UTC, in seconds since 2000
assert DAY_S % 86400 == 0


def _synced(clock, utc_ms):
    """Tell a clock what UTC is now."""
    clock.offset_ms = utc_ms - clock.now_ms


def before_any_clock_windows_are_multiples_of_their_length_in_uptime():
    clock = Uptime(2500)
    windows = Windows(clock, 60)
    assert (windows.start_ms, windows.end_ms) == (2500, 60000)
    clock.now_ms = 60000
    assert windows.close() == (3, 57, False)
    assert (windows.start_ms, windows.end_ms) == (60000, 120000)
    clock.now_ms = 120400
    assert windows.close() == (60, 60, False)


def the_first_sync_ends_the_window_at_the_next_utc_boundary():
    clock = Uptime()
    windows = Windows(clock, 60)
    clock.now_ms = 10000
    _synced(clock, (DAY_S + 45) * 1000)
    windows.align()
    assert windows.end_ms == 25000
    clock.now_ms = 25000
    assert windows.close() == (DAY_S + 35, 25, True)
    assert windows.close() == (DAY_S + 60, 60, True)


def a_boundary_that_passed_before_the_first_sync_ends_the_window_at_once():
    clock = Uptime()
    windows = Windows(clock, 60)
    clock.now_ms = 45000
    _synced(clock, (DAY_S + 75) * 1000)
    windows.align()
    assert windows.end_ms == 45001
    assert windows.close() == (DAY_S + 30, 45, True)
    assert windows.close() == (DAY_S + 75, 45, True)
    assert windows.close() == (DAY_S + 120, 60, True)


def align_without_a_clock_changes_nothing_and_may_come_again():
    clock = Uptime()
    windows = Windows(clock, 60)
    windows.align()
    assert windows.end_ms == 60000
    _synced(clock, (DAY_S + 20) * 1000)
    windows.align()
    assert windows.end_ms == 40000


def only_the_first_sync_moves_the_running_window():
    clock = Uptime()
    windows = Windows(clock, 60)
    _synced(clock, DAY_S * 1000)
    windows.align()
    clock.now_ms = 30000
    _synced(clock, (DAY_S + 33) * 1000)
    windows.align()
    assert windows.end_ms == 60000


def a_correction_by_less_than_half_a_second_leaves_no_gap_and_no_splinter():
    for shift_ms in (-499, 499):
        clock = Uptime()
        windows = Windows(clock, 60)
        _synced(clock, DAY_S * 1000)
        windows.align()
        assert windows.close() == (DAY_S, 60, True)
        clock.now_ms = 70000
        clock.offset_ms += shift_ms
        assert windows.close() == (DAY_S + 60, 60, True)
        assert windows.close() == (DAY_S + 120, 60, True)
        assert clock.utc_ms_at(windows.start_ms) == (DAY_S + 180) * 1000


def a_larger_correction_is_told_as_it_is_and_the_next_window_is_aligned_again():
    clock = Uptime()
    windows = Windows(clock, 60)
    _synced(clock, DAY_S * 1000)
    windows.align()
    clock.now_ms = 30000
    clock.offset_ms += 5000
    assert windows.close() == (DAY_S + 5, 60, True)
    assert windows.close() == (DAY_S + 65, 55, True)
    assert windows.close() == (DAY_S + 120, 60, True)


def a_splinter_without_a_whole_second_has_no_record_and_costs_its_neighbours_nothing():
    clock = Uptime(59600)
    windows = Windows(clock, 60)
    assert windows.close() is None
    assert windows.close() == (60, 60, False)


def seconds_are_rounded_to_the_nearest():
    for start_ms, start_s in ((499, 0), (500, 1), (1499, 1)):
        windows = Windows(Uptime(start_ms), 60)
        assert windows.close() == (start_s, 60 - start_s, False)


def readings_are_taken_in_the_middles_of_equal_parts():
    windows = Windows(Uptime(), 60)
    due_ms, found = -1, []
    while due_ms < 60000:
        due_ms = windows.next_sample_ms(20000, due_ms + 1)
        found.append(due_ms)
    assert found == [10000, 30000, 50000, 70000]


def a_rhythm_slower_than_the_window_gives_one_reading_in_its_middle():
    windows = Windows(Uptime(), 1)
    assert windows.next_sample_ms(10000, 0) == 500
    assert windows.next_sample_ms(10000, 501) == 1500


def a_rhythm_that_does_not_divide_the_window_is_stretched_to_do_so():
    windows = Windows(Uptime(), 60)
    assert windows.next_sample_ms(25000, 0) == 15000
    assert windows.next_sample_ms(25000, 15001) == 45000
