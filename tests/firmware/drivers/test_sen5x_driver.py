# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The SEN5x driver against the chip model and the datasheet's scales."""

import asyncio

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers.sen5x import Sen5x
from barri_node.errors import SensorError
from barri_tools.sim.chips import sen5x, sps30
from barri_tools.sim.chips.sensirion import packed, text_words
from barri_tools.sim.journal import Journal

STREET = {
    "pm1": 6.0,
    "pm2_5": 9.3,
    "pm4": 11.0,
    "pm10": 14.2,
    "temperature": -7.31,
    "humidity": 83.4,
    "voc_index": 112.0,
    "nox_index": 3.0,
}
PARTICLES = {"pm1": 60, "pm2_5": 93, "pm4": 110, "pm10": 142}
CLIMATE = {"temperature": -731, "humidity": 834}
INDICES = {"voc_index": 112, "nox_index": 3}
VALUES = {**PARTICLES, **CLIMATE, **INDICES}


class Plugged:
    """A driver, its chip and their time."""

    def __init__(self, chip=None, model="SEN55", channels=Sen5x.CHANNELS, **values):
        self.world = SteadyWorld(**values)
        self.bench = Bench()
        self.chip = chip or sen5x.Sen5x(self.world, Journal(), model)
        self.bench.now_us = 1_000_000
        bus = I2cBus(self.bench, self.chip)
        self.driver = Sen5x(bus, self.bench.sleep_ms, self.bench.uptime_ms, channels)

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


def without(*names):
    return {**VALUES, **dict.fromkeys(names)}


def test_the_bytes_on_the_line_are_the_datasheets():
    """SEN5x datasheet, section 6.1: product name 0xD014 (ASCII), values 0x03C4 (all unknown in
    idle), stop 0x0104, start 0x0021."""
    sent = []
    answers = [packed(*text_words("SEN54", 3)), packed(*[0xFFFF] * 4, *[0x7FFF] * 4)]

    class Line:
        def writeto(self, address, data):
            sent.append(bytes(data).hex())

        def readfrom_into(self, address, buffer):
            buffer[:] = answers.pop(0)

    bench = Bench()
    driver = Sen5x(Line(), bench.sleep_ms, bench.uptime_ms)
    asyncio.run(driver.start())
    assert sent == ["d014", "03c4", "0104", "0021"]
    assert driver.model == "SEN54"


@given(
    masses=st.lists(st.integers(0, 10000), min_size=4, max_size=4),
    temperature=st.integers(-4000, 8500),
    humidity=st.integers(0, 1000),
    indices=st.lists(st.integers(1, 500), min_size=2, max_size=2),
)
def test_gives_back_what_the_world_holds_within_one_step(masses, temperature, humidity, indices):
    steps = (*masses, temperature, humidity, *indices)
    per_unit = (10, 10, 10, 10, 100, 10, 1, 1)
    world = {name: step / unit for name, step, unit in zip(VALUES, steps, per_unit, strict=True)}
    values = warm(**world).measure()
    for name, step in zip(VALUES, steps, strict=True):
        assert abs(values[name] - step) <= 1


def test_a_whole_measurement():
    plugged = warm(**STREET)
    assert plugged.measure() == VALUES
    assert plugged.driver.faults == 0


def test_particles_wait_for_the_fan_and_the_rest_does_not():
    """SEN5x datasheet, table of the particle sensor: up to 30 s; NOx is unknown for 10 s."""
    plugged = Plugged(**STREET)
    plugged.start()
    assert plugged.measure(after_s=2) == without(*PARTICLES, "nox_index")
    assert plugged.measure(after_s=10) == without(*PARTICLES)
    assert plugged.measure(after_s=20) == VALUES
    assert plugged.driver.faults == 0


@pytest.mark.parametrize(
    ("model", "lacking"),
    [("SEN50", (*CLIMATE, *INDICES)), ("SEN54", ("nox_index",)), ("SEN55", ())],
)
def test_what_a_model_lacks_is_no_reading_and_no_fault(model, lacking):
    plugged = warm(model=model, **STREET)
    assert plugged.measure() == without(*lacking)
    assert plugged.driver.faults == 0
    assert plugged.driver.model == model


def test_a_value_is_given_once_and_one_a_second():
    plugged = warm(**STREET)
    assert plugged.measure() == VALUES
    assert plugged.measure(after_s=0) == dict.fromkeys(VALUES)
    assert plugged.measure() == VALUES


def test_what_nobody_wants_is_not_given():
    plugged = warm(channels=tuple(PARTICLES), **STREET)
    assert plugged.measure() == PARTICLES


@pytest.mark.parametrize(
    ("bit", "lost", "fault"),
    [
        (4, PARTICLES, "fan stands still"),
        (5, PARTICLES, "laser"),
        (6, CLIMATE, "humidity sensor"),
        (7, INDICES, "gas sensor"),
        (21, PARTICLES, "too slow or too fast"),
    ],
)
def test_what_the_part_complains_of_is_no_reading_and_the_rest_stays(bit, lost, fault):
    """SEN5x datasheet, section 6.5: the device status register."""
    plugged = warm(**STREET)
    plugged.chip.status = 1 << bit
    assert plugged.measure() == without(*lost)
    assert fault in plugged.driver.last_fault
    assert plugged.driver.faults == 1
    plugged.chip.status = 0
    assert plugged.measure() == VALUES


