# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the page shows, read from gateway.db: latest values, a day's series, what the city holds.

Every query is a short read-only transaction and asks for a bounded number of rows; nothing is
computed here that `derive` and `forward` have not written down. Must not import adapters or web.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import apsw

from barri.domain.desired import Reported
from barri.domain.observation import Datastream
from barri.domain.rollup import read
from barri.errors import StoreError
from barri.rows import Notice, read_notice
from barri_wire.messages import VOID_DAMAGED, VOID_OVERWRITTEN

RECENT_FRAMES = 2000  # how far back the search for a node's last frame goes
LAST_DECIDED = 5  # values shown of what left
LAST_NOTICES = 8
LAST_ALARMS = 20
ALARM_LASTS_S = 7 * 86_400  # not renewed for so long, it is history
ERASED = 2  # of stream.erase: the sink was asked and has answered
MOST_SILENT_S = 60  # a Thing may be quiet that long, or four windows, and counts as measuring
SEARCHED_FOR_A_VALUE = 100  # windows without a reading that are looked past
COUNTED = {
    "lost": f"SELECT total(count) FROM void WHERE reason IN ({VOID_OVERWRITTEN}, {VOID_DAMAGED})",  # noqa: S608  (two numbers)
    "undated": "SELECT total(count) FROM undated",
    "quarantine": "SELECT count(*) FROM quarantine",
    "alarm": "SELECT count(DISTINCT node) FROM alarm",
    "exception": "SELECT count(*) FROM exception",
}


@dataclass(frozen=True, slots=True)
class Latest:
    """A datastream's newest window. value: integer steps of the quantity, None without a reading.

    window_s: the finest window there is. valued_s: end of the newest window with a reading.
    made_with: the corrections of the value, as a roll-up says them. longest_s: the longest window.
    """

    window_s: int
    start_s: int
    value: int | None
    valued_s: int | None
    made_with: str = ""
    longest_s: int = 0

    @property
    def end_s(self) -> int:
        """When the window ended (Unix s)."""
        return self.start_s + self.window_s


@dataclass(frozen=True, slots=True)
class Series:
    """Windows in order of time: (start in Unix s, value in integer steps or None)."""

    window_s: int
    points: list[tuple[int, int | None]]


class Decided(NamedTuple):
    """One value as it was decided to leave: phenomenon time and the very text sent."""

    start_s: int
    end_s: int
    value_text: str
    arrived: bool


@dataclass(frozen=True, slots=True)
class CityStream:
    """What one recipient holds, or is about to get, of one Datastream in one consent era.

    arrived: values it has confirmed. waiting: decided values that it has not.
    closed_s: when the choice ended (Unix s). erased: it has answered that it deleted them.
    """

    era: str
    recipient: str
    datastream: Datastream
    opened_s: int
    closed_s: int | None
    erased: bool
    arrived: int
    waiting: int
    last: list[Decided] = field(default_factory=list)


class Told(NamedTuple):
    """What a sink has to tell the keeper of the gateway, filed under `about`.

    notice: what the page has words for; None in files of before, which have an English `text`.
    """

    recipient: str
    about: str
    text: str
    at_s: int
    notice: Notice | None


class Alarm(NamedTuple):
    """One kind of trouble of one board, over all its stores. Unix s; None: time not sure."""

    node: str
    kind: str
    first_s: int | None
    last_s: int | None
    times: int

    def is_recent(self, now_s: int) -> bool:
        """Say whether it may still be so; nothing takes an alarm away but time."""
        return self.last_s is None or now_s - self.last_s < ALARM_LASTS_S


@dataclass(frozen=True, slots=True)
class Overview:
    """One consistent look at the gateway. heard: newest arrival (Unix s) by node id."""

    latest: dict[Datastream, Latest]
    heard: dict[str, int]
    streams: list[CityStream]
    counted: dict[str, int]
    notices: list[Told]
    alarms: list[Alarm] = field(default_factory=list)
    reported: dict[str, Reported] = field(default_factory=dict)  # by node

    def of_thing(self, thing: str) -> dict[Datastream, Latest]:
        """The latest values of one Thing."""
        return {
            datastream: latest
            for datastream, latest in self.latest.items()
            if datastream.thing == thing
        }

    def last_heard(self, nodes: Iterable[str]) -> int | None:
        """Newest arrival (Unix s) from any of these nodes."""
        return max((self.heard[node] for node in nodes if node in self.heard), default=None)

    def stream(self, era: str) -> CityStream | None:
        """The stream of one consent era, or None before anything was decided in it."""
        return next((stream for stream in self.streams if stream.era == era), None)

    def ended(self, datastream: Datastream, recipient: str) -> list[CityStream]:
        """The ended streams of which the recipient got something, oldest first."""
        return [
            stream
            for stream in self.streams
            if (stream.datastream, stream.recipient) == (datastream, recipient)
            and stream.closed_s is not None
            and stream.arrived
        ]


