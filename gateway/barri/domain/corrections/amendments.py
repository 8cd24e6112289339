# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""All calibrations and chosen corrections as of one moment, and what they make of a record.

A corrected series has no raw values in between: where a correction has no answer (for want of
humidity, say) there is no value. What leaves cannot state how it was made, so it must not change
from one minute to the next. Imports only the domain and the wire's table.
"""

from collections.abc import Iterable, Mapping
from math import floor
from typing import NamedTuple, TypeVar

from barri.domain.calibration import LEVELS, Calibration, Entry, Timeline
from barri.domain.corrections.chosen import ChosenCorrection
from barri.domain.corrections.correction import Correction
from barri.domain.observation import Datastream
from barri_wire.quantities import BY_NAME, plausible

# What a record carries, by (quantity, number), in integer steps; None where there is no reading.
Readings = Mapping[tuple[str, int], int | None]

K = TypeVar("K")
E = TypeVar("E", bound=Entry)


class Amended(NamedTuple):
    """A value in integer steps, or None, and which correction it was made with; empty: none."""

    value: int | None
    made_with: str = ""


class Amendments:
    """What people at home have said of how raw values are to be corrected."""

    def __init__(
        self,
        calibrations: Iterable[Calibration] = (),
        chosen: Iterable[ChosenCorrection] = (),
    ) -> None:
        """Take both in order of being said."""
        self._calibrations = _timelines(((one.node, one.number), one) for one in calibrations)
        self._chosen = _timelines((one.datastream, one) for one in chosen)

    def amend(
        self, node: str, datastream: Datastream, start_s: int, readings: Readings
    ) -> Amended:
        """One value of a record of that board that began at `start_s` (Unix s)."""
        reading = readings[datastream.quantity, datastream.number]
        if reading is None:
            return Amended(None)
        if datastream.quantity in LEVELS:
            return self._calibrated(node, datastream, start_s, reading)
        timeline = self._chosen.get(datastream)
        chosen = timeline.at(start_s) if timeline else None
        if chosen is None or chosen.correction is None:
            return Amended(reading)
        return Amended(_corrected(chosen.correction, datastream, readings), chosen.said)

    def offset(self, node: str, number: int, start_s: int) -> tuple[int, str]:
        """What to add to a microphone's levels (0.1 dB), and the calibration that says so."""
        timeline = self._calibrations.get((node, number))
        found = timeline.at(start_s) if timeline else None
        if found is None or found.offset_ddb is None:
            return 0, ""
        return found.offset_ddb, found.name

    def _calibrated(
        self, node: str, datastream: Datastream, start_s: int, reading_ddb: int
    ) -> Amended:
        offset_ddb, name = self.offset(node, datastream.number, start_s)
        return Amended(_possible(datastream, reading_ddb + offset_ddb), name)


def _timelines(said: Iterable[tuple[K, E]]) -> dict[K, Timeline[E]]:
    by_key: dict[K, list[E]] = {}
    for key, entry in said:
        by_key.setdefault(key, []).append(entry)
    return {key: Timeline(entries) for key, entries in by_key.items()}


def _corrected(formula: Correction, datastream: Datastream, readings: Readings) -> int | None:
    """In integer steps, rounded half up as nodes do; None where the formula has no answer."""
    needed = [each.name for each in formula.inputs if each.name in BY_NAME]
    result = formula({name: _physical(name, datastream.number, readings) for name in needed})
    if result is None:
        return None
    return _possible(datastream, floor(result * 10**datastream.about.decimals + 0.5))


def _physical(name: str, number: int, readings: Readings) -> float | None:
    """A reading in its unit: of the sensor of that number if the record has it, else the first."""
    place = (name, number) if (name, number) in readings else (name, 0)
    steps = readings.get(place)
    return None if steps is None else steps / 10 ** BY_NAME[name].decimals


def _possible(datastream: Datastream, steps: int) -> int | None:
    """A value beyond what the quantity can be is none, as with raw ones."""
    return steps if plausible(datastream.about, steps) else None
