# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The SCD30 driver against the chip model and the examples of its interface description."""

import asyncio

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers.scd30 import Scd30
from barri_node.errors import SensorError
from barri_tools.sim.chips import scd30 as model
from barri_tools.sim.chips.sensirion import packed
from barri_tools.sim.journal import Journal

ROOM = {"co2": 720.0, "temperature": 22.0, "humidity": 41.0}
VALUES = {"co2": 720, "temperature": 2200, "humidity": 410}
NONE = dict.fromkeys(VALUES)


class Plugged:
    """A driver, its chip and their time."""

    def __init__(self, pressure=None, channels=Scd30.CHANNELS, **values):
        self.world = SteadyWorld(**values)
        self.bench = Bench()
        self.chip = model.Scd30(self.world, Journal())
        self.bench.now_us = 3_000_000
        bus = I2cBus(self.bench, self.chip)
        self.driver = Scd30(bus, self.bench.sleep_ms, pressure, channels)

    def start(self):
        asyncio.run(self.driver.start())

    def measure(self, after_s=10):
        self.bench.now_us += after_s * 1_000_000
        return asyncio.run(self.driver.measure())


def started(**options):
    plugged = Plugged(**{**ROOM, **options})
    plugged.start()
    return plugged


def test_the_interface_descriptions_examples():
    """Interface Description SCD30: section 1.4.1 (start, no air pressure: 0x0010 0x0000 0x81),
    1.4.3 (interval of 2 s: 0x4600 0x0002 0xE3), 1.4.5 (a measurement of 439.09 ppm, 27.2 degC and
    48.8 %), 1.4.9 (firmware 3.66: 0x0342 0xF3)."""
    sent = []
    answers = ["0342f3", packed(10).hex(), "0001b0", "43dbcb8c2e8f41d970e7fff54243bf3a1b74"]

    class Line:
        def writeto(self, address, data):
            sent.append(bytes(data).hex())

        def readfrom_into(self, address, buffer):
            buffer[:] = bytes.fromhex(answers.pop(0))

    driver = Scd30(Line(), Bench().sleep_ms)
    asyncio.run(driver.start())
    assert asyncio.run(driver.measure()) == {"co2": 439, "temperature": 2724, "humidity": 488}
    assert sent == ["d100", "4600", "46000002e3", "0010000081", "0202", "0300"]


@given(
    co2=st.integers(300, 40000),
    temperature=st.integers(-4000, 7000),
    humidity=st.integers(0, 1000),
)
def test_gives_back_what_the_world_holds_within_one_step(co2, temperature, humidity):
    plugged = started(co2=co2, temperature=temperature / 100, humidity=humidity / 10)
    values = plugged.measure()
    assert values["co2"] == co2
    assert abs(values["temperature"] - temperature) <= 1
    assert abs(values["humidity"] - humidity) <= 1


def test_a_value_is_given_once_and_one_every_two_seconds():
    plugged = started()
    found = [plugged.measure(after_s=1)["co2"] for _ in range(20)]
    assert found.count(720) == 10
    assert plugged.driver.faults == 0


def test_its_memory_is_written_only_where_it_has_to_change():
    plugged = started()
    written = plugged.chip.stored
    plugged.start()
    assert plugged.chip.stored == written + 1  # the start itself; the interval is right already
    plugged.chip.interval_s = 30
    plugged.start()
    assert plugged.chip.interval_s == 2


def test_the_part_is_told_the_air_pressure_and_then_counts_right():
    heard = []
    plugged = started(pressure=lambda: heard[-1] if heard else None)
    plugged.world.values["pressure"] = 950.0
    assert plugged.measure()["co2"] == round(720 * 950 / 1013)
    heard.append(9500)
    assert plugged.measure()["co2"] == 720


def test_small_changes_of_the_air_pressure_do_not_wear_its_memory():
    heard = [9500]
    plugged = started(pressure=lambda: heard[-1])
    plugged.measure()
    written = plugged.chip.stored
    for tenths in (9510, 9540, 9530, 9460):
        heard.append(tenths)
        plugged.measure()
    assert plugged.chip.stored == written
    heard.append(9550)
    plugged.measure()
    assert plugged.chip.stored == written + 1
    assert plugged.chip.told_hpa == 955


@pytest.mark.parametrize("tenths", [None, 0, 6994, 14006])
def test_an_air_pressure_that_the_part_would_not_take_is_kept_from_it(tenths):
    plugged = started(pressure=lambda: tenths)
    assert plugged.measure() == VALUES
    assert plugged.chip.told_hpa == 0


def test_no_co2_at_all_is_no_reading():
    plugged = started(co2=None)
    assert plugged.measure() == {**VALUES, "co2": None}


def test_what_is_no_number_is_no_reading_and_leaves_the_others_alone():
    plugged = started(humidity=None)
    assert plugged.measure() == {**VALUES, "humidity": None}


def test_what_nobody_wants_is_not_given():
    plugged = started(channels=("co2",))
    assert plugged.measure() == {"co2": 720}


def test_after_a_loss_of_power_it_goes_on_by_itself():
    plugged = started()
    plugged.chip.power_cycle(plugged.bench.now_us)
    assert plugged.measure(after_s=1) == NONE
    assert plugged.driver.faults == 1
    assert plugged.measure() == VALUES


def test_a_part_that_was_stopped_is_started_again():
    plugged = started()
    plugged.chip.write(b"\x01\x04", plugged.bench.now_us + 10_000)
    found = [plugged.measure() for _ in range(15)]
    assert found[:12] == [NONE] * 12
    assert found[-1] == VALUES
    assert "started again" in plugged.driver.last_fault


def test_an_absent_part_is_named():
    plugged = Plugged(**ROOM)
    plugged.chip.gone = True
    with pytest.raises(SensorError, match="scd30: no answer at 0x61"):
        plugged.start()


@pytest.mark.parametrize("version", [0, 0xFFFF])
def test_a_line_without_a_part_is_refused(version):
    plugged = Plugged(**ROOM)
    plugged.chip.version = version
    with pytest.raises(SensorError, match=r"scd30: .* no version"):
        plugged.start()


def test_a_wrong_checksum_is_no_reading_and_a_fault():
    plugged = started()
    plugged.chip.damaged_answers = 1
    assert plugged.measure() == NONE
    assert "checksum" in plugged.driver.last_fault
    assert plugged.measure() == VALUES


def test_a_part_that_hangs_is_flagged():
    plugged = started()
    plugged.chip._flicker = lambda word: word
    found = [plugged.measure() for _ in range(362)]
    assert found == [VALUES] * 360 + [NONE] * 2
    assert "stuck" in plugged.driver.last_fault


@given(answer=st.lists(st.integers(0, 0xFFFF), min_size=6, max_size=6))
def test_any_floats_give_plausible_values_or_none(answer):
    plugged = started()
    plugged.chip._floats = lambda t_us: answer
    values = plugged.measure()
    assert values["co2"] is None or 0 < values["co2"] <= 40000
    assert values["temperature"] is None or -5000 <= values["temperature"] <= 8500
    assert values["humidity"] is None or 0 <= values["humidity"] <= 1000
