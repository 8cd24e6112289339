# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Puts the node together and runs its tasks. Everything it needs from the world comes as `hal`."""

import asyncio

from micropython import const

from barri_node import VERSION
from barri_node.clock import Clock
from barri_node.forget import forget
from barri_node.life.health import Health
from barri_node.sampler import Sampler
from barri_node.store.ringlog import RingLog
from barri_node.windows import Windows
from barri_wire.schema import EXTRAS

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.life.start import Life
    from barri_node.ports import Hal, Say
    from barri_node.settings import Settings

_LOG_BYTES = const(1024 * 1024)  # less where the flash has less
_PATIENCE_MS = const(60000)  # beyond what a task may take by itself


async def run(hal: "Hal", settings: "Settings", life: "Life", say: "Say" = print) -> None:
    """Measure, keep and send until the power goes."""
    from barri_node import kits
    from barri_node.uplink import choice

    clock = Clock(hal)
    windows = Windows(clock, settings.window_s)
    schema, found = await kits.look(settings, hal, clock, say)
    place = hal.ring() or hal.mount_data() + "/log"
    log = RingLog(place, _LOG_BYTES, schema or EXTRAS["health"], hal.random_bytes)
    boot = log.next_boot()
    instruments, besides = kits.build(settings, hal, clock, windows, log, say, found)
    del kits
    forget("barri_node.kits", "barri_node.sound", "barri_node.noise.coefficients")
    forget("barri_node.energy.fit", "barri_node.energy.options")
    forget("barri_node.store.recovery", "barri_node.settings_file", "barri_node.kept_settings")
    outbox = choice.outbox(log, settings)
    link = choice.kind_of_link(settings)(hal, settings, clock, log, outbox, boot, VERSION, say)
    del choice
    forget("barri_node.uplink.choice")
    sampler = Sampler(clock, windows, instruments, schema, log, boot, say, link.wake.set)
    sampler.besides = besides + [
        Health(
            life.cause,
            lambda: log.fill,
            lambda: log.lost_total,
            lambda: outbox.declared_void,
            lambda: link.failures,
            hal.rssi,
            lambda: sum([instrument.faults for instrument in instruments]),
        )
    ]
    link.on_clock_set = sampler.align
    link.restart = life.restart
    sampler.light = link.light = life.light
    watchdog = sampler.watchdog = link.watchdog = life.watchdog
    watchdog.expect("sampler", 2 * settings.window_s * 1000 + _PATIENCE_MS)
    watchdog.expect("link", 2 * settings.window_s * 1000 + 10 * _PATIENCE_MS)
    say("barri {} on {}: {} kit, boot {}".format(VERSION, hal.NAME, settings.kit, boot))
    tasks = [sampler.run(), link.run()] + [instrument.run() for instrument in instruments]
    await asyncio.gather(*tasks)
