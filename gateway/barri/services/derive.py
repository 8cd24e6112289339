# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The follower of the frame log: dates, rolls up, and decides what is shared.

What a frame gives and the position behind it move in one transaction, so every record counts
exactly once, whenever the process dies. Nothing is dated until the gateway's clock can be
trusted. Must not import adapters.

Values are calibrated and corrected here, as people at home have said by the time a frame is taken.
What was derived before keeps, and states, what it was made with: a calibration that is recorded
later with an earlier date is for the frames that are still to come, and a window that holds both
states both. What was decided to leave never changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

import structlog

from barri.domain.corrections.amendments import Amended, Amendments
from barri.domain.final import Patience
from barri.domain.observation import Datastream, Observation
from barri.domain.sharing import Gate
from barri.domain.windows import is_regular
from barri.errors import BarriError, StoreError
from barri.ports import CalibratedHome, Clock
from barri.rows import Held, Ledger, LoggedFrame, Rows
from barri.services.amending import amendments
from barri.services.histograms import is_histogram, take_histogram
from barri.services.household import Household, look
from barri.services.placing import DAMAGED, Placed, Placer
from barri.services.rollups import Rollups
from barri.services.shared_windows import SharedWindows, run_of
from barri.services.streams import in_step, reconcile
from barri_wire.quantities import plausible
from barri_wire.record import Record

FRAMES_AT_ONCE = 32
RECORDS_AT_ONCE = 256  # about: the receiver's commits wait while these are taken
POLL_S = 0.5
UNREADABLE = "unreadable_frames"

log = structlog.get_logger()


@dataclass
class Plan:
    """What one step will do. through: the last frame it takes. horizon_s: how far time has come.

    The horizon is the arrival of the last frame while more wait: a window's grace must not end
    while data that came in time stand unread in the log.
    """

    after: int
    through: int
    horizon_s: int
    void_mark: int
    placed: list[Placed] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    idle: bool = False
    more: bool = False


class Deriver:
    """Follows the log of one gateway."""

    def __init__(
        self,
        ledger: Ledger,
        home: CalibratedHome,
        clock: Clock,
        patience: Patience | None = None,
    ) -> None:
        self._ledger = ledger
        self._home = home
        self._clock = clock
        self._patience = patience or Patience()
        self._void_mark = -1  # nothing was looked at yet: the first step looks at all

    async def run(self) -> None:
        """Follow until cancelled."""
        told = ""
        while True:
            try:
                more = await self.step()
                told = ""
            except BarriError as error:
                if str(error) != told:
                    log.error("derive.waits", reason=str(error))
                told = str(error)
                more = False
            if not more:
                await self._clock.sleep(POLL_S)

    async def step(self) -> bool:
        """Take the next frames, if any. Say whether more wait. Raises StoreError."""
        household = await look(self._home)
        amended = await amendments(self._home)
        now_s = self._clock.now_s()
        newest_s = await self._ledger.read(lambda rows: rows.derived.newest_arrival_s())
        if not self._clock.synchronised() or now_s < newest_s:
            return False
        plan = await self._ledger.read(lambda rows: self._plan(rows, household, now_s))
        if plan.idle:
            return False
        gate = household.gate
        await self._ledger.write(lambda rows: self._apply(rows, plan, gate, amended, now_s))
        self._void_mark = plan.void_mark
        return plan.more

    def _plan(self, rows: Rows, household: Household, now_s: int) -> Plan:
        """Look what is to be done; decode outside of the writing transaction."""
        after = rows.derived.position()
        waiting = rows.derived.frames(after, FRAMES_AT_ONCE)
        frames = _portion(waiting)
        through = frames[-1].id if frames else after
        more = len(waiting) == FRAMES_AT_ONCE or len(frames) < len(waiting)
        last_s = frames[-1].arrival_s if more else None
        horizon_s = now_s if last_s is None else min(now_s, last_s)
        plan = Plan(after, through, horizon_s, rows.derived.void_mark(), more=more)
        placer = Placer(rows.derived, household.boards, now_s)
        again = [
            frame
            for held in rows.derived.held()
            if placer.may_be_placed(held)
            for frame in rows.derived.held_frames(held, FRAMES_AT_ONCE)
        ]
        for frame in rows.derived.frames_of(again[:FRAMES_AT_ONCE]) + frames:
            found = placer.place(frame)
            if isinstance(found, Placed):
                plan.placed.append(found)
            else:
                plan.held.append(found)
        plan.more = more or bool(again)
        plan.idle = (
            not (plan.placed or plan.held)
            and plan.void_mark == self._void_mark
            and in_step(rows, household.gate)
            and not rows.derived.open_windows_due(horizon_s)
        )
        return plan

    def _apply(self, rows: Rows, plan: Plan, gate: Gate, amended: Amendments, now_s: int) -> None:
        """Do all of a plan, in one transaction."""
        if rows.derived.position() != plan.after:
            raise StoreError("two gateways follow one log: stop one of them")
        reconcile(rows, gate, now_s)
        for held in plan.held:
            rows.derived.let_go(held.frame)
            rows.derived.hold(held)
            if held.reason == DAMAGED:  # it was acknowledged, and its values will never be seen
                rows.derived.alarm(held.node, UNREADABLE, now_s)
        windows = SharedWindows(rows, gate, self._patience, now_s)
        rollups = Rollups(rows)
        for placed in plan.placed:
            _take(rows, placed, amended, rollups, windows)
        rollups.flush()
        windows.flush()
        rows.derived.move(plan.through)
        for node, store_id, low, high in _grown(rows, plan, self._void_mark):
            settled = rows.derived.open_windows_of(node, store_id, low, high)
            derived = rows.derived.derived(node, store_id)
            windows.settle(settled, derived, rows.derived.void(node, store_id))
        windows.settle_due(rows.derived.open_windows_due(plan.horizon_s))


