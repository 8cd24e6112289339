# SPDX-FileCopyrightText: 2026 The barri authors
# SPDX-License-Identifier: EUPL-1.2
"""What becomes of each arrival: stored, recognised as a resend, or set aside, and what follows.

Decides on copies of what is held, inside a commit (in the writer's thread); the copies are kept
only when the commit succeeded, so that memory never says more than the disk.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from barri.domain.holding import Holding, Key, contradicts
from barri.domain.ranges import pack_fresh
from barri.ports import Arrival, LogState, LogWriter, NewFrame, Reject
from barri_wire.errors import FrameError
from barri_wire.frame import decode_frame, decode_header
from barri_wire.header import Header
from barri_wire.messages import (
    REFUSED_DUPLICATE_IDENTITY,
    REFUSED_FRAME,
    REFUSED_FULL,
    Ack,
    decode_hello,
    decode_void,
)
from barri_wire.record import Record
from barri_wire.schema import Schema, known_schema
from barri_wire.schema_decoder import decode_schema

UNKNOWN_TIME_S = -1
LONGEST_PAYLOAD_BYTES = 16 * 1024
STORES_PER_NODE = 256  # an erased flash begins a new one
RANGES_PER_STORE = 16_384  # a node with more gaps has to fill some first
COMPARED_FRAMES = 8  # stored frames that one resend is compared with
CHECKPOINT_FRAMES = 500

# Alarms: kinds that a page can explain.
DUPLICATE_IDENTITY = "two_boards_one_identity"
WENT_BACK = "two_boards_or_restored_flash"
TOO_MANY_STORES = "too_many_stores"
TOO_MANY_GAPS = "too_many_gaps"
TOO_MANY_REJECTS = "too_many_rejects"
SCHEMA_CLASH = "schema_id_taken"


@dataclass
class Outcome:
    """What has to be told once the commit is done. counts: what happened, for the status page."""

    acks: dict[Key, None] = field(default_factory=dict)  # a set that keeps its order
    times: list[tuple[str, int]] = field(default_factory=list)  # node, token
    requests: set[tuple[str, int]] = field(default_factory=set)  # node, schema id
    refusals: set[tuple[int, Key]] = field(default_factory=set)  # code, whose
    counts: Counter[str] = field(default_factory=Counter)


class Intake:
    """Everything the receiver knows: what is held of each store, and the newest time seen."""

    def __init__(self, state: LogState) -> None:
        self._held = state.held
        self._next_id = state.next_frame_id
        self._newest_s = state.newest_arrival_s
        self._stores = Counter(key.node for key in state.held)
        self._dirty: set[Key] = set()
        self._since_checkpoint = 0
        self._draft = Draft(self._next_id, self._newest_s)

    @property
    def newest_arrival_s(self) -> int:
        """The newest time that any stored arrival was dated with (Unix), or -1."""
        return self._newest_s

    def ack(self, key: Key) -> Ack:
        """Say what is settled of a store, as of the last commit."""
        return self._held.get(key, Holding()).ack(key.store_id)

    def take(self, arrivals: Iterable[Arrival], writer: LogWriter, trusted: bool) -> Outcome:
        """Put arrivals into the log. trusted: the gateway's clock can date them.

        Call `keep` after the commit; without it the next `take` starts from what was before.
        """
        self._draft = Draft(self._next_id, self._newest_s)
        handlers: dict[str, Callable[[Arrival, LogWriter], None]] = {
            "frame": self._frame,
            "void": self._void,
            "hello": self._hello,
            "schema": self._schema,
        }
        for arrival in arrivals:
            self._draft.stamp(arrival.arrival_s if trusted else UNKNOWN_TIME_S)
            self._draft.outcome.counts[f"arrived_{arrival.kind}"] += 1
            try:
                if arrival.kind not in handlers:
                    raise FrameError("unknown kind of message")
                if len(arrival.payload) > LONGEST_PAYLOAD_BYTES:
                    raise FrameError("longer than any message")
                handlers[arrival.kind](arrival, writer)
            except FrameError as error:
                self._set_aside(arrival, writer, error.reason)
        self._checkpoint(writer)
        return self._draft.outcome

    def set_aside(self, arrival: Arrival, writer: LogWriter, reason: str) -> Outcome:
        """Put one arrival into quarantine that could not even be judged."""
        self._draft = Draft(self._next_id, self._newest_s)
        self._set_aside(arrival, writer, reason)
        return self._draft.outcome

    def keep(self) -> None:
        """Make what the last `take` decided what is known: its commit is on the disk."""
        draft = self._draft
        self._stores += draft.new_stores
        self._held.update(draft.held)
        self._since_checkpoint += draft.next_id - self._next_id
        self._next_id, self._newest_s = draft.next_id, draft.newest_s
        self._dirty |= draft.held.keys()
        if draft.checkpointed:
            self._dirty, self._since_checkpoint = set(), 0
        self._draft = Draft(self._next_id, self._newest_s)

    def _frame(self, arrival: Arrival, writer: LogWriter) -> None:
        header = decode_header(arrival.payload)
        key = Key(arrival.node, header.store_id)
        holding = self._holding(key)
        if holding is None or not self._has_room(holding, header):
            self._refuse_more(key, writer, TOO_MANY_GAPS if holding else TOO_MANY_STORES)
            return
        fresh = holding.stored.missing_in(header.first_sequence, header.count)
        known = header.count - sum(count for _, count in fresh)
        if known and self._contradicts_stored(arrival, header, holding, writer):
            if self._quarantine(arrival, writer, "same sequence, other content"):
                self._draft.outcome.acks[key] = None  # its bytes are kept: it need not send again
            writer.alarm(key, DUPLICATE_IDENTITY, self._draft.arrival_s)
            self._draft.outcome.refusals.add((REFUSED_DUPLICATE_IDENTITY, key))
            return
        self._draft.outcome.acks[key] = None
        self._draft.outcome.counts["records_again"] += known
        if fresh:
            packed = pack_fresh(header.first_sequence, header.count, fresh)
            self._append(arrival.payload, key, header, packed, writer)
            self._draft.outcome.counts["records_new"] += header.count - known

    def _append(
        self, body: bytes, key: Key, header: Header, fresh: bytes | None, writer: LogWriter
    ) -> None:
        draft = self._draft
        first, count = header.first_sequence, header.count
        writer.append_frame(
            NewFrame(draft.next_id, key, first, count, fresh, draft.arrival_s, body)
        )
        holding = draft.held[key]
        holding.stored.add(first, count)
        holding.remember(first, count, draft.next_id, body)
        draft.next_id += 1
        if not self._knows_schema(key.node, header.schema_id, writer):
            draft.outcome.requests.add((key.node, header.schema_id))

    def _knows_schema(self, node: str, schema_id: int, writer: LogWriter) -> bool:
        return bool(known_schema(schema_id)) or writer.schema(node, schema_id) is not None

    def _contradicts_stored(
        self, arrival: Arrival, header: Header, holding: Holding, writer: LogWriter
    ) -> bool:
        """Compare with the newest stored frames that have sequences in common.

        The same bytes are a plain resend at once. Others are compared record by record, so that
        frames cut elsewhere do not matter; without the schema nothing can be said.
        """
        first, count = header.first_sequence, header.count
        if holding.has_bytes(first, count, arrival.payload):
            return False
        schema = writer.schema(arrival.node, header.schema_id)
        if schema is None:
            return False
        near = [recent for recent in reversed(holding.recent) if recent.overlaps(first, count)]
        records = decode_frame(arrival.payload, schema) if near else []
        stored = [writer.frame_body(recent.frame_id) for recent in near[:COMPARED_FRAMES]]
        return any(body is not None and differs(records, body, schema) for body in stored)

    def _void(self, arrival: Arrival, writer: LogWriter) -> None:
        void = decode_void(arrival.payload)
        key = Key(arrival.node, void.store_id)
        holding = self._holding(key)
        if holding is None or len(holding.void) + len(void.ranges) > RANGES_PER_STORE:
            self._refuse_more(key, writer, TOO_MANY_GAPS if holding else TOO_MANY_STORES)
            return
        self._draft.outcome.acks[key] = None
        for first, count, reason in void.ranges:
            for new_first, new_count in holding.newly_void(first, count):
                writer.add_void(key, new_first, new_count, reason, self._draft.arrival_s)
                holding.void.add(new_first, new_count)
                self._draft.outcome.counts["records_void"] += new_count

    def _hello(self, arrival: Arrival, writer: LogWriter) -> None:
        hello = decode_hello(arrival.payload)
        node = arrival.node
        is_new = writer.save_hello(node, hello, self._draft.arrival_s, arrival.payload)
        self._draft.outcome.times.append((node, hello.uptime_s))
        for store_id, _oldest, next_sequence in hello.stores:
            key = Key(node, store_id)
            self._draft.outcome.acks[key] = None
            if is_new and next_sequence < self._end_of(key):
                writer.alarm(key, WENT_BACK, self._draft.arrival_s)
                self._draft.outcome.refusals.add((REFUSED_DUPLICATE_IDENTITY, key))

    def _schema(self, arrival: Arrival, writer: LogWriter) -> None:
        schema = decode_schema(arrival.payload)
        known = writer.schema(arrival.node, schema.id)
        if known is not None and known != schema:
            writer.alarm(Key(arrival.node, 0), SCHEMA_CLASH, self._draft.arrival_s)
            raise FrameError("schema id stands for another schema")
        if known is None and not writer.save_schema(arrival.node, schema):
            raise FrameError("too many schemas")

    def _set_aside(self, arrival: Arrival, writer: LogWriter, reason: str) -> None:
        """Quarantine and tell the node, naming store 0: which one it was cannot be read."""
        self._quarantine(arrival, writer, reason)
        self._draft.outcome.refusals.add((REFUSED_FRAME, Key(arrival.node, 0)))

    def _quarantine(self, arrival: Arrival, writer: LogWriter, reason: str) -> bool:
        """Keep for people to look at; it is never tried again. False: there is no room."""
        node, arrival_s = arrival.node, self._draft.arrival_s
        self._draft.outcome.counts["quarantined"] += 1
        kept = writer.quarantine(Reject(node, arrival.kind, reason, arrival_s, arrival.payload))
        if not kept:
            writer.alarm(Key(node, 0), TOO_MANY_REJECTS, arrival_s)
        return kept

    def _refuse_more(self, key: Key, writer: LogWriter, kind: str) -> None:
        """Store nothing and acknowledge nothing: the node keeps it."""
        # Of stores that a node makes up without end there is one alarm, not one for each.
        about = Key(key.node, 0) if kind == TOO_MANY_STORES else key
        writer.alarm(about, kind, self._draft.arrival_s)
        self._draft.outcome.counts["refused"] += 1
        self._draft.outcome.refusals.add((REFUSED_FULL, key))

    def _has_room(self, holding: Holding, header: Header) -> bool:
        first, end = header.first_sequence, header.first_sequence + header.count
        touches = first in holding.stored or first - 1 in holding.stored or end in holding.stored
        return touches or len(holding.stored) < RANGES_PER_STORE

    def _holding(self, key: Key) -> Holding | None:
        """Return the draft of what is held of a store; None when a node has too many stores."""
        if key not in self._draft.held:
            held = self._held.get(key)
            if held is None:
                if self._stores[key.node] + self._draft.new_stores[key.node] >= STORES_PER_NODE:
                    return None
                self._draft.new_stores[key.node] += 1
            self._draft.held[key] = held.copy() if held else Holding()
        return self._draft.held[key]

    def _end_of(self, key: Key) -> int:
        holding = self._draft.held.get(key) or self._held.get(key)
        return holding.stored.end if holding else 0

    def _checkpoint(self, writer: LogWriter) -> None:
        """Save the ranges now and then, in the commit that brings the frames."""
        draft = self._draft
        new_frames = draft.next_id - self._next_id
        if self._since_checkpoint + new_frames < CHECKPOINT_FRAMES:
            return
        changed = {key: self._held[key].stored for key in self._dirty}
        changed.update((key, holding.stored) for key, holding in draft.held.items())
        writer.checkpoint(draft.next_id - 1, draft.newest_s, changed)
        draft.checkpointed = True


def differs(records: list[Record], body: bytes, schema: Schema) -> bool:
    """Say whether a stored frame has other content for any of these records' sequences."""
    if decode_header(body).schema_id != schema.id:
        return True
    try:
        return contradicts(records, decode_frame(body, schema))
    except FrameError:
        return False  # stored before anybody could read it: nothing to compare with


class Draft:
    """What a commit in the making would change."""

    def __init__(self, next_id: int, newest_s: int) -> None:
        self.held: dict[Key, Holding] = {}
        self.new_stores: Counter[str] = Counter()
        self.next_id = next_id
        self.newest_s = newest_s
        self.arrival_s = UNKNOWN_TIME_S
        self.checkpointed = False
        self.outcome = Outcome()

    def stamp(self, arrival_s: int) -> None:
        """Set the time of what follows: unknown when it would lie before the newest seen."""
        behind = arrival_s < self.newest_s
        self.arrival_s = UNKNOWN_TIME_S if behind else arrival_s
        self.newest_s = max(self.newest_s, arrival_s)
