# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Chips by the names of their parts, for boards of the kit whose parts are found at start."""

from collections.abc import Callable, Iterable

from barri_tools.sim.chips.bh1750 import Bh1750
from barri_tools.sim.chips.bme280 import Bme280
from barri_tools.sim.chips.bme680 import Bme680
from barri_tools.sim.chips.max17048 import Max17048
from barri_tools.sim.chips.scd30 import Scd30
from barri_tools.sim.chips.scd41 import Scd41
from barri_tools.sim.chips.sen5x import Sen5x
from barri_tools.sim.chips.sgp41 import Sgp41
from barri_tools.sim.chips.sht4x import Sht4x
from barri_tools.sim.chips.sps30 import Sps30
from barri_tools.sim.journal import Journal
from barri_tools.sim.node_link import Board, I2cChip
from barri_tools.sim.world import World

USUAL = ("sht4x", "scd41", "sps30")
_ON_THE_BUS: dict[str, Callable[[World, Journal], I2cChip]] = {
    "bh1750": Bh1750,
    "bme280": Bme280,
    "bme680": Bme680,
    "max17048": Max17048,
    "scd30": Scd30,
    "scd41": Scd41,
    "sen5x": Sen5x,
    "sgp41": Sgp41,
    "sht4x": Sht4x,
    "sps30": Sps30,
}


def fitted(parts: Iterable[str], world: World, journal: Journal) -> Board:
    """A board with these parts on its I2C bus, as they are after power-on."""
    return Board(i2c=[_ON_THE_BUS[part](world, journal) for part in parts])
