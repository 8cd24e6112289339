# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The electrodes of gas cells through an ADS1115. Scales: table 3 of its datasheet, SBAS444."""

import asyncio

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers.alphasense import Alphasense
from barri_node.errors import SensorError
from barri_tools.sim.chips import ads1115 as model
from barri_tools.sim.journal import Journal

CELLS = {"no2_working": 231.5, "no2_auxiliary": 228.0, "o3_working": 402.25, "o3_auxiliary": 399.0}
FINE_STEP = 6.25  # of 2.048 V, in 0.01 mV


def plugged_in(world, inputs=b"\x00\x01\x02\x03", wiring=model.ELECTRODES):
    bench = Bench()
    chip = model.Ads1115(world, Journal(), wiring=wiring)
    bus = I2cBus(bench, chip)
    return Alphasense(bus, bench.sleep_ms, inputs=inputs), chip, bus, bench


def measured(driver):
    asyncio.run(driver.start())
    return asyncio.run(driver.measure())


@given(st.tuples(*[st.integers(-29000, 204_000)] * 4))
def test_voltages_are_right_to_a_step_and_its_noise(hundredths):
    world = SteadyWorld(
        **{name: v / 100 for name, v in zip(Alphasense.CHANNELS, hundredths, strict=True)}
    )
    driver, _, _, _ = plugged_in(world)
    for found, held in zip(measured(driver).values(), hundredths, strict=True):
        assert -FINE_STEP / 2 - 1 <= found - held <= FINE_STEP * 1.5 + 1


@given(st.integers(205_000, 614_000))
def test_above_two_volts_the_wide_range_takes_over(hundredths):
    driver, _, _, _ = plugged_in(SteadyWorld(**{**CELLS, "o3_working": hundredths / 100}))
    assert measured(driver)["o3_working"] == pytest.approx(hundredths, abs=30)


def test_above_the_widest_range_is_no_reading_and_the_others_go_on():
    driver, _, _, _ = plugged_in(SteadyWorld(**{**CELLS, "o3_working": 6200.0}))
    values = measured(driver)
    assert values["o3_working"] is None
    assert values["o3_auxiliary"] == pytest.approx(39900, abs=10)


def test_the_steps_are_the_datasheets():
    """62.5 uV at 2.048 V, 187.5 uV at 6.144 V."""
    driver, chip, _, _ = plugged_in(SteadyWorld(**CELLS))
    chip._converted = lambda config: 16000
    assert set(measured(driver).values()) == {100_000}
    chip._converted = lambda config: 32767 if config >> 9 & 7 == 2 else 16000
    assert set(measured(driver).values()) == {300_000}


@pytest.mark.parametrize(
    ("inputs", "wiring"),
    [
        (b"\x00\x01\x02\x03", ("no2_working", "no2_auxiliary", "o3_working", "o3_auxiliary")),
        (b"\x02\x03\x00\x01", ("o3_working", "o3_auxiliary", "no2_working", "no2_auxiliary")),
        (b"\x00\x02\x01\x03", ("no2_working", "o3_working", "no2_auxiliary", "o3_auxiliary")),
    ],
)
def test_the_order_of_a_boards_inputs_is_a_setting(inputs, wiring):
    driver, _, _, _ = plugged_in(SteadyWorld(**CELLS), inputs, wiring)
    for name, value in measured(driver).items():
        assert value == pytest.approx(100 * CELLS[name], abs=10)


@pytest.mark.parametrize(
    "inputs", [b"", b"\x00\x01\x02", b"\x00\x01\x02\x02", b"\x00\x01\x02\x04"]
)
def test_inputs_that_make_no_sense_are_refused(inputs):
    driver, _, _, _ = plugged_in(SteadyWorld(**CELLS), inputs)
    with pytest.raises(SensorError, match="each of 0, 1, 2, 3 once"):
        asyncio.run(driver.start())


def test_it_waits_for_the_slowest_oscillator_and_no_longer():
    driver, chip, _, bench = plugged_in(SteadyWorld(**CELLS))
    assert chip.slow == 1.1
    measured(driver)
    assert bench.now_us == 4 * 138_000


def test_a_conversion_that_never_ends_is_a_fault_and_not_an_endless_wait():
    driver, chip, _, bench = plugged_in(SteadyWorld(**CELLS))
    asyncio.run(driver.start())
    chip.never_ready = True
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert "does not end" in driver.last_fault
    assert bench.now_us < 200_000


def test_a_break_of_the_supply_in_mid_conversion_is_seen_in_the_settings():
    """After it the part would give a voltage between two inputs, in another range."""
    driver, chip, _, bench = plugged_in(SteadyWorld(**CELLS))
    asyncio.run(driver.start())

    async def sleep_with_a_break(ms):
        chip.power_on()
        await bench.sleep_ms(ms)

    driver._adc._sleep_ms = sleep_with_a_break
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert "supply" in driver.last_fault
    driver._adc._sleep_ms = bench.sleep_ms
    assert None not in asyncio.run(driver.measure()).values()


def test_a_frozen_converter_is_a_fault_after_an_hour():
    driver, chip, _, bench = plugged_in(SteadyWorld(**CELLS))
    asyncio.run(driver.start())
    chip.frozen = True
    for _ in range(359):
        assert None not in asyncio.run(driver.measure()).values()
        bench.now_us += 10_000_000
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert "stands still" in driver.last_fault


def test_steady_gas_is_no_fault_because_the_converter_is_not_still():
    driver, _, _, bench = plugged_in(SteadyWorld(**CELLS))
    asyncio.run(driver.start())
    for _ in range(400):
        assert None not in asyncio.run(driver.measure()).values()
        bench.now_us += 10_000_000 - bench.now_us % 10_000_000
    assert driver.faults == 0


def test_another_part_at_its_address_is_refused():
    """A TMP102 has its alarm limits there: 75 and 80 degC."""

    class Stranger:
        address = 0x48

        def write(self, data, now_us):
            assert len(data) == 1, "nothing is written to a part that is not known"
            self.register = data[0]

        def read(self, n, now_us):
            return {2: b"\x4b\x00", 3: b"\x50\x00"}[self.register]

    bench = Bench()
    driver = Alphasense(I2cBus(bench, Stranger()), bench.sleep_ms)
    with pytest.raises(SensorError, match="0x4b00"):
        asyncio.run(driver.start())


def test_an_absent_part_is_named_and_a_lost_one_counted():
    driver, _, bus, _ = plugged_in(SteadyWorld(**CELLS))
    bus.unplugged = True
    with pytest.raises(SensorError, match="no answer at 0x48"):
        asyncio.run(driver.start())
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert driver.faults == 1
