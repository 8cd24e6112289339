# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The BME680 driver against the chip model (the datasheet's floats) and a foreign driver."""

import asyncio

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given, settings
from hypothesis import strategies as st

from barri_node.drivers.bme680 import Bme680
from barri_node.drivers.bme680_compensation import (
    Calibration,
    gas_ohm_of_a_bme688,
    wait_code,
)
from barri_node.errors import SensorError
from barri_tools.sim.chips import bme680 as model
from barri_tools.sim.chips import bme680_inverse as factory
from barri_tools.sim.journal import Journal

adafruit = pytest.importorskip("adafruit_bme680")

ADDRESS = 0x77
ROOM = {"temperature": 21.5, "humidity": 45.0, "pressure": 1002.3, "gas_resistance": 123456.0}
OTHER_PART = factory.Calibration(
    t=(25870, 26310, -4),
    p=(36590, -10280, 88, 7400, -66, -7, -28, 790, -2950, 35),
    h=(688, 1008, -8, 45, 20, 119, -98),
    g=(-48, -12050, 20),
    heat_value=-11,
    heat_range=2,
    range_error=7,
)
WHOLE_NIBBLES = factory.Calibration(h=(752, 1024, 0, 45, 20, 120, -100))


def plugged_in(world, calibration=None, **options):
    bench = Bench()
    journal = Journal()
    chip = model.Bme680(world, journal, ADDRESS, calibration)
    bus = I2cBus(bench, chip)
    bench.now_us = 5000
    return Bme680(bus, bench.sleep_ms, ADDRESS, **options), chip, bus, journal


async def started_and_measured(driver):
    await driver.start()
    return await driver.measure()


class Dump:
    """256 registers of a chip that has just measured: no time, no conversions, just numbers."""

    def __init__(self, registers):
        self.registers = bytearray(registers)

    def readfrom_mem_into(self, address, register, buffer):
        buffer[:] = self.registers[register : register + len(buffer)]

    def writeto_mem(self, address, register, data):
        pass


class Foreign(adafruit.Adafruit_BME680):
    """Adafruit's driver on the same registers; what it writes goes nowhere."""

    def __init__(self, registers):
        self.registers = registers
        super().__init__(refresh_rate=1_000_000)

    def _read(self, register, length):
        return bytearray(self.registers[register : register + length])

    def _write(self, register, values):
        pass


def dump_of(world, calibration):
    """Let driver and model measure once, and copy the registers."""
    driver, chip, _, _ = plugged_in(world, calibration)
    asyncio.run(started_and_measured(driver))
    return Dump(chip._registers)


@pytest.mark.parametrize("calibration", [WHOLE_NIBBLES, OTHER_PART])
@settings(deadline=None)
@given(
    temperature=st.floats(-40, 85),
    humidity=st.floats(0, 100),
    pressure=st.floats(301, 1099),
    ohm=st.floats(200, 10_000_000),
)
def test_agrees_with_adafruits_driver_on_the_same_registers(
    calibration, temperature, humidity, pressure, ohm
):
    """The oracle is adafruit-circuitpython-bme680: floating point, other authors.

    It takes the halves of 0xE2 the other way round than the datasheet, and reads the signed words
    at 0x00 and 0x04 without a sign: the calibrations here make no difference of that. Within a
    step (and the half that it adds to round but then keeps); the resistance within 1 in 10,000.
    """
    world = SteadyWorld(
        temperature=temperature, humidity=humidity, pressure=pressure, gas_resistance=ohm
    )
    dump = dump_of(world, calibration)
    values = asyncio.run(started_and_measured(Bme680(dump, Bench().sleep_ms)))
    foreign = Foreign(dump.registers)
    assert values["temperature"] == pytest.approx(foreign.temperature * 100, abs=1.5)
    assert values["humidity"] == pytest.approx(foreign.humidity * 10, abs=1)
    assert values["pressure"] == pytest.approx(foreign.pressure * 10, abs=1)
    assert values["gas_resistance"] == pytest.approx(foreign.gas, rel=1e-4, abs=1)