MEASURING, KEEPING, NOT_MEASURING = "measuring", "keeping", "not_measuring"


def status(latest: Iterable[Latest], heard_s: int | None, now_s: int) -> str:
    """The state of a Thing in the three words that board, page and documents share.

    Measuring: a reading is recent. Keeping: the node is heard, its newest records are still to
    come. Not measuring: it is not heard, or heard without a reading.
    """
    windows = list(latest)
    limit_s = now_s - max([MOST_SILENT_S, *(4 * each.window_s for each in windows)])
    if any(each.valued_s is not None and each.valued_s >= limit_s for each in windows):
        return MEASURING
    behind = bool(windows) and all(each.end_s < limit_s for each in windows)
    if behind and heard_s is not None and heard_s >= limit_s:
        return KEEPING
    return NOT_MEASURING


class Readings:
    """The page's window on gateway.db. Raises StoreError when it cannot be read (yet).

    connect: opens the file read-only; each call uses a connection of its own, so any thread may.
    """

    def __init__(self, connect: Callable[[], apsw.Connection]) -> None:
        self._connect = connect

    @contextmanager
    def _snapshot(self) -> Iterator[apsw.Connection]:
        connection = self._connect()
        try:
            with connection:
                yield connection
        except apsw.Error as error:
            raise StoreError(
                f"the gateway's data cannot be read ({error}): is it running?"
            ) from error
        finally:
            connection.close()

    def overview(self) -> Overview:
        """Everything the page's first screen needs, as of one moment."""
        with self._snapshot() as connection:
            return Overview(
                latest_values(connection),
                last_heard(connection),
                city_streams(connection),
                counts(connection),
                notices(connection),
                alarms(connection),
                reported(connection),
            )

    def series(self, datastream: Datastream, from_s: int, to_s: int, most: int) -> Series:
        """The windows that start in [from_s, to_s), at the finest level of at most `most`."""
        with self._snapshot() as connection:
            return series(connection, datastream, from_s, to_s, most)


_OF_LEVEL = "FROM rollup WHERE thing = ? AND quantity = ? AND number = ? AND window_s = ?"


def _ask(connection: apsw.Connection, sql: str, *bindings: str | int) -> list[tuple[Any, ...]]:
    return list(connection.execute(sql, bindings))


def levels(connection: apsw.Connection) -> dict[Datastream, list[int]]:
    """Every datastream with its window lengths, shortest first, by skipping through the index."""
    sql = (
        "SELECT thing, quantity, number, window_s FROM rollup"
        " WHERE (thing, quantity, number, window_s) > (?, ?, ?, ?)"
        " ORDER BY thing, quantity, number, window_s LIMIT 1"
    )
    found: dict[Datastream, list[int]] = {}
    rows = _ask(connection, sql, "", "", 0, 0)
    while rows:
        thing, quantity, number, window_s = rows[0]
        found.setdefault(Datastream(thing, quantity, number), []).append(window_s)
        rows = _ask(connection, sql, thing, quantity, number, window_s)
    return found


def levels_of(connection: apsw.Connection, datastream: Datastream) -> list[int]:
    """The window lengths of one datastream, shortest first."""
    sql = (
        "SELECT window_s FROM rollup WHERE thing = ? AND quantity = ? AND number = ?"
        " AND window_s > ? ORDER BY window_s LIMIT 1"
    )
    found: list[int] = []
    while rows := _ask(connection, sql, *datastream, found[-1] if found else 0):
        found.append(rows[0][0])
    return found


def latest_values(connection: apsw.Connection) -> dict[Datastream, Latest]:
    """The newest window of each datastream, at its finest level."""
    return {
        datastream: _latest(connection, datastream, windows)
        for datastream, windows in levels(connection).items()
    }


def _finest(connection: apsw.Connection, datastream: Datastream, windows: list[int]) -> int:
    """The finest level that is still being written; odd lengths of a first minute are not."""
    sql = f"SELECT max(start_s) {_OF_LEVEL}"
    newest = {w: _ask(connection, sql, *datastream, w)[0][0] for w in windows}
    return max(windows, key=lambda window_s: (newest[window_s], -window_s))


