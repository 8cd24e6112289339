# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The SGP41 driver against the chip model and the datasheet's examples."""

import asyncio

import pytest
from driver_bench import Bench, I2cBus, SteadyWorld
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers.sgp41 import Sgp41, humidity_word, temperature_word
from barri_node.errors import SensorError
from barri_tools.sim.chips import sgp41 as model
from barri_tools.sim.journal import Journal

USUAL = {"voc_index": 100.0, "nox_index": 1.0}


class Plugged:
    """A driver, its chip and their time. stalls_ms: how late every sleep ends."""

    def __init__(self, **options):
        self.world = SteadyWorld(**USUAL)
        self.bench = Bench()
        self.chip = model.Sgp41(self.world, Journal())
        self.stalls_ms = 0
        self.modes = []
        self.bench.now_us = 1_000_000
        self.driver = Sgp41(
            I2cBus(self.bench, self.chip), self._sleep_ms, self.bench.uptime_ms, **options
        )

    async def _sleep_ms(self, duration_ms):
        self.modes.append(self.chip.mode)
        await self.bench.sleep_ms(duration_ms + self.stalls_ms)

    def start(self):
        asyncio.run(self.driver.start())

    def measure(self, times=1):
        return asyncio.run(self._measure(times))

    async def _measure(self, times):
        for _ in range(times):
            self.bench.now_us += 1_000_000 - 51_000
            values = await self.driver.measure()
        return values


def test_the_datasheets_words_for_no_compensation():
    """SGP40 and SGP41 datasheets, table of the measurement command's parameters: 50 % is 0x8000
    with checksum 0xA2, 25 degC is 0x6666 with 0x93; the ends of the scales are 0 and 0xFFFF."""
    assert (humidity_word(500), temperature_word(2500)) == (0x8000, 0x6666)
    assert (humidity_word(0), temperature_word(-4500)) == (0, 0)
    assert (humidity_word(1000), temperature_word(13000)) == (0xFFFF, 0xFFFF)


@given(tenths=st.integers(0, 1000), hundredths=st.integers(-4500, 13000))
def test_the_words_are_the_datasheets_to_half_a_step(tenths, hundredths):
    assert abs(humidity_word(tenths) - tenths / 10 * 65535 / 100) <= 0.501
    assert abs(temperature_word(hundredths) - (hundredths / 100 + 45) * 65535 / 175) <= 0.501


def test_the_bytes_on_the_line_are_the_datasheets():
    """SGP41 datasheet, section 3: 0x2612 and 0x2619 with 0x8000 0xA2 0x6666 0x93."""
    sent = []

    class Line:
        def writeto(self, address, data):
            sent.append(bytes(data).hex())

        def readfrom_into(self, address, buffer):
            buffer[:] = bytes.fromhex("beef92" * 3)[: len(buffer)]

    bench = Bench()
    asyncio.run(Sgp41(Line(), bench.sleep_ms, bench.uptime_ms).start())
    assert sent[:3] == ["3682", "3615", "26128000a2666693"]
    assert sent[-1] == "26198000a2666693"


def test_the_first_46_seconds_have_no_index_and_no_fault():
    plugged = Plugged()
    plugged.start()
    assert plugged.measure(times=46) == {"voc_index": None, "nox_index": None}
    assert plugged.measure() == {"voc_index": 1, "nox_index": 1}
    assert plugged.driver.faults == 0


def test_usual_air_becomes_the_usual_index_and_an_event_shows():
    plugged = Plugged()
    plugged.start()
    assert abs(plugged.measure(times=4000)["voc_index"] - 100) <= 3
    plugged.world.values["voc_index"] = 300.0
    assert plugged.measure(times=120)["voc_index"] > 200


@pytest.mark.parametrize("stalls_ms", [0, 20, 300, 950])
def test_it_conditions_for_long_enough_and_never_for_more_than_ten_seconds(stalls_ms):
    """SGP41 datasheet, section 3.1: ten seconds and no longer, or the NOx pixel suffers."""
    plugged = Plugged()
    plugged.stalls_ms = stalls_ms
    begun_us = plugged.bench.now_us
    plugged.start()
    assert plugged.bench.now_us - begun_us >= 9_000_000
    plugged.stalls_ms = 0
    plugged.measure(times=3)
    assert not plugged.chip.harmed
    assert plugged.chip.mode == "measuring"
    first = plugged.modes.index("conditioning")
    assert "idle" not in plugged.modes[first:]


def test_a_start_that_fails_half_way_leaves_no_heater_on():
    plugged = Plugged()
    conditioning = plugged.driver._condition

    async def fails():
        await plugged.driver._ask_compensated(0x2612, 1)
        raise SensorError("a wrong checksum")

    plugged.driver._condition = fails
    with pytest.raises(SensorError):
        plugged.start()
    assert plugged.chip.mode == "idle"
    plugged.driver._condition = conditioning
    plugged.bench.now_us += 30_000_000
    plugged.start()
    assert not plugged.chip.harmed


@pytest.mark.parametrize("lost", range(9))
def test_a_line_that_fails_for_a_moment_while_conditioning_leaves_no_heater_on(lost):
    plugged = Plugged()
    write, refused = plugged.chip.write, []

    def fails_from_the_third_second_on(data, now_us):
        if plugged.bench.now_us > 4_000_000 and len(refused) <= lost:
            refused.append(data)
            plugged.chip._refuse()
        write(data, now_us)

    plugged.chip.write = fails_from_the_third_second_on
    with pytest.raises(SensorError, match="no answer"):
        plugged.start()
    assert len(refused) == lost + 1
    assert plugged.chip.mode == "idle"
    assert not plugged.chip.harmed


