# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A process that derives until it is killed: derive_child.py FOLDER NOW_S ERA."""

import asyncio
import sys
from pathlib import Path

from derive_rig import NODE, NOON_S, THING, FakeClock, Rig

from barri.domain.calibration import Calibration
from barri.domain.corrections.chosen import ChosenCorrection
from barri.services import derive


async def follow(rig):
    """Say each step, so that the parent knows when it may kill."""
    while await rig.deriver.step():
        print("step", flush=True)
    print("done", flush=True)


derive.FRAMES_AT_ONCE = 3
folder, now_s = Path(sys.argv[1]), int(sys.argv[2])
child = Rig(folder / "gateway.db", FakeClock(now_s))
child.home.choose("temperature", "share", NOON_S - 5)
child.home.choose("laeq", "share", NOON_S - 5)
child.home.all_calibrations = [
    Calibration(NODE, NOON_S + from_s, now_s, offset_ddb, "comparison")
    for from_s, offset_ddb in ((0, 13), (3000, -20))
]
child.home.all_corrections = [
    ChosenCorrection(
        THING.id, "pm10", NOON_S + 2000, now_s, "humidity_growth_pm10", "2018", sensor="pms5003"
    )
]
asyncio.run(follow(child))
child.close()
