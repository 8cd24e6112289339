# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""An invented household behind a smart meter: load, roof panels, and counters that add up.

Power is constant within a step of 10 s, and energy is its exact integral, so that the meter's
counters and its powers never contradict each other.
"""

import math
from collections.abc import Callable
from threading import Lock

from barri_tools.sim.chance import uniform

_STEP_S = 10
_STEPS_A_DAY = 86400 // _STEP_S
_MOST_STEPS = 400 * _STEPS_A_DAY
_LOAD, _KETTLE, _OVEN = range(200, 203)
_PANELS_W = 2200.0
# What the meter had counted when the simulation began.
_IMPORT_AT_START_WH = 4_218_334.0
_EXPORT_AT_START_WH = 912_077.0


class Household:
    """seed: which household. daylight: 0..1 as a function of time."""

    def __init__(self, seed: int, daylight: Callable[[float], float]) -> None:
        self._seed = seed
        self._daylight = daylight
        # Watt steps summed up to the beginning of each step, made as far as anybody has asked.
        self._lock = Lock()
        self._imported = [0.0]
        self._exported = [0.0]

    def power_import_w(self, t_s: float) -> float:
        """Power drawn from the grid, W."""
        return max(0.0, self._net_w(self._step(t_s)))

    def power_export_w(self, t_s: float) -> float:
        """Power given to the grid, W."""
        return max(0.0, -self._net_w(self._step(t_s)))

    def energy_import_wh(self, t_s: float) -> float:
        """Reading of the import counter, Wh; never falls."""
        within_s = t_s - self._step(t_s) * _STEP_S
        joules = self._sum(self._imported, t_s) * _STEP_S + self.power_import_w(t_s) * within_s
        return _IMPORT_AT_START_WH + joules / 3600

    def energy_export_wh(self, t_s: float) -> float:
        """Reading of the export counter, Wh; never falls."""
        within_s = t_s - self._step(t_s) * _STEP_S
        joules = self._sum(self._exported, t_s) * _STEP_S + self.power_export_w(t_s) * within_s
        return _EXPORT_AT_START_WH + joules / 3600

    def _step(self, t_s: float) -> int:
        step = math.floor(t_s / _STEP_S)
        if not 0 <= step < _MOST_STEPS:
            raise ValueError(f"the street is defined for 0 <= t_s < 400 days, not for {t_s}")
        return step

    def _sum(self, sums: list[float], t_s: float) -> float:
        step = self._step(t_s)
        with self._lock:
            for made in range(len(self._imported) - 1, step):
                net_w = self._net_w(made)
                self._imported.append(self._imported[-1] + max(0.0, net_w))
                self._exported.append(self._exported[-1] + max(0.0, -net_w))
            return sums[step]

    def _net_w(self, step: int) -> float:
        """What the house draws less what its panels give, W, in whole watts."""
        flicker = 1 + 0.05 * uniform(self._seed, _LOAD, step)
        return float(round(self._load_w(step) * flicker - self._panels_w(step)))

    def _panels_w(self, step: int) -> float:
        return _PANELS_W * self._daylight(step * _STEP_S)

    def _load_w(self, step: int) -> float:
        """A standing load, a fridge that cycles, now and then a kettle or an oven."""
        fridge = 90.0 if step % 180 < 60 else 0.0
        kettle = 1900.0 if uniform(self._seed, _KETTLE, step // 15) < 0.02 else 0.0
        oven = 1400.0 if uniform(self._seed, _OVEN, step // 240) < 0.06 else 0.0
        return 170.0 + fridge + kettle + oven
