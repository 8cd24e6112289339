# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The node's store: what power cuts cost, how much fits, how flash wears, how long it starts.

The data are synthetic days of a noise kit: a record a minute, one of health every twelve, and each
hour the records of its histogram. A kept byte is one of a record; heads, states, definitions and
marks are only in what is programmed.
"""

import os
import sys
from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from types import FrameType
from typing import NamedTuple

from barri_node.hourly import Hourly
from barri_node.noise.meter import CLASSES
from barri_node.store.files import SegmentFiles
from barri_node.store.partition import RingPartition
from barri_node.store.ringlog import RingLog
from barri_tools.bench import power_cuts
from barri_tools.bench.report import FOLDER, Report
from barri_tools.bench.synthetic import synthetic_day
from barri_tools.sim import flash_wear
from barri_tools.sim.littlefs_folder import UNIT_BYTES, LittlefsFolder
from barri_tools.sim.nor_flash import BLOCK_BYTES, NorFlash
from barri_wire.schema import EXTRAS, KITS, Schema

CUTS = int(os.environ.get("BARRI_STORE_CUTS", "600"))
MB = 1 << 20
MINUTES_PER_HEALTH, MINUTES_PER_HISTOGRAM = 12, 60
FLUSH_60_BYTES = 8  # minute records of the noise kit that make 60 bytes or so
VALUES_PER_MINUTE = 8 * 60  # one of LAF every 125 ms
READ_MS, CALL_MS = 0.3, 0.02  # a read of up to 4 kB, and a call of a function, on a board

HEALTH, NOISE = EXTRAS["health"], KITS["noise"].quantities

Values = tuple[int | None, ...]


class Minute(NamedTuple):
    """What a node appends at the end of a minute: start, duration, values and schema of each."""

    records: list[tuple[int, int, Values, Schema]]


class Kept(NamedTuple):
    """A run on one flash."""

    log: RingLog
    flash: NorFlash
    minutes: int

    @property
    def kept_bytes(self) -> int:
        return self.log._shelf.kept_bytes

    @property
    def write_amplification(self) -> float:
        """Bytes programmed per byte of a record."""
        return self.flash.programmed_bytes / self.kept_bytes

    @property
    def kept_bytes_per_erase(self) -> float:
        return self.kept_bytes / sum(self.flash.erases)

    @property
    def days(self) -> float:
        return self.minutes / 1440


def noise_days(days: int, seed: int = 1) -> Iterator[Minute]:
    """Give the minutes of a noise kit."""
    chance = Random(seed)  # noqa: S311
    heap, failures = 60000, 0
    hour: list[dict[str, int]] = []
    for day in range(days):
        for i, record in enumerate(synthetic_day("noise", seed + day).records):
            records = [(record.start_s, 60, record.values, KITS["noise"])]
            if i % MINUTES_PER_HEALTH == 0:
                heap += chance.randrange(-400, 401)
                failures += chance.random() < 0.02
                rssi = -65 + round(chance.gauss(0, 3))
                health = (0, None, heap // 100, min(1000, i // 3), 0, 0, failures, rssi, 0)
                records.append((record.start_s, 60, health, HEALTH))
            hour.append({q.name: v or 500 for q, v in zip(NOISE, record.values, strict=True)})
            if len(hour) == MINUTES_PER_HISTOGRAM:
                hourly = Hourly(CountedHour(histogram_of(hour, chance)))
                records += hourly.records(record.start_s + 60 - 3600, 3600, {})
                hour = []
            yield Minute(records)


class CountedHour:
    """Stands in for the sound level meter, whose counts these are."""

    def __init__(self, counts: "array[int]") -> None:
        self._counts = counts

    def histogram(self) -> "array[int]":
        return self._counts

    def clear_histogram(self) -> None:
        """It is for one hour."""


def histogram_of(minutes: list[dict[str, int]], chance: Random) -> "array[int]":
    """Counts of an hour's levels: each minute's lie where its percentiles and extremes are."""
    counts = array("H", bytes(2 * CLASSES))
    shares = ((0.0, "lafmin"), (0.1, "la90"), (0.5, "la50"), (0.9, "la10"), (1.0, "lafmax"))
    for minute in minutes:
        for (low, below), (high, above) in pairwise(shares):
            for _ in range(round(VALUES_PER_MINUTE * (high - low))):
                ddb = chance.uniform(minute[below], minute[above])
                counts[min(CLASSES - 1, max(0, int(ddb / 5)))] += 1
    return counts


def keep(log: RingLog, flash: NorFlash, days: int, flush_every: int = 1) -> Kept:
    """Let a node keep days of records, flush them, and have them acknowledged soon after."""
    log.next_boot()
    minutes = 0
    for minute in noise_days(days):
        for start_s, duration_s, values, schema in minute.records:
            log.append(start_s, duration_s, values, None, schema)
        minutes += 1
        if minutes % flush_every == 0:
            log.flush()
            log.release(max(log.released, log.flushed - 5))
    log.flush()
    return Kept(log, flash, minutes)


def keep_raw(days: int, blocks: int = 64, flush_every: int = 1) -> Kept:
    """On a raw partition."""
    flash = NorFlash(blocks)
    log = RingLog(RingPartition(flash), blocks * BLOCK_BYTES, KITS["noise"], Random(1).randbytes)  # noqa: S311
    return keep(log, flash, days, flush_every)


def keep_on_littlefs(days: int, flush_every: int, segments: int = 8) -> Kept:
    """On a littlefs with a ring of a few segments, which it goes round."""
    flash = NorFlash(segments + SegmentFiles.overhead_bytes // BLOCK_BYTES, UNIT_BYTES, once=False)
    medium = LittlefsFolder(flash, fresh=True).segments()
    flash.programmed_bytes, flash.erases = 0, [0] * len(flash.erases)
    log = RingLog(medium, segments * BLOCK_BYTES, KITS["noise"], Random(1).randbytes)  # noqa: S311
    return keep(log, flash, days, flush_every)


def minute_records_per_mb(kept: Kept) -> float:
    """Minute records in 1 MB, with all that comes between; one block is always being filled."""
    firsts = kept.log._shelf.firsts
    whole = len(firsts) - 1
    per_sequence = kept.minutes / kept.log.flushed
    return (firsts[-1] - firsts[0]) * per_sequence / whole * (MB // BLOCK_BYTES - 1)


def startup_ms(image: bytes) -> float:
    """Time to open a raw ring by the cost model: reads, and calls of Python and built-in code."""
    flash = NorFlash(len(image) // BLOCK_BYTES, image=image)
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        log = RingLog(RingPartition(flash), len(image), KITS["noise"], Random(1).randbytes)  # noqa: S311
        log.next_boot()
    finally:
        sys.setprofile(before)
    return flash.reads * READ_MS + calls * CALL_MS


def fullest_image(blocks: int = MB // BLOCK_BYTES) -> bytes:
    """The flash of a 1 MB ring whose newest block is full, after which a start reads the most."""
    flash = NorFlash(blocks)
    log = RingLog(RingPartition(flash), blocks * BLOCK_BYTES, KITS["noise"], Random(1).randbytes)  # noqa: S311
    log.next_boot()
    for minute in noise_days(2):
        for start_s, duration_s, values, schema in minute.records:
            log.append(start_s, duration_s, values, None, schema)
        log.flush()
        if len(log._shelf.firsts) == 3 and log._shelf.length > BLOCK_BYTES - 30:
            break
    return bytes(flash.image)


def run(cuts: int = CUTS, folder: Path = FOLDER) -> Report:
    """Print and write the figures. cuts: how often the power goes (BARRI_STORE_CUTS)."""
    report = Report("store", folder)
    _add_cuts(report, cuts)
    raw = keep_raw(3)
    report.add("store.minute_records_per_mb", minute_records_per_mb(raw), "1")
    report.add("store.bytes_per_minute", raw.kept_bytes / raw.minutes, "B")
    littlefs = keep_on_littlefs(2, FLUSH_60_BYTES)
    each = keep_on_littlefs(1, 1)
    report.add("store.write_amplification.raw", raw.write_amplification, "1")
    report.add("store.write_amplification.littlefs", littlefs.write_amplification, "1")
    report.add("store.write_amplification.littlefs_each_minute", each.write_amplification, "1")
    report.add("store.kept_bytes_per_erase.raw", raw.kept_bytes_per_erase, "B")
    report.add("store.kept_bytes_per_erase.littlefs", littlefs.kept_bytes_per_erase, "B")
    report.add("store.kept_bytes_per_erase.littlefs_each_minute", each.kept_bytes_per_erase, "B")
    report.note(
        "on littlefs with a flush of 60 bytes or so; each_minute: a flush for every record"
    )
    ring = MB // BLOCK_BYTES
    lasts = flash_wear.years_in_turn(raw.flash.erases, raw.days, ring)
    report.add("store.wear.raw", lasts, "a")
    report.add("store.wear.littlefs", flash_wear.years(littlefs.flash.erases, littlefs.days), "a")
    report.note(f"years until the most worn block has {flash_wear.RATED_CYCLES} erases")
    report.add("store.startup_ms", startup_ms(fullest_image()), "ms")
    report.note("modelled: 0.3 ms for each read, 0.02 ms for each call, 1 MB, newest block full")
    report.write()
    return report


def _add_cuts(report: Report, cuts: int) -> None:
    verdict = power_cuts.run_shared(power_cuts.RAW, cuts * 9 // 10)
    verdict.add(power_cuts.run_shared(power_cuts.LITTLEFS, cuts // 10))
    report.add("store.power_cuts", verdict.power_cuts, "1")
    report.add("store.records_lost", verdict.records_lost, "1")
    report.add("store.sequence_repeats", verdict.sequence_repeats, "1")
    for text in verdict.told:
        report.note(text)


if __name__ == "__main__":
    run()
