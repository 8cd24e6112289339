# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What comes before the app: a wipe that waits, and what this boot is for.

Not in memory while the app runs. Imports no hardware: `hal` is given.
"""

import os

from micropython import const

from barri_node.life.boot_count import BootCount
from barri_node.life.retained import Retained

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.life.ports import LivingHal
    from barri_node.ports import Say

_BUTTON_LOOKS = const(5)  # so often must it be down at the start, for 50 ms each
_BUTTON_LOOK_MS = const(50)


def finish_wipe(hal: "LivingHal", mark: str, say: "Say") -> None:
    """A wipe that the file `mark` asks for, or that was cut short, is done before anything is
    read.
    """
    if mark in os.listdir(hal.flash_root()):
        from barri_node.life.wipe import Wipe

        say("wiping: this takes a minute")
        ring = hal.ring()
        erase = ring.erase if ring else None
        Wipe(hal.flash_root(), hal.retained(), hal.feed_watchdog, erase).run()


async def begun(hal: "LivingHal") -> BootCount:
    """Count this boot, and say what it is for."""
    boots = BootCount(Retained(hal.retained()))
    boots.begin(hal.reset_cause(), await _button_held(hal))
    return boots


async def _button_held(hal: "LivingHal") -> bool:
    for _ in range(_BUTTON_LOOKS):
        if not hal.button_down():
            return False
        await hal.sleep_ms(_BUTTON_LOOK_MS)
    return True
