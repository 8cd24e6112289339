# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What there is to measure: the physical truth that the chip models take their values from.

`World` is the port; `SyntheticStreet` invents a street, `Recording` plays a recorded day.
"""

from typing import Protocol

from barri_tools.sim.recording import Recording, RecordingError
from barri_tools.sim.street import SyntheticStreet

__all__ = ["Recording", "RecordingError", "SyntheticStreet", "World"]


class World(Protocol):
    """The truth at a place, as a function of time."""

    def value(self, quantity: str, t_s: float) -> float | None:
        """Give the true value of a quantity `t_s` seconds after the simulation's start.

        quantity: a name of barri_wire's table. Units: degC, %, hPa, lx, ug/m3, dB, W, Wh, V, with
        the decimal point where people write it. None: there is nothing for a sensor to read.
        """
        ...
