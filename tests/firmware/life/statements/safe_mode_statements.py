# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Safe mode stays ten minutes and gives the app another chance. Runs on both interpreters."""

import asyncio

from fake_memory import FakeMemory

from barri_node.life import safe_mode
from barri_node.life.boot_count import SAFE, TRIAL, BootCount
from barri_node.life.retained import Retained


class _Bench:
    def __init__(self):
        self.memory = FakeMemory()
        self.now_ms = 0
        self.restarts = []
        self.said = []
        self.looked = []

    def boot(self, cause="power-on", button=False):
        boots = BootCount(Retained(self.memory))
        return boots, boots.begin(cause, button)

    async def sleep_ms(self, duration_ms):
        await asyncio.sleep(0)
        self.now_ms += duration_ms

    def restart(self):
        self.restarts.append(self.now_ms)

    def run(self, update=None):
        boots, kind = self.boot(button=True)
        assert kind == SAFE
        asyncio.run(safe_mode.run(boots, self.restart, self.sleep_ms, self.said.append, update))


def the_app_is_tried_again_after_ten_minutes():
    bench = _Bench()
    bench.run()
    assert bench.restarts == [600000]
    assert bench.boot("hard reset")[1] == TRIAL


def it_says_why_and_how_to_reach_the_console():
    bench = _Bench()
    bench.run()
    assert bench.said[0] == "safe mode: the button asked for it"
    assert "Ctrl-C" in bench.said[1]


def three_bad_boots_are_named():
    bench = _Bench()
    for cause in ("power-on", "watchdog", "hard reset"):
        bench.boot(cause)
    boots, kind = bench.boot("watchdog")
    assert kind == SAFE
    asyncio.run(safe_mode.run(boots, bench.restart, bench.sleep_ms, bench.said.append))
    assert bench.said[0] == "safe mode: 3 bad boots in a row"


def an_update_is_looked_for_meanwhile():
    bench = _Bench()

    async def update():
        bench.looked.append(bench.now_ms)
        return False

    bench.run(update)
    assert bench.looked == [0]
    assert bench.restarts == [600000]


def a_release_that_was_found_is_tried_at_once():
    bench = _Bench()

    async def update():
        for _ in range(30):  # each second of the bench is one turn
            await asyncio.sleep(0)
        return True

    bench.run(update)
    assert len(bench.restarts) == 1
    assert 29000 <= bench.restarts[0] <= 33000
    assert bench.boot("hard reset")[1] == TRIAL, "one more bad boot leads back here"


def a_search_that_never_ends_is_ended_by_the_ten_minutes():
    bench = _Bench()

    async def update():
        await asyncio.Event().wait()

    bench.run(update)
    assert bench.restarts == [600000]


def an_update_that_fails_is_said_and_changes_nothing():
    bench = _Bench()

    async def update():
        raise MemoryError("no room")

    bench.run(update)
    assert bench.restarts == [600000]
    assert "update: MemoryError" in bench.said[2]


def one_that_cannot_even_be_loaded_is_said_too():
    bench = _Bench()

    def update():
        raise ImportError("no module")

    bench.run(update)
    assert bench.restarts == [600000]
    assert "update: ImportError" in bench.said[2]
