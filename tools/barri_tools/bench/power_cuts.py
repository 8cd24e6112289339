# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""Power cuts at every program and erase of a long run of the node's store, on NOR flash in memory.

The run itself is never interrupted. For each of its writes there is one look at what a cut would
have left: the node is started on that content, says what it holds, goes on for a little and now
and then is started once more. What it promised is judged here, by code of our own.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from barri_node.store.files import SegmentFiles
from barri_node.store.partition import RingPartition
from barri_node.store.ringlog import RingLog
from barri_tools.sim.littlefs_folder import UNIT_BYTES, LittlefsFolder
from barri_tools.sim.nor_flash import BLOCK_BYTES, NorFlash, after_cut, boundaries
from barri_wire.record import Record
from barri_wire.schema import KITS, Schema

if TYPE_CHECKING:
    from barri_node.store.medium import Medium

SEGMENTS = 4
# Few channels, since most of the time goes into reading back; one schema is not built in.
SCHEMAS = (Schema(((1, 0), (2, 0), (3, 0))), Schema(((27, 0), (27, 1))), KITS["energy"])
EXTREMES = (None, None, -5000, 2**31 - 1, -(2**31))
START_S = 800_000_000
READ_BACK = 16  # records of the end that each look reads; now and then it reads all
WHOLE_EVERY = 48
AGAIN_EVERY = 3  # looks start the node a second time
SEEDS = (1, 2)  # of the runs that share the cuts; the same on any machine

Content = tuple[int, int, tuple[int | None, ...], int | None, int]


@dataclass
class Verdict:
    """What was found in all looks. records_lost: flushed before the cut, and gone silently or
    changed. sequence_repeats: used for a second record. kept: records that were checked.
    """

    power_cuts: int = 0
    records_lost: int = 0
    sequence_repeats: int = 0
    kept: int = 0
    overwritten: int = 0
    told: list[str] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        """Take in another run's verdict."""
        self.power_cuts += other.power_cuts
        self.records_lost += other.records_lost
        self.sequence_repeats += other.sequence_repeats
        self.kept += other.kept
        self.overwritten += other.overwritten
        self.told += other.told[: 10 - len(self.told)]


@dataclass
class Promises:
    """What a node has promised so far. `flushed`: content by sequence; `written`: at most on its
    way. `readable`: what the node has shown, and could have sent. boot: the highest.
    """

    flushed: dict[int, Content] = field(default_factory=dict)
    written: dict[int, Content] = field(default_factory=dict)
    released: int = 0
    boot: int = 0
    store_id: int = -1

    def copy(self) -> Promises:
        """A copy, for a look that goes on from here."""
        return Promises(
            dict(self.flushed), dict(self.written), self.released, self.boot, self.store_id
        )


@dataclass(frozen=True)
class Ground:
    """A kind of flash: how to make it, and the medium on it, with what to call before using it."""

    name: str
    flash: Callable[[bytes | None], NorFlash]
    medium: Callable[[NorFlash, bool], tuple[Medium, Callable[[], None]]]


def _raw_flash(image: bytes | None) -> NorFlash:
    return NorFlash(SEGMENTS, image=image)


def _raw_medium(flash: NorFlash, _fresh: bool) -> tuple[Medium, Callable[[], None]]:
    return RingPartition(flash), lambda: None


def _littlefs_flash(image: bytes | None) -> NorFlash:
    blocks = SEGMENTS + SegmentFiles.overhead_bytes // BLOCK_BYTES
    return NorFlash(blocks, UNIT_BYTES, image, once=False)


def _littlefs_medium(flash: NorFlash, fresh: bool) -> tuple[Medium, Callable[[], None]]:
    folder = LittlefsFolder(flash, fresh)
    return folder.segments(), folder.enter


RAW = Ground("raw", _raw_flash, _raw_medium)
LITTLEFS = Ground("littlefs", _littlefs_flash, _littlefs_medium)


