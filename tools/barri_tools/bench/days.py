# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Days of records to measure the wire with: a recorded kit's file, and seeded synthetic days.

The synthetic days exist so that the codec is not tuned to one recorded day: walks and noise of
plausible size for each kit, made with random.Random(seed). Imports only barri_wire.
"""

import csv
import math
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path
from random import Random
from typing import NamedTuple

from barri_wire import EPOCH_2000_UNIX_S
from barri_wire.quantities import BY_NAME
from barri_wire.record import Record
from barri_wire.schema import KITS, Schema

NOMINAL_WINDOW_S = 60
HEADER_ROWS = 4
NO_READING = ("", "none", "-1")

# Column of the recorded layout -> (quantity, factor from the file's unit to ours).
COLUMNS = {
    "BATT": ("battery", 1),
    "LIGHT": ("light", 1),
    "TEMP": ("temperature", 1),
    "HUM": ("humidity", 1),
    "NOISE_A": ("laeq", 1),
    "PRESS": ("pressure", 10),
    "PM_1": ("pm1", 1),
    "PM_25": ("pm2_5", 1),
    "PM_10": ("pm10", 1),
}


class Day(NamedTuple):
    """Records of one Thing. notes: what a person should know about them (columns left out)."""

    name: str
    schema: Schema
    records: list[Record]
    notes: list[str]


class RecordingError(ValueError):
    """A file that is not a recording of the layout with four header rows."""


def recorded_day(path: Path) -> Day:
    """Read a recording: TIME and sensor columns, four header rows, `-1` and `none` = no reading.

    Columns without any reading and unknown columns are left out and named in the notes. The
    channels stand in the order of the smart_citizen kit, others after them. The file states no
    durations: every record gets the nominal 60 s, true gaps stay in the start times.
    """
    names, rows = _read(path)
    notes = [f"unknown column left out: {n}" for n in names[1:] if n not in COLUMNS]
    readings = {}
    for index, name in enumerate(names):
        if name in COLUMNS:
            quantity, factor = COLUMNS[name]
            steps = [_steps(row[index], quantity, factor) for row in rows]
            if any(value is not None for value in steps):
                readings[quantity] = steps
            else:
                notes.append(f"column without any reading left out: {name}")
    if not readings:
        raise RecordingError(f"{path.name}: no column with readings that barri knows")
    schema = _schema(list(readings))
    order = [quantity.name for quantity in schema.quantities]
    records = [
        Record(i, _start_s(row[0]), NOMINAL_WINDOW_S, tuple(readings[name][i] for name in order))
        for i, row in enumerate(rows)
    ]
    return Day(path.name, schema, records, notes)


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row]
    if len(rows) <= HEADER_ROWS or not rows[0] or rows[0][0] != "TIME":
        raise RecordingError(f"{path.name}: needs four header rows, the first beginning with TIME")
    width = len(rows[0])
    if any(len(row) != width for row in rows[HEADER_ROWS:]):
        raise RecordingError(f"{path.name}: every row needs {width} columns")
    return rows[0], rows[HEADER_ROWS:]


def _schema(quantities: list[str]) -> Schema:
    kit = [quantity.name for quantity in KITS["smart_citizen"].quantities]
    ordered = [name for name in kit if name in quantities]
    ordered += [name for name in quantities if name not in kit]
    return Schema(tuple((BY_NAME[name].id, 0) for name in ordered))


def _steps(text: str, quantity: str, factor: int) -> int | None:
    if text.strip() in NO_READING:
        return None
    try:
        value = Decimal(text) * factor
    except InvalidOperation:
        raise RecordingError(f"not a number, none or -1: {text[:20]!r}") from None
    step = Decimal(1).scaleb(-BY_NAME[quantity].decimals)
    return int((value / step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def _start_s(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).timestamp()) - EPOCH_2000_UNIX_S
    except ValueError:
        raise RecordingError(f"not an ISO 8601 time: {text[:30]!r}") from None


def synthetic_day(kit: str, seed: int, window_s: int = NOMINAL_WINDOW_S) -> Day:
    """Make a day of an `air`, `noise` or `energy` kit: walks, daily courses, noise, a few gaps."""
    rng = Random(f"{kit} {seed}")
    columns = _MAKERS[kit](rng, window_s)
    schema = KITS[kit]
    records, start_s = [], 820454400 + seed * 86400
    for row in zip(*(columns[quantity.name] for quantity in schema.quantities), strict=True):
        values = tuple(None if rng.random() < 0.002 else value for value in row)
        records.append(Record(len(records), start_s, window_s, values))
        start_s += window_s if rng.random() > 0.01 else window_s * rng.randint(2, 9)
    return Day(f"synthetic {kit} {seed}", schema, records, [])


def _hours(window_s: int) -> list[float]:
    return [i * window_s / 3600 for i in range(86400 // window_s)]


def _walk(rng: Random, hours: list[float], size: float, pull: float) -> list[float]:
    """A mean-reverting walk around 0: `size` per step, `pull` back per step."""
    level, walk = 0.0, []
    for _ in hours:
        level += rng.gauss(0, size) - pull * level
        walk.append(level)
    return walk


def _measured(rng: Random, truth: list[float], noise: float, decimals: int) -> list[int]:
    """What a sensor with this noise (in units) reports, in integer steps."""
    return [round((value + rng.gauss(0, noise)) * 10**decimals) for value in truth]


def _temperature(rng: Random, window_s: int) -> list[float]:
    hours = _hours(window_s)
    mean, swing = rng.uniform(8, 26), rng.uniform(1, 6)
    walk = _walk(rng, hours, 0.04, 0.004)
    return [
        mean - swing * math.cos((hour - 3) / 24 * 2 * math.pi) + extra
        for hour, extra in zip(hours, walk, strict=True)
    ]


def _battery(rng: Random, window_s: int) -> list[int]:
    charge, course = rng.uniform(60, 100), []
    for hour in _hours(window_s):
        charge += (0.09 if 9 < hour < 16 else -0.025) * window_s / 60
        charge = min(100.0, max(5.0, charge))
        course.append(round(charge))
    return course


def _light(rng: Random, window_s: int) -> list[int]:
    hours = _hours(window_s)
    cloud = _walk(rng, hours, 0.08, 0.02)
    peak = rng.choice((900, 8000, 40000))
    sun = [max(0.0, math.sin((hour - 7) / 10 * math.pi)) if 7 < hour < 17 else 0 for hour in hours]
    return [
        int(peak * height * math.exp(-abs(shade)) + rng.random())
        for height, shade in zip(sun, cloud, strict=True)
    ]


def _air(rng: Random, window_s: int) -> dict[str, list[int]]:
    hours = _hours(window_s)
    warmth = _temperature(rng, window_s)
    damp = [
        70 - 1.8 * (t - 15) + extra
        for t, extra in zip(warmth, _walk(rng, hours, 0.15, 0.01), strict=True)
    ]
    base = rng.uniform(985, 1030)
    air = [base + extra for extra in _walk(rng, hours, 0.03, 0.0005)]
    dust = [rng.uniform(3, 15) * math.exp(extra) for extra in _walk(rng, hours, 0.06, 0.02)]
    dust = _smooth(dust)
    return {
        "temperature": _measured(rng, warmth, 0.015, 2),
        "humidity": _measured(rng, damp, 0.08, 1),
        "pressure": _measured(rng, air, 0.03, 1),
        "light": _light(rng, window_s),
        "pm1": _measured(rng, [0.6 * value for value in dust], 0.4, 0),
        "pm2_5": _measured(rng, dust, 0.5, 0),
        "pm10": _measured(rng, [1.2 * value for value in dust], 0.8, 0),
        "battery": _battery(rng, window_s),
    }


def _smooth(values: list[float]) -> list[float]:
    level, smooth = values[0], []
    for value in values:
        level += 0.1 * (value - level)
        smooth.append(level)
    return smooth


def _noise(rng: Random, window_s: int) -> dict[str, list[int]]:
    hours = _hours(window_s)
    quiet, busy = rng.uniform(32, 42), rng.uniform(8, 18)
    walk = _walk(rng, hours, 0.5, 0.05)
    columns: dict[str, list[int]] = {q.name: [] for q in KITS["noise"].quantities}
    for hour, extra in zip(hours, walk, strict=True):
        floor = quiet + busy * max(0.0, math.sin((hour - 5) / 19 * math.pi)) + extra
        spread = rng.gammavariate(4, 0.9)
        la90 = floor + rng.gauss(0, 0.8)
        la50, la10 = la90 + spread, la90 + spread * 2.4 + rng.random()
        laeq = la50 + 0.6 * spread + rng.gauss(0, 0.7)
        levels = (laeq, la10 + rng.gammavariate(3, 2.0), la90 - rng.gammavariate(2, 0.8))
        for name, level in zip(
            ("laeq", "lafmax", "lafmin", "la10", "la50", "la90"),
            (*levels, la10, la50, la90),
            strict=True,
        ):
            columns[name].append(round(level * 10))
        columns["measured_share"].append(1000 if rng.random() > 0.01 else rng.randint(900, 999))
    columns["temperature"] = _measured(rng, _temperature(rng, window_s), 0.02, 2)
    columns["battery"] = _battery(rng, window_s)
    return columns


def _energy(rng: Random, window_s: int) -> dict[str, list[int]]:
    hours = _hours(window_s)
    imported, exported = rng.uniform(1e5, 9e6), rng.uniform(0, 3e6)
    columns: dict[str, list[int]] = {q.name: [] for q in KITS["energy"].quantities}
    appliance, peak = 0.0, rng.choice((0, 1500, 3200))
    cloud = _walk(rng, hours, 0.08, 0.02)
    for hour, shade in zip(hours, cloud, strict=True):
        if rng.random() < 0.06:
            appliance = rng.choice((0, 0, 60, 150, 800, 2000)) * rng.uniform(0.9, 1.1)
        sun = peak * max(0.0, math.sin((hour - 7) / 10 * math.pi)) * math.exp(-abs(shade))
        net = 120 + appliance + rng.gauss(0, 6) - (sun if 7 < hour < 17 else 0)
        imported += max(net, 0) * window_s / 3600
        exported += max(-net, 0) * window_s / 3600
        columns["energy_import"].append(int(imported))
        columns["energy_export"].append(int(exported))
        columns["power_import"].append(round(max(net, 0)))
        columns["power_export"].append(round(max(-net, 0)))
    volts = [231 + extra for extra in _walk(rng, hours, 0.4, 0.05)]
    columns["voltage"] = _measured(rng, volts, 0.1, 1)
    return columns


_MAKERS: dict[str, Callable[[Random, int], dict[str, list[int]]]] = {
    "air": _air,
    "noise": _noise,
    "energy": _energy,
}
