# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Histograms: what they add up to, what a calibration makes of them, and their percentiles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri.domain import histogram
from barri.domain.histogram import CLASS_DDB, CLASSES, PERCENT, added, counted, exceeded_ddb
from barri.domain.rollup import (
    EMPTY,
    Rollup,
    merge,
    part_of_histogram,
    read,
    value,
    write,
)
from barri_wire.quantities import BY_NAME

HOUR = 3600 * histogram.LEVELS_PER_S
COUNTS = st.lists(st.integers(0, 3000), min_size=1, max_size=40)
PIECES = st.tuples(st.integers(0, CLASSES - 1), COUNTS, st.integers(-200, 200))
INNER = st.integers(60, 180)  # far enough from both ends for any offset


def total(state):
    return sum(state[2:])


def middle_ddb(state):
    """The mean level, with every class standing for its middle."""
    _mark, first, *fifths = state
    levels = CLASS_DDB * (np.arange(len(fifths)) + first + 0.5)
    return np.average(levels, weights=fifths)


@given(st.lists(PIECES, min_size=3, max_size=3))
def test_merging_keeps_every_count_in_any_order(pieces):
    one, two, three = (part_of_histogram(counted(*piece), "") for piece in pieces)
    left = merge("never", merge("never", one, two), three)
    right = merge("never", three, merge("never", two, one))
    assert left == right
    assert total(left.state) == CLASS_DDB * sum(sum(counts) for _, counts, _ in pieces)


@given(INNER, COUNTS, st.integers(-200, 200))
def test_an_offset_moves_the_mean_level_by_itself_and_loses_no_count(first, counts, offset_ddb):
    if not any(counts):
        return
    raw, moved = counted(first, counts), counted(first, counts, offset_ddb)
    assert total(moved) == total(raw)
    assert middle_ddb(moved) - middle_ddb(raw) == pytest.approx(offset_ddb)


@given(
    INNER,
    st.lists(st.integers(1, 3000), min_size=1, max_size=40),
    st.integers(-200, 200),
    st.sampled_from(sorted(PERCENT.values())),
)
def test_a_percentile_moves_by_the_offset_within_a_class(first, counts, offset_ddb, percent):
    raw = exceeded_ddb(counted(first, counts), percent)
    moved = exceeded_ddb(counted(first, counts, offset_ddb), percent)
    allowed_ddb = CLASS_DDB if offset_ddb % CLASS_DDB else 0
    assert abs(moved - raw - offset_ddb) <= allowed_ddb


@given(INNER, COUNTS, st.integers(-40, 40).map(lambda steps: CLASS_DDB * steps))
def test_whole_classes_there_and_back_are_the_same_counts(first, counts, offset_ddb):
    there = counted(first, counts, offset_ddb)
    back = counted(there[1], there[2:], -offset_ddb) if there else ()
    assert back[2:] == tuple(CLASS_DDB * count for count in counted(first, counts)[2:])
    assert back[:2] == counted(first, counts)[:2]


@given(INNER, st.integers(1, 3000), st.integers(-200, 200))
def test_there_and_back_stays_within_a_class(place, count, offset_ddb):
    there = counted(place, [count], offset_ddb)
    back = counted(there[1], there[2:], -offset_ddb)
    assert total(back) == CLASS_DDB**2 * count
    assert place - 1 <= back[1] <= back[1] + len(back) - 3 <= place + 1
    assert middle_ddb(back) == pytest.approx(middle_ddb(counted(place, [count])))


def test_an_offset_of_a_fifth_of_a_class_takes_a_fifth_of_the_counts_along_by_hand():
    """Five levels from 50.0 to 50.5 dB, evenly spread; 0.1 dB louder one of them is over 50.5."""
    assert counted(100, [5], 1) == (-1, 100, 20, 5)
    assert counted(100, [5], -1) == (-1, 99, 5, 20)
    assert counted(100, [5], 12) == (-1, 102, 15, 10)


