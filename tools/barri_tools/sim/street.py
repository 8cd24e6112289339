# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An invented balcony over a Barcelona street in spring: believable, and a pure function of time.

Not a climate model: shapes and sizes are what a newcomer expects to see on a chart.
"""

import math
from collections.abc import Callable

from barri_tools.sim.chance import uniform, wander
from barri_tools.sim.household import Household

_DAY_S = 86400.0
# Topics of chance: one number each, so that no two curves look alike.
_WARMTH, _DAMP, _WEATHER, _CLOUDS, _HAZE, _HUM, _CARS, _PEAKS, _MAINS = range(9)


def _bump(hour: float, centre: float, width: float) -> float:
    """A bell of height 1 around an hour of the day."""
    distance = (hour - centre + 12) % 24 - 12
    return math.exp(-((distance / width) ** 2))


class SyntheticStreet:
    """seed: which street. starts_at_s: the local time of day at t_s = 0 (default 09:00)."""

    def __init__(self, seed: int, starts_at_s: float = 9 * 3600.0) -> None:
        self._seed = seed
        self._starts_at_s = starts_at_s
        self._household = Household(seed, self.daylight)
        self._curves: dict[str, Callable[[float], float]] = {
            "temperature": self._temperature,
            "humidity": self._humidity,
            "pressure": self._pressure,
            "light": self._light,
            "battery": self._battery,
            "pm1": lambda t_s: 0.65 * self._pm2_5(t_s),
            "pm2_5": self._pm2_5,
            "pm4": lambda t_s: 1.3 * self._pm2_5(t_s),
            "pm10": lambda t_s: 1.6 * self._pm2_5(t_s),
            "co2": lambda t_s: 425 + 60 * self._traffic(t_s) + 4 * self._draught(t_s),
            "laeq": self._laeq,
            "voltage": lambda t_s: 231.0 + 3.0 * wander(self._seed, _MAINS, t_s, 90),
            "power_import": self._household.power_import_w,
            "power_export": self._household.power_export_w,
            "energy_import": self._household.energy_import_wh,
            "energy_export": self._household.energy_export_wh,
        }

    def value(self, quantity: str, t_s: float) -> float | None:
        """See World.value. Defined for 0 <= t_s < 400 days."""
        curve = self._curves.get(quantity)
        return None if curve is None else curve(t_s)

    def daylight(self, t_s: float) -> float:
        """Brightness of the sky, 0 at night to 1 at a clear noon."""
        height = math.sin(math.pi * (self._hour(t_s) - 6.5) / 13.5)
        if height <= 0:
            return 0.0
        clouds = 0.65 + 0.35 * wander(self._seed, _CLOUDS, t_s, 900)
        return height * math.sqrt(height) * clouds

    def _hour(self, t_s: float) -> float:
        return ((t_s + self._starts_at_s) % _DAY_S) / 3600

    def _warm_half(self, t_s: float) -> float:
        """-1 in the coldest hour before dawn, 1 in the afternoon."""
        return math.cos(2 * math.pi * (self._hour(t_s) - 15) / 24)

    def _temperature(self, t_s: float) -> float:
        spell = 2.5 * wander(self._seed, _WEATHER, t_s, 1.5 * _DAY_S)
        return 17.5 + 4.5 * self._warm_half(t_s) + spell + self._draught(t_s)

    def _draught(self, t_s: float) -> float:
        return 0.4 * wander(self._seed, _WARMTH, t_s, 300)

    def _humidity(self, t_s: float) -> float:
        damp = 8 * wander(self._seed, _DAMP, t_s, _DAY_S / 2)
        return min(97.0, 62 - 13 * self._warm_half(t_s) + damp - 3 * self._draught(t_s))

    def _pressure(self, t_s: float) -> float:
        tide = 0.7 * math.cos(4 * math.pi * (self._hour(t_s) - 10) / 24)
        return 1015.5 + 7 * wander(self._seed, _WEATHER + 100, t_s, _DAY_S) + tide

    def _light(self, t_s: float) -> float:
        street_lamp = 9.0 if not 7 <= self._hour(t_s) < 20 else 0.0
        return 62000 * self.daylight(t_s) + street_lamp

    def _battery(self, t_s: float) -> float:
        return 86 + 11 * math.cos(2 * math.pi * (self._hour(t_s) - 17) / 24)

    def _traffic(self, t_s: float) -> float:
        """0.1 in the dead of night to about 1.2 in the rush hours."""
        hour = self._hour(t_s)
        day = 0.6 * _bump(hour, 14, 6.5)
        return 0.1 + day + 0.5 * _bump(hour, 8.5, 1.2) + 0.4 * _bump(hour, 18.5, 1.8)

    def _pm2_5(self, t_s: float) -> float:
        haze = 1 + 0.35 * wander(self._seed, _HAZE, t_s, 5400)
        return (6 + 9 * self._traffic(t_s)) * haze + 0.8 * wander(self._seed, _HAZE + 100, t_s, 20)

    def _laeq(self, t_s: float) -> float:
        """The level of one second: a city's hum, and the cars that pass in the seconds around."""
        second = math.floor(t_s)
        traffic = self._traffic(second)
        hum = 44 + 10 * traffic + 1.5 * wander(self._seed, _HUM, second, 12)
        energy = 10 ** (hum / 10) + 10 ** (uniform(self._seed, _HUM + 100, second) * 4.0)
        for passing in range(second - 8, second + 9):
            energy += self._car_energy(passing, second, traffic)
        return 10 * math.log10(energy)

    def _car_energy(self, passing: int, second: int, traffic: float) -> float:
        """What a car that is nearest at `passing` adds: 6 dB less for every doubled distance."""
        if uniform(self._seed, _CARS, passing) > 0.09 * traffic:
            return 0.0
        peak_db = 64 + 11 * uniform(self._seed, _PEAKS, passing) ** 2
        return 10 ** (peak_db / 10) / (1 + ((passing - second) / 1.2) ** 2) ** 2
