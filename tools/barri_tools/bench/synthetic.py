# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Seeded days of the air, noise and energy kits, to measure the wire with.

They exist so that the codec is not tuned to one recorded day: walks, daily courses and sensor
noise of plausible size. What they prove is as good as these assumptions; they are no recordings.
"""

import math
from collections.abc import Callable
from random import Random

from barri_tools.bench.days import NOMINAL_WINDOW_S, Day
from barri_wire.record import Record
from barri_wire.schema import KITS

FIRST_DAY_S2000 = 820454400  # 2026-01-01


def synthetic_day(kit: str, seed: int, window_s: int = NOMINAL_WINDOW_S) -> Day:
    """Make a day of an `air`, `noise` or `energy` kit: walks, daily courses, noise, a few gaps."""
    rng = Random(f"{kit} {seed}")  # noqa: S311
    columns = _MAKERS[kit](rng, window_s)
    schema = KITS[kit]
    records: list[Record] = []
    start_s = FIRST_DAY_S2000 + seed * 86400
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
    rumble = rng.uniform(4, 9)  # low traffic and air, which A weighting leaves out
    columns: dict[str, list[int]] = {q.name: [] for q in KITS["noise"].quantities}
    for hour, extra in zip(hours, walk, strict=True):
        floor = quiet + busy * max(0.0, math.sin((hour - 5) / 19 * math.pi)) + extra
        spread = rng.gammavariate(4, 0.9)
        la90 = floor + rng.gauss(0, 0.8)
        la50, la10 = la90 + spread, la90 + spread * 2.4 + rng.random()
        laeq = la50 + 0.6 * spread + rng.gauss(0, 0.7)
        levels = (laeq, la10 + rng.gammavariate(3, 2.0), la90 - rng.gammavariate(2, 0.8))
        for name, level in zip(
            ("laeq", "lafmax", "lafmin", "la10", "la50", "la90", "lceq"),
            (*levels, la10, la50, la90, laeq + rumble + rng.gauss(0, 0.6)),
            strict=True,
        ):
            columns[name].append(round(level * 10))
        columns["sound_range"].append(2 * (rng.random() < 0.001))
        columns["measured_share"].append(1000 if rng.random() > 0.01 else rng.randint(900, 999))
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
