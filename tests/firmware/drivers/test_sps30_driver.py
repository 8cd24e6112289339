# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The SPS30 driver against the chip model and the datasheet's examples."""

import asyncio

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers.sps30 import Sps30
from barri_node.errors import SensorError
from barri_tools.sim.chips import sen5x, sps30
from barri_tools.sim.chips.sensirion import float_words, packed, text_words
from barri_tools.sim.journal import Journal

STREET = {"pm1": 6.0, "pm2_5": 9.3, "pm4": 11.0, "pm10": 14.2}
VALUES = {"pm1": 60, "pm2_5": 93, "pm4": 110, "pm10": 142}
NONE = dict.fromkeys(VALUES)


class Plugged:
    """A driver, its chip and their time."""

    def __init__(self, chip=None, **values):
        self.world = SteadyWorld(**values)
        self.bench = Bench()
        self.chip = chip or sps30.Sps30(self.world, Journal())
        self.bench.now_us = 1_000_000
        bus = I2cBus(self.bench, self.chip)
        self.driver = Sps30(bus, self.bench.sleep_ms, self.bench.uptime_ms)

    def start(self):
        asyncio.run(self.driver.start())

    def measure(self, after_s=1):
        self.bench.now_us += after_s * 1_000_000
        return asyncio.run(self.driver.measure())


def warm(**values):
    plugged = Plugged(**values)
    plugged.start()
    plugged.bench.now_us += 30_000_000
    return plugged


def test_the_bytes_on_the_line_are_the_datasheets():
    """SPS30 datasheet, section 6.3.1: start in floats is 0x0010 0x0300 0xAC; 6.3.9: the product
    type is the text 00080000."""
    sent = []
    answers = [packed(*text_words("00080000", 4)), packed(0x0202)]

    class Line:
        def writeto(self, address, data):
            sent.append(bytes(data).hex())

        def readfrom_into(self, address, buffer):
            buffer[:] = answers.pop(0)

    assert answers[0].hex() == "3030f63038" + "4f" + "3030f6" + "3030f6"
    bench = Bench()
    asyncio.run(Sps30(Line(), bench.sleep_ms, bench.uptime_ms).start())
    assert sent == ["0104", "d002", "d100", "00100300ac"]


@given(masses=st.lists(st.integers(0, 10000), min_size=4, max_size=4))
def test_gives_back_what_the_world_holds_within_one_step(masses):
    world = {name: tenths / 10 for name, tenths in zip(VALUES, masses, strict=True)}
    values = warm(**world).measure()
    for name, tenths in zip(VALUES, masses, strict=True):
        assert abs(values[name] - tenths) <= 1


def test_while_the_fan_warms_up_there_is_no_reading_and_no_fault():
    """SPS30 datasheet, section 1.1: up to 30 s until a value is stable."""
    plugged = Plugged(**STREET)
    plugged.start()
    found = [plugged.measure() for _ in range(29)]
    assert found == [NONE] * 29
    assert plugged.measure(after_s=1) == VALUES
    assert plugged.driver.faults == 0


def test_a_value_is_given_once_and_one_a_second():
    plugged = warm(**STREET)
    assert plugged.measure() == VALUES
    assert plugged.measure(after_s=0) == NONE
    assert plugged.measure() == VALUES
    assert plugged.driver.faults == 0


def test_a_size_that_is_no_number_is_no_reading_and_leaves_the_others_alone():
    values = warm(pm1=6.0, pm2_5=9.3, pm10=14.2).measure()
    assert values == {**VALUES, "pm4": None}


def test_more_than_the_table_allows_is_flagged():
    plugged = warm(**{**STREET, "pm10": 1200.0})
    assert plugged.measure() == {**VALUES, "pm10": None}
    assert "pm10 is out of its range" in plugged.driver.last_fault


def test_air_without_any_dust_is_a_reading_for_ever():
    plugged = warm(pm1=0.0, pm2_5=0.0, pm4=0.0, pm10=0.0)
    found = [plugged.measure() for _ in range(400)]
    assert found == [dict.fromkeys(VALUES, 0)] * 400


def test_a_part_that_hangs_is_flagged():
    plugged = warm(**STREET)
    plugged.chip._flicker = lambda word: word
    found = [plugged.measure() for _ in range(362)]
    assert found == [VALUES] * 360 + [NONE] * 2
    assert "stuck" in plugged.driver.last_fault


