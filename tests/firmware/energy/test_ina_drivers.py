# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""INA219 and INA226 at a panel or a battery. Register values are the datasheets' own examples."""

import asyncio

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers.ina219 import Ina219
from barri_node.drivers.ina226 import Ina226
from barri_node.errors import SensorError
from barri_tools.sim.chips import ina219, ina226
from barri_tools.sim.journal import Journal

PARTS = {"ina219": (Ina219, ina219.Ina219), "ina226": (Ina226, ina226.Ina226)}
# The most that a shunt of 100 mOhm shows.
MOST_MA = {"ina219": 3200, "ina226": 819}
both = pytest.mark.parametrize("name", PARTS)


def fitted(name, volts=5.02, milliamps=-312.4, shunt_mohm=100, **options):
    driver, chip = PARTS[name]
    bench = Bench()
    world = SteadyWorld(supply_voltage=volts, supply_current=milliamps)
    part = chip(world, Journal(), shunt_ohm=shunt_mohm / 1000)
    bus = I2cBus(bench, part)
    meter = driver(bus, bench.sleep_ms, shunt_uohm=shunt_mohm * 1000, **options)
    return meter, part, bus, bench, world


def measured(meter):
    return asyncio.run(meter.measure())


@both
def test_it_measures_voltage_and_current_with_its_sign(name):
    meter, _, _, _, world = fitted(name)
    asyncio.run(meter.start())
    reading = measured(meter)
    assert reading["supply_voltage"] == pytest.approx(5020, abs=4)
    assert reading["supply_current"] == pytest.approx(-3124, abs=1)
    world.values["supply_current"] = 100.0
    assert measured(meter)["supply_current"] == pytest.approx(1000, abs=1)
    assert meter.faults == 0


@both
def test_a_part_wired_the_other_way_round_is_told_so(name):
    meter, _, _, _, _ = fitted(name, reversed_=True)
    assert measured(meter)["supply_current"] == pytest.approx(3124, abs=1)


@both
@given(
    millivolts=st.integers(0, 26_000),
    share=st.integers(-990, 990),
    shunt_mohm=st.sampled_from((2, 10, 50, 100)),
)
def test_any_current_in_the_range_of_any_shunt(name, millivolts, share, shunt_mohm):
    most_ma = MOST_MA[name] * 100 / shunt_mohm
    milliamps = most_ma * share / 1000
    meter, _, _, _, _ = fitted(name, millivolts / 1000, milliamps, shunt_mohm)
    reading = measured(meter)
    assert reading["supply_voltage"] == pytest.approx(millivolts, abs=2.1)
    if abs(milliamps) > 20_000:
        assert reading["supply_current"] is None
        return
    # Half a step of the shunt, one of the current register, and a calibration cut off: 0.1 %.
    step = MOST_MA[name] * 10 / 32767 * 100 / shunt_mohm + 1
    error = 1.6 * step + abs(milliamps) * 10 / 1000
    assert reading["supply_current"] == pytest.approx(milliamps * 10, abs=error)


def test_calibration_is_the_datasheets():
    """INA219: 0.1 Ohm and 0.1 mA make 0x1000. INA226: 2 mOhm and 1 mA make 2560; here the step is
    the next multiple of 0.1 mA that holds the whole range, 1.3 mA.
    """
    meter, part, _, _, _ = fitted("ina219")
    measured(meter)
    assert part._registers[5] == 0x1000
    meter, part, _, _, _ = fitted("ina226", shunt_mohm=2)
    measured(meter)
    assert part._registers[5] == 2560 * 10 // 13


@both
@pytest.mark.parametrize("sign", [1, -1])
def test_more_than_the_shunt_can_show_is_no_reading_but_the_voltage_stays(name, sign):
    meter, _, _, _, _ = fitted(name, milliamps=sign * (MOST_MA[name] + 50.0))
    reading = measured(meter)
    assert reading["supply_current"] is None
    assert reading["supply_voltage"] == pytest.approx(5020, abs=4)
    assert "more current" in meter.last_fault


def test_an_overflow_that_the_part_reports_is_no_reading():
    meter, part, _, _, _ = fitted("ina219")
    meter._calibration = part._registers[5] = 0xFFFE
    part._world.values["supply_current"] = 3000.0
    assert measured(meter)["supply_current"] is None
    assert "more current" in meter.last_fault


@both
def test_a_part_that_browns_out_between_measurements_is_set_up_again(name):
    meter, part, _, _, _ = fitted(name)
    measured(meter)
    part.brown_out()
    assert measured(meter)["supply_current"] == pytest.approx(-3124, abs=1)


@both
def test_a_part_that_browns_out_during_a_measurement_gives_none(name):
    meter, part, _, bench, _ = fitted(name)
    asyncio.run(meter.start())
    sleep_ms = bench.sleep_ms

    async def dip(ms):
        await sleep_ms(ms)
        part.brown_out()
        part._ready = True

    meter._sleep_ms = dip
    assert measured(meter)["supply_current"] is None
    assert "forgotten" in meter.last_fault


@both
def test_a_part_that_never_finishes_is_a_bounded_wait(name):
    meter, part, _, bench, _ = fitted(name)
    part.stuck = True
    assert set(measured(meter).values()) == {None}
    assert "does not finish" in meter.last_fault
    assert bench.now_us <= 200_000


@both
def test_an_absent_part_is_named(name):
    meter, _, bus, _, _ = fitted(name)
    bus.unplugged = True
    with pytest.raises(SensorError, match=f"{name}: no answer at 0x40"):
        asyncio.run(meter.start())
    assert set(measured(meter).values()) == {None}
    assert meter.faults == 1


def test_the_other_part_is_recognised():
    bench, world = Bench(), SteadyWorld()
    bus = I2cBus(bench, ina226.Ina226(world, Journal()))
    with pytest.raises(SensorError, match="0x4127 is an INA226"):
        asyncio.run(Ina219(bus, bench.sleep_ms).start())
    bus = I2cBus(bench, ina219.Ina219(world, Journal()))
    with pytest.raises(SensorError, match="not 0x5449 0x2260"):
        asyncio.run(Ina226(bus, bench.sleep_ms).start())


@both
@pytest.mark.parametrize("shunt_uohm", [0, -1, 100, 10**8])
def test_a_senseless_shunt_is_refused(name, shunt_uohm):
    with pytest.raises(ValueError, match="shunt_uohm"):
        PARTS[name][0](None, None, shunt_uohm=shunt_uohm)
