# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A recorded day is played row by row; what it lacks is named and never guessed."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barri_node.drivers.bh1750 import Bh1750
from barri_node.drivers.bme280 import Bme280
from barri_node.drivers.max17048 import Max17048
from barri_tools.sim.chips import bh1750, bme280, max17048
from barri_tools.sim.journal import Journal
from barri_tools.sim.world import Recording, RecordingError
from barri_wire.quantities import BY_NAME

REAL_DAY = Path(__file__).parents[4] / "shared" / "data" / "smart-citizen-kit-2018-12-06.csv"
needs_real_day = pytest.mark.skipif(
    not REAL_DAY.exists(), reason="../shared/data has no recorded day here"
)


def written(folder, *rows, names="TIME,BATT,TEMP,PRESS", units="ISO 8601,%,C,kPa"):
    path = folder / "day.csv"
    path.write_text("\n".join([names, units, names, ",,,", *rows]) + "\n")
    return path


def test_a_row_holds_for_its_two_seconds(tmp_path):
    day = Recording(written(tmp_path, "a,80,20.5,102.24", "b,79,20.6,102.25"))
    assert [day.value("temperature", t) for t in (0, 1.999999, 2, 3.999999)] == [
        20.5,
        20.5,
        20.6,
        20.6,
    ]
    assert day.value("pressure", 2.5) == pytest.approx(1022.5)
    assert day.duration_s == 4
    assert day.columns == ("battery", "temperature", "pressure")


def test_before_and_after_the_day_there_is_nothing_to_read(tmp_path):
    day = Recording(written(tmp_path, "a,80,20.5,102.24"), row_s=1.0)
    assert day.value("temperature", -0.1) is None
    assert day.value("temperature", 1.0) is None


@pytest.mark.parametrize("cell", ["-1", "none", "None", "", "x", "nan", "inf", "1e999", "-300"])
def test_marks_of_no_reading_and_nonsense_are_none(tmp_path, cell):
    day = Recording(written(tmp_path, f"a,80,{cell},102.24", "b,80,-1.00,102.24"))
    assert day.value("temperature", 0) is None
    assert day.value("temperature", 2) == -1.0
    assert "temperature has no reading in 1 of 2 rows" in day.notes


def test_what_is_empty_missing_or_unknown_is_named(tmp_path):
    path = written(
        tmp_path, "a,-1,20.5,400,99", names="TIME,BATT,TEMP,CO2,PRESS", units="ISO,%,C,ppm,psi"
    )
    notes = Recording(path).notes
    assert "battery is empty: no row has a reading" in notes
    assert "humidity is missing: the recording has no column for it" in notes
    assert "energy_import is missing: the recording has no column for it" in notes
    assert any("column CO2 is not played" in note for note in notes)
    assert any("column PRESS is not played: its unit 'psi'" in note for note in notes)


def test_short_rows_and_repeated_headers_do_not_shift_the_day(tmp_path):
    day = Recording(written(tmp_path, "a,80", "TIME,BATT,TEMP,PRESS", "", "c,81,19,101"))
    assert [row["battery"] for row in day.rows] == [80, 81]
    assert day.rows[0]["temperature"] is None


@pytest.mark.parametrize("text", ["", "hello\n", "a,b\n1,2\n3,4\n5,6\n7,8\n", "TEMP\nC\n"])
def test_another_file_is_refused_with_what_to_do(tmp_path, text):
    path = tmp_path / "other.csv"
    path.write_text(text)
    with pytest.raises(RecordingError, match=r"other\.csv is not a kit's recording"):
        Recording(path)


def test_a_file_of_headers_alone_is_refused(tmp_path):
    with pytest.raises(RecordingError, match="no rows"):
        Recording(written(tmp_path))


@given(content=st.binary(max_size=400))
def test_any_bytes_are_a_recording_or_a_recording_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("fuzz") / "day.csv"
    path.write_bytes(b"TIME,TEMP\nISO,C\n,\n,\n" + content)
    try:
        day = Recording(path)
    except RecordingError:
        return
    assert len(day.rows) * 2 == day.duration_s


class Bus:
    """An I2C bus whose time the test sets."""

    def __init__(self, *chips):
        self._chips = {chip.address: chip for chip in chips}
        self.now_us = 0

    async def sleep_ms(self, ms):
        self.now_us += ms * 1000

    def writeto(self, address, data):
        self._chips[address].write(bytes(data), self.now_us)

    def writeto_mem(self, address, register, data):
        self.writeto(address, bytes((register,)) + bytes(data))

    def readfrom_into(self, address, buffer):
        buffer[:] = self._chips[address].read(len(buffer), self.now_us)

    def readfrom_mem_into(self, address, register, buffer):
        self.writeto(address, bytes((register,)))
        self.readfrom_into(address, buffer)


async def played(day):
    """Measure once in each row; give the values by row, as the drivers gave them."""
    chips = (c(day, Journal()) for c in (bme280.Bme280, bh1750.Bh1750, max17048.Max17048))
    bus = Bus(*chips)
    bus.now_us = 5000
    drivers = (Bme280(bus, bus.sleep_ms), Bh1750(bus, bus.sleep_ms), Max17048(bus))
    rows = []
    for index in range(len(day.rows)):
        if index == 0:
            for driver in drivers:
                await driver.start()
        bus.now_us = int(index * day.row_s * 1e6) + 500_000
        row = {}
        for driver in drivers:
            row.update(await driver.measure())
        rows.append(row)
    return rows


@needs_real_day
def test_the_drivers_read_a_real_day_value_by_value():
    """Within one step of the quantity table, and "no reading" exactly where the file has none."""
    day = Recording(REAL_DAY)
    compared = 0
    for measured, recorded in zip(asyncio.run(played(day)), day.rows, strict=True):
        for name, value in measured.items():
            assert (value is None) == (recorded[name] is None)
            if value is not None:
                steps = recorded[name] * 10 ** BY_NAME[name].decimals
                assert value == pytest.approx(steps, abs=1.0), name
                compared += 1
    assert compared == 1297 * 4 + (1297 - 162)


def test_a_day_with_holes_in_it_keeps_its_other_values(tmp_path):
    """A BME280 needs a temperature for the rest: the last known one bridges the hole."""
    rows = ["a,80,20.5,102.24", "b,79,none,102.25", "c,-1,20.7,none"]
    day = Recording(written(tmp_path, *rows))
    measured = asyncio.run(played(day))
    assert [row["temperature"] for row in measured] == [2050, None, 2070]
    assert [row["pressure"] for row in measured] == [10224, 10225, None]
    assert [row["battery"] for row in measured] == [80, 79, None]
    assert [row["humidity"] for row in measured] == [None, None, None]
