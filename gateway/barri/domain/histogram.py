# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Histograms of the F level: merged, moved by a calibration, read as percentiles. Exactly.

A node counts levels in classes of 0.5 dB. An offset of 0.1 dB takes a fifth of what a class counts
into the next one, as levels within a class count as evenly spread; so all counts here are fifths,
no offset needs rounding, and none is lost. What would leave the classes stays in the first or
last one. Imports nothing of ours.
"""

from collections.abc import Sequence
from itertools import accumulate

State = tuple[int, ...]  # a mark, the first class that counts something, fifths from there on

CLASSES = 280  # from 0 dB on; the last one holds what is louder, too
CLASS_DDB = 5
LEVELS_PER_S = 8  # one every 125 ms
PERCENT = {"la10": 10, "la50": 50, "la90": 90}  # of the time in which the level is exceeded
_MARK = -1  # where states of other percentiles have how many readings they were made of


def counted(first_class: int, counts: Sequence[int], offset_ddb: int = 0) -> State:
    """The state of counts of neighbouring classes, moved by an offset (0.1 dB); empty for none."""
    whole, fifths = divmod(offset_ddb, CLASS_DDB)
    row = [0] * CLASSES
    for place, count in enumerate(counts, first_class + whole):
        row[_within(place)] += (CLASS_DDB - fifths) * count
        row[_within(place + 1)] += fifths * count
    return _state(row)


def is_histogram(state: State) -> bool:
    """Say whether a roll-up's state is one of these."""
    return bool(state) and state[0] == _MARK


def added(one: State, other: State) -> State:
    """What both have counted."""
    row = [0] * CLASSES
    for _mark, first, *fifths in (one, other):
        for place, count in enumerate(fifths, first):
            row[place] += count
    return _state(row)


def seconds(state: State) -> int:
    """How many seconds of sound the levels stand for."""
    return sum(state[2:]) // (CLASS_DDB * LEVELS_PER_S)


def exceeded_ddb(state: State, percent: int) -> int:
    """The level (0.1 dB) that so many per cent of the levels reach; found as nodes find theirs."""
    _mark, first, *fifths = state
    wanted = percent * sum(fifths)
    from_above = [100 * count for count in reversed(fifths)]
    reached = list(accumulate(from_above))
    place = next(i for i, there in enumerate(reached) if there >= wanted and from_above[i])
    here, above = from_above[place], reached[place] - from_above[place]
    upper_ddb = CLASS_DDB * (first + len(fifths) - place)
    return upper_ddb - (CLASS_DDB * (wanted - above) + here // 2) // here


def _within(place: int) -> int:
    return min(max(place, 0), CLASSES - 1)


def _state(row: list[int]) -> State:
    """One form only for the same counts, whatever they were put together from."""
    heard = [place for place, count in enumerate(row) if count]
    return (_MARK, heard[0], *row[heard[0] : heard[-1] + 1]) if heard else ()
