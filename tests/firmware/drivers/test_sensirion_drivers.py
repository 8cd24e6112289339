# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What holds for all Sensirion drivers, whatever the line and the supply do."""

import asyncio
import errno

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given, settings
from hypothesis import strategies as st

from barri_node.drivers.scd30 import Scd30
from barri_node.drivers.scd41 import Scd41
from barri_node.drivers.sen5x import Sen5x
from barri_node.drivers.sgp41 import Sgp41
from barri_node.drivers.sht4x import Sht4x
from barri_node.drivers.sps30 import Sps30
from barri_node.errors import SensorError
from barri_tools.sim.chips import scd30, scd41, sen5x, sgp41, sht4x, sps30
from barri_tools.sim.journal import Journal

WORLD = {
    "temperature": 18.25,
    "humidity": 47.0,
    "co2": 655.0,
    "pm1": 6.0,
    "pm2_5": 9.0,
    "pm4": 11.0,
    "pm10": 14.0,
    "voc_index": 100.0,
    "nox_index": 1.0,
}
STEPS = {"temperature": 1825, "humidity": 470, "co2": 655}
STEPS |= {name: round(10 * WORLD[name]) for name in ("pm1", "pm2_5", "pm4", "pm10")}
PARTS = {
    "sht4x": (Sht4x, sht4x.Sht4x, False),
    "scd41": (Scd41, scd41.Scd41, False),
    "scd30": (Scd30, scd30.Scd30, False),
    "sgp41": (Sgp41, sgp41.Sgp41, True),
    "sps30": (Sps30, sps30.Sps30, True),
    "sen5x": (Sen5x, sen5x.Sen5x, True),
}


class BadLine(I2cBus):
    """flips: for each of the next reads a bit to be wrong, or None; cuts: whether the next
    transactions are lost."""

    def __init__(self, bench, chip):
        super().__init__(bench, chip)
        self.flips = []
        self.cuts = []

    def _lost(self):
        return bool(self.cuts) and self.cuts.pop(0)

    def writeto(self, address, data):
        if self._lost():
            raise OSError(errno.ENODEV)
        super().writeto(address, data)

    def readfrom_into(self, address, buffer):
        if self._lost():
            raise OSError(errno.ENODEV)
        super().readfrom_into(address, buffer)
        flip = self.flips.pop(0) if self.flips else None
        if flip is not None:
            buffer[flip // 8 % len(buffer)] ^= 1 << flip % 8


class Plugged:
    """A driver on a bad line, its chip and their time."""

    def __init__(self, name):
        driver, chip, wants_uptime = PARTS[name]
        self.bench = Bench()
        self.chip = chip(SteadyWorld(**WORLD), Journal())
        self.bus = BadLine(self.bench, self.chip)
        self.bench.now_us = 3_000_000
        extras = (self.bench.uptime_ms,) if wants_uptime else ()
        self.driver = driver(self.bus, self.bench.sleep_ms, *extras)

    def measure(self):
        self.bench.now_us += 2_000_000
        return asyncio.run(self.driver.measure())


def true(name, value):
    """No reading, or what the world holds; an index only has to be one."""
    if value is None:
        return True
    if name in ("voc_index", "nox_index"):
        return 1 <= value <= 500
    return abs(value - STEPS[name]) <= 1


@pytest.mark.parametrize("name", PARTS)
@settings(max_examples=30)
@given(
    flips=st.lists(st.none() | st.integers(0, 8 * 24 - 1), max_size=40),
    cuts=st.lists(st.booleans(), max_size=40),
    lost_power=st.sets(st.integers(0, 29), max_size=3),
    gone=st.sets(st.integers(0, 29), max_size=6),
)
def test_a_bad_line_and_a_bad_supply_never_make_a_value(name, flips, cuts, lost_power, gone):
    """A checksum of 8 bits sees every single wrong bit in a word."""
    plugged = Plugged(name)
    plugged.bus.flips, plugged.bus.cuts = flips, cuts
    for at in range(30):
        if at in lost_power:
            plugged.chip.power_cycle(plugged.bench.now_us)
        plugged.chip.gone = at in gone
        values = plugged.measure()
        assert tuple(values) == plugged.driver.CHANNELS
        assert all(true(*reading) for reading in values.items())
    plugged.chip.gone = False
    found = [plugged.measure() for _ in range(70)]
    assert any(None not in values.values() for values in found[-4:])


@pytest.mark.parametrize("name", PARTS)
@given(answers=st.lists(st.binary(min_size=24, max_size=24), min_size=1, max_size=20))
def test_whatever_is_read_a_start_ends_well_or_with_a_sensor_error(name, answers):
    plugged = Plugged(name)

    class Garbage:
        def __init__(self):
            self.at = 0

        def writeto(self, address, data):
            pass

        def readfrom_into(self, address, buffer):
            self.at += 1
            buffer[:] = answers[self.at % len(answers)][: len(buffer)]

    plugged.driver._words._i2c = Garbage()
    with pytest.raises(SensorError, match=f"^{name}: "):
        asyncio.run(plugged.driver.start())
    plugged.measure()


@pytest.mark.parametrize("name", PARTS)
def test_what_nobody_wants_is_not_given(name):
    driver, _, wants_uptime = PARTS[name]
    plugged = Plugged(name)
    extras = (plugged.bench.uptime_ms,) if wants_uptime else ()
    wanted = driver.CHANNELS[-1:]
    plugged.driver = driver(plugged.bus, plugged.bench.sleep_ms, *extras, channels=wanted)
    values = [plugged.measure() for _ in range(60)][-4:]
    assert all(tuple(one) == wanted for one in values)
    assert any(one[wanted[0]] is not None for one in values)
    assert len(driver.CHANNELS) > 1