def test_cleaning_pauses_the_particles_and_is_no_fault():
    plugged = warm(**STREET)
    plugged.measure()
    plugged.driver.clean()
    found = [plugged.measure()["pm10"] for _ in range(60)]
    assert found[:38] == [None] * 38
    assert found[40:] == [142] * 20
    assert plugged.driver.faults == 0


def test_particles_during_a_cleaning_by_itself_are_no_reading():
    """It announces no new ones then; should it have some, the status says that it cleans."""
    plugged = warm(**STREET)
    plugged.chip.status = 1 << 19
    assert plugged.measure() == without(*PARTICLES)
    assert plugged.driver.faults == 0


def test_a_part_that_hangs_is_flagged():
    plugged = warm(**STREET)
    plugged.chip._flicker = lambda word: word
    found = [plugged.measure() for _ in range(362)]
    assert found == [VALUES] * 360 + [dict.fromkeys(VALUES)] * 2
    assert "stuck" in plugged.driver.last_fault


def test_steady_dust_of_a_model_without_humidity_is_not_called_stuck():
    """Its four words are tenths of ug/m3; clean air may well keep them for minutes."""
    plugged = warm(model="SEN50", **STREET)
    assert {plugged.measure()["pm10"] for _ in range(400)} == {142}
    assert plugged.driver.faults == 0


def test_values_that_cannot_be_are_flagged_and_counted():
    plugged = warm(**{**STREET, "voc_index": 700.0})
    assert plugged.measure() == without("voc_index")
    assert "voc_index is out of its range" in plugged.driver.last_fault


def test_a_sps30_at_the_same_address_is_refused():
    chip = sps30.Sps30(SteadyWorld(**STREET), Journal())
    with pytest.raises(SensorError, match="sen5x: no answer at 0x69"):
        Plugged(chip).start()


def test_another_product_is_refused_by_what_it_says_it_is():
    plugged = Plugged(**STREET)
    plugged.chip.model = "SEN66"
    with pytest.raises(SensorError, match="its name is 'SEN66', which is no SEN5x"):
        plugged.start()


def test_an_absent_part_is_named():
    plugged = Plugged(**STREET)
    plugged.chip.gone = True
    with pytest.raises(SensorError, match="sen5x: no answer at 0x69"):
        plugged.start()


def test_a_wrong_checksum_is_no_reading_and_a_fault():
    plugged = warm(**STREET)
    plugged.chip.damaged_answers = 1
    assert set(plugged.measure().values()) == {None}
    assert "checksum" in plugged.driver.last_fault
    assert plugged.measure() == VALUES


def test_a_part_that_lost_its_power_is_started_again():
    plugged = warm(**STREET)
    plugged.measure()
    plugged.chip.power_cycle(plugged.bench.now_us)
    found = [plugged.measure() for _ in range(60)]
    assert found[:19] == [dict.fromkeys(VALUES)] * 19
    assert found[-1] == VALUES
    assert "started again" in plugged.driver.last_fault


def test_a_part_that_announces_no_new_values_any_more_is_stopped_and_started():
    plugged = warm(**STREET)
    plugged.measure()
    plugged.chip._rhythm.paused_until_us = 10**15
    found = [plugged.measure() for _ in range(20)]
    assert found == [dict.fromkeys(VALUES)] * 20
    plugged.chip._rhythm.paused_until_us = 0
    plugged.measure()
    assert plugged.chip._rhythm.since_us(plugged.bench.now_us) < 2_000_000


def test_a_node_that_restarts_finds_the_part_measuring_and_lets_it_go_on():
    """Stopped, it would forget what its indices have learnt in hours."""
    plugged = warm(**STREET)
    bus = I2cBus(plugged.bench, plugged.chip)
    plugged.driver = Sen5x(bus, plugged.bench.sleep_ms, plugged.bench.uptime_ms)
    plugged.start()
    assert plugged.chip._rhythm.since_us(plugged.bench.now_us) > 30_000_000
    assert plugged.measure(after_s=2) == without(*PARTICLES)
    assert plugged.measure(after_s=30) == VALUES


@given(answer=st.lists(st.integers(0, 0xFFFF), min_size=8, max_size=8))
def test_any_answer_gives_plausible_values_or_none(answer):
    plugged = warm(**STREET)
    plugged.chip._values = lambda t_us: answer
    values = plugged.measure()
    for name in PARTICLES:
        assert values[name] is None or 0 <= values[name] <= 10000
    assert values["temperature"] is None or -5000 <= values["temperature"] <= 8500
    assert values["humidity"] is None or 0 <= values["humidity"] <= 1000
    assert all(values[name] is None or 1 <= values[name] <= 500 for name in INDICES)
