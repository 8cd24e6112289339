# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Histograms that nodes send become percentiles of the hour, of the day, and of what is shared.

A record holds some neighbouring classes of what a node has counted, mostly for an hour. It speaks
for the windows that it lies in as a whole: nobody knows which of its levels came before a
boundary. Must not import adapters.
"""

from barri.domain.corrections.amendments import Amendments
from barri.domain.histogram import LEVELS_PER_S, PERCENT, State, counted
from barri.domain.observation import Datastream
from barri.domain.rollup import part_of_histogram
from barri.domain.windows import HOUR_S, civil_day, window_at
from barri.rows import RollupKey
from barri.services.placing import Placed
from barri.services.rollups import Rollups
from barri.services.shared_windows import SharedWindows
from barri_wire.quantities import BY_NAME, plausible
from barri_wire.record import Record
from barri_wire.schema import EXTRAS, Schema

MICROPHONE = 0  # the one whose levels a node counts


def is_histogram(schema: Schema) -> bool:
    """Say whether records of a schema count levels, rather than telling values of a window."""
    return schema.id == EXTRAS["laf_histogram"].id


def take_histogram(
    placed: Placed,
    record: Record,
    amended: Amendments,
    cadence_s: int,
    rollups: Rollups,
    windows: SharedWindows,
) -> None:
    """Let one record speak. cadence_s: for windows up to it, the node's own percentiles do."""
    offset_ddb, name = amended.offset(placed.frame.node, MICROPHONE, record.start_s)
    state = _counted(record, offset_ddb)
    at_home, leaving = part_of_histogram(state, name), part_of_histogram(state, "")
    end_s = record.start_s + record.duration_s
    for quantity in PERCENT:
        datastream = Datastream(placed.thing, quantity, MICROPHONE)
        windows.take_histogram(placed.frame, record, datastream, leaving, cadence_s)
        for window in (window_at(record.start_s, HOUR_S), civil_day(record.start_s)):
            if end_s <= window.end_s and window.length_s > cadence_s:
                rollups.add(RollupKey(datastream, window.length_s, window.start_s), at_home)


def _counted(record: Record, offset_ddb: int) -> State:
    """What a record counts, moved; empty where no microphone can have counted that."""
    first_class, *counts = record.values
    known = [count or 0 for count in counts]
    if first_class is None or not plausible(BY_NAME["laf_class"], first_class):
        return ()
    if min(known) < 0 or sum(known) > (LEVELS_PER_S + 1) * record.duration_s:
        return ()
    return counted(first_class, known, offset_ddb)
