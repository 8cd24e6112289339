# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The ring log: keeps every record until the gateway has it, whatever happens to the power.

After `flush` a record survives a power cut at any byte. A sequence is never used for two records.
When the ring is full the oldest segment goes, and what nobody had acknowledged is named as lost.
The log has flash and chance injected; it knows no clock and no network.
"""

from micropython import const

from barri_node.store import blocks, records
from barri_node.store.errors import StoreError
from barri_node.store.files import SegmentFiles
from barri_node.store.recovery import survey
from barri_node.store.segment import SEQUENCES_LIMIT, Header
from barri_node.store.shelf import Shelf
from barri_node.store.state import State
from barri_wire import SEQUENCE_LIMIT, STORE_ID_LIMIT
from barri_wire.messages_up import VOID_DAMAGED, VOID_OVERWRITTEN
from barri_wire.record import LONGEST_DURATION_S, Record
from barri_wire.schema import Schema

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

WAITING_LIMIT = 64  # records in memory when flash refuses; then the oldest of them is lost
SEGMENTS_MINIMUM = 3
_BLOCK_BYTES = const(900)  # of records, so that a state fits beside them in any new segment
_ENOSPC = const(28)
_ROOM_ATTEMPTS = const(3)
# Near the end of its sequences a store gives way to a new one, at the first moment when it is
# drained. At one record in 10 s this is after 480 days, and lasts 7 days.
_OLD_AGE_SEQUENCES = const(1 << 16)


class RingLog:
    """One node's records, boots and anchors.

    directory: folder on a littlefs, or another medium with the methods of SegmentFiles.
    capacity_bytes: flash for complete segments, a multiple of 4096 (the medium needs its
    `overhead_bytes` besides). schema: of the records appended from now on.
    random_bytes: `random_bytes(n)` gives n bytes, for the store id of a new log.
    sequence_limit: where the sequences end (smaller in tests). Raises OSError when flash cannot
    even be listed; damage in it raises nothing.

    store_id: 18 bits. boot: 0 before `next_boot`. released: the gateway's mark. flushed: all
    below it is durable or lost, and readable. next_sequence: what `append` returns next.
    write_failures: flushes that flash has refused since the log was opened.
    """

    def __init__(
        self,
        directory: "str | SegmentFiles",
        capacity_bytes: int,
        schema: Schema,
        random_bytes: "Callable[[int], bytes]",
        sequence_limit: int = SEQUENCE_LIMIT,
    ) -> None:
        medium = SegmentFiles(directory) if isinstance(directory, str) else directory
        self._segments_limit = max(SEGMENTS_MINIMUM, capacity_bytes // medium.footprint_bytes)
        self._schema = schema
        self._random_bytes = random_bytes
        self._sequence_limit = sequence_limit
        self._waiting: "list[Record]" = []
        self._news = False  # the state in memory knows more than the one in flash
        self._booted = False
        self.write_failures = 0
        self._open(medium)

    # --- what is held ---

    @property
    def boot(self) -> int:
        return self._state.boot

    @property
    def released(self) -> int:
        return self._state.acknowledged

    @property
    def oldest(self) -> int:
        """The first sequence that may still be read; `flushed` when nothing is held."""
        return self._shelf.index[0][1] if self._shelf.index else self.flushed

    @property
    def lost_total(self) -> int:
        """Records lost in the life of this log: overwritten before acknowledged, or damaged."""
        return self._state.losses.total

    def read(self, first: int, limit: int) -> "list[Record]":
        """Return flushed records from the first one held at or above `first`.

        At most `limit`; all with consecutive sequences, one schema (`schema_of`) and one boot, so
        fewer may come although more are held: ask again behind the last. A hole above the
        gateway's mark, also in front of the first record returned, is noted as lost.
        """
        found: "list[Record]" = []
        first = max(first, self.oldest)
        if limit < 1:
            return found
        for place in range(self._shelf.place_of(first), len(self._shelf.index)):
            found = self._shelf.segment(place).run(first, limit)
            if found:
                break
        self._lose(first, found[0].sequence if found else self.flushed, VOID_DAMAGED)
        return found

    def schema_of(self, sequence: int) -> Schema:
        """Return the schema with which the record of a sequence was kept."""
        if not self._shelf.index:
            return self._schema
        header = self._shelf.segment(self._shelf.place_of(sequence)).header
        return header.schema if header else self._schema

    def schema_by_id(self, schema_id: int) -> "Schema | None":
        """Return the schema with that id among those of all segments held, newest first."""
        if self._schema.id == schema_id:
            return self._schema
        for place in range(len(self._shelf.index) - 1, -1, -1):
            header = self._shelf.segment(place).header
            if header and header.schema.id == schema_id:
                return header.schema
        return None

    # --- keeping ---

    def append(
        self, start_s: int, duration_s: int, values: "tuple[int | None, ...]", boot: "int | None"
    ) -> int:
        """Take a record and return its sequence; `flush` makes it durable.

        start_s: seconds since 2000 UTC with boot None, else uptime in that boot. duration_s:
        1..86400. values: one int32 or None per channel. Raises StoreError(BAD_RECORD) for others,
        never an error of flash: up to 64 records wait in memory, then the oldest is lost.
        """
        self._check(start_s, duration_s, values)
        if self._must_renew():
            self._renew()
        if len(self._waiting) >= WAITING_LIMIT:
            self._make_room_in_memory()
        sequence = self.next_sequence
        self._waiting.append(Record(sequence, start_s, duration_s, tuple(values), boot))
        self.next_sequence += 1
        return sequence

    def flush(self) -> None:
        """Make all that was appended or noted durable. Nothing to do costs nothing.

        Raises StoreError(FLASH) when flash refuses: all is kept in memory for the next call.
        """
        for _ in range(_ROOM_ATTEMPTS):
            error = self._attempt()
            if error is None:
                return
            if error.errno != _ENOSPC or not self._give_up_oldest():
                break
        raise StoreError(StoreError.FLASH, repr(error))

    def release(self, mark: int) -> bool:
        """Note that the gateway has, or was told of, all sequences below `mark`.

        False, and nothing done, when the mark is above what was ever readable. It reaches flash
        with the next record: after a reboot it may be older, and some records are sent again.
        """
        if mark > self.flushed:
            return False
        if mark > self._state.acknowledged:
            self._state.acknowledged = mark
            self.lost_reported([(0, mark)])
        return True

    # --- losses ---

    def lost_ranges(self) -> "list[tuple[int, int, int]]":
        """Return `(first, count, reason)` of what will never be sent and is not yet reported."""
        ranges = self._state.losses.ranges
        return [entry[1:] for entry in ranges if entry[0] == self.store_id]

    def former_losses(self) -> "list[tuple[int, int, int, int]]":
        """Return `(store id, first, count, reason)` of unreported losses in stores before this."""
        return [entry for entry in self._state.losses.ranges if entry[0] != self.store_id]

    def lost_reported(
        self,
        ranges: "list[tuple[int, int]] | list[tuple[int, int, int]]",
        store_id: "int | None" = None,
    ) -> None:
        """Forget lost ranges `(first, count, ...)`: the gateway has been told."""
        losses = self._state.losses
        before = losses.ranges
        for entry in ranges:
            store = self.store_id if store_id is None else store_id
            losses.remove(store, entry[0], entry[0] + entry[1])
        self._news = self._news or losses.ranges != before

    # --- time and boots ---

    def next_boot(self) -> int:
        """Return the number of this boot, 1 or more, counted once for each opened log."""
        if not self._booted:
            self._booted = True
            self._state.boot += 1
            self._news = True
            self._try_to_flush()
        return self._state.boot

    def note_anchor(self, boot: int, uptime_s: int, s2000: int) -> None:
        """Remember that a boot's uptime was that UTC time. Reaches flash with the next flush."""
        self._news = self._state.note_anchor(boot, uptime_s, s2000) or self._news

    def anchors(self) -> "list[tuple[int, int, int]]":
        """Return `(boot, uptime_s, s2000)`: the newest of each of the last 8 boots with one."""
        return list(self._state.anchors)

    def format(self) -> None:
        """Forget everything held and begin a new store. Only on an explicit command."""
        self._waiting = []
        self._begin_store(State(self._state.boot), self.store_id)
        self.flush()

    # --- opening ---

    def _open(self, medium: SegmentFiles) -> None:
        page = bytearray(medium.segment_bytes)
        found = survey(medium, page)
        self._state: State = found.state  # type: ignore[assignment]  # a survey always gives one
        self._shelf = Shelf(medium, page, found)
        if found.store_id is None:
            self._begin_store(self._state, None)
            return
        self._shelf.appendable = found.appendable and found.schema == self._schema
        self._shelf.drop_below(self._state.base)
        self._shelf.remove_dropped()
        self.store_id = found.store_id
        self.next_sequence = self.flushed = found.next_sequence
        self._state.acknowledged = min(self._state.acknowledged, found.held_end)
        self._name_what_is_missing(found.held_end)

    def _name_what_is_missing(self, held_end: int) -> None:
        index = self._shelf.index
        if not index or index[0][0] != self._state.base:
            self._lose(0, self.oldest, VOID_OVERWRITTEN)
        self._lose(held_end, self.next_sequence, VOID_DAMAGED)

    # --- a new store ---

    def _must_renew(self) -> bool:
        if self.next_sequence >= self._sequence_limit:
            return True
        old = self._sequence_limit - self.next_sequence <= _OLD_AGE_SEQUENCES
        return old and self.next_sequence > 0 and self.released == self.next_sequence

    def _renew(self) -> None:
        """Begin a new store; what the old one held undelivered is named as lost."""
        self._try_to_flush()
        self._lose(self.released, self.next_sequence, VOID_OVERWRITTEN)
        self._waiting = []
        self._begin_store(self._state, self.store_id)

    def _begin_store(self, state: State, former: "int | None") -> None:
        self.store_id = former  # type: ignore[assignment]  # replaced at once
        while self.store_id == former:
            self.store_id = int.from_bytes(self._random_bytes(3), "big") % STORE_ID_LIMIT
        state.acknowledged = 0
        self._state = state
        self._shelf.drop_all()
        self.next_sequence = self.flushed = 0
        self._news = True

    # --- segments ---

    def _write(self) -> None:
        """Write all that waits, a block at a time. Raises OSError; what is durable stays so."""
        while self._waiting or self._news:
            if not self._shelf.appendable or self._is_far():
                self._begin_segment()
                continue
            data, taken = self._next_blocks()
            if self._shelf.has_room(len(data)):
                self._commit(data, taken)
            else:
                self._begin_segment()

    def _attempt(self) -> "OSError | None":
        try:
            self._write()
        except OSError as error:
            self._shelf.refused()
            self.write_failures += 1
            return error
        return None

    def _is_far(self) -> bool:
        """Say whether the newest record lies too far above the active segment's first sequence."""
        return self.next_sequence - self._shelf.first > SEQUENCES_LIMIT

    def _next_blocks(self) -> "tuple[bytearray, int]":
        """Return `(bytes, records in them)`: the state if it has news, and a block of records."""
        data = self._state_block() if self._news else bytearray()
        together = self._together()
        if not together:
            return data, 0
        body, taken = records.encode(together, self._shelf.first, self.released, _BLOCK_BYTES)
        data.extend(blocks.block(taken - 1, body, self._shelf.number))
        return data, taken

    def _together(self) -> "list[Record]":
        """Return the records that may share a block: consecutive, and of one boot."""
        together = self._waiting[:1]
        for record in self._waiting[1:]:
            if record.boot != together[0].boot or record.sequence != together[-1].sequence + 1:
                break
            together.append(record)
        return together

    def _commit(self, data: bytearray, taken: int) -> None:
        self._shelf.append(data)
        self._news = False
        self._waiting = self._waiting[taken:]
        self.flushed = self._waiting[0].sequence if self._waiting else self.next_sequence

    def _begin_segment(self) -> None:
        """Close the active segment and begin the next; the oldest goes when the ring is full."""
        shelf = self._shelf
        shelf.close()
        while len(shelf.index) >= self._segments_limit:
            self._drop_oldest()
        shelf.place_next(self._waiting[0].sequence if self._waiting else self.next_sequence)
        self._state.base = shelf.index[0][0]
        header = Header(self.store_id, shelf.first, self.boot, self._schema)
        front = blocks.block(blocks.HEADER, header.encode(), shelf.number)
        try:
            self._commit(front + self._state_block(), 0)
        except OSError:
            shelf.withdraw()
            raise
        shelf.appendable = True
        shelf.remove_dropped()

    def _state_block(self) -> bytearray:
        return blocks.block(blocks.STATE, self._state.encode(), self._shelf.number)

    def _drop_oldest(self) -> None:
        """Let go of the oldest segment; what in it was not acknowledged is lost."""
        first = self._shelf.drop_oldest()
        self._lose(first, self.oldest, VOID_OVERWRITTEN)

    def _give_up_oldest(self) -> bool:
        """Free flash at once, on a file system that other files have filled."""
        if len(self._shelf.index) > 1:
            self._drop_oldest()
        return self._shelf.remove_dropped()

    # --- small things ---

    def _check(self, start_s: int, duration_s: int, values: "tuple[int | None, ...]") -> None:
        if len(values) != len(self._schema.channels):
            raise StoreError(StoreError.BAD_RECORD, "one value or None per channel of the schema")
        if not (0 <= start_s < 1 << 32 and 1 <= duration_s <= LONGEST_DURATION_S):
            raise StoreError(StoreError.BAD_RECORD, "start or duration out of range")
        for value in values:
            if value is not None and not -0x80000000 <= value <= 0x7FFFFFFF:
                raise StoreError(StoreError.BAD_RECORD, "a value has 32 bits")

    def _lose(self, first: int, end: int, reason: int) -> None:
        """Note that what the gateway has not acknowledged of first..end-1 will never come."""
        first = max(first, self.released)
        if first < end and self._state.losses.add(self.store_id, first, end, reason):
            self._news = True

    def _make_room_in_memory(self) -> None:
        self._try_to_flush()
        if len(self._waiting) >= WAITING_LIMIT:
            lost = self._waiting.pop(0).sequence
            self._lose(lost, lost + 1, VOID_DAMAGED)

    def _try_to_flush(self) -> None:
        try:
            self.flush()
        except StoreError:
            pass  # counted in write_failures; all is kept in memory