def test_a_sgp40_is_refused():
    """It has the same address and a serial number too, but no NOx pixel to condition."""
    plugged = Plugged()
    heat = plugged.chip._heat

    def only_measures(mode, words, now_us):
        if mode == "conditioning":
            plugged.chip._refuse()
        heat(mode, words, now_us)

    plugged.chip._heat = only_measures
    with pytest.raises(SensorError, match="sgp41: no answer"):
        plugged.start()


def test_an_absent_part_is_named():
    plugged = Plugged()
    plugged.chip.gone = True
    with pytest.raises(SensorError, match="sgp41: no answer at 0x59"):
        plugged.start()


def test_humidity_and_temperature_of_another_part_go_to_the_chip():
    climate = {"temperature": 3150, "humidity": 800}
    plugged = Plugged(climate=lambda: climate)
    plugged.start()
    plugged.measure()
    assert plugged.chip.told == (round(0.8 * 65535), round((31.5 + 45) * 65535 / 175))
    climate["humidity"] = None
    plugged.measure()
    assert plugged.chip.told == (0x8000, 0x6666)
    climate.clear()
    plugged.measure()
    assert plugged.chip.told == (0x8000, 0x6666)


def test_what_was_learnt_is_handed_over_every_five_minutes_from_the_third_hour_on():
    kept = []
    plugged = Plugged(save=kept.append)
    plugged.start()
    plugged.measure(times=3 * 3600)
    assert kept == []
    plugged.measure(times=3600)
    assert len(kept) == 12
    mean, std = kept[-1]
    assert (
        abs(mean / 10 - 10000) < 20
    )  # the model's usual raw signal is 30,000, counted from 20,000
    assert std > 0


def test_after_a_restart_the_index_goes_on_at_once():
    plugged = Plugged(load=lambda: (100_000, 500))
    plugged.start()
    plugged.world.values["voc_index"] = 300.0
    assert abs(plugged.measure(times=200)["voc_index"] - 300) < 40


@pytest.mark.parametrize("state", [None, (0, 0), (10**9, 5), (-1, -1)])
def test_a_kept_state_that_is_missing_or_makes_no_sense_does_no_harm(state):
    plugged = Plugged(load=lambda: state)
    plugged.start()
    assert plugged.measure(times=47) == {"voc_index": 1, "nox_index": 1}


def test_a_long_interruption_makes_it_learn_anew():
    """The reference's advice: what was learnt is not for use after more than ten minutes."""
    plugged = Plugged()
    plugged.start()
    plugged.measure(times=100)
    plugged.bench.now_us += 599_000_000
    assert plugged.measure()["voc_index"] is not None
    plugged.bench.now_us += 601_000_000
    assert plugged.measure()["voc_index"] is None


def test_unplugged_in_mid_life_it_is_conditioned_again():
    plugged = Plugged()
    plugged.start()
    plugged.measure(times=100)
    plugged.chip.gone = True
    for count in range(1, 10):
        assert set(plugged.measure().values()) == {None}
        assert plugged.driver.faults == count
    plugged.chip.gone = False
    plugged.chip.power_cycle(plugged.bench.now_us)
    del plugged.modes[:]
    plugged.bench.now_us += 1_000_000
    assert plugged.measure()["voc_index"] is not None
    assert plugged.modes.count("conditioning") > 10
    assert not plugged.chip.harmed


def test_a_loose_wire_does_not_condition_it_over_and_over():
    """Each conditioning is short enough; ten in two minutes would not be."""
    plugged = Plugged()
    plugged.start()
    del plugged.modes[:]
    for _ in range(12):
        plugged.chip.gone = True
        plugged.measure(times=5)
        plugged.chip.gone = False
        assert plugged.measure(times=5).keys() == {"voc_index", "nox_index"}
    assert plugged.modes.count("conditioning") <= 2 * 20
    assert not plugged.chip.harmed


def test_a_part_that_hangs_or_a_noisy_line_does_not_condition_it_again():
    plugged = Plugged()
    plugged.start()
    plugged.measure(times=100)
    del plugged.modes[:]
    plugged.chip.damaged_answers = 50
    plugged.measure(times=50)
    assert plugged.driver.faults == 50
    plugged.chip._flicker = lambda word: word
    plugged.measure(times=500)
    assert "conditioning" not in plugged.modes


def test_a_single_lost_answer_costs_one_value_only():
    plugged = Plugged()
    plugged.start()
    plugged.measure(times=60)
    plugged.chip.damaged_answers = 1
    assert set(plugged.measure().values()) == {None}
    assert "checksum" in plugged.driver.last_fault
    del plugged.modes[:]
    assert plugged.measure()["voc_index"] is not None
    assert "conditioning" not in plugged.modes


def test_a_pixel_that_is_broken_is_no_reading_and_leaves_the_other_alone():
    plugged = Plugged()
    plugged.start()
    plugged.measure(times=60)
    plugged.world.values["nox_index"] = None
    values = plugged.measure()
    assert values["nox_index"] is None
    assert values["voc_index"] is not None
    assert "end of its scale" in plugged.driver.last_fault


def test_a_part_that_hangs_is_flagged():
    plugged = Plugged()
    plugged.chip._flicker = lambda word: word
    plugged.start()
    assert plugged.measure(times=360)["voc_index"] is not None
    assert plugged.measure(times=2)["voc_index"] is None
    assert "stuck" in plugged.driver.last_fault
