# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of delivery: streams, decided values, the batch in flight, exceptions, notices.

Per stream one settled position: everything up to it is finished or has a row in `exception`.
Runs inside the caller's transaction. Must not import services.
"""

from collections.abc import Iterable
from typing import Any

import apsw

from barri.domain.observation import Datastream
from barri.domain.sharing import Policy, SharedObservation, era_of, pseudonym_of
from barri.domain.windows import Window
from barri.rows import Batch, Count, DecidedRow, Notice, StreamRow

_TABLES = """
CREATE TABLE IF NOT EXISTS stream(
    id INTEGER PRIMARY KEY, sink TEXT NOT NULL, era TEXT NOT NULL UNIQUE,
    thing TEXT NOT NULL, quantity TEXT NOT NULL, number INTEGER NOT NULL,
    window_s INTEGER NOT NULL, rule TEXT NOT NULL,
    opened_s INTEGER NOT NULL, closed_s INTEGER,
    registered INTEGER NOT NULL DEFAULT 0, settled INTEGER NOT NULL DEFAULT 0,
    pseudonym TEXT NOT NULL,
    decided INTEGER NOT NULL DEFAULT 0,      -- the last position given out
    forwarded INTEGER NOT NULL DEFAULT 0,    -- values that the sink has confirmed
    withheld INTEGER NOT NULL DEFAULT 0,     -- windows that never became final
    asked INTEGER NOT NULL DEFAULT 0,        -- a registration may have reached the sink
    registered_s INTEGER NOT NULL DEFAULT 0,
    paused_s INTEGER NOT NULL DEFAULT 0,     -- nothing is sent before
    erase INTEGER NOT NULL DEFAULT 0);       -- 0 no, 1 to be asked for, 2 done
