# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Microphones with an I2S output: what their datasheets say of response, sensitivity and noise.

The curves are read by eye off each datasheet's plot of the typical frequency response (the points
that ikostoski/esp32-i2s-slm lists in math/*.m); a unit differs. None: off the plot.
"""

from typing import NamedTuple

import numpy as np

from barri_tools.noise.curves import TABLE_3, Band, Floats


class Microphone(NamedTuple):
    """response_db: at the nominal frequencies of Table 3, re 1 kHz. self_noise_dba: typical."""

    part: str
    response_db: tuple[float | None, ...]
    self_noise_dba: float | None

    def band(self) -> tuple[float, float]:
        """The lowest and highest frequency (exact, Hz) that the curve covers."""
        covered = [b.exact_hz for b, db in self._points() if db is not None]
        return covered[0], covered[-1]

    def at(self, frequency_hz: Floats) -> Floats:
        """Give the response at frequencies, in dB, straight lines on a logarithmic axis.

        Beyond the curve's ends it goes on as at the end.
        """
        known = [(band.exact_hz, db) for band, db in self._points() if db is not None]
        hz, db = np.array(known).T
        return np.asarray(np.interp(np.log(frequency_hz), np.log(hz), db), dtype=np.float64)

    def _points(self) -> list[tuple[Band, float | None]]:
        return list(zip(TABLE_3, self.response_db, strict=True))


_FLAT = (0.0,) * len(TABLE_3)
# 10 Hz to 80 Hz, 100 Hz to 800 Hz, 1 kHz to 8 kHz, 10 kHz to 20 kHz.
MICROPHONES = {
    # An ideal microphone: for tests, and for sound that is equalised already.
    "flat": Microphone("none", _FLAT, None),
    "inmp441": Microphone(
        "INMP441",
        (None, None, None, -12, -10, -8, -6, -4.4, -3.4, -2.5,
         -1.9, -1.4, -0.9, -0.5, -0.2, 0, 0, 0, 0, 0,
         0, 0, 0, 0, 0, 0, -0.4, -0.7, -1.1, -1.8,
         -2.4, -3.0, -5.0, None),
        33,
    ),
    "ics43434": Microphone(
        "ICS-43434",
        (-26, -22, -17, -13, -10, -8, -6, -4, -2.8, -2.1,
         -1.8, -1.4, -1.0, -0.5, -0.5, 0, 0, 0, 0, 0,
         0, 0, 0, 0, 0, 0.5, 0.6, 1.1, 1.8, 2.5,
         3.1, 4.5, 8.0, 14.0),
        29,
    ),
    "sph0645": Microphone(
        "SPH0645LM4H-B",
        (None, None, None, -7.5, -6.5, -5, -3.6, -2.8, -2, -1.3,
         -1, -0.7, -0.4, -0.3, -0.1, -0.1, 0, 0, 0, 0,
         0, 0, 0, 0, 0.1, 0.1, 0.3, 0.5, 0.8, 0.9,
         1, 0.8, 0, -5.5),
        29,
    ),
}  # fmt: skip
