# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the ring log promises, on a medium in memory that misbehaves when told to."""

from collections.abc import Callable

import hypothesis.strategies as st
import pytest
from hypothesis import given
from memory_medium import MemoryMedium

from barri_node.store.errors import StoreError
from barri_node.store.pieces import HEAD_BYTES
from barri_node.store.ringlog import WAITING_LIMIT, RingLog
from barri_wire.messages import VOID_DAMAGED, VOID_OVERWRITTEN
from barri_wire.record import Record
from barri_wire.schema import KITS, Schema

ENERGY = KITS["energy"]
AIR = KITS["air"]
ROOMY = 100 * MemoryMedium.footprint_bytes
TIGHT = 4 * MemoryMedium.footprint_bytes


def counting_bytes() -> Callable[[int], bytes]:
    """Different random bytes at each call, the same in each test."""
    calls = iter(range(1, 1000))
    return lambda count: (next(calls) * 0x10001).to_bytes(count, "big")


def opened(medium: MemoryMedium, capacity: int = ROOMY, schema=ENERGY, **options) -> RingLog:
    log = RingLog(medium, capacity, schema, counting_bytes(), **options)
    log.next_boot()
    return log


def opened_quietly(medium: MemoryMedium) -> RingLog:
    """A look at what a node would find now, without its boot being counted."""
    return RingLog(medium, ROOMY, ENERGY, counting_bytes())


def values_of(sequence: int) -> tuple[int | None, ...]:
    return (sequence, -sequence, None if sequence % 3 else 7, 2**31 - 1, -(2**31))


def measure(log: RingLog, count: int, flush_every: int = 1) -> None:
    for i in range(count):
        n = log.next_sequence
        assert log.append(800_000_000 + 60 * n, 60, values_of(n), None) == n
        if i % flush_every == flush_every - 1:
            log.flush()
    log.flush()


def all_held(log: RingLog) -> list[Record]:
    held: list[Record] = []
    sequence = log.oldest
    while records := log.read(sequence, 7):
        held += records
        sequence = records[-1].sequence + 1
    return held


def sequences(log: RingLog) -> list[int]:
    return [record.sequence for record in all_held(log)]


# --- keeping ---


def test_what_was_flushed_is_read_back_after_a_reboot() -> None:
    medium = MemoryMedium()
    measure(opened(medium), 100, flush_every=9)
    held = all_held(opened(medium))
    assert held == [Record(n, 800_000_000 + 60 * n, 60, values_of(n)) for n in range(100)]


RECORDS = st.lists(
    st.tuples(
        st.integers(0, 2**32 - 1),
        st.integers(1, 86400),
        st.tuples(*[st.none() | st.integers(-(2**31), 2**31 - 1)] * 5),
        st.none() | st.integers(0, 70000),
        st.booleans(),
    ),
    min_size=1,
    max_size=80,
)


@given(RECORDS)
def test_any_records_come_back_as_they_were(records: list[tuple]) -> None:
    medium = MemoryMedium()
    log = opened(medium)
    for start_s, duration_s, values, boot, flush in records:
        log.append(start_s, duration_s, values, boot)
        if flush:
            log.flush()
    log.flush()
    expected = [
        Record(n, start, duration, values, boot)
        for n, (start, duration, values, boot, _) in enumerate(records)
    ]
    assert all_held(log) == expected
    assert all_held(opened(medium)) == expected


def test_values_that_leap_from_end_to_end_of_their_range_for_long_come_back() -> None:
    medium = MemoryMedium()
    log = opened(medium)
    rows = [(2**31 - 1, -(2**31), n, 2**24 - n % 2, (-1) ** n * 2**30) for n in range(120)]
    rows = [row if n % 2 else tuple(-1 - value for value in row) for n, row in enumerate(rows)]
    for n, row in enumerate(rows):
        log.append(n, 60, row, None)
        log.flush()
    assert [record.values for record in all_held(opened_quietly(medium))] == rows


def test_only_flushed_records_are_readable_so_that_none_is_sent_and_then_forgotten() -> None:
    log = opened(MemoryMedium())
    measure(log, 3)
    log.append(0, 60, values_of(3), log.boot)
    assert (log.flushed, log.next_sequence) == (3, 4)
    assert log.read(3, 10) == []
    assert log.lost_ranges() == []
    log.flush()
    assert [record.boot for record in log.read(3, 10)] == [1]


