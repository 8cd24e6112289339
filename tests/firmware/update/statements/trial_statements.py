# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A tree on trial proves itself with one record of its own boot, or goes. On MicroPython."""

import asyncio

from update_bench import Release, benched, tree

from barri_node.update.slots import Slots
from barri_node.update.trial import judge

GOOD = Release(1, tree(b"one"))


class Log:
    """released: what the gateway has acknowledged, as of each second."""

    def __init__(self, released):
        self.released = released


def _judge(bench, log, change=None, window_s=10):
    """Gives (seconds that it took, restarts)."""
    assert bench.fetch(GOOD)
    bench.power_on()
    assert bench.trial
    seconds, restarts = [0], []

    async def sleep_ms(duration_ms):
        seconds[0] += duration_ms // 1000
        if change is not None:
            change(seconds[0])

    asyncio.run(
        judge(
            bench.flash.root,
            log,
            7,
            window_s * 1000,
            sleep_ms,
            lambda: restarts.append(1),
            bench.said.append,
        )
    )
    return seconds[0], len(restarts)


@benched
def one_acknowledged_record_of_this_boot_confirms_it(bench):
    log = Log(3)

    def change(second):
        log.released = 8 if second >= 40 else 7 if second >= 20 else 3

    assert _judge(bench, log, change) == (40, 0)
    bench.power_on()
    assert (bench.tree, bench.trial, bench.slots.serial) == ("a", False, 1)


@benched
def records_of_earlier_boots_prove_nothing(bench):
    seconds, restarts = _judge(bench, Log(7))
    assert restarts == 1
    assert 600 <= seconds <= 700
    bench.power_on()
    assert (bench.tree, bench.trial) == ("-", False)


@benched
def long_windows_get_the_time_for_a_record(bench):
    assert _judge(bench, Log(0), window_s=3600)[0] >= 2 * 3600


@benched
def a_confirmation_that_flash_refuses_is_tried_again(bench):
    log = Log(8)
    bench_full = bench.flash

    def change(second):
        bench_full.full = second < 30

    assert bench.fetch(GOOD)
    bench.power_on()
    bench_full.full = True
    seconds = [0]

    async def sleep_ms(duration_ms):
        seconds[0] += duration_ms // 1000
        change(seconds[0])

    never = []
    asyncio.run(
        judge(bench.flash.root, log, 7, 1000, sleep_ms, lambda: never.append(1), bench.said.append)
    )
    assert (seconds[0], never) == (30, [])
    assert Slots(bench.flash.root).run == "a"
