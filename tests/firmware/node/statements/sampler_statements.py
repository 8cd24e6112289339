# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A record for each window, whatever instruments and flash do. Runs on MicroPython."""

import asyncio

from virtual_world import World

from barri_node.clock import Clock
from barri_node.sampler import Sampler
from barri_node.store.errors import StoreError
from barri_node.windows import Windows
from barri_wire.schema import KITS

BOOT = 7
DAY_S = 800064000


class FakeInstrument:
    """Gives the same readings for each window. close_ms: how long closing takes.

    fails: in which windows it counts a fault.
    """

    def __init__(self, readings, close_ms=0, fails=()):
        self.faults = 0
        self._fails = fails
        self._readings = readings
        self._close_ms = close_ms
        self.closed = []

    async def close(self, end_ms, duration_ms):
        self.closed.append((end_ms, duration_ms))
        self.faults += len(self.closed) in self._fails
        await asyncio.sleep_ms(self._close_ms)
        return dict(self._readings)


class FakeLog:
    """records: what was appended. bad_appends, bad_flushes: numbers of calls that fail."""

    def __init__(self, bad_appends=(), bad_flushes=()):
        self._bad_appends = bad_appends
        self._bad_flushes = bad_flushes
        self._appends = 0
        self.flushes = 0
        self.records = []

    def append(self, start_s, duration_s, values, boot, schema=None):
        self._appends += 1
        if self._appends in self._bad_appends:
            raise StoreError(StoreError.BAD_RECORD, "told to")
        kept = (start_s, duration_s, values, boot)
        self.records.append(kept + (schema,) if schema else kept)  # noqa: RUF005

    def flush(self):
        self.flushes += 1
        if self.flushes in self._bad_flushes:
            raise StoreError(StoreError.FLASH, "told to")


class _Bench:
    def __init__(self, *instruments, length_s=60, kit="energy", log=None):
        self.world = World()
        self.clock = Clock(self.world)
        self.windows = Windows(self.clock, length_s)
        self.log = log or FakeLog()
        self.kept_ms = []
        self.sampler = Sampler(
            self.clock, self.windows, instruments, KITS[kit] if kit else None, self.log, BOOT,
            self.world.say, lambda: self.kept_ms.append(self.world.now_ms),
        )  # fmt: skip
        self.sampler.watchdog = self.sampler.light = self
        self.shown = set()
        self.reports = []

    def note(self, code, stands=True):
        """The light."""
        self.shown.discard(code)
        if stands:
            self.shown.add(code)

    def alive(self, name):
        self.reports.append((name, self.world.now_ms))

    async def _sync(self, at_ms, s2000):
        await self.world.until(at_ms)
        self.clock.set_utc(s2000, 0, self.clock.uptime_ms(), 100)
        self.sampler.align()

    def run(self, for_ms, sync=None):
        """Let it run; sync: (at which uptime in ms, the s2000 it then is)."""

        async def life():
            if sync:
                await self._sync(sync[0], sync[1])
            await self.world.until(for_ms)

        self.world.run(life(), self.sampler.run())
        return self.log.records


def a_record_for_each_window_with_the_schemas_channels_in_order():
    meter = FakeInstrument({"voltage": 2301, "power_import": 55, "energy_import": 9, "laeq": 400})
    bench = _Bench(meter)
    values = (9, None, 55, None, 2301)
    assert bench.run(180001) == [
        (0, 60, values, BOOT), (60, 60, values, BOOT), (120, 60, values, BOOT),
    ]  # fmt: skip
    assert meter.closed == [(60000, 60000), (120000, 60000), (180000, 60000)]


def each_record_is_made_durable_and_told_of():
    bench = _Bench(FakeInstrument({}))
    bench.run(120001)
    assert bench.log.flushes == 2
    assert bench.kept_ms == [60000, 120000]


def all_instruments_go_into_one_record():
    bench = _Bench(
        FakeInstrument({"laeq": 512, "measured_share": 1000}), FakeInstrument({}),
        FakeInstrument({"sound_range": 0}), kit="noise",
    )  # fmt: skip
    (record,) = bench.run(60001)
    assert record[2] == (None, 512, None, None, None, None, None, 0, 1000)


class FakeSource:
    """Has something to keep after every second window."""

    def __init__(self):
        self.asked = []

    def records(self, start_s, duration_s, readings):
        self.asked.append((start_s, duration_s, readings))
        return [(start_s, 120, (7,), "other")] if len(self.asked) % 2 == 0 else []


