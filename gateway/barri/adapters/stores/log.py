# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The append-only log of what nodes sent, in gateway.db: frames, voids, hellos, schemas, alarms.

No index guards against duplicates: the receiver decides them in memory from exact ranges that
are checkpointed here, in the log's own commits, and rebuilt from the frames after them.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import apsw

from barri.adapters.stores import frame_row, log_notes, reported
from barri.adapters.stores.database import Database
from barri.adapters.stores.frame_row import UNKNOWN_TIME_S, FrameRow
from barri.domain.desired import Reported
from barri.domain.holding import Holding, Key
from barri.domain.ranges import Ranges, unpack
from barri.ports import LogState, NewFrame, Reject
from barri_wire.errors import FrameError
from barri_wire.messages import Hello
from barri_wire.schema import Schema, encode_schema, known_schema
from barri_wire.schema_decoder import decode_schema

SCHEMAS_PER_NODE = 32
ROWS_PER_STATEMENT = 50
RECENT_ROWS = 4096  # read at start, to recognise resends of them

TABLES = (
    frame_row.CREATE,
    *log_notes.TABLES,
    reported.CREATE,
    """CREATE TABLE IF NOT EXISTS received (node TEXT, store_id INTEGER, ranges BLOB NOT NULL,
        PRIMARY KEY (node, store_id)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1),
        through_id INTEGER NOT NULL, newest_arrival_s INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS void (id INTEGER PRIMARY KEY, node TEXT NOT NULL,
        store_id INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
        reason INTEGER NOT NULL, arrival_s INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS schema (id INTEGER, node TEXT, body BLOB NOT NULL,
        PRIMARY KEY (id, node)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS alarm (node TEXT, store_id INTEGER, kind TEXT,
        first_s INTEGER NOT NULL, last_s INTEGER NOT NULL, times INTEGER NOT NULL,
        PRIMARY KEY (node, store_id, kind)) WITHOUT ROWID""",
)

T = TypeVar("T")


def create(connection: apsw.Connection) -> None:
    """Make the tables of this module where they are missing."""
    for table in TABLES:
        connection.execute(table)


