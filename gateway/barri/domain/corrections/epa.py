# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""EPA's corrections of PM2.5 from Plantower's sensors, fitted to PurpleAir monitors in the USA.

Aerosol differs from place to place: elsewhere these are a first step, not a calibration. The
sensors have two series: "CF=1", and the "atmospheric" one, which barri's nodes send. Up to about
30 ug/m3 the two are the same; above, the atmospheric one is lower. Fitted to hours and days of
outdoor monitors, which have a PMS5003: of short windows the corrected mean is not quite the mean's
correction where the line bends (at 0 and above 30 ug/m3).
"""

from barri.domain.corrections.correction import Correction, Input

_HUMIDITY = Input("humidity", "%", 0, 100)
_SENSORS = ("pms5003",)
_SLIDES = (
    "US EPA, Sensor Data Cleaning and Correction: Application on the AirNow Fire and Smoke Map, "
    "2021 (science inventory 353088), the equation for the cf_atm series"
)


def _linear(mass: float, humidity: float, slope: float = 0.524) -> float:
    return slope * mass - 0.0862 * humidity + 5.75


def _blend(weight: float, lower: float, upper: float) -> float:
    """From `lower` at weight 0 to `upper` at weight 1."""
    return lower + weight * (upper - lower)


def barkjohn_2021(mass: float, humidity: float) -> float:
    """The US-wide correction. mass: CF=1, ug/m3. humidity: %, as the sensor itself feels it."""
    return max(0.0, _linear(mass, humidity))


def airnow_2021(mass: float, humidity: float) -> float:
    """The five pieces for town air and smoke. mass: atmospheric, ug/m3. humidity: %."""
    if mass < 50:
        slope = _blend(min(max(mass / 20 - 1.5, 0), 1), 0.524, 0.786)
        return max(0.0, _linear(mass, humidity, slope))
    town = _linear(mass, humidity, 0.786)
    smoke = 2.966 + 0.69 * mass + 0.000884 * mass * mass
    return max(0.0, _blend(min(max(mass / 50 - 4.2, 0), 1), town, smoke))


def barkjohn_2022(mass: float, humidity: float) -> float:
    """The extension for extreme smoke. mass: CF=1, ug/m3. humidity: %."""
    smoke = 0.000421 * mass * mass + 0.392 * mass + 3.44
    return max(0.0, _blend(min(max((mass - 570) / 41, 0), 1), _linear(mass, humidity), smoke))


CORRECTIONS = (
    Correction(
        "epa_pm2_5",
        "2021",
        "pm2_5",
        "ug/m3",
        (Input("pm2_5_cf1", "ug/m3", 0, 570), _HUMIDITY),  # up to where the extension begins
        "Barkjohn et al. 2021, Atmos. Meas. Tech. 14, 4617, doi:10.5194/amt-14-4617-2021",
        barkjohn_2021,
        _SENSORS,
        outdoors=True,
    ),
    Correction(
        "epa_pm2_5",
        "2021-airnow",
        "pm2_5",
        "ug/m3",
        (Input("pm2_5", "ug/m3", 0, 1000), _HUMIDITY),
        _SLIDES,
        airnow_2021,
        _SENSORS,
        outdoors=True,
    ),
    Correction(
        "epa_pm2_5",
        "2022",
        "pm2_5",
        "ug/m3",
        (Input("pm2_5_cf1", "ug/m3", 0, 2000), _HUMIDITY),
        "Barkjohn et al. 2022, Sensors 22, 9669, doi:10.3390/s22249669",
        barkjohn_2022,
        _SENSORS,
        outdoors=True,
    ),
)