def what_is_kept_besides_goes_with_the_record_of_its_window():
    bench = _Bench(FakeInstrument({"voltage": 2301, "supply_voltage": 3900}))
    source = FakeSource()
    bench.sampler.besides = [source]
    values = (None, None, None, None, 2301)
    assert bench.run(120001) == [
        (0, 60, values, BOOT), (60, 60, values, BOOT), (60, 120, (7,), BOOT, "other"),
    ]  # fmt: skip
    assert bench.log.flushes == 2
    left = {"supply_voltage": 3900}  # what is in the record would count twice
    assert source.asked == [(0, 60, left), (60, 60, left)]


def _codes_after_each_window(bench, windows):
    shown = []
    bench.sampler._on_record = lambda: shown.append(sorted(bench.shown))
    bench.run(60000 * windows + 1)
    return shown


def a_flash_that_refuses_is_shown_until_it_takes_records_again():
    bench = _Bench(FakeInstrument({}), log=FakeLog(bad_flushes=(2,)))
    assert _codes_after_each_window(bench, 3) == [[], [0x32], []]


def a_sensor_that_fails_is_shown_for_the_window_in_which_it_did():
    bench = _Bench(FakeInstrument({}, fails=(2, 3)))
    assert _codes_after_each_window(bench, 4) == [[], [0x21], [0x21], []]


def silence_is_shown_where_there_should_be_sound():
    assert _codes_after_each_window(_Bench(FakeInstrument({"laeq": 400}), kit="noise"), 1) == [[]]
    assert _codes_after_each_window(_Bench(FakeInstrument({}), kit="noise"), 1) == [[0x22]]
    assert _codes_after_each_window(_Bench(FakeInstrument({})), 1) == [[]]


def a_window_without_any_reading_has_its_record_too():
    (record,) = _Bench(FakeInstrument({})).run(60001)
    assert record == (0, 60, (None,) * 5, BOOT)


def without_a_schema_only_what_is_besides_is_kept():
    bench = _Bench(FakeInstrument({}, fails=(1, 2)), kit=None)
    bench.sampler.besides = [FakeSource()]
    assert bench.run(120001) == [(60, 120, (7,), BOOT, "other")]
    assert bench.shown == {0x21}


def a_store_that_refuses_stops_nothing():
    bench = _Bench(FakeInstrument({}), log=FakeLog(bad_appends=(1,), bad_flushes=(1,)))
    assert [record[0] for record in bench.run(240001)] == [60, 120, 180]
    bad_record, refusal = bench.world.said
    assert (bad_record[0], refusal[0]) == (60000, 120000)
    assert "bad record: told to" in bad_record[1]
    assert "flash refuses: told to" in refusal[1]


def the_first_sync_ends_the_running_window_at_the_next_utc_boundary():
    bench = _Bench(FakeInstrument({"voltage": 1}))
    records = bench.run(200000, sync=(70500, DAY_S + 20))
    spans = [(record[0], record[1], record[3]) for record in records]
    assert spans[0] == (0, 60, BOOT)
    assert spans[1:] == [(DAY_S + 10, 50, None), (DAY_S + 60, 60, None)]


def the_sampler_notices_a_moved_end_at_once():
    bench = _Bench(FakeInstrument({}), length_s=3600)
    bench.run(120000, sync=(100300, DAY_S + 3590))
    assert bench.kept_ms == [110300]


def instruments_hear_the_true_length_of_a_window_that_the_sync_has_cut():
    meter = FakeInstrument({})
    bench = _Bench(meter)
    bench.run(120000, sync=(10000, DAY_S + 45))
    assert meter.closed == [(25000, 25000), (85000, 60000)]


def an_instrument_that_closes_slowly_moves_no_window():
    bench = _Bench(FakeInstrument({}, close_ms=2000), length_s=10)
    records = bench.run(45000)
    assert [record[:2] for record in records] == [(0, 10), (10, 10), (20, 10), (30, 10)]
    assert bench.kept_ms == [12000, 22000, 32000, 42000]


def one_that_takes_longer_than_the_window_loses_no_record():
    bench = _Bench(FakeInstrument({}, close_ms=1700), length_s=1)
    records = bench.run(20000)
    assert [record[:2] for record in records] == [(n, 1) for n in range(len(records))]
    assert len(records) > 9


def a_splinter_is_closed_and_has_no_record():
    meter = FakeInstrument({})
    bench = _Bench(meter)
    bench.world.now_ms = 59600
    bench.clock.uptime_ms()
    bench.windows = Windows(bench.clock, 60)
    bench.sampler._windows = bench.windows
    assert [record[:2] for record in bench.run(120001)] == [(60, 60)]
    assert meter.closed == [(60000, 400), (120000, 60000)]


def the_sampler_reports_to_the_watchdog_every_window():
    bench = _Bench(length_s=60)
    bench.run(4 * 60000 + 500)
    reported_ms = [ms for name, ms in bench.reports if name == "sampler"]
    assert reported_ms[1:] == [60000, 120000, 180000, 240000]
