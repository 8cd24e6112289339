# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of what is derived from the frame log: roll-ups, open windows, the follower's position.

Reads the receiver's tables (frame, schema, anchor, hello, void), writes only its own. Runs
inside the caller's transaction. Must not import services.
"""

from collections.abc import Sequence
from typing import Any

import apsw

from barri.adapters.stores import log, log_notes
from barri.adapters.stores.frame_row import UNKNOWN_TIME_S, FrameRow
from barri.domain.dating import Anchor, Timing
from barri.domain.holding import Key
from barri.domain.ranges import Ranges
from barri.domain.ranges import unpack as unpack_ranges
from barri.domain.rollup import EMPTY, Rollup, read, write
from barri.domain.windows import Window
from barri.rows import Held, LoggedFrame, OpenWindow, RollupKey, TimeScale
from barri_wire.schema import Schema

_TABLES = """
CREATE TABLE IF NOT EXISTS rollup(
    thing TEXT NOT NULL, quantity TEXT NOT NULL, number INTEGER NOT NULL,
    window_s INTEGER NOT NULL, start_s INTEGER NOT NULL,
    weight_s INTEGER NOT NULL, value INTEGER, detail BLOB NOT NULL,
    PRIMARY KEY(thing, quantity, number, window_s, start_s)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS derived_position(one INTEGER PRIMARY KEY CHECK(one = 1),
    frame INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS undated(
    frame INTEGER NOT NULL, reason TEXT NOT NULL, node TEXT NOT NULL, boot INTEGER,
    schema_id INTEGER NOT NULL, count INTEGER NOT NULL,
    not_before_s INTEGER NOT NULL, not_after_s INTEGER NOT NULL,
    PRIMARY KEY(frame, reason)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS undated_by_cause ON undated(reason, node, boot, schema_id);
CREATE TABLE IF NOT EXISTS dated(node TEXT NOT NULL, store_id INTEGER NOT NULL,
    boot INTEGER NOT NULL, zero_s INTEGER NOT NULL,
    PRIMARY KEY(node, store_id, boot)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cadence(thing TEXT PRIMARY KEY, window_s INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS derived_ranges(node TEXT NOT NULL, store_id INTEGER NOT NULL,
    ranges BLOB NOT NULL, PRIMARY KEY(node, store_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS open_window(
    stream INTEGER NOT NULL, start_s INTEGER NOT NULL, end_s INTEGER NOT NULL,
    due_s INTEGER NOT NULL, node TEXT NOT NULL, store_id INTEGER,
    first INTEGER NOT NULL, last INTEGER NOT NULL,
    weight_s INTEGER NOT NULL, detail BLOB NOT NULL,
    PRIMARY KEY(stream, start_s)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS open_window_by_store ON open_window(node, store_id, first);
CREATE INDEX IF NOT EXISTS open_window_by_due ON open_window(due_s);
"""
DUE_AT_ONCE = 1000
_WINDOW = (
    "SELECT stream, start_s, end_s, due_s, node, store_id, first, last, weight_s, detail"
    " FROM open_window"
)


def create(connection: apsw.Connection) -> None:
    """Make the tables that are missing."""
    connection.execute(_TABLES)


class DerivedRows:
    """See `barri.rows.DerivedRows`. Lives as long as the transaction it is used in."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def _rows(self, sql: str, *bindings: Any) -> list[tuple[Any, ...]]:
        return list(self._connection.execute(sql, bindings))

    def _one(self, sql: str, *bindings: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._connection.execute(sql, bindings).fetchone()
        return None if row is None else row[0]

    # The log and what else the receiver has written down.

    def position(self) -> int:
        """The last frame id that was taken; 0 at first."""
        return self._one("SELECT frame FROM derived_position") or 0

    def move(self, position: int) -> None:
        """Note the last frame id taken, in the transaction that keeps what came of it."""
        self._rows("INSERT OR REPLACE INTO derived_position VALUES(1, ?)", position)

    def frames(self, after: int, limit: int) -> list[LoggedFrame]:
        """The next frames of the log."""
        return [_frame(row) for row in log.read_frames(self._connection, after, limit)]

    def frames_of(self, ids: Sequence[int]) -> list[LoggedFrame]:
        """Certain frames of the log; those that are no longer there are left out."""
        found = [row for i in ids for row in self._rows("SELECT * FROM frame WHERE id = ?", i)]
        return [_frame(FrameRow(*row)) for row in found]

    def newest_arrival_s(self) -> int:
        """The newest known time in the log (Unix s); below 0 when there is none."""
        return log.newest_arrival_s(self._connection)

    def schema(self, node: str, schema_id: int) -> Schema | None:
        """What a node means by a schema id, or None."""
        return log.schema_of(self._connection, node, schema_id)

    def timing(self, node: str) -> Timing:
        """What is known of a node's boots: its own anchors and its newest hello."""
        anchors = tuple(Anchor(*row) for row in log.anchors_of(self._connection, node))
        hello = self._rows("SELECT boot, uptime_s, arrival_s FROM hello WHERE node = ?", node)
        if not hello:
            return Timing(anchors)
        known = hello[0][2] != UNKNOWN_TIME_S
        return Timing(anchors, hello[0][0], Anchor(*hello[0]) if known else None)

    def void(self, node: str, store_id: int) -> Ranges:
        """Sequences that the node has declared void."""
        found = log.void_ranges(self._connection, Key(node, store_id))
        return Ranges((first, count) for first, count, _reason in found)

    def void_mark(self) -> int:
        """A number that grows when something is declared void."""
        return self._one("SELECT max(id) FROM void") or 0

    # Frames without a place.

    def held(self) -> list[Held]:
        """The causes that may pass, each once (frame and count are those of one example)."""
        sql = (
            "SELECT frame, reason, node, boot, schema_id, count, not_before_s, not_after_s"
            " FROM undated WHERE reason IN ('schema', 'anchor', 'board')"
            " GROUP BY reason, node, boot, schema_id"
        )
        return [Held(*row) for row in self._rows(sql)]

    def held_frames(self, held: Held, limit: int) -> list[int]:
        """Frame ids held for that cause, oldest first."""
        sql = (
            "SELECT frame FROM undated WHERE reason = ? AND node = ? AND boot IS ?"
            " AND schema_id = ? ORDER BY frame LIMIT ?"
        )
        cause = (held.reason, held.node, held.boot, held.schema_id)
        return [row[0] for row in self._rows(sql, *cause, limit)]

    def hold(self, held: Held) -> None:
        """Write down why a frame has no place."""
        self._rows("INSERT OR REPLACE INTO undated VALUES(?, ?, ?, ?, ?, ?, ?, ?)", *held)

    def alarm(self, node: str, kind: str, now_s: int) -> None:
        """Raise or renew an alarm about a node, in this transaction."""
        log_notes.raise_alarm(self._connection, node, 0, kind, now_s)

    def let_go(self, frame: int) -> None:
        """Forget why a frame had no place; it is taken now, or held for another cause."""
        self._rows("DELETE FROM undated WHERE frame = ?", frame)

    def fixed_date(self, scale: TimeScale) -> int | None:
        """The Unix second at which that boot began, once it is fixed."""
        sql = "SELECT zero_s FROM dated WHERE node = ? AND store_id = ? AND boot = ?"
        zero_s: int | None = self._one(sql, *scale)
        return zero_s

    def note_date(self, scale: TimeScale, zero_s: int) -> None:
        """Fix when that boot began. It never changes any more."""
        self._rows("INSERT INTO dated VALUES(?, ?, ?, ?)", *scale, zero_s)

    # Roll-ups.

    def rollup(self, key: RollupKey) -> Rollup:
        """What is known of a window so far; EMPTY when nothing."""
        sql = (
            "SELECT weight_s, detail FROM rollup WHERE thing = ? AND quantity = ?"
            " AND number = ? AND window_s = ? AND start_s = ?"
        )
        rows = self._rows(sql, *key.datastream, key.window_s, key.start_s)
        return read(*rows[0]) if rows else EMPTY

    def put_rollup(self, key: RollupKey, rollup: Rollup, value: int | None) -> None:
        """Write down what is known of a window now."""
        place = (*key.datastream, key.window_s, key.start_s)
        content = (rollup.weight_s, value, write(rollup))
        self._rows(
            "INSERT OR REPLACE INTO rollup VALUES(?, ?, ?, ?, ?, ?, ?, ?)", *place, *content
        )

    def cadence_s(self, thing: str) -> int:
        """The longest whole window that boards of a Thing have sent; 0 when none."""
        return self._one("SELECT window_s FROM cadence WHERE thing = ?", thing) or 0

    def set_cadence(self, thing: str, window_s: int) -> None:
        """Note a longer one, and drop finer levels: what filled them were windows cut short."""
        self._rows("INSERT OR REPLACE INTO cadence VALUES(?, ?)", thing, window_s)
        self._rows("DELETE FROM rollup WHERE thing = ? AND window_s < ?", thing, window_s)

    def derived(self, node: str, store_id: int) -> Ranges:
        """Which sequences of a store were taken."""
        sql = "SELECT ranges FROM derived_ranges WHERE node = ? AND store_id = ?"
        body = self._one(sql, node, store_id)
        return Ranges() if body is None else unpack_ranges(body)

    def put_derived(self, node: str, store_id: int, ranges: Ranges) -> None:
        """Write down which sequences of a store were taken."""
        self._rows(
            "INSERT OR REPLACE INTO derived_ranges VALUES(?, ?, ?)", node, store_id, ranges.pack()
        )

    # Shared windows that are not final.

    def open_window(self, stream: int, start_s: int) -> OpenWindow | None:
        """The open window of a stream that starts then, or None."""
        rows = self._rows(f"{_WINDOW} WHERE stream = ? AND start_s = ?", stream, start_s)
        return _open_window(rows[0]) if rows else None

    def put_open_window(self, window: OpenWindow) -> None:
        """Write down an open window."""
        values = (
            window.stream,
            *window.window,
            window.due_s,
            window.node,
            window.store_id,
            window.first,
            window.last,
            window.rollup.weight_s,
            write(window.rollup),
        )
        self._rows(
            "INSERT OR REPLACE INTO open_window VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *values
        )

    def drop_open_window(self, stream: int, start_s: int) -> None:
        """Forget an open window: it was decided, or is withheld."""
        self._rows("DELETE FROM open_window WHERE stream = ? AND start_s = ?", stream, start_s)

    def open_windows_of(self, node: str, store_id: int, low: int, high: int) -> list[OpenWindow]:
        """Open windows fed by sequences within low..high-1 of that store only, oldest first."""
        where = "WHERE node = ? AND store_id = ? AND first >= ? AND last < ? ORDER BY start_s"
        rows = self._rows(f"{_WINDOW} {where}", node, store_id, low, high)
        return [_open_window(row) for row in rows]

    def open_stores(self) -> list[tuple[str, int]]:
        """The (node, store id) that open windows wait for."""
        sql = "SELECT DISTINCT node, store_id FROM open_window WHERE store_id IS NOT NULL"
        return [(row[0], row[1]) for row in self._rows(sql)]

    def open_windows_due(self, until_s: int) -> list[OpenWindow]:
        """Open windows whose grace has ended by then, oldest first, at most 1000."""
        where = "WHERE due_s <= ? ORDER BY due_s, start_s LIMIT ?"
        return [
            _open_window(row) for row in self._rows(f"{_WINDOW} {where}", until_s, DUE_AT_ONCE)
        ]

    def close_windows(self, stream: int) -> None:
        """Forget all open windows of a stream that has ended."""
        self._rows("DELETE FROM open_window WHERE stream = ?", stream)


def _frame(row: FrameRow) -> LoggedFrame:
    arrival_s = None if row.arrival_s == UNKNOWN_TIME_S else row.arrival_s
    return LoggedFrame(
        row.id,
        row.node,
        row.store_id,
        row.fresh,
        arrival_s,
        row.body,
        row.count,
        row.is_intact(),
    )


def _open_window(row: tuple[Any, ...]) -> OpenWindow:
    stream, start_s, end_s, due_s, node, store_id, first, last, weight_s, detail = row
    window, rollup = Window(start_s, end_s), read(weight_s, detail)
    return OpenWindow(stream, window, due_s, node, store_id, first, last, rollup)
