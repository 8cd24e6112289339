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

ERROR_LIMIT = 1 << 20  # larger errors count as this, to stay within small integers
AVERAGED = 8  # values in the running average, at most
REMEMBERED = 24  # weight of the error's running mean; a value weighs 2, the prior 1


class Channel:
    """One channel while a frame is encoded or decoded.

    guess: the expected value, set by `predict`. level: index into the tables of sizes.
    moved: how far the newest value lay from its average, for the channel beside it.
    """

    def __init__(self, quantity: Quantity) -> None:
        self.unit = quantity.unit
        self.guess = quantity.usual
        self.level = level_of(16 * quantity.first)
        self._total = quantity.next_16
        self.moved = 0
        self._counter = quantity.merge == COUNTER
        self._first = True
        self._weight = 1  # 2 for each value; _total is 32 for each unit of error
        self._base = 0
        self._last = 0
        self._average_16 = 0
        self._averaged = 0
        self._by_average = 0
        self._by_neighbour = 0
        self._last_error = 0
        self._average_error = 0
        self._neighbour_error = 0

    def predict(self, neighbour: int) -> int:
        """Return the expected value; `neighbour` is `moved` of the channel before, or 0."""
        if self._first:
            return self.guess
        average = (self._average_16 + 8) >> 4
        self._by_average = average
        self._by_neighbour = average + (3 * neighbour >> 2)
        guess, error = self._last, self._last_error
        if self._average_error < error:
            guess, error = average, self._average_error
        if self._neighbour_error < error:
            guess = self._by_neighbour
        self.guess = guess + self._base
        return self.guess

    def learn(self, value: int) -> None:
        """Take in the true value after `predict`."""
        if self._first:
            self._begin(value)
            return
        newest = value - self._base
        self._total += 32 * _bounded(value - self.guess)
        self._weight += 2
        if self._weight > REMEMBERED:
            self._total -= self._total >> 2
            self._weight -= self._weight >> 2
        self.level = level_of(self._total // self._weight)
        self._last_error = _faded(self._last_error, newest - self._last)
        self._average_error = _faded(self._average_error, newest - self._by_average)
        self._neighbour_error = _faded(self._neighbour_error, newest - self._by_neighbour)
        self.moved = newest - self._by_average
        self._follow(newest)
        if self._counter:
            self._base = value

    def _begin(self, value: int) -> None:
        self._first = False
        self.level = level_of(self._total // self._weight)
        if self._counter:
            self._base = value
        else:
            self._follow(value)

    def _follow(self, newest: int) -> None:
        self._last = newest
        if self._averaged < AVERAGED:
            self._averaged += 1
        self._average_16 += (16 * newest - self._average_16) // self._averaged


def _bounded(error: int) -> int:
    size = error if error >= 0 else -error
    return size if size < ERROR_LIMIT else ERROR_LIMIT


def _faded(total: int, error: int) -> int:
    return total - (total >> 3) + _bounded(error)
