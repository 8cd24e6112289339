# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The tables of home.db with calibrations and chosen corrections: appended, never changed.

Runs inside the caller's transaction. Must not import services or web.
"""

from dataclasses import astuple
from typing import Any

import apsw

from barri.domain.calibration import Calibration, Timeline
from barri.domain.corrections.chosen import ChosenCorrection
from barri.domain.household import DAY_S, HouseholdError

TABLES = """
CREATE TABLE IF NOT EXISTS calibration(id INTEGER PRIMARY KEY,
    node TEXT NOT NULL REFERENCES board(node), from_s INTEGER NOT NULL, at_s INTEGER NOT NULL,
    offset_ddb INTEGER, method TEXT NOT NULL, reference TEXT NOT NULL,
    number INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS correction(id INTEGER PRIMARY KEY,
    thing TEXT NOT NULL REFERENCES thing(id), quantity TEXT NOT NULL, from_s INTEGER NOT NULL,
    at_s INTEGER NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, sensor TEXT NOT NULL,
    number INTEGER NOT NULL) STRICT;
CREATE TRIGGER IF NOT EXISTS calibration_is_never_changed BEFORE UPDATE ON calibration
    BEGIN SELECT RAISE(ABORT, 'calibrations are appended, never changed'); END;
CREATE TRIGGER IF NOT EXISTS calibration_is_never_deleted BEFORE DELETE ON calibration
    BEGIN SELECT RAISE(ABORT, 'calibrations are appended, never deleted'); END;
CREATE TRIGGER IF NOT EXISTS correction_is_never_changed BEFORE UPDATE ON correction
    BEGIN SELECT RAISE(ABORT, 'corrections are appended, never changed'); END;
CREATE TRIGGER IF NOT EXISTS correction_is_never_deleted BEFORE DELETE ON correction
    BEGIN SELECT RAISE(ABORT, 'corrections are appended, never deleted'); END;
"""
MOST = 1000  # calibrations of one board, or corrections of one Thing: years of them

_CALIBRATION = "node, from_s, at_s, offset_ddb, method, reference, number"  # as in the class
_CORRECTION = "thing, quantity, from_s, at_s, name, version, sensor, number"


class AmendmentReads:
    """The reads that writer and reader of home.db share."""

    def _rows(self, sql: str, *bindings: Any) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def calibrations(self) -> list[Calibration]:
        """All calibrations ever recorded, in order; none in a file from before there were any."""
        return [Calibration(*row) for row in self._said("calibration", _CALIBRATION)]

    def corrections(self) -> list[ChosenCorrection]:
        """All corrections ever chosen, in order; none in a file from before there were any."""
        return [ChosenCorrection(*row) for row in self._said("correction", _CORRECTION)]

    def _said(self, table: str, columns: str) -> list[tuple[Any, ...]]:
        """The rows of a table that the gateway may look for before `barri web` has made it."""
        if not self._rows("SELECT 1 FROM sqlite_master WHERE name = ?", table):
            return []
        return self._rows(f"SELECT {columns} FROM {table} ORDER BY id")  # noqa: S608  (fixed)


def append_calibration(connection: apsw.Connection, calibration: Calibration) -> None:
    """Add a calibration at the end. Raises HouseholdError when the board has too many."""
    _demand_room(connection, "calibration", "node", calibration.node)
    connection.execute(
        f"INSERT INTO calibration({_CALIBRATION}) VALUES(?, ?, ?, ?, ?, ?, ?)",
        astuple(calibration),
    )


def append_correction(connection: apsw.Connection, chosen: ChosenCorrection) -> None:
    """Add a chosen correction at the end. Raises HouseholdError when the Thing has too many."""
    _demand_room(connection, "correction", "thing", chosen.thing)
    connection.execute(
        f"INSERT INTO correction({_CORRECTION}) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        astuple(chosen),
    )


def end_outdoor_corrections(
    connection: apsw.Connection, thing: str, known: list[ChosenCorrection], now_s: int
) -> None:
    """End what holds outdoors alone: the Thing is indoors from now on (Unix s)."""
    of_thing = [one for one in known if one.thing == thing]
    for datastream in sorted({one.datastream for one in of_thing}):
        last = Timeline(one for one in of_thing if one.datastream == datastream).at(now_s + DAY_S)
        if last is not None and last.correction is not None and last.correction.outdoors:
            from_s = max(now_s, last.from_s)
            end = ChosenCorrection(thing, last.quantity, from_s, now_s, number=last.number)
            append_correction(connection, end)


def _demand_room(connection: apsw.Connection, table: str, column: str, identity: str) -> None:
    sql = f"SELECT count(*) FROM {table} WHERE {column} = ?"  # noqa: S608  (fixed names)
    if next(iter(connection.execute(sql, (identity,))))[0] >= MOST:
        raise HouseholdError(f"{table}: {identity} has {MOST} of them; no more fit")
