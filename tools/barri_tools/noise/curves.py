# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""IEC 61672-1:2013: the A and C weightings (Annex E) and the limits on them (Table 3).

The limits of the 2002 edition, which many projects carry, are others: they include the
uncertainty of the laboratory.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Annex E, Hz: a double pole at the bottom, two single ones that A has beyond C, one double on top.
BOTTOM_HZ = 20.598997
MIDDLE_HZ = (107.65265, 737.86223)
TOP_HZ = 12194.217


class Band(NamedTuple):
    """A row of Table 3. Deviations from the design goal are allowed up to above, down to below."""

    nominal_hz: float
    a_db: float
    c_db: float
    class_1: tuple[float, float]
    class_2: tuple[float, float]

    @property
    def exact_hz(self) -> float:
        """1000 * 10**(n/10) Hz, the frequency behind the nominal one."""
        return float(1000 * 10 ** (round(10 * math.log10(self.nominal_hz / 1000)) / 10))


_NONE = -math.inf
TABLE_3 = tuple(
    Band(hz, a, c, (above_1, below_1), (above_2, below_2))
    for hz, a, c, above_1, below_1, above_2, below_2 in (
        (10, -70.4, -14.3, 3.0, _NONE, 5.0, _NONE), (12.5, -63.4, -11.2, 2.5, _NONE, 5.0, _NONE),
        (16, -56.7, -8.5, 2.0, -4.0, 5.0, _NONE), (20, -50.5, -6.2, 2.0, -2.0, 3.0, -3.0),
        (25, -44.7, -4.4, 2.0, -1.5, 3.0, -3.0), (31.5, -39.4, -3.0, 1.5, -1.5, 3.0, -3.0),
        (40, -34.6, -2.0, 1.0, -1.0, 2.0, -2.0), (50, -30.2, -1.3, 1.0, -1.0, 2.0, -2.0),
        (63, -26.2, -0.8, 1.0, -1.0, 2.0, -2.0), (80, -22.5, -0.5, 1.0, -1.0, 2.0, -2.0),
        (100, -19.1, -0.3, 1.0, -1.0, 1.5, -1.5), (125, -16.1, -0.2, 1.0, -1.0, 1.5, -1.5),
        (160, -13.4, -0.1, 1.0, -1.0, 1.5, -1.5), (200, -10.9, 0, 1.0, -1.0, 1.5, -1.5),
        (250, -8.6, 0, 1.0, -1.0, 1.5, -1.5), (315, -6.6, 0, 1.0, -1.0, 1.5, -1.5),
        (400, -4.8, 0, 1.0, -1.0, 1.5, -1.5), (500, -3.2, 0, 1.0, -1.0, 1.5, -1.5),
        (630, -1.9, 0, 1.0, -1.0, 1.5, -1.5), (800, -0.8, 0, 1.0, -1.0, 1.5, -1.5),
        (1000, 0, 0, 0.7, -0.7, 1.0, -1.0), (1250, 0.6, 0, 1.0, -1.0, 1.5, -1.5),
        (1600, 1.0, -0.1, 1.0, -1.0, 2.0, -2.0), (2000, 1.2, -0.2, 1.0, -1.0, 2.0, -2.0),
        (2500, 1.3, -0.3, 1.0, -1.0, 2.5, -2.5), (3150, 1.2, -0.5, 1.0, -1.0, 2.5, -2.5),
        (4000, 1.0, -0.8, 1.0, -1.0, 3.0, -3.0), (5000, 0.5, -1.3, 1.5, -1.5, 3.5, -3.5),
        (6300, -0.1, -2.0, 1.5, -2.0, 4.5, -4.5), (8000, -1.1, -3.0, 1.5, -2.5, 5.0, -5.0),
        (10000, -2.5, -4.4, 2.0, -3.0, 5.0, _NONE), (12500, -4.3, -6.2, 2.0, -5.0, 5.0, _NONE),
        (16000, -6.6, -8.5, 2.5, -16.0, 5.0, _NONE), (20000, -9.3, -11.2, 3.0, _NONE, 5.0, _NONE),
    )
)  # fmt: skip


def analytic_a_db(frequency_hz: Floats) -> Floats:
    """Give the A weighting in dB, 0 at 1 kHz."""
    return _referred(frequency_hz, MIDDLE_HZ)


def analytic_c_db(frequency_hz: Floats) -> Floats:
    """Give the C weighting in dB, 0 at 1 kHz."""
    return _referred(frequency_hz, ())


def _referred(frequency_hz: Floats, middle_hz: tuple[float, ...]) -> Floats:
    db = _magnitude_db(np.append(frequency_hz, 1000.0), middle_hz)
    return np.asarray(db[:-1] - db[-1], dtype=np.float64)


def _magnitude_db(frequency_hz: Floats, middle_hz: tuple[float, ...]) -> Floats:
    square = np.asarray(frequency_hz, dtype=np.float64) ** 2
    response = square / (square + BOTTOM_HZ**2) / (square + TOP_HZ**2)
    for corner_hz in middle_hz:
        response = response * np.sqrt(square / (square + corner_hz**2))
    return np.asarray(20 * np.log10(response), dtype=np.float64)
