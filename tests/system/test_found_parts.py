# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A node that finds its parts: what they measure arrives under a schema that it announces itself,
after a start with other parts too, and nothing is lost in between.
"""

from collections.abc import Iterator

import pytest
from playing import (
    MakeScene,
    Played,
    console,
    end,
    kept_of,
    open_gateway,
    power_on,
    rows,
    share,
    wait_for_the_city,
    wait_until,
)

from barri_tools.demo.evidence import Kept
from barri_tools.demo.stage import Stage
from barri_tools.demo.street import Resident
from barri_wire.quantities import BY_NAME
from barri_wire.schema_decoder import decode_schema

BALCONY = Resident("trobat3n", "found", "Balcó del 2n", 41.403_700, 2.154_500, 8.0)
THING = "thing-found"
FIRST = ("sht4x", "scd41", "sps30")
THEN = ("sht4x", "scd41", "bme280", "max17048")
DUST = {"pm1", "pm2_5", "pm4", "pm10"}
OF_FIRST = {"temperature", "humidity", "co2", *DUST}
OF_THEN = {"temperature", "humidity", "co2", "pressure", "battery"}
BEFORE_S = 6  # a SCD41's value may be five seconds old when it is read
STEPS = {"co2": 3, "battery": 1}  # a CO2 sensor alone knows no air pressure: 0.3 % of 480 ppm


@pytest.fixture(scope="module")
def refitted(make_scene: MakeScene) -> Iterator[Played]:
    """Other parts are put on the board while records of the first ones wait in its flash."""
    with Stage(make_scene((BALCONY,))) as stage:
        stage.fit(BALCONY.node, *FIRST)
        share(stage, THING, "temperature")
        open_gateway(stage)
        power_on(stage)
        wait_for_the_city(stage, 5)
        stage.kill_gateway()
        stage.wait(45)
        stage.kill_node(BALCONY.node)
        stage.fit(BALCONY.node, *THEN)
        open_gateway(stage)
        power_on(stage, BALCONY.node)
        wait_for_the_city(stage, 6)
        yield end(stage)


def test_the_parts_are_found_and_named(refitted: Played) -> None:
    said = console(refitted.stage, BALCONY.node)
    for part in {*FIRST, *THEN}:
        assert f": {part}\n" in said


def test_each_set_of_parts_is_announced_as_a_schema(refitted: Played) -> None:
    bodies = rows(refitted.stage, "SELECT body FROM schema WHERE node = ?", BALCONY.node)
    announced = [
        frozenset(quantity.name for quantity in decode_schema(body).quantities)
        for (body,) in bodies
    ]
    assert set(announced) == {frozenset(OF_FIRST), frozenset(OF_THEN)}


def measured_by(played: Played, names: set[str]) -> list[Kept]:
    """The records of a schema, in order."""
    kept = [one for one in kept_of(played.evidence, THING) if one.values.keys() == names]
    return sorted(kept, key=lambda one: one.sequence)


def test_nothing_is_lost_and_nothing_comes_twice(refitted: Played) -> None:
    assert refitted.report.clean, refitted.report.findings
    assert refitted.report.records_measured > 5
    assert refitted.report.records_void == 0
    kept = kept_of(refitted.evidence, THING)
    assert len({one.store_id for one in kept}) == 1
    assert sorted(one.sequence for one in kept) == list(range(len(kept)))
    before, after = measured_by(refitted, OF_FIRST), measured_by(refitted, OF_THEN)
    assert before[-1].sequence < after[0].sequence


@pytest.mark.parametrize(
    ("names", "name"),
    [(OF_FIRST, name) for name in sorted(OF_FIRST)]
    + [(OF_THEN, name) for name in sorted(OF_THEN)],
)
def test_a_value_is_what_the_chip_gave_out_in_its_window(
    refitted: Played, names: set[str], name: str
) -> None:
    """By the chip models' own journal, to a step or what an unknown air pressure makes."""
    readings = [
        one for one in refitted.evidence.readings if one.quantity == name and one.value is not None
    ]
    scale = 10 ** BY_NAME[name].decimals
    most_off = (STEPS.get(name, 0) + 1) / scale
    compared = 0
    for kept in measured_by(refitted, names):
        value = kept.values[name]
        if kept.start_s is None or value is None:
            continue
        until_s = kept.start_s + kept.duration_s
        given = [r.value for r in readings if kept.start_s - BEFORE_S <= r.at_s <= until_s]
        assert given, f"{name} from nowhere"
        low, high = min(v for v in given if v is not None), max(v for v in given if v is not None)
        assert low - most_off <= value / scale <= high + most_off
        compared += 1
    assert compared >= 3


def test_the_city_gets_it_from_both(refitted: Played) -> None:
    after = measured_by(refitted, OF_THEN)
    ends = {row.end_s for row in refitted.evidence.arrived}
    dated = [one.start_s for one in after if one.start_s is not None]
    assert min(ends) < min(dated) < max(ends)


# Nothing on the bus.


@pytest.fixture(scope="module")
def bare(make_scene: MakeScene) -> Iterator[Played]:
    with Stage(make_scene((BALCONY,))) as stage:
        stage.fit(BALCONY.node)
        open_gateway(stage)
        power_on(stage)
        there = "SELECT count(*) FROM frame"
        wait_until(stage, lambda: rows(stage, there)[0][0], 120, "a record of health")
        stage.wait(40)
        yield end(stage, 0)


def test_a_node_without_parts_says_what_to_check(bare: Played) -> None:
    assert "no part is found: check 3V3, GND, SDA and SCL" in console(bare.stage, BALCONY.node)


def test_a_node_without_parts_goes_on_telling_of_its_health(bare: Played) -> None:
    kept = kept_of(bare.evidence, THING)
    assert kept
    assert all("reset_cause" in one.values for one in kept)
    assert rows(bare.stage, "SELECT count(*) FROM schema")[0][0] == 0
