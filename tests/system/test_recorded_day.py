# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A recorded day goes through chips, drivers, firmware, gateway and city, value by value.

The file is read here anew, by csv alone; the day is that of a real Smart Citizen Kit.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from barri_tools.demo.stage import Stage
from barri_tools.demo.street import SCHOOL
from barri_tools.sim.world import Recording
from conftest import MakeScene, missing
from playing import Played, city_ends, end, open_gateway, share

DAY = Path(__file__).parents[3] / "shared" / "data" / "smart-citizen-kit-2018-12-06.csv"
ROW_S = 2
START_S = 6  # the node learns the time before time is sped up
# quantity: column, what turns its unit into ours, and the sensor's own step in our unit
COLUMNS = {
    "temperature": ("TEMP", 1, 0.01),
    "humidity": ("HUM", 1, 0.1),
    "pressure": ("PRESS", 10, 0.1),
    "light": ("LIGHT", 1, 1),
    "laeq": ("NOISE_A", 1, 0.1),
}
MOST_BEFORE_THE_TIME = 5  # rows that play before the node has connected and knows the time


@dataclass(frozen=True)
class Day:
    """A played file. eras: the city's sensor of each quantity."""

    path: Path
    played: Played
    eras: dict[str, str]

    def rows(self) -> list[dict[str, str]]:
        with self.path.open(encoding="utf-8") as file:
            names, _units, _titles, _ids, *cells = list(csv.reader(file))
        return [dict(zip(names, row, strict=False)) for row in cells]

    def expected(self, quantity: str) -> dict[int, float]:
        """Row number: what the file says, in our unit; rows without a reading are left out."""
        column, factor, _ = COLUMNS[quantity]
        found = {}
        for number, row in enumerate(self.rows()):
            text = row.get(column, "none")
            if text not in ("-1", "none", ""):
                found[number] = float(text) * factor
        return found

    def arrived(self, quantity: str) -> dict[int, float]:
        """Row number: what the city stored, by its timestamp alone."""
        stage = self.played.stage
        return {
            (row.time_ms // 1000 - stage.start_utc_s) // ROW_S - 1: float(row.value)
            for row in stage.record.observations
            if row.sensor == self.eras[quantity]
        }


def play(scene_of: MakeScene, path: Path, quantities: list[str]) -> Iterator[Day]:
    """Play a whole file at 30 times its speed."""
    recording = Recording(path, ROW_S)
    with Stage(scene_of(SCHOOL, recording, ROW_S, 30.0)) as stage:
        chosen = {q: share(stage, "thing-smart-citizen", q) for q in quantities}
        stage.conductor.set_speed(1.0)
        open_gateway(stage)
        stage.start_nodes()
        stage.wait(START_S)
        stage.conductor.set_speed(30.0)
        stage.wait(max(0.0, stage.start_utc_s + recording.duration_s + 2 - stage.now_s()))
        yield Day(path, end(stage), {q: choice.era for q, choice in chosen.items()})


@pytest.fixture(scope="module")
def day(make_scene: MakeScene) -> Iterator[Day]:
    if not DAY.is_file():
        missing(f"{DAY.name} is missing: it belongs into shared/data beside the project")
    yield from play(make_scene, DAY, list(COLUMNS))


@pytest.mark.parametrize("quantity", COLUMNS)
def test_what_arrives_of_a_recorded_day_is_what_the_file_says(day: Day, quantity: str) -> None:
    """Within the sensor's own step, and one more for rounding twice."""
    step = COLUMNS[quantity][2]
    expected, arrived = day.expected(quantity), day.arrived(quantity)
    wrong = {
        number: (value, expected.get(number))
        for number, value in arrived.items()
        if number not in expected or abs(value - expected[number]) > 1.5 * step + 1e-6
    }
    assert len(arrived) > 1000
    assert not wrong, f"{len(wrong)} of {len(arrived)}: {dict(list(wrong.items())[:10])}"


@pytest.mark.parametrize("quantity", COLUMNS)
def test_no_row_of_a_recorded_day_is_missing_once_the_node_knew_the_time(
    day: Day, quantity: str
) -> None:
    expected, arrived = day.expected(quantity), day.arrived(quantity)
    first = min(arrived)
    assert first <= MOST_BEFORE_THE_TIME
    assert not {number for number in expected if number >= first} - arrived.keys()


def test_a_recorded_day_arrives_once(day: Day) -> None:
    report = day.played.report
    assert (report.lost, report.duplicated, report.leaked) == (0, 0, 0), report.findings
    for era in day.eras.values():
        ends = city_ends(day.played.stage, era)
        assert len(ends) == len(set(ends))
