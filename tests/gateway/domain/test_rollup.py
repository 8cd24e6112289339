# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Roll-ups: exact, in any order, and honest about what cannot be merged."""

from fractions import Fraction
from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri.domain.levels import FRACTION_BITS, energy_of, level_of
from barri.domain.observation import Datastream, Observation, value_text
from barri.domain.rollup import (
    EMPTY,
    Rollup,
    levels,
    merge,
    pack,
    part,
    read,
    unpack,
    value,
    write,
)
from barri.domain.windows import Window, is_regular, window_at, windows_of
from barri_wire.quantities import BY_NAME, every_quantity

MINUTE = Window(600, 660)
STREAMS = [Datastream("thing", quantity.name) for quantity in every_quantity()]


def rolled(quantity, *readings, window=MINUTE):
    """The value of a window from (start, duration, value) readings."""
    stream = Datastream("thing", quantity)
    whole = EMPTY
    for reading in readings:
        whole = merge(stream.about.merge, whole, part(Observation(stream, *reading), window))
    return value(stream.about, whole, window.length_s)


def test_ten_seconds_at_70_db_in_a_minute_at_50_db_are_62_4():
    assert rolled("laeq", (600, 10, 700), (610, 50, 500)) == 624


@given(st.lists(st.tuples(st.integers(0, 1400), st.integers(1, 60)), min_size=1, max_size=60))
def test_sound_levels_average_as_energy(pairs):
    """Against the definition of the equivalent level (ISO 1996-1), in 64-bit floats."""
    whole = sum(seconds * 10 ** (level / 100) for level, seconds in pairs)
    expected = 100 * log10(whole / sum(seconds for _level, seconds in pairs))
    stream = Datastream("thing", "laeq")
    rollup = EMPTY
    for level, seconds in pairs:
        seen = Observation(stream, 600, seconds, level)
        rollup = merge("energy_mean", rollup, part(seen, MINUTE))
    assert abs(value(stream.about, rollup, 60) - expected) <= 0.5 + 1e-6


@given(st.integers(0, 1400), st.integers(1, 86400))
def test_a_constant_level_stays_itself(level, seconds):
    assert level_of(energy_of(level, 1) * seconds, seconds, 1, 1400) == level


def test_energies_are_right_to_the_last_bit():
    assert energy_of(0, 1) == 1 << FRACTION_BITS
    assert energy_of(100, 1) == 10 << FRACTION_BITS
    assert energy_of(1400, 1) == 10**14 << FRACTION_BITS


