# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The SHT4x driver, and what it shares with the other Sensirion parts, against the chip model."""

import asyncio
import struct

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers.sensirion import crc8, float_steps
from barri_node.drivers.sht4x import Sht4x, hundredths_of_degree, tenths_of_percent
from barri_node.errors import SensorError
from barri_tools.sim.chips import sensirion as wire
from barri_tools.sim.chips import sht4x as model
from barri_tools.sim.journal import Journal

MILD = {"temperature": 21.5, "humidity": 48.0}


def plugged_in(**values):
    bench = Bench()
    chip = model.Sht4x(SteadyWorld(**values), Journal())
    bench.now_us = 5000
    return Sht4x(I2cBus(bench, chip), bench.sleep_ms), chip


async def started_and_measured(driver):
    await driver.start()
    return await driver.measure()


def test_the_datasheets_example_of_the_checksum():
    """SHT4x datasheet, section 4.4: 0xBEEF has the checksum 0x92."""
    assert crc8(b"\xbe\xef", 0, 2) == 0x92


@pytest.mark.parametrize(
    ("word", "hundredths", "tenths"),
    [(0, -4500, 0), (0x6666, 2500, 440), (0x8000, 4250, 565), (0xFFFF, 13000, 1000)],
)
def test_the_datasheets_formulas_at_points_worked_by_hand(word, hundredths, tenths):
    """SHT4x datasheet, section 4.6: the ends of both scales, and words that divide 65535 well:
    0x6666 is 0.4 of it: -45 + 70 = 25 degC and -6 + 50 = 44 %."""
    assert hundredths_of_degree(word) == hundredths
    assert tenths_of_percent(word) == tenths


@given(word=st.integers(0, 0xFFFF))
def test_the_formulas_are_the_datasheets_to_half_a_step(word):
    assert abs(hundredths_of_degree(word) / 100 - (-45 + 175 * word / 65535)) <= 0.005001
    relative = min(max(-6 + 125 * word / 65535, 0), 100)
    assert abs(tenths_of_percent(word) / 10 - relative) <= 0.05001


@given(temperature=st.integers(-4000, 8500), humidity=st.integers(0, 1000))
def test_gives_back_what_the_world_holds_within_one_step(temperature, humidity):
    driver, _ = plugged_in(temperature=temperature / 100, humidity=humidity / 10)
    values = asyncio.run(started_and_measured(driver))
    assert abs(values["temperature"] - temperature) <= 1
    assert abs(values["humidity"] - humidity) <= 1
    assert driver.faults == 0


def test_an_absent_part_is_named():
    driver, chip = plugged_in(**MILD)
    chip.gone = True
    with pytest.raises(SensorError, match="sht4x: no answer at 0x44"):
        asyncio.run(driver.start())


@pytest.mark.parametrize("serial", [(0, 0), (0xFFFF, 0xFFFF)])
def test_a_line_without_a_part_is_refused(serial):
    """Right checksums, and still nobody: no part has such a serial number."""
    driver, chip = plugged_in(**MILD)
    chip.serial = serial
    with pytest.raises(SensorError, match=r"sht4x: .* no serial number"):
        asyncio.run(driver.start())


def test_a_wrong_checksum_of_the_identity_is_refused():
    driver, chip = plugged_in(**MILD)
    chip.damaged_answers = 1
    with pytest.raises(SensorError, match="sht4x: a wrong checksum"):
        asyncio.run(driver.start())


def test_a_wrong_checksum_of_a_value_is_no_reading_and_a_fault():
    driver, chip = plugged_in(**MILD)
    asyncio.run(driver.start())
    chip.damaged_answers = 1
    assert asyncio.run(driver.measure()) == {"temperature": None, "humidity": None}
    assert driver.faults == 1
    assert "checksum" in driver.last_fault
    assert asyncio.run(driver.measure())["temperature"] == 2150


@pytest.mark.parametrize("damaged", range(6))
def test_a_single_wrong_bit_anywhere_is_seen(damaged):
    answer = bytearray(wire.packed(0x6666, 0x5EB9))
    answer[damaged] ^= 0x10

    class Line:
        def writeto(self, address, data):
            pass

        def readfrom_into(self, address, buffer):
            buffer[:] = answer

    driver = Sht4x(Line(), Bench().sleep_ms)
    with pytest.raises(SensorError, match="checksum"):
        asyncio.run(driver.start())


def test_unplugged_in_mid_life_it_says_so_and_comes_back():
    driver, chip = plugged_in(**MILD)
    asyncio.run(driver.start())
    chip.gone = True
    for count in range(1, 40):
        assert set(asyncio.run(driver.measure()).values()) == {None}
        assert driver.faults == count
    chip.gone = False
    assert asyncio.run(driver.measure()) == {"temperature": 2150, "humidity": 480}


@pytest.mark.parametrize("lost", ["temperature", "humidity"])
def test_a_word_at_the_end_of_its_scale_is_no_reading_and_leaves_the_other_alone(lost):
    driver, _ = plugged_in(**{**MILD, lost: None})
    values = asyncio.run(started_and_measured(driver))
    other = {"temperature": "humidity", "humidity": "temperature"}[lost]
    assert values[lost] is None
    assert values[other] is not None
    assert "end of its scale" in driver.last_fault


def test_values_that_cannot_be_are_flagged_and_counted():
    driver, _ = plugged_in(temperature=120.0, humidity=48.0)
    assert asyncio.run(started_and_measured(driver)) == {"temperature": None, "humidity": 480}
    assert driver.last_fault == "sht4x: temperature is out of its range (12000 steps)"


def test_a_part_that_hangs_is_flagged_and_a_living_one_is_not():
    """A real part's last bit is never still for an hour."""
    driver, chip = plugged_in(**MILD)
    asyncio.run(driver.start())
    for _ in range(1000):
        assert asyncio.run(driver.measure())["humidity"] == 480
    chip._flicker = lambda word: word
    found = [asyncio.run(driver.measure())["humidity"] for _ in range(400)]
    assert found[:359] == [480] * 359
    assert set(found[360:]) == {None}
    assert "stuck" in driver.last_fault
    del chip._flicker
    assert asyncio.run(driver.measure())["humidity"] == 480


@given(answer=st.binary(min_size=6, max_size=6), sound=st.booleans())
def test_any_answer_gives_plausible_values_or_none(answer, sound):
    words = struct.unpack(">HHxx", answer)
    answer = wire.packed(*words) if sound else answer

    class Line:
        def writeto(self, address, data):
            pass

        def readfrom_into(self, address, buffer):
            buffer[:] = answer

    driver = Sht4x(Line(), Bench().sleep_ms)
    driver._started = True
    values = asyncio.run(driver.measure())
    assert values["temperature"] is None or -4500 <= values["temperature"] <= 8500
    assert values["humidity"] is None or 0 <= values["humidity"] <= 1000


@pytest.mark.parametrize("per_unit", [1, 10, 100])
@given(number=st.floats(-40000, 40000, width=32))
def test_floats_of_the_parts_become_integers_without_floats(per_unit, number):
    """The oracle is Python's own double, which holds every float of 32 bits times 100 exactly."""
    steps = float_steps(*wire.float_words(number), per_unit)
    assert abs(steps - number * per_unit) <= 0.5


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 2.0**24, 3.4e38])
def test_what_is_no_number_or_absurd_is_none(number):
    assert float_steps(*wire.float_words(number), 10) is None
