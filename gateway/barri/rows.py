# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What derive and forward ask of the gateway's file, as protocols over plain values.

A `Ledger` runs a function on `Rows` inside one transaction; what it changes is kept whole or not
at all. Imports only the domain.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, TypeVar, get_args

from barri.domain.dating import Timing
from barri.domain.final import Evidence
from barri.domain.observation import Datastream
from barri.domain.ranges import Ranges
from barri.domain.rollup import Rollup
from barri.domain.sharing import Era, Policy, Pseudonym, SharedObservation
from barri.domain.windows import Window
from barri_wire.schema import Schema

T = TypeVar("T")


class LoggedFrame(NamedTuple):
    """A frame of the log. fresh: packed bits as in domain.ranges. arrival_s: None if unknown.

    records: how many it has. intact: the row is what was once written.
    """

    id: int
    node: str
    store_id: int
    fresh: bytes | None
    arrival_s: int | None
    body: bytes
    records: int = 0
    intact: bool = True


class Held(NamedTuple):
    """A frame, or records of it, without a place in the roll-ups.

    reason: schema, anchor, board (tried again when that comes), implausible, damaged (final).
    """

    frame: int
    reason: str
    node: str
    boot: int | None
    schema_id: int
    records: int
    not_before_s: int
    not_after_s: int


class TimeScale(NamedTuple):
    """One boot (32 bits) as one store of a node counts it. A store id is never reused."""

    node: str
    store_id: int
    boot: int


class RollupKey(NamedTuple):
    """Which window of which Datastream; window_s is its length."""

    datastream: Datastream
    window_s: int
    start_s: int


class StreamRow(NamedTuple):
    """What one sink gets of one Datastream in one consent era. closed_s: None while it runs."""

    id: int
    sink: str
    era: Era
    datastream: Datastream
    pseudonym: Pseudonym
    window_s: int
    since_s: int
    closed_s: int | None
    registered: bool
    settled: int


@dataclass(slots=True)
class OpenWindow:
    """A shared window that is not final. store_id: None when several stores fed it."""

    stream: int
    window: Window
    due_s: int
    node: str
    store_id: int | None
    first: int
    last: int
    rollup: Rollup

    def evidence(self, complete: bool) -> Evidence:
        """What there is to judge it by."""
        return Evidence(self.window, self.rollup.weight_s, complete, self.due_s)


class DecidedRow(NamedTuple):
    """One decided value of a stream, in order of decision (positions from 1)."""

    stream: int
    position: int
    window: Window
    value_text: str


@dataclass(slots=True)
class Batch:
    """The one request of a sink that is committed and not settled. Times in Unix s.

    doubt_s: since when nobody knows what the platform stored; None right after the commit.
    checks: how often it was read back. rows: what it carries; found: (stream, position) seen.
    """

    sink: str
    lane: str
    made_s: int
    body: bytes = field(repr=False)
    rows: list[DecidedRow]
    doubt_s: int | None = None
    next_s: int = 0
    checks: int = 0
    found: set[tuple[int, int]] = field(default_factory=set)


class Count(NamedTuple):
    """Of one sink: values confirmed, waiting, parked, unresolved, in doubt, withheld."""

    forwarded: int
    waiting: int
    parked: int
    unresolved: int
    in_doubt: int
    withheld: int


