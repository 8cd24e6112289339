# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The BME280 driver against the chip model, the datasheet's example and a foreign driver."""

import asyncio
import itertools

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given, settings
from hypothesis import strategies as st

from barri_node.drivers.bme280 import INDOOR, WEATHER, Bme280, conversion_ms
from barri_node.drivers.bme280_compensation import Calibration
from barri_node.errors import SensorError
from barri_tools.sim.chips import bme280 as model
from barri_tools.sim.chips import bme280_inverse as factory
from barri_tools.sim.journal import Journal

adafruit = pytest.importorskip("adafruit_bme280.basic")

ADDRESS = 0x76
OTHER_PART = factory.Calibration(
    t=(28485, 26735, 50),
    p=(36738, -10635, 3024, 6980, -4, -7, 9900, -10230, 4285),
    h=(0, 355, 0, 337, 0, 30),
)


def plugged_in(world, profile=WEATHER, calibration=None):
    bench = Bench()
    journal = Journal()
    chip = model.Bme280(world, journal, ADDRESS, calibration)
    bus = I2cBus(bench, chip)
    bench.now_us = 5000
    return Bme280(bus, bench.sleep_ms, ADDRESS, profile), bus, journal


async def started_and_measured(driver):
    await driver.start()
    return await driver.measure()


class Dump:
    """256 registers of a chip that has just measured: no time, no conversions, just numbers."""

    def __init__(self, registers):
        self.registers = registers

    def readfrom_mem_into(self, address, register, buffer):
        buffer[:] = self.registers[register : register + len(buffer)]

    def writeto_mem(self, address, register, data):
        pass

    # The same registers as a busio.I2C for the foreign driver.
    def try_lock(self):
        return True

    def unlock(self):
        pass

    def writeto(self, address, data, *, start=0, end=None):
        self.pointer = data[start] if data else 0

    def readfrom_into(self, address, buffer, *, start=0, end=None):
        end = len(buffer) if end is None else end
        for at in range(start, end):
            buffer[at] = self.registers[self.pointer + at - start]

    def writeto_then_readfrom(self, address, out, into, **bounds):
        self.writeto(address, out)
        self.readfrom_into(address, into)


def dump_of(world, calibration, profile=INDOOR):
    """Let the model measure once, and copy its registers."""
    chip = model.Bme280(world, Journal(), ADDRESS, calibration)
    temperature, pressure, humidity = (times.bit_length() for times in profile)
    chip.write(bytes((0xF2, humidity)), 5000)
    chip.write(bytes((0xF4, temperature << 5 | pressure << 2 | 1)), 5000)
    chip.write(b"\x00", 500_000)
    return Dump(chip.read(256, 500_000))


def test_the_datasheets_worked_example():
    """BMP280 datasheet (BST-BMP280-DS001), section 3.12: 25.08 degC and 100653.27 Pa.

    The example is in floating point; the integers cut off t_fine, which costs 0.02 Pa.
    """
    words = factory.Calibration()
    exact = factory.fine_temperature(words, 519888)
    assert round(factory.pressure_hpa(words, 415148, exact) * 100, 2) == 100653.27
    calibration = Calibration(*words.blocks())
    t_fine = calibration.fine_temperature(519888)
    assert t_fine == 128422
    assert (t_fine * 5 + 128) >> 8 == 2508
    assert calibration.pressure_q8(415148, t_fine) / 256 == pytest.approx(100653.27, abs=0.03)


def test_signed_calibration_words_are_read_with_their_signs():
    words = factory.Calibration(h=(75, -362, 200, -2048, -1, -30))
    calibration = Calibration(*words.blocks())
    assert (calibration.t1, calibration.t2, calibration.t3) == words.t
    assert (calibration.p1, *calibration.p) == words.p
    found = [getattr(calibration, f"h{n}") for n in range(1, 7)]
    assert tuple(found) == words.h


