# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A blinking meter: energy from pulses, power from gaps, over wraps, reboots and stray light."""

import asyncio

import pytest
from driver_bench import Bench, SteadyWorld
from hypothesis import given
from hypothesis import strategies as st

from barri_node.energy.pulse_led import PulseLed, counter, pulses_for
from barri_tools.sim.chips import pulse_led as model
from barri_tools.sim.journal import Journal


class Counter:
    """What hardware hands over: the model's count at this moment."""

    def __init__(self, light, bench):
        self._light = light
        self._bench = bench

    def count(self):
        return self._light.count(self._bench.now_us)


class House:
    """Draws `power_w` from a bench's zero on, exactly."""

    def __init__(self, impulses=1000, bits=16, total=None):
        self.bench = Bench()
        self.world = SteadyWorld(energy_import=0.0)
        self.impulses = impulses
        self.light = model.PulseLed(self.world, Journal(), impulses, bits)
        self.power_w = 0.0
        self.bits = bits
        self.boot(total or counter(bits))

    def boot(self, total):
        pulses = Counter(self.light, self.bench)
        self.light.restart(self.bench.now_us)
        self.driver = PulseLed(pulses, self.bench.uptime_ms, self.impulses, total)
        asyncio.run(self.driver.start())

    def run(self, seconds, every_s=1):
        """Let time pass with a reading each `every_s`; give the last one."""
        return asyncio.run(self._run(seconds, every_s))

    async def _run(self, seconds, every_s):
        reading = None
        for _ in range(0, seconds, every_s):
            self.bench.now_us += every_s * 1_000_000
            self.world.values["energy_import"] += self.power_w * every_s / 3600
            reading = await self.driver.measure()
        return reading


@pytest.mark.parametrize("impulses", [500, 800, 1000, 3200, 10000])
def test_energy_and_power_of_a_steady_load(impulses):
    house = House(impulses)
    house.power_w = 1800.0
    reading = house.run(3600)
    assert reading["energy_import"] == pytest.approx(1800, abs=1 + 1000 / impulses)
    assert reading["power_import"] == pytest.approx(1800, rel=0.1)


@given(watts=st.integers(20, 20_000))
def test_power_is_right_within_a_second_of_a_gap(watts):
    house = House()
    house.power_w = float(watts)
    gap_s = 3600 / watts
    reading = house.run(int(4 * gap_s) + 60)
    assert reading["power_import"] == pytest.approx(watts, abs=1 + 1.1 * watts / max(10, gap_s))


def test_power_is_unknown_before_the_first_pulse_and_falls_while_none_comes():
    house = House()
    assert house.run(5)["power_import"] is None
    house.power_w = 3600.0
    assert house.run(60)["power_import"] == pytest.approx(3600, rel=0.1)
    house.power_w = 0.0
    falling = [house.run(10)["power_import"] for _ in range(29)]
    assert falling == sorted(falling, reverse=True)
    assert 0 < falling[-1] < 15
    assert house.run(20)["power_import"] == 0


def test_a_16_bit_counter_may_wrap_at_any_rate_of_readings():
    house = House(impulses=10000)
    house.power_w = 50_000.0
    reading = house.run(3 * 3600, every_s=300)
    assert reading["energy_import"] == pytest.approx(150_000, abs=1)
    assert house.driver.faults == 0


def test_a_boards_own_counter_goes_on_for_ever():
    house = House(impulses=10000, bits=40, total=counter(16))
    house.power_w = 50_000.0
    assert house.run(3 * 3600, every_s=300)["energy_import"] == pytest.approx(150_000, abs=1)
    assert house.driver.faults == 0


def test_a_counter_that_begins_anew_while_the_node_runs_is_no_wrap():
    house = House()
    house.power_w = 1000.0
    before = house.run(600)["energy_import"]
    house.light.restart(house.bench.now_us)
    assert 0 <= house.run(1)["energy_import"] - before <= 1
    assert "at once are none" in house.driver.last_fault
    assert house.run(600)["energy_import"] - before == pytest.approx(167, abs=1)


def test_a_reboot_counts_on_from_what_the_log_says():
    house = House()
    house.power_w = 1000.0
    energy_wh = house.run(3600)["energy_import"]
    house.boot(counter(16, recorded_pulses=pulses_for(energy_wh, 1000)))
    assert house.run(1)["energy_import"] == energy_wh
    assert house.run(3600)["energy_import"] == pytest.approx(2 * energy_wh, abs=1)


@given(energy=st.integers(0, 10**9), impulses=st.integers(1, 100_000))
def test_recorded_energy_and_its_pulses_mean_the_same(energy, impulses):
    pulses = pulses_for(energy, impulses)
    back = pulses * 1000 // impulses
    assert back >= energy
    assert (pulses - 1) * 1000 // impulses < energy or energy == 0


def test_stray_light_is_no_energy():
    house = House()
    house.power_w = 1000.0
    before = house.run(600)["energy_import"]
    house.light.flicker(500)
    after = house.run(1)
    assert after["energy_import"] - before <= 1
    assert after["power_import"] == pytest.approx(1000, rel=0.1)
    assert "does light fall in" in house.driver.last_fault
    assert house.run(600)["energy_import"] - before == pytest.approx(167, abs=2)


def test_a_covered_sensor_counts_nothing_and_invents_nothing():
    house = House()
    house.power_w = 1000.0
    before = house.run(600)["energy_import"]
    house.light.covered = True
    reading = house.run(600)
    assert (reading["energy_import"], reading["power_import"]) == (before, 0)


@pytest.mark.parametrize("impulses", [0, -1, 100_001])
def test_a_senseless_setting_is_refused(impulses):
    with pytest.raises(ValueError, match="impulses_per_kwh"):
        PulseLed(None, None, impulses)
