# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Days of records to measure the wire with: here from a recorded kit's file.

Values come through the simulator's reader of that layout; this adds the true times.
"""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from barri_tools.sim.recording import Recording, RecordingError
from barri_wire import EPOCH_2000_UNIX_S
from barri_wire.quantities import BY_NAME
from barri_wire.record import Record
from barri_wire.schema import KITS, Schema

NOMINAL_WINDOW_S = 60
HEADER_ROWS = 4
TIME_COLUMN = "TIME"


class Day(NamedTuple):
    """Records of one Thing. notes: what was left out, a sentence each."""

    name: str
    schema: Schema
    records: list[Record]
    notes: list[str]


def recorded_day(path: Path) -> Day:
    """Read a recording; raises RecordingError for a file of another layout.

    Columns without any reading are left out. The channels stand in the order of the smart_citizen
    kit, others after them. The file states no durations: every record gets the nominal 60 s, and
    the true gaps stay in the start times. Rows without a readable time since 2000 are left out.
    """
    recording = Recording(path)
    starts = _starts_s2000(path)
    if len(starts) != len(recording.rows):
        raise RecordingError(f"{path.name}: needs a column {TIME_COLUMN} with a time in each row")
    names = [q for q in recording.columns if any(row[q] is not None for row in recording.rows)]
    if not names:
        raise RecordingError(f"{path.name}: no column that barri knows has a reading")
    schema = _schema(names)
    order = [quantity.name for quantity in schema.quantities]
    records: list[Record] = []
    for start_s, row in zip(starts, recording.rows, strict=True):
        if start_s is not None:
            values = tuple(_steps(row[name], name) for name in order)
            records.append(Record(len(records), start_s, NOMINAL_WINDOW_S, values))
    notes = list(recording.notes)
    if len(records) < len(starts):
        notes.append(f"{len(starts) - len(records)} rows left out: no readable time")
    return Day(path.name, schema, records, notes)


def _starts_s2000(path: Path) -> list[int | None]:
    """The times of the rows that `Recording` keeps."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = list(csv.reader(file))
    names = rows[0]
    if TIME_COLUMN not in names:
        return []
    place = names.index(TIME_COLUMN)
    kept = [row for row in rows[HEADER_ROWS:] if any(row) and row[0] != names[0]]
    return [_s2000(row[place]) if place < len(row) else None for row in kept]


def _s2000(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = int(moment.timestamp()) - EPOCH_2000_UNIX_S
    return seconds if 0 <= seconds < 1 << 32 else None


def _schema(quantities: list[str]) -> Schema:
    kit = [quantity.name for quantity in KITS["smart_citizen"].quantities]
    ordered = [name for name in kit if name in quantities]
    ordered += [name for name in quantities if name not in kit]
    return Schema(tuple((BY_NAME[name].id, 0) for name in ordered))


def _steps(value: float | None, quantity: str) -> int | None:
    return None if value is None else round(value * 10 ** BY_NAME[quantity].decimals)
