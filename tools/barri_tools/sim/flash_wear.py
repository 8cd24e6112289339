# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How long flash lasts: from erases counted on a simulated part to years at its rated cycles."""

from collections.abc import Sequence

RATED_CYCLES = 100_000  # erases of a block; W25Q32JV datasheet, section 1, and others alike
DAYS_PER_YEAR = 365.25


def years(erases: Sequence[int], days: float) -> float:
    """Return how long the most worn block lasts when every day wears as `days` days have.

    erases: of each block in these days. Without any, flash lasts for ever.
    """
    most = max(erases)
    return RATED_CYCLES / most * days / DAYS_PER_YEAR if most else float("inf")


def years_in_turn(erases: Sequence[int], days: float, blocks: int) -> float:
    """The same for a ring of `blocks` blocks that are erased one after the other."""
    return (
        RATED_CYCLES * blocks / sum(erases) * days / DAYS_PER_YEAR if any(erases) else float("inf")
    )
