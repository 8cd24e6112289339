# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Repair a damaged database: set the file aside, copy every readable row into a new one.

Nothing is thrown away: the damaged file stays beside the new one for whoever can read more.
Rows of the frame log carry a checksum of their own; rows_in_pages.py finds those that no index
leads to any more.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from barri.adapters.stores import frame_row
from barri.adapters.stores.rows_in_pages import leaf_rows
from barri.errors import StoreError

Row = tuple[Any, ...]
COPY_ROWS = 1000  # rows per commit of the copy
ISLANDS = 4096  # places at which the copy starts anew behind damage
EVERYTHING_BUT_FRAMES = "everything but frames"


@dataclass
class Salvaged:
    """What a repair saved and what it could not.

    damaged: where the old file lies. rows: copied rows by table. incomplete: tables of which
    some rows could not be read, or that are gone altogether.
    """

    damaged: Path
    rows: dict[str, int] = field(default_factory=dict)
    incomplete: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """A table of the damaged file, as its creation text has it."""

    name: str
    sql: str
    by_rowid: bool = True


def is_sound(path: Path) -> bool:
    """Say whether SQLite finds nothing wrong in the file. Reads all of it once."""
    try:
        connection = apsw.Connection(str(path))
        try:
            return connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
        finally:
            connection.close()
    except (apsw.CorruptError, apsw.NotADBError):
        return False
    except apsw.Error as error:
        raise StoreError(f"{path} cannot be opened: {error}") from error


def salvage(path: Path) -> Salvaged:
    """Replace a damaged file by a new one with all that can still be read.

    Raises StoreError when not even the new file can be written.
    """
    aside = set_aside(path)
    result = Salvaged(aside)
    fresh = path.with_name(path.name + ".salvage")
    _remove(fresh)
    try:
        target = apsw.Connection(str(fresh))
        _copy_all(aside, target, result)
        target.close()
    except apsw.FullError as error:
        raise StoreError(f"{path.name} is damaged and the disk full: free some space") from error
    _sync(fresh)
    fresh.replace(path)
    _sync(path.parent)
    return result


def set_aside(path: Path) -> Path:
    """Rename the file and its companions to the first free `.damaged-N` and return that name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for companion in ("-wal", ""):
        old = path.with_name(path.name + companion)
        if old.exists():
            old.replace(aside.with_name(aside.name + companion))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    return aside


def _copy_all(aside: Path, target: apsw.Connection, result: Salvaged) -> None:
    try:
        source = apsw.Connection(str(aside))
        tables = _tables(source)
    except apsw.Error:
        result.incomplete.append(EVERYTHING_BUT_FRAMES)
        tables = []
    for table in tables:
        _copy_table(source, target, table, result)
        result.rows[table.name] = _count(target, table.name)
    if "frame" in result.incomplete or not tables:
        result.rows["frame"] = _frames_from_pages(aside, target)
    for (sql,) in _other_objects(source) if tables else []:
        target.execute(sql)
    if "received" in result.incomplete:
        target.execute("DELETE FROM checkpoint")  # the ranges are rebuilt from all frames


def _frames_from_pages(aside: Path, target: apsw.Connection) -> int:
    """Copy frames that no index leads to any more; their checksums tell them from debris."""
    target.execute(frame_row.CREATE)
    found = map(frame_row.intact_row, leaf_rows(aside))
    table = Table("frame", frame_row.CREATE, by_rowid=False)
    _insert(target, table, ((None, *row.sealed()) for row in found if row))
    return _count(target, "frame")


def _tables(source: apsw.Connection) -> list[Table]:
    rows = source.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    tables = []
    for name, sql in list(rows):
        tables.append(Table(name, sql, "WITHOUT ROWID" not in sql.upper()))
    return tables


def _other_objects(source: apsw.Connection) -> list[Row]:
    try:
        return list(
            source.execute(
                "SELECT sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL"
            )
        )
    except apsw.Error:
        return []


def _copy_table(
    source: apsw.Connection, target: apsw.Connection, table: Table, result: Salvaged
) -> None:
    target.execute(table.sql)
    problems: list[str] = []
    rows = _by_rowid(source, table, problems) if table.by_rowid else _ends(source, table, problems)
    _insert(target, table, rows)
    if problems:
        result.incomplete.append(table.name)


def _by_rowid(source: apsw.Connection, table: Table, problems: list[str]) -> Iterator[Row]:
    """Yield rows upwards; behind a damaged page go on from the far side of it."""
    yield from _scan(source, _select("rowid, *", table, "ORDER BY rowid"), problems)
    if problems:
        yield from _scan(source, _select("rowid, *", table, "ORDER BY rowid DESC"), [])
        yield from _islands(source, table)


def _islands(source: apsw.Connection, table: Table) -> Iterator[Row]:
    """Yield what lies between damaged pages: start anew at ever more places."""
    low, high = _edges(source, table)
    step = max(1, (high - low) // ISLANDS)
    for start in range(low, high + 1, step):
        query = _select("rowid, *", table, f"WHERE rowid >= {start} LIMIT {step}")
        yield from _scan(source, query, [])


def _edges(source: apsw.Connection, table: Table) -> tuple[int, int]:
    try:
        low, high = next(source.execute(_select("min(rowid), max(rowid)", table)))
    except apsw.Error:
        return 0, -1
    return (low, high) if low is not None else (0, -1)


def _ends(source: apsw.Connection, table: Table, problems: list[str]) -> Iterator[Row]:
    """Yield the rows of a table without rowid from both ends."""
    yield from _scan(source, _select("NULL, *", table), problems)
    if problems:
        keys = ", ".join(
            f'"{row[1]}" DESC'
            for row in source.execute(f'PRAGMA table_info("{table.name}")')
            if row[5]
        )
        yield from _scan(source, _select("NULL, *", table, f"ORDER BY {keys}"), [])


def _select(what: str, table: Table, rest: str = "") -> str:
    return f'SELECT {what} FROM "{table.name}" {rest}'  # noqa: S608 - names of our own tables


def _scan(source: apsw.Connection, query: str, problems: list[str]) -> Iterator[Row]:
    try:
        yield from source.execute(query)
    except apsw.Error as error:
        problems.append(str(error))


def _insert(target: apsw.Connection, table: Table, rows: Iterator[Row]) -> None:
    """Insert rows given as (rowid, columns...); those that are there already stay as they are."""
    names = [row[1] for row in target.execute(f'PRAGMA table_info("{table.name}")')]
    if table.by_rowid:
        names.insert(0, "rowid")
    listed = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    command = f'INSERT OR IGNORE INTO "{table.name}" ({listed}) VALUES ({marks})'  # noqa: S608
    skip = 0 if table.by_rowid else 1
    batch: list[Row] = []
    for row in rows:
        batch.append(row[skip:])
        if len(batch) == COPY_ROWS:
            with target:
                target.executemany(command, batch)
            batch = []
    with target:
        target.executemany(command, batch)


def _count(target: apsw.Connection, name: str) -> int:
    return int(next(target.execute(f'SELECT count(*) FROM "{name}"'))[0])  # noqa: S608


def _remove(path: Path) -> None:
    for companion in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + companion).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