@given(
    st.sampled_from(STREAMS),
    st.lists(
        st.tuples(
            st.integers(540, 660),
            st.integers(1, 60),
            st.integers(0, 100),
            st.sampled_from(["", "a1b2 2026-11-22 +1.3 dB", "epa_pm2_5 2021-airnow"]),
        ),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_any_order_and_any_grouping_of_arrival_gives_the_same_bytes(stream, readings, random):
    parts = [part(Observation(stream, *reading), MINUTE) for reading in readings]
    rule = stream.about.merge
    straight = EMPTY
    for one in parts:
        straight = merge(rule, straight, one)
    random.shuffle(parts)
    halves = [EMPTY, EMPTY]
    for one in parts:
        side = random.randrange(2)
        halves[side] = merge(rule, halves[side], one)
    again = merge(rule, *halves)
    assert again == straight
    assert pack(again.state) == pack(straight.state)
    assert unpack(pack(again.state)) == again.state
    assert write(again) == write(straight)
    assert read(again.weight_s, write(again)) == again


@given(st.lists(st.tuples(st.integers(-5000, 8500), st.integers(1, 60)), min_size=1, max_size=30))
def test_means_are_exact_and_rounded_half_up(pairs):
    whole = Fraction(sum(v * s for v, s in pairs), sum(s for _v, s in pairs))
    readings = [(600, seconds, reading) for reading, seconds in pairs]
    assert rolled("temperature", *readings) == (whole + Fraction(1, 2)).__floor__()


def test_a_record_that_straddles_a_boundary_is_apportioned_by_seconds():
    before, after = Window(540, 600), MINUTE
    reading = (590, 30, 2000)
    stream = Datastream("thing", "temperature")
    assert part(Observation(stream, *reading), before).weight_s == 10
    assert part(Observation(stream, *reading), after).weight_s == 20
    assert rolled("temperature", reading, (620, 20, 3000)) == 2500


def test_a_maximum_counts_in_both_windows_it_may_lie_in():
    for window in (Window(540, 600), MINUTE):
        assert rolled("lafmax", (590, 30, 900), window=window) == 900
        assert rolled("lafmin", (590, 30, 300), window=window) == 300


def test_a_counter_is_its_last_reading_taken_at_the_end_of_a_record():
    assert rolled("energy_import", (610, 10, 1005), (600, 10, 1000)) == 1005
    assert rolled("energy_import", (650, 20, 1005), window=MINUTE) is None
    assert rolled("energy_import", (650, 20, 1005), window=Window(660, 720)) == 1005
    assert rolled("energy_import", (590, 10, 999)) is None  # read at the boundary: belongs before


def test_percentiles_never_roll_up():
    assert rolled("la90", (600, 30, 400), (630, 30, 400)) is None
    assert rolled("la90", (600, 30, 400)) is None
    assert rolled("la90", (600, 60, 400)) == 400
    assert levels("never", 60, True, 60) == [60]
    assert levels("never", 10, True, 60) == []


def test_no_reading_gives_no_value():
    assert value(BY_NAME["temperature"], EMPTY, 60) is None
    assert rolled("temperature", (700, 10, 2000)) is None


def test_levels_are_as_measured_a_minute_and_an_hour():
    assert levels("mean", 10, True, 10) == [10, 60, 3600]
    assert levels("mean", 60, True, 60) == [60, 3600]
    assert levels("mean", 7, False, 10) == [60, 3600]  # cut short: no level of its own
    assert levels("mean", 5, True, 300) == [3600]  # nor one finer than the node's windows
    assert levels("mean", 300, True, 300) == [300, 3600]


@given(st.integers(0, 2**32), st.integers(1, 86400), st.sampled_from([10, 60, 900, 3600]))
def test_windows_cover_a_record_and_are_aligned(start_s, duration_s, length_s):
    found = windows_of(start_s, duration_s, length_s)
    assert (found == []) == (duration_s > length_s)
    assert len(found) <= 2
    if found:
        assert sum(w.overlap_s(start_s, start_s + duration_s) for w in found) == duration_s
    assert all(w.start_s % length_s == 0 and w.length_s == length_s for w in found)
    assert window_at(start_s, length_s).start_s <= start_s


def test_regular_records_are_whole_windows_of_their_own():
    assert is_regular(600, 60)
    assert not is_regular(601, 60)
    assert not is_regular(600, 7)


@pytest.mark.parametrize(
    ("steps", "decimals", "text"),
    [(-5, 1, "-0.5"), (1234, 2, "12.34"), (7, 0, "7"), (0, 2, "0.00"), (-1234, 2, "-12.34")],
)
def test_values_are_written_with_the_decimals_of_their_quantity(steps, decimals, text):
    assert value_text(steps, decimals) == text


def test_a_window_states_the_corrections_of_all_that_is_in_it():
    stream = Datastream("thing", "laeq")

    def made(*names):
        whole = EMPTY
        for second, name in enumerate(names):
            seen = Observation(stream, 600 + second, 1, 500, name)
            whole = merge("energy_mean", whole, part(seen, MINUTE))
        return whole.made_with

    assert made("", "") == ""
    assert made("b", "b") == "b"
    assert made("b", "a", "b") == "a; b"
    assert made("", "b") == "b; raw"
    assert made("b", "a", "", "a") == "a; b; raw"


def test_a_roll_up_that_was_written_before_there_were_corrections_is_of_raw_values():
    assert read(60, b"12345 678") == Rollup(60, (12345, 678), "")
    assert write(Rollup(60, (12345, 678))) == b"12345 678"
    assert write(Rollup(60, (5,), "a; raw")) == b"5|a; raw"
