# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: PT017, SIM105  # MicroPython has none of those
"""What a node on a battery keeps over deep sleep. Runs on both interpreters, with a real log."""

from fake_memory import FakeMemory
from memory_medium import MemoryMedium

from barri_node.life.retained import Retained
from barri_node.life.sleep import DRIFT, Sleep, sleep_ms_until
from barri_node.store.ringlog import RingLog
from barri_wire.schema import KITS

SCHEMA = KITS["air"]
CHANNELS = len(SCHEMA.channels)
DAY_MS = 86400000


class _Node:
    """Memory, flash and a clock that outlive its processes. `sleep` is what runs at present."""

    def __init__(self):
        self.memory = FakeMemory()
        self.medium = MemoryMedium()
        self.rtc_ms = 5000
        self.sleep = None

    def start(self, cause, slept_ms=0):
        self.rtc_ms += slept_ms
        self.sleep = Sleep(Retained(self.memory), CHANNELS, lambda: self.rtc_ms)
        return self.sleep.wake(cause)

    def log(self):
        return RingLog(self.medium, 64 * 4096, SCHEMA, lambda count: bytes(range(count)))

    def kept(self):
        """All records of the log, as (start_s, duration_s, values, boot)."""
        log = self.log()
        found, first = [], 0
        while True:
            records = log.read(first, 64)
            if not records:
                return found
            found += [(r.start_s, r.duration_s, r.values, r.boot) for r in records]
            first = records[-1].sequence + 1


def _values(i):
    return (200 + i, None, 10132, 7 * i, None, i % 3, 20, -i if i % 2 else None)


def _fill(sleep, count, first=0, in_utc=True):
    for i in range(first, first + count):
        assert sleep.pocket.put(1000 + 600 * i, 600, _values(i), in_utc)


def a_wake_goes_on_where_the_node_fell_asleep():
    node = _Node()
    assert not node.start("power-on")
    node.sleep.keep(7, 123456, 800000000000, 250)
    assert node.start("deep sleep", 570000)
    assert node.sleep.boot == 7
    assert node.sleep.uptime_ms == 123456 + 570000
    assert node.sleep.utc_offset_ms == 800000000000
    assert node.sleep.within_ms == 250 + 570000 // DRIFT


def without_a_clock_there_is_none_after_waking_either():
    node = _Node()
    node.start("power-on")
    node.sleep.keep(7, 1, None, 0)
    assert node.start("deep sleep", 1000)
    assert node.sleep.utc_offset_ms is None


def a_year_of_waking_loses_no_uptime():
    node = _Node()
    node.start("power-on")
    node.sleep.keep(1, 0, None, 0)
    for day in range(365):
        assert node.start("deep sleep", DAY_MS)
        assert node.sleep.uptime_ms == (day + 1) * DAY_MS
        node.sleep.keep(1, node.sleep.uptime_ms, None, node.sleep.within_ms)


def any_other_reset_is_a_boot_and_keeps_the_records_that_waited():
    for cause in ("watchdog", "hard reset", "soft reset", "power-on"):
        node = _Node()
        node.start("power-on")
        _fill(node.sleep, 3)
        node.sleep.keep(7, 5000, None, 0)
        assert not node.start(cause), cause
        assert node.sleep.pocket.count == 3
        assert node.sleep.flush(node.log()) == 3
        assert len(node.kept()) == 3


def memory_that_lost_its_power_or_was_damaged_is_a_boot_without_records():
    node = _Node()
    node.start("power-on")
    _fill(node.sleep, 3)
    node.sleep.keep(7, 5000, None, 0)
    whole = node.memory.content
    for i in range(14, len(whole), 5):
        damaged = bytearray(whole)
        damaged[i] ^= 0x10
        node.memory.content = bytes(damaged)
        assert not node.start("deep sleep")
        assert node.sleep.pocket.count == 0
        assert node.sleep.flush(node.log()) == 0


def records_of_another_kit_are_not_taken_for_ours():
    node = _Node()
    node.start("power-on")
    _fill(node.sleep, 3)
    node.sleep.keep(7, 5000, None, 0)
    other = Sleep(Retained(node.memory), CHANNELS + 1, lambda: 0)
    assert not other.wake("deep sleep")
    assert other.pocket.count == 0


