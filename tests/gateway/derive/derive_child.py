# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A process that derives until it is killed: derive_child.py FOLDER NOW_S ERA."""

import asyncio
import sys
from pathlib import Path

from derive_rig import NOON_S, FakeClock, Rig

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
asyncio.run(follow(child))
child.close()