def _portion(frames: list[LoggedFrame]) -> list[LoggedFrame]:
    """So many frames from the front as have about RECORDS_AT_ONCE records; one at least."""
    totals = accumulate(frame.records for frame in frames)
    fitting = sum(total <= RECORDS_AT_ONCE for total in totals)
    return frames[: max(1, fitting)]


def _take(
    rows: Rows, placed: Placed, amended: Amendments, rollups: Rollups, windows: SharedWindows
) -> None:
    """Take one frame: fix its date, note its sequences, let its records speak."""
    _note(rows, placed)
    cadence_s = _cadence_s(rows, placed, rollups)
    for record in placed.records:
        if is_histogram(placed.schema):
            take_histogram(placed, record, amended, cadence_s, rollups, windows)
        else:
            _speak(placed, record, amended, cadence_s, rollups, windows)


def _note(rows: Rows, placed: Placed) -> None:
    """Write down what is known of a frame now: its date, and that its sequences are taken."""
    frame = placed.frame
    rows.derived.let_go(frame.id)
    for held in placed.aside:
        rows.derived.hold(held)
    if placed.scale is not None and rows.derived.fixed_date(placed.scale) is None:
        rows.derived.note_date(placed.scale, placed.zero_s)
        log.info("derive.dated", **placed.scale._asdict(), zero_s=placed.zero_s)
    derived = rows.derived.derived(frame.node, frame.store_id)
    for sequence in placed.taken:
        derived.add(sequence, 1)
    rows.derived.put_derived(frame.node, frame.store_id, derived)


def _speak(
    placed: Placed,
    record: Record,
    amended: Amendments,
    cadence_s: int,
    rollups: Rollups,
    windows: SharedWindows,
) -> None:
    """Let one record's values speak for their windows, at home and shared."""
    for datastream, found in _values(placed, record, amended):
        windows.take(placed.frame, record, datastream, found.value)
        if found.value is not None:
            seen = Observation(
                datastream, record.start_s, record.duration_s, found.value, found.made_with
            )
            rollups.take(seen, cadence_s)


def _cadence_s(rows: Rows, placed: Placed, rollups: Rollups) -> int:
    """The longest whole window of the Thing, this frame included; a longer one is noted.

    Not that of histograms: they come every hour beside the minutes.
    """
    known_s = rows.derived.cadence_s(placed.thing)
    if is_histogram(placed.schema):
        return known_s
    whole = [r.duration_s for r in placed.records if is_regular(r.start_s, r.duration_s)]
    longest_s = max([known_s, *whole])
    if longest_s > known_s:
        rollups.flush()  # finer levels are dropped, those in memory too
        rows.derived.set_cadence(placed.thing, longest_s)
    return longest_s


def _values(
    placed: Placed, record: Record, amended: Amendments
) -> Iterator[tuple[Datastream, Amended]]:
    """Each channel's value, corrected; one that no working sensor can report counts as missing."""
    readings: dict[tuple[str, int], int | None] = {}
    for quantity, channel, reading in zip(
        placed.schema.quantities, placed.schema.channels, record.values, strict=True
    ):
        sound = reading is not None and plausible(quantity, reading)
        readings[quantity.name, channel[1]] = reading if sound else None
    for name, number in readings:
        datastream = Datastream(placed.thing, name, number)
        yield datastream, amended.amend(placed.frame.node, datastream, record.start_s, readings)


def _grown(rows: Rows, plan: Plan, void_mark: int) -> list[tuple[str, int, int, int]]:
    """(node, store id, low, high) of the runs in which something may have become complete."""
    if plan.void_mark != void_mark:
        return [(node, store_id, 0, 1 << 22) for node, store_id in rows.derived.open_stores()]
    runs = set()
    for placed in plan.placed:
        node, store_id = placed.frame.node, placed.frame.store_id
        both = rows.derived.derived(node, store_id).union(rows.derived.void(node, store_id))
        runs |= {(node, store_id, *run_of(both, sequence)) for sequence in placed.taken[:1]}
        runs |= {(node, store_id, *run_of(both, sequence)) for sequence in placed.taken[-1:]}
    return sorted(runs)