def test_records_of_several_schemas_share_the_sequences_and_a_read_has_one_of_them() -> None:
    medium = MemoryMedium()
    log = opened(medium)
    pair = Schema(((1, 0), (1, 1)))  # not built in
    for schema in (ENERGY, ENERGY, AIR, pair, pair, ENERGY):
        log.append(60, 60, tuple(range(len(schema.channels))), None, schema)
    log.flush()
    for held in (log, opened_quietly(medium)):
        assert [r.sequence for r in held.read(0, 10)] == [0, 1]
        assert [r.sequence for r in held.read(2, 10)] == [2]
        assert held.schema_of(2) == AIR
        assert [r.values for r in held.read(3, 10)] == [(0, 1)] * 2
        assert held.schema_of(4) == pair
        assert held.schema_by_id(pair.id) == pair
        assert [r.sequence for r in held.read(5, 10)] == [5]
        assert [held.schema_of(n).id for n in (5, 3, 0)] == [ENERGY.id, pair.id, ENERGY.id]
    with pytest.raises(StoreError, match=StoreError.BAD_RECORD):
        log.append(60, 60, (1, 2, 3, 4, 5), None, pair)


def test_more_schemas_than_a_segment_defines_at_once_find_their_place() -> None:
    medium = MemoryMedium()
    log = opened(medium)
    schemas = [Schema(((1, n),)) for n in range(7)]
    for n in range(60):
        log.append(n, 60, (n,), None, schemas[n * 5 % 7])
    log.flush()
    again = opened_quietly(medium)
    assert sequences(again) == list(range(60))
    assert all(again.schema_of(n) == schemas[n * 5 % 7] for n in range(60))


def test_a_read_ends_where_the_boot_changes() -> None:
    log = opened(MemoryMedium())
    for boot in (1, 1, None, None, 2):
        log.append(5, 60, values_of(0), boot)
    log.flush()
    assert [r.sequence for r in log.read(0, 10)] == [0, 1]
    assert [r.sequence for r in log.read(2, 1)] == [2]
    assert [r.sequence for r in log.read(3, 10)] == [3]
    assert log.read(0, 0) == []


def test_records_of_an_older_configuration_stay_readable() -> None:
    medium = MemoryMedium()
    measure(opened(medium), 3)
    log = opened(medium, schema=AIR)
    log.append(1, 60, (1, 2, 3, 4, 5, 6, 7, 8), log.boot)
    log.flush()
    assert [r.sequence for r in log.read(0, 10)] == [0, 1, 2]
    assert (log.schema_of(2), log.schema_of(3)) == (ENERGY, AIR)
    assert log.schema_by_id(ENERGY.id) == ENERGY
    assert log.schema_by_id(ENERGY.id ^ 1) is None


@pytest.mark.parametrize(
    ("start_s", "duration_s", "values"),
    [
        (0, 60, (1, 2)),
        (0, 0, (0,) * 5),
        (0, 86401, (0,) * 5),
        (-1, 60, (0,) * 5),
        (0, 60, (2**31,) * 5),
    ],
)
def test_a_record_that_cannot_be_kept_is_refused(start_s, duration_s, values) -> None:
    log = opened(MemoryMedium())
    with pytest.raises(StoreError, match=StoreError.BAD_RECORD):
        log.append(start_s, duration_s, values, None)
    assert log.next_sequence == 0


# --- the ring ---


def test_a_full_ring_names_what_it_overwrote_until_the_gateway_knows() -> None:
    medium = MemoryMedium()
    log = opened(medium, TIGHT)
    measure(log, 900)
    assert log.oldest > 0
    assert sequences(log) == list(range(log.oldest, 900))
    assert log.lost_ranges() == [(0, log.oldest, VOID_OVERWRITTEN)]
    log = opened(medium, TIGHT)
    assert log.lost_ranges() == [(0, log.oldest, VOID_OVERWRITTEN)]
    lost = log.oldest
    log.lost_reported(log.lost_ranges())
    log.flush()
    log = opened(medium, TIGHT)
    assert log.lost_ranges() == []
    assert log.lost_total == lost


def test_overwriting_what_is_acknowledged_loses_nothing() -> None:
    medium = MemoryMedium()
    log = opened(medium, TIGHT)
    for _ in range(100):
        measure(log, 5)
        assert log.release(log.flushed)
    assert log.oldest > 0
    assert (log.lost_ranges(), log.lost_total) == ([], 0)
    log = opened(medium, TIGHT)
    assert (log.lost_ranges(), log.lost_total) == ([], 0)