def test_calibration_words_are_read_with_their_signs():
    words = Calibration(*OTHER_PART.blocks(), OTHER_PART.heat_value & 0xFF, 0x20, 0x90)
    assert (words.t1, words.t2, words.t3) == OTHER_PART.t
    assert tuple(getattr(words, f"p{n}") for n in range(1, 11)) == OTHER_PART.p
    assert tuple(getattr(words, f"h{n}") for n in range(1, 8)) == OTHER_PART.h
    assert (words.g1, words.g2, words.g3) == OTHER_PART.g
    assert (words.heat_value, words.heat_range, words.range_error) == (-11, 2, -7)


@settings(deadline=None)
@given(
    temperature=st.integers(-4000, 8500),
    humidity=st.integers(0, 1000),
    pressure=st.integers(3010, 10990),
    ohm=st.integers(200, 10_000_000),
)
def test_gives_back_what_the_world_holds(temperature, humidity, pressure, ohm):
    """Within a step; the resistance within half a count of its ADC, which is 0.2 %."""
    world = SteadyWorld(
        temperature=temperature / 100,
        humidity=humidity / 10,
        pressure=pressure / 10,
        gas_resistance=float(ohm),
    )
    driver, _, _, _ = plugged_in(world)
    values = asyncio.run(started_and_measured(driver))
    assert abs(values["temperature"] - temperature) <= 1
    assert abs(values["humidity"] - humidity) <= 1
    assert abs(values["pressure"] - pressure) <= 1
    assert values["gas_resistance"] == pytest.approx(ohm, rel=0.002, abs=1)


@given(count=st.integers(0, 1023), gas_range=st.integers(0, 15), error=st.integers(-8, 7))
def test_the_gas_formula_is_the_datasheets_for_every_count(count, gas_range, error):
    """Section 3.4.1 in floating point, with table 16 as the model has it."""
    words = factory.Calibration(range_error=error)
    reference = (1340.0 + 5.0 * error) * (1.0 + factory._K1[gas_range] / 100.0)
    scale = (1.0 + factory._K2[gas_range] / 100.0) * 0.000000125 * (1 << gas_range)
    exact = 1.0 / (scale * ((count - 512.0) / reference + 1.0))
    found = Calibration(*words.blocks(), 0, 0, (error & 0x0F) << 4).gas_ohm(count, gas_range)
    assert found == pytest.approx(exact, abs=0.51)


@given(count=st.integers(0, 1023), gas_range=st.integers(0, 15))
def test_the_later_parts_gas_formula_is_adafruits(count, gas_range):
    foreign = (10000 * (262144 >> gas_range)) / ((count - 512) * 3 + 4096) * 100
    assert gas_ohm_of_a_bme688(count, gas_range) == pytest.approx(foreign, abs=0.51)


@pytest.mark.parametrize("calibration", [factory.Calibration(), OTHER_PART])
@given(ambient=st.integers(-40, 85), target=st.integers(200, 400))
def test_the_heater_reaches_its_temperature(calibration, ambient, target):
    """One step of its register is 2 to 4 degC; the model has the datasheet's floats backwards."""
    heater = (
        calibration.heat_value & 0xFF,
        calibration.heat_range << 4,
        calibration.range_error << 4,
    )
    code = Calibration(*calibration.blocks(), *heater).heater_code(target, ambient)
    assert factory.heater_c(calibration, code, ambient) == pytest.approx(target, abs=4)


def test_the_heaters_registers_are_adafruits():
    registers = dump_of(SteadyWorld(**ROOM), factory.Calibration()).registers
    foreign = Foreign(registers)
    ours = Calibration(*factory.Calibration().blocks(), *registers[0:1], registers[2], 0)
    assert abs(ours.heater_code(320, 25) - foreign._calc_res_heat(320)) <= 1
    assert wait_code(150) == foreign._calc_gas_wait(150) == 0x65


@given(st.integers(0, 4032))
def test_the_wait_is_never_longer_than_asked_and_at_most_a_quarter_shorter(duration):
    assert duration * 3 // 4 <= factory.wait_ms(wait_code(duration)) <= duration