@pytest.mark.parametrize(
    ("status", "fault"),
    [(1 << 4, "fan stands still"), (1 << 5, "laser"), (1 << 21, "too slow or too fast")],
)
def test_what_the_part_complains_of_is_no_reading(status, fault):
    """SPS30 datasheet, section 4.4: the device status register."""
    plugged = warm(**STREET)
    plugged.chip.status = status
    assert plugged.measure() == NONE
    assert fault in plugged.driver.last_fault
    plugged.chip.status = 0
    assert plugged.measure() == VALUES


def test_firmware_before_2_2_has_no_status_and_is_not_asked():
    plugged = Plugged(**STREET)
    plugged.chip.version = 0x0201
    plugged.start()
    assert plugged.measure(after_s=31) == VALUES
    assert plugged.driver.faults == 0


def test_cleaning_pauses_the_readings_and_is_no_fault():
    plugged = warm(**STREET)
    plugged.measure()
    plugged.driver.clean()
    found = [plugged.measure() for _ in range(60)]
    assert found[:39] == [NONE] * 39
    assert found[40:] == [VALUES] * 20
    assert plugged.driver.faults == 0


def test_the_weekly_cleaning_by_itself_does_not_make_the_driver_start_it_anew():
    plugged = warm(**STREET)
    plugged.measure()
    plugged.chip._rhythm.paused_until_us = plugged.bench.now_us + sps30.CLEANING_US
    found = [plugged.measure() for _ in range(12)]
    assert found[:9] == [NONE] * 9
    assert found[10:] == [VALUES] * 2
    assert plugged.driver.faults == 0


def test_a_part_that_lost_its_power_is_started_and_warmed_up_again():
    plugged = warm(**STREET)
    plugged.measure()
    plugged.chip.power_cycle(plugged.bench.now_us)
    found = [plugged.measure() for _ in range(60)]
    assert found[:49] == [NONE] * 49
    assert found[-1] == VALUES
    assert plugged.driver.faults == 1
    assert "started again" in plugged.driver.last_fault


def test_a_node_that_restarts_finds_the_part_measuring_and_starts_it_again():
    plugged = warm(**STREET)
    plugged.start()
    assert plugged.measure() == NONE
    assert plugged.measure(after_s=30) == VALUES


def test_a_sen5x_at_the_same_address_is_refused():
    chip = sen5x.Sen5x(SteadyWorld(**STREET), Journal())
    with pytest.raises(SensorError, match="sps30: no answer at 0x69"):
        Plugged(chip).start()


def test_another_product_is_refused_by_what_it_says_it_is():
    plugged = Plugged(**STREET)
    answer_to = plugged.chip._answer_to

    def another(command, now_us):
        if command == 0xD002:
            plugged.chip._give(text_words("00090000", 4), now_us)
        else:
            answer_to(command, now_us)

    plugged.chip._answer_to = another
    with pytest.raises(SensorError, match="its type is '00090000', which is no SPS30"):
        plugged.start()


def test_an_absent_part_is_named():
    plugged = Plugged(**STREET)
    plugged.chip.gone = True
    with pytest.raises(SensorError, match="sps30: no answer at 0x69"):
        plugged.start()


def test_a_wrong_checksum_is_no_reading_and_a_fault():
    plugged = warm(**STREET)
    plugged.chip.damaged_answers = 1
    assert plugged.measure() == NONE
    assert "checksum" in plugged.driver.last_fault
    assert plugged.measure() == VALUES


@given(answer=st.lists(st.integers(0, 0xFFFF), min_size=8, max_size=8))
def test_any_floats_give_plausible_values_or_none(answer):
    plugged = warm(**STREET)
    plugged.chip._floats = lambda now_us: answer
    for value in plugged.measure().values():
        assert value is None or 0 <= value <= 10000


def test_masses_are_rounded_and_not_cut():
    plugged = warm(**STREET)
    plugged.chip._floats = lambda now_us: [
        word for mass in (0.04, 0.06, 9.94, 9.96) for word in float_words(mass)
    ]
    assert list(plugged.measure().values()) == [0, 1, 99, 100]
