# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Particles grow in damp air: from the mass a light-scattering sensor sees to the dry one.

kappa-Koehler theory on the whole mass, without the size distribution. How much particles grow
(kappa) is a property of a city's air: 0.3 to 0.4 in urban Europe. Above 85 % doubtful, above
95 % without an answer; in fog nothing of this holds.
"""

from barri.domain.corrections.correction import Correction, Input

_DENSITY_RATIO = 1.65  # of dry particles to water
_URBAN_KAPPA = 0.38
_MOST_HUMIDITY = 95.0


def growth(humidity: float, kappa: float) -> float:
    """How many times heavier the damp particles are. humidity: %, below 100. kappa: 1."""
    activity = humidity / 100
    return 1 + kappa / _DENSITY_RATIO * activity / (1 - activity)


def dry_mass(mass: float, humidity: float, kappa: float) -> float:
    """The dry mass in ug/m3, never more than the damp one."""
    return mass / growth(humidity, kappa)


CORRECTIONS = tuple(
    Correction(
        f"humidity_growth_{size}",
        "2018",
        size,
        "ug/m3",
        (
            Input(size, "ug/m3", 0, 1000),
            Input("humidity", "%", 0, _MOST_HUMIDITY),
            Input("kappa", "1", 0, 1.4, default=_URBAN_KAPPA),
        ),
        "Crilley et al. 2018, Atmos. Meas. Tech. 11, 709, doi:10.5194/amt-11-709-2018, with kappa "
        "as Petters and Kreidenweis 2007 define it, doi:10.5194/acp-7-1961-2007",
        dry_mass,
        outdoors=True,  # kappa is of a city's air, not of a kitchen's
    )
    for size in ("pm1", "pm2_5", "pm4", "pm10")
)