def test_a_mark_reaches_flash_with_a_later_record_and_causes_no_write_of_its_own() -> None:
    medium = MemoryMedium()
    log = opened(medium)
    measure(log, 600)
    writes = medium.writes
    assert log.release(580)
    log.flush()
    assert medium.writes == writes
    measure(log, 1)
    assert medium.writes == writes + 1
    assert opened(medium).released == 580


def test_a_mark_that_moved_little_waits_for_more() -> None:
    medium = MemoryMedium()
    log = opened(medium)
    for _ in range(300):
        measure(log, 1)
        log.release(log.flushed)
        assert 0 <= log.released - opened_quietly(medium).released <= 512
    assert medium.writes < 320


def test_a_mark_above_what_could_be_sent_is_refused() -> None:
    log = opened(MemoryMedium())
    measure(log, 2)
    log.append(0, 60, values_of(2), None)
    assert not log.release(3)
    assert log.released == 0


# --- damage ---


@pytest.mark.parametrize("kept_bytes", range(0, 60, 3))
def test_a_torn_write_loses_only_what_was_not_flushed(kept_bytes: int) -> None:
    medium = MemoryMedium()
    log = opened(medium)
    measure(log, 5)
    medium.tear_at = kept_bytes
    with pytest.raises(StoreError):
        measure(log, 1)
    medium.tear_at = None
    log = opened(medium)
    before = log.next_sequence
    assert [n for n in sequences(log) if n < 5] == [0, 1, 2, 3, 4]
    measure(log, 3)
    log = opened(medium)
    lost = [n for first, count, _ in log.lost_ranges() for n in range(first, first + count)]
    assert sorted(sequences(log) + lost) == list(range(before + 3))
    assert {reason for _, _, reason in log.lost_ranges()} <= {VOID_DAMAGED}


def test_every_flipped_bit_costs_records_up_to_the_next_boot_and_never_a_sequence_twice() -> None:
    medium = MemoryMedium()
    measure(opened(medium), 8)
    before = len(bytes(medium.kept[0][1]).rstrip(b"\xff"))
    measure(opened(medium), 8)
    first, content = medium.kept[0]
    used = len(bytes(content).rstrip(b"\xff"))
    for at in range(HEAD_BYTES, used):
        damaged = bytearray(content)
        damaged[at] ^= 0x10
        medium.kept[0] = first, damaged
        log = opened_quietly(medium)
        held = sequences(log)
        assert log.next_sequence >= 16
        assert set(range(8, 16) if at < before else range(8)) <= set(held)
        assert all(record.values == values_of(record.sequence) for record in all_held(log))


def test_a_hole_in_an_old_segment_is_named_and_the_rest_is_read() -> None:
    medium = MemoryMedium()
    log = opened(medium)
    measure(log, 300)
    medium.unreadable = {1}
    first, end = medium.kept[1][0], medium.kept[2][0]
    log = opened(medium)
    assert sequences(log) == [n for n in range(300) if not first <= n < end]
    assert log.lost_ranges() == [(first, end - first, VOID_DAMAGED)]
    log.flush()
    assert opened(medium).lost_ranges() == [(first, end - first, VOID_DAMAGED)]


@pytest.mark.parametrize("unreadable", [1, 2, 3])
def test_without_its_newest_segments_the_log_goes_on_with_fresh_numbers(unreadable: int) -> None:
    medium = MemoryMedium()
    log = opened(medium)
    measure(log, 900)
    boots = [opened(medium).boot for _ in range(5)]
    medium.unreadable = set(sorted(medium.kept)[-unreadable:])
    log = opened(medium)
    assert log.store_id == 0x10001
    assert log.next_sequence >= 900
    assert log.boot > max(boots)
    measure(log, 10)
    log = opened(medium)
    lost = {n for first, count, _ in log.lost_ranges() for n in range(first, first + count)}
    held = sequences(log)
    assert set(held) | lost == set(range(log.next_sequence))
    assert not set(held) & lost


def test_a_log_of_which_nothing_is_readable_begins_a_new_store() -> None:
    medium = MemoryMedium()
    measure(opened(medium), 10)
    medium.kept[0] = (0, bytearray(300))
    other = RingLog(medium, ROOMY, ENERGY, lambda count: b"\x02\x22\x22")
    assert (other.store_id, other.next_sequence) == (0x22222, 0)
    measure(other, 2)
    assert sequences(RingLog(medium, ROOMY, ENERGY, counting_bytes())) == [0, 1]


