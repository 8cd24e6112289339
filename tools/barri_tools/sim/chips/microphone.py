# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An I2S MEMS microphone (INMP441 datasheet): noise whose A-weighted level is the World's.

Simulated: sensitivity -26 dBFS at 94 dB (a full-scale sine is 120 dB), the typical response
curve, 24 bits at the left of 32, clipping, a silent line when the World has no level. Not
modelled: self-noise (33 dB), start-up time, DC offset. The noise is a loop, the same in every run.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from barri_tools.noise.curves import analytic_a_db
from barri_tools.noise.microphones import MICROPHONES
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World

Floats = NDArray[np.float64]

_FULL_SCALE = (1 << 23) - 1
_FULL_SCALE_SINE_DB = 120.0
_LOOP_S = 4
_BLOCKS_PER_S = 10
_BAND_HZ = (60.0, 15000.0)  # the datasheet's -3 dB points
_SEED = 441


class Microphone:
    """The chip model. Each second has one level: the World's at its middle.

    name: whose response curve. The sound's A-weighted energy is the same in every tenth of a
    second, so that any window of whole tenths in which the level is constant has it to 0.01 dB;
    above 104 dB peaks begin to clip.
    """

    def __init__(
        self,
        world: World,
        journal: Journal,
        sample_rate_hz: int = 48000,
        name: str = "inmp441",
    ) -> None:
        self._world = world
        self._journal = journal
        self._rate_hz = sample_rate_hz
        self._name = name
        self._loop = heard_loop(sample_rate_hz, name)
        self._noted_until_s = 0

    def samples(self, first: int, count: int) -> bytes:
        """Give `count` samples from index `first` on (index 0: the simulation's start)."""
        if first < 0 or count < 0:
            raise ValueError("samples have indices from 0 on")
        parts = []
        end = first + count
        while first < end:
            second = first // self._rate_hz
            last = min(end, (second + 1) * self._rate_hz)
            parts.append(self._within(second, first, last))
            first = last
        return b"".join(parts)

    def _within(self, second: int, first: int, last: int) -> bytes:
        """Samples that all lie in one second."""
        level_db = self._world.value("laeq", second + 0.5)
        self._note(second, level_db)
        if level_db is None:
            return bytes(4 * (last - first))
        rms = _FULL_SCALE / np.sqrt(2) * 10 ** ((level_db - _FULL_SCALE_SINE_DB) / 20)
        start = first % len(self._loop)  # a second never crosses the loop's end
        noise = self._loop[start : start + last - first] * rms
        clipped = np.clip(np.rint(noise), -_FULL_SCALE - 1, _FULL_SCALE)
        return bytes((clipped.astype("<i4") << 8).astype("<i4").tobytes())

    def _note(self, second: int, level_db: float | None) -> None:
        """Journal a second's level the first time that samples of it are read."""
        if second >= self._noted_until_s:
            self._noted_until_s = second + 1
            self._journal.note(self._name, "laeq", second * 1_000_000, level_db)


@lru_cache(maxsize=2)
def noise_loop(sample_rate_hz: int) -> Floats:
    """Make pink noise whose A-weighted RMS is 1 in every tenth of a second, `_LOOP_S` long."""
    size = _LOOP_S * sample_rate_hz
    frequency = np.fft.rfftfreq(size, 1 / sample_rate_hz).astype(np.float64)
    low, high = np.searchsorted(frequency, _BAND_HZ)
    spectrum = np.zeros(len(frequency), dtype=np.complex128)
    phase = np.random.default_rng(_SEED).uniform(0, 2 * np.pi, high - low)
    spectrum[low:high] = np.exp(1j * phase) / np.sqrt(frequency[low:high])
    noise = np.fft.irfft(spectrum, size)
    weights = np.zeros(len(frequency))
    weights[1:] = 10 ** (analytic_a_db(frequency[1:]) / 20)
    for _ in range(12):
        noise = noise / _smooth_rms(noise, weights)
    return np.asarray(noise, dtype=np.float64)


@lru_cache(maxsize=2)
def heard_loop(sample_rate_hz: int, name: str) -> Floats:
    """Give the loop of sound as a microphone of `MICROPHONES` hears it."""
    sound = noise_loop(sample_rate_hz)
    frequency = np.fft.rfftfreq(len(sound), 1 / sample_rate_hz).clip(1.0)
    response = 10 ** (MICROPHONES[name].at(frequency) / 20)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * response, len(sound)), dtype=np.float64)


def _smooth_rms(noise: Floats, weights: Floats) -> Floats:
    """Follow the A-weighted RMS from block to block, around the loop."""
    weighted = np.fft.irfft(np.fft.rfft(noise) * weights, len(noise))
    blocks = _LOOP_S * _BLOCKS_PER_S
    rms = np.sqrt((weighted.reshape(blocks, -1) ** 2).mean(axis=1))
    middles = (np.arange(blocks) + 0.5) * len(noise) / blocks
    return np.asarray(
        np.interp(np.arange(len(noise)), middles, rms, period=len(noise)), dtype=np.float64
    )
