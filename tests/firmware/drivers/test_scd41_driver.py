# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The SCD41 driver against the chip model and the datasheet's examples."""

import asyncio

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers.scd41 import Scd41, hundredths_of_degree, tenths_of_percent
from barri_node.drivers.sensirion import Words
from barri_node.errors import SensorError
from barri_tools.sim.chips import scd41 as model
from barri_tools.sim.journal import Journal

ROOM = {"co2": 720.0, "temperature": 22.0, "humidity": 41.0}


class Plugged:
    """A driver, its chip and their time."""

    def __init__(self, pressure=None, channels=Scd41.CHANNELS, **values):
        self.world = SteadyWorld(**values)
        self.bench = Bench()
        self.chip = model.Scd41(self.world, Journal())
        bus = I2cBus(self.bench, self.chip)
        self.bench.now_us = 1_000_000
        self.driver = Scd41(bus, self.bench.sleep_ms, pressure, channels)

    def start(self):
        asyncio.run(self.driver.start())

    def measure(self, after_s):
        self.bench.now_us += after_s * 1_000_000
        return asyncio.run(self.driver.measure())


class Line:
    """Answers with bytes from a datasheet, and keeps what it was sent."""

    def __init__(self, *answers):
        self.answers = [bytes.fromhex(answer) for answer in answers]
        self.sent = []

    def writeto(self, address, data):
        self.sent.append(bytes(data).hex())

    def readfrom_into(self, address, buffer):
        buffer[:] = self.answers.pop(0)


def test_the_datasheets_example_of_a_measurement():
    """SCD4x datasheet, section 3.5.2 (read_measurement): 500 ppm, 25 degC, 37 %; section 3.8.2
    (get_data_ready_status) and 3.9.2 (get_serial_number, 273'325'796'834'238) for the rest."""
    line = Line("f896319f07c23bbe89", "8006" + "04", "01f4336667a25eb93c")
    driver = Scd41(line, Bench().sleep_ms)
    asyncio.run(driver.start())
    serial = 0xF896 << 32 | 0x9F07 << 16 | 0x3BBE
    assert serial == 273_325_796_834_238
    assert asyncio.run(driver.measure()) == {"co2": 500, "temperature": 2500, "humidity": 370}
    assert line.sent == ["3f86", "3682", "21b1", "e4b8", "ec05"]


def test_the_datasheets_example_of_a_measurement_that_is_not_ready():
    """SCD4x datasheet, section 3.8.2: 0x8000 (checksum 0xA2) means no new data."""
    line = Line("f896319f07c23bbe89", "8000a2")
    driver = Scd41(line, Bench().sleep_ms)
    asyncio.run(driver.start())
    assert set(asyncio.run(driver.measure()).values()) == {None}
    assert driver.faults == 0


def test_the_datasheets_example_of_the_air_pressure():
    """SCD4x datasheet, section 3.6.5 (set_ambient_pressure): 98,700 Pa are 0xE000 0x03DB 0x42."""
    line = Line("f896319f07c23bbe89", "8000a2")
    driver = Scd41(line, Bench().sleep_ms, pressure=lambda: 9870)
    asyncio.run(driver.start())
    asyncio.run(driver.measure())
    assert line.sent[-2] == "e00003db42"


def test_the_datasheets_example_of_a_command_with_a_word():
    """SCD4x datasheet, section 3.6.3 (set_sensor_altitude): 1950 m are 0x2427 0x079E 0x09."""
    line = Line()
    Words(line, 0x62, 1).command(0x2427, 1950)
    assert line.sent == ["2427079e09"]


@given(word=st.integers(0, 0xFFFF))
def test_the_formulas_are_the_datasheets_to_half_a_step(word):
    """SCD4x datasheet, section 3.5.2."""
    assert abs(hundredths_of_degree(word) / 100 - (-45 + 175 * word / 65535)) <= 0.005001
    assert abs(tenths_of_percent(word) / 10 - 100 * word / 65535) <= 0.05001


@given(
    co2=st.integers(300, 40000),
    temperature=st.integers(-1000, 6000),
    humidity=st.integers(0, 1000),
)
def test_gives_back_what_the_world_holds_within_one_step(co2, temperature, humidity):
    plugged = Plugged(co2=co2, temperature=temperature / 100, humidity=humidity / 10)
    plugged.start()
    values = plugged.measure(after_s=6)
    assert values["co2"] == co2
    assert abs(values["temperature"] - temperature) <= 1
    assert abs(values["humidity"] - humidity) <= 1


