# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What to expect of a channel's next value, and how far off it may be. Imports only priors.

Three guesses compete: the last value, a running average, and the average moved along with the
channel before it (levels of one microphone, sizes of one dust sensor rise together). The one with
the smallest recent error is used. Counters are predicted by their increments. Integers only; both
ends run exactly this.
"""

from barri_wire.priors import level_of
from barri_wire.quantities import COUNTER, Quantity

_ERROR_LIMIT = 1 << 20  # larger errors count as this, to stay within small integers
_AVERAGED = 8  # values in the running average, at most
_REMEMBERED = 24  # weight of the error's running mean; a value weighs 2, the prior 1


class Channel:
    """One channel while a frame is encoded or decoded.

    guess: the expected value, set by `predict`. level: index into the tables of sizes.
    moved: how far the newest value lay from its average, for the channel beside it.
    """

    # Where every channel begins; an object gets values of its own as they change, so that a
    # frame of a record or two takes a fifth of the heap.
    moved = 0
    _first = True
    _weight = 1  # 2 for each value; _total is 32 for each unit of error
    _base = 0
    _last = 0
    _average_16 = 0
    _averaged = 0
    _by_average = 0
    _by_neighbour = 0

    def __init__(self, quantity: Quantity) -> None:
        self._quantity = quantity
        self.guess = quantity.usual
        self.level = level_of(16 * quantity.first)
        self._total = quantity.next_16
        self._errors = [0, 0, 0]  # of the last value, the average, and the moved average

    @property
    def unit(self) -> str:
        return self._quantity.unit

    def predict(self, neighbour: int) -> int:
        """Return the expected value; `neighbour` is `moved` of the channel before, or 0."""
        if self._first:
            return self.guess
        average = (self._average_16 + 8) >> 4
        self._by_average = average
        self._by_neighbour = average + (3 * neighbour >> 2)
        guesses = (self._last, average, self._by_neighbour)
        errors = self._errors
        self.guess = guesses[errors.index(min(errors))] + self._base
        return self.guess

    def learn(self, value: int) -> None:
        """Take in the true value after `predict`."""
        if self._first:
            self._begin(value)
            return
        newest = value - self._base
        self._total += 32 * _bounded(value - self.guess)
        self._weight += 2
        if self._weight > _REMEMBERED:
            self._total -= self._total >> 2
            self._weight -= self._weight >> 2
        self.level = level_of(self._total // self._weight)
        errors = self._errors
        errors[0] = _faded(errors[0], newest - self._last)
        errors[1] = _faded(errors[1], newest - self._by_average)
        errors[2] = _faded(errors[2], newest - self._by_neighbour)
        self.moved = newest - self._by_average
        self._follow(newest)
        if self._quantity.merge == COUNTER:
            self._base = value

    def _begin(self, value: int) -> None:
        self._first = False
        self.level = level_of(self._total // self._weight)
        if self._quantity.merge == COUNTER:
            self._base = value
        else:
            self._follow(value)

    def _follow(self, newest: int) -> None:
        self._last = newest
        if self._averaged < _AVERAGED:
            self._averaged += 1
        self._average_16 += (16 * newest - self._average_16) // self._averaged


def _bounded(error: int) -> int:
    size = error if error >= 0 else -error
    return size if size < _ERROR_LIMIT else _ERROR_LIMIT


def _faded(total: int, error: int) -> int:
    return total - (total >> 3) + _bounded(error)
