# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""The ring log: keeps every record until the gateway has it, whatever happens to the power.

After `flush` a record survives a power cut at any byte. A sequence is never used for two records.
When the ring is full the oldest segment goes, and what nobody had acknowledged is named as lost.
The log has flash and chance injected; it knows no clock and no network.
"""

from micropython import const

from barri_node.store import pieces
from barri_node.store.context import check, together
from barri_node.store.cursor import WINDOW_BYTES
from barri_node.store.errors import StoreError
from barri_node.store.shelf import Shelf
from barri_node.store.state import State
from barri_wire import SEQUENCE_LIMIT, STORE_ID_LIMIT
from barri_wire.messages_up import VOID_DAMAGED, VOID_OVERWRITTEN
from barri_wire.record import Record
from barri_wire.schema import Schema

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from barri_node.store.medium import Medium

WAITING_LIMIT = 64  # records in memory when flash refuses; then the oldest of them is lost
_SEGMENTS_MINIMUM = const(3)
_MARK_EVERY = const(512)  # sequences; a mark that is lost costs sending so many again
_ENOSPC = const(28)
_ROOM_ATTEMPTS = const(3)
# Near the end of its sequences a store gives way to a new one, at the first moment when it is
# drained. At one record in 10 s this is after 480 days, and lasts 7 days.
_OLD_AGE_SEQUENCES = const(1 << 16)


class RingLog:
    """One node's records, boots and anchors.

    directory: folder on a littlefs, or a medium: `partition.RingPartition`, `files.SegmentFiles`.
    capacity_bytes: flash for segments, a multiple of 4096 (a littlefs needs the medium's
    `overhead_bytes` besides). schema: of records that are appended without naming another.
    random_bytes: `random_bytes(n)` gives n bytes, for the store id of a new log.
    sequence_limit: where the sequences end (smaller in tests). Raises OSError when flash cannot
    even be listed; damage in it raises nothing.

    store_id: 18 bits. boot: 0 before `next_boot`. released: the gateway's mark. flushed: all
    below it is durable or lost, and readable. next_sequence: what `append` returns next.
    write_failures: flushes that flash has refused since the log was opened.
    """

    def __init__(
        self,
        directory: "str | Medium",
        capacity_bytes: int,
        schema: Schema,
        random_bytes: "Callable[[int], bytes]",
        sequence_limit: int = SEQUENCE_LIMIT,
    ) -> None:
        if isinstance(directory, str):
            from barri_node.store.files import SegmentFiles  # never loaded beside a partition

            directory = SegmentFiles(directory)
        medium = directory
        self._segments_limit = min(
            medium.most_segments, max(_SEGMENTS_MINIMUM, capacity_bytes // medium.footprint_bytes)
        )
        self._schema = schema
        self._random_bytes = random_bytes
        self._sequence_limit = sequence_limit
        self._waiting: "list[tuple[Record, Schema]]" = []
        self._unwritten: "tuple[bytearray, int, int] | None" = None  # encoded, not yet in flash
        self._state = State()
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
        return self._shelf.firsts[0] if self._shelf.firsts else self.flushed

    @property
    def fill(self) -> int:
        """How much of the ring is in use, in steps of 0.1 %."""
        return 1000 * len(self._shelf.firsts) // self._segments_limit

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
        first = max(first, self.oldest)
        if limit < 1:
            return []
        found = self._shelf.run(first, limit)
        self._lose(first, found[0].sequence if found else self.flushed, VOID_DAMAGED)
        return found

    def schema_of(self, sequence: int) -> Schema:
        """Return the schema with which the record of a sequence was kept."""
        return self._shelf.schema_of(sequence) or self._schema

    def schema_by_id(self, schema_id: int) -> "Schema | None":
        """Return the schema with that id: the log's own, or one of the records held."""
        if self._schema.id == schema_id:
            return self._schema
        return self._shelf.schema_by_id(schema_id)

    # --- keeping ---

    def append(
        self,
        start_s: int,
        duration_s: int,
        values: "tuple[int | None, ...]",
        boot: "int | None",
        schema: "Schema | None" = None,
    ) -> int:
        """Take a record and return its sequence; `flush` makes it durable.

        start_s: seconds since 2000 UTC with boot None, else uptime in that boot. duration_s:
        1..86400. values: one int32 or None per channel of `schema`, by default the log's own.
        Raises StoreError(BAD_RECORD) for others, never an error of flash: up to 64 records wait
        in memory, then the oldest is lost.
        """
        schema = schema or self._schema
        check(start_s, duration_s, values, schema)
        if self._must_renew():
            self._renew()
        if len(self._waiting) >= WAITING_LIMIT:
            self._make_room_in_memory()
        sequence = self.next_sequence
        record = Record(sequence, start_s, duration_s, tuple(values), boot)
        self._waiting.append((record, schema))
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
        with a later record: after a reboot it may be 512 sequences or so older, and those are
        sent again unless the gateway says that it has them.
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
        former = self.store_id
        self._state = State(-1, self._state.boot)
        self._begin_store(former)
        self.flush()

    # --- opening ---

    def _open(self, medium: "Medium") -> None:
        from barri_node.store.recovery import survey  # needed once

        window = bytearray(WINDOW_BYTES)
        found = survey(medium, self._segments_limit, window)
        self._state = found.state  # type: ignore[assignment]  # a survey always gives one
        self._marked = self._state.acknowledged
        self._shelf = Shelf(medium, window, found)
        if self._state.store_id < 0:
            self._begin_store(-1)
            return
        while self._shelf.firsts and self._shelf.base < self._state.base:
            self._shelf.drop_oldest()
        self._shelf.remove_dropped()
        self.next_sequence = self.flushed = found.next_sequence
        self._state.acknowledged = min(self._state.acknowledged, found.held_end)
        self._news = self._shelf.torn
        self._name_what_is_missing(found.held_end)

    @property
    def store_id(self) -> int:
        return self._state.store_id

    def _name_what_is_missing(self, held_end: int) -> None:
        if not self._shelf.firsts or self._shelf.base != self._state.base:
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
        self._begin_store(self.store_id)

    def _begin_store(self, former: int) -> None:
        state = self._state
        while state.store_id == former or state.store_id < 0:
            state.store_id = int.from_bytes(self._random_bytes(3), "big") % STORE_ID_LIMIT
        state.acknowledged = self._marked = 0
        self._waiting, self._unwritten = [], None
        self._shelf.drop_all()
        self.next_sequence = self.flushed = 0
        self._news = True

    # --- segments ---

    def _attempt(self) -> "OSError | None":
        try:
            self._write()
        except OSError as error:
            self.write_failures += 1
            return error
        return None

    def _write(self) -> None:
        """Write all that waits, a piece at a time. Raises OSError; what is durable stays so."""
        while self._waiting or self._news or self._unwritten:
            far = self.next_sequence - self._shelf.first > pieces.SEQUENCES_LIMIT
            if far or not self._shelf.active:
                self._begin_segment()
                continue
            if self._unwritten is None:
                data = self._next_blocks()
                taken, kept_bytes = self._add_records(data)
                if not self._shelf.has_room(len(data)):
                    self._begin_segment()
                    continue
                self._unwritten = data, taken, kept_bytes
            self._commit()

    def _next_blocks(self) -> bytearray:
        """Return what has to stand before the next records: a state with news, or a mark."""
        context = self._shelf.context
        if self._news:
            self._news = False
            self._marked = self.released
            self._state.sequence = self._front()
            context.begin(self._state.sequence)
            return pieces.block(pieces.STATE, self._state.encode(), context.number)
        if self.released - self._marked < _MARK_EVERY:
            return bytearray()
        self._marked = self.released
        return pieces.block(pieces.MARK, self._marked.to_bytes(3, "big"), context.number)

    def _add_records(self, data: bytearray) -> "tuple[int, int]":
        """Append a piece of the records that wait; return how many are in it, and its bytes."""
        if not self._waiting:
            return 0, 0
        context, schema = self._shelf.context, self._waiting[0][1]
        if context.sequence != self._front() or context.is_full(schema):
            self._news = True  # what cannot follow those before it begins with a state
            data.extend(self._next_blocks())
        data.extend(context.definition(schema))
        piece, taken = context.encode(together(self._waiting), schema)
        data.extend(piece)
        return taken, len(piece)

    def _front(self) -> int:
        """The first sequence that waits."""
        return self._waiting[0][0].sequence if self._waiting else self.next_sequence

    def _commit(self) -> None:
        """Write what was encoded. A medium that cannot write twice passes over what it refused."""
        data, taken, kept_bytes = self._unwritten  # type: ignore[misc]  # only called with some
        try:
            self._shelf.append(data)
        except OSError:
            if not self._shelf.rewritable:
                self._unwritten = None
                self._news = True
            raise
        self._unwritten = None
        self._shelf.kept_bytes += kept_bytes
        self._waiting = self._waiting[taken:]
        self.flushed = self._front()

    def _begin_segment(self) -> None:
        """Close the active segment and begin the next; the oldest goes when the ring is full."""
        shelf, self._unwritten = self._shelf, None
        shelf.close()
        while len(shelf.firsts) >= self._segments_limit:
            self._drop_oldest()
        state = self._state
        state.base, state.sequence = shelf.base, self._front()
        shelf.begin(state.sequence, state)
        self._news = False
        self._marked = state.acknowledged
        self.flushed = self._front()
        shelf.remove_dropped()

    def _drop_oldest(self) -> None:
        """Let go of the oldest segment; what in it was not acknowledged is lost."""
        first = self._shelf.drop_oldest()
        self._lose(first, self.oldest, VOID_OVERWRITTEN)

    def _give_up_oldest(self) -> bool:
        """Free flash at once, on a file system that other files have filled."""
        if len(self._shelf.firsts) > 1:
            self._drop_oldest()
        return self._shelf.remove_dropped()

    # --- small things ---

    def _lose(self, first: int, end: int, reason: int) -> None:
        """Note that what the gateway has not acknowledged of first..end-1 will never come."""
        first = max(first, self.released)
        if first < end and self._state.losses.add(self.store_id, first, end, reason):
            self._news = True

    def _make_room_in_memory(self) -> None:
        self._try_to_flush()
        if len(self._waiting) >= WAITING_LIMIT:
            lost = self._waiting.pop(0)[0].sequence
            self._unwritten = None
            self._lose(lost, lost + 1, VOID_DAMAGED)

    def _try_to_flush(self) -> None:
        try:
            self.flush()
        except StoreError:
            pass  # counted in write_failures; all is kept in memory
