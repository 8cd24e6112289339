# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The BH1750 and MAX17048 drivers against their models. Scales: the datasheets."""

import asyncio

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers.bh1750 import Bh1750
from barri_node.drivers.max17048 import Max17048
from barri_node.errors import SensorError
from barri_tools.sim.chips import bh1750, max17048
from barri_tools.sim.journal import Journal


def light_sensor(world):
    bench = Bench()
    bus = I2cBus(bench, bh1750.Bh1750(world, Journal()))
    return Bh1750(bus, bench.sleep_ms), bus, bench


def gauge(world):
    bus = I2cBus(Bench(), max17048.Max17048(world, Journal()))
    return Max17048(bus), bus


@given(lux=st.integers(0, 54000))
def test_light_is_right_to_the_lux(lux):
    driver, _, _ = light_sensor(SteadyWorld(light=float(lux)))
    assert asyncio.run(driver.measure()) == {"light": lux}


@given(lux=st.integers(54613, 121_500))
def test_direct_sun_is_measured_again_with_less_light(lux):
    driver, _, _ = light_sensor(SteadyWorld(light=float(lux)))
    assert asyncio.run(driver.measure())["light"] == pytest.approx(lux, abs=1.5)


def test_the_next_dim_measurement_is_fine_again_after_the_sun():
    world = SteadyWorld(light=100_000.0)
    driver, _, _ = light_sensor(world)
    asyncio.run(driver.measure())
    world.values["light"] = 3.0
    assert asyncio.run(driver.measure()) == {"light": 3}


def test_more_than_the_part_can_see_is_no_reading():
    driver, _, _ = light_sensor(SteadyWorld(light=130_000.0))
    assert asyncio.run(driver.measure()) == {"light": None}


def test_no_light_to_read_is_no_reading_and_zero_is_zero():
    world = SteadyWorld()
    driver, _, _ = light_sensor(world)
    assert asyncio.run(driver.measure()) == {"light": None}
    world.values["light"] = 0.0
    assert asyncio.run(driver.measure()) == {"light": 0}


def test_a_measurement_takes_the_datasheets_longest_time():
    driver, _, bench = light_sensor(SteadyWorld(light=10.0))
    asyncio.run(driver.measure())
    assert bench.now_us == 180_000


def test_the_light_model_gives_the_old_counts_until_it_is_done():
    chip = bh1750.Bh1750(SteadyWorld(light=100.0), Journal())
    chip.write(b"\x20", 0)
    assert chip.read(2, 119_999) == b"\x00\x00"
    assert chip.read(2, 120_000) == (120).to_bytes(2, "big")


def test_an_absent_light_sensor_is_named_and_a_lost_one_counted():
    driver, bus, _ = light_sensor(SteadyWorld(light=10.0))
    bus.unplugged = True
    with pytest.raises(SensorError, match="no answer at 0x23"):
        asyncio.run(driver.start())
    assert asyncio.run(driver.measure()) == {"light": None}
    assert driver.faults == 1


@given(percent=st.floats(0, 100))
def test_charge_is_right_to_half_a_percent(percent):
    driver, _ = gauge(SteadyWorld(battery=percent))
    assert asyncio.run(driver.measure())["battery"] == pytest.approx(percent, abs=0.51)


def test_a_full_cell_that_reads_a_little_over_is_full():
    driver, _ = gauge(SteadyWorld(battery=102.3))
    assert asyncio.run(driver.measure()) == {"battery": 100}


def test_no_cell_is_no_reading():
    driver, _ = gauge(SteadyWorld())
    asyncio.run(driver.start())
    assert asyncio.run(driver.measure()) == {"battery": None}
    assert driver.cell_mv() is None


def test_the_cells_voltage_is_in_millivolts():
    driver, _ = gauge(SteadyWorld(battery=50.0))
    assert driver.cell_mv() == 3830


def test_an_absent_gauge_is_named_and_a_lost_one_counted():
    driver, bus = gauge(SteadyWorld(battery=50.0))
    bus.unplugged = True
    with pytest.raises(SensorError, match="is one connected"):
        asyncio.run(driver.start())
    assert asyncio.run(driver.measure()) == {"battery": None}
    assert driver.faults == 1


def test_another_part_at_the_gauges_address_is_refused():
    class Stranger:
        address = 0x36

        def write(self, data, now_us):
            pass

        def read(self, n, now_us):
            return b"\x12\x34"

    with pytest.raises(SensorError, match="0x1234"):
        asyncio.run(Max17048(I2cBus(Bench(), Stranger())).start())
