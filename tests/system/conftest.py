# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the system tests share: the firmware, compiled once, and scenes to play with it."""

from pathlib import Path
from typing import Any

import pytest
from playing import MakeScene

from barri_tools import firmware
from barri_tools.demo.stage import Scene
from barri_tools.demo.street import Resident
from barri_tools.sim.world import SyntheticStreet, World


@pytest.fixture(scope="session")
def node_firmware(tmp_path_factory: pytest.TempPathFactory, micropython: str) -> Path:
    """The tree as nodes load it. Skips where there is no MicroPython to run it."""
    return firmware.prepared(tmp_path_factory.mktemp("firmware") / "built")


@pytest.fixture(scope="module")
def make_scene(tmp_path_factory: pytest.TempPathFactory, node_firmware: Path) -> MakeScene:
    """make_scene(residents, world=..., window_s=10, speed=10): a scene in a folder of its own.

    more: as `Scene` has them, such as `sealed`, `tls`.
    """

    def make(
        residents: tuple[Resident, ...],
        world: World | None = None,
        window_s: int = 10,
        speed: float = 10.0,
        **more: Any,
    ) -> Scene:
        folder = tmp_path_factory.mktemp("scene") / "stage"
        street = world or SyntheticStreet(seed=2026)
        return Scene(folder, residents, street, window_s, speed, firmware=node_firmware, **more)

    return make
