# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Roll-ups: values of short windows become the value of a longer one, exactly.

An accumulator is a few integers; merging is commutative and associative, so any order of
arrival gives the same bytes. A record that straddles a boundary is apportioned by seconds: each
of its seconds carries its value. (A maximum so counts in both windows: it may overstate one of
them, it never understates.) A counter belongs to the window of the record's last second, where
its reading was taken. Percentiles never merge: those of an hour or longer come of histograms. A
roll-up says which corrections its values were made with. Imports only the domain and the wire's
table.
"""

from collections.abc import Callable
from typing import NamedTuple

from barri.domain import histogram
from barri.domain.final import Patience, enough
from barri.domain.levels import energy_of, level_of
from barri.domain.observation import Observation
from barri.domain.windows import HOUR_S, MINUTE_S, Window
from barri_wire.quantities import (
    COUNTER,
    ENERGY_MEAN,
    MAXIMUM,
    MEAN,
    MINIMUM,
    NEVER,
    Quantity,
)

State = tuple[int, ...]


RAW = "raw"
_AND = "; "
_MADE_WITH = b"|"  # in neither a number nor the name of a correction


class Rollup(NamedTuple):
    """What is known of a window: seconds covered by readings, and the rule's own integers.

    made_with: the corrections of its values, in order of their names with '; ' between; among
    them `raw` where some were not corrected. Empty where none was.
    """

    weight_s: int
    state: State
    made_with: str = ""


EMPTY = Rollup(0, ())


class _Rule(NamedTuple):
    """begin(quantity, observation, seconds); join(one, other); value(quantity, rollup, window)."""

    begin: Callable[[Quantity, Observation, int], State]
    join: Callable[[State, State], State]
    value: Callable[[Quantity, Rollup, int], int | None]


def _add(one: State, other: State) -> State:
    return (one[0] + other[0],)


def _mean(_quantity: Quantity, rollup: Rollup, _window_s: int) -> int:
    """Rounded half up, as nodes do."""
    return (2 * rollup.state[0] + rollup.weight_s) // (2 * rollup.weight_s)


def _level(quantity: Quantity, rollup: Rollup, _window_s: int) -> int:
    return level_of(rollup.state[0], rollup.weight_s, quantity.decimals, quantity.high)


def _first(_quantity: Quantity, rollup: Rollup, _window_s: int) -> int:
    return rollup.state[0]


def _reading(_quantity: Quantity, rollup: Rollup, _window_s: int) -> int:
    return rollup.state[1]


def _both_percentiles(one: State, other: State) -> State:
    """Histograms add up. Of two readings, or a reading beside a histogram, nothing can be made."""
    if histogram.is_histogram(one) and histogram.is_histogram(other):
        return histogram.added(one, other)
    counts = [1 if histogram.is_histogram(state) else state[0] for state in (one, other)]
    return (sum(counts), 0)


def _percentile(quantity: Quantity, rollup: Rollup, window_s: int) -> int | None:
    """Of a histogram of enough of the window, or of a single reading that fills it."""
    if histogram.is_histogram(rollup.state):
        complete = enough(rollup.weight_s, window_s, Patience())
        percent = histogram.PERCENT[quantity.name]
        return histogram.exceeded_ddb(rollup.state, percent) if complete else None
    count, value = rollup.state
    return value if count == 1 and rollup.weight_s == window_s else None


_RULES = {
    MEAN: _Rule(lambda _q, seen, seconds: (seen.value * seconds,), _add, _mean),
    ENERGY_MEAN: _Rule(
        lambda q, seen, seconds: (energy_of(seen.value, q.decimals) * seconds,), _add, _level
    ),
    MAXIMUM: _Rule(lambda _q, seen, _s: (seen.value,), max, _first),
    MINIMUM: _Rule(lambda _q, seen, _s: (seen.value,), min, _first),
    COUNTER: _Rule(lambda _q, seen, _s: (seen.end_s, seen.value), max, _reading),
    NEVER: _Rule(lambda _q, seen, _s: (1, seen.value), _both_percentiles, _percentile),
}


def part(observation: Observation, window: Window) -> Rollup:
    """What one observation gives to one window; EMPTY when nothing."""
    quantity = observation.datastream.about
    seconds = window.overlap_s(observation.start_s, observation.end_s)
    read_here = window.start_s < observation.end_s <= window.end_s
    if seconds == 0 or (quantity.merge == COUNTER and not read_here):
        return EMPTY
    begun = _RULES[quantity.merge].begin(quantity, observation, seconds)
    return Rollup(seconds, begun, observation.made_with)


def part_of_histogram(state: State, made_with: str) -> Rollup:
    """What some counted levels give to the percentiles of a window that holds them all."""
    return Rollup(histogram.seconds(state), state, made_with) if state else EMPTY


def merge(rule: str, one: Rollup, other: Rollup) -> Rollup:
    """Put together what two parts of a window's data gave. rule: of quantities.py."""
    if not one.state or not other.state:
        return one if one.state else other
    weight_s = one.weight_s + other.weight_s
    state = _RULES[rule].join(one.state, other.state)
    if histogram.is_histogram(state):
        weight_s = histogram.seconds(state)  # parts of a second add up, too
    return Rollup(weight_s, state, _both(one.made_with, other.made_with))


def _both(one: str, other: str) -> str:
    """Of two values of made_with, the one for all that they speak of."""
    if one == other:
        return one
    names = {name for said in (one, other) for name in (said or RAW).split(_AND)}
    return _AND.join(sorted(names))


def names_of(made_with: str) -> list[str]:
    """What `made_with` is put together from; none for a value as it came."""
    return made_with.split(_AND) if made_with else []


def value(quantity: Quantity, rollup: Rollup, window_s: int) -> int | None:
    """The window's value in integer steps, or None when it has none."""
    if not rollup.state or rollup.weight_s <= 0:
        return None
    return _RULES[quantity.merge].value(quantity, rollup, window_s)


def levels(rule: str, duration_s: int, regular: bool, cadence_s: int) -> list[int]:
    """The window lengths (s) kept for a record: as measured, a minute, an hour.

    regular: it is a whole window. cadence_s: the longest whole window of this Thing so far;
    nothing finer is kept, as only windows that were cut short would fill it.
    """
    own = [duration_s] if regular and duration_s == cadence_s else []
    if rule == NEVER:
        return own
    finest_s = max(duration_s, cadence_s)
    return sorted({*own, *(length for length in (MINUTE_S, HOUR_S) if length >= finest_s)})


def pack(state: State) -> bytes:
    """The integers as text, for the store: exact at any size, readable when looked at."""
    return b" ".join(b"%d" % number for number in state)


def unpack(detail: bytes) -> State:
    """The integers that `pack` wrote."""
    return tuple(int(number) for number in detail.split())


def write(rollup: Rollup) -> bytes:
    """The state, and behind it what it was made with, for the store."""
    stated = _MADE_WITH + rollup.made_with.encode() if rollup.made_with else b""
    return pack(rollup.state) + stated


def read(weight_s: int, detail: bytes) -> Rollup:
    """The roll-up that `write` wrote; what has no such statement was made of raw values."""
    state, _, made_with = detail.partition(_MADE_WITH)
    return Rollup(weight_s, unpack(state), made_with.decode())
