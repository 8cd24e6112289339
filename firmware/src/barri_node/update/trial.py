# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Judges a tree on trial: one record of this boot that the gateway has stored, and it stays.

Loaded only in a boot that is a trial. A boot that proves nothing in time is restarted, and
`boot.py` then goes back.
"""

import asyncio
import os

from micropython import const

from barri_node.update.slots import CABLE, Slots

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.ports import Hal, Say, SleepMs
    from barri_node.store.ringlog import RingLog

_LOOK_EVERY_MS = const(1000)
_PATIENCE_MS = const(600000)  # beside two windows: a record must first be measured


async def judge(
    root: str,
    log: "RingLog",
    first: int,
    window_ms: int,
    sleep_ms: "SleepMs",
    restart: "Callable[[], None]",
    say: "Say",
) -> None:
    """Wait for the proof, and confirm the tree or restart. first: this boot's first sequence."""
    left_ms = _PATIENCE_MS + 2 * window_ms
    while not (log.released > first and _confirmed(root, say)):
        if left_ms <= 0:
            say("update: not proven in time; going back")
            restart()
            return
        await sleep_ms(_LOOK_EVERY_MS)
        left_ms -= _LOOK_EVERY_MS


def _confirmed(root: str, say: "Say") -> bool:
    slots = Slots(root)
    try:
        slots.confirm()
    except OSError as error:
        say("update: {!r}".format(error))
        return False
    say("update: release {} has proven itself".format(slots.serial))
    return True


def begin(
    hal: "Hal",
    log: "RingLog",
    first: int,
    window_ms: int,
    restart: "Callable[[], None]",
    say: "Say",
) -> "asyncio.Task[None] | None":
    """Start to judge, if this boot is the trial of the tree that it runs from."""
    root = hal.flash_root()
    slots = Slots(root)
    if slots.trial == CABLE or not slots.tried or not os.getcwd().endswith("/" + slots.trial):
        return None
    judged = judge(root, log, first, window_ms, hal.sleep_ms, restart, say)
    return asyncio.create_task(judged)
