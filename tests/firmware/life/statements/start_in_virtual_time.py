# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: PLC0415, PT017, SIM105  # MicroPython has no contextlib and no pytest
"""A node's boots from end to end, with a watchdog that bites. Runs on MicroPython."""

import asyncio
import os

from fake_memory import FakeMemory
from virtual_world import World

from barri_node.errors import LinkError, SettingsError
from barri_node.life.start import live

MINUTE_MS = 60000
HOUR_MS = 60 * MINUTE_MS


class EndError(BaseException):
    """The node restarts, or its watchdog bites."""


class _Hal(World):
    """One boot. The watchdog is as the hardware's: whoever waits longer is bitten."""

    def __init__(self, node):
        super().__init__()
        self._node = node
        self._fed_ms = None
        self._timeout_ms = 0
        self.lit = []
        self.down = node.down

    def _wait(self, dt_ms):
        bite_ms = None if self._fed_ms is None else self._fed_ms + self._timeout_ms
        if bite_ms is not None and (dt_ms < 0 or self.now_ms + dt_ms >= bite_ms):
            self.now_ms = bite_ms
            self._node.cause = "watchdog"
            raise EndError
        super()._wait(dt_ms)

    async def sleep_ms(self, duration_ms):
        await asyncio.sleep_ms(duration_ms)

    def reset_cause(self):
        return self._node.cause

    def retained(self):
        return self._node.memory

    def ring(self):
        return self._node.ring

    def flash_root(self):
        return self._node.root

    def restart(self):
        self._node.cause = "hard reset"
        raise EndError

    def start_watchdog(self, timeout_ms):
        self._timeout_ms = timeout_ms
        self._fed_ms = self.now_ms

    def feed_watchdog(self):
        if self._fed_ms is not None:
            self._fed_ms = self.now_ms

    def rest_watchdog(self):
        self._fed_ms = None

    def has_light(self):
        return True

    def light(self, on):
        pass

    def has_button(self):
        return self._node.button

    def button_down(self):
        return self.down


class _Node:
    """root: a folder of this machine that stands for the flash. said: of all boots."""

    def __init__(self):
        self.ring = None
        self.memory = FakeMemory()
        self.cause = "power-on"
        self.button = self.down = False
        self.said = []
        self.root = "/tmp/barri-start-" + "".join([f"{octet:02x}" for octet in os.urandom(8)])
        os.mkdir(self.root)

    def boot(self, app, update=None):
        """app(hal, life): a coroutine. Gives for how many ms the node ran."""
        hal = _Hal(self)
        self.hal = hal
        try:
            live(hal, lambda life: app(hal, life), self.said.append, update)
        except EndError:
            pass
        return hal.now_ms

    def over(self):
        os.system("rm -r " + self.root)


async def _well(hal, life):
    """An app that works for an hour, and then is asked to restart."""
    life.watchdog.expect("sampler", 10000)
    for _ in range(60 * 12):
        life.watchdog.alive("sampler")
        await hal.sleep_ms(5000)
    life.restart()


async def _crashes(hal, life):
    await hal.sleep_ms(10000)
    raise ValueError("a mistake in the app")


async def _hangs(hal, life):
    life.watchdog.expect("link", 10000)
    await asyncio.Event().wait()


async def _has_no_network(hal, life):
    life.watchdog.expect("link", 120000)
    for _ in range(10):
        try:
            raise LinkError("Wi-Fi: network not found")
        except LinkError:
            life.watchdog.alive("link")
        await hal.sleep_ms(MINUTE_MS)
    hal.restart()


def an_app_that_works_is_left_alone_and_its_boot_was_good():
    node = _Node()
    assert node.boot(_well) == HOUR_MS
    assert node.cause == "hard reset"
    for _ in range(5):
        node.boot(_well)
    assert not [text for text in node.said if "safe" in text]
    node.over()


def an_error_restarts_the_node_and_the_third_leads_to_safe_mode_and_back():
    node = _Node()
    assert [node.boot(_crashes) for _ in range(3)] == [10000] * 3
    assert node.boot(_crashes) == 10 * MINUTE_MS
    assert "safe mode: 3 bad boots in a row" in node.said
    assert "code 3-4: safe mode" in node.said
    assert node.boot(_crashes) == 10000, "the app is tried again"
    assert node.boot(_crashes) == 10 * MINUTE_MS, "and failed again"
    assert node.boot(_well) == HOUR_MS, "until it works"
    assert node.boot(_crashes) == 10000
    node.over()


def a_release_that_safe_mode_finds_is_tried_without_waiting_for_the_ten_minutes():
    node = _Node()

    async def update():
        await asyncio.sleep_ms(2 * MINUTE_MS)
        return True

    assert [node.boot(_crashes, update) for _ in range(3)] == [10000] * 3, "only in safe mode"
    assert 2 * MINUTE_MS <= node.boot(_crashes, update) <= 2 * MINUTE_MS + 1000
    assert node.boot(_well, update) == HOUR_MS
    node.over()


def an_app_that_cannot_even_be_loaded_leads_to_safe_mode_too():
    node = _Node()

    def app(hal, life):
        raise ImportError("no module named 'barri_node.app'")

    for _ in range(3):
        node.boot(app)
    assert node.boot(app) == 10 * MINUTE_MS
    assert "safe mode: 3 bad boots in a row" in node.said
    node.over()


