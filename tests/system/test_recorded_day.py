# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A recorded day goes through chips, drivers, firmware, gateway and city, value by value.

The file is read here anew, by csv alone; the day is that of a real Smart Citizen Kit.
"""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playing import MakeScene, Played, city_ends, end, open_gateway, power_on, share

from barri_tools.demo.stage import Stage
from barri_tools.demo.street import SCHOOL
from barri_tools.sim.world import Recording

DAY = Path(__file__).parents[3] / "shared" / "data" / "smart-citizen-kit-2018-12-06.csv"
ROW_S = 2
# quantity: column, what turns its unit into ours, and the sensor's own step in our unit
COLUMNS = {
    "temperature": ("TEMP", 1, 0.01),
    "humidity": ("HUM", 1, 0.1),
    "pressure": ("PRESS", 10, 0.1),
    "light": ("LIGHT", 1, 1),
    "laeq": ("NOISE_A", 1, 0.1),
}
MOST_LATE_MS = 400


@dataclass(frozen=True)
class Day:
    """A played file. eras: the city's sensor of each quantity."""

    path: Path
    played: Played
    eras: dict[str, str]
    known_s: float  # when the node knew the time, which it learns before time is sped up

    def first_whole_row(self) -> int:
        """The first row that begins after the node knew the time, and two to settle."""
        return int(self.known_s - self.played.stage.start_utc_s) // ROW_S + 3

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
        power_on(stage)
        known_s = stage.now_s()
        stage.conductor.set_speed(30.0)
        stage.wait(max(0.0, stage.start_utc_s + recording.duration_s + 2 - stage.now_s()))
        yield Day(path, end(stage), {q: choice.era for q, choice in chosen.items()}, known_s)


@pytest.fixture(scope="module")
def day(make_scene: MakeScene) -> Iterator[Day]:
    if not DAY.is_file():
        pytest.skip(f"{DAY.name} is missing: it belongs into shared/data beside the project")
    yield from play(make_scene, DAY, list(COLUMNS))


def differing(day: Day, quantity: str, expected: dict[int, float]) -> dict[int, object]:
    """Rows that arrived with another value, half a step for rounding allowed."""
    most = 1.5 * COLUMNS[quantity][2] + 1e-6
    arrived = day.arrived(quantity)
    assert len(arrived) >= len([row for row in expected if row >= day.first_whole_row()])
    return {
        row: (value, expected.get(row))
        for row, value in arrived.items()
        if row not in expected or abs(value - expected[row]) > most
    }


@pytest.mark.parametrize("quantity", ["temperature", "humidity", "pressure", "light"])
def test_what_arrives_of_a_recorded_day_is_what_the_file_says(day: Day, quantity: str) -> None:
    """Within the sensor's own step."""
    assert not differing(day, quantity, day.expected(quantity))


def test_the_sound_that_arrives_is_what_the_file_says(day: Day) -> None:
    """Within 0.1 dB, the node's windows being late by one constant time.

    A node's clock is as late as the answer that told it the time, and a level of two seconds takes
    so much of the next row; beside a row 13 dB louder 7 ms of it show.
    """
    expected = day.expected("laeq")
    late = [
        differing(day, "laeq", _late(expected, delay_ms)) for delay_ms in range(0, MOST_LATE_MS, 2)
    ]
    assert min(map(len, late)) == 0, min(late, key=len)


def _late(levels: dict[int, float], delay_ms: int) -> dict[int, float]:
    """The levels of windows that begin and end later than the rows (energy means)."""
    share = delay_ms / 1000 / ROW_S
    return {
        row: 10
        * math.log10(
            (1 - share) * 10 ** (level / 10) + share * 10 ** (levels.get(row + 1, level) / 10)
        )
        for row, level in levels.items()
    }


@pytest.mark.parametrize("quantity", COLUMNS)
def test_no_row_of_a_recorded_day_is_missing_once_the_node_knew_the_time(
    day: Day, quantity: str
) -> None:
    expected, arrived = day.expected(quantity), day.arrived(quantity)
    owed = {row for row in expected if row >= day.first_whole_row()}
    assert len(owed) > len(expected) - 20
    assert not owed - arrived.keys()


def test_a_recorded_day_arrives_once(day: Day) -> None:
    report = day.played.report
    assert (report.lost, report.duplicated, report.leaked) == (0, 0, 0), report.findings
    for era in day.eras.values():
        ends = city_ends(day.played.stage, era)
        assert len(ends) == len(set(ends))


# Another layout: other columns in another order, other units, missing values, no light at all.

OTHER = """\
TIME,HUM,PM_25,TEMP,PRESS,CO_MICS
ISO 8601,%,ug/m3,C,hPa,kOhm
Time,Humidity,PM 2.5,Temperature,Barometric pressure,Gas
,56,87,55,58,16
"""
OTHER_ROWS = 60


def other_row(row: int) -> str:
    """Every seventh humidity and every fifth temperature is missing; a pause has neither."""
    humidity = "-1" if row % 7 == 0 or 30 <= row < 36 else f"{40 + row * 0.3:.1f}"
    temperature = "none" if row % 5 == 0 or 30 <= row < 36 else f"{12 + row * 0.07:.2f}"
    return f"2026-05-01T00:{row:02}:00Z,{humidity},9,{temperature},{990 + row * 0.4:.1f},7\n"


@pytest.fixture(scope="module")
def other(make_scene: MakeScene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    path = tmp_path_factory.mktemp("recording") / "other.csv"
    path.write_text(OTHER + "".join(other_row(row) for row in range(OTHER_ROWS)))
    yield from play(make_scene, path, ["temperature", "humidity", "light"])


def test_another_recording_says_what_it_cannot_play(other: Day) -> None:
    notes = "\n".join(Recording(other.path, ROW_S).notes)
    for named in ("CO_MICS", "light", "laeq", "temperature has no reading in", "humidity has no"):
        assert named in notes


@pytest.mark.parametrize("quantity", ["temperature", "humidity"])
def test_what_arrives_of_another_recording_is_what_it_says_and_nothing_is_invented(
    other: Day, quantity: str
) -> None:
    expected, arrived = other.expected(quantity), other.arrived(quantity)
    assert not differing(other, quantity, expected)
    assert {row for row in expected if row >= min(arrived)} == arrived.keys()


def test_a_column_that_a_recording_lacks_gives_nothing(other: Day) -> None:
    assert other.arrived("light") == {}
    assert not any(kept.values.get("light") for kept in other.played.evidence.kept)


def test_another_recording_arrives_without_loss(other: Day) -> None:
    assert other.played.report.clean, other.played.report.findings
