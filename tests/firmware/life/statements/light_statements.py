# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: SIM105  # MicroPython has none of those
"""Which code is shown, how, and what serial says. Runs on both interpreters."""

import asyncio

from barri_node.life import codes
from barri_node.life.led import Light

MEASURING, JOINED, ACKNOWLEDGED, NOT_FOUND, NO_SENSOR, PROVISION = 1, 2, 3, 0x11, 0x21, 0x31


class _Bench:
    def __init__(self):
        self.on = False
        self.blinks = []  # [on for so many ms]
        self.dark = []
        self.said = []
        self.light = Light(self._set, self._sleep_ms, self.said.append)

    def _set(self, on):
        self.on = on

    async def _sleep_ms(self, duration_ms):
        (self.blinks if self.on else self.dark).append(duration_ms)

    def show(self, code):
        asyncio.run(self.light.show(code))
        return self.blinks


def every_code_is_shown_as_it_is_written():
    for code in codes.CODES:
        blinks = _Bench().show(code)
        assert len([ms for ms in blinks if ms > 500]) == code >> 4
        assert len([ms for ms in blinks if ms < 500]) == code & 15


def long_and_short_are_well_apart_and_a_code_ends_with_a_pause():
    bench = _Bench()
    bench.show(0x12)
    assert min(ms for ms in bench.blinks if ms > 500) >= 3 * max(bench.blinks[1:])
    assert bench.dark[-1] >= 2000
    assert not bench.on


def a_node_that_is_well_blinks_seldom():
    bench = _Bench()
    bench.show(ACKNOWLEDGED)
    assert bench.dark[-1] >= 5000


def the_most_serious_code_is_the_one_shown():
    bench = _Bench()
    light = bench.light
    assert light.code == 0
    light.note(MEASURING)
    light.note(NO_SENSOR)
    assert light.code == NO_SENSOR
    light.note(NOT_FOUND)
    assert light.code == NOT_FOUND
    light.note(PROVISION)
    assert light.code == PROVISION
    light.note(PROVISION, False)
    light.note(NOT_FOUND, False)
    light.note(NO_SENSOR, False)
    assert light.code == MEASURING


def of_a_group_only_one_stands_at_a_time():
    bench = _Bench()
    bench.light.only(0, MEASURING)
    bench.light.only(0, ACKNOWLEDGED)
    assert bench.light.code == ACKNOWLEDGED
    bench.light.only(1, NOT_FOUND)
    assert bench.light.code == NOT_FOUND
    bench.light.only(1)
    assert bench.light.code == ACKNOWLEDGED


def serial_says_each_change_once_and_the_same_code():
    bench = _Bench()
    for _ in range(5):
        bench.light.note(NOT_FOUND)
        bench.light.note(MEASURING)
    assert bench.said == ["code 1-1: network not found"]
    bench.light.note(NOT_FOUND, False)
    assert bench.said[1:] == ["code 0-1: measuring"]


def a_code_that_is_not_in_the_table_is_passed_over_and_has_no_words():
    bench = _Bench()
    bench.light.note(0x99)
    assert bench.light.code == 0
    try:
        codes.words(0x99)
        raise AssertionError("it has words")
    except ValueError:
        pass


def every_code_has_words_of_its_own_and_can_be_counted_on_one_hand():
    words = [codes.words(code) for code in codes.CODES]
    assert len(set(words)) == len(words) == len(set(codes.CODES)) == len(codes.WORDS.split("\n"))
    assert all(1 <= code & 15 <= 6 and code >> 4 <= 3 for code in codes.CODES)


def it_blinks_for_ever_and_follows_the_code():
    bench = _Bench()
    bench.light.note(MEASURING)
    shown = []

    class OverError(Exception):
        pass

    async def show(code):
        shown.append(code)
        bench.light.note(NOT_FOUND)
        if len(shown) == 3:
            raise OverError

    bench.light.show = show
    try:
        asyncio.run(bench.light.run())
    except OverError:
        pass
    assert shown == [MEASURING, NOT_FOUND, NOT_FOUND]