def a_hanging_task_is_bitten_and_the_third_bite_leads_to_safe_mode():
    node = _Node()
    for _ in range(3):
        assert 50000 <= node.boot(_hangs) <= 61000
        assert node.cause == "watchdog"
    node.boot(_hangs)
    assert "safe mode: 3 bad boots in a row" in node.said
    node.over()


def having_no_network_is_never_a_bad_boot():
    node = _Node()
    for _ in range(10):
        assert node.boot(_has_no_network) == 10 * MINUTE_MS
    assert not [text for text in node.said if "safe" in text]
    node.over()


def missing_settings_are_said_and_waited_for_without_a_watchdog():
    node = _Node()

    def app(hal, life):
        raise SettingsError("/settings.json", "is missing: provision this node")

    for _ in range(4):
        hal = _Hal(node)
        hal.longest_ms = HOUR_MS
        try:
            live(hal, lambda life, hal=hal: app(hal, life), node.said.append)
        except RuntimeError as error:
            assert "not over" in str(error)
        assert hal.now_ms >= HOUR_MS
        node.cause = "hard reset"
    assert node.said[0] == "settings: /settings.json: is missing: provision this node"
    assert node.said[1] == "code 3-1: provision this node"
    assert not [text for text in node.said if "safe" in text]
    node.over()


def settings_that_the_board_cannot_meet_are_waited_for_too():
    """Found out only when the app already runs, under the watchdog."""
    node = _Node()

    async def app(hal, life):
        life.watchdog.expect("sampler", 10000)
        raise SettingsError("kit", "needs uart 7, which this board lacks")

    hal = _Hal(node)
    hal.longest_ms = HOUR_MS
    try:
        live(hal, lambda life, hal=hal: app(hal, life), node.said.append)
    except RuntimeError as error:
        assert "not over" in str(error)
    assert hal.now_ms >= HOUR_MS
    assert "code 3-1: provision this node" in node.said
    node.over()


def a_person_at_the_console_is_left_in_peace_and_it_is_no_bad_boot():
    node = _Node()

    async def app(hal, life):
        await hal.sleep_ms(5000)
        raise KeyboardInterrupt

    for _ in range(5):
        hal = _Hal(node)
        try:
            live(hal, lambda life, hal=hal: app(hal, life), node.said.append)
            raise AssertionError("it did not let go")
        except KeyboardInterrupt:
            pass
        assert hal._fed_ms is None, "the watchdog still runs"
        node.cause = "hard reset"  # they restart it from there
    assert node.said == []
    node.over()


def a_person_may_end_a_safe_mode_too():
    node = _Node()
    for _ in range(3):
        node.boot(_crashes)
    hal = _Hal(node)

    async def sleep_ms(duration_ms):
        raise KeyboardInterrupt

    hal.sleep_ms = sleep_ms
    try:
        live(hal, lambda life: _well(hal, life), node.said.append)
        raise AssertionError("it did not let go")
    except KeyboardInterrupt:
        pass
    node.cause = "power-on"
    assert node.boot(_well) == HOUR_MS
    node.over()


def an_error_before_the_boot_has_begun_still_restarts_the_node():
    node = _Node()

    class Broken(_Hal):
        def reset_cause(self):
            raise ValueError("a mistake in the hal")

    try:
        live(Broken(node), None, node.said.append)
        raise AssertionError("it did not restart")
    except EndError:
        pass
    assert node.cause == "hard reset"
    node.over()


def the_button_held_at_the_start_leads_to_safe_mode():
    node = _Node()
    node.button = node.down = True
    assert 10 * MINUTE_MS <= node.boot(_well) < 11 * MINUTE_MS
    assert "safe mode: the button asked for it" in node.said
    assert HOUR_MS <= node.boot(_well) < HOUR_MS + 1000, "a stuck one costs ten minutes only"
    node.over()


class _Ring:
    erased = 0

    def erase(self):
        self.erased += 1


def held_for_ten_seconds_it_wipes_the_node():
    node = _Node()
    node.ring = _Ring()
    node.button = True
    for name in ("settings.json", "main.py"):
        with open(node.root + "/" + name, "w") as file:
            file.write("{}")

    async def app(hal, life):
        await hal.sleep_ms(1000)
        hal.down = True
        await hal.sleep_ms(20000)

    assert 11000 <= node.boot(app) < 12000
    from barri_node.life import wipe

    fill = wipe.Wipe._fill
    wipe.Wipe._fill = lambda self, limit_bytes: fill(self, 5000)  # not all of this machine's
    try:
        node.boot(_well)
    finally:
        wipe.Wipe._fill = fill
    assert os.listdir(node.root) == ["main.py"]
    assert node.said[-1] == "wiping: this takes a minute"
    assert node.ring.erased == 1
    node.over()


def a_boot_in_which_a_task_is_stuck_at_the_minute_is_not_good():
    node = _Node()
    seen = []

    async def app(hal, life):
        life.watchdog.expect("link", 45000)
        await hal.sleep_ms(MINUTE_MS + 1000)
        seen.append(life.watchdog.stuck)
        raise ValueError("it fails after all")

    node.boot(app)
    node.boot(app)
    node.boot(app)
    assert seen == ["link"] * 3
    assert node.boot(_well) == 10 * MINUTE_MS
    node.over()