def _latest(connection: apsw.Connection, datastream: Datastream, windows: list[int]) -> Latest:
    window_s = _finest(connection, datastream, windows)
    sql = f"SELECT start_s, value, weight_s, detail {_OF_LEVEL} ORDER BY start_s DESC LIMIT ?"
    rows = _ask(connection, sql, *datastream, window_s, SEARCHED_FOR_A_VALUE)
    start_s, newest, weight_s, detail = rows[0]
    valued = next((start + window_s for start, value, *_ in rows if value is not None), None)
    made_with = read(weight_s, detail).made_with
    return Latest(window_s, start_s, newest, valued, made_with, max(windows))


def series(
    connection: apsw.Connection, datastream: Datastream, from_s: int, to_s: int, most: int
) -> Series:
    """See `Readings.series`. When every level has more, the newest of the coarsest."""
    found = Series(0, [])
    windows = levels_of(connection, datastream)
    finest_s = _finest(connection, datastream, windows) if windows else 0
    for window_s in (each for each in windows if each >= finest_s):
        sql = (
            f"SELECT start_s, value {_OF_LEVEL} AND start_s >= ? AND start_s < ?"
            " ORDER BY start_s DESC LIMIT ?"
        )
        rows = _ask(connection, sql, *datastream, window_s, from_s, to_s, most + 1)
        found = Series(window_s, [(start, value) for start, value in reversed(rows[:most])])
        if len(rows) <= most:
            break
    return found


def last_heard(connection: apsw.Connection) -> dict[str, int]:
    """Newest arrival of a frame by node id (Unix s), among the last frames of all."""
    sql = (
        "SELECT node, max(arrival_s) FROM"
        " (SELECT node, arrival_s FROM frame ORDER BY id DESC LIMIT ?)"
        " WHERE arrival_s >= 0 GROUP BY node"  # -1: the gateway had no sure time
    )
    return {node: arrival_s for node, arrival_s in _ask(connection, sql, RECENT_FRAMES)}


def city_streams(connection: apsw.Connection) -> list[CityStream]:
    """What recipients hold, newest consent era last."""
    sql = (
        "SELECT id, settled, era, sink, thing, quantity, number, opened_s, closed_s, erase,"
        " forwarded FROM stream ORDER BY id"
    )
    return [_city_stream(connection, row) for row in _ask(connection, sql)]


def _city_stream(connection: apsw.Connection, row: tuple[Any, ...]) -> CityStream:
    identity, settled, era, sink, *datastream, opened_s, closed_s, erase, forwarded = row
    waiting = "SELECT count(*) FROM decided WHERE stream = ? AND position > ?"
    sql = (
        "SELECT start_s, end_s, value_text, position <= ? AND NOT EXISTS(SELECT 1 FROM exception e"
        " WHERE e.stream = d.stream AND e.position = d.position)"
        " FROM decided d WHERE stream = ? ORDER BY position DESC LIMIT ?"
    )
    rows = _ask(connection, sql, settled, identity, LAST_DECIDED)
    return CityStream(
        era=era,
        recipient=sink,
        datastream=Datastream(*datastream),
        opened_s=opened_s,
        closed_s=closed_s,
        erased=erase == ERASED,
        arrived=forwarded,
        waiting=_ask(connection, waiting, identity, settled)[0][0],
        last=[Decided(start_s, end_s, text, bool(there)) for start_s, end_s, text, there in rows],
    )


def notices(connection: apsw.Connection) -> list[Told]:
    """What the sinks have to say, newest first."""
    sql = "SELECT sink, code, text, at_s FROM notice ORDER BY at_s DESC LIMIT ?"
    return [
        Told(sink, about, text, at_s, read_notice(text))
        for sink, about, text, at_s in _ask(connection, sql, LAST_NOTICES)
    ]


def alarms(connection: apsw.Connection) -> list[Alarm]:
    """What boards do that a person has to look at, newest first."""
    sql = (
        "SELECT node, kind, min(CASE WHEN first_s >= 0 THEN first_s END),"
        " max(CASE WHEN last_s >= 0 THEN last_s END), sum(times) FROM alarm"
        " GROUP BY node, kind ORDER BY 4 DESC LIMIT ?"
    )
    return [Alarm(*row) for row in _ask(connection, sql, LAST_ALARMS)]


def reported(connection: apsw.Connection) -> dict[str, Reported]:
    """What each board last reported to be in force; none in a file from before there was any."""
    there = _ask(connection, "SELECT 1 FROM sqlite_master WHERE name = 'reported'")
    rows = _ask(connection, "SELECT node, version, result, at_s FROM reported") if there else []
    return {row[0]: Reported(*row) for row in rows}


def counts(connection: apsw.Connection) -> dict[str, int]:
    """How many things a human should know of: lost, set aside, without a sure date, unclear."""
    return {name: int(_ask(connection, sql)[0][0]) for name, sql in COUNTED.items()}
