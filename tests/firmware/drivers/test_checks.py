# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What a part says and cannot be true: out of range, or standing still."""

import asyncio

from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers.bme280 import Bme280
from barri_node.drivers.checks import Checks
from barri_tools.sim.chips import bme280 as model
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import SyntheticStreet


class Driver:
    faults = 0
    last_fault = None


def checked(name="temperature", patience=360):
    checks, driver = Checks("part", (name,), (patience,)), Driver()
    return lambda value, raw: checks.passed(driver, {name: value}, (raw,))[name], driver


@given(value=st.integers(-20000, 20000))
def test_what_no_working_part_can_say_is_no_reading_and_a_fault(value):
    said, driver = checked("humidity")
    possible = 0 <= value <= 1000
    assert said(value, 1) == (value if possible else None)
    assert driver.faults == (not possible)


def test_no_reading_stays_no_reading_and_is_no_fault():
    said, driver = checked()
    assert [said(None, 5) for _ in range(1000)] == [None] * 1000
    assert driver.faults == 0


def test_a_number_that_never_moves_is_no_reading_from_its_limit_on():
    said, driver = checked("temperature")
    heard = [said(2150, 500_000) for _ in range(365)]
    assert heard == [2150] * 359 + [None] * 6
    assert driver.faults == 6
    assert driver.last_fault == "part: temperature stands still; switch the part off and on"


def test_one_step_is_enough_to_be_alive_again():
    said, _ = checked("temperature")
    for _ in range(400):
        said(2150, 500_000)
    assert said(2150, 500_001) == 2150
    assert [said(2150, 500_001) for _ in range(358)] == [2150] * 358
    assert said(2150, 500_001) is None


@given(st.lists(st.integers(0, 1), max_size=300))
def test_only_a_run_of_equal_numbers_is_ever_flagged(raws):
    said, _ = checked("pm10", 5)
    run, last = 0, None
    for raw in raws:
        run = run + 1 if raw == last else 1
        last = raw
        assert (said(100, raw) is None) == (run >= 5)


def test_below_zero_is_not_judged():
    said, _ = checked("pm10")
    assert [said(0, -1) for _ in range(1000)] == [0] * 1000


def test_what_may_stand_still_may():
    """Light at night, a battery, a house's energy."""
    said, driver = checked("light", patience=0)
    assert None not in [said(7, 7) for _ in range(5000)]
    assert driver.faults == 0


def test_each_channel_has_its_own_count():
    checks, driver = Checks("part", ("temperature", "humidity"), (360, 500)), Driver()
    for _ in range(400):
        readings = checks.passed(driver, {"temperature": 1, "humidity": 1}, (7, 7))
    assert readings == {"temperature": None, "humidity": 1}


def test_a_hanging_bme280_is_flagged_and_comes_back():
    world = SteadyWorld(temperature=20.0, humidity=50.0, pressure=1000.0)
    bench = Bench()
    bus = I2cBus(bench, model.Bme280(world, Journal()))
    bench.now_us = 5000
    driver = Bme280(bus, bench.sleep_ms)

    async def life():
        await driver.start()
        return [await driver.measure() for _ in range(360)]

    heard = asyncio.run(life())
    assert heard[-2] == {"temperature": 2000, "humidity": 500, "pressure": 10000}
    assert heard[-1] == {"temperature": None, "humidity": None, "pressure": 10000}
    assert driver.faults == 1
    world.values["temperature"] = 20.1
    world.values["humidity"] = 50.1
    assert asyncio.run(driver.measure()) == {
        "temperature": 2010,
        "humidity": 501,
        "pressure": 10000,
    }


def test_a_day_in_a_street_has_nothing_that_looks_stuck():
    """The model has no noise of its own: a real part moves more, not less."""
    bench = Bench()
    bus = I2cBus(bench, model.Bme280(SyntheticStreet(seed=3), Journal()))
    bench.now_us = 5000
    driver = Bme280(bus, bench.sleep_ms)

    async def day():
        await driver.start()
        while bench.now_us < 86_400_000_000:
            assert None not in (await driver.measure()).values()
            bench.now_us += 10_000_000 - bench.now_us % 10_000_000

    asyncio.run(day())
    assert driver.faults == 0
