# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Whatever meter the settings name: over restarts what is told never goes down, and lost records
cost resolution, not energy. Only pulses that nobody counted are lost, and none is made up.
"""

import asyncio
import tempfile

import pytest
from driver_bench import Bench, SteadyWorld
from hypothesis import given, settings
from hypothesis import strategies as st
from test_energy_on_micropython import Node, compiled  # noqa: F401 (a fixture)
from test_fitting import HOUSE, fitted

from barri_tools.sim.chips import p1_meter, pulse_led, pzem004t, sdm120
from barri_tools.sim.journal import Journal

METERS = {
    "p1": ({"kind": "p1"}, lambda world: p1_meter.P1Port(world, Journal())),
    "pzem004t": ({"kind": "pzem004t"}, lambda world: pzem004t.Pzem004t(world, Journal())),
    "sdm120": ({"kind": "sdm120"}, lambda world: sdm120.Sdm120(world, Journal())),
}
PULSES = {"kind": "pulse_led", "impulses_per_kwh": 4000}
# Of each reading: Wh since the one before; whether its record reaches the log; whether the power
# is cut then; whether the log knows an energy at the next start.
LIVES = st.lists(
    st.tuples(st.integers(0, 700), st.booleans(), st.booleans(), st.integers(0, 9).map(bool)),
    min_size=2,
    max_size=25,
)


class Living:
    """A node with a meter, its flash, and what of its energy is in the log."""

    def __init__(self, given, chip, folder):
        self.given, self.chip, self.folder = given, chip, folder
        self.bench = Bench()
        self.logged = []
        self.driver = None

    def start(self, knows=True):
        newest = {} if not knows else {"energy_import": self.logged[-1] if self.logged else 0}
        self.driver, _ = fitted(self.given, self.chip, self.folder, newest, self.bench)
        asyncio.run(self.driver.start())

    def read(self, kept=True):
        self.bench.now_us += 60_000_000
        energy_wh = asyncio.run(self.driver.measure())["energy_import"]
        if kept and energy_wh is not None:
            self.logged.append(energy_wh)
        return energy_wh


@pytest.mark.parametrize("kind", METERS)
@settings(max_examples=30)
@given(life=LIVES)
def test_a_meter_that_counts_itself_loses_nothing(kind, life):
    meter, make = METERS[kind]
    world = SteadyWorld(**HOUSE)
    with tempfile.TemporaryDirectory() as folder:
        node = Living(meter, make(world), folder)
        node.start()
        first = node.read()
        for rise_wh, kept, cut, knows in life:
            world.values["energy_import"] += rise_wh
            energy_wh = node.read(kept)
            used_wh = world.values["energy_import"] - HOUSE["energy_import"]
            assert energy_wh in (None, first + used_wh)
            if cut:
                node.start(knows)
        world.values["energy_import"] += 100  # all that may have been told before is passed
        assert node.read() == first + world.values["energy_import"] - HOUSE["energy_import"]
    assert node.logged == sorted(node.logged)


@settings(max_examples=60)
@given(life=LIVES)
def test_pulses_are_those_that_were_counted_while_the_node_ran(life):
    world = SteadyWorld(energy_import=0.0)
    light = pulse_led.PulseLed(world, Journal(), 4000)
    with tempfile.TemporaryDirectory() as folder:
        node = Living(PULSES, light, folder)
        node.start()
        seen_wh, began_wh, since_wh = 0, 0, 0  # in all; told when it started, and since
        for rise_wh, kept, cut, knows in life:
            world.values["energy_import"] += rise_wh
            seen_wh += rise_wh
            since_wh += rise_wh
            energy_wh = node.read(kept)
            if energy_wh is not None and began_wh is None:
                began_wh = energy_wh - since_wh
                assert max(node.logged[:-1], default=0) <= energy_wh <= seen_wh
            assert energy_wh == (None if began_wh is None else began_wh + since_wh)
            if cut:
                world.values["energy_import"] += 5  # nobody counts what comes while it is off
                node.start(knows)
                began_wh, since_wh = None, 0
        node.start()
        assert max(node.logged, default=0) <= node.read() <= seen_wh
    assert node.logged == sorted(node.logged)


def test_a_meter_of_another_kind_counts_on_and_back(tmp_path):
    """The kept states of pulses and of meters are not taken for one another's."""
    world = SteadyWorld(**HOUSE)
    port, light = p1_meter.P1Port(world, Journal()), pulse_led.PulseLed(world, Journal(), 4000)
    node = Living({}, port, tmp_path)
    node.start()
    assert node.read() == 4_218_334
    node.given, node.chip = PULSES, light
    node.start()
    node.read()
    world.values["energy_import"] += 1000
    assert node.read() == 4_219_334
    node.given, node.chip = {}, port
    node.start()
    world.values["energy_import"] += 10
    assert node.read() == 4_219_344


class Blinking(pulse_led.PulseLed):
    """A meter's light in a house that draws 60 kW. counted: since the last restart."""

    def __init__(self):
        self.world = SteadyWorld(energy_import=0.0)
        super().__init__(self.world, Journal(), PULSES["impulses_per_kwh"])
        self.restart(0)

    def restart(self, now_us):
        self.world.values["energy_import"] = now_us * 60_000 / 3.6e9
        super().restart(now_us)
        self.counted = 0

    def count(self, now_us):
        self.world.values["energy_import"] = now_us * 60_000 / 3.6e9
        held = super().count(now_us)
        self.counted = self._seen
        return held


def test_on_micropython_it_is_the_models_count_over_cuts_and_wraps(
    compiled,  # noqa: F811
    micropython,
    tmp_path,
):
    light = Blinking()
    node = Node(compiled, micropython, light)
    told_wh = 0
    for _ in range(4):
        light.restart(node._now_us)
        newest = {"energy_import": told_wh}
        *_, last = node.run("fitted", 20, 60_000, tmp_path, PULSES, newest)
        counted_wh = light.counted / 4
        assert light.counted > 65536, "the counter of 16 bits has begun again"
        assert told_wh + counted_wh - 1 < last["energy_import"] <= told_wh + counted_wh
        told_wh = last["energy_import"]