def test_the_heater_is_told_how_warm_the_air_is():
    driver, chip, _, _ = plugged_in(SteadyWorld(**{**ROOM, "temperature": -20.0}))
    asyncio.run(started_and_measured(driver))
    first = chip._registers[0x5A]
    asyncio.run(driver.measure())
    assert chip._registers[0x5A] != first
    assert factory.heater_c(chip._calibration, chip._registers[0x5A], -20.0) == pytest.approx(
        320, abs=4
    )


def test_a_heater_that_stays_cold_is_no_resistance_and_the_rest_goes_on():
    driver, chip, _, _ = plugged_in(SteadyWorld(**ROOM))
    chip.heater_broken = True
    values = asyncio.run(started_and_measured(driver))
    assert values["gas_resistance"] is None
    assert values["temperature"] == 2150


def test_without_its_gas_channel_nothing_is_heated():
    driver, chip, bus, _ = plugged_in(SteadyWorld(**ROOM), channels=("pressure",))
    assert asyncio.run(started_and_measured(driver)) == {"pressure": 10023}
    assert chip._registers[0x71] == 0
    assert chip._registers[0x5A] == 0
    before_us = bus._bench.now_us
    asyncio.run(driver.measure())
    assert bus._bench.now_us - before_us == 45_000


@pytest.mark.parametrize("missing", ["humidity", "pressure", "gas_resistance"])
def test_a_missing_quantity_leaves_the_others_alone(missing):
    driver, _, _, _ = plugged_in(SteadyWorld(**{**ROOM, missing: None}))
    values = asyncio.run(started_and_measured(driver))
    assert [name for name, value in values.items() if value is None] == [missing]


def test_without_a_temperature_there_is_no_climate():
    driver, _, _, _ = plugged_in(SteadyWorld(**{**ROOM, "temperature": None}))
    values = asyncio.run(started_and_measured(driver))
    assert [name for name, value in values.items() if value is not None] == ["gas_resistance"]


def test_another_part_is_refused_by_what_it_says_it_is():
    driver, chip, _, _ = plugged_in(SteadyWorld())
    chip._registers[0xD0] = 0x60
    with pytest.raises(SensorError, match="says it is 0x60"):
        asyncio.run(driver.start())


def test_an_absent_part_is_named_and_one_lost_in_mid_life_comes_back():
    driver, _, bus, _ = plugged_in(SteadyWorld(**ROOM))
    bus.unplugged = True
    with pytest.raises(SensorError, match="no answer at 0x77"):
        asyncio.run(driver.start())
    bus.unplugged = False
    asyncio.run(driver.start())
    bus.unplugged = True
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert driver.faults == 1
    bus.unplugged = False
    assert asyncio.run(driver.measure())["temperature"] == 2150


def test_an_empty_calibration_memory_is_refused():
    registers = bytearray(256)
    registers[0xD0] = 0x61
    with pytest.raises(SensorError, match="calibration memory is empty"):
        asyncio.run(Bme680(Dump(registers), Bench().sleep_ms).start())


def test_a_part_that_never_finishes_is_a_fault_and_not_an_endless_wait():
    driver, chip, bus, _ = plugged_in(SteadyWorld(**ROOM))
    asyncio.run(driver.start())
    chip.hangs = True
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert "no new measurement" in driver.last_fault
    assert bus._bench.now_us < 300_000


def test_a_measurement_is_ready_when_the_driver_first_asks():
    driver, _, bus, _ = plugged_in(SteadyWorld(**ROOM))
    asyncio.run(driver.start())
    before_us = bus._bench.now_us
    asyncio.run(driver.measure())
    assert bus._bench.now_us - before_us == 198_000


@given(registers=st.binary(min_size=256, max_size=256))
def test_any_registers_give_plausible_values_or_none(registers):
    registers = bytearray(registers)
    registers[0xD0], registers[0x1D] = 0x61, 0x80
    try:
        values = asyncio.run(started_and_measured(Bme680(Dump(registers), Bench().sleep_ms)))
    except SensorError:
        return
    assert values["temperature"] is None or -5000 <= values["temperature"] <= 8500
    assert values["humidity"] is None or 0 <= values["humidity"] <= 1000
    assert values["pressure"] is None or 3000 <= values["pressure"] <= 11000
    assert values["gas_resistance"] is None or 100 <= values["gas_resistance"] <= 100_000_000
