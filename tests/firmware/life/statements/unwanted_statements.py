# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: SIM105  # MicroPython has none of those
"""What is not to be measured leaves no driver. Runs on both interpreters."""

import asyncio

from barri_node.life.unwanted import Off, Trimmed, Without, all_unwanted, discard

CHANNELS = ("temperature", "humidity", "pressure")


class _Driver:
    CHANNELS = ("temperature", "humidity", "pressure")

    def __init__(self):
        self.faults = 3
        self.last_fault = "no answer"
        self.starts = 0

    async def start(self):
        self.starts += 1

    async def measure(self):
        return {"temperature": 215, "humidity": 480, "pressure": None}


class _OverError(Exception):
    pass


def only_what_is_wanted_comes_out():
    driver = _Driver()
    without = Without(driver, ("humidity",))
    asyncio.run(without.start())
    assert asyncio.run(without.measure()) == {"temperature": 215, "pressure": None}
    assert driver.starts == 1


def its_faults_are_still_told():
    without = Without(_Driver(), ("humidity",))
    assert without.faults == 3
    assert without.last_fault == "no answer"


def a_part_is_unwanted_when_all_its_channels_are():
    assert all_unwanted(CHANNELS, {"pressure", "temperature", "humidity", "laeq"})
    assert not all_unwanted(CHANNELS, {"temperature", "humidity"})
    assert not all_unwanted(CHANNELS, ())


class _Microphone:
    faults = 2

    async def run(self):
        self.ran = True

    async def close(self, end_ms, duration_ms):
        return {"laeq": end_ms, "lafmax": duration_ms}


def an_instrument_gives_what_is_left_of_its_window():
    microphone = _Microphone()
    trimmed = Trimmed(microphone, ("lafmax", "la10"))
    asyncio.run(trimmed.run())
    assert microphone.ran
    assert asyncio.run(trimmed.close(60000, 10000)) == {"laeq": 60000}
    assert trimmed.faults == 2


def discarding_what_is_not_there_does_nothing():
    assert discard({"laeq": 512, "la10": 530}, ("la10", "pm1")) == {"laeq": 512}


def a_part_that_is_off_is_told_so_once_and_gives_nothing():
    told = []
    slept = []

    async def sleep_ms(duration_ms):
        slept.append(duration_ms)
        if len(slept) == 3:
            raise _OverError

    off = Off(lambda: told.append("sleep"), sleep_ms)
    try:
        asyncio.run(off.run())
    except _OverError:
        pass
    assert told == ["sleep"]
    assert min(slept) >= 600000
    assert asyncio.run(off.close(60000, 60000)) == {}
