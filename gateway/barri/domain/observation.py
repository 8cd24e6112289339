# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Datastreams and observations: one quantity of one Thing, and its values.

Values are integers in steps of `10**-decimals` units, times whole Unix seconds, windows
half-open. Imports only the wire's table of quantities.
"""

from typing import NamedTuple

from barri_wire.quantities import BY_NAME, Quantity

ABOUT_THE_NODE = range(72, 96)  # ids in the table
_PIECES = ("laf_class", "laf_count")


def stays_home(quantity: str) -> bool:
    """Say whether a quantity is never shared: a board's own health, pieces that say nothing alone.

    KeyError for a name that is not in the table.
    """
    return BY_NAME[quantity].id in ABOUT_THE_NODE or quantity in _PIECES


class Datastream(NamedTuple):
    """One quantity of one Thing. number: 0, or 1..15 for further sensors of the quantity."""

    thing: str
    quantity: str
    number: int = 0

    @property
    def about(self) -> Quantity:
        """The row of the table of quantities; KeyError for a name that is not in it."""
        return BY_NAME[self.quantity]


class Observation(NamedTuple):
    """A value (integer steps) that holds from `start_s` (Unix s) for `duration_s`.

    made_with: the correction it was made with, by name; empty for the value as it came.
    """

    datastream: Datastream
    start_s: int
    duration_s: int
    value: int
    made_with: str = ""

    @property
    def end_s(self) -> int:
        """The first second after it."""
        return self.start_s + self.duration_s


def value_text(value: int, decimals: int) -> str:
    """Write integer steps as a decimal number: (-5, 1) is '-0.5', (1234, 2) is '12.34'."""
    sign = "-" if value < 0 else ""
    digits = str(abs(value)).rjust(decimals + 1, "0")
    if decimals == 0:
        return sign + digits
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"