def records_come_out_as_they_went_in():
    node = _Node()
    node.start("power-on")
    _fill(node.sleep, 20)
    _fill(node.sleep, 5, 20, in_utc=False)
    node.sleep.keep(9, 5000, 1, 0)
    node.start("deep sleep", 1000)
    expected = [(1000 + 600 * i, 600, _values(i), None if i < 20 else 9) for i in range(25)]
    assert list(node.sleep.pocket.records(9)) == expected
    assert node.sleep.flush(node.log()) == 25
    assert node.kept() == expected
    assert node.sleep.pocket.count == 0


def extremes_of_32_bits_survive():
    node = _Node()
    node.start("power-on")
    values = (2147483647, -2147483648, 0, -1, None, 1, None, 10)
    assert node.sleep.pocket.put(0xFFFFFFFF, 86400, values, False)
    assert node.sleep.pocket.put(0, 1, (None,) * CHANNELS, True)
    node.sleep.keep(0xFFFFFFFF, 1 << 40, -(1 << 40), 0xFFFFFFFF)
    assert node.start("deep sleep")
    assert node.sleep.within_ms == 0xFFFFFFFF
    assert list(node.sleep.pocket.records(3)) == [
        (0xFFFFFFFF, 86400, values, 3), (0, 1, (None,) * CHANNELS, None),
    ]  # fmt: skip


def forty_records_of_the_air_kit_fit_and_the_next_is_refused_not_lost():
    node = _Node()
    node.start("power-on")
    count = 0
    while node.sleep.pocket.has_room():
        assert node.sleep.pocket.put(count, 600, (1,) * CHANNELS, True)
        count += 1
    assert count >= 40, count
    assert not node.sleep.pocket.put(count, 600, (1,) * CHANNELS, True)
    node.sleep.keep(1, 0, None, 0)
    assert len(node.memory.content) <= 2048
    assert node.start("deep sleep")
    assert node.sleep.pocket.count == count
    assert node.sleep.flush(node.log()) == count


def flushing_again_after_a_crash_keeps_no_record_twice():
    """The node dies after the log's flush and before the pocket is emptied."""
    node = _Node()
    node.start("power-on")
    _fill(node.sleep, 6)
    node.sleep.keep(2, 5000, 0, 0)

    class DiesError(Exception):
        pass

    def die():
        raise DiesError

    node.sleep.pocket.clear = die
    try:
        node.sleep.flush(node.log())
    except DiesError:
        pass
    assert len(node.kept()) == 6
    assert not node.start("watchdog")
    assert node.sleep.pocket.count == 6
    assert node.sleep.flush(node.log()) == 0
    assert len(node.kept()) == 6
    assert node.sleep.pocket.count == 0


def a_flush_that_flash_refuses_leaves_the_records_where_they_are():
    node = _Node()
    node.start("power-on")
    _fill(node.sleep, 6)
    node.sleep.keep(2, 5000, 0, 0)
    log = node.log()
    node.medium.broken = True
    try:
        node.sleep.flush(log)
        raise AssertionError("flash took it")
    except Exception as error:  # noqa: BLE001
        assert type(error).__name__ == "StoreError", error
    node.medium.broken = False
    node.start("deep sleep", 1000)
    assert node.sleep.pocket.count == 6
    assert node.sleep.flush(node.log()) == 6
    assert len(node.kept()) == 6


def the_node_wakes_shortly_before_each_boundary():
    assert sleep_ms_until(0, 600000, 2000) == 598000
    assert sleep_ms_until(599000, 600000, 2000) == 599000
    assert sleep_ms_until(597000, 600000, 2000) == 1000
    assert sleep_ms_until(597001, 600000, 2000) == 600999
    for now_ms in range(0, 600000, 7919):
        slept = sleep_ms_until(now_ms, 600000, 2000)
        assert slept >= 1000
        assert (now_ms + slept) % 600000 == 598000


def a_day_of_ten_minute_cycles_with_a_flush_each_hour_keeps_every_record_in_order():
    node = _Node()
    node.start("power-on")
    node.sleep.keep(1, 0, 0, 0)
    for cycle in range(144):
        assert node.start("deep sleep", 598000)
        _fill(node.sleep, 1, cycle)
        if node.sleep.pocket.count == 6:
            assert node.sleep.flush(node.log()) == 6
        node.sleep.keep(1, node.sleep.uptime_ms + 2000, 0, node.sleep.within_ms)
        node.rtc_ms += 2000
    assert [record[0] for record in node.kept()] == [1000 + 600 * i for i in range(144)]
