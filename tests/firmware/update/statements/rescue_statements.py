# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""How a node in safe mode gets a release, opposite a gateway that seals. Runs on MicroPython."""

import asyncio
import json
from binascii import hexlify

from cryptolib import aes
from fake_gateway import FakeGateway
from fake_network import Network
from link_bench import SETTINGS, Hal
from update_bench import KEY, Bench, Release, tree

from barri_node.rescue import look_for_update
from barri_node.update.fetching import Fetcher, architecture
from barri_node.update.slots import Slots
from barri_wire import messages_update as wire
from barri_wire.cmac import cmac
from barri_wire.seal import seal, unseal
from barri_wire.topics import topic

GOOD = Release(1, tree(b"one"))
NODE = SETTINGS["node"]
MINUTE_MS = 60000


class _Gateway(FakeGateway):
    """release: what it offers, if asked for one. silent: it answers no want any more."""

    def __init__(self, world):
        super().__init__(world, NODE, None)
        self.release = GOOD
        self.silent = False
        self.asked = []
        self.parts = 0
        self.key = KEY
        self._sent = 0

    def _mac(self, message):
        return cmac(aes(self.key, 1).encrypt, message)

    def _on_want(self, payload):
        encrypt = aes(KEY, 1).encrypt
        name = topic(NODE, "up", "want")
        session, _, body = unseal(lambda message: cmac(encrypt, message), name, payload)
        want = wire.decode_want(body)
        assert want.architecture == architecture()
        if want.serial == wire.ANY_RELEASE:
            self.asked.append(self._world.now_ms)
            answer = self.release.offer() if self.release else None
        else:
            self.parts += 1
            answer = self.release.part(want)
        if answer is not None and not self.silent:
            name = topic(NODE, "down", "update")
            self.send("update", seal(self._mac, name, session, self._sent, answer))
            self._sent += 1


class _Rig:
    """A node with flash and settings, its gateway, and virtual time."""

    def __init__(self, seal_key=hexlify(KEY).decode()):  # noqa: B008  # a text
        self.bench = Bench()
        self.flash = self.bench.flash
        self.hal = Hal()
        self.hal.flash_root = lambda: self.flash.root
        self.hal.settings_path = lambda: self.flash.root + "/settings.json"
        self.hal.random_bytes = lambda count: bytes(range(count))
        self.hal.sleep_ms = asyncio.sleep_ms
        self.settings = dict(SETTINGS)
        self.settings["seal_key"] = seal_key
        self.write(json.dumps(self.settings))
        self.gateway = _Gateway(self.hal)
        self.network = Network(self.hal, self.gateway.serve)

    def write(self, settings):
        self.flash.put("settings.json", settings.encode())

    def look(self, most_ms, story=None):
        """Let it look for so long; gives what it found, or None."""

        async def patience():
            beside = story and asyncio.create_task(story())
            try:
                found = await asyncio.wait_for_ms(look_for_update(self.hal, self.hal.say), most_ms)
            except asyncio.TimeoutError:  # noqa: UP041  # MicroPython has no other name for it
                found = None
            if beside:
                beside.cancel()
            return found

        return self.hal.run(patience())

    def heard(self, word):
        return [text for _, text in self.hal.said if word in text]

    def trial(self):
        slots = Slots(self.flash.root)
        return slots.trial, slots.next


def _rigged(function):
    """A statement that gets a rig and leaves nothing behind."""

    def statement(*given):
        rig = _Rig(*given)
        try:
            function(rig)
        finally:
            rig.bench.end()

    return statement


@_rigged
def a_release_is_asked_for_fetched_and_its_trial_noted(rig):
    assert rig.look(10 * MINUTE_MS) is True
    assert rig.flash.files("/a") == GOOD.on_flash()
    assert rig.trial() == ("a", 1)
    assert rig.gateway.subscriptions == [topic(NODE, "down", "update")]
    assert rig.network.open_now() == 0


@_rigged
def nothing_but_wants_is_said(rig):
    """No hello, no frame: what a node keeps is not told without opening its log."""
    rig.look(10 * MINUTE_MS)
    assert rig.gateway.heard == []
    assert rig.gateway.parts > len(GOOD.files)


@_rigged
def where_there_is_no_release_it_asks_again_each_minute(rig):
    rig.gateway.release = None

    async def made_later():
        await asyncio.sleep_ms(150000)
        rig.gateway.release = GOOD

    assert rig.look(10 * MINUTE_MS, made_later) is True
    asked = rig.gateway.asked
    assert len(asked) == 4, asked
    assert all([MINUTE_MS <= b - a < 2 * MINUTE_MS for a, b in zip(asked, asked[1:])])  # noqa: RUF007, B905
    assert len(rig.network.attempts) == 1, "one connection lasts"


@_rigged
def one_that_it_runs_already_is_not_fetched_again(rig):
    rig.bench.install(GOOD)
    assert rig.look(3 * MINUTE_MS) is None
    assert rig.gateway.parts == 0


@_rigged
def a_release_whose_trial_failed_three_times_is_left_alone(rig):
    for _ in range(3):
        assert rig.look(10 * MINUTE_MS) is True
        rig.bench.power_on()
        assert rig.bench.trial
        rig.bench.power_on()
        assert not rig.bench.trial
    assert rig.look(3 * MINUTE_MS) is None


@_rigged
def it_goes_on_where_it_was_after_a_lost_connection(rig):
    async def cut():
        await asyncio.sleep_ms(700)
        rig.gateway.stream.cut()

    assert rig.look(10 * MINUTE_MS, cut) is True
    assert len(rig.network.attempts) == 2
    assert rig.heard("; again in 10 s")
    assert len(rig.gateway.asked) == 1, "what is in hand needs no other offer"
    assert rig.flash.files("/a") == GOOD.on_flash()


@_rigged
def a_network_that_is_away_is_looked_for_again(rig):
    rig.hal.no_wifi = True

    async def back():
        await asyncio.sleep_ms(35000)
        rig.hal.no_wifi = False

    assert rig.look(10 * MINUTE_MS, back) is True
    assert len(rig.hal.joins) == 5
    assert len(rig.heard("no such network; again in 10 s")) == 4


@_rigged
def a_gateway_that_answers_nothing_ends_with_the_patience(rig):
    rig.gateway.silent = True
    assert rig.look(10 * MINUTE_MS) is None
    assert rig.trial() == ("-", 0)


@_rigged
def another_ones_offer_is_said_and_not_taken(rig):
    rig.gateway.key = bytes(16)
    assert rig.look(3 * MINUTE_MS) is None
    assert rig.heard("cannot read")
    assert rig.gateway.parts == 0


@_rigged
def settings_that_nobody_can_read_are_said(rig):
    rig.write("{")
    assert rig.look(MINUTE_MS) is False
    assert rig.heard("is not JSON")
    assert rig.network.attempts == []


def without_a_seal_key_nothing_is_taken_over_the_air():
    @_rigged
    def without_key(rig):
        assert rig.look(MINUTE_MS) is False
        assert rig.heard("by cable only")
        assert rig.network.attempts == []

    without_key("")


@_rigged
def memory_that_is_short_once_is_tried_again(rig):
    take = Fetcher.take

    def short(fetcher, body, now_ms):
        Fetcher.take = take
        raise MemoryError("memory allocation failed")

    Fetcher.take = short
    try:
        assert rig.look(10 * MINUTE_MS) is True
    finally:
        Fetcher.take = take
    assert rig.heard("memory allocation failed; again in 10 s")
    assert len(rig.network.attempts) == 2