# --- flash that refuses ---


def test_measuring_goes_on_when_flash_refuses_and_all_is_kept_when_it_works_again() -> None:
    medium = MemoryMedium()
    log = opened(medium)
    measure(log, 5)
    medium.broken = True
    for _ in range(WAITING_LIMIT):
        n = log.next_sequence
        log.append(n, 60, values_of(n), None)
        with pytest.raises(StoreError, match=StoreError.FLASH):
            log.flush()
    assert log.write_failures == WAITING_LIMIT
    assert sequences(log) == [0, 1, 2, 3, 4]
    medium.broken = False
    log.flush()
    assert sequences(opened(medium)) == list(range(5 + WAITING_LIMIT))


def test_what_does_not_fit_in_memory_meanwhile_is_lost_and_named() -> None:
    medium = MemoryMedium()
    log = opened(medium)
    medium.broken = True
    for n in range(WAITING_LIMIT + 10):
        assert log.append(n, 60, values_of(n), None) == n
    medium.broken = False
    log.flush()
    log = opened(medium)
    assert sequences(log) == list(range(10, WAITING_LIMIT + 10))
    assert log.lost_ranges() == [(0, 10, VOID_DAMAGED)]


def test_a_file_system_filled_by_others_costs_the_oldest_segments_only() -> None:
    medium = MemoryMedium()
    log = opened(medium)
    medium.full_after = 3
    measure(log, 900)
    assert sequences(opened(medium)) == list(range(log.oldest, 900))
    assert log.lost_ranges() == [(0, log.oldest, VOID_OVERWRITTEN)]


def test_a_boot_is_counted_even_when_flash_refuses() -> None:
    medium = MemoryMedium()
    log = opened(medium)
    medium.broken = True
    log = RingLog(medium, ROOMY, ENERGY, counting_bytes())
    assert (log.next_boot(), log.next_boot()) == (2, 2)
    medium.broken = False
    measure(log, 1)
    assert opened(medium).boot == 3


# --- boots and anchors ---


def test_anchors_of_the_last_eight_boots_survive() -> None:
    medium = MemoryMedium()
    for boot in range(1, 11):
        log = opened(medium)
        assert log.boot == boot
        log.note_anchor(boot, 10, 800_000_000 + boot)
        log.note_anchor(boot, 4000, 800_003_990 + boot + 5)  # the clock was set better
        log.note_anchor(boot, 5000, 800_004_990 + boot + 6)  # a second less sure: no news
        log.flush()
    expected = [(boot, 4000, 800_003_995 + boot) for boot in range(3, 11)]
    assert opened(medium).anchors() == expected


# --- store ids ---


def test_a_format_begins_a_new_store_and_keeps_counting_boots() -> None:
    medium = MemoryMedium()
    log = opened(medium)
    measure(log, 30)
    former = log.store_id
    log.format()
    assert log.store_id != former
    measure(log, 2)
    log = opened(medium)
    assert (sequences(log), log.lost_ranges(), log.boot) == ([0, 1], [], 2)
    assert log.store_id != former


def test_near_its_end_a_drained_store_gives_way_to_a_new_one() -> None:
    medium = MemoryMedium()
    log = opened(medium, sequence_limit=65_600)
    former = log.store_id
    measure(log, 70)
    assert log.release(60)
    measure(log, 1)
    assert log.store_id == former, "not drained yet"
    log.release(log.flushed)
    assert log.append(0, 60, values_of(0), None) == 0
    assert log.store_id != former
    measure(log, 2)
    log = opened(medium, sequence_limit=65_600)
    assert (log.store_id == former, sequences(log)) == (False, [0, 1, 2])
    assert log.former_losses() == []


def test_at_its_end_an_undelivered_store_is_named_as_lost_and_nothing_is_used_twice() -> None:
    medium = MemoryMedium()
    log = opened(medium, sequence_limit=100)
    former = log.store_id
    measure(log, 100)
    log.release(40)
    assert log.store_id == former
    assert log.append(0, 60, values_of(0), None) == 0
    assert log.store_id != former
    log.flush()
    log = opened(medium, sequence_limit=100)
    assert log.store_id != former
    assert sequences(log) == [0]
    assert log.former_losses() == [(former, 40, 60, VOID_OVERWRITTEN)]
    assert log.lost_ranges() == []
    log.lost_reported([(40, 60)], former)
    log.flush()
    assert opened(medium, sequence_limit=100).former_losses() == []