class Run:
    """One long run. Call `step` until `verdict.power_cuts` is what was asked for."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self.verdict = Verdict()
        self._ground = ground
        self._chance = Random(seed)  # noqa: S311
        self._flash = ground.flash(None)
        self._promises = Promises()
        self._start_again(fresh=True)

    def step(self) -> None:
        """Let the node write once, and cut the power at each boundary of that."""
        if self._chance.random() < 0.01:
            self._start_again()
        flash, before = self._flash, bytes(self._flash.image)
        flash.journal.clear()
        was = self._promises.copy()
        self._enter()
        _work(self._log, self._promises, self._chance)
        was.written.update(self._promises.flushed)
        for at in boundaries(flash.journal):
            image = after_cut(before, flash.journal, at, self._chance)
            self._look(image, was.copy())
        _forget(self._promises, self._log.oldest)

    def look_at_the_end(self) -> None:
        """A look at the flash as it is, without a cut."""
        self._look(self._flash.image, self._promises.copy())

    def _start_again(self, fresh: bool = False) -> None:
        medium, self._enter = self._ground.medium(self._flash, fresh)
        self._log = self._boot(medium, self._promises)

    def _boot(self, medium: Medium, promises: Promises) -> RingLog:
        log = RingLog(medium, SEGMENTS * BLOCK_BYTES, SCHEMAS[0], self._chance.randbytes)
        log.next_boot()
        promises.boot, promises.store_id = log.boot, log.store_id
        return log

    def _look(self, image: bytearray, promises: Promises) -> None:
        """Start a node after a cut, let it work, and start it again."""
        verdict = self.verdict
        verdict.power_cuts += 1
        flash = self._ground.flash(bytes(image))
        boot, store_id = promises.boot, promises.store_id
        whole = verdict.power_cuts % WHOLE_EVERY == 0
        log = self._boot(self._ground.medium(flash, False)[0], promises)
        if promises.boot <= boot or (promises.store_id != store_id and promises.flushed):
            self._tell(f"boot {boot} or store {store_id} came again")
        self._check(log, promises, whole)
        for _ in range(2):
            _work(log, promises, self._chance, verdict)
        if verdict.power_cuts % AGAIN_EVERY:
            return
        again = self._ground.flash(bytes(flash.image))
        self._check(self._boot(self._ground.medium(again, False)[0], promises), promises, whole)

    def _check(self, log: RingLog, promises: Promises, whole: bool) -> None:
        """Compare what a node holds with what it promised."""
        verdict = self.verdict
        first = log.oldest if whole else max(log.oldest, log.flushed - READ_BACK)
        held = {record.sequence: _content(record, log) for record in _all(log, first)}
        lost = [range(start, start + count) for start, count, _ in log.lost_ranges()]
        for sequence, content in promises.flushed.items():
            if sequence >= first and held.get(sequence) != content:
                verdict.records_lost += 1
                self._tell(f"{sequence} was flushed and is {held.get(sequence)}")
            elif sequence < log.oldest and sequence >= promises.released:
                verdict.overwritten += 1
                if not any(sequence in part for part in lost):
                    verdict.records_lost += 1
                    self._tell(f"{sequence} was overwritten and nobody says so")
        for sequence, content in held.items():
            expected = promises.flushed.get(sequence) or promises.written.get(sequence)
            if content != expected:
                verdict.records_lost += 1
                self._tell(f"{sequence} was never appended as {content}")
            promises.flushed[sequence] = content
        verdict.kept += len(held)

    def _tell(self, text: str) -> None:
        self.verdict.told.append(text)


def _work(
    log: RingLog, promises: Promises, chance: Random, verdict: Verdict | None = None
) -> None:
    """Append some records, flush them, and now and then tell the log something else."""
    new: dict[int, Content] = {}
    for _ in range(chance.choice((1, 1, 1, 1, 3, 9))):
        schema = chance.choice((SCHEMAS[0], SCHEMAS[0], SCHEMAS[0], *SCHEMAS))
        boot = chance.choice((None, None, None, log.boot))
        start_s = chance.getrandbits(24) if boot else START_S + 60 * log.next_sequence
        values: list[int | None] = [chance.getrandbits(24) for _ in schema.channels]
        values[chance.randrange(len(values))] = chance.choice(EXTREMES)
        duration_s = chance.choice((60, 60, 60, 59, 86400))
        sequence = log.append(start_s, duration_s, tuple(values), boot, schema)
        if verdict is not None and sequence in promises.flushed:
            verdict.sequence_repeats += 1
        new[sequence] = start_s, duration_s, tuple(values), boot, schema.id
    log.flush()
    promises.flushed.update(new)
    event = chance.getrandbits(4)
    if event == 0:
        log.note_anchor(log.boot, chance.getrandbits(20), START_S)
    elif event < 8:
        mark = chance.randrange(log.released, log.flushed + 1)
        log.release(mark)
        promises.released = max(promises.released, mark)


def _all(log: RingLog, first: int) -> list[Record]:
    held: list[Record] = []
    while records := log.read(first, 8):
        held += records
        first = records[-1].sequence + 1
    return held


def _content(record: Record, log: RingLog) -> Content:
    schema: Schema = log.schema_of(record.sequence)
    return record.start_s, record.duration_s, record.values, record.boot, schema.id


def _forget(promises: Promises, oldest: int) -> None:
    for sequence in [n for n in promises.flushed if n < oldest]:
        del promises.flushed[sequence]


def run(ground: Ground, cuts: int, seed: int) -> Verdict:
    """Cut the power `cuts` times in a long run; return what was found."""
    story = Run(ground, seed)
    while story.verdict.power_cuts < cuts:
        story.step()
    return story.verdict


def run_shared(ground: Ground, cuts: int, seeds: tuple[int, ...] = SEEDS) -> Verdict:
    """Share the cuts among runs in processes of their own: as many long runs as seeds."""
    each = -(-cuts // len(seeds))
    fresh = multiprocessing.get_context("spawn")  # a fork would take over the caller's threads
    verdict = Verdict()
    with ProcessPoolExecutor(mp_context=fresh) as pool:
        for share in [pool.submit(run, ground, each, seed) for seed in seeds]:
            verdict.add(share.result())
    return verdict


def run_steps(ground: Ground, steps: int, seed: int) -> Verdict:
    """Let a run write `steps` times, with all cuts of these writes."""
    story = Run(ground, seed)
    for _ in range(steps):
        story.step()
    story.look_at_the_end()
    return story.verdict
