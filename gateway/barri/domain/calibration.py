# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Calibrations: by how much the microphone of one board reads too low, found on a certain day.

A node sends levels of its microphone's nominal sensitivity; the offset is added at the gateway.
Entries are only ever appended: a later one replaces an earlier one of the same day, one without
an offset ends it. Where an offset comes from never leaves. Imports only the domain.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, Literal, Protocol, TypeVar

from barri.domain.dating import EARLIEST_S
from barri.domain.household import DAY_S, NUMBERS, HouseholdError
from barri.domain.observation import value_text

MOST_OFFSET_DDB = 200  # a microphone that is further off is broken, or wired wrongly
MOST_REFERENCE = 120  # characters

Method = Literal["comparison", "calibrator", ""]
METHODS: dict[Method, str] = {
    "comparison": "comparison with a calibrated meter",
    "calibrator": "calibrator 94 dB",
}

# What one microphone's offset moves: all weighted levels of a record and its octave bands. A
# histogram's counts are moved as a whole, see domain/histogram.py.
LEVELS = frozenset(
    [f"leq_{middle_hz}" for middle_hz in (63, 125, 250, 500, 1000, 2000, 4000, 8000)]
    + ["laeq", "lceq", "lafmax", "lafmin", "la10", "la50", "la90"]
)

_NODE = re.compile(r"[a-z0-9]{4,16}")
_OFFSET = re.compile(r"([+-]?)([0-9]{1,3})(?:\.([0-9]))?")


class Entry(Protocol):
    """Something that holds from a moment on, until a later one says otherwise."""

    @property
    def from_s(self) -> int:
        """The first second for which it holds (Unix s)."""


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The offset of a board's microphone for what it measures from `from_s` on (Unix s).

    at_s: when it was recorded (Unix s). offset_ddb: in 0.1 dB, -200..200, to be added; None: from
    then on levels stay as they come. method: of METHODS, empty without an offset. reference: with
    what, by whom; for people at home. number: of the microphone, as in a Datastream. Raises
    HouseholdError.
    """

    node: str
    from_s: int
    at_s: int
    offset_ddb: int | None
    method: Method = ""
    reference: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        _demand(_NODE.fullmatch(self.node) is not None, "board: use 4 to 16 of a-z and 0-9")
        _demand(0 <= self.number < NUMBERS, f"microphone: give 0 to {NUMBERS - 1}")
        demand_past(self.from_s, self.at_s)
        _demand(
            len(self.reference) <= MOST_REFERENCE and self.reference.isprintable(),
            f"note: give at most {MOST_REFERENCE} characters on one line",
        )
        if self.offset_ddb is None:
            return
        _demand(
            abs(self.offset_ddb) <= MOST_OFFSET_DDB,
            "offset: give -20.0 to +20.0 dB; a microphone that is further off is better replaced",
        )
        _demand(self.method in METHODS, f"method: say one of {', '.join(METHODS)}")

    @property
    def name(self) -> str:
        """How a roll-up states it: the board, the day from which it holds, the offset."""
        offset = "none" if self.offset_ddb is None else f"{offset_text(self.offset_ddb)} dB"
        return f"{self.node} {day_text(self.from_s)} {offset}"


class Timeline(Generic[E]):
    """Which entry holds at a moment: the one that began last; of one beginning, the last said."""

    def __init__(self, entries: Iterable[E]) -> None:
        """entries: in order of being said, which is kept among those of one beginning."""
        self._entries = sorted(entries, key=lambda entry: entry.from_s)
        self._from_s = [entry.from_s for entry in self._entries]

    def at(self, moment_s: int) -> E | None:
        """The entry that holds then (Unix s); None before all of them."""
        place = bisect_right(self._from_s, moment_s)
        return self._entries[place - 1] if place else None


def parse_offset(text: str) -> int:
    """An offset in 0.1 dB from '+1.3' or '-0.5'; HouseholdError for anything else."""
    found = _OFFSET.fullmatch(text)
    if found is None:
        raise HouseholdError(f"offset: {text[:20]!r} is not dB with tenths; give it as +1.3")
    sign, whole, tenth = found.groups()
    return int(whole + (tenth or "0")) * (-1 if sign == "-" else 1)


def parse_day(text: str) -> int:
    """The first second (Unix) of a day of UTC, from '2026-11-22'; HouseholdError else."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise HouseholdError(f"date: {text[:20]!r} is no day; give it as 2026-11-22") from None
    return int(day.timestamp())


def day_text(moment_s: int) -> str:
    """The day of UTC in which a moment lies: '2026-11-22'."""
    return datetime.fromtimestamp(moment_s, UTC).strftime("%Y-%m-%d")


def offset_text(offset_ddb: int) -> str:
    """Write an offset in dB with its sign: '+1.3'."""
    return ("+" if offset_ddb >= 0 else "") + value_text(offset_ddb, 1)


def demand_past(from_s: int, at_s: int) -> None:
    """Refuse what is said at `at_s` to hold from a moment that no node measured, or none yet.

    A day ahead is allowed: dates are of UTC, and east of it the next day has begun already.
    """
    _demand(from_s >= EARLIEST_S, "date: give one from 2020-01-01 on")
    _demand(from_s <= at_s + DAY_S, "date: give today or an earlier one")


def _demand(condition: bool, advice: str) -> None:
    if not condition:
        raise HouseholdError(advice)
