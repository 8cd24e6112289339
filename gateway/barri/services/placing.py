# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""A frame of the log finds its place: whose it is, what it means, when it was measured.

Where one of these is not known the frame is held, with the reason. Must not import adapters.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from barri.domain import dating
from barri.domain.household import Board
from barri.domain.ranges import is_fresh
from barri.rows import DerivedRows, Held, LoggedFrame, TimeScale
from barri_wire.errors import FrameError
from barri_wire.frame import decode_frame, decode_header
from barri_wire.header import Header
from barri_wire.record import Record
from barri_wire.schema import Schema

SCHEMA = "schema"  # waits for its announcement
BOARD = "board"  # waits until somebody says which Thing it serves
DAMAGED = "damaged"  # cannot be decoded
UNASSIGNED = "unassigned"  # measured when the board did not serve the Thing


@dataclass(frozen=True, slots=True)
class Placed:
    """A frame that can be taken. records: the new ones of use, with start_s in Unix seconds.

    taken: all new sequences. scale: whose date is fixed with it (None for UTC), to zero_s.
    aside: records that are held for good although the rest is taken.
    """

    frame: LoggedFrame
    thing: str
    schema: Schema
    taken: list[int]
    scale: TimeScale | None
    zero_s: int
    records: list[Record] = field(default_factory=list)
    aside: list[Held] = field(default_factory=list)


class Placer:
    """Places frames as of one snapshot of the store, at one moment."""

    def __init__(self, rows: DerivedRows, boards: Mapping[str, Board], now_s: int) -> None:
        self._rows = rows
        self._boards = boards
        self._now_s = now_s

    def place(self, frame: LoggedFrame) -> Placed | Held:
        """Place a frame, or say why it is held."""
        try:
            header = decode_header(frame.body)
            return self._place(frame, header)
        except FrameError:
            return Held(frame.id, DAMAGED, frame.node, None, 0, 0, 0, self._now_s)

    def may_be_placed(self, held: Held) -> bool:
        """Say whether the cause for which frames are held has gone."""
        if held.reason == SCHEMA:
            return self._rows.schema(held.node, held.schema_id) is not None
        if held.reason == BOARD:
            return held.node in self._boards
        timing = self._rows.timing(held.node)
        boot = dating.full_boot(held.boot or 0, timing)
        return isinstance(dating.date(boot, timing, None, self._now_s), dating.Dated)

    def _place(self, frame: LoggedFrame, header: Header) -> Placed | Held:
        schema = self._rows.schema(frame.node, header.schema_id)
        board = self._boards.get(frame.node)
        if not frame.intact:
            raise FrameError("the row is damaged")
        if schema is None:
            return self._held(frame, header, SCHEMA)
        if board is None:
            return self._held(frame, header, BOARD)
        scale, date = self._date(frame, header)
        if isinstance(date, dating.Undated):
            held = self._held(frame, header, date.reason)
            return held._replace(not_before_s=date.not_before_s, not_after_s=date.not_after_s)
        records = [
            record
            for index, record in enumerate(decode_frame(frame.body, schema))
            if is_fresh(frame.fresh, index)
        ]
        taken = [record.sequence for record in records]
        placed = Placed(frame, board.thing, schema, taken, scale, date.zero_s)
        self._sort(placed, header, board, records)
        return placed

    def _date(
        self, frame: LoggedFrame, header: Header
    ) -> tuple[TimeScale | None, dating.Dated | dating.Undated]:
        """The date that was fixed for this boot, else the one to be fixed now."""
        if header.boot is None:
            return None, dating.UTC
        timing = self._rows.timing(frame.node)
        boot = dating.full_boot(header.boot, timing)
        scale = TimeScale(frame.node, frame.store_id, header.boot if boot is None else boot)
        fixed_s = self._rows.fixed_date(scale)
        if fixed_s is not None:
            return scale, dating.Dated(fixed_s)
        return scale, dating.date(boot, timing, frame.arrival_s, self._now_s)

    def _sort(self, placed: Placed, header: Header, board: Board, records: list[Record]) -> None:
        """Put each record where it belongs: to use, or aside for good."""
        aside = {dating.IMPLAUSIBLE: 0, UNASSIGNED: 0}
        arrival_s = placed.frame.arrival_s
        latest_s = self._now_s if arrival_s is None else arrival_s
        for record in records:
            start_s = placed.zero_s + record.start_s
            end_s = start_s + record.duration_s
            if not dating.plausible(start_s, end_s, latest_s):
                aside[dating.IMPLAUSIBLE] += 1
            elif start_s < board.from_s or (board.to_s is not None and end_s > board.to_s):
                aside[UNASSIGNED] += 1
            else:
                placed.records.append(
                    Record(record.sequence, start_s, record.duration_s, record.values)
                )
        placed.aside.extend(
            self._held(placed.frame, header, reason)._replace(records=count)
            for reason, count in aside.items()
            if count
        )

    def _held(self, frame: LoggedFrame, header: Header, reason: str) -> Held:
        return Held(
            frame.id,
            reason,
            frame.node,
            header.boot,
            header.schema_id,
            header.count,
            dating.EARLIEST_S,
            self._now_s if frame.arrival_s is None else frame.arrival_s,
        )
