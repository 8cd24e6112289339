# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Safe mode: no app, only the serial console and the update; after ten minutes the app again.

No watchdog runs here, so that whoever sits at the console is left in peace: Ctrl-C ends the wait
and gives the REPL.
"""

import asyncio

from micropython import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from barri_node.life.boot_count import BootCount
    from barri_node.ports import Say, SleepMs

    Search = Callable[[], Coroutine[object, object, bool]]

STAY_MS = const(600000)
_LOOK_EVERY_MS = const(1000)


async def run(
    boots: "BootCount",
    restart: "Callable[[], None]",
    sleep_ms: "SleepMs",
    say: "Say",
    update: "Search | None" = None,
) -> None:
    """Stay ten minutes, then restart into the app. update(): looks for a release meanwhile, and
    says whether the next boot is to try it: then at once.
    """
    say("safe mode: {}".format(_why(boots)))
    say("the app is tried again in 10 minutes; Ctrl-C for the REPL")
    found = asyncio.Event()
    task = None if update is None else asyncio.create_task(_shielded(update, found, say))
    left_ms = STAY_MS
    while left_ms > 0 and not found.is_set():
        await sleep_ms(_LOOK_EVERY_MS)
        left_ms -= _LOOK_EVERY_MS
    if task is not None:
        task.cancel()
    say("safe mode: now the app again")
    boots.try_again()
    restart()


async def _shielded(update: "Search", found: asyncio.Event, say: "Say") -> None:
    """Whatever an update dies of, safe mode goes on."""
    try:
        if await update():
            found.set()
    except Exception as error:  # noqa: BLE001  # the last resort must not have an error of its own
        say("update: {!r}".format(error))


def _why(boots: "BootCount") -> str:
    if boots.asked:
        return "the button asked for it"
    return "{} bad boots in a row".format(boots.bad)
