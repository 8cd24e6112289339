# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Over any window length, start and time of first sync: no gap, no overlap, true durations."""

import hypothesis.strategies as st
from hypothesis import assume, given
from virtual_ticks import Uptime

from barri_node.windows import Windows

LENGTHS_S = st.integers(1, 3600)
NEVER_MS = 1 << 60
# Seconds since 2000: 2020 to 2090, at any millisecond.
UTC_MS = st.integers(630_000_000_000, 2_840_000_000_000)


class Life:
    """A node's windows from its start on, with UTC told once at a moment of uptime."""

    def __init__(self, length_s: int, start_ms: int, sync_ms: int, utc_ms: int) -> None:
        self.clock = Uptime(start_ms)
        self.windows = Windows(self.clock, length_s)
        self.sync_ms = sync_ms
        self.offset_ms = utc_ms - sync_ms
        self.spans: list[tuple[int, int]] = []  # of uptime, in ms
        self.records: list[tuple[int, int, bool] | None] = []

    def close_window(self) -> None:
        clock, windows = self.clock, self.windows
        if clock.offset_ms is None and self.sync_ms < windows.end_ms:
            clock.now_ms = max(clock.now_ms, self.sync_ms)
            clock.offset_ms = self.offset_ms
            windows.align()
        clock.now_ms = max(clock.now_ms, windows.end_ms)
        self.spans.append((windows.start_ms, windows.end_ms))
        self.records.append(windows.close())

    def ends_in(self, in_utc: bool) -> list[int]:
        """Starts and ends of the records in one way of telling time, as they follow each other."""
        found = []
        for record in self.records:
            if record is not None and record[2] == in_utc:
                found += [record[0], record[0] + record[1]]
        return found


def a_life(length_s: int, start_ms: int, sync_after_ms: int, utc_ms: int) -> Life:
    life = Life(length_s, start_ms, start_ms + sync_after_ms, utc_ms)
    while life.clock.offset_ms is None and len(life.spans) < 50:
        life.close_window()
    assume(life.clock.offset_ms is not None)
    for _ in range(5):
        life.close_window()
    return life


# Up to 49 windows of an hour, and often within the first ones of any length.
SYNC_AFTER_MS = st.integers(0, 20_000) | st.integers(0, 49 * 3_600_000)
any_life = given(LENGTHS_S, st.integers(0, 5_000_000), SYNC_AFTER_MS, UTC_MS)


@any_life
def test_each_window_begins_where_the_one_before_ended(
    length_s: int, start_ms: int, sync_after_ms: int, utc_ms: int
) -> None:
    life = a_life(length_s, start_ms, sync_after_ms, utc_ms)
    assert life.spans[0][0] == start_ms
    for (_, end_ms), (next_start_ms, next_end_ms) in zip(life.spans, life.spans[1:], strict=False):
        assert next_start_ms == end_ms < next_end_ms


@any_life
def test_each_record_begins_where_the_one_before_ended(
    length_s: int, start_ms: int, sync_after_ms: int, utc_ms: int
) -> None:
    """The whole seconds of all records are those from start to end, each once."""
    life = a_life(length_s, start_ms, sync_after_ms, utc_ms)
    for in_utc in (False, True):
        ends = life.ends_in(in_utc)
        assert ends[1:-1:2] == ends[2::2]
    in_uptime, in_utc = life.ends_in(False), life.ends_in(True)
    if in_uptime and in_utc:
        # At the first sync both ways of telling time name one moment, each rounded on its own.
        assert abs(in_uptime[-1] * 1000 + life.offset_ms - in_utc[0] * 1000) < 2000


@any_life
def test_a_record_says_its_true_start_and_duration_to_the_second(
    length_s: int, start_ms: int, sync_after_ms: int, utc_ms: int
) -> None:
    life = a_life(length_s, start_ms, sync_after_ms, utc_ms)
    for (from_ms, to_ms), record in zip(life.spans, life.records, strict=True):
        if record is None:
            assert to_ms - from_ms < 1000
            continue
        start_s, duration_s, in_utc = record
        told_ms = start_s * 1000 - (life.offset_ms if in_utc else 0)
        assert abs(told_ms - from_ms) <= 500
        assert abs(told_ms + duration_s * 1000 - to_ms) <= 500
        assert 1 <= duration_s <= length_s + 1


@any_life
def test_after_the_first_sync_windows_end_at_utc_boundaries(
    length_s: int, start_ms: int, sync_after_ms: int, utc_ms: int
) -> None:
    """The window that was running may end at once, when its boundary had passed before."""
    life = a_life(length_s, start_ms, sync_after_ms, utc_ms)
    synced = [span for span, record in zip(life.spans, life.records, strict=True)
              if span[1] > life.sync_ms]  # fmt: skip
    first_end_ms = synced[0][1]
    at_once = first_end_ms == life.sync_ms + 1
    assert at_once or (first_end_ms + life.offset_ms) % (length_s * 1000) == 0
    for from_ms, to_ms in synced[1:]:
        assert (to_ms + life.offset_ms) % (length_s * 1000) == 0
        # After a sync within half a second before a boundary that boundary has no window.
        assert to_ms - from_ms <= length_s * 1000 + 500


@given(LENGTHS_S, st.integers(0, 10_000_000))
def test_before_any_sync_windows_end_at_multiples_of_uptime(length_s: int, start_ms: int) -> None:
    life = Life(length_s, start_ms, NEVER_MS, 0)
    for _ in range(4):
        life.close_window()
    assert [end_ms % (length_s * 1000) for _, end_ms in life.spans] == [0] * 4
    assert life.spans[0][1] - start_ms <= length_s * 1000
    assert all(record is None or not record[2] for record in life.records)


@given(
    LENGTHS_S, st.integers(0, 5_000_000), st.integers(1, 70_000), st.integers(0, 3_600_000)
)  # fmt: skip
def test_readings_lie_within_their_window_and_always_move_on(
    length_s: int, start_ms: int, period_ms: int, late_ms: int
) -> None:
    windows = Windows(Uptime(start_ms), length_s)
    length_ms = windows.end_ms - windows.start_ms
    after_ms = windows.start_ms
    found: list[int] = []
    while len(found) < 300:
        due_ms = windows.next_sample_ms(period_ms, after_ms)
        assert due_ms >= after_ms
        if due_ms >= windows.end_ms:
            break
        found.append(due_ms)
        after_ms = due_ms + 1
    assert found == sorted(set(found))
    assert found[0] >= windows.start_ms
    parts = max(1, length_ms // period_ms)
    assert len(found) == min(300, parts) or length_ms // parts == 1
    late = windows.next_sample_ms(period_ms, windows.start_ms + late_ms)
    assert (
        windows.start_ms + late_ms <= late <= windows.start_ms + late_ms + length_ms // parts + 1
    )
