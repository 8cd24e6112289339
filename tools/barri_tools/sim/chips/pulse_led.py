# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A meter's light and the hardware counter behind a light sensor.

It blinks whenever the World's import counter has grown by one impulse. The counter starts at zero
with the node and wraps after its bits. Not modelled: the pulse's shape, the sensor's threshold.
"""

from barri_tools.sim.journal import Journal
from barri_tools.sim.world import World


class PulseLed:
    """The model. flicker: add that many impulses that are no energy. covered: nothing is seen."""

    def __init__(
        self,
        world: World,
        journal: Journal,
        impulses_per_kwh: int = 1000,
        bits: int = 16,
        name: str = "pulse_led",
    ) -> None:
        self._world = world
        self._journal = journal
        self._impulses = impulses_per_kwh
        self._modulus = 1 << bits
        self._name = name
        self._blinked: int | None = None
        self._seen = 0
        self.covered = False

    def count(self, now_us: int) -> int:
        """What the counter holds, as of the last look at the World and now."""
        blinked = self._light(now_us)
        if blinked is not None:
            if self._blinked is not None and not self.covered:
                self._seen += max(0, blinked - self._blinked)
            self._blinked = blinked
        return self._seen % self._modulus

    def flicker(self, impulses: int) -> None:
        self._seen += impulses

    def restart(self, now_us: int) -> None:
        """The node's power was gone: its counter begins anew."""
        self.count(now_us)
        self._seen = 0

    def _light(self, now_us: int) -> int | None:
        energy_wh = self._world.value("energy_import", now_us / 1e6)
        self._journal.note(self._name, "energy_import", now_us, energy_wh)
        return None if energy_wh is None else int(energy_wh * self._impulses / 1000)