NoticeCode = Literal[
    "token",
    "rights",
    "address",
    "too_long",
    "refused",
    "broken",
    "busy",
    "silent",
    "no_type",
    "not_taken",
    "unknown_there",
    "off_there",
]
NOTICE_CODES: tuple[NoticeCode, ...] = get_args(NoticeCode)
NOTICE_NUMBERS = ("number", "until_s")  # of a notice's values; all others are words
NOTICE_VALUE_CHARS = 200  # of each value; a notice has a handful


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person should know of a sink. The page has the sentence for each code.

    values: the plain words and whole numbers that the sentence names; never a secret.
    """

    code: NoticeCode
    values: Mapping[str, str | int] = field(default_factory=dict)

    def as_text(self) -> str:
        """One line of JSON, bounded: {"code": ..., "values": {...}}."""
        values = {name: _bounded(value) for name, value in self.values.items()}
        return json.dumps({"code": self.code, "values": values}, ensure_ascii=False)


def _bounded(value: str | int) -> str | int:
    """Short, and storable: a platform may have answered with half of a character."""
    if isinstance(value, int):
        return value
    return value[:NOTICE_VALUE_CHARS].encode("utf-8", "replace").decode()


def read_notice(text: str) -> Notice | None:
    """The notice that was written so; None for plain sentences, as files of before have them."""
    try:
        found = json.loads(text)
        code, values = found["code"], found["values"]
        plain = all(
            isinstance(value, int if name in NOTICE_NUMBERS else str)
            for name, value in values.items()
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return Notice(code, values) if plain and code in NOTICE_CODES else None


class DerivedRows(Protocol):
    """Roll-ups, open windows and where the follower of the log stands."""

    def position(self) -> int: ...
    def move(self, position: int) -> None: ...
    def frames(self, after: int, limit: int) -> list[LoggedFrame]: ...
    def frames_of(self, ids: Sequence[int]) -> list[LoggedFrame]: ...
    def newest_arrival_s(self) -> int: ...
    def schema(self, node: str, schema_id: int) -> Schema | None: ...
    def timing(self, node: str) -> Timing: ...
    def void(self, node: str, store_id: int) -> Ranges: ...
    def void_mark(self) -> int: ...
    def held(self) -> list[Held]: ...
    def held_frames(self, held: Held, limit: int) -> list[int]: ...
    def hold(self, held: Held) -> None: ...
    def alarm(self, node: str, kind: str, now_s: int) -> None: ...
    def let_go(self, frame: int) -> None: ...
    def fixed_date(self, scale: TimeScale) -> int | None: ...
    def note_date(self, scale: TimeScale, zero_s: int) -> None: ...
    def rollup(self, key: RollupKey) -> Rollup: ...
    def put_rollup(self, key: RollupKey, rollup: Rollup, value: int | None) -> None: ...
    def cadence_s(self, thing: str) -> int: ...
    def set_cadence(self, thing: str, window_s: int) -> None: ...
    def derived(self, node: str, store_id: int) -> Ranges: ...
    def put_derived(self, node: str, store_id: int, ranges: Ranges) -> None: ...
    def open_window(self, stream: int, start_s: int) -> OpenWindow | None: ...
    def put_open_window(self, window: OpenWindow) -> None: ...
    def drop_open_window(self, stream: int, start_s: int) -> None: ...
    def open_windows_of(
        self, node: str, store_id: int, low: int, high: int
    ) -> list[OpenWindow]: ...
    def open_stores(self) -> list[tuple[str, int]]: ...
    def open_windows_due(self, until_s: int) -> list[OpenWindow]: ...
    def close_windows(self, stream: int) -> None: ...


class DeliveryRows(Protocol):
    """Streams, what was decided for them, the batch in flight and the exceptions."""

    def open_stream(self, policy: Policy) -> None: ...
    def streams(self, sink: str | None = None) -> list[StreamRow]: ...
    def streams_of(self, datastream: Datastream) -> list[StreamRow]: ...
    def close_stream(self, stream: int, now_s: int) -> None: ...
    def may_need_erasure(self, stream: int) -> bool: ...
    def ask_to_erase(self, stream: int) -> None: ...
    def to_erase(self, sink: str, now_s: int) -> list[StreamRow]: ...
    def was_asked(self, stream: int) -> bool: ...
    def note_erased(self, streams: Iterable[int]) -> None: ...
    def note_asked(self, streams: Iterable[int]) -> None: ...
    def note_registered(self, streams: Iterable[int], now_s: int) -> None: ...
    def registered_s(self, stream: int) -> int: ...
    def pause(self, stream: int, until_s: int) -> None: ...
    def is_paused(self, stream: int, now_s: int) -> bool: ...
    def append(self, stream: int, shared: SharedObservation) -> None: ...
    def is_decided(self, stream: int, start_s: int) -> bool: ...
    def note_withheld(self, stream: int) -> None: ...
    def unsettled(self, stream: int, now_s: int, limit: int) -> list[DecidedRow]: ...
    def first_window_s(self, stream: int) -> int | None: ...
    def batch(self, sink: str) -> Batch | None: ...
    def put_batch(self, batch: Batch) -> None: ...
    def drop_batch(self, sink: str) -> None: ...
    def settle(self, rows: Iterable[DecidedRow]) -> None: ...
    def except_rows(
        self, rows: Iterable[DecidedRow], state: str, reason: str, since_s: int, next_s: int
    ) -> None: ...
    def forget(self, rows: Iterable[DecidedRow]) -> None: ...
    def notice(self, sink: str, about: str, notice: Notice, at_s: int) -> None: ...
    def drop_notices(self, sink: str, abouts: Iterable[str]) -> None: ...
    def notices(self, sink: str) -> dict[str, str]: ...
    def in_flight(self, sink: str) -> list[DecidedRow]: ...
    def count(self, sink: str) -> Count: ...


class Rows(Protocol):
    """All of it, in one transaction."""

    @property
    def derived(self) -> DerivedRows: ...
    @property
    def delivery(self) -> DeliveryRows: ...


class Ledger(Protocol):
    """The gateway's file. `write` returns after the commit; `read` sees one snapshot."""

    async def write(self, fn: Callable[[Rows], T]) -> T: ...
    async def read(self, fn: Callable[[Rows], T]) -> T: ...
