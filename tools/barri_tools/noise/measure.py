# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Electrical tests of the node's meter after IEC 61672-1:2013, on signals instead of sound.

Simulated: the microphone is its datasheet's curve. What lies within class 1 limits here makes no
class 1 instrument: that takes a real microphone, a housing, a laboratory.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from barri_tools.noise.curves import TABLE_3, Floats, analytic_a_db, analytic_c_db
from barri_tools.noise.microphones import MICROPHONES
from barri_tools.noise.node import Node
from barri_tools.noise.signals import oracle_leq_db, tone

# Table 4: burst of 4 kHz, ms; F maximum and sound exposure re steady, dB; class 1 limits.
TONEBURSTS = (
    (1000, 0.0, 0.0, 0.5, -0.5), (500, -0.1, -3.0, 0.5, -0.5), (200, -1.0, -7.0, 0.5, -0.5),
    (100, -2.6, -10.0, 1.0, -1.0), (50, -4.8, -13.0, 1.0, -1.0), (20, -8.3, -17.0, 1.0, -1.0),
    (10, -11.1, -20.0, 1.0, -1.0), (5, -14.1, -23.0, 1.0, -1.0), (2, -18.0, -27.0, 1.0, -1.5),
    (1, -21.0, -30.0, 1.0, -2.0), (0.5, -24.0, -33.0, 1.0, -2.5), (0.25, -27.0, -36.0, 1.0, -3.0),
)  # fmt: skip
# The same for S, without a sound exposure.
SLOW_TONEBURSTS = (
    (2, -27.0, 1.0, -1.5), (5, -23.0, 1.0, -1.0), (10, -20.0, 1.0, -1.0), (20, -17.0, 1.0, -1.0),
    (50, -13.1, 1.0, -1.0), (100, -10.2, 1.0, -1.0), (200, -7.4, 0.5, -0.5),
    (500, -4.1, 0.5, -0.5), (1000, -2.0, 0.5, -0.5),
)  # fmt: skip
BURST_HZ = 4000.0
LINEARITY_DB = 0.8  # 5.6, class 1
_BURST_DB = 100.0
_SKIP_S = 0.4
_TABLE_DB = 100.0


class Deviation(NamedTuple):
    """How far something measured is from its goal, dB, and how far it may be."""

    what: str
    error_db: float
    above_db: float
    below_db: float

    @property
    def within(self) -> bool:
        """Whether the limits are kept."""
        return self.below_db <= self.error_db <= self.above_db


