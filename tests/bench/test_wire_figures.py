# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The wire's figures do not get worse: a recorded day of a real kit, and days of other kits."""

import json
from pathlib import Path

import pytest

from barri_tools.bench import wire
from barri_tools.bench.days import Day, recorded_day
from barri_tools.bench.report import Report
from barri_tools.bench.synthetic import synthetic_day
from barri_tools.sim.recording import RecordingError

# Bytes per value; the promise for a real kit's day.
PROMISED_WHOLE = {10: 0.72, 30: 0.46}
PROMISED_PAYLOAD = {10: 0.55, 30: 0.41}
# Payload beside the order-0 entropy of the deltas, which on the recorded day is 0.31 for 0.41.
PROMISED_TO_ENTROPY = 0.41 / 0.31


@pytest.fixture(scope="module")
def recorded() -> Day:
    path = wire.find_recording()
    if path is None:
        pytest.skip(f"../{wire.RECORDING} is missing: no recorded day to measure with")
    return recorded_day(path)


@pytest.mark.parametrize("size", [10, 30])
def test_a_recorded_day_needs_no_more_than_promised(recorded: Day, size: int) -> None:
    assert wire.bytes_per_value(recorded, size, wire.frame_bytes) <= PROMISED_WHOLE[size]
    assert wire.bytes_per_value(recorded, size, wire.payload_bytes) <= PROMISED_PAYLOAD[size]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("kit", ["air", "noise"])
def test_days_of_other_kits_do_as_well_beside_their_entropy(kit: str, seed: int) -> None:
    day = synthetic_day(kit, seed)
    payload = wire.bytes_per_value(day, 30, wire.payload_bytes)
    assert payload <= PROMISED_TO_ENTROPY * wire.delta_entropy(day)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_days_of_an_energy_kit_pay_for_the_standing_of_their_counters(seed: int) -> None:
    # A frame decodes on its own, so each begins with two meter readings of 24 bits or so.
    day = synthetic_day("energy", seed)
    readings = 2 * 24 / 8 / (30 * 5)
    payload = wire.bytes_per_value(day, 30, wire.payload_bytes)
    assert payload <= PROMISED_TO_ENTROPY * wire.delta_entropy(day) + readings


@pytest.mark.parametrize("size", [10, 30])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_days_of_an_air_kit_need_no_more_than_the_recorded_one(seed: int, size: int) -> None:
    day = synthetic_day("air", seed)
    assert wire.bytes_per_value(day, size, wire.payload_bytes) <= PROMISED_PAYLOAD[size]
    assert wire.bytes_per_value(day, size, wire.frame_bytes) <= PROMISED_WHOLE[size]


def test_the_report_prints_and_writes_the_figures_by_their_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = wire.run(None, tmp_path)
    printed = dict(line.split(" ", 1) for line in capsys.readouterr().out.splitlines())
    written = json.loads((tmp_path / "wire.json").read_text())["figures"]
    for name in (
        "wire.bytes_per_value.frames_of_10",
        "wire.bytes_per_value.frames_of_30",
        "wire.payload_bytes_per_value.frames_of_10",
        "wire.payload_bytes_per_value.frames_of_30",
        "wire.ratio_to_cayenne_lpp",
    ):
        value, unit = printed[name].split(" ")
        assert float(value) == pytest.approx(written[name]["value"], rel=1e-3)
        assert unit == written[name]["unit"]
        assert report.figures[name][0] == written[name]["value"]


def test_a_figure_stands_once(tmp_path: Path) -> None:
    report = Report("x", tmp_path)
    report.add("a", 1, "s")
    with pytest.raises(ValueError, match="twice"):
        report.add("a", 2, "s")


def write_recording(path: Path, rows: list[str]) -> Path:
    names = "TIME,TEMP,PRESS,PM_1,NOISE_A,STRANGE"
    units = "ISO 8601,C,kPa,ug/m3,dBA,x"
    path.write_text("\n".join([names, units, names, names, *rows]) + "\n")
    return path


def test_any_file_of_the_layout_can_be_measured(tmp_path: Path) -> None:
    rows = [f"2020-01-01T00:{i:02}:00Z,-1.00,100.{i:02},none,-1,9" for i in range(12)]
    rows[3] = "2020-01-01T00:03:00Z,none,100.03,none,55.5,9"
    rows[5] = "never,1.00,100.00,none,50,9"
    day = recorded_day(write_recording(tmp_path / "day.csv", rows))
    assert [quantity.name for quantity in day.schema.quantities] == [
        "temperature",
        "laeq",
        "pressure",
    ]
    assert len(day.records) == 11
    assert day.records[0].values == (-100, None, 10000)
    assert day.records[3].values == (None, 555, 10003)
    assert day.records[5].start_s - day.records[4].start_s == 120
    for said in ("STRANGE", "pm1", "1 rows left out"):
        assert any(said in note for note in day.notes)
    report = Report("wire", tmp_path)
    wire.measure(day, report)
    assert report.figures["wire.bytes_per_value.frames_of_30"][0] > 0


def test_a_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n3,4\n5,6\n7,8\n")
    with pytest.raises(RecordingError):
        recorded_day(path)
