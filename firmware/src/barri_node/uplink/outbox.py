# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What to send next, and what an acknowledgement means. Pure: knows no network and no clock.

The log holds the records; the gateway says what it has stored. A record is released only when
the gateway has said so, for this store, about something that was sent. After each new connection
the gateway's first acknowledgement says where to go on: it may be new, restored from a backup, or
ahead of a node that has just booted.
"""

from micropython import const

from barri_wire.frame_encoder import encode_frame
from barri_wire.messages_up import VOID_RELEASED, Void

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.store.ringlog import RingLog
    from barri_wire.messages_down import Ack

# What may be on its way without an acknowledgement: bounds what a broken link makes us resend.
MOST_RECORDS_IN_FLIGHT = 256
_MOST_RANGES_IN_A_VOID = const(16)
# Bounds the heap that a frame takes while it is made; more of them only save a header.
_MOST_RECORDS_IN_A_FRAME = const(8)


class Outbox:
    """Frames and void declarations for one connection after the other.

    log: the ring log. Only what it has flushed is sent: a record that the gateway knows of and
    that a power cut takes from the node would leave its sequence to another one.
    """

    def __init__(self, log: "RingLog") -> None:
        self._log = log
        self._at_boot = log.next_sequence
        self._sent = log.released  # by this boot, or acknowledged before it
        self._hole_end = 0
        self._cursor: "int | None" = None
        self._missing: "list[tuple[int, int]]" = []
        self._to_declare: "list[tuple[int, int, int]]" = []
        self.refused_acknowledgements = 0
        self.declared_void = 0  # records, since the start

    def connected(self) -> None:
        """A new connection: send nothing before the gateway has said what it holds."""
        self._cursor = None
        self._missing = []
        self._to_declare = []

    def on_ack(self, ack: "Ack") -> None:
        """Take an acknowledgement; one that cannot be ours is refused and counted.

        A copy of this board may speak under its name. So nothing is released that this boot has
        not sent itself: the gateway has to see our records beside the other's. After a boot that
        sends again what was acknowledged just before it, and the gateway counts it once.
        """
        log = self._log
        if ack.store_id != log.store_id:
            self.refused_acknowledgements += 1
            return
        if self._cursor is None:
            self._cursor = min(ack.covered, max(self._sent, log.oldest))
        if ack.covered > max(self._sent, self._at_boot):
            self.refused_acknowledgements += 1
            return
        mark = ack.missing[0][0] if ack.missing else ack.covered
        log.release(min(mark, self._sent))
        self._missing = []
        for first, count in ack.missing:
            self._sort_out(first, min(first + count, self._cursor))

    @property
    def waits(self) -> bool:
        """Say whether something was sent that the gateway has not acknowledged."""
        return self._cursor is not None and self._log.released < self._cursor

    @property
    def declares(self) -> bool:
        """Say whether `next_void` has something to send."""
        return bool(self._to_declare)

    def resend(self) -> None:
        """Nothing was acknowledged for long: ask anew from the last known mark on."""
        if self._cursor is not None:
            self._cursor = min(self._cursor, max(self._log.released, self._log.oldest))

    def _sort_out(self, first: int, end: int) -> None:
        """Of a range that the gateway misses: declare what is lost, send again what is held."""
        for lost_first, lost_count, reason in sorted(self._log.lost_ranges()):
            overlap_first = max(first, lost_first)
            overlap_end = min(end, lost_first + lost_count)
            if overlap_first < overlap_end:
                self._resend_or_release(first, overlap_first)
                self._to_declare.append((overlap_first, overlap_end - overlap_first, reason))
                first = overlap_end
        self._resend_or_release(first, end)

    def _resend_or_release(self, first: int, end: int) -> None:
        held_first = min(end, max(first, self._log.oldest))
        if first < held_first:
            self._to_declare.append((first, held_first - first, VOID_RELEASED))
        if held_first < end:
            self._missing.append((held_first, end - held_first))

    def next_void(self) -> "Void | None":
        """A void declaration that has to go out, or None."""
        if not self._to_declare:
            return None
        ranges = self._to_declare[:_MOST_RANGES_IN_A_VOID]
        self._to_declare = self._to_declare[_MOST_RANGES_IN_A_VOID:]
        self.declared_void += sum([count for _, count, _ in ranges])
        return Void(self._log.store_id, ranges)

    def next_frame(self, max_bytes: int) -> "bytes | None":
        """The next frame to send, as bytes, or None: nothing to send, or enough in flight."""
        while self._missing:
            first, count = self._missing[0]
            frame, readable, reached = self._encode(first, count, max_bytes)
            # An unreadable record that a gateway once had is not lost, but it will not come again.
            gone_end = min(readable, self._log.released)
            if first < gone_end:
                self._to_declare.append((first, gone_end - first, VOID_RELEASED))
            if reached < first + count:
                self._missing[0] = (reached, first + count - reached)
            else:
                del self._missing[0]
            if frame is not None:
                return frame
        return self._next_new_frame(max_bytes)

    def _next_new_frame(self, max_bytes: int) -> "bytes | None":
        log = self._log
        if self._cursor is None:
            return None
        # What the log let go of meanwhile will show as missing, and is declared then.
        self._cursor = max(self._cursor, log.oldest)
        frame = None
        while frame is None and not self._to_declare:  # a long hole takes several readings
            waiting = log.flushed - self._cursor
            settled = max(log.released, log.oldest, self._hole_end)
            room = MOST_RECORDS_IN_FLIGHT - (self._cursor - settled)
            if waiting <= 0 or room <= 0:
                return None
            frame, _, self._cursor = self._encode(self._cursor, min(waiting, room), max_bytes)
            if frame is None:
                self._hole_end = self._cursor  # what cannot be read is not in flight
        self._sent = max(self._sent, self._cursor)
        return frame

    def _encode(self, first: int, count: int, max_bytes: int) -> "tuple[bytes | None, int, int]":
        """A frame of records from `first` on, its first sequence, and the one it reaches up to.

        No frame when none of them can be read: the log has then named them as lost.
        """
        count = min(count, _MOST_RECORDS_IN_A_FRAME)
        records = [r for r in self._log.read(first, count) if r.sequence < first + count]
        if not records:
            return None, first + count, first + count
        schema = self._log.schema_of(records[0].sequence)
        frame, taken = encode_frame(schema, self._log.store_id, records, max_bytes)
        start = records[0].sequence
        return frame, start, start + taken
