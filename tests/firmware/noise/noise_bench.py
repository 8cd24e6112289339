# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The sound meter on the bench: signals, and the firmware on MicroPython or on this Python."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from barri_tools.firmware import source_directory
from barri_tools.noise_design import analytic_a_db

RATE_HZ = 48000
FULL_SCALE = (1 << 23) - 1
SCRIPT = Path(__file__).with_name("node_script.py")
Words = NDArray[np.int32]
Floats = NDArray[np.float64]


def words(signal: Floats) -> Words:
    """Turn a signal in 24-bit steps into what the microphone's line carries."""
    rounded = np.clip(np.rint(signal), -FULL_SCALE - 1, FULL_SCALE)
    return (rounded.astype(np.int64) << 8).astype("<i4")


def tone(frequency_hz: float, level_db: float, seconds: float, rate_hz: int = RATE_HZ) -> Floats:
    """A sine of a level, in 24-bit steps: 120 dB is full scale (94 dB at -26 dBFS)."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return FULL_SCALE * 10 ** ((level_db - 120) / 20) * np.sin(2 * np.pi * frequency_hz * t)


def oracle_laeq_db(signal: Floats) -> float:
    """A-weight in the frequency domain (Annex E itself, padded with silence), then the mean."""
    spectrum = np.fft.rfft(signal, 2 * len(signal))
    frequency_hz = np.fft.rfftfreq(2 * len(signal), 1 / RATE_HZ)
    weights = np.zeros(len(frequency_hz))
    weights[1:] = 10 ** (analytic_a_db(frequency_hz[1:]) / 20)
    energy = (np.fft.irfft(spectrum * weights)[: len(signal)] ** 2).mean()
    return float(120 + 10 * np.log10(2 * energy / FULL_SCALE**2))


class Node:
    """Runs the script on the node's interpreter (MicroPython, heap capped) or on this one."""

    def __init__(self, interpreter: list[str], directory: Path) -> None:
        self._interpreter = interpreter
        self._directory = directory
        self.modules = source_directory()

    def run(self, command: str, samples: Words | None, *arguments: int) -> list[object]:
        """Run a command on samples; give its lines."""
        path = []
        if samples is not None:
            file = self._directory / "samples.raw"
            file.write_bytes(samples.astype("<i4").tobytes())
            path = [str(file)]
        line = [*self._interpreter, str(SCRIPT), command, *path, *map(str, arguments)]
        environment = {**os.environ, "MICROPYPATH": str(self.modules)}
        done = subprocess.run(
            line, env=environment, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, done.stdout[-500:] + done.stderr
        return [json.loads(text) for text in done.stdout.splitlines()]

    def levels(
        self, signal: Floats, window_s: float, settle_ms: int = 500, block: int = 9600
    ) -> list[dict[str, int | None]]:
        """Levels of each whole window of a signal."""
        window = round(window_s * RATE_HZ)
        lines = self.run("levels", words(signal), RATE_HZ, block, window, settle_ms)
        return lines[:-1]

    def energy(self, signal: Floats, skip_s: float, rate_hz: int = RATE_HZ) -> float:
        """Mean energy of a sub-block, after a part that is skipped."""
        samples = words(signal)
        ((total, count),) = self.run("energy", samples, rate_hz, round(skip_s * rate_hz))
        return total / count