def responses(node: Node, tones: Iterable[tuple[float, float]]) -> tuple[Floats, Floats]:
    """Measure tones of (Hz, dB); give the exact frequencies, and A and C levels (rows x 2).

    A frequency moves to the nearest with whole periods in the time that is measured. Levels are
    in dB of an unknown reference.
    """
    sub_block = 47 if node.rate_hz == 48000 else 24
    block = 40 * 47  # samples that `on_node` takes at once
    measured = sub_block * (node.rate_hz // sub_block)
    skipped = block * round(_SKIP_S * node.rate_hz / block)
    seconds = (skipped + measured) / node.rate_hz
    exact_hz, parts = [], []
    for hz, level_db in tones:
        exact_hz.append(round(hz * measured / node.rate_hz) * node.rate_hz / measured)
        parts.append(tone(exact_hz[-1], level_db, seconds, node.rate_hz))
    energies = node.energies(parts, skipped / node.rate_hz)
    return np.array(exact_hz), np.asarray(10 * np.log10(energies), dtype=np.float64)


def weighting_errors_db(node: Node, top_hz: float, count: int = 40) -> Floats:
    """A and C weighting against Annex E, re 1 kHz, at frequencies from 20 Hz on (rows x 2)."""
    tones = [(1000.0, 114.0), *((hz, 114.0) for hz in np.geomspace(20, top_hz, count))]
    hz, db = responses(node, tones)
    wanted = np.stack([analytic_a_db(hz), analytic_c_db(hz)], axis=1)
    return np.asarray(db - db[0] - (wanted - wanted[0]), dtype=np.float64)


def chain_deviations(node: Node, limits_class: int) -> list[Deviation]:
    """Table 3 with the datasheet's microphone before the node: A and C at every band it covers."""
    microphone = MICROPHONES[node.microphone]
    bottom_hz, top_hz = microphone.band()
    bands = [b for b in TABLE_3 if bottom_hz <= b.exact_hz <= min(top_hz, 0.45 * node.rate_hz)]
    heard_db = microphone.at(np.array([band.exact_hz for band in bands]))
    tones = [(b.exact_hz, _TABLE_DB + h) for b, h in zip(bands, heard_db, strict=True)]
    hz, db = responses(node, [(1000.0, _TABLE_DB), *tones])
    curves = analytic_a_db(hz[1:]), analytic_c_db(hz[1:])
    found = []
    for i, band in enumerate(bands):
        limits = band.class_1 if limits_class == 1 else band.class_2
        for weighting, letter in enumerate("AC"):
            # The band's goal is rounded to 0.1 dB; the curve's value is at the very frequency.
            error = float(db[i + 1, weighting] - db[0, weighting] - curves[weighting][i])
            found.append(Deviation(f"{letter} {band.nominal_hz} Hz", error, *limits))
    return found


def toneburst_deviations(node: Node) -> list[Deviation]:
    """Table 4 for F maximum and sound exposure level."""
    window_s, steady = 2.5, _steady_db(node)
    signal = np.concatenate([_burst(ms, window_s, node.rate_hz) for ms, *_ in TONEBURSTS])
    found = []
    for levels, row in zip(node.levels(signal, window_s, 0), TONEBURSTS, strict=True):
        ms, f_db, exposure_db, above, below = row
        maximum = _db(levels["lafmax"]) - steady
        exposure = _db(levels["laeq"]) + 10 * float(np.log10(window_s)) - steady
        found.append(Deviation(f"F {ms} ms", maximum - f_db, above, below))
        found.append(Deviation(f"E {ms} ms", exposure - exposure_db, above, below))
    return found


def slow_toneburst_deviations(node: Node) -> list[Deviation]:
    """Table 4 for S maximum: short bursts first, because S takes long to fall."""
    window_s, steady = 5.0, _steady_db(node)
    signal = np.concatenate([_burst(ms, window_s, node.rate_hz) for ms, *_ in SLOW_TONEBURSTS])
    found = []
    lines = node.levels(signal, window_s, 0, slow=True)
    for levels, (ms, s_db, above, below) in zip(lines, SLOW_TONEBURSTS, strict=True):
        error = _db(levels["lafmax"]) - steady - s_db
        found.append(Deviation(f"S {ms} ms", error, above, below))
    return found


def _steady_db(node: Node) -> float:
    return _db(node.levels(tone(BURST_HZ, _BURST_DB, 2, node.rate_hz), 1.0, 0)[1]["laeq"])


def _burst(ms: float, window_s: float, rate_hz: int) -> Floats:
    signal = np.zeros(round(window_s * rate_hz))
    burst = tone(BURST_HZ, _BURST_DB, ms / 1000, rate_hz)
    signal[rate_hz // 4 : rate_hz // 4 + len(burst)] = burst
    return signal


def _db(ddb: int | None) -> float:
    """What the node reports, in dB; no level at all is far from any."""
    return -999.0 if ddb is None else ddb / 10


def linearity_range_db(node: Node, frequency_hz: float) -> float:
    """The span of LAeq around 94 dB over which steps of 5 dB read right within class 1 limits."""
    weighting_db = float(analytic_a_db(np.array([frequency_hz]))[0])
    reference = 94 + round(weighting_db)
    levels = [reference + step for step in range(-90, 30, 5)]
    levels = [level for level in levels if 15 <= level <= 119.5 + min(weighting_db, 0)]
    tones = [tone(frequency_hz, level - weighting_db, 2, node.rate_hz) for level in levels]
    found = node.levels(np.concatenate(tones), 1.0, 0)[1::2]
    right = [
        abs(_db(line["laeq"]) - level) <= LINEARITY_DB
        for level, line in zip(levels, found, strict=True)
    ]
    bottom = top = levels.index(reference)
    while bottom > 0 and right[bottom - 1]:
        bottom -= 1
    while top + 1 < len(levels) and right[top + 1]:
        top += 1
    return float(levels[top] - levels[bottom]) if right[levels.index(reference)] else 0.0


def self_noise_dba(node: Node) -> float:
    """The most that the arithmetic adds of its own to almost nothing: noise, DC, a faint tone."""
    size = 4 * node.rate_hz
    random = np.random.default_rng(1)
    quiet = [np.rint(random.normal(0, steps, size)) for steps in (1, 6, 12, 25)]
    quiet += [np.full(size, 101.0), np.linspace(-400, 400, size)]
    quiet.append(tone(50, 10, size / node.rate_hz, node.rate_hz))
    skip_s = 1.0
    energies = node.energies([*quiet, tone(1000, 114, 4, node.rate_hz)], skip_s)[:, 0]
    full_scale = energies[-1] * 10 ** (6 / 10)
    own = []
    for signal, energy in zip(quiet, energies, strict=False):
        heard = signal[round(skip_s * node.rate_hz) :]
        true_db = oracle_leq_db(heard - heard.mean(), node.rate_hz)
        own.append(abs(energy / full_scale - 10 ** ((true_db - 120) / 10)))
    return 120 + 10 * float(np.log10(max(own)))
