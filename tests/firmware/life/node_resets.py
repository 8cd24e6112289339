# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node of nothing but its life, on the unix hal: `node_resets.py SCENARIO NAME PORT FOLDER`.

Prints why it started and what memory has kept, then does as the scenario says.
"""

import asyncio
import sys

from barri_node.hal_unix import from_arguments
from barri_node.life.boot_count import BootCount
from barri_node.life.retained import Retained
from barri_node.life.watchdog import TIMEOUT_MS, Watchdog

hal = from_arguments(sys.argv[2:])
retained = Retained(hal.retained())
boots = BootCount(retained)
kind = boots.begin(hal.reset_cause())
start_ms = hal.ticks_ms()
print(hal.reset_cause(), ("app", "safe mode", "trial")[kind], boots.bad, retained.buffer() or b"")


async def _task(dog, name, until_ms):
    while hal.ticks_diff(hal.ticks_ms(), start_ms) < until_ms:
        dog.alive(name)
        await hal.sleep_ms(1000)
    print(name, "hangs")
    await asyncio.Event().wait()


async def one_task_hangs():
    """The link hangs after 20 s; it has 10 s to report."""
    dog = Watchdog(hal, hal.feed_watchdog, print)
    hal.start_watchdog(TIMEOUT_MS)
    for name, until_ms in (("sampler", 1 << 40), ("link", 20000)):
        dog.expect(name, 10000)
        asyncio.create_task(_task(dog, name, until_ms))  # noqa: RUF006
    await dog.run(hal.sleep_ms)


async def all_hang():
    """Nothing happens any more, not even the feeding."""
    hal.start_watchdog(TIMEOUT_MS)
    await asyncio.Event().wait()


async def well_for_an_hour():
    dog = Watchdog(hal, hal.feed_watchdog, print)
    hal.start_watchdog(TIMEOUT_MS)
    dog.expect("sampler", 10000)
    asyncio.create_task(_task(dog, "sampler", 1 << 40))  # noqa: RUF006
    asyncio.create_task(dog.run(hal.sleep_ms))  # noqa: RUF006
    await hal.sleep_ms(3600000)
    boots.good()
    hal.rest_watchdog()
    await hal.sleep_ms(3600000)


async def sleeps():
    retained.set_buffer(b"records")
    boots.asleep()
    hal.deep_sleep(598000)


async def restarts():
    boots.ended()
    hal.restart()


asyncio.run(globals()[sys.argv[1]]())
