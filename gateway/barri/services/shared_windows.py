# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Shared windows fill up, become final, and are decided: once, in order of decision.

Works within one transaction of derive. Must not import adapters.
"""

from barri.domain.final import Patience, Verdict, first_due_s, judge, too_late
from barri.domain.observation import Datastream, Observation
from barri.domain.ranges import Ranges
from barri.domain.rollup import EMPTY, Rollup, merge, part, value
from barri.domain.sharing import Gate
from barri.domain.windows import HOUR_S, Window, is_regular, windows_of
from barri.rows import LoggedFrame, OpenWindow, Rows, StreamRow
from barri_wire.quantities import NEVER
from barri_wire.record import Record


class SharedWindows:
    """The open windows that one step touches, kept in memory until `flush`."""

    def __init__(self, rows: Rows, gate: Gate, patience: Patience, now_s: int) -> None:
        self._rows = rows
        self._gate = gate
        self._patience = patience
        self._now_s = now_s
        self._streams = {stream.id: stream for stream in rows.delivery.streams()}
        self._running: dict[Datastream, list[StreamRow]] = {}
        for stream in self._streams.values():
            if stream.closed_s is None:
                self._running.setdefault(stream.datastream, []).append(stream)
        self._touched: dict[tuple[int, int], OpenWindow | None] = {}

    def take(
        self, frame: LoggedFrame, record: Record, datastream: Datastream, reading: int | None
    ) -> None:
        """Let a record speak for the windows it lies in. reading: None for a missing value.

        A missing value counts too: it shows that the sequence is there.
        """
        for stream in self._running.get(datastream, ()):
            if record.start_s > stream.since_s:
                for window in _windows(stream, record):
                    given = _part(datastream, record, reading, window)
                    self._feed(stream, window, frame, record, given)

    def take_histogram(
        self,
        frame: LoggedFrame,
        record: Record,
        datastream: Datastream,
        given: Rollup,
        cadence_s: int,
    ) -> None:
        """Let counted levels speak for the windows of whole hours that hold them all.

        cadence_s: the node's own percentiles fill windows of that length.
        """
        for stream in self._running.get(datastream, ()):
            if record.start_s > stream.since_s and _is_of_histograms(stream, cadence_s):
                found = windows_of(record.start_s, record.duration_s, stream.window_s)
                if len(found) == 1:
                    self._feed(stream, found[0], frame, record, given)

    def flush(self) -> None:
        """Write the touched windows down."""
        for window in self._touched.values():
            if window is not None:
                if window.rollup.weight_s >= window.window.length_s:
                    window.due_s = min(window.due_s, window.window.end_s)  # full: no more waiting
                self._rows.derived.put_open_window(window)
        self._touched.clear()

    def settle(self, windows: list[OpenWindow], derived: Ranges, void: Ranges) -> None:
        """Decide those of a store's windows that are final now."""
        both = derived.union(void)
        for window in windows:
            self._judge(window, is_complete(window, derived, both))

    def settle_due(self, windows: list[OpenWindow]) -> None:
        """Decide about windows whose grace has ended."""
        for window in windows:
            self._judge(window, complete=False)

    def _feed(
        self,
        stream: StreamRow,
        window: Window,
        frame: LoggedFrame,
        record: Record,
        given: Rollup,
    ) -> None:
        arrival_s = self._now_s if frame.arrival_s is None else frame.arrival_s
        starts_before = window.start_s <= stream.since_s
        if starts_before or too_late(window, arrival_s, self._patience):
            return
        key = (stream.id, window.start_s)
        if key not in self._touched:
            self._touched[key] = self._open(stream, window, frame, record.sequence, arrival_s)
        held = self._touched[key]
        if held is None:
            return
        held.rollup = merge(stream.datastream.about.merge, held.rollup, given)
        if (held.node, held.store_id) != (frame.node, frame.store_id):
            held.store_id = None
        held.first = min(held.first, record.sequence)
        held.last = max(held.last, record.sequence)

    def _open(
        self, stream: StreamRow, window: Window, frame: LoggedFrame, sequence: int, arrival_s: int
    ) -> OpenWindow | None:
        """The window as it stands, a new one, or None when it was decided before."""
        held = self._rows.derived.open_window(stream.id, window.start_s)
        if held is not None:
            return held
        if self._rows.delivery.is_decided(stream.id, window.start_s):
            return None
        due_s = first_due_s(window, arrival_s, self._patience)
        node, store_id = frame.node, frame.store_id
        return OpenWindow(stream.id, window, due_s, node, store_id, sequence, sequence, EMPTY)

    def _judge(self, held: OpenWindow, complete: bool) -> None:
        verdict = judge(held.evidence(complete), self._now_s, self._patience)
        if verdict is Verdict.EXTEND:
            held.due_s = held.window.end_s + self._patience.backlog_s
            self._rows.derived.put_open_window(held)
        elif verdict is Verdict.FINAL:
            self._decide(held)
        elif verdict is Verdict.WITHHOLD:
            self._withhold(held)

    def _decide(self, held: OpenWindow) -> None:
        stream = self._streams[held.stream]
        merged = value(stream.datastream.about, held.rollup, held.window.length_s)
        shared = None
        if merged is not None:
            shared = self._gate.decide(stream.era, held.window, merged)
        if shared is None:
            self._withhold(held)
            return
        self._rows.derived.drop_open_window(held.stream, held.window.start_s)
        self._rows.delivery.append(held.stream, shared)

    def _withhold(self, held: OpenWindow) -> None:
        self._rows.derived.drop_open_window(held.stream, held.window.start_s)
        self._rows.delivery.note_withheld(held.stream)


def is_complete(held: OpenWindow, derived: Ranges, both: Ranges) -> bool:
    """Say whether no sequence of the window can still come. both: derived or void.

    Its sequences lie in one unbroken run, with a derived one before (or the store's very first)
    and a derived one after: void ones alone do not tell where in time they lay.
    """
    if held.store_id is None:
        return False
    low, high = run_of(both, held.first)
    if held.last >= high:
        return False
    return (low == 0 or _any(derived, low, held.first)) and _any(derived, held.last + 1, high)


def run_of(ranges: Ranges, sequence: int) -> tuple[int, int]:
    """The unbroken run [low, high) that holds a sequence; (sequence, sequence) when none does."""
    for first, count in ranges:
        if first <= sequence < first + count:
            return first, first + count
    return sequence, sequence


def _any(ranges: Ranges, low: int, high: int) -> bool:
    return high > low and ranges.missing_in(low, high - low) != [(low, high - low)]


def _part(datastream: Datastream, record: Record, reading: int | None, window: Window) -> Rollup:
    if reading is None:
        return EMPTY
    return part(Observation(datastream, record.start_s, record.duration_s, reading), window)


def _is_of_histograms(stream: StreamRow, own_s: int) -> bool:
    """Say whether only histograms fill its windows. own_s: how long the node's own ones are."""
    whole_hours = stream.window_s > 0 and stream.window_s % HOUR_S == 0
    percentile = stream.datastream.about.merge == NEVER
    return percentile and whole_hours and stream.window_s > own_s


def _windows(stream: StreamRow, record: Record) -> list[Window]:
    """The windows of a stream that a record lies in; its own where it is given as measured."""
    if stream.window_s:
        if _is_of_histograms(stream, record.duration_s):
            return []  # a percentile of a minute says nothing of the hour's
        return windows_of(record.start_s, record.duration_s, stream.window_s)
    if not is_regular(record.start_s, record.duration_s):
        return []
    return [Window(record.start_s, record.start_s + record.duration_s)]
