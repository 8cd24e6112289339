# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""home.db: what people at home have said (Things, boards, recipients, choices, calibrations).

The web process is its writer (`Home`), and so is a command for the moment it takes: each call is
one transaction that waits for the other's. The gateway reads it (`HomeReader`), before every
request it makes. Choices, calibrations and corrections are appended, never changed. Must not
import services or web.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from barri.adapters.stores.database import (
    open_reader,
    open_writer,
    refuse_unsound_sqlite,
    version_number,
)
from barri.adapters.stores.home_amendments import TABLES as AMENDMENT_TABLES
from barri.adapters.stores.home_amendments import (
    AmendmentReads,
    append_calibration,
    append_correction,
    end_outdoor_corrections,
)
from barri.adapters.stores.home_desired import TABLES as DESIRED_TABLES
from barri.adapters.stores.home_desired import DesiredReads, put_desired
from barri.domain.calibration import Calibration
from barri.domain.corrections.chosen import ChosenCorrection
from barri.domain.desired import Desired
from barri.domain.household import Board, Choice, HouseholdError, Recipient, Thing, in_force
from barri.errors import StoreError

_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS thing(id TEXT PRIMARY KEY, name TEXT NOT NULL, kit TEXT NOT NULL,
    indoor INTEGER NOT NULL, latitude REAL, longitude REAL, height_m REAL) STRICT;
