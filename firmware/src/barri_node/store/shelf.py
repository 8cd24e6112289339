# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The segments that are held: which they are, where the newest ends, and reading from them.

Every write may raise OSError.
"""

from micropython import const

from barri_node.store import pieces
from barri_node.store.context import Context
from barri_node.store.cursor import Cursor

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.store.medium import Medium
    from barri_node.store.recovery import Found
    from barri_node.store.state import State
    from barri_wire.record import Record
    from barri_wire.schema import Schema


class Shelf:
    """Segments `base` to `base + len(firsts) - 1`, of which some may hold nothing.

    firsts: their first sequences. number: the highest ever used. active: the last one may grow;
    then `context` and `length` tell its end. torn: it was found with something unreadable there,
    behind which only a state can be written. kept_bytes: pieces with records written since the
    log was opened (wear is measured against it). failed_removals: left-overs that go when the
    log is opened next.
    """

    def __init__(self, medium: "Medium", window: bytearray, found: "Found") -> None:
        self._medium = medium
        self._window = window
        self._cursor: "Cursor | None" = None
        self._ahead: "list[tuple[Record, Schema]]" = []  # what the cursor has passed
        self._read: "list[tuple[Record, Schema]]" = []  # what was given out last
        self._gone = found.leftovers
        self.rewritable = medium.rewritable
        self.base = found.base
        self.firsts = found.firsts
        self.number = found.base + len(found.firsts) - 1
        self.active = found.cursor is not None
        self.torn = False
        self.length = 0
        self.context = Context(0, 0)
        if found.cursor is not None:
            self.context = found.cursor.context
            self.length = max(found.cursor.valid_end, found.cursor.programmed_end)
            self.torn = self.length > found.cursor.valid_end
        self.failed_removals = 0
        self.kept_bytes = 0

    # --- reading ---

    def run(self, first: int, limit: int) -> "list[Record]":
        """Return records from the first one held at or above `first`.

        At most `limit`, with consecutive sequences, one boot and one schema.
        """
        self._go_to(first)
        self._read = []
        while len(self._read) < limit:
            while not self._ahead:
                if not self._fetch():
                    return [record for record, _ in self._read]
            if self._ahead[0][0].sequence >= first:
                if not _continues(self._read, self._ahead[0]):
                    break
                self._read.append(self._ahead[0])
            del self._ahead[0]
        return [record for record, _ in self._read]

    def schema_of(self, sequence: int) -> "Schema | None":
        """Return the schema of a record, or None when it is not held."""
        for record, schema in self._read:
            if record.sequence == sequence:
                return schema
        found = self.run(sequence, 1)
        return self._read[0][1] if found and found[0].sequence == sequence else None

    def schema_by_id(self, schema_id: int) -> "Schema | None":
        """Look for a schema in all segments, the newest first."""
        self._cursor, self._ahead, self._read = None, [], []
        for place in range(len(self.firsts) - 1, -1, -1):
            cursor = self._cursor_at(place)
            while self._next_of(cursor):
                for chain in cursor.context.chains:
                    if chain.schema.id == schema_id:
                        return chain.schema
        return None

    def place_of(self, sequence: int) -> int:
        """Return the place of the segment that would hold a sequence."""
        low, high = 0, len(self.firsts)
        while high - low > 1:
            middle = (low + high) // 2
            if self.firsts[middle] <= sequence:
                low = middle
            else:
                high = middle
        return low

    def _go_to(self, first: int) -> None:
        """Have a cursor that stands before `first`, as near as can be had without much reading."""
        if self._read and self._read[0][0].sequence <= first <= self._read[-1][0].sequence:
            self._ahead = self._read + self._ahead
            return
        cursor = self._cursor
        stands_at = self._ahead[0][0].sequence if self._ahead else -1
        if cursor is not None and not self._ahead:
            stands_at = cursor.context.sequence
        place = self.place_of(first)
        if cursor is None or stands_at > first or cursor.number < self.base + place:
            self._ahead = []
            self._cursor = self._cursor_at(place) if self.firsts else None

    def _fetch(self) -> bool:
        """Read one piece further; say whether there was one."""
        while self._cursor is not None:
            cursor = self._cursor
            place = cursor.number - self.base
            cursor.end = self._end_of(place)
            found = self._next_of(cursor)
            if found:
                self._ahead = [(record, found[1]) for record in found[0]]
                return True
            if place >= len(self.firsts) - 1:
                return False
            self._cursor = self._cursor_at(place + 1)
        return False

    def _cursor_at(self, place: int) -> Cursor:
        return Cursor(
            self._medium, self.base + place, self.firsts[place], self._end_of(place), self._window
        )

    def _end_of(self, place: int) -> int:
        last = self.active and place == len(self.firsts) - 1
        return self.length if last else self._medium.segment_bytes

    def _next_of(self, cursor: Cursor) -> "tuple[list[Record], Schema] | None":
        """What the cursor gives; a segment that flash does not give ends there."""
        try:
            return cursor.next()
        except OSError:
            return None

    # --- writing ---

    @property
    def first(self) -> int:
        """The newest segment's first sequence; 0 without one."""
        return self.firsts[-1] if self.firsts else 0

    def has_room(self, size: int) -> bool:
        return self.length + size <= self._medium.segment_bytes

    def begin(self, first: int, state: "State") -> None:
        """Begin the next segment with its head and a state."""
        number = self.number + 1
        data = bytearray(pieces.head(number, first))
        data.extend(pieces.block(pieces.STATE, state.encode(), number))
        self._medium.begin(number, first, data)
        self.number = number
        self.firsts.append(first)
        self.context = Context(number, first)
        self.length = len(data)
        self.active = True

    def append(self, data: bytearray) -> None:
        """Append to the active segment; when this returns the bytes are durable.

        What was refused may have been written in part: it is passed over where it cannot be
        written again.
        """
        try:
            self._medium.write(self.number, self.firsts[-1], self.length, data)
        except OSError:
            if not self._medium.rewritable:
                self.length += len(data)
            raise
        self.length += len(data)

    def close(self) -> None:
        """Turn the active segment, if there is one, into one that is only read."""
        if self.active:
            self._medium.finish(self.number, self.firsts[-1], self.length)
            self.active = False

    # --- letting go ---

    def drop_oldest(self) -> int:
        """Take the oldest segment out of the index; return its first sequence."""
        first: int = self.firsts[0]
        self._gone.append((self.base, first))
        self.firsts = self.firsts[1:]
        self.base += 1
        return first

    def drop_all(self) -> None:
        """Take everything out of the index, the active segment too."""
        while self.firsts:
            self.drop_oldest()
        self._cursor, self._ahead, self._read = None, [], []
        self.active = False

    def remove_dropped(self) -> bool:
        """Remove from flash what was dropped; say whether there was anything."""
        dropped, self._gone = self._gone, []
        for number, first in dropped:
            try:
                self._medium.remove(number, first)
            except OSError:
                self.failed_removals += 1
        return bool(dropped)


def _continues(read: "list[tuple[Record, Schema]]", item: "tuple[Record, Schema]") -> bool:
    if not read:
        return True
    before, now = read[-1][0], item[0]
    same = now.boot == before.boot and item[1].id == read[-1][1].id
    return same and now.sequence == before.sequence + 1