def test_what_would_leave_the_classes_stays_in_the_last_one():
    assert counted(CLASSES - 1, [7], 200) == (-1, CLASSES - 1, 35)
    assert counted(0, [7], -200) == (-1, 0, 35)
    assert counted(CLASSES - 1, [7, 0, 3]) == (-1, CLASSES - 1, 50)


@given(
    st.integers(0, CLASSES - 40),
    st.lists(st.integers(0, 400), min_size=1, max_size=40),
    st.sampled_from(sorted(PERCENT.values())),
)
def test_percentiles_are_numpys_of_the_levels_themselves(first, counts, percent):
    """numpy.percentile of levels spread evenly within their classes; between the two levels that
    may stand for it, as there are several conventions for few levels.
    """
    if not any(counts):
        return
    spread = [
        CLASS_DDB * (place + (np.arange(count) + 0.5) / count)
        for place, count in enumerate(counts, first)
        if count
    ]
    levels = np.sort(np.concatenate(spread))
    found = exceeded_ddb(counted(first, counts), percent)
    share = 100 - percent
    widest = max(CLASS_DDB / (2 * count) for count in counts if count)
    low, high = (np.percentile(levels, share, method=way) for way in ("lower", "higher"))
    assert low - widest - 0.5 <= found <= high + widest + 0.5


@given(st.lists(st.floats(200, 1200), min_size=1, max_size=300).map(np.array))
def test_percentiles_are_within_a_class_of_those_of_exact_levels(levels):
    """Levels as a microphone hears them, in 64-bit floats, against their classes."""
    counts = np.bincount((levels // CLASS_DDB).astype(int), minlength=CLASSES).tolist()
    for percent in PERCENT.values():
        exact = -np.percentile(-levels, percent, method="inverted_cdf")  # from the loudest down
        assert abs(exceeded_ddb(counted(0, counts), percent) - exact) <= CLASS_DDB + 0.5


def test_the_day_is_not_the_mean_of_its_hours():
    """Eleven hours at 40.0 to 40.5 dB and one 40 dB louder. It is louder for 8.3 % of the time, so
    LA10 is just below 40.5; the mean of the hours' LA10 would be 43.8. By hand: 5 % of twelve
    hours are 0.6 of the loud one, which is 80.5 less 0.6 of its class.
    """
    quiet, loud = counted(80, [11 * HOUR]), counted(160, [HOUR])
    day = added(quiet, loud)
    assert exceeded_ddb(day, 10) == 405
    assert exceeded_ddb(day, 5) == 802


@pytest.mark.parametrize(("heard_s", "known"), [(3600, True), (2700, True), (2699, False)])
def test_an_hour_has_percentiles_if_three_quarters_of_it_were_heard(heard_s, known):
    whole = part_of_histogram(counted(100, [heard_s * histogram.LEVELS_PER_S]), "")
    for quantity in PERCENT:
        found = value(BY_NAME[quantity], whole, 3600)
        assert (found is not None) == known
        assert found is None or 500 <= found <= 505


def test_seconds_are_counted_over_pieces_not_rounded_in_each():
    piece = part_of_histogram(counted(100, [7]), "")
    assert piece.weight_s == 0
    assert merge("never", piece, merge("never", piece, piece)).weight_s == 2


def test_nothing_counted_is_nothing():
    assert counted(100, [0, 0]) == ()
    assert part_of_histogram((), "x") == EMPTY


@given(PIECES)
def test_what_is_written_is_read_again(piece):
    whole = part_of_histogram(counted(*piece), "a1b2c3 2026-11-22 +1.3 dB")
    if whole.state:
        assert read(whole.weight_s, write(whole)) == whole


def test_a_nodes_own_percentile_beside_a_histogram_gives_none():
    own = Rollup(3600, (1, 620))
    counts = part_of_histogram(counted(100, [HOUR]), "")
    for one, other in ((own, counts), (counts, own)):
        mixed = merge("never", one, other)
        assert value(BY_NAME["la10"], mixed, 3600) is None
        assert value(BY_NAME["la10"], merge("never", mixed, counts), 3600) is None