CREATE TABLE IF NOT EXISTS board(node TEXT PRIMARY KEY, thing TEXT NOT NULL REFERENCES thing(id),
    password_hash TEXT NOT NULL, from_s INTEGER NOT NULL, to_s INTEGER,
    seal_key TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE IF NOT EXISTS recipient(id TEXT PRIMARY KEY, kind TEXT NOT NULL,
    name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS choice(id INTEGER PRIMARY KEY,
    thing TEXT NOT NULL REFERENCES thing(id), quantity TEXT NOT NULL, number INTEGER NOT NULL,
    recipient TEXT NOT NULL REFERENCES recipient(id), kind TEXT NOT NULL,
    window_s INTEGER NOT NULL, at_s INTEGER NOT NULL, era TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS pseudonym(thing TEXT NOT NULL REFERENCES thing(id),
    recipient TEXT NOT NULL REFERENCES recipient(id), id TEXT NOT NULL UNIQUE,
    PRIMARY KEY(thing, recipient)) STRICT;
CREATE TRIGGER IF NOT EXISTS choice_is_never_changed BEFORE UPDATE ON choice
    BEGIN SELECT RAISE(ABORT, 'choices are appended, never changed'); END;
CREATE TRIGGER IF NOT EXISTS choice_is_never_deleted BEFORE DELETE ON choice
    BEGIN SELECT RAISE(ABORT, 'choices are appended, never deleted'); END;
"""


class _Reads(AmendmentReads, DesiredReads):
    """The reads that writer and reader share."""

    def _rows(self, sql: str, *bindings: Any) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def things(self) -> list[Thing]:
        """All Things, by name."""
        rows = self._rows(
            "SELECT id, name, kit, indoor, latitude, longitude, height_m FROM thing"
            " ORDER BY name, id"
        )
        return [Thing(row[0], row[1], row[2], bool(row[3]), *row[4:]) for row in rows]

    def boards(self) -> list[Board]:
        """All boards, those that no longer serve included."""
        columns = "node, thing, password_hash, from_s, to_s, seal_key"
        rows = self._rows(f"SELECT {columns} FROM board ORDER BY node")  # noqa: S608  (fixed)
        return [Board(*row) for row in rows]

    def recipients(self) -> list[Recipient]:
        """All recipients, by name."""
        rows = self._rows("SELECT id, kind, name FROM recipient ORDER BY name, id")
        return [Recipient(*row) for row in rows]

    def choices(self) -> list[Choice]:
        """All choices ever made, in order; the last one of each key is valid."""
        rows = self._rows(
            "SELECT thing, quantity, number, recipient, kind, window_s, at_s, era FROM choice"
            " ORDER BY id"
        )
        return [Choice(*row) for row in rows]

    def pseudonyms(self) -> dict[tuple[str, str], str]:
        """The pseudonym of each (Thing id, recipient id) that something is shared of."""
        rows = self._rows("SELECT thing, recipient, id FROM pseudonym")
        return {(thing, recipient): pseudonym for thing, recipient, pseudonym in rows}

    def password_hash(self, node: str) -> str | None:
        """The `$7$` hash of a board that serves now; None for strangers and retired boards."""
        rows = self._rows("SELECT password_hash FROM board WHERE node = ? AND to_s IS NULL", node)
        return rows[0][0] if rows else None

    def seal_key(self, node: str) -> bytes | None:
        """The 16 bytes with which a board that serves now seals its messages, or None."""
        rows = self._rows("SELECT seal_key FROM board WHERE node = ? AND to_s IS NULL", node)
        return bytes.fromhex(rows[0][0]) if rows and rows[0][0] else None


class Home(_Reads):
    """The one writer of home.db. Calls may come from any thread; each is durable on return."""

    def __init__(
        self,
        path: Path | str,
        token: Callable[[int], str] = secrets.token_hex,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        """Open or create the file. token: n -> 2n random hex digits. now_s: Unix time."""
        self._token = token
        self._now_s = now_s
        self._lock = threading.RLock()
        self._connection = _open_for_writing(Path(path))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _rows(self, sql: str, *bindings: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return list(self._connection.execute(sql, bindings))

    @contextmanager
    def _transaction(self) -> Iterator[apsw.Connection]:
        with self._lock, _transaction(self._connection):
            yield self._connection

    def add_thing(self, thing: Thing) -> None:
        """Add a Thing, or say its properties anew; indoors, corrections for outdoors end."""
        place = (thing.latitude, thing.longitude, thing.height_m)
        values = (thing.id, thing.name, thing.kit, int(thing.indoor), *place)
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO thing VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET"
                " name = excluded.name, kit = excluded.kit, indoor = excluded.indoor,"
                " latitude = excluded.latitude, longitude = excluded.longitude,"
                " height_m = excluded.height_m",
                values,
            )
            if thing.indoor:
                now_s = int(self._now_s())
                end_outdoor_corrections(connection, thing.id, self.corrections(), now_s)

    def add_board(self, board: Board) -> None:
        """Add a board, or say anew whom it serves, until when and with which password."""
        dates = (board.from_s, board.to_s)
        values = (board.node, board.thing, board.password_hash, *dates, board.seal_key)
        with self._transaction() as connection:
            self._demand_known("thing", board.thing)
            connection.execute(
                "INSERT INTO board VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(node) DO UPDATE SET"
                " thing = excluded.thing, password_hash = excluded.password_hash,"
                " from_s = excluded.from_s, to_s = excluded.to_s, seal_key = excluded.seal_key",
                values,
            )

    def add_recipient(self, recipient: Recipient) -> None:
        """Add a recipient, or say its name anew."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO recipient VALUES(?, ?, ?) ON CONFLICT(id) DO UPDATE SET"
                " kind = excluded.kind, name = excluded.name",
                (recipient.id, recipient.kind, recipient.name),
            )

    def add_calibration(self, calibration: Calibration) -> None:
        """Append a calibration, or the end of one. Raises HouseholdError."""
        with self._transaction() as connection:
            self._demand_known("board", calibration.node)
            append_calibration(connection, calibration)

    def desire(self, desired: Desired) -> None:
        """Say what is desired of a board from now on. Raises HouseholdError for an old version."""
        with self._transaction() as connection:
            self._demand_known("board", desired.node)
            put_desired(connection, desired)

    def choose_correction(self, chosen: ChosenCorrection) -> None:
        """Append a chosen correction, or none. Raises CorrectionError, HouseholdError."""
        with self._transaction() as connection:
            self._demand_known("thing", chosen.thing)
            for thing in self.things():
                if thing.id == chosen.thing:
                    chosen.demand_valid_for(thing)
            append_correction(connection, chosen)

    def choose(
        self,
        thing: str,
        quantity: str,
        number: int,
        recipient: str,
        kind: str,
        window_s: int,
        now_s: int,
        *,
        measured_window_s: int = 1,
    ) -> Choice:
        """Append a decision and return the one in force; repeating that one appends nothing.

        kind: keep, share or coarser. window_s: see `Choice`; of `coarser` it must be a whole
        multiple (2 or more) of measured_window_s and divide a day. Raises HouseholdError.
        """
        era = "" if kind == "keep" else self._token(8)
        choice = Choice(thing, quantity, number, recipient, kind, window_s, now_s, era)  # type: ignore[arg-type]  # Choice checks the kind
        _demand_coarser(choice, measured_window_s)
        with self._transaction():
            self._demand_known("thing", thing)
            self._demand_known("recipient", recipient)
            standing = in_force(self.choices()).get(choice.key)
            if standing is not None and _same(standing, choice):
                return standing
            self._append(choice)
            self._keep_pseudonym_in_step(thing, recipient)
        return choice

    def _append(self, choice: Choice) -> None:
        values = (*choice.key, choice.kind, choice.window_s, choice.at_s, choice.era)
        self._connection.execute(
            "INSERT INTO choice(thing, quantity, number, recipient, kind, window_s, at_s, era)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )

    def _keep_pseudonym_in_step(self, thing: str, recipient: str) -> None:
        """One pseudonym while anything of the Thing is given to the recipient, none after."""
        valid = in_force(self.choices()).values()
        gives = any((c.thing, c.recipient) == (thing, recipient) and c.gives for c in valid)
        sql = "DELETE FROM pseudonym WHERE thing = ? AND recipient = ?"
        bindings: tuple[str, ...] = (thing, recipient)
        if gives:
            sql = "INSERT INTO pseudonym VALUES(?, ?, ?) ON CONFLICT(thing, recipient) DO NOTHING"
            bindings = (thing, recipient, self._token(8))
        self._connection.execute(sql, bindings)

    def _demand_known(self, table: str, identity: str) -> None:
        column = "node" if table == "board" else "id"
        sql = f"SELECT 1 FROM {table} WHERE {column} = ?"  # noqa: S608  (fixed names)
        if not self._rows(sql, identity):
            raise HouseholdError(f"{table} {identity[:40]!r} is not known here: add it first")


def _same(one: Choice, other: Choice) -> bool:
    return (one.kind, one.window_s) == (other.kind, other.window_s)


def _demand_coarser(choice: Choice, measured_window_s: int) -> None:
    if choice.kind != "coarser":
        return
    if choice.window_s % measured_window_s or choice.window_s <= measured_window_s:
        raise HouseholdError(
            f"window: choose whole windows of {measured_window_s} s, at least two of them"
        )


class HomeReader(_Reads):
    """The gateway's view of home.db: read-only, never blocks the writer, reopens by itself.

    Raises StoreError when the file is missing or cannot be read: then nothing may be taken for
    decided. Only `password_hash` answers None instead, which turns the node away.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._connection: apsw.Connection | None = None
        self._inode = 0

    def close(self) -> None:
        """Close the file; the next read opens it again."""
        with self._lock:
            self._close()

    def password_hash(self, node: str) -> str | None:
        """The `$7$` hash of a board that serves now; None for strangers, or without a file."""
        try:
            return super().password_hash(node)
        except StoreError:
            return None

    def _rows(self, sql: str, *bindings: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return list(self._opened().execute(sql, bindings))
            except (apsw.Error, OSError, StoreError) as error:
                self._close()
                raise StoreError(
                    f"{self._path} cannot be read ({type(error).__name__}): start `barri web`"
                    " once, or give the right home.db"
                ) from error

    def _opened(self) -> apsw.Connection:
        inode = self._path.stat().st_ino  # a restored backup is another file (without -wal, -shm)
        if self._connection is None or inode != self._inode:
            self._close()
            self._connection = open_reader(self._path)
            self._inode = inode
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


@contextmanager
def _transaction(connection: apsw.Connection) -> Iterator[None]:
    """Write all of it or nothing, with no other writer from its first read on.

    Raises StoreError when another process has been writing for longer than anybody waits.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
    except apsw.BusyError as error:
        raise StoreError("home.db is being written by another process: try again") from error
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _open_for_writing(path: Path) -> apsw.Connection:
    refuse_unsound_sqlite(version_number(apsw.sqlite_lib_version()))
    if path.parent.is_dir() and not path.exists():
        path.touch(mode=0o640)  # it holds the boards' seal keys
    connection = open_writer(path)  # WAL, every commit synced, both read back
    connection.pragma("foreign_keys", 1)
    _create(connection, path)
    return connection


def _create(connection: apsw.Connection, path: Path) -> None:
    version = connection.pragma("user_version")
    if version not in (0, _VERSION):
        raise StoreError(f"{path} was written by a newer barri ({version}): update this one")
    with _transaction(connection):
        connection.execute(_TABLES)
        connection.execute(AMENDMENT_TABLES)
        connection.execute(DESIRED_TABLES)
        connection.pragma("user_version", _VERSION)
