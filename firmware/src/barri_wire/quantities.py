# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Every quantity barri knows: what firmware, gateway, pages and documents say of it.

A value is an integer of `10**-decimals` units. `low` and `high` bound what is plausible;
outside of it a driver flags "no reading" and never invents. Ids are part of the wire format:
they are never reused and never change their meaning. So are the last three columns, with which
a frame begins to guess: general knowledge of the quantities, not fitted to recorded days.

The rows stand in `quantity_table`. A row becomes an object when it is asked for: a board needs ten
of them, and all would take an eighth of its memory.
"""

from collections import namedtuple

# How values of shorter windows become the value of a longer one.
MEAN = "mean"  # arithmetic mean, weighted by duration
ENERGY_MEAN = "energy_mean"  # mean of 10**(L/10), weighted by duration, as a level again
MAXIMUM = "maximum"
MINIMUM = "minimum"
COUNTER = "counter"  # monotonic: a window's value is its last reading
NEVER = "never"  # percentiles: no honest merge exists without histograms


TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple

    class Quantity(NamedTuple):
        """One row of the table.

        id: 1..255, on the wire. name: also the translation key. unit: UCUM code.
        decimals: digits after the point. low, high: plausible range, in integer steps.
        merge: one of the rules above. usual: a usual value, in steps. first: mean distance of a
        first value from it, in steps. next_16: mean distance of a next value from its guess, in
        sixteenths of a step.
        """

        id: int
        name: str
        unit: str
        decimals: int
        low: int
        high: int
        merge: str
        usual: int
        first: int
        next_16: int
else:  # a named tuple takes a quarter of the heap that an object of a class takes on a board
    _COLUMNS = "id name unit decimals low high merge usual first next_16"
    Quantity = namedtuple("Quantity", _COLUMNS.split())

_TEXTS = (1, 2, 6)  # columns that are no numbers

_known: "dict[int | str, Quantity]" = {}


def _table() -> str:
    """The text of all rows, which a board lets go of when it has what it needs."""
    from barri_wire.quantity_table import TABLE

    return TABLE


def _row(table: str, start: int) -> Quantity:
    """The row that begins at a place of the table."""
    cells = table[start : table.find("\n", start)].split()
    return Quantity(*[cell if i in _TEXTS else int(cell) for i, cell in enumerate(cells)])  # type: ignore[arg-type]


class _Lookup:
    """Rows by their id or name, read when they are first asked for."""

    def __init__(self, column: int) -> None:
        self._column = column
        self._mark = ("\n{} ", " {} ")[column]

    def __contains__(self, key: object) -> bool:
        return key in _known or self._find(key) is not None

    def __getitem__(self, key: "int | str") -> Quantity:
        """KeyError for what is not in the table."""
        if key not in _known:
            found = self._find(key)
            if found is None:
                raise KeyError(key)
            _known[found.id] = _known[found.name] = found
        return _known[key]

    def _find(self, key: object) -> "Quantity | None":
        table = _table()
        place = table.find(self._mark.format(key))
        if place < 0:
            return None
        row = _row(table, table.rfind("\n", 0, place + 1) + 1)
        return row if row[self._column] == key else None


BY_ID = _Lookup(0)
BY_NAME = _Lookup(1)


def every_quantity() -> "Iterator[Quantity]":
    """All rows, in order of their ids."""
    table, start = _table(), 1
    while start < len(table):
        yield _row(table, start)
        start = table.find("\n", start) + 1


def plausible(quantity: Quantity, value: int) -> bool:
    """Say whether an integer value lies in the range that a working sensor can report."""
    return quantity.low <= value <= quantity.high
