# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What the log finds when it opens. In doubt a sequence is skipped, never used twice."""

from array import array

from micropython import const

from barri_node.store.context import RECORDS_LIMIT
from barri_node.store.cursor import Cursor
from barri_node.store.pieces import SEQUENCES_LIMIT, STATE
from barri_node.store.state import State
from barri_wire import SEQUENCE_LIMIT

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from barri_node.store.medium import Medium

UNKNOWN = 0xFFFFFFFF
# A segment's bytes hold fewer boots than this; not 256, since the wire carries a boot's low byte.
_BOOTS_IN_A_SEGMENT = const(251)
_SEVERAL = const(0x80)  # a piece of several records begins with this bit
_LEAST_BITS = const(3)  # of a record, besides one for each channel


class Found:
    """The log as it was left.

    base, firsts: the segments. state: of the newest readable one; its store id is -1 when nothing
    is. held_end: the sequence after the last one surely held. next_sequence: the first one surely
    never used. cursor: at the end of the newest segment, when that can be written on. leftovers:
    `(number, first)` of segments too old to be held.
    """

    def __init__(self, base: int, firsts: "array[int]") -> None:
        self.base = base
        self.firsts = firsts
        self.state: "State | None" = None
        self.held_end = 0
        self.next_sequence = 0
        self.cursor: "Cursor | None" = None
        self.leftovers: "list[tuple[int, int]]" = []

    def cursor_at(self, place: int, medium: "Medium", window: bytearray) -> Cursor:
        """Return a cursor at the beginning of a segment."""
        first, end = self.firsts[place], medium.segment_bytes
        return Cursor(medium, self.base + place, first, end, window)


def survey(medium: "Medium", limit: int, window: bytearray) -> Found:
    """Read the newest segment, and older ones only as far as it is damaged.

    limit: segments held at most; older ones are left-overs. Raises OSError when flash does not
    answer at all.
    """
    found = _index(medium, limit)
    unreadable, newest = 0, len(found.firsts) - 1
    for place in range(newest, -1, -1):
        if found.state is not None:
            break
        cursor = found.cursor_at(place, medium, window)
        if _take(found, cursor, medium):
            grows = place == newest and medium.grows(cursor.number, found.firsts[place])
            found.cursor = cursor if grows else None
        else:
            unreadable += 1
    if not medium.rewritable:
        _look_behind(found, medium, window)
    _skip(found, unreadable)
    _fill_gaps(found)
    return found


def _index(medium: "Medium", limit: int) -> Found:
    newest = -1
    for number, _ in medium.segments():
        newest = max(newest, number)
    base = max(0, newest + 1 - limit)
    found = Found(base, array("I", [UNKNOWN] * (newest + 1 - base)))
    for number, first in medium.segments():
        if number < base:
            found.leftovers.append((number, first))
        elif first >= 0:
            found.firsts[number - base] = first
    while len(found.firsts) > 1 and found.firsts[0] == UNKNOWN:
        found.base, found.firsts = found.base + 1, found.firsts[1:]
    return found


def _take(found: Found, cursor: Cursor, medium: "Medium") -> bool:
    """Learn from a segment; say whether it has a readable state."""
    if cursor.first == UNKNOWN:
        return False
    try:
        while cursor.next():
            pass
        if cursor.state is None:
            return False
        found.held_end = cursor.context.sequence
        found.next_sequence = found.held_end + _doubtful(cursor, medium)
    except OSError:
        return False
    found.state = cursor.state
    return True


def _doubtful(cursor: Cursor, medium: "Medium") -> int:
    """How many sequences may have been used behind the last valid piece; 0 with nothing there.

    A torn piece tells its count, and since a program that was cut leaves bits at 1, the count
    only reads too high. Damage may hide several pieces, but no more than so many bits can hold.
    """
    torn_bytes = cursor.programmed_end - cursor.valid_end
    if torn_bytes <= 0:
        return 0
    kind = bytearray(1)
    medium.read(cursor.number, cursor.first, cursor.valid_end, memoryview(kind))
    count = 1 if kind[0] < _SEVERAL else RECORDS_LIMIT
    if _SEVERAL <= kind[0] < STATE:
        count = (kind[0] >> 3 & 7) + 1
    fewest = min([len(chain.schema.channels) for chain in cursor.context.chains] or [1])
    return max(count, 8 * torn_bytes // (fewest + _LEAST_BITS))


def _look_behind(found: Found, medium: "Medium", window: bytearray) -> None:
    """A raw segment whose head is gone tells at its state's place which sequences it used."""
    if found.state is None:
        return
    number = found.base + len(found.firsts)
    cursor = Cursor(medium, number, 0, medium.segment_bytes, window)
    try:
        while cursor.next():
            pass
    except OSError:
        return
    if cursor.state is not None:
        found.next_sequence = max(found.next_sequence, cursor.context.sequence)
        found.state.boot = max(found.state.boot, cursor.state.boot)


def _skip(found: Found, unreadable: int) -> None:
    """Leave out every sequence and boot that unreadable segments may have used."""
    if found.state is None:
        found.state = State()
    if unreadable:
        last = found.next_sequence
        for first in found.firsts:
            last = max(last, first if first != UNKNOWN else 0)
        found.next_sequence = min(last + SEQUENCES_LIMIT, SEQUENCE_LIMIT)
        found.state.boot += unreadable * _BOOTS_IN_A_SEGMENT


def _fill_gaps(found: Found) -> None:
    """A segment that is not there holds nothing: it begins where the next one does."""
    first = found.next_sequence
    for place in range(len(found.firsts) - 1, -1, -1):
        if found.firsts[place] == UNKNOWN:
            found.firsts[place] = first
        first = found.firsts[place]
