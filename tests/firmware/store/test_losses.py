# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Lost ranges against a plain set of sequences."""

import hypothesis.strategies as st
from hypothesis import given

from barri_node.store.losses import RANGES_LIMIT, Losses

STEPS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 1), st.integers(0, 300), st.integers(0, 40)),
    max_size=60,
)


def covered(losses: Losses) -> set[tuple[int, int]]:
    return {(s, n) for s, first, count, _ in losses.ranges for n in range(first, first + count)}


@given(STEPS)
def test_no_loss_is_ever_hidden_and_the_list_stays_short(steps: list[tuple]) -> None:
    losses = Losses()
    lost: set[tuple[int, int]] = set()
    for is_report, store, first, count in steps:
        sequences = {(store, n) for n in range(first, first + count)}
        if is_report:
            losses.remove(store, first, first + count)
            lost -= sequences
        else:
            losses.add(store, first, first + count, 1)
            lost |= sequences
        assert len(losses.ranges) <= RANGES_LIMIT
        assert lost <= covered(losses)
        assert sum(entry[2] for entry in losses.ranges) == len(covered(losses)), (
            "one counted twice"
        )


def test_a_growing_loss_stays_one_range() -> None:
    losses = Losses()
    for first in range(0, 1000, 10):
        losses.add(7, first, first + 10, 1)
    assert (losses.ranges, losses.total) == ([(7, 0, 1000, 1)], 1000)
