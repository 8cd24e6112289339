# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Ranges behave like Python's own sets of whole numbers, the independent model here."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri.domain.ranges import Ranges, fresh_ranges, is_fresh, pack_fresh, unpack

ranges = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 40)), max_size=12)


def members(parts: list[tuple[int, int]]) -> set[int]:
    return {number for first, count in parts for number in range(first, first + count)}


@given(ranges)
def test_adding_ranges_is_the_union_of_their_members(parts: list[tuple[int, int]]) -> None:
    held = Ranges(parts)
    assert members(list(held)) == members(parts)
    assert held.total() == len(members(parts))
    assert held.end == max(members(parts), default=-1) + 1
    assert all(number in held for number in members(parts))
    assert all((number in held) == (number in members(parts)) for number in range(250))


@given(ranges)
def test_ranges_are_as_few_as_possible_and_ascending(parts: list[tuple[int, int]]) -> None:
    listed = list(Ranges(parts))
    assert all(a + n < b for (a, n), (b, _) in pairwise(listed))


@given(ranges, st.integers(0, 250), st.integers(1, 60))
def test_missing_parts_are_the_difference(
    parts: list[tuple[int, int]], first: int, count: int
) -> None:
    missing = Ranges(parts).missing_in(first, count)
    assert members(missing) == set(range(first, first + count)) - members(parts)


@given(ranges, ranges)
def test_union(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    both = Ranges(one).union(Ranges(other))
    assert members(list(both)) == members(one) | members(other)


@given(ranges)
def test_a_copy_is_independent_and_equal(parts: list[tuple[int, int]]) -> None:
    held = Ranges(parts)
    twin = held.copy()
    assert twin == held
    twin.add(1000, 1)
    assert 1000 not in held


@given(ranges)
def test_packing_and_unpacking_gives_the_same(parts: list[tuple[int, int]]) -> None:
    assert unpack(Ranges(parts).pack()) == Ranges(parts)


@given(st.binary(max_size=40))
def test_any_bytes_unpack_to_ranges_or_a_value_error(body: bytes) -> None:
    try:
        held = unpack(body)
    except ValueError:
        return
    assert unpack(held.pack()) == held


@pytest.mark.parametrize(("first", "count"), [(-1, 1), (0, 0), (5, -2)])
def test_impossible_ranges_are_refused(first: int, count: int) -> None:
    with pytest.raises(ValueError, match="a range has"):
        Ranges().add(first, count)


@given(st.integers(0, 1000), st.lists(st.booleans(), min_size=1, max_size=80))
def test_fresh_records_survive_packing(first: int, new: list[bool]) -> None:
    if not any(new):
        return
    fresh = list(Ranges((first + i, 1) for i, flag in enumerate(new) if flag))
    packed = pack_fresh(first, len(new), fresh)
    assert (packed is None) == all(new)
    assert [is_fresh(packed, i) for i in range(len(new))] == new
    assert fresh_ranges(first, len(new), packed) == fresh
