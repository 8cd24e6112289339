# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A recorded day of a Smart Citizen Kit, played row by row to the chip models.

The layout: four header rows (short names, units, titles, sensor ids), then a row per reading; "-1"
and "none" mean no reading. What cannot be played is named in `notes`, never guessed.
"""

import csv
import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from barri_wire.quantities import BY_NAME, plausible

_HEADER_ROWS = 4
_MOST_ROWS = 200_000
_NO_READING = ("", "-1", "none")

# Short name of a column: the quantity, and what turns its unit (small letters) into the World's.
_COLUMNS: dict[str, tuple[str, dict[str, float]]] = {
    "BATT": ("battery", {"%": 1}),
    "LIGHT": ("light", {"lux": 1, "lx": 1}),
    "TEMP": ("temperature", {"c": 1, "ºc": 1, "°c": 1}),
    "HUM": ("humidity", {"%": 1, "%rh": 1, "% rel": 1}),
    "NOISE_A": ("laeq", {"dba": 1, "db": 1}),
    "PRESS": ("pressure", {"kpa": 10, "k pa": 10, "hpa": 1, "pa": 0.01}),
    "PM_1": ("pm1", {"ug/m3": 1}),
    "PM_25": ("pm2_5", {"ug/m3": 1}),
    "PM_10": ("pm10", {"ug/m3": 1}),
}
# What chip models could give besides, if a kit recorded it.
_NO_COLUMN_YET = ("energy_import", "energy_export", "power_import", "power_export", "voltage")
_CLOCK_COLUMN = "TIME"


class RecordingError(ValueError):
    """A file that cannot be played; the text says what to do."""


class Recording:
    """Plays a file as a World: row i holds for `i * row_s <= t_s < (i + 1) * row_s`.

    columns: the quantities that the file has a column for, in its order. rows: a dict of
    quantity to value or None each. duration_s: how long it plays; after it nothing can be read.
    notes: a sentence for everything that is empty, missing or cannot be played.
    Raises RecordingError for a file of another layout, OSError for one that cannot be read.
    """

    def __init__(self, path: str | Path, row_s: float = 2.0) -> None:
        if row_s <= 0:
            raise ValueError("row_s has to be above 0")
        self.row_s = row_s
        self.notes: list[str] = []
        with Path(path).open(encoding="utf-8-sig", errors="replace", newline="") as file:
            lines = csv.reader(file)
            try:
                header = list(islice(lines, _HEADER_ROWS))
                self._places = self._read_header(Path(path).name, header)
                self.rows = [self._read_row(cells) for cells in self._data_rows(header[0], lines)]
            except csv.Error as error:
                raise RecordingError(f"{Path(path).name} is not a CSV file: {error}") from error
        if not self.rows:
            raise RecordingError(f"{Path(path).name} has no rows after its {_HEADER_ROWS} headers")
        self.columns = tuple(self._places)
        self.duration_s = len(self.rows) * row_s
        self._note_gaps()

    def value(self, quantity: str, t_s: float) -> float | None:
        """See World.value. None also for what the file has no column for."""
        index = math.floor(t_s / self.row_s)
        if not 0 <= index < len(self.rows):
            return None
        return self.rows[index].get(quantity)

    def _read_header(self, name: str, header: list[list[str]]) -> dict[str, tuple[int, float]]:
        """Find the place of each quantity's column and the factor of its unit."""
        if len(header) < _HEADER_ROWS or not set(header[0]) & set(_COLUMNS):
            raise RecordingError(
                f"{name} is not a kit's recording: its first row has to name columns such as "
                f"{', '.join(_COLUMNS)}, and {_HEADER_ROWS} header rows come before the data"
            )
        places: dict[str, tuple[int, float]] = {}
        for place, (column, unit) in enumerate(zip(header[0], header[1], strict=False)):
            self._read_column(places, place, column.strip(), unit.strip())
        return places

    def _read_column(
        self, places: dict[str, tuple[int, float]], place: int, column: str, unit: str
    ) -> None:
        if column == _CLOCK_COLUMN or not column:
            return
        quantity, units = _COLUMNS.get(column, (None, {}))
        if quantity is None:
            self.notes.append(f"column {column} is not played: no chip model here measures it")
        elif unit.lower() not in units:
            self.notes.append(f"column {column} is not played: its unit {unit!r} is not known")
        elif quantity in places:
            self.notes.append(f"column {column} stands twice: only the first is played")
        else:
            places[quantity] = (place, units[unit.lower()])

    def _data_rows(self, names: list[str], lines: Iterator[list[str]]) -> Iterator[list[str]]:
        """Give the rows of readings; a header in their midst (a restart) is passed over."""
        rows = (cells for cells in lines if any(cells) and cells[0] != names[0])
        yield from islice(rows, _MOST_ROWS)
        if next(rows, None) is not None:
            self.notes.append(f"only the first {_MOST_ROWS} rows are played")

    def _read_row(self, cells: list[str]) -> dict[str, float | None]:
        return {
            quantity: _number(cells[place], factor, quantity) if place < len(cells) else None
            for quantity, (place, factor) in self._places.items()
        }

    def _note_gaps(self) -> None:
        for quantity in self._places:
            missing = sum(row[quantity] is None for row in self.rows)
            if missing == len(self.rows):
                self.notes.append(f"{quantity} is empty: no row has a reading")
            elif missing:
                self.notes.append(
                    f"{quantity} has no reading in {missing} of {len(self.rows)} rows"
                )
        for quantity in (*(name for name, _ in _COLUMNS.values()), *_NO_COLUMN_YET):
            if quantity not in self._places:
                self.notes.append(f"{quantity} is missing: the recording has no column for it")


def _number(text: str, factor: float, quantity: str) -> float | None:
    """Read a cell; None for the marks of no reading and for what no working sensor reports."""
    text = text.strip()
    if text.lower() in _NO_READING:
        return None
    try:
        value = float(text) * factor
    except ValueError:
        return None
    row = BY_NAME[quantity]
    steps = value * 10**row.decimals
    return value if math.isfinite(steps) and plausible(row, round(steps)) else None
