# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The chips around a simulated node of each kit."""

import datetime

from barri_tools.sim import parts
from barri_tools.sim.chips.bh1750 import Bh1750
from barri_tools.sim.chips.bme280 import Bme280
from barri_tools.sim.chips.max17048 import Max17048
from barri_tools.sim.chips.microphone import Microphone
from barri_tools.sim.chips.p1_meter import P1Port
from barri_tools.sim.chips.pms5003 import Pms5003
from barri_tools.sim.journal import Journal
from barri_tools.sim.node_link import Board
from barri_tools.sim.world import World

_PARTICLES_UART = 1
_METER_UART = 2


def build(kit: str, world: World, journal: Journal, start_utc_s: int) -> Board:
    """Fit a board for a kit of `barri_wire.schema.KITS`; its chips note what they give out.

    There is also a "full" one, with all of air, noise and energy: see `bench/full_node.py`.
    """
    if kit == "found":
        return parts.fitted(parts.USUAL, world, journal)
    board = Board()
    if kit in ("air", "smart_citizen", "full"):
        board.i2c = [Bme280(world, journal), Bh1750(world, journal), Max17048(world, journal)]
    if kit in ("air", "full"):
        board.uarts[_PARTICLES_UART] = Pms5003(world, journal)
    if kit in ("noise", "smart_citizen", "full"):
        board.microphone = Microphone(world, journal)
    if kit in ("energy", "full"):
        starts_at = datetime.datetime.fromtimestamp(start_utc_s, datetime.UTC)
        board.uarts[_METER_UART] = P1Port(world, journal, starts_at)
    return board
