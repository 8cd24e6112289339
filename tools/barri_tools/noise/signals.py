# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Sounds to measure, and what an ideal meter would make of them.

In steps of 24 bits; 120 dB is a full-scale sine (94 dB at -26 dBFS).
"""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from barri_tools.noise.curves import Floats, analytic_a_db, analytic_c_db

FULL_SCALE = (1 << 23) - 1
FULL_SCALE_DB = 120.0
RECORDINGS = Path("/usr/share/sounds/alsa")  # of Debian's package alsa-utils
_STEPS_PER_16_BITS = 256

Words = NDArray[np.int32]


def words(signal: Floats) -> Words:
    """Turn a signal into what the microphone's line carries: 24 bits at the left of 32."""
    rounded = np.clip(np.rint(signal), -FULL_SCALE - 1, FULL_SCALE)
    return np.asarray(rounded.astype(np.int64) << 8, dtype="<i4")


def tone(frequency_hz: float, level_db: float, seconds: float, rate_hz: int = 48000) -> Floats:
    """A sine of a level before any weighting."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    amplitude = FULL_SCALE * 10 ** ((level_db - FULL_SCALE_DB) / 20)
    return np.asarray(amplitude * np.sin(2 * np.pi * frequency_hz * t), dtype=np.float64)


def recording(path: Path, rate_hz: int = 48000) -> Floats:
    """Read a mono recording of 16 bits; ValueError if it is another."""
    with wave.open(str(path)) as file:
        if file.getparams()[:3] != (1, 2, rate_hz):
            raise ValueError(f"{path} is not mono with 16 bits at {rate_hz} Hz")
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return np.asarray(samples.astype(np.float64) * _STEPS_PER_16_BITS, dtype=np.float64)


def oracle_leq_db(signal: Floats, rate_hz: int = 48000, weighting: str = "A") -> float:
    """Weight in the frequency domain (Annex E itself, padded with silence), then the mean."""
    curve = analytic_a_db if weighting == "A" else analytic_c_db
    spectrum = np.fft.rfft(signal, 2 * len(signal))
    frequency_hz = np.fft.rfftfreq(2 * len(signal), 1 / rate_hz).astype(np.float64)
    weights = np.zeros(len(frequency_hz))
    weights[1:] = 10 ** (curve(frequency_hz[1:]) / 20)
    energy = float((np.fft.irfft(spectrum * weights)[: len(signal)] ** 2).mean())
    return FULL_SCALE_DB + 10 * float(np.log10(2 * energy / FULL_SCALE**2 + 1e-20))
