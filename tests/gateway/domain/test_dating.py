# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Dates: from anchors, within bounds, and never guessed."""

from barri.domain.dating import (
    EARLIEST_S,
    Anchor,
    Dated,
    Timing,
    Undated,
    date,
    full_boot,
    plausible,
)

NOW_S = 1_800_000_000


def test_plausible_is_from_2020_to_five_minutes_ahead():
    assert plausible(EARLIEST_S, EARLIEST_S + 10, NOW_S)
    assert not plausible(EARLIEST_S - 1, EARLIEST_S + 9, NOW_S)
    assert plausible(NOW_S + 290, NOW_S + 300, NOW_S)
    assert not plausible(NOW_S + 291, NOW_S + 301, NOW_S)
    assert not plausible(0, 10, NOW_S)  # a node in 1970
    assert not plausible(946_684_800, 946_684_810, NOW_S)  # or in 2000


def test_within_the_current_boot_the_hello_tells_what_uptime_it_is_now():
    timing = Timing(current=5, hello=Anchor(5, 1000, NOW_S))
    assert date(5, timing, NOW_S, NOW_S) == Dated(NOW_S - 1000)


def test_the_nodes_own_anchor_is_taken_before_the_hello():
    """A hello may have waited in a broker's queue; the node's own anchor is exact."""
    timing = Timing((Anchor(5, 10, NOW_S - 995),), 5, Anchor(5, 1000, NOW_S))
    assert date(5, timing, NOW_S, NOW_S) == Dated(NOW_S - 1005)


def test_an_anchor_of_another_board_with_the_same_id_is_not_taken():
    timing = Timing((Anchor(5, 10, NOW_S - 10_000_000),), 5, Anchor(5, 1000, NOW_S))
    assert date(5, timing, NOW_S, NOW_S) == Dated(NOW_S - 1000)


def test_earlier_boots_need_an_anchor_of_their_own():
    timing = Timing((Anchor(4, 50, NOW_S - 5000),), 6, Anchor(6, 10, NOW_S))
    assert date(4, timing, NOW_S, NOW_S) == Dated(NOW_S - 5050)
    found = date(5, timing, NOW_S, NOW_S)
    assert found == Undated("anchor", NOW_S - 5000, NOW_S - 10)


def test_without_any_anchor_only_the_arrival_bounds_it():
    assert date(5, Timing(), NOW_S - 7, NOW_S) == Undated("anchor", EARLIEST_S, NOW_S - 7)
    assert date(5, Timing(), None, NOW_S) == Undated("anchor", EARLIEST_S, NOW_S)


def test_anchors_that_a_wrong_clock_made_are_not_taken():
    for utc_s in (946_684_900, NOW_S + 301):
        found = date(5, Timing((Anchor(5, 10, utc_s),), 5), NOW_S, NOW_S)
        assert isinstance(found, Undated)


def test_the_wire_carries_eight_bits_of_a_boot():
    assert full_boot(5, Timing(current=5)) == 5
    assert full_boot(5, Timing(current=261)) == 261
    assert full_boot(6, Timing(current=261)) == 6
    assert full_boot(255, Timing(current=256)) == 255
    assert full_boot(4, Timing((Anchor(4, 1, 1), Anchor(260, 1, 1)))) == 260
    assert full_boot(4, Timing()) is None