CREATE INDEX IF NOT EXISTS stream_by_datastream ON stream(thing, quantity, number);
CREATE TABLE IF NOT EXISTS decided(
    stream INTEGER NOT NULL, position INTEGER NOT NULL,
    start_s INTEGER NOT NULL, end_s INTEGER NOT NULL, value_text TEXT NOT NULL,
    PRIMARY KEY(stream, position)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS decided_by_start ON decided(stream, start_s);
CREATE TABLE IF NOT EXISTS batch(
    sink TEXT PRIMARY KEY, lane TEXT NOT NULL, made_s INTEGER NOT NULL, body BLOB NOT NULL,
    doubt_s INTEGER, next_s INTEGER NOT NULL, checks INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS batch_row(
    sink TEXT NOT NULL, stream INTEGER NOT NULL, position INTEGER NOT NULL,
    found INTEGER NOT NULL, PRIMARY KEY(sink, stream, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS exception(
    stream INTEGER NOT NULL, position INTEGER NOT NULL,
    state TEXT NOT NULL,                     -- again, parked or unresolved
    reason TEXT NOT NULL, since_s INTEGER NOT NULL, next_s INTEGER NOT NULL,
    PRIMARY KEY(stream, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notice(
    sink TEXT NOT NULL,
    code TEXT NOT NULL,                      -- what it is about, such as parked:<era>
    text TEXT NOT NULL,                      -- `Notice.as_text`; a sentence in older files
    at_s INTEGER NOT NULL,
    PRIMARY KEY(sink, code)) WITHOUT ROWID;
"""
_STREAM = (
    "SELECT id, sink, era, thing, quantity, number, pseudonym, window_s, opened_s, closed_s,"
    " registered, settled FROM stream"
)
_IN_BATCH = (
    "EXISTS(SELECT 1 FROM batch_row b WHERE b.stream = d.stream AND b.position = d.position)"
)
_EXCEPTED = "SELECT count(*) FROM exception e JOIN stream s ON s.id = e.stream WHERE s.sink = ?"
_UNSENT = (
    "SELECT count(*) FROM decided d JOIN stream s ON s.id = d.stream WHERE s.sink = ?"  # noqa: S608
    f" AND position > settled AND NOT {_IN_BATCH}"
)


def create(connection: apsw.Connection) -> None:
    """Make the tables that are missing."""
    connection.execute(_TABLES)


class DeliveryRows:
    """See `barri.rows.DeliveryRows`. Lives as long as the transaction it is used in."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def _rows(self, sql: str, *bindings: Any) -> list[tuple[Any, ...]]:
        return list(self._connection.execute(sql, bindings))

    def _one(self, sql: str, *bindings: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._connection.execute(sql, bindings).fetchone()
        return None if row is None else row[0]

    # Streams.

    def open_stream(self, policy: Policy) -> None:
        """Begin the stream of a choice; one that is there stays as it is."""
        about = policy.datastream.about
        values = (policy.recipient, policy.era, *policy.datastream, policy.window_s, about.merge)
        self._rows(
            "INSERT INTO stream(sink, era, thing, quantity, number, window_s, rule, opened_s,"
            " pseudonym) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(era) DO NOTHING",
            *values,
            policy.since_s,
            policy.pseudonym,
        )

    def streams(self, sink: str | None = None) -> list[StreamRow]:
        """All streams, or those of one sink, oldest first."""
        rows = self._rows(f"{_STREAM} WHERE ?1 IS NULL OR sink = ?1 ORDER BY id", sink)
        return [_stream(row) for row in rows]

    def streams_of(self, datastream: Datastream) -> list[StreamRow]:
        """The streams of one Datastream that run."""
        where = "WHERE thing = ? AND quantity = ? AND number = ? AND closed_s IS NULL ORDER BY id"
        return [_stream(row) for row in self._rows(f"{_STREAM} {where}", *datastream)]

    def close_stream(self, stream: int, now_s: int) -> None:
        """End a stream: what was decided and is neither settled nor in flight is purged."""
        self._rows("UPDATE stream SET closed_s = ? WHERE id = ?", now_s, stream)
        waiting = (
            "position > (SELECT settled FROM stream WHERE id = d.stream) OR EXISTS(SELECT 1 FROM"
            " exception e WHERE e.stream = d.stream AND e.position = d.position"
            " AND e.state IN ('again', 'parked'))"
        )
        values = f"DELETE FROM decided AS d WHERE stream = ? AND ({waiting})"  # noqa: S608
        exceptions = "DELETE FROM exception AS d WHERE stream = ? AND state <> 'unresolved'"
        self._rows(f"{values} AND NOT {_IN_BATCH}", stream)
        self._rows(f"{exceptions} AND NOT {_IN_BATCH}", stream)
        self._drop_notices_of(stream)

    def _drop_notices_of(self, stream: int) -> None:
        """Nobody need look after a stream that has ended, nor after a quantity not given now."""
        self._rows(
            "DELETE FROM notice WHERE EXISTS(SELECT 1 FROM stream e WHERE e.id = ? AND"
            " e.sink = notice.sink AND (code = 'parked:' || e.era OR code = 'register:' ||"
            " e.quantity AND NOT EXISTS(SELECT 1 FROM stream o WHERE o.sink = e.sink AND"
            " o.quantity = e.quantity AND o.closed_s IS NULL)))",
            stream,
        )

    def may_need_erasure(self, stream: int) -> bool:
        """Say whether nobody has asked yet to erase a stream."""
        return bool(self._one("SELECT erase = 0 FROM stream WHERE id = ?", stream))

    def ask_to_erase(self, stream: int) -> None:
        """Note that the sink has to be asked to erase what it got."""
        self._rows("UPDATE stream SET erase = 1 WHERE id = ? AND erase = 0", stream)

    def to_erase(self, sink: str, now_s: int) -> list[StreamRow]:
        """Streams whose erasure has to be asked for now."""
        where = "WHERE sink = ? AND erase = 1 AND paused_s <= ? ORDER BY id"
        return [_stream(row) for row in self._rows(f"{_STREAM} {where}", sink, now_s)]

    def was_asked(self, stream: int) -> bool:
        """Say whether the sink may know of the stream."""
        return bool(self._one("SELECT asked FROM stream WHERE id = ?", stream))

    def note_erased(self, streams: Iterable[int]) -> None:
        """Note that the sink has erased them."""
        for stream in streams:
            self._rows("UPDATE stream SET erase = 2, registered = 0 WHERE id = ?", stream)

    def note_asked(self, streams: Iterable[int]) -> None:
        """Note, before it is sent, that a registration may reach the sink."""
        for stream in streams:
            self._rows("UPDATE stream SET asked = 1 WHERE id = ?", stream)

    def note_registered(self, streams: Iterable[int], now_s: int) -> None:
        """Note that the sink knows these streams."""
        for stream in streams:
            self._rows(
                "UPDATE stream SET registered = 1, registered_s = ? WHERE id = ?", now_s, stream
            )

    def registered_s(self, stream: int) -> int:
        """When the sink was told of a stream (Unix s); 0 when it was not."""
        return self._one("SELECT registered_s FROM stream WHERE id = ?", stream) or 0

    def pause(self, stream: int, until_s: int) -> None:
        """Try nothing more with a stream before that time."""
        self._rows("UPDATE stream SET paused_s = ? WHERE id = ?", until_s, stream)

    def is_paused(self, stream: int, now_s: int) -> bool:
        """Say whether nothing may be tried with a stream now."""
        sql = "SELECT paused_s > ? FROM stream WHERE id = ?"
        return bool(self._one(sql, now_s, stream))

    # Decided values.

    def append(self, stream: int, shared: SharedObservation) -> None:
        """Add a value at the end of a stream's sequence."""
        self._rows("UPDATE stream SET decided = decided + 1 WHERE id = ?", stream)
        self._rows(
            "INSERT INTO decided SELECT id, decided, ?, ?, ? FROM stream WHERE id = ?",
            shared.start_s,
            shared.end_s,
            shared.value_text,
            stream,
        )

    def is_decided(self, stream: int, start_s: int) -> bool:
        """Say whether the window that starts then was decided."""
        sql = "SELECT 1 FROM decided WHERE stream = ? AND start_s = ? LIMIT 1"
        return self._one(sql, stream, start_s) is not None

    def note_withheld(self, stream: int) -> None:
        """Count a window that never became final."""
        self._rows("UPDATE stream SET withheld = withheld + 1 WHERE id = ?", stream)

    def unsettled(self, stream: int, now_s: int, limit: int) -> list[DecidedRow]:
        """The next values to send, in order; none while the stream is paused or parked.

        Those that are known to be missing, or whose time has come again, go first.
        """
        parked = "SELECT 1 FROM exception WHERE stream = ? AND state = 'parked' AND next_s > ?"
        if self.is_paused(stream, now_s) or self._one(f"{parked} LIMIT 1", stream, now_s):
            return []
        sql = (
            "SELECT stream, position, start_s, end_s, value_text FROM decided d WHERE stream = ?1"
            " AND (position > (SELECT settled FROM stream WHERE id = ?1) OR position IN"
            " (SELECT position FROM exception WHERE stream = ?1 AND state <> 'unresolved'))"
            " ORDER BY position LIMIT ?2"
        )
        return [_decided(row) for row in self._rows(sql, stream, limit)]

    def first_window_s(self, stream: int) -> int | None:
        """The length of the windows of a stream that is given as measured; None before any."""
        sql = "SELECT end_s - start_s FROM decided WHERE stream = ? ORDER BY position LIMIT 1"
        length_s: int | None = self._one(sql, stream)
        return length_s

    # The batch in flight.

    def batch(self, sink: str) -> Batch | None:
        """The batch of a sink that is not settled, or None."""
        sql = "SELECT lane, made_s, body, doubt_s, next_s, checks FROM batch WHERE sink = ?"
        found = self._rows(sql, sink)
        if not found:
            return None
        lane, made_s, body, doubt_s, next_s, checks = found[0]
        rows = self._rows(
            "SELECT d.stream, d.position, d.start_s, d.end_s, d.value_text, b.found FROM batch_row"
            " b JOIN decided d USING(stream, position) WHERE b.sink = ? ORDER BY 1, 2",
            sink,
        )
        seen = {(row[0], row[1]) for row in rows if row[5]}
        carried = [_decided(row[:5]) for row in rows]
        return Batch(sink, lane, made_s, body, carried, doubt_s, next_s, checks, seen)

    def put_batch(self, batch: Batch) -> None:
        """Write down a batch: before its request, and whenever more is known about it."""
        self.drop_batch(batch.sink)
        head = (batch.sink, batch.lane, batch.made_s, batch.body)
        state = (batch.doubt_s, batch.next_s, batch.checks)
        self._rows("INSERT INTO batch VALUES(?, ?, ?, ?, ?, ?, ?)", *head, *state)
        for row in batch.rows:
            key = (row.stream, row.position)
            found = int(key in batch.found)
            self._rows("INSERT INTO batch_row VALUES(?, ?, ?, ?)", batch.sink, *key, found)

    def drop_batch(self, sink: str) -> None:
        """Forget the batch of a sink; what it carried is settled, or still waits."""
        self._rows("DELETE FROM batch WHERE sink = ?", sink)
        self._rows("DELETE FROM batch_row WHERE sink = ?", sink)

    def settle(self, rows: Iterable[DecidedRow]) -> None:
        """Note that the sink holds these values."""
        for row in rows:
            self._pass_by(row)
            self._rows("UPDATE stream SET forwarded = forwarded + 1 WHERE id = ?", row.stream)
            sql = "DELETE FROM exception WHERE stream = ? AND position = ?"
            self._rows(sql, row.stream, row.position)

    def except_rows(
        self, rows: Iterable[DecidedRow], state: str, reason: str, since_s: int, next_s: int
    ) -> None:
        """Note values that are not held by the sink, or nobody knows; next_s: try again then."""
        for row in rows:
            self._pass_by(row)
            self._rows(
                "INSERT INTO exception VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " state = excluded.state, reason = excluded.reason, next_s = excluded.next_s",
                *(row.stream, row.position, state, reason, since_s, next_s),
            )

    def forget(self, rows: Iterable[DecidedRow]) -> None:
        """Purge values of an ended stream that were in flight and did not arrive."""
        for row in rows:
            key = (row.stream, row.position)
            self._pass_by(row)
            self._rows("DELETE FROM decided WHERE stream = ? AND position = ?", *key)
            self._rows("DELETE FROM exception WHERE stream = ? AND position = ?", *key)

    def _pass_by(self, row: DecidedRow) -> None:
        sql = "UPDATE stream SET settled = max(settled, ?) WHERE id = ?"
        self._rows(sql, row.position, row.stream)

    # For people.

    def notice(self, sink: str, about: str, notice: Notice, at_s: int) -> None:
        """Write down what an operator has to know; the same again keeps its first time."""
        self._rows(
            "INSERT INTO notice VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text"
            " WHERE text <> excluded.text",
            *(sink, about, notice.as_text(), at_s),
        )

    def drop_notices(self, sink: str, abouts: Iterable[str]) -> None:
        """Take notices away: it is no longer so."""
        for about in abouts:
            self._rows("DELETE FROM notice WHERE sink = ? AND code = ?", sink, about)

    def notices(self, sink: str) -> dict[str, str]:
        """What an operator has to know of a sink, as written, by what it is about."""
        return dict(self._rows("SELECT code, text FROM notice WHERE sink = ?", sink))

    def in_flight(self, sink: str) -> list[DecidedRow]:
        """Values on their way although their stream has ended: listed at a withdrawal."""
        batch = self.batch(sink)
        ended = {row.id for row in self.streams(sink) if row.closed_s is not None}
        return [row for row in batch.rows if row.stream in ended] if batch else []

    def count(self, sink: str) -> Count:
        """How many values of a sink are where."""
        queries = (
            "SELECT total(forwarded) FROM stream WHERE sink = ?",
            _UNSENT,
            f"{_EXCEPTED} AND state <> 'unresolved'",
            f"{_EXCEPTED} AND state = 'unresolved'",
            "SELECT count(*) FROM batch_row JOIN batch USING(sink) WHERE sink = ?"
            " AND doubt_s IS NOT NULL",
            "SELECT total(withheld) FROM stream WHERE sink = ?",
        )
        return Count(*(int(self._one(sql, sink)) for sql in queries))


def _stream(row: tuple[Any, ...]) -> StreamRow:
    identity, sink, era, thing, quantity, number, pseudonym, *rest = row
    window_s, opened_s, closed_s, registered, settled = rest
    return StreamRow(
        identity,
        sink,
        era_of(era),
        Datastream(thing, quantity, number),
        pseudonym_of(pseudonym),
        window_s,
        opened_s,
        closed_s,
        bool(registered),
        settled,
    )


def _decided(row: tuple[Any, ...]) -> DecidedRow:
    stream, position, start_s, end_s, value_text = row
    return DecidedRow(stream, position, Window(start_s, end_s), value_text)