class FrameLog:
    """The log, for the receiver. Followers use the functions below with `Database.read`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.write_now(create)

    async def write(self, fn: Callable[["LogWriter"], T]) -> T:
        """Run `fn` in the next commit; return after it. Raises StoreError when it failed."""

        def work(connection: apsw.Connection) -> T:
            writer = LogWriter(connection)
            result = fn(writer)
            writer.flush()
            return result

        return await self._database.write(work)

    def state(self) -> LogState:
        """Read what the receiver keeps in memory: checkpoint plus the frames after it."""
        return self._database.read(load_state)

    def schema_of(self, node: str, schema_id: int) -> Schema | None:
        """Return what a node means by a schema id, or None."""
        return known_schema(schema_id) or self._database.read(
            lambda connection: schema_of(connection, node, schema_id)
        )

    async def note_reported(self, states: Iterable[Reported]) -> None:
        """Keep what boards said to be in force there."""
        await self._database.write(lambda connection: reported.note(connection, states))


class LogWriter:
    """What one commit may do to the log. Times are Unix seconds, -1 for unknown."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._run = connection.execute
        self._new: dict[int, FrameRow] = {}

    def append_frame(self, frame: NewFrame) -> None:
        """Add a frame at the end."""
        (node, store_id), first, count = frame.key, frame.first, frame.count
        what = (frame.fresh, frame.arrival_s, 0, frame.body)
        self._new[frame.id] = FrameRow(frame.id, node, store_id, first, count, *what)

    def flush(self) -> None:
        """Insert the frames that were added, many in one statement.

        Each statement lets other threads run, and getting back in line behind a busy event loop
        costs more than an insert.
        """
        rows = [row.sealed() for row in self._new.values()]
        for i in range(0, len(rows), ROWS_PER_STATEMENT):
            some = rows[i : i + ROWS_PER_STATEMENT]
            self._run(frame_row.insert_many(len(some)), [*itertools.chain(*some)])
        self._new.clear()

    def frame_body(self, frame_id: int) -> bytes | None:
        """Return the bytes of a stored frame, or None when it is gone."""
        if frame_id in self._new:
            return self._new[frame_id].body
        row = self._run("SELECT body FROM frame WHERE id = ?", (frame_id,)).fetchone()
        return row[0] if row else None

    def add_void(self, key: Key, first: int, count: int, reason: int, arrival_s: int) -> None:
        """Note sequences that will never come."""
        row = (*key, first, count, reason, arrival_s)
        self._run("INSERT INTO void VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)

    def quarantine(self, reject: Reject) -> bool:
        """Keep what cannot be used; the same bytes again only count. False: no room for more."""
        return log_notes.quarantine(self._connection, reject)

    def save_hello(self, node: str, hello: Hello, arrival_s: int, body: bytes) -> bool:
        """Keep the newest hello and its anchors. False for one that came before (a redelivery)."""
        return log_notes.save_hello(self._connection, node, hello, arrival_s, body)

    def save_schema(self, node: str, schema: Schema) -> bool:
        """Keep a schema that a node announced. False when it has announced too many."""
        have = one(self._run("SELECT count(*) FROM schema WHERE node = ?", (node,)))
        if have >= SCHEMAS_PER_NODE and schema_of(self._connection, node, schema.id) is None:
            return False
        row = (schema.id, node, encode_schema(schema))
        self._run("INSERT OR REPLACE INTO schema VALUES (?, ?, ?)", row)
        return True

    def schema(self, node: str, schema_id: int) -> Schema | None:
        """Return the schema that a node means by an id, or None."""
        return schema_of(self._connection, node, schema_id)

    def alarm(self, key: Key, kind: str, now_s: int) -> None:
        """Raise or renew an alarm that a person has to look at."""
        log_notes.raise_alarm(self._connection, *key, kind, now_s)

    def checkpoint(
        self, through_id: int, newest_arrival_s: int, changed: dict[Key, Ranges]
    ) -> None:
        """Save the stored ranges that changed since the last checkpoint."""
        rows = [(*key, ranges.pack()) for key, ranges in changed.items()]
        self._connection.executemany("INSERT OR REPLACE INTO received VALUES (?, ?, ?)", rows)
        row = (through_id, newest_arrival_s)
        self._run("INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?)", row)


def load_state(connection: apsw.Connection) -> LogState:
    """Rebuild the receiver's memory. A damaged checkpoint row is rebuilt from all frames."""
    state = LogState(next_frame_id=1, newest_arrival_s=UNKNOWN_TIME_S, held={})
    through_id = _load_checkpoint(connection, state)
    last_id = one(connection.execute("SELECT coalesce(max(id), 0) FROM frame"))
    state.next_frame_id = max(through_id, last_id) + 1
    for row in _rows_after(connection, min(through_id, last_id - RECENT_ROWS)):
        _note_row(state, row, counts=row.id > through_id)
    for node, store_id, first, count in connection.execute(
        "SELECT node, store_id, first, count FROM void"
    ):
        state.held.setdefault(Key(node, store_id), Holding()).void.add(first, count)
    return state


def _load_checkpoint(connection: apsw.Connection, state: LogState) -> int:
    """Fill in the ranges of the checkpoint; return the last frame id that they include."""
    row = connection.execute("SELECT through_id, newest_arrival_s FROM checkpoint").fetchone()
    if row is None:
        return 0
    try:
        for node, store_id, ranges in connection.execute("SELECT * FROM received"):
            state.held[Key(node, store_id)] = Holding(unpack(ranges))
    except ValueError:
        state.held.clear()
        return 0
    state.newest_arrival_s = row[1]
    return int(row[0])


def _note_row(state: LogState, row: FrameRow, counts: bool) -> None:
    """Note a frame as recent and, when the checkpoint has it not, as stored."""
    if not row.is_intact():
        return  # never acknowledged again: the node still has it or says that it is void
    holding = state.held.setdefault(Key(row.node, row.store_id), Holding())
    holding.remember(row.first_sequence, row.count, row.id, row.body)
    if counts:
        holding.stored.add(row.first_sequence, row.count)
    state.newest_arrival_s = max(state.newest_arrival_s, row.arrival_s)


def _rows_after(connection: apsw.Connection, after_id: int) -> Iterator[FrameRow]:
    for row in connection.execute("SELECT * FROM frame WHERE id > ? ORDER BY id", (after_id,)):
        yield FrameRow(*row)


def read_frames(connection: apsw.Connection, after_id: int, limit: int) -> list[FrameRow]:
    """Return up to `limit` frames after an id, in order of arrival, for those who follow the log.

    Check `is_intact()` of each before use; `fresh` says which of its records count.
    """
    rows = connection.execute(
        "SELECT * FROM frame WHERE id > ? ORDER BY id LIMIT ?", (after_id, limit)
    )
    return [FrameRow(*row) for row in rows]


def schema_of(connection: apsw.Connection, node: str, schema_id: int) -> Schema | None:
    """Return what a node means by a schema id: its own announcement, else a built-in kit."""
    row = connection.execute(
        "SELECT body FROM schema WHERE id = ? AND node = ?", (schema_id, node)
    ).fetchone()
    try:
        return decode_schema(row[0]) if row else known_schema(schema_id)
    except FrameError:
        return None  # damaged on disk: the node will be asked again


def anchors_of(connection: apsw.Connection, node: str) -> list[tuple[int, int, int]]:
    """Return (boot, uptime_s, utc_s) of a node, oldest boot first; utc_s in Unix seconds."""
    return list(
        connection.execute(
            "SELECT boot, uptime_s, utc_s FROM anchor WHERE node = ? ORDER BY boot, uptime_s",
            (node,),
        )
    )


def newest_arrival_s(connection: apsw.Connection) -> int:
    """Return the newest known time in the log (Unix seconds), or -1."""
    row = connection.execute(
        "SELECT arrival_s FROM frame WHERE arrival_s >= 0 ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return int(row[0]) if row else UNKNOWN_TIME_S


def one(cursor: apsw.Cursor) -> int:
    """Return the number that a query always gives, such as a count."""
    (number,) = next(cursor)
    return int(number)


def void_ranges(connection: apsw.Connection, key: Key) -> list[tuple[int, int, int]]:
    """Return (first, count, reason) of what a node declared as never to come."""
    return list(
        connection.execute(
            "SELECT first, count, reason FROM void WHERE node = ? AND store_id = ? ORDER BY id",
            tuple(key),
        )
    )
