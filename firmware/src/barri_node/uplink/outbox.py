# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What to send next, and what an acknowledgement means. Pure: knows no network and no clock.

The log holds the records; the gateway says what it has stored. A record is released only when
the gateway has said so, for this store, about something that was sent. After each new connection
the gateway's first acknowledgement says where to go on: it may be new, restored from a backup, or
ahead of a node that has just booted.
"""

from barri_wire.errors import FrameError
from barri_wire.frame import encode_frame
from barri_wire.messages import VOID_RELEASED, Void

# What may be on its way without an acknowledgement: bounds what a broken link makes us resend.
MOST_RECORDS_IN_FLIGHT = 256
_MOST_RANGES_IN_A_VOID = 16


class Outbox:
    """Frames and void declarations for one connection after the other.

    log: the ring log. schema_of(sequence): the schema a record was kept with.
    """

    def __init__(self, log):
        self._log = log
        self._at_boot = log.next_sequence
        self._sent = 0
        self._cursor = None
        self._missing = []
        self._to_declare = []
        self.refused_acknowledgements = 0

    def connected(self):
        """A new connection: send nothing before the gateway has said what it holds."""
        self._cursor = None
        self._missing = []
        self._to_declare = []

    def on_ack(self, ack):
        """Take an acknowledgement; one that cannot be ours is refused and counted."""
        log = self._log
        possible = max(self._sent, self._at_boot)
        if ack.store_id != log.store_id or ack.covered > possible:
            self.refused_acknowledgements += 1
            return
        mark = ack.missing[0][0] if ack.missing else ack.covered
        log.release(mark)
        self._missing = [self._kept_part(first, count) for first, count in ack.missing]
        self._missing = [part for part in self._missing if part[1]]
        if self._cursor is None:
            self._cursor = ack.covered

    def resend(self):
        """Nothing was acknowledged for long: ask anew from the last known mark on."""
        if self._cursor is not None:
            self._cursor = min(self._cursor, max(self._log.released, self._log.oldest))

    def _kept_part(self, first, count):
        """The part of a missing range that the log still holds; the rest is declared void."""
        gone = min(count, max(0, self._log.oldest - first))
        if gone:
            self._declare(first, gone)
        return (first + gone, count - gone)

    def _declare(self, first, count):
        """Say why each record of a range that the log no longer holds will never come."""
        end = first + count
        for lost_first, lost_count, reason in self._log.lost_ranges():
            overlap_first = max(first, lost_first)
            overlap_end = min(end, lost_first + lost_count)
            if overlap_first < overlap_end:
                if first < overlap_first:
                    self._to_declare.append((first, overlap_first - first, VOID_RELEASED))
                self._to_declare.append((overlap_first, overlap_end - overlap_first, reason))
                first = overlap_end
        if first < end:
            self._to_declare.append((first, end - first, VOID_RELEASED))

    def next_void(self):
        """A void declaration that has to go out, or None."""
        if not self._to_declare:
            return None
        ranges = self._to_declare[:_MOST_RANGES_IN_A_VOID]
        self._to_declare = self._to_declare[_MOST_RANGES_IN_A_VOID:]
        return Void(self._log.store_id, ranges)

    def next_frame(self, max_bytes):
        """The next frame to send, as bytes, or None: nothing to send, or enough in flight."""
        while self._missing:
            first, count = self._missing[0]
            frame, taken = self._encode(first, count, max_bytes)
            if not taken:  # the log has let go of it meanwhile
                self._missing[0] = self._kept_part(first, count)
                if self._missing[0] == (first, count) or not self._missing[0][1]:
                    del self._missing[0]
                continue
            if taken < count:
                self._missing[0] = (first + taken, count - taken)
            else:
                del self._missing[0]
            return frame
        return self._next_new_frame(max_bytes)

    def _next_new_frame(self, max_bytes):
        log = self._log
        if self._cursor is None:
            return None
        # What the log let go of meanwhile shows as missing in the next answer, and is declared then.
        self._cursor = max(self._cursor, log.oldest)
        waiting = log.next_sequence - self._cursor
        room = MOST_RECORDS_IN_FLIGHT - (self._cursor - max(log.released, log.oldest))
        if waiting <= 0 or room <= 0:
            return None
        frame, taken = self._encode(self._cursor, min(waiting, room), max_bytes)
        if not taken:
            return None
        self._cursor += taken
        self._sent = max(self._sent, self._cursor)
        return frame

    def _encode(self, first, count, max_bytes):
        """A frame of records from `first` on: one schema, one boot, no gap."""
        records = self._log.read(first, count)
        if not records or records[0].sequence != first:
            return None, 0
        schema = self._log.schema_of(first)
        try:
            return encode_frame(schema, self._log.store_id, records, max_bytes)
        except FrameError:
            return None, 0