def test_before_the_first_five_seconds_there_is_no_reading_and_no_fault():
    plugged = Plugged(**ROOM)
    plugged.start()
    assert set(plugged.measure(after_s=4).values()) == {None}
    assert plugged.measure(after_s=1)["co2"] == 720
    assert plugged.driver.faults == 0


def test_a_value_is_given_once():
    plugged = Plugged(**ROOM)
    plugged.start()
    found = [plugged.measure(after_s=1)["co2"] for _ in range(60)]
    assert found.count(720) == 12
    assert plugged.driver.faults == 0


def test_a_node_that_restarts_finds_the_part_measuring_and_starts_it_again():
    plugged = Plugged(**ROOM)
    plugged.start()
    plugged.bench.now_us += 7_000_000
    plugged.start()
    assert plugged.measure(after_s=6)["co2"] == 720


def test_the_part_is_told_the_air_pressure_and_then_counts_right():
    heard = []

    def pressure():
        return heard[-1] if heard else None

    plugged = Plugged(pressure=pressure, **ROOM)
    plugged.world.values["pressure"] = 950.0
    plugged.start()
    assert plugged.measure(after_s=6)["co2"] == round(720 * 950 / 1013)
    heard.append(9500)
    plugged.measure(after_s=6)
    assert plugged.chip.told_hpa == 950
    assert plugged.measure(after_s=6)["co2"] == 720


@pytest.mark.parametrize("tenths", [None, 0, 6994, 12006])
def test_an_air_pressure_that_the_part_would_not_take_is_kept_from_it(tenths):
    plugged = Plugged(pressure=lambda: tenths, **ROOM)
    plugged.start()
    assert plugged.measure(after_s=6)["co2"] == 720
    assert plugged.chip.told_hpa == 1013


def test_no_co2_at_all_is_no_reading():
    plugged = Plugged(temperature=22.0, humidity=41.0)
    plugged.start()
    assert plugged.measure(after_s=6) == {"co2": None, "temperature": 2200, "humidity": 410}


def test_what_nobody_wants_is_not_given():
    plugged = Plugged(channels=("co2",), **ROOM)
    plugged.start()
    assert plugged.measure(after_s=6) == {"co2": 720}
    assert Scd41.CHANNELS == ("co2", "temperature", "humidity")


def test_a_part_that_lost_its_power_is_started_again():
    plugged = Plugged(**ROOM)
    plugged.start()
    plugged.measure(after_s=6)
    plugged.chip.power_cycle(plugged.bench.now_us)
    found = [plugged.measure(after_s=10)["co2"] for _ in range(14)]
    assert found[:12] == [None] * 12
    assert found[-1] == 720
    assert plugged.driver.last_fault == "scd41: no new values; it is started again"


def test_unplugged_in_mid_life_it_says_so_and_comes_back():
    plugged = Plugged(**ROOM)
    plugged.start()
    plugged.chip.gone = True
    for count in range(1, 30):
        assert set(plugged.measure(after_s=10).values()) == {None}
        assert plugged.driver.faults == count
    plugged.chip.gone = False
    plugged.chip.power_cycle(plugged.bench.now_us)
    plugged.measure(after_s=10)
    assert plugged.measure(after_s=10)["co2"] == 720


def test_an_absent_part_is_named():
    plugged = Plugged(**ROOM)
    plugged.chip.gone = True
    with pytest.raises(SensorError, match="scd41: no answer at 0x62"):
        plugged.start()


def test_a_wrong_checksum_is_no_reading_and_a_fault():
    plugged = Plugged(**ROOM)
    plugged.start()
    plugged.chip.damaged_answers = 1
    assert set(plugged.measure(after_s=6).values()) == {None}
    assert "checksum" in plugged.driver.last_fault
    assert plugged.measure(after_s=6)["co2"] == 720


def test_a_part_that_hangs_is_flagged():
    plugged = Plugged(**ROOM)
    plugged.chip._flicker = lambda word: word
    plugged.start()
    found = [plugged.measure(after_s=10)["co2"] for _ in range(362)]
    assert found[:360] == [720] * 360
    assert found[360:] == [None, None]
    assert "stuck" in plugged.driver.last_fault