@pytest.mark.parametrize("calibration", [factory.Calibration(), OTHER_PART])
@settings(deadline=None)
@given(temperature=st.floats(-40, 85), humidity=st.floats(0, 100), pressure=st.floats(300, 1100))
def test_agrees_with_adafruits_driver_on_the_same_registers(
    calibration, temperature, humidity, pressure
):
    """The oracle is adafruit-circuitpython-bme280: floating point, other authors.

    A step and its rounding: 0.006 degC, 0.056 %, 0.05 hPa."""
    world = SteadyWorld(temperature=temperature, humidity=humidity, pressure=pressure)
    dump = dump_of(world, calibration)
    values = asyncio.run(started_and_measured(Bme280(dump, Bench().sleep_ms)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adafruit, "sleep", lambda seconds: None)
        foreign = adafruit.Adafruit_BME280_I2C(dump, ADDRESS)
    assert values["temperature"] == pytest.approx(foreign.temperature * 100, abs=0.6)
    assert values["humidity"] == pytest.approx(foreign.humidity * 10, abs=0.56)
    assert values["pressure"] == pytest.approx(foreign.pressure * 10, abs=0.51)


@pytest.mark.parametrize("profile", [WEATHER, INDOOR])
@settings(deadline=None)
@given(
    temperature=st.integers(-4000, 8500),
    humidity=st.integers(0, 1000),
    pressure=st.integers(3000, 11000),
)
def test_gives_back_what_the_world_holds_within_one_step(profile, temperature, humidity, pressure):
    world = SteadyWorld(
        temperature=temperature / 100, humidity=humidity / 10, pressure=pressure / 10
    )
    driver, _, _ = plugged_in(world, profile)
    values = asyncio.run(started_and_measured(driver))
    assert abs(values["temperature"] - temperature) <= 1
    assert abs(values["humidity"] - humidity) <= 1
    assert abs(values["pressure"] - pressure) <= 1


def test_a_conversion_never_takes_longer_than_the_driver_waits():
    for profile in itertools.product((1, 2, 4, 8, 16), repeat=3):
        assert model.conversion_us(*profile) <= conversion_ms(profile) * 1000
    assert conversion_ms(WEATHER) == 10  # 9.3 ms, section 9.1


def test_a_missing_temperature_is_bridged_by_the_last_one():
    world = SteadyWorld(temperature=21.5, humidity=40.0, pressure=1010.0)
    driver, _, _ = plugged_in(world)
    asyncio.run(started_and_measured(driver))
    world.values = {"humidity": 45.0, "pressure": 1002.0}
    values = asyncio.run(driver.measure())
    assert values == {"temperature": None, "humidity": 450, "pressure": 10020}


def test_without_any_temperature_there_is_no_reading_at_all():
    driver, _, journal = plugged_in(SteadyWorld(humidity=45.0, pressure=1002.0))
    values = asyncio.run(started_and_measured(driver))
    assert values == {"temperature": None, "humidity": None, "pressure": None}
    assert [entry.value for entry in journal.entries()] == [None, None, None]


def test_a_bridged_temperature_is_not_trusted_for_ever():
    world = SteadyWorld(temperature=21.5, humidity=40.0, pressure=1010.0)
    driver, _, _ = plugged_in(world)
    asyncio.run(started_and_measured(driver))
    world.values["temperature"] = None
    for _ in range(361):
        values = asyncio.run(driver.measure())
    assert values["humidity"] is None


def test_a_missing_humidity_leaves_the_others_alone():
    driver, _, _ = plugged_in(SteadyWorld(temperature=20.0, pressure=1000.0))
    values = asyncio.run(started_and_measured(driver))
    assert values == {"temperature": 2000, "humidity": None, "pressure": 10000}


def test_another_part_is_refused_by_what_it_says_it_is():
    driver, bus, _ = plugged_in(SteadyWorld())
    bus._chips[ADDRESS]._registers[0xD0] = 0x58
    with pytest.raises(SensorError, match="0x58 is a BMP280"):
        asyncio.run(driver.start())


def test_an_absent_part_is_named():
    driver, bus, _ = plugged_in(SteadyWorld())
    bus.unplugged = True
    with pytest.raises(SensorError, match="no answer at 0x76"):
        asyncio.run(driver.start())


def test_an_empty_calibration_memory_is_refused():
    registers = bytearray(256)
    registers[0xD0] = 0x60
    with pytest.raises(SensorError, match="calibration memory is empty"):
        asyncio.run(Bme280(Dump(registers), Bench().sleep_ms).start())


def test_unplugged_in_mid_life_it_says_so_and_comes_back():
    driver, bus, _ = plugged_in(SteadyWorld(temperature=20.0, humidity=50.0, pressure=1000.0))
    asyncio.run(driver.start())
    bus.unplugged = True
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert driver.faults == 1
    bus.unplugged = False
    assert asyncio.run(driver.measure())["temperature"] == 2000


def test_a_part_that_stays_busy_is_a_fault_and_not_an_endless_wait():
    registers = bytearray(dump_of(SteadyWorld(temperature=20.0), None).registers)
    dump = Dump(registers)
    driver = Bme280(dump, Bench().sleep_ms)
    asyncio.run(driver.start())
    registers[0xF3] = 0x08
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert "busy" in driver.last_fault


@given(registers=st.binary(min_size=256, max_size=256))
def test_any_registers_give_plausible_values_or_none(registers):
    registers = bytearray(registers)
    registers[0xD0], registers[0xF3] = 0x60, 0
    driver = Bme280(Dump(registers), Bench().sleep_ms)
    try:
        values = asyncio.run(started_and_measured(driver))
    except SensorError:
        return
    assert values["temperature"] is None or -5000 <= values["temperature"] <= 8500
    assert values["humidity"] is None or 0 <= values["humidity"] <= 1000
    assert values["pressure"] is None or 3000 <= values["pressure"] <= 11000
