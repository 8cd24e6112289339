# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What both ends of a payload agree on. README.md has it to the bit; imports only priors."""

from barri_wire.priors import TABLE_LEVELS

USUAL_DURATION_S = 60
TIME_LIMIT_S = 1 << 32
VALUE_LIMIT = 1 << 31
WINDOWS_LEVEL = 6  # expected size of "windows missed, less one": about a half
SECONDS_LEVEL = 16  # expected size of other differences of time: about 16 s


def shift_of(level: int) -> int:
    """Return how many low bits are sent as they are, at a level above the table's."""
    return max(level - TABLE_LEVELS + 2, 0) // 2
